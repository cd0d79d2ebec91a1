"""The feed for Google's merchants has an item for each variant, with all that the format asks for."""

import time
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import feeds
from catalog.listing import refresh_listing
from catalog.models import Brand, PriceRule, Variant
from shop.models import ShopSettings
from tests.catalog.shelves import in_options, on_record_for, picture, shelve
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

G = "{http://base.google.com/ns/1.0}"
REQUIRED = {
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "price",
    "condition",
}


@pytest.fixture(autouse=True)
def _store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }


def read(client):
    root = ET.fromstring(client.get("/feeds/google.xml").getvalue())
    return [{each.tag.removeprefix(G): each.text for each in item} for item in root.iter("item")]


def test_a_thing_in_one_form_is_told_whole(client):
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=CategoryFactory(name="Kitchen & co"))
    mug = shelve(
        "24.00", name="Mug <large>", slug="mug", description="<p>For coffee &amp; tea.\x0b</p>",
        brand=Brand.objects.create(name="Kiln Room", slug="kiln-room"), category=mugs,
    )  # fmt: skip
    images = [picture(mug), picture(mug)]
    Variant.objects.update(barcode="4006381333931", weight_grams=350)
    on_record_for(mug, days=40)
    PriceRule.objects.create(name="Sale", percent=10, covers_all=True)
    refresh_listing()
    at = "http://testserver/pictures"

    response = client.get("/feeds/google.xml")

    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert read(client) == [
        {
            "id": str(mug.variants.get().pk),
            "title": "Mug <large>",
            "link": "http://testserver/p/mug/",
            "availability": "in_stock",
            "gtin": "4006381333931",
            "shipping_weight": "350 g",
            "image_link": f"{at}/{images[0].key}/full.jpg",
            "additional_image_link": f"{at}/{images[1].key}/full.jpg",
            "price": "24.00 EUR",
            "sale_price": "21.60 EUR",
            "description": "For coffee & tea.",
            "condition": "new",
            "brand": "Kiln Room",
            "product_type": "Kitchen & co > Mugs",
        }
    ]


def test_variants_are_items_of_one_group(client):
    mug = ProductFactory(name="Mug", slug="mug")
    first, second = in_options(
        mug, [(3, {"Glaze": "Sage", "Size": "Large"}), (0, {"Glaze": "Oat", "Size": "Small"})]
    )
    cover, own = picture(mug), picture(mug)
    Variant.objects.filter(pk=second.pk).update(image=own, compare_at_price=Decimal(20))

    large, small = read(client)

    assert large["item_group_id"] == small["item_group_id"] == str(mug.pk)
    assert (large["title"], small["title"]) == ("Mug, Sage, Large", "Mug, Oat, Small")
    assert (large["color"], large["size"]) == ("Sage", "Large")
    assert large["link"] == f"http://testserver/p/mug/?variant={first.pk}"
    assert (large["availability"], small["availability"]) == ("in_stock", "out_of_stock")
    assert cover.key in large["image_link"]
    assert own.key in small["image_link"]
    assert (large["price"], large.get("sale_price")) == ("12.50 EUR", None)
    assert (small["price"], small["sale_price"]) == ("20.00 EUR", "12.50 EUR")
    for each in (large, small):
        assert set(each) >= REQUIRED
        assert each["identifier_exists"] == "no"


def test_the_price_before_is_the_one_that_the_page_strikes_through(client):
    mug, bowl = shelve("30.00", slug="mug"), shelve("30.00", slug="bowl")
    for each in (mug, bowl):
        picture(each)
    on_record_for(mug, days=60)
    Variant.objects.filter(product=mug).update(price=Decimal(25))
    on_record_for(mug, days=10)
    Variant.objects.update(price=Decimal(20), compare_at_price=Decimal(50))
    on_record_for(bowl, days=20)
    Variant.objects.filter(product=bowl).update(price=Decimal(18))
    PriceRule.objects.create(name="Always", percent=10, covers_all=True)

    feed = {each["link"].rsplit("/", 2)[1]: each for each in read(client)}

    for product in (mug, bowl):
        page = client.get(product.get_absolute_url()).context["price"]
        item = feed[product.slug]
        was = Decimal(item["price"].split()[0]) if "sale_price" in item else None
        assert was == page.was
    assert (feed["mug"]["price"], feed["mug"]["sale_price"]) == ("25.00 EUR", "18.00 EUR")


