"""Goods are held for an unpaid order only so long, but the provider is asked first."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine

from cart.models import Coupon
from catalog.models import StockItem
from orders.expiry import expire, expire_overdue, sweep
from orders.models import AttemptStatus, Order, OrderStatus, PaymentAttempt
from orders.paying import start_payment
from orders.payments import ProviderUnavailable
from orders.payments.demo import DemoProvider
from shop.models import Mail, ShopSettings
from tests.factories import CouponFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue(fill_cart: FillCart, place: Place) -> Order:
    coupon = CouponFactory(code="TEN", percent=10)
    cart = fill_cart({VariantFactory(stock=2): 2})
    cart.coupon = coupon
    cart.save()
    order = place(cart)
    Order.objects.filter(pk=order.pk).update(expires_at=order.placed_at)
    return Order.objects.get(pk=order.pk)


def test_an_overdue_order_frees_its_goods_and_its_coupon(overdue: Order) -> None:
    assert expire_overdue() == 1

    overdue.refresh_from_db()
    assert overdue.status == OrderStatus.EXPIRED
    assert StockItem.objects.get().allocated == 0
    assert Coupon.objects.get().used_count == 0
    assert Mail.objects.filter(kind="order_expired").count() == 1


def test_who_takes_to_a_transfer_later_has_the_days_of_a_transfer(
    fill_cart: FillCart, place: Place
) -> None:
    ShopSettings(bank_account="DE02 1203 0000 0000 2020 51").save()
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    first = order.expires_at
    assert first
    start_payment(order, method="demo")
    start_payment(order, method="transfer")

    order.refresh_from_db()
    assert order.expires_at == order.placed_at + timedelta(days=7)
    with time_machine.travel(
        first + timedelta(seconds=1)
    ):  # The job for the first hour comes all the same.
        assert not expire(order)
    assert order.attempts.get(provider="transfer").status == AttemptStatus.ACTION_REQUIRED

    start_payment(order, method="demo")
    start_payment(order, method="transfer")
    order.refresh_from_db()
    assert order.expires_at == order.placed_at + timedelta(days=7)
    with time_machine.travel(order.expires_at + timedelta(seconds=1)):
        assert expire(order)


def test_an_order_expires_once(overdue: Order) -> None:
    assert expire(overdue)
    assert not expire(overdue)
    assert StockItem.objects.get().movements.filter(kind="release").count() == 1


def test_an_order_in_its_time_is_left_alone(fill_cart: FillCart, place: Place) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))

    assert not expire(order)


def test_a_payment_nobody_told_of_saves_the_order(overdue: Order, pay_at: PayAt) -> None:
    pay_at(overdue, "pay_silent")

    assert not expire(overdue)

    overdue.refresh_from_db()
    assert overdue.status == OrderStatus.CONFIRMED


def test_no_order_is_given_up_while_the_provider_does_not_answer(
    overdue: Order, pay_at: PayAt
) -> None:
    pay_at(overdue, "pay_silent")

    with patch.object(DemoProvider, "_fetch", side_effect=ProviderUnavailable):
        assert not expire(overdue)

    overdue.refresh_from_db()
    assert (overdue.status, StockItem.objects.get().allocated) == (OrderStatus.PENDING, 2)


def test_the_sweep_finds_money_that_nobody_told_of(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    pay_at(order, "pay_silent")
    assert sweep() == 0  # The shopper may still be on the page.
    PaymentAttempt.objects.update(checked_at=None, created_at="2026-01-01T00:00Z")

    assert sweep() == 1

    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED


def test_the_sweep_finds_a_payment_whose_reference_never_arrived(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    pay_at(order, "pay_silent")
    PaymentAttempt.objects.update(
        status="claimed",
        reference="",
        redirect_url="",
        checked_at=None,
        created_at="2026-01-01T00:00Z",
    )

    sweep()

    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED
