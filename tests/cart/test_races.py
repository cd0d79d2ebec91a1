"""Two tabs, two devices, one shopper."""

import pytest
from django.db import transaction

from cart.models import Cart, CartClosed, CartState
from cart.session import new_cart
from tests.factories import CartFactory, UserFactory, VariantFactory
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def held(cart):
    return dict(cart.lines.values_list("variant_id", "quantity"))


def test_tabs_that_add_at_once_lose_nothing():
    cart, mug = CartFactory(), VariantFactory(stock=100)

    outcomes = race([lambda: Cart.objects.get(pk=cart.pk).add(mug, 2)] * 8)

    assert outcomes == [None] * 8
    assert held(cart) == {mug.pk: 16}


def test_tabs_that_add_at_once_put_in_no_more_than_there_is():
    cart, mug = CartFactory(), VariantFactory(stock=5)

    outcomes = race([lambda: Cart.objects.get(pk=cart.pk).add(mug)] * 8)

    assert held(cart) == {mug.pk: 5}
    assert outcomes.count(None) == 5


def test_carts_that_are_merged_into_each_other_at_once_lose_and_double_nothing(fill_cart):
    mug = VariantFactory(stock=100)
    one, other = fill_cart({mug: 3}), fill_cart({mug: 4})

    def merge(into, source):
        return lambda: Cart.objects.get(pk=into.pk).merge(Cart.objects.get(pk=source.pk))

    outcomes = race([merge(one, other), merge(other, one)] * 4)

    assert outcomes == [[]] * 8
    kept = Cart.objects.get(state=CartState.OPEN)
    assert held(kept) == {mug.pk: 7}


def test_two_devices_of_a_customer_open_one_cart():
    ada = UserFactory()

    outcomes = race([lambda: new_cart(ada.pk)] * 6)

    assert len(set(outcomes)) == 1
    assert Cart.objects.filter(customer=ada).count() == 1


def test_what_is_added_while_the_order_is_placed_is_refused_and_not_swallowed(fill_cart):
    mug, bowl = VariantFactory(), VariantFactory()
    cart = fill_cart({mug: 1})

    def order():
        with transaction.atomic():
            locked = Cart.objects.select_for_update(no_key=True).get(pk=cart.pk)
            sold = held(locked)
            Cart.objects.filter(pk=cart.pk).update(state=CartState.ORDERED)
            return sold

    def add():
        return Cart.objects.get(pk=cart.pk).add(bowl)

    sold, added = race([order, add])

    if isinstance(added, CartClosed):
        assert held(cart) == sold == {mug.pk: 1}
    else:  # The addition was first, so the order has it.
        assert held(cart) == sold == {mug.pk: 1, bowl.pk: 1}
