"""What must hold of the shelf, the tree of categories and the catalogue's figures."""

from collections.abc import Iterator
from datetime import timedelta

import pgtrigger
from django.contrib.postgres.aggregates import BoolOr
from django.db import connection, models
from django.db.models import Max, Min, Q
from django.utils import timezone

from catalog.facets.bits import as_bytes, has, union
from catalog.facets.choosing import IN_STOCK, LISTED
from catalog.facets.reading import read
from catalog.listing import UNFOUND
from catalog.models import PriceRule, Product, ProductStatus, StockMovement, Variant
from shop.invariants import ask, invariant

STALE = timedelta(minutes=5)  # Lists follow by jobs; within this time they may lag behind.


@invariant("INV-01", "Nothing is promised that is not there, and no count is below zero.")
def stock_is_there() -> Iterator[str]:
    return ask(
        "{goods}: {allocated} promised, {on_hand} on hand, {backorder_limit} more allowed",
        """
        SELECT coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
               item.allocated, item.on_hand, item.backorder_limit
          FROM catalog_stockitem item
          JOIN catalog_variant variant ON variant.id = item.variant_id
         WHERE item.on_hand < 0
            OR item.allocated < 0
            OR (item.is_tracked AND item.allocated > item.on_hand + item.backorder_limit)
         ORDER BY goods
        """,
    )


@invariant("INV-02", "The counts on the shelf equal the sum of their movements.")
def counts_equal_movements() -> Iterator[str]:
    return ask(
        "{goods}: {on_hand} on hand and {allocated} promised,"
        " but its movements come to {moved_on_hand} and {moved_allocated}",
        """
        SELECT coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
               item.on_hand, item.allocated,
               coalesce(moved.on_hand, 0) AS moved_on_hand,
               coalesce(moved.allocated, 0) AS moved_allocated
          FROM catalog_stockitem item
          JOIN catalog_variant variant ON variant.id = item.variant_id
          LEFT JOIN (
                SELECT item_id, sum(delta_on_hand) AS on_hand, sum(delta_allocated) AS allocated
                  FROM catalog_stockmovement GROUP BY item_id
               ) moved ON moved.item_id = item.id
         WHERE item.on_hand <> coalesce(moved.on_hand, 0)
            OR item.allocated <> coalesce(moved.allocated, 0)
         ORDER BY goods
        """,
    )


@invariant("INV-02", "The database refuses to rewrite a movement of stock.")
def movements_stay() -> Iterator[str]:
    return sleeping_triggers(StockMovement)


@invariant("INV-04", "A movement of stock is counted once.")
def movements_count_once() -> Iterator[str]:
    return ask(
        "movement {dedupe_key} was counted {times} times",
        """
        SELECT dedupe_key, count(*) AS times FROM catalog_stockmovement
         GROUP BY dedupe_key HAVING count(*) > 1 ORDER BY dedupe_key
        """,
    )


@invariant("INV-40", "The database remembers every change of a price.")
def prices_are_remembered() -> Iterator[str]:
    return sleeping_triggers(Variant)


@invariant("INV-41", "Every category lies inside its parent, and beside its siblings.")
def categories_are_nested() -> Iterator[str]:
    return ask(
        "category {path}: interval {lft}–{rght}, level {level}: {fault}",
        """
        WITH family AS (
            SELECT node.*, parent.id AS above, parent.tree_id AS tree_above,
                   parent.lft AS lft_above, parent.rght AS rght_above, parent.level AS level_above,
                   lag(node.rght) OVER siblings AS rght_before,
                   coalesce(below.width, 0) AS width_below,
                   count(*) FILTER (WHERE node.parent_id IS NULL) OVER trees AS roots
              FROM catalog_category node
              LEFT JOIN catalog_category parent ON parent.id = node.parent_id
              LEFT JOIN (
                    SELECT parent_id, sum(rght - lft + 1) AS width
                      FROM catalog_category GROUP BY parent_id
                   ) below ON below.parent_id = node.id
            WINDOW trees AS (PARTITION BY node.tree_id), siblings AS (
                   PARTITION BY node.tree_id, node.parent_id ORDER BY node.lft, node.id)
        ), judged AS (
            SELECT path, lft, rght, level, CASE
                WHEN lft >= rght THEN 'begins after its end'
                WHEN parent_id IS NULL AND (level <> 0 OR roots <> 1)
                    THEN 'not alone at the top of its tree'
                WHEN tree_id <> tree_above THEN 'in another tree than its parent'
                WHEN level <> level_above + 1 THEN 'not one level below its parent'
                WHEN lft <= lft_above OR rght >= rght_above THEN 'outside its parent'
                WHEN lft <= rght_before THEN 'overlaps its sibling'
                WHEN rght - lft - 1 <> width_below THEN 'not as wide as what is in it'
                END AS fault
              FROM family
        )
        SELECT path, lft, rght, level, fault FROM judged WHERE fault IS NOT NULL ORDER BY path, lft
        """,
    )


@invariant("INV-42", "The address of a category is its parent's and its own word.")
def paths_follow_parents() -> Iterator[str]:
    return ask(
        "category {name} has the address {path}, not {right}",
        """
        SELECT node.name, node.path, concat(parent.path || '/', node.slug) AS right
          FROM catalog_category node
          LEFT JOIN catalog_category parent ON parent.id = node.parent_id
         WHERE node.path <> concat(parent.path || '/', node.slug)
         ORDER BY node.path
        """,
    )


