"""Staff shape the tree by dragging, and nothing that stands in it is lost."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.models import Category, PriceRule, Product, SlugChange
from tests.factories import CategoryFactory, ProductFactory, StaffFactory, UserFactory
from tests.racing import race

LIST = "/admin/catalog/category/"


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def kitchen(db: None) -> Category:
    return CategoryFactory(name="Kitchen")


@pytest.fixture
def mugs(kitchen: Category) -> Category:
    return CategoryFactory(name="Mugs", parent=kitchen)


@pytest.fixture
def espresso(mugs: Category) -> Category:
    return CategoryFactory(name="Espresso", parent=mugs)


def drop(client: Client, moved: Any, on: Any, position: str) -> Any:
    """What the page sends when a row is dropped."""
    return client.post(
        LIST, {"cmd": "move_node", "cut_item": moved, "pasted_on": on, "position": position}
    )


def paths() -> list[str]:
    """The tree as it stands, checked: intervals that do not lie."""
    nodes = list(Category.objects.order_by("tree_id", "lft"))
    for node in nodes:
        assert node.get_descendant_count() == sum(
            each.path.startswith(f"{node.path}/") for each in nodes
        )
    return [node.path for node in nodes]


def test_dropping_a_category_moves_it_with_all_below_and_keeps_old_addresses(
    staff: Client, kitchen: Category, mugs: Category, espresso: Category
) -> None:
    living = CategoryFactory(name="Living")

    assert drop(staff, mugs.pk, living.pk, "last-child").status_code == 200

    assert paths() == ["kitchen", "living", "living/mugs", "living/mugs/espresso"]
    old = SlugChange.objects.get(old_slug="kitchen/mugs/espresso")
    assert old.category == espresso


def test_categories_are_put_in_an_order_by_dropping_one_beside_another(
    staff: Client, kitchen: Category
) -> None:
    living = CategoryFactory(name="Living")
    assert drop(staff, living.pk, kitchen.pk, "left").status_code == 200
    assert paths() == ["living", "kitchen"]


def test_a_category_is_not_moved_into_itself(
    staff: Client, kitchen: Category, espresso: Category
) -> None:
    assert drop(staff, kitchen.pk, espresso.pk, "last-child").status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs", "kitchen/mugs/espresso"]


def test_an_address_is_not_given_twice(staff: Client, mugs: Category) -> None:
    other = CategoryFactory(name="Mugs")
    response = drop(staff, other.pk, mugs.pk, "right")
    assert response.status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs", "mugs"]


@pytest.mark.parametrize(
    ("moved", "position"),
    [("0", "left"), ("abc", "left"), ("", "left"), ("9" * 30, "left"), (None, "on top")],
)
def test_a_move_that_makes_no_sense_changes_nothing(
    staff: Client, mugs: Category, moved: str | None, position: str
) -> None:
    assert drop(staff, moved or mugs.pk, mugs.pk, position).status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs"]


def test_who_may_only_look_moves_nothing(client: Client, mugs: Category) -> None:
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_category"))
    client.force_login(looker)
    assert client.get(LIST).status_code == 200
    assert drop(client, mugs.pk, mugs.parent_id, "right").status_code == 409
    assert paths() == ["kitchen", "kitchen/mugs"]


def test_a_category_is_moved_by_name_without_dragging(
    staff: Client, mugs: Category, espresso: Category
) -> None:
    data = {
        "name": "Espresso",
        "slug": "espresso",
        "parent": "",
        "is_listed": "on",
        "description": "",
        "image": "",
    }
    response = staff.post(reverse("admin:catalog_category_change", args=[espresso.pk]), data)
    assert response.status_code == 302, response.context["errors"]
    assert paths() == ["kitchen", "kitchen/mugs", "espresso"]


def test_siblings_change_places_without_dragging(staff: Client, kitchen: Category) -> None:
    living, light = CategoryFactory(name="Living"), CategoryFactory(name="Light")
    staff.post(LIST, {"action": "move_up", "_selected_action": [living.pk, light.pk]})
    assert paths() == ["living", "light", "kitchen"]
    staff.post(LIST, {"action": "move_down", "_selected_action": [living.pk]})
    assert paths() == ["light", "living", "kitchen"]


def test_categories_are_found_by_name(staff: Client, espresso: Category) -> None:
    response = staff.get(LIST, {"q": "espr"})
    assert list(response.context["cl"].result_list) == [espresso]


def test_what_stands_in_a_category_moves_up_when_it_is_deleted(
    staff: Client, kitchen: Category, mugs: Category, espresso: Category
) -> None:
    mug = ProductFactory(category=mugs)
    cup = ProductFactory(category=espresso)
    jar = ProductFactory(category=kitchen)
    jar.categories.add(mugs)
    bowl = ProductFactory()
    bowl.categories.add(mugs)

    address = reverse("admin:catalog_category_delete", args=[mugs.pk])
    assert "moves to “Kitchen”" in staff.get(address).text
    assert staff.post(address, {"post": "yes"}).status_code == 302

    assert paths() == ["kitchen", "kitchen/espresso"]
    where = {each.pk: each.category and each.category.path for each in Product.objects.all()}
    assert where == {
        mug.pk: "kitchen",
        cup.pk: "kitchen/espresso",
        jar.pk: "kitchen",
        bowl.pk: None,
    }
    assert [each.path for each in bowl.categories.all()] == ["kitchen"]
    assert not jar.categories.exists()
    assert SlugChange.objects.get(old_slug="kitchen/mugs").category == kitchen
    assert SlugChange.objects.get(old_slug="kitchen/mugs/espresso").category == espresso


def test_products_of_a_top_category_are_in_none_when_it_is_deleted(
    kitchen: Category, mugs: Category
) -> None:
    jar = ProductFactory(category=kitchen)
    kitchen.dissolve()
    jar.refresh_from_db()
    assert (paths(), jar.category) == (["mugs"], None)


def test_a_category_may_be_called_like_the_one_it_was_in(kitchen: Category) -> None:
    inner = CategoryFactory(name="Kitchen", parent=kitchen)
    kitchen.dissolve()
    inner.refresh_from_db()
    assert (paths(), inner.pk) == (["kitchen"], Category.objects.get().pk)
    assert not SlugChange.objects.filter(old_slug="kitchen").exists()


def test_a_category_gets_a_number_where_its_address_is_taken(
    kitchen: Category, mugs: Category
) -> None:
    CategoryFactory(name="Mugs")
    kitchen.dissolve()
    assert paths() == ["mugs", "mugs-2"]


def test_a_price_rule_does_not_grow_by_a_deleted_category(
    kitchen: Category, mugs: Category
) -> None:
    rule = PriceRule.objects.create(name="Mug week", percent=10)
    rule.categories.add(mugs)
    mugs.dissolve()
    assert not rule.categories.exists()


def test_several_are_deleted_at_once(staff: Client, kitchen: Category, espresso: Category) -> None:
    mug = ProductFactory(category=espresso)
    pks = list(Category.objects.values_list("pk", flat=True))
    staff.post(LIST, {"action": "delete_selected", "_selected_action": pks, "post": "yes"})
    mug.refresh_from_db()
    assert (paths(), mug.category) == ([], None)


@pytest.mark.django_db(transaction=True)
def test_categories_dissolved_and_moved_at_once_leave_a_sound_tree() -> None:
    tops = [CategoryFactory(name=f"Top {number}") for number in range(3)]
    inner = [
        CategoryFactory(name=f"Inner {number}", parent=tops[number % 3]) for number in range(9)
    ]

    def move(category: Category, target: Category) -> None:
        Category.objects.move_node(
            Category.objects.get(pk=category.pk), Category.objects.get(pk=target.pk)
        )

    deeds = [partial(move, inner[number], tops[(number + 1) % 3]) for number in range(4)]
    outcomes = race([*deeds, *(each.dissolve for each in inner[4:8])])

    assert [each for each in outcomes if each is not None] == []
    assert len(paths()) == 8
