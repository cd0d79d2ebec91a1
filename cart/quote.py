"""What a cart comes to, as every page, order and mail prints it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cart.models import Coupon, ShippingMethod, WhyNot
from catalog.models import Variant


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
    A cart's price today, for one destination and one way of delivery.

    `total` is goods less discount plus delivery, and the taxes where prices do not include them. With
    `is_reverse_charge` prices are without tax, which the customer owes at home; `vat_id` says who that is.
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
    grams: int
    vat_id: str = ""
    is_reverse_charge: bool = False
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
