"""Why a total is what it is, in JSON, so that an order can be explained years later."""

from collections.abc import Sequence
from typing import Any

from cart.arithmetic import Sums
from cart.destination import Destination
from cart.items import Terms
from cart.models import WhyNot
from cart.quote import Quote

type Step = dict[str, Any]


def explain(
    quote: Quote,
    sums: Sums,
    terms: Terms,
    missed: Sequence[tuple[str, WhyNot]],
    place: Destination,
) -> list[Step]:
    """Write down each step of the sum in JSON, amounts as text, in the order it was taken."""
    return [
        *goods_steps(quote),
        *promotion_steps(quote, sums),
        *({"step": "missed", "name": name, "rule": why.rule} for name, why in missed),
        *shipping_steps(quote, sums, terms),
        *tax_steps(quote, place),
        {"step": "total", "amount": str(quote.total)},
    ]


def goods_steps(quote: Quote) -> list[Step]:
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
        for line in quote.lines
    ]


def promotion_steps(quote: Quote, sums: Sums) -> list[Step]:
    found = []
    for taken, reduction in zip(sums.taken, quote.reductions, strict=True):
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


def shipping_steps(quote: Quote, sums: Sums, terms: Terms) -> list[Step]:
    tariff, method = terms.tariff, quote.shipping_method
    if method is None:
        return []
    return [
        {
            "step": "shipping",
            "method": method.name,
            "priced_by": method.priced_by,
            "free_over": None if tariff.free_over is None else str(tariff.free_over),
            "goods": str(tariff.worth(sums.subtotal, sums.discount_total)),
            "grams": sums.grams,
            "price": str(sums.shipping_price),
            "discount": str(-sums.shipping_discount),
            "amount": str(sums.shipping_total),
        }
    ]


def tax_steps(quote: Quote, place: Destination) -> list[Step]:
    where = place.area if place.region else place.country
    if quote.is_reverse_charge:
        return [
            {"step": "reverse_charge", "vat_id": quote.vat_id, "place": where, "amount": "0.00"}
        ]
    return [
        {
            "step": "tax",
            "name": each.name,
            "percent": str(each.percent),
            "place": where,
            "included": quote.prices_include_tax,
            "net": str(each.net),
            "amount": str(each.amount),
        }
        for each in quote.taxes
    ]
