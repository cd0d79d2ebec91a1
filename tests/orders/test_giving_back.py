"""What refunds are for: lines, delivery and sums, in any partition to the cent."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import StockItem
from orders.fulfilment import ship
from orders.giving_back import delivery_left, give_back, share_of
from orders.ledger import refundable_of
from orders.models import (
    DemoPayment,
    EventKind,
    Order,
    OrderLine,
    PaymentAttempt,
    Refund,
    RefundLine,
)
from orders.paying import ask_provider
from orders.payments import Fact
from orders.refunds import RefundRefused, fail, send, send_all
from orders.settlement import mark_paid, settle
from orders.unplaced import UnplacedMoney, send_back, take_on
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import StaffFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place, pay_at: PayAt) -> Order:
    """Three mugs at €3.33 and a bowl at €10, delivery €4.90: €24.89, paid."""
    mug, bowl = VariantFactory(price=Decimal("3.33"), stock=9), VariantFactory(price=10, stock=9)
    order = place(fill_cart({mug: 3, bowl: 1}))
    return ask_provider(pay_at(order, "pay"), source="return")


def mugs(order: Order) -> OrderLine:
    return order.lines.get(quantity=3)


def counts(line: OrderLine) -> tuple[int, int]:
    return StockItem.objects.values_list("on_hand", "allocated").get(variant=line.variant_id)


@contextmanager
def nothing_changes(order: Order) -> Iterator[None]:
    before = refundable_of(order), list(order.lines.values()), order.events.count()
    with pytest.raises(RefundRefused):
        yield
    assert (refundable_of(order), list(order.lines.values()), order.events.count()) == before
    assert not Refund.objects.exists()


def test_one_of_a_line_goes_back_for_its_share(order: Order) -> None:
    made = give_back(order, units={mugs(order).pk: 1}, reason="Chipped")

    assert [(refund.amount, refund.lines.get().quantity) for refund in made] == [
        (Decimal("3.33"), 1)
    ]
    send_all()
    assert DemoPayment.objects.get().refunded == Decimal("3.33")
    assert "1 × " in Mail.objects.get(kind="order_refunded").text


def test_delivery_goes_back_once(order: Order) -> None:
    give_back(order, delivery=Decimal("4.00"), reason="Late")
    assert delivery_left(order) == Decimal("0.90")

    with pytest.raises(RefundRefused):
        give_back(order, delivery=Decimal("0.91"), reason="Late")


@pytest.mark.parametrize(
    "asked",
    [
        {"units": {"mugs": 4}},
        {"units": {"mugs": -1}},
        {"units": {"nothing": 1}},
        {"units": {"mugs": 1}, "restock": {"mugs": 2}},
        {"delivery": Decimal("4.91")},
        {"delivery": Decimal(-1)},
        {"extra": Decimal("24.90")},
        {"extra": Decimal(-1)},
        {},
    ],
)
def test_no_more_goes_back_than_there_is(order: Order, asked: dict[str, Any]) -> None:
    names = {"mugs": mugs(order).pk, "nothing": 0}
    asked = {
        name: {names[pk]: n for pk, n in value.items()} if isinstance(value, dict) else value
        for name, value in asked.items()
    }

    with nothing_changes(order):
        give_back(order, **asked, reason="?")


def test_unsent_goods_are_sent_no_more_and_sold_again_if_staff_say_so(order: Order) -> None:
    line = mugs(order)

    give_back(order, units={line.pk: 3}, restock={line.pk: 2}, reason="One is broken")

    line.refresh_from_db()
    assert (line.quantity_cancelled, line.quantity_to_send) == (3, 0)
    assert counts(line) == (8, 0)
    ship(order, actor=None)
    assert Order.objects.get().fulfilment_status == "shipped"


def test_sent_goods_come_back_on_the_shelf_if_staff_say_so(order: Order) -> None:
    line = mugs(order)
    ship(order, actor=None)

    give_back(order, units={line.pk: 2}, restock={line.pk: 1}, reason="Sent back, one chipped")

    line.refresh_from_db()
    assert (line.quantity_returned, line.quantity_refunded) == (1, 2)
    assert counts(line) == (7, 0)
    assert RefundLine.objects.get().restocked == 1


def test_a_refund_that_failed_leaves_its_units_to_be_refunded(order: Order) -> None:
    line = mugs(order)
    first = give_back(order, units={line.pk: 1}, reason="Chipped")[0]
    give_back(order, units={line.pk: 1}, reason="Chipped")

    fail(first, "The account is closed")

    left = share_of(OrderLine.objects.get(pk=line.pk), 2)
    assert left.amount == Decimal("6.66")
    assert UnplacedMoney.objects.get().kind == "refund"


def test_one_refund_out_of_two_payments_is_written_on_both(
    order: Order, pay_at: PayAt, fill_cart: FillCart, place: Place
) -> None:
    """As with a gift card and a card: the latest payment gives first."""
    split = place(fill_cart({VariantFactory(price=10, stock=9): 2}))
    for amount in ("4.90", "20.00"):
        part = PaymentAttempt.objects.create(
            order=split, provider="demo", amount=Decimal(amount), currency="EUR",
            captured=Decimal(amount),
        )  # fmt: skip
    line = split.lines.get()

    made = give_back(split, units={line.pk: 2}, delivery=Decimal("4.90"), reason="All of it")

    assert [(each.attempt_id, each.amount) for each in made] == [
        (part.pk, Decimal("20.00")),
        (part.pk - 1, Decimal("4.90")),
    ]
    assert [(each.quantity, each.amount) for each in RefundLine.objects.order_by("pk")] == [
        (2, Decimal("20.00")),
        (0, Decimal("4.90")),
    ]


@pytest.mark.parametrize("column", ["given_back", "captured"])
def test_the_database_itself_refuses_to_give_back_more_than_came(order: Order, column: str) -> None:
    wrong = {"given_back": Decimal("24.90"), "captured": Decimal("-0.01")}
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentAttempt.objects.update(**{column: wrong[column]})
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(quantity_refunded=4)


PRICES = st.decimals("0.01", "9999.99", places=2)


@given(
    data=st.data(), wanted=st.lists(st.tuples(PRICES, st.integers(1, 9)), min_size=1, max_size=3)
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)
def test_any_partition_gives_back_exactly_what_was_taken(
    data: Any, wanted: list[tuple[Decimal, int]], fill_cart: FillCart, place: Place
) -> None:
    """Units in any steps, some refunds failing on the way, delivery in parts, and the rest as a sum."""
    with transaction.atomic():
        goods = {VariantFactory(price=price, stock=9): n for price, n in wanted}
        order = place(fill_cart(goods))
        attempt = order.attempts.create(provider="demo", amount=order.total, currency="EUR")
        fact = Fact(f"{order.number}:captured", EventKind.CAPTURED, order.total, "EUR")
        settle(attempt, [fact], source="webhook")
        lines = list(order.lines.all())
        left = {line.pk: line.quantity for line in lines}
        failing = 3
        while any(left.values()):
            pk = data.draw(st.sampled_from([pk for pk, n in left.items() if n]))
            units = data.draw(st.integers(1, left[pk]))
            made = give_back(order, units={pk: units}, reason="Sent back")
            if failing and data.draw(st.booleans()):
                failing -= 1
                for each in made:
                    fail(each, "No")
            else:
                left[pk] -= units
        for line in lines:
            held = RefundLine.objects.filter(order_line=line).exclude(refund__status="failed")
            assert sum(each.amount for each in held) == line.total
            assert all(each.amount >= 0 for each in held)
        assert refundable_of(order) == delivery_left(order) == Decimal("4.90")
        part = data.draw(st.decimals("0.01", "4.89", places=2))
        give_back(order, delivery=part, reason="Late")
        give_back(order, extra=refundable_of(order), reason="The rest")

        assert refundable_of(order) == 0
        held = Refund.objects.filter(attempt__order=order).exclude(status="failed")
        assert sum(each.amount for each in held) == order.total
        transaction.set_rollback(True)


@given(total=PRICES, quantity=st.integers(1, 99), data=st.data())
@settings(max_examples=2000, deadline=None)
def test_the_shares_of_a_line_add_up_to_it(total: Decimal, quantity: int, data: Any) -> None:
    """The arithmetic alone, in many more cases."""
    line = OrderLine(quantity=quantity, quantity_refunded=0, total=total, name="Mug")
    given: list[Decimal] = []
    with patch("orders.giving_back._refunded_on", lambda _line: sum(given, Decimal(0))):
        while line.quantity_refunded < quantity:
            units = data.draw(st.integers(1, quantity - line.quantity_refunded))
            given.append(share_of(line, units).amount)
            line.quantity_refunded += units
    assert sum(given) == total
    assert all(each >= 0 for each in given)


# Staff


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


def form_of(order: Order) -> str:
    return reverse("admin:orders_order_refund", args=[order.pk])


def test_staff_refund_by_the_form_on_the_order(staff: Client, order: Order) -> None:
    line = mugs(order)
    assert form_of(order) in staff.get(reverse("admin:orders_order_change", args=[order.pk])).text
    data = {f"units_{line.pk}": 2, f"restock_{line.pk}": 1, "delivery": "1.00", "extra": "0.50"}

    assert staff.post(form_of(order), data | {"reason": ""}).status_code == 422
    assert staff.post(form_of(order), data | {"reason": "Chipped"}).status_code == 302

    refund = Refund.objects.get()
    assert (refund.amount, refund.actor.email) == (Decimal("8.16"), "boss@example.com")
    assert staff.post(form_of(order), data | {"reason": "Again"}).status_code == 422
    send(refund.pk)
    page = staff.get(order.get_absolute_url()).text
    assert "Money back" in page
    assert "€8.16" in page
    assert [line for finding in examine() for line in finding.violations] == []


@pytest.mark.parametrize("field", ["units", "restock", "delivery", "extra"])
@pytest.mark.parametrize("value", ["-1", "abc", "99999999999999", "NaN", "1e99"])
def test_what_cannot_be_read_is_said_at_the_field(
    staff: Client, order: Order, field: str, value: str
) -> None:
    name = f"{field}_{mugs(order).pk}" if field in {"units", "restock"} else field

    response = staff.post(form_of(order), {name: value, "reason": "x"})

    assert response.status_code == 422
    assert name in response.context["form"].errors
    assert not Refund.objects.exists()


def test_money_from_the_bank_is_sent_back_by_hand(
    fill_cart: FillCart, place: Place, admin_user: Any, django_capture_on_commit_callbacks: Any
) -> None:
    order = place(fill_cart({VariantFactory(price=10, stock=9): 1}), payment_method="transfer")
    mark_paid(order, actor=admin_user)

    with django_capture_on_commit_callbacks(execute=True):
        give_back(order, extra=Decimal("5.00"), reason="Late", actor=admin_user)

    assert Refund.objects.get().status == "sent"
    assert Order.objects.get().payment_status == "paid"
    assert not Mail.objects.filter(kind="order_refunded").exists()

    take_on(UnplacedMoney.objects.get(kind="by_hand"), actor=admin_user)

    assert Refund.objects.get().status == "succeeded"
    assert Order.objects.get().payment_status == "part_refunded"
    assert Mail.objects.filter(kind="order_refunded").count() == 1


# Goodwill, and money that comes twice

ALL = Decimal("24.89")


def pay_again(order: Order, event_id: str = "again") -> None:
    """The same order is paid in full once more."""
    attempt = PaymentAttempt.objects.create(
        order=order, provider="demo", reference=event_id, amount=order.total, currency="EUR"
    )
    DemoPayment.objects.create(
        reference=event_id, idempotency_key=attempt.key, amount=order.total, currency="EUR",
        description="", return_url="http://testserver/", webhook_url="http://testserver/", status="paid",
    )  # fmt: skip
    settle(attempt, [Fact(event_id, EventKind.CAPTURED, order.total, "EUR")], source="webhook")


@pytest.mark.parametrize(
    "goodwill", [{"extra": Decimal("5.00")}, {"delivery": Decimal("4.90")}, {"extra": ALL}]
)
@pytest.mark.parametrize("is_sent", [True, False])
def test_goodwill_stays_given_when_the_order_is_paid_twice(
    order: Order, goodwill: Any, is_sent: bool
) -> None:
    [given] = give_back(order, **goodwill, reason="Sorry")
    if is_sent:
        send_all()

    pay_again(order)
    send_all()

    second = Refund.objects.exclude(pk=given.pk).get()
    assert (second.amount, second.reason) == (ALL, "Paid twice")
    assert refundable_of(order) == ALL - given.amount
    assert not UnplacedMoney.objects.exists()
    status = "refunded" if given.amount == ALL else "part_refunded"
    assert Order.objects.get().payment_status == status
    assert [line for finding in examine() for line in finding.violations] == []


def test_goodwill_that_failed_is_not_given(order: Order) -> None:
    [given] = give_back(order, extra=Decimal("5.00"), reason="Sorry")
    fail(given, "No such card")

    pay_again(order)
    send_all()

    assert refundable_of(order) == ALL
    assert Order.objects.get().payment_status == "paid"


def test_a_sum_given_while_too_much_is_here_comes_out_of_what_is_too_much(
    order: Order, admin_user: Any
) -> None:
    ShopSettings(return_unplaced_money=False).save()
    pay_again(order)
    item = UnplacedMoney.objects.get()

    give_back(order, extra=Decimal("5.00"), reason="Some of it at once")
    send_back(item, actor=admin_user)
    send_all()

    assert refundable_of(order) == ALL
    assert Order.objects.get().payment_status == "paid"
    assert [line for finding in examine() for line in finding.violations] == []
