"""Goods come back: asked for, answered, received and refunded, never more than were sent."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import StockItem
from orders.fulfilment import deliver, ship
from orders.models import Order, OrderLine, Return, ReturnStatus, Shipment, WrongStatus
from orders.paying import ask_provider
from orders.refunds import send_all
from orders.returns import ReturnRefused, approve, ask, call_off, receive, reject
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import StaffFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place
from tests.racing import race


@pytest.fixture
def order(fill_cart: FillCart, place: Place, pay_at: PayAt) -> Order:
    """Three mugs at €12.50, delivery €4.90, paid and delivered today."""
    order = place(fill_cart({VariantFactory(product__name="Mug", stock=5): 3}))
    ask_provider(pay_at(order, "pay"), source="return")
    deliver(ship(order, actor=None), actor=None)
    return Order.objects.get()


def line_of(order: Order) -> OrderLine:
    return order.lines.get()


def asked(order: Order, n: int = 2, reason: str = "changed_mind") -> Return:
    return ask(order, {line_of(order).pk: n}, reason=reason)


def delivered_days_ago(days: int) -> None:
    Shipment.objects.update(delivered_at=timezone.now() - timedelta(days=days))


def violations() -> list[str]:
    return [line for finding in examine() for line in finding.violations]


def kinds() -> list[str]:
    return list(Mail.objects.filter(kind__startswith="return_").values_list("kind", flat=True))


@pytest.mark.django_db
def test_a_return_goes_all_the_way(order: Order) -> None:
    return_ = approve(asked(order), actor=None)
    line = line_of(order)

    receive(return_, {line.pk: 2}, restock={line.pk: 1}, actor=None)
    send_all()

    done = Return.objects.get()
    assert (done.status, done.refunds.get().amount) == (ReturnStatus.REFUNDED, Decimal("25.00"))
    line = line_of(order)
    assert (line.quantity_returned, line.quantity_refunded, line.quantity_asked_back) == (2, 2, 2)
    assert StockItem.objects.get().on_hand == 3
    assert sorted(kinds()) == ["return_approved", "return_received", "return_requested"]
    assert Mail.objects.filter(kind="order_refunded").count() == 1
    assert violations() == []


@pytest.mark.django_db
def test_the_mails_say_what_to_do(order: Order) -> None:
    ShopSettings(name="Kiln", return_address="Halle 3\n12047 Berlin").save()
    return_ = approve(asked(order), actor=None)
    receive(return_, {line_of(order).pk: 1}, answer="One was missing & worn.", actor=None)

    texts = {mail.kind: mail.text for mail in Mail.objects.all()}
    assert "You withdraw from the purchase in time" in texts["return_requested"]
    assert f"write {order.number}-R1 on the parcel" in texts["return_approved"]
    assert "Kiln\nHalle 3\n12047 Berlin" in texts["return_approved"]
    assert "€12.50 goes back the way it came" in texts["return_received"]
    assert "One was missing & worn." in texts["return_received"]
    assert "missing &amp; worn" in Mail.objects.get(kind="return_received").html
    for mail in Mail.objects.filter(kind__startswith="return_"):
        assert f"{order.number}-R1" in mail.subject
        assert order.get_absolute_url() in mail.html


@pytest.mark.django_db
def test_what_did_not_come_can_be_asked_back_again(order: Order) -> None:
    line = line_of(order)
    receive(approve(asked(order, 3), actor=None), {line.pk: 1}, actor=None)

    assert line_of(order).quantity_asked_back == 1
    with pytest.raises(ReturnRefused):
        asked(order, 3)
    assert asked(order, 2).seq == 2


@pytest.mark.django_db
def test_what_is_withheld_is_kept_for_good(order: Order) -> None:
    line = line_of(order)
    back = partial(receive, actor=None)
    first = back(asked(order, 2), {line.pk: 2}, withheld=Decimal("4.90"))
    second = back(asked(order, 1), {line.pk: 1}, delivery=Decimal("4.90"))

    assert first.refunds.get().amount == Decimal("20.10")
    assert second.refunds.get().amount == Decimal("17.40")
    with pytest.raises(ReturnRefused):
        asked(order, 1)
    send_all()
    assert violations() == []


@pytest.mark.django_db
@pytest.mark.parametrize("n", [4, -1, 0])
def test_no_more_is_asked_back_than_was_sent(order: Order, n: int) -> None:
    with pytest.raises(ReturnRefused):
        asked(order, n)

    assert not Return.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_more_than_was_sent(order: Order) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(quantity_asked_back=4)


@pytest.mark.django_db
def test_nothing_is_sent_back_that_was_not_sent(
    fill_cart: FillCart, place: Place, pay_at: PayAt
) -> None:
    order = place(fill_cart({VariantFactory(stock=5): 3}))
    ask_provider(pay_at(order, "pay"), source="return")
    ship(order, {line_of(order).pk: 1}, actor=None)
    with pytest.raises(ReturnRefused):
        asked(order, 2)

    receive(asked(order, 1), {line_of(order).pk: 1}, actor=None)

    line = line_of(order)
    assert (line.quantity_to_send, line.quantity_cancelled, line.quantity_returned) == (2, 0, 1)
    assert violations() == []


@pytest.mark.django_db
def test_a_withdrawal_in_time_cannot_be_rejected(order: Order) -> None:
    return_ = asked(order)
    with pytest.raises(WrongStatus, match="withdrawal within fourteen days"):
        reject(return_, why="We would rather not.", actor=None)

    assert Return.objects.get().status == ReturnStatus.REQUESTED
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.update(status=ReturnStatus.REJECTED)


@pytest.mark.django_db
def test_the_clock_of_the_law_is_not_the_clock_of_the_shop(order: Order) -> None:
    ShopSettings(returns_days=30).save()
    delivered_days_ago(14)
    assert asked(order, 1).is_withdrawal
    delivered_days_ago(15)
    late = asked(order, 1)
    assert not late.is_withdrawal
    assert reject(late, why="It was worn.", actor=None).status == ReturnStatus.REJECTED
    delivered_days_ago(31)
    with pytest.raises(ReturnRefused, match="any more"):
        asked(order, 1)


@pytest.mark.django_db
def test_a_shop_without_days_of_its_own_keeps_to_the_law(order: Order) -> None:
    ShopSettings(returns_days=0).save()
    delivered_days_ago(14)
    assert asked(order, 1).is_withdrawal


@pytest.mark.django_db
def test_what_is_rejected_or_called_off_is_free_again(order: Order) -> None:
    reject(asked(order, 3, "other"), why="Engraved for you.", actor=None)
    call_off(asked(order, 3))
    assert line_of(order).quantity_asked_back == 0
    with pytest.raises(WrongStatus):
        call_off(Return.objects.get(seq=2))
    assert "Engraved for you." in Mail.objects.get(kind="return_rejected").text
    assert violations() == []


@pytest.mark.django_db(transaction=True)
def test_many_windows_ask_back_no_more_than_was_sent(order: Order) -> None:
    outcomes = race([partial(asked, order, 1)] * 8)

    assert sum(isinstance(each, Return) for each in outcomes) == 3
    assert line_of(order).quantity_asked_back == 3
    assert violations() == []


@pytest.mark.django_db(transaction=True)
def test_a_parcel_is_received_once(order: Order) -> None:
    return_ = approve(asked(order), actor=None)
    pk = line_of(order).pk

    outcomes = race([partial(receive, return_, {pk: 2}, restock={pk: 2}, actor=None)] * 4)

    assert sum(isinstance(each, WrongStatus) for each in outcomes) == 3
    assert StockItem.objects.get().on_hand == 4
    assert Return.objects.get().refunds.count() == 1


# Its pages


@pytest.mark.django_db
def test_the_shopper_asks_by_lines_and_keeps_it_after_all(client: Client, order: Order) -> None:
    page = reverse("orders:returns", args=[order.number, order.token])
    assert f'href="{page}"' in client.get(order.get_absolute_url()).text
    line = line_of(order)
    assert "Of 3 that you have." in client.get(page).text

    sent = {f"line_{line.pk}": "2", "reason": "damaged", "note": "A crack"}
    assert client.post(page, sent).status_code == 303

    assert "2 × Mug" in client.get(order.get_absolute_url()).text
    url = reverse("orders:cancel_return", args=[order.number, order.token, 1])
    assert client.post(url).status_code == 303
    assert Return.objects.get().status == ReturnStatus.CANCELLED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a reason."),
        ({"reason": "other"}, "Enter a number from 0 to 3."),
        ({"reason": "other", "n": "0"}, "of at least one thing"),
        ({"reason": "nonsense", "n": "1"}, "Choose one of the reasons."),
        ({"reason": "other", "n": "4"}, "Enter a number from 0 to 3."),
        ({"reason": "other", "n": "-1"}, "Enter a number from 0 to 3."),
        ({"reason": "other", "n": "many"}, "Enter a number from 0 to 3."),
        ({"reason": "other", "n": "1", "note": "\x01"}, "it holds signs that cannot be read"),
    ],
)
def test_mistakes_are_told_and_nothing_is_asked(
    client: Client, order: Order, data: dict[str, Any], words: str
) -> None:
    sent = dict(data)
    if "n" in sent:
        sent[f"line_{line_of(order).pk}"] = sent.pop("n")
    response = client.post(reverse("orders:returns", args=[order.number, order.token]), sent)
    assert response.status_code == 422
    assert words in response.text
    assert not Return.objects.exists()


@pytest.mark.django_db
def test_too_late_is_said_and_refused(client: Client, order: Order) -> None:
    delivered_days_ago(40)
    page = reverse("orders:returns", args=[order.number, order.token])
    assert "can be sent back any more" in client.get(page).text
    assert client.post(page, {"reason": "other"}).status_code == 409
    assert page not in client.get(order.get_absolute_url()).text


@pytest.mark.django_db
def test_staff_approve_and_receive_it(client: Client, order: Order) -> None:
    ShopSettings(return_fee=Decimal("4.90")).save()
    client.force_login(StaffFactory())
    return_ = asked(order)
    page = reverse("admin:orders_return_change", args=[return_.pk])
    assert page in client.get(reverse("admin:orders_order_change", args=[order.pk])).text
    assert "/rejection/" not in client.get(page).text
    assert client.get("/admin/orders/return/").status_code == 200
    assert (
        client.post(reverse("admin:orders_return_approval", args=[return_.pk])).status_code == 302
    )
    receipt = reverse("admin:orders_return_receipt", args=[return_.pk])
    form = client.get(receipt).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    part = return_.lines.get()
    data |= {f"restock_{part.pk}": "2"}

    assert client.post(receipt, data | {f"received_{part.pk}": "1"}).status_code == 422
    assert client.post(receipt, data).status_code == 302

    assert Return.objects.get().refunds.get().amount == Decimal("20.10")
    assert client.get(page).status_code == 200
