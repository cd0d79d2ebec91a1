"""Money is rounded in one way, written in the reader's way, and split without losing a cent."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from shop.models import ShopSettings
from shop.money import format_money, round_money, split_money

amounts = st.decimals(0, 1_000_000, places=2)
weights = st.lists(st.decimals(0, 10_000, places=2), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("1.004", "EUR", "1.00"),
        ("-1.005", "EUR", "-1.01"),
        ("0.5", "JPY", "1"),
        ("1234.5", "JPY", "1235"),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(amount, currency, rounded):
    assert str(round_money(Decimal(amount), currency)) == rounded


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("locale", "written"),
    [("en", "€1,234.50"), ("de_DE", "1.234,50\xa0€"), ("en_IE", "€1,234.50")],
)
def test_an_amount_is_written_as_the_locale_writes_it(locale, written):
    assert format_money(Decimal("1234.5"), "EUR", locale) == written


@pytest.mark.django_db
def test_an_amount_is_written_in_the_shops_currency_and_locale():
    ShopSettings(currency="CHF", locale="en_CH").save()
    with translation.override("en"):
        assert format_money(Decimal("9.9")) == "CHF\xa09.90"


@given(amounts, weights)
def test_the_parts_of_a_split_sum_to_the_whole(total, weights):
    if not sum(weights):
        weights = [*weights, Decimal(1)]
    parts = split_money(total, weights, "EUR")
    assert sum(parts) == total
    assert all(part == round_money(part, "EUR") for part in parts)


@given(amounts, weights)
def test_no_part_is_a_cent_away_from_its_exact_share(total, weights):
    whole = sum(weights) or Decimal(1)
    if not sum(weights):
        weights = [Decimal(1)]
    for part, weight in zip(split_money(total, weights, "EUR"), weights, strict=True):
        assert abs(part - total * weight / whole) < Decimal("0.01")


def test_the_leftover_cent_goes_to_the_largest_remainder_and_then_to_the_first():
    assert split_money(Decimal("1.00"), [1, 1, 1], "EUR") == [
        Decimal("0.34"),
        Decimal("0.33"),
        Decimal("0.33"),
    ]
    assert split_money(Decimal("0.05"), [1, 2], "EUR") == [Decimal("0.02"), Decimal("0.03")]


def test_a_negative_total_is_split_like_a_positive_one():
    assert split_money(Decimal("-0.05"), [1, 2], "EUR") == [Decimal("-0.02"), Decimal("-0.03")]


@pytest.mark.parametrize(
    ("total", "weights"), [("1", [0, 0]), ("1", [2, -1]), ("0.005", [1]), ("1", [])]
)
def test_what_cannot_be_split_is_refused(total, weights):
    with pytest.raises(ValueError, match="cannot be split"):
        split_money(Decimal(total), weights, "EUR")


def test_nothing_is_split_into_nothings():
    assert split_money(Decimal(0), [3, 4], "EUR") == [Decimal("0.00"), Decimal("0.00")]
