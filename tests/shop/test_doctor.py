"""The doctor finds nothing in a sound shop, and each fault that was put into it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from catalog.models import StockItem
from shop.invariants import examine
from tests.books import Books, open_books
from tests.factories import VariantFactory
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
        ("confirmed", "part_refunded", "delivered"),
        ("cancelled", "pending", "unfulfilled"),
        ("cancelled", "refunded", "unfulfilled"),
        ("expired", "pending", "unfulfilled"),
        ("expired", "refunded", "unfulfilled"),
    }


def test_a_fault_is_found_and_named(shop: Books, subtests: pytest.Subtests) -> None:
    for fault in FAULTS:
        with subtests.test(str(fault)), rolled_back():
            line = fault.put_into(shop)

            found = {each.invariant.check.__name__: each.violations for each in examine()}

            assert line in found[fault.check]

    assert {fault.check for fault in FAULTS} == {
        each.invariant.check.__name__ for each in examine()
    }


def test_the_doctor_of_a_sound_shop_says_so() -> None:
    VariantFactory(sku="BOWL", stock=1)
    out = StringIO()

    call_command("doctor", stdout=out)

    assert out.getvalue() == f"{len(examine())} invariants hold.\n"


def test_the_doctor_writes_one_line_for_each_violation_and_goes_with_1() -> None:
    miscounted_bowl()
    out = StringIO()

    with pytest.raises(SystemExit) as exit:
        call_command("doctor", stdout=out)

    assert exit.value.code == 1
    assert out.getvalue().splitlines() == [
        "INV-02 BOWL: 2 on hand and 0 promised, but its movements come to 1 and 0",
        f"1 of {len(examine())} invariants do not hold: INV-02.",
    ]


def test_the_doctor_writes_one_json_object() -> None:
    miscounted_bowl()
    out = StringIO()

    with pytest.raises(SystemExit) as exit:
        call_command("doctor", "--json", stdout=out)

    told = json.loads(out.getvalue())
    assert (exit.value.code, told["ok"]) == (1, False)
    assert [each for each in told["invariants"] if each["violations"]] == [
        {
            "code": "INV-02",
            "sentence": "The counts on the shelf equal the sum of their movements.",
            "violations": ["BOWL: 2 on hand and 0 promised, but its movements come to 1 and 0"],
        }
    ]


def miscounted_bowl() -> None:
    bowl: Any = VariantFactory(sku="BOWL", stock=1)
    StockItem.objects.filter(variant=bowl).update(on_hand=2)
