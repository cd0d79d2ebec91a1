"""What the sum of a cart is made of, in plain values: no database, no clock, no settings."""

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Item:
    """
    So many of a thing.

    `unit_price` is after catalogue rules, in whole minor units; promotions leave at least `floor`
    of it. `grams` is the weight of one.
    """

    quantity: int
    unit_price: Decimal
    tax_percent: Decimal = ZERO
    requires_shipping: bool = True
    floor: Decimal = ZERO
    grams: int = 0


@dataclass(frozen=True)
class Offer:
    """
    What a promotion does whose conditions the cart meets. Lines are named by their place in it.

    It takes `percent` and then `amount` (for each thing, or once) off the lines `on`. Of these,
    `get` for every `buy` of the lines `bought` cost `get_percent` less. `shipping_percent` comes
    off delivery; `gift` is put into the parcel. An `is_alone` one holds beside no other, and after
    one that `is_last` comes none.
    """

    key: int
    on: frozenset[int] = frozenset()
    bought: frozenset[int] = frozenset()
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    is_each: bool = False
    buy: int = 0
    get: int = 0
    get_percent: Decimal = HUNDRED
    shipping_percent: Decimal = ZERO
    gift: Item | None = None
    is_alone: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class Taken:
    """What an offer took off each line, and off delivery."""

    offer: Offer
    shares: tuple[Decimal, ...]
    shipping: Decimal = ZERO

    @property
    def goods(self) -> Decimal:
        return sum(self.shares, ZERO)

    @property
    def total(self) -> Decimal:
        return self.goods + self.shipping


@dataclass(frozen=True)
class Tariff:
    """
    What a way of delivery costs: `price`, or that of the last band that is reached.

    A band begins at so many grams (`is_by_weight`) or at so much worth of goods. From `free_over`
    worth of goods on it is free. The worth is after discounts, unless `is_before_discount`.
    """

    price: Decimal = ZERO
    bands: tuple[tuple[Decimal, Decimal], ...] = ()
    is_by_weight: bool = False
    free_over: Decimal | None = None
    is_before_discount: bool = False
    tax_percent: Decimal = ZERO

    def worth(self, subtotal: Decimal, discount: Decimal) -> Decimal:
        """The worth of goods that decides."""
        return subtotal if self.is_before_discount else subtotal - discount

    def price_for(self, worth: Decimal, grams: int) -> Decimal:
        if self.free_over is not None and worth >= self.free_over:
            return ZERO
        measure = Decimal(grams) if self.is_by_weight else worth
        reached = [price for least, price in sorted(self.bands) if least <= measure]
        return reached[-1] if reached else self.price


@dataclass(frozen=True)
class Terms:
    """On what conditions a cart is added up: the offers in their turn, delivery, and the taxes."""

    currency: str
    prices_include_tax: bool = True
    offers: tuple[Offer, ...] = ()
    tariff: Tariff = field(default_factory=Tariff)
