"""What a shopper means to buy, and what delivery, coupons and taxes make of it."""

from cart.models.cart import Cart, CartState
from cart.models.coupon import (
    Coupon,
    CouponBatch,
    CustomerKey,
    WhyNot,
    customer_key_of,
    unknown_code,
)
from cart.models.limits import (
    MAX_QUANTITY,
    CartClosed,
    CartRefused,
    Change,
    Filled,
    NotSold,
    TooFewLeft,
    TooManyForOne,
    left_of,
)
from cart.models.line import CartLine
from cart.models.promotion import Promotion, Stacking
from cart.models.shipping import Measure, ShippingBand, ShippingMethod, ShippingZone
from cart.models.tax import TaxRate

__all__ = [
    "MAX_QUANTITY",
    "Cart",
    "CartClosed",
    "CartLine",
    "CartRefused",
    "CartState",
    "Change",
    "Coupon",
    "CouponBatch",
    "CustomerKey",
    "Filled",
    "Measure",
    "NotSold",
    "Promotion",
    "ShippingBand",
    "ShippingMethod",
    "ShippingZone",
    "Stacking",
    "TaxRate",
    "TooFewLeft",
    "TooManyForOne",
    "WhyNot",
    "customer_key_of",
    "left_of",
    "unknown_code",
]
