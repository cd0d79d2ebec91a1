"""Card testers have to wait, and nobody is locked out."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cart.models import ShippingMethod
from orders.challenges import (
    MustWait,
    ask_to_pay,
    ask_to_place,
    forget_old,
    machine_of,
    note_failure,
)
from orders.models import EventKind, Order, PaymentAttempt, Tally
from orders.paying import start_payment
from orders.payments import Fact
from orders.payments.stripe_facts import facts_of_declined_intent
from orders.settlement import settle
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, Place
from tests.orders.test_checkout_pages import REVIEW, Shopper
from tests.racing import race

NOON = datetime.fromisoformat("2026-11-28T12:00:00+00:00")


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.CHALLENGE_AFTER_ORDERS = 2
    settings.CHALLENGE_AFTER_FAILURES = 2


def wait_of(**given: Any) -> tuple[int, str]:
    details = {"machine": "m", "email": "ada@example.com", "key": "k"} | given
    with pytest.raises(MustWait) as must:
        ask_to_place(**details)
    return must.value.seconds, must.value.token


@pytest.mark.django_db
@pytest.mark.parametrize("same", ["machine", "email"])
def test_the_third_order_of_a_machine_or_an_address_has_to_wait(same: str) -> None:
    for n in (1, 2):
        ask_to_place("m", "ada@example.com", key=f"k{n}")
    other = {"machine": {"email": "x@example.com"}, "email": {"machine": "other"}}[same]

    assert wait_of(**other)[0] == 15


@pytest.mark.django_db
def test_an_address_is_counted_however_it_is_written_and_read_by_nobody() -> None:
    for email in ("ada@example.com", "Ada+1@example.com"):
        ask_to_place(machine_of(email), email, key=email)

    wait_of(machine=machine_of("third"), email="ADA+2@Example.com")
    assert "example" not in str(list(Tally.objects.values())).lower()


@pytest.mark.django_db
def test_each_try_beyond_the_limit_waits_longer_up_to_ten_minutes() -> None:
    for n in (1, 2):
        ask_to_place("m", "ada@example.com", key=f"k{n}")

    assert [wait_of(key=f"more{n}")[0] for n in range(8)] == [
        *(15, 30, 60, 120, 240, 480),
        *(600, 600),
    ]


@pytest.mark.django_db
def test_who_has_waited_goes_on_and_with_nothing_else() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for n in (1, 2):
            ask_to_place("m", "ada@example.com", key=f"k{n}")
        _seconds, token = wait_of(key="mine")
        clock.shift(10)
        assert wait_of(key="mine", token=token) == (5, token)
        clock.shift(5)

        ask_to_place("m", "ada@example.com", key="mine", token=token)

        assert wait_of(key="another", token=token)[1] != token
        assert wait_of(key="mine", token=f"{token}x")[1] != token
        clock.shift(timedelta(hours=1))
        ask_to_place("m", "ada@example.com", key="next hour")


@pytest.mark.django_db
def test_a_shop_may_do_without(settings: Any) -> None:
    settings.CHALLENGE_AFTER_ORDERS = 0
    for n in range(20):
        ask_to_place("m", "ada@example.com", key=f"k{n}")


def test_a_machine_has_its_network_whole() -> None:
    assert machine_of("2001:db8:1:2:aaaa::1") == machine_of("2001:db8:1:2:bbbb::9")
    assert machine_of("2001:db8:1:2::1") != machine_of("2001:db8:1:3::1")
    assert machine_of("192.0.2.1") != machine_of("192.0.2.2")
    assert machine_of("no address") != machine_of("")


@pytest.mark.django_db
def test_counts_are_forgotten() -> None:
    Tally.count_up({"old": 1}, timezone.now() - timedelta(days=3))
    Tally.count_up({"new": 1}, timezone.now())

    forget_old()

    assert Tally.objects.get().subject == "new"


# Failed payments


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    return place(fill_cart({VariantFactory(stock=99): 1}))


@pytest.mark.django_db
def test_an_order_whose_cards_keep_failing_has_to_wait(order: Order) -> None:
    assert [note_failure(order) for _card in range(3)] == [False, False, True]

    with pytest.raises(MustWait) as must:
        ask_to_pay(order)

    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        ask_to_pay(order, token=must.value.token)
        note_failure(order)  # What was waited for holds for one try.
        with pytest.raises(MustWait):
            ask_to_pay(order, token=must.value.token)


@pytest.mark.django_db
def test_failures_count_against_the_address_and_the_machine_too(
    order: Order, fill_cart: FillCart, place: Place
) -> None:
    mug = VariantFactory(stock=99)
    others = [place(fill_cart({mug: 1}), email=f"{n}@x.example", machine="same") for n in range(3)]
    for other in others:
        note_failure(other)

    wait_of(machine="same", email="fourth@x.example")
    ask_to_pay(order)


@pytest.mark.django_db
def test_a_card_that_fails_at_many_orders_makes_each_of_them_wait(
    fill_cart: FillCart, place: Place
) -> None:
    mug = VariantFactory(stock=99)
    orders = [place(fill_cart({mug: 1}), email=f"{n}@x.example", machine=f"m{n}") for n in range(3)]
    for each in orders:
        note_failure(each, card="fingerprint")

    ask_to_pay(orders[0])
    with pytest.raises(MustWait):
        ask_to_pay(orders[2])
    assert "fingerprint" not in str(list(Tally.objects.values()))


def test_stripe_tells_which_card_said_no() -> None:
    intent = {
        "object": "payment_intent", "id": "pi_1", "amount": 100, "currency": "eur",
        "last_payment_error": {"charge": "ch_1", "payment_method": {"card": {"fingerprint": "F"}}},
    }  # fmt: skip

    assert facts_of_declined_intent(intent)[0].card == "F"


@pytest.mark.django_db
def test_the_open_payment_of_a_tester_is_closed(
    order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    start_payment(order, method="demo")
    attempt = order.attempts.get()

    with django_capture_on_commit_callbacks(execute=True):
        for n in range(3):
            fact = Fact(f"no{n}", EventKind.DECLINED, attempt.amount, "EUR", card=f"card {n}")
            settle(attempt, [fact], source="webhook")

    assert PaymentAttempt.objects.get().status in {"abandoned", "failed"}


# Over HTTP


@pytest.fixture
def ready(client: Client, parcel: ShippingMethod) -> Shopper:
    return come_back(Shopper(client), parcel)


def come_back(shopper: Shopper, parcel: ShippingMethod) -> Shopper:
    shopper.take(VariantFactory(price=Decimal("20.00"), stock=5))
    shopper.tell_address()
    shopper.choose(parcel)
    return shopper


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


@pytest.mark.django_db
def test_a_shopper_waits_and_goes_on_with_what_was_told(
    ready: Shopper, parcel: ShippingMethod
) -> None:
    for _order in range(2):
        ready.agree()
        come_back(ready, parcel)

    told = ready.agree(note="Ring twice")

    assert (told.status_code, told["Retry-After"], Order.objects.count()) == (429, "15", 2)
    assert "Wait 15 seconds, then press the button." in told.text
    again = hidden(told.text)
    early = ready.client.post(REVIEW, again)
    assert early.status_code == 429
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        placed = ready.client.post(REVIEW, again)
    assert placed.status_code == 303
    assert Order.objects.count() == 3
    assert Order.objects.filter(note="Ring twice").exists()


@pytest.mark.django_db
def test_paying_once_more_waits_too(ready: Shopper) -> None:
    ready.agree()
    order = Order.objects.get()
    for _card in range(3):
        note_failure(order)
    url = reverse("orders:pay", args=[order.number, order.token])

    told = ready.client.post(url, {"method": "demo"})

    assert told.status_code == 429
    assert f'action="{url}"' in told.text
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        assert ready.client.post(url, hidden(told.text)).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\N{SNOWMAN}", "y" * 5000])
def test_a_token_of_nonsense_is_none(ready: Shopper, parcel: ShippingMethod, token: str) -> None:
    for _order in range(2):
        ready.agree()
        come_back(ready, parcel)

    assert ready.agree(waited=token).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_all_counted() -> None:
    def attempt(number: int) -> None:
        ask_to_place("m", f"{number}@example.com", key=f"k{number}")

    outcomes = race([lambda number=number: attempt(number) for number in range(8)])

    assert outcomes.count(None) == 2
    assert sorted(each.seconds for each in outcomes if each) == [15, 30, 60, 120, 240, 480]
