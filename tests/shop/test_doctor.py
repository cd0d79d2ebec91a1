"""The doctor finds nothing in a sound shop, and each fault that was put into it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from shop.invariants import examine
from tests.books import Books, open_books
from tests.shop.faults import FAULTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Books:
    return open_books()


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_shop_with_orders_in_every_state_is_sound(shop: Books) -> None:
    assert [(each.invariant.code, each.violations) for each in examine() if each.violations] == []
    states = {
        (order.status, order.payment_status, order.fulfilment_status)
        for order in shop.orders.values()
    }
    assert states == {
        ("pending", "pending", "unfulfilled"),
        ("pending", "review", "unfulfilled"),
        ("confirmed", "none", "unfulfilled"),
        ("confirmed", "paid", "unfulfilled"),
        ("confirmed", "paid", "partial"),
        ("confirmed", "paid", "shipped"),
        ("confirmed", "paid", "delivered"),
        ("confirmed", "part_refunded", "unfulfilled"),
        ("cancelled", "pending", "unfulfilled"),
        ("cancelled", "refunded", "unfulfilled"),
        ("expired", "pending", "unfulfilled"),
        ("expired", "refunded", "unfulfilled"),
    }


def test_every_invariant_was_seen_to_fire(shop: Books) -> None:
    assert {finding.invariant.check.__name__ for finding in examine()} == {
        fault.check for fault in FAULTS
    }


def test_a_fault_is_found_and_named(shop: Books, subtests: pytest.Subtests) -> None:
    for fault in FAULTS:
        with subtests.test(str(fault)), rolled_back():
            line = fault.put_into(shop)

            found = {each.invariant.check.__name__: each.violations for each in examine()}

            assert line in found[fault.check]


def test_the_doctor_of_a_sound_shop_says_so_and_goes_with_0(shop: Books) -> None:
    out = StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue().endswith("invariants hold.\n")


def test_the_doctor_writes_one_line_for_each_violation_and_goes_with_1(shop: Books) -> None:
    unmatched_count(shop)
    out = StringIO()

    with pytest.raises(SystemExit) as exit:
        call_command("doctor", stdout=out)

    assert exit.value.code == 1
    first, last = out.getvalue().splitlines()
    assert first.startswith(
        "INV-02 BOWL: 2 on hand and 1 promised, but its movements come to 1 and 1"
    )
    assert last.endswith("invariants do not hold: INV-02.")


def test_the_doctor_writes_one_json_object(shop: Books) -> None:
    unmatched_count(shop)
    out = StringIO()

    with pytest.raises(SystemExit) as exit:
        call_command("doctor", "--json", stdout=out)

    told = json.loads(out.getvalue())
    violated = [each for each in told["invariants"] if each["violations"]]
    assert (exit.value.code, told["ok"]) == (1, False)
    assert [each["code"] for each in violated] == ["INV-02"]
    assert violated[0]["sentence"] == "The counts on the shelf equal the sum of their movements."


def unmatched_count(shop: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE catalog_stockitem SET on_hand = 2 WHERE variant_id = {shop.bowl.pk}"
        )
