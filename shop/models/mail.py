"""Mails: the outbox, and the log of what was sent."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENT = "sent", _("sent")
    DEAD = "dead", _("given up")
    OVERTAKEN = "overtaken", _("overtaken")


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> Self:
        """Mails to send now: waiting, and leased by nobody who still lives."""
        now = timezone.now()
        return self.filter(
            Q(lease_until=None) | Q(lease_until__lt=now), state=MailState.QUEUED, due_at__lte=now
        )

    def forget(self) -> int:
        """Blank to whom they went and what they said; that they were told stays. Not for those that wait."""
        told = self.exclude(state=MailState.QUEUED)
        return told.update(to="", subject="", text="", html="", last_error="")


class Mail(models.Model):
    """
    A mail, written in the transaction of the thing it tells of.

    The same row is the outbox and the log of what was sent. `shop.mail` writes and sends it.
    `attachments` names records, such as "invoice:17"; each is drawn anew whenever the mail is sent.
    """

    kind = models.CharField(_("kind"), max_length=40)
    to = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=10)
    dedupe_key = models.CharField(_("told once by"), max_length=120, unique=True)
    attachments = models.JSONField(_("attached"), default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=MailState, default=MailState.QUEUED, db_index=True
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    lease_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    resends = models.PositiveSmallIntegerField(_("asked for again"), default=0)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="mail_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=MailState.QUEUED) | Q(lease_until__isnull=True),
                name="mail_lease_only_while_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="queued"), name="mail_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
