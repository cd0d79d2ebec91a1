"""Staff receive goods and correct counts; nobody types a count over another."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import MovementKind, StockItem, StockMovement, Variant
from orders.models import Order
from shop.models import ShopSettings
from tests.factories import StaffFactory, UserFactory, VariantFactory
from tests.ordering import order_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


@pytest.fixture
def mug() -> Variant:
    return VariantFactory(product__name="Mug", stock=5)


def address(variant: Variant) -> str:
    return reverse("admin:catalog_stockitem_count", args=[variant.stock.pk])


def write_down(
    client: Client, variant: Variant, deed: str, quantity: Any, reason: str = "", **given: Any
) -> Any:
    data = {"deed": deed, "quantity": quantity, "reason": reason, "key": str(uuid.uuid4())} | given
    return client.post(address(variant), data)


def count(variant: Variant) -> tuple[int, int, int]:
    return StockItem.objects.values_list("on_hand", "allocated", "backorder_limit").get(
        variant=variant
    )


def test_goods_that_arrive_are_on_hand_and_say_who_received_them(
    staff: Client, mug: Variant
) -> None:
    assert write_down(staff, mug, "receive", 7, "Delivery note 12").status_code == 302
    assert count(mug) == (12, 0, 0)
    movement = StockMovement.objects.first()
    assert (movement.kind, movement.delta_on_hand, movement.reason) == (
        MovementKind.RECEIVE,
        7,
        "Delivery note 12",
    )
    assert movement.actor.email == "boss@example.com"
    assert movement.cause.startswith("staff:")


def test_a_count_is_corrected_by_a_difference_with_a_reason(staff: Client, mug: Variant) -> None:
    assert write_down(staff, mug, "adjust", -2, "Two broken").status_code == 302
    assert count(mug) == (3, 0, 0)


def test_a_sold_out_product_can_be_bought_again_when_goods_arrive(staff: Client) -> None:
    mug = VariantFactory(stock=0)
    write_down(staff, mug, "receive", 1)
    mug.product.refresh_from_db()
    assert mug.product.is_available


def test_a_correction_needs_a_reason(staff: Client, mug: Variant) -> None:
    response = write_down(staff, mug, "adjust", -2, "  ")
    assert response.status_code == 422
    assert "Say why the count changes." in response.text
    assert count(mug) == (5, 0, 0)


@pytest.mark.parametrize(
    ("deed", "quantity"),
    [("receive", "0"), ("receive", "-1"), ("adjust", "0"), ("adjust", "abc"), ("adjust", ""), ("adjust", "1e9"),
     ("receive", "10000000000"), ("steal", "1")],
)  # fmt: skip
def test_what_is_no_count_changes_nothing(
    staff: Client, mug: Variant, deed: str, quantity: str
) -> None:
    assert write_down(staff, mug, deed, quantity, "Why").status_code == 422
    assert count(mug) == (5, 0, 0)
    assert StockMovement.objects.count() == 1


def test_there_is_no_less_than_nothing(staff: Client, mug: Variant) -> None:
    response = write_down(staff, mug, "adjust", -6, "Stolen")
    assert response.status_code == 422
    assert "There are only 5 on the shelf." in response.text


def test_sending_the_form_twice_counts_once(staff: Client, mug: Variant) -> None:
    key = re.search('name="key" value="([^"]+)"', staff.get(address(mug)).text)[1]
    for _time in range(2):
        assert write_down(staff, mug, "receive", 7, key=key).status_code == 302
    assert count(mug) == (12, 0, 0)


@pytest.fixture
def order(mug: Variant) -> Order:
    """An order that holds four of the five."""
    return order_of({mug: 4})


def test_fewer_than_promised_are_refused_naming_the_order(
    staff: Client, mug: Variant, order: Order
) -> None:
    response = write_down(staff, mug, "adjust", -2, "Broken")
    assert response.status_code == 422
    assert f"Only 3 would be left, and 4 are promised: {order.number} (4)." in response.text
    assert count(mug) == (5, 4, 0)


def test_the_shortage_may_be_sent_when_it_has_arrived(
    staff: Client, mug: Variant, order: Order
) -> None:
    assert write_down(staff, mug, "adjust", -2, "Broken", may_backorder="on").status_code == 302
    assert count(mug) == (3, 4, 1)


def test_the_page_shows_what_is_promised_and_every_movement(
    staff: Client, mug: Variant, order: Order
) -> None:
    page = staff.get(reverse("admin:catalog_stockitem_change", args=[mug.stock.pk])).text
    assert f">{order.number}</a>:\n          4" in page
    assert "promised to an order" in page
    assert "+5" in page


def test_a_limit_that_breaks_a_promise_is_told_plainly(
    staff: Client, mug: Variant, order: Order
) -> None:
    StockItem.objects.filter(variant=mug).update(backorder_limit=3)
    write_down(staff, mug, "adjust", -2, "Broken")
    assert count(mug) == (3, 4, 3)
    page = reverse("admin:catalog_stockitem_change", args=[mug.stock.pk])
    response = staff.post(page, {"is_tracked": "on", "backorder_limit": "0"})
    assert "4 are promised and 3 on the shelf, so at least 1." in response.text
    assert count(mug) == (3, 4, 3)
    assert staff.post(page, {"is_tracked": "on", "backorder_limit": "1"}).status_code == 302
    assert count(mug) == (3, 4, 1)


def test_the_settings_of_a_shelf_never_write_its_counts(staff: Client, mug: Variant) -> None:
    page = reverse("admin:catalog_stockitem_change", args=[mug.stock.pk])
    data = {"is_tracked": "on", "backorder_limit": "2", "on_hand": "99", "allocated": "1"}
    assert staff.post(page, data).status_code == 302
    assert count(mug) == (5, 0, 2)


def test_shelves_are_listed_by_supply(staff: Client, mug: Variant) -> None:
    VariantFactory(product__name="Bowl", stock=0)
    VariantFactory(product__name="Plate", stock=500)
    for supply, names in {"out": ["Bowl"], "low": ["Mug"], "backordered": []}.items():
        found = staff.get("/admin/catalog/stockitem/", {"supply": supply}).context["cl"].result_list
        assert [each.variant.product.name for each in found] == names


def test_who_may_only_look_changes_no_count(client: Client, mug: Variant) -> None:
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_stockitem"))
    client.force_login(looker)
    page = client.get(reverse("admin:catalog_stockitem_change", args=[mug.stock.pk]))
    assert page.status_code == 200
    assert "Change the count" not in page.text
    assert client.get(address(mug)).status_code == 403
    assert write_down(client, mug, "receive", 7).status_code == 403
    assert count(mug) == (5, 0, 0)


def test_the_list_asks_as_often_for_fifty_as_for_five(
    staff: Client, django_assert_num_queries: Any
) -> None:
    def look() -> None:
        ShopSettings.forget()
        staff.get("/admin/catalog/stockitem/")

    VariantFactory.create_batch(5)
    look()
    with CaptureQueriesContext(connection) as few:
        look()
    VariantFactory.create_batch(40)
    with django_assert_num_queries(len(few)):
        look()
