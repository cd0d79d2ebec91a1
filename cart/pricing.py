"""
What a cart costs, and why: the only arithmetic of a total.

List price → catalogue rule → coupon, shared out over the lines → delivery → taxes → total. Cart
page, checkout, order, invoice and mail all print the same `Quote`. This module gathers what the
sum needs; the sum itself is `cart.arithmetic`, over plain values.

Where prices include tax they are gross prices for everybody: a country with another rate changes
the tax that is contained, never what the shopper pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cart.arithmetic import ZERO, Item, Sums, Terms, add_up, delivery_price
from cart.models import Cart, CartLine, Coupon, ShippingMethod, ShippingZone, TaxRate
from catalog.models import Variant
from shop.models import ShopSettings
from shop.money import round_money


@dataclass(frozen=True)
class QuoteLine:
    """
    One line as it is sold.

    `list_price` and `unit_price` are for one, before and after catalogue rules; `subtotal` is for
    all. `total` is subtotal less discount, and the tax on top where prices do not include it.
    """

    variant: Variant
    quantity: int
    list_price: Decimal
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax_percent: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True)
class TaxSum:
    """What is taxed at one rate, goods and delivery: its name on the bill, the net, and the tax."""

    name: str
    percent: Decimal
    net: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Quote:
    """
    A cart's price today, for one country and one way of delivery.

    `total` is goods less discount plus delivery, and the taxes where prices do not include them.
    `coupon` is None when it does not hold; `coupon_problem` then says why. `trace` explains each
    step in JSON.
    """

    currency: str
    prices_include_tax: bool
    lines: tuple[QuoteLine, ...]
    subtotal: Decimal
    discount_total: Decimal
    coupon: Coupon | None
    coupon_problem: str
    shipping_method: ShippingMethod | None
    shipping_total: Decimal
    tax_total: Decimal
    taxes: tuple[TaxSum, ...]
    total: Decimal
    trace: list[dict[str, Any]] = field(default_factory=list)

    @property
    def goods(self) -> Decimal:
        """What the goods cost after the discount, which is what free delivery looks at."""
        return self.subtotal - self.discount_total

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def requires_shipping(self) -> bool:
        return any(line.variant.requires_shipping for line in self.lines)


def quote(
    cart: Cart,
    *,
    country: str = "",
    shipping_method: ShippingMethod | None = None,
    email: str = "",
) -> Quote:
    """
    Price a cart as it stands, for delivery to `country` (the shop's own, if none is named).

    Lines that are not sold any more are left out; `cart.problems` tells of them. A coupon that
    does not hold costs nothing but its discount. With `email`, else that of the cart's account,
    the uses of the coupon by this customer are looked at too. The number of queries does not
    depend on the number of lines.
    """
    shop = ShopSettings.load()
    lines = [line for line in cart.contents if line.is_sold]
    goods = sum((line.quantity * line.price for line in lines), ZERO)
    problem = cart.coupon.refusal(goods, email=email or cart.owner_email) if cart.coupon else ""
    coupon = cart.coupon if cart.coupon and not problem else None
    rate = TaxRate.of(country or str(shop.country))
    percent = rate.percent if rate else ZERO
    terms = Terms(
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        coupon_percent=coupon.percent if coupon else ZERO,
        shipping_price=round_money(shipping_method.price) if shipping_method else ZERO,
        free_over=shipping_method.free_over if shipping_method else None,
        shipping_tax_percent=percent,
    )
    items = [item_of(line, percent) for line in lines]
    sums = add_up(items, terms)
    return Quote(
        currency=terms.currency,
        prices_include_tax=terms.prices_include_tax,
        lines=quote_lines(lines, items, sums),
        subtotal=sums.subtotal,
        discount_total=sums.discount_total,
        coupon=coupon,
        coupon_problem=problem,
        shipping_method=shipping_method,
        shipping_total=sums.shipping_total,
        tax_total=sums.tax_total,
        taxes=tuple(TaxSum(rate.name if rate else "", **vars(each)) for each in sums.taxes),
        total=sums.total,
        trace=explain(lines, sums, coupon, shipping_method, rate, terms),
    )


def item_of(line: CartLine, percent: Decimal) -> Item:
    return Item(
        quantity=line.quantity,
        unit_price=line.price,
        tax_percent=percent if line.variant.is_taxable else ZERO,
        requires_shipping=line.variant.requires_shipping,
    )


def quote_lines(
    lines: Sequence[CartLine], items: Sequence[Item], sums: Sums
) -> tuple[QuoteLine, ...]:
    return tuple(
        QuoteLine(
            variant=line.variant,
            quantity=line.quantity,
            list_price=round_money(line.variant.price),
            unit_price=item.unit_price,
            tax_percent=item.tax_percent,
            **vars(summed),
        )
        for line, item, summed in zip(lines, items, sums.lines, strict=True)
    )


def explain(
    lines: Sequence[CartLine],
    sums: Sums,
    coupon: Coupon | None,
    method: ShippingMethod | None,
    rate: TaxRate | None,
    terms: Terms,
) -> list[dict[str, Any]]:
    """Write down each step of the sum in JSON, amounts as text, in the order it was taken."""
    steps: list[dict[str, Any]] = []
    for line, summed in zip(lines, sums.lines, strict=True):
        steps.append(
            {
                "step": "goods",
                "variant": line.variant_id,
                "quantity": line.quantity,
                "list_price": str(line.variant.price),
                "unit_price": str(line.price),
                "amount": str(summed.subtotal),
            }
        )
    if coupon:
        steps.append(
            {
                "step": "coupon",
                "code": coupon.code,
                "percent": str(coupon.percent),
                "of": str(sums.subtotal),
                "amount": str(-sums.discount_total),
                "shares": [str(-line.discount) for line in sums.lines],
            }
        )
    if method:
        steps.append(
            {
                "step": "shipping",
                "method": method.name,
                "price": str(terms.shipping_price),
                "free_over": None if terms.free_over is None else str(terms.free_over),
                "goods": str(sums.subtotal - sums.discount_total),
                "amount": str(sums.shipping_total),
            }
        )
    steps += [
        {
            "step": "tax",
            "name": rate.name if rate else "",
            "percent": str(each.percent),
            "included": terms.prices_include_tax,
            "net": str(each.net),
            "amount": str(each.amount),
        }
        for each in sums.taxes
    ]
    return [*steps, {"step": "total", "amount": str(sums.total)}]


def shipping_choices(
    source: Cart | Quote, country: str = "", *, zones: Sequence[ShippingZone] | None = None
) -> list[tuple[ShippingMethod, Decimal]]:
    """
    The ways to send it to a country, each with its price for these goods; the shop's order.

    Empty when nothing has to be sent, and when we do not deliver there. Asks for all `zones`
    unless they are given.
    """
    priced = source if isinstance(source, Quote) else quote(source, country=country)
    if not priced.requires_shipping:
        return []
    zone = ShippingZone.of(country or str(ShopSettings.load().country), among=zones)
    if zone is None:
        return []
    return [
        (method, delivery_price(round_money(method.price), method.free_over, priced.goods))
        for method in zone.methods.filter(is_active=True)
    ]
