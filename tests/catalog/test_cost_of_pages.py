"""A page of the catalogue asks the database few questions, however much it shows, and sets no cookie."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.context_processors import forget_navigation
from catalog.listing import refresh_listing
from catalog.models import (
    Attribute,
    AttributeValue,
    Collection,
    CollectionItem,
    HomeSection,
    PriceRule,
)
from reviews.models import recount
from shop.models import ShopSettings
from tests.catalog.shelves import in_options, on_record_for, picture
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    ReviewFactory,
    ShippingMethodFactory,
    ShippingZoneFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _slow_machines_remember_as_long(monkeypatch):
    monkeypatch.setattr("catalog.context_processors.MEMO_SECONDS", 600)
    monkeypatch.setattr("shop.models.settings.MEMO_SECONDS", 600)


CEILINGS = {
    "/": 10,
    "/categories/": 10,
    "/c/kitchen/": 12,
    "/c/kitchen/mugs/": 12,
    "/c/kitchen/?in_stock=1&sort=price&page=2": 12,
    "/p/mug-0/": 14,
    "/p/mug-0/?variant=1": 14,
    "/search/?q=mug": 12,
    "/search/?q=mgu": 12,
    "/search/?q=velvet+mug": 12,
    "/search/?q=zzzzzz": 12,
    "/search/": 12,
}


def fill(number):
    """So many things on a shelf, each with pictures, variants, facts and reviews; so many shelves."""
    kitchen = CategoryFactory(name=f"Kitchen {number}", slug="kitchen")
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    for each in range(number):
        CategoryFactory(name=f"Other {each}")
        CategoryFactory(name=f"Inside {each}", parent=kitchen)
    material = Attribute.objects.create(name="Material", slug="material")
    chosen = Collection.objects.create(name="Chosen", slug="chosen")
    for each in range(number):
        mug = ProductFactory(name=f"Mug {each}", slug=f"mug-{each}", category=mugs)
        variants = [
            (stock, {"Colour": colour, "Size": size})
            for stock, colour in enumerate(["Sage", "Oat"])
            for size in map(str, range(number))
        ]
        for variant in in_options(mug, variants):
            variant.image = picture(mug)
            variant.save()
        AttributeValue.objects.create(product=mug, attribute=material, text="Clay")
        CollectionItem.objects.create(collection=chosen, product=mug)
        for _each in range(number):
            ReviewFactory(product=mug, status="published")
        recount(mug.pk)
    for kind in ["hero", "categories", "newest", "collection", "story", "promises"]:
        HomeSection.objects.create(kind=kind, title=kind, text="text", collection=chosen)
    ShippingMethodFactory(zone=ShippingZoneFactory(countries=["DE"]))
    refresh_listing()


def counts(client):
    found = {}
    for address in CEILINGS:
        ShopSettings.forget()
        forget_navigation()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        found[address] = len(asked)
    return found


def test_pages_stay_below_their_ceilings(client):
    fill(3)

    assert {a: n for a, n in counts(client).items() if n > CEILINGS[a]} == {}


def test_pages_ask_as_much_for_one_thing_as_for_many(client):
    fill(5)  # Enough for a full row of other things from the same shelf.
    few = counts(client)
    for model in [HomeSection, CollectionItem, Collection, AttributeValue, Attribute]:
        model.objects.all().delete()
    from catalog.models import Category, Product

    Product.objects.all().delete()
    Category.objects.filter(level=1).delete()
    Category.objects.all().delete()
    fill(7)

    assert counts(client) == few


def test_a_reduced_thing_with_two_hundred_variants_asks_as_much_as_one_with_two(client):
    mug, pot = ProductFactory(slug="mug"), ProductFactory(slug="pot")
    in_options(mug, [(1, {"Size": "S"}), (1, {"Size": "L"})])
    in_options(pot, [(n % 3, {"Shade": str(n // 8), "Size": str(n % 8)}) for n in range(200)])
    for each in [mug, pot]:
        on_record_for(each, days=60)
    PriceRule.objects.create(name="Sale", percent=20, covers_all=True)
    asked = {}
    for slug in ["mug", "pot"]:
        client.get(f"/p/{slug}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/p/{slug}/").context["price"].was == Decimal("12.50")
        asked[slug] = len(queries)

    assert asked["mug"] == asked["pot"] <= 13


@pytest.mark.parametrize("address", [*CEILINGS, "/sitemap.xml", "/p/nothing/"])
def test_a_visitor_without_a_session_is_given_no_cookie(client, address):
    fill(1)

    response = client.get(address)

    assert not response.cookies
    assert "Cookie" not in response["Vary"]
    assert "no-store" not in response.get("Cache-Control", "")
