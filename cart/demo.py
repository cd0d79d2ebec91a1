"""Delivery, taxes and a coupon for the demo shop."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from cart.models import Coupon, Promotion, ShippingMethod, ShippingZone, TaxRate

VAT = {
    "AT": "20", "BE": "21", "DE": "19", "DK": "25", "ES": "21", "FI": "25.5", "FR": "20", "IE": "23",
    "IT": "22", "LU": "17", "NL": "21", "PL": "23", "PT": "23", "SE": "25",
}  # fmt: skip
UNION = [
    "AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip
# Name, countries, and its way to send: price, free from, days.
ZONES: list[tuple[str, list[str], Mapping[str, Any]]] = [
    ("Germany", ["DE"], {"price": "4.90", "free_over": "60", "days_min": 2, "days_max": 3}),
    ("European Union", UNION, {"price": "9.90", "free_over": "120", "days_min": 3, "days_max": 6}),
    ("Elsewhere", [], {"price": "24", "free_over": None, "days_min": 7, "days_max": 14}),
]


def load(write: Callable[[str], object]) -> None:
    """Make what is not there yet; what staff have changed stays as it is."""
    zones = sum(make_zone(place, *zone) for place, zone in enumerate(ZONES))
    rates = sum(
        TaxRate.objects.get_or_create(
            country=country, defaults={"name": "VAT", "percent": Decimal(percent)}
        )[1]
        for country, percent in VAT.items()
    )
    made = make_pickup() + make_promotion()
    if not Coupon.objects.named("WELCOME10"):
        Coupon.objects.percent_off("WELCOME10", 10)
    write(f"{zones} shipping zones and {rates} tax rates made")
    write(f"{made} made of pickup in the shop and a promotion that runs")
    write("coupon: WELCOME10, 10 % off")


def make_pickup() -> bool:
    """For neighbours: free, and paid at the counter by whoever likes."""
    home = ShippingZone.objects.filter(name="Germany").first()
    if home is None or home.methods.filter(is_pickup=True).exists():
        return False
    ShippingMethod.objects.create(
        zone=home, name="Pick it up in our shop", is_pickup=True, price=0, days_min=1, days_max=1, position=1,
        description="Weserstraße 18, Berlin, Monday to Saturday, 10 to 18",
    )  # fmt: skip
    return True


def make_promotion() -> bool:
    """Ten per cent off large orders: carts tell what is missing."""
    _promotion, is_new = Promotion.objects.get_or_create(
        name="Set the whole table", defaults={"percent": Decimal(10), "minimum": Decimal(150)}
    )
    return is_new


def make_zone(position: int, name: str, countries: list[str], parcel: Mapping[str, Any]) -> bool:
    zone, is_new = ShippingZone.objects.get_or_create(
        name=name, defaults={"countries": countries, "position": position}
    )
    if is_new:
        amounts = {
            key: Decimal(parcel[key]) if parcel[key] else None for key in ("price", "free_over")
        }
        ShippingMethod.objects.create(zone=zone, name="Parcel", **{**parcel, **amounts})
    return is_new
