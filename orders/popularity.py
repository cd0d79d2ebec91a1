"""How often things were bought."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import Product
from orders.models import OrderLine, OrderStatus


@transaction.atomic
def recount_sold(products: Iterable[int] | None = None) -> int:
    """Write `sold_count` of these products (None: of all) from the confirmed orders; returns how many changed."""
    sold = (
        OrderLine.objects.filter(
            order__status=OrderStatus.CONFIRMED, variant__product=OuterRef("pk")
        )
        .order_by()
        .values("variant__product")
        .annotate(all=Sum("quantity"))
        .values("all")
    )
    count = Coalesce(Subquery(sold), 0)
    chosen = (
        Product.objects.all()
        if products is None
        else Product.objects.filter(pk__in=sorted(products))
    )
    # Locked first, in the order that refreshing a list takes them in: so the two wait for each other
    # instead of deadlocking, and what is counted next holds what others have just committed.
    list(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return chosen.annotate(now=count).filter(~Q(sold_count=count)).update(sold_count=count)
