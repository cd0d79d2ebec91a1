"""Whatever order messages come in, and however often, the end is the same."""

import json
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from catalog.models import StockItem
from orders.models import (
    EventKind,
    MoneyState,
    Order,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    UnplacedMoney,
)
from orders.payments import Fact
from orders.settlement import settle
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, Place

pytestmark = pytest.mark.django_db

TOLD = {
    "authorised": ("29.90", ""),
    "captured": ("29.90", ""),
    "part": ("10.00", "re_1"),
    "rest": ("19.90", "re_2"),
    "failed": ("29.90", ""),
    "declined": ("29.90", ""),
    "voided": ("29.90", ""),
    "opened": ("29.90", "dp_1"),
    "won": ("29.90", "dp_1"),
    "lost": ("29.90", "dp_1"),
    "part_failed": ("10.00", "re_1"),
}
KINDS = {
    "part": EventKind.REFUNDED, "rest": EventKind.REFUNDED, "opened": EventKind.DISPUTED,
    "won": EventKind.DISPUTE_WON, "lost": EventKind.DISPUTE_LOST, "part_failed": EventKind.REFUND_FAILED,
}  # fmt: skip
SEQUENCES = [
    ("authorised", "captured", "part", "rest"),
    ("captured", "opened", "won"),
    ("captured", "opened", "lost"),
    ("failed", "captured"),
    ("declined", "authorised", "captured"),
    ("authorised", "voided"),
    ("captured", "part", "part_failed"),
    ("authorised", "captured", "part", "opened", "won"),
]


def fact(name: str) -> Fact:
    amount, subject = TOLD[name]
    kind = KINDS.get(name) or EventKind(name)
    return Fact(name, kind, Decimal(amount), "EUR", subject=subject)


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    ShopSettings(email="boss@example.com").save()
    return place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))


@pytest.mark.parametrize("sequence", SEQUENCES, ids="-".join)
def test_every_order_of_messages_ends_alike(order: Order, sequence: tuple[str, ...]) -> None:
    ends = {end_of(order, told) for told in permutations(sequence)}
    assert len(ends) == 1, "\n".join(sorted(ends))


def test_every_message_told_twice_ends_as_told_once(order: Order) -> None:
    sequence = ("authorised", "captured", "part", "rest")
    twice = [each for name in sequence for each in (name, name)]
    assert end_of(order, [*twice, *reversed(sequence)]) == end_of(order, sequence)


def end_of(order: Order, told: Any) -> str:
    """Tell these facts, one after the other, and write down what came of it; then take it all back."""
    with transaction.atomic():
        attempt = order.attempts.create(
            provider="stripe", amount=order.total, currency="EUR", status="action_required"
        )
        for name in told:
            settle(attempt, [fact(name)], source="webhook")
        broken = [line for finding in examine() for line in finding.violations]
        state = {
            "order": Order.objects.values("status", "payment_status", "fulfilment_status").get(),
            "attempt": PaymentAttempt.objects.values("status", "captured", "given_back").get(),
            "facts": sorted(PaymentEvent.objects.values_list("event_id", flat=True)),
            "refunds": sorted(Refund.objects.values_list("reference", "amount", "status")),
            "stock": list(StockItem.objects.values_list("on_hand", "allocated")),
            "inbox": sorted(
                UnplacedMoney.objects.values_list("kind", "amount", "state").exclude(
                    state=MoneyState.SETTLED, kind="lapsed"
                )
            ),
            # That a payment failed is told only where nothing better is known by then.
            "mails": sorted(
                Mail.objects.exclude(kind="payment_failed").values_list("kind", flat=True)
            ),
            "broken": broken,
        }
        transaction.set_rollback(True)
    return json.dumps(state, default=str)
