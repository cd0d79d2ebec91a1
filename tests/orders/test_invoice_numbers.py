"""Numbers of invoices have no gap and no double, however many are written at once."""

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from orders.invoicing.writing import keep_up
from orders.models import Invoice, InvoiceCounter, InvoiceKind, Order
from orders.settlement import mark_paid
from shop.invariants import examine
from shop.models import Mail
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, Place
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(fill_cart: FillCart, place: Place, monkeypatch: Any) -> list[Order]:
    """Eight orders that are paid, and of which no invoice has been written yet."""
    monkeypatch.setattr(
        "orders.invoicing.writing.keep_up", lambda order: []
    )  # As its job calls it.
    mug = VariantFactory(stock=8)
    placed = [place(fill_cart({mug: 1}), payment_method="transfer") for _each in range(8)]
    for order in placed:
        mark_paid(order, actor=None)
    assert not Invoice.objects.exists()
    return placed


def numbers() -> list[int]:
    return sorted(Invoice.objects.values_list("serial", flat=True))


def test_eight_at_once_are_numbered_one_to_eight(orders: list[Order]) -> None:
    race([partial(keep_up, order) for order in orders])

    assert numbers() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [line for finding in examine() for line in finding.violations] == []


def test_one_order_is_invoiced_once_by_eight(orders: list[Order]) -> None:
    race([partial(keep_up, orders[0])] * 8)

    assert numbers() == [1]
    assert Mail.objects.filter(kind="order_paid").count() == 1


def test_what_is_rolled_back_leaves_no_gap(orders: list[Order]) -> None:
    def write_and_fail(order: Order) -> None:
        with transaction.atomic():
            keep_up(order)
            raise ZeroDivisionError

    race([partial(write_and_fail if n % 2 else keep_up, each) for n, each in enumerate(orders)])

    assert numbers() == [1, 2, 3, 4]
    assert InvoiceCounter.objects.get(kind=InvoiceKind.INVOICE).last == 4
