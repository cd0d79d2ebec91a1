"""What of an order can be sent back, and until when. Reads, and asks nothing that `for_page` has loaded."""

from datetime import date, timedelta

from django.utils import timezone

from orders.models import OPEN_RETURNS, FulfilmentStatus, Order, OrderStatus
from shop.models import ShopSettings

# Directive 2011/83/EU: from the day on which the last parcel has arrived.
WITHDRAWAL_DAYS = 14


def returnable(order: Order) -> dict[int, int]:
    """Line pk → how many of it can be asked back: sent, neither asked back nor refunded before."""
    open_units = {
        line.order_line_id: line.quantity
        for each in order.returns.all()
        if each.status in OPEN_RETURNS
        for line in each.lines.all()
    }
    left = {}
    for line in order.lines.all():
        unpaid = line.quantity - line.quantity_refunded - open_units.get(line.pk, 0)
        units = min(line.quantity_shipped - line.quantity_asked_back, unpaid)
        if units > 0:
            left[line.pk] = units
    return left


def arrived_on(order: Order) -> date | None:
    """The day on which the last parcel of the order arrived; None while one is still to come."""
    if order.fulfilment_status != FulfilmentStatus.DELIVERED:
        return None
    days = [each.delivered_at for each in order.shipments.all() if each.delivered_at]
    return timezone.localdate(max(days)) if days else None


def withdraw_until(order: Order) -> date | None:
    """The last day of the legal withdrawal; None while its clock has not begun."""
    arrived = arrived_on(order)
    return arrived + timedelta(days=WITHDRAWAL_DAYS) if arrived else None


def return_until(order: Order) -> date | None:
    """The last day on which a return can be asked for: the shop's own days, never fewer than the law's."""
    arrived = arrived_on(order)
    days = max(ShopSettings.load().returns_days, WITHDRAWAL_DAYS)
    return arrived + timedelta(days=days) if arrived else None


def is_in_time(order: Order) -> bool:
    last = return_until(order)
    return last is None or timezone.localdate() <= last


def is_withdrawal(order: Order) -> bool:
    last = withdraw_until(order)
    return last is None or timezone.localdate() <= last


def can_be_sent_back(order: Order) -> bool:
    """Whether the shopper can ask for it now."""
    return order.status == OrderStatus.CONFIRMED and is_in_time(order) and bool(returnable(order))
