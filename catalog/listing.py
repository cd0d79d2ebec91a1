"""
The columns of a product that lists read: prices, availability, picture and search text.

They follow from other rows, so they can always be computed anew; `refresh_listing` is their only
writer, and whoever changes what they follow from calls it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import batched, groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalog.facets.keeping import PricedVariant, keep_facets
from catalog.finding.frequent import choose_common_words, keep_common_words
from catalog.finding.reading import SPELL_MEASURES
from catalog.finding.words import learn_words, recount_words
from catalog.models import PriceRule, Product, Variant
from catalog.models.category import Category
from catalog.prior_price import prior_prices

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


def rebuild_listing() -> int:
    """Compute the listing columns of all products, then count the words of the search; return how many changed."""
    changed = refresh_listing()
    recount_words()
    choose_common_words()
    return changed


def lock_listing(products: Iterable[int]) -> None:
    """
    Hold the rows of these products until the transaction ends, locked in the order of their keys.

    A transaction that refreshes in several parts locks all of them before the first: blocks of
    facets are shared by neighbours, and come after rows in the order of locks.
    """
    rows = Product.objects.filter(pk__in=list(products)).order_by("pk")
    for _ in rows.select_for_update(no_key=True).values_list("pk").iterator():
        pass


@transaction.atomic
def _refresh(products: list[int]) -> int:
    # Locked by a statement of its own: the next one then sees what the others committed, and two
    # that refresh the same products wait for each other instead of deadlocking.
    lock_listing(products)
    variants = with_prior_prices(priced_variants(products))
    with connection.cursor() as cursor:
        figures = [figures_of(each) for _, each in groupby(variants, attrgetter("product"))]
        columns = [list(column) for column in zip(*figures, strict=True)] or [[]] * 5
        cursor.execute(UPDATE, [*columns, products, products])
        changed = cursor.rowcount
    keep_facets(products, variants)
    keep_common_words(products)
    learn_words(products)
    return changed


def priced_variants(products: Sequence[int]) -> list[PricedVariant]:
    """All variants of these products, by product and in their order, at today's effective prices."""
    with connection.cursor() as cursor:
        cursor.execute(VARIANTS, {"products": list(products), "now": timezone.now()})
        return [PricedVariant(*row) for row in cursor.fetchall()]


def with_prior_prices(variants: Sequence[PricedVariant]) -> list[PricedVariant]:
    """The variants with the prior price that the law wants told, where one may be told at all."""
    reduced = [each.variant for each in variants if each.was_price is not None]
    if not reduced:
        return list(variants)
    prior = prior_prices(Variant.objects.filter(pk__in=reduced).priced())
    return [each._replace(was_price=prior.get(each.variant)) for each in variants]


def figures_of(
    variants: Iterable[PricedVariant],
) -> tuple[int, Decimal, Decimal, Decimal | None, bool]:
    """A product with what lists say of its variants: prices from and to, what the cheapest was, is any in stock."""
    variants = list(variants)
    cheapest = min(variants, key=attrgetter("price"))  # The first of those that cost as little.
    return (
        cheapest.product,
        cheapest.price,
        max(each.price for each in variants),
        cheapest.was_price,
        any(each.is_in_stock for each in variants),
    )


def covered_by(rules: Iterable[PriceRule]) -> Any:
    """The products whose price these rules may decide, as a queryset."""
    found = Q(pk__in=[])
    for rule in rules:
        if rule.covers_all:
            return Product.objects.all()
        found |= Q(price_rules=rule) | Q(collections__price_rules=rule)
        found |= Q(variants__price_rules=rule)
        for category in rule.categories.all():
            below = Category.objects.filter(
                tree_id=category.tree_id, lft__gte=category.lft, rght__lte=category.rght
            )
            found |= Q(category__in=below) | Q(categories__in=below)
    return Product.objects.filter(found).distinct()


