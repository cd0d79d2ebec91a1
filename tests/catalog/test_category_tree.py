"""The tree stays a tree, whoever reshapes it and however many do, and can be computed anew."""

from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from catalog import relisting
from catalog.listing import refresh_listing
from catalog.models import Category, MergedIntoItself, PriceRule, Product, SlugChange
from catalog.tree import faults_of_tree, rebuild_tree
from tests.catalog.shelves import shelve
from tests.factories import CategoryFactory, ProductFactory
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def kitchen() -> Category:
    return CategoryFactory(name="Kitchen")


@pytest.fixture
def mugs(kitchen: Category) -> Category:
    return CategoryFactory(name="Mugs", parent=kitchen)


@pytest.fixture
def cups() -> Category:
    return CategoryFactory(name="Cups")


def paths() -> list[str]:
    """The addresses in the order of the tree, which is sound."""
    assert faults_of_tree() == []
    return list(Category.objects.order_by("tree_id", "lft").values_list("path", flat=True))


def price(product: Product) -> Decimal | None:
    return Product.objects.get(pk=product.pk).price_from


# Merging


def test_what_stands_in_a_merged_category_stands_in_the_other(
    mugs: Category, cups: Category
) -> None:
    mug, cup = ProductFactory(category=mugs), ProductFactory(category=cups)
    jar, both = ProductFactory(), ProductFactory(category=cups)
    jar.categories.add(mugs)
    both.categories.add(mugs)

    mugs.merge_into(cups)

    assert paths() == ["kitchen", "cups"]
    assert {each.pk for each in cups.products.all()} == {mug.pk, cup.pk, both.pk}
    assert list(jar.categories.all()) == [cups]
    assert not both.categories.exists()


def test_addresses_old_and_new_lead_to_the_other(
    mugs: Category, cups: Category, client: Any
) -> None:
    CategoryFactory(name="Tall", parent=mugs)
    mugs.slug = "beakers"
    mugs.save()
    mugs.merge_into(cups)

    assert paths() == ["kitchen", "cups", "cups/tall"]
    for old, new in [("mugs", "cups"), ("beakers", "cups"), ("beakers/tall", "cups/tall")]:
        response = client.get(f"/c/kitchen/{old}/")
        assert (response.status_code, response["Location"]) == (301, f"/c/{new}/")


def test_a_shelf_whose_address_is_taken_there_gets_a_number(mugs: Category, cups: Category) -> None:
    CategoryFactory(name="Tall", parent=mugs)
    CategoryFactory(name="Tall", parent=cups)
    mugs.merge_into(cups)
    assert paths() == ["kitchen", "cups", "cups/tall", "cups/tall-2"]


def test_a_price_rule_follows_and_lists_show_it(mugs: Category, cups: Category) -> None:
    mug, cup = shelve("10.00", category=mugs), shelve("10.00", category=cups)
    rule = PriceRule.objects.create(name="Mug week", percent=10)
    rule.categories.add(mugs)
    refresh_listing()
    assert (price(mug), price(cup)) == (Decimal("9.00"), Decimal("10.00"))

    mugs.merge_into(cups)

    assert list(rule.categories.all()) == [cups]
    assert (price(mug), price(cup)) == (Decimal("9.00"), Decimal("9.00"))


def test_what_comes_under_the_rule_of_the_other_gets_its_price(
    mugs: Category, cups: Category
) -> None:
    mug = shelve("10.00", category=mugs)
    PriceRule.objects.create(name="Cups", percent=20).categories.add(cups)
    mugs.merge_into(cups)
    assert price(mug) == Decimal("8.00")


def test_a_category_may_become_part_of_the_one_it_is_in(kitchen: Category, mugs: Category) -> None:
    CategoryFactory(name="Tall", parent=mugs)
    mugs.merge_into(kitchen)
    assert paths() == ["kitchen", "kitchen/tall"]


def test_a_category_does_not_become_part_of_itself(kitchen: Category, mugs: Category) -> None:
    mug = ProductFactory(category=kitchen)
    for target in (kitchen, mugs):
        with pytest.raises(MergedIntoItself), transaction.atomic():
            kitchen.merge_into(target)
    mug.refresh_from_db()
    assert (paths(), mug.category) == (["kitchen", "kitchen/mugs"], kitchen)


# Lists follow the model, whoever moves it


def test_a_category_moved_in_a_shell_takes_its_prices_and_words_along(
    kitchen: Category, mugs: Category, cups: Category
) -> None:
    mug = shelve("10.00", category=mugs)
    PriceRule.objects.create(name="Cups", percent=20).categories.add(cups)
    Category.objects.move_node(mugs, cups)
    assert price(mug) == Decimal("8.00")

    mugs.parent = kitchen
    mugs.save()
    assert price(mug) == Decimal("10.00")

    assert paths() == ["kitchen", "kitchen/mugs", "cups"]
    kitchen.name = "Galley"
    kitchen.save()
    assert "galley" in str(Product.objects.get(pk=mug.pk).search)


def test_a_dissolved_category_leaves_no_price_behind(mugs: Category) -> None:
    mug = shelve("10.00", category=mugs)
    PriceRule.objects.create(name="Mug week", percent=10).categories.add(mugs)
    refresh_listing()
    mugs.dissolve()
    assert price(mug) == Decimal("10.00")


