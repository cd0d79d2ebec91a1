"""The cart of a visitor and the cart of the account become one at login, and login never fails."""

from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.messages import get_messages
from django.urls import reverse

from cart.models import Cart, CartState
from catalog.models import ProductStatus
from tests.factories import CartFactory, CouponFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db


def held(cart):
    return dict(cart.lines.values_list("variant_id", "quantity"))


def put(client, variant, quantity):
    data = {"variant": variant.pk, "quantity": quantity}
    response = client.post(reverse("cart:lines"), data, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 303
    return Cart.objects.get(pk=client.session["cart"])


def sign_in(client, user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    response = client.post(
        reverse("account_login"), {"login": user.email, "password": "a-long-password"}
    )
    assert client.session[SESSION_KEY] == str(user.pk)
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_what_both_hold_is_added_up(fill_cart):
    mug, bowl = VariantFactory(), VariantFactory()
    mine, other = fill_cart({mug: 2}), fill_cart({mug: 3, bowl: 1})

    assert mine.merge(other) == []

    other.refresh_from_db()
    assert held(mine) == {mug.pk: 5, bowl.pk: 1}
    assert (other.state, other.merged_into, held(other)) == (CartState.MERGED, mine, {})


def test_no_more_is_taken_over_than_there_is_and_it_is_told(fill_cart):
    mug, gone = VariantFactory(stock=4), VariantFactory(stock=0)
    hidden = VariantFactory(product__status=ProductStatus.ARCHIVED)
    mine, other = fill_cart({mug: 2}), fill_cart({mug: 3, gone: 1, hidden: 1})

    changes = mine.merge(other)

    assert held(mine) == {mug.pk: 4}
    assert [str(change) for change in changes] == [
        f"{mug}: only 4 of 5 are in your cart.",
        f"{gone} was left out of your cart: there is none left.",
        f"{hidden} was left out of your cart: there is none left.",
    ]


def test_merging_takes_nothing_from_what_the_account_held(fill_cart):
    mug = VariantFactory(stock=1)
    mine, other = fill_cart({mug: 3}), fill_cart({mug: 1})

    changes = mine.merge(other)

    assert held(mine) == {mug.pk: 3}
    assert [(change.wanted, change.kept) for change in changes] == [(4, 3)]


def test_merging_twice_adds_once(fill_cart):
    mug = VariantFactory()
    mine, other = fill_cart({}), fill_cart({mug: 2})

    mine.merge(other)
    assert mine.merge(other) == []

    assert held(mine) == {mug.pk: 2}


def test_the_coupon_comes_along_unless_there_is_one(fill_cart):
    spring, autumn = CouponFactory(code="SPRING"), CouponFactory(code="AUTUMN")
    bare, dressed = fill_cart({}), fill_cart({}, coupon=spring)

    bare.merge(fill_cart({}, coupon=autumn))
    dressed.merge(fill_cart({}, coupon=autumn))

    bare.refresh_from_db()
    dressed.refresh_from_db()
    assert (bare.coupon, dressed.coupon) == (autumn, spring)


def test_a_visitors_cart_becomes_the_accounts_at_login(client):
    ada, mug = UserFactory(), VariantFactory()
    cart = put(client, mug, 2)

    sign_in(client, ada)

    cart.refresh_from_db()
    assert (cart.customer, client.session["cart"]) == (ada, cart.pk)


def test_at_login_both_carts_are_one_and_what_was_left_out_is_told(client, fill_cart):
    ada, mug = UserFactory(), VariantFactory(stock=4)
    account = fill_cart({mug: 3}, customer=ada)
    put(client, mug, 2)

    told = sign_in(client, ada)

    assert held(account) == {mug.pk: 4}
    assert client.session["cart"] == account.pk
    assert f"{mug}: only 4 of 5 are in your cart." in told


def test_the_cart_of_the_account_is_found_on_another_device(client, fill_cart):
    ada, mug = UserFactory(), VariantFactory()
    client.force_login(ada)
    account = fill_cart({mug: 3}, customer=ada)

    page = client.get(reverse("cart:show"))

    assert page.context["page"].cart == account
    assert client.session["cart"] == account.pk


def test_logging_out_leaves_the_cart_with_the_account(client, fill_cart):
    ada, mug = UserFactory(), VariantFactory()
    account = fill_cart({mug: 3}, customer=ada)
    client.force_login(ada)

    client.logout()

    assert client.get(reverse("cart:show")).context["page"].rows == []
    assert held(account) == {mug.pk: 3}


def test_login_goes_on_when_the_carts_cannot_be_merged(client, fill_cart):
    ada, mug = UserFactory(), VariantFactory()
    account = fill_cart({mug: 1}, customer=ada)
    visitors = put(client, mug, 2)

    with patch.object(Cart, "merge", side_effect=RuntimeError):
        sign_in(client, ada)

    assert (held(account), held(visitors)) == ({mug.pk: 1}, {mug.pk: 2})


def test_nobody_is_given_the_cart_of_another_account(client, fill_cart):
    mug = VariantFactory()
    theirs = fill_cart({mug: 1}, customer=UserFactory())
    session = client.session
    session["cart"] = theirs.pk
    session.save()

    assert client.get(reverse("cart:show")).context["page"].rows == []
    put(client, mug, 2)

    assert held(theirs) == {mug.pk: 1}
    assert client.session["cart"] != theirs.pk


@pytest.mark.parametrize("named", ["ordered", "deleted", "abc", None, -1, 2**70, [1]])
def test_a_session_that_names_no_open_cart_gets_a_fresh_one(client, named):
    mug = VariantFactory()
    ordered = CartFactory(state=CartState.ORDERED)
    session = client.session
    session["cart"] = {"ordered": ordered.pk, "deleted": ordered.pk + 100}.get(str(named), named)
    session.save()

    assert client.get(reverse("cart:show")).status_code == 200
    cart = put(client, mug, 1)

    assert held(cart) == {mug.pk: 1}
    assert held(ordered) == {}
