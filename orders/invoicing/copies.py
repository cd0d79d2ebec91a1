"""What an invoice says, copied from the order, its addresses and the shop as they are now."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.addresses import address_lines
from orders.invoicing.sums import ZERO, Taxed
from orders.models import Invoice, Order, OrderLine, Refund
from shop.models import ShopSettings

type Line = dict[str, Any]


def taxes_of(order: Order) -> list[Taxed]:
    """What an order is taxed, rate by rate, as it was agreed; what bears no tax stands at 0 per cent."""
    rates = [
        Taxed(
            step["name"] or _("tax"),
            *(Decimal(step[key]) for key in ("percent", "net", "amount")),
        )
        for step in order.trace
        if step["step"] == "tax"
    ]
    if untaxed := order.total - sum((each.gross for each in rates), ZERO):
        rates.append(Taxed("", ZERO, untaxed, ZERO))
    return rates


def lines_of(order: Order) -> list[Line]:
    """The lines as they were sold, and delivery; each `total` is with its `tax`."""
    lines = list(order.lines.all())
    copies = [line_of(line) for line in lines]
    delivery = order.total - sum((line.total for line in lines), ZERO)
    if order.shipping_method or delivery:
        name = _("Delivery: %(method)s") % {"method": order.shipping_method}
        tax = order.tax_total - sum((line.tax for line in lines), ZERO)
        percent = str(delivery_rate(lines, taxes_of(order)))
        copies.append({"name": name, "percent": percent, "tax": str(tax), "total": str(delivery)})
    return copies


def line_of(line: OrderLine) -> Line:
    return {
        "name": line.name,
        "options": line.options,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
        "discount": str(line.discount),
        "percent": str(line.tax_percent),
        "tax": str(line.tax),
        "total": str(line.total),
    }


def refunded_lines(refund: Refund, amount: Decimal) -> list[Line]:
    """What a refund was for; what of `amount` its lines do not tell of stands in one of its own."""
    lines: list[Line] = [
        {
            "name": part.order_line.name if part.order_line else _("Delivery"),
            "options": part.order_line.options if part.order_line else "",
            "quantity": part.quantity or None,
            "percent": str(part.order_line.tax_percent) if part.order_line else "",
            "total": str(part.amount),
        }
        for part in refund.lines.select_related("order_line")
        if part.amount
    ]
    if rest := amount - sum((Decimal(line["total"]) for line in lines), ZERO):
        lines.append({"name": _("Amount given back"), "total": str(rest)})
    return lines


def refunded_rates(refund: Refund, lines: list[OrderLine], taxes: list[Taxed]) -> dict[Decimal, Decimal]:  # fmt: skip
    """How much of a refund is of which rate, as far as its own lines tell: percent → amount with tax."""
    wanted: dict[Decimal, Decimal] = {}
    for part in refund.lines.select_related("order_line"):
        line = part.order_line
        percent = rate_among(line.tax_percent, taxes) if line else delivery_rate(lines, taxes)
        wanted[percent] = wanted.get(percent, ZERO) + part.amount
    return wanted


def delivery_rate(lines: list[OrderLine], taxes: list[Taxed]) -> Decimal:
    """The rate that is left more of than the goods come to: the one that delivery is taxed at."""
    left = {each.percent: each.gross for each in taxes}
    for line in lines:
        percent = rate_among(line.tax_percent, taxes)
        left[percent] = left.get(percent, ZERO) - line.total
    return max(left, key=lambda percent: left[percent], default=ZERO)


def rate_among(percent: Decimal, taxes: list[Taxed]) -> Decimal:
    """The rate as the invoice has it: one whose tax came to nothing may stand at 0."""
    return percent if any(each.percent == percent for each in taxes) else ZERO


def read_taxes(invoice: Invoice) -> list[Taxed]:
    return [
        Taxed(each["name"], *(Decimal(each[key]) for key in ("percent", "net", "amount")))
        for each in invoice.taxes
    ]


def written_taxes(taxes: Iterable[Taxed]) -> list[dict[str, str]]:
    return [
        {
            "name": each.name,
            "percent": str(each.percent),
            "net": str(each.net),
            "amount": str(each.amount),
        }
        for each in taxes
    ]


def summed_taxes(notes: Iterable[Invoice]) -> list[Taxed]:
    """All credit notes of an invoice together, rate by rate."""
    rates: dict[Decimal, Taxed] = {}
    for each in (tax for note in notes for tax in read_taxes(note)):
        so_far = rates.get(each.percent, Taxed(each.name, each.percent, ZERO, ZERO))
        rates[each.percent] = Taxed(
            each.name, each.percent, so_far.net + each.net, so_far.amount + each.amount
        )
    return list(rates.values())


def seller() -> dict[str, str]:
    shop = ShopSettings.load()
    return {
        "shop": shop.name,
        "name": shop.legal_name or shop.name,
        "address": shop.address,
        "vat_id": shop.vat_id,
        "email": shop.email,
        "phone": shop.phone,
        "note": shop.invoice_note,
        "locale": shop.locale,
    }


def buyer_of(order: Order) -> dict[str, Any]:
    """The billing address in its own country's order, and where the goods went, if elsewhere."""
    lines = {address.kind: address_lines(address) for address in order.addresses.all()}
    shipping = lines.get("shipping", [])
    billing = lines.get("billing", shipping)
    return {
        "lines": billing,
        "shipping_lines": shipping if shipping != billing else [],
        "vat_id": order.vat_id,
        "order": order.number,
        "ordered_on": timezone.localdate(order.placed_at).isoformat(),
    }
