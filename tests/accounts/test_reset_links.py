"""A link to choose a new password is good once, for a day, for its owner, and as long as nothing else has changed."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from shop.models import Mail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "thistle-and-clay"
NEW = "bramble-and-slate"
ASK = "/account/password/reset/"


@pytest.fixture(autouse=True)
def _nobody_has_asked() -> None:
    cache.clear()


def person(email: str) -> User:
    user: User = UserFactory(email=email, password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def ada() -> User:
    return person("ada@example.com")


def ask(email: str) -> str:
    """The link that is mailed."""
    Client().post(ASK, {"email": email})
    found = re.search(r"http://testserver(\S+)", Mail.objects.latest("pk").text)
    assert found
    return found[1]


def use(link: str) -> Any:
    """Open the link in a browser of its own, and send the form that it leads to."""
    client = Client()
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": NEW})


def is_dead(link: str, user: User) -> bool:
    before = User.objects.get(pk=user.pk).password
    use(link)
    says_so = "This link has been used" in Client().get(link, follow=True).text
    return says_so and User.objects.get(pk=user.pk).password == before


def test_a_scanner_of_mails_that_opens_it_uses_nothing_up(ada: User) -> None:
    link = ask(ada.email)
    for _scanner in range(3):
        Client().get(link, follow=True)
        Client().head(link, follow=True)
    assert use(link).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert is_dead(link, ada)


@pytest.mark.parametrize("change", ["password", "address", "sign-in", "a day"])
def test_it_dies_with_what_it_was_asked_for(ada: User, change: str) -> None:
    link = ask(ada.email)
    if change == "password":
        ada.set_password("larch-and-granite")
        ada.save()
    elif change == "address":
        EmailAddress.objects.filter(user=ada).update(email="new@example.com")
        User.objects.filter(pk=ada.pk).update(email="new@example.com")
    elif change == "sign-in":
        Client().post("/account/login/", {"login": ada.email, "password": PASSWORD})
    if change == "a day":
        with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1), tick=True):
            assert is_dead(link, ada)
    else:
        assert is_dead(link, ada)


def test_of_two_links_the_second_dies_with_the_use_of_the_first(ada: User) -> None:
    first, second = ask(ada.email), ask(ada.email)
    use(first)
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert is_dead(second, ada)


def test_the_link_of_one_opens_no_other_account(ada: User) -> None:
    eve = person("eve@example.com")
    theirs, own = ask(ada.email), ask(eve.email)
    who, key = theirs.rsplit("/", 2)[1].split("-", 1)
    other, _key = own.rsplit("/", 2)[1].split("-", 1)
    swapped = theirs.replace(f"{who}-{key}", f"{other}-{key}")
    assert swapped != theirs
    assert is_dead(swapped, eve)
    assert is_dead(theirs.replace(key, key[:-1] + ("a" if key[-1] != "a" else "b")), ada)


@pytest.mark.parametrize(
    "lookalike", ["ad\u0430@example.com", "ada@ex\u0430mple.com", "ADA@EXAMPLE.COM\u200b",
                  "\u24d0da@example.com", "ada@\u24d4xample.com"],
)  # fmt: skip
def test_an_address_that_looks_like_another_gets_no_link_to_it(ada: User, lookalike: str) -> None:
    """The mail goes, if at all, to the address of the account, never to the one that was typed."""
    Client().post(ASK, {"email": lookalike})
    for mail in Mail.objects.all():
        assert mail.to == ada.email or "/password/reset/key/" not in mail.text


def test_the_address_bar_loses_the_key_and_the_page_tells_nobody(ada: User) -> None:
    link = ask(ada.email)
    key = link.rsplit("-", 1)[1].strip("/")
    response = Client().get(link, follow=True)
    assert key not in response.request["PATH_INFO"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
