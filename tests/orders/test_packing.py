"""Paper for those who pack: slips that name no price, and lists of what to fetch."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from catalog.models import StockItem, Variant
from orders.fulfilment import ship
from orders.models import Order
from orders.papers.packing import for_packing, pick_list
from orders.papers.packing_pdf import draw_pick_list
from orders.settlement import mark_paid
from tests.factories import UserFactory, VariantFactory
from tests.orders.conftest import FillCart, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def looker(client: Client) -> Client:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(user)
    return client


@pytest.fixture
def mug() -> Variant:
    return VariantFactory(product__name="Teller Größe L", sku="MUG-1", barcode="4006381333931")


@pytest.fixture
def order(mug: Variant, fill_cart: FillCart, place: Place) -> Order:
    """Three of one thing and one of another, a present, paid."""
    cart = fill_cart({mug: 3, VariantFactory(sku="BOWL"): 1})
    cart.write_card("Happy birthday, Ada!")
    order = place(cart, note="Ring twice")
    mark_paid(order, actor=None)
    return order


def text_of(response: Any) -> str:
    assert response["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(response.content)).pages
    return "\n".join(page.extract_text() for page in pages)


def slip(client: Client, *args: int) -> Any:
    return client.get(reverse("admin:orders_order_slip", args=args))


def printed(client: Client, action: str, *orders: Order) -> Any:
    data = {"action": action, "_selected_action": [each.pk for each in orders]}
    return client.post(reverse("admin:orders_order_changelist"), data)


def test_a_slip_tells_what_is_in_the_parcel_and_no_price(looker: Client, order: Order) -> None:
    text = text_of(slip(looker, order.pk))
    for words in ("Ada Lovelace", "12045", "Teller Größe L", "MUG-1", "4006381333931", "BOWL"):
        assert words in text
    assert "Happy birthday, Ada!" in text
    assert order.number in text
    assert "12.50" not in text
    assert "€" not in text


def test_the_slip_of_a_parcel_tells_of_that_parcel_alone(looker: Client, order: Order) -> None:
    first, _second = order.lines.all()
    sent = ship(order, {first.pk: 2}, actor=None, tracking_number="JJD000123")
    text = text_of(slip(looker, order.pk, sent.pk))
    assert ("JJD000123" in text, "MUG-1" in text, "BOWL" in text) == (True, True, False)
    left = text_of(slip(looker, order.pk))
    assert ("MUG-1" in left, "BOWL" in left) == (True, True)


def test_a_pick_list_sums_up_and_says_who_needs_how_many(
    looker: Client, order: Order, mug: Variant, fill_cart: FillCart, place: Place
) -> None:
    other = place(fill_cart({mug: 2, VariantFactory(sku="VASE"): 1}))
    mark_paid(other, actor=None)
    unpaid = place(fill_cart({mug: 1}))
    StockItem.objects.filter(variant__sku="VASE").update(place="A-01")
    StockItem.objects.filter(variant__sku="MUG-1").update(place="B-07")

    found = pick_list(for_packing(Order.objects.all()))

    assert [(pick.place, pick.line.sku, pick.quantity) for pick in found.picks] == [
        ("A-01", "VASE", 1),
        ("B-07", "MUG-1", 5),
        ("", "BOWL", 1),
    ]
    assert found.picks[1].needs == {order.number: 3, other.number: 2}
    assert found.left_out == [unpaid]
    text = text_of(printed(looker, "print_pick_list", order, other, unpaid))
    assert "B-07" in text
    assert f"3 × {order.number}" in text
    assert f"{unpaid.number}: waiting for payment" in text


def test_a_thing_that_very_many_need_takes_several_rows(
    order: Order, fill_cart: FillCart, place: Place
) -> None:
    """A row that is higher than a page cannot be drawn."""
    found = pick_list(for_packing(Order.objects.all()))
    found.picks[0].needs = {f"1{number:05}": 1 for number in range(70)}
    found.picks[1].line.name = "W" * 255
    found.picks[1].line.options = "W" * 500
    pages = PdfReader(BytesIO(draw_pick_list(found))).pages
    assert sum(page.extract_text().count("1 × 1000") for page in pages) == 70


def test_slips_are_printed_for_what_can_be_sent(
    looker: Client, order: Order, mug: Variant, fill_cart: FillCart, place: Place
) -> None:
    unpaid = place(fill_cart({mug: 1}))
    text = text_of(printed(looker, "print_packing_slips", order, unpaid))
    assert (order.number in text, unpaid.number in text) == (True, False)
    response = printed(looker, "print_packing_slips", unpaid)
    assert response.status_code == 302


def test_paper_is_for_who_may_see_orders(client: Client, order: Order) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert slip(client, order.pk).status_code == 403
    assert printed(client, "print_pick_list", order).status_code == 403


def test_a_parcel_of_another_order_is_not_found(
    looker: Client, order: Order, mug: Variant, fill_cart: FillCart, place: Place
) -> None:
    other = place(fill_cart({mug: 1}))
    mark_paid(other, actor=None)
    sent = ship(other, actor=None)
    assert slip(looker, order.pk, sent.pk).status_code == 404


def test_the_place_of_a_thing_is_typed_on_its_shelf(client: Client, mug: Variant) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse("admin:catalog_stockitem_change", args=[mug.stock.pk])
    data = {"is_tracked": "on", "backorder_limit": 0, "place": "C-02"}
    assert client.post(url, data).status_code == 302
    assert StockItem.objects.get(variant=mug).place == "C-02"
