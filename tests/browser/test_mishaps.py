"""What goes wrong on the way to a paid order, and how the shopper gets on."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.models import StockItem, Variant
from orders.models import Order, PaymentStatus
from shop.models import ShopSettings
from tests.browser.conftest import Browse, Shop, Watch
from tests.browser.steps import (
    choose_outcome,
    fill_address,
    go_on,
    last_order,
    pay,
    press_pay,
    start_with,
    to_payment,
)


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(scripts: bool, browse: Browse) -> Page:
    return browse(scripts=scripts)


def test_mistakes_in_an_address_are_listed_and_nothing_typed_is_lost(
    page: Page, shop: Shop, scripts: bool
) -> None:
    start_with(page, shop.stock.napkin)
    page.goto("/checkout/")
    fill_address(page)
    page.get_by_label("E-mail").fill("ada.example.com")
    page.locator(".address-part").get_by_label("Postcode").fill("12")
    go_on(page, "Continue to delivery")

    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(summary.get_by_role("listitem")).to_have_text(
        [
            "Enter an e-mail address, like anna@example.org.",
            re.compile("Enter a postcode of five digits"),
        ]
    )
    expect(page.get_by_label("E-mail")).to_have_value("ada.example.com")
    expect(page.get_by_label("Street and number").first).to_have_value("Weserstraße 18")
    summary.get_by_role("link").nth(1).click()
    postcode = page.locator(".address-part").get_by_label("Postcode")
    expect(postcode).to_be_focused()
    expect(postcode).to_have_attribute("aria-invalid", "true")

    postcode.fill("12045")
    page.get_by_label("E-mail").fill("ada@example.com")
    if scripts:
        expect(postcode).not_to_have_attribute("aria-invalid", "true")
        expect(page.locator("#id_shipping-postcode_error")).not_to_be_visible()
        expect(summary).to_be_visible()
    go_on(page, "Continue to delivery")
    expect(page).to_have_url(re.compile("/checkout/delivery/$"))


def test_mistakes_in_the_address_of_the_bill_say_that_they_are_there(
    page: Page, shop: Shop
) -> None:
    start_with(page, shop.stock.napkin)
    page.goto("/checkout/")
    fill_address(page)
    page.get_by_label("The bill goes to the same address").uncheck()
    go_on(page, "Continue to delivery")

    mistake = page.get_by_role("link", name="For the bill: Enter a full name, like Anna Lind.")
    expect(mistake).to_be_visible()
    mistake.click()
    expect(page.locator("#id_billing-name")).to_be_focused()


def change_price(variant: Variant, price: str) -> None:
    Variant.objects.filter(pk=variant.pk).update(price=Decimal(price))


def test_a_price_that_changed_is_told_before_anything_is_paid(page: Page, shop: Shop) -> None:
    dear = shop.stock.dear
    change_price(dear, "40.00")
    start_with(page, dear, reached="review")
    page.goto("/checkout/review/")
    orders = Order.objects.count()
    change_price(dear, "45.00")

    with page.expect_response("**/checkout/review/") as answer:
        press_pay(page)

    assert answer.value.status == 409
    alert = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("The total has changed")
    expect(alert).to_contain_text("The price has gone up by €5.00")
    assert Order.objects.count() == orders
    expect(page.locator("main")).to_contain_text("Ada Lovelace")
    page.get_by_role("button", name="Pay €49.90").click()
    expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()
    assert last_order().total == Decimal("49.90")


def test_sold_out_meanwhile_is_told_and_the_cart_is_kept(page: Page, shop: Shop) -> None:
    scarce = shop.stock.scarce
    start_with(page, scarce, reached="review")
    page.goto("/checkout/review/")
    orders = Order.objects.count()
    StockItem.adjust(scarce.pk, -1, reason="Broken", cause=f"test:{id(page)}")

    with page.expect_response("**/checkout/review/") as answer:
        press_pay(page)

    assert answer.value.status == 409
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was charged")
    assert Order.objects.count() == orders
    page.get_by_role("link", name="Back to the cart").last.click()
    expect(page.get_by_text("Sold out since you added it.")).to_be_visible()
    StockItem.receive(scarce.pk, 1, cause=f"test:{id(page)}:back")


def test_a_declined_payment_is_tried_again_on_the_same_order(page: Page, shop: Shop) -> None:
    to_payment(page, shop.stock.napkin)
    orders = Order.objects.count()
    choose_outcome(page, "Decline")

    expect(page.locator("main")).to_contain_text("The card was declined.")
    expect(page.locator("main")).to_contain_text("Nothing was charged")
    press_pay(page)
    pay(page)

    expect(page.get_by_text("Paid, €22.90")).to_be_visible()
    assert Order.objects.count() == orders
    assert last_order().attempts.count() == 2


def test_pressing_pay_twice_places_one_order(browse: Browse, shop: Shop) -> None:
    page = browse()
    start_with(page, shop.stock.napkin, reached="review")
    page.goto("/checkout/review/")
    orders = Order.objects.count()
    page.locator("main").get_by_role("button", name=re.compile("^Pay")).dblclick()
    expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()
    assert Order.objects.count() == orders + 1
    assert last_order().attempts.count() == 1


def test_a_form_on_its_way_is_seen_sent_once_and_can_be_sent_again(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    page.clock.install()
    start_with(page, shop.stock.napkin, reached="review")
    page.goto("/checkout/review/")
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.method)
        route.abort("aborted")

    page.route("**/checkout/review/", lose)
    button = page.locator("main").get_by_role("button", name=re.compile("^Pay"))
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#announcement")).to_have_text("One moment …")
    button.click(force=True)
    assert sent == ["POST"]

    page.clock.fast_forward(8000)
    expect(button).not_to_have_attribute("aria-disabled", "true")
    page.unroute("**/checkout/review/")
    button.click()
    expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()


def test_going_back_after_the_order_does_not_order_again(page: Page, shop: Shop) -> None:
    to_payment(page, shop.stock.napkin)
    orders = Order.objects.count()
    page.go_back()
    if page.locator("main").get_by_role("button", name=re.compile("^Pay")).is_visible():
        press_pay(page)
        expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()
    assert Order.objects.count() == orders
    assert last_order().attempts.count() == 1


def test_a_late_step_leads_to_the_first_that_is_missing(page: Page, shop: Shop) -> None:
    page.goto("/checkout/review/")
    expect(page).to_have_url(re.compile(r"/cart/\?from=checkout$"))
    start_with(page, shop.stock.napkin)
    page.goto("/checkout/review/")
    expect(page).to_have_url(re.compile("/checkout/address/$"))


def test_what_was_told_can_be_changed_from_the_last_step(page: Page, shop: Shop) -> None:
    start_with(page, shop.stock.napkin, reached="review")
    page.goto("/checkout/review/")
    page.get_by_role("link", name="Change the address").click()
    street = page.locator(".address-part").get_by_label("Street and number")
    expect(street).to_have_value("Weserstraße 18")
    street.fill("Sonnenallee 1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/checkout/review/$"))
    expect(page.locator(".dones")).to_contain_text("Sonnenallee 1")


@pytest.fixture
def closed_later() -> Iterator[None]:
    yield
    ShopSettings.objects.update(is_open=True)
    ShopSettings.forget()


def test_a_closed_shop_can_be_read_and_loses_no_cart(
    page: Page, shop: Shop, watch: Watch, closed_later: None
) -> None:
    watch.expected.add("503: ")
    start_with(page, shop.stock.napkin, reached="delivery")
    page.goto("/checkout/delivery/")
    ShopSettings.objects.update(is_open=False, closed_message="Back on Monday.")
    ShopSettings.forget()

    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("heading", name="The shop is closed for now")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Back on Monday.")
    page.goto(shop.stock.napkin.get_absolute_url())
    expect(page.get_by_role("heading", name="Linen napkin", level=1)).to_be_visible()

    ShopSettings.objects.update(is_open=True)
    ShopSettings.forget()
    page.goto("/cart/")
    expect(page.get_by_label("Quantity of Linen napkin")).to_have_value("1")


def test_more_than_there_are_is_refused_where_it_was_asked(page: Page, shop: Shop) -> None:
    start_with(page, shop.stock.scarce)
    page.goto("/cart/")
    field = page.get_by_label("Quantity of Tall vase")
    field.fill("5")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert").first).to_contain_text(re.compile("1"))
    expect(page.get_by_label("Quantity of Tall vase")).to_be_focused()
    expect(page.get_by_label("Quantity of Tall vase")).to_have_value("5")


def test_a_wrong_code_is_told_beside_it(page: Page, shop: Shop) -> None:
    start_with(page, shop.stock.napkin)
    page.goto("/cart/")
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("NOSUCH")
    page.get_by_role("button", name="Apply").click()

    code = page.get_by_label("Code", exact=True)
    expect(code).to_have_value("NOSUCH")
    expect(code).to_have_attribute("aria-describedby", "code-error")
    expect(page.locator("#code-error")).to_contain_text("NOSUCH")


def test_a_change_that_does_not_arrive_can_be_tried_again(
    browse: Browse, shop: Shop, watch: Watch
) -> None:
    watch.expected.update(["console: Failed to load resource: net::ERR", "Failed to fetch"])
    page = browse()
    page.goto(shop.stock.napkin.get_absolute_url())
    page.context.set_offline(True)
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    toast = page.get_by_role("alert").filter(has_text="The shop could not be reached.")
    expect(toast).to_be_visible()
    page.context.set_offline(False)
    toast.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("dialog", name="Your cart")).to_contain_text("is in your cart")
    expect(toast).to_have_count(0)


def test_a_payment_that_is_confirmed_late_says_so_and_then_shows_it(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    to_payment(page, shop.stock.napkin)
    choose_outcome(page, "Pay, never told")
    # The shop asks by itself when the shopper comes back.
    expect(page.get_by_text("Paid, €22.90")).to_be_visible()
    assert last_order().payment_status == PaymentStatus.PAID
