"""Products as cards on a shelf."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from catalog.models import LinkKind, Product
from shop.models import ShopSettings

NEW_FOR = timedelta(days=30)
COLOURS_SHOWN = 6
ON_A_ROW = 4
MOST_CHOSEN = 8
MOST_BY_NUMBER = 8


class Cover(NamedTuple):
    """What is drawn of a picture, spelled like `catalog.models.Image`."""

    key: str
    width: int
    height: int
    alt: str
    tone: str


@dataclass(slots=True)
class Card:
    """
    A product as a shelf shows it, by the names of `Product`; read in one go, and a fifth of the work of a model.

    `colours` are the swatches in the order of the variants; `stock_left` is a number only where
    every piece is counted and few are left; `is_new` holds for a month. `only_variant` is the key of the
    variant of a product that has no other, `asked_for` of the one that the list was narrowed to.
    """

    cover: Cover | None
    pk: int
    name: str
    slug: str
    brand: str
    price_from: Decimal | None
    price_to: Decimal | None
    was_price: Decimal | None
    is_available: bool
    is_new: bool
    rating: Decimal | None
    rating_count: int
    colours: list[str]
    stock_left: int | None
    only_variant: int | None
    asked_for: int | None = None

    def get_absolute_url(self) -> str:
        url = reverse("catalog:product", args=[self.slug])
        return f"{url}?variant={self.asked_for}" if self.asked_for else url


def cards_of(products: Iterable[int]) -> list[Card]:
    """The cards of these products (by key), in this order; one query for any number of them."""
    keys = list(products)
    if not keys:
        return []
    return [card for _, card in read_cards(BY_KEY, {"keys": keys})]


def read_cards(wanted: str, values: dict[str, Any]) -> list[tuple[str, Card]]:
    """The cards that some SQL names by kind, key and place, each with its kind."""
    values |= {
        "new_since": timezone.now() - NEW_FOR,
        "colours": COLOURS_SHOWN,
        "few": ShopSettings.load().low_stock_threshold,
    }
    with connection.cursor() as cursor:
        cursor.execute(CARDS.format(wanted=wanted), values)
        return [
            (kind, Card(Cover(*cover) if cover[0] else None, *own))
            for kind, *cover, own in (
                (*row[:COVER_ENDS], row[COVER_ENDS:]) for row in cursor.fetchall()
            )
        ]


def bestsellers(number: int, *, beside: Sequence[int] = ()) -> list[Card]:
    """What others bought most, for pages that have nothing else to offer."""
    sold = Product.objects.listed().filter(is_available=True).exclude(pk__in=beside)
    in_order = sold.order_by("-sold_count", "-rating_count", "-pk")
    return cards_of(in_order.values_list("pk", flat=True)[:number])


def related(product: Product, number: int) -> list[Card]:
    """
    Things from the same shelf, then from those around it, what can be had first.

    A thing that stands on no shelf goes with what sells best.
    """
    return [card for kind, card in read_beside(product, number) if kind == NEAR][:number]


def rows_beside(product: Product) -> tuple[list[Card], list[Card]]:
    """
    What staff say goes well with it, and more like it: what they chose, then from the same shelf.

    Nothing that is not listed, and nothing twice.
    """
    found = read_beside(product, ON_A_ROW)
    goes_with = [card for kind, card in found if kind == LinkKind.GOES_WITH][:MOST_CHOSEN]
    more = [card for kind, card in found if kind == LinkKind.RELATED][:MOST_CHOSEN]
    near = [card for kind, card in found if kind == NEAR]
    return goes_with, more + near[: max(0, ON_A_ROW - len(more))]


def read_beside(product: Product, number: int) -> list[tuple[str, Card]]:
    """What staff linked to it, by the kind of link, and what stands nearest."""
    category = product.category
    asked = {
        "product": product.pk,
        "now": timezone.now(),
        "category": category and category.pk,
        "tree": category and category.tree_id,
        "number": number,
    }
    found = read_cards(BESIDE, asked)
    if category is None:
        known = [product.pk, *(card.pk for _, card in found)]
        found += [(NEAR, card) for card in bestsellers(number, beside=known)]
    return found


def shown_by_number(typed: Sequence[str]) -> list[Card]:
    """The listed products with these numbers, as typed, in their order; of many the first few."""
    numbers = [
        int(each) for each in typed if each.isascii() and each.isdecimal() and len(each) < 19
    ]
    wanted = list(dict.fromkeys(numbers))[:MOST_BY_NUMBER]
    listed = set(Product.objects.listed().filter(pk__in=wanted).values_list("pk", flat=True))
    return cards_of([pk for pk in wanted if pk in listed])


COVER_ENDS = 6  # The columns before those of the product itself.

CARDS = """
SELECT wanted.kind, cover.key, cover.width, cover.height, cover.alt, cover.tone,
       product.id, product.name, product.slug, coalesce(brand.name, ''),
       product.price_from, product.price_to, product.was_price, product.is_available,
       product.publish_at >= %(new_since)s, product.rating, product.rating_count,
       ARRAY(SELECT value.swatch
               FROM catalog_variant variant
               JOIN catalog_variantvalue chosen ON chosen.variant_id = variant.id
               JOIN catalog_optionvalue value ON value.id = chosen.value_id
              WHERE variant.product_id = product.id AND value.swatch <> ''
              GROUP BY value.swatch ORDER BY min(variant.position), value.swatch
              LIMIT %(colours)s),
       (SELECT sum(greatest(item.on_hand - item.allocated, 0))::int
          FROM catalog_variant variant
          JOIN catalog_stockitem item ON item.variant_id = variant.id
         WHERE variant.product_id = product.id
        HAVING bool_and(item.is_tracked) AND max(item.backorder_limit) = 0
           AND sum(greatest(item.on_hand - item.allocated, 0)) BETWEEN 1 AND %(few)s),
       (SELECT min(variant.id) FROM catalog_variant variant
         WHERE variant.product_id = product.id HAVING count(*) = 1)
  FROM ({wanted}) AS wanted (kind, id, place)
  JOIN catalog_product product ON product.id = wanted.id
  LEFT JOIN catalog_brand brand ON brand.id = product.brand_id
  LEFT JOIN catalog_image cover ON cover.id = product.cover_id
 ORDER BY wanted.kind, wanted.place
