"""What offers take off, in exact figures."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cart.arithmetic import add_up
from cart.items import Item, Offer, Tariff, Terms

MUG, BOWL, JUG = Decimal("10.00"), Decimal("6.00"), Decimal("25.00")
ALL = frozenset({0, 1, 2})
CART = [Item(2, MUG), Item(3, BOWL), Item(1, JUG)]  # 20 + 18 + 25 = 63


def taken(*offers, items=CART, tariff=None):
    sums = add_up(items, Terms("EUR", offers=offers, tariff=tariff or Tariff()))
    return [line.discount for line in sums.lines]


def test_a_percentage_is_rounded_once_and_shared_out():
    assert taken(Offer(1, on=ALL, percent=Decimal("12.5"))) == [
        Decimal("2.50"),
        Decimal("2.25"),
        Decimal("3.13"),
    ]


def test_an_amount_is_shared_out_by_worth_and_never_more_than_there_is():
    assert taken(Offer(1, on=ALL, amount=Decimal(10))) == [
        Decimal("3.17"),
        Decimal("2.86"),
        Decimal("3.97"),
    ]
    assert taken(Offer(1, on=ALL, amount=Decimal(999))) == [20, 18, 25]


def test_an_amount_for_each_thing_is_taken_as_often_as_there_are_things():
    assert taken(Offer(1, on=frozenset({0, 1}), amount=Decimal(7), is_each=True)) == [14, 18, 0]


def test_the_second_offer_is_reckoned_from_what_the_first_left():
    half, ten = Offer(1, on=ALL, percent=Decimal(50)), Offer(2, on=ALL, percent=Decimal(10))

    assert taken(half, ten) == [11, Decimal("9.90"), Decimal("13.75")]


def test_an_offer_may_have_several_effects():
    both = Offer(
        1, on=frozenset({2}), percent=Decimal(20), amount=Decimal(3), shipping_percent=Decimal(100)
    )
    sums = add_up(CART, Terms("EUR", offers=(both,), tariff=Tariff(Decimal("4.90"))))

    assert [line.discount for line in sums.lines] == [0, 0, 8]
    assert (sums.shipping_price, sums.shipping_total) == (Decimal("4.90"), 0)
    assert sums.taken[0].shipping == Decimal("4.90")


@pytest.mark.parametrize(
    ("buy", "get", "quantity", "free"),
    [
        (2, 1, 2, 0),
        (2, 1, 3, 1),
        (2, 1, 5, 1),
        (2, 1, 6, 2),
        (1, 1, 3, 1),
        (1, 2, 2, 1),
        (3, 2, 10, 4),
    ],
)
def test_buy_so_many_get_so_many_of_the_same(buy, get, quantity, free):
    offer = Offer(1, on=frozenset({0}), bought=frozenset({0}), buy=buy, get=get)

    assert taken(offer, items=[Item(quantity, MUG)]) == [free * MUG]


def test_the_cheapest_are_the_ones_that_are_free():
    three_for_two = Offer(1, on=ALL, bought=ALL, buy=2, get=1)

    assert taken(three_for_two) == [0, 12, 0]  # Six things: two bowls.


def test_buy_one_thing_get_another_for_half():
    offer = Offer(
        1, on=frozenset({1}), bought=frozenset({2}), buy=1, get=2, get_percent=Decimal(50)
    )

    assert taken(offer) == [0, 6, 0]


def test_a_thing_is_not_bought_and_got_at_once():
    """One jug and one bowl: the bowl is got for the jug, and nothing for the bowl."""
    offer = Offer(1, on=frozenset({0, 1}), bought=frozenset({0, 1}), buy=1, get=1)

    assert taken(offer, items=[Item(1, JUG), Item(1, BOWL)]) == [0, 6]
    partly = replace(offer, on=frozenset({1}))
    assert taken(partly, items=[Item(1, JUG), Item(3, BOWL)]) == [0, 12]


def test_what_was_reduced_before_gives_back_no_more_than_it_still_costs():
    mugs = frozenset({0})
    half, one_free = (
        Offer(1, on=mugs, percent=Decimal(50)),
        Offer(2, on=mugs, bought=mugs, buy=1, get=1),
    )

    assert taken(half, one_free, items=[Item(2, MUG)]) == [15]


def test_an_offer_leaves_what_a_thing_must_cost_at_least():
    cart = [Item(1, MUG, floor=Decimal(8)), Item(1, MUG)]

    assert taken(Offer(1, on=frozenset({0, 1}), percent=Decimal(50)), items=cart) == [2, 5]
    assert taken(Offer(1, on=frozenset({0, 1}), amount=Decimal(6)), items=cart) == [1, 5]
    assert taken(Offer(1, on=frozenset({0, 1}), amount=Decimal(60)), items=cart) == [2, 10]


def test_what_changes_nothing_shuts_out_nothing():
    alone = Offer(1, percent=Decimal(50), is_alone=True)
    ten = Offer(2, on=ALL, percent=Decimal(10))

    assert taken(alone, ten) == [2, Decimal("1.80"), Decimal("2.50")]


def test_the_one_that_holds_alone_gives_way_to_an_earlier_one_and_shuts_out_later_ones():
    alone = Offer(1, on=ALL, percent=Decimal(50), is_alone=True)
    ten = Offer(2, on=ALL, percent=Decimal(10))

    assert taken(alone, ten) == [10, 9, Decimal("12.50")]
    assert taken(ten, alone) == [2, Decimal("1.80"), Decimal("2.50")]


def test_after_the_last_comes_none():
    ten = Offer(1, on=ALL, percent=Decimal(10))
    last = Offer(2, on=ALL, amount=Decimal(1), is_each=True, is_last=True)

    assert taken(ten, last, replace(ten, key=3)) == [4, Decimal("4.80"), Decimal("3.50")]


def test_a_gift_costs_nothing_and_weighs_what_it_weighs():
    gift = Offer(1, gift=Item(1, Decimal(0), grams=600))
    tariff = Tariff(Decimal(5), ((Decimal(1000), Decimal(9)),), is_by_weight=True)
    sums = add_up([Item(1, MUG, grams=500)], Terms("EUR", offers=(gift,), tariff=tariff))

    assert (sums.subtotal, sums.discount_total, sums.grams) == (MUG, 0, 1100)
    assert sums.shipping_total == 9
