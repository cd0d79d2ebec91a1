"""The tree of categories in the back office: a branch at a time, moved and merged without any script."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.admin import branches
from catalog.models import Category, PriceRule, Product
from tests.catalog.shelves import shelve
from tests.factories import CategoryFactory, ProductFactory, StaffFactory, UserFactory

LIST = "/admin/catalog/category/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def kitchen() -> Category:
    return CategoryFactory(name="Kitchen")


@pytest.fixture
def mugs(kitchen: Category) -> Category:
    return CategoryFactory(name="Mugs", parent=kitchen)


@pytest.fixture
def tall(mugs: Category) -> Category:
    return CategoryFactory(name="Tall", parent=mugs)


@pytest.fixture
def cups() -> Category:
    return CategoryFactory(name="Cups")


def shown(response: Any) -> list[str]:
    return [each.path for each in response.context["cl"].result_list]


def paths() -> list[str]:
    return list(Category.objects.order_by("tree_id", "lft").values_list("path", flat=True))


# The list


def test_a_small_tree_is_open_and_a_large_one_shows_its_tops(
    staff: Client, tall: Category, cups: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ["kitchen", "kitchen/mugs", "kitchen/mugs/tall", "cups"]
    assert shown(staff.get(LIST)) == whole
    assert shown(staff.get(LIST, {"open": "none"})) == ["kitchen", "cups"]
    monkeypatch.setattr(branches, "SMALL", 1)
    assert shown(staff.get(LIST)) == ["kitchen", "cups"]
    assert shown(staff.get(LIST, {"open": "all"})) == whole


def test_a_branch_is_opened_and_closed_by_a_link(
    staff: Client, kitchen: Category, mugs: Category, tall: Category
) -> None:
    def press(page: Any, category: Category) -> Any:
        (link,) = re.findall(rf'href="(\?[^"#]*)#shelf-{category.pk}" aria-expanded', page.text)
        return staff.get(LIST + link.replace("&amp;", "&"))

    page = staff.get(LIST, {"open": "none"})
    assert 'aria-expanded="false"' in page.text
    page = press(page, kitchen)
    assert shown(page) == ["kitchen", "kitchen/mugs"]
    page = press(page, mugs)
    assert shown(page) == ["kitchen", "kitchen/mugs", "kitchen/mugs/tall"]
    page = press(page, kitchen)
    assert shown(page) == ["kitchen"]


def test_a_branch_that_is_open_opens_those_it_is_in(staff: Client, tall: Category) -> None:
    page = staff.get(LIST, {"open": tall.parent_id})
    assert shown(page) == ["kitchen", "kitchen/mugs", "kitchen/mugs/tall"]


@pytest.mark.parametrize("asked", ["abc", "9" * 40, "-1", "1--2", "0", "², ٣", "1-" * 5000])
def test_branches_that_make_no_sense_are_left_out(
    staff: Client, tall: Category, asked: str
) -> None:
    assert staff.get(LIST, {"open": asked}).status_code == 200


def test_a_search_finds_what_is_in_closed_branches_and_says_where(
    staff: Client, tall: Category
) -> None:
    page = staff.get(LIST, {"q": "tal", "open": "none"})
    assert shown(page) == ["kitchen/mugs/tall"]
    assert '<span class="muted">kitchen/mugs/tall</span>' in page.text


def test_the_tree_costs_as_many_queries_however_large_it_is(
    staff: Client, kitchen: Category, mugs: Category, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        CategoryFactory(name=f"Shelf {number}", parent=mugs if number % 2 else kitchen)
    ProductFactory(category=mugs)
    with django_assert_max_num_queries(8):
        page = staff.get(LIST, {"open": mugs.pk})
    assert len(shown(page)) == 42
    assert "style=" not in page.text.split('id="result_list"')[1].split("</table>")[0]


# Moving by a form


def move_page(category: Category) -> str:
    return f"{LIST}{category.pk}/move/"


def test_a_category_is_moved_by_choosing_another(
    staff: Client, mugs: Category, tall: Category, cups: Category
) -> None:
    page = staff.get(move_page(mugs), {"q": "cup"})
    assert [each.path for each in page.context["offered"]] == ["cups"]
    response = staff.post(move_page(mugs), {"target": cups.pk, "position": "last-child"})
    assert response.status_code == 302
    assert paths() == ["kitchen", "cups", "cups/mugs", "cups/mugs/tall"]


def test_a_category_is_moved_to_the_top(staff: Client, tall: Category) -> None:
    assert staff.post(move_page(tall), {"target": "top"}).status_code == 302
    assert sorted(paths()) == ["kitchen", "kitchen/mugs", "tall"]


def test_what_is_inside_is_not_offered_and_not_taken(
    staff: Client, mugs: Category, tall: Category
) -> None:
    page = staff.get(move_page(mugs), {"q": "a"})
    assert tall not in page.context["offered"]
    assert staff.post(move_page(mugs), {"target": tall.pk}).status_code == 409
    assert staff.post(move_page(mugs), {"target": ""}).status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs", "kitchen/mugs/tall"]


# Merging


def merge_page(category: Category) -> str:
    return f"{LIST}{category.pk}/merge/"


def test_staff_see_what_a_merge_will_do_before_it_does(
    staff: Client, mugs: Category, tall: Category, cups: Category
) -> None:
    CategoryFactory(name="Tall", parent=cups)
    mug = shelve(category=mugs)
    shelve(category=cups)
    PriceRule.objects.create(name="Mug week", percent=10).categories.add(mugs)
    Category.objects.filter(pk=mugs.pk).update(description="All our mugs.")

    page = staff.post(merge_page(mugs), {"target": cups.pk})

    assert page.context["lines"] == [
        "1 product moves to “Cups”.",
        "“Tall” moves into “Cups”, to the address cups/tall-2.",
        "The address /c/kitchen/mugs/, and those it had before, lead to /c/cups/.",
        "The price rule “Mug week” will cover everything in “Cups”, 1 product more.",
        "The text and the picture of “Mugs” are lost.",
    ]
    assert mugs in Category.objects.all()

    response = staff.post(merge_page(mugs), {"target": cups.pk, "sure": "yes"})
    assert response.status_code == 302
    assert paths() == ["kitchen", "cups", "cups/tall", "cups/tall-2"]
    assert Product.objects.get(pk=mug.pk).category == cups


@pytest.mark.parametrize("asked", ["", "abc", "0", "9" * 15])
def test_a_merge_that_makes_no_sense_changes_nothing(
    staff: Client, mugs: Category, tall: Category, asked: str
) -> None:
    for target in (asked, str(mugs.pk), str(tall.pk)):
        response = staff.post(merge_page(mugs), {"target": target, "sure": "yes"})
        assert response.status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs", "kitchen/mugs/tall"]


def test_who_may_only_look_neither_moves_nor_merges(
    client: Client, mugs: Category, cups: Category
) -> None:
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_category"))
    client.force_login(looker)
    for page in (move_page(mugs), merge_page(mugs)):
        assert client.get(page).status_code == 403
        assert client.post(page, {"target": cups.pk, "sure": "yes"}).status_code == 403
    assert paths() == ["kitchen", "kitchen/mugs", "cups"]


# Elsewhere in the back office


def test_fields_for_categories_ask_while_one_types_and_say_where_each_stands(
    staff: Client, tall: Category
) -> None:
    product = ProductFactory(category=tall)
    page = staff.get(f"/admin/catalog/product/{product.pk}/change/").text
    assert ">Tall (kitchen/mugs/tall)</option>" in page
    assert "Mugs" not in page
    asked = {"app_label": "catalog", "model_name": "product", "field_name": "category"}
    found = staff.get("/admin/autocomplete/", {**asked, "term": "mug"}).json()["results"]
    assert [each["text"] for each in found] == ["Mugs (kitchen/mugs)"]


def test_products_are_filtered_by_a_category_a_level_at_a_time(
    staff: Client, kitchen: Category, mugs: Category, tall: Category, cups: Category
) -> None:
    mug = ProductFactory(category=tall)
    ProductFactory(category=cups)

    def offered(**chosen: Any) -> list[str]:
        page = staff.get("/admin/catalog/product/", chosen)
        (spec,) = [each for each in page.context["cl"].filter_specs if each.title == "category"]
        return [name.strip() for _key, name in spec.lookup_choices]

    assert offered() == ["Kitchen", "Cups", "in none"]
    assert offered(category=kitchen.pk) == ["Kitchen", "Mugs", "Cups", "in none"]
    assert offered(category=mugs.pk) == ["Kitchen", "Mugs", "Tall", "Cups", "in none"]
    page = staff.get("/admin/catalog/product/", {"category": kitchen.pk})
    assert list(page.context["cl"].result_list) == [mug]
