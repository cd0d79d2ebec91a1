"""Accounts as shoppers meet them: making one, getting back in, leaving nothing behind."""

import re
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import User
from cart.models import Cart
from shop.models import Mail
from tests.browser.conftest import Browse, Shop
from tests.browser.steps import start_with
from tests.factories import UserFactory

PASSWORD = "thistle-and-clay"
BOTH = pytest.mark.parametrize("scripts", [True, False])


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    cache.clear()
    yield
    people = User.objects.filter(email__endswith="@account.example")
    Cart.objects.filter(customer__in=people).delete()
    people.delete()
    Mail.objects.all().delete()


def person(email: str) -> User:
    user: User = UserFactory(email=email, password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def text_for(email: str) -> str:
    return Mail.objects.filter(to=email).latest("pk").text


def code_for(email: str) -> str:
    found = re.search(r"^[B-Z]{4}-[B-Z]{4}$", text_for(email), re.MULTILINE)
    assert found
    return found[0]


def title(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Hello|Your account"))


@BOTH
def test_an_account_is_made_with_the_code_of_the_mail(browse: Browse, scripts: bool) -> None:
    email = "eve@account.example"
    page = browse(scripts=scripts)
    page.goto("/account/signup/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Code from the mail").fill("BBBB BBBB")
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("Code from the mail").fill(code_for(email))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


@BOTH
def test_a_forgotten_password_is_replaced(browse: Browse, scripts: bool) -> None:
    person("ada@account.example")
    page = browse(scripts=scripts)
    page.goto("/account/login/")
    page.get_by_role("link", name="Forgotten it?").click()
    page.get_by_label("E-mail").fill("ada@account.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    link = re.search(r"https?://\S+", text_for("ada@account.example"))
    assert link
    page.goto(link[0])
    page.get_by_label("New password").fill("a-kettle-of-herons")
    page.get_by_role("button", name="Keep this password").click()
    sign_in(page, "ada@account.example", "a-kettle-of-herons")
    page.goto(link[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used")


@BOTH
def test_a_code_by_mail_signs_in(browse: Browse, scripts: bool) -> None:
    person("ada@account.example")
    page = browse(scripts=scripts)
    page.goto("/account/login/")
    page.get_by_role("link", name="Send me a code by mail").click()
    page.get_by_label("E-mail").fill("ada@account.example")
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code from the mail").fill(code_for("ada@account.example"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada")


def test_the_cart_of_a_visitor_and_of_the_account_become_one(browse: Browse, shop: Shop) -> None:
    person("ada@account.example")
    desk = browse()
    sign_in(desk, "ada@account.example")
    desk.goto(shop.stock.napkin.get_absolute_url())
    desk.locator("#buy").get_by_role("button", name="Add to cart").click()
    expect(desk.get_by_text("is in your cart").first).to_be_visible()

    phone = browse(width=390)
    start_with(phone, shop.stock.scarce)
    sign_in(phone, "ada@account.example")
    phone.goto("/cart/")
    for name in (shop.stock.napkin.product.name, shop.stock.scarce.product.name):
        expect(phone.locator("main").get_by_text(name).first).to_be_visible()


@pytest.mark.parametrize(
    "address",
    ["/account/", "/account/orders/", "/account/addresses/", "/account/2fa/", "/account/sessions/"],
)
def test_the_back_button_shows_nothing_after_signing_out(browse: Browse, address: str) -> None:
    person("ada@account.example")
    page = browse()
    sign_in(page, "ada@account.example")
    page.goto(address)
    inside = title(page)
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Sign out").click()
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page).not_to_have_url(re.compile("/account/logout/"))

    for _ in range(3):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert title(page) not in {inside, "Leaving?"}
        expect(page.get_by_text("ada@account.example")).to_have_count(0)


def test_the_way_in_is_walked_by_keyboard(browse: Browse) -> None:
    person("ada@account.example")
    page = browse()
    page.goto("/account/login/")
    page.get_by_label("E-mail").focus()
    page.keyboard.type("ada@account.example")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.type") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada")
    nav = page.get_by_role("navigation", name="Account")
    nav.get_by_role("link", name="Security").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Security")
    page.get_by_role("link", name="Set up an app").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code that the app shows now")).to_be_visible()


@BOTH
def test_another_address_is_agreed_to_by_both(browse: Browse, scripts: bool) -> None:
    person("ada@account.example")
    page = browse(scripts=scripts)
    sign_in(page, "ada@account.example")
    page.goto("/account/email/")
    page.get_by_label("New e-mail address").fill("new@account.example")
    page.get_by_role("button", name="Ask both addresses").click()
    expect(page.get_by_text("Not yet: look in its mail")).to_have_count(2)
    for email in ("ada@account.example", "new@account.example"):
        link = re.search(r"https?://\S+", text_for(email))
        assert link
        page.goto(link[0])
        page.get_by_role("button", name="I agree").click()
    expect(page.get_by_text("new@account.example").first).to_be_visible()
