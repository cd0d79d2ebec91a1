"""What shoppers, providers and staff do at the same moment."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from cart.batches import make_codes
from catalog.models import OutOfStock, Product, StockItem
from orders.bank.booking import book
from orders.cancellation import cancel
from orders.checkout import CouponRefused, PriceChanged
from orders.expiry import expire
from orders.fulfilment import ship
from orders.giving_back import give_back
from orders.models import (
    BankEntry,
    BankStatement,
    EventKind,
    Order,
    OrderStatus,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    UnplacedMoney,
    WrongStatus,
)
from orders.paying import ask_provider
from orders.payments import Fact
from orders.popularity import recount_sold
from orders.refunds import RefundRefused, refund
from orders.settlement import settle
from orders.unplaced import send_back
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import CouponFactory, PromotionFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_books_balance(transactional_db: None) -> Iterator[None]:
    """After every race, whoever won, the doctor finds nothing."""
    yield
    assert [line for finding in examine() for line in finding.violations] == []


def reload(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def count(outcomes: list[Any], kind: type) -> int:
    return sum(isinstance(outcome, kind) for outcome in outcomes)


def test_the_last_three_are_sold_three_times(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(stock=3)
    carts = [fill_cart({mug: 1}) for _buyer in range(8)]

    outcomes = race([partial(place, cart) for cart in carts])

    assert (count(outcomes, Order), count(outcomes, OutOfStock)) == (3, 5)
    assert StockItem.objects.get().allocated == 3


def test_a_cart_that_is_placed_eight_times_is_one_order(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(stock=100)
    cart = fill_cart({mug: 2})

    outcomes = race([partial(place, cart, agreed_total=Decimal("29.90"))] * 8)

    assert len({outcome.pk for outcome in outcomes}) == 1
    assert (Order.objects.count(), StockItem.objects.get().allocated) == (1, 2)
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("limit", [1, 5])
def test_a_coupon_is_used_as_often_as_it_allows(
    fill_cart: FillCart, place: Place, limit: int
) -> None:
    mug = VariantFactory(stock=100)
    coupon = CouponFactory(code="ten", percent=10, usage_limit=limit)
    carts = [fill_cart({mug: 1}) for _buyer in range(8)]
    for cart in carts:
        cart.use_coupon(coupon)

    outcomes = race([partial(place, cart) for cart in carts])

    coupon.refresh_from_db()
    assert (count(outcomes, Order), count(outcomes, CouponRefused)) == (limit, 8 - limit)
    assert coupon.used_count == limit


def test_one_customer_uses_a_coupon_once_from_many_tabs(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(stock=100)
    coupon = CouponFactory(code="once", percent=10, per_customer_limit=1)
    carts = [fill_cart({mug: 1}) for _tab in range(6)]
    for cart in carts:
        cart.use_coupon(coupon)

    outcomes = race([partial(place, cart) for cart in carts])

    coupon.refresh_from_db()
    assert (count(outcomes, Order), count(outcomes, CouponRefused)) == (1, 5)
    assert coupon.used_count == 1


def test_a_promotion_without_a_code_holds_as_often_as_it_allows(
    fill_cart: FillCart, place: Place
) -> None:
    mug = VariantFactory(stock=100)
    promotion = PromotionFactory(usage_limit=2)
    carts = [fill_cart({mug: 1}) for _buyer in range(8)]

    outcomes = race([partial(place, cart) for cart in carts])

    assert (count(outcomes, Order), count(outcomes, PriceChanged)) == (2, 6)
    assert promotion.uses.count() == 2


def test_one_customer_uses_one_code_of_a_batch(fill_cart: FillCart, place: Place) -> None:
    """Each code is another row, and has a use left; the limit is their promotion's."""
    mug = VariantFactory(stock=100)
    promotion = PromotionFactory(needs_code=True, per_customer_limit=1)
    carts = []
    for coupon in make_codes(promotion, 6, name="Letter of May").coupons.all():
        carts.append(fill_cart({mug: 1}))
        carts[-1].use_coupon(coupon)

    outcomes = race([partial(place, cart) for cart in carts])

    assert (count(outcomes, Order), count(outcomes, CouponRefused)) == (1, 5)
    assert sum(promotion.coupons.values_list("used_count", flat=True)) == 1


