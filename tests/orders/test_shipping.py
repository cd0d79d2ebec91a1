"""Parcels take goods off the shelf."""

import pytest

from catalog.models import StockItem, StockRefused
from orders.fulfilment import deliver, ship
from orders.models import Order, WrongStatus
from orders.paying import ask_provider
from shop.models import Mail
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place, pay_at: PayAt) -> Order:
    """Three of a thing of which five are on the shelf, paid."""
    order = place(fill_cart({VariantFactory(stock=5): 3}))
    return ask_provider(pay_at(order, "pay"), source="return")


def counts() -> tuple[int, int]:
    item = StockItem.objects.get()
    return item.on_hand, item.allocated


def test_a_parcel_takes_the_goods_off_the_shelf(order: Order) -> None:
    shipment = ship(order, actor=None, carrier="DHL", tracking_number="123")

    order.refresh_from_db()
    assert counts() == (2, 0)
    assert order.fulfilment_status == "shipped"
    assert shipment.lines.get().quantity == 3
    assert Mail.objects.filter(kind="order_shipped").count() == 1


def test_an_order_can_leave_in_parts(order: Order) -> None:
    line = order.lines.get()
    ship(order, {line.pk: 1}, actor=None)
    order.refresh_from_db()
    assert (counts(), order.fulfilment_status) == ((4, 2), "partial")

    ship(order, actor=None)

    order.refresh_from_db()
    assert (counts(), order.fulfilment_status) == ((2, 0), "shipped")
    assert Mail.objects.filter(kind="order_shipped").count() == 2


def test_no_more_is_sent_than_was_ordered(order: Order) -> None:
    with pytest.raises(WrongStatus):
        ship(order, {order.lines.get().pk: 4}, actor=None)

    assert counts() == (5, 3)


def test_a_line_of_another_order_is_refused(order: Order) -> None:
    with pytest.raises(WrongStatus):
        ship(order, {order.lines.get().pk + 1: 1}, actor=None)


def test_nothing_is_sent_unpaid(fill_cart: FillCart, place: Place) -> None:
    with pytest.raises(WrongStatus):
        ship(place(fill_cart({VariantFactory(stock=5): 3})), actor=None)


def test_what_is_back_ordered_has_to_arrive_first(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    variant = VariantFactory(stock=0)
    StockItem.objects.update(backorder_limit=5)
    order = ask_provider(pay_at(place(fill_cart({variant: 2})), "pay"), source="return")
    with pytest.raises(StockRefused):
        ship(order, actor=None)

    StockItem.receive(variant.pk, 2, cause="delivery note 7")
    ship(order, actor=None)

    assert counts() == (0, 0)


def test_a_delivered_order_is_closed(order: Order) -> None:
    shipment = ship(order, actor=None)

    deliver(shipment, actor=None)

    order.refresh_from_db()
    assert order.fulfilment_status == "delivered"
    assert order.closed_at is not None
    with pytest.raises(WrongStatus):
        deliver(shipment, actor=None)
