"""What people write into cells is read as they mean it, or refused; never guessed."""

from decimal import Decimal

import pytest

from catalog.importing.attributes import shopify_attribute
from catalog.importing.values import Unreadable, count, fold, grams, money, status, yes_or_no


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("10", "10.00"),
        ("10.5", "10.50"),
        ("10,5", "10.50"),
        (".5", "0.50"),
        ("1,299.00", "1299.00"),
        ("1.299,00 €", "1299.00"),
        ("1 299,00", "1299.00"),
        ("1\u202f299,00 EUR", "1299.00"),
        ("CHF 1'299.–", "1299.00"),
        ("$12", "12.00"),
        ("US$ 3", "3.00"),
        ("12,00 zł", "12.00"),
        ("12.50 kr.", "12.50"),
        ("1,299", "1299.00"),
        ("1.234.567", "1234567.00"),
        ("12.5000", "12.50"),
        ("0.00", "0.00"),
    ],
)
def test_a_price_is_read_in_the_spelling_of_any_country(cell, amount):
    assert str(money(cell, "The price")) == amount


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("free", "The price “free” is no number."),
        ("1e5", "The price “1e5” is no number."),
        ("NaN", "The price “NaN” is no number."),
        ("٣", "The price “٣” is no number."),
        ("12 50", "The price “12 50” is no number."),
        ("-5", "The price -5 is below zero."),
        ("99999999999", "The price 99999999999 is more than the shop can count."),
        (
            "9.999",
            "The price 9.999 can be read in two ways: write it with a point and two decimals.",
        ),
        (
            "1,29,9.00",
            "The price 1,29,9.00 can be read in two ways: write it with a point and two decimals.",
        ),
        ("0.125", "The price 0.125 has more than two decimals."),
    ],
)
def test_what_may_be_another_price_is_refused(cell, reason):
    with pytest.raises(Unreadable) as refusal:
        money(cell, "The price")

    assert str(refusal.value) == reason


def test_counts_are_whole():
    assert [count(cell, "") for cell in ("5", "5.0", "-3", "1,000")] == [5, 5, -3, 1000]
    with pytest.raises(Unreadable, match="no whole number"):
        count("2.5", "The quantity")
    with pytest.raises(Unreadable, match="more than the shop can count"):
        count("4000000000", "The quantity")


@pytest.mark.parametrize(
    ("cell", "unit", "weight"),
    [("272.155", "g", 272), ("1,5", "kg", 1500), ("2", "lb", 907), ("1", "oz", 28), ("12", "", 12)],
)
def test_weights_become_grams(cell, unit, weight):
    assert grams(cell, "The weight", unit) == weight


def test_yes_and_no_in_the_words_of_spreadsheets():
    assert [yes_or_no(cell, "") for cell in ("TRUE", "wahr", "1", "Oui")] == [True] * 4
    assert [yes_or_no(cell, "") for cell in ("false", "FALSCH", "0", "Non")] == [False] * 4
    with pytest.raises(Unreadable, match="Published “maybe” is neither yes nor no"):
        yes_or_no("maybe", "Published")


def test_a_status_nobody_knows_is_refused():
    assert status(" Active ".strip()) == "active"
    assert status("Unlisted") == "draft"
    with pytest.raises(Unreadable, match="“sleeping” is none of active, draft and archived"):
        status("sleeping")


def test_names_are_the_same_when_they_differ_in_case_only():
    assert fold("  Dark   BLUE ") == fold("dark blue")
    assert fold("İ") == "i"


@pytest.mark.parametrize(
    ("header", "name", "unit", "kind"),
    [
        ("Capacity (product.metafields.custom.capacity_ml)", "Capacity", "ml", ""),
        ("product.metafields.custom.burn_time_h", "Burn time", "h", ""),
        ("Dishwasher (product.metafields.custom.dishwasher_safe)", "Dishwasher", "", "boolean"),
        ("Metafield: custom.material [single_line_text_field]", "Material", "", ""),
    ],
)
def test_a_metafield_names_an_attribute_and_its_unit(header, name, unit, kind):
    column = shopify_attribute(header, 3)

    assert column is not None
    assert (column.name, column.unit, column.kind) == (name, unit, kind)


def test_a_metafield_of_a_variant_is_none_of_the_product():
    assert shopify_attribute("Depth (variant.metafields.custom.depth)", 3) is None
    assert shopify_attribute("Variant Metafield: custom.depth", 3) is None


def test_money_is_exact():
    assert money("0.10", "") + money("0.20", "") == Decimal("0.30")
