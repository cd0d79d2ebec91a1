"""The things of an order once more: what can be had goes into the cart, and the rest is told."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cart.models import Cart, CartLine
from catalog.models import Product, ProductStatus, StockItem, Variant
from orders.models import Order, OrderStatus
from shop.models import ShopSettings
from tests.factories import ProductFactory, UserFactory, VariantFactory
from tests.ordering import order_of
from tests.racing import race

pytestmark = pytest.mark.django_db

SAME = {"Sec-Fetch-Site": "same-origin"}


def again(order: Order, client: Client) -> Any:
    return client.post(reverse("orders:reorder", args=[order.number, order.token]), follow=True)


def held(client: Client) -> dict[Variant, int]:
    lines = CartLine.objects.filter(cart=client.session["cart"]).select_related("variant")
    return {line.variant: line.quantity for line in lines}


def stock(variant: Variant, on_hand: int) -> None:
    StockItem.objects.filter(variant=variant).update(on_hand=on_hand, allocated=0)


def put(client: Client, variant: Variant, quantity: int) -> None:
    client.post("/cart/lines/", {"variant": variant.pk, "quantity": quantity}, headers=SAME)


def test_the_same_things_are_in_the_cart_at_todays_prices(client: Client) -> None:
    mug, bowl = VariantFactory(stock=20), VariantFactory()
    order = order_of({mug: 3, bowl: 1})
    Variant.objects.filter(pk=mug.pk).update(price=Decimal("15.00"))

    page = again(order, client)

    assert held(client) == {mug: 3, bowl: 1}
    assert CartLine.objects.get(variant=mug, cart__state="open").seen_price == Decimal("15.00")
    assert page.redirect_chain == [("/cart/", 303)]
    assert (
        f"4 things of order {order.number} are in your cart, at today&#x27;s prices." in page.text
    )
    assert "€57.50" in page.text


def test_a_second_click_changes_nothing(client: Client) -> None:
    mug = VariantFactory(stock=20)
    order = order_of({mug: 3})
    first = again(order, client)
    second = again(order, client)
    assert held(client) == {mug: 3}
    assert f"3 things of order {order.number} are in your cart" in first.text
    assert f"3 things of order {order.number} are in your cart" in second.text


def test_the_cart_that_is_there_is_kept_and_filled_up(client: Client) -> None:
    mug, bowl, jug = VariantFactory(stock=20), VariantFactory(stock=20), VariantFactory()
    put(client, mug, 5)
    put(client, bowl, 1)
    put(client, jug, 2)

    again(order_of({mug: 2, bowl: 3}), client)

    assert held(client) == {mug: 5, bowl: 3, jug: 2}


def test_what_cannot_be_had_is_told_with_the_reason(client: Client) -> None:
    gone, sold_out, few, fine = (VariantFactory(stock=9) for _thing in range(4))
    order = order_of({gone: 1, sold_out: 2, few: 3, fine: 1})
    Product.objects.filter(pk=gone.product_id).update(status=ProductStatus.ARCHIVED)
    stock(sold_out, 0)
    stock(few, 2)

    page = again(order, client)

    assert held(client) == {few: 2, fine: 1}
    assert f"3 things of order {order.number}" in page.text
    assert f"{gone.product.name}: we no longer sell this." in page.text
    assert f"{sold_out.product.name}: sold out." in page.text
    assert f"{few.product.name}: only 2 of 3, no more are left." in page.text
    assert f"{fine.product.name}:" not in page.text


def test_where_nothing_can_be_had_one_stays_at_the_order(client: Client) -> None:
    mug = VariantFactory(stock=9)
    order = order_of({mug: 2})
    stock(mug, 0)
    page = again(order, client)
    assert page.redirect_chain == [(order.get_absolute_url(), 303)]
    assert "Nothing of this order can be bought now." in page.text
    assert f"{mug.product.name}: sold out." in page.text


def test_the_limit_for_a_customer_counts_what_they_have_had(client: Client) -> None:
    product = ProductFactory()
    sage = VariantFactory(product=product, options_key="sage")
    clay = VariantFactory(product=product, options_key="clay")
    order = order_of({sage: 2, clay: 1})
    Product.objects.filter(pk=product.pk).update(max_per_customer=5)

    page = again(order, client)

    assert held(client) == {sage: 2}
    assert f"{product.name}: 0 of 1, as we sell 5 to a customer in all." in page.text


def test_somebody_elses_orders_count_for_whoever_is_signed_in(client: Client) -> None:
    mug = VariantFactory()
    order = order_of({mug: 2})
    Product.objects.update(max_per_customer=2)
    client.force_login(UserFactory())
    again(order, client)
    assert held(client) == {mug: 2}


def test_what_was_given_as_a_present_is_not_bought(client: Client) -> None:
    mug, gift = VariantFactory(), VariantFactory()
    order = order_of({mug: 1})
    line = order.lines.get()
    line.pk, line.variant, line.is_gift = None, gift, True
    line.save()
    again(order, client)
    assert held(client) == {mug: 1}


def test_it_is_offered_on_the_order_and_in_the_account_unless_it_waits_for_money(
    client: Client,
) -> None:
    ada: User = UserFactory()  # type: ignore[assignment]
    order = order_of({VariantFactory(): 1}, customer=ada)
    client.force_login(ada)
    button = f'action="{reverse("orders:reorder", args=[order.number, order.token])}"'
    pages = [order.get_absolute_url(), "/account/orders/", "/account/"]
    assert not any(button in client.get(page).text for page in pages)
    Order.objects.update(status=OrderStatus.EXPIRED)
    assert all(button in client.get(page).text for page in pages)


def test_the_form_keeps_its_token_and_a_closed_shop_sells_nothing() -> None:
    order = order_of({VariantFactory(): 1})
    path = reverse("orders:reorder", args=[order.number, order.token])
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert Client().get(path).status_code == 405
    ShopSettings(is_open=False).save()
    assert Client().post(path).status_code == 503
    assert not Cart.objects.filter(state="open").exists()


def test_the_work_does_not_grow_with_the_order(django_assert_max_num_queries: Any) -> None:
    order = order_of({VariantFactory(): 1 for _thing in range(12)})
    cart = Cart.objects.create()
    from orders.reordering import reorder

    with django_assert_max_num_queries(10):
        reorder(order, cart, customer=None)
    assert cart.count == 12


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_fill_the_cart_once() -> None:
    """Seen to fail, with twice as many in the cart, where what is wanted is added to what is held."""
    from orders.reordering import reorder

    mug = VariantFactory(stock=50)
    order = order_of({mug: 3})
    cart = Cart.objects.create()
    outcomes = race([lambda: reorder(order, Cart.objects.get(pk=cart.pk), customer=None)] * 6)
    assert {outcome.count for outcome in outcomes} == {3}
    assert cart.lines.get().quantity == 3
