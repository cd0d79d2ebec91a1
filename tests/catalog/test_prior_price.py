"""
What something cost before: the lowest price of the 30 days before the reduction began.

Directive 98/6/EC, Article 6a. The days are those before the reduction, not the last ones.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import PriceRule, Variant
from catalog.prior_price import ListPrice, Term, prior_price, prior_prices, terms_of
from tests.catalog.shelves import on_record_for, shelve

NOW = datetime(2030, 6, 30, 12, tzinfo=UTC)


def day(number):
    """So many days ago."""
    return NOW - timedelta(days=number)


def listed(ago, price, before=None):
    return ListPrice(day(ago), Decimal(price), before and Decimal(before))


def off(percent, begins, ends=None):
    return Term(Decimal(percent), day(begins), None if ends is None else day(ends))


CASES = {
    "a rule that has just begun: the list price": ([listed(90, 100)], [off(20, 3)], 100),
    "a rule that begins at this very moment": ([listed(90, 100)], [off(20, 0)], 100),
    "no reduction, nothing to tell": ([listed(90, 100)], [], None),
    "a rule that is to come": ([listed(90, 100)], [off(20, -1)], None),
    "a rule that is over": ([listed(90, 100)], [off(20, 9, 2)], None),
    "a price that fell without a word is no reduction": (
        [listed(90, 100), listed(5, 80)],
        [],
        None,
    ),
    "the lowest price in the days before, not the last": (
        [listed(90, 100), listed(20, 85), listed(12, 95)],
        [off(20, 3)],
        85,
    ),
    "a price raised just before the sale is not the one to tell": (
        [listed(90, 100), listed(5, 150)],
        [off(20, 3)],
        None,
    ),
    "what was lower longer ago than 30 days before does not count": (
        [listed(90, 60), listed(34, 100)],
        [off(20, 3)],
        100,
    ),
    "what was still lower on the first of those days counts": (
        [listed(90, 90), listed(32, 100)],
        [off(20, 3)],
        90,
    ),
    "the days count back from the beginning, not from today": (
        [listed(200, 100)],
        [off(20, 60)],
        100,
    ),
    "a reduction that grows keeps the price before its first step": (
        [listed(90, 100)],
        [off(10, 20, 10), off(20, 10, 4), off(30, 4)],
        100,
    ),
    "so does one whose list price is lowered under a rule": (
        [listed(90, 100), listed(5, 90)],
        [off(10, 20)],
        100,
    ),
    "a reduction that shrinks is a new one, after a lower price": (
        [listed(90, 100)],
        [off(30, 20, 5), off(10, 5)],
        None,
    ),
    "one sale after another, with a break: the last sale's price counts": (
        [listed(90, 100)],
        [off(20, 20, 10), off(30, 5)],
        80,
    ),
    "and if it is no cheaper than the last sale, nothing is told": (
        [listed(90, 100)],
        [off(20, 20, 10), off(20, 5)],
        None,
    ),
    "a sale long after the last one starts afresh": (
        [listed(200, 100)],
        [off(20, 90, 80), off(20, 5)],
        100,
    ),
    "the best rule wins, before as now": (
        [listed(90, 100)],
        [off(10, 40, 20), off(30, 40, 20), off(40, 3)],
        70,
    ),
    "a thing younger than 30 days: the lowest since it came": (
        [listed(9, 50), listed(6, 45)],
        [off(20, 2)],
        45,
    ),
    "a thing that came in reduced by a rule was never dearer": (
        [listed(9, 50)],
        [off(20, 9)],
        None,
    ),
    "a rule older than the thing": ([listed(9, 50)], [off(20, 40)], None),
    "staff typed the price before, and it was so": (
        [listed(90, 100), listed(3, 80, 100)],
        [],
        100,
    ),
    "staff typed more than was ever asked": ([listed(90, 100), listed(3, 80, 140)], [], 100),
    "staff typed less than was asked: the record counts": (
        [listed(90, 100), listed(3, 80, 90)],
        [],
        100,
    ),
    "staff typed a price before without lowering the price": (
        [listed(90, 80), listed(3, 80, 100)],
        [],
        None,
    ),
    "no record before the reduction: staff's word stands": ([listed(9, 80, 100)], [], 100),
    "and stands after a further step": ([listed(9, 80, 100), listed(2, 70, 100)], [], 100),
    "but not if it is no reduction": ([listed(9, 80, 80)], [], None),
    "nothing on record at all": ([], [off(20, 3)], None),
    "cents are rounded half up, as prices are": (
        [listed(90, "10.05")],
        [off(50, 40, 20), off(60, 3)],
        "5.03",
    ),
    "a price that was corrected in the same moment was never asked": (
        [listed(90, 100), listed(20, 1), listed(20, 100)],
        [off(20, 3)],
        100,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_prior_price_is(case):
    history, terms, expected = CASES[case]

    assert prior_price(history, terms, NOW) == (expected and Decimal(expected))


@pytest.mark.django_db
def test_the_record_of_prices_and_rules_is_read():
    mug = shelve("24.00")
    on_record_for(mug, days=60)
    PriceRule.objects.create(name="Sale", percent=25).products.add(mug)
    plain = shelve("30.00")

    variant, other = mug.variants.get(), plain.variants.get()

    assert prior_prices(Variant.objects.priced()) == {variant.pk: Decimal("24.00")}
    assert other.pk not in prior_prices(Variant.objects.priced())


@pytest.mark.django_db
def test_a_rule_takes_off_what_it_took_off_then_whatever_staff_wrote_since():
    mug = shelve("24.00")
    rule = PriceRule.objects.create(name="Sale", percent=25, covers_all=True)
    events = rule.terms.model.objects.filter(pgh_obj=rule.pk)
    events.update(pgh_created_at=day(20))
    rule.percent = Decimal(10)
    rule.save()
    rule.is_active = False
    rule.save()
    _first, lowered, off_again = events.order_by("pgh_id")
    events.filter(pk=lowered.pk).update(pgh_created_at=day(10))
    events.filter(pk=off_again.pk).update(pgh_created_at=day(5))

    variant = mug.variants.get()
    assert terms_of([variant.pk])[variant.pk] == [
        Term(Decimal(25), day(20), day(10)),
        Term(Decimal(10), day(10), day(5)),
    ]


@pytest.mark.django_db
def test_a_rule_that_changed_its_name_has_the_same_terms():
    rule = PriceRule.objects.create(name="Sale", percent=25, covers_all=True)
    rule.name = "Summer"
    rule.save()

    assert rule.terms.model.objects.filter(pgh_obj=rule.pk).count() == 1


@pytest.mark.django_db
def test_many_variants_cost_as_many_queries_as_one_and_full_prices_none():
    things = [shelve("24.00") for _each in range(4)]
    priced = list(Variant.objects.priced())
    with CaptureQueriesContext(connection) as asked:
        assert prior_prices(priced) == {}
    assert len(asked) == 0

    for thing in things:
        on_record_for(thing, days=60)
    PriceRule.objects.create(name="Sale", percent=25, covers_all=True)
    priced = list(Variant.objects.priced())
    for some in (priced[:1], priced):
        with CaptureQueriesContext(connection) as asked:
            assert set(prior_prices(some).values()) == {Decimal("24.00")}
        assert len(asked) == 3
