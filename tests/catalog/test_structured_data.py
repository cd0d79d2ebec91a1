"""What search engines read says what the page says."""

from decimal import Decimal

import pytest

from catalog.listing import refresh_listing
from catalog.models import Brand, PriceRule, Product, StockItem, Variant
from tests.catalog.shelves import in_options, json_ld, picture, shelve
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_a_thing_in_one_form_is_a_product_with_its_offer(client):
    mug = shelve(
        "24.00",
        name="Mug",
        slug="mug",
        sku="KL-1",
        description="<p>For coffee &amp; tea.</p><p>Holds 300 ml.</p>",
        brand=Brand.objects.create(name="Kiln Room", slug="kiln-room"),
    )
    Variant.objects.update(barcode="4006381333931")
    image = picture(mug)
    PriceRule.objects.create(name="Sale", percent=10, covers_all=True)
    refresh_listing()

    data = json_ld(client.get("/p/mug/"))[0]

    variant = mug.variants.get()
    assert data == {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Mug",
        "description": "For coffee & tea. Holds 300 ml.",
        "url": "http://testserver/p/mug/",
        "image": [f"http://testserver/pictures/{image.key}/full.jpg"],
        "brand": {"@type": "Brand", "name": "Kiln Room"},
        "sku": "KL-1",
        "gtin": "4006381333931",
        "offers": {
            "@type": "Offer",
            "url": f"http://testserver/p/mug/?variant={variant.pk}",
            "price": "21.60",
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock",
            "itemCondition": "https://schema.org/NewCondition",
            "seller": {"@id": "http://testserver/#shop"},
        },
    }


def test_a_thing_in_several_forms_is_a_group_with_an_offer_for_each(client):
    pot = ProductFactory(name="Pot", slug="pot")
    sage, oat = in_options(
        pot,
        [(5, {"Colour": "Sage", "Size": "Large"}), (0, {"Colour": "Oat", "Size": "Large"})],
        "79.00",
    )

    data = json_ld(client.get("/p/pot/"))[0]

    assert data["@type"] == "ProductGroup"
    assert data["productGroupID"] == str(pot.pk)
    assert data["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    assert "offers" not in data
    first, second = data["hasVariant"]
    assert (first["name"], first["color"], first["size"]) == ("Pot, Sage, Large", "Sage", "Large")
    assert first["sku"] == sage.sku
    assert first["offers"]["price"] == "79.00"
    assert first["offers"]["availability"] == "https://schema.org/InStock"
    assert second["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert second["offers"]["url"].endswith(f"/p/pot/?variant={oat.pk}")


def test_no_rating_is_told_where_there_is_none(client):
    mug = shelve(slug="mug")
    assert "aggregateRating" not in json_ld(client.get("/p/mug/"))[0]

    Product.objects.filter(pk=mug.pk).update(rating=Decimal("4.75"), rating_count=4)
    rating = json_ld(client.get("/p/mug/"))[0]["aggregateRating"]
    assert (rating["ratingValue"], rating["reviewCount"]) == ("4.8", 4)


def test_a_sold_out_thing_is_told_to_be_so(client):
    shelve(slug="mug")
    StockItem.objects.update(on_hand=0)

    offer = json_ld(client.get("/p/mug/"))[0]["offers"]

    assert offer["availability"] == "https://schema.org/OutOfStock"


def test_words_cannot_leave_the_script_they_stand_in(client):
    name = "Mug </script><script>alert(1)</script><!-- & \u2028"
    shelve(name=name, slug="mug")

    response = client.get("/p/mug/")

    assert "<script>alert(1)" not in response.text
    assert json_ld(response)[0]["name"] == name
    assert json_ld(response)[1]["itemListElement"][-1]["name"] == name


def test_the_trail_is_the_one_that_is_seen(client):
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    shelve(name="Mug", slug="mug", category=mugs)

    response = client.get("/p/mug/")

    trail = json_ld(response)[1]
    assert trail["@type"] == "BreadcrumbList"
    assert [(step["name"], step["item"]) for step in trail["itemListElement"]] == [
        ("Home", "http://testserver/"),
        ("Kitchen", "http://testserver/c/kitchen/"),
        ("Mugs", "http://testserver/c/kitchen/mugs/"),
        ("Mug", "http://testserver/p/mug/"),
    ]
    crumbs = response.text.split('class="crumbs"')[1].split("</nav>")[0]
    assert [name in crumbs for name in ["Home", "Kitchen", "Mugs", "Mug"]] == [True] * 4
    shelf = json_ld(client.get("/c/kitchen/mugs/"))[0]
    assert [step["name"] for step in shelf["itemListElement"]] == ["Home", "Kitchen", "Mugs"]


def test_the_way_over_a_hidden_shelf_is_not_shown(client):
    hidden = CategoryFactory(name="Hidden", is_listed=False)
    shelve(name="Mug", slug="mug", category=CategoryFactory(name="Within", parent=hidden))

    steps = json_ld(client.get("/p/mug/"))[1]["itemListElement"]

    assert [step["name"] for step in steps] == ["Home", "Mug"]
