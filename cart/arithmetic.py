"""
The sum of a cart, over plain values: no database, no clock, no settings.

Whatever the prices and rates, the lines add up to the totals to the cent. What has to be shared
out (an offer over its lines, the tax of a rate over what bears it) is rounded once, as a whole,
and then split by largest remainder, so nothing is lost or made by rounding line by line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cart.items import ZERO, Item, Taken, Terms
from cart.reducing import take_offers
from shop.money import round_money, split_money


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
    """
    A cart added up.

    `shipping_price` is before the offers that reduce it, `shipping_total` after them; `grams` is
    what the parcel weighs.
    """

    lines: tuple[LineSum, ...]
    taken: tuple[Taken, ...]
    subtotal: Decimal
    discount_total: Decimal
    grams: int
    shipping_price: Decimal
    shipping_total: Decimal
    shipping_tax: Decimal
    tax_total: Decimal
    taxes: tuple[RateSum, ...]
    total: Decimal

    @property
    def shipping_discount(self) -> Decimal:
        return self.shipping_price - self.shipping_total


def add_up(items: Sequence[Item], terms: Terms) -> Sums:
    """
    Add up a cart: goods, less the offers, plus delivery, plus the taxes not yet in the prices.

    The lines' subtotals, discounts and taxes sum to the totals exactly; `tax_total` is the tax of
    the lines and of delivery, and the sum over the rates.
    """
    taken = take_offers(items, terms.offers, terms.currency)
    subtotals = [item.quantity * item.unit_price for item in items]
    discounts = [sum((each.shares[i] for each in taken), ZERO) for i in range(len(items))]
    subtotal, discount = sum(subtotals, ZERO), sum(discounts, ZERO)
    parcel = [item for item in [*items, *gifts_of(taken)] if item.requires_shipping]
    grams = sum(item.quantity * item.grams for item in parcel)
    worth = terms.tariff.worth(subtotal, discount)
    price = terms.tariff.price_for(worth, grams) if parcel else ZERO
    taken, shipping = take_off_shipping(taken, price, terms.currency)

    due = [whole - off for whole, off in zip(subtotals, discounts, strict=True)]
    percents = [*(item.tax_percent for item in items), terms.tariff.tax_percent]
    taxes, rates = share_taxes([*due, shipping], percents, terms)
    added = 0 if terms.prices_include_tax else 1
    return Sums(
        lines=tuple(
            LineSum(*line, total=line[0] - line[1] + added * line[2])
            for line in zip(subtotals, discounts, taxes[:-1], strict=True)
        ),
        taken=tuple(taken),
        subtotal=subtotal,
        discount_total=discount,
        grams=grams,
        shipping_price=price,
        shipping_total=shipping,
        shipping_tax=taxes[-1],
        tax_total=sum(taxes, ZERO),
        taxes=rates,
        total=subtotal - discount + shipping + added * sum(taxes, ZERO),
    )


def gifts_of(taken: Sequence[Taken]) -> list[Item]:
    return [each.offer.gift for each in taken if each.offer.gift]


def take_off_shipping(
    taken: Sequence[Taken], price: Decimal, currency: str
) -> tuple[list[Taken], Decimal]:
    """Return the offers with what each takes off delivery, and what delivery then costs."""
    found, left = [], price
    for each in taken:
        off = round_money(left * each.offer.shipping_percent / 100, currency)
        found.append(replace(each, shipping=off))
        left -= off
    return found, left


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
