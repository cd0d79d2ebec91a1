"""The back office in a real browser: nothing breaks the policy, and rows and shelves are really moved."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from catalog.models import Category, Collection, CollectionItem, HomeSection, Product
from tests.browser.conftest import Browse, Watch

EMAIL, PASSWORD = "boss@example.com", "kiln-and-linen"


@pytest.fixture
def staff(browse: Browse) -> Iterator[Page]:
    """Somebody who signed in as staff do: through the shop's own page, and came back."""
    User.objects.filter(email=EMAIL).delete()
    User.objects.create_superuser(EMAIL, PASSWORD)
    page = browse()
    page.goto("/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    yield page
    User.objects.filter(email=EMAIL).delete()


def test_the_start_page_and_its_lists_keep_the_policy(staff: Page) -> None:
    expect(staff.get_by_role("heading", name="Today")).to_be_visible()
    for path in (
        "catalog/product/",
        "catalog/stockitem/",
        "orders/order/",
        "catalog/pricerule/add/",
    ):
        staff.goto(f"/admin/{path}")
        expect(staff.locator("h1")).to_be_visible()


def test_a_product_gets_a_row_and_keeps_the_policy(staff: Page) -> None:
    product = Product.objects.filter(variants__isnull=False).order_by("pk")[0]
    staff.goto(f"/admin/catalog/product/{product.pk}/change/")
    staff.get_by_text("Add another Attribute").click()
    staff.get_by_text("Where else it stands").click()
    staff.locator(".field-categories .select2-selection").click()
    expect(staff.locator(".select2-results")).to_be_visible()
    staff.keyboard.press("Escape")
    staff.locator(".vDateField + .datetimeshortcuts a").first.click()
    staff.get_by_role("button", name="Save and continue editing").first.click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    # Made before midnight, it would have its day today and its hour tonight, and be gone for the others.
    Product.objects.filter(pk=product.pk).update(publish_at=product.publish_at)


@pytest.fixture
def shelves(shop: Any) -> Iterator[list[Category]]:
    made = [Category.objects.create(name=name, slug=name.lower()) for name in ("Aaa", "Bbb", "Ccc")]
    yield made
    for category in made:
        Category.objects.get(pk=category.pk).dissolve()


def test_a_category_is_dragged_into_another(staff: Page, shelves: list[Category]) -> None:
    staff.goto("/admin/catalog/category/")
    first, second, _third = shelves
    handle = staff.locator(f"#shelf-{second.pk} .drag-handle")
    target = staff.locator(f"tr:has(#shelf-{first.pk})")
    handle.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    handle.hover()
    staff.mouse.down()
    staff.mouse.move(box["x"] + 120, box["y"] + box["height"] / 2, steps=8)
    with staff.expect_navigation():
        staff.mouse.up()
    expect(staff.get_by_text("“Bbb” was moved.")).to_be_visible()
    second.refresh_from_db()
    assert (second.path, second.parent) == ("aaa/bbb", first)
    inside = staff.locator(f"#shelf-{second.pk}")
    assert inside.evaluate("each => getComputedStyle(each).paddingInlineStart") == "20px"


def test_a_category_is_moved_without_scripts(
    browse: Browse, staff: Page, shelves: list[Category]
) -> None:
    plain = browse(scripts=False)
    plain.context.add_cookies(staff.context.cookies())
    plain.goto("/admin/catalog/category/")
    plain.get_by_role("link", name="Move Ccc").click()
    plain.get_by_label("Find a category").fill("aa")
    plain.get_by_role("button", name="Find").click()
    plain.get_by_label("Aaa").check()
    plain.get_by_role("button", name="Move", exact=True).click()
    expect(plain.get_by_text("“Ccc” was moved.")).to_be_visible()
    assert Category.objects.get(name="Ccc").path == "aaa/ccc"


@pytest.fixture
def collection(shop: Any) -> Iterator[Collection]:
    made = Collection.objects.create(name="Sorted", slug="sorted")
    for position, product in enumerate(Product.objects.order_by("pk")[:3]):
        CollectionItem.objects.create(collection=made, product=product, position=position)
    yield made
    made.delete()


def test_rows_are_moved_with_the_arrow_keys(staff: Page, collection: Collection) -> None:
    before = list(collection.items.values_list("product_id", flat=True))
    staff.goto(f"/admin/catalog/collection/{collection.pk}/change/")
    staff.locator(".handle").nth(0).focus()
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("ArrowDown")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    assert list(collection.items.values_list("product_id", flat=True)) == [*before[1:], before[0]]


def test_rows_are_moved_with_the_mouse(staff: Page, collection: Collection) -> None:
    before = list(collection.items.values_list("product_id", flat=True))
    staff.goto(f"/admin/catalog/collection/{collection.pk}/change/")
    staff.locator(".handle").nth(2).drag_to(
        staff.locator("#items-0"), target_position={"x": 60, "y": 3}
    )
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    assert list(collection.items.values_list("product_id", flat=True)) == [before[2], *before[:2]]


def test_sections_of_the_home_page_are_moved_with_the_arrow_keys(staff: Page) -> None:
    before = list(HomeSection.objects.values_list("pk", flat=True))
    staff.goto("/admin/catalog/homesection/")
    staff.locator("#result_list .handle").first.focus()
    staff.keyboard.press("ArrowDown")
    staff.get_by_role("button", name="Save").click()
    expect(staff.get_by_text("changed successfully")).to_be_visible()
    after = list(HomeSection.objects.values_list("pk", flat=True))
    assert after == [before[1], before[0], *before[2:]]
    for position, pk in enumerate(before):
        HomeSection.objects.filter(pk=pk).update(position=position)


def test_a_condition_asks_for_what_its_kind_needs(staff: Page, collection: Collection) -> None:
    staff.goto(f"/admin/catalog/collection/{collection.pk}/change/")
    staff.get_by_text("Add another Condition").click()
    condition = staff.locator("#conditions-0")
    condition.locator(".field-kind select").select_option("tag")
    expect(condition.locator("input[name$='-text']")).to_be_visible()
    expect(condition.locator("input[name$='-low']")).to_be_hidden()
    condition.locator(".field-kind select").select_option("price")
    expect(condition.locator("input[name$='-text']")).to_be_hidden()
    condition.locator("input[name$='-high']").fill("5000")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    assert collection.items.filter(is_picked=False).exists()


def test_a_shopper_sees_that_this_is_not_for_them(browse: Browse, watch: Watch) -> None:
    page = browse()
    answer = page.goto("/admin/")
    assert answer
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/admin/$"))
