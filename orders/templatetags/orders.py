"""{% load orders %}: days, addresses and the state of an order, as shoppers read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_interval, format_skeleton, format_time
from django import template
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.addresses import address_lines
from accounts.models import PostalAddress, User
from orders.models import Order
from orders.payments import available_providers
from orders.progress import Status, first_name, status_of
from orders.reading import for_list
from shop.models import ShopSettings
from shop.money import request_locale

register = template.Library()


@register.filter
def day(value: date | datetime | None) -> str:
    """A day with its month: 25 November."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_skeleton("MMMMd", local, locale=_locale())


@register.filter
def moment(value: datetime | None) -> str:
    """A day and a time of it: 25 November, 13:05."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{day(local)}, {format_time(local, 'short', locale=_locale())}"


@register.filter
def days(window: Sequence[date] | None) -> str:
    """From a day to another: Wed 25 – Fri 27 November."""
    if not window or not all(window):
        return ""
    first, last = window
    if first == last:
        return format_skeleton("MMMMEd", first, locale=_locale())
    return format_interval(first, last, "MMMMEd", locale=_locale())


def _locale() -> str:
    return request_locale(ShopSettings.load().locale)


@dataclass(frozen=True)
class Reduction:
    """A row of the bill: what was taken off the goods, and by what."""

    label: str
    amount: Decimal


@register.filter
def reductions(order: Order) -> list[Reduction]:
    """What was taken off the goods of an order, as it was agreed."""
    steps = [step for step in order.trace if step["step"] in {"promotion", "coupon"}]
    rows = [Reduction(step.get("name") or step["code"], -Decimal(step["amount"])) for step in steps]
    return [row for row in rows if row.amount]


@dataclass(frozen=True)
class Tax:
    """A row of the bill: a rate, what is taxed at it without the tax, and the tax."""

    name: str
    percent: Decimal
    net: Decimal
    amount: Decimal


@register.filter
def taxes(order: Order) -> list[Tax]:
    """What an order is taxed, rate by rate, as it was agreed."""
    return [
        Tax(step["name"] or _("tax"), *(Decimal(step[key]) for key in ("percent", "net", "amount")))
        for step in order.trace
        if step["step"] == "tax" and Decimal(step["amount"])
    ]


@register.filter
def tax_name(order: Order) -> str:
    """What the tax of an order was called when it was placed: VAT."""
    names = (step["name"] for step in order.trace if step["step"] == "tax" and step["name"])
    return next(names, _("tax"))


@register.filter
def address_text(address: PostalAddress | None) -> str:
    """An address in one line."""
    return ", ".join(address_lines(address)) if address else ""


@register.filter
def address_html(address: PostalAddress | None) -> SafeString:
    """An address as on an envelope."""
    lines = address_lines(address) if address else []
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))


@register.filter
def order_status(order: Order) -> Status:
    return status_of(order)


@register.simple_tag
def recent_orders(user: User, count: int = 3) -> QuerySet[Order]:
    """A customer's latest orders, with what a list of them shows."""
    return for_list(Order.objects.filter(customer=user))[:count]


@register.simple_tag
def ways_to_pay() -> list[str]:
    """What shoppers may pay with, by name, for those who ask before the checkout does."""
    return [str(each.label) for each in available_providers()]


@register.filter
def promised_days(order: Order) -> str:
    """The days on which the order arrives, as promised when it was placed."""
    return (
        days((order.deliver_from, order.deliver_to))
        if order.deliver_from and order.deliver_to
        else ""
    )


register.filter("first_name", first_name)
