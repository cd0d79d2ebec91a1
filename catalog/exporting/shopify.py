"""
Shopify's product CSV, in the column names that it has always read.

It holds what Shopify has a place for: no second category, no day of publication, no limit of
back-orders, and three options (a fourth is told in the third).
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from catalog.exporting.rows import attributes_in_use, choices, spelled, values
from catalog.importing.facts import Choice
from catalog.importing.known import Known, KnownVariant
from catalog.models import Image

PRODUCT = ["Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"]
OPTIONS = [f"Option{n} {of}" for n in (1, 2, 3) for of in ("Name", "Value")]
VARIANT = [
    "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy",
    "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price", "Variant Requires Shipping",
    "Variant Taxable", "Variant Barcode", "Variant Image", "Variant Weight Unit",
]  # fmt: skip
PICTURE = ["Image Src", "Image Position", "Image Alt Text"]
REST = ["SEO Title", "SEO Description", "Status"]


class ShopifyRows:
    """A row for each variant, beside each a picture; pictures that are left have rows of their own."""

    def __init__(self) -> None:
        self.attributes = attributes_in_use()

    def header(self) -> list[str]:
        metafields = [
            f"{each.name} (product.metafields.custom.{key(each.slug, each.unit)})"
            for each in self.attributes
        ]
        return ["Handle", *PRODUCT, *OPTIONS, *VARIANT, *PICTURE, *REST, *metafields]

    def of(self, known: Known) -> Iterator[list[str]]:
        about, rest = product_cells(known), rest_cells(known)
        facts = [", ".join(values(known, each)) for each in self.attributes]
        pictures = enumerate(known.pictures.items(), start=1)
        for at, (variant, picture) in enumerate(zip_longest(known.variants, pictures)):
            is_first = at == 0
            yield [
                known.product.slug,
                *(about if is_first else [""] * len(about)),
                *(option_cells(known, variant) if variant else [""] * len(OPTIONS)),
                *(variant_cells(variant) if variant else [""] * len(VARIANT)),
                *(picture_cells(*picture) if picture else [""] * len(PICTURE)),
                *(rest if is_first else [""] * len(rest)),
                *(facts if is_first else [""] * len(facts)),
            ]


def product_cells(known: Known) -> list[str]:
    product, fields = known.product, known.fields
    category = " > ".join(fields["category"])
    tags = ", ".join(tag.replace(",", " ") for tag in product.tags)
    shown = "TRUE" if product.status == "active" else "FALSE"
    kind = fields["category"][-1] if fields["category"] else ""
    return [product.name, product.description, fields["brand"], category, kind, tags, shown]


def rest_cells(known: Known) -> list[str]:
    return [known.product.seo_title, known.product.seo_description, known.product.status]


def option_cells(known: Known, variant: KnownVariant) -> list[str]:
    found = at_most_three(choices(known, variant)) or [("Title", "Default Title")]
    cells = [cell for choice in found for cell in choice]
    return cells + [""] * (len(OPTIONS) - len(cells))


def at_most_three(found: list[Choice]) -> list[Choice]:
    if len(found) <= 3:
        return found
    rest = found[2:]
    return [
        *found[:2],
        (" / ".join(name for name, _ in rest), " / ".join(value for _, value in rest)),
    ]


def variant_cells(each: KnownVariant) -> list[str]:
    fields, stock = each.fields, each.stock
    may_wait = bool(stock and stock.backorder_limit)
    return [
        fields["sku"], str(fields["weight_grams"]), "shopify" if stock and stock.is_tracked else "",
        str(stock.on_hand if stock else 0), "continue" if may_wait else "deny", "manual",
        spelled(fields["price"]), spelled(fields["compare_at_price"]), told(fields["requires_shipping"]),
        told(fields["is_taxable"]), fields["barcode"], fields["picture"], "g",
    ]  # fmt: skip


def told(is_so: bool) -> str:
    return "TRUE" if is_so else "FALSE"


def picture_cells(position: int, picture: tuple[str, Image]) -> list[str]:
    name, image = picture
    return [name, str(position), image.alt]


def key(slug: str, unit: str) -> str:
    """`capacity_ml`: the unit of a number stands at the end of its key."""
    unit = re.sub(r"[^a-z]", "", unit.lower())
    return "_".join(filter(None, [slug.replace("-", "_"), unit]))
