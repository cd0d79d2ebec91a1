from datetime import timedelta

import pytest
from django.utils import timezone

from cart.models import Cart, CartState
from cart.tasks import delete_idle_carts
from tests.factories import CartFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_carts_that_nobody_touched_for_two_months_are_deleted_and_no_others(fill_cart):
    mug = VariantFactory()
    idle, merged = fill_cart({mug: 1}), CartFactory(state=CartState.MERGED)
    ordered, young, touched = CartFactory(state=CartState.ORDERED), CartFactory(), CartFactory()
    long_ago = timezone.now() - timedelta(days=60, minutes=1)
    Cart.objects.exclude(pk=young.pk).update(updated_at=long_ago)
    touched.add(mug)

    delete_idle_carts.call()

    kept = {ordered.pk, young.pk, touched.pk}
    assert set(Cart.objects.values_list("pk", flat=True)) == kept
    assert not Cart.objects.filter(pk__in=[idle.pk, merged.pk]).exists()
