"""From the door to a paid order: with scripts, without, and by keyboard alone."""

import re

from playwright.sync_api import Page, expect

from orders.models import OrderStatus, PaymentStatus
from tests.browser.conftest import NARROW, Browse, Shop
from tests.browser.steps import (
    fill_address,
    go_on,
    last_order,
    pay,
    start_with,
    to_payment,
)


def names(page: Page) -> list[str]:
    return page.locator("#results .card__name").all_inner_texts()


def test_a_shopper_finds_chooses_and_buys(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto("/")
    page.locator("main").get_by_role("link", name="Kitchen").first.click()
    expect(page.get_by_role("heading", name="Kitchen", level=1)).to_be_visible()
    assert sorted(names(page)) == ["Bread board", "Milk jug", "Ribbed mug", "Tall vase"]

    before = names(page)
    page.get_by_label("Sort by").first.select_option("-price")
    expect(page).to_have_url(re.compile(r"sort=-price"))
    expect(page.locator("#results .card__name").first).to_have_text("Bread board")
    expect(page.locator("#announcement")).to_have_text("4 things")
    page.go_back()
    expect(page.locator("#results .card__name").first).to_have_text(before[0])
    expect(page.get_by_label("Sort by").first).to_have_value("featured")
    assert names(page) == before

    page.locator("#results").get_by_role("link", name="Ribbed mug").click()
    expect(page.locator("#purchase")).to_contain_text("€19.00")
    page.get_by_role("link", name="Large").click()
    expect(page.locator("#purchase")).to_contain_text("€24.00")
    large = shop.stock.mugs["Oat", "Large"]
    expect(page).to_have_url(re.compile(rf"\?variant={large.pk}$"))
    expect(page.locator("#announcement")).to_have_text("Oat, Large: €24.00, in stock")
    expect(page.get_by_role("link", name="Large")).to_be_focused()

    page.get_by_role("button", name="Add to cart").first.click()
    drawer = page.get_by_role("dialog", name="Your cart")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Ribbed mug – Oat, Large is in your cart")
    expect(page.locator("#cart-link")).to_have_attribute("aria-label", "Cart, 1 item")
    drawer.get_by_role("link", name="See the cart").click()

    page.get_by_role("button", name=re.compile("^One more")).click()
    expect(page.locator(".totals__sum")).to_contain_text("€52.90")
    expect(page.locator("#announcement")).to_have_text(
        "Ribbed mug – Oat, Large: quantity 2, total €52.90"
    )
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill(" welcome10 ")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".totals__sum")).to_contain_text("€48.10")
    expect(page.locator("#cart")).to_contain_text("WELCOME10, 10% off")
    page.locator("main").get_by_role("link", name="Checkout").last.click()

    check_out(page)
    assert last_order().lines.get().quantity == 2


def check_out(page: Page) -> None:
    """Through the three steps and the payment, to an order over 48.10 that is paid."""
    fill_address(page)
    go_on(page, "Continue to delivery")
    page.get_by_role("radio", name=re.compile("^Parcel")).check()
    go_on(page, "Continue to payment")
    expect(page.locator("main")).to_contain_text("Ada Lovelace")
    page.get_by_role("button", name="Pay €48.10").click()
    expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()
    pay(page)

    order = last_order()
    expect(page.get_by_text("Paid, €48.10")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(order.number)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    expect(page.locator("#cart-link")).to_have_attribute("aria-label", "Cart, empty")


def test_the_same_without_scripts(browse: Browse, shop: Shop) -> None:
    page = browse(scripts=False, width=NARROW)
    page.goto("/")
    page.get_by_role("link", name="Menu").click()
    expect(page).to_have_url(re.compile("/categories/$"))
    page.locator("main").get_by_role("link", name="Kitchen").first.click()
    page.goto("/c/kitchen/?sort=-price&in_stock=1")
    assert names(page) == ["Bread board", "Tall vase", "Ribbed mug"]

    page.locator("#results").get_by_role("link", name="Ribbed mug").click()
    page.get_by_role("link", name="Large").click()
    page.get_by_label("Quantity").fill("1")
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    expect(page).to_have_url(re.compile("/cart/$"))
    expect(page.locator("#messages")).to_contain_text("Ribbed mug – Oat, Large is in your cart.")

    page.get_by_label(re.compile("^Quantity of")).fill("2")
    page.get_by_role("button", name=re.compile("^Update")).click()
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("WELCOME10")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".totals__sum")).to_contain_text("€48.10")
    page.locator("main").get_by_role("link", name="Checkout").last.click()

    check_out(page)


