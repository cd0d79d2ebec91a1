"""What is taken out of a web server so that a race at its door breaks; its process is soon gone."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from orders.races.unprotected import (
    A_MOMENT,
    allocate_in_cart_order,
    allocate_without_guard,
    place_without_lock,
    take_without_condition,
)


def take_from_card_without_condition() -> None:
    """Read what is on the card, look at it, write what is left."""
    from orders.models.gift_card import GiftCardQuerySet

    def take(self: GiftCardQuerySet, pk: int, amount: Decimal, currency: str) -> bool:
        card = self.get(pk=pk)
        if card.balance < amount:
            return False
        time.sleep(A_MOMENT)
        self.filter(pk=pk).update(balance=card.balance - amount)
        return True

    setattr(GiftCardQuerySet, "take", take)  # noqa: B010 (mypy)


def read_without_locks() -> None:
    """Rows are read to be changed, and others may read them meanwhile."""

    def read(self: QuerySet[Any], **options: Any) -> QuerySet[Any]:
        time.sleep(A_MOMENT)
        return self.all()

    setattr(QuerySet, "select_for_update", read)  # noqa: B010 (mypy)


def refund_without_condition() -> None:
    """Read what has gone back, look at it, write the sum."""
    from orders import refunds
    from orders.models import PaymentAttempt

    def take(attempt: PaymentAttempt, amount: Decimal) -> bool:
        now = PaymentAttempt.objects.get(pk=attempt.pk)
        if now.captured < now.given_back + amount:
            return False
        time.sleep(A_MOMENT)
        counted = PaymentAttempt.objects.filter(pk=now.pk)
        return bool(counted.update(given_back=now.given_back + amount))

    read_without_locks()
    setattr(refunds, "take", take)  # noqa: B010 (mypy)


def write_down_after_a_look() -> None:
    """Look whether a fact is known, and write it down if not."""
    from orders import settlement
    from orders.models import PaymentAttempt, PaymentEvent
    from orders.payments import Fact

    def write_down(attempt: PaymentAttempt, fact: Fact, source: str) -> bool:
        if PaymentEvent.objects.filter(event_id=fact.event_id).exists():
            return False
        time.sleep(A_MOMENT)
        PaymentEvent.objects.create(
            attempt=attempt, provider=attempt.provider, event_id=fact.event_id, kind=fact.kind,
            amount=fact.amount, currency=fact.currency, source=source,
        )  # fmt: skip
        return True

    read_without_locks()
    setattr(settlement, "_write_down", write_down)  # noqa: B010 (mypy)


UNPROTECT: dict[str, Callable[[], None]] = {
    "last-unit": allocate_without_guard,
    "crossed-carts": allocate_in_cart_order,
    "double-submit": place_without_lock,
    "coupon": take_without_condition,
    "last-use": take_without_condition,
    "gift-card": take_from_card_without_condition,
    "refunds": refund_without_condition,
    "cancel-ship": read_without_locks,
    "three-ways": write_down_after_a_look,
    "sign-in": read_without_locks,
}
