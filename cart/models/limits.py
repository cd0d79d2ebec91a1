"""How much a cart can hold, and what is said when it cannot."""

from dataclasses import dataclass

from django.utils.translation import gettext

from catalog.models import Variant

MAX_QUANTITY = 999


class CartRefused(Exception):
    """The cart cannot be changed like that, in words for the shopper; it is as it was."""


class NotSold(CartRefused):
    """Shoppers cannot buy this variant, now or any more."""


class TooFewLeft(CartRefused):
    """There are not so many: `left` is how many the cart could hold."""

    def __init__(self, variant: Variant, left: int) -> None:
        self.variant, self.left = variant, left
        super().__init__(few_left_message(variant, left))


class CartClosed(CartRefused):
    """It was ordered or merged into another in the meantime. A fresh one will do."""


def few_left_message(variant: Variant, left: int) -> str:
    if not left:
        return gettext("%(thing)s is sold out.") % {"thing": variant}
    if left == MAX_QUANTITY:
        return gettext("You can order %(count)s of one thing at most.") % {"count": left}
    return gettext("Only %(count)s left of %(thing)s.") % {"count": left, "thing": variant}


def left_of(variant: Variant) -> int:
    """How many of it a cart may hold now, were it empty."""
    stock = getattr(variant, "stock", None)
    if stock is None:
        return 0
    return min(stock.available, MAX_QUANTITY) if stock.is_tracked else MAX_QUANTITY


@dataclass(frozen=True)
class Change:
    """What became of a line when two carts were merged: fewer kept than both held together."""

    variant: Variant
    wanted: int
    kept: int

    def __str__(self) -> str:
        words = {"thing": self.variant, "kept": self.kept, "wanted": self.wanted}
        if not self.kept:
            return gettext("%(thing)s was left out of your cart: there is none left.") % words
        return gettext("%(thing)s: only %(kept)s of %(wanted)s are in your cart.") % words
