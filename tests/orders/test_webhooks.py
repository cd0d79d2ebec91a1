"""Messages from a provider: believed only with its signature, and applied once."""

import json
import re
import time
from dataclasses import asdict
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from orders.models import DemoPayment, Order, OrderStatus, PaymentAttempt, PaymentEvent
from orders.paying import start_payment
from orders.payments.demo import HEADER, facts_of, secret, send_message
from orders.payments.signature import sign
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

URL = "/payments/demo/webhook/"


@pytest.fixture
def paid(fill_cart: FillCart, place: Place, pay_at: PayAt) -> PaymentAttempt:
    """Paid at the provider; the shop has not heard of it."""
    return pay_at(place(fill_cart({VariantFactory(stock=2): 2})), "pay_silent")


def message(attempt: PaymentAttempt, **changes: object) -> bytes:
    fact = facts_of(DemoPayment.objects.get(idempotency_key=attempt.key))[0]
    told = asdict(fact) | {"amount": str(fact.amount)} | changes
    return json.dumps({"reference": attempt.reference, "fact": told}).encode()


def tell(client: Client, body: bytes, signature: str) -> int:
    headers = {HEADER: signature}
    return client.post(URL, body, content_type="application/json", headers=headers).status_code


@pytest.mark.django_db
def test_a_signed_message_confirms_the_order_once(client: Client, paid: PaymentAttempt) -> None:
    paid.refresh_from_db()
    body = message(paid)
    assert [tell(client, body, sign(body, secret())) for _time in range(3)] == [200, 200, 200]

    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert PaymentEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("signature", ["", "t=1", "t=x,v1=y", "t=1,v1=abc", "\xff"])
def test_a_message_without_a_signature_does_nothing(
    client: Client, paid: PaymentAttempt, signature: str
) -> None:
    paid.refresh_from_db()

    assert tell(client, message(paid), signature) == 400

    assert not PaymentEvent.objects.exists()


@pytest.mark.django_db
def test_a_changed_message_does_nothing(client: Client, paid: PaymentAttempt) -> None:
    paid.refresh_from_db()
    signature = sign(message(paid), secret())

    assert tell(client, message(paid, amount="0.01"), signature) == 400

    assert not PaymentEvent.objects.exists()


@pytest.mark.django_db
def test_an_old_message_does_nothing(client: Client, paid: PaymentAttempt) -> None:
    paid.refresh_from_db()
    body = message(paid)

    assert tell(client, body, sign(body, secret(), at=time.time() - 301)) == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff\xfe", b'{"reference": "x", "fact": {"amount": "a"}}']
)
def test_a_signed_message_that_says_nothing_is_refused(client: Client, body: bytes) -> None:
    assert tell(client, body, sign(body, secret())) == 400


@pytest.mark.django_db
def test_a_payment_we_do_not_know_is_told_again_later(client: Client, paid: PaymentAttempt) -> None:
    paid.refresh_from_db()
    body = message(paid)
    PaymentAttempt.objects.update(reference="")

    assert tell(client, body, sign(body, secret())) == 404


@pytest.mark.django_db
def test_a_provider_that_does_not_exist_has_no_door(client: Client) -> None:
    assert client.post("/payments/nobody/webhook/").status_code == 404
    assert client.post("/payments/transfer/webhook/").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_demo_provider_tells_over_http(
    live_server: LiveServer, settings: Any, fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    settings.SITE_URL = live_server.url
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    attempt = pay_at(order, "pay_silent")
    attempt.refresh_from_db()

    send_message.call(attempt.reference)

    assert Order.objects.get().status == OrderStatus.CONFIRMED
    assert PaymentEvent.objects.get().source == "webhook"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "status"),
    [("pay", "paid"), ("pay_twice", "paid"), ("pay_silent", "paid"), ("decline", "declined")],
)
def test_the_providers_page_does_as_it_is_told(
    client: Client, fill_cart: FillCart, place: Place, outcome: str, status: str
) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    page = start_payment(order, method="demo")

    answer = client.post(page, {"outcome": outcome})

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{shop_settings.SITE_URL}{_back(order)}",
    )
    assert DemoPayment.objects.get().status == status


@pytest.mark.django_db
@pytest.mark.parametrize(("outcome", "status"), [("pay", "paid"), ("decline", "declined")])
def test_the_providers_page_lets_the_bank_ask_first_and_be_left(
    client: Client, fill_cart: FillCart, place: Place, outcome: str, status: str
) -> None:
    order = place(fill_cart({VariantFactory(stock=2): 2}))
    page = start_payment(order, method="demo")
    first = client.get(page).text
    assert 'href="?asked"' in first
    assert f'href="{shop_settings.SITE_URL}{_back(order)}">Cancel' in first

    step = client.get(f"{page}?asked").text
    assert "Your bank asks: is it you?" in step
    assert set(re.findall(r'name="outcome" value="(\w+)"', step)) == {"pay", "decline"}
    client.get(_back(order))
    assert Order.objects.get().status == OrderStatus.PENDING

    client.post(f"{page}?asked", {"outcome": outcome})
    assert DemoPayment.objects.get().status == status


@pytest.mark.django_db
def test_an_unknown_choice_is_no_payment(client: Client, fill_cart: FillCart, place: Place) -> None:
    page = start_payment(place(fill_cart({VariantFactory(stock=2): 2})), method="demo")

    assert client.post(page, {"outcome": "steal"}).status_code == 422
    assert DemoPayment.objects.get().status == "open"
    assert client.get("/payments/demo/demo_nothing/").status_code == 404


def test_nobody_pays_with_nothing_once_the_demo_is_over(
    client: Client, settings: Any, fill_cart: FillCart, place: Place
) -> None:
    page = start_payment(place(fill_cart({VariantFactory(stock=2): 2})), method="demo")
    settings.PAYMENT_PROVIDERS = ["transfer"]

    assert client.get(page).status_code == 404
    assert client.post(page, {"outcome": "pay"}).status_code == 404
    assert DemoPayment.objects.get().status == "open"


def _back(order: Order) -> str:
    return reverse("orders:payment_return", args=[order.number, order.token])
