"""A trace in words: how a total came about, for those who ask, be they shoppers or staff."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from shop.money import format_money

type Step = dict[str, Any]
type Say = Callable[[Decimal], str]


@dataclass(frozen=True)
class Explained:
    """One step of a sum: what it is about, how it was reckoned, and what came of it."""

    label: str
    detail: str
    amount: str
    is_total: bool = False


def explained(
    trace: Sequence[Step], currency: str, *, is_for_staff: bool = False
) -> list[Explained]:
    """
    Tell the steps of a trace, in their order.

    Staff are told as well which promotions were looked at in vain, and why. A step that this version of
    the shop does not know is told by its name, so that no amount is ever hidden.
    """

    def say(amount: Decimal) -> str:
        return format_money(amount, currency)

    return [
        WORDS.get(step["step"], unknown)(step, say)
        for step in trace
        if is_for_staff or step["step"] != "missed"
    ]


def goods(step: Step, say: Say) -> Explained:
    words = {"count": step["quantity"], "price": say(Decimal(step["unit_price"]))}
    detail = _("%(count)s × %(price)s") % words
    if Decimal(step["list_price"]) != Decimal(step["unit_price"]):
        detail += ", " + _("list price %(price)s") % {"price": say(Decimal(step["list_price"]))}
    return Explained(step.get("name") or _("Goods"), detail, say(Decimal(step["amount"])))


def gift(step: Step, say: Say) -> Explained:
    return Explained(
        step["name"], _("%(count)s × a gift") % {"count": step["quantity"]}, say(Decimal(0))
    )


def promotion(step: Step, say: Say) -> Explained:
    parts = []
    if step.get("buy"):
        words = {"buy": step["buy"], "get": step["get"], "percent": percent(step["get_percent"])}
        parts.append(_("for every %(buy)s bought, %(get)s for %(percent)s%% less") % words)
    if step.get("percent"):
        parts.append(_("%(percent)s%% off") % {"percent": percent(step["percent"])})
    if step.get("amount_off"):
        off = _("%(amount)s off each") if step.get("is_each") else _("%(amount)s off")
        parts.append(off % {"amount": say(Decimal(step["amount_off"]))})
    if step.get("shipping_percent"):
        off = _("%(percent)s%% off delivery") % {"percent": percent(step["shipping_percent"])}
        if away := Decimal(step["shipping_amount"]):
            off += f" ({say(away)})"
        parts.append(off)
    amount = Decimal(step["amount"])
    return Explained(step["name"], ", ".join(parts) or _("a gift"), say(amount) if amount else "")


def coupon(step: Step, say: Say) -> Explained:
    """A step of before there were promotions."""
    off = _("%(percent)s%% off") % {"percent": percent(step["percent"])}
    return Explained(step["code"], off, say(Decimal(step["amount"])))


def missed(step: Step, say: Say) -> Explained:
    rules = {
        "minimum": _("too little worth of goods"),
        "quantity": _("too few things"),
        "goods": _("none of its goods in the cart"),
        "customer": _("for other customers"),
        "order_number": _("for another order of the customer"),
        "used_up": _("used up"),
        "used_by_you": _("used up by this customer"),
    }
    return Explained(
        step["name"],
        _("did not hold: %(why)s") % {"why": rules.get(step["rule"], step["rule"])},
        "",
    )


def shipping(step: Step, say: Say) -> Explained:
    parts = []
    price = Decimal(step["price"])
    if step.get("free_over") is not None and not price:
        words = {"over": say(Decimal(step["free_over"])), "goods": say(Decimal(step["goods"]))}
        parts.append(_("free from %(over)s on, for goods of %(goods)s") % words)
    elif step.get("priced_by") == "weight":
        parts.append(_("for %(grams)s g") % {"grams": step["grams"]})
    elif step.get("priced_by") == "worth":
        parts.append(_("for goods of %(goods)s") % {"goods": say(Decimal(step["goods"]))})
    if Decimal(step.get("discount", 0)):
        parts.append(
            _("%(price)s less %(off)s")
            % {"price": say(price), "off": say(-Decimal(step["discount"]))}
        )
    label = _("Delivery: %(method)s") % {"method": step["method"]}
    return Explained(label, ", ".join(parts), say(Decimal(step["amount"])))


def tax(step: Step, say: Say) -> Explained:
    words = {"net": say(Decimal(step["net"])), "place": step.get("place", "")}
    detail = (
        _("contained, on %(net)s without it") if step["included"] else _("on %(net)s")
    ) % words  # fmt: skip
    if words["place"]:
        detail += f", {words['place']}"
    label = f"{step['name'] or _('tax')} {percent(step['percent'])}%"
    amount = say(Decimal(step["amount"]))
    return Explained(label, detail, f"({amount})" if step["included"] else amount)


def reverse_charge(step: Step, say: Say) -> Explained:
    owes = _("%(vat_id)s owes the tax in %(place)s") % {
        "vat_id": step["vat_id"],
        "place": step["place"],
    }
    return Explained(_("Reverse charge"), owes, say(Decimal(0)))


def total(step: Step, say: Say) -> Explained:
    return Explained(_("Total"), "", say(Decimal(step["amount"])), is_total=True)


def edited(step: Step, say: Say) -> Explained:
    words = _("what stayed kept its price, what came later costs that day's price")
    return Explained(_("Changed after it was placed"), words, "")


def unknown(step: Step, say: Say) -> Explained:
    amount = step.get("amount")
    return Explained(str(step["step"]), "", say(Decimal(amount)) if amount else "")


def percent(text: str) -> str:
    return f"{Decimal(text).normalize():f}"


WORDS: dict[str, Callable[[Step, Say], Explained]] = {
    "goods": goods,
    "gift": gift,
    "promotion": promotion,
    "coupon": coupon,
    "missed": missed,
    "shipping": shipping,
    "tax": tax,
    "reverse_charge": reverse_charge,
    "edited": edited,
    "total": total,
}
