"""Filling collections with what meets their conditions, so that pages read one table."""

from functools import reduce
from operator import and_, or_

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.facets import bits
from catalog.facets.ordering import in_order
from catalog.models import Collection, CollectionItem, Product, ProductStatus
from catalog.models.collection import BEHIND_THE_PICKED
from catalog.relisting import relist
from catalog.sorting import SORTS

# So many stand in the order of the collection; those behind them, which are on its twentieth page, are put in
# order when they are asked for. So a product more or less does not renumber a hundred thousand.
IN_ORDER = 480
AT_THE_END = 2 * BEHIND_THE_PICKED


def matching(collection: Collection) -> QuerySet[Product]:
    """The products that meet its conditions, shown today or to come; none where there are no conditions."""
    conditions = collection.conditions.select_related("category", "attribute")
    filters = [each.as_filter() for each in conditions]
    if not filters:
        return Product.objects.none()
    wanted = reduce(or_ if collection.matches_any else and_, filters)
    return Product.objects.filter(wanted, status=ProductStatus.ACTIVE)


@transaction.atomic
def fill(collection: Collection) -> set[int]:
    """
    Let in what meets the conditions by now and out what does not; return the products that came or went, by pk.

    What was chosen by hand stays. Prices follow where a price rule covers the collection. Safe to call twice.
    """
    # One at a time. A collection that is gone holds nothing.
    if not Collection.objects.select_for_update(no_key=True).filter(pk=collection.pk).exists():
        return set()
    wanted = matching(collection)
    ruled = collection.items.filter(is_picked=False)
    gone = ruled.exclude(product__in=wanted.order_by().values("pk"))
    changed = set(gone.values_list("product_id", flat=True))
    gone.delete()
    changed |= let_in(collection, wanted)
    put_in_order(collection, wanted)
    if changed and collection.price_rules.exists():
        relist(changed)
    return changed


def let_in(collection: Collection, wanted: QuerySet[Product]) -> set[int]:
    """Add what is not in the collection yet, by one statement; return what came in."""
    try:
        sql, params = wanted.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # A condition that names nothing any more.
        return set()
    with connection.cursor() as cursor:
        cursor.execute(LET_IN.replace("__WANTED__", sql), [collection.pk, AT_THE_END, *params])
        return {product for (product,) in cursor.fetchall()}


LET_IN = """
INSERT INTO catalog_collectionitem (collection_id, product_id, position, is_picked)
SELECT %s, wanted.id, %s, false FROM (__WANTED__) AS wanted (id)
    ON CONFLICT DO NOTHING
RETURNING product_id
"""


def put_in_order(collection: Collection, wanted: QuerySet[Product]) -> None:
    """Number the first of those that came by a condition, and save the numbers that differ."""
    found = bits.together(wanted.order_by().values_list("pk", flat=True))
    first = in_order(found, SORTS[collection.sort].sql, 0, IN_ORDER)
    places = {pk: BEHIND_THE_PICKED + place for place, pk in enumerate(first)}
    ruled = collection.items.filter(is_picked=False)
    numbered = ruled.filter(position__lt=AT_THE_END) | ruled.filter(product__in=places)
    changed = []
    for item in numbered:
        place = places.get(item.product_id, AT_THE_END)
        if item.position != place:
            item.position = place
            changed.append(item)
    CollectionItem.objects.bulk_update(changed, ["position"], batch_size=500)
