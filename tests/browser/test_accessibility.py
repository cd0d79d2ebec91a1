"""Every page and state of a page, looked at by axe: wide and narrow, light and dark."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Browse, Shop
from tests.browser.shelves import PASSWORD, Stock
from tests.browser.steps import go_on, pay, press_pay, start_with, to_payment

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"runOnly": TAGS, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
RUN = """async (rules) => (await axe.run(document, rules)).violations.flatMap(({id, nodes}) =>
  nodes.slice(0, 3).map(({html, failureSummary}) => `${id}: ${html.slice(0, 120)} ${failureSummary.slice(0, 300)}`))"""

# Controls that are smaller than a fingertip, but for links within a sentence.
SMALL = """() => [...document.querySelectorAll("a[href], button, select, summary, input:not([type=hidden])")]
  .filter((each) => each.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
  .filter((each) => !each.closest("p, li, dd, .prose, .address, .field__hint")
    || getComputedStyle(each).display !== "inline")
  .map((each) => (each.closest("label") ?? each))
  .filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.width < 24 || box.height < 24);
  })
  .map((each) => `${each.tagName} ${each.className} ${(each.ariaLabel || each.innerText).slice(0, 30)}`)"""

# What lies outside the page, but for what is meant to be scrolled to. Main cuts it off, so that nothing would scroll.
CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility({checkVisibilityCSS: true}) && !each.closest(".visually-hidden, .skip"))
  .filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1);
  })
  .filter((each) => {
    for (let around = each.parentElement; around; around = around.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(around).overflowX)) return false;
    }
    return true;
  })
  .map((each) => `${each.tagName} ${each.className} ${each.textContent.trim().slice(0, 30)}`)"""


def faults_of(page: Page) -> list[str]:
    """What is wrong with what the page shows now, in both widths and both schemes."""
    found: list[str] = []
    page.evaluate(AXE_SCRIPT)
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in (("light", EVERYTHING), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{width} {scheme} {each}" for each in violations(page, rules)]
        found += [f"{width} small target: {each}" for each in page.evaluate(SMALL)]
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways at 320 px")
    found += [f"cut off at 320 px: {each}" for each in page.evaluate(CUT_OFF)]
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.emulate_media(color_scheme="light")
    return found


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    return page.evaluate(RUN, rules)


type Visit = Callable[[Page, Stock], object]


def at(address: str) -> Visit:
    return lambda page, stock: page.goto(address)


def thing(*options: str) -> Visit:
    return lambda page, stock: page.goto(stock.mugs[options].get_absolute_url())  # type: ignore[index]


def notice_put_away(page: Page, stock: Stock) -> None:
    page.goto("/")
    page.get_by_role("button", name="Put this notice away").click()
    expect(page.locator(".notice")).to_be_hidden()


def drawer(page: Page, stock: Stock) -> None:
    page.goto(stock.napkin.get_absolute_url())
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("dialog", name="Your cart")).to_be_visible()


def zoomed(page: Page, stock: Stock) -> None:
    page.goto(stock.thread.get_absolute_url())
    page.locator("[data-zoom]").nth(1).click()
    expect(page.get_by_role("dialog", name="Pictures of Linen thread")).to_be_visible()


def seen_before(page: Page, stock: Stock) -> None:
    for product in [stock.thread, stock.mug]:
        page.goto(product.get_absolute_url())
    page.locator("footer").scroll_into_view_if_needed()
    expect(page.get_by_role("heading", name="You have looked at")).to_be_visible()


def refused_quantity(page: Page, stock: Stock) -> None:
    page.goto(stock.scarce.get_absolute_url())
    page.locator("#quantity").evaluate("each => each.removeAttribute('max')")
    page.locator("#quantity").fill("900")
    page.locator("#buy").get_by_role("button", name="Add to cart").click()
    expect(page.locator("#buy-problem")).not_to_be_empty()


def menu(page: Page, stock: Stock) -> None:
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.goto("/")
    page.locator(".site-header").get_by_role("button", name="Menu").click()
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()


def filters(page: Page, stock: Stock) -> None:
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.goto("/c/kitchen/")
    page.get_by_role("button", name="Filter").first.click()
    expect(page.get_by_role("dialog", name="Filters")).to_be_visible()


def main_menu(page: Page, stock: Stock) -> None:
    page.goto("/")
    page.locator(".main-nav summary", has_text="Kitchen").click()


def full_cart(page: Page, stock: Stock) -> None:
    start_with(page, stock.napkin, quantity=2)
    page.goto("/cart/")


def cart_with_a_wrong_code(page: Page, stock: Stock) -> None:
    full_cart(page, stock)
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("NOSUCH")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#code-error")).to_be_visible()


def cart_with_too_many(page: Page, stock: Stock) -> None:
    start_with(page, stock.scarce, quantity=4)
    page.goto("/cart/")
    expect(page.get_by_text("Only 1 is left.")).to_be_visible()


def cart_line_removed(page: Page, stock: Stock) -> None:
    full_cart(page, stock)
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_role("button", name="Put it back")).to_be_visible()


