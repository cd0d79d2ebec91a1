"""What an order comes to when its lines change: nothing is written here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cart.arithmetic import RateSum, share_taxes
from cart.destination import Destination
from cart.items import Item, Terms
from cart.pricing import taxed
from cart.taxing import Rates, percent_of
from catalog.models import Variant
from orders.invoicing.copies import delivery_rate, taxes_of
from orders.ledger import ZERO, given_back_by_edits, ledger
from orders.models import AddressKind, Order, OrderLine
from shop.models import ShopSettings
from shop.money import round_money, split_money

MOST_UNITS = 10_000
OFF = {"promotion", "coupon"}


class EditRefused(Exception):
    """The order cannot be changed so; nothing has changed."""


@dataclass(frozen=True)
class Changes:
    """How many units of a line are to be left (line pk → units), and what is added (variant pk → units)."""

    left: Mapping[int, int] = field(default_factory=dict)
    added: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """
    An order as it would be: `lines` with their new sums, and those that are `gone`.

    `balance` is what is to be paid then; what goes back, where it is below zero.
    """

    lines: Sequence[OrderLine]
    gone: Sequence[OrderLine]
    released: Counter[int]
    wanted: Counter[int]
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    balance: Decimal
    reductions: Mapping[int, Decimal]
    trace: list[dict[str, Any]]

    @property
    def agreed(self) -> tuple[Decimal, Decimal]:
        """What whoever confirms it has seen."""
        return self.total, self.balance

    @property
    def to_pay(self) -> Decimal:
        return max(self.balance, ZERO)

    @property
    def to_give_back(self) -> Decimal:
        return max(-self.balance, ZERO)


def edited(order: Order, changes: Changes) -> Edit:
    """
    Reckon the order with the changes.

    Units that stay keep their price and their share of the discounts; what is added costs today's price,
    without promotions. Delivery costs what was agreed. The tax is reckoned anew over all. Raises EditRefused.
    """
    lines, gone, released = _left(order, changes)
    added = _added(order, changes)
    after = [*lines, *added]
    if not any(not line.is_gift for line in after):
        raise EditRefused(_("Nothing would be left of the order. Cancel it instead."))
    rates = _tax(order, after)
    discount = sum((line.discount for line in after), ZERO)
    subtotal = sum((line.subtotal for line in after), ZERO)
    tax = sum((each.amount for each in rates), ZERO)
    total = subtotal - discount + order.shipping_total + (0 if order.prices_include_tax else tax)
    if not max(order.gift_card_total, Decimal("0.01")) <= total <= Decimal("9999999999.99"):
        raise EditRefused(
            _("It would cost less than its gift cards have paid, nothing, or too much. Cancel it instead.")
        )  # fmt: skip
    off = _reductions(order, discount)
    return Edit(
        lines=after,
        gone=gone,
        released=released,
        wanted=Counter(changes.added),
        subtotal=subtotal,
        discount_total=discount,
        tax_total=tax,
        total=total,
        balance=total - ledger(order).captured + given_back_by_edits(order),
        reductions=dict(zip(_promotions(order), off, strict=True)),
        trace=_trace(order, after, off, rates, total),
    )


def _left(order: Order, changes: Changes) -> tuple[list[OrderLine], list[OrderLine], Counter[int]]:
    """The lines that stay, with fewer units where said so, those that go, and what is free then."""
    stay: list[OrderLine] = []
    gone: list[OrderLine] = []
    released: Counter[int] = Counter()
    before = {line.pk: line for line in order.lines.all()}
    if changes.left.keys() - before.keys():
        raise EditRefused(_("A line of the order is gone meanwhile. Please look at it again."))
    for pk, line in before.items():
        units = changes.left.get(pk, line.quantity)
        if not line.quantity_shipped <= units <= line.quantity:
            words = {"name": line.name, "least": line.quantity_shipped, "most": line.quantity}
            raise EditRefused(
                _("Of %(name)s from %(least)d to %(most)d can be left. Add more below.") % words
            )
        if units < line.quantity:
            if line.is_gift:
                raise EditRefused(_("Gifts stay as they are."))
            released[line.variant_id] += line.quantity - units
            _reduce(line, units, order.currency)
        (stay if line.quantity else gone).append(line)
    return stay, gone, released


def _reduce(line: OrderLine, units: int, currency: str) -> None:
    line.discount = round_money(line.discount * units / line.quantity, currency)
    line.quantity = units
    line.subtotal = units * line.unit_price


def _added(order: Order, changes: Changes) -> list[OrderLine]:
    """Lines of what comes in, at today's price and rate of tax."""
    if not changes.added:
        return []
    shop = ShopSettings.load()
    if (order.currency, order.prices_include_tax or order.is_reverse_charge) != (
        shop.currency,
        shop.prices_include_tax or order.is_reverse_charge,
    ):
        raise EditRefused(_("The shop reckons otherwise by now. Place another order instead."))
    place = _place_of_tax(order, str(shop.country))
    rates = Rates.of([place])
    variants = (
        Variant.objects.listed()
        .priced()
        .select_related("product", "stock")
        .prefetch_related("variant_values__value")
        .in_bulk(list(changes.added))
    )
    last = max((line.position for line in order.lines.all()), default=0)
    lines: list[OrderLine] = []
    for pk, units in sorted(changes.added.items()):
        variant = variants.get(pk)
        if variant is None or not 0 < units <= MOST_UNITS:
            raise EditRefused(_("That is not sold, or not so many of it."))
        percent = percent_of(rates.of_variant(variant, place))
        is_net = order.is_reverse_charge and shop.prices_include_tax
        item = taxed(Item(units, round_money(variant.effective_price)), percent, is_net=is_net)
        lines.append(
            OrderLine(
                order=order, variant=variant, position=last + 1 + len(lines),
                name=variant.product.name, options=variant.options_text[:500], sku=variant.sku,
                weight_grams=variant.weight_grams, requires_shipping=variant.requires_shipping,
                quantity=units, list_price=round_money(variant.price), unit_price=item.unit_price,
                subtotal=units * item.unit_price,
                tax_percent=ZERO if order.is_reverse_charge else percent,
            )
        )  # fmt: skip
    return lines


