"""Where parcels go, by which way, for how much, and what is said when there is none."""

from decimal import Decimal

import pytest

from cart.models import Measure, ShippingZone
from cart.postcodes import covers, is_range
from cart.pricing import gather, quote, shipping_choices
from shop.models import ShopSettings
from tests.factories import (
    PromotionFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    TaxRateFactory,
    VariantFactory,
)


@pytest.mark.parametrize(
    ("text", "postcode", "is_in"),
    [
        ("27498", "27498", True),
        ("27498", "27499", False),
        ("25*", "25938", True),
        ("25*", "26000", False),
        ("18565-18599", "18581", True),
        ("18565-18599", "18600", False),
        ("10-14", "12045", True),
        ("10-14", "15000", False),
        ("BT*", "bt1 5gs", True),
        ("1000AA–1099ZZ", "1016 DV", True),
        ("00950", "00-950", True),
        ("25*", "", False),
    ],
)
def test_postcodes_are_found_in_a_range_however_they_are_spaced(text, postcode, is_in):
    assert is_range(text)
    assert covers(text, postcode) is is_in


@pytest.mark.parametrize(
    "text", ["", "*", "12-345", "20-10", "12*-14", "<b>", "1..2", "-", "ab,cd"]
)
def test_what_is_no_range_is_not_taken_for_one(text):
    assert not is_range(text)
    assert not covers(text, "12045")


pytestmark = pytest.mark.django_db


def thing(price="10.00", grams=0, **given):
    return VariantFactory(price=Decimal(price), weight_grams=grams, **given)


def prices(cart, **place):
    return {method.name: price for method, price in gather(cart, **place).ways().choices}


def problem(cart, **place):
    ways = gather(cart, **place).ways()
    assert ways.choices == []
    return ways.problem


def test_the_zone_that_describes_a_place_most_closely_is_the_one():
    world = ShippingZoneFactory(name="World", countries=[], position=0)
    germany = ShippingZoneFactory(name="Germany", countries=["DE"], position=1)
    islands = ShippingZoneFactory(
        name="Islands", countries=["DE"], postcodes=["27498", "25930-25999"]
    )
    quebec = ShippingZoneFactory(name="Quebec", countries=["CA"], regions=["CA-QC"])

    assert ShippingZone.of("DE") == germany
    assert ShippingZone.of("DE", postcode="25938") == islands
    assert ShippingZone.of("DE", postcode="10115") == germany
    assert ShippingZone.of("CA", region="QC") == quebec
    assert ShippingZone.of("CA", region="ON") == world
    assert ShippingZone.of("US", region="QC") == world


def test_delivery_to_an_island_costs_what_its_zone_says(fill_cart):
    ShippingMethodFactory(price=Decimal("4.90"))
    islands = ShippingZoneFactory(name="Islands", postcodes=["25930-25999"])
    ShippingMethodFactory(zone=islands, name="Ferry", price=Decimal(19), free_over=None)
    cart = fill_cart({thing(): 1})

    assert prices(cart, country="DE") == {"Parcel": Decimal("4.90")}
    assert prices(cart, country="DE", postcode="25938") == {"Ferry": 19}


def by_weight(**given):
    method = ShippingMethodFactory(
        price=Decimal(5), priced_by=Measure.WEIGHT, free_over=None, **given
    )
    for least, price in ((1000, 7), (5000, 12)):
        method.bands.create(least=least, price=price)
    return method


def test_a_way_is_priced_by_the_weight_of_what_has_to_be_sent(fill_cart):
    by_weight()
    mug, book = thing(grams=400), thing(grams=9000, requires_shipping=False)

    assert [prices(fill_cart({mug: n, book: 1}))["Parcel"] for n in (2, 3, 12, 13)] == [5, 7, 7, 12]


def test_a_way_is_priced_by_the_worth_of_the_goods(fill_cart):
    method = ShippingMethodFactory(price=Decimal(5), priced_by=Measure.WORTH, free_over=None)
    method.bands.create(least=Decimal("49.99"), price=Decimal(3))
    mug = thing("25.00")

    assert [prices(fill_cart({mug: n}))["Parcel"] for n in (1, 2)] == [5, 3]


def test_free_delivery_and_prices_by_worth_look_at_discounts_as_the_shop_says(fill_cart):
    PromotionFactory()
    ShippingMethodFactory(price=Decimal("4.90"), free_over=Decimal(60))
    cart = fill_cart({thing("60.00"): 1})

    assert prices(cart) == {"Parcel": Decimal("4.90")}
    ShopSettings(free_delivery_before_discount=True).save()
    assert prices(cart) == {"Parcel": 0}


