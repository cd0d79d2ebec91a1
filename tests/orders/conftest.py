"""Carts that are full and orders that are placed, so that a test says only what it is about."""

import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Address
from cart.models import Cart, CartLine, ShippingMethod, ShippingZone
from cart.pricing import quote
from catalog.models import Variant
from orders.checkout import place_order
from orders.models import DemoPayment, Order, PaymentAttempt
from orders.paying import start_payment
from orders.payments.demo import decide

type FillCart = Callable[[Mapping[Variant, int]], Cart]
type Place = Callable[..., Order]
type PayAt = Callable[[Order, str], PaymentAttempt]


@pytest.fixture
def fill_cart() -> FillCart:
    def fill(wanted: Mapping[Variant, int]) -> Cart:
        cart = Cart.objects.create()
        CartLine.objects.bulk_create(
            CartLine(cart=cart, variant=each, quantity=n) for each, n in wanted.items()
        )
        return cart

    return fill


@pytest.fixture
def parcel(db: None) -> ShippingMethod:
    """A parcel for €4.90, wherever it goes."""
    zone = ShippingZone.objects.create(name="Everywhere")
    return ShippingMethod.objects.create(zone=zone, name="Parcel", price=Decimal("4.90"))


@pytest.fixture
def place(parcel: ShippingMethod) -> Place:
    """Place a cart as an ordinary shopper would who agrees to today's total."""

    def place(cart: Cart, **given: Any) -> Order:
        details: dict[str, Any] = {
            "key": uuid.uuid4(),
            "email": "ada@example.com",
            "shipping_address": ada(),
            "shipping_method": parcel,
            "payment_method": "demo",
        } | given
        if "agreed_total" not in details:
            agreed = quote(cart, country="DE", shipping_method=details["shipping_method"])
            details["agreed_total"] = agreed.total
        return place_order(cart, **details)

    return place


def ada() -> Address:
    return Address(
        name="Ada Lovelace", country="DE", line1="Weserstraße 18", postcode="12045", city="Berlin"
    )


@pytest.fixture
def pay_at() -> PayAt:
    """Go to the demo provider's page and choose an outcome there; the shop has not heard of it yet."""

    def pay(order: Order, outcome: str) -> PaymentAttempt:
        start_payment(order, method="demo")
        attempt = order.attempts.latest("pk")
        decide(DemoPayment.objects.get(idempotency_key=attempt.key), outcome)
        return attempt

    return pay
