"""What shoppers do on their way, in the words of the pages."""

import re
from dataclasses import replace

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Locator, Page, expect

from accounts.forms import plain_address
from accounts.models import Address
from cart.models import Cart, CartLine, ShippingMethod
from catalog.models import Variant
from orders.draft import Draft
from orders.models import Order

ADDRESS = {
    "E-mail": "ada@example.com",
    "Full name": "Ada Lovelace",
    "Street and number": "Weserstraße 18",
    "Postcode": "12045",
    "City": "Berlin",
}


def start_with(
    page: Page,
    variant: Variant,
    *,
    reached: str = "cart",
    quantity: int = 1,
    email: str = "ada@example.com",
) -> None:
    """
    Give the browser a session that has come this far: "cart", "delivery" (the address is told), or
    "review" (the parcel is chosen). For tests that are not about the way there.
    """
    cart = Cart.objects.create()
    price = Variant.objects.priced().get(pk=variant.pk).effective_price
    CartLine.objects.create(cart=cart, variant=variant, quantity=quantity, seen_price=price)
    session = SessionStore()
    session["cart"] = cart.pk
    if reached != "cart":
        parcel = ShippingMethod.objects.get(name="Parcel", zone__name="Germany")
        told = Draft(cart.pk, email=email, shipping=plain_address(ada()))
        is_chosen = reached == "review"
        replace(told, method_id=parcel.pk if is_chosen else None).save(session)
    session.create()
    page.context.add_cookies(
        [{"name": "sessionid", "value": str(session.session_key), "url": settings.SITE_URL}]
    )


def ada() -> Address:
    return Address(
        name="Ada Lovelace", country="DE", line1="Weserstraße 18", postcode="12045", city="Berlin"
    )


def fill_address(page: Page, **other: str) -> None:
    part = page.locator(".address-part")
    for label, value in (
        ADDRESS | {key.replace("_", " "): each for key, each in other.items()}
    ).items():
        within: Page | Locator = page if label == "E-mail" else part
        within.get_by_label(label, exact=True).fill(value)


def go_on(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).and_(page.locator(":visible")).last.click()


def to_payment(page: Page, variant: Variant) -> None:
    start_with(page, variant, reached="review")
    page.goto("/checkout/review/")
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
