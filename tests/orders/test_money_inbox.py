"""Money that cannot be placed goes back by itself or lies before staff, as the shop is set."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.cancellation import cancel
from orders.expiry import expire
from orders.models import (
    DemoPayment,
    EventKind,
    Order,
    OrderStatus,
    PaymentAttempt,
    Refund,
    UnplacedMoney,
    WrongStatus,
)
from orders.paying import start_payment
from orders.payments import Fact
from orders.refunds import send_all
from orders.settlement import settle
from orders.unplaced import send_back, take_on
from shop.invariants import examine
from shop.models import Mail, ShopSettings
from tests.factories import StaffFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    """Two mugs for €29.90, of which the shelf has two."""
    ShopSettings(return_unplaced_money=False).save()
    return place(fill_cart({VariantFactory(price=Decimal("12.50"), stock=2): 2}))


def pay(order: Order, name: str = "late") -> Order:
    """The provider tells of money, whatever has become of the order."""
    attempt = order.attempts.create(
        provider="demo", amount=order.total, currency="EUR", reference=name
    )
    DemoPayment.objects.create(
        reference=name, idempotency_key=attempt.key, amount=attempt.amount, currency="EUR",
        description="", return_url="http://testserver/", webhook_url="http://testserver/", status="paid",
    )  # fmt: skip
    return settle(attempt, [Fact(name, EventKind.CAPTURED, order.total, "EUR")], source="webhook")


def lapse(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    assert expire(Order.objects.get(pk=order.pk))


def sound() -> bool:
    return not any(finding.violations for finding in examine())


def test_money_for_a_cancelled_order_waits_for_a_decision(order: Order, admin_user: Any) -> None:
    cancel(order)
    pay(order)

    item = UnplacedMoney.objects.get()
    assert (item.kind, item.amount, item.order) == ("late", Decimal("29.90"), order)
    assert not Refund.objects.exists()
    assert sound()
    with pytest.raises(WrongStatus):
        take_on(item, actor=admin_user)

    send_back(item, actor=admin_user)
    send_all()

    assert Order.objects.get().payment_status == "refunded"
    assert Mail.objects.filter(kind="order_refunded").count() == 1
    assert sound()


def test_money_for_what_is_sold_out_can_be_taken_on_when_goods_have_come(
    order: Order, fill_cart: FillCart, place: Place, admin_user: Any
) -> None:
    lapse(order)
    other = place(fill_cart({order.lines.get().variant: 2}))
    pay(order)
    item = UnplacedMoney.objects.get(order=order)
    with pytest.raises(WrongStatus, match="sold"):
        take_on(item, actor=admin_user)
    cancel(other)

    take_on(item, actor=admin_user)

    assert Order.objects.get(pk=order.pk).status == OrderStatus.CONFIRMED
    assert UnplacedMoney.objects.get(pk=item.pk).closed_by == admin_user
    assert sound()


def test_what_was_paid_twice_waits_once_and_may_be_kept(order: Order, admin_user: Any) -> None:
    pay(order, "first")
    pay(order, "second")
    item = UnplacedMoney.objects.get()
    assert (item.kind, item.amount) == ("twice", Decimal("29.90"))

    take_on(item, actor=admin_user)
    pay(order, "third")

    assert not Refund.objects.exists()
    assert Order.objects.get().payment_status == "overpaid"
    assert sound()


def test_by_itself_it_goes_back_with_a_mail(order: Order) -> None:
    ShopSettings(return_unplaced_money=True).save()
    cancel(order)
    pay(order)
    send_all()

    assert Order.objects.get().payment_status == "refunded"
    assert "Paid after the order was given up" in Mail.objects.get(kind="order_refunded").text
    assert not UnplacedMoney.objects.exists()


@pytest.fixture
def late(order: Order) -> UnplacedMoney:
    cancel(order)
    pay(order)
    return UnplacedMoney.objects.get()


def pages(item: UnplacedMoney) -> list[str]:
    nouns = ("acceptance", "return")
    return [reverse(f"admin:orders_unplacedmoney_{noun}", args=[item.pk]) for noun in nouns]


def test_staff_decide_in_the_admin(client: Client, late: UnplacedMoney) -> None:
    client.force_login(StaffFactory())
    acceptance, giving_back = pages(late)
    inbox = reverse("admin:orders_unplacedmoney_changelist")
    assert "money to look at" in client.get("/admin/").text
    text = client.get(inbox).text
    for words in ("€29.90", "paid after the order was given up", "ada@example.com"):
        assert words in text
    page = client.get(reverse("admin:orders_unplacedmoney_change", args=[late.pk])).text
    assert acceptance in page
    assert giving_back in page

    refused = client.post(acceptance)
    assert (refused.status_code, "cannot be taken up again" in refused.text) == (422, True)
    assert client.get(giving_back).status_code == 200
    assert client.post(giving_back).status_code == 302

    assert client.post(giving_back).status_code == 422
    assert Refund.objects.count() == 1
    assert "€29.90" not in client.get(inbox).text
    assert "€29.90" in client.get(f"{inbox}?state=all").text


def test_who_may_only_look_decides_nothing(client: Client, late: UnplacedMoney) -> None:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_unplacedmoney"))
    client.force_login(user)

    assert (
        pages(late)[0]
        not in client.get(reverse("admin:orders_unplacedmoney_change", args=[late.pk])).text
    )
    assert [client.post(page).status_code for page in pages(late)] == [403, 403]
    assert UnplacedMoney.objects.get().state == "open"


# Another try, and another way


def pay_page(order: Order) -> str:
    return reverse("orders:pay", args=[order.number, order.token])


def test_an_order_is_paid_another_way_by_its_link(client: Client, order: Order) -> None:
    ShopSettings(bank_account="DE00").save()
    start_payment(order, method="demo")

    assert client.post(pay_page(order), {"method": "transfer"}).status_code == 302

    statuses = list(PaymentAttempt.objects.values_list("provider", "status"))
    assert statuses == [("demo", "abandoned"), ("transfer", "action_required")]
    assert DemoPayment.objects.get().status == "closed"
    assert client.post(pay_page(order), {"method": "demo"}).status_code == 302
    assert Order.objects.get().attempts.count() == 3


@pytest.mark.parametrize("method", ["nobody", "stripe", "pickup", "\0"])
def test_a_way_that_is_not_offered_is_none(client: Client, order: Order, method: str) -> None:
    assert client.post(pay_page(order), {"method": method}).status_code in {400, 404}
    assert not PaymentAttempt.objects.exists()


def test_a_wrong_link_pays_nothing(client: Client, order: Order) -> None:
    page = reverse("orders:pay", args=[order.number, "x" * 32])
    assert client.post(page, {"method": "demo"}).status_code == 404


def test_what_is_left_is_asked_for_after_a_part(order: Order) -> None:
    part = order.attempts.create(provider="transfer", amount=order.total, currency="EUR")
    settle(part, [Fact("part", EventKind.CAPTURED, Decimal("10.00"), "EUR")], source="bank")

    start_payment(Order.objects.get(), method="demo")

    assert DemoPayment.objects.get().amount == Decimal("19.90")