@pytest.mark.django_db(transaction=True)
def test_many_products_are_listed_anew_by_jobs(
    mugs: Category, cups: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    things = [shelve("10.00", category=mugs) for _ in range(5)]
    PriceRule.objects.create(name="Cups", percent=20).categories.add(cups)
    monkeypatch.setattr(relisting, "BATCH", 2)
    with transaction.atomic():
        mugs.merge_into(cups)
        assert price(things[0]) == Decimal("10.00")
    assert {price(each) for each in things} == {Decimal("8.00")}


def test_a_form_that_was_open_while_somebody_else_moved_it_does_not_tear_the_tree(
    mugs: Category, cups: Category
) -> None:
    open_form = Category.objects.get(pk=mugs.pk)
    Category.objects.move_node(mugs, cups)
    open_form.name = "Big mugs"
    open_form.save()
    assert paths() == ["kitchen", "cups", "cups/mugs"]
    assert Category.objects.get(pk=mugs.pk).name == "Big mugs"


# Computing it anew


def rebuild(*options: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("rebuild_tree", *options, stdout=out)
    except SystemExit as stopped:
        return out.getvalue(), int(str(stopped.code))
    return out.getvalue(), 0


def test_a_sound_tree_is_left_alone(mugs: Category) -> None:
    assert rebuild("--check") == ("The tree of 2 categories is sound.\n", 0)
    assert rebuild() == ("The tree of 2 categories is sound.\n", 0)


def test_a_torn_tree_is_told_and_mended(mugs: Category, cups: Category) -> None:
    tall = CategoryFactory(name="Tall", parent=mugs)
    CategoryFactory(name="Short", parent=mugs)
    expected = paths()
    Category.objects.filter(pk=mugs.pk).update(lft=40, rght=3)
    Category.objects.filter(pk=tall.pk).update(level=7, tree_id=cups.tree_id)

    told, code = rebuild("--check")
    assert code == 1
    assert "category kitchen/mugs: interval 40–3, level 1: begins after its end" in told
    assert "in another tree than its parent" in told
    assert faults_of_tree()

    told, code = rebuild()
    assert (code, "The tree of 5 categories was rebuilt." in told) == (0, True)
    assert sorted(paths()) == sorted(expected)


def test_addresses_follow_the_parents_and_wrong_ones_are_remembered(
    mugs: Category, cups: Category
) -> None:
    # Each has the address of the other.
    Category.objects.filter(pk=mugs.pk).update(path="-")
    Category.objects.filter(pk=cups.pk).update(path="kitchen/mugs")
    Category.objects.filter(pk=mugs.pk).update(path="wrong")
    assert len(rebuild_tree()) == 2
    assert paths() == ["kitchen", "kitchen/mugs", "cups"]
    assert SlugChange.objects.get(old_slug="wrong").category == mugs
    assert not SlugChange.objects.filter(old_slug="kitchen/mugs").exists()


def test_a_circle_is_opened(kitchen: Category, mugs: Category) -> None:
    tall = CategoryFactory(name="Tall", parent=mugs)
    Category.objects.filter(pk=kitchen.pk).update(parent=tall)
    assert "category Kitchen was inside itself, and is now at the top" in rebuild_tree()
    assert paths() == ["kitchen", "kitchen/mugs", "kitchen/mugs/tall"]


def test_prices_that_hung_on_a_torn_tree_are_right_afterwards(
    kitchen: Category, mugs: Category
) -> None:
    mug = shelve("10.00", category=mugs)
    PriceRule.objects.create(name="Kitchen", percent=10).categories.add(kitchen)
    Category.objects.filter(pk=mugs.pk).update(lft=40, rght=41)
    refresh_listing()
    assert price(mug) == Decimal("10.00")
    rebuild_tree()
    assert price(mug) == Decimal("9.00")


# Many at once


@pytest.mark.django_db(transaction=True)
def test_a_tree_that_many_reshape_at_once_is_sound() -> None:
    tops = [CategoryFactory(name=f"Top {number}") for number in range(4)]
    inner = [CategoryFactory(name=f"In {n}", parent=tops[n % 4]) for n in range(16)]
    for number, category in enumerate(inner):
        ProductFactory(category=category)
        CategoryFactory(name=f"Deep {number}", parent=category)

    def move(category: Category, target: Category) -> None:
        Category.objects.move_node(
            Category.objects.get(pk=category.pk), Category.objects.get(pk=target.pk)
        )

    def add(number: int) -> None:
        Category(name=f"New {number}", slug=f"new-{number}", parent=tops[number % 4]).save()

    def rename(category: Category) -> None:
        category.slug += "-x"
        category.save()

    deeds = [
        *(partial(move, inner[n], tops[(n + 1) % 4]) for n in range(4)),
        *(partial(inner[n].merge_into, inner[n + 4]) for n in range(4, 8)),
        *(partial(add, n) for n in range(4)),
        *(inner[n].dissolve for n in range(12, 14)),
        *(partial(rename, inner[n]) for n in (0, 14)),
    ]
    for turn in range(3):
        outcomes = race(deeds if turn == 0 else deeds[:4])
        assert [each for each in outcomes if each is not None] == []

    assert faults_of_tree() == []
    assert Category.objects.count() == 4 + 32 - 4 - 2 + 4
    assert not Product.objects.filter(category=None).exists()
