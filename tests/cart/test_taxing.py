"""What is taxed at which rate: by class, place, day and customer."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from cart.pricing import quote
from catalog.models import TaxClass
from shop.models import ShopSettings
from tests.factories import (
    PromotionFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
    TaxRateFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

FRENCH = "FR40303265045"


@pytest.fixture
def net_prices(db):
    ShopSettings(prices_include_tax=False).save()


@pytest.fixture
def books(db):
    """Taxed at 7 per cent in Germany, where all else is at 19."""
    books = TaxClass.objects.create(name="Books")
    TaxRateFactory(percent=Decimal(19))
    TaxRateFactory(percent=Decimal(7), tax_class=books)
    return books


def thing(price, **given):
    return VariantFactory(price=Decimal(price), **given)


def taxes(priced):
    return [(tax.percent, tax.net, tax.amount) for tax in priced.taxes]


def money(text):
    return Decimal(text)


def test_things_of_one_rate_are_taxed_together(fill_cart, books):
    priced = quote(fill_cart({thing("11.90"): 1, thing("23.80"): 2}))

    assert taxes(priced) == [(19, money("50.00"), money("9.50"))]
    assert [line.tax for line in priced.lines] == [money("1.90"), money("7.60")]


def test_each_class_has_its_rate_and_each_rate_its_sum(fill_cart, books):
    novel, mug = thing("10.70", tax_class=books), thing("11.90")

    priced = quote(fill_cart({novel: 2, mug: 1}))

    assert taxes(priced) == [(19, 10, money("1.90")), (7, 20, money("1.40"))]
    assert [line.tax_percent for line in priced.lines] == [7, 19]
    assert (priced.tax_total, priced.total) == (money("3.30"), money("33.30"))


def test_a_variant_may_be_of_another_class_than_its_product(fill_cart, books):
    audio = thing("11.90", product__tax_class=books)
    other = TaxClass.objects.create(name="Sound")
    TaxRateFactory(percent=Decimal(25), tax_class=other)
    disc = VariantFactory(
        product=audio.product, price=money("12.50"), tax_class=other, options_key="2"
    )

    priced = quote(fill_cart({audio: 1, disc: 1}))

    assert [line.tax_percent for line in priced.lines] == [7, 25]


def test_what_is_not_taxed_has_no_rate_whatever_its_class(fill_cart, books):
    assert taxes(quote(fill_cart({thing("10.00", tax_class=books, is_taxable=False): 1}))) == []


def test_taxes_on_top_are_rounded_once_a_rate(fill_cart, net_prices, books):
    """Three times 0.05 at 19 per cent are 0.03 together, not 0.01 each."""
    priced = quote(
        fill_cart({thing("0.05"): 1, thing("0.05", sku="B"): 1, thing("0.05", sku="C"): 1})
    )

    assert priced.tax_total == money("0.03")
    assert sum(line.tax for line in priced.lines) == money("0.03")


@pytest.mark.parametrize(
    ("included", "tax", "total"),
    [(True, "14.37", "90.00"), (False, "17.10", "107.10")],
)
def test_a_discount_on_the_whole_cart_is_not_taxed(fill_cart, books, included, tax, total):
    ShopSettings(prices_include_tax=included).save()
    PromotionFactory()

    priced = quote(fill_cart({thing("100.00"): 1}))

    assert (priced.tax_total, priced.total) == (money(tax), money(total))


@pytest.mark.parametrize(
    ("included", "taxes_of"), [(True, ["7.98", "6.54"]), (False, ["9.50", "7.00"])]
)
def test_a_discount_on_one_thing_lowers_its_own_tax_alone(fill_cart, books, included, taxes_of):
    ShopSettings(prices_include_tax=included).save()
    mug, novel = thing("100.00"), thing("100.00", tax_class=books)
    PromotionFactory(percent=Decimal(50)).on_products.add(mug.product)

    priced = quote(fill_cart({mug: 1, novel: 1}))

    assert [line.tax for line in priced.lines] == [money(each) for each in taxes_of]


@pytest.mark.parametrize(
    ("included", "tax", "total"), [(True, "0.38", "2.40"), (False, "0.46", "2.86")]
)
def test_delivery_is_taxed_on_what_it_costs_after_promotions(
    fill_cart, books, included, tax, total
):
    ShopSettings(prices_include_tax=included).save()
    PromotionFactory(percent=None, shipping_percent=Decimal(50))
    free = thing("0.00")

    priced = quote(
        fill_cart({free: 1}),
        shipping_method=ShippingMethodFactory(price=money("4.80"), free_over=None),
    )

    assert (priced.tax_total, priced.total) == (money(tax), money(total))


def test_delivery_may_have_a_class_of_its_own(fill_cart, books):
    parcel = ShippingMethodFactory(price=money("10.70"), free_over=None, tax_class=books)

    priced = quote(fill_cart({thing("11.90"): 1}), shipping_method=parcel)

    assert taxes(priced) == [(19, 10, money("1.90")), (7, 10, money("0.70"))]


def test_the_place_it_is_sent_to_decides(fill_cart, books):
    TaxRateFactory(country="FR", percent=Decimal(20))
    TaxRateFactory(country="US", region="CA", percent=money("7.25"), name="Sales tax")
    TaxRateFactory(country="US", percent=Decimal(0), name="")
    cart = fill_cart({thing("100.00"): 1})

    assert [tax.percent for tax in quote(cart).taxes] == [19]
    assert [tax.percent for tax in quote(cart, country="FR").taxes] == [20]
    assert [(tax.name, tax.percent) for tax in quote(cart, country="US", region="CA").taxes] == [
        ("Sales tax", money("7.25"))
    ]
    assert quote(cart, country="US", region="NV").taxes == ()


def test_a_class_without_a_rate_at_a_place_is_taxed_at_the_usual_one_there(fill_cart, books):
    TaxRateFactory(country="FR", percent=Decimal(20))
    TaxRateFactory(country="", percent=Decimal(5), tax_class=books)

    assert [
        tax.percent
        for tax in quote(fill_cart({thing("9.00", tax_class=books): 1}), country="FR").taxes
    ] == [20]


def test_a_rate_holds_from_its_first_day_to_its_last(fill_cart):
    TaxRateFactory(percent=Decimal(19))
    TaxRateFactory(percent=Decimal(16), starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 31))
    cart = fill_cart({thing("100.00", product__publish_at=datetime(2020, 1, 1, tzinfo=UTC)): 1})

    def percent_at(moment):
        with time_machine.travel(moment):
            return quote(cart).taxes[0].percent

    assert [percent_at(f"{day}T11:00Z") for day in ("2026-06-30", "2026-07-01", "2026-12-31", "2027-01-01")] == [
        19, 16, 16, 19,
    ]  # fmt: skip


def test_what_is_picked_up_is_taxed_at_home(fill_cart, books):
    TaxRateFactory(country="FR", percent=Decimal(20))
    pickup = ShippingMethodFactory(
        zone=ShippingZoneFactory(countries=["FR"]), is_pickup=True, price=Decimal(0)
    )
    cart = fill_cart({thing("119.00"): 1})

    assert quote(cart, country="FR", shipping_method=pickup).taxes[0].percent == 19
    assert not quote(cart, country="FR", shipping_method=pickup, vat_id=FRENCH).is_reverse_charge


def test_a_company_of_another_member_state_pays_without_tax_and_owes_it_there(fill_cart, books):
    TaxRateFactory(country="FR", percent=Decimal(20))
    cart = fill_cart({thing("120.00"): 2})
    parcel = ShippingMethodFactory(price=money("6.00"), free_over=None)

    priced = quote(cart, country="FR", shipping_method=parcel, vat_id=FRENCH)

    assert (priced.is_reverse_charge, priced.vat_id) == (True, FRENCH)
    assert [(line.unit_price, line.tax) for line in priced.lines] == [(100, 0)]
    assert (priced.shipping_total, priced.tax_total, priced.total) == (5, 0, 205)
    assert priced.prices_include_tax is False
    assert priced.taxes == ()


def test_net_prices_stay_as_they_are_without_tax_on_top(fill_cart, net_prices):
    TaxRateFactory(country="FR", percent=Decimal(20))
    cart = fill_cart({thing("100.00"): 1})

    assert quote(cart, country="FR").total == 120
    assert quote(cart, country="FR", vat_id=FRENCH).total == 100


@pytest.mark.parametrize(
    ("country", "vat_id"),
    [
        ("FR", ""),  # Nobody's company.
        ("DE", FRENCH),  # Sent within the shop's own country.
        ("FR", "DE136695976"),  # A company of the shop's own country.
        ("CH", FRENCH),  # Sent out of the Union.
        ("FR", "CHE107787577"),
    ],
)
def test_anybody_else_pays_with_tax(fill_cart, books, country, vat_id):
    TaxRateFactory(country="FR", percent=Decimal(20))
    cart = fill_cart({thing("120.00"): 1})

    priced = quote(cart, country=country, vat_id=vat_id)

    assert (priced.is_reverse_charge, priced.total) == (False, 120)


def test_free_delivery_begins_at_the_same_goods_for_companies(fill_cart, books):
    TaxRateFactory(country="FR", percent=Decimal(20))
    parcel = ShippingMethodFactory(price=money("6.00"), free_over=Decimal(120))
    cart = fill_cart({thing("120.00"): 1})

    assert quote(cart, country="FR", shipping_method=parcel).shipping_total == 0
    assert quote(cart, country="FR", shipping_method=parcel, vat_id=FRENCH).shipping_total == 0
