"""Which order a transfer is for: the one whose number its reference names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.bank.reading import Row
from orders.ledger import left_to_pay
from orders.models import EventKind, Order, OrderStatus, PaymentAttempt, PaymentEvent
from orders.models.bank import BankEntry, BankOutcome


@dataclass(frozen=True)
class Match:
    """What would be done with a row. `attempt` is the payment that is it already, where there is one."""

    row: Row
    outcome: BankOutcome
    order: Order | None = None
    attempt: PaymentAttempt | None = None


def match_all(rows: Sequence[Row]) -> list[Match]:
    """Match all rows of a statement, as booking them one after the other would."""
    booked = set(
        BankEntry.objects.filter(row_hash__in=[row.row_hash for row in rows]).values_list(
            "row_hash", flat=True
        )
    )
    taken: set[int] = set()
    matches = []
    for row in rows:
        if row.row_hash in booked:
            matches.append(Match(row, BankOutcome.KNOWN))
            continue
        found = match(row)
        order = found.order
        if order and found.outcome == BankOutcome.MATCHED:
            if order.pk in taken:  # An earlier row pays it.
                found = Match(row, BankOutcome.DIFFERS, order)
            taken.add(order.pk)
        matches.append(found)
    return matches


def match(row: Row) -> Match:
    """Match one row with the order that it pays, as things stand now."""
    named = list(Order.objects.filter(number__in=numbers_in(row.reference)).order_by("pk"))
    paid = [order for order in named if waits_for(order, row.amount)]
    order = paid[0] if len(paid) == 1 else named[0] if len(named) == 1 else None
    if order is None:
        return Match(row, BankOutcome.UNKNOWN)
    if row.currency and row.currency != order.currency:
        return Match(row, BankOutcome.DIFFERS, order)
    if waits_for(order, row.amount):
        return Match(row, BankOutcome.MATCHED, order)
    if attempt := marked_by_hand(order, row.amount):
        return Match(row, BankOutcome.KNOWN, order, attempt)
    return Match(row, BankOutcome.DIFFERS, order)


def numbers_in(reference: str) -> set[str]:
    """All that may be the number of an order; banks break numbers where a line of theirs ends."""
    joined = re.sub(r"(?<=\d) (?=\d)", "", reference)
    return {*re.findall(r"\d{1,20}", reference), *re.findall(r"\d{1,20}", joined)}


def waits_for(order: Order, amount: Decimal) -> bool:
    """Tell whether it is just this money that an order waits for, or waited for until it expired."""
    is_open = order.can_be_paid or order.status == OrderStatus.EXPIRED
    return is_open and left_to_pay(order) == amount


def marked_by_hand(order: Order, amount: Decimal) -> PaymentAttempt | None:
    """A payment that staff have written down already, and no row of a statement stands for."""
    events: Iterable[PaymentEvent] = PaymentEvent.objects.filter(
        attempt__order=order, kind=EventKind.CAPTURED, source="staff", amount=amount,
        attempt__bank_entries=None,
    ).select_related("attempt")  # fmt: skip
    return next((event.attempt for event in events), None)
