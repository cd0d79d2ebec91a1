"""Staff change orders on their pages: seen before it is done, and refused in words."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.models import Variant
from orders.editing.lines import edit_lines, preview
from orders.editing.sums import Changes
from orders.fulfilment import ship
from orders.ledger import left_to_pay
from orders.models import Order
from orders.settlement import mark_paid
from tests.factories import ProductFactory, StaffFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    mug = VariantFactory(product__name="Mug", sku="MUG")
    VariantFactory(product__name="Blue bowl", sku="BOWL", price=Decimal(20))
    order = place(fill_cart({mug: 2}))
    return mark_paid(order, actor=None)


def lines(client: Client, order: Order, **data: Any) -> Any:
    url = reverse("admin:orders_order_lines", args=[order.pk])
    return client.post(url, data) if data else client.get(url)


def test_the_new_total_is_seen_before_it_is_confirmed(staff: Client, order: Order) -> None:
    page = lines(staff, order)
    assert page.status_code == 200
    left = {f"left_{order.lines.get().pk}": 1, "goods_0": "blue bo", "units_0": 2, "reason": "Rang"}
    looked = lines(staff, order, **left)
    assert looked.status_code == 200
    assert "€27.50 are left to pay." in looked.text
    assert Order.objects.get().revision == 0

    edit = looked.context["edit"]
    agreed = {"agreed_total": edit.total, "agreed_balance": edit.balance}
    assert lines(staff, order, **left, **agreed).status_code == 302
    changed = Order.objects.get()
    assert (changed.total, changed.revision) == (Decimal("57.40"), 1)
    assert changed.events.get(kind="edited").actor.email == "boss@example.com"
    page = staff.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert "Changed by staff: €29.90 → €57.40" in page.text
    assert "Send all that is left" not in page.text
    queues = {
        name: staff.get(reverse("admin:orders_order_changelist"), {"queue": name})
        for name in ("send", "unpaid")
    }
    assert [order.number in page.text for page in queues.values()] == [False, True]


def test_the_customer_sees_what_is_left_and_that_a_part_is_paid(
    client: Client, order: Order, pay_at: PayAt
) -> None:
    bowl = Variant.objects.get(sku="BOWL")
    changes = Changes({}, {bowl.pk: 1})
    agreed = preview(order, changes).agreed
    edit_lines(order, changes, agreed=agreed, actor=None, reason="Rang")
    shown = client.get(order.get_absolute_url()).text
    assert "<dt>Left to pay</dt><dd>€20.00</dd>" in shown
    assert "Paid in part" in shown

    pay_at(Order.objects.get(), "pay_late")
    assert "We are confirming your payment" in client.get(f"{order.get_absolute_url()}?paid").text


def test_sums_that_are_out_of_date_are_shown_again(staff: Client, order: Order) -> None:
    wanted = {"goods_0": "BOWL", "reason": "Rang", f"left_{order.lines.get().pk}": 2}
    Variant.objects.filter(sku="BOWL").update(price=Decimal(21))
    response = lines(staff, order, **wanted, agreed_total="49.90", agreed_balance="20.00")
    assert response.status_code == 409
    assert response.context["edit"].total == Decimal("50.90")
    assert Order.objects.get().revision == 0


def test_what_a_colleague_has_added_meanwhile_stays(staff: Client, order: Order) -> None:
    mine = {f"left_{order.lines.get().pk}": 1, "reason": "Rang"}
    seen = lines(staff, order, **mine).context["edit"]
    theirs = Changes(added={Variant.objects.get(sku="BOWL").pk: 1})
    edit_lines(order, theirs, agreed=preview(order, theirs).agreed, actor=None, reason="Wrote")

    agreed = {"agreed_total": seen.total, "agreed_balance": seen.balance}
    response = lines(staff, order, **mine, **agreed)

    assert response.status_code == 409
    assert response.context["edit"].total == Decimal("37.40")
    assert order.lines.filter(sku="BOWL").exists()
    field = response.context["form"][f"left_{order.lines.get(sku='BOWL').pk}"]
    assert field.value() == 1  # Pressed once more, it still stays.


def test_what_is_written_down_as_paid_is_what_was_seen(staff: Client, order: Order) -> None:
    added = Changes(added={Variant.objects.get(sku="BOWL").pk: 1})
    edit_lines(order, added, agreed=preview(order, added).agreed, actor=None, reason="Rang")
    page = reverse("admin:orders_order_payment", args=[order.pk])
    assert 'name="waits_for" value="20.00"' in staff.get(page).text

    edit_lines(order, added, agreed=preview(order, added).agreed, actor=None, reason="Rang")
    refused = staff.post(page, {"waits_for": "20.00"})

    assert (refused.status_code, left_to_pay(Order.objects.get())) == (422, Decimal("40.00"))
    assert "waits for another sum by now" in refused.text
    assert 'name="waits_for" value="40.00"' in refused.text
    assert staff.post(page, {"waits_for": "x"}).status_code == 422
    assert staff.post(page, {"waits_for": "40.00"}).status_code == 302
    assert left_to_pay(Order.objects.get()) == 0


@pytest.mark.parametrize(
    ("goods", "units", "words"),
    [
        ("NOTHING", "1", "Nothing that is sold is called so."),
        ("Cup", "1", "Several are: Cup (CUP-1); Cup (CUP-2). Write the SKU."),
        ("MUG", "0", "greater than or equal to 1"),
        ("BOWL", "11", "There is not so much of Blue bowl on the shelf."),
    ],
)
def test_what_cannot_be_added_is_said(
    staff: Client, order: Order, goods: str, units: str, words: str
) -> None:
    VariantFactory(product=ProductFactory(name="Cup", slug="cup"), sku="CUP-1")
    VariantFactory(product=ProductFactory(name="Cup", slug="cup-2"), sku="CUP-2")
    wanted = {"goods_0": goods, "units_0": units, "reason": "x", f"left_{order.lines.get().pk}": 2}
    response = lines(staff, order, **wanted, agreed_total="249.90", agreed_balance="220.00")
    assert response.status_code == 422
    assert words in response.text
    assert Order.objects.get().revision == 0


def test_an_order_that_is_sent_is_not_changed(staff: Client, order: Order) -> None:
    ship(order, actor=None)
    response = lines(staff, order)
    assert "still to be sent" in response.text
    page = staff.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert "Change the goods" not in page.text


def test_an_address_is_typed_in_the_fields_of_its_country(staff: Client, order: Order) -> None:
    url = reverse("admin:orders_order_delivery_address", args=[order.pk])
    form = staff.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    wrong = staff.post(url, data | {"postcode": "12"})
    assert (wrong.status_code, Order.objects.get().revision) == (422, 0)
    assert staff.post(url, data | {"line1": "Sonnenallee 1"}).status_code == 302
    assert {each.line1 for each in order.addresses.all()} == {"Sonnenallee 1"}


@pytest.mark.parametrize("noun", ["lines", "delivery_address", "billing_address"])
def test_who_may_only_look_changes_nothing(client: Client, order: Order, noun: str) -> None:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(user)
    url = reverse(f"admin:orders_order_{noun}", args=[order.pk])
    assert client.get(url).status_code == 403
    assert client.post(url, {"reason": "x"}).status_code == 403
