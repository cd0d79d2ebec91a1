"""However an order is given back, in whatever bits and order, what was paid comes back to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cart.arithmetic import add_up
from cart.items import ZERO
from orders.models import OrderLine
from orders.prorating import worth_of
from tests.cart.test_adding_up import carts


def parts_of(data, quantity):
    """A quantity in some parts, in the order in which they are given back."""
    parts = []
    while quantity:
        parts.append(data.draw(st.integers(1, quantity)))
        quantity -= parts[-1]
    return parts


@settings(max_examples=2500, deadline=None)
@given(carts(least=1), st.data())
def test_any_partition_of_an_order_gives_back_exactly_what_was_paid(cart, data):
    items, terms = cart
    sums = add_up(items, terms)
    given_back = sums.shipping_total + (ZERO if terms.prices_include_tax else sums.shipping_tax)

    for item, summed in zip(items, sums.lines, strict=True):
        line, already = OrderLine(quantity=item.quantity, total=summed.total), 0
        for part in parts_of(data, item.quantity):
            worth = worth_of(line, part, already=already, currency="EUR")
            assert 0 <= worth <= summed.total
            given_back += worth
            already += part

    assert given_back == sums.total


def test_three_things_for_ten_euros_come_back_one_by_one():
    line = OrderLine(quantity=3, total=Decimal("10.00"))

    worths = [worth_of(line, 1, already=already, currency="EUR") for already in range(3)]

    assert worths == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]


@pytest.mark.parametrize(("quantity", "already"), [(4, 0), (1, 3), (-1, 2), (1, -1)])
def test_no_more_comes_back_than_was_bought(quantity, already):
    with pytest.raises(ValueError):
        worth_of(
            OrderLine(quantity=3, total=Decimal(10)), quantity, already=already, currency="EUR"
        )
