"""Orders with all that their pages show, in a number of queries that does not grow with them."""

from django.db.models import Prefetch, QuerySet

from orders.models import (
    HELD_REFUNDS,
    Invoice,
    Order,
    OrderLine,
    PaymentAttempt,
    Refund,
    RefundLine,
    Shipment,
    ShipmentLine,
)
from orders.payments import Provider, available_providers
from shop.models import Mail


def for_list(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With the pictures of what was ordered, and what their state is read from."""
    lines = OrderLine.objects.select_related("variant__image", "variant__product__cover")
    return orders.prefetch_related("attempts", Prefetch("lines", queryset=lines))


def for_page(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With addresses, history and parcels as well."""
    return for_list(orders).prefetch_related(
        "addresses",
        "events",
        invoices(),
        "returns__lines__order_line",
        parcels(),
        refunds_with_lines(),
    )


def parcels() -> Prefetch:
    """With their lines, in the order of the order's own."""
    lines = ShipmentLine.objects.select_related("order_line").order_by("order_line__position", "pk")
    return Prefetch("shipments", Shipment.objects.prefetch_related(Prefetch("lines", lines)))


def invoices() -> Prefetch:
    """What a page names of them: not all that they say."""
    named = (
        Invoice.objects.order_by("pk")
        .select_related("corrects")
        .only(
            *("order_id", "kind", "number", "total", "issued_at", "currency"),
            *("corrects", "corrects__number"),
        )
    )
    return Prefetch("invoices", named)


def refunds_of(order: Order) -> list[Refund]:
    """What went back or is on its way; reads what `for_page` has loaded."""
    refunds = [each for attempt in order.attempts.all() for each in attempt.refunds.all()]
    return sorted((each for each in refunds if each.status in HELD_REFUNDS), key=lambda r: r.pk)


def refunds_with_lines() -> Prefetch:
    lines = RefundLine.objects.select_related("order_line")
    return Prefetch("attempts__refunds", Refund.objects.prefetch_related(Prefetch("lines", lines)))


def providers_for(order: Order) -> list[Provider]:
    """What a placed order can be paid with: at the counter only if it was placed so."""
    return available_providers(is_pickup=order.payment_method == "pickup")


def whole_order(pk: str) -> Order | None:
    """The order of a key with all that staff see of it, in as many queries as it has kinds of rows."""
    if not pk.isdecimal() or len(pk) > 18:
        return None
    lines = OrderLine.objects.select_related(
        "variant__product", "variant__image", "variant__product__cover"
    )
    attempts = PaymentAttempt.objects.prefetch_related(
        "events", "refunds__actor", "refunds__lines__order_line", "gift_card_entries__card"
    )
    found = Order.objects.select_related("customer", "taken_by").prefetch_related(
        Prefetch("lines", lines),
        parcels(),
        Prefetch("attempts", attempts),
        "addresses",
        "events__actor",
        "consents__wording",
        invoices(),
        "returns",
    )
    return found.filter(pk=pk).first()


def mails_of(order: Order) -> QuerySet[Mail]:
    return Mail.objects.filter(dedupe_key__startswith=f"order:{order.number}:").order_by("pk")
