"""An order as a shopper would place it, for tests of what stands beside orders."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.models import Address
from cart.models import Cart, CartLine, ShippingMethod, ShippingZone
from cart.pricing import quote
from catalog.models import Variant
from orders.checkout import place_order
from orders.models import Order


def order_of(wanted: Mapping[Variant, int], **given: Any) -> Order:
    """Place an order of these variants from the shelf, not paid yet, sent as a parcel for €4.90."""
    zone, _is_new = ShippingZone.objects.get_or_create(name="Everywhere")
    parcel, _is_new = ShippingMethod.objects.get_or_create(
        zone=zone, name="Parcel", defaults={"price": Decimal("4.90")}
    )
    cart = Cart.objects.create()
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=each, quantity=n) for each, n in wanted.items()
    )
    home = Address(
        name="Ada Lovelace", country="DE", line1="Weserstraße 18", postcode="12045", city="Berlin"
    )
    agreed = quote(cart, country="DE", shipping_method=parcel)
    details: dict[str, Any] = {"email": "ada@example.com", "payment_method": "demo"} | given
    return place_order(
        cart,
        key=uuid.uuid4(),
        agreed_total=agreed.total,
        shipping_address=home,
        shipping_method=parcel,
        **details,
    )
