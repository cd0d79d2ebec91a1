"""Orders with all that their pages show, in a number of queries that does not grow with them."""

from django.db.models import Prefetch, QuerySet

from orders.models import Order, OrderLine, Shipment, ShipmentLine


def for_list(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With the pictures of what was ordered, and what their state is read from."""
    lines = OrderLine.objects.select_related("variant__image", "variant__product__cover")
    return orders.prefetch_related("attempts", Prefetch("lines", queryset=lines))


def for_page(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With addresses, history and parcels as well."""
    shipments = Shipment.objects.prefetch_related(
        Prefetch("lines", queryset=ShipmentLine.objects.select_related("order_line"))
    )
    return for_list(orders).prefetch_related(
        "addresses", "events", Prefetch("shipments", queryset=shipments)
    )
