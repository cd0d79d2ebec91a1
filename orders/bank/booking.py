"""Money from the bank becomes a fact, once for each row."""

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.bank.matching import Match, match
from orders.bank.reading import Row, read
from orders.models import (
    BankEntry,
    BankOutcome,
    BankStatement,
    EventKind,
    MoneyKind,
    Order,
    PaymentAttempt,
    UnplacedMoney,
    WrongStatus,
)
from orders.payments import Fact
from shop.models import ShopSettings


def book(statement: BankStatement, *, actor: Any) -> Counter[BankOutcome]:
    """
    Book all rows of a statement, each in a transaction of its own; returns how many came to what.

    A row that is booked already counts no more, so that a statement which was cut short can be booked
    again. Raises StatementRefused.
    """
    done: Counter[BankOutcome] = Counter()
    for row in read(statement.content).rows:
        done[book_row(statement, row, actor=actor)] += 1
    BankStatement.objects.filter(pk=statement.pk, booked_at=None).update(booked_at=timezone.now())
    return done


@transaction.atomic
def book_row(statement: BankStatement, row: Row, *, actor: Any) -> BankOutcome:
    """Book one row: on its order when all agrees, else in the money inbox."""
    found = match(row)
    if found.order:
        Order.lock(found.order.pk)
        found = match(row)  # As it is, now that nobody else pays it.
    details = {
        "statement": statement, "booked_on": row.booked_on, "amount": row.amount, "payer": row.payer,
        "reference": row.reference, "outcome": found.outcome, "order": found.order,
        "attempt": found.attempt,
    }  # fmt: skip
    entry, is_new = BankEntry.objects.get_or_create(row_hash=row.row_hash, defaults=details)
    if not is_new:
        return BankOutcome.KNOWN
    if found.outcome == BankOutcome.MATCHED and found.order:
        settle_entry(entry, found.order, actor=actor)
    elif found.outcome in {BankOutcome.DIFFERS, BankOutcome.UNKNOWN}:
        put_in_inbox(entry, found)
    return found.outcome


def settle_entry(entry: BankEntry, order: Order, *, actor: Any) -> None:
    """Write the money down as a fact of an order. The order has to be locked."""
    from orders.settlement import offline_attempt, settle

    attempt: PaymentAttempt = offline_attempt(order, entry.amount)
    fact = Fact(f"bank:{entry.row_hash}", EventKind.CAPTURED, entry.amount, order.currency)
    settle(attempt, [fact], source="bank", actor=actor)
    BankEntry.objects.filter(pk=entry.pk).update(order=order, attempt=attempt)


def put_in_inbox(entry: BankEntry, found: Match) -> None:
    differs = found.outcome == BankOutcome.DIFFERS
    UnplacedMoney.objects.create(
        kind=MoneyKind.OTHER_AMOUNT if differs else MoneyKind.UNKNOWN,
        order=found.order,
        bank_entry=entry,
        amount=entry.amount,
        currency=found.row.currency or ShopSettings.load().currency,
        whose=entry.payer,
        note=f"{entry.booked_on}: {entry.reference}"[:500],
        dedupe_key=f"bank:{entry.row_hash}",
    )


def book_on(item: UnplacedMoney, number: str, *, actor: Any) -> None:
    """Book money of the inbox on the order that staff name. Raises WrongStatus."""
    order = Order.objects.filter(number=number.strip()).first()
    if order is None or item.bank_entry is None:
        raise WrongStatus(_("There is no order %(number)s.") % {"number": number.strip()[:20]})
    if item.currency != order.currency:
        raise WrongStatus(_("Order %(number)s is in another currency.") % {"number": order.number})
    item.order = Order.lock(order.pk)
    item.save(update_fields=["order"])
    settle_entry(item.bank_entry, item.order, actor=actor)
