"""What an order writes to its shopper: what happened, what happens next, and the way to the order."""

import re

import pytest
from django.core import mail as outbox

from orders.cancellation import cancel
from orders.expiry import expire
from orders.fulfilment import ship
from orders.mails import mail_order
from orders.models import Order
from orders.paying import ask_provider
from shop.mail import deliver
from shop.models import Mail, MailState, ShopSettings
from shop.tasks import send_due_mails
from tests.factories import VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

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
