"""Lists of products in a browser: their address, the way back, filters, pages, and what is said aloud."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.listing import refresh_listing
from catalog.models import Category, Product
from tests.browser.conftest import NARROW, Browse, Shop
from tests.factories import CategoryFactory, ProductFactory, VariantFactory

SPOONS = 30  # More than one page holds.


@pytest.fixture(scope="module", autouse=True)
def spoons(shop: Shop, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        shelf: Any = CategoryFactory(name="Spoons")
        for number in range(SPOONS):
            product: Any = ProductFactory(name=f"Spoon {number:02}", category=shelf)
            VariantFactory(product=product, price=10 + number, stock=number % 3)  # type: ignore[arg-type]
        refresh_listing()
    yield
    with django_db_blocker.unblock():
        Product.objects.filter(category=shelf).delete()
        Category.objects.get(pk=shelf.pk).delete()


def names(page: Page) -> list[str]:
    return page.locator("#shelf .card__name").all_inner_texts()


def scrolled(page: Page) -> int:
    return page.evaluate("Math.round(scrollY)")


def expect_scrolled(page: Page, place: int) -> None:
    page.wait_for_function("place => Math.abs(scrollY - place) <= 50", arg=place)


def count(page: Page, number: int) -> None:
    expect(page.locator(".toolbar b")).to_have_text(re.compile(rf"^{number} thing"))


# Into the cart from a card


@pytest.mark.parametrize("scripts", [True, False])
def test_a_card_adds_the_one_thing_that_it_is(browse: Browse, scripts: bool) -> None:
    page = browse(scripts=scripts)
    page.goto("/c/spoons/?sort=price")
    page.get_by_role("button", name="Add Spoon 01 to the cart").click()
    place = page.get_by_role("dialog", name="Your cart") if scripts else page.locator("main")
    expect(place.get_by_role("link", name="Spoon 01").first).to_be_visible()
    assert page.url.endswith("/c/spoons/?sort=price" if scripts else "/cart/")


# The address, and the way back


def test_an_address_that_is_sent_to_somebody_shows_the_same(browse: Browse) -> None:
    page = browse()
    page.goto("/search/")
    page.get_by_label("Oat").check()
    page.get_by_label("Rust").check()
    page.get_by_label("In stock now").check()
    page.get_by_label("Sort by").select_option("-price")
    expect(page).to_have_url(re.compile("sort=-price"))
    address, seen = page.url, names(page)
    assert re.search(r"\?.*colour=oat&colour=rust", address)

    parts = address.partition("?")
    turned = f"{parts[0]}?{'&'.join(reversed(parts[2].split('&')))}"
    for sent in [address, turned]:
        other = browse()
        other.goto(sent)
        assert names(other) == seen
        for label in ["Oat", "Rust", "In stock now"]:
            expect(other.get_by_label(label)).to_be_checked()
        expect(other.get_by_label("Moss")).not_to_be_checked()
        expect(other.get_by_label("Sort by")).to_have_value("-price")


def test_back_and_forward_and_loading_again_keep_filters_and_place(browse: Browse) -> None:
    page = browse()
    page.goto("/c/spoons/")
    page.get_by_label("In stock now").check()
    count(page, 20)
    card = page.locator(".card__name a").nth(7)
    card.scroll_into_view_if_needed()
    place = scrolled(page)
    assert place > 100
    card.click()
    expect(page.locator("#purchase")).to_be_visible()

    page.go_back()
    count(page, 20)
    expect(page.get_by_label("In stock now")).to_be_checked()
    expect_scrolled(page, place)

    page.go_back()
    expect(page).to_have_url(re.compile("/c/spoons/$"))
    count(page, 30)
    expect(page.get_by_label("In stock now")).not_to_be_checked()
    page.go_forward()
    count(page, 20)
    expect(page.get_by_label("In stock now")).to_be_checked()
    page.reload()
    count(page, 20)
    expect(page.get_by_label("In stock now")).to_be_checked()


def test_going_back_over_a_filter_returns_to_the_place(browse: Browse) -> None:
    page = browse()
    page.goto("/c/spoons/")
    box = page.get_by_label("In stock now")
    page.evaluate("scrollTo(0, 120)")
    box.check()
    count(page, 20)

    page.go_back()

    count(page, 30)
    expect_scrolled(page, 120)


# Filters


def test_chips_take_filters_back_one_by_one_or_all(browse: Browse) -> None:
    page = browse()
    page.goto("/search/?colour=oat&colour=moss&in_stock=1&sort=price")
    chosen = page.get_by_role("list", name="Chosen filters")
    expect(chosen.get_by_role("link")).to_have_count(4)

    chosen.get_by_role("link", name="Moss").click()
    expect(page).to_have_url(re.compile(r"\?colour=oat&in_stock=1&sort=price$"))
    expect(page.get_by_label("Moss")).not_to_be_checked()
    expect(page.get_by_label("Oat")).to_be_checked()

    chosen.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"\?sort=price$"))
    expect(chosen).to_have_count(0)


def test_another_value_of_a_facet_adds_and_another_facet_narrows(browse: Browse) -> None:
    page = browse()
    page.goto("/c/kitchen/")
    page.get_by_label("Rust").check()
    count(page, 1)
    page.get_by_label("Large").evaluate("each => each.disabled") or pytest.fail("It leads nowhere.")
    page.get_by_label("Oat").check()
    expect(page.get_by_label("Large")).to_be_enabled()
    page.get_by_label("Large").check()
    count(page, 1)
    page.get_by_label("Oat").uncheck()

    # It leads nowhere any more, but stays in sight where it can be taken back.
    expect(page.get_by_label("Large")).to_be_checked()
    expect(page.get_by_label("Large")).to_be_enabled()
    expect(page.get_by_text("Nothing passes all of these filters")).to_be_visible()


def test_a_change_is_told_once_while_the_list_keeps_its_place(browse: Browse) -> None:
    page = browse()
    page.goto("/c/spoons/")
    page.evaluate("""() => {
      window.said = [];
      const region = document.getElementById("announcement");
      new MutationObserver(() => region.textContent.trim() && window.said.push(region.textContent.trim()))
        .observe(region, {childList: true, characterData: true, subtree: true});
    }""")

    def late(route: Route) -> None:
        time.sleep(0.6)
        route.continue_()

    page.route("**/c/spoons/?in_stock=1", late)
    box = page.get_by_label("In stock now")
    before: Any = page.locator("#shelf").bounding_box()
    box.check()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    waiting: Any = page.locator("#shelf").bounding_box()
    assert waiting == before

    count(page, 20)
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(box).to_be_focused()
    assert page.evaluate("said") == ["20 things"]


def test_a_long_facet_is_unfolded_in_its_place(browse: Browse) -> None:
    page = browse()
    page.goto("/search/")
    facet = page.locator("#facet-shade")
    if facet.get_attribute("open") is None:
        facet.locator("summary").click()
    expect(facet.get_by_role("checkbox")).to_have_count(10)

    facet.get_by_role("link", name="Show all 26").press("Enter")

    expect(facet.get_by_role("checkbox")).to_have_count(26)
    expect(facet.get_by_role("checkbox").nth(10)).to_be_focused()
    body = facet.locator(".facet__body")
    assert body.evaluate("each => each.scrollHeight <= each.clientHeight + 1")


def test_filters_on_a_phone_fill_the_screen_and_give_the_focus_back(browse: Browse) -> None:
    page = browse(width=NARROW)
    page.goto("/c/spoons/")
    button = page.get_by_role("button", name="Filter")
    button.click()
    dialog = page.get_by_role("dialog", name="Filters")
    box: Any = dialog.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, NARROW, 844)

    dialog.get_by_label("In stock now").check()
    done = dialog.get_by_role("button", name="Show 20 things")
    expect(done).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Filter (1)")).to_be_focused()
    count(page, 20)
    expect(page.get_by_role("list", name="Chosen filters")).to_be_in_viewport()

    page.get_by_role("button", name="Filter (1)").click()
    expect(dialog.get_by_label("In stock now")).to_be_checked()
    done.click()
    expect(page.get_by_role("button", name="Filter (1)")).to_be_focused()


def test_scripts_ask_at_once_so_that_nobody_has_to_apply(browse: Browse) -> None:
    for scripts in [True, False]:
        page = browse(scripts=scripts)
        page.goto("/c/spoons/")
        apply = page.locator("#filters").get_by_role("button", name="Apply")
        expect(apply).to_be_visible(visible=not scripts)


# Pages


def test_another_order_keeps_the_filters_and_begins_at_the_first_page(browse: Browse) -> None:
    page = browse()
    page.goto("/c/spoons/?price_min=11&page=2")
    expect(page.locator(".toolbar")).to_contain_text("page 2 of 2")

    page.get_by_label("Sort by").select_option("-price")

    expect(page).to_have_url(re.compile(r"\?price_min=11&sort=-price$"))
    assert names(page)[0] == "Spoon 29"


def test_more_comes_below_and_is_there_again_after_a_look_at_one(browse: Browse) -> None:
    page = browse()
    page.goto("/c/spoons/?sort=price")
    assert len(names(page)) == 24

    page.get_by_role("link", name="Show more").click()

    expect(page.locator("#shelf .card__name")).to_have_count(30)
    assert names(page) == [f"Spoon {number:02}" for number in range(30)]
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)
    expect(page.locator("#shelf > li").nth(24).get_by_role("link")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?sort=price&page=2$"))

    page.get_by_role("link", name="Spoon 27").click()
    expect(page.locator("h1")).to_have_text("Spoon 27")
    page.go_back()
    expect(page.get_by_role("link", name="Spoon 27")).to_be_in_viewport()


def test_pages_are_links_that_need_no_scripts(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/c/spoons/?sort=price")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Page 2").click()
    assert names(page)[0] == "Spoon 24"
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Page 1").click()
    expect(page).to_have_url(re.compile(r"\?sort=price$"))


# Searching


def test_what_was_found_is_a_list_like_any_other(browse: Browse) -> None:
    page = browse()
    page.goto("/search/?q=spoon")
    expect(page.get_by_role("searchbox").or_(page.locator("#q")).first).to_have_value("spoon")
    expect(page.locator("h1")).to_have_text("“spoon”")
    count(page, 30)

    page.get_by_label("In stock now").check()
    count(page, 20)
    expect(page).to_have_url(re.compile(r"\?q=spoon&in_stock=1$"))
    page.get_by_label("Sort by").select_option("-price")
    expect(page).to_have_url(re.compile(r"\?q=spoon&in_stock=1&sort=-price$"))
    assert names(page)[0] == "Spoon 29"
    page.go_back()
    expect(page.get_by_label("Sort by")).to_have_value("relevance")
    count(page, 20)


def test_nothing_found_is_not_the_end_of_the_way(browse: Browse) -> None:
    page = browse()
    page.goto("/search/?q=zeppelin+spoon")
    expect(page.get_by_text("Nothing has all of these words")).to_be_visible()

    page.goto("/search/?q=zeppelin")
    expect(page.locator("h1")).to_have_text("Nothing for “zeppelin”")
    main = page.locator("main")
    expect(main.get_by_role("searchbox").or_(main.get_by_role("combobox"))).to_have_value(
        "zeppelin"
    )
    expect(main.get_by_role("link", name="Spoons")).to_be_visible()
    expect(main.get_by_role("link", name="Write to us")).to_be_visible()
    assert main.locator(".card__name").count() == 4