"""

BY_KEY = "SELECT '', * FROM unnest(%(keys)s::bigint[]) WITH ORDINALITY"

NEAR = "near"

# What staff linked, then of the same category, then the first few of each other category of the tree.
BESIDE = """
WITH linked AS MATERIALIZED (
    SELECT link.kind, target.id, row_number() OVER (ORDER BY link.position, link.id) AS place
      FROM catalog_productlink link JOIN catalog_product target ON target.id = link.target_id
     WHERE link.product_id = %(product)s
       AND target.status = 'active' AND target.publish_at <= %(now)s
),
same AS MATERIALIZED (
    SELECT id, is_available, sold_count FROM catalog_product
     WHERE category_id = %(category)s AND status = 'active' AND publish_at <= %(now)s
       AND id <> %(product)s AND id NOT IN (SELECT id FROM linked)
     ORDER BY is_available DESC, sold_count DESC, id DESC LIMIT %(number)s
),
around AS MATERIALIZED (
    SELECT near.*
      FROM catalog_category shelf
     CROSS JOIN LATERAL (
           SELECT id, is_available, sold_count FROM catalog_product
            WHERE category_id = shelf.id AND status = 'active' AND publish_at <= %(now)s
              AND id <> %(product)s AND id NOT IN (SELECT id FROM linked)
            ORDER BY is_available DESC, sold_count DESC, id DESC LIMIT %(number)s) near
     WHERE shelf.tree_id = %(tree)s AND shelf.id <> %(category)s
       AND (SELECT count(*) FROM same) < %(number)s
     ORDER BY near.is_available DESC, near.sold_count DESC, near.id DESC LIMIT %(number)s
),
near AS (
    SELECT id, 1 AS distance, is_available, sold_count FROM same
     UNION ALL
    SELECT id, 2, is_available, sold_count FROM around
)
SELECT kind, id, place FROM linked
UNION ALL
SELECT 'near', id,
       row_number() OVER (ORDER BY distance, is_available DESC, sold_count DESC, id DESC) FROM near
"""
