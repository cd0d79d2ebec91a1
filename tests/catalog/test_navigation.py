"""The menu is on every page, costs next to nothing, and tells the truth within seconds."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone
from time_machine import travel

from catalog import context_processors
from catalog.context_processors import forget_navigation, navigation
from catalog.models import Announcement
from shop.models import ShopSettings
from tests.catalog.shelves import picture
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(rf: RequestFactory):
    return rf.get("/")


def test_it_holds_the_listed_categories_of_two_levels_in_the_order_of_the_tree(request_):
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen", image=picture())
    garden = CategoryFactory(name="Garden", slug="garden")
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    CategoryFactory(name="Tall mugs", slug="tall", parent=mugs)
    CategoryFactory(name="Secret", slug="secret", parent=kitchen, is_listed=False)
    hidden = CategoryFactory(name="Hidden", slug="hidden", is_listed=False)
    CategoryFactory(name="Within", slug="within", parent=hidden)

    menu = navigation(request_)["navigation"]

    assert [item.name for item in menu] == ["Kitchen", garden.name]
    assert [(child.name, child.url) for child in menu[0].children] == [("Mugs", "/c/kitchen/mugs/")]
    assert menu[0].image["src"].endswith("/card.webp")
    assert (menu[0].image["width"], menu[0].image["height"]) == (400, 500)


def test_it_is_read_once_and_again_after_a_while(request_, django_assert_num_queries, monkeypatch):
    CategoryFactory(name="Kitchen")
    with django_assert_num_queries(3):  # Categories, announcements, and the shop's own words.
        navigation(request_)
        navigation(request_)

    CategoryFactory(name="Garden")
    assert len(navigation(request_)["navigation"]) == 1

    monkeypatch.setattr(context_processors, "MEMO_SECONDS", 0)
    assert len(navigation(request_)["navigation"]) == 2


def test_it_touches_no_session(request_):
    navigation(request_)  # The bare request has no session to touch.


def test_a_large_tree_leaves_a_small_menu(client):
    for number in range(14):
        top = CategoryFactory(name=f"Top {number}", slug=f"top-{number}")
    for number in range(25):
        CategoryFactory(name=f"Inner {number}", slug=f"inner-{number}", parent=top)
    forget_navigation()

    text = client.get("/search/").text

    assert [f"/c/top-{number}/" in text for number in (0, 11, 12)] == [True, True, False]
    assert text.count(">More</a>") == 2


def test_the_menu_of_a_top_category_shows_its_first_shelves(request_):
    top = CategoryFactory(name="Kitchen", slug="kitchen")
    for number in range(25):
        CategoryFactory(name=f"Inner {number}", slug=f"inner-{number}", parent=top)

    (item,) = navigation(request_)["navigation"]

    assert [each.name for each in item.children] == [f"Inner {number}" for number in range(20)]


# The line above every page


def announce(text, *, starts=None, ends=None, **facts):
    now = timezone.now()
    return Announcement.objects.create(
        text=text,
        starts_at=now + timedelta(hours=starts) if starts else None,
        ends_at=now + timedelta(hours=ends) if ends else None,
        **facts,
    )


def test_the_announcement_that_began_last_stands_above_every_page(client):
    announce("Always")
    announce("Since yesterday", starts=-24, ends=1)
    announce("Since this morning", starts=-2, link_url="/collections/winter/")
    announce("Tomorrow", starts=24)
    announce("Last week", starts=-200, ends=-100)
    announce("Off", starts=-1, is_active=False)

    for address in ("/", "/search/", "/cart/", "/no-such-page/"):
        text = client.get(address).text
        assert '<a href="/collections/winter/">Since this morning</a>' in text
        assert not any(each in text for each in ("Always", "yesterday", "Tomorrow", "Last", "Off"))


def test_an_announcement_begins_and_ends_by_the_clock_though_the_page_remembers(request_):
    announce("For an hour", starts=1, ends=2)
    remembered = context_processors.read().announcements
    texts = []
    for hours in (0, 1.5, 2.5):
        with travel(timezone.now() + timedelta(hours=hours)):
            notice = context_processors.notice_of(remembered)
            texts.append(notice and notice.text)
    assert texts == [None, "For an hour", None]


def test_the_shops_own_line_stands_where_nothing_is_announced(client):
    ShopSettings.objects.create(announcement="Free delivery over €60.")
    assert "<p>Free delivery over €60.</p>" in client.get("/").text
    announce("Winter sale")
    forget_navigation()
    assert "Free delivery" not in client.get("/").text


def test_another_announcement_is_shown_to_those_who_put_the_last_away(request_):
    first = announce("Winter sale")
    key = navigation(request_)["notice"].key
    first.text = "Spring sale"
    first.save()
    forget_navigation()
    assert navigation(request_)["notice"].key != key


def test_a_page_with_an_announcement_sets_no_cookie(client):
    announce("Winter sale")
    response = client.get("/")
    assert "data-notice" in response.text
    assert not response.cookies


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example/", "data:text/html,x"])
def test_an_announcement_leads_nowhere_else(address):
    with pytest.raises(IntegrityError), transaction.atomic():
        announce("Look", link_url=address)
