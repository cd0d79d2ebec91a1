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
from cart.trace import explain
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
    return gather(cart, country=country, email=email).quote(shipping_method)


@dataclass(frozen=True)
class Basis:
    """All that a quote needs but the way of delivery: several ways are compared without a query."""

    shop: ShopSettings
    lines: tuple[CartLine, ...]
    coupon: Coupon | None
    coupon_problem: str
    rate: TaxRate | None

    @property
    def percent(self) -> Decimal:
        return self.rate.percent if self.rate else ZERO

    def terms(self, method: ShippingMethod | None) -> Terms:
        return Terms(
            currency=self.shop.currency,
            prices_include_tax=self.shop.prices_include_tax,
            coupon_percent=self.coupon.percent if self.coupon else ZERO,
            shipping_price=round_money(method.price) if method else ZERO,
            free_over=method.free_over if method else None,
            shipping_tax_percent=self.percent,
        )

    def quote(self, method: ShippingMethod | None = None) -> Quote:
        """The price with this way of delivery, or with none."""
        items = [item_of(line, self.percent) for line in self.lines]
        terms = self.terms(method)
        sums = add_up(items, terms)
        tax_name = self.rate.name if self.rate else ""
        return Quote(
            currency=terms.currency,
            prices_include_tax=terms.prices_include_tax,
            lines=quote_lines(self.lines, items, sums),
            subtotal=sums.subtotal,
            discount_total=sums.discount_total,
            coupon=self.coupon,
            coupon_problem=self.coupon_problem,
            shipping_method=method,
            shipping_total=sums.shipping_total,
            tax_total=sums.tax_total,
            taxes=tuple(TaxSum(tax_name, **vars(each)) for each in sums.taxes),
            total=sums.total,
            trace=explain(self.lines, sums, terms, self.coupon, method, tax_name),
        )


def gather(cart: Cart, *, country: str = "", email: str = "") -> Basis:
    """Ask for what a quote of the cart needs, by the arguments of `quote`."""
    shop = ShopSettings.load()
    lines = tuple(line for line in cart.contents if line.is_sold)
    goods = sum((line.total for line in lines), ZERO)
    problem = cart.coupon.refusal(goods, email=email or cart.owner_email) if cart.coupon else ""
    return Basis(
        shop=shop,
        lines=lines,
        coupon=None if problem else cart.coupon,
        coupon_problem=problem,
        rate=TaxRate.of(country or str(shop.country)),
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
