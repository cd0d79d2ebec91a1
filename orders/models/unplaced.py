"""Money that staff have to look at."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.bank import BankEntry
from orders.models.order import Order
from orders.models.payment import PaymentAttempt, Refund


class MoneyKind(models.TextChoices):
    LATE = "late", _("paid after the order was given up")
    TWICE = "twice", _("more than the order costs")
    OTHER_CURRENCY = "currency", _("in another currency")
    OTHER_AMOUNT = "amount", _("by bank: another amount than the order waits for")
    UNKNOWN = "unknown", _("by bank: names no order that we know")
    BY_HAND = "by_hand", _("to be sent back by hand")
    REFUND_FAILED = "refund", _("a refund failed")
    LAPSED = "lapsed", _("what was authorised has lapsed; the order is not paid")
    DISPUTE = "dispute", _("disputed at the bank")
    BOOKS = "books", _("the provider's books say otherwise")


class MoneyState(models.TextChoices):
    OPEN = "open", _("open")
    TAKEN = "taken", _("taken on")
    RETURNED = "returned", _("given back")
    SETTLED = "settled", _("settled by itself")


class UnplacedMoney(models.Model):
    """
    Money that the shop cannot place by itself: what, whose, and why.

    `dedupe_key` keeps one row for one matter. Closed rows stay, with who decided what.
    """

    kind = models.CharField(_("why"), max_length=10, choices=MoneyKind)
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, blank=True, related_name="unplaced_money"
    )
    attempt = models.ForeignKey(PaymentAttempt, models.CASCADE, null=True, related_name="+")
    refund = models.ForeignKey(Refund, models.CASCADE, null=True, related_name="+")
    bank_entry = models.OneToOneField(
        BankEntry, models.PROTECT, null=True, related_name="unplaced_money"
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    whose = models.CharField(_("whose"), max_length=254, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=MoneyState, default=MoneyState.OPEN)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    closed_at = models.DateTimeField(_("decided"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("money to look at")
        verbose_name_plural = _("money inbox")
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="open"), name="unplaced_open")
        ]
        constraints = [
            models.CheckConstraint(
                name="unplaced_closed_has_a_time",
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(name="unplaced_amount", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount} {self.currency}"
