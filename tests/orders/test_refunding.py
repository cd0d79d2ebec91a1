"""Money goes back: never more than came, never twice."""

from decimal import Decimal
from unittest.mock import patch

import pytest

from orders.ledger import refundable
from orders.models import DemoPayment, Order, PaymentAttempt, RefundStatus
from orders.paying import ask_provider
from orders.payments import ProviderUnavailable
from orders.payments.demo import DemoProvider
from orders.refunds import RefundRefused, refund, send, send_all
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(fill_cart: FillCart, place: Place, pay_at: PayAt) -> PaymentAttempt:
    """€29.90, captured."""
    order = place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))
    attempt = pay_at(order, "pay")
    ask_provider(attempt, source="return")
    return attempt


def test_a_part_goes_back_and_the_order_says_so(attempt: PaymentAttempt) -> None:
    send(refund(attempt, Decimal("10.00"), reason="Chipped").pk)

    assert attempt.refunds.get().status == RefundStatus.SUCCEEDED
    assert DemoPayment.objects.get().refunded == Decimal("10.00")
    assert Order.objects.get().payment_status == "part_refunded"
    assert refundable(attempt) == Decimal("19.90")


def test_no_more_goes_back_than_came(attempt: PaymentAttempt) -> None:
    refund(attempt, Decimal("20.00"), reason="Chipped")

    with pytest.raises(RefundRefused):
        refund(attempt, Decimal("9.91"), reason="Chipped again")

    assert attempt.refunds.count() == 1


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_is_no_refund(attempt: PaymentAttempt, amount: str) -> None:
    with pytest.raises(RefundRefused):
        refund(attempt, Decimal(amount), reason="?")


def test_sending_twice_pays_once(attempt: PaymentAttempt) -> None:
    reserved = refund(attempt, Decimal("10.00"), reason="Chipped")
    send(reserved.pk)
    send(reserved.pk)

    assert DemoPayment.objects.get().refunded == Decimal("10.00")


def test_a_refund_the_provider_did_not_answer_to_is_sent_again_under_its_key(
    attempt: PaymentAttempt,
) -> None:
    reserved = refund(attempt, Decimal("29.90"), reason="Sent back")
    with (
        patch.object(DemoProvider, "_refund", side_effect=ProviderUnavailable),
        pytest.raises(ProviderUnavailable),
    ):
        send(reserved.pk)
    assert attempt.refunds.get().status == RefundStatus.SENT

    assert send_all() == 1

    assert DemoPayment.objects.get().refunded == Decimal("29.90")
    assert Order.objects.get().payment_status == "refunded"
