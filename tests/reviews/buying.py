"""Orders on their way to those who review what was in them."""

from typing import Any

from accounts.models import User
from catalog.models import Variant
from orders.fulfilment import deliver, ship
from orders.models import Order
from orders.settlement import mark_paid
from tests.ordering import order_of


def bought(variant: Variant, *, arrived: bool = True, **given: Any) -> Order:
    """An order of the variant that was paid, sent and, unless it is said otherwise, delivered."""
    customer: User | None = given.get("customer")
    if customer:
        given.setdefault("email", customer.email)
    order = order_of({variant: 1}, **given)
    mark_paid(order, actor=None, note="")
    parcel = ship(order, actor=None)
    if arrived:
        deliver(parcel, actor=None)
    order.refresh_from_db()
    return order
