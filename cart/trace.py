"""Why a total is what it is, in JSON, so that an order can be explained years later."""

from collections.abc import Sequence
from typing import Any

from cart.arithmetic import Sums, Terms
from cart.models import CartLine, Coupon, ShippingMethod


def explain(
    lines: Sequence[CartLine],
    sums: Sums,
    terms: Terms,
    coupon: Coupon | None,
    method: ShippingMethod | None,
    tax_name: str,
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
            "name": tax_name,
            "percent": str(each.percent),
            "included": terms.prices_include_tax,
            "net": str(each.net),
            "amount": str(each.amount),
        }
        for each in sums.taxes
    ]
    return [*steps, {"step": "total", "amount": str(sums.total)}]
