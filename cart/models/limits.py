"""How much a cart can hold, and what is said when it cannot."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext

from catalog.models import Variant

MAX_QUANTITY = 999


class CartRefused(Exception):
    """The cart cannot be changed like that, in words for the shopper; it is as it was."""


class NotSold(CartRefused):
    """Shoppers cannot buy this variant, now or any more."""


class TooFewLeft(CartRefused):
    """There are not so many: a cart could hold `left`, and this one holds `held` already."""

    def __init__(self, left: int, held: int = 0) -> None:
        self.left, self.held = left, held
        super().__init__(few_left_message(left, held))


class TooManyForOne(CartRefused):
    """The shop sells `most` of the product to one customer, and the cart would hold more."""

    def __init__(self, variant: Variant) -> None:
        self.most = variant.product.max_per_customer or 0
        words = {"most": self.most, "thing": variant.product.name}
        super().__init__(gettext("We sell %(most)s of %(thing)s to a customer.") % words)


class CartClosed(CartRefused):
    """It was ordered or merged into another in the meantime. A fresh one will do."""


def few_left_message(left: int, held: int) -> str:
    if not left:
        return gettext("Sold out.")
    words = {"left": left, "held": held}
    if left == MAX_QUANTITY:
        return gettext("You can order %(left)s of one thing at most.") % words
    if held:
        return gettext("Only %(left)s left, and your cart holds %(held)s of them.") % words
    return gettext("Only %(left)s left.") % words


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


@dataclass(frozen=True)
class Filled:
    """
    What became of one thing when a cart was filled up: it holds `kept`, where `wanted` were asked for.

    `why` says what stood in the way of more: the thing is gone, there are not so many left, or the shop
    sells only `most` of the product to a customer.
    """

    variant_id: int
    wanted: int
    kept: int
    why: Literal["", "gone", "left", "limit"] = ""
    most: int = 0


def fill(variant: Variant | None, pk: int, wanted: int, *, held: int, others: int) -> Filled:
    """
    Decide how many of a variant (its key is `pk`; None where it is not sold) a cart shall hold.

    At least what it held. `others` is how many of the product the customer has otherwise.
    """
    if variant is None:
        return Filled(pk, wanted, held, "gone" if held < wanted else "")
    most, room = variant.product.max_per_customer, left_of(variant)
    if most is not None and most - others < min(wanted, room):
        return Filled(pk, wanted, max(held, most - others, 0), "limit", most)
    kept = max(held, min(wanted, room))
    return Filled(pk, wanted, kept, "left" if kept < wanted else "")
