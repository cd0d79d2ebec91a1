"""{% load explaining %}: how a total came about."""

from typing import Any

from django import template

from cart.explaining import Explained, explained

register = template.Library()


@register.filter
def steps(priced: Any) -> list[Explained]:
    """The steps of a quote's or an order's total, in words for the shopper."""
    return explained(priced.trace, priced.currency)


@register.filter
def all_steps(priced: Any) -> list[Explained]:
    """The same for staff, with the promotions that did not hold."""
    return explained(priced.trace, priced.currency, is_for_staff=True)
