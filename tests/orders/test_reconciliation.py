"""What the providers' own books say is held against the shop's."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.models import (
    DemoPayment,
    MoneyKind,
    MoneyState,
    Order,
    OrderStatus,
    PaymentAttempt,
    PaymentEvent,
    UnplacedMoney,
)
from orders.paying import ask_provider, start_payment
from orders.reconciliation import reconcile
from orders.refunds import refund, send_all
from orders.unplaced import take_on
from shop.invariants import examine
from tests.factories import StaffFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.orders.stripe_server import KEY, SECRET, StripeServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(fill_cart: FillCart, place: Place, pay_at: PayAt) -> PaymentAttempt:
    """Two mugs for €29.90, paid an hour ago."""
    order = place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))
    attempt = pay_at(order, "pay_silent")
    ask_provider(attempt, source="return")
    an_hour_ago()
    return PaymentAttempt.objects.select_related("order").get()


def an_hour_ago() -> None:
    then = timezone.now() - timedelta(hours=1)
    PaymentAttempt.objects.update(created_at=then)
    DemoPayment.objects.update(created_at=then)


def told() -> list[str]:
    return [str(each) for each in reconcile()]


def codes() -> set[str]:
    return {each.invariant.code for each in examine() if each.violations}


def test_the_same_in_both_books_is_no_difference(paid: PaymentAttempt) -> None:
    refund(paid, Decimal("5.00"), reason="Chipped")
    send_all()

    assert told() == []
    assert not UnplacedMoney.objects.exists()


def test_what_nobody_told_of_is_asked_about_and_settles(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    pay_at(order, "pay_silent")
    an_hour_ago()

    assert told() == []
    assert Order.objects.get().status == OrderStatus.CONFIRMED


def test_money_that_was_given_back_on_the_providers_pages_lies_before_staff(
    paid: PaymentAttempt,
) -> None:
    DemoPayment.objects.update(refunded=Decimal("5.00"))

    number = paid.order.number
    assert told() == [
        f"order {number} at demo: €29.90 taken, €5.00 given back; here €29.90 taken, €0.00 given back"
    ]
    item = UnplacedMoney.objects.get()
    assert (item.kind, item.amount, item.order) == (MoneyKind.BOOKS, Decimal("5.00"), paid.order)
    assert "INV-22" in codes()


def test_a_difference_is_told_once_and_stays_decided(paid: PaymentAttempt) -> None:
    DemoPayment.objects.update(refunded=Decimal("5.00"))
    reconcile()
    reconcile()

    take_on(UnplacedMoney.objects.get(), actor=StaffFactory())
    reconcile()

    assert UnplacedMoney.objects.get().state == MoneyState.TAKEN
    assert "INV-22" not in codes()
    DemoPayment.objects.update(refunded=Decimal("6.00"))
    reconcile()
    assert UnplacedMoney.objects.filter(state=MoneyState.OPEN).count() == 1


def test_a_difference_that_is_gone_settles_by_itself(paid: PaymentAttempt) -> None:
    DemoPayment.objects.update(refunded=Decimal("5.00"))
    reconcile()
    DemoPayment.objects.update(refunded=0)

    reconcile()

    assert UnplacedMoney.objects.get().state == MoneyState.SETTLED


def test_a_difference_stays_open_when_it_is_too_old_to_be_compared(paid: PaymentAttempt) -> None:
    DemoPayment.objects.update(refunded=Decimal("5.00"))
    reconcile()
    long_ago = timezone.now() - timedelta(days=4)
    PaymentAttempt.objects.update(created_at=long_ago)
    DemoPayment.objects.update(created_at=long_ago)

    assert told() == []

    assert UnplacedMoney.objects.get().state == MoneyState.OPEN


def test_a_difference_stays_open_while_other_money_of_it_moves(paid: PaymentAttempt) -> None:
    DemoPayment.objects.update(refunded=Decimal("5.00"))
    reconcile()
    refund(paid, Decimal("2.00"), reason="Chipped")

    assert told() == []

    assert UnplacedMoney.objects.get().state == MoneyState.OPEN


def test_a_difference_that_comes_again_is_open_again(paid: PaymentAttempt) -> None:
    for refunded in ("5.00", "0.00", "5.00"):
        DemoPayment.objects.update(refunded=Decimal(refunded))
        reconcile()

    assert UnplacedMoney.objects.get().state == MoneyState.OPEN


def test_a_payment_that_only_one_side_knows_differs(paid: PaymentAttempt) -> None:
    DemoPayment.objects.update(idempotency_key="00000000-0000-4000-8000-000000000000")

    here, there = told()

    assert here.endswith("€0.00 taken, €0.00 given back; here €29.90 taken, €0.00 given back")
    assert there.startswith("order unknown at demo: €29.90 taken")
    assert {each.order for each in UnplacedMoney.objects.all()} == {paid.order, None}


def test_what_is_still_moving_is_left_alone(paid: PaymentAttempt) -> None:
    refund(paid, Decimal("5.00"), reason="Chipped")
    DemoPayment.objects.update(refunded=Decimal("5.00"))  # Sent, and its answer was lost.
    assert told() == []

    DemoPayment.objects.update(refunded=Decimal("7.00"), created_at=timezone.now())
    PaymentAttempt.objects.update(created_at=timezone.now())
    assert told() == []


def test_the_command_says_what_differs(paid: PaymentAttempt) -> None:
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue() == "The books are the same on both sides.\n"
    DemoPayment.objects.update(refunded=Decimal("5.00"))

    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile", "--json", stdout=out)

    (difference,) = json.loads(out.getvalue())
    assert difference["theirs"] == {"captured": "29.90", "refunded": "5.00"}
    assert difference["order"] == paid.order.number
    with pytest.raises(CommandError, match="from 1 to 366"):
        call_command("reconcile", "--days", "0")


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeServer]:
    with StripeServer() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


def test_stripes_books_are_read_page_by_page(
    fill_cart: FillCart, place: Place, stripe: StripeServer
) -> None:
    mug = VariantFactory(price=Decimal("12.50"), stock=6)
    stripe.page = 2
    for _order in range(3):
        order = place(fill_cart({mug: 2}), payment_method="stripe")
        start_payment(order, method="stripe")
        stripe.pay(order.attempts.get().reference)
    for named in ({}, {"attempt": "42"}, {"attempt": "x" * 400}):  # Others on the same account.
        stripe.make(
            "payment_intent", "pi", status="succeeded", amount=900, amount_received=900,
            currency="eur", metadata=named, created=int(timezone.now().timestamp()) - 3600, _refunded=0,
        )  # fmt: skip
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(hours=1))

    assert told() == []
    assert PaymentEvent.objects.filter(kind="captured").count() == 3

    stripe.of("payment_intent")[0]["_refunded"] = 500
    (difference,) = told()
    assert "€29.90 taken, €5.00 given back; here €29.90 taken, €0.00" in difference


def test_a_provider_that_does_not_answer_is_told_so(
    paid: PaymentAttempt, stripe: StripeServer
) -> None:
    stripe.faults = ["500"] * 2

    with pytest.raises(CommandError, match="did not answer"):
        call_command("reconcile")