def _place_of_tax(order: Order, home: str) -> Destination:
    """Whose taxes hold: where it goes to, or where it is picked up, as its trace tells."""
    address = next(each for each in order.addresses.all() if each.kind == AddressKind.SHIPPING)
    place = Destination.of(address)
    told = {step["place"] for step in order.trace if step["step"] in {"tax", "reverse_charge"}}
    if not told and place.country != home:
        raise EditRefused(
            _("Whose taxes hold for this order is not on record. Place another order instead.")
        )
    where = place.area if place.region else place.country
    return Destination(home) if home in told and where not in told else place


def _tax(order: Order, lines: Sequence[OrderLine]) -> tuple[RateSum, ...]:
    """Write the tax and the total into each line; returns the sums of the rates, with delivery."""
    delivery = ZERO
    if order.shipping_total:
        delivery = delivery_rate(list(order.lines.all()), taxes_of(order))
    due = [*(line.subtotal - line.discount for line in lines), order.shipping_total]
    percents = [*(line.tax_percent for line in lines), delivery]
    terms = Terms(order.currency, order.prices_include_tax)
    taxes, rates = share_taxes(due, percents, terms)
    for line, tax in zip(lines, taxes[:-1], strict=True):
        line.tax = tax
        line.total = line.subtotal - line.discount + (0 if order.prices_include_tax else tax)
    return rates


def _promotions(order: Order) -> list[int]:
    return [step.get("promotion", 0) for step in order.trace if step["step"] in OFF]


def _reductions(order: Order, discount: Decimal) -> list[Decimal]:
    """What of the discount each promotion of the trace takes off by now, in proportion."""
    before = [-Decimal(step["amount"]) for step in order.trace if step["step"] in OFF]
    return split_money(discount, before, order.currency) if before else []


def _trace(
    order: Order, lines: Sequence[OrderLine], off: Sequence[Decimal], rates: Sequence[RateSum],
    total: Decimal,
) -> list[dict[str, Any]]:  # fmt: skip
    """The trace of the order, told again: it ends in the new total."""
    old = order.trace
    taxes = [step for step in old if step["step"] == "tax"]
    names = {Decimal(step["percent"]): step["name"] for step in taxes}
    place = taxes[0]["place"] if taxes else ""
    promotions = [
        {key: value for key, value in step.items() if key != "shares"} | {"amount": str(-amount)}
        for step, amount in zip([s for s in old if s["step"] in OFF], off, strict=True)
    ]
    return [
        *map(_goods_step, lines),
        *promotions,
        *(step for step in old if step["step"] in {"shipping", "reverse_charge"}),
        *(
            {
                "step": "tax", "name": names.get(each.percent, next(iter(names.values()), "")),
                "percent": str(each.percent), "place": place, "included": order.prices_include_tax,
                "net": str(each.net), "amount": str(each.amount),
            }
            for each in rates
        ),
        {"step": "edited", "revision": order.revision + 1},
        {"step": "total", "amount": str(total)},
    ]  # fmt: skip


def _goods_step(line: OrderLine) -> dict[str, Any]:
    return {
        "step": "gift" if line.is_gift else "goods",
        "variant": line.variant_id,
        "name": f"{line.name} – {line.options}" if line.options else line.name,
        "quantity": line.quantity,
        "list_price": str(line.list_price),
        "unit_price": str(line.unit_price),
        "amount": str(line.subtotal),
    }