def test_a_first_order_is_the_first_in_one_tab_only(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(stock=100)
    PromotionFactory(order_number=1)
    carts = [fill_cart({mug: 1}) for _tab in range(6)]

    outcomes = race([partial(place, cart) for cart in carts])

    assert (count(outcomes, Order), count(outcomes, PriceChanged)) == (1, 5)


def test_promotions_are_locked_in_one_order_whatever_their_priority(
    fill_cart: FillCart, place: Place
) -> None:
    """Half of the shoppers come when the one, half when the other comes first."""
    mug = VariantFactory(stock=100)
    one, other = PromotionFactory(usage_limit=50), PromotionFactory(usage_limit=50)
    carts = [fill_cart({mug: 1}) for _buyer in range(8)]

    def buy(n: int) -> Order:
        type(one).objects.filter(pk=(one if n % 2 else other).pk).update(priority=n)
        return place(carts[n])

    outcomes = race([partial(buy, n) for n in range(8)])

    assert count(outcomes, Order) == 8


def test_crossed_carts_wait_for_each_other(fill_cart: FillCart, place: Place) -> None:
    mug, bowl = VariantFactory(stock=100), VariantFactory(stock=100)
    carts = [fill_cart({mug: 1, bowl: 1} if n % 2 else {bowl: 1, mug: 1}) for n in range(8)]

    outcomes = race([partial(place, cart) for cart in carts])

    assert count(outcomes, Order) == 8


@pytest.fixture
def paid(fill_cart: FillCart, place: Place, pay_at: PayAt) -> PaymentAttempt:
    """Two mugs for €29.90, paid at the provider; the shop has not heard of it."""
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    return pay_at(order, "pay_silent")


def test_webhook_return_and_sweep_confirm_an_order_once(paid: PaymentAttempt) -> None:
    outcomes = race(
        [partial(ask_provider, paid, source=each) for each in ("webhook", "return", "sweep")] * 2
    )

    assert {outcome.status for outcome in outcomes} == {OrderStatus.CONFIRMED}
    assert PaymentEvent.objects.count() == 1
    assert [event.seq for event in paid.order.events.all()] == [1, 2, 3, 4]
    assert paid.order.invoices.count() == 1


def test_money_that_comes_as_the_order_expires_confirms_it_once(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    """Whoever is first: the order is confirmed, or expires and takes its goods again."""
    mug = VariantFactory(stock=2)
    for _round in range(4):
        order = place(fill_cart({mug: 2}))
        attempt = pay_at(order, "pay_late")  # The provider, asked, does not know yet.
        Order.objects.filter(pk=order.pk).update(expires_at=order.placed_at)
        fact = Fact(f"{order.number}:captured", EventKind.CAPTURED, order.total, "EUR")

        outcomes = race(
            [partial(expire, reload(order)), partial(settle, attempt, [fact], source="webhook")]
        )

        history = [event.kind for event in order.events.all()]
        assert reload(order).status == OrderStatus.CONFIRMED
        assert history in (
            ["placed", "payment_captured", "confirmed", "invoiced"],
            ["placed", "expired", "payment_captured", "confirmed", "invoiced"],
        )
        assert outcomes[0] is ("expired" in history)
        assert StockItem.objects.get().allocated == 2
        ship(order, actor=None)
        StockItem.receive(mug.pk, 2, cause=f"delivery:{order.pk}")


def test_an_order_is_sent_or_cancelled(paid: PaymentAttempt) -> None:
    order = ask_provider(paid, source="return")

    outcomes = race([partial(ship, order, actor=None), partial(cancel, order)])

    assert count(outcomes, WrongStatus) == 1
    item, now = StockItem.objects.get(), reload(order)
    if now.status == OrderStatus.CANCELLED:
        assert (item.on_hand, item.allocated, Refund.objects.count()) == (2, 0, 1)
    else:
        assert (item.on_hand, item.allocated, Refund.objects.count()) == (0, 0, 0)


def test_two_refunds_give_back_no_more_than_came(paid: PaymentAttempt) -> None:
    ask_provider(paid, source="return")

    outcomes = race([partial(refund, paid, Decimal("20.00"), reason="Chipped")] * 4)

    assert (count(outcomes, Refund), count(outcomes, RefundRefused)) == (1, 3)
    assert Refund.objects.get().amount == Decimal("20.00")


def test_ten_refunds_of_a_tenth_and_ten_more_give_back_all_of_it_and_no_more(
    paid: PaymentAttempt,
) -> None:
    ask_provider(paid, source="return")

    outcomes = race([partial(refund, paid, Decimal("2.99"), reason="Chipped")] * 20)

    assert (count(outcomes, Refund), count(outcomes, RefundRefused)) == (10, 10)
    assert PaymentAttempt.objects.get().given_back == Decimal("29.90")


def test_units_of_a_line_are_refunded_once(paid: PaymentAttempt) -> None:
    order = ask_provider(paid, source="return")
    line = order.lines.get()

    outcomes = race([partial(give_back, order, units={line.pk: 1}, reason="Chipped")] * 5)

    assert (count(outcomes, list), count(outcomes, RefundRefused)) == (2, 3)
    line.refresh_from_db()
    assert line.quantity_refunded == 2


def naive_refund(attempt: PaymentAttempt) -> None:
    """As it is commonly done: read, look, wait for the machine, write."""
    now = PaymentAttempt.objects.get(pk=attempt.pk)
    if now.captured - now.given_back < Decimal("20.00"):
        raise RefundRefused
    sleep(0.05)
    Refund.objects.create(attempt=now, amount=Decimal("20.00"), reason="Chipped")


def test_a_race_of_refunds_shows_what_is_missing_without_protection(paid: PaymentAttempt) -> None:
    """The negative control of the races above."""
    ask_provider(paid, source="return")

    race([partial(naive_refund, paid)] * 4)

    assert sum(each.amount for each in Refund.objects.all()) > paid.amount
    assert "INV-15" in {each.invariant.code for each in examine() if each.violations}
    Refund.objects.all().delete()


def test_a_statement_that_two_book_at_once_counts_once(fill_cart: FillCart, place: Place) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}), payment_method="transfer")
    content = f"Date;Reference;Amount\n2026-11-27;Order {order.number};{order.total}\n"
    statement = BankStatement.objects.create(name="may.csv", content=content)

    outcomes = race([partial(book, statement, actor=None)] * 5)

    booked = sum(outcome["matched"] for outcome in outcomes)
    assert (booked, PaymentEvent.objects.count(), BankEntry.objects.count()) == (1, 1, 1)