def step(name: str, reached: str) -> Visit:
    def visit(page: Page, stock: Stock) -> None:
        start_with(page, stock.napkin, reached=reached)
        page.goto(f"/checkout/{name}/")

    return visit


def wrong_address(page: Page, stock: Stock) -> None:
    step("address", "cart")(page, stock)
    page.get_by_label("The bill goes to the same address").uncheck()
    go_on(page, "Continue to delivery")
    expect(page.get_by_text("There is a problem")).to_be_visible()


def refused_review(page: Page, stock: Stock) -> None:
    step("review", "review")(page, stock)
    page.locator("input[name=agreed_total]").evaluate("each => { each.value = '1.00' }")
    press_pay(page)
    expect(page.get_by_text("The total has changed", exact=False)).to_be_visible()


def payment(page: Page, stock: Stock) -> None:
    to_payment(page, stock.napkin)


def paid(page: Page, stock: Stock) -> None:
    to_payment(page, stock.napkin)
    pay(page)
    expect(page.get_by_text("Paid, €22.90")).to_be_visible()


def unpaid(page: Page, stock: Stock) -> None:
    to_payment(page, stock.napkin)
    page.locator(".outcomes").get_by_role("button", name="Decline").click()
    expect(page.get_by_text("The card was declined.").first).to_be_visible()


def transfer(page: Page, stock: Stock) -> None:
    step("review", "review")(page, stock)
    page.get_by_role("radio", name=re.compile("ransfer")).check()
    press_pay(page)
    expect(page.get_by_role("heading", name="Your transfer", exact=True)).to_be_visible()


def wrong_form(address: str, button: str) -> Visit:
    def visit(page: Page, stock: Stock) -> None:
        page.goto(address)
        page.locator("main").get_by_role("button", name=button).click()
        expect(page.get_by_text("There is a problem")).to_be_visible()

    return visit


def as_ada(address: str) -> Visit:
    def visit(page: Page, stock: Stock) -> None:
        client = Client()
        client.force_login(stock.ada)
        session = client.session
        assert SESSION_KEY in session
        cookie = {"name": "sessionid", "value": session.session_key, "url": settings.SITE_URL}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()

    return visit


def just_in(address: str) -> Visit:
    """As Ada, who has just signed in."""

    def visit(page: Page, stock: Stock) -> None:
        cache.clear()
        page.goto("/account/login/")
        page.get_by_label("E-mail").fill(stock.ada.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("h1")).to_have_text(re.compile("Hello|Confirm|One more step"))
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()

    return visit


def secured(address: str) -> Visit:
    """As Ada, who has a second factor; taken away again."""

    def visit(page: Page, stock: Stock) -> None:
        just_in("/account/")(page, stock)
        TOTP.activate(stock.ada, generate_totp_secret())
        RecoveryCodes.activate(stock.ada)
        page.goto(address)
        Authenticator.objects.all().delete()
        expect(page.locator("h1")).to_be_visible()

    return visit


def second_step(page: Page, stock: Stock) -> None:
    TOTP.activate(stock.ada, generate_totp_secret())
    just_in("/account/2fa/authenticate/")(page, stock)
    Authenticator.objects.all().delete()


def code_sent(page: Page, stock: Stock) -> None:
    cache.clear()
    page.goto("/account/login/code/")
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("Code from the mail")).to_be_visible()


def wrong_new_address(page: Page, stock: Stock) -> None:
    as_ada("/account/addresses/new/")(page, stock)
    page.locator("main form").get_by_role("button", name=re.compile("^(Save|Keep|Add the)")).click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def wrong_review(page: Page, stock: Stock) -> None:
    as_ada(f"/p/{stock.napkin.product.slug}/review/")(page, stock)
    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def kept_for_later(page: Page, stock: Stock) -> None:
    page.goto(stock.napkin.get_absolute_url())
    page.get_by_role("button", name="Keep it for later").click()
    page.goto("/wishlists/")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Close the link")).to_be_visible()


def shared_list(page: Page, stock: Stock) -> None:
    kept_for_later(page, stock)
    page.locator("a[href*='/wishlists/shared/']").click()
    expect(page.get_by_text("Somebody shows you")).to_be_visible()


def alert(page: Page, stock: Stock) -> None:
    page.goto(stock.jug.get_absolute_url())
    page.get_by_role("link", name="Tell me when it is back").click()
    page.get_by_role("button", name="Tell me").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def reported_review(page: Page, stock: Stock) -> None:
    as_ada(stock.mug.get_absolute_url())(page, stock)
    page.get_by_role("link", name="Report").first.click()
    expect(page.get_by_role("heading", name="Report a review")).to_be_visible()


