import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from accounts.models import Address
from cart.models import Cart
from cart.pricing import quote
from catalog.models import Variant
from orders.checkout import place_order
from tests.factories import CartFactory, CartLineFactory

type FillCart = Callable[..., Cart]


@pytest.fixture
def fill_cart(db: None) -> FillCart:
    """Make a cart that holds so many of each, whatever there is of them."""

    def fill(wanted: Mapping[Variant, int], **given: Any) -> Cart:
        cart: Any = CartFactory(**given)
        for variant, quantity in wanted.items():
            CartLineFactory(cart=cart, variant=variant, quantity=quantity)
        return cart

    return fill


@pytest.fixture
def place_order_of(fill_cart: FillCart) -> Callable[..., Any]:
    """Place an order of things that need no parcel; `coupon` and whom it is for can be said."""

    def place(wanted: Mapping[Variant, int], *, coupon: Any = None, **given: Any) -> Any:
        cart = fill_cart(wanted, coupon=coupon, customer=given.get("customer"))
        Variant.objects.filter(pk__in=[each.pk for each in wanted]).update(requires_shipping=False)
        agreed = quote(cart, country="DE", email=given["email"])
        return place_order(
            cart, key=uuid.uuid4(), agreed_total=agreed.total, shipping_address=ADA,
            payment_method="transfer", **given,
        )  # fmt: skip

    return place


ADA = Address(
    name="Ada Lovelace", country="DE", line1="Weserstraße 18", postcode="12045", city="Berlin"
)
