"""When a parcel arrives, and where parcels go at all."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django_countries import countries

from cart.models import ShippingMethod, ShippingZone

FRIDAY = 5


def add_working_days(start: date, days: int) -> date:
    """The day `days` working days (Monday to Friday) after `start`; for 0, `start` or the next one."""
    day = start
    while day.isoweekday() > FRIDAY:
        day += timedelta(days=1)
    for _each in range(days):
        day += timedelta(days=1)
        while day.isoweekday() > FRIDAY:
            day += timedelta(days=1)
    return day


def delivery_window(method: ShippingMethod, start: date | None = None) -> tuple[date, date]:
    """The first and the last day on which it arrives, ordered at `start` (today, where the shop is)."""
    start = start or timezone.localdate()
    return add_working_days(start, method.days_min), add_working_days(start, method.days_max)


def delivery_countries() -> list[str]:
    """The codes of the countries that a parcel can be sent to, in the order of their names. One query."""
    zones = ShippingZone.objects.filter(methods__is_active=True).distinct()
    return reached_by([zone.countries for zone in zones])


def reached_by(zones: Iterable[list[str]]) -> list[str]:
    """The countries that zones name; a zone without any names all."""
    named = list(zones)
    if not all(named):
        return [code for code, _name in countries]
    reached = {code for zone in named for code in zone}
    return [code for code, _name in countries if code in reached]
