"""Gift cards: money that was paid before, and the ledger of what became of it."""

import uuid
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.payment import PaymentAttempt, Refund


def hash_of(code: str) -> str:
    """What is kept of a code, however it was typed. It has 80 bits by chance: no salt makes it safer."""
    letters = "".join(sign for sign in code.upper() if sign.isalnum())
    return sha256(f"gift card {letters}".encode()).hexdigest()


class GiftCardQuerySet(models.QuerySet["GiftCard"]):
    def usable(self) -> Self:
        """Cards that can be paid with today: not blocked, not over, and not empty."""
        today = timezone.localdate()
        in_time = Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        return self.filter(in_time, is_active=True, balance__gt=0)

    def named(self, code: str) -> "GiftCard | None":
        """The card of a code as people type it: in any case, with spaces and hyphens."""
        return self.filter(code_hash=hash_of(code)).first()

    def take(self, pk: int, amount: Decimal, currency: str) -> bool:
        """
        Take `amount` off a card; False, and nothing changed, where it cannot pay that much.

        One conditional UPDATE, so a balance holds in any race.
        """
        card = self.usable().filter(pk=pk, currency=currency, balance__gte=amount)
        return bool(card.update(balance=F("balance") - amount))


class GiftCard(models.Model):
    """
    A card with a balance in `currency`; its code is kept as a hash, and read by nobody any more.

    The balance is written together with an entry, by `orders.gift_cards` alone.
    """

    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    last_four = models.CharField(_("ends in"), max_length=4, editable=False)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    currency = models.CharField(max_length=3, editable=False)
    balance = models.DecimalField(
        _("balance"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )
    is_active = models.BooleanField(
        _("can be used"), default=True, help_text=_("Untick to block a card that was lost.")
    )
    expires_on = models.DateField(
        _("until, and on that day"), null=True, blank=True, help_text=_("Empty for ever.")
    )
    note = models.CharField(
        _("note"),
        max_length=200,
        blank=True,
        help_text=_("Whom it is for, or which bill it is on."),
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+", verbose_name=_("issued by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("issued"), auto_now_add=True)

    objects = GiftCardQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("gift card")
        verbose_name_plural = _("gift cards")
        constraints = [
            models.CheckConstraint(name="gift_card_not_negative", condition=Q(balance__gte=0)),
        ]

    def __str__(self) -> str:
        return f"…{self.last_four}"

    @property
    def is_over(self) -> bool:
        return self.expires_on is not None and self.expires_on < today()


def today() -> date:
    return timezone.localdate()


class EntryKind(models.TextChoices):
    ISSUED = "issued", _("issued")
    TAKEN = "taken", _("paid with")
    GIVEN_BACK = "given_back", _("given back")
    CORRECTED = "corrected", _("corrected")


class GiftCardEntry(models.Model):
    """A change of a card's balance, written once: what an order took, what came back, what staff did."""

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="entries")
    kind = models.CharField(_("what"), max_length=10, choices=EntryKind)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, help_text=_("Below 0 where it was taken off.")
    )
    attempt = models.ForeignKey(
        PaymentAttempt, models.PROTECT, null=True, blank=True, related_name="gift_card_entries"
    )
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, blank=True, related_name="gift_card_entry"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(
                "card", condition=Q(kind="issued"), name="gift_card_issued_once"
            ),
            models.UniqueConstraint(
                "attempt", condition=Q(kind="taken"), name="gift_card_taken_once"
            ),
            models.CheckConstraint(
                name="gift_card_entry_says_why",
                condition=Q(kind="issued", amount__gt=0, attempt=None, refund=None)
                | Q(kind="taken", amount__lt=0, attempt__isnull=False, refund=None)
                | Q(kind="given_back", amount__gt=0, attempt__isnull=False, refund__isnull=False)
                | (Q(kind="corrected", attempt=None, refund=None) & ~Q(amount=0) & ~Q(reason="")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="gift_card_entry_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="gift_card_entry_is_written_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["actor"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
