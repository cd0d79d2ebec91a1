"""
Keeping the bits of products in step with what the shop says of them.

`keep_facets` is the only writer. It computes the codes of some products from the other tables and sets
exactly their bits; bits of other products in the same blocks stay as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.text import slugify

from catalog.facets.reading import BLOCK_BYTES, Place
from catalog.models.facet import BLOCK_SIZE, FacetColumn, FacetKind, FacetValue

FACETS_LOCK = 3  # A key in PostgreSQL's space of advisory locks; the second is the block.
MAX_LABEL = 120  # Longer facts are sentences, which nobody filters by.

type Part = tuple[int, int, int, int]  # Column, layer, place of the bit, block.
type Codes = dict[Place, dict[int, list[int]]]  # Column → product → its code in each layer.


class PricedVariant(NamedTuple):
    """A variant as lists see it; `price` is the effective one. The variants of a product come in their order."""

    product: int
    variant: int
    price: Decimal
    was_price: Decimal | None
    is_in_stock: bool


@transaction.atomic
def keep_facets(products: Sequence[int], variants: Iterable[PricedVariant]) -> None:
    """
    Set the bits of these products; `variants` are all of theirs.

    Blocks are locked in their order, after any rows of products, until the transaction ends.
    """
    keys = list(products)
    blocks = sorted({key // BLOCK_SIZE for key in keys})
    with connection.cursor() as cursor:
        cursor.execute(LOCKS, [FACETS_LOCK, blocks])
        codes: Codes = defaultdict(lambda: defaultdict(list))
        say_of_products(cursor, codes, keys)
        say_of_variants(codes, variants)
        write(cursor, keys, as_parts(codes))


def say_of_products(cursor: Any, codes: Codes, products: list[int]) -> None:
    """Add the codes of all columns but those that `say_of_variants` knows."""
    cursor.execute(PLAIN_FACTS, {"products": products})
    for kind, owner, product, code in cursor.fetchall():
        codes[Place(kind, owner)][product].append(code)
    cursor.execute(VALUED_FACTS, {"products": products, "longest": MAX_LABEL})
    facts = cursor.fetchall()
    known = known_values(facts)
    for kind, owner, product, layer, key, _label, _slug in facts:
        layers = codes[Place(kind, owner)][product]
        layers += [0] * (layer + 1 - len(layers))
        layers[layer] = known[kind, owner, key]


def say_of_variants(codes: Codes, variants: Iterable[PricedVariant]) -> None:
    in_stock, sale, price = (
        codes[Place(kind)] for kind in (FacetKind.IN_STOCK, FacetKind.SALE, FacetKind.PRICE)
    )
    for each in variants:
        in_stock[each.product].append(int(each.is_in_stock))
        sale[each.product].append(int(each.was_price is not None))
        price[each.product].append(price_code(each.price))


def price_code(price: Decimal) -> int:
    """The code of a price: of nothing is 1, since 0 is no price."""
    return int(price.scaleb(2)) + 1


def known_values(facts: Sequence[Sequence[Any]]) -> Mapping[tuple[int, int, str], int]:
    """
    The code of each value in these facts by kind, owner and key; values that are new get one, and new words are kept.

    Columns are locked, in their order, while they learn values: codes are given once.
    """
    wanted = {(kind, owner, key): (label, slug) for kind, owner, _, _, key, label, slug in facts}
    places = {Place(kind, owner) for kind, owner, _ in wanted}
    columns = columns_of(places)
    known = read_values(columns)
    if all(
        key in known and (known[key][1] == words[0] or key[0] == FacetKind.ATTRIBUTE)
        for key, words in wanted.items()
    ):
        return {key: code for key, (code, _) in known.items()}
    list(FacetColumn.objects.filter(pk__in=columns.values()).order_by("pk").select_for_update())
    known = read_values(columns)
    learn_values(wanted, known, columns)
    return {key: code for key, (code, _) in read_values(columns).items()}


def learn_values(
    wanted: Mapping[tuple[int, int, str], tuple[str, str]],
    known: Mapping[tuple[int, int, str], tuple[int, str]],
    columns: Mapping[Place, int],
) -> None:
    last: dict[Place, int] = defaultdict(int)
    for (kind, owner, _), (code, _label) in known.items():
        last[Place(kind, owner)] = max(last[Place(kind, owner)], code)
    taken = set(
        FacetValue.objects.filter(column__in=columns.values()).values_list("column_id", "slug")
    )
    for (kind, owner, key), (label, slug) in sorted(wanted.items()):
        place = Place(kind, owner)
        code, old = known.get((kind, owner, key), (0, None))
        if code and (old == label or kind == FacetKind.ATTRIBUTE):
            continue
        slug = free(slug or slug_of(label), columns[place], taken)
        if code:
            values = FacetValue.objects.filter(column=columns[place], code=code)
            values.update(label=label, slug=slug)
            continue
        last[place] += 1
        FacetValue.objects.create(
            column_id=columns[place],
            code=last[place],
            label=label,
            slug=slug,
            ref=None if kind == FacetKind.ATTRIBUTE else int(key),
        )


def free(slug: str, column: int, taken: set[tuple[int, str]]) -> str:
    """The slug, with a number where another value of the column has it; `taken` learns it."""
    plain, number = slug, 1
    while (column, slug) in taken:
        number += 1
        slug = f"{plain}-{number}"
    taken.add((column, slug))
    return slug


def slug_of(label: str) -> str:
    """How addresses spell a value: “0.5”, “dark-blue”; the words themselves where that leaves nothing."""
    if label.replace(".", "", 1).isdecimal():
        return label
    return (slugify(label, allow_unicode=True) or label.strip())[:240]


def columns_of(places: Iterable[Place]) -> dict[Place, int]:
    """The keys of columns, which are made where there are none."""
    wanted = set(places)
    found = _columns(wanted)
    if len(found) < len(wanted):
        missing = sorted(wanted - set(found))
        FacetColumn.objects.bulk_create(
            [FacetColumn(kind=kind, owner=owner) for kind, owner in missing], ignore_conflicts=True
        )
        found = _columns(wanted)
    return found


def _columns(wanted: set[Place]) -> dict[Place, int]:
    columns = FacetColumn.objects.filter(
        kind__in={place.kind for place in wanted}, owner__in={place.owner for place in wanted}
    )
    found = {Place(each.kind, each.owner): each.pk for each in columns}
    return {place: found[place] for place in wanted if place in found}


def read_values(columns: Mapping[Place, int]) -> dict[tuple[int, int, str], tuple[int, str]]:
    """The code and the words of each value of these columns, by kind, owner and what tells it from others."""
    places = {pk: place for place, pk in columns.items()}
    rows = FacetValue.objects.filter(column__in=places).values_list(
        "column_id", "code", "ref", "label"
    )
    return {
        (*places[column], str(ref or label.lower())): (code, label)
        for column, code, ref, label in rows
    }


def as_parts(codes: Codes) -> dict[Part, bytearray]:
    """The blocks of bits that say these codes."""
    columns = columns_of(codes)
    parts: dict[Part, bytearray] = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for column_place, by_product in codes.items():
        column = columns[column_place]
        for product, layers in by_product.items():
            block, offset = divmod(product, BLOCK_SIZE)
            at, bit = offset >> 3, 1 << (offset & 7)
            for layer, code in enumerate(layers):
                for place in range(code.bit_length()):
                    if code >> place & 1:
                        parts[column, layer, place, block][at] |= bit
    return parts


def write(cursor: Any, products: Sequence[int], parts: Mapping[Part, bytearray]) -> None:
    """Set the products' bits where they differ, add blocks that were not there, and drop empty ones."""
    masks: dict[int, bytearray] = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for product in products:
        block, offset = divmod(product, BLOCK_SIZE)
        masks[block][offset >> 3] |= 1 << (offset & 7)
    values = {
        "masked": list(masks),
        "masks": ["x" + mask.hex() for mask in masks.values()],
        "fresh": ["x" + bits.hex() for bits in parts.values()],
        **{name: [part[at] for part in parts] for at, name in enumerate(PART_COLUMNS)},
    }
    cursor.execute(CHANGE_BLOCKS, values)
    cursor.execute(DROP_BLOCKS, values)


