"""While somebody types, the search offers how it may go on."""

import re

import pytest

from catalog.finding.suggesting import complete
from catalog.listing import refresh_listing
from catalog.models import Brand, ProductStatus
from tests.catalog.shelves import shelve
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    mugs = CategoryFactory(name="Stoneware mugs", slug="stoneware-mugs")
    CategoryFactory(name="Stone garden", slug="stone-garden", is_listed=False)
    brand = Brand.objects.create(name="Kiln Room", slug="kiln-room")
    shelve("24.00", name="Stoneware mug", category=mugs, brand=brand, sold_count=9)
    shelve("30.00", name="Stoneware mug, tall", sold_count=2)
    shelve("9.00", name="Stoneware bowl", sold_count=5)
    shelve("99.00", name="Oak board")
    shelve(name="Stone secret", status=ProductStatus.DRAFT)
    refresh_listing()


def offered(client, text):
    """The rows by group, as words."""
    answer = client.get("/search/suggestions/", {"q": text})
    assert answer.status_code == 200
    groups = re.split(r'role="group" aria-label="([^"]*)"', answer.text)[1:]
    return {
        name: re.findall(r'data-text="([^"]*)"', part)
        for name, part in zip(groups[::2], groups[1::2], strict=True)
    }


def test_searches_categories_and_things_are_offered_best_first(client, shop):
    assert offered(client, "stonew") == {
        "Searches": ["stoneware", "stoneware mug"],
        "Categories": ["Stoneware mugs"],
        "Things": ["Stoneware mug", "Stoneware bowl", "Stoneware mug, tall"],
    }


def test_what_was_typed_is_plain_and_what_follows_is_bold_with_price_and_brand(client, shop):
    text = client.get("/search/suggestions/?q=stonew").text

    assert "<span>stonew<b>are</b></span>" in text
    assert "€24.00" in text
    assert "Kiln Room" in text
    assert 'data-said="6 suggestions"' in text


def test_the_last_of_several_words_is_completed_by_things_that_have_the_others(client, shop):
    assert offered(client, "stoneware bo")["Searches"] == ["stoneware bowl"]
    assert offered(client, "stoneware oa") == {}


def test_accents_and_capitals_make_no_difference(client):
    shelve(name="Café bowl")

    assert offered(client, "CAF")["Searches"] == ["café"]
    assert offered(client, "café")["Things"] == ["Café bowl"]


@pytest.mark.parametrize(
    "text", ["", " ", "s", "%", "%%", "_a", "\\", "''", '"', "&|!", "-s", "🫖🫖", "ﷺ" * 300, "x " * 1000]
)  # fmt: skip
def test_what_cannot_be_completed_brings_nothing(client, shop, text):
    assert offered(client, text) == {}


def test_ten_rows_are_the_most(client):
    for number in range(12):
        CategoryFactory(name=f"Lamps {number}", slug=f"lamps-{number}")
        shelve(name=f"Lampshade of lamplight {number}")

    groups = offered(client, "lamp")

    assert sum(map(len, groups.values())) <= 10
    assert len(groups["Things"]) == 5


def test_rare_things_are_found_behind_many_that_sell_better(client, monkeypatch):
    monkeypatch.setattr("catalog.finding.suggesting.WALKED", 3)
    for number in range(5):
        shelve(name=f"Mug {number}", sold_count=50)
    shelve(name="Zither")

    assert offered(client, "zith")["Things"] == ["Zither"]


def test_suggestions_cost_little_and_may_be_kept_for_a_minute(
    client, shop, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        answer = client.get("/search/suggestions/?q=stonew")

    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    again = client.get("/search/suggestions/?q=stonew", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_pair_is_offered_only_where_several_things_have_it():
    names = ["Oak board", "Oak board, large", "Oak bowl"]

    assert [each.text for each in complete(["oa"], ["oak"], names)] == ["oak", "oak board"]
    assert [each.text for each in complete(["oak", "bo"], [], names)] == ["oak board", "oak bowl"]
