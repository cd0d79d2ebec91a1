"""After checkout a guest makes an account, and a customer a passkey, from the page of the order."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orders.cancellation import cancel
from orders.models import Order
from shop.models import Mail
from tests.factories import UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db

EMAIL = "ada+shop@example.com"
PASSWORD = "thistle-and-clay"
SIGN_UP = 'href="(/account/signup/[^"]*)"'
OFFER = "Next time without a password"


def guest_order(**given: Any) -> Order:
    return order_of({VariantFactory(): 1}, email=EMAIL, **given)


def customer() -> User:
    ada: User = UserFactory(email=EMAIL)  # type: ignore[assignment]
    EmailAddress.objects.create(user=ada, email=EMAIL, verified=True, primary=True)
    return ada


def test_sign_up_after_checkout_is_filled_in_with_the_address_of_the_order(client: Client) -> None:
    page = client.get(guest_order().get_absolute_url()).text
    (link,) = re.findall(SIGN_UP, page)
    assert f'<input type="hidden" name="email" value="{EMAIL}">' in page

    form = client.get(link)

    assert form.context["form"]["email"].value() == EMAIL
    assert f'value="{EMAIL}"' in form.text


def test_a_guest_makes_an_account_after_checkout_and_finds_the_order_in_it(client: Client) -> None:
    order = guest_order()
    (link,) = re.findall(SIGN_UP, client.get(order.get_absolute_url()).text)
    filled = client.get(link).context["form"]["email"].value()

    client.post("/account/signup/", {"email": filled, "password1": PASSWORD})
    order.refresh_from_db()
    assert order.customer is None
    assert client.get("/account/orders/").status_code == 302

    mail = Mail.objects.get(kind="account_email_confirmation_signup")
    assert mail.to == EMAIL
    code = re.search(r"^[B-Z]{4}-[B-Z]{4}$", mail.text, re.MULTILINE)
    assert code
    client.post("/account/confirm-email/", {"code": code[0]})

    order.refresh_from_db()
    assert order.customer == User.objects.get(email=EMAIL)
    assert order.number in client.get("/account/orders/").text


@pytest.mark.parametrize("typed", ["nobody", '"><svg/onload=1>@x', "a" * 400 + "@example.com"])
def test_what_is_no_address_fills_in_nothing(typed: str, client: Client) -> None:
    page = client.get("/account/signup/", {"email": typed})
    assert page.status_code == 200
    assert not page.context["form"]["email"].value()


def test_a_customer_without_a_passkey_is_offered_one(client: Client) -> None:
    ada = customer()
    order = guest_order(customer=ada)
    client.force_login(ada)
    page = client.get(order.get_absolute_url()).text
    assert OFFER in page
    assert 'href="/account/2fa/webauthn/add/"' in page
    assert "Keep this order in an account" not in page

    Authenticator.objects.create(user=ada, type="webauthn", data={"name": "My phone"})
    assert OFFER not in client.get(order.get_absolute_url()).text


def test_it_is_offered_on_ones_own_new_order_alone(client: Client) -> None:
    ada, other = customer(), UserFactory()
    order, off = guest_order(customer=ada), guest_order(customer=ada)
    cancel(off)

    def is_offered(order: Order) -> bool:
        return OFFER in client.get(order.get_absolute_url()).text

    assert not is_offered(order)
    client.force_login(other)
    assert not is_offered(order)
    client.force_login(ada)
    assert is_offered(order)
    assert not is_offered(off)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert not is_offered(order)
