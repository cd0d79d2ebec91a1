"""
The throw-away rows of a race.

They are marked, so that what a killed run left behind is found by the next. The goods are drafts,
which no page shows; only the processes of a race sell them.
"""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.apps import apps
from django.db import transaction

from accounts.models import Address
from cart.models import Cart, CartLine, Coupon, Promotion
from catalog.models import Product, StockItem, Variant
from orders.models import Order
from shop.models import Mail

MARK = "mercer-race"
DOMAIN = f"@{MARK}.invalid"


@transaction.atomic
def make_goods(*units: int, backorder_limit: int = 0) -> list[Variant]:
    """Variants with so many units each on the shelf; nothing of them has to be sent."""
    run = uuid.uuid4().hex[:8]
    product = Product.objects.create(name="Race", slug=f"{MARK}-{run}")
    goods = []
    for number, each in enumerate(units, start=1):
        goods.append(
            Variant.objects.create(
                product=product, sku=f"{MARK}-{run}-{number}", options_key=f"race:{number}",
                price=Decimal("10.00"), requires_shipping=False,
            )
        )  # fmt: skip
        StockItem.receive(goods[-1].pk, each, cause=f"{MARK}:{run}")
    StockItem.objects.filter(variant__product=product).update(backorder_limit=backorder_limit)
    return goods


@transaction.atomic
def make_cart(goods: Sequence[Variant], coupon: Coupon | None = None) -> int:
    """A cart with one of each, in this order; returns its pk."""
    cart = Cart.objects.create(coupon=coupon)
    for variant in goods:
        CartLine.objects.create(cart=cart, variant=variant, quantity=1)
    return cart.pk


def make_coupon(limit: int) -> Coupon:
    return Coupon.objects.percent_off(f"{MARK}-{uuid.uuid4().hex[:8]}", 10, usage_limit=limit)


def address() -> Address:
    return Address(name="Nobody", country="DE", line1="Nowhere 1", postcode="12045", city="Berlin")


@transaction.atomic
def clear() -> int:
    """Remove all that races made, and what the history kept of it; returns how many orders there were."""
    variants = Variant.objects.filter(product__slug__startswith=f"{MARK}-")
    carts = list(Cart.objects.filter(lines__variant__in=variants).values_list("pk", flat=True))
    orders = Order.objects.filter(email__endswith=DOMAIN)
    count = orders.count()
    orders.delete()
    Mail.objects.filter(to__endswith=DOMAIN).delete()
    Cart.objects.filter(pk__in=carts).delete()
    apps.get_model("catalog.VariantPrice").objects.filter(pgh_obj__in=list(variants)).delete()
    Product.objects.filter(slug__startswith=f"{MARK}-").delete()
    Promotion.objects.filter(name__startswith=MARK.upper()).delete()
    apps.get_model("cart.CouponChange").objects.filter(code__startswith=MARK.upper()).delete()
    apps.get_model("cart.PromotionChange").objects.filter(name__startswith=MARK.upper()).delete()
    return count
