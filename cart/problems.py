"""What has changed about the things in a cart since the shopper put them in."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from cart.models import Cart, CartLine
from catalog.models import Variant
from shop.money import format_money


@dataclass(frozen=True)
class Problem:
    """
    Something that a shopper has to know of a line before buying.

    `note` is for beside the line; `message` names the thing, for anywhere else. With a blocking
    one the cart cannot be ordered as it is. `left` is how many could be had instead.
    """

    code: str
    variant: Variant
    note: str
    is_blocking: bool = True
    is_good: bool = False
    left: int = 0

    @property
    def message(self) -> str:
        return f"{self.variant}: {self.note}"


def find_problems(cart: Cart) -> list[Problem]:
    """
    Tell what is not as it was: not sold any more, sold out, too few left, too many for one, another price.

    Asks no more than a quote of the same cart has asked. A coupon that does not hold is the
    quote's to tell: `Quote.coupon_problem`. A price is told until `Cart.note_prices`.
    """
    in_all: Counter[int] = Counter()
    for line in cart.contents:
        in_all[line.variant.product_id] += line.quantity if line.is_sold else 0
    return [
        problem
        for line in cart.contents
        for problem in problems_of(line, in_all[line.variant.product_id])
    ]


def problems_of(line: CartLine, in_all: int) -> list[Problem]:
    """Those of a line; `in_all` is how many of its product the cart holds."""
    variant = line.variant
    if not line.is_sold:
        note = gettext("We no longer sell this. It is not in the total.")
        return [Problem("not_sold_any_more", variant, note)]
    found = []
    if line.left == 0:
        found.append(Problem("out_of_stock", variant, gettext("Sold out since you added it.")))
    elif line.quantity > line.left:
        note = ngettext("Only %(left)s is left.", "Only %(left)s are left.", line.left)
        words = {"left": line.left}
        found.append(Problem("only_n_left", variant, note % words, left=line.left))
    most = variant.product.max_per_customer
    if most is not None and in_all > most:
        note = gettext("We sell %(most)s of this to a customer.") % {"most": most}
        left = max(line.quantity - (in_all - most), 0)
        found.append(Problem("too_many_for_one", variant, note, left=left))
    if line.seen_price is not None and line.seen_price != line.price:
        found.append(price_changed(variant, line.price - line.seen_price))
    return found


def price_changed(variant: Variant, by: Decimal) -> Problem:
    note = (
        gettext("The price has gone down by %(amount)s since you added it.")
        if by < 0
        else gettext("The price has gone up by %(amount)s since you added it.")
    )
    words = {"amount": format_money(abs(by))}
    return Problem("price_changed", variant, note % words, is_blocking=False, is_good=by < 0)
