"""What all the facts about an order's money add up to, whatever order they came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orders.models import (
    HELD_REFUNDS,
    EventKind,
    Order,
    PaymentAttempt,
    PaymentEvent,
    PaymentStatus,
    Refund,
    RefundStatus,
)

ZERO = Decimal("0.00")
DONE = [RefundStatus.SUCCEEDED]


@dataclass(frozen=True)
class Ledger:
    """
    Sums in the order's currency.

    `refunded` is what has gone back, by refund or by a dispute that was lost; `authorised` is what may
    still be captured; `promised` is all that ever came or was authorised. `is_foreign` tells of money in
    another currency, which is never counted.
    """

    captured: Decimal = ZERO
    refunded: Decimal = ZERO
    authorised: Decimal = ZERO
    promised: Decimal = ZERO
    has_lapsed: bool = False
    is_foreign: bool = False


def ledger(order: Order) -> Ledger:
    """Fold the events of an order; the only reader of amounts."""
    events = list(PaymentEvent.objects.filter(attempt__order=order))
    own = [event for event in events if event.currency == order.currency]
    failed = {event.subject for event in own if event.kind == EventKind.REFUND_FAILED}
    over = {e.attempt_id for e in own if e.kind in {EventKind.VOIDED, EventKind.CAPTURED}}
    authorised = [event for event in own if event.kind == EventKind.AUTHORISED]

    def total(*kinds: EventKind) -> Decimal:
        return sum((event.amount for event in own if event.kind in kinds), ZERO)

    taken = {event.attempt_id for event in own if event.kind == EventKind.CAPTURED}
    back = [
        e
        for e in own
        if e.kind == EventKind.REFUNDED and (not e.subject or e.subject not in failed)
    ]
    return Ledger(
        captured=total(EventKind.CAPTURED),
        refunded=sum((e.amount for e in back), ZERO) + total(EventKind.DISPUTE_LOST),
        authorised=sum((e.amount for e in authorised if e.attempt_id not in over), ZERO),
        promised=total(EventKind.CAPTURED)
        + sum((e.amount for e in authorised if e.attempt_id not in taken), ZERO),
        has_lapsed=any(e.attempt_id in over - taken for e in authorised),
        is_foreign=len(own) < len(events),
    )


def left_to_pay(order: Order) -> Decimal:
    """What an order still asks for; 0 when it has been paid. What a change has given back came for nothing."""
    return max(order.total - ledger(order).captured + given_back_by_edits(order), ZERO)


def given_back_by_edits(order: Order, statuses: Sequence[RefundStatus] = HELD_REFUNDS) -> Decimal:
    """What went back, or is on its way, since the order came to cost less than had been paid."""
    if not order.revision:
        return ZERO
    refunds = Refund.objects.filter(attempt__order=order, of_edit=True, status__in=statuses)
    return refunds.aggregate(all=Sum("amount"))["all"] or ZERO


def derive_payment_status(order: Order) -> Ledger:
    """Write the payment status that the facts amount to. The one writer of that column."""
    now = ledger(order)
    by_edits = given_back_by_edits(order, DONE)
    owed_now = order.total - _conceded(order, DONE)
    order.payment_status = _status_of(now, order.total, owed_now, by_edits)
    order.save(update_fields=["payment_status"])
    return now


def _status_of(now: Ledger, total: Decimal, owed: Decimal, by_edits: Decimal) -> PaymentStatus:
    kept = now.captured - now.refunded
    if now.is_foreign:
        return PaymentStatus.REVIEW
    if now.captured == 0:
        if now.authorised:
            return PaymentStatus.AUTHORISED
        return PaymentStatus.VOIDED if now.has_lapsed else PaymentStatus.PENDING
    if kept <= 0:
        return PaymentStatus.REFUNDED
    if kept > owed:
        return PaymentStatus.OVERPAID
    if kept == total:
        return PaymentStatus.PAID
    if now.refunded > by_edits:
        return PaymentStatus.PART_REFUNDED
    # A part is here (by gift card, say); what became of the rest?
    if now.authorised:
        return PaymentStatus.AUTHORISED
    return PaymentStatus.VOIDED if now.has_lapsed else PaymentStatus.PART_PAID


def refundable(attempt: PaymentAttempt) -> Decimal:
    """What of an attempt's money can go back: neither gone, nor on its way, nor disputed."""
    now = PaymentAttempt.objects.get(pk=attempt.pk)
    return max(now.captured - now.given_back - disputed(attempt), ZERO)


def refundable_of(order: Order) -> Decimal:
    """What of all the money of an order can go back."""
    return sum(map(refundable, order.attempts.all()), ZERO)


def owed(order: Order) -> Decimal:
    """What the order costs by now: its total less what refunds, done or on their way, have conceded of it."""
    return order.total - _conceded(order, HELD_REFUNDS)


def surplus_of(order: Order) -> Decimal:
    """What has been paid beyond that, and can go back."""
    return max(refundable_of(order) - owed(order), ZERO)


def _conceded(order: Order, statuses: Sequence[RefundStatus]) -> Decimal:
    refunds = Refund.objects.filter(attempt__order=order, status__in=statuses)
    return refunds.aggregate(all=Sum("conceded"))["all"] or ZERO


def disputed(attempt: PaymentAttempt) -> Decimal:
    """What a bank has taken back, for the time being or for good."""
    events = attempt.events.filter(currency=attempt.currency)
    won = set(events.filter(kind=EventKind.DISPUTE_WON).values_list("subject", flat=True))
    taken = events.filter(kind__in=[EventKind.DISPUTED, EventKind.DISPUTE_LOST])
    by_dispute = {event.subject: event.amount for event in taken if event.subject not in won}
    return sum(by_dispute.values(), ZERO)


def given_back(order: Order) -> Decimal:
    """What of an order's money has gone back or is on its way."""
    held = Refund.objects.filter(attempt__order=order, status__in=HELD_REFUNDS)
    return held.aggregate(all=Sum("amount"))["all"] or ZERO
