"""The menu is on every page, costs next to nothing, and tells the truth within seconds."""

import pytest
from django.test import RequestFactory

from catalog import context_processors
from catalog.context_processors import navigation
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
    with django_assert_num_queries(1):
        navigation(request_)
        navigation(request_)

    CategoryFactory(name="Garden")
    assert len(navigation(request_)["navigation"]) == 1

    monkeypatch.setattr(context_processors, "MEMO_SECONDS", 0)
    assert len(navigation(request_)["navigation"]) == 2


def test_it_touches_no_session(request_):
    navigation(request_)  # The bare request has no session to touch.
