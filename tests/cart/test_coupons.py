"""What a code does, and what is said of one that does nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cart.batches import make_codes
from cart.models import Coupon, Stacking
from cart.pricing import quote
from tests.factories import CouponFactory, PromotionFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db


def refused(cart, **given):
    priced = quote(cart, **given)
    assert priced.coupon is None
    assert not any(each.code for each in priced.reductions)
    return priced.why_not.rule, priced.why_not.missing, str(priced.why_not)


def coupon_of(**given):
    promotion = PromotionFactory(needs_code=True, name="SPRING", **given)
    return CouponFactory(code="SPRING", promotion=promotion)


@pytest.fixture
def mug():
    return VariantFactory(price=Decimal("10.00"), stock=99)


def test_a_code_takes_off_what_its_promotion_says_and_is_named_by_it(fill_cart, mug):
    promotion = PromotionFactory(name="Letter of May", needs_code=True)

    priced = quote(fill_cart({mug: 1}, coupon=CouponFactory(code="MAY", promotion=promotion)))

    assert [each.label for each in priced.reductions] == ["Letter of May (MAY)"]
    assert priced.discount_total == 1


def test_a_code_of_a_hundred_per_cent_makes_the_goods_free(fill_cart, mug):
    assert quote(fill_cart({mug: 3}, coupon=CouponFactory(percent=Decimal(100)))).total == 0


def test_how_much_is_missing_is_told_to_the_cent(fill_cart, mug):
    cart = fill_cart({mug: 1}, coupon=coupon_of(minimum=Decimal("14.20")))

    assert refused(cart) == (
        "minimum",
        Decimal("4.20"),
        "The code SPRING is for goods of €14.20 or more. €4.20 more, and it holds.",
    )


def test_how_many_are_missing_is_told(fill_cart, mug):
    assert refused(fill_cart({mug: 1}, coupon=coupon_of(minimum_quantity=3)))[:2] == ("quantity", 2)
    assert refused(fill_cart({mug: 1}, coupon=coupon_of_two()))[:2] == ("quantity", 1)


def coupon_of_two():
    promotion = PromotionFactory(needs_code=True, name="TWO", percent=None, buy=2, get=1)
    return CouponFactory(code="TWO", promotion=promotion)


def test_a_code_for_other_goods_says_so(fill_cart, mug):
    coupon = coupon_of()
    coupon.promotion.needs_products.add(VariantFactory().product)

    assert refused(fill_cart({mug: 1}, coupon=coupon)) == (
        "goods", None, "The code SPRING is for goods that are not in your cart.",
    )  # fmt: skip


def test_a_code_that_takes_nothing_off_these_goods_says_so(fill_cart, mug):
    coupon = coupon_of()
    coupon.promotion.on_products.add(VariantFactory().product)

    assert refused(fill_cart({mug: 1}, coupon=coupon))[0] == "nothing"


def test_a_code_whose_promotion_is_over_or_to_come_or_off_says_so(fill_cart, mug):
    coupon = coupon_of()
    now, promotion = timezone.now(), coupon.promotion

    def rule(**terms):
        type(promotion).objects.update(
            **{"is_active": True, "starts_at": None, "ends_at": None} | terms
        )
        return refused(fill_cart({mug: 1}, coupon=coupon))[0]

    assert rule(ends_at=now) == "expired"
    assert rule(starts_at=now + timedelta(days=1)) == "not_yet"
    assert rule(is_active=False) == "unknown"


def test_a_code_for_a_first_order_is_refused_at_the_second(fill_cart, mug, place_order_of):
    coupon = coupon_of(order_number=1)
    place_order_of({mug: 1}, email="eve@example.com")

    assert refused(fill_cart({mug: 1}, coupon=coupon), email="eve@example.com") == (
        "order_number", None, "The code SPRING is for a first order, and you have ordered before.",
    )  # fmt: skip


def test_a_code_for_certain_customers_asks_others_to_sign_in(fill_cart, mug):
    ada, coupon = UserFactory(), coupon_of()
    coupon.promotion.customers.add(ada)

    assert refused(fill_cart({mug: 1}, coupon=coupon)) == (
        "customer", None, "Sign in to use the code SPRING: it is for certain customers.",
    )  # fmt: skip
    stranger = fill_cart({mug: 1}, coupon=coupon, customer=UserFactory())
    assert refused(stranger)[2] == "The code SPRING is for other customers."
    assert quote(fill_cart({mug: 1}, coupon=coupon, customer=ada)).coupon == coupon


def test_a_code_that_may_not_stand_beside_another_promotion_names_it(fill_cart, mug):
    PromotionFactory(name="Autumn table", priority=1)

    assert refused(fill_cart({mug: 1}, coupon=coupon_of(stacking=Stacking.ALONE))) == (
        "alone", None, "The code SPRING cannot be used together with “Autumn table”.",
    )  # fmt: skip


def test_a_code_comes_before_what_holds_by_itself_with_the_same_priority(fill_cart, mug):
    PromotionFactory(name="Autumn table")

    priced = quote(fill_cart({mug: 1}, coupon=coupon_of(stacking=Stacking.ALONE)))

    assert [each.code for each in priced.reductions] == ["SPRING"]


def test_limits_of_a_promotion_count_all_its_codes(fill_cart, mug, place_order_of):
    promotion = PromotionFactory(needs_code=True, per_customer_limit=1, usage_limit=2)
    first, second, third = make_codes(promotion, 3, name="May").coupons.all()
    place_order_of({mug: 1}, coupon=first, email="eve@example.com")

    again = fill_cart({mug: 1}, coupon=second)
    assert refused(again, email="eve+x@example.com")[0] == "used_by_you"
    assert quote(again, email="bob@example.com").coupon == second
    place_order_of({mug: 1}, coupon=second, email="bob@example.com")
    assert refused(fill_cart({mug: 1}, coupon=third), email="new@example.com")[0] == "used_up"


def test_a_batch_has_so_many_codes_none_like_another_each_for_once():
    promotion = PromotionFactory(needs_code=True)

    batch = make_codes(promotion, 300, prefix="may-", name="Letter of May")

    codes = list(Coupon.objects.filter(batch=batch))
    assert len({coupon.code for coupon in codes}) == 300
    assert all(coupon.code.startswith("MAY-") and len(coupon.code) == 14 for coupon in codes)
    assert {(coupon.usage_limit, coupon.promotion_id) for coupon in codes} == {(1, promotion.pk)}


def test_codes_that_exist_already_are_made_anew(monkeypatch):
    words = iter(["A", "B", "A", "C", "D"])
    monkeypatch.setattr("cart.batches.code_by_chance", lambda: next(words))
    promotion = PromotionFactory(needs_code=True)
    CouponFactory(code="B")

    batch = make_codes(promotion, 2, name="May")

    assert {coupon.code for coupon in batch.coupons.all()} == {"A", "C"}
