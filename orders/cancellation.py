"""An order that comes to nothing gives back what it held."""

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import StockItem
from orders.mails import mail_order
from orders.models import Order, OrderStatus, WrongStatus
from orders.promotions import give_back
from orders.refunds import refund_all
from orders.tasks import refresh_after_order, release_payments_of


@transaction.atomic
def cancel(order: Order, *, actor: Any = None, reason: str = "") -> Order:
    """
    Call off an order of which nothing has been sent: goods and promotions are free again, money goes back.

    Raises WrongStatus.
    """
    order = Order.lock(order.pk)
    if not order.can_be_cancelled:
        raise WrongStatus(
            _("Order %(number)s cannot be cancelled any more.") % {"number": order.number}
        )
    before = order.move_to(
        OrderStatus.CANCELLED, after=[OrderStatus.PENDING, OrderStatus.CONFIRMED]
    )
    let_go(order, cause="cancelled", actor=actor)
    order.record("cancelled", actor=actor, reason=reason, from_status=before)
    refunded = refund_all(order, reason=reason or "Order cancelled", actor=actor)
    mail_order(order, "order_cancelled", refunded=refunded)
    release_payments_of.enqueue(order.pk)
    return order


def let_go(order: Order, *, cause: str, actor: Any = None) -> None:
    """Free the goods and the promotions of an order; to be called with the order locked."""
    give_back(order)
    held: Counter[int] = Counter()
    for line in order.lines.all():
        if line.quantity_to_send:
            held[line.variant_id] += line.quantity_to_send
    StockItem.release(held, cause=f"order:{order.pk}:{cause}:{order.events.count()}", actor=actor)
    refresh_after_order.enqueue(order.pk)
