"""The things of an order once more: into the cart goes what can be bought today, and the rest is told."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from cart.models import Cart, Filled
from orders.limits import had_before
from orders.models import Order, OrderLine


@dataclass(frozen=True)
class Outcome:
    """How many things of the order the cart holds now, and a sentence for each that it holds fewer of."""

    order: Order
    count: int
    missing: list[str]

    def __str__(self) -> str:
        words = {"count": self.count, "number": self.order.number}
        return (
            ngettext(
                "%(count)d thing of order %(number)s is in your cart, at today's price.",
                "%(count)d things of order %(number)s are in your cart, at today's prices.",
                self.count,
            )
            % words
        )


def reorder(order: Order, cart: Cart, *, customer: User | None) -> Outcome:
    """
    See that the cart holds what was ordered, gifts left out, as far as it can be had.

    It keeps what it holds, and a second time changes nothing. `customer` is who orders now, if signed
    in: how many of a product one customer may have is counted over their orders, else over those of
    the order's own address. Raises CartClosed.
    """
    bought = order.lines.filter(is_gift=False).select_related("variant__product")
    lines: dict[int, OrderLine] = {}
    wanted: Counter[int] = Counter()
    for line in bought.order_by("position", "pk"):
        lines.setdefault(line.variant_id, line)
        wanted[line.variant_id] += line.quantity
    limited = {
        line.variant.product for line in lines.values() if line.variant.product.max_per_customer
    }
    email, owner = (customer.email, customer.pk) if customer else (order.email, order.customer_id)
    had = had_before(email, owner, limited) if limited else {}
    filled = cart.fill_up(wanted, had)
    return Outcome(
        order,
        count=sum(min(each.kept, each.wanted) for each in filled),
        missing=[why_not(each, lines[each.variant_id]) for each in filled if each.why],
    )


def why_not(filled: Filled, line: OrderLine) -> str:
    """Why the cart holds fewer of a thing than were ordered."""
    name = f"{line.name} – {line.options}" if line.options else line.name
    words = {"thing": name, "kept": filled.kept, "wanted": filled.wanted, "most": filled.most}
    if filled.why == "gone":
        return _("%(thing)s: we no longer sell this.") % words
    if filled.why == "limit":
        return (
            _("%(thing)s: %(kept)s of %(wanted)s, as we sell %(most)s to a customer in all.")
            % words
        )
    if not filled.kept:
        return _("%(thing)s: sold out.") % words
    return _("%(thing)s: only %(kept)s of %(wanted)s, no more are left.") % words
