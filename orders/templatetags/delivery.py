"""{% load delivery %}: what a page of the catalogue says of delivery."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import template
from django_countries import countries

from cart.models import ShippingMethod
from orders.delivery import delivery_window
from shop.models import ShopSettings

register = template.Library()


@dataclass(frozen=True)
class Delivery:
    """The cheapest way to the shop's own country, and when something ordered today arrives by it."""

    country: str
    price: Decimal
    free_over: Decimal | None
    first: date
    last: date


@register.simple_tag
def delivery_at_home() -> Delivery | None:
    """How things are sent within the shop's own country; None where nothing is. One query."""
    country = str(ShopSettings.load().country)
    methods = list(
        ShippingMethod.objects.filter(is_active=True)
        .select_related("zone")
        .order_by("zone__position", "zone", "position", "pk")
    )
    zones = [method.zone for method in methods]
    zone = next((each for each in zones if country in each.countries), None) or next(
        (each for each in zones if not each.countries), None
    )
    reaching = [method for method in methods if zone and method.zone_id == zone.pk]
    cheapest = min(reaching, key=lambda method: method.price, default=None)
    if cheapest is None:
        return None
    first, last = delivery_window(cheapest)
    name = countries.name(country)
    return Delivery(name, cheapest.price, cheapest.free_over, first, last)
