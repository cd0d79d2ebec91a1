"""How many of a product one customer may have: counted over all their orders, when one more is placed."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from cart.models import customer_key_of
from cart.quote import Quote
from catalog.models import Product
from orders.models import Order, OrderLine, OrderStatus

GIVEN_UP = [OrderStatus.CANCELLED, OrderStatus.EXPIRED]


class LimitReached(Exception):
    """The customer would have more of a product than one customer may have."""


def keep_limits(order: Order, agreed: Quote) -> None:
    """
    See that the order, which is just being placed, leaves its customer within the limits of its products.

    A customer is an account or an e-mail address; two of their orders are counted one after the other.
    What was called off or came back does not count, and neither do gifts. Raises LimitReached.
    """
    wanted: Counter[Product] = Counter()
    for line in agreed.lines:
        if line.variant.product.max_per_customer and not line.is_gift:
            wanted[line.variant.product] += line.quantity
    if not wanted:
        return
    take_turn(order)
    had = had_before(order.email, order.customer_id, list(wanted), but=order)
    for product, quantity in wanted.items():
        most, before = product.max_per_customer or 0, had.get(product.pk, 0)
        if before + quantity > most:
            raise LimitReached(limit_words(product.name, most, before))


def limit_words(name: str, most: int, before: int) -> str:
    words = {"thing": name, "most": most, "before": before}
    if before:
        return (
            _(
                "We sell %(most)s of %(thing)s to a customer, and you have ordered %(before)s before."
            )
            % words
        )
    return _("We sell %(most)s of %(thing)s to a customer.") % words


def take_turn(order: Order) -> None:
    """Let no other order of this customer be counted until the transaction ends."""
    names = {f"limit:{customer_key_of(order.email)}"}
    if order.customer_id:
        names.add(f"limit:#{order.customer_id}")
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def had_before(
    email: str, customer: int | None, products: Iterable[Product], *, but: Order | None = None
) -> dict[int, int]:
    """How many of each a customer has ordered before and kept, by the product's key."""
    theirs = Q(customer_key=customer_key_of(email))
    if customer:
        theirs |= Q(customer=customer)
    orders = Order.objects.keyed().filter(theirs).exclude(status__in=GIVEN_UP)
    if but:
        orders = orders.exclude(pk=but.pk)
    lines = OrderLine.objects.filter(
        order__in=orders.values("pk"), variant__product__in=products, is_gift=False
    )
    kept = F("quantity") - F("quantity_cancelled") - F("quantity_returned")
    counted = lines.order_by().values("variant__product").annotate(kept=Sum(kept))
    return {row["variant__product"]: row["kept"] for row in counted}