PART_COLUMNS = ["columns", "layers", "places", "blocks"]

LOCKS = "SELECT pg_advisory_xact_lock(%s, block) FROM unnest(%s::int[]) AS block ORDER BY block"

# Kind, owner, product, code: what is listed, whole stars, and the categories a product stands in or below.
PLAIN_FACTS = """
SELECT 1, 0, id, 1 FROM catalog_product WHERE id = ANY(%(products)s) AND status = 'active'
UNION ALL
SELECT 2, 0, id, floor(rating)::int FROM catalog_product WHERE id = ANY(%(products)s) AND rating IS NOT NULL
UNION ALL
SELECT DISTINCT 4, above.id, placed.product_id, 1
  FROM (SELECT id AS product_id, category_id FROM catalog_product WHERE id = ANY(%(products)s)
         UNION
        SELECT product_id, category_id FROM catalog_product_categories WHERE product_id = ANY(%(products)s)) placed
  JOIN catalog_category shelf ON shelf.id = placed.category_id
  JOIN catalog_category above ON above.tree_id = shelf.tree_id
   AND shelf.lft BETWEEN above.lft AND above.rght
"""

# Kind, owner, product, layer, key of the value, its words, its spelling in addresses if it has one of its own.
VALUED_FACTS = """
SELECT 3, 0, product.id, 0, brand.id::text, brand.name, brand.slug
  FROM catalog_product product
  JOIN catalog_brand brand ON brand.id = product.brand_id
 WHERE product.id = ANY(%(products)s)
UNION ALL
SELECT 5, fact.attribute_id, fact.product_id,
       (row_number() OVER (PARTITION BY fact.product_id, fact.attribute_id ORDER BY min(fact.id)) - 1)::int,
       lower(fact.label), min(fact.label), NULL
  FROM (SELECT value.id, value.product_id, value.attribute_id,
               CASE WHEN value.boolean IS NOT NULL THEN CASE WHEN value.boolean THEN 'yes' ELSE 'no' END
                    WHEN value.number IS NOT NULL THEN trim_scale(value.number)::text
                    ELSE value.text END AS label
          FROM catalog_attributevalue value
          JOIN catalog_attribute attribute ON attribute.id = value.attribute_id AND attribute.is_filterable
         WHERE value.product_id = ANY(%(products)s) AND length(value.text) <= %(longest)s) fact
 GROUP BY fact.product_id, fact.attribute_id, lower(fact.label)
UNION ALL
SELECT 14, value.option_id, variant.product_id, variant.layer, value.id::text, value.name, NULL
  FROM (SELECT id, product_id,
               (row_number() OVER (PARTITION BY product_id ORDER BY position, id) - 1)::int AS layer
          FROM catalog_variant WHERE product_id = ANY(%(products)s)) variant
  JOIN catalog_variantvalue chosen ON chosen.variant_id = variant.id
  JOIN catalog_optionvalue value ON value.id = chosen.value_id
  JOIN catalog_option option ON option.id = value.option_id AND option.is_filterable
"""

