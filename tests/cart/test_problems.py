"""What changed since a thing was put into the cart is told, plainly and once."""

from decimal import Decimal

import pytest
from django.urls import reverse

from cart.models import CartLine
from cart.problems import find_problems
from catalog.models import ProductStatus
from tests.factories import CartFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db):
    def told(variant, quantity=1, seen="12.50"):
        cart = CartFactory()
        CartLine.objects.create(
            cart=cart, variant=variant, quantity=quantity, seen_price=Decimal(seen)
        )
        return [(each.code, each.note, each.is_blocking) for each in find_problems(cart)]

    return told


def test_a_cart_in_which_nothing_changed_has_no_problems(told):
    assert told(VariantFactory(stock=1)) == []


def test_another_price_is_told_with_the_difference(told):
    mug = VariantFactory(price=Decimal("12.50"))

    assert told(mug, seen="14.00") == [
        ("price_changed", "The price has gone down by €1.50 since you added it.", False)
    ]
    assert told(mug, seen="10.00") == [
        ("price_changed", "The price has gone up by €2.50 since you added it.", False)
    ]


def test_what_is_sold_out_or_short_or_gone_keeps_the_cart_from_checkout(told):
    assert told(VariantFactory(stock=0)) == [("out_of_stock", "Sold out since you added it.", True)]
    assert told(VariantFactory(stock=1), 2) == [("only_n_left", "Only 1 is left.", True)]
    assert told(VariantFactory(stock=3), 5) == [("only_n_left", "Only 3 are left.", True)]
    archived = VariantFactory(product__status=ProductStatus.ARCHIVED)
    assert told(archived) == [
        ("not_sold_any_more", "We no longer sell this. It is not in the total.", True)
    ]


def test_a_message_for_elsewhere_names_the_thing(fill_cart):
    mug = VariantFactory(stock=0, product__name="Foot-ring mug")

    [problem] = find_problems(fill_cart({mug: 1}))

    assert problem.message == "Foot-ring mug: Sold out since you added it."


def test_another_price_is_told_once(client, fill_cart):
    mug = VariantFactory(price=Decimal("12.50"))
    cart = fill_cart({mug: 1})
    cart.lines.update(seen_price=Decimal("14.00"))
    session = client.session
    session["cart"] = cart.pk
    session.save()

    first, second = (client.get(reverse("cart:show")).content.decode() for _ in range(2))

    assert "The price has gone down by €1.50" in first
    assert "The price has gone" not in second
    assert cart.lines.get().seen_price == Decimal("12.50")
