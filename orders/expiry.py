"""Orders nobody paid for in time; the provider is asked before any is given up."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.cancellation import let_go
from orders.ledger import left_to_pay
from orders.mails import mail_order
from orders.models import OPEN_ATTEMPTS, Order, OrderStatus, PaymentAttempt, PaymentStatus
from orders.models.payment import GIFT_CARD
from orders.paying import ask_provider, close_payment, release_payments
from orders.payments import ProviderRefused, ProviderUnavailable
from orders.progress import method_of
from orders.refunds import refund_all
from shop.models import Mail

logger = structlog.get_logger(__name__)

# An order with one of these may have brought nothing, or what gift cards pay, which goes back to them.
UNPAID = {PaymentStatus.PENDING, PaymentStatus.VOIDED, PaymentStatus.PART_PAID}
# A reminder is written when a quarter of the time is left.
REMINDER, REMINDED_AT = "order_expiring", 4
PATIENCE = timedelta(
    minutes=2
)  # A shopper may still be on the provider's page before the sweep asks.


def expire(order: Order) -> bool:
    """
    Give up an overdue order unless the provider says, or does not say, that it was paid; True if it expired.

    Its open payments are closed, so that none can be paid for it any more. One that is in its time is
    left alone, whoever asks: another way to pay may have given it more.
    """
    if not order.is_overdue:
        return False
    try:
        for attempt in order.attempts.filter(status__in=OPEN_ATTEMPTS).select_related("order"):
            if ask_provider(attempt, source="expiry").status == OrderStatus.PENDING:
                close_payment(attempt, source="expiry")
    except (ProviderUnavailable, ProviderRefused):
        return False  # Money may be on its way: ask again at the next sweep.
    with transaction.atomic():
        order = Order.lock(order.pk)
        if (
            order.status != OrderStatus.PENDING
            or not order.is_overdue
            or order.payment_status not in UNPAID
            or order.attempts.filter(captured__gt=0).exclude(provider=GIFT_CARD).exists()
        ):
            return False
        before = order.move_to(OrderStatus.EXPIRED, after=[OrderStatus.PENDING])
        let_go(order, cause="expired")
        order.record("expired", from_status=before)
        refund_all(order, reason=_("Not paid in time"))
        mail_order(order, "order_expired")
        return True


def expire_overdue() -> int:
    """Expire all orders whose time is over; each in its own transaction. Returns how many."""
    return sum(expire(order) for order in Order.objects.overdue().iterator())


def warn_expiring() -> int:
    """
    Remind shoppers of orders that wait for money and whose time is nearly over, once for each order.

    Returns how many are reminded.
    """
    now = timezone.now()
    key = Concat(Value("order:"), OuterRef("number"), Value(f":{REMINDER}"))
    nearly_over = ExpressionWrapper(
        F("expires_at") - (F("expires_at") - F("placed_at")) / REMINDED_AT, DateTimeField()
    )
    soon = Order.objects.alias(remind_at=nearly_over).filter(
        ~Exists(Mail.objects.filter(dedupe_key=key)),
        status=OrderStatus.PENDING, expires_at__gt=now, remind_at__lte=now,
    )  # fmt: skip
    return sum(remind(pk) for pk in soon.order_by("expires_at").values_list("pk", flat=True))


@transaction.atomic
def remind(pk: int) -> bool:
    """Write the reminder, unless the order was paid or called off in this moment."""
    order = Order.lock(pk)
    if not order.can_be_paid:
        return False
    mail_order(order, REMINDER, method=method_of(order), left=left_to_pay(order))
    return True


def sweep() -> int:
    """
    Ask the providers about payments that nobody has told of for two minutes. Returns how many.

    What is open on an order that came to nothing is closed. One payment that cannot be asked about does
    not keep the others waiting.
    """
    asked = 0
    before = timezone.now() - PATIENCE
    silent = PaymentAttempt.objects.filter(
        Q(checked_at__lt=before) | Q(checked_at=None, created_at__lt=before)
    )
    for attempt in silent.filter(
        status__in=OPEN_ATTEMPTS, order__placed_at__gte=timezone.now() - timedelta(days=30)
    ).select_related("order"):
        try:
            if attempt.order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}:
                release_payments(attempt.order)
            else:
                ask_provider(attempt, source="sweep")
        except ProviderUnavailable:
            continue
        except Exception:
            logger.exception("payment_not_asked_about", attempt=attempt.pk)
            continue
        asked += 1
    return asked
