"""
A shopper who sends what no page of the shop holds: steps left out, prices of their own, codes twice, a return from a
payment that nobody made. Nothing of it is believed.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cart.models import Cart, CartLine, ShippingMethod, ShippingZone
from catalog.models import Variant
from orders.models import Order, PaymentStatus
from orders.paying import ask_provider, start_payment
from tests.factories import CouponFactory, VariantFactory
from tests.ordering import order_of
from tests.orders.conftest import PayAt
from tests.orders.test_checkout_pages import (
    ADA,
    ADDRESS,
    CART,
    DELIVERY,
    REVIEW,
    Shopper,
)

pytestmark = pytest.mark.django_db

HERE = {"Sec-Fetch-Site": "same-origin"}
CHEAP = {
    "price": "0.01", "unit_price": "0.01", "seen_price": "0.01", "total": "0.01", "subtotal": "0", "tax": "0",
    "shipping_total": "0", "discount": "99", "discount_total": "99", "currency": "JPY", "status": "confirmed",
    "payment_status": "paid", "coupon": "1", "customer": "1",
}  # fmt: skip


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)


@pytest.fixture
def ready(shopper: Shopper, parcel: ShippingMethod) -> Shopper:
    """A shopper with one mug who has come as far as the last step."""
    shopper.take(VariantFactory(price=Decimal("20.00"), stock=5))  # type: ignore[arg-type]
    shopper.tell_address()
    shopper.choose(parcel)
    return shopper


def pay(shopper: Shopper, **fields: str) -> Any:
    """Send the last form without having seen it."""
    sent = {"key": "", "agreed_total": "24.90", "method": "demo"} | fields
    return shopper.client.post(REVIEW, sent)


# Steps


def test_a_step_that_is_sent_without_those_before_it_leads_to_the_first_that_is_missing(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    shopper.take(VariantFactory(price=Decimal("20.00")))
    for response in (shopper.choose(parcel), pay(shopper)):
        assert (response.status_code, response["Location"]) == (303, ADDRESS)
    shopper.tell_address()
    response = pay(shopper)
    assert (response.status_code, response["Location"]) == (303, DELIVERY)
    assert not Order.objects.exists()


def test_who_has_no_cart_pays_nothing(shopper: Shopper, parcel: ShippingMethod) -> None:
    for response in (shopper.client.post(ADDRESS, ADA), shopper.choose(parcel), pay(shopper)):
        assert response["Location"] == CART
    assert not Order.objects.exists()


@pytest.mark.parametrize("fault", ["another zone", "switched off"])
def test_a_way_of_delivery_that_was_not_offered_is_refused(
    shopper: Shopper, parcel: ShippingMethod, fault: str
) -> None:
    if fault == "another zone":
        zone = ShippingZone.objects.create(name="Austria", countries=["AT"])
        cheap = ShippingMethod.objects.create(zone=zone, name="Cheap", price=Decimal("0.10"))
    else:
        cheap = ShippingMethod.objects.create(
            zone=parcel.zone, name="Cheap", price=Decimal("0.10"), is_active=False
        )
    shopper.take(VariantFactory(price=Decimal("20.00")))
    shopper.tell_address()
    assert shopper.choose(cheap).status_code == 422
    assert pay(shopper, agreed_total="20.10")["Location"] == DELIVERY
    assert not Order.objects.exists()


def test_an_address_that_is_sent_once_more_changes_no_order_that_was_placed(ready: Shopper) -> None:
    assert ready.agree().status_code == 303
    order = Order.objects.get()
    before = list(order.addresses.values())

    response = ready.tell_address(**{"shipping-city": "Potsdam", "shipping-postcode": "14467"})

    assert response["Location"] == CART
    assert list(order.addresses.values()) == before
    order.refresh_from_db()
    assert order.total == Decimal("24.90")


# Prices


def test_what_a_thing_costs_is_for_the_shop_to_say(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    mug: Any = VariantFactory(price=Decimal("20.00"), stock=5)
    sent = CHEAP | {"variant": mug.pk, "quantity": "1"}
    shopper.client.post(reverse("cart:lines"), sent, headers=HERE)
    shopper.client.post(
        reverse("cart:line", args=[mug.pk]), CHEAP | {"quantity": "2"}, headers=HERE
    )
    shopper.client.post(ADDRESS, ADA | CHEAP)
    shopper.client.post(DELIVERY, CHEAP | {"method": parcel.pk})
    assert shopper.agree(**CHEAP).status_code == 303

    order = Order.objects.get()
    assert (order.total, order.shipping_total) == (Decimal("44.90"), Decimal("4.90"))
    assert (order.status, order.payment_status) == ("pending", PaymentStatus.PENDING)
    assert (order.customer, order.currency) == (None, "EUR")


@pytest.mark.parametrize("agreed", ["0.00", "0.01", "24.89", "24.91", "99999.00"])
def test_a_total_that_was_altered_is_shown_once_more(ready: Shopper, agreed: str) -> None:
    response = ready.agree(agreed_total=agreed)
    assert response.status_code == 409
    assert "Pay €24.90" in response.text
    assert not Order.objects.exists()


def test_the_same_thing_sent_in_two_fields_is_one_line(shopper: Shopper) -> None:
    mug: Any = VariantFactory(stock=5)
    body = f"variant={mug.pk}&quantity=1&variant={mug.pk}&quantity=2"
    form = "application/x-www-form-urlencoded"
    shopper.client.post(reverse("cart:lines"), body, content_type=form, headers=HERE)
    assert CartLine.objects.get().quantity == 2


# Codes


def test_a_code_that_is_sent_twice_holds_once(ready: Shopper) -> None:
    CouponFactory()
    body, form = "code=WELCOME10&code=WELCOME10", "application/x-www-form-urlencoded"
    for _twice in range(2):
        ready.client.post(reverse("cart:coupon"), body, content_type=form, headers=HERE)
    assert "Pay €22.90" in ready.client.get(REVIEW).text


def test_a_code_with_a_least_worth_is_looked_at_again_when_one_pays(
    shopper: Shopper, parcel: ShippingMethod
) -> None:
    CouponFactory(minimum=Decimal(40))
    mug: Any = VariantFactory(price=Decimal("20.00"), stock=5)
    shopper.take(mug, 2)
    shopper.client.post(reverse("cart:coupon"), {"code": "WELCOME10"}, headers=HERE)
    shopper.tell_address()
    shopper.choose(parcel)
    shopper.client.post(reverse("cart:line", args=[mug.pk]), {"quantity": "1"}, headers=HERE)

    for agreed in ["22.90", "24.90"]:
        response = shopper.agree(agreed_total=agreed)
        assert response.status_code in {409, 422}, agreed
    assert not Order.objects.exists()


def test_codes_that_are_unknown_over_or_to_come_leave_the_cart_alone(ready: Shopper) -> None:
    CouponFactory(code="OVER", is_active=False)
    for code in ["NOPE", "OVER", "ОVER", "O VER\u200b", "%", "'; DROP TABLE cart_cart; --"]:
        response = ready.client.post(reverse("cart:coupon"), {"code": code}, headers=HERE)
        assert response.status_code == 422, code
    assert Cart.objects.get().coupon is None


# The way back from paying


@pytest.fixture
def waiting(client: Client) -> Order:
    order = order_of({VariantFactory(price=Decimal("40.00")): 1})
    start_payment(order, method="demo")
    return order


def back(order: Order) -> str:
    return reverse("orders:payment_return", args=[order.number, order.token])


def test_whoever_says_that_they_have_paid_has_not(client: Client, waiting: Order) -> None:
    said = {"status": "success", "paid": "1", "amount": "0.01", "redirect_status": "succeeded"}
    page = client.get(back(waiting), said, follow=True)
    assert "We are confirming your payment" in page.text
    client.get(waiting.get_absolute_url(), said)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.payment_status) == ("pending", PaymentStatus.PENDING)


def test_the_payment_of_a_cheap_order_pays_no_other(
    client: Client, waiting: Order, pay_at: PayAt
) -> None:
    cheap = order_of({VariantFactory(price=Decimal("1.00")): 1})
    attempt = pay_at(cheap, "pay")
    ask_provider(attempt, source="return")
    for named in ({"reference": attempt.reference}, {"session_id": attempt.reference},
                  {"attempt": str(attempt.pk)}):  # fmt: skip
        for _again in range(2):
            client.get(back(waiting), named)
    cheap.refresh_from_db()
    waiting.refresh_from_db()
    assert (cheap.status, waiting.status) == ("confirmed", "pending")
    assert cheap.attempts.get().captured == cheap.total
    swapped = reverse("orders:payment_return", args=[waiting.number, cheap.token])
    assert client.get(swapped).status_code == 404


def test_leaving_the_providers_page_after_paying_takes_nothing_back(
    client: Client, waiting: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(waiting, "pay"), source="return")
    client.get(back(waiting), {"status": "cancelled", "cancelled": "1"})
    waiting.refresh_from_db()
    assert waiting.status == "confirmed"
    assert Variant.objects.count() == 1
