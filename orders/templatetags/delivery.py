"""{% load delivery %}: what a page of the catalogue says of delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.template.context import Context
from django_countries import countries

from cart.models import Measure, ShippingMethod, ShippingZone
from catalog.structured_product import Way
from orders.delivery import delivery_window
from shop.models import ShopSettings

register = template.Library()

MOST_COUNTRIES = 10  # Told to search engines: each is named by each variant of a page.


@dataclass(frozen=True)
class Delivery:
    """The cheapest way to the shop's own country, and when something ordered today arrives by it."""

    country: str
    price: Decimal
    free_over: Decimal | None
    first: date
    last: date
    days_min: int
    days_max: int


@register.simple_tag(takes_context=True)
def delivery_at_home(context: Context) -> Delivery | None:
    """How things are sent within the shop's own country; None where nothing is. One query a page."""
    country = str(ShopSettings.load().country)
    method = cheapest_to(country, active_methods(context))
    if method is None:
        return None
    first, last = delivery_window(method)
    return Delivery(
        country=countries.name(country),
        price=method.price,
        free_over=method.free_over,
        first=first,
        last=last,
        days_min=method.days_min,
        days_max=method.days_max,
    )


@register.simple_tag(takes_context=True)
def ways_to_send(context: Context) -> list[Way]:
    """
    The cheapest way to each country that a zone names, the shop's own first; the same query.

    For the structured data of a product; a zone for all the world is told for the shop's own country.
    """
    methods = active_methods(context)
    home = str(ShopSettings.load().country)
    named = [code for method in methods for code in method.zone.countries]
    reached = [(code, cheapest_to(code, methods)) for code in dict.fromkeys([home, *named])]
    return [
        Way(code, method.price, method.free_over, method.days_min, method.days_max)
        for code, method in reached[:MOST_COUNTRIES]
        if method
    ]


def active_methods(context: Context) -> Sequence[ShippingMethod]:
    """All ways to send something, asked for once a request."""
    request: Any = context.get("request")
    known: Sequence[ShippingMethod] | None = getattr(request, "_shipping_methods", None)
    if known is None:
        active = ShippingMethod.objects.filter(is_active=True).select_related("zone").order_by()
        # A handful, sorted sooner than Django has put the order into SQL.
        known = sorted(active, key=place)
        if request is not None:
            request._shipping_methods = known
    return known


def place(method: ShippingMethod) -> tuple[int, int, int, int]:
    return method.zone.position, method.zone_id, method.position, method.pk


def cheapest_to(country: str, methods: Sequence[ShippingMethod]) -> ShippingMethod | None:
    """The cheapest parcel that has one price, whatever is in it."""
    zone = ShippingZone.of(country, among=[method.zone for method in methods])
    reaching = [
        method
        for method in methods
        if zone
        and method.zone_id == zone.pk
        and method.priced_by == Measure.FLAT
        and not method.is_pickup
    ]
    return min(reaching, key=lambda method: method.price, default=None)
