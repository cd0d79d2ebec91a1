"""An order of which nothing was sent can be called off."""

from decimal import Decimal

import pytest

from catalog.models import StockItem
from orders.cancellation import cancel
from orders.fulfilment import ship
from orders.models import Order, WrongStatus
from orders.paying import ask_provider
from shop.models import Mail
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    return place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))


def test_a_cancelled_order_gives_its_goods_back(order: Order) -> None:
    cancelled = cancel(order, reason="Changed my mind")

    assert cancelled.status == "cancelled"
    assert StockItem.objects.get().allocated == 0
    assert order.events.last().reason == "Changed my mind"
    assert Mail.objects.filter(kind="order_cancelled").count() == 1


def test_its_money_goes_back(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay")
    ask_provider(attempt, source="return")

    cancel(order)

    assert attempt.refunds.get().amount == order.total


def test_goods_come_back_once(order: Order) -> None:
    cancel(order)

    with pytest.raises(WrongStatus):
        cancel(order)

    assert StockItem.objects.get().allocated == 0
    assert order.events.filter(kind="cancelled").count() == 1


def test_what_is_on_its_way_cannot_be_cancelled(order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    ship(order, {order.lines.get().pk: 1}, actor=None)

    with pytest.raises(WrongStatus):
        cancel(order)

    assert StockItem.objects.get().allocated == 1
