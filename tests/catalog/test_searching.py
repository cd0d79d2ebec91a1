"""Shoppers find things by words, also by words written wrong."""

import pytest

from catalog.finding.words import slips
from catalog.listing import refresh_listing
from catalog.models import Attribute, AttributeValue, Brand, ProductStatus, Variant
from tests.catalog.shelves import in_options, names_on, shelve
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """A few things that differ in all that can be searched for."""
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs & cups", slug="mugs", parent=kitchen)
    mug = shelve(
        sku="KL-MUG-01",
        name="Foot-ring stoneware mug",
        category=mugs,
        tags=["breakfast"],
        description="<p>It keeps coffee warm.</p>",
        brand=Brand.objects.create(name="Kiln Room", slug="kiln-room"),
    )
    teapot = ProductFactory(name="Round teapot", category=kitchen)
    in_options(teapot, [(5, {"Glaze": "Celadon"}), (5, {"Glaze": "Oat"})])
    material = Attribute.objects.create(name="Material", slug="material")
    AttributeValue.objects.create(product=teapot, attribute=material, text="Stoneware")
    shelve(name="Café au lait bowl", category=kitchen)
    shelve(name="Coffee spoon", category=kitchen)
    for variant in Variant.objects.exclude(product=mug):
        variant.sku = f"KL-{variant.pk}"
        variant.save()
    Variant.objects.filter(product=mug).update(barcode="4006381333931")
    refresh_listing()


def found(client, text, **query):
    return names_on(client.get("/search/", {"q": text, **query}))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("teapot", ["Round teapot"]),
        ("teapots", ["Round teapot"]),
        ("TEAPOT round", ["Round teapot"]),
        ("breakfast", ["Foot-ring stoneware mug"]),
        ("kiln room", ["Foot-ring stoneware mug"]),
        ("celadon", ["Round teapot"]),
        ("mugs", ["Foot-ring stoneware mug"]),
        ("cafe", ["Café au lait bowl"]),
        ("café", ["Café au lait bowl"]),
        ("CAFÉ", ["Café au lait bowl"]),
        ("stonew", ["Foot-ring stoneware mug", "Round teapot"]),
        ("stoneware tea", ["Round teapot"]),
        ('"round teapot"', ["Round teapot"]),
        ("stoneware -mug", ["Round teapot"]),
        ("spoon or bowl", ["Café au lait bowl", "Coffee spoon"]),
    ],
)
def test_words_find_things(client, shop, text, names):
    assert sorted(found(client, text)) == names


def test_a_name_weighs_more_than_a_description(client, shop):
    assert found(client, "coffee") == ["Coffee spoon", "Foot-ring stoneware mug"]


@pytest.mark.parametrize("code", ["KL-MUG-01", "kl-mug-01", "4006381333931"])
def test_an_article_number_or_barcode_comes_first(client, shop, code):
    shelve(name=f"Box for {code}", sold_count=99)

    assert found(client, code)[0] == "Foot-ring stoneware mug"


@pytest.mark.parametrize(
    ("text", "mended", "names"),
    [
        ("stonware tepot", "stoneware teapot", ["Round teapot"]),
        ("taepot", "teapot", ["Round teapot"]),
        ("mgu", "mug", ["Foot-ring stoneware mug"]),
        ("celadn", "celadon", ["Round teapot"]),
        ("breakfats", "breakfast", ["Foot-ring stoneware mug"]),
    ],
)
def test_slips_of_the_pen_are_mended_and_it_is_said(client, shop, text, mended, names):
    response = client.get("/search/", {"q": text})

    assert names_on(response) == names
    assert f"“{mended}”" in response.text
    assert f'value="{text}"' in response.text


def test_where_no_thing_has_all_words_those_with_some_are_shown(client, shop):
    response = client.get("/search/", {"q": "velvet teapot trumpet"})

    assert names_on(response) == ["Round teapot"]
    assert "Nothing has all of these words." in response.text


def test_nothing_found_is_said_with_ways_on(client, shop):
    response = client.get("/search/", {"q": "qqqqxyz"})

    assert response.status_code == 200
    assert "Nothing for “qqqqxyz”" in response.text
    assert len(response.context["others"]) == 4
    assert '<meta name="robots" content="noindex, follow">' in response.text


def test_an_empty_search_asks_what_is_looked_for(client, shop):
    for text in ["", "   "]:
        response = client.get("/search/", {"q": text})
        assert response.status_code == 200
        assert "What are you looking for?" in response.text


def test_where_nobody_asked_for_anything_everything_stands(client, shop):
    response = client.get("/search/", {"sort": "newest"})

    assert len(names_on(response)) == 4
    assert "Everything in the shop" in response.text


def test_a_category_of_that_name_is_offered(client, shop):
    response = client.get("/search/", {"q": "mugs"})

    assert [each.name for each in response.context["found"].named] == ["Mugs & cups"]


def test_what_is_not_in_the_shop_is_not_found_by_word_or_number(client):
    shelve(name="Secret kettle", sku="SECRET-1", status=ProductStatus.DRAFT)

    assert found(client, "kettle") == []
    assert found(client, "SECRET-1") == []


def test_results_are_narrowed_and_sorted_like_a_shelf(client, shop):
    shelve("99.00", name="Golden teapot")
    shelve("5.00", name="Tin teapot", stock=0)

    assert found(client, "teapot", sort="-price") == ["Golden teapot", "Round teapot", "Tin teapot"]
    assert sorted(found(client, "teapot", in_stock="1")) == ["Golden teapot", "Round teapot"]
    assert found(client, "teapot", price_min="500") == []
    assert "Nothing passes all of these filters" in (
        client.get("/search/", {"q": "teapot", "price_min": "500"}).text
    )


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        "\"><script>alert(1)</script>",
        "&|!():*",
        "a & | b",
        "\\",
        "'''",
        '"unfinished',
        "-",
        "or",
        "or or or",
        "-" * 200,
        "-(" * 100,
        '-"-' * 66,
        "a -" * 66,
        "-mug",
        "the",
        "the of and",
        "13\"",
        "🫖",
        "ﷺ" * 50,
        "x" * 5000,
        "word " * 500,
        "a:* | b",
        "%_%",
        "ⅷ",
        "²",
    ],
)  # fmt: skip
def test_no_text_breaks_the_search(client, shop, text):
    response = client.get("/search/", {"q": text})

    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_what_cannot_be_text_is_refused(client):
    assert client.get("/search/?q=mug%00").status_code == 400


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("mug", "mug", 0), ("mgu", "mug", 1), ("tepot", "teapot", 1), ("", "mug", 3), ("ab", "cd", 2)],
)
def test_slips_are_counted_as_people_make_them(one, other, number):
    assert slips(one, other) == number
