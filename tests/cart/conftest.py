from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cart.models import Cart
from catalog.models import Variant
from tests.factories import CartFactory, CartLineFactory

type FillCart = Callable[..., Cart]


@pytest.fixture
def fill_cart(db: None) -> FillCart:
    """Make a cart that holds so many of each, whatever there is of them."""

    def fill(wanted: Mapping[Variant, int], **given: Any) -> Cart:
        cart: Any = CartFactory(**given)
        for variant, quantity in wanted.items():
            CartLineFactory(cart=cart, variant=variant, quantity=quantity)
        return cart

    return fill
