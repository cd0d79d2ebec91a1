"""The page about cookies tells of each that is set, and of none that is not."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from shop.cookies import all_cookies, all_kept
from tests.factories import StaffFactory, UserFactory, VariantFactory
from tests.shop.addresses import addresses

pytestmark = pytest.mark.django_db

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "thistle-and-clay"


class Jar(Client):
    """A browser that remembers the name of every cookie it was ever given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(headers=HERE, **kwargs)
        self.given: set[str] = set()

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        self.given |= {name for name, cookie in response.cookies.items() if cookie.value}
        return response


def walk(jar: Jar) -> None:
    """Every page that takes nothing, and some changes."""
    for address in addresses():
        if address.holes or "logout" in address.text or "demo/mail" in address.text:
            continue
        jar.get(address.text)
    jar.post("/appearance/", {"theme": "dark"})
    jar.post("/wishlists/items/", {"variant": VariantFactory().pk})  # type: ignore[attr-defined]
    jar.post("/cart/lines/", {"variant": VariantFactory().pk, "quantity": 1})  # type: ignore[attr-defined]
    jar.get("/checkout/address/")


def visitor() -> Jar:
    return Jar()


def customer() -> Jar:
    return entered(UserFactory(email="ada@example.com", password=PASSWORD))


def staff() -> Jar:
    return entered(StaffFactory(email="boss@example.com", password=PASSWORD))


def entered(user: Any) -> Jar:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    jar = Jar()
    jar.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert User.objects.get(pk=user.pk).last_login
    return jar


def test_every_cookie_is_told_and_every_one_that_is_told_is_set() -> None:
    told = {each.name for each in all_cookies()}
    given: set[str] = set()
    for jar in (visitor(), customer(), staff()):
        walk(jar)
        assert jar.given <= told, jar.given - told
        given |= jar.given

    assert given == told


def test_the_page_names_them_all_and_sets_none(client: Client) -> None:
    page = client.get(reverse("shop:cookies"))

    assert not page.cookies
    for each in [*all_cookies(), *all_kept()]:
        assert f'<h3 class="records__name">{each.name}</h3>' in page.text
        assert str(each.purpose) in page.text.replace("&#x27;", "'")


def test_scripts_keep_what_the_page_says_and_set_no_cookie() -> None:
    scripts = "".join(path.read_text() for path in (settings.BASE_DIR / "static/js").glob("*.js"))

    assert "document.cookie" not in scripts
    assert "localStorage.setItem(KEY" in scripts
    assert 'KEY = "seen"' in scripts
    assert 'KEY = "cart"' in scripts
    assert 'sessionStorage.setItem("notice"' in scripts
    assert scripts.count("Storage.setItem(") == len(all_kept())
