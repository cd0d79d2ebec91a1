"""The front door shows what staff put there, and is a shop even before they did."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from time_machine import travel

from catalog.listing import refresh_listing
from catalog.models import Collection, CollectionItem, HomeSection, Product, ProductStatus
from tests.catalog.shelves import json_ld, names_on, picture, shelve
from tests.factories import CategoryFactory, StaffFactory

pytestmark = pytest.mark.django_db


def collection(name, *products):
    made = Collection.objects.create(name=name, slug=name.lower())
    for position, product in enumerate(products):
        CollectionItem.objects.create(collection=made, product=product, position=position)
    return made


def test_a_shop_that_set_up_nothing_shows_its_categories_and_what_is_new(client):
    kitchen = CategoryFactory(name="Kitchen")
    mug = shelve(name="Mug", category=kitchen)
    picture(mug)
    refresh_listing()

    response = client.get("/")

    kinds = [shown.section.kind for shown in response.context["sections"]]
    assert kinds == ["hero", "categories", "newest"]
    assert names_on(response) == ["Mug"]
    assert response.text.count("<h1") == 1
    assert 'fetchpriority="high"' in response.text


def test_an_empty_shop_still_has_a_front_door(client):
    response = client.get("/")

    assert response.status_code == 200
    assert response.text.count("<h1") == 1


def test_sections_stand_in_their_order_and_hidden_or_empty_ones_are_left_out(client):
    CategoryFactory(name="Empty")
    shelve(name="Mug")
    HomeSection.objects.create(kind="newest", position=3)
    HomeSection.objects.create(kind="story", title="Ines throws them all", position=1)
    HomeSection.objects.create(kind="story", title="Not yet", position=2, is_shown=False)
    HomeSection.objects.create(kind="categories", position=4)
    HomeSection.objects.create(kind="promises", text="  \n ", position=5)
    HomeSection.objects.create(kind="collection", collection=collection("Bare"), position=6)

    response = client.get("/")

    assert [each.section.kind for each in response.context["sections"]] == ["story", "newest"]
    assert "Not yet" not in response.text
    assert response.text.count("<h1") == 1


def test_a_collection_shows_its_first_listed_things_in_its_order(client):
    things = [shelve(name=f"Thing {number}") for number in range(6)]
    things[1].status = ProductStatus.DRAFT
    things[1].save()
    HomeSection.objects.create(kind="collection", collection=collection("Loved", *things[::-1]))

    assert names_on(client.get("/")) == ["Thing 5", "Thing 4", "Thing 3", "Thing 2"]


def test_a_tile_counts_each_thing_once_and_borrows_a_picture(client):
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    bowls = CategoryFactory(name="Bowls", parent=kitchen)
    mug = shelve(category=mugs)
    mug.categories.add(bowls, kitchen)
    shelve(category=bowls)
    shelve(category=bowls, status=ProductStatus.DRAFT)
    cover = picture(mug)
    refresh_listing()

    (shown,) = [s for s in client.get("/").context["sections"] if s.section.kind == "categories"]

    assert [(t.category.name, t.count, t.image) for t in shown.tiles] == [("Kitchen", 2, cover)]


def test_promises_are_written_in_blocks_with_a_title_each(client):
    HomeSection.objects.create(
        kind="promises", text="Packed by hand\nFrom €4.90.\r\n\r\nThirty days\nSend it <back>."
    )

    text = client.get("/").text

    assert "<h2>Packed by hand</h2>" in text
    assert "<p>Send it &lt;back&gt;.</p>" in text


def test_the_things_in_the_picture_are_named_beneath_it(client):
    pot = shelve("79.00", name="Teapot", slug="teapot")
    HomeSection.objects.create(
        kind="hero", title="For the home", image=picture(), collection=collection("Hero", pot)
    )

    text = client.get("/").text

    assert '<a href="/p/teapot/">Teapot <span class="muted tabular">€79.00</span></a>' in " ".join(
        text.split()
    ).replace("> €", ">€").replace("0 <", "0<")


def test_search_engines_learn_who_the_shop_is(client):
    (data,) = json_ld(client.get("/"))

    assert [each["@type"] for each in data["@graph"]] == ["OnlineStore", "WebSite"]
    assert data["@graph"][1]["url"] == "http://testserver/"


def test_the_menu_has_a_page_of_its_own(client):
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    CategoryFactory(name="Secret", slug="secret", parent=kitchen, is_listed=False)
    shelve(category=kitchen)

    text = client.get("/categories/").text.split("<main", 1)[1].split("</main>")[0]

    assert 'href="/c/kitchen/mugs/"' in text
    assert "Secret" not in text
    assert client.get("/categories/").status_code == 200


def test_sections_come_and_go_by_the_clock(client):
    now = timezone.now()
    for title, starts, ends in [
        ("Always", None, None),
        ("Now", now - timedelta(hours=1), now + timedelta(hours=1)),
        ("To come", now + timedelta(hours=1), None),
        ("Over", None, now - timedelta(hours=1)),
    ]:
        HomeSection.objects.create(kind="story", title=title, starts_at=starts, ends_at=ends)

    titles = [shown.section.title for shown in client.get("/").context["sections"]]

    assert titles == ["Always", "Now"]


def test_staff_see_sections_before_shoppers_do(client):
    HomeSection.objects.create(kind="story", title="Shown", position=1)
    HomeSection.objects.create(kind="story", title="Not yet", position=2, is_shown=False)
    soon = timezone.now() + timedelta(days=1)
    HomeSection.objects.create(kind="story", title="Tomorrow", position=3, starts_at=soon)
    HomeSection.objects.create(kind="collection", collection=collection("Bare"), position=4)

    assert "Not yet" not in client.get("/?preview").text
    client.force_login(StaffFactory())
    page = client.get("/?preview")

    notes = {shown.section.title or "Bare": shown.note for shown in page.context["sections"]}
    assert list(notes) == ["Shown", "Not yet", "Tomorrow", "Bare"]
    assert (notes["Shown"], notes["Not yet"]) == ("", "Hidden")
    assert notes["Tomorrow"].startswith("From ")
    assert "nothing to show" in notes["Bare"]
    assert "noindex" in page.text
    assert "no-store" in page["Cache-Control"]
    assert "Not yet" not in client.get("/").text


def test_a_row_of_a_collection_leads_to_its_page(client):
    HomeSection.objects.create(kind="collection", collection=collection("Loved", shelve()))
    assert 'href="/collections/loved/"' in client.get("/").text


def test_sections_are_put_in_order_in_their_list(client):
    first = HomeSection.objects.create(kind="story", title="First", position=0)
    second = HomeSection.objects.create(kind="story", title="Second", position=1)
    client.force_login(StaffFactory())
    address = "/admin/catalog/homesection/"
    assert '?preview"' in client.get(address).text
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "Save"}
    for number, (section, place) in enumerate([(first, 1), (second, 0)]):
        data |= {f"form-{number}-id": section.pk, f"form-{number}-position": place}
        data |= {f"form-{number}-is_shown": "on"}
    assert client.post(address, data).status_code == 302
    titles = [shown.section.title for shown in client.get("/").context["sections"]]
    assert titles == ["Second", "First"]


def test_a_tile_borrows_the_picture_of_the_newest_on_its_first_shelf(client):
    kitchen = CategoryFactory(name="Kitchen")
    mugs = CategoryFactory(name="Mugs", parent=kitchen)
    bowls = CategoryFactory(name="Bowls", parent=kitchen)
    shelve(category=kitchen)
    now = timezone.now()
    covers = [
        picture(shelve(category=category, publish_at=now + timedelta(days=days)))
        for category, days in [(mugs, -2), (mugs, -1), (mugs, 1), (bowls, 0)]
    ]
    refresh_listing()

    (shown,) = [s for s in client.get("/").context["sections"] if s.section.kind == "categories"]

    assert [tile.image for tile in shown.tiles] == [covers[1]]


def test_a_product_shows_itself_when_its_time_has_come_and_staff_see_when(client):
    soon = timezone.now() + timedelta(hours=1)
    mug = shelve(name="Mug", publish_at=soon)
    HomeSection.objects.create(kind="newest")
    HomeSection.objects.create(kind="collection", collection=collection("Loved", mug))
    assert names_on(client.get("/")) == []
    client.force_login(StaffFactory())
    at = date_format(timezone.localtime(soon), "SHORT_DATETIME_FORMAT")
    assert f"from {at}" in client.get("/admin/catalog/product/").text
    with travel(soon + timedelta(seconds=1)):
        assert names_on(client.get("/")) == ["Mug", "Mug"]


@pytest.mark.parametrize(
    ("facts", "badge"),
    [
        ({"is_available": False, "was_price": 20}, ["Sold out"]),
        ({"was_price": 20}, ["Sale, 37% off"]),
        ({}, ["New"]),
        ({"publish_at": timezone.now() - timedelta(days=31)}, []),
    ],
    ids=["sold out before sale", "sale before new", "new for a month", "plain"],
)
def test_a_card_wears_one_badge_in_words(client, facts, badge):
    mug = shelve(stock=3)
    Product.objects.filter(pk=mug.pk).update(**facts)
    text = " ".join(client.get("/search/").text.split())
    assert re.findall(r'<p class="badge[^"]*">([^<]*)</p>', text) == badge
    assert ('tiny">3 left</span>' in text) == ("is_available" not in facts)