CHANGE_BLOCKS = """
WITH mask AS MATERIALIZED (
    SELECT block, hex::bit(8192) AS bits FROM unnest(%(masked)s::int[], %(masks)s::text[]) AS mask (block, hex)
),
fresh AS MATERIALIZED (
    SELECT column_id, layer, place, block, hex::bit(8192) AS bits
      FROM unnest(%(columns)s::bigint[], %(layers)s::smallint[], %(places)s::smallint[], %(blocks)s::int[],
                  %(fresh)s::text[]) AS fresh (column_id, layer, place, block, hex)
),
changed AS (
    UPDATE catalog_facetblock AS old
       SET bits = (old.bits & ~known.mask) | known.bits
      FROM (SELECT have.column_id, have.layer, have.place, have.block, mask.bits AS mask,
                   coalesce(fresh.bits, 0::bit(8192)) AS bits
              FROM catalog_facetblock have
              JOIN mask USING (block)
              LEFT JOIN fresh USING (column_id, layer, place, block)
             WHERE (have.bits & mask.bits) <> coalesce(fresh.bits, 0::bit(8192))) known
     WHERE (old.column_id, old.layer, old.place, old.block)
         = (known.column_id, known.layer, known.place, known.block)
)
INSERT INTO catalog_facetblock (column_id, layer, place, block, bits)
SELECT column_id, layer, place, block, bits FROM fresh
ON CONFLICT (column_id, layer, place, block) DO NOTHING
"""

DROP_BLOCKS = "DELETE FROM catalog_facetblock WHERE block = ANY(%(masked)s) AND bits = 0::bit(8192)"
