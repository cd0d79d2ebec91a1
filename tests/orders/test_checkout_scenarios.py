"""What shoppers meet on the way through checkout now and then."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cart.models import ShippingMethod
from catalog.models import Image
from orders.cancellation import cancel
from orders.models import Order, PaymentAttempt
from tests.factories import UserFactory, VariantFactory
from tests.orders.test_checkout_pages import ADDRESS, REVIEW, Shopper

pytestmark = pytest.mark.django_db


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)


def test_a_script_in_an_address_is_text_like_any_other(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory(stock=5))
    shopper.tell_address(
        **{"shipping-name": "<script>alert(1)</script>", "shipping-city": "<b>Berlin"}
    )
    shopper.choose(parcel)
    pages = [shopper.client.get(ADDRESS).text, shopper.client.get(REVIEW).text]
    shopper.agree()
    pages.append(shopper.client.get(Order.objects.get().get_absolute_url()).text)

    for page in pages:
        assert "<script>alert(1)" not in page
        assert "<b>Berlin" not in page
        assert "&lt;b&gt;Berlin" in page


def test_the_only_country_that_is_reached_is_chosen_already(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    parcel.zone.countries = ["AT"]
    parcel.zone.save()
    shopper.take(VariantFactory())

    page = shopper.client.get(ADDRESS).text

    shipping = page[page.index('name="shipping-country"') : page.index('name="shipping-name"')]
    assert '<option value="AT" selected>' in shipping
    assert shipping.count("<option") == 1


def test_a_guest_may_order_with_the_address_of_an_account(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    UserFactory(email="ada@example.com")
    shopper.take(VariantFactory(stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    shopper.agree()

    order = Order.objects.get()
    assert (order.email, order.customer) == ("ada@example.com", None)


def test_a_cancelled_order_cannot_be_paid(shopper: Shopper, parcel: ShippingMethod) -> None:
    shopper.take(VariantFactory(stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    shopper.agree()
    order = Order.objects.get()
    attempts = PaymentAttempt.objects.count()
    cancel(order)

    pay: Any = reverse("orders:pay", args=[order.number, order.token])
    shopper.client.post(pay, {"method": "demo"})

    order.refresh_from_db()
    assert (order.status, PaymentAttempt.objects.count()) == ("cancelled", attempts)
    assert 'name="method"' not in shopper.client.get(order.get_absolute_url()).text


def test_each_line_shows_its_own_picture(shopper: Shopper) -> None:
    variants = [VariantFactory(product__name=name) for name in ("Mug", "Bowl")]
    for letter, variant in zip("ab", variants, strict=True):
        variant.image = Image.objects.create(
            product=variant.product, file=f"{letter}.webp", key=letter * 64, width=800, height=1000
        )
        variant.save()
        shopper.take(variant)

    page = shopper.client.get(reverse("cart:show")).text

    lines = page.split('<li class="line">')[1:]
    assert ["a" * 64 in lines[0], "b" * 64 in lines[0]] == [True, False]
    assert ["a" * 64 in lines[1], "b" * 64 in lines[1]] == [False, True]