@invariant("INV-44", "No price rule covers a collection that is chosen by price.")
def price_rules_do_not_go_round() -> Iterator[str]:
    return ask(
        "the price rule {rule} covers the collection {collection}, which is chosen by price",
        """
        SELECT DISTINCT rule.name AS rule, collection.name AS collection
          FROM catalog_pricerule_collections covered
          JOIN catalog_pricerule rule ON rule.id = covered.pricerule_id
          JOIN catalog_collection collection ON collection.id = covered.collection_id
          JOIN catalog_collectioncondition condition ON condition.collection_id = collection.id
         WHERE condition.kind IN ('price', 'sale')
         ORDER BY rule, collection
        """,
    )


@invariant("INV-43", "Every variant has its one place on the shelf.")
def variants_are_counted() -> Iterator[str]:
    return ask(
        "{goods} has {places} places on the shelf",
        """
        SELECT coalesce(nullif(variant.sku, ''), 'variant ' || variant.id) AS goods,
               count(item.id) AS places
          FROM catalog_variant variant
          LEFT JOIN catalog_stockitem item ON item.variant_id = variant.id
         GROUP BY variant.id HAVING count(item.id) <> 1 ORDER BY goods
        """,
    )


@invariant("INV-39", "Lists show the prices of today, and what can be had.")
def lists_are_up_to_date() -> Iterator[str]:
    long_ago = timezone.now() - STALE
    turned = Q(starts_at__range=(long_ago, timezone.now())) | Q(
        ends_at__range=(long_ago, timezone.now())
    )
    if PriceRule.objects.filter(turned).exists():
        return  # The worker is about to list the prices anew.
    variants = Variant.objects.priced().available().order_by().values("product_id")
    facts = variants.annotate(
        low=Min("effective_price"), high=Max("effective_price"), left=BoolOr("in_stock")
    )
    right = {row["product_id"]: (row["low"], row["high"], row["left"]) for row in facts}
    moved = StockMovement.objects.filter(at__gte=long_ago).values("item__variant__product")
    shown = Product.objects.filter(updated_at__lt=long_ago).exclude(pk__in=moved).order_by("pk")
    for product in shown.only("name", "price_from", "price_to", "is_available"):
        is_shown = (product.price_from, product.price_to, product.is_available)
        if is_shown != right.get(product.pk, (None, None, False)):
            yield (
                f"product {product.pk} ({product.name}) is listed at {product.price_from} to"
                f" {product.price_to}, available: {product.is_available}, which is not so any more"
            )


@invariant("INV-39", "Filters know what is in the shop, and what of it can be had.")
def filters_are_up_to_date() -> Iterator[str]:
    known = read([LISTED, IN_STOCK.place])
    can_be_had = union(slices[0] for slices in known.layers(IN_STOCK.place) if slices)
    long_ago = timezone.now() - STALE
    shown = Product.objects.filter(updated_at__lt=long_ago).order_by("pk")
    listed, available = as_bytes(known.members(LISTED)), as_bytes(can_be_had)
    for product in shown.only("name", "status", "is_available"):
        is_known = (has(listed, product.pk), has(available, product.pk))
        if is_known != (product.status == ProductStatus.ACTIVE, product.is_available):
            yield (
                f"product {product.pk} ({product.name}) is {product.status}, available:"
                f" {product.is_available}, but filters have {is_known}"
            )


@invariant("INV-39", "The search knows of each product what stands on its page.")
def search_is_up_to_date() -> Iterator[str]:
    long_ago = timezone.now() - STALE
    settled = Product.objects.filter(updated_at__lt=long_ago).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(UNFOUND, [list(settled)])
        for pk, name in cursor.fetchall():
            yield f"product {pk} ({name}) is not found by its words"


def sleeping_triggers(*tables: type[models.Model]) -> Iterator[str]:
    """A line for each trigger of these tables that is declared in code and does not fire."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        awake = {name for (name,) in cursor.fetchall()}
    watched = {table._meta.label for table in tables}
    for table, trigger in pgtrigger.registered():
        if table._meta.label in watched and trigger.get_pgid(table) not in awake:
            yield f"the trigger {trigger.name} on {table._meta.db_table} is gone or switched off"


@invariant("INV-38", "An address is kept only as long as a stock alert needs it.")
def old_alerts_are_forgotten() -> Iterator[str]:
    return ask(
        "alert {id} ({state}) should have been deleted",
        """
        SELECT id, state FROM catalog_stockalert
         WHERE (state = 'asked' AND asked_at < now() - interval '8 days')
            OR (state = 'ended' AND asked_at < now() - interval '32 days')
            OR (state = 'told' AND told_at < now() - interval '32 days'
                AND asked_at < now() - interval '32 days')
            OR (state = 'waiting' AND confirmed_at < now() - interval '182 days')
         ORDER BY id
        """,
    )


@invariant("INV-38", "The wishlists of visitors go when their sessions are over.")
def nobodys_wishlists_are_forgotten() -> Iterator[str]:
    return ask(
        "wishlist {id} is nobody's since long ago",
        """
        SELECT id FROM catalog_wishlist
         WHERE owner_id IS NULL AND changed_at < now() - interval '62 days' ORDER BY id
        """,
    )
