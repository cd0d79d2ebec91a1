"""Paying with Stripe: the real SDK against a server that speaks Stripe's protocol."""

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from orders.cancellation import cancel
from orders.editing.lines import edit_lines, preview
from orders.editing.sums import Changes
from orders.expiry import expire, sweep
from orders.fulfilment import ship
from orders.ledger import left_to_pay, refundable
from orders.models import (
    AttemptStatus,
    EventKind,
    MoneyState,
    Order,
    OrderStatus,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    RefundStatus,
    UnplacedMoney,
    WrongStatus,
)
from orders.paying import ask_provider, collect, start_payment
from orders.payments import ProviderUnavailable
from orders.payments.stripe_facts import minor_units, money
from orders.refunds import RefundRefused, refund, send, send_all
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, Place
from tests.orders.stripe_server import KEY, SECRET, StripeServer, signature

pytestmark = pytest.mark.django_db
URL = "/payments/stripe/webhook/"


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeServer]:
    with StripeServer() as server:
        settings.PAYMENT_PROVIDERS = ["stripe", "transfer"]
        settings.STRIPE_SECRET_KEY = KEY
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = server.url
        settings.STRIPE_CAPTURE = "automatic"
        yield server


@pytest.fixture
def order(stripe: StripeServer, fill_cart: FillCart, place: Place) -> Order:
    """Two mugs for €29.90, not paid yet."""
    mugs = VariantFactory(price=Decimal("12.50"), stock=2)
    return place(fill_cart({mugs: 2}), payment_method="stripe")


@pytest.fixture
def attempt(order: Order) -> PaymentAttempt:
    """The shopper is on Stripe's page."""
    start_payment(order, method="stripe")
    return PaymentAttempt.objects.select_related("order").get()


def tell(client: Client, event: Any, **given: Any) -> int:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = {"Stripe-Signature": given.pop("sign", None) or signature(body, **given)}
    return client.post(URL, body, content_type="application/json", headers=headers).status_code


def tell_all(client: Client, stripe: StripeServer) -> None:
    told = {tell(client, event) for event in stripe.events}
    stripe.events.clear()
    assert told <= {200}


def now(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def paid(client: Client, stripe: StripeServer, attempt: PaymentAttempt) -> PaymentAttempt:
    stripe.pay(attempt.reference)
    tell_all(client, stripe)
    return PaymentAttempt.objects.select_related("order").get(pk=attempt.pk)


# The way to Stripe


def test_the_shopper_is_sent_to_stripes_page_for_the_whole_amount(
    stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    _method, path, params, key = stripe.requests[0]
    session = stripe.get(attempt.reference)
    assert (path, key) == ("/v1/checkout/sessions", str(attempt.key))
    assert (session["amount_total"], session["currency"]) == (2990, "eur")
    assert params["metadata"] == {"attempt": str(attempt.key), "order": attempt.order.number}
    assert params["payment_intent_data"]["capture_method"] == "automatic"
    assert params["customer_email"] == "ada@example.com"
    assert attempt.redirect_url == session["url"]
    assert attempt.status == AttemptStatus.ACTION_REQUIRED


def test_a_second_try_goes_to_the_same_page(stripe: StripeServer, attempt: PaymentAttempt) -> None:
    assert start_payment(attempt.order, method="stripe") == attempt.redirect_url
    assert (PaymentAttempt.objects.count(), len(stripe.of("checkout.session"))) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "times"), [("unanswered", 2), ("unheard", 2), ("500", 2), ("429", 1), ("garbage", 1)]
)
def test_an_answer_that_is_lost_opens_no_second_payment(
    stripe: StripeServer, order: Order, fault: str, times: int
) -> None:
    stripe.faults = [fault] * times  # As often as the SDK asks by itself.
    with pytest.raises(ProviderUnavailable):
        start_payment(order, method="stripe")

    address = start_payment(order, method="stripe")

    assert [session["url"] for session in stripe.of("checkout.session")] == [address]
    assert {key for _m, _p, _params, key in stripe.requests} == {str(order.attempts.get().key)}


