"""
The sum of a cart, over plain values: no database, no clock, no settings.

Whatever the prices and rates, the lines add up to the totals to the cent. What has to be shared
out (a coupon over its lines, the tax of a rate over what bears it) is rounded once, as a whole,
and then split by largest remainder, so nothing is lost or made by rounding line by line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shop.money import round_money, split_money

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Item:
    """So many of a thing. `unit_price` is after catalogue rules, in whole minor units."""

    quantity: int
    unit_price: Decimal
    tax_percent: Decimal = ZERO
    requires_shipping: bool = True


@dataclass(frozen=True)
class Terms:
    """On what conditions: the coupon's percentage, what delivery costs, how taxes are counted."""

    currency: str
    prices_include_tax: bool = True
    coupon_percent: Decimal = ZERO
    shipping_price: Decimal = ZERO
    free_over: Decimal | None = None
    shipping_tax_percent: Decimal = ZERO


@dataclass(frozen=True)
class LineSum:
    """`total` is subtotal less discount, and the tax on top where prices do not include it."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True)
class RateSum:
    """Everything taxed at one rate, goods and delivery: without the tax, and the tax."""

    percent: Decimal
    net: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Sums:
    lines: tuple[LineSum, ...]
    subtotal: Decimal
    discount_total: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    tax_total: Decimal
    taxes: tuple[RateSum, ...]
    total: Decimal


def add_up(items: Sequence[Item], terms: Terms) -> Sums:
    """
    Add up a cart: goods, less the coupon, plus delivery, plus the taxes not yet in the prices.

    The lines' subtotals, discounts and taxes sum to the totals exactly; `tax_total` is the tax of
    the lines and of delivery, and the sum over the rates.
    """
    subtotals = [item.quantity * item.unit_price for item in items]
    subtotal = sum(subtotals, ZERO)
    discount = round_money(subtotal * terms.coupon_percent / 100, terms.currency)
    discounts = split_money(discount, subtotals, terms.currency)
    is_sent = any(item.requires_shipping for item in items)
    shipping = delivery_price(terms.shipping_price, terms.free_over, subtotal - discount)
    shipping = shipping if is_sent else ZERO

    due = [whole - off for whole, off in zip(subtotals, discounts, strict=True)]
    percents = [*(item.tax_percent for item in items), terms.shipping_tax_percent]
    taxes, rates = share_taxes([*due, shipping], percents, terms)
    added = 0 if terms.prices_include_tax else 1
    return Sums(
        lines=tuple(
            LineSum(*line, total=line[0] - line[1] + added * line[2])
            for line in zip(subtotals, discounts, taxes[:-1], strict=True)
        ),
        subtotal=subtotal,
        discount_total=discount,
        shipping_total=shipping,
        shipping_tax=taxes[-1],
        tax_total=sum(taxes, ZERO),
        taxes=rates,
        total=subtotal - discount + shipping + added * sum(taxes, ZERO),
    )


def delivery_price(price: Decimal, free_over: Decimal | None, goods: Decimal) -> Decimal:
    """Return what delivery costs for goods of this worth after discounts: free from a worth on."""
    return ZERO if free_over is not None and goods >= free_over else price


def share_taxes(
    amounts: Sequence[Decimal], percents: Sequence[Decimal], terms: Terms
) -> tuple[list[Decimal], tuple[RateSum, ...]]:
    """Return the tax of each amount, and the sum for each rate, rounded half up once a rate."""
    shares = [ZERO] * len(amounts)
    rates = []
    for percent in sorted({percent for percent in percents if percent}, reverse=True):
        taxed = [i for i, each in enumerate(percents) if each == percent and amounts[i]]
        base = sum((amounts[i] for i in taxed), ZERO)
        tax = tax_of(base, percent, terms)
        parts = split_money(tax, [amounts[i] for i in taxed], terms.currency)
        for i, part in zip(taxed, parts, strict=True):
            shares[i] = part
        if base:
            net = base - tax if terms.prices_include_tax else base
            rates.append(RateSum(percent, net, tax))
    return shares, tuple(rates)


def tax_of(base: Decimal, percent: Decimal, terms: Terms) -> Decimal:
    """Return the tax contained in an amount, or to be added to it, as the shop counts."""
    whole = 100 + percent if terms.prices_include_tax else 100
    return round_money(base * percent / whole, terms.currency)
