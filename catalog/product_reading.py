"""
What the page of a thing reads: its row with all that hangs on it, and its variants.

Two statements, and rows of a few columns where a model for each picture, fact, shelf, option and value
took a quarter of the page's time (docs/performance.md).
"""

from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils import timezone

from catalog.addresses import category_address
from catalog.models import Product, StockItem, Variant
from catalog.models.attribute import fact_text
from catalog.models.option import ChosenOption, ChosenValue


class Picture(NamedTuple):
    """A picture of a product, spelled like `catalog.models.Image`."""

    pk: int
    key: str
    width: int
    height: int
    alt: str
    tone: str


class ShelfAbove(NamedTuple):
    """A category that leads to a product, spelled like `catalog.models.Category`."""

    name: str
    path: str
    is_listed: bool

    def get_absolute_url(self) -> str:
        return category_address(self.path)


class Fact(NamedTuple):
    """What is told of an attribute: “Wool, linen”."""

    name: str
    text: str


class Surroundings(NamedTuple):
    """Pictures and facts of a product in their order, its brand's name, and the shelves from the top to its own."""

    pictures: list[Picture]
    facts: list[Fact]
    brand: str
    shelves: list[ShelfAbove]

    def picture(self, pk: int | None) -> Picture | None:
        return next((each for each in self.pictures if each.pk == pk), None)


def read_product(slug: str) -> tuple[Product, Surroundings] | None:
    """The product with this address, be it listed or not, and its surroundings; one query."""
    rows: list[Any] = list(Product.objects.raw(PRODUCT, {"slug": slug}))
    if not rows:
        return None
    found = rows[0]
    return found, Surroundings(
        [Picture(*each) for each in found.pictures],
        facts_of(found.facts),
        found.brand_name or "",
        [ShelfAbove(*each) for each in found.shelves],
    )


def facts_of(rows: list[list[Any]]) -> list[Fact]:
    return [
        Fact(name, ", ".join(text_of(*value) for _name, *value in values))
        for name, values in groupby(rows, itemgetter(0))
    ]


def text_of(unit: str, text: str, number: str | None, boolean: bool | None) -> str:
    return fact_text(text, None if number is None else Decimal(number), boolean, unit)


def variants_of(product: Product) -> list[Variant]:
    """The variants in their order, each with `effective_price`, `in_stock`, its stock and its values; one query."""
    named = {"product": product.pk, "now": timezone.now()}
    variants: list[Any] = list(Variant.objects.raw(VARIANTS, named))
    for each in variants:
        each.product = product
        each.stock = StockItem(variant_id=each.pk, **each.counts)
        each.chosen_values = [
            ChosenValue(pk, name, swatch, ChosenOption(*option))
            for pk, name, swatch, *option in each.values_read
        ]
        each.options_text = ", ".join(value.name for value in each.chosen_values)
    return variants


# All but the long text of the search.
COLUMNS = ", ".join(
    f"product.{field.column}" for field in Product._meta.concrete_fields if field.name != "search"
)

PRODUCT = f"""
SELECT {COLUMNS}, brand.name AS brand_name,
       ARRAY(SELECT json_build_array(id, key, width, height, alt, tone)
               FROM catalog_image WHERE product_id = product.id ORDER BY position, id) AS pictures,
       ARRAY(SELECT json_build_array(attribute.name, attribute.unit,
                                     value.text, value.number::text, value.boolean)
               FROM catalog_attributevalue value
               JOIN catalog_attribute attribute ON attribute.id = value.attribute_id
              WHERE value.product_id = product.id
              ORDER BY attribute.position, attribute.name, value.id) AS facts,
       ARRAY(SELECT json_build_array(above.name, above.path, above.is_listed)
               FROM catalog_category shelf
               JOIN catalog_category above
                 ON above.tree_id = shelf.tree_id AND shelf.lft BETWEEN above.lft AND above.rght
              WHERE shelf.id = product.category_id ORDER BY above.lft) AS shelves
  FROM catalog_product product
  LEFT JOIN catalog_brand brand ON brand.id = product.brand_id
 WHERE product.slug = %(slug)s
"""  # noqa: S608 (nothing but names of columns)

VARIANTS = """
SELECT variant.*,
       catalog_effective_price(variant.id, variant.product_id, variant.price,
                               variant.minimum_price, %(now)s) AS effective_price,
       NOT item.is_tracked OR item.allocated < item.on_hand + item.backorder_limit AS in_stock,
       json_build_object('id', item.id, 'on_hand', item.on_hand, 'allocated', item.allocated,
                         'backorder_limit', item.backorder_limit, 'is_tracked', item.is_tracked) AS counts,
       ARRAY(SELECT json_build_array(value.id, value.name, value.swatch, option.id, option.name)
               FROM catalog_variantvalue chosen
               JOIN catalog_optionvalue value ON value.id = chosen.value_id
               JOIN catalog_option option ON option.id = value.option_id
              WHERE chosen.variant_id = variant.id
              ORDER BY chosen.position, chosen.id) AS values_read
  FROM catalog_variant variant
  JOIN catalog_stockitem item ON item.variant_id = variant.id
 WHERE variant.product_id = %(product)s
 ORDER BY variant.position, variant.id
"""
