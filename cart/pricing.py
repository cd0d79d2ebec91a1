"""
What a cart costs, and why: the only arithmetic of a total.

List price → catalogue rule → promotions, shared out over the lines → delivery → taxes → total. Cart
page, checkout, order, invoice and mail all print the same `Quote`. This module gathers what the
sum needs; the sum itself is `cart.arithmetic`, over plain values.

Where prices include tax they are gross prices for everybody: a country with another rate changes
the tax that is contained, never what the shopper pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cart.arithmetic import Sums, add_up
from cart.items import ZERO, Item, Tariff, Terms
from cart.models import Cart, CartLine, Coupon, ShippingMethod, ShippingZone, TaxRate, WhyNot
from cart.offers import Held, Offers, offers_for, shut_out
from cart.trace import explain
from catalog.models import Variant
from shop.models import ShopSettings
from shop.money import round_money


@dataclass(frozen=True)
class QuoteLine:
    """
    One line as it is sold.

    `list_price` and `unit_price` are for one, before and after catalogue rules; `subtotal` is for
    all. `total` is subtotal less discount, and the tax on top where prices do not include it. A
    gift costs nothing from the start.
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
    is_gift: bool = False


@dataclass(frozen=True)
class Reduction:
    """What a promotion took off: off the goods, off delivery, or nothing where it gave a gift."""

    promotion_id: int
    label: str
    code: str
    goods: Decimal
    shipping: Decimal


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
    `coupon` is None when it does not hold; `why_not` then says so. `shipping_discount` has been
    taken off `shipping_total` already. `hints` tell what is missing for promotions that come by
    themselves. `trace` explains each step in JSON.
    """

    currency: str
    prices_include_tax: bool
    lines: tuple[QuoteLine, ...]
    subtotal: Decimal
    discount_total: Decimal
    reductions: tuple[Reduction, ...]
    coupon: Coupon | None
    why_not: WhyNot | None
    hints: tuple[str, ...]
    shipping_method: ShippingMethod | None
    shipping_discount: Decimal
    shipping_total: Decimal
    tax_total: Decimal
    taxes: tuple[TaxSum, ...]
    total: Decimal
    trace: list[dict[str, Any]] = field(default_factory=list)

    @property
    def coupon_problem(self) -> str:
        """Why the coupon does not hold, in words for the shopper."""
        return str(self.why_not) if self.why_not else ""

    @property
    def goods(self) -> Decimal:
        """What the goods cost after the discount."""
        return self.subtotal - self.discount_total

    @property
    def gifts(self) -> list[QuoteLine]:
        return [line for line in self.lines if line.is_gift]

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
    what this customer has used and ordered is looked at too. The number of queries does not
    depend on the number of lines.
    """
    return gather(cart, country=country, email=email).quote(shipping_method)


@dataclass(frozen=True)
class Basis:
    """All that a quote needs but the way of delivery: several ways are compared without a query."""

    shop: ShopSettings
    coupon: Coupon | None
    lines: tuple[CartLine, ...]
    items: tuple[Item, ...]
    offers: Offers
    rate: TaxRate | None

    @property
    def percent(self) -> Decimal:
        return self.rate.percent if self.rate else ZERO

    def terms(self, method: ShippingMethod | None) -> Terms:
        return Terms(
            currency=self.shop.currency,
            prices_include_tax=self.shop.prices_include_tax,
            offers=tuple(held.offer for held in self.offers.held),
            tariff=Tariff(
                price=round_money(method.price) if method else ZERO,
                free_over=method.free_over if method else None,
                tax_percent=self.percent,
            ),
        )

    def quote(self, method: ShippingMethod | None = None) -> Quote:
        """The price with this way of delivery, or with none."""
        terms = self.terms(method)
        sums = add_up(self.items, terms)
        taken = self.taken(sums)
        why_not = self.why_not(taken)
        tax_name = self.rate.name if self.rate else ""
        lines = quote_lines(self.lines, self.items, sums) + gift_lines(taken)
        reductions = tuple(
            Reduction(held.promotion.pk, held.label, held.code, each.goods, each.shipping)
            for held, each in zip(taken, sums.taken, strict=True)
        )
        return Quote(
            currency=terms.currency,
            prices_include_tax=terms.prices_include_tax,
            lines=lines,
            subtotal=sums.subtotal,
            discount_total=sums.discount_total,
            reductions=reductions,
            coupon=None if why_not else self.coupon,
            why_not=why_not,
            hints=self.offers.hints,
            shipping_method=method,
            shipping_discount=sums.shipping_discount,
            shipping_total=sums.shipping_total,
            tax_total=sums.tax_total,
            taxes=tuple(TaxSum(tax_name, **vars(each)) for each in sums.taxes),
            total=sums.total,
            trace=explain(lines, sums, terms, reductions, self.offers.missed, method, tax_name),
        )

    def taken(self, sums: Sums) -> list[Held]:
        """The promotions that took something off, in the order in which they did."""
        by_key = {held.promotion.pk: held for held in self.offers.held}
        return [by_key[each.offer.key] for each in sums.taken]

    def why_not(self, taken: Sequence[Held]) -> WhyNot | None:
        """Why the coupon does not hold: by its conditions, or because of what else holds."""
        if self.offers.why_not or not self.coupon:
            return self.offers.why_not
        unused = [held for held in self.offers.held if held.code and held not in taken]
        return shut_out(unused[0], taken) if unused else None


def gather(cart: Cart, *, country: str = "", email: str = "") -> Basis:
    """Ask for what a quote of the cart needs, by the arguments of `quote`."""
    shop = ShopSettings.load()
    lines = tuple(line for line in cart.contents if line.is_sold)
    rate = TaxRate.of(country or str(shop.country))
    items = tuple(item_of(line, rate.percent if rate else ZERO) for line in lines)
    offers = offers_for(cart, lines, items, email=email or cart.owner_email)
    return Basis(shop, cart.coupon, lines, items, offers, rate)


def item_of(line: CartLine, percent: Decimal) -> Item:
    return Item(
        quantity=line.quantity,
        unit_price=line.price,
        tax_percent=percent if line.variant.is_taxable else ZERO,
        requires_shipping=line.variant.requires_shipping,
        grams=line.variant.weight_grams,
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


def gift_lines(taken: Sequence[Held]) -> tuple[QuoteLine, ...]:
    return tuple(
        QuoteLine(
            variant=held.promotion.gift,
            quantity=held.offer.gift.quantity,
            list_price=round_money(held.promotion.gift.price),
            unit_price=ZERO,
            subtotal=ZERO,
            discount=ZERO,
            tax_percent=ZERO,
            tax=ZERO,
            total=ZERO,
            is_gift=True,
        )
        for held in taken
        if held.offer.gift and held.promotion.gift
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
        (
            method,
            Tariff(round_money(method.price), free_over=method.free_over).price_for(
                priced.goods, 0
            ),
        )
        for method in zone.methods.filter(is_active=True)
    ]
