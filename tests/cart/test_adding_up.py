"""The pure part of pricing: whatever comes in, the lines add up to the totals to the cent."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cart.arithmetic import RateSum, add_up
from cart.items import ZERO, Item, Offer, Tariff, Terms

PLACES = range(12)

money = st.decimals(0, 5000, places=2)
percents = st.decimals(0, 100, places=2)
rates = st.sampled_from([Decimal(0), Decimal(7), Decimal(19), Decimal("5.5"), Decimal("8.875")])
items = st.builds(
    Item, st.integers(1, 999), money, rates, st.booleans(), floor=st.just(ZERO) | money, grams=st.integers(0, 9000)
)  # fmt: skip
places = st.frozensets(st.sampled_from(PLACES))
offers = st.builds(
    Offer,
    key=st.integers(1, 5),
    on=places,
    bought=places,
    percent=st.just(ZERO) | percents,
    amount=st.just(ZERO) | money,
    is_each=st.booleans(),
    buy=st.integers(0, 3),
    get=st.integers(1, 3),
    get_percent=percents,
    shipping_percent=st.just(ZERO) | percents,
    gift=st.none() | st.builds(Item, st.integers(1, 3), st.just(ZERO), grams=st.integers(0, 500)),
    is_alone=st.booleans(),
    is_last=st.booleans(),
)
tariffs = st.builds(
    Tariff,
    price=money,
    bands=st.lists(st.tuples(money, money), max_size=3).map(tuple),
    is_by_weight=st.booleans(),
    free_over=st.none() | money,
    is_before_discount=st.booleans(),
    tax_percent=rates,
)
terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    prices_include_tax=st.booleans(),
    offers=st.lists(offers, max_size=4).map(tuple),
    tariff=tariffs,
)
many = settings(max_examples=2500, deadline=None)
some = settings(max_examples=600, deadline=None)


def carts(least=0):
    """Lines, and terms whose offers name only these."""
    return st.lists(items, min_size=least, max_size=len(PLACES)).flatmap(
        lambda lines: terms.map(lambda each: (lines, narrowed(each, len(lines))))
    )


def narrowed(terms, size):
    here = frozenset(range(size))
    return replace(
        terms,
        offers=tuple(
            replace(offer, on=offer.on & here, bought=offer.bought & here) for offer in terms.offers
        ),
    )


@many
@given(carts())
def test_the_lines_add_up_to_the_totals_to_the_cent(cart):
    items, terms = cart
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
@given(carts())
def test_every_line_is_one_that_the_database_would_take(cart):
    items, terms = cart
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
@given(carts())
def test_each_rate_is_rounded_once_and_bears_what_is_taxed_at_it(cart):
    items, terms = cart
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
            sums.shipping_total if terms.tariff.tax_percent == rate.percent else ZERO,
        )
        assert base[rate.percent] == taxed
        whole = 100 + rate.percent if terms.prices_include_tax else Decimal(100)
        assert abs(taxed * rate.percent / whole - rate.amount) <= Decimal("0.005")


@some
@given(carts(least=1))
def test_nothing_costs_less_than_nothing_nor_more_than_without_offers(cart):
    items, terms = cart
    sums = add_up(items, terms)

    assert 0 <= sums.discount_total <= sums.subtotal
    assert 0 <= sums.shipping_total <= sums.shipping_price
    assert sums.total >= 0


@many
@given(carts(least=1))
def test_what_offers_take_off_is_written_down_and_leaves_every_line_its_floor(cart):
    items, terms = cart
    sums = add_up(items, terms)

    for i, (item, line) in enumerate(zip(items, sums.lines, strict=True)):
        assert sum((each.shares[i] for each in sums.taken), ZERO) == line.discount
        floor = min(item.floor, item.unit_price) * item.quantity
        assert line.subtotal - line.discount >= floor
    assert sum((each.goods for each in sums.taken), ZERO) == sums.discount_total
    assert sum((each.shipping for each in sums.taken), ZERO) == sums.shipping_discount
    assert all(share >= 0 for each in sums.taken for share in each.shares)


@some
@given(carts(least=1))
def test_an_offer_that_holds_alone_is_alone_and_after_the_last_comes_none(cart):
    items, terms = cart
    taken = [each.offer for each in add_up(items, terms).taken]

    assert len(taken) == 1 or not any(offer.is_alone for offer in taken)
    assert not any(offer.is_last for offer in taken[:-1])


def test_a_currency_without_cents_stays_without_them():
    ten = Offer(1, on=frozenset({0, 1}), percent=Decimal(10))
    yen = Terms("JPY", offers=(ten,), tariff=Tariff(tax_percent=Decimal(10)))

    sums = add_up([Item(3, Decimal(333), Decimal(10)), Item(1, Decimal(1), Decimal(10))], yen)

    assert [sums.subtotal, sums.discount_total, sums.total] == [1000, 100, 900]
    assert [line.discount for line in sums.lines] == [100, 0]
    assert sums.tax_total == 82


def test_the_tax_inside_a_price_is_not_added_again():
    sums = add_up(
        [Item(1, Decimal("119.00"), Decimal(19))],
        Terms("EUR", tariff=Tariff(Decimal("4.90"), tax_percent=Decimal(19))),
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
    parcel = Tariff(Decimal("4.90"), free_over=Decimal(60))

    assert parcel.price_for(Decimal("59.99"), 0) == Decimal("4.90")
    assert parcel.price_for(Decimal("60.00"), 0) == 0
    assert Tariff(Decimal("4.90")).price_for(Decimal("9999.00"), 0) == Decimal("4.90")


def test_free_delivery_looks_at_the_goods_after_the_discount_or_before():
    ten = Offer(1, on=frozenset({0}), percent=Decimal(10))
    after = Terms("EUR", offers=(ten,), tariff=Tariff(Decimal("4.90"), free_over=Decimal(60)))
    before = replace(after, tariff=replace(after.tariff, is_before_discount=True))

    assert add_up([Item(1, Decimal("66.66"))], after).shipping_total == Decimal("4.90")
    assert add_up([Item(1, Decimal("66.67"))], after).shipping_total == 0
    assert add_up([Item(1, Decimal("60.00"))], before).shipping_total == 0
    assert add_up([Item(1, Decimal("59.99"))], before).shipping_total == Decimal("4.90")


def test_a_band_of_weight_or_worth_has_its_own_price():
    bands = ((Decimal(5000), Decimal(9)), (Decimal(1000), Decimal(7)))
    heavy = Terms("EUR", tariff=Tariff(Decimal(5), bands, is_by_weight=True))
    dear = Terms("EUR", tariff=Tariff(Decimal(5), bands))

    def price(terms, quantity, grams):
        return add_up([Item(quantity, Decimal(250), grams=grams)], terms).shipping_total

    assert [price(heavy, 2, grams) for grams in (499, 500, 2499, 2500)] == [5, 7, 7, 9]
    assert [price(dear, quantity, 0) for quantity in (3, 4, 19, 20)] == [5, 7, 7, 9]


def test_what_needs_no_parcel_pays_for_none():
    terms = Terms("EUR", tariff=Tariff(Decimal("4.90")))

    assert add_up([Item(1, Decimal(10), requires_shipping=False)], terms).shipping_total == 0
    assert add_up([], terms).total == 0


def test_what_needs_no_parcel_does_not_weigh():
    bands = ((Decimal(1000), Decimal(9)),)
    terms = Terms("EUR", tariff=Tariff(Decimal(5), bands, is_by_weight=True))
    book = Item(1, Decimal(10), requires_shipping=False, grams=2000)

    assert add_up([book, Item(1, Decimal(10), grams=300)], terms).shipping_total == 5


def test_the_discount_is_shared_by_the_largest_remainder():
    half = Offer(1, on=frozenset({0, 1, 2}), percent=Decimal(50))
    sums = add_up([Item(1, Decimal("0.05"))] * 3, Terms("EUR", offers=(half,)))

    assert sums.discount_total == Decimal("0.08")
    assert [line.discount for line in sums.lines] == [
        Decimal("0.03"),
        Decimal("0.03"),
        Decimal("0.02"),
    ]
