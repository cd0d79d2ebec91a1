"""What lists read of a product follows from its variants, prices, stock and pictures."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    Collection,
    CollectionItem,
    PriceRule,
    Product,
    StockItem,
)
from catalog.tasks import refresh_where_rules_turned
from tests.catalog.shelves import in_options, on_record_for, picture, shelve
from tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def listed(product):
    refresh_listing([product.pk])
    product.refresh_from_db()
    return product


def prices(product):
    listed(product)
    return product.price_from, product.price_to, product.was_price


def test_a_product_is_listed_from_its_cheapest_to_its_dearest_variant():
    product = ProductFactory()
    for size, price in [("Large", "30.00"), ("Small", "20.00")]:
        in_options(product, [(1, {"Size": size})], price)

    assert prices(product) == (Decimal("20.00"), Decimal("30.00"), None)


def test_a_rule_in_force_lowers_the_price_and_the_list_price_is_what_it_was():
    product = shelve("19.99")
    on_record_for(product, days=1)
    PriceRule.objects.create(name="Autumn", percent=15).products.add(product)

    assert prices(product) == (Decimal("16.99"), Decimal("16.99"), Decimal("19.99"))


def test_the_best_of_several_rules_wins():
    product = shelve("10.00")
    PriceRule.objects.create(name="All", percent=10, covers_all=True)
    PriceRule.objects.create(name="Best", percent=25).products.add(product)

    assert prices(product)[0] == Decimal("7.50")


@pytest.mark.parametrize(
    "facts",
    [
        {"is_active": False},
        {"ends_at": timezone.now() - timedelta(hours=1)},
        {"starts_at": timezone.now() + timedelta(hours=1)},
    ],
    ids=["switched off", "over", "to come"],
)
def test_a_rule_that_is_not_in_force_changes_nothing(facts):
    product = shelve("10.00")
    PriceRule.objects.create(name="Not now", percent=50, covers_all=True, **facts)

    assert prices(product) == (Decimal("10.00"), Decimal("10.00"), None)


def test_a_rule_of_a_category_reaches_the_shelves_below_it_and_no_others():
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    garden = CategoryFactory(name="Garden")
    mug, pot = shelve("10.00", category=mugs), shelve("10.00", category=garden)
    kitchen.refresh_from_db()
    PriceRule.objects.create(name="Kitchen week", percent=20).categories.add(kitchen)

    assert prices(mug)[0] == Decimal("8.00")
    assert prices(pot)[0] == Decimal("10.00")


def test_a_rule_of_a_category_reaches_what_only_also_stands_there():
    sale = CategoryFactory(name="Sale")
    mug = shelve("10.00")
    mug.categories.add(sale)
    PriceRule.objects.create(name="Sale", percent=50).categories.add(sale)

    assert prices(mug)[0] == Decimal("5.00")


def test_a_rule_of_a_collection_reaches_what_is_in_it():
    mug, bowl = shelve("10.00"), shelve("10.00")
    gifts = Collection.objects.create(name="Gifts", slug="gifts")
    CollectionItem.objects.create(collection=gifts, product=mug)
    PriceRule.objects.create(name="Gifts", percent=10).collections.add(gifts)

    assert prices(mug)[0] == Decimal("9.00")
    assert prices(bowl)[0] == Decimal("10.00")


def test_a_higher_price_before_is_what_it_was():
    product = ProductFactory()
    VariantFactory(product=product, price=Decimal("32.00"), compare_at_price=Decimal("38.00"))

    assert prices(product)[2] == Decimal("38.00")


def test_a_price_before_that_is_not_higher_is_not_told():
    product = ProductFactory()
    VariantFactory(product=product, price=Decimal("32.00"), compare_at_price=Decimal("32.00"))

    assert prices(product)[2] is None


def test_what_it_was_belongs_to_the_cheapest_variant():
    product = ProductFactory()
    in_options(product, [(1, {"Size": "Small"})], "20.00")
    (large,) = in_options(product, [(1, {"Size": "Large"})], "32.00")
    large.compare_at_price = Decimal("38.00")
    large.save()

    assert prices(product)[2] is None


def test_a_product_is_available_while_one_of_a_variant_can_be_ordered():
    product = ProductFactory()
    sold_out = VariantFactory(product=product, stock=0)
    assert not listed(product).is_available

    StockItem.receive(sold_out.pk, 1, cause="delivery:1")
    assert listed(product).is_available

    StockItem.allocate({sold_out.pk: 1}, cause="order:1")
    assert not listed(product).is_available


def test_what_is_not_counted_or_may_be_ordered_ahead_is_available():
    uncounted, ahead = VariantFactory(stock=0), VariantFactory(stock=0)
    StockItem.objects.filter(variant=uncounted).update(is_tracked=False)
    StockItem.objects.filter(variant=ahead).update(backorder_limit=3)

    assert listed(uncounted.product).is_available
    assert listed(ahead.product).is_available


def test_a_product_without_variants_has_no_price_and_cannot_be_had():
    product = ProductFactory()

    assert prices(product) == (None, None, None)
    assert not product.is_available


def test_the_last_variant_taken_away_takes_the_price_with_it():
    product = shelve("10.00")
    product.variants.all().delete()

    assert prices(product) == (None, None, None)


def test_the_first_picture_is_the_cover():
    product = shelve()
    picture(product, position=2)
    first = picture(product, position=1)

    assert listed(product).cover == first


def test_only_the_named_products_are_computed():
    named, other = shelve("10.00"), shelve("10.00")
    PriceRule.objects.create(name="All", percent=10, covers_all=True)

    assert refresh_listing([named.pk]) == 1

    other.refresh_from_db()
    assert other.price_from == Decimal("10.00")


def test_what_has_not_changed_is_left_alone():
    shelve(), shelve()

    assert refresh_listing() == 0


def test_words_are_the_same_whatever_plan_the_database_takes():
    product = ProductFactory()
    attributes = [
        Attribute.objects.create(name=name, slug=name.lower()) for name in ("Wood", "Room", "Care")
    ]
    for attribute in reversed(attributes):
        AttributeValue.objects.create(
            product=product, attribute=attribute, text=f"{attribute.name} word"
        )
    with connection.cursor() as cursor:
        for way in ("indexscan", "bitmapscan", "mergejoin", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        refresh_listing([product.pk])  # Row by row, as they lie.
        cursor.execute("SET LOCAL enable_mergejoin = on")
        cursor.execute("SET LOCAL enable_nestloop = off")

    assert refresh_listing([product.pk]) == 0  # Sorted by what they are joined by.


def test_the_command_mends_what_was_written_past_it(capsys):
    product = shelve("10.00")
    Product.objects.update(price_from=Decimal("1.00"), is_available=False)

    call_command("rebuild_listing")

    product.refresh_from_db()
    assert (product.price_from, product.is_available) == (Decimal("10.00"), True)
    assert "1 product had changed." in capsys.readouterr().out


def test_a_rule_that_has_just_begun_or_ended_is_seen_by_the_clock():
    begun, ended, untouched = shelve("10.00"), shelve("10.00"), shelve("10.00")
    now = timezone.now()
    Product.objects.filter(pk=ended.pk).update(price_from=Decimal("5.00"))
    Product.objects.filter(pk=untouched.pk).update(price_from=Decimal("5.00"))
    PriceRule.objects.create(
        name="Begun", percent=10, starts_at=now - timedelta(minutes=1)
    ).products.add(begun)
    PriceRule.objects.create(
        name="Ended", percent=50, ends_at=now - timedelta(minutes=1)
    ).products.add(ended)

    refresh_where_rules_turned.call()

    assert dict(Product.objects.values_list("pk", "price_from")) == {
        begun.pk: Decimal("9.00"),
        ended.pk: Decimal("10.00"),
        untouched.pk: Decimal("5.00"),
    }
