"""Money goes back: reserved under the order's lock, sent outside it, told by the provider like any fact."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from orders.models import (
    EventKind,
    Order,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    RefundStatus,
)
from orders.payments import ProviderUnavailable, provider

HELD = [RefundStatus.RESERVED, RefundStatus.SENT, RefundStatus.SUCCEEDED]


class RefundRefused(Exception):
    """More than there is to give back; nothing has changed."""


def refundable(attempt: PaymentAttempt) -> Decimal:
    """What of an attempt's money has not gone back and is not on its way back."""
    captured = attempt.events.filter(kind=EventKind.CAPTURED, currency=attempt.currency).aggregate(
        all=Sum("amount")
    )
    held = attempt.refunds.filter(status__in=HELD).aggregate(all=Sum("amount"))
    return (captured["all"] or Decimal(0)) - (held["all"] or Decimal(0))


def refundable_of(order: Order) -> Decimal:
    """What of all the money of an order has not gone back and is not on its way back."""
    return sum(map(refundable, order.attempts.all()), Decimal(0))


@transaction.atomic
def refund(attempt: PaymentAttempt, amount: Decimal, *, reason: str, actor: Any = None) -> Refund:
    """Reserve `amount` of an attempt's money and send it back after the commit. Raises RefundRefused."""
    from orders.tasks import send_refund

    order = Order.lock(attempt.order_id)
    if amount <= 0 or amount > refundable(attempt):
        raise RefundRefused(_("There is not that much to give back."))
    reserved = Refund.objects.create(attempt=attempt, amount=amount, reason=reason, actor=actor)
    order.record("refund_reserved", actor=actor, reason=reason, amount=str(amount))
    send_refund.enqueue(reserved.pk)
    return reserved


def refund_all(
    order: Order, *, reason: str, actor: Any = None, keep: Decimal = Decimal(0)
) -> Decimal:
    """Give back all that was paid for the order except `keep`, the latest payment first; returns how much."""
    attempts = list(order.attempts.order_by("-pk"))
    left = sum((refundable(attempt) for attempt in attempts), Decimal(0)) - keep
    total = max(left, Decimal(0))
    for attempt in attempts:
        amount = min(left, refundable(attempt))
        if amount > 0:
            refund(attempt, amount, reason=reason, actor=actor)
            left -= amount
    return total


def send(pk: int) -> None:
    """
    Ask the provider to send a reserved refund; safe to repeat, since the refund's key names it there too.

    Raises ProviderUnavailable, with the refund left as sent, to be asked again.
    """
    from orders.settlement import settle

    Refund.objects.filter(pk=pk, status=RefundStatus.RESERVED).update(status=RefundStatus.SENT)
    reserved = Refund.objects.select_related("attempt").get(pk=pk)
    if reserved.status != RefundStatus.SENT:
        return
    fact = provider(reserved.attempt.provider).refund(reserved)
    with transaction.atomic():
        settle(reserved.attempt, [fact], source="provider", actor=reserved.actor)
        Refund.objects.filter(pk=pk, status=RefundStatus.SENT).update(
            status=RefundStatus.SUCCEEDED, reference=fact.event_id
        )


def send_all() -> int:
    """Send every refund that is reserved, or whose sending was not answered; returns how many went through."""
    done = 0
    for pk in Refund.objects.filter(
        status__in=[RefundStatus.RESERVED, RefundStatus.SENT]
    ).values_list("pk", flat=True):
        try:
            send(pk)
        except ProviderUnavailable:
            continue
        done += 1
    return done


def refunded(order: Order) -> Decimal:
    """What has gone back of an order's money."""
    events = PaymentEvent.objects.filter(attempt__order=order, kind=EventKind.REFUNDED)
    return events.aggregate(all=Sum("amount"))["all"] or Decimal(0)