# The variants of some products in their order, with the arithmetic of catalog_effective_price done for many at once.
VARIANTS = """
WITH rule AS MATERIALIZED (
    SELECT id, percent, amount, covers_all FROM catalog_pricerule
     WHERE is_active AND (starts_at IS NULL OR starts_at <= %(now)s)
       AND (ends_at IS NULL OR ends_at > %(now)s)
),
placed AS MATERIALIZED (
    SELECT id AS product_id, category_id FROM catalog_product
     WHERE id = ANY(%(products)s) AND EXISTS (SELECT FROM rule)
     UNION
    SELECT product_id, category_id FROM catalog_product_categories
     WHERE product_id = ANY(%(products)s) AND EXISTS (SELECT FROM rule)
),
covered AS (
    SELECT named.product_id, NULL::bigint AS variant_id, rule.percent, rule.amount
      FROM rule JOIN catalog_pricerule_products named ON named.pricerule_id = rule.id
     WHERE named.product_id = ANY(%(products)s)
    UNION ALL
    SELECT picked.product_id, picked.id, rule.percent, rule.amount
      FROM rule
      JOIN catalog_pricerule_variants named ON named.pricerule_id = rule.id
      JOIN catalog_variant picked ON picked.id = named.variant_id
     WHERE picked.product_id = ANY(%(products)s)
    UNION ALL
    SELECT item.product_id, NULL, rule.percent, rule.amount
      FROM rule
      JOIN catalog_pricerule_collections named ON named.pricerule_id = rule.id
      JOIN catalog_collectionitem item ON item.collection_id = named.collection_id
     WHERE item.product_id = ANY(%(products)s)
    UNION ALL
    SELECT placed.product_id, NULL, rule.percent, rule.amount
      FROM rule
      JOIN catalog_pricerule_categories named ON named.pricerule_id = rule.id
      JOIN catalog_category above ON above.id = named.category_id
      JOIN catalog_category shelf
        ON shelf.tree_id = above.tree_id AND shelf.lft BETWEEN above.lft AND above.rght
      JOIN placed ON placed.category_id = shelf.id
    UNION ALL
    SELECT placed.product_id, NULL, rule.percent, rule.amount
      FROM rule CROSS JOIN placed WHERE rule.covers_all
),
best AS (
    SELECT variant.id, min(CASE WHEN covered.percent IS NULL THEN variant.price - covered.amount
                                ELSE variant.price * (100 - covered.percent) / 100 END) AS price
      FROM covered
      JOIN catalog_variant variant
        ON variant.product_id = covered.product_id
       AND (covered.variant_id IS NULL OR covered.variant_id = variant.id)
     GROUP BY variant.id
),
priced AS (
    SELECT variant.id, variant.product_id, variant.position, variant.price, variant.compare_at_price,
           round(greatest(coalesce(best.price, variant.price),
                          least(variant.price, coalesce(variant.minimum_price, 0))), 2) AS effective_price
      FROM catalog_variant variant
      LEFT JOIN best ON best.id = variant.id
     WHERE variant.product_id = ANY(%(products)s)
)
SELECT priced.product_id,
       priced.id,
       priced.effective_price,
       CASE WHEN priced.effective_price < priced.price THEN priced.price
            WHEN priced.compare_at_price > priced.effective_price THEN priced.compare_at_price END,
       coalesce(NOT item.is_tracked OR item.allocated < item.on_hand + item.backorder_limit, false)
  FROM priced
  LEFT JOIN catalog_stockitem item ON item.variant_id = priced.id
 ORDER BY priced.product_id, priced.position, priced.id
"""

# The same name without its apostrophes, so that “oneill” finds O'Neill.
JOINED_NAME = """CASE WHEN product.name ~ '[''’]'
    THEN ' ' || regexp_replace(product.name, '[''’]', '', 'g') ELSE '' END"""

# An attribute's unit “in” would be taken for the preposition.
FACTS = """left(string_agg(coalesce(nullif(value.text, ''), trim_scale(value.number)::text || ' '
             || CASE attribute.unit WHEN 'in' THEN 'inch' ELSE attribute.unit END), ' '
             ORDER BY value.id), 20000)"""

# The parser of PostgreSQL's text search knows tags and entities and leaves them out by itself.
# All that is strung together has an order: without one, another plan of the database would string the
# same words otherwise, and the doctor would think them out of date.

WORDS = """
    SELECT product.id,
           setweight(to_tsvector('shop_english', {name}), 'A')
           || setweight(to_tsvector('shop_english', concat_ws(' ',
                (SELECT string_agg(v.sku || ' ' || v.barcode, ' ' ORDER BY v.id)
                   FROM catalog_variant v WHERE v.product_id = product.id),
                brand.name,
                {tags})), 'B')
           || setweight(to_tsvector('shop_english', concat_ws(' ',
                (SELECT {facts}
                   FROM catalog_attributevalue value
                   JOIN catalog_attribute attribute ON attribute.id = value.attribute_id
                  WHERE value.product_id = product.id),
                (SELECT {options}
                   FROM catalog_optionvalue value
                   JOIN catalog_variantvalue chosen ON chosen.value_id = value.id
                   JOIN catalog_variant v ON v.id = chosen.variant_id
                  WHERE v.product_id = product.id),
                (SELECT string_agg(above.name, ' ' ORDER BY above.lft)
                   FROM catalog_category above
                   JOIN catalog_category shelf ON shelf.tree_id = above.tree_id
                    AND shelf.lft BETWEEN above.lft AND above.rght
                  WHERE shelf.id = product.category_id))), 'C')
           || setweight(to_tsvector('shop_english', left(product.description, 100000)), 'D')
           AS search
      FROM catalog_product product
      LEFT JOIN catalog_brand brand ON brand.id = product.brand_id
     WHERE product.id = ANY(%s)
"""

FACTS_AND_WORDS = """
WITH facts (product_id, price_from, price_to, was_price, is_available) AS (
    SELECT * FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bool[])
),
words AS (
    __WORDS__
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

WORDS_NOW = WORDS.format(
    name=SPELL_MEASURES.format("product.name") + " || " + JOINED_NAME,
    tags=SPELL_MEASURES.format("left(array_to_string(product.tags, ' '), 20000)"),
    facts=SPELL_MEASURES.format(FACTS),
    options=SPELL_MEASURES.format("left(string_agg(DISTINCT value.name, ' '), 20000)"),
)
UPDATE = FACTS_AND_WORDS.replace("__WORDS__", WORDS_NOW)
# Products whose search text is another than it would be written now.
UNFOUND = """
SELECT product.id, product.name FROM catalog_product product JOIN (__WORDS__) words USING (id)
 WHERE product.search IS DISTINCT FROM words.search ORDER BY product.id
""".replace("__WORDS__", WORDS_NOW)
