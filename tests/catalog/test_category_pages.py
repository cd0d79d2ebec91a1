"""A shelf shows what is in the shop, in the order and within the limits that were asked for."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.listing import refresh_listing
from catalog.models import PriceRule, Product, ProductStatus
from tests.catalog.shelves import in_options, names_on, on_record_for, picture, shelve
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def kitchen():
    return CategoryFactory(name="Kitchen", slug="kitchen")


def test_a_shelf_shows_what_stands_on_it_and_below_it_and_what_also_stands_there(client, kitchen):
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    shelve(name="Jar", category=kitchen)
    shelve(name="Mug", category=mugs)
    spade = shelve(name="Spade", category=CategoryFactory(name="Garden"))
    spade.categories.add(mugs)
    refresh_listing([spade.pk])
    shelve(name="Lamp", category=CategoryFactory(name="Light"))

    assert sorted(names_on(client.get("/c/kitchen/"))) == ["Jar", "Mug", "Spade"]
    assert sorted(names_on(client.get("/c/kitchen/mugs/"))) == ["Mug", "Spade"]


def test_drafts_things_to_come_and_archived_things_are_not_shown(client, kitchen):
    shelve(category=kitchen, status=ProductStatus.DRAFT)
    shelve(category=kitchen, status=ProductStatus.ARCHIVED)
    shelve(category=kitchen, publish_at=timezone.now() + timedelta(days=1))

    response = client.get("/c/kitchen/")

    assert names_on(response) == []
    assert "This shelf is empty" in response.text


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["Bestseller", "Dear", "Cheap", "Gone"]),
        ("featured", ["Bestseller", "Dear", "Cheap", "Gone"]),
        ("newest", ["Gone", "Dear", "Cheap", "Bestseller"]),
        ("price", ["Cheap", "Gone", "Bestseller", "Dear"]),
        ("-price", ["Dear", "Bestseller", "Gone", "Cheap"]),
        ("rating", ["Cheap", "Dear", "Gone", "Bestseller"]),
        ("nonsense", ["Bestseller", "Dear", "Cheap", "Gone"]),
    ],
)
def test_a_shelf_is_sorted_as_asked(client, kitchen, sort, names):
    now = timezone.now()
    rows = [
        ("Bestseller", "20.00", 10, {"sold_count": 9, "publish_at": now - timedelta(days=9)}),
        ("Cheap", "5.00", 10, {"rating": Decimal("4.9"), "publish_at": now - timedelta(days=3)}),
        ("Dear", "90.00", 10, {"rating": Decimal("4.1"), "publish_at": now - timedelta(days=2)}),
        ("Gone", "10.00", 0, {"sold_count": 99, "publish_at": now - timedelta(days=1)}),
    ]
    for name, price, stock, facts in rows:
        shelve(price, stock=stock, name=name, category=kitchen, **facts)

    response = client.get("/c/kitchen/", {"sort": sort})

    assert names_on(response) == names


def test_things_that_are_alike_never_change_places_between_pages(client, kitchen):
    moment = timezone.now()
    for number in range(30):
        shelve(name=f"Mug {number}", category=kitchen, publish_at=moment)

    for sort in ["featured", "newest", "price", "-price", "rating"]:
        first = names_on(client.get("/c/kitchen/", {"sort": sort}))
        second = names_on(client.get("/c/kitchen/", {"sort": sort, "page": 2}))
        assert (len(first), len(second)) == (24, 6)
        assert len({*first, *second}) == 30


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"in_stock": "1"}, ["Bowl", "Mug"]),
        ({"sale": "1"}, ["Bowl"]),
        ({"price_min": "20"}, ["Bowl", "Gone"]),
        ({"price_max": "19.99"}, ["Mug"]),
        ({"price_min": "15", "price_max": "25"}, ["Bowl"]),
        ({"price_min": "abc", "in_stock": "1"}, ["Bowl", "Mug"]),
        ({"price_min": "-5"}, ["Bowl", "Gone", "Mug"]),
        ({"price_min": "1e9999"}, ["Bowl", "Gone", "Mug"]),
        ({"price_min": "NaN"}, ["Bowl", "Gone", "Mug"]),
        ({"price_min": "9" * 5000}, ["Bowl", "Gone", "Mug"]),
    ],
)
def test_a_shelf_is_narrowed_as_asked_and_nonsense_is_left_out_of_account(
    client, kitchen, query, names
):
    shelve("10.00", name="Mug", category=kitchen)
    bowl = shelve("25.00", name="Bowl", category=kitchen)
    on_record_for(bowl, days=1)
    PriceRule.objects.create(name="Sale", percent=20).products.add(bowl)
    shelve("30.00", name="Gone", category=kitchen, stock=0)
    refresh_listing()

    response = client.get("/c/kitchen/", query)

    assert response.status_code == 200
    assert sorted(names_on(response)) == names


def test_a_price_that_cannot_be_understood_is_told_beside_its_field(client, kitchen):
    response = client.get("/c/kitchen/", {"price_min": "60", "price_max": "20"})

    assert "Write the lower price first, like 20 to 60." in response.text
    assert 'aria-invalid="true"' in response.text


def test_chosen_filters_can_be_taken_away_one_by_one(client, kitchen):
    response = client.get(
        "/c/kitchen/", {"in_stock": "1", "price_max": "50", "sort": "price", "page": "1"}
    )

    form = response.context["form"]
    assert [(chip.text, chip.query) for chip in form.chips] == [
        ("Up to €50.00", "?in_stock=1&sort=price"),
        ("In stock now", "?price_max=50&sort=price"),
    ]
    assert form.query_unfiltered == "?sort=price"
    assert "Nothing passes all of these filters" in response.text


def test_htmx_gets_the_middle_of_the_page_and_an_address_without_empty_fields(client, kitchen):
    shelve(name="Mug", category=kitchen)

    response = client.get(
        "/c/kitchen/",
        {"price_min": "", "price_max": "", "in_stock": "1", "sort": "featured"},
        headers=HTMX,
    )

    assert names_on(response) == ["Mug"]
    assert "<html" not in response.text
    assert 'id="results"' in response.text
    assert response["HX-Push-Url"] == "/c/kitchen/?in_stock=1"
    assert "HX-Request" in response["Vary"]


def test_a_page_restored_from_history_comes_whole(client, kitchen):
    response = client.get("/c/kitchen/", headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert "<html" in response.text


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("2", 1),
        ("99999999999999999999", 1),
        ("9" * 5000, 24),
        ("0", 1),
        ("-1", 1),
        ("abc", 24),
        ("", 24),
        ("1.5", 24),
    ],
)
def test_a_page_number_out_of_reach_shows_a_page_that_is_there(client, kitchen, number, names):
    for each in range(25):
        shelve(name=f"Mug {each}", category=kitchen)

    response = client.get("/c/kitchen/", {"page": number})

    assert response.status_code == 200
    assert len(names_on(response)) == names


def test_a_shelf_leads_to_those_inside_it_and_a_leaf_to_those_beside_it(client, kitchen):
    CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    CategoryFactory(name="Jars", slug="jars", parent=kitchen)
    CategoryFactory(name="Secret", slug="secret", parent=kitchen, is_listed=False)

    above = client.get("/c/kitchen/").context["beside"]
    leaf = client.get("/c/kitchen/mugs/").context["beside"]

    assert [shelf.name for shelf in above["shelves"]] == ["Mugs", "Jars"]
    assert [shelf.name for shelf in leaf["shelves"]] == ["Mugs", "Jars"]
    assert leaf["whole"] == kitchen


def test_an_unlisted_shelf_and_what_is_in_it_are_not_found(client):
    secret = CategoryFactory(name="Secret", slug="secret", is_listed=False)
    CategoryFactory(name="Inside", slug="inside", parent=secret)

    assert client.get("/c/secret/").status_code == 404
    assert client.get("/c/secret/inside/").status_code == 404


@pytest.mark.parametrize("path", ["/c/nothing/", "/c/kitchen/nothing/", "/c/%F0%9F%AB%96/"])
def test_a_shelf_nobody_made_is_not_found(client, kitchen, path):
    assert client.get(path).status_code == 404


def test_a_card_tells_what_is_left_only_where_few_are(client, kitchen):
    shelve(name="Few", category=kitchen, stock=3)
    shelve(name="Many", category=kitchen, stock=30)

    cards = {each.name: each for each in client.get("/c/kitchen/").context["page"]}

    assert cards["Few"].stock_left == 3
    assert cards["Many"].stock_left is None


def test_a_card_adds_a_thing_at_once_only_where_there_is_nothing_to_choose(client, kitchen):
    plain = shelve(name="Plain", category=kitchen, stock=3)
    shelve(name="Gone", category=kitchen, stock=0)
    two = ProductFactory(name="Two of them", category=kitchen)
    in_options(two, [(3, {"Size": "Large"}), (3, {"Size": "Small"})])
    refresh_listing()

    text = client.get("/c/kitchen/").text

    assert text.count('class="card__add"') == 1
    assert f'name="variant" value="{plain.variants.get().pk}"' in text
    assert 'aria-label="Add Plain to the cart"' in text


def test_the_first_picture_is_fetched_before_others_and_the_rest_later(client, kitchen):
    for number in range(3):
        picture(shelve(name=f"Mug {number}", category=kitchen))
    refresh_listing()

    text = client.get("/c/kitchen/").text

    assert text.count('fetchpriority="high"') == 1
    assert text.count('loading="lazy"') == 2
    assert Product.objects.filter(cover__isnull=False).count() == 3
