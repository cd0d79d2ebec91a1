"""A delivery promise counts working days."""

from datetime import date

import pytest

from cart.models import ShippingMethod
from orders.delivery import add_working_days, delivery_window, reached_by

MONDAY, FRIDAY, SATURDAY, SUNDAY = (
    date(2026, 11, 23),
    date(2026, 11, 27),
    date(2026, 11, 28),
    date(2026, 11, 29),
)


@pytest.mark.parametrize(
    ("start", "days", "arrives"),
    [
        (MONDAY, 0, MONDAY),
        (MONDAY, 2, date(2026, 11, 25)),
        (MONDAY, 5, date(2026, 11, 30)),
        (FRIDAY, 1, date(2026, 11, 30)),
        (SATURDAY, 0, date(2026, 11, 30)),
        (SATURDAY, 1, date(2026, 12, 1)),
        (SUNDAY, 1, date(2026, 12, 1)),
    ],
)
def test_weekends_are_not_working_days(start: date, days: int, arrives: date) -> None:
    assert add_working_days(start, days) == arrives


def test_the_window_opens_and_closes_as_the_method_says() -> None:
    method = ShippingMethod(days_min=2, days_max=4)
    assert delivery_window(method, FRIDAY) == (date(2026, 12, 1), date(2026, 12, 3))


def test_zones_reach_the_countries_they_name() -> None:
    assert reached_by([["DE", "AT"], ["NL", "AT"]]) == ["AT", "DE", "NL"]


def test_a_zone_without_countries_reaches_them_all() -> None:
    assert len(reached_by([["DE"], []])) > 200
    assert reached_by([]) == []
