"""An order's page: for whoever holds the secret link, and for the customer it belongs to. Nobody else."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cart.models import ShippingMethod
from catalog.context_processors import forget_navigation
from orders.cancellation import cancel
from orders.expiry import expire
from orders.fulfilment import deliver, ship
from orders.models import Order, OrderStatus
from orders.paying import ask_provider
from orders.progress import status_of, timeline
from shop.models import ShopSettings
from tests.factories import TaxRateFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, PayAt, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fill_cart: FillCart, place: Place) -> Order:
    mug = VariantFactory(price=Decimal("20.00"))
    return place(fill_cart({mug: 2}), customer=UserFactory(email="ada@example.com"))


def link(order: Order) -> str:
    return reverse("orders:guest_order", args=[order.number, order.token])


def page_of(client: Client, order: Order) -> str:
    response = client.get(link(order))
    assert response.status_code == 200
    return response.content.decode()


def test_the_secret_link_shows_the_order_and_stays_secret(client: Client, order: Order) -> None:
    response = client.get(link(order))
    page = response.content.decode()

    assert f"Order {order.number} waits for your payment" in page
    assert "€44.90" in page
    assert "Weserstraße 18<br>12045 Berlin<br>Germany" in page
    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert order.token not in page.split("<body>")[0]


@pytest.mark.parametrize("token", ["x", "A" * 32, "%00", "é" * 10, "x" * 5000])
def test_without_the_right_link_there_is_no_order(client: Client, order: Order, token: str) -> None:
    response = client.get(f"/orders/{order.number}/{token}/")
    assert response.status_code in {400, 404}
    for act in ["cancellation", "payment"]:
        assert client.post(f"/orders/{order.number}/{token}/{act}/").status_code in {400, 404}
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_a_link_opens_its_own_order_only(
    client: Client, order: Order, fill_cart: FillCart, place: Place
) -> None:
    other = place(fill_cart({VariantFactory(): 1}))
    swapped = reverse("orders:guest_order", args=[other.number, order.token])
    assert client.get(swapped).status_code == 404


def test_a_customer_sees_the_order_under_the_account_and_a_stranger_404(
    client: Client, order: Order
) -> None:
    address = reverse("orders:order", args=[order.number])
    assert client.get(address)["Location"].startswith(reverse("account_login"))

    client.force_login(UserFactory())
    assert client.get(address).status_code == 404

    client.force_login(order.customer)
    assert client.get(address).status_code == 200


def test_a_customer_finds_back_to_all_orders_and_nobody_else_is_told_of_them(
    client: Client, order: Order
) -> None:
    way_back = f'<a href="{reverse("orders:history")}">Your orders</a>'
    assert way_back not in page_of(client, order)

    client.force_login(UserFactory())
    assert way_back not in page_of(client, order)

    client.force_login(order.customer)
    assert way_back in page_of(client, order)
    assert way_back in client.get(reverse("orders:order", args=[order.number])).text


def test_while_it_can_be_paid_the_page_offers_to(client: Client, order: Order) -> None:
    assert "Pay €44.90" in page_of(client, order)
    paying = client.post(reverse("orders:pay", args=[order.number, order.token]))
    assert paying["Location"] == order.attempts.get().redirect_url


def test_a_declined_payment_is_told_and_can_be_tried_again(
    client: Client, order: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(order, "decline"), source="return")
    page = page_of(client, order)
    assert f"Order {order.number} is not paid yet" in page
    assert "The card was declined." in page
    assert "Pay €44.90" in page


def test_a_payment_that_is_not_known_yet_is_waited_for(
    client: Client, order: Order, pay_at: PayAt
) -> None:
    pay_at(order, "pay_late")
    page = client.get(link(order) + "?paid").content.decode()
    assert "We are confirming your payment" in page
    assert 'data-hx-trigger="load delay:3s"' in page

    hx = {"HX-Request": "true", "HX-Request-Type": "partial"}
    again = client.get(link(order) + "?paid&look=1", headers=hx)
    assert again.content.decode().strip().startswith('<div class="row" id="waiting"')
    assert "look=2" in again.content.decode()

    last = client.get(link(order) + "?paid&look=39", headers=hx)
    assert last["HX-Retarget"] == "#order"
    assert "Pay €44.90" in last.content.decode()


@pytest.mark.parametrize("look", ["", "-1", "abc", "9" * 5000, "1e3", "%00"])
def test_a_count_that_nobody_gave_harms_nothing(client: Client, order: Order, look: str) -> None:
    assert client.get(f"{link(order)}?paid&look={look}").status_code in {200, 400}


def test_a_paid_order_says_thank_you(client: Client, order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    page = page_of(client, order)
    assert f"Thank you, Ada. Order {order.number} is confirmed" in page
    assert "Paid, €44.90" in page
    assert "Pay €44.90" not in page


def test_a_transfer_is_told_with_its_reference(
    client: Client, fill_cart: FillCart, place: Place
) -> None:
    order = place(fill_cart({VariantFactory(): 1}), payment_method="transfer")
    page = page_of(client, order)
    assert f"Order {order.number} waits for your transfer" in page
    assert f"<dt>Reference</dt><dd>{order.number}</dd>" in page


def test_an_order_can_be_cancelled_while_nothing_was_sent(client: Client, order: Order) -> None:
    response = client.post(reverse("orders:cancel", args=[order.number, order.token]), follow=True)
    page = response.content.decode()
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert f"Order {order.number} is cancelled" in page
    assert "Nothing was charged, and nothing will be sent." in page
    assert "Cancel the order" not in page


def test_what_was_sent_cannot_be_cancelled(client: Client, order: Order, pay_at: PayAt) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    ship(order, actor=None)
    response = client.post(reverse("orders:cancel", args=[order.number, order.token]), follow=True)
    order.refresh_from_db()
    assert order.status == OrderStatus.CONFIRMED
    assert "cannot be cancelled any more" in response.content.decode()


def test_parcels_can_be_followed_and_no_link_runs_a_script(
    client: Client, order: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    line = order.lines.get()
    url = "https://parcels.example/?n=1"
    ship(order, {line.pk: 1}, actor=None, carrier="DHL", tracking_number="A1", tracking_url=url)
    ship(order, {line.pk: 1}, actor=None, tracking_number="B2", tracking_url="javascript:alert(1)")
    page = page_of(client, order)
    assert 'href="https://parcels.example/?n=1"' in page
    assert "javascript:" not in page
    assert "B2" in page


def steps(order: Order) -> list[tuple[str, str]]:
    fresh = Order.objects.get(pk=order.pk)
    return [(step.name, step.state) for step in timeline(fresh)]


def test_the_way_of_an_order_is_told_step_by_step(order: Order, pay_at: PayAt) -> None:
    ahead = [("Being packed", "todo"), ("On its way", "todo"), ("Delivered", "todo")]
    assert steps(order) == [("Ordered", "done"), ("Waiting for payment", "now"), *ahead]

    ask_provider(pay_at(order, "pay"), source="return")
    paid = [("Ordered", "done"), ("Paid", "done")]
    ahead = [("On its way", "todo"), ("Delivered", "todo")]
    assert steps(order) == [*paid, ("Being packed", "now"), *ahead]

    line = order.lines.get()
    first = ship(order, {line.pk: 1}, actor=None)
    packed = [*paid, ("Being packed", "done")]
    assert steps(order) == [*packed, ("Partly on its way", "now"), ("Delivered", "todo")]

    second = ship(order, actor=None)
    assert steps(order) == [*packed, ("On its way", "now"), ("Delivered", "todo")]

    deliver(first, actor=None)
    deliver(second, actor=None)
    assert steps(order) == [*packed, ("On its way", "done"), ("Delivered", "done")]
    assert status_of(Order.objects.get(pk=order.pk)).words == "Delivered"


def test_an_order_that_came_to_nothing_says_so(order: Order, pay_at: PayAt) -> None:
    Order.objects.update(expires_at="2020-01-01T00:00Z")
    expire(Order.objects.get(pk=order.pk))
    assert steps(order) == [("Ordered", "done"), ("Expired", "now")]


def test_a_cancelled_order_that_was_paid_promises_the_money(
    client: Client, order: Order, pay_at: PayAt
) -> None:
    ask_provider(pay_at(order, "pay"), source="return")
    cancel(order)
    assert steps(order) == [("Ordered", "done"), ("Paid", "done"), ("Cancelled", "now")]
    assert "money" in page_of(client, order)


def queries_of(client: Client, address: str) -> int:
    """How often a process that remembers nothing asks the database for a page."""
    ShopSettings.forget()
    forget_navigation()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_page_asks_as_often_for_many_lines_as_for_one(
    client: Client, fill_cart: FillCart, place: Place
) -> None:
    one = place(fill_cart({VariantFactory(): 1}))
    many = place(fill_cart({VariantFactory(): 1 for _ in range(6)}))
    assert queries_of(client, link(one)) == queries_of(client, link(many)) <= 12


def test_the_history_lists_a_customers_own_orders(
    client: Client, order: Order, fill_cart: FillCart, place: Place
) -> None:
    other = place(fill_cart({VariantFactory(): 1}), customer=UserFactory())
    client.force_login(order.customer)
    page = client.get(reverse("orders:history")).content.decode()
    assert f"Order {order.number}" in page
    assert f"Order {other.number}" not in page


@pytest.mark.parametrize("page", ["", "0", "-1", "abc", "9" * 30, "9" * 5000])
def test_the_history_turns_its_pages_whatever_is_asked(
    client: Client, order: Order, page: str
) -> None:
    client.force_login(order.customer)
    assert client.get(reverse("orders:history"), {"page": page}).status_code == 200


def test_the_history_asks_little_however_long_it_is(
    client: Client, order: Order, fill_cart: FillCart, place: Place
) -> None:
    client.force_login(order.customer)
    address = reverse("orders:history")
    short = queries_of(client, address)
    for _ in range(12):
        place(fill_cart({VariantFactory(): 1, VariantFactory(): 1}), customer=order.customer)
    assert queries_of(client, address) == short <= 10
    assert 'href="?page=2"' in client.get(address).content.decode()


def test_the_demo_payment_page_says_that_no_money_moves(
    client: Client, order: Order, parcel: ShippingMethod
) -> None:
    client.post(reverse("orders:pay", args=[order.number, order.token]))
    address: Any = order.attempts.get().redirect_url
    page = client.get(address).content.decode()
    assert "No money moves" in page
    for outcome in ["pay", "decline", "pay_late", "pay_twice", "pay_silent"]:
        assert f'name="outcome" value="{outcome}"' in page
    assert client.post(address, {"outcome": "steal"}).status_code == 422


def test_a_tax_is_called_what_it_was_called_when_the_order_was_placed(
    client: Client, fill_cart: FillCart, place: Place
) -> None:
    rate = TaxRateFactory(name="MwSt.")
    order = place(fill_cart({VariantFactory(price=Decimal("20.00")): 1}))
    rate.name = "VAT"
    rate.save()

    assert f"With €{order.tax_total} MwSt." in page_of(client, order)


def test_a_printed_order_says_who_sold_it(client: Client, order: Order) -> None:
    ShopSettings(legal_name="Tables and Chairs Ltd", address="1 High Street\nLeeds").save()

    assert "<b>Tables and Chairs Ltd</b><br>1 High Street<br>Leeds" in page_of(client, order)
