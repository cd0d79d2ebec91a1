"""What the columns of a file mean: Shopify's product export, old and new, WooCommerce's, and Mercer's own."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.importing.attributes import (
    AttributeColumn,
    mercer_attribute,
    no_attribute,
    shopify_attribute,
)
from catalog.importing.reading import FileRefused
from catalog.importing.values import fold, one_line, short

MAX_OPTIONS = 10

# Header → field. Shopify renamed most of its columns; files of both kinds are about, and mixtures.
SHOPIFY: Mapping[str, str] = {
    "handle": "handle",
    "url handle": "handle",
    "title": "name",
    "body (html)": "description",
    "body html": "description",
    "description": "description",
    "vendor": "brand",
    "product category": "category",
    "standard product type": "category",
    "standardized product type": "category",
    "type": "type",
    "custom product type": "type",
    "product type": "type",
    "collection": "collection",
    "tags": "tags",
    "published": "published",
    "published on online store": "published",
    "status": "status",
    "variant sku": "sku",
    "sku": "sku",
    "variant barcode": "barcode",
    "barcode": "barcode",
    "barcodes": "barcode",
    "variant price": "price",
    "price": "price",
    "variant compare at price": "compare_at_price",
    "compare-at price": "compare_at_price",
    "compare at price": "compare_at_price",
    "variant grams": "weight_grams",
    "weight value (grams)": "weight_grams",
    "variant weight": "weight",
    "variant weight unit": "weight_unit",
    "weight unit for display": "weight_unit",
    "variant inventory tracker": "tracker",
    "inventory tracker": "tracker",
    "variant inventory qty": "on_hand",
    "variant inventory quantity": "on_hand",
    "inventory quantity": "on_hand",
    "variant inventory policy": "policy",
    "inventory policy": "policy",
    "continue selling when out of stock": "policy",
    "variant requires shipping": "requires_shipping",
    "requires shipping": "requires_shipping",
    "variant taxable": "is_taxable",
    "charge tax": "is_taxable",
    "image src": "picture",
    "image source": "picture",
    "product image url": "picture",
    "image position": "picture_position",
    "image alt text": "picture_text",
    "variant image": "variant_picture",
    "variant image url": "variant_picture",
    "seo title": "seo_title",
    "seo description": "seo_description",
    "gift card": "gift_card",
} | {
    f"option{n}{gap}{word}": f"option{n}_{word}"
    for n in range(1, 6)  # Shopify has three; other programs write more into its format.
    for gap in (" ", "")
    for word in ("name", "value")
}

# What the fields mean together is told by catalog.importing.woocommerce.
WOOCOMMERCE: Mapping[str, str] = {
    "id": "id", "type": "type", "sku": "sku", "gtin, upc, ean, or isbn": "barcode", "name": "name",
    "published": "published", "visibility in catalog": "visibility", "short description": "short_description",
    "description": "description", "date sale price starts": "sale_starts", "date sale price ends": "sale_ends",
    "tax status": "tax_status", "in stock?": "in_stock", "stock": "stock", "backorders allowed?": "backorders",
    "sale price": "sale_price", "regular price": "regular_price", "categories": "categories", "tags": "tags",
    "images": "images", "parent": "parent", "grouped products": "grouped", "external url": "external_url",
    "brands": "brands",
    **{f"weight ({unit})": f"weight_{unit}" for unit in ("kg", "g", "lbs", "lb", "oz")},
    **{f"attribute {n} {of}": f"attribute{n}_{of[:5]}" for n in range(1, 51) for of in ("name", "value(s)", "visible")},
    "meta: _yoast_wpseo_title": "seo_title", "meta: _yoast_wpseo_metadesc": "seo_description",
    "meta: rank_math_title": "seo_title", "meta: rank_math_description": "seo_description",
}  # fmt: skip

MERCER: Mapping[str, str] = {
    name: name
    for name in (
        "handle", "name", "description", "brand", "category", "also_in", "collection", "status", "publish_at",
        "tags", "seo_title", "seo_description", "sku", "barcode", "price", "compare_at_price", "minimum_price",
        "weight_grams", "tax_class", "variant_tax_class",
        "requires_shipping", "is_taxable", "is_tracked", "on_hand", "backorder_limit", "variant_picture",
        "pictures", "picture_texts",
        *(f"option{n}_{word}" for n in range(1, MAX_OPTIONS + 1) for word in ("name", "value")),
    )
}  # fmt: skip

FORMATS = {"shopify": SHOPIFY, "woocommerce": WOOCOMMERCE, "mercer": MERCER}
ATTRIBUTES = {"shopify": shopify_attribute, "woocommerce": no_attribute, "mercer": mercer_attribute}

# Columns of Shopify's that say nothing the shop could keep: no word about them in the report.
NOTHING_FOR_US = (
    "google shopping / ", "variant fulfillment service", "fulfillment service", "cost per item",
    "variant tax code", "tax code", "unit price ", "price / ", "compare at price / ", "compare-at price / ",
    "included / ", "option1 linked to", "option2 linked to", "option3 linked to",
    "is featured?", "tax class", "low stock amount", "sold individually?", "length (", "width (", "height (",
    "allow customer reviews?", "purchase note", "shipping class", "download ", "upsells", "cross-sells",
    "button text", "position", "meta: ", "attribute ", "cost of goods",
)  # fmt: skip


class Columns(NamedTuple):
    """Where in a row each field stands."""

    format: str
    width: int
    fields: Mapping[str, int]
    attributes: list[AttributeColumn]
    unread: list[str]

    def has(self, *fields: str) -> bool:
        return any(field in self.fields for field in fields)


def plain(header: str) -> str:
    return fold(one_line(header))


def known_names(cells: list[str]) -> int:
    """How many of these cells are names of columns, in the format that knows most of them."""
    headers = {plain(cell) for cell in cells}
    return max(len(headers & format.keys()) for format in FORMATS.values())


def read_header(cells: list[str], wanted: str | None = None) -> Columns:
    """
    Find the columns of a file, in the format that is `wanted` or that fits best.

    Raises FileRefused where nothing would say which product a row is of.
    """
    headers = [plain(cell) for cell in cells]
    name = wanted or max(FORMATS, key=lambda each: len(set(headers) & FORMATS[each].keys()))
    fields: dict[str, int] = {}
    attributes, unread = [], []
    for index, header in enumerate(headers):
        field = FORMATS[name].get(header)
        attribute = None if field else ATTRIBUTES[name](one_line(cells[index]), index)
        if field and field not in fields:
            fields[field] = index
        elif attribute:
            attributes.append(attribute)
        elif header and not header.startswith(NOTHING_FOR_US):
            unread.append(short(one_line(cells[index])))
    if not fields.keys() & {"handle", "name"}:
        raise FileRefused(_no_header(name))
    return Columns(name, len(cells), fields, attributes, unread)


def _no_header(name: str) -> str:
    wanted = {
        "shopify": "Handle (or URL handle) or Title",
        "woocommerce": "Name",
        "mercer": "handle or name",
    }[name]
    return f"The first line does not name the columns: none is called {wanted}."
