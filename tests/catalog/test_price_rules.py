"""Prices that are lower for a while: by how much, of what, since when, and told everywhere alike."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from catalog.invariants import lists_are_up_to_date
from catalog.listing import refresh_listing
from catalog.models import Collection, CollectionItem, PriceRule, Product, Variant
from catalog.prior_price import prior_prices
from catalog.tasks import refresh_where_rules_turned
from tests.factories import CategoryFactory, ProductFactory, StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def thing(price: str = "20.00", **given: Any) -> Any:
    return VariantFactory(price=Decimal(price), **given)


def rule(**given: Any) -> PriceRule:
    return PriceRule.objects.create(**{"name": "Sale"} | given)


def priced(*variants: Variant) -> list[Decimal]:
    """The prices that pages show and carts charge, after having seen that lists tell the same."""
    found = {each.pk: each.effective_price for each in Variant.objects.priced()}
    refresh_listing()
    for product in Product.objects.filter(variants__in=variants):
        prices = [found[pk] for pk in product.variants.values_list("pk", flat=True)]
        assert (product.price_from, product.price_to) == (min(prices), max(prices))
    return [found[each.pk] for each in variants]


def test_a_percentage_or_an_amount_is_taken_off_the_list_price() -> None:
    mug, bowl = thing("20.00"), thing("9.99")
    rule(percent=Decimal(15)).products.add(mug.product)
    rule(amount=Decimal("2.50")).products.add(bowl.product)

    assert priced(mug, bowl) == [Decimal("17.00"), Decimal("7.49")]


def test_half_a_cent_goes_up() -> None:
    mug = thing("0.05")
    rule(percent=Decimal(10), covers_all=True)

    assert priced(mug) == [Decimal("0.05")]  # 0.045
    rule(percent=Decimal(30), covers_all=True)
    assert priced(mug) == [Decimal("0.04")]  # 0.035


def test_an_amount_beyond_the_price_makes_it_nothing() -> None:
    mug = thing("2.00")
    rule(amount=Decimal(5), covers_all=True)

    assert priced(mug) == [0]


def test_of_several_rules_the_one_that_leaves_least_holds_for_each_price_anew() -> None:
    cheap, dear = thing("10.00"), thing("100.00")
    rule(percent=Decimal(10), covers_all=True)
    rule(amount=Decimal(5), covers_all=True)

    assert priced(cheap, dear) == [5, 90]


def test_rules_do_not_add_up() -> None:
    mug = thing("100.00")
    for percent in (10, 20):
        rule(percent=Decimal(percent), covers_all=True)

    assert priced(mug) == [80]


def test_a_rule_may_name_one_variant_of_a_product() -> None:
    small = thing("20.00")
    large = VariantFactory(product=small.product, price=Decimal("30.00"), options_key="L")
    rule(amount=Decimal(4)).variants.add(large)

    assert priced(small, large) == [20, 26]
    refresh_listing()
    assert not list(lists_are_up_to_date())


def test_a_rule_names_products_categories_with_all_beneath_and_collections() -> None:
    kitchen = CategoryFactory(name="Kitchen")
    cups = CategoryFactory(name="Cups", parent=kitchen)
    named, placed, also, collected, other = (
        thing(), thing(product__category=cups), thing(), thing(), thing(),
    )  # fmt: skip
    also.product.categories.add(cups)
    shelf = Collection.objects.create(name="Breakfast", slug="breakfast")
    CollectionItem.objects.create(collection=shelf, product=collected.product)
    half = rule(percent=Decimal(50))
    half.products.add(named.product)
    half.categories.add(kitchen)
    half.collections.add(shelf)

    assert priced(named, placed, also, collected, other) == [10, 10, 10, 10, 20]


def test_no_rule_goes_below_the_least_price() -> None:
    mug = thing("20.00", minimum_price=Decimal("15.00"))
    wrong = thing("10.00", minimum_price=Decimal("15.00"))
    rule(percent=Decimal(50), covers_all=True)

    assert priced(mug, wrong) == [15, 10]


def test_a_rule_holds_from_its_first_moment_to_its_last_and_lists_follow_by_the_clock() -> None:
    now = timezone.now()
    mug = thing()
    refresh_listing()
    rule(
        percent=Decimal(50),
        covers_all=True,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
    )

    def listed(hours: float) -> Decimal | None:
        with time_machine.travel(now + timedelta(hours=hours, minutes=1)):
            refresh_where_rules_turned.call()
            return Product.objects.get(pk=mug.product_id).price_from

    assert [listed(hours) for hours in (0, 1, 2)] == [20, 10, 20]


def test_a_rule_that_is_off_takes_nothing_off() -> None:
    mug = thing()
    rule(percent=Decimal(50), covers_all=True, is_active=False)

    assert priced(mug) == [20]


def test_the_price_before_counts_amounts_of_earlier_rules() -> None:
    """Five off for a while, and half off a fortnight later: the lowest price of those days was 15."""
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=40)):
        mug = thing("20.00")
    type(mug).price_history.rel.related_model.objects.update(
        pgh_created_at=now - timedelta(days=40)
    )
    earlier = rule(
        amount=Decimal(5), starts_at=now - timedelta(days=20), ends_at=now - timedelta(days=15)
    )
    earlier.products.add(mug.product)
    half = rule(percent=Decimal(50), starts_at=now - timedelta(days=1))
    half.products.add(mug.product)
    PriceRule.terms.rel.related_model.objects.update(pgh_created_at=now - timedelta(days=30))

    assert prior_prices(Variant.objects.priced()) == {mug.pk: Decimal("15.00")}


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"percent": 10, "amount": 5},
        {"amount": 0},
        {"amount": -1},
        {"percent": 0},
        {"percent": 101},
    ],
)
def test_a_rule_takes_off_one_thing_and_not_nothing(terms: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(**terms)


def test_staff_set_an_amount_for_one_variant_and_lists_follow(client: Client) -> None:
    client.force_login(StaffFactory())
    mug = thing("20.00")
    refresh_listing()
    typed = {"name": "Second choice", "amount": "6", "is_active": "on", "variants": [mug.pk]}

    assert client.post("/admin/catalog/pricerule/add/", typed).status_code == 302

    assert Product.objects.get(pk=mug.product_id).price_from == 14
    assert "€6.00" in client.get("/admin/catalog/pricerule/").text


@pytest.mark.parametrize("typed", [{}, {"percent": "10", "amount": "5"}, {"amount": "-5"}])
def test_staff_are_told_what_a_rule_needs(client: Client, typed: dict[str, str]) -> None:
    client.force_login(StaffFactory())

    page = client.post("/admin/catalog/pricerule/add/", {"name": "Sale", "is_active": "on"} | typed)

    assert page.status_code == 200
    assert "Give either a percentage or an amount above 0." in page.text


def test_a_rule_that_is_gone_leaves_the_list_price(client: Client) -> None:
    client.force_login(StaffFactory())
    mug = VariantFactory(product=ProductFactory(), price=Decimal("20.00"))
    gone = rule(amount=Decimal(5))
    gone.variants.add(mug)
    assert priced(mug) == [15]

    client.post(f"/admin/catalog/pricerule/{gone.pk}/delete/", {"post": "yes"})

    assert Product.objects.get(pk=mug.product_id).price_from == 20
