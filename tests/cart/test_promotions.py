"""Which promotions a cart gets, by the conditions that staff have set."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart.models import Stacking
from cart.pricing import quote
from catalog.models import Collection, CollectionItem, PriceRule
from shop.models import ShopSettings
from tests.factories import (
    CategoryFactory,
    CouponFactory,
    ProductFactory,
    PromotionFactory,
    ShippingMethodFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def thing(price, **given):
    return VariantFactory(price=Decimal(price), **given)


def off(cart, **given):
    """What is taken off the goods, line by line."""
    return [line.discount for line in quote(cart, **given).lines if not line.is_gift]


def test_a_promotion_holds_by_itself(fill_cart):
    PromotionFactory(name="Autumn")

    priced = quote(fill_cart({thing(30): 1}))

    assert (priced.discount_total, priced.total) == (3, 27)
    assert [(each.label, each.goods) for each in priced.reductions] == [("Autumn", 3)]


def test_a_promotion_that_is_off_or_over_or_to_come_takes_nothing_off(fill_cart):
    now = timezone.now()
    PromotionFactory(is_active=False)
    PromotionFactory(ends_at=now - timedelta(minutes=1))
    PromotionFactory(starts_at=now + timedelta(minutes=1))
    cart = fill_cart({thing(30): 1})

    assert off(cart) == [0]
    with time_machine.travel(now + timedelta(minutes=2)):
        assert off(cart) == [3]


def test_one_that_needs_a_code_waits_for_it(fill_cart):
    coupon = CouponFactory(code="SPRING")
    mug = thing(30)

    assert off(fill_cart({mug: 1})) == [0]
    assert off(fill_cart({mug: 1}, coupon=coupon)) == [3]


def test_it_is_reckoned_anew_as_the_cart_changes_and_gone_when_its_reason_is(fill_cart):
    PromotionFactory(minimum=Decimal(50))
    mug = thing(30)
    cart = fill_cart({mug: 2})

    assert off(cart) == [6]
    cart.set(mug, 1)
    assert off(cart) == [0]
    cart.set(mug, 3)
    assert off(cart) == [9]


def test_a_least_worth_counts_the_prices_of_today(fill_cart):
    PromotionFactory(minimum=Decimal(50))
    mug = thing(50)

    assert off(fill_cart({mug: 1})) == [5]
    PriceRule.objects.create(name="Sale", percent=1, covers_all=True)
    assert off(fill_cart({mug: 1})) == [0]


def test_a_least_quantity_counts_things_and_not_lines(fill_cart):
    PromotionFactory(minimum_quantity=3)
    mug, bowl = thing(10), thing(20)

    assert off(fill_cart({mug: 1, bowl: 1})) == [0, 0]
    assert off(fill_cart({mug: 2, bowl: 1})) == [2, 2]


def test_a_product_that_is_asked_for_has_to_be_in_the_cart(fill_cart):
    promotion = PromotionFactory()
    mug, bowl = thing(10), thing(20)
    promotion.needs_products.add(mug.product)

    assert off(fill_cart({bowl: 1})) == [0]
    assert off(fill_cart({bowl: 1, mug: 1})) == [2, 1]


def test_a_category_that_is_asked_for_counts_with_all_beneath_it(fill_cart):
    kitchen = CategoryFactory(name="Kitchen")
    cups = CategoryFactory(name="Cups", parent=kitchen)
    promotion = PromotionFactory(minimum_quantity=2)
    promotion.needs_categories.add(kitchen)
    mug, also = thing(10, product__category=cups), thing(10)
    also.product.categories.add(cups)
    lamp = thing(20, product__category=CategoryFactory(name="Light"))

    assert off(fill_cart({mug: 1, lamp: 1})) == [0, 0]
    assert off(fill_cart({mug: 1, also: 1, lamp: 1})) == [1, 1, 2]


def test_a_least_worth_of_a_category_counts_only_what_is_in_it(fill_cart):
    kitchen = CategoryFactory(name="Kitchen")
    promotion = PromotionFactory(minimum=Decimal(40))
    promotion.needs_categories.add(kitchen)
    mug, lamp = thing(20, product__category=kitchen), thing(90)

    assert off(fill_cart({mug: 1, lamp: 1})) == [0, 0]
    assert off(fill_cart({mug: 2, lamp: 1})) == [4, 9]


def test_only_the_goods_that_are_named_become_cheaper(fill_cart):
    kitchen = CategoryFactory(name="Kitchen")
    cups = CategoryFactory(name="Cups", parent=kitchen)
    named, placed, collected, other = (
        thing(10), thing(10, product__category=cups), thing(10), thing(10),
    )  # fmt: skip
    promotion = PromotionFactory(percent=Decimal(50))
    promotion.on_products.add(named.product)
    promotion.on_categories.add(kitchen)
    shelf = Collection.objects.create(name="Breakfast", slug="breakfast")
    CollectionItem.objects.create(collection=shelf, product=collected.product)
    promotion.on_collections.add(shelf)

    assert off(fill_cart({named: 1, placed: 1, collected: 1, other: 1})) == [5, 5, 5, 0]


def test_an_amount_is_taken_once_off_the_cart_or_off_each_thing(fill_cart):
    once = PromotionFactory(percent=None, amount=Decimal(5))
    mug = thing(10)

    assert off(fill_cart({mug: 3})) == [5]
    once.is_each = True
    once.save()
    assert off(fill_cart({mug: 3})) == [15]


def test_an_amount_never_makes_goods_cost_less_than_nothing(fill_cart):
    PromotionFactory(percent=None, amount=Decimal(50))

    priced = quote(fill_cart({thing(10): 3}), shipping_method=ShippingMethodFactory())

    assert (priced.discount_total, priced.goods, priced.total) == (30, 0, Decimal("4.90"))


def test_only_things_within_a_range_of_prices_become_cheaper(fill_cart):
    PromotionFactory(price_from=Decimal(10), price_to=Decimal(20))
    cart = fill_cart({thing("9.99"): 1, thing(10): 1, thing(20): 1, thing("20.01"): 1})

    assert off(cart) == [0, 1, 2, 0]


def test_what_a_price_rule_has_reduced_can_be_left_out(fill_cart):
    PromotionFactory(full_price_only=True)
    mug, bowl = thing(20), thing(20)
    PriceRule.objects.create(name="Sale", percent=50).products.add(mug.product)

    assert off(fill_cart({mug: 1, bowl: 1})) == [0, 2]


def test_a_percentage_off_delivery_and_free_delivery(fill_cart):
    half = PromotionFactory(percent=None, shipping_percent=Decimal(50), name="Half the way")
    parcel = ShippingMethodFactory(price=Decimal("4.90"), free_over=None)
    cart = fill_cart({thing(10): 1})

    priced = quote(cart, shipping_method=parcel)
    assert (priced.shipping_discount, priced.shipping_total) == (Decimal("2.45"), Decimal("2.45"))
    assert (priced.discount_total, priced.total) == (0, Decimal("12.45"))
    half.shipping_percent = 100
    half.save()
    assert quote(cart, shipping_method=parcel).total == 10


def test_three_for_two_makes_the_cheapest_free(fill_cart):
    PromotionFactory(percent=None, buy=2, get=1, name="Three for two")

    assert off(fill_cart({thing(10): 2, thing(8): 1})) == [0, 8]


def test_who_buys_one_thing_gets_another_for_less(fill_cart):
    promotion = PromotionFactory(percent=None, buy=1, get=1, get_percent=Decimal(50))
    jug, cup = thing(30), thing(8)
    promotion.needs_products.add(jug.product)
    promotion.on_products.add(cup.product)

    assert off(fill_cart({cup: 2})) == [0]
    assert off(fill_cart({jug: 1, cup: 2})) == [0, 4]


def test_a_gift_is_put_in_for_nothing_while_there_are_any(fill_cart):
    spoon = thing(4, stock=1)
    promotion = PromotionFactory(percent=None, gift=spoon, minimum=Decimal(20))
    mug = thing(10)

    assert quote(fill_cart({mug: 1})).gifts == []
    priced = quote(fill_cart({mug: 2}))
    assert [(line.variant, line.quantity, line.total) for line in priced.gifts] == [(spoon, 1, 0)]
    assert (priced.subtotal, priced.total, priced.count) == (20, 20, 3)
    assert quote(fill_cart({mug: 2, spoon: 1})).gifts == []  # The last one is bought.
    promotion.gift_quantity = 2
    promotion.save()
    assert quote(fill_cart({mug: 2})).gifts == []


def test_promotions_come_in_the_order_of_their_priority(fill_cart):
    PromotionFactory(name="later", percent=None, amount=Decimal(10), priority=1)
    PromotionFactory(name="first", percent=Decimal(50), priority=2)

    priced = quote(fill_cart({thing(100): 1}))

    assert [(each.label, each.goods) for each in priced.reductions] == [
        ("first", 50),
        ("later", 10),
    ]


def test_one_that_holds_alone_shuts_out_those_after_it(fill_cart):
    alone = PromotionFactory(name="alone", stacking=Stacking.ALONE, priority=5)
    PromotionFactory(name="other", percent=Decimal(20))
    cart = fill_cart({thing(100): 1})

    assert [each.label for each in quote(cart).reductions] == ["alone"]
    alone.priority = -5
    alone.save()
    assert [each.label for each in quote(cart).reductions] == ["other"]


def test_after_a_last_one_comes_none(fill_cart):
    for priority, stacking in enumerate([Stacking.STACKS, Stacking.LAST, Stacking.STACKS]):
        PromotionFactory(name=str(priority), priority=priority, stacking=stacking)

    priced = quote(fill_cart({thing(100): 1}))

    assert [each.label for each in priced.reductions] == ["2", "1"]


def test_a_first_order_is_told_by_account_and_by_address(fill_cart, place_order_of):
    PromotionFactory(order_number=1)
    mug, ada = thing(10, stock=50), UserFactory(email="ada@example.com")

    assert off(fill_cart({mug: 1}), email="eve@example.com") == [1]
    place_order_of({mug: 1}, email="eve@example.com")
    place_order_of({mug: 1}, customer=ada, email="other@example.com")

    assert off(fill_cart({mug: 1}), email="Eve+again@example.com") == [0]
    assert off(fill_cart({mug: 1}, customer=ada)) == [0]
    assert off(fill_cart({mug: 1}), email="new@example.com") == [1]


def test_a_third_order_has_two_before_it_and_cancelled_ones_do_not_count(fill_cart, place_order_of):
    PromotionFactory(order_number=3)
    mug = thing(10, stock=50)
    orders = [place_order_of({mug: 1}, email="eve@example.com") for _each in range(2)]

    assert off(fill_cart({mug: 1}), email="eve@example.com") == [1]
    orders[0].status = "cancelled"
    orders[0].save(update_fields=["status"])
    assert off(fill_cart({mug: 1}), email="eve@example.com") == [0]


def test_one_for_certain_customers_or_groups_is_for_nobody_else(fill_cart):
    ada, eve, mug = UserFactory(), UserFactory(), thing(10)
    club = Group.objects.create(name="Club")
    eve.groups.add(club)
    promotion = PromotionFactory()
    promotion.customers.add(ada)

    assert off(fill_cart({mug: 1}, customer=ada)) == [1]
    assert off(fill_cart({mug: 1}, customer=eve)) == [0]
    assert off(fill_cart({mug: 1})) == [0]
    promotion.groups.add(club)
    assert off(fill_cart({mug: 1}, customer=UserFactory())) == [0]
    assert quote(eve.carts.get()).discount_total == 1


def test_the_cart_tells_what_is_missing_for_those_that_come_by_themselves(fill_cart):
    PromotionFactory(name="Autumn", minimum=Decimal("54.20"))
    PromotionFactory(name="Eight", minimum_quantity=8)
    PromotionFactory(name="Far away", minimum=Decimal("100.01"))
    PromotionFactory(name="Club").customers.add(UserFactory())

    priced = quote(fill_cart({thing(10): 5}))

    assert set(priced.hints) == {"€4.20 more for “Autumn”.", "3 more things for “Eight”."}


def test_a_basket_with_everything_at_once(fill_cart):
    """Rule, percentage on a category, three for two, amount by code, half delivery and a gift, in their turn."""
    kitchen = CategoryFactory(name="Kitchen")
    mug, lamp = thing(20, product__category=kitchen), thing(50)
    spoon = thing(3)
    PriceRule.objects.create(name="Sale", percent=10).products.add(mug.product)  # 18 each
    PromotionFactory(name="Kitchen", percent=Decimal(10), priority=9).on_categories.add(kitchen)
    three = PromotionFactory(name="3 for 2", percent=None, buy=2, get=1, priority=8)
    three.needs_categories.add(kitchen)
    three.on_categories.add(kitchen)
    PromotionFactory(
        name="Way", percent=None, shipping_percent=Decimal(50), gift=spoon, minimum=Decimal(100)
    )
    coupon = CouponFactory(
        code="FIVER",
        promotion=PromotionFactory(name="FIVER", percent=None, amount=Decimal(5), needs_code=True),
    )

    priced = quote(
        fill_cart({mug: 3, lamp: 1}, coupon=coupon),
        shipping_method=ShippingMethodFactory(price=Decimal("4.90"), free_over=None),
    )

    assert [(each.label, each.goods, each.shipping) for each in priced.reductions] == [
        ("Kitchen", Decimal("5.40"), 0),
        ("3 for 2", Decimal("16.20"), 0),
        ("FIVER", Decimal("5.00"), 0),
        ("Way", 0, Decimal("2.45")),
    ]
    assert (priced.subtotal, priced.discount_total) == (104, Decimal("26.60"))
    assert priced.total == Decimal("79.85")
    assert [line.variant for line in priced.gifts] == [spoon]


def test_any_number_of_promotions_costs_the_same_few_queries(fill_cart, django_assert_num_queries):
    cart = fill_cart({thing(10): 1, thing(20): 2})
    for _each in range(6):
        promotion = PromotionFactory(order_number=1, usage_limit=5, gift=thing(1))
        promotion.on_products.add(ProductFactory())
        promotion.needs_collections.add(
            Collection.objects.create(name=promotion.name, slug=promotion.name)
        )

    ShopSettings.load()

    # Lines, variants, values, tax, promotions, their gifts' values, what they name, uses, orders.
    with django_assert_num_queries(9):
        quote(cart, email="ada@example.com")


@pytest.mark.parametrize(
    "terms",
    [
        {"percent": None},
        {"percent": 0},
        {"percent": 101},
        {"amount": 0},
        {"buy": 2},
        {"get": 1},
        {"shipping_percent": 101},
        {"get_percent": 0},
        {"gift_quantity": 0},
        {"order_number": 0},
        {"price_from": 5, "price_to": 4},
        {"stacking": "some"},
    ],
)
def test_the_database_takes_no_promotion_that_makes_no_sense(terms):
    with pytest.raises(IntegrityError), transaction.atomic():
        PromotionFactory(**terms)
