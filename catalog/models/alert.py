"""Who wants to be told when something is back."""

import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant


def new_key() -> str:
    return secrets.token_urlsafe(24)


class AlertState(models.TextChoices):
    ASKED = "asked", _("not confirmed yet")
    WAITING = "waiting", _("waiting")
    TOLD = "told", _("told")
    ENDED = "ended", _("called off")


class StockAlertQuerySet(models.QuerySet["StockAlert"]):
    def waiting(self) -> Self:
        """Those to be told, first come first."""
        return self.filter(state=AlertState.WAITING).order_by("confirmed_at", "pk")


class StockAlert(models.Model):
    """
    An address that is told, once, when a variant can be had again.

    It waits after its owner said by mail that it is theirs. `key` opens it to whoever got the mail;
    `sender` stands for the machine that asked, so that nobody asks for hundreds.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="alerts")
    email = models.EmailField(_("e-mail"), max_length=254)
    language = models.CharField(max_length=10, default="en")
    key = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    sender = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=AlertState, default=AlertState.ASKED)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    objects = StockAlertQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("stock alert")
        verbose_name_plural = _("stock alerts")
        constraints = [
            models.UniqueConstraint(
                "variant",
                Lower("email"),
                name="alert_once_a_variant",
                condition=Q(state__in=["asked", "waiting"]),
            ),
            models.CheckConstraint(
                name="alert_state_known", condition=Q(state__in=AlertState.values)
            ),
            models.CheckConstraint(
                name="alert_waits_confirmed",
                condition=~Q(state__in=["waiting", "told"]) | Q(confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_told_has_a_time",
                condition=Q(state="told", told_at__isnull=False)
                | (~Q(state="told") & Q(told_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "confirmed_at"],
                name="alert_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["asked_at"], name="alert_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.variant}: {self.get_state_display()}"
