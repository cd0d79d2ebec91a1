"""What an order writes to its shopper: what happened, what happens next, and the way to the order."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.utils import timezone

from orders.cancellation import cancel
from orders.expiry import expire, warn_expiring
from orders.fulfilment import deliver as arrive
from orders.fulfilment import ship
from orders.mails import mail_order
from orders.models import Order, WrongStatus
from orders.paying import ask_provider
from orders.templatetags.orders import day
from shop.mail import deliver
from shop.models import Mail, MailState, ShopSettings
from shop.tasks import send_due_mails
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    return place(fill_cart({VariantFactory(product__name="Mug <b>&</b>"): 2}))


def mail(kind: str) -> Mail:
    written = Mail.objects.get(kind=kind)
    order = Order.objects.get()
    link = f"http://testserver{order.get_absolute_url()}"
    assert order.number in written.subject
    assert "\n" not in written.subject
    assert link in written.text
    assert f'href="{link}"' in written.html
    assert not re.search(r"{[{%]|&amp;|&lt;", written.text)
    assert "<b>&</b>" not in written.html
    return written


def test_the_confirmation_tells_what_was_ordered_and_what_comes_next(order: Order) -> None:
    written = mail("order_confirmation")
    assert "Thank you, Ada. We have your order." in written.text
    assert "2 × Mug <b>&</b>: €25.00" in written.text
    assert "Total: €29.90" in written.text
    assert "We pack as soon as it is paid." in written.text
    assert "Ada Lovelace, Weserstraße 18, 12045 Berlin, Germany" in written.text
    assert "Mug &lt;b&gt;" in written.html


def test_a_transfer_is_told_its_account(fill_cart: FillCart, place: Place) -> None:
    ShopSettings(bank_account="DE02 1203 0000\n0000 2020 51").save()
    order = place(fill_cart({VariantFactory(): 1}), payment_method="transfer")
    written = mail("order_confirmation")
    assert f"Please transfer €17.40 and write {order.number} with it." in written.text
    assert "DE02 1203 0000\n0000 2020 51" in written.text
    assert "DE02 1203 0000<br>0000 2020 51" in written.html
    assert "It should be with you" not in written.text


def test_a_parcel_is_announced_with_its_number(order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    line = order.lines.get()
    url = "https://parcels.example/A1"
    ship(order, {line.pk: 1}, actor=None, carrier="DHL", tracking_number="A1", tracking_url=url)
    written = mail("order_shipped")
    assert "1 × Mug <b>&</b>" in written.text
    assert "It travels with DHL. Its number is A1." in written.text
    assert url in written.text
    assert "The rest follows." in written.text


def test_a_cancelled_order_says_what_becomes_of_the_money(order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    cancel(order)
    assert "€29.90 goes back the way it came" in mail("order_cancelled").text


def test_an_unpaid_order_that_is_cancelled_owes_nothing(order: Order) -> None:
    cancel(order)
    assert "nothing was charged" in mail("order_cancelled").text


def test_an_expired_order_owes_nothing(order: Order) -> None:
    Order.objects.update(expires_at="2020-01-01T00:00Z")
    expire(Order.objects.get())
    assert "You owe nothing." in mail("order_expired").text


def test_who_has_paid_before_the_mail_goes_out_is_not_asked_to_pay_again(
    order: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(order, "decline"), source="webhook")
    waiting = mail("payment_failed")
    ask_provider(pay_at(order, "pay"), source="return")

    assert deliver(waiting.pk) is False

    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_until) == (MailState.OVERTAKEN, None)
    assert outbox.outbox == []
    send_due_mails.func()
    assert not [sent for sent in outbox.outbox if sent.subject == waiting.subject]


def test_who_has_called_the_order_off_is_not_asked_to_pay_it(order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "decline"), source="webhook")
    cancel(order)

    assert deliver(mail("payment_failed").pk) is False


def test_who_still_has_to_pay_is_told_that_it_failed(order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "decline"), source="webhook")

    assert deliver(mail("payment_failed").pk) is True

    assert outbox.outbox[0].to == ["ada@example.com"]


def test_a_failed_payment_can_be_tried_again(order: Order) -> None:
    mail_order(order, "payment_failed")
    assert "You can try again" in mail("payment_failed").text


# A parcel has arrived


@pytest.fixture
def paid(order: Order, pay_at: PayAt) -> Order:
    return ask_provider(pay_at(order, "pay"), source="return")


def test_an_order_that_has_arrived_is_told_once_with_the_days_to_send_it_back(paid: Order) -> None:
    ShopSettings(returns_days=30).save()
    parcel = ship(paid, actor=None)
    arrive(parcel, actor=None)

    written = mail("order_delivered")
    assert written.subject == f"Order {paid.number} has arrived – {ShopSettings.load().name}"
    assert "Ada, your parcel has arrived." in written.text
    assert "2 × Mug <b>&</b>" in written.text
    last = day(timezone.localdate() + timedelta(days=30))
    assert f"Until {last} you can send back" in written.text
    with pytest.raises(WrongStatus):
        arrive(parcel, actor=None)
    assert Mail.objects.filter(kind="order_delivered").count() == 1


def test_each_parcel_that_arrives_is_told_of_and_what_is_still_to_come(paid: Order) -> None:
    line = paid.lines.get()
    arrive(ship(paid, {line.pk: 1}, actor=None), actor=None)
    first = mail("order_delivered")
    assert "A parcel of order" in first.subject
    assert "1 × Mug" in first.text
    assert "The rest follows." in first.text
    assert "you can send back" not in first.text

    arrive(ship(paid, actor=None), actor=None)

    second = Mail.objects.filter(kind="order_delivered").latest("pk")
    assert second.subject.startswith(f"Order {paid.number} has arrived")
    assert Mail.objects.filter(kind="order_delivered").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_parcel_marked_by_two_at_once_is_told_of_once(paid: Order) -> None:
    parcel = ship(paid, actor=None)
    outcomes = race([lambda: arrive(parcel, actor=None)] * 6)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Mail.objects.filter(kind="order_delivered").count() == 1
    assert paid.events.filter(kind="delivered").count() == 1


# An order is about to expire


def at_share(order: Order, share: float) -> Any:
    """The moment when so much of the time that the order is kept for is over."""
    assert order.expires_at
    return time_machine.travel(order.placed_at + (order.expires_at - order.placed_at) * share)


def test_who_has_not_paid_is_reminded_once_when_a_quarter_of_the_time_is_left(order: Order) -> None:
    with at_share(order, 0.74):
        assert warn_expiring() == 0
    with at_share(order, 0.76):
        assert warn_expiring() == 1
        assert warn_expiring() == 0
    with at_share(order, 0.9):
        assert warn_expiring() == 0
    written = mail("order_expiring")
    assert "It is not paid yet: €29.90." in written.text
    assert "Pay the order" in written.html


def test_a_transfer_that_is_missed_is_told_its_account_again(
    fill_cart: FillCart, place: Place
) -> None:
    ShopSettings(bank_account="DE02 1203 0000\n0000 2020 51").save()
    order = place(fill_cart({VariantFactory(): 1}), payment_method="transfer")
    with at_share(order, 0.8):
        warn_expiring()
    written = mail("order_expiring")
    assert f"Your transfer of €17.40 with the words “{order.number}”" in written.text
    assert "DE02 1203 0000\n0000 2020 51" in written.text


def test_nobody_is_reminded_who_has_paid_or_called_it_off(
    order: Order, pay_at: PayAt, fill_cart: FillCart, place: Place
) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    cancel(place(fill_cart({VariantFactory(): 1})))
    with at_share(order, 0.8):
        assert warn_expiring() == 0


def test_a_reminder_that_waited_until_the_money_came_is_not_sent(
    order: Order, pay_at: PayAt
) -> None:
    with at_share(order, 0.8):
        warn_expiring()
        waiting = mail("order_expiring")
        ask_provider(pay_at(order, "pay"), source="return")
        assert deliver(waiting.pk) is False
    waiting.refresh_from_db()
    assert waiting.state == MailState.OVERTAKEN
