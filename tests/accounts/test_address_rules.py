"""Addresses as each country writes them."""

import pytest

from accounts.addresses import address_lines, rules_of
from accounts.forms import AddressForm
from accounts.models import Address


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("DE", " 12045 ", "12045"),
        ("DE", "D-12045", "12045"),
        ("DE", "１２０４５", "12045"),
        ("DE", "1204", None),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("NL", "1016dv", "1016 DV"),
        ("PL", "00950", "00-950"),
        ("SE", "SE-114 55", "11455"),
        ("LV", "1010", "LV-1010"),
        ("CA", "h3z2y7", "H3Z 2Y7"),
        ("US", "221621010", "22162-1010"),
        ("US", "9501", None),
        ("IE", "a65f4e2", "A65 F4E2"),
    ],
)
def test_a_postcode_is_forgiven_its_spelling(country: str, typed: str, written: str | None) -> None:
    assert rules_of(country).shape_postcode(typed) == written


@pytest.mark.parametrize(
    ("country", "advice"),
    [
        ("DE", "Enter a postcode of five digits, like 26133."),
        ("CH", "Enter a postcode of four digits, like 2544."),
        ("GB", "Enter a postcode, like EC1Y 8SY."),
        ("US", "Enter a ZIP code of five digits, like 95014."),
        ("IE", "Enter an Eircode, like A65 F4E2."),
    ],
)
def test_the_advice_shows_an_example(country: str, advice: str) -> None:
    assert rules_of(country).postcode_advice() == advice


def test_every_country_has_a_form_and_takes_its_own_examples() -> None:
    from django_countries import countries

    for code, _name in countries:
        rules = rules_of(code)
        for example in rules.postcode_examples:
            assert rules.shape_postcode(example.lower()) is not None, (code, example)
        assert AddressForm(codes=[code])["line1"]


def test_an_address_stands_as_on_an_envelope_of_its_country() -> None:
    berlin = Address(
        country="DE",
        name="Anna",
        line1="Weserstr. 18",
        line2="3. OG",
        postcode="12045",
        city="Berlin",
    )
    assert address_lines(berlin) == ["Anna", "Weserstr. 18", "3. OG", "12045 Berlin", "Germany"]
    cupertino = Address(
        country="US", name="Bo", line1="1 Loop", city="Cupertino", region="CA", postcode="95014"
    )
    assert address_lines(cupertino)[2] == "Cupertino, CA 95014"


def test_what_is_missing_takes_its_punctuation_along() -> None:
    somewhere = Address(country="US", name="Bo", line1="1 Loop", city="Cupertino")
    assert address_lines(somewhere) == ["Bo", "1 Loop", "Cupertino", "United States of America"]


ANNA = {
    "country": "DE", "name": "Anna Lind", "line1": "Weserstraße 18", "postcode": "12045", "city": "Berlin",
}  # fmt: skip


def test_the_form_cleans_what_was_typed() -> None:
    form = AddressForm(ANNA | {"name": " Anna \t Lind\u200b ", "postcode": "d 12045"}, codes=["DE"])
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Anna Lind"
    assert form.cleaned_data["postcode"] == "12045"


def test_a_region_is_chosen_from_the_countrys_own() -> None:
    boise = ANNA | {"country": "US", "postcode": "83702", "city": "Boise"}
    missing = AddressForm(boise, codes=["DE", "US"])
    assert missing.errors["region"] == ["Choose a state."]
    assert AddressForm(boise | {"region": "ID"}, codes=["DE", "US"]).is_valid()
    assert not AddressForm(boise | {"region": "BY"}, codes=["DE", "US"]).is_valid()


def test_what_a_country_has_not_is_kept_on_the_page_and_left_out_of_the_address() -> None:
    form = AddressForm(ANNA | {"region": "Berlin", "country": "DE"}, codes=["DE"])
    assert form["region"].is_hidden
    assert form.is_valid()
    assert form.cleaned_data["region"] == ""


def test_browsers_are_told_what_each_field_is() -> None:
    form = AddressForm(codes=["GB"], section="shipping")
    tokens = {field.name: field.field.widget.attrs.get("autocomplete") for field in form}
    assert tokens["line1"] == "shipping address-line1"
    assert tokens["postcode"] == "shipping postal-code"
    assert tokens["city"] == "shipping address-level2"
    assert tokens["country"] == "shipping country"
