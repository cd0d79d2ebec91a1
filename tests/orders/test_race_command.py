"""`manage.py race`: real processes on the real database, and nothing left of it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cart.models import Cart, Coupon
from catalog.models import Product, StockMovement, Variant
from orders.models import Order, OrderEvent
from orders.races.rows import clear, make_cart, make_coupon, make_goods
from shop.invariants import examine
from shop.models import Mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("race", *arguments, "--rounds=1", stdout=out)
    assert isinstance(exit.value.code, int)
    return exit.value.code, out.getvalue()


def test_a_hundred_buyers_get_the_last_ten_and_nothing_is_left_behind() -> None:
    code, told = run("last-unit", "--workers=3")

    assert "In all: sold 10, refused 90, errors 0, deadlocks 0" in told
    assert (code, told.splitlines()[-1]) == (0, "The rule held.")
    assert_nothing_is_left()


@pytest.mark.parametrize("race", ["last-unit", "double-submit", "coupon", "crossed-carts"])
def test_the_books_balance_while_a_race_runs(race: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    orders: list[int] = []

    def look_and_clear() -> int:
        found.extend(line for finding in examine() for line in finding.violations)
        orders.append(Order.objects.count())
        return clear()

    monkeypatch.setattr("orders.management.commands.race.clear", look_and_clear)
    run(race, "--workers=4")

    assert found == []
    assert max(orders) > 0  # There was something to look at.


@pytest.mark.parametrize("race", ["last-unit", "double-submit", "coupon", "crossed-carts"])
def test_without_its_protection_a_rule_breaks_and_nothing_is_left_behind(race: str) -> None:
    code, told = run(race, "--workers=4", "--without-protection")

    assert told.splitlines()[-1] == "Without its protection the rule broke in 1 of 1 rounds."
    assert code == 0
    assert_nothing_is_left()


def test_what_a_killed_run_left_is_removed_by_the_next() -> None:
    make_cart(make_goods(5), make_coupon(1))

    run("double-submit", "--workers=2")

    assert_nothing_is_left()


@pytest.mark.parametrize(("workers", "words"), [("1", "two workers"), ("100000", "room for")])
def test_a_race_that_cannot_be_is_refused(workers: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("race", "last-unit", "--workers", workers)


def assert_nothing_is_left() -> None:
    tables = [Order, OrderEvent, Cart, Coupon, Product, Variant, StockMovement, Mail]
    history = [Variant._meta.get_field("price_history"), Coupon._meta.get_field("changes")]
    tables += [field.related_model for field in history]
    assert {table.__name__: table._default_manager.count() for table in tables} == dict.fromkeys(
        (table.__name__ for table in tables), 0
    )
    assert [line for finding in examine() for line in finding.violations] == []
