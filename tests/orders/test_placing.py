"""A cart becomes an order: all of it or nothing."""

import uuid
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from cart.models import CartState, ShippingMethod, ShippingZone
from catalog.models import OutOfStock, StockMovement
from orders.checkout import CheckoutRefused, CouponRefused, EmptyCart, PriceChanged
from orders.models import Order, OrderStatus, PaymentStatus, PromotionUse
from shop.models import Mail
from tests.factories import CouponFactory, VariantFactory
from tests.orders.conftest import FillCart, Place

pytestmark = pytest.mark.django_db


def test_an_order_promises_the_goods_and_keeps_the_price(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(price=Decimal("12.50"), stock=5)

    order = place(fill_cart({mug: 2}))

    mug.price = Decimal("99.00")
    mug.save()
    mug.stock.refresh_from_db()
    line = order.lines.get()
    assert (line.unit_price, line.quantity, line.total) == (Decimal("12.50"), 2, Decimal("25.00"))
    assert (order.subtotal, order.shipping_total, order.total) == (
        Decimal("25.00"),
        Decimal("4.90"),
        Decimal("29.90"),
    )
    assert (mug.stock.on_hand, mug.stock.allocated) == (5, 2)
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, PaymentStatus.PENDING)


def test_an_order_writes_its_history_its_addresses_and_one_mail(
    fill_cart: FillCart, place: Place
) -> None:
    order = place(fill_cart({VariantFactory(stock=1): 1}))

    assert [(event.seq, event.kind, event.to_status) for event in order.events.all()] == [
        (1, "placed", "pending")
    ]
    assert {(address.kind, address.city) for address in order.addresses.all()} == {
        ("shipping", "Berlin"),
        ("billing", "Berlin"),
    }
    assert Mail.objects.get().dedupe_key == f"order:{order.number}:order_confirmation"
    assert Mail.objects.get().to == "ada@example.com"


def test_an_order_that_cannot_be_filled_takes_nothing(fill_cart: FillCart, place: Place) -> None:
    mug, bowl = VariantFactory(stock=5), VariantFactory(stock=1)
    cart = fill_cart({mug: 2, bowl: 2})

    with pytest.raises(OutOfStock) as refusal:
        place(cart)

    mug.stock.refresh_from_db()
    cart.refresh_from_db()
    assert refusal.value.variant_id == bowl.pk
    assert mug.stock.allocated == 0
    assert not Order.objects.exists()
    assert not Mail.objects.exists()
    assert not StockMovement.objects.filter(kind="allocate").exists()
    assert cart.state == CartState.OPEN


def test_nobody_pays_a_total_they_have_not_seen(fill_cart: FillCart, place: Place) -> None:
    cart = fill_cart({VariantFactory(price=Decimal("12.50"), stock=5): 1})

    with pytest.raises(PriceChanged) as refusal:
        place(cart, agreed_total=Decimal("10.00"))

    assert refusal.value.quote.total == Decimal("17.40")
    assert not Order.objects.exists()


def test_placing_a_cart_again_returns_the_order_it_became(
    fill_cart: FillCart, place: Place
) -> None:
    mug = VariantFactory(stock=5)
    cart = fill_cart({mug: 2})
    first = place(cart)

    again = place(cart, agreed_total=first.total)

    mug.stock.refresh_from_db()
    assert again == first
    assert mug.stock.allocated == 2
    assert Mail.objects.count() == 1


def test_the_key_of_another_cart_opens_no_order(fill_cart: FillCart, place: Place) -> None:
    mug = VariantFactory(stock=5)
    key = uuid.uuid4()
    place(fill_cart({mug: 1}), key=key)

    with pytest.raises(CheckoutRefused):
        place(fill_cart({mug: 1}), key=key)

    assert Order.objects.count() == 1


def test_an_empty_cart_is_no_order(fill_cart: FillCart, place: Place) -> None:
    with pytest.raises(EmptyCart):
        place(fill_cart({}))


