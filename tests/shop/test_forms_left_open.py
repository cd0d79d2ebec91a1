"""A form that was open while its token or its session ended, and the address of a button opened like a page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Address, User
from cart.models import ShippingMethod
from tests.accounts.test_account_pages import BERLIN
from tests.factories import UserFactory
from tests.orders.conftest import parcel as parcel

pytestmark = pytest.mark.django_db

HOME = "http://testserver"
BOOK = reverse("accounts:addresses")


@pytest.fixture
def address() -> Address:
    user: User = UserFactory()
    kept: Address = user.addresses.create(**BERLIN)
    return kept


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        (f"{HOME}{BOOK}?from=mail#top", f"{BOOK}?from=mail"),
        ("", "/account/addresses/7/deletion/"),
        ("https://evil.example/account/", "/account/addresses/7/deletion/"),
        (f"{HOME}//evil.example/", "/account/addresses/7/deletion/"),
        ("http://[", "/account/addresses/7/deletion/"),
    ],
)
def test_a_form_without_its_token_leads_back_to_where_it_stood(
    came_from: str, leads_to: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/account/addresses/7/deletion/", headers={"Referer": came_from})

    assert page.status_code == 403
    assert "The form was open for too long" in page.text
    assert f'class="button" href="{leads_to}"' in page.text


def test_signing_in_again_leads_back_to_the_page_of_the_form(
    client: Client, address: Address
) -> None:
    deletion = reverse("accounts:delete_address", args=[address.pk])

    sent = client.post(deletion, headers={"Referer": HOME + BOOK})
    assert sent["Location"] == f"{reverse('account_login')}?next={BOOK}"
    sent = client.post(deletion)
    assert sent["Location"] == f"{reverse('account_login')}?next={reverse('accounts:overview')}"
    assert Address.objects.filter(pk=address.pk).exists()


def test_a_part_of_a_page_is_not_filled_with_the_way_in(client: Client) -> None:
    new = reverse("accounts:new_address")
    answer = client.post(
        new, BERLIN | {"change": "1"}, headers={"HX-Request": "true", "Referer": HOME + new}
    )
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next={new}"
    assert not answer.content


def test_a_checkout_without_its_cart_is_left_as_a_whole(
    client: Client, parcel: ShippingMethod
) -> None:
    answer: Any = client.post(
        reverse("orders:checkout_address"), {"change": "shipping"}, headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"] == reverse("cart:show", query={"from": "checkout"})


@pytest.mark.parametrize("path", ["/cart/lines/", "/cart/coupon/", "/appearance/"])
def test_the_address_of_a_button_says_that_it_is_no_page(client: Client, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 405
    assert page["Allow"] == "POST"
    assert "There is no page here" in page.text
    assert "Back to the shop" in page.text
