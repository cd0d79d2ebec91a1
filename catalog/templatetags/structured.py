"""{% load structured %}: what search engines read of a thing, told by all apps that know something of it."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from catalog.structured import json_ld, trail_data
from catalog.structured_product import Told, Way, product_data

register = template.Library()


@register.simple_tag(takes_context=True)
def product_json_ld(
    context: Context, *, ways: Sequence[Way] = (), reviews: Sequence[dict[str, Any]] = ()
) -> SafeString:
    """
    The product of the page, its offers, and the trail to it.

    Expects what `catalog.product_page` says of the whole page. `ways` says how it is sent,
    `reviews` what is said of it.
    """
    told = Told(context["around"], context["reductions"], ways, reviews)
    data = product_data(context["product"], context["variants"], told)
    trail = trail_data(context["crumbs"])
    return mark_safe(f"{json_ld(*data)}{json_ld(trail)}")
