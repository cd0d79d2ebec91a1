"""
Paying with gift cards: issuing them, and the one place where a balance changes.

For an order a card is a payment like any other: an attempt, captured the moment the order is placed. So
refunds, caps and the ledger of the order's money need to know nothing of it.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cart.batches import LETTERS
from orders.models import (
    EntryKind,
    EventKind,
    GiftCard,
    GiftCardEntry,
    Order,
    PaymentAttempt,
    Refund,
)
from orders.models.gift_card import hash_of
from orders.payments.base import Fact
from orders.payments.gift_card import GiftCardProvider
from shop.models import ShopSettings

MOST = 5  # For one order.
LENGTH = 16


class GiftCardRefused(Exception):
    """A card cannot pay what it was meant to, or cannot be changed so; nothing has changed."""


@dataclass(frozen=True)
class Part:
    """What a card is to pay of an order."""

    card: GiftCard
    amount: Decimal

    @property
    def left(self) -> Decimal:
        """What stays on the card."""
        return self.card.balance - self.amount


@transaction.atomic
def issue(
    amount: Decimal, *, key: uuid.UUID | None = None, expires_on: date | None = None,
    note: str = "", actor: Any = None,
) -> tuple[GiftCard, str]:  # fmt: skip
    """
    Make a card that holds `amount` in the shop's currency; returns it and its code, which is kept nowhere.

    `key` names the wish for it: with one that was used before, GiftCardRefused is raised.
    """
    if amount <= 0:
        raise GiftCardRefused(_("A gift card holds more than nothing."))
    code = "".join(secrets.choice(LETTERS) for _sign in range(LENGTH))
    key = key or uuid.uuid4()
    if GiftCard.objects.filter(key=key).exists():
        raise GiftCardRefused(_("That card has been issued already."))
    card = GiftCard.objects.create(
        code_hash=hash_of(code), last_four=code[-4:], key=key, currency=ShopSettings.load().currency,
        balance=amount, expires_on=expires_on, note=note, issued_by=actor,
    )  # fmt: skip
    GiftCardEntry.objects.create(card=card, kind=EntryKind.ISSUED, amount=amount, actor=actor)
    return card, "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


@transaction.atomic
def correct(card: GiftCard, amount: Decimal, *, reason: str, actor: Any) -> None:
    """Add `amount` to a card, or take it off where it is below 0. Raises GiftCardRefused."""
    row = GiftCard.objects.filter(pk=card.pk, balance__gte=-amount)
    if not amount or not row.update(balance=F("balance") + amount):
        raise GiftCardRefused(_("There is not that much on the card."))
    GiftCardEntry.objects.create(
        card=card, kind=EntryKind.CORRECTED, amount=amount, reason=reason, actor=actor
    )


def parts_of(cards: Iterable[GiftCard], total: Decimal) -> list[Part]:
    """What each of the cards pays of `total`: first those that end first, then those that came first."""
    parts = []
    for card in sorted(cards, key=lambda card: (card.expires_on or date.max, card.pk)):
        if (amount := min(card.balance, total)) > 0:
            parts.append(Part(card, amount))
            total -= amount
    return parts


def take(order: Order, amounts: Mapping[int, Decimal]) -> list[PaymentAttempt]:
    """
    Take money off cards (key → amount) for an order that is being placed.

    Card by card in the order of their keys, which lets orders with the same cards wait for each other.
    Returns the payments, to be settled by `fact_of`. Raises GiftCardRefused.
    """
    attempts = []
    for pk, amount in sorted(amounts.items()):
        if amount <= 0 or not GiftCard.objects.take(pk, amount, order.currency):
            raise GiftCardRefused(
                _("What is left on your gift card has changed. Please look at it again.")
            )
        attempt = PaymentAttempt.objects.create(
            order=order, provider=GiftCardProvider.name, amount=amount, currency=order.currency
        )
        GiftCardEntry.objects.create(
            card_id=pk, kind=EntryKind.TAKEN, amount=-amount, attempt=attempt
        )
        attempts.append(attempt)
    return attempts


def fact_of(attempt: PaymentAttempt) -> Fact:
    """That the money of a card has been taken."""
    return Fact(f"taken:{attempt.key}", EventKind.CAPTURED, attempt.amount, attempt.currency)


def refunds_to(refund: Refund) -> GiftCard | None:
    """The card that a refund goes back to, if it goes to one."""
    entry = refund.attempt.gift_card_entries.select_related("card").first()
    return entry.card if entry else None
