"""What is agreed to and said beside the money: terms in their version, a note, words with a present."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from cart.models import Cart, ShippingMethod
from orders.consent import stamp, wordings_in_force
from orders.models import Order, OrderConsent, Wording
from shop.models import Page, ShopSettings
from tests.factories import CouponFactory, StaffFactory, VariantFactory
from tests.orders.test_checkout_pages import DELIVERY, REVIEW, Shopper

pytestmark = pytest.mark.django_db
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def terms(db: None) -> Page:
    return Page.objects.create(title="Terms", slug="terms", body="<p>One</p>", is_published=True)


@pytest.fixture
def ready(client: Client, parcel: ShippingMethod) -> Shopper:
    shopper = Shopper(client).take(VariantFactory(price=Decimal("20.00"), stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    return shopper


def agree(shopper: Shopper, **changes: Any) -> Any:
    return shopper.agree(wordings=stamp(wordings_in_force()), **changes)


def test_the_terms_are_kept_with_the_order_in_the_version_that_was_shown(
    ready: Shopper, terms: Page
) -> None:
    assert f'name="wordings" value="{stamp(wordings_in_force())}"' in ready.client.get(REVIEW).text

    agree(ready)
    Page.objects.filter(pk=terms.pk).update(body="<p>Two</p>")

    consent = OrderConsent.objects.get(order=Order.objects.get())
    assert (consent.wording.slug, consent.wording.body) == ("terms", "<p>One</p>")
    with pytest.raises(Error, match="wording_stays"), transaction.atomic():
        Wording.objects.update(body="<p>Never said</p>")


def test_a_version_is_kept_once_for_all_orders(
    client: Client, parcel: ShippingMethod, terms: Page
) -> None:
    for _order in range(2):
        shopper = Shopper(Client()).take(VariantFactory(stock=5))
        shopper.tell_address()
        shopper.choose(parcel)
        agree(shopper)

    assert (Order.objects.count(), OrderConsent.objects.count(), Wording.objects.count()) == (
        2,
        2,
        1,
    )


@pytest.mark.parametrize("seen", ["", "0" * 16, "x" * 200])
def test_terms_that_were_not_shown_bind_nobody(ready: Shopper, terms: Page, seen: str) -> None:
    response = ready.agree(wordings=seen)

    assert response.status_code == 409
    assert "Our terms have changed meanwhile" in response.text
    assert not Order.objects.exists()
    assert not Wording.objects.exists()


def test_staff_read_the_version(admin_client: Client, ready: Shopper, terms: Page) -> None:
    agree(ready)
    order = Order.objects.get()
    wording = Wording.objects.get()

    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk])).text

    assert reverse("admin:orders_wording_change", args=[wording.pk]) in page
    admin_client.force_login(StaffFactory())
    read = admin_client.get(reverse("admin:orders_wording_change", args=[wording.pk]))
    assert "&lt;p&gt;One&lt;/p&gt;" in read.text


def test_the_right_to_change_ones_mind_is_told_before_one_orders(ready: Shopper) -> None:
    ShopSettings.objects.update_or_create(pk=1, defaults={"returns_days": 30})
    ShopSettings.forget()

    assert "change your mind for 30 days" in ready.client.get(REVIEW).text


def test_a_note_goes_with_the_order_and_survives_a_mistake(ready: Shopper) -> None:
    refused = ready.agree(note="Ring twice", method="nonsense")
    assert refused.status_code == 422
    assert "Ring twice</textarea>" in refused.text

    ready.agree(note="Ring twice")

    order = Order.objects.get()
    assert order.note == "Ring twice"
    assert "Ring twice" in ready.client.get(order.get_absolute_url()).text


def test_a_note_that_is_too_long_places_nothing(ready: Shopper) -> None:
    assert ready.agree(note="x" * 1001).status_code == 422
    assert not Order.objects.exists()


def test_words_with_a_present_come_from_the_cart(ready: Shopper) -> None:
    kept = ready.client.post(
        reverse("cart:card"), {"gift_message": "For Ada\r\nwith love"}, headers=HERE
    )
    assert kept.status_code == 303
    assert "For Ada<br>with love" in ready.client.get(REVIEW).text

    ready.agree()

    order = Order.objects.get()
    assert order.gift_message == "For Ada\nwith love"
    assert "For Ada<br>with love" in ready.client.get(order.get_absolute_url()).text


def test_too_many_words_are_refused_and_stay_in_their_field(ready: Shopper) -> None:
    response = ready.client.post(reverse("cart:card"), {"gift_message": "x" * 301}, headers=HERE)

    assert response.status_code == 422
    assert "x" * 301 in response.text
    assert Cart.objects.get().gift_message == ""


def test_an_order_that_costs_nothing_asks_for_no_way_to_pay_and_is_confirmed_at_once(
    client: Client,
) -> None:
    shopper = Shopper(client).take(VariantFactory(requires_shipping=False))
    shopper.cart.use_coupon(CouponFactory(percent=100))
    assert shopper.tell_address()["Location"] == REVIEW
    page = client.get(REVIEW).text
    assert 'name="method"' not in page
    assert "Place the order" in page

    response = shopper.agree(method="")

    order = Order.objects.get()
    assert response["Location"] == order.get_absolute_url()
    assert (order.status, order.payment_status, order.payment_method) == (
        "confirmed",
        "none",
        "none",
    )
    assert (order.expires_at, order.attempts.count()) == (None, 0)


def test_who_has_something_to_pay_has_to_say_how(ready: Shopper) -> None:
    response = ready.agree(method="")

    assert response.status_code == 422
    assert "Choose how you would like to pay." in response.text
    assert not Order.objects.exists()


def test_a_way_of_delivery_that_no_longer_fits_the_cart_is_told_and_asked_for_again(
    ready: Shopper, parcel: ShippingMethod
) -> None:
    courier = ShippingMethod.objects.create(
        zone=parcel.zone, name="Letter", price=1, most_worth=Decimal("25.00")
    )
    ready.choose(courier)
    ready.take(VariantFactory(price=Decimal("20.00"), stock=5))

    assert ready.client.get(REVIEW)["Location"] == DELIVERY
    assert "The way you had chosen is not offered" in ready.client.get(DELIVERY).text
    assert ready.agree()["Location"] == DELIVERY
    assert not Order.objects.exists()


def test_a_free_pickup_is_offered_and_not_chosen_for_the_shopper(
    client: Client, parcel: ShippingMethod
) -> None:
    ShippingMethod.objects.create(zone=parcel.zone, name="Counter", price=0, is_pickup=True)
    shopper = Shopper(client).take(VariantFactory(price=Decimal("20.00"), stock=5))
    shopper.tell_address()

    page = client.get(DELIVERY)

    assert page.context["form"]["method"].value() == str(parcel.pk)
    assert "<dd>€24.90</dd>" in page.text
    assert "Travels by" not in page.text
