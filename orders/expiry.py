"""Orders nobody paid for in time; the provider is asked before any is given up."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orders.cancellation import let_go
from orders.mails import mail_order
from orders.models import AttemptStatus, Order, OrderStatus, PaymentAttempt, PaymentStatus
from orders.payments import ProviderUnavailable, provider
from orders.settlement import settle

OPEN = [AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED, AttemptStatus.AUTHORISED]
PATIENCE = timedelta(
    minutes=2
)  # A shopper may still be on the provider's page before the sweep asks.


def ask_provider(attempt: PaymentAttempt, *, source: str) -> Order:
    """Ask what has become of an attempt and settle what is told. Raises ProviderUnavailable."""
    facts = provider(attempt.provider).fetch(attempt)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=timezone.now())
    return settle(attempt, facts, source=source)


def expire(order: Order) -> bool:
    """Give up an overdue order unless the provider says, or does not say, that it was paid; True if it expired."""
    try:
        for attempt in order.attempts.filter(status__in=OPEN):
            ask_provider(attempt, source="expiry")
    except ProviderUnavailable:
        return False  # Money may be on its way: ask again at the next sweep.
    with transaction.atomic():
        order = Order.lock(order.pk)
        is_overdue = order.expires_at is not None and order.expires_at <= timezone.now()
        if (
            order.status != OrderStatus.PENDING
            or not is_overdue
            or order.payment_status != PaymentStatus.PENDING
        ):
            return False
        before = order.move_to(OrderStatus.EXPIRED, after=[OrderStatus.PENDING])
        let_go(order, cause="expired")
        order.record("expired", from_status=before)
        mail_order(order, "order_expired")
        return True


def expire_overdue() -> int:
    """Expire all orders whose time is over; each in its own transaction. Returns how many."""
    return sum(expire(order) for order in Order.objects.overdue().iterator())


def sweep() -> int:
    """Ask the providers about payments that nobody has told of for two minutes. Returns how many."""
    asked = 0
    before = timezone.now() - PATIENCE
    silent = PaymentAttempt.objects.filter(
        Q(checked_at__lt=before) | Q(checked_at=None, created_at__lt=before)
    )
    for attempt in silent.filter(
        status__in=OPEN, order__placed_at__gte=timezone.now() - timedelta(days=30)
    ):
        try:
            ask_provider(attempt, source="sweep")
        except ProviderUnavailable:
            continue
        asked += 1
    return asked
