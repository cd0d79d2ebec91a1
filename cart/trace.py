"""Why a total is what it is, in JSON, so that an order can be explained years later."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cart.arithmetic import Sums
from cart.items import Terms
from cart.models import ShippingMethod, WhyNot

if TYPE_CHECKING:
    from cart.pricing import QuoteLine, Reduction

type Step = dict[str, Any]


def explain(
    lines: "Sequence[QuoteLine]",
    sums: Sums,
    terms: Terms,
    reductions: "Sequence[Reduction]",
    missed: Sequence[tuple[str, WhyNot]],
    method: ShippingMethod | None,
    tax_name: str,
) -> list[Step]:
    """Write down each step of the sum in JSON, amounts as text, in the order it was taken."""
    return [
        *goods_steps(lines),
        *promotion_steps(sums, reductions),
        *({"step": "missed", "name": name, "rule": why.rule} for name, why in missed),
        *(shipping_steps(sums, terms, method) if method else []),
        *tax_steps(sums, terms, tax_name),
        {"step": "total", "amount": str(sums.total)},
    ]


def goods_steps(lines: "Sequence[QuoteLine]") -> list[Step]:
    return [
        {
            "step": "gift" if line.is_gift else "goods",
            "variant": line.variant.pk,
            "name": str(line.variant),
            "quantity": line.quantity,
            "list_price": str(line.list_price),
            "unit_price": str(line.unit_price),
            "amount": str(line.subtotal),
        }
        for line in lines
    ]


def promotion_steps(sums: Sums, reductions: "Sequence[Reduction]") -> list[Step]:
    found = []
    for taken, reduction in zip(sums.taken, reductions, strict=True):
        offer = taken.offer
        terms = {
            "percent": str(offer.percent) if offer.percent else "",
            "amount_off": str(offer.amount) if offer.amount else "",
            "is_each": offer.is_each,
            "shipping_percent": str(offer.shipping_percent) if offer.shipping_percent else "",
            "buy": offer.buy,
            "get": offer.get,
            "get_percent": str(offer.get_percent) if offer.buy else "",
        }
        found.append(
            {
                "step": "promotion",
                "promotion": reduction.promotion_id,
                "name": reduction.label,
                "code": reduction.code,
                **{key: value for key, value in terms.items() if value},
                "amount": str(-taken.goods),
                "shipping_amount": str(-taken.shipping),
                "shares": [str(-share) for share in taken.shares],
            }
        )
    return found


def shipping_steps(sums: Sums, terms: Terms, method: ShippingMethod) -> list[Step]:
    tariff = terms.tariff
    worth = tariff.worth(sums.subtotal, sums.discount_total)
    return [
        {
            "step": "shipping",
            "method": method.name,
            "free_over": None if tariff.free_over is None else str(tariff.free_over),
            "goods": str(worth),
            "grams": sums.grams,
            "price": str(sums.shipping_price),
            "discount": str(-sums.shipping_discount),
            "amount": str(sums.shipping_total),
        }
    ]


def tax_steps(sums: Sums, terms: Terms, tax_name: str) -> list[Step]:
    return [
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