def test_the_filters_work_without_scripts(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/c/kitchen/")
    page.locator("#filters").get_by_label("To", exact=True).fill("30")
    page.locator("#filters").get_by_label("In stock now").check()
    page.locator("#sort").select_option("price")
    page.locator("#filters").get_by_role("button", name="Apply").click()

    assert names(page) == ["Ribbed mug"]
    expect(page).to_have_url(re.compile("price_max=30"))
    page.get_by_role("link", name="Clear all").first.click()
    assert len(names(page)) == 4


def test_the_drawer_closes_with_escape_and_gives_the_focus_back(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto(shop.stock.napkin.get_absolute_url())
    button = page.locator("#buy").get_by_role("button", name="Add to cart")
    button.click()
    drawer = page.get_by_role("dialog", name="Your cart")
    expect(drawer).to_be_visible()
    assert page.evaluate("document.getElementById('cart-drawer').contains(document.activeElement)")

    page.keyboard.press("Escape")

    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()


def test_another_tab_shows_what_was_put_into_the_cart_meanwhile(browse: Browse, shop: Shop) -> None:
    first = browse()
    start_with(first, shop.stock.napkin)
    first.goto("/")
    second = first.context.new_page()
    second.goto("/cart/")
    second.get_by_role("button", name="One more").click()
    expect(second.locator("#cart-link")).to_have_attribute("aria-label", "Cart, 2 items")

    # Headless tabs are never hidden: what a browser tells a tab that is looked at again.
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(first.locator("#cart-link")).to_have_attribute("aria-label", "Cart, 2 items")

    first.goto("/cart/")
    first.get_by_role("button", name="One more").click()
    expect(first.locator("#cart-link")).to_have_attribute("aria-label", "Cart, 3 items")
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(second.get_by_label("Quantity of")).to_have_value("3")
    expect(second.locator("h1")).to_have_count(1)


def test_what_is_added_on_the_page_of_the_empty_cart_stands_in_it(browse: Browse) -> None:
    page = browse()
    page.goto("/cart/")
    page.locator("main .card__add button").first.click()
    expect(page.locator("#cart-drawer")).to_have_attribute("open", "")
    expect(page.locator("#cart .line")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Your cart", level=1)).to_be_visible()


def test_back_from_a_thing_returns_to_the_place_in_the_list(browse: Browse) -> None:
    page = browse(width=NARROW)
    page.goto("/c/kitchen/")
    page.locator("#results .card__name a").last.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 200
    page.locator("#results .card__name a").last.click()
    expect(page.locator("#purchase")).to_be_visible()
    page.go_back()
    expect(page.locator("#results")).to_be_visible()
    page.wait_for_function(f"Math.abs(scrollY - {before}) <= 50")


def test_a_removed_line_can_be_put_back(browse: Browse, shop: Shop) -> None:
    page = browse()
    start_with(page, shop.stock.napkin)
    page.goto("/cart/")
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_text("Linen napkin was removed.")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Quantity of Linen napkin")).to_have_value("1")


def test_another_country_shows_its_own_fields_and_keeps_what_was_typed(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    start_with(page, shop.stock.napkin)
    page.goto("/checkout/")
    fill_address(page)
    country = page.locator(".address-part").get_by_label("Country")
    country.focus()
    country.select_option("US")
    expect(page.locator(".address-part").get_by_label("State")).to_be_visible()
    expect(page.locator(".address-part").get_by_label("Full name")).to_have_value("Ada Lovelace")
    expect(country).to_be_focused()


def test_signing_in_on_the_way_leads_back_to_checkout(browse: Browse, shop: Shop) -> None:
    page = browse()
    start_with(page, shop.stock.napkin)
    page.goto("/checkout/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(shop.stock.ada.email)
    page.get_by_label("Password", exact=True).fill("a-long-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/checkout/address/$"))
    expect(page.get_by_label(re.compile("^Ada Lovelace, Weserstraße 18"))).to_be_checked()


def test_paying_is_followed_by_a_page_that_may_be_loaded_again(browse: Browse, shop: Shop) -> None:
    page = browse()
    to_payment(page, shop.stock.napkin)
    pay(page)
    expect(page.get_by_text("Paid, €22.90")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Paid, €22.90")).to_be_visible()
    assert last_order().attempts.count() == 1
