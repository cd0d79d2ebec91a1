"""The demo shop has a way to pick things up, and a promotion that runs; staff may change both."""

from decimal import Decimal

import pytest

from cart import demo
from cart.models import Promotion, ShippingMethod, TaxRate
from cart.pricing import gather, quote
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def test_the_demo_shop_lets_neighbours_pick_it_up_and_rewards_large_orders(fill_cart):
    demo.load(lambda _told: None)
    cart = fill_cart({VariantFactory(price=Decimal("80.00")): 1})

    ways = gather(cart, country="DE").ways()
    assert [(way.name, way.is_pickup, price) for way, price in ways.choices] == [
        ("Parcel", False, Decimal(0)),
        ("Pick it up in our shop", True, Decimal(0)),
    ]
    assert "€70.00" in str(quote(cart).hints)
    large = fill_cart({VariantFactory(price=Decimal("80.00")): 2})
    assert quote(large).discount_total == Decimal("16.00")


def test_loaded_again_the_demo_changes_nothing_that_staff_have_changed():
    demo.load(lambda _told: None)
    ShippingMethod.objects.filter(is_pickup=True).update(name="Ask at the counter")
    Promotion.objects.filter(name="Set the whole table").update(is_active=False)
    before = ShippingMethod.objects.count(), Promotion.objects.count(), TaxRate.objects.count()

    demo.load(lambda _told: None)

    assert before == (
        ShippingMethod.objects.count(),
        Promotion.objects.count(),
        TaxRate.objects.count(),
    )
    assert ShippingMethod.objects.filter(name="Ask at the counter").exists()
    assert not Promotion.objects.get(name="Set the whole table").is_active
