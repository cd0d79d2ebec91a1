"""Money arrives, from whichever side, in whichever order, as often as it likes."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import StockItem
from orders.cancellation import cancel
from orders.expiry import expire
from orders.models import EventKind, Order, OrderStatus, PaymentEvent, PaymentStatus, WrongStatus
from orders.paying import ask_provider
from orders.payments import Fact
from orders.settlement import mark_paid, settle
from shop.models import Mail
from tests.factories import CouponFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    """Two mugs for €25.00 and a parcel."""
    return place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))


def reloaded(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_a_paid_order_is_confirmed(order: Order, pay_at: PayAt) -> None:
    settled = ask_provider(pay_at(order, "pay"), source="return")

    assert (settled.status, settled.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert [event.kind for event in order.events.all()] == [
        "placed",
        "payment_captured",
        "confirmed",
    ]
    assert order.attempts.get().status == "captured"


def test_what_is_paid_counts_as_sold_before_any_parcel_leaves(
    order: Order, pay_at: PayAt, django_capture_on_commit_callbacks: Any
) -> None:
    product = order.lines.get().variant.product
    with django_capture_on_commit_callbacks(execute=True):
        ask_provider(pay_at(order, "pay"), source="return")

    product.refresh_from_db()
    assert product.sold_count == 2


def test_a_fact_that_is_told_twice_counts_once(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay")
    for source in ("webhook", "return", "sweep", "webhook"):
        ask_provider(attempt, source=source)

    assert PaymentEvent.objects.get().amount == Decimal("29.90")
    assert order.events.count() == 3


def test_a_declined_payment_leaves_the_order_open_for_another_try(
    order: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(order, "decline"), source="return")
    assert (reloaded(order).status, reloaded(order).can_be_paid) == (OrderStatus.PENDING, True)

    settled = ask_provider(pay_at(order, "pay"), source="return")

    assert [attempt.status for attempt in order.attempts.all()] == ["failed", "captured"]
    assert settled.payment_status == PaymentStatus.PAID


@pytest.mark.parametrize(("source", "mails"), [("webhook", 1), ("return", 0)])
def test_who_left_the_page_is_told_by_mail_that_a_payment_failed(
    order: Order, pay_at: PayAt, source: str, mails: int
) -> None:
    attempt = pay_at(order, "decline")

    ask_provider(attempt, source=source)
    ask_provider(attempt, source="sweep")

    assert Mail.objects.filter(kind="payment_failed").count() == mails


def test_a_failure_that_arrives_after_the_money_takes_nothing_back(
    order: Order, pay_at: PayAt
) -> None:
    attempt = pay_at(order, "pay")
    ask_provider(attempt, source="webhook")

    late = Fact("late", EventKind.FAILED, order.total, order.currency, "declined")
    settled = settle(attempt, [late], source="webhook")

    assert settled.payment_status == PaymentStatus.PAID
    assert order.attempts.get().status == "captured"


def test_too_little_money_confirms_nothing(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay_late")

    settled = settle(
        attempt, [Fact("part", EventKind.CAPTURED, Decimal("10.00"), "EUR")], source="webhook"
    )

    assert (settled.status, settled.payment_status) == (
        OrderStatus.PENDING,
        PaymentStatus.PART_PAID,
    )


def test_money_in_another_currency_is_put_before_staff(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay_late")

    settled = settle(
        attempt, [Fact("odd", EventKind.CAPTURED, order.total, "USD")], source="webhook"
    )

    assert (settled.status, settled.payment_status) == (OrderStatus.PENDING, PaymentStatus.REVIEW)


def test_money_that_came_twice_goes_back_once(
    order: Order, pay_at: PayAt, django_capture_on_commit_callbacks: object
) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    second = order.attempts.create(
        provider="demo", reference="other", amount=order.total, currency="EUR"
    )

    settled = settle(
        second, [Fact("twice", EventKind.CAPTURED, order.total, "EUR")], source="webhook"
    )

    assert settled.payment_status == PaymentStatus.OVERPAID
    assert [(refund.amount, refund.attempt) for refund in second.refunds.all()] == [
        (order.total, second)
    ]


def test_late_money_takes_the_goods_again_while_they_are_there(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay_late")
    assert expire_now(order)

    facts = [Fact("late", EventKind.CAPTURED, order.total, "EUR")]
    settled = settle(attempt, facts, source="webhook")

    assert (settled.status, settled.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert StockItem.objects.get().allocated == 2


def test_late_money_goes_back_when_the_goods_are_gone(
    order: Order, pay_at: PayAt, fill_cart: FillCart, place: Place
) -> None:
    attempt = pay_at(order, "pay_late")
    assert expire_now(order)
    place(fill_cart({order.lines.get().variant: 1}))

    settled = settle(
        attempt, [Fact("late", EventKind.CAPTURED, order.total, "EUR")], source="webhook"
    )

    assert settled.status == OrderStatus.EXPIRED
    assert attempt.refunds.get().amount == order.total
    assert StockItem.objects.get().allocated == 1


def test_money_for_a_cancelled_order_goes_back(order: Order, pay_at: PayAt) -> None:
    attempt = pay_at(order, "pay_late")
    cancel(order)

    settled = settle(
        attempt, [Fact("late", EventKind.CAPTURED, order.total, "EUR")], source="webhook"
    )

    assert settled.status == OrderStatus.CANCELLED
    assert attempt.refunds.get().amount == order.total


@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_a_part_of_the_money_for_an_order_that_came_to_nothing_goes_back(
    order: Order, pay_at: PayAt, ending: str
) -> None:
    attempt = pay_at(order, "pay_late")
    cancel(order) if ending == "cancelled" else expire_now(order)

    part = Fact("part", EventKind.CAPTURED, Decimal("10.00"), "EUR")
    settled = settle(attempt, [part], source="webhook")

    assert (settled.status, settled.payment_status) == (ending, PaymentStatus.PART_PAID)
    assert attempt.refunds.get().amount == Decimal("10.00")


def test_money_that_is_on_its_way_back_does_not_revive_an_order(
    order: Order, pay_at: PayAt, fill_cart: FillCart, place: Place
) -> None:
    attempt = pay_at(order, "pay_late")
    assert expire_now(order)
    other = place(fill_cart({order.lines.get().variant: 1}))
    settle(attempt, [Fact("late", EventKind.CAPTURED, order.total, "EUR")], source="webhook")
    cancel(other)  # The goods are there again, but the money has been promised back.

    news = Fact("odd", EventKind.FAILED, order.total, "EUR", "declined")
    settled = settle(attempt, [news], source="webhook")

    assert settled.status == OrderStatus.EXPIRED
    assert attempt.refunds.get().amount == order.total
    assert StockItem.objects.get().allocated == 0


def test_a_revived_order_does_not_use_a_coupon_more_often_than_each_may(
    pay_at: PayAt, fill_cart: FillCart, place: Place
) -> None:
    coupon = CouponFactory(code="TEN", percent=10, per_customer_limit=1)
    mug = VariantFactory(stock=5)
    first, second = (fill_cart({mug: 1}) for _ in range(2))
    for cart in (first, second):
        cart.use_coupon(coupon)
    order = place(first)
    attempt = pay_at(order, "pay_late")
    assert expire_now(order)
    place(second)

    settled = settle(
        attempt, [Fact("late", EventKind.CAPTURED, order.total, "EUR")], source="webhook"
    )

    coupon.refresh_from_db()
    assert settled.status == OrderStatus.CONFIRMED
    assert (coupon.used_count, coupon.uses.filter(released_at=None).count()) == (1, 1)


def test_staff_write_down_money_from_the_bank_once(order: Order, admin_user: object) -> None:
    settled = mark_paid(order, actor=admin_user, note="Statement of Monday")

    assert (settled.status, settled.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    with pytest.raises(WrongStatus):
        mark_paid(order, actor=admin_user)
    assert PaymentEvent.objects.count() == 1


def expire_now(order: Order) -> bool:
    Order.objects.filter(pk=order.pk).update(expires_at=order.placed_at)
    return expire(reloaded(order))