def test_what_has_to_be_sent_needs_a_way_to_send_it(fill_cart: FillCart, place: Place) -> None:
    with pytest.raises(CheckoutRefused):
        place(fill_cart({VariantFactory(stock=1): 1}), shipping_method=None)


def test_a_coupon_is_counted_once_and_prorated(fill_cart: FillCart, place: Place) -> None:
    coupon = CouponFactory(code="ten", percent=10, usage_limit=1)
    cart = fill_cart(
        {
            VariantFactory(price=Decimal("9.99"), stock=5): 3,
            VariantFactory(price=Decimal(5), stock=5): 1,
        }
    )
    cart.coupon = coupon
    cart.save()

    order = place(cart)

    coupon.refresh_from_db()
    assert coupon.used_count == 1
    assert order.discount_total == Decimal("3.50")
    assert [line.discount for line in order.lines.all()] == [Decimal("3.00"), Decimal("0.50")]
    assert order.promotion_uses.get().goods_amount == Decimal("3.50")


def test_a_used_up_coupon_places_nothing(fill_cart: FillCart, place: Place) -> None:
    coupon = CouponFactory(code="once", percent=10, per_customer_limit=1)
    mug = VariantFactory(stock=5)
    carts = [fill_cart({mug: 1}), fill_cart({mug: 1})]
    for cart in carts:
        cart.coupon = coupon
        cart.save()
    place(carts[0], email="Ada@example.com")

    with pytest.raises(CouponRefused):
        place(carts[1], email="ada+again@example.com")

    coupon.refresh_from_db()
    mug.stock.refresh_from_db()
    assert (coupon.used_count, PromotionUse.objects.count(), mug.stock.allocated) == (1, 1, 1)


def test_an_order_that_costs_nothing_is_confirmed_at_once(
    fill_cart: FillCart, place: Place
) -> None:
    gift = VariantFactory(price=Decimal(0), stock=5, requires_shipping=False)

    order = place(fill_cart({gift: 1}), shipping_method=None)

    assert (order.status, order.payment_status, order.fulfilment_status) == (
        "confirmed",
        "none",
        "not_required",
    )
    assert order.expires_at is None


def test_what_was_agreed_cannot_be_changed_even_by_hand(fill_cart: FillCart, place: Place) -> None:
    order = place(fill_cart({VariantFactory(stock=1): 1}))

    with pytest.raises(ProgrammingError, match="agreed_is_agreed"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(total=1, subtotal=0, shipping_total=1)
    with pytest.raises(ProgrammingError, match="sold_is_sold"), transaction.atomic():
        order.lines.update(unit_price=1)


@pytest.mark.parametrize("lines", [1, 12])
def test_placing_costs_the_same_whatever_is_in_the_cart(
    lines: int, fill_cart: FillCart, place: Place, django_assert_max_num_queries: object
) -> None:
    cart = fill_cart({VariantFactory(stock=5): 1 for _each in range(lines)})
    total = sum(line.variant.price for line in cart.lines.select_related("variant")) + Decimal(
        "4.90"
    )

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        place(cart, agreed_total=total)


def test_a_parcel_goes_only_where_its_method_reaches(
    fill_cart: FillCart, place: Place, parcel: ShippingMethod
) -> None:
    near = ShippingZone.objects.create(name="Germany", countries=["DE"])
    near.methods.create(name="Courier", price=Decimal(9))
    cart = fill_cart({VariantFactory(stock=1): 1})

    with pytest.raises(CheckoutRefused):
        place(cart, shipping_method=parcel)
    type(parcel).objects.update(is_active=False)
    with pytest.raises(CheckoutRefused):
        place(cart, shipping_method=near.methods.get())

    assert not Order.objects.exists()


def test_an_order_beyond_what_a_column_holds_is_refused_in_words(
    fill_cart: FillCart, place: Place
) -> None:
    gold = VariantFactory(price=Decimal("9999999999.99"), stock=2)

    with pytest.raises(CheckoutRefused, match="more than one order"):
        place(fill_cart({gold: 2}))