def forbidden(page: Page, stock: Stock) -> None:
    page.goto("/account/login/")
    page.context.clear_cookies()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill("a-long-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_be_visible()


VISITS: dict[str, Visit] = {
    "home": at("/"),
    "menu": menu,
    "main menu": main_menu,
    "categories": at("/categories/"),
    "category": at("/c/kitchen/"),
    "collection": at("/collections/chosen/"),
    "home, notice put away": notice_put_away,
    "category, filtered": at("/c/kitchen/?price_max=30&in_stock=1"),
    "category, filters open": filters,
    "category, wrong filter": at("/c/kitchen/?price_min=30&price_max=10"),
    "category, nothing passes": at("/c/kitchen/?price_min=3000"),
    "thing": thing("Oat", "Small"),
    "thing, sold out": thing("Moss", "Large"),
    "thing, impossible size": thing("Rust", "Small"),
    "thing, unknown variant": lambda page, stock: page.goto(
        f"{stock.mug.get_absolute_url()}?variant=1"
    ),
    "thing, reduced": lambda page, stock: page.goto(stock.napkin.get_absolute_url()),
    "thing, one left": lambda page, stock: page.goto(stock.scarce.get_absolute_url()),
    "thing, all sold out": lambda page, stock: page.goto(stock.jug.get_absolute_url()),
    "thing, in many forms": lambda page, stock: page.goto(stock.thread.get_absolute_url()),
    "thing, picture enlarged": zoomed,
    "thing, others seen before": seen_before,
    "thing, too many wanted": refused_quantity,
    "thing, gone": lambda page, stock: page.goto(stock.lamp.get_absolute_url()),
    "review, wrong": wrong_review,
    "review, reported": reported_review,
    "reviews of the account": as_ada("/account/reviews/"),
    "how reviews are checked": at("/reviews/about/"),
    "wishlist": kept_for_later,
    "wishlist of a customer": as_ada("/wishlists/"),
    "wishlist, shared": shared_list,
    "stock alert, wrong": alert,
    "stock alert, asked": at("/alerts/asked/"),
    "search": at("/search/?q=mug"),
    "search, nothing found": at("/search/?q=zeppelin"),
    "search, mended": at("/search/?q=mlik"),
    "search, some of the words": at("/search/?q=velvet+jug"),
    "search, nothing asked": at("/search/"),
    "drawer": drawer,
    "cart": full_cart,
    "cart, empty": at("/cart/"),
    "cart, wrong code": cart_with_a_wrong_code,
    "cart, too many": cart_with_too_many,
    "cart, line removed": cart_line_removed,
    "address": step("address", "cart"),
    "address, wrong": wrong_address,
    "delivery": step("delivery", "delivery"),
    "review": step("review", "review"),
    "review, refused": refused_review,
    "payment": payment,
    "order, paid": paid,
    "order, declined": unpaid,
    "order, by transfer": transfer,
    "sign in": at("/account/login/"),
    "sign in, wrong": wrong_form("/account/login/", "Sign in"),
    "sign up": at("/account/signup/"),
    "sign up, wrong": wrong_form("/account/signup/", "Create the account"),
    "password forgotten": at("/account/password/reset/"),
    "password, mail sent": at("/account/password/reset/done/"),
    "password, used link": at("/account/password/reset/key/1-none/"),
    "account": as_ada("/account/"),
    "name": as_ada("/account/name/"),
    "addresses": as_ada("/account/addresses/"),
    "address of the account": as_ada("/account/addresses/new/"),
    "address of the account, wrong": wrong_new_address,
    "orders": as_ada("/account/orders/"),
    "order to be found, wrong": wrong_form("/orders/lookup/", "Send me the link"),
    "orders, nothing found": as_ada("/account/orders/?q=zeppelin&which=past"),
    "consents": as_ada("/account/consents/"),
    "your data": as_ada("/account/data/"),
    "deletion": just_in("/account/data/deletion/"),
    "cookies": at("/cookies/"),
    "e-mail": as_ada("/account/email/"),
    "security": as_ada("/account/2fa/"),
    "security, all in use": secured("/account/2fa/"),
    "recovery codes": secured("/account/2fa/recovery-codes/"),
    "recovery codes, new": secured("/account/2fa/recovery-codes/generate/"),
    "app, to be removed": secured("/account/2fa/totp/deactivate/"),
    "app": just_in("/account/2fa/totp/activate/"),
    "passkey": just_in("/account/2fa/webauthn/add/"),
    "devices": just_in("/account/sessions/"),
    "other services": just_in("/account/3rdparty/"),
    "asked again": as_ada("/account/reauthenticate/"),
    "second step": second_step,
    "code by mail": at("/account/login/code/"),
    "code by mail, sent": code_sent,
    "sign up by passkey": at("/account/signup/passkey/"),
    "e-mail, old link": at("/account/email/pending/none/"),
    "change the password": as_ada("/account/password/change/"),
    "sign out": as_ada("/account/logout/"),
    "words": at("/pages/delivery/"),
    "400": at("/search/?q=%00"),
    "403": forbidden,
    "404": at("/no-such-page/"),
}


@pytest.mark.parametrize("name", VISITS)
def test_everybody_can_use(name: str, browse: Browse, shop: Shop) -> None:
    page = browse()
    VISITS[name](page, shop.stock)

    assert faults_of(page) == []
