"""An old address leads to today's in one step, whatever was renamed and moved in between."""

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from catalog.models import Category, Product, ProductStatus, SlugChange
from tests.catalog.shelves import shelve
from tests.factories import CategoryFactory, ProductFactory, StaffFactory

pytestmark = pytest.mark.django_db

NAMES = ["a", "b", "c"]


def rename(thing, slug):
    """As the admin does it: load, change, save."""
    thing = type(thing).objects.get(pk=thing.pk)
    thing.slug = slug
    thing.save()


def test_a_thing_that_went_round_in_a_circle_is_where_it_began(client):
    mug = shelve(slug="a")
    for slug in ["b", "c", "a"]:
        rename(mug, slug)

    assert client.get("/p/a/").status_code == 200
    for old in ["/p/b/", "/p/c/"]:
        response = client.get(f"{old}?variant=7")
        assert (response.status_code, response["Location"]) == (301, "/p/a/?variant=7")
    assert not SlugChange.objects.filter(old_slug="a").exists()


def test_a_step_is_asked_for_anew_each_time(client):
    """A browser keeps a 301 for good, and would go in circles when the thing goes back."""
    rename(shelve(slug="a"), "b")

    assert client.get("/p/a/")["Cache-Control"] == "no-cache"


def test_an_old_address_does_not_tell_of_what_is_hidden(client):
    draft = ProductFactory(slug="a", status=ProductStatus.DRAFT)
    rename(draft, "secret-plan")
    hidden = CategoryFactory(slug="a", name="A", is_listed=False)
    CategoryFactory(slug="inside", name="Inside", parent=hidden)
    rename(hidden, "secret-shelf")

    addresses = ["/p/a/", "/c/a/", "/c/a/inside/"]

    assert [client.get(each).status_code for each in addresses] == [404] * 3
    client.force_login(StaffFactory())
    assert client.get("/p/a/")["Location"] == "/p/secret-plan/"


def test_the_old_address_of_a_thing_sold_no_more_leads_to_the_word_of_it(client):
    mug = shelve(slug="a")
    rename(mug, "b")
    Product.objects.update(status=ProductStatus.ARCHIVED)

    assert client.get("/p/a/", follow=True).status_code == 410


class Addresses(TestCase):
    """For any course of events: what an address led to last, it leads to now, in at most one step."""

    def leads_to(self, address):
        response = self.client.get(address)
        if response.status_code == 301:
            location = response["Location"]
            response = self.client.get(location)
            assert response.status_code == 200, f"{address} → {location} → {response.status_code}"
            return location
        return address if response.status_code == 200 else None

    @trial(max_examples=15, deadline=None)
    @given(some.lists(some.tuples(some.integers(0, 2), some.sampled_from(NAMES)), max_size=8))
    def test_products(self, renamings):
        things = [ProductFactory(slug=f"first-{number}") for number in range(3)]
        had = {f"first-{number}": each.pk for number, each in enumerate(things)}
        for number, slug in renamings:
            if Product.objects.filter(slug=slug).exclude(pk=things[number].pk).exists():
                continue
            rename(things[number], slug)
            had[slug] = things[number].pk

        now = dict(Product.objects.values_list("pk", "slug"))
        found = {slug: self.leads_to(f"/p/{slug}/") for slug in had}
        assert found == {slug: f"/p/{now[pk]}/" for slug, pk in had.items()}

    @trial(max_examples=15, deadline=None)
    @given(
        some.lists(
            some.tuples(
                some.integers(0, 3), some.sampled_from(NAMES), some.none() | some.integers(0, 3)
            ),
            max_size=6,
        )
    )
    def test_categories_and_all_that_is_in_them(self, moves):
        top = CategoryFactory(name="Top", slug="top")
        shelf = CategoryFactory(name="Shelf", slug="shelf", parent=top)
        shelves = [top, shelf, CategoryFactory(name="Deep", slug="deep", parent=shelf)]
        shelves.append(CategoryFactory(name="Other", slug="other"))
        had = dict(Category.objects.values_list("path", "pk"))
        for number, slug, into in moves:
            self.move(shelves[number], slug, None if into is None else shelves[into])
            had |= dict(Category.objects.values_list("path", "pk"))

        now = dict(Category.objects.values_list("pk", "path"))
        found = {path: self.leads_to(f"/c/{path}/") for path in had}
        assert found == {path: f"/c/{now[pk]}/" for path, pk in had.items()}

    def move(self, shelf, slug, parent):
        """Rename it and put it into another, where the tree allows that."""
        shelf = Category.objects.get(pk=shelf.pk)
        parent = parent and Category.objects.get(pk=parent.pk)
        if parent and parent.is_descendant_of(shelf, include_self=True):
            return
        if Category.objects.filter(parent=parent, slug=slug).exclude(pk=shelf.pk).exists():
            return
        shelf.slug, shelf.parent = slug, parent
        shelf.save()
