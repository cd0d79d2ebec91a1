"""Staff change an order while it is sent, cancelled or paid: one comes after the other."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from catalog.models import StockItem, Variant
from orders.cancellation import cancel
from orders.editing.lines import EditRefused, edit_lines, preview
from orders.editing.sums import Changes
from orders.fulfilment import ship
from orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus, WrongStatus
from orders.paying import ask_provider
from orders.settlement import mark_paid
from shop.invariants import examine
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3


@pytest.fixture(autouse=True)
def _the_books_balance(transactional_db: None) -> Iterator[None]:
    yield
    assert [line for finding in examine() for line in finding.violations] == []


@pytest.fixture
def goods() -> tuple[Variant, Variant]:
    return VariantFactory(stock=99), VariantFactory(stock=99, price=Decimal("20.00"))


@pytest.fixture
def order(goods: tuple[Variant, Variant], fill_cart: FillCart, place: Place) -> Callable[[], Order]:
    return lambda: place(fill_cart({goods[0]: 2}))


def adding(order: Order, variant: Variant) -> Callable[[], Order]:
    """Put one more into it, as its preview was a moment ago."""
    changes = Changes(added={variant.pk: 1})
    agreed = preview(order, changes).agreed
    return partial(edit_lines, order, changes, agreed=agreed, actor=None, reason="")


def refusals(outcomes: list[Any]) -> list[type]:
    return [type(each) for each in outcomes if isinstance(each, Exception)]


def test_an_order_is_sent_as_it_was_or_waits_for_the_money(goods: Any, order: Any) -> None:
    for _round in range(ROUNDS):
        paid = mark_paid(order(), actor=None)
        outcomes = race([adding(paid, goods[1]), partial(ship, paid, actor=None)])
        now = Order.objects.get(pk=paid.pk)
        if now.revision:
            assert refusals(outcomes) == [WrongStatus]
            assert now.fulfilment_status == FulfilmentStatus.UNFULFILLED
            assert now.payment_status == PaymentStatus.PART_PAID
        else:
            assert refusals(outcomes) == [EditRefused]
            assert now.fulfilment_status == FulfilmentStatus.SHIPPED


def test_a_cancelled_order_holds_nothing_that_was_added(goods: Any, order: Any) -> None:
    for _round in range(ROUNDS):
        placed = order()
        race([adding(placed, goods[1]), partial(cancel, placed)])
        assert Order.objects.get(pk=placed.pk).status == OrderStatus.CANCELLED
        assert set(StockItem.objects.values_list("allocated", flat=True)) == {0}


def test_money_that_comes_meanwhile_counts_towards_the_new_total(
    goods: Any, order: Any, pay_at: PayAt
) -> None:
    for _round in range(ROUNDS):
        placed = order()
        begun = pay_at(placed, "pay")
        outcomes = race([adding(placed, goods[1]), partial(ask_provider, begun, source="webhook")])
        now = Order.objects.get(pk=placed.pk)
        if now.revision:
            # It was changed first, and the money did not do for it.
            assert (now.status, now.payment_status) == (
                OrderStatus.PENDING,
                PaymentStatus.PART_PAID,
            )
        else:
            # Its balance was another by then: whoever changes it is shown the sums again.
            assert len(refusals(outcomes)) == 1
            assert (now.status, now.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)


def test_two_of_staff_change_it_one_after_the_other(goods: Any, order: Any) -> None:
    paid = mark_paid(order(), actor=None)
    outcomes = race([adding(paid, goods[1])] * 4)
    assert len(refusals(outcomes)) == 3
    assert StockItem.objects.get(variant=goods[1]).allocated == 1


def test_exchanges_across_do_not_deadlock(goods: Any, fill_cart: FillCart, place: Place) -> None:
    mug, bowl = goods
    for _round in range(ROUNDS):
        moves = []
        for out, into in [(mug, bowl), (bowl, mug)] * 2:
            order = place(fill_cart({out: 2}))
            changes = Changes({order.lines.get().pk: 1}, {into.pk: 1})
            agreed = preview(order, changes).agreed
            moves.append(partial(edit_lines, order, changes, agreed=agreed, actor=None, reason=""))
        assert refusals(race(moves)) == []
