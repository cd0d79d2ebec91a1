"""
The columns of a product that lists read: prices, availability, picture and search text.

They follow from other rows, so they can always be computed anew; `refresh_listing` is their only
writer, and whoever changes what they follow from calls it.
"""

from collections.abc import Iterable
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from catalog.models import PriceRule, Product, Variant
from catalog.models.category import Category

BATCH = 1000  # Products refreshed by one statement, so that locks are held for moments.


def refresh_listing(products: Iterable[int] | None = None) -> int:
    """
    Compute the listing columns of these products (by pk; None: of all) and return how many changed.

    Prices are the effective ones. `was_price` belongs to the cheapest variant: its list price
    where a price rule is in force, else a higher price before. Safe to call at any time and twice.
    """
    if products is None:
        products = Product.objects.values_list("pk", flat=True)
    return sum(_refresh(list(batch)) for batch in batched(sorted(set(products)), BATCH))


@transaction.atomic
def _refresh(products: list[int]) -> int:
    # Locked by a statement of its own: the next one then sees what the others committed, and two
    # that refresh the same products wait for each other instead of deadlocking.
    list(
        Product.objects.filter(pk__in=products)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    variants = Variant.objects.filter(product__in=products).priced().available()
    columns = ["id", "product_id", "position", "price", "compare_at_price"]
    columns += ["effective_price", "in_stock"]
    sql, params = variants.values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(UPDATE.replace("__VARIANTS__", sql), [*params, products, products])
        return cursor.rowcount


def covered_by(rules: Iterable[PriceRule]) -> Any:
    """The products whose price these rules may decide, as a queryset."""
    found = Q(pk__in=[])
    for rule in rules:
        if rule.covers_all:
            return Product.objects.all()
        found |= Q(price_rules=rule) | Q(collections__price_rules=rule)
        for category in rule.categories.all():
            below = Category.objects.filter(
                tree_id=category.tree_id, lft__gte=category.lft, rght__lte=category.rght
            )
            found |= Q(category__in=below) | Q(categories__in=below)
    return Product.objects.filter(found).distinct()


# The parser of PostgreSQL's text search knows tags and entities and leaves them out by itself.
UPDATE = """
WITH variant AS (__VARIANTS__),
facts AS (
    SELECT product_id,
           min(effective_price) AS price_from,
           max(effective_price) AS price_to,
           bool_or(in_stock) AS is_available,
           (array_agg(
               CASE WHEN effective_price < price THEN price
                    WHEN compare_at_price > effective_price THEN compare_at_price END
               ORDER BY effective_price, position, id
           ))[1] AS was_price
      FROM variant
     GROUP BY product_id
),
words AS (
    SELECT product.id,
           setweight(to_tsvector('shop_english', product.name), 'A')
           || setweight(to_tsvector('shop_english', concat_ws(' ',
                (SELECT string_agg(v.sku || ' ' || v.barcode, ' ')
                   FROM catalog_variant v WHERE v.product_id = product.id),
                brand.name,
                left(array_to_string(product.tags, ' '), 20000))), 'B')
           || setweight(to_tsvector('shop_english', concat_ws(' ',
                (SELECT left(string_agg(
                            coalesce(nullif(value.text, ''), trim_scale(value.number)::text || ' '
                                     || attribute.unit), ' '), 20000)
                   FROM catalog_attributevalue value
                   JOIN catalog_attribute attribute ON attribute.id = value.attribute_id
                  WHERE value.product_id = product.id),
                (SELECT left(string_agg(DISTINCT value.name, ' '), 20000)
                   FROM catalog_optionvalue value
                   JOIN catalog_variantvalue chosen ON chosen.value_id = value.id
                   JOIN catalog_variant v ON v.id = chosen.variant_id
                  WHERE v.product_id = product.id),
                (SELECT string_agg(above.name, ' ')
                   FROM catalog_category above
                   JOIN catalog_category shelf ON shelf.tree_id = above.tree_id
                    AND shelf.lft BETWEEN above.lft AND above.rght
                  WHERE shelf.id = product.category_id))), 'C')
           || setweight(to_tsvector('shop_english', left(product.description, 100000)), 'D')
           AS search
      FROM catalog_product product
      LEFT JOIN catalog_brand brand ON brand.id = product.brand_id
     WHERE product.id = ANY(%s)
),
fresh AS (
    SELECT words.id, facts.price_from, facts.price_to, facts.was_price,
           coalesce(facts.is_available, false) AS is_available,
           (SELECT image.id FROM catalog_image image WHERE image.product_id = words.id
             ORDER BY image.position, image.id LIMIT 1) AS cover_id,
           words.search
      FROM words
      LEFT JOIN facts ON facts.product_id = words.id
)
UPDATE catalog_product AS product
   SET price_from = fresh.price_from, price_to = fresh.price_to, was_price = fresh.was_price,
       is_available = fresh.is_available, cover_id = fresh.cover_id, search = fresh.search
  FROM fresh
 WHERE product.id = ANY(%s) AND fresh.id = product.id
   AND (product.price_from, product.price_to, product.was_price, product.is_available,
        product.cover_id, product.search)
       IS DISTINCT FROM
       (fresh.price_from, fresh.price_to, fresh.was_price, fresh.is_available,
        fresh.cover_id, fresh.search)
"""
