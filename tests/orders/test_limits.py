"""So many of a product for one customer: told in the cart, held when the order is placed."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client

from cart.models import Cart, TooManyForOne
from cart.problems import find_problems
from catalog.models import StockItem, Variant
from orders.cancellation import cancel
from orders.checkout import TooManyForOne as Refused
from orders.models import Order
from tests.factories import ProductFactory, UserFactory, VariantFactory
from tests.orders.conftest import FillCart, Place
from tests.racing import race


@pytest.fixture
def print_(db: None) -> Any:
    """A print of which one customer may have two, in two sizes."""
    return ProductFactory(name="Print", max_per_customer=2)


def sizes(product: Any) -> tuple[Variant, Variant]:
    return VariantFactory(product=product, options_key="a"), VariantFactory(
        product=product, options_key="b"
    )


@pytest.mark.django_db
def test_a_cart_takes_no_more_than_one_customer_may_have(print_: Any) -> None:
    small, large = sizes(print_)
    cart = Cart.objects.create()
    cart.add(small)
    cart.add(large)

    for more in (partial(cart.add, large), partial(cart.set, small, 2)):
        with pytest.raises(TooManyForOne, match="We sell 2 of Print to a customer"):
            more()

    assert [line.quantity for line in cart.lines.all()] == [1, 1]
    cart.set(small, 0)
    cart.set(large, 2)


@pytest.mark.django_db
def test_a_cart_that_holds_more_since_the_limit_was_set_says_so(
    print_: Any, fill_cart: FillCart
) -> None:
    small, large = sizes(print_)
    problems = find_problems(fill_cart({small: 3, large: 1}))

    assert [(each.code, each.left, each.is_blocking) for each in problems] == [
        ("too_many_for_one", 1, True),
        ("too_many_for_one", 0, True),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "ada@example.com"}, {"email": "Ada+second@example.com"}),
        ({"customer": True}, {"customer": True, "email": "other@example.com"}),
    ],
)
def test_what_was_ordered_before_counts_and_what_was_called_off_does_not(
    print_: Any, fill_cart: FillCart, place: Place, first: Any, second: Any
) -> None:
    small, large = sizes(print_)
    ada = UserFactory(email="ada@example.org")
    for given in (first, second):
        if "customer" in given:
            given["customer"] = ada
    before = place(fill_cart({small: 2}), **first)

    with pytest.raises(Refused, match="and you have ordered 2 before"):
        place(fill_cart({large: 1}), **second)

    assert Order.objects.count() == 1
    assert StockItem.objects.get(variant=large).allocated == 0
    place(fill_cart({large: 2}), email="grace@example.com")
    cancel(before)
    place(fill_cart({large: 1}), **second)


@pytest.mark.django_db
def test_the_checkout_says_why(
    print_: Any, client: Client, fill_cart: FillCart, place: Place, parcel: Any
) -> None:
    from tests.orders.test_checkout_pages import Shopper

    small, large = sizes(print_)
    place(fill_cart({small: 2}))
    shopper = Shopper(client).take(large)
    shopper.tell_address()
    shopper.choose(parcel)

    response = shopper.agree()

    assert response.status_code == 409
    assert "you have ordered 2 before" in response.text


@pytest.mark.django_db(transaction=True)
def test_orders_placed_at_once_stay_within_the_limit(fill_cart: FillCart, place: Place) -> None:
    product: Any = ProductFactory(max_per_customer=3)
    mug = VariantFactory(product=product, stock=100, price=Decimal(1))
    carts = [fill_cart({mug: 1}) for _order in range(8)]

    # Addresses that are one customer's, but take no turns for another reason.
    outcomes = race(
        [partial(place, cart, email=f"ada+{n}@example.com") for n, cart in enumerate(carts)]
    )

    assert sum(isinstance(each, Order) for each in outcomes) == 3
    assert sum(isinstance(each, Refused) for each in outcomes) == 5
    assert StockItem.objects.get().allocated == 3
