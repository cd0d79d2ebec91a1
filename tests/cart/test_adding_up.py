"""The pure part of pricing: whatever comes in, the lines add up to the totals to the cent."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cart.arithmetic import ZERO, Item, RateSum, Terms, add_up, delivery_price

money = st.decimals(0, 5000, places=2)
percents = st.decimals(0, 100, places=2)
rates = st.sampled_from([Decimal(0), Decimal(7), Decimal(19), Decimal("5.5"), Decimal("8.875")])
items = st.builds(Item, st.integers(1, 999), money, rates, st.booleans())
terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    prices_include_tax=st.booleans(),
    coupon_percent=percents,
    shipping_price=money,
    free_over=st.none() | money,
    shipping_tax_percent=rates,
)
many = settings(max_examples=2500, deadline=None)
some = settings(max_examples=500, deadline=None)


@many
@given(st.lists(items, max_size=12), terms)
def test_the_lines_add_up_to_the_totals_to_the_cent(items, terms):
    sums = add_up(items, terms)

    assert sum((line.subtotal for line in sums.lines), ZERO) == sums.subtotal
    assert sum((line.discount for line in sums.lines), ZERO) == sums.discount_total
    assert sum((line.tax for line in sums.lines), sums.shipping_tax) == sums.tax_total
    assert sum((rate.amount for rate in sums.taxes), ZERO) == sums.tax_total
    added = ZERO if terms.prices_include_tax else sums.tax_total
    assert sums.total == sums.subtotal - sums.discount_total + sums.shipping_total + added
    added_to_shipping = ZERO if terms.prices_include_tax else sums.shipping_tax
    whole = sums.shipping_total + added_to_shipping
    assert sum((line.total for line in sums.lines), whole) == sums.total


@some
@given(st.lists(items, max_size=12), terms)
def test_every_line_is_one_that_the_database_would_take(items, terms):
    for item, line in zip(items, add_up(items, terms).lines, strict=True):
        assert line.subtotal == item.quantity * item.unit_price
        assert 0 <= line.discount <= line.subtotal
        assert line.tax >= 0
        assert (
            0
            <= line.total
            == line.subtotal - line.discount + (ZERO if terms.prices_include_tax else line.tax)
        )
        for amount in vars(line).values():
            assert amount == amount.quantize(Decimal("0.01"))


@some
@given(st.lists(items, max_size=12), terms)
def test_each_rate_is_rounded_once_and_bears_what_is_taxed_at_it(items, terms):
    sums = add_up(items, terms)
    base = {rate.percent: rate.net for rate in sums.taxes}
    if terms.prices_include_tax:
        base = {rate.percent: rate.net + rate.amount for rate in sums.taxes}

    for rate in sums.taxes:
        taxed = sum(
            (
                line.subtotal - line.discount
                for item, line in zip(items, sums.lines, strict=True)
                if item.tax_percent == rate.percent
            ),
            sums.shipping_total if terms.shipping_tax_percent == rate.percent else ZERO,
        )
        assert base[rate.percent] == taxed
        whole = 100 + rate.percent if terms.prices_include_tax else Decimal(100)
        assert abs(taxed * rate.percent / whole - rate.amount) <= Decimal("0.005")


@some
@given(st.lists(items, min_size=1, max_size=12), terms)
def test_nothing_costs_less_than_nothing_nor_more_than_without_the_coupon(items, terms):
    sums = add_up(items, terms)

    assert 0 <= sums.discount_total <= sums.subtotal
    assert sums.total >= 0
    assert sums.shipping_total in {0, terms.shipping_price}


def test_a_currency_without_cents_stays_without_them():
    yen = Terms(currency="JPY", coupon_percent=Decimal(10), shipping_tax_percent=Decimal(10))

    sums = add_up([Item(3, Decimal(333), Decimal(10)), Item(1, Decimal(1), Decimal(10))], yen)

    assert [sums.subtotal, sums.discount_total, sums.total] == [1000, 100, 900]
    assert [line.discount for line in sums.lines] == [100, 0]
    assert sums.tax_total == 82


def test_the_tax_inside_a_price_is_not_added_again():
    sums = add_up(
        [Item(1, Decimal("119.00"), Decimal(19))],
        Terms("EUR", shipping_price=Decimal("4.90"), shipping_tax_percent=Decimal(19)),
    )

    assert sums.total == Decimal("123.90")
    assert sums.taxes == (RateSum(Decimal(19), Decimal("104.12"), Decimal("19.78")),)
    assert (sums.lines[0].tax, sums.shipping_tax) == (Decimal("19.00"), Decimal("0.78"))


def test_a_tax_that_is_not_in_the_prices_comes_on_top():
    sums = add_up(
        [Item(2, Decimal("50.00"), Decimal("8.875"))], Terms("USD", prices_include_tax=False)
    )

    assert (sums.tax_total, sums.total) == (Decimal("8.88"), Decimal("108.88"))
    assert sums.lines[0].total == Decimal("108.88")


def test_delivery_is_free_from_a_worth_on_and_not_before():
    assert delivery_price(Decimal("4.90"), Decimal(60), Decimal("59.99")) == Decimal("4.90")
    assert delivery_price(Decimal("4.90"), Decimal(60), Decimal("60.00")) == 0
    assert delivery_price(Decimal("4.90"), None, Decimal("9999.00")) == Decimal("4.90")


def test_free_delivery_looks_at_the_goods_after_the_discount():
    terms = Terms(
        "EUR", coupon_percent=Decimal(10), shipping_price=Decimal("4.90"), free_over=Decimal(60)
    )

    assert add_up([Item(1, Decimal("66.66"))], terms).shipping_total == Decimal("4.90")
    assert add_up([Item(1, Decimal("66.67"))], terms).shipping_total == 0


def test_what_needs_no_parcel_pays_for_none():
    terms = Terms("EUR", shipping_price=Decimal("4.90"))

    assert add_up([Item(1, Decimal(10), requires_shipping=False)], terms).shipping_total == 0
    assert add_up([], terms).total == 0


def test_the_discount_is_shared_by_the_largest_remainder():
    sums = add_up([Item(1, Decimal("0.05"))] * 3, Terms("EUR", coupon_percent=Decimal(50)))

    assert sums.discount_total == Decimal("0.08")
    assert [line.discount for line in sums.lines] == [
        Decimal("0.03"),
        Decimal("0.03"),
        Decimal("0.02"),
    ]
