"""The shop without a mouse."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from orders.models import PaymentStatus
from tests.browser.conftest import NARROW, WIDE, Browse, Shop
from tests.browser.steps import ADDRESS, last_order, start_with

# What has the focus: is it in view, uncovered, and is it seen to have it?
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return {what: "nothing"};
  const label = element.closest("label");
  const boxes = [...element.getClientRects()].filter((box) => box.width && box.height);
  const box = boxes[0] ?? element.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const points = [box.top + 2, box.top + box.height / 2, box.bottom - 2];
  const visible = points.filter((y) => {
    const top = y >= 0 && y < innerHeight && document.elementFromPoint(x, y);
    return top && (element.contains(top) || top.contains(element) || label?.contains(top));
  });
  const around = [element, label, element.parentElement, element.closest("li")].filter(Boolean);
  const shown = around.flatMap((each) => [null, "::after"].map((part) => getComputedStyle(each, part))).some(
    (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  ) || element.closest(".search-box") !== null;  // Whose line gets twice as thick.
  return {
    what: `${element.tagName} ${element.id} ${element.ariaLabel || element.innerText || element.name || ""}`,
    place: `${scrollX}:${Math.round(box.left + scrollX)}:${Math.round(box.top + scrollY)}`,
    isUncovered: visible.length > 0,
    isShown: shown,
  };
}"""

IN_DIALOG = """() => {
  const element = document.activeElement;
  return element === document.body || element.closest("dialog") !== null;
}"""


def tab_to(page: Page, target: Locator, *, limit: int = 80) -> None:
    for _ in range(limit):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} was not reached with {limit} presses of Tab")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def test_everything_is_bought_by_keyboard(browse: Browse, shop: Shop) -> None:
    page = browse()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    press(page, page.locator("main").get_by_role("link", name="Kitchen").first)
    press(page, page.locator("#results").get_by_role("link", name="Ribbed mug"))
    large = page.get_by_role("link", name="Large")
    press(page, large)
    expect(page.locator("#purchase")).to_contain_text("€24.00")
    expect(large).to_be_focused()
    press(page, page.locator("#buy").get_by_role("button", name="Add to cart"))
    drawer = page.get_by_role("dialog", name="Your cart")
    expect(drawer).to_be_visible()
    press(page, drawer.get_by_role("link", name="Checkout"))

    for label, value in ADDRESS.items():
        field = page.locator("main").get_by_label(label, exact=True).first
        tab_to(page, field)
        page.keyboard.type(value)
    page.keyboard.press("Enter")  # In a field, as everywhere.
    expect(page).to_have_url(re.compile("/checkout/delivery/$"))
    tab_to(page, page.get_by_role("radio", name=re.compile("^Parcel")))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Express"))).to_be_checked()
    press(page, page.get_by_role("button", name="Continue to payment"))
    press(page, page.get_by_role("button", name="Pay €33.90"))
    press(page, page.locator(".outcomes").get_by_role("button", name="Pay €33.90"))

    expect(page.get_by_text("Paid, €33.90")).to_be_visible()
    assert last_order().payment_status == PaymentStatus.PAID


def test_the_quantity_is_changed_by_keyboard_and_keeps_the_focus(
    browse: Browse, shop: Shop
) -> None:
    page = browse()
    start_with(page, shop.stock.napkin)
    page.goto("/cart/")
    field = page.get_by_label("Quantity of Linen napkin")
    tab_to(page, field)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".totals__sum")).to_contain_text("€40.90")
    expect(field).to_have_value("2")
    expect(field).to_be_focused()


def test_the_menu_opens_closes_and_gives_the_focus_back(browse: Browse) -> None:
    page = browse(width=NARROW)
    page.goto("/")
    button = page.locator(".site-header").get_by_role("button", name="Menu")
    press(page, button)
    menu = page.get_by_role("dialog", name="Menu")
    expect(menu).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        # It may pass through the browser's own bar, where no element of the page has it.
        assert page.evaluate(IN_DIALOG)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_the_main_menu_opens_with_enter_and_closes_with_escape(browse: Browse) -> None:
    page = browse()
    page.goto("/")
    kitchen = page.locator(".main-nav summary", has_text="Kitchen")
    press(page, kitchen)
    inside = page.locator(".main-nav").get_by_role("link", name="Cups")
    expect(inside).to_be_visible()
    tab_to(page, inside)
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    expect(kitchen).to_be_focused()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_whatever_has_the_focus_is_seen_and_shown_to_have_it(
    browse: Browse, shop: Shop, width: int
) -> None:
    page = browse(width=width)
    start_with(page, shop.stock.napkin)
    addresses = ["/", "/c/kitchen/", shop.stock.mug.get_absolute_url(), "/cart/"]
    addresses += ["/checkout/address/", "/account/login/", "/pages/delivery/"]
    wrong = []
    for address in addresses:
        page.goto(address)
        wrong += [f"{address} {each}" for each in walk(page)]
    assert wrong == []


def walk(page: Page) -> list[str]:
    """Tab through a page once and tell of each place where the focus could not be seen."""
    wrong: list[str] = []
    first: Any = None
    for _ in range(150):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        if now["what"] == "nothing":
            break
        mark = (now["what"], now["place"])
        if mark == first:
            break
        first = first or mark
        if not now["isUncovered"]:
            wrong.append(f"is covered: {now['what']}")
        if not now["isShown"]:
            wrong.append(f"is not shown: {now['what']}")
    return wrong
