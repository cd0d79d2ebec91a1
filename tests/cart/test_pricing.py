import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cart.pricing import quote, shipping_choices
from catalog.models import PriceRule, ProductStatus
from shop.models import ShopSettings
from tests.factories import (
    CouponFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    TaxRateFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def test_the_way_from_list_price_to_total_is_taken_in_order(fill_cart):
    mug, bowl = VariantFactory(price=Decimal("24.00")), VariantFactory(price=Decimal("55.00"))
    sale = PriceRule.objects.create(name="Autumn table", percent=Decimal(15))
    sale.products.add(mug.product)
    TaxRateFactory(percent=Decimal(19))

    priced = quote(
        fill_cart({mug: 2, bowl: 1}, coupon=CouponFactory(percent=Decimal(10))),
        shipping_method=ShippingMethodFactory(price=Decimal("4.90"), free_over=Decimal(90)),
    )

    assert [(line.list_price, line.unit_price) for line in priced.lines] == [
        (Decimal("24.00"), Decimal("20.40")),
        (Decimal("55.00"), Decimal("55.00")),
    ]
    assert priced.subtotal == Decimal("95.80")
    assert [line.discount for line in priced.lines] == [Decimal("4.08"), Decimal("5.50")]
    assert priced.discount_total == Decimal("9.58")
    assert priced.shipping_total == Decimal("4.90")
    assert priced.total == Decimal("91.12")
    assert [(tax.name, tax.net, tax.amount) for tax in priced.taxes] == [
        ("VAT", Decimal("76.57"), Decimal("14.55"))
    ]
    assert priced.tax_total == Decimal("14.55")


def test_the_trace_explains_each_step_in_json(fill_cart):
    mug = VariantFactory(price=Decimal("50.00"))
    TaxRateFactory(percent=Decimal(19))

    priced = quote(
        fill_cart({mug: 1}, coupon=CouponFactory()), shipping_method=ShippingMethodFactory()
    )

    steps = json.loads(json.dumps(priced.trace))
    assert [(step["step"], step["amount"]) for step in steps] == [
        ("goods", "50.00"),
        ("promotion", "-5.00"),
        ("shipping", "4.90"),
        ("tax", "7.97"),
        ("total", "49.90"),
    ]


def test_a_gross_price_stays_the_same_abroad_and_contains_the_tax_of_the_country(fill_cart):
    TaxRateFactory(country="DE", percent=Decimal(19))
    TaxRateFactory(country="FR", percent=Decimal(20))
    TaxRateFactory(country="", name="", percent=Decimal(0))
    cart = fill_cart({VariantFactory(price=Decimal("120.00")): 1})

    here, france, elsewhere = (quote(cart, country=each) for each in ["", "FR", "NZ"])

    assert {here.total, france.total, elsewhere.total} == {Decimal("120.00")}
    assert (here.tax_total, france.tax_total) == (Decimal("19.16"), Decimal("20.00"))
    assert elsewhere.tax_total == 0
    assert elsewhere.taxes == ()


def test_net_prices_get_the_tax_of_the_country_on_top(fill_cart):
    ShopSettings.objects.create(prices_include_tax=False)
    TaxRateFactory(percent=Decimal(19))
    cart = fill_cart({VariantFactory(price=Decimal("100.00")): 1})

    priced = quote(cart, shipping_method=ShippingMethodFactory(free_over=None))

    assert (priced.tax_total, priced.total) == (Decimal("19.93"), Decimal("124.83"))
    assert priced.lines[0].total == Decimal("119.00")


def test_what_is_not_taxed_contains_no_tax(fill_cart):
    TaxRateFactory(percent=Decimal(19))
    book = VariantFactory(price=Decimal("20.00"), is_taxable=False)

    priced = quote(fill_cart({book: 1, VariantFactory(price=Decimal("11.90")): 1}))

    assert [(line.tax_percent, line.tax) for line in priced.lines] == [
        (0, 0),
        (Decimal(19), Decimal("1.90")),
    ]


def test_what_is_not_sold_any_more_costs_nothing(fill_cart):
    gone = VariantFactory(product__status=ProductStatus.ARCHIVED)
    soon = VariantFactory(product__publish_at=timezone.now() + timedelta(days=1))

    priced = quote(fill_cart({gone: 1, soon: 1, VariantFactory(price=Decimal(3)): 1}))

    assert (len(priced.lines), priced.total) == (1, Decimal("3.00"))


def test_a_quote_asks_the_same_few_questions_of_any_cart(fill_cart, django_assert_num_queries):
    TaxRateFactory()
    ShopSettings.load()
    one = fill_cart({VariantFactory(): 1}, coupon=CouponFactory())
    many = fill_cart({VariantFactory(): 2 for _ in range(30)}, coupon=one.coupon)

    for cart in [one, many]:
        with django_assert_num_queries(5):  # Lines, variants, option values, tax rate, promotions.
            quote(cart)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"is_active": False}, "We do not know the code WELCOME10. Check how it is written."),
        (
            {"starts_at": datetime(2099, 1, 2, tzinfo=UTC)},
            "The code WELCOME10 is not valid yet. It starts on 2 January 2099.",
        ),
        (
            {"ends_at": datetime(2020, 1, 2, tzinfo=UTC)},
            "The code WELCOME10 has expired.",
        ),
        ({"usage_limit": 3, "used_count": 3}, "The code WELCOME10 has been used up."),
        (
            {"minimum": Decimal(40)},
            "The code WELCOME10 is for goods of €40.00 or more. €27.50 more, and it holds.",
        ),
    ],
)
def test_a_coupon_that_does_not_hold_says_why_and_takes_nothing_off(fill_cart, terms, why):
    priced = quote(
        fill_cart({VariantFactory(price=Decimal("12.50")): 1}, coupon=CouponFactory(**terms))
    )

    assert (priced.coupon, priced.coupon_problem) == (None, why)
    assert (priced.discount_total, priced.total) == (Decimal(0), Decimal("12.50"))


def prices(source, country=""):
    return {method.pk: price for method, price in shipping_choices(source, country)}


def test_ways_to_send_it_are_those_of_the_zone_that_names_the_country(fill_cart):
    germany = ShippingZoneFactory(countries=["DE"], position=0)
    world = ShippingZoneFactory(name="Elsewhere", countries=[], position=1)
    parcel = ShippingMethodFactory(zone=germany)
    ShippingMethodFactory(zone=germany, is_active=False)
    far = ShippingMethodFactory(zone=world, price=Decimal(24), free_over=None)
    cart = fill_cart({VariantFactory(price=Decimal("60.00")): 1})

    assert prices(cart, "DE") == {parcel.pk: 0}
    assert prices(cart) == {parcel.pk: 0}
    assert prices(cart, "NZ") == {far.pk: 24}


def test_nothing_is_sent_where_no_zone_reaches_nor_when_nothing_needs_a_parcel(fill_cart):
    ShippingMethodFactory()

    assert shipping_choices(fill_cart({VariantFactory(): 1}), "NZ") == []
    assert shipping_choices(fill_cart({VariantFactory(requires_shipping=False): 1}), "DE") == []
