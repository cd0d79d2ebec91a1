"""What the verbs of a cart promise."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cart.models import CartClosed, CartLine, CartState, NotSold, TooFewLeft
from catalog.models import PriceRule, ProductStatus, StockItem
from tests.factories import CartFactory, CouponFactory, VariantFactory

pytestmark = pytest.mark.django_db


def held(cart):
    return dict(cart.lines.values_list("variant_id", "quantity"))


def test_adding_the_same_thing_again_adds_up():
    cart, mug = CartFactory(), VariantFactory(stock=10)

    cart.add(mug)
    cart.add(mug, 3)

    assert held(cart) == {mug.pk: 4}


def test_a_cart_holds_no_more_than_there_are_and_keeps_what_it_held():
    cart, mug = CartFactory(), VariantFactory(stock=3)
    cart.add(mug, 2)

    with pytest.raises(TooFewLeft, match=r"^Only 3 left, and your cart holds 2 of them\.$"):
        cart.add(mug, 2)
    with pytest.raises(TooFewLeft, match=r"^Only 3 left\.$"):
        cart.set(mug, 4)

    assert held(cart) == {mug.pk: 2}


def test_what_is_sold_out_is_refused():
    cart = CartFactory()

    with pytest.raises(TooFewLeft, match=r"^Sold out\.$"):
        cart.add(VariantFactory(stock=0))

    assert held(cart) == {}


def test_what_is_promised_to_others_is_not_left():
    cart, mug = CartFactory(), VariantFactory(stock=3)
    StockItem.allocate({mug.pk: 2}, cause="order:1:placed")

    with pytest.raises(TooFewLeft, match=r"^Only 1 left\.$"):
        cart.add(mug, 2)


def test_what_may_be_back_ordered_may_be_added():
    cart, mug = CartFactory(), VariantFactory(stock=0)
    StockItem.objects.filter(variant=mug).update(backorder_limit=5)

    cart.add(mug, 5)

    assert held(cart) == {mug.pk: 5}


def test_what_is_not_counted_is_limited_by_the_cart_alone():
    cart, letter = CartFactory(), VariantFactory(stock=0)
    StockItem.objects.filter(variant=letter).update(is_tracked=False)

    cart.add(letter, 999)
    with pytest.raises(TooFewLeft, match=r"^You can order 999 of one thing at most\.$"):
        cart.add(letter, 1)

    assert held(cart) == {letter.pk: 999}


@pytest.mark.parametrize(
    "hidden",
    [
        {"product__status": ProductStatus.DRAFT},
        {"product__status": ProductStatus.ARCHIVED},
        {"product__publish_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_is_not_listed_cannot_be_put_in_but_can_be_taken_out(hidden):
    mug = VariantFactory(**hidden)
    cart = CartFactory()

    with pytest.raises(NotSold):
        cart.add(mug)
    CartLine.objects.create(cart=cart, variant=mug, quantity=2)
    with pytest.raises(NotSold):
        cart.set(mug, 1)

    assert held(cart) == {mug.pk: 2}
    assert cart.set(mug, 0) == 2
    assert held(cart) == {}


def test_the_price_that_was_seen_is_the_one_after_catalogue_rules():
    cart, mug = CartFactory(), VariantFactory(price=Decimal("20.00"))
    PriceRule.objects.create(name="Sale", percent=Decimal(25)).products.add(mug.product)

    cart.add(mug)

    assert cart.lines.get().seen_price == Decimal("15.00")


def test_setting_holds_exactly_so_many_and_says_how_many_there_were():
    cart, mug = CartFactory(), VariantFactory()

    assert [cart.set(mug, 5), cart.set(mug, 2), cart.set(mug, 0)] == [0, 5, 2]
    assert held(cart) == {}


def test_clearing_empties_it_and_takes_the_coupon_off():
    cart = CartFactory(coupon=CouponFactory())
    cart.add(VariantFactory())

    cart.clear()

    cart.refresh_from_db()
    assert (held(cart), cart.coupon) == ({}, None)


@pytest.mark.parametrize("state", [CartState.ORDERED, CartState.MERGED])
def test_a_cart_that_was_ordered_or_merged_takes_nothing_more(state):
    cart, mug = CartFactory(state=state), VariantFactory()

    for change in [
        lambda: cart.add(mug),
        lambda: cart.set(mug, 1),
        lambda: cart.clear(),
        lambda: cart.use_coupon(CouponFactory()),
    ]:
        with pytest.raises(CartClosed):
            change()

    cart.refresh_from_db()
    assert (held(cart), cart.coupon) == ({}, None)
