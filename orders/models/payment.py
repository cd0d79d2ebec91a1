"""Money on its way: attempts to pay, what providers said of them, and what went back."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.line import OrderLine
from orders.models.order import Order


class AttemptStatus(models.TextChoices):
    CREATED = "created", _("created")
    CLAIMED = "claimed", _("sent to the provider")
    ACTION_REQUIRED = "action_required", _("waiting for the shopper")
    AUTHORISED = "authorised", _("authorised")
    CAPTURED = "captured", _("captured")
    FAILED = "failed", _("failed")
    ABANDONED = "abandoned", _("abandoned")
    VOIDED = "voided", _("voided")


# Attempts of which money may still come.
OPEN_ATTEMPTS = [AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED, AttemptStatus.AUTHORISED]


GIFT_CARD = "gift_card"  # The provider's name; what came by it goes back to the card.


class PaymentAttempt(models.Model):
    """
    One try to pay an order with one provider. Its key is the provider's idempotency key.

    `captured` and `given_back` (refunds that are reserved, sent or done) count its money in `currency`; the
    database refuses to give back more than was captured.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="attempts")
    provider = models.CharField(_("provider"), max_length=20)
    reference = models.CharField(_("provider's reference"), max_length=200, blank=True)
    charge_reference = models.CharField(
        _("reference of the charge"), max_length=200, blank=True, db_index=True
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    captured = models.DecimalField(_("captured"), max_digits=12, decimal_places=2, default=0)
    given_back = models.DecimalField(_("given back"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(
        _("status"), max_length=16, choices=AttemptStatus, default=AttemptStatus.CREATED
    )
    redirect_url = models.URLField(max_length=2000, blank=True)
    failure = models.CharField(_("why it failed"), max_length=250, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="provider_reference_once",
            ),
            models.CheckConstraint(name="attempt_amount_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="given_back_at_most_captured",
                condition=Q(given_back__gte=0, given_back__lte=F("captured")),
            ),
            models.CheckConstraint(
                name="attempt_status_known", condition=Q(status__in=AttemptStatus.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.amount} {self.currency}"

    @property
    def is_gift_card(self) -> bool:
        return self.provider == GIFT_CARD


class EventKind(models.TextChoices):
    AUTHORISED = "authorised", _("authorised")
    CAPTURED = "captured", _("captured")
    FAILED = "failed", _("failed")
    VOIDED = "voided", _("voided")
    DECLINED = "declined", _("declined; may be tried again")
    LAPSED = "lapsed", _("lapsed")
    REFUNDED = "refunded", _("refunded")
    REFUND_FAILED = "refund_fails", _("refund failed")
    DISPUTED = "disputed", _("disputed")
    DISPUTE_WON = "dispute_won", _("dispute won")
    DISPUTE_LOST = "dispute_lost", _("dispute lost")


class PaymentEvent(models.Model):
    """
    A fact a provider told, or staff wrote down, once: amounts are folded from these, in any order.

    `event_id` is the same whether the fact came by webhook, by the browser's return or by the sweep.
    `subject` names the refund or the dispute that it is about.
    """

    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, null=True, related_name="events")
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, blank=True)
    kind = models.CharField(_("what"), max_length=12, choices=EventKind)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    source = models.CharField(_("told by"), max_length=12)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="payment_event_once"),
            models.CheckConstraint(name="payment_event_amount", condition=Q(amount__gte=0)),
        ]
        triggers = [
            pgtrigger.Protect(
                name="payment_event_stays", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"


class RefundStatus(models.TextChoices):
    RESERVED = "reserved", _("reserved")
    SENT = "sent", _("sent to the provider")
    SUCCEEDED = "succeeded", _("paid back")
    FAILED = "failed", _("failed")


# Refunds whose money is gone or as good as gone.
HELD_REFUNDS = [RefundStatus.RESERVED, RefundStatus.SENT, RefundStatus.SUCCEEDED]


class Refund(models.Model):
    """
    Money on its way back. What is reserved or sent counts as gone, so that no cent goes back twice.

    By `conceded` of it the order costs less than was agreed; the rest was never owed, or is not owed any more
    since the order was changed (`of_edit`).
    """

    attempt = models.ForeignKey(PaymentAttempt, models.PROTECT, related_name="refunds")
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    conceded = models.DecimalField(_("conceded"), max_digits=12, decimal_places=2, default=0)
    of_edit = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(
        _("status"), max_length=10, choices=RefundStatus, default=RefundStatus.RESERVED
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    reference = models.CharField(max_length=200, blank=True)
    failure = models.CharField(_("why it failed"), max_length=250, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    of_return = models.ForeignKey(
        "orders.Return", models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(_("paid back"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(name="refund_amount_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_concedes_at_most_its_amount",
                condition=Q(conceded__gte=0, conceded__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="refund_status_known", condition=Q(status__in=RefundStatus.values)
            ),
            models.UniqueConstraint(
                fields=["attempt", "reference"],
                condition=~Q(reference=""),
                name="refund_reference_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.get_status_display()})"


class RefundLine(models.Model):
    """
    What a refund is for: so many of a line, or its delivery where there is no line.

    `restocked` of them went back on the shelf. `withheld` is what of their price the shop keeps for good.
    """

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="refund_lines"
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    restocked = models.PositiveIntegerField(_("back on the shelf"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    withheld = models.DecimalField(_("withheld"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("refunded line")
        verbose_name_plural = _("refunded lines")
        constraints = [
            models.CheckConstraint(
                name="refund_line_sane",
                condition=Q(amount__gte=0, withheld__gte=0, restocked__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.order_line or _('delivery')}"
