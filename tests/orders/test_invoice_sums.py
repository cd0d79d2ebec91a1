"""However an invoice is given back in parts, its credit notes come to it, rate by rate, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.invoicing.sums import ZERO, Taxed, credit

RATES = [Decimal(each) for each in (0, 7, 19, 21)]
cents = st.integers(1, 500_000).map(lambda n: Decimal(n) / 100)


@st.composite
def invoices(draw: st.DrawFn) -> list[Taxed]:
    percents = draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=4, unique=True))
    found = []
    for percent in percents:
        gross = draw(cents)
        tax = (gross * percent / (100 + percent)).quantize(Decimal("0.01"))
        found.append(Taxed(f"VAT {percent}", percent, gross - tax, tax))
    return found


@settings(max_examples=400, deadline=None)
@given(whole=invoices(), data=st.data())
def test_any_parts_take_back_what_was_taxed(whole: list[Taxed], data: st.DataObject) -> None:
    left = sum((each.gross for each in whole), ZERO)
    done: dict[Decimal, Taxed] = {
        each.percent: Taxed("", each.percent, ZERO, ZERO) for each in whole
    }
    while left:
        part = left if data.draw(st.booleans()) else min(left, data.draw(cents))
        known = data.draw(st.dictionaries(st.sampled_from(RATES), cents, max_size=2))
        for each in credit(whole, list(done.values()), known, part, "EUR"):
            assert min(each.net, each.amount) >= 0
            so_far = done[each.percent]
            done[each.percent] = Taxed(
                "", each.percent, so_far.net + each.net, so_far.amount + each.amount
            )
        left -= part
        assert left == sum((each.gross - done[each.percent].gross for each in whole), ZERO)

    assert {each.percent: (each.net, each.amount) for each in whole} == {
        percent: (each.net, each.amount) for percent, each in done.items()
    }


def test_what_is_known_of_a_rate_is_taken_from_it() -> None:
    whole = [
        Taxed("VAT", Decimal(19), Decimal("100.00"), Decimal("19.00")),
        Taxed("VAT", Decimal(7), Decimal("100.00"), Decimal("7.00")),
    ]

    taken = credit(whole, [], {Decimal(7): Decimal("53.50")}, Decimal("53.50"), "EUR")

    assert taken == [Taxed("VAT", Decimal(7), Decimal("50.00"), Decimal("3.50"))]


def test_no_more_is_taken_back_than_is_left() -> None:
    whole = [Taxed("VAT", Decimal(19), Decimal("100.00"), Decimal("19.00"))]

    with pytest.raises(ValueError, match="more than is left"):
        credit(whole, whole, {}, Decimal("0.01"), "EUR")
