"""Staff take down an order for a customer who rings: priced and placed by the same verbs."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cart.models import ShippingMethod
from catalog.models import StockItem, Variant
from orders.models import Order, OrderStatus, PaymentStatus, Tally
from shop.models import Mail, Page, ShopSettings
from tests.factories import CouponFactory, StaffFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db
URL = reverse("admin:orders_order_phone")

WISH = {
    "email": "ada@example.com", "goods_0": "MUG", "units_0": "2", "country": "DE",
    "name": "Ada Lovelace", "line1": "Weserstraße 18", "postcode": "12045", "city": "Berlin",
    "payment": "link", "note": "Ring twice",
}  # fmt: skip


@pytest.fixture
def staff(client: Client, parcel: ShippingMethod) -> Client:
    client.force_login(StaffFactory(email="boss@example.com"))
    return client


@pytest.fixture(autouse=True)
def mug(db: None) -> Variant:
    Page.objects.create(title="Terms", slug="terms", body="<p>One</p>", is_published=True)
    return VariantFactory(product__name="Mug", sku="MUG", stock=5)


def look(client: Client, **changes: Any) -> dict[str, Any]:
    """The form as the page gives it back, with the total that it shows."""
    wish = WISH | changes
    page = client.post(URL, wish)
    assert page.status_code == 200, page.text
    token = page.context["form"].data["token"]
    return wish | {"token": token, "place": "1", "agreed_total": page.context["quote"].total}


def test_an_order_is_seen_first_and_placed_then(staff: Client) -> None:
    assert staff.get(URL).status_code == 200
    seen = look(staff)
    assert (seen["agreed_total"], Order.objects.count()) == (Decimal("29.90"), 0)

    assert staff.post(URL, seen | {"told": "on"}).status_code == 302
    order = Order.objects.get()
    assert (order.total, order.status, order.email) == (
        Decimal("29.90"),
        OrderStatus.PENDING,
        "ada@example.com",
    )
    assert order.taken_by.email == "boss@example.com"
    assert order.events.get(kind="placed").actor == order.taken_by
    assert (order.customer, order.note) == (None, "Ring twice")
    assert (order.expires_at - timezone.now()).days >= 2
    assert StockItem.objects.get().allocated == 2
    words = Mail.objects.get(kind="order_confirmation").text
    assert "told us your order by phone" in words
    assert order.get_absolute_url() in words


def test_it_is_worked_out_again_before_it_is_placed(staff: Client) -> None:
    seen = look(staff) | {"told": "on", "units_0": "3"}
    page = staff.post(URL, seen | {"look": "1"})
    assert (page.status_code, page.context["quote"].total) == (200, Decimal("42.40"))
    assert not Order.objects.exists()


def test_what_the_customer_agreed_to_was_told_and_not_shown(staff: Client) -> None:
    seen = look(staff)
    response = staff.post(URL, seen)
    assert (response.status_code, Order.objects.count()) == (422, 0)
    assert "Tell the customer what they agree to" in response.text
    staff.post(URL, seen | {"told": "on"})
    consent = Order.objects.get().consents.get()
    assert (consent.wording.slug, consent.was_told) == ("terms", True)


def test_pressed_twice_it_is_placed_once(staff: Client) -> None:
    seen = look(staff) | {"told": "on"}
    assert staff.post(URL, seen).url == staff.post(URL, seen).url
    assert (Order.objects.count(), StockItem.objects.get().allocated) == (1, 2)


def test_money_that_is_there_already_confirms_it_at_once(staff: Client) -> None:
    seen = look(staff, payment="paid", paid_note="In cash")
    staff.post(URL, seen | {"told": "on"})
    order = Order.objects.get()
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert order.events.get(kind="note").reason == "In cash"
    assert "It is being packed." in Mail.objects.get(kind="order_confirmation").text


def test_it_can_wait_for_a_transfer(staff: Client) -> None:
    ShopSettings(bank_account="DE00 1234").save()
    staff.post(URL, look(staff, payment="transfer") | {"told": "on"})
    assert Order.objects.get().payment_method == "transfer"
    assert "Please transfer" in Mail.objects.get(kind="order_confirmation").text


def test_a_code_is_taken_off_and_counted(staff: Client) -> None:
    coupon = CouponFactory(code="TEN", percent=10)
    staff.post(URL, look(staff, code="ten") | {"told": "on"})
    order = Order.objects.get()
    assert (order.discount_total, order.coupon_code) == (Decimal("2.50"), "TEN")
    coupon.refresh_from_db()
    assert coupon.used_count == 1


def test_another_price_is_shown_again_before_it_is_placed(staff: Client) -> None:
    seen = look(staff) | {"told": "on"}
    Variant.objects.update(price=Decimal(13))
    response = staff.post(URL, seen)
    assert (response.status_code, Order.objects.count()) == (409, 0)
    assert response.context["quote"].total == Decimal("30.90")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"goods_0": ""}, "Write what is ordered."),
        ({"goods_0": "VASE"}, "Nothing that is sold is called so."),
        ({"units_0": "9"}, "Mug: Only 5 left."),
        ({"code": "NOPE"}, "We do not know the code NOPE."),
        ({"postcode": "1"}, "postcode"),
        ({"email": "ada"}, "e-mail"),
        ({"country": "XX"}, "Choose a country from the list."),
        ({"payment": "paid"}, "Write how it was paid."),
        ({"payment": "gold"}, "Select a valid choice"),
        ({"token": "forged", "units_0": "99999999999"}, "less than or equal"),
    ],
)
def test_what_cannot_be_taken_down_is_said(
    staff: Client, changes: dict[str, str], words: str
) -> None:
    response = staff.post(URL, WISH | changes | {"place": "1", "agreed_total": "29.90"})
    assert response.status_code == 422
    assert words in response.text
    assert not Order.objects.exists()


def test_what_is_sent_is_not_paid_at_the_counter(staff: Client, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = ["demo", "pickup"]
    response = staff.post(URL, WISH | {"payment": "pickup"})
    assert response.status_code == 422
    assert "Only what is picked up is paid when it is picked up." in response.text


def test_staff_who_take_down_many_orders_are_no_card_testers(staff: Client) -> None:
    staff.post(URL, look(staff) | {"told": "on"})
    assert Order.objects.get().machine == ""
    assert not Tally.objects.exists()


def test_it_needs_a_permission_of_its_own(client: Client) -> None:
    user = UserFactory(is_staff=True)
    for name in ("view_order", "change_order"):
        user.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(user)
    assert client.get(URL).status_code == 403
    listed = reverse("admin:orders_order_changelist")
    assert "Take down an order" not in client.get(listed).text
    user.user_permissions.add(Permission.objects.get(codename="add_order"))
    assert client.get(URL).status_code == 200
    assert "Take down an order" in client.get(listed).text


def test_who_may_not_book_money_cannot_say_that_it_is_there(
    client: Client, parcel: ShippingMethod
) -> None:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_order"))
    client.force_login(user)
    seen = look(client) | {"told": "on", "payment": "paid", "paid_note": "In cash"}
    assert client.post(URL, seen).status_code == 422
    assert not Order.objects.exists()
    assert "It is paid already" not in client.get(URL).text