def test_what_was_never_dearer_has_no_price_before(client):
    picture(shelve("30.00"))
    PriceRule.objects.create(name="Always", percent=10, covers_all=True)

    [item] = read(client)

    assert (item["price"], item.get("sale_price")) == ("27.00 EUR", None)


def test_only_what_can_be_shown_and_sold_is_in_it(client):
    for slug, status in [("draft", "draft"), ("old", "archived")]:
        picture(shelve(slug=slug, status=status))
    picture(shelve("0.00", slug="free"))
    shelve(slug="unseen")  # Without a picture.
    picture(shelve(slug="mug"))

    assert [each["link"] for each in read(client)] == ["http://testserver/p/mug/"]


def test_what_is_too_long_for_the_format_is_shortened(client):
    picture(shelve(name="M" * 200, description="word " * 3000))

    [item] = read(client)

    assert item["title"] == "M" * 149 + "…"
    assert len(item["description"]) <= 5000


def test_a_price_has_the_decimals_of_its_currency(client):
    ShopSettings(currency="JPY").save()
    picture(shelve("1200.00"))

    assert read(client)[0]["price"] == "1200 JPY"


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("96385074", True),
        ("036000291452", True),
        ("00012345600012", True),
        ("2000010000005", False),
        ("123", False),
        ("", False),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", False),
    ],
)
def test_only_numbers_that_check_are_told(code, is_one):
    assert feeds.is_gtin(code) is is_one


def test_who_has_the_feed_is_told_that_it_is_the_same(client):
    picture(shelve())
    first = client.get("/feeds/google.xml")
    known = {"If-None-Match": first["ETag"]}

    assert client.get("/feeds/google.xml", headers=known).status_code == 304
    since = {"If-Modified-Since": first["Last-Modified"]}
    assert client.get("/feeds/google.xml", headers=since).status_code == 304

    picture(shelve())
    cache.set(feeds.KNOWN, old(cache.get(feeds.KNOWN)))
    assert client.get("/feeds/google.xml", headers=known).status_code == 200


def old(feed, **changes):
    return feeds.Feed(**{**vars(feed), "built_at": time.time() - 1000, **changes})


def test_a_change_is_in_the_feed_as_soon_as_writing_it_costs_little(client, monkeypatch):
    built = []
    build = feeds.build

    def counted(known):
        built.append(known)
        return build(known)

    monkeypatch.setattr(feeds, "build", counted)
    picture(shelve())
    client.get("/feeds/google.xml")
    cache.set(feeds.KNOWN, old(cache.get(feeds.KNOWN), took=60))

    client.get("/feeds/google.xml")
    assert len(built) == 1  # It took a minute, so it is good for twenty.

    cache.set(feeds.KNOWN, old(cache.get(feeds.KNOWN), took=1))
    picture(shelve())
    assert len(read(client)) == 2
    assert len(built) == 2
    assert len(default_storage.listdir("feeds")[1]) == 1


def test_a_feed_that_was_lost_is_written_again(client):
    picture(shelve())
    client.get("/feeds/google.xml").getvalue()
    cache.set(feeds.KNOWN, old(cache.get(feeds.KNOWN), took=10**6))
    default_storage.delete(cache.get(feeds.KNOWN).name)

    assert len(read(client)) == 1


def test_a_feed_asks_as_much_for_one_thing_as_for_many(client):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            "".join(feeds.google())
        # The settings are read again every five seconds.
        return len([each for each in asked if "shop_shopsettings" not in each["sql"]])

    picture(shelve())
    queries()  # What a process remembers.
    few = queries()
    for _ in range(10):
        picture(shelve())

    assert queries() == few
