"""Finding and choosing in a real browser: what scripts add, and what is there without them."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Browse, Shop


def test_choosing_a_variant_changes_price_pictures_and_address_and_keeps_the_focus(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    large = shop.stock.mugs["Oat", "Large"]
    page.goto("/categories/")
    page.goto(shop.stock.mug.get_absolute_url())

    page.get_by_role("link", name="Large").click()

    expect(page).to_have_url(re.compile(rf"\?variant={large.pk}$"))
    expect(page.locator(".price--large")).to_have_text("€24.00")
    expect(page.locator("#announcement")).to_contain_text("Oat, Large: €24.00, in stock")
    expect(page.get_by_role("link", name="Large")).to_be_focused()

    page.get_by_role("link", name="Moss, sold out").click()
    expect(page.locator("#purchase")).to_contain_text("Sold out in this form")
    expect(page.locator(".gallery__track img").first).to_have_attribute("alt", "A mug in Moss")
    expect(page.locator("#purchase").get_by_role("button", name="Add to cart")).to_have_count(0)

    page.go_back()
    expect(page).to_have_url(re.compile("/categories/$"))


def test_what_was_never_made_cannot_be_chosen(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto(shop.stock.mugs["Rust", "Small"].get_absolute_url())

    never = page.locator(".size--never")
    expect(never).to_have_attribute("aria-disabled", "true")
    expect(never).to_contain_text("not made in Rust")
    expect(page.get_by_role("link", name="Oat", exact=True)).to_be_visible()


def test_filters_change_the_shelf_and_going_back_undoes_them_one_at_a_time(browse: Browse) -> None:
    page = browse()
    page.goto("/c/kitchen/")
    count = page.locator(".toolbar b")
    expect(count).to_have_text("4 things")

    page.get_by_label("In stock now").first.check()
    expect(count).to_have_text("3 things")
    expect(page).to_have_url(re.compile(r"/c/kitchen/\?in_stock=1$"))
    expect(page.get_by_label("In stock now").first).to_be_focused()
    expect(page.locator("#announcement")).to_have_text("3 things")

    page.get_by_label("Sort by").first.select_option("-price")
    expect(page).to_have_url(re.compile(r"\?in_stock=1&sort=-price$"))
    expect(page.locator(".card__name").first).to_have_text("Bread board")

    page.go_back()
    expect(page).to_have_url(re.compile(r"\?in_stock=1$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/c/kitchen/$"))
    expect(count).to_have_text("4 things")


def test_a_phone_has_the_filters_in_a_drawer(browse: Browse) -> None:
    page = browse(width=NARROW)
    page.goto("/c/kitchen/")

    page.get_by_role("button", name="Filter").click()
    drawer = page.get_by_role("dialog", name="Filters")
    drawer.get_by_label("In stock now").check()
    drawer.get_by_role("button", name="Show 3 things").click()

    expect(drawer).to_be_hidden()
    expect(page.locator(".toolbar b")).to_have_text("3 things")
    expect(page.get_by_role("button", name="Filter (1)")).to_be_visible()


def test_all_of_it_works_without_scripts(browse: Browse, shop: Shop) -> None:
    for width in [NARROW, 1440]:
        page = browse(scripts=False, width=width)
        page.goto("/c/kitchen/")
        page.get_by_label("In stock now").first.check()
        page.get_by_label("Sort by").first.select_option("price")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".toolbar b")).to_have_text("3 things")
        expect(page.locator(".card__name").first).to_have_text("Ribbed mug")

        page.get_by_role("link", name="Ribbed mug").first.click()
        page.get_by_role("link", name="Large").click()
        expect(page.locator(".price--large")).to_have_text("€24.00")
        page.locator("#purchase").get_by_role("button", name="Add to cart").first.click()
        expect(page).to_have_url(re.compile("/cart/"))


def test_the_bar_to_buy_comes_when_the_button_has_gone(browse: Browse, shop: Shop) -> None:
    page = browse(width=NARROW)
    page.goto(shop.stock.mug.get_absolute_url())
    bar = page.get_by_role("region", name="Buy")
    expect(bar).to_be_hidden()

    page.locator("#reviews").scroll_into_view_if_needed()

    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("dialog", name="Your cart")).to_be_visible()


def test_no_page_is_wider_than_the_smallest_phone(browse: Browse, shop: Shop) -> None:
    page = browse(width=320)
    mug = shop.stock.mug.get_absolute_url()
    for address in ["/", "/categories/", "/c/kitchen/", mug, "/search/?q=mug", "/search/?q=zzz"]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