def test_a_matter_of_the_inbox_is_decided_once(fill_cart: FillCart, place: Place) -> None:
    ShopSettings(return_unplaced_money=False).save()
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    cancel(order)
    late = order.attempts.create(provider="demo", amount=order.total, currency="EUR")
    settle(late, [Fact("late", EventKind.CAPTURED, order.total, "EUR")], source="webhook")
    item = UnplacedMoney.objects.get()

    outcomes = race([partial(send_back, item, actor=None)] * 4)

    assert (count(outcomes, WrongStatus), Refund.objects.count()) == (3, 1)
    Refund.objects.update(status="sent")


def test_a_cancelled_order_gives_its_goods_back_once(fill_cart: FillCart, place: Place) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}), key=uuid.uuid4())

    outcomes = race([partial(cancel, order)] * 4)

    assert (count(outcomes, Order), count(outcomes, WrongStatus)) == (1, 3)
    assert StockItem.objects.get().allocated == 0


def test_a_recount_waits_for_a_refresh_of_the_same_lists(fill_cart: FillCart, place: Place) -> None:
    """Both take the products in the order of their keys, however these lie in the table."""
    mug, bowl = VariantFactory(), VariantFactory()
    first, second = sorted([mug.product_id, bowl.product_id])
    place(fill_cart({mug: 1, bowl: 2}))
    Product.objects.filter(pk=second).update(sold_count=99)
    Product.objects.filter(pk=first).update(sold_count=99)  # Its row now lies behind the other.

    def refresh() -> None:
        with transaction.atomic():
            Product.objects.select_for_update(no_key=True).get(pk=first)
            sleep(0.5)  # The recount has come as far as it can.
            Product.objects.select_for_update(no_key=True).get(pk=second)

    def recount() -> int:
        with connection.cursor() as cursor:  # As a table is read of which most is wanted.
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        sleep(0.2)
        return recount_sold([second, first])

    assert race([refresh, recount]) == [None, 2]
