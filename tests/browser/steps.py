"""What shoppers do on their way, in the words of the pages."""

import re
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from catalog.models import Variant
from orders.models import Order

ADDRESS = {
    "E-mail": "ada@example.com",
    "Full name": "Ada Lovelace",
    "Street and number": "Weserstraße 18",
    "Postcode": "12045",
    "City": "Berlin",
}


def put_in_cart(page: Page, variant: Variant) -> None:
    """From the thing's own page; ends with it in the cart."""
    page.goto(variant.get_absolute_url())
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    said = page.get_by_text(re.compile("is in your cart"))
    expect(said.first).to_be_attached()


def fill_address(page: Page, **other: str) -> None:
    part = page.locator(".address-part")
    for label, value in (
        ADDRESS | {key.replace("_", " "): each for key, each in other.items()}
    ).items():
        within: Page | Locator = page if label == "E-mail" else part
        within.get_by_label(label, exact=True).fill(value)


def go_on(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).and_(page.locator(":visible")).last.click()


def to_delivery(page: Page) -> None:
    page.goto("/checkout/")
    fill_address(page)
    go_on(page, "Continue to delivery")
    expect(page).to_have_url(re.compile("/checkout/delivery/$"))


def to_review(page: Page) -> None:
    to_delivery(page)
    page.get_by_role("radio", name=re.compile("^Parcel")).check()
    go_on(page, "Continue to payment")
    expect(page).to_have_url(re.compile("/checkout/review/$"))


def to_payment(page: Page) -> None:
    to_review(page)
    press_pay(page)
    expect(page.get_by_role("heading", name="Demo payment", level=1)).to_be_visible()


def press_pay(page: Page) -> None:
    page.locator("main").get_by_role("button", name=re.compile("^Pay")).click()


def choose_outcome(page: Page, words: str) -> None:
    page.locator(".outcomes").get_by_role("button", name=words, exact=True).click()


def pay(page: Page) -> None:
    page.locator(".outcomes").get_by_role("button", name=re.compile(r"^Pay [€\d]")).click()


def last_order() -> Order:
    return Order.objects.latest("pk")


def total(amount: str) -> str:
    return f"€{Decimal(amount):.2f}"
