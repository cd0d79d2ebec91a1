"""Passkeys, made and used in a real browser with a virtual authenticator."""

import re
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import override_settings
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import User
from shop.models import Mail
from tests.browser.conftest import Browse, Shop, Watch
from tests.browser.steps import pay, press_pay, start_with
from tests.factories import UserFactory

PASSWORD = "thistle-and-clay"

type Device = tuple[CDPSession, str]


@pytest.fixture
def browse_named(browse: Browse, shop: Shop, watch: Watch) -> Iterator[Callable[[], Page]]:
    """A passkey belongs to a name, so the shop is asked for by one, not by 127.0.0.1."""
    named = shop.url.replace("127.0.0.1", "localhost")
    watch.home = named
    with override_settings(SITE_URL=named):
        yield lambda: browse(base_url=named)


@pytest.fixture
def ada() -> User:
    ada: User = UserFactory(email="ada.passkey@example.com", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    return ada


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    cache.clear()
    yield
    User.objects.filter(email__contains=".passkey@").delete()
    Mail.objects.all().delete()


def device(page: Page) -> Device:
    """A phone that knows its owner, and holds passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(added["authenticatorId"])


def sign_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada")


def add_passkey(page: Page, name: str) -> None:
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page).not_to_have_url(re.compile("/account/logout/"))


def code_for(email: str) -> str:
    found = re.search(
        r"^[B-Z]{4}-[B-Z]{4}$", Mail.objects.filter(to=email).latest("pk").text, re.MULTILINE
    )
    assert found
    return found[0]


def test_a_passkey_is_added_signs_in_is_renamed_and_removed(
    browse_named: Callable[[], Page], ada: User
) -> None:
    page = browse_named()
    device(page)
    sign_in(page, ada)
    add_passkey(page, "My phone")
    assert page.locator(".code-list li").count() == 10
    stored = Authenticator.objects.get(user=ada, type="webauthn")
    assert stored.wrap().is_passwordless

    sign_out(page)
    # The field's own offer, which has a test of its own, would be taken by the device at once.
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    # A passkey is both factors at once: nothing else is asked.
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada")

    page.goto("/account/2fa/")
    page.get_by_role("link", name="Rename My phone").click()
    page.get_by_label("Name of the passkey").fill("The old phone")
    page.get_by_role("button", name="Save the name").click()
    page.get_by_role("link", name="Remove The old phone").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not Authenticator.objects.filter(user=ada).exists()
    subjects = list(Mail.objects.filter(to=ada.email).values_list("subject", flat=True))
    assert any(each.startswith("A passkey was added") for each in subjects)
    assert any(each.startswith("A passkey was removed") for each in subjects)


def test_the_field_for_the_address_offers_passkeys(
    browse_named: Callable[[], Page], ada: User
) -> None:
    page = browse_named()
    device(page)
    sign_in(page, ada)
    add_passkey(page, "My phone")
    sign_out(page)

    page.goto("/account/login/?next=/cart/")

    # The virtual owner takes what the field offers at once.
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("cart", re.IGNORECASE))
    assert page.url.endswith("/cart/")


def test_a_password_alone_does_not_open_an_account_with_a_passkey(
    browse_named: Callable[[], Page], ada: User
) -> None:
    page = browse_named()
    session, key = device(page)
    sign_in(page, ada)
    add_passkey(page, "My phone")
    codes = page.locator(".code-list li").all_inner_texts()
    sign_out(page)
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})

    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(ada.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.goto("/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada")


def test_an_account_without_a_password(browse_named: Callable[[], Page]) -> None:
    email = "eve.passkey@example.com"
    page = browse_named()
    device(page)
    page.goto("/account/signup/")
    page.get_by_role("link", name="Without a password, by passkey").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code from the mail").fill(code_for(email))
    page.get_by_role("button", name="Confirm the address").click()
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    made = User.objects.get(email=email)
    assert not made.has_usable_password()
    assert EmailAddress.objects.get(user=made).verified


def test_without_scripts_the_other_ways_stand_and_passkeys_say_what_they_need(
    browse: Browse, ada: User
) -> None:
    page = browse(scripts=False)
    page.goto("/account/login/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("link", name="Send me a code by mail")).to_be_visible()
    sign_in(page, ada)
    page.goto("/account/2fa/webauthn/add/")
    expect(page.get_by_text("Passkeys need JavaScript.")).to_be_visible()
    expect(page.get_by_role("button", name="Create the passkey")).to_be_disabled()


def test_a_guest_who_has_bought_makes_an_account_with_one_press(
    browse_named: Callable[[], Page], shop: Shop
) -> None:
    email = "guest.passkey@example.com"
    page = browse_named()
    device(page)
    start_with(page, shop.stock.napkin, reached="review", email=email)
    page.goto("/checkout/review/")
    press_pay(page)
    pay(page)
    page.get_by_role("button", name="Create an account with a passkey").click()
    page.get_by_label("Code from the mail").fill(code_for(email))
    page.get_by_role("button", name="Confirm the address").click()
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