def test_only_ways_whose_limits_the_parcel_keeps_are_offered(fill_cart):
    zone = ShippingZoneFactory()
    ShippingMethodFactory(zone=zone, name="Letter", most_grams=500)
    ShippingMethodFactory(zone=zone, name="Parcel", least_grams=501, most_grams=20000)
    ShippingMethodFactory(zone=zone, name="Insured", least_worth=Decimal(100))
    ShippingMethodFactory(zone=zone, name="Cheap", most_worth=Decimal(20))
    ShippingMethodFactory(zone=zone, name="Off", is_active=False)
    light, heavy = thing("15.00", grams=300), thing("120.00", grams=700)

    assert set(prices(fill_cart({light: 1}))) == {"Letter", "Cheap"}
    assert set(prices(fill_cart({heavy: 1}))) == {"Parcel", "Insured"}


def test_limits_of_worth_look_at_discounts_and_taxes_are_no_worth(fill_cart):
    ShopSettings(prices_include_tax=False).save()
    TaxRateFactory(percent=Decimal(25))
    PromotionFactory(percent=None, amount=Decimal(10))
    ShippingMethodFactory(name="Small", most_worth=Decimal(90))
    mug = thing("100.00")

    assert set(prices(fill_cart({mug: 1}))) == {"Small"}
    assert prices(fill_cart({mug: 2})) == {}


def test_what_is_too_heavy_is_told_with_both_weights(fill_cart):
    ShippingMethodFactory(most_grams=20000)

    assert problem(fill_cart({thing(grams=12500): 2}), country="DE") == (
        "This weighs 25 kg, and we send at most 20 kg to Germany. Two orders may do, or write to us."
    )


def test_what_is_too_little_is_told_with_what_is_missing(fill_cart):
    ShippingMethodFactory(least_worth=Decimal(20))

    assert problem(fill_cart({thing("12.50"): 1}), country="DE") == (
        "We send to Germany from €20.00 on. €7.50 more, and it goes."
    )


def test_where_we_do_not_send_is_told(fill_cart):
    ShippingMethodFactory()
    ShippingZoneFactory(name="Closed islands", postcodes=["27498"])
    cart = fill_cart({thing(): 1})

    assert problem(cart, country="NZ") == "We do not send to New Zealand yet."
    assert problem(cart, country="DE", postcode="27498") == (
        "We do not send to this address in Germany yet."
    )


def test_what_fits_no_way_for_more_than_one_reason_is_told(fill_cart):
    zone = ShippingZoneFactory()
    ShippingMethodFactory(zone=zone, most_grams=500)
    ShippingMethodFactory(zone=zone, least_worth=Decimal(500))

    assert "None of our ways to send to Germany fits" in problem(fill_cart({thing(grams=600): 1}))


def test_nothing_that_needs_no_parcel_has_a_way_or_a_problem(fill_cart):
    ways = gather(fill_cart({thing(requires_shipping=False): 1}), country="NZ").ways()

    assert (ways.choices, ways.problem) == ([], "")


def test_pickup_is_offered_and_is_not_taken_for_the_cheapest_delivery(fill_cart):
    zone = ShippingZoneFactory()
    parcel = ShippingMethodFactory(zone=zone)
    ShippingMethodFactory(zone=zone, name="Pick it up", price=Decimal(0), is_pickup=True)
    cart = fill_cart({thing(): 1})

    assert prices(cart) == {"Parcel": Decimal("4.90"), "Pick it up": 0}
    assert gather(cart).ways().cheapest == parcel


def test_a_choice_shows_what_it_costs_after_promotions(fill_cart):
    PromotionFactory(percent=None, shipping_percent=Decimal(100), minimum=Decimal(20))
    ShippingMethodFactory(free_over=None)
    mug = thing()

    assert prices(fill_cart({mug: 1})) == {"Parcel": Decimal("4.90")}
    assert prices(fill_cart({mug: 2})) == {"Parcel": 0}


def test_delivery_stands_in_the_total_and_its_tax_in_the_taxes(fill_cart):
    TaxRateFactory(percent=Decimal(19))
    parcel = ShippingMethodFactory(free_over=None)

    priced = quote(fill_cart({thing("100.00"): 1}), shipping_method=parcel)

    assert (priced.shipping_total, priced.total) == (Decimal("4.90"), Decimal("104.90"))
    assert priced.taxes[0].amount == Decimal("16.75")


def test_ways_stand_in_the_order_that_staff_gave_them(fill_cart):
    zone = ShippingZoneFactory()
    for position, name in ((2, "Slow"), (1, "Quick")):
        ShippingMethodFactory(zone=zone, name=name, position=position)

    assert list(prices(fill_cart({thing(): 1}))) == ["Quick", "Slow"]


def test_choices_ask_no_more_for_many_methods(fill_cart, django_assert_num_queries):
    zone = ShippingZoneFactory()
    for _each in range(5):
        by_weight(zone=zone)
    basis = gather(fill_cart({thing(grams=10): 1}))

    with django_assert_num_queries(3):  # Zones, methods, bands.
        assert len(shipping_choices(basis)) == 5
