"""
Money arrives: by webhook, by the browser's return, by the sweep that asks, or written down by staff.

All four end in `settle`, under the order's lock. A fact counts once; amounts are folded from all facts, so
that their order does not matter.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from catalog.models import OutOfStock, StockItem
from orders.mails import mail_order
from orders.models import (
    AttemptStatus,
    EventKind,
    Order,
    OrderStatus,
    PaymentAttempt,
    PaymentEvent,
    PaymentStatus,
    WrongStatus,
)
from orders.payments import Fact
from orders.promotions import take_again
from orders.refunds import refund_all, refundable_of
from orders.tasks import refresh_after_order

STATUS_AFTER = {
    EventKind.AUTHORISED: AttemptStatus.AUTHORISED,
    EventKind.CAPTURED: AttemptStatus.CAPTURED,
    EventKind.FAILED: AttemptStatus.FAILED,
    EventKind.VOIDED: AttemptStatus.VOIDED,
}


@transaction.atomic
def settle(
    attempt: PaymentAttempt, facts: Sequence[Fact], *, source: str, actor: Any = None
) -> Order:
    """
    Take in what a provider tells of an attempt, and let the order follow.

    Replay-safe: a fact that is known changes nothing. An order that is paid is confirmed; money for an
    expired one takes the goods again, or goes back when they are gone; money for a cancelled one goes
    back; money in another currency or above the total is put before staff.
    """
    order = Order.lock(attempt.order_id)
    news = [fact for fact in facts if _write_down(attempt, fact, source)]
    if not news:
        return order
    for fact in news:
        _move_attempt(attempt, fact)
        order.record(
            f"payment_{fact.kind}",
            actor=actor,
            amount=str(fact.amount),
            source=source,
            failure=fact.failure,
        )
    derive_payment_status(order)
    _follow_the_money(order, actor)
    failed = any(fact.kind == EventKind.FAILED for fact in news)
    if failed and source != "return" and order.can_be_paid:  # Who returns reads it on the page.
        mail_order(order, "payment_failed", dedupe=f":{attempt.pk}")
    return order


def mark_paid(order: Order, *, actor: Any, note: str = "") -> Order:
    """Write down that the whole of an order was paid outside the shop. Raises WrongStatus when it was not open."""
    with transaction.atomic():
        order = Order.lock(order.pk)
        if not order.can_be_paid:
            raise WrongStatus(f"Order {order.number} does not wait for money.")
        attempt = (
            order.attempts.filter(provider="transfer")
            .exclude(status=AttemptStatus.CAPTURED)
            .first()
        )
        attempt = attempt or PaymentAttempt.objects.create(
            order=order, provider="transfer", amount=order.total, currency=order.currency
        )
        if note:
            order.record("note", actor=actor, reason=note)
        fact = Fact(f"transfer:{attempt.key}", EventKind.CAPTURED, order.total, order.currency)
        return settle(attempt, [fact], source="staff", actor=actor)


@dataclass(frozen=True)
class Ledger:
    """What all facts of an order add up to, in its currency."""

    captured: Decimal
    refunded: Decimal
    authorised: Decimal
    is_foreign: bool


def ledger(order: Order) -> Ledger:
    """Fold the events of an order; the only reader of amounts."""
    events = PaymentEvent.objects.filter(attempt__order=order)
    own = Q(currency=order.currency)
    sums = events.aggregate(
        captured=Sum("amount", filter=own & Q(kind=EventKind.CAPTURED)),
        refunded=Sum("amount", filter=own & Q(kind=EventKind.REFUNDED)),
        authorised=Sum("amount", filter=own & Q(kind=EventKind.AUTHORISED)),
    )
    zero = Decimal("0.00")
    return Ledger(
        captured=sums["captured"] or zero,
        refunded=sums["refunded"] or zero,
        authorised=sums["authorised"] or zero,
        is_foreign=events.exclude(own).exists(),
    )


def derive_payment_status(order: Order) -> None:
    """Write the payment status that the facts amount to. The one writer of that column."""
    now = ledger(order)
    order.payment_status = _status_of(now, order.total)
    order.save(update_fields=["payment_status"])


def _status_of(now: Ledger, total: Decimal) -> PaymentStatus:
    if now.is_foreign:
        return PaymentStatus.REVIEW
    if now.captured == 0:
        return PaymentStatus.AUTHORISED if now.authorised else PaymentStatus.PENDING
    if now.refunded >= now.captured:
        return PaymentStatus.REFUNDED
    if now.captured - now.refunded > total:
        return PaymentStatus.OVERPAID
    if now.refunded:
        return (
            PaymentStatus.PART_REFUNDED
            if now.captured - now.refunded < total
            else PaymentStatus.PAID
        )
    return PaymentStatus.PAID if now.captured == total else PaymentStatus.PART_PAID


def _write_down(attempt: PaymentAttempt, fact: Fact, source: str) -> bool:
    """Keep the fact; False when it is known already."""
    _event, is_new = PaymentEvent.objects.get_or_create(
        provider=attempt.provider,
        event_id=fact.event_id,
        defaults={
            "attempt": attempt, "kind": fact.kind, "amount": fact.amount, "currency": fact.currency, "source": source
        },
    )  # fmt: skip
    return is_new


def _move_attempt(attempt: PaymentAttempt, fact: Fact) -> None:
    """Let the attempt follow a fact; what was captured stays captured, whatever arrives after it."""
    status = STATUS_AFTER.get(fact.kind)
    if status is None:
        return
    movable = PaymentAttempt.objects.filter(pk=attempt.pk)
    if status != AttemptStatus.CAPTURED:
        movable = movable.exclude(status=AttemptStatus.CAPTURED)
    movable.update(status=status, failure=fact.failure[:250], checked_at=timezone.now())


def _follow_the_money(order: Order, actor: Any) -> None:
    if order.payment_status == PaymentStatus.REVIEW:
        return
    is_paid = order.payment_status in {PaymentStatus.PAID, PaymentStatus.OVERPAID}
    if order.status == OrderStatus.PENDING and is_paid:
        order.confirm(actor=actor)
    elif order.status == OrderStatus.EXPIRED and is_paid and refundable_of(order) >= order.total:
        _revive(order, actor)
    elif order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}:
        refund_all(order, reason=f"Paid after it was {order.status}", actor=actor)
    if order.payment_status == PaymentStatus.OVERPAID and order.status == OrderStatus.CONFIRMED:
        refund_all(order, reason="Paid twice", actor=actor, keep=order.total)


def _revive(order: Order, actor: Any) -> None:
    """Money came after the order had expired: take the goods again, or give the money back."""
    wanted: Counter[int] = Counter()
    for line in order.lines.all():  # A gift may be what was bought as well.
        wanted[line.variant_id] += line.quantity
    try:
        with transaction.atomic():
            take_again(order)
            StockItem.allocate(
                wanted, cause=f"order:{order.pk}:revived:{order.events.count()}", actor=actor
            )
            order.confirm(actor=actor)
    except OutOfStock:
        refund_all(order, reason="Paid after it had expired, and sold out", actor=actor)
    refresh_after_order.enqueue(order.pk)
