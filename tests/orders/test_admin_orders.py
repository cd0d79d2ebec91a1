"""Staff see an order to the door by its buttons; who may only look has none."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import StockItem
from orders.fulfilment import ship
from orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus, Shipment
from orders.settlement import mark_paid
from shop.mail import deliver as deliver_mail
from shop.models import Mail, MailState, ShopSettings
from tests.factories import StaffFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


@pytest.fixture
def looker(client: Client) -> Client:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(user)
    return client


@pytest.fixture
def order(place: Any, fill_cart: Any) -> Order:
    """Two of one thing and three of another, not paid yet."""
    return place(fill_cart({VariantFactory(stock=5): 2, VariantFactory(stock=5): 3}))


@pytest.fixture
def paid(order: Order) -> Order:
    mark_paid(order, actor=None)
    return Order.objects.get()


def page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def deed(client: Client, order: Order, noun: str, **data: Any) -> Any:
    return client.post(reverse(f"admin:orders_order_{noun}", args=[order.pk]), data)


def states(order: Order) -> tuple[str, str, str]:
    return Order.objects.values_list("status", "payment_status", "fulfilment_status").get(
        pk=order.pk
    )


WAITING = (OrderStatus.PENDING, PaymentStatus.PENDING, FulfilmentStatus.UNFULFILLED)
TO_SEND = (OrderStatus.CONFIRMED, PaymentStatus.PAID, FulfilmentStatus.UNFULFILLED)


def test_money_from_the_bank_confirms_the_order_and_says_who_saw_it(
    staff: Client, order: Order
) -> None:
    assert deed(staff, order, "payment", note="Statement of 3 March").status_code == 302
    assert states(order) == TO_SEND
    event = order.events.get(kind="payment_captured")
    assert event.actor.email == "boss@example.com"
    assert "Statement of 3 March" in staff.get(page(order)).text


def test_an_order_is_paid_once(staff: Client, paid: Order) -> None:
    response = deed(staff, paid, "payment", note="again")
    assert response.status_code == 422
    assert f"Order {paid.number} does not wait for money." in response.text
    assert paid.attempts.count() == 1


def test_all_of_an_order_is_sent_in_one_parcel(staff: Client, paid: Order) -> None:
    form = staff.get(reverse("admin:orders_order_shipment", args=[paid.pk])).context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {
        "carrier": "DHL",
        "tracking_number": "123",
    }
    assert deed(staff, paid, "shipment", **data).status_code == 302
    assert states(paid)[2] == FulfilmentStatus.SHIPPED
    assert sorted(StockItem.objects.values_list("on_hand", "allocated")) == [(2, 0), (3, 0)]
    assert Shipment.objects.get().tracking_number == "123"


def test_an_order_is_sent_in_two_parcels(staff: Client, paid: Order) -> None:
    first, second = paid.lines.all()
    deed(staff, paid, "shipment", **{f"line_{first.pk}": 1, f"line_{second.pk}": ""})
    assert states(paid)[2] == FulfilmentStatus.PARTIAL
    form = staff.get(reverse("admin:orders_order_shipment", args=[paid.pk])).context["form"]
    assert {name: form[name].value() for name in form.fields if name.startswith("line")} == {
        f"line_{first.pk}": 1,
        f"line_{second.pk}": 3,
    }
    deed(staff, paid, "shipment", **{f"line_{first.pk}": 1, f"line_{second.pk}": 3})
    assert states(paid)[2] == FulfilmentStatus.SHIPPED


@pytest.mark.parametrize("quantity", ["3", "-1", "abc", "0", "9999999999999"])
def test_no_more_is_sent_than_was_ordered(staff: Client, paid: Order, quantity: str) -> None:
    line = paid.lines.first()
    assert deed(staff, paid, "shipment", **{f"line_{line.pk}": quantity}).status_code == 422
    assert states(paid) == TO_SEND
    assert not Shipment.objects.exists()


def test_what_is_not_on_the_shelf_is_not_sent(staff: Client, paid: Order) -> None:
    line = paid.lines.first()
    StockItem.objects.filter(variant=line.variant).update(backorder_limit=9)
    StockItem.adjust(line.variant_id, -5, reason="Broken", cause="test")
    response = deed(staff, paid, "shipment", **{f"line_{line.pk}": 2})
    assert response.status_code == 422
    assert "The counts on the shelf do not allow it." in response.text
    assert states(paid) == TO_SEND


def test_an_order_that_is_not_paid_is_not_sent(staff: Client, order: Order) -> None:
    line = order.lines.first()
    assert deed(staff, order, "shipment", **{f"line_{line.pk}": 2}).status_code == 422
    assert states(order) == WAITING


def test_a_parcel_arrives(staff: Client, paid: Order) -> None:
    line, other = paid.lines.all()
    deed(staff, paid, "shipment", **{f"line_{line.pk}": 2, f"line_{other.pk}": 3})
    parcel = Shipment.objects.get()
    address = reverse("admin:orders_order_delivery", args=[paid.pk, parcel.pk])
    assert address in staff.get(page(paid)).text
    assert f"A parcel of order {paid.number} has arrived." in staff.post(address, follow=True).text
    assert states(paid)[2] == FulfilmentStatus.DELIVERED
    assert "That parcel is not on its way." in staff.post(address, follow=True).text


def test_an_order_is_cancelled_with_a_reason(staff: Client, paid: Order) -> None:
    assert deed(staff, paid, "cancellation", reason="").status_code == 422
    assert states(paid) == TO_SEND
    assert deed(staff, paid, "cancellation", reason="Ordered twice").status_code == 302
    assert states(paid)[0] == OrderStatus.CANCELLED
    assert set(StockItem.objects.values_list("on_hand", "allocated")) == {(5, 0)}
    assert paid.events.get(kind="cancelled").reason == "Ordered twice"


def test_a_sent_order_is_not_cancelled(staff: Client, paid: Order) -> None:
    line = paid.lines.first()
    deed(staff, paid, "shipment", **{f"line_{line.pk}": 1})
    response = deed(staff, paid, "cancellation", reason="Too late")
    assert response.status_code == 422
    assert "cannot be cancelled any more" in response.text
    assert states(paid)[0] == OrderStatus.CONFIRMED


def test_a_mail_is_sent_again(
    staff: Client, order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    mail = Mail.objects.get(kind="order_confirmation")
    Mail.objects.update(state=MailState.DEAD, sent_at=None, attempts=54)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(reverse("admin:orders_order_mail", args=[order.pk, mail.pk]))
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


def test_who_sent_a_mail_again_stands_in_the_history(staff: Client, order: Order) -> None:
    mail = Mail.objects.get(kind="order_confirmation")
    path = reverse("admin:orders_order_mail", args=[order.pk, mail.pk])
    # It waits in the outbox still: nothing goes out once more, and nothing is written down.
    assert "has not been sent yet" in staff.post(path, follow=True).text
    assert not order.events.filter(kind="mail_resent").exists()
    deliver_mail(mail.pk)

    page = staff.post(path, follow=True)

    event = order.events.get(kind="mail_resent")
    assert (event.actor.email, event.data) == ("boss@example.com", {"subject": mail.subject})
    assert f"A mail was sent again: {mail.subject}" in page.text
    mail.refresh_from_db()
    assert (mail.state, mail.resends) == (MailState.QUEUED, 1)


def test_a_mail_whose_words_are_forgotten_is_not_sent_again(staff: Client, order: Order) -> None:
    deliver_mail(Mail.objects.get(kind="order_confirmation").pk)
    Mail.objects.all().forget()
    mail = Mail.objects.get(kind="order_confirmation")
    path = reverse("admin:orders_order_mail", args=[order.pk, mail.pk])

    page = staff.post(path, follow=True)

    assert "are forgotten" in page.text
    assert path not in page.text
    assert not order.events.filter(kind="mail_resent").exists()


def test_a_mail_of_another_order_is_not_sent_from_here(staff: Client, order: Order) -> None:
    other = Mail.objects.create(
        kind="x", to="a@example.com", subject="x", dedupe_key="order:1:x", language="en"
    )
    assert (
        staff.post(reverse("admin:orders_order_mail", args=[order.pk, other.pk])).status_code == 404
    )


def test_an_order_is_a_record(staff: Client, order: Order) -> None:
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(page(order), {"number": "1", "status": "confirmed"}).status_code == 403
    assert staff.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
    assert states(order) == WAITING


def test_the_page_tells_the_whole_story(staff: Client, paid: Order) -> None:
    text = staff.get(page(paid)).text
    for words in (
        "Ada Lovelace",
        "Weserstraße 18",
        "Placed",
        "Money arrived",
        "Confirmed",
        "Parcel",
        "€67.40",
    ):
        assert words in text
    assert paid.total == Decimal("67.40")


def test_no_link_to_a_parcel_runs_a_script(staff: Client, paid: Order) -> None:
    lines = [line.pk for line in paid.lines.all()]
    ship(
        paid,
        {lines[0]: 1},
        actor=None,
        tracking_number="A1",
        tracking_url="https://parcels.example/",
    )
    ship(paid, {lines[0]: 1}, actor=None, tracking_number="B2", tracking_url="javascript:alert(1)")
    text = staff.get(page(paid)).text
    assert 'href="https://parcels.example/"' in text
    assert "B2" in text
    assert "javascript:" not in text


def test_only_what_can_be_done_is_offered(staff: Client, order: Order) -> None:
    def buttons() -> list[str]:
        found = re.findall('class="deed" href="([^"]+)">([^<]+)<', staff.get(page(order)).text)
        assert all(staff.get(address).status_code == 200 for address, _words in found)
        return [words for _address, words in found]

    changes = ["Delivery address", "Billing address"]
    assert buttons() == ["Mark as paid", *changes, "Cancel", "Change the goods"]
    mark_paid(order, actor=None)
    assert buttons() == ["Send", *changes, "Refund", "Cancel", "Change the goods"]


@pytest.mark.parametrize("noun", ["payment", "shipment", "cancellation"])
def test_who_may_only_look_does_nothing(looker: Client, order: Order, noun: str) -> None:
    response = looker.get(page(order))
    assert response.status_code == 200
    assert response.context["deeds"] == []
    assert "Send again" not in response.text
    assert looker.get(reverse(f"admin:orders_order_{noun}", args=[order.pk])).status_code == 403
    assert deed(looker, order, noun, note="", reason="x").status_code == 403
    looker.post(LIST, {"action": "pay_selected", "_selected_action": [order.pk]})
    assert states(order) == WAITING


def test_who_may_only_look_sends_no_mail_and_delivers_nothing(looker: Client, paid: Order) -> None:
    mail = Mail.objects.get(kind="order_confirmation")
    assert (
        looker.post(reverse("admin:orders_order_mail", args=[paid.pk, mail.pk])).status_code == 403
    )
    assert looker.post(reverse("admin:orders_order_delivery", args=[paid.pk, 1])).status_code == 403


def test_changes_need_the_forms_token(order: Order) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(StaffFactory())
    assert deed(strict, order, "payment", note="").status_code == 403
    assert states(order) == WAITING


def test_delivering_is_a_post(staff: Client, paid: Order) -> None:
    assert staff.get(reverse("admin:orders_order_delivery", args=[paid.pk, 1])).status_code == 405


@pytest.mark.parametrize("pk", ["0", "99999999999999999999", "abc"])
def test_an_order_that_is_none_is_not_found(staff: Client, pk: str) -> None:
    assert (
        staff.get(f"{LIST}{pk}/change/", follow=True).status_code == 200
    )  # The start page says so.
    assert staff.get(f"{LIST}{pk}/payment/", follow=True).status_code in {200, 404}


def run(client: Client, action: str, orders: list[Order], **data: str) -> Any:
    chosen = [each.pk for each in orders]
    return client.post(LIST, {"action": action, "_selected_action": chosen} | data, follow=True)


def test_the_list_moves_those_that_can_be_moved_and_names_the_others(
    staff: Client, paid: Order, place: Any, fill_cart: Any
) -> None:
    open_one = place(fill_cart({VariantFactory(): 1}))
    text = run(staff, "ship_selected", [paid, open_one]).text
    assert f"{open_one.number}: Order {open_one.number} is not confirmed." in text
    assert "1 order changed." in text
    assert states(paid)[2] == FulfilmentStatus.SHIPPED

    text = run(staff, "deliver_selected", [paid, open_one]).text
    assert f"No parcel of order {open_one.number} is on its way." in text
    assert states(paid)[2] == FulfilmentStatus.DELIVERED


def test_the_list_marks_as_paid(staff: Client, order: Order) -> None:
    run(staff, "pay_selected", [order])
    assert states(order) == TO_SEND


def test_the_list_asks_why_before_it_cancels(staff: Client, order: Order) -> None:
    response = run(staff, "cancel_selected", [order])
    assert "Cancel them" in response.text
    assert states(order) == WAITING
    assert run(staff, "cancel_selected", [order], reason="").status_code == 422
    run(staff, "cancel_selected", [order], reason="Shop is closing")
    assert states(order)[0] == OrderStatus.CANCELLED
    assert order.events.get(kind="cancelled").reason == "Shop is closing"


@pytest.mark.parametrize("words", ["ada@example.com", "Lovelace"])
def test_orders_are_found_by_address_and_name(staff: Client, order: Order, words: str) -> None:
    assert list(staff.get(LIST, {"q": words}).context["cl"].result_list) == [order]
    assert list(staff.get(LIST, {"q": order.number}).context["cl"].result_list) == [order]


def test_queues_hold_what_waits(staff: Client, order: Order) -> None:
    def queue(name: str) -> list[Order]:
        return list(staff.get(LIST, {"queue": name}).context["cl"].result_list)

    assert (queue("unpaid"), queue("send"), queue("money")) == ([order], [], [])
    mark_paid(order, actor=None)
    assert (queue("unpaid"), queue("send"), queue("money")) == ([], [order], [])
    Order.objects.update(payment_status=PaymentStatus.REVIEW)
    assert queue("money") == [order]


def test_pages_ask_as_often_for_many_as_for_few(
    staff: Client, order: Order, place: Any, fill_cart: Any
) -> None:
    def asked(path: str) -> int:
        ShopSettings.forget()  # Or a slow machine would ask for them once more or not.
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(path).status_code == 200
        return len(queries)

    asked(LIST)
    asked(page(order))
    few_rows, few_lines = asked(LIST), asked(page(order))
    for _each in range(6):
        big = place(fill_cart({VariantFactory(): 1 for _line in range(5)}))
    assert (asked(LIST), asked(page(big))) == (few_rows, few_lines)