def test_the_sdk_asks_once_more_under_the_same_key(stripe: StripeServer, order: Order) -> None:
    stripe.faults = ["unanswered"]

    start_payment(order, method="stripe")

    assert len(stripe.requests) == 2
    assert len(stripe.of("checkout.session")) == 1


def test_a_stripe_that_hangs_is_not_waited_for(
    stripe: StripeServer, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripe.watch = lambda: time.sleep(20)
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable):
        start_payment(order, method="stripe")

    assert time.monotonic() - began < 10
    assert now(order).status == OrderStatus.PENDING


def test_a_refusal_is_told_and_leaves_the_order_payable(
    client: Client, stripe: StripeServer, order: Order
) -> None:
    Order.objects.filter(pk=order.pk).update(payment_method="stripe")
    PaymentAttempt.objects.create(
        order=order, provider="stripe", amount=order.total, currency="EUR"
    )
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(days=3))  # Too long ago.
    pay = f"/orders/{order.number}/{order.token}/payment/"

    response = client.post(pay, {"method": "stripe"}, follow=True)

    assert "The payment service refused" in response.text
    assert order.attempts.get().status == AttemptStatus.FAILED
    assert client.post(pay, {"method": "stripe"}).status_code == 302
    assert order.attempts.count() == 2


def test_a_wrong_key_is_no_refusal_of_the_payment(
    stripe: StripeServer, order: Order, settings: Any
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises(ProviderUnavailable):
        start_payment(order, method="stripe")


def test_a_key_that_is_used_for_something_else_is_no_payment(
    stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    PaymentAttempt.objects.update(reference="", redirect_url="", amount=Decimal("1.00"))
    Order.objects.update(payment_status="pending")
    changed = PaymentAttempt.objects.select_related("order").get()

    with pytest.raises(ProviderUnavailable, match="IdempotencyError"):
        ask_provider(changed, source="sweep")

    assert len(stripe.of("checkout.session")) == 1


def test_stripe_is_not_asked_inside_a_transaction(stripe: StripeServer, order: Order) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        start_payment(order, method="stripe")
    assert stripe.requests == []


OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND state LIKE 'idle in transaction%%'
"""


def count_transactions(seen: list[int]) -> None:
    """Called by the server's thread, on a connection of its own, while the shop waits for an answer."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TRANSACTIONS)
        seen.append(cursor.fetchone()[0])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_stripe_is_waited_for(
    client: Client, stripe: StripeServer, order: Order, settings: Any, monkeypatch: Any
) -> None:
    seen: list[int] = []
    stripe.watch = lambda: count_transactions(seen)
    settings.STRIPE_CAPTURE = "manual"
    page = f"/orders/{order.number}/{order.token}/payment/"

    client.post(page, {"method": "stripe"})
    stripe.pay(order.attempts.get().reference)
    client.get(f"{page}return/")
    collect(order)
    refund(order.attempts.get(), Decimal("5.00"), reason="Chipped")
    cancel(order)

    assert (len(seen), set(seen)) == (7, {0})
    assert now(order).payment_status == "refunded"

    monkeypatch.setattr("orders.payments.base.refuse_inside_transaction", lambda: None)
    with transaction.atomic():  # The oracle sees one when there is one.
        Order.objects.count()
        ask_provider(order.attempts.get(), source="sweep")
    assert seen[-1] == 1


def test_pages_with_a_form_to_pay_lead_to_stripe_and_others_do_not(
    client: Client, stripe: StripeServer, order: Order
) -> None:
    page, home = client.get(order.get_absolute_url()), client.get("/")

    (forms,) = re.findall("form-action ([^;]+)", page["Content-Security-Policy"])
    assert forms.split()[0] == "'self'"
    assert "https://checkout.stripe.com" in forms.split()
    assert "stripe" not in home["Content-Security-Policy"]


# The way back, and the messages


def test_a_message_confirms_the_order(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)

    assert attempt.order.status == OrderStatus.CONFIRMED
    assert (attempt.status, attempt.captured) == (AttemptStatus.CAPTURED, Decimal("29.90"))
    assert attempt.charge_reference.startswith("pi_")
    event = PaymentEvent.objects.get()
    assert (event.kind, event.amount, event.currency) == ("captured", Decimal("29.90"), "EUR")


def test_the_return_asks_stripe_when_no_message_came(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    order = attempt.order

    client.get(f"/orders/{order.number}/{order.token}/payment/return/")
    tell_all(client, stripe)

    assert now(order).status == OrderStatus.CONFIRMED
    assert PaymentEvent.objects.get().source == "return"


def test_the_key_finds_the_payment_whose_answer_was_lost(
    stripe: StripeServer, order: Order
) -> None:
    stripe.faults = ["unanswered"] * 2
    with pytest.raises(ProviderUnavailable):
        start_payment(order, method="stripe")
    stripe.pay(stripe.of("checkout.session")[0]["id"])

    PaymentAttempt.objects.update(checked_at=timezone.now() - timedelta(minutes=3))

    assert sweep() == 1

    assert now(order).status == OrderStatus.CONFIRMED
    assert len(stripe.of("checkout.session")) == 1


def test_a_message_finds_the_payment_whose_answer_was_lost(
    client: Client, stripe: StripeServer, order: Order
) -> None:
    stripe.faults = ["unanswered"] * 2
    with pytest.raises(ProviderUnavailable):
        start_payment(order, method="stripe")
    stripe.pay(stripe.of("checkout.session")[0]["id"])

    tell_all(client, stripe)

    assert now(order).status == OrderStatus.CONFIRMED


@pytest.mark.parametrize("card", ["declined", "challenge_failed"])
def test_a_card_that_says_no_may_be_followed_by_another_on_the_same_page(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt, card: str
) -> None:
    stripe.pay(attempt.reference, card)
    tell_all(client, stripe)
    attempt.refresh_from_db()
    assert attempt.status == AttemptStatus.ACTION_REQUIRED
    assert attempt.failure in {"Your card was declined.", "We are unable to authenticate."}
    assert not Mail.objects.filter(kind="payment_failed").exists()

    attempt = paid(client, stripe, attempt)

    assert attempt.order.status == OrderStatus.CONFIRMED
    assert (attempt.failure, PaymentAttempt.objects.count()) == ("", 1)


def test_a_challenge_that_is_passed_pays(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference, "challenge_ok")
    tell_all(client, stripe)

    assert now(attempt.order).status == OrderStatus.CONFIRMED


def test_a_debit_that_takes_days_keeps_the_order_open(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference, "slow")
    tell_all(client, stripe)
    Order.objects.update(expires_at=timezone.now())

    assert not expire(now(attempt.order))

    assert now(attempt.order).status == OrderStatus.PENDING
    stripe.get(attempt.reference)["payment_status"] = "paid"
    stripe.succeed(stripe.of("payment_intent")[0])
    tell_all(client, stripe)
    assert now(attempt.order).status == OrderStatus.CONFIRMED


def test_the_same_message_twenty_times_is_one_fact(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    assert {tell(client, event) for event in stripe.events * 20} == {200}
    assert PaymentEvent.objects.count() == 1
    assert [event.seq for event in attempt.order.events.all()] == [1, 2, 3]


def broken(event: dict[str, Any]) -> dict[str, tuple[Any, dict[str, Any]]]:
    body = json.dumps(event).encode()
    good = signature(body)
    return {
        "no signature": (body, {"sign": "x"}),
        "another secret": (body, {"secret": "whsec_other"}),
        "an empty secret": (body, {"secret": ""}),
        "another body": (body.replace(b"2990", b"0001"), {"sign": good}),
        "too old": (body, {"at": time.time() - 301}),
        "from the future": (body, {"at": time.time() + 301}),
        "live money": (json.dumps(event | {"livemode": True}).encode(), {}),
        "no JSON": (b"{", {}),
        "not UTF-8": (b"\xff\xfe", {}),
        "a list": (b"[]", {}),
        "no object": (b'{"type": "payment_intent.succeeded", "livemode": false, "data": {}}', {}),
    }


@pytest.mark.parametrize("fault", list(broken({})))
def test_a_forged_message_is_refused_and_does_nothing(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt, fault: str
) -> None:
    stripe.pay(attempt.reference)
    body, given = broken(stripe.events[0])[fault]

    assert tell(client, body, **given) == 400

    assert not PaymentEvent.objects.exists()
    assert now(attempt.order).status == OrderStatus.PENDING


def test_without_a_secret_no_message_is_believed(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt, settings: Any
) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""
    stripe.pay(attempt.reference)

    assert tell(client, stripe.events[0], secret="") == 400


def test_both_signatures_hold_while_the_secret_is_being_changed(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    body = json.dumps(stripe.events[0]).encode()
    old = signature(body, secret="whsec_old").split(",")[1]

    assert tell(client, body, sign=signature(body).replace(",v1", f",{old},v1", 1)) == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_messages_are_posted(client: Client, stripe: StripeServer, method: str) -> None:
    assert getattr(client, method)(URL).status_code == 405


def test_a_message_of_a_megabyte_is_not_read(client: Client, stripe: StripeServer) -> None:
    assert tell(client, b"{" + b" " * 1_000_000) == 413


@pytest.mark.parametrize(
    "about",
    [
        {"object": "customer", "id": "cus_1"},
        {"object": "payment_intent", "id": "pi_other", "metadata": {}, "status": "succeeded",
         "amount_received": 100, "currency": "eur"},
    ],
)  # fmt: skip
def test_what_is_none_of_our_business_is_heard_and_forgotten(
    client: Client, stripe: StripeServer, about: Any
) -> None:
    stripe.tell("payment_intent.succeeded" if "status" in about else "customer.created", about)

    assert tell(client, stripe.events[0]) == 200
    assert not PaymentEvent.objects.exists()


@pytest.mark.parametrize("key", ["no uuid", "00000000-0000-4000-8000-000000000000"])
def test_a_payment_of_another_shop_on_the_same_account_is_told_again(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt, key: str
) -> None:
    stripe.pay(attempt.reference)
    event = stripe.events[0]
    event["data"]["object"]["metadata"]["attempt"] = key

    assert tell(client, event) == 404


def test_another_currency_is_put_before_staff(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    stripe.events[0]["data"]["object"]["currency"] = "usd"

    assert tell(client, stripe.events[0]) == 200

    assert now(attempt.order).payment_status == "review"
    assert UnplacedMoney.objects.get().kind == "currency"


def test_less_than_the_total_confirms_nothing(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    stripe.events[0]["data"]["object"]["amount_received"] = 100

    tell(client, stripe.events[0])

    assert (now(attempt.order).status, now(attempt.order).payment_status) == (
        OrderStatus.PENDING,
        "part_paid",
    )


# Time runs out


def test_an_order_that_expires_closes_stripes_page(
    stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    Order.objects.update(expires_at=timezone.now())

    assert expire(now(attempt.order))

    assert stripe.get(attempt.reference)["status"] == "expired"
    assert now(attempt).status == AttemptStatus.ABANDONED


def test_money_that_nobody_told_of_keeps_an_order_from_expiring(
    stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    Order.objects.update(expires_at=timezone.now())

    assert not expire(now(attempt.order))

    assert now(attempt.order).status == OrderStatus.CONFIRMED


@pytest.mark.parametrize(("fault", "times"), [("500", 2), ("unheard", 2), ("garbage", 1)])
def test_an_order_does_not_expire_while_stripe_is_silent(
    stripe: StripeServer, attempt: PaymentAttempt, fault: str, times: int
) -> None:
    stripe.faults = [fault] * times
    Order.objects.update(expires_at=timezone.now())

    assert not expire(now(attempt.order))

    assert now(attempt.order).status == OrderStatus.PENDING


def test_another_way_to_pay_closes_the_first(stripe: StripeServer, attempt: PaymentAttempt) -> None:
    ShopSettings(bank_account="DE00").save()

    start_payment(attempt.order, method="transfer")

    assert stripe.get(attempt.reference)["status"] == "expired"
    statuses = list(attempt.order.attempts.values_list("provider", "status"))
    assert statuses == [("stripe", "abandoned"), ("transfer", "action_required")]


def test_who_has_just_paid_cannot_choose_another_way(
    stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    ShopSettings(bank_account="DE00").save()
    stripe.pay(attempt.reference)

    with pytest.raises(WrongStatus):
        start_payment(attempt.order, method="transfer")

    assert now(attempt.order).status == OrderStatus.CONFIRMED
    assert attempt.order.attempts.count() == 1


# Money that is taken later


@pytest.fixture
def reserved(client: Client, stripe: StripeServer, settings: Any, order: Order) -> PaymentAttempt:
    settings.STRIPE_CAPTURE = "manual"
    start_payment(order, method="stripe")
    return paid(client, stripe, order.attempts.get())


def test_what_is_reserved_confirms_the_order_and_is_taken_when_it_is_sent(
    client: Client, stripe: StripeServer, reserved: PaymentAttempt
) -> None:
    order = reserved.order
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, "authorised")
    with pytest.raises(WrongStatus):
        ship(order, actor=None)

    ship(collect(order), actor=None)
    tell_all(client, stripe)

    assert now(order).payment_status == "paid"
    assert stripe.of("payment_intent")[0]["amount_received"] == 2990
    assert examined() == []


def test_what_was_reserved_for_an_order_that_is_dearer_by_now_is_let_go(
    client: Client, stripe: StripeServer, settings: Any, order: Order,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """Else nobody could pay it, change it, or see it expire."""
    settings.STRIPE_CAPTURE = "manual"
    start_payment(order, method="stripe")
    added = Changes(added={VariantFactory(price=Decimal("20.00")).pk: 1})
    edit_lines(order, added, agreed=preview(order, added).agreed, actor=None, reason="Rang")

    with django_capture_on_commit_callbacks(execute=True):
        paid(client, stripe, order.attempts.get())
    tell_all(client, stripe)

    order = now(order)
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, "voided")
    assert (order.can_be_paid, left_to_pay(order)) == (True, Decimal("49.90"))
    start_payment(order, method="stripe")
    paid(client, stripe, order.attempts.latest("pk"))
    assert now(order).status == OrderStatus.CONFIRMED
    assert examined() == []


def test_an_answer_to_a_capture_that_is_lost_takes_nothing_twice(
    stripe: StripeServer, reserved: PaymentAttempt
) -> None:
    stripe.faults = ["", "unanswered", "unanswered"]
    with pytest.raises(ProviderUnavailable):
        collect(reserved.order)

    assert collect(reserved.order).payment_status == "paid"
    assert PaymentEvent.objects.filter(kind=EventKind.CAPTURED).count() == 1


def test_a_cancelled_order_lets_go_of_what_was_reserved(
    client: Client, stripe: StripeServer, reserved: PaymentAttempt,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        cancel(reserved.order)

    assert stripe.of("payment_intent")[0]["status"] == "canceled"
    assert now(reserved).status == AttemptStatus.VOIDED
    assert now(reserved.order).payment_status == "voided"
    assert not Refund.objects.exists()
    tell_all(client, stripe)
    assert examined() == []


def test_what_has_lapsed_is_put_before_staff_and_can_be_paid_again(
    client: Client, stripe: StripeServer, reserved: PaymentAttempt
) -> None:
    stripe.cancel(reserved.charge_reference)
    tell_all(client, stripe)

    order = now(reserved.order)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, "voided")
    assert UnplacedMoney.objects.get().kind == "lapsed"
    with pytest.raises(WrongStatus):
        ship(order, actor=None)
    start_payment(order, method="stripe")
    stripe.pay(order.attempts.latest("pk").reference)
    tell_all(client, stripe)
    ship(collect(now(order)), actor=None)
    assert examined() == []


# Money that goes back


def test_a_refund_goes_back_once_under_its_key(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    reserved = refund(attempt, Decimal("10.00"), reason="Chipped")

    send(reserved.pk)
    send(reserved.pk)
    tell_all(client, stripe)

    told = stripe.of("refund")
    assert [(each["amount"], each["metadata"]["refund"]) for each in told] == [
        (1000, str(reserved.key))
    ]
    assert (now(reserved).status, now(reserved).reference) == ("succeeded", told[0]["id"])
    assert Mail.objects.filter(kind="order_refunded").count() == 1
    assert now(attempt.order).payment_status == "part_refunded"


def test_a_refund_whose_answer_was_lost_is_found_again_even_when_the_key_is_forgotten(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    reserved = refund(attempt, Decimal("29.90"), reason="Sent back")
    stripe.faults = ["unanswered"] * 2
    with pytest.raises(ProviderUnavailable):
        send(reserved.pk)
    assert now(reserved).status == RefundStatus.SENT
    stripe.answers.clear()  # As after a day.

    assert send_all() == 1

    assert len(stripe.of("refund")) == 1
    assert now(attempt.order).payment_status == "refunded"


def test_a_refund_that_takes_its_time_is_told_later(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    reserved = refund(attempt, Decimal("29.90"), reason="Sent back")
    stripe.refunds_are = "pending"
    send(reserved.pk)
    assert now(reserved).status == RefundStatus.SENT
    stripe.of("refund")[0]["status"] = "succeeded"

    assert send_all() == 1

    assert now(reserved).status == RefundStatus.SUCCEEDED


def test_a_refund_that_is_refused_can_be_asked_for_again(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    stripe.of("payment_intent")[0]["_refunded"] = 2500
    reserved = refund(attempt, Decimal("10.00"), reason="Chipped")

    send(reserved.pk)

    assert (now(reserved).status, refundable(attempt)) == ("failed", Decimal("29.90"))
    assert UnplacedMoney.objects.get().kind == "refund"
    assert not Mail.objects.filter(kind="order_refunded").exists()


def test_a_refund_that_fails_at_the_bank_later_is_open_again(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    reserved = refund(attempt, Decimal("29.90"), reason="Sent back")
    send(reserved.pk)
    told = stripe.of("refund")[0]
    told |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    stripe.tell("refund.failed", told)
    tell_all(client, stripe)

    assert now(reserved).status == RefundStatus.FAILED
    assert now(attempt.order).payment_status == "paid"
    assert refundable(attempt) == Decimal("29.90")
    assert examined() == []


def test_a_refund_made_at_stripe_is_counted_here(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    attempt = paid(client, stripe, attempt)
    stripe.refund({"payment_intent": attempt.charge_reference, "amount": "2000"})
    tell_all(client, stripe)

    assert (refundable(attempt), now(attempt.order).payment_status) == (
        Decimal("9.90"),
        "part_refunded",
    )
    assert Refund.objects.get().reason == "Refunded at stripe"
    with pytest.raises(RefundRefused):
        refund(attempt, Decimal("9.91"), reason="Too much")
    assert examined() == []


@pytest.mark.parametrize(("end", "status"), [("won", "paid"), ("lost", "refunded")])
def test_a_dispute_is_told_to_staff_and_holds_the_money(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt, end: str, status: str
) -> None:
    ShopSettings(email="boss@example.com").save()
    attempt = paid(client, stripe, attempt)
    dispute = stripe.dispute(attempt.charge_reference, 2990)
    tell_all(client, stripe)
    assert UnplacedMoney.objects.get().state == MoneyState.OPEN
    assert Mail.objects.get(kind="dispute").to == "boss@example.com"
    with pytest.raises(RefundRefused):
        refund(attempt, Decimal("1.00"), reason="While it is disputed")

    stripe.decide(dispute, end)
    tell_all(client, stripe)

    assert now(attempt.order).payment_status == status
    assert refundable(attempt) == (Decimal("29.90") if end == "won" else 0)
    assert UnplacedMoney.objects.get().state == MoneyState.SETTLED
    assert Mail.objects.filter(kind="dispute").count() == 2
    assert examined() == []


def test_a_dispute_before_its_payment_is_known_is_told_again(
    client: Client, stripe: StripeServer, attempt: PaymentAttempt
) -> None:
    stripe.pay(attempt.reference)
    stripe.dispute(stripe.of("payment_intent")[0]["id"], 2990)
    dispute = stripe.events.pop()

    assert tell(client, dispute) == 404
    tell_all(client, stripe)
    assert tell(client, dispute) == 200


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("29.90", "EUR", 2990), ("2990", "JPY", 2990), ("5", "RSD", 500)],
)
def test_amounts_are_counted_as_stripe_counts_them(amount: str, currency: str, units: int) -> None:
    assert minor_units(Decimal(amount), currency) == units
    assert money(units, currency) == Decimal(amount)


def examined() -> list[str]:
    cache.clear()
    connection.ensure_connection()
    return [line for finding in examine() for line in finding.violations]
