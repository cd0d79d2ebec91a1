"""Files for the importer, written row by row."""

import csv
import io
from typing import Any

from catalog.importing import Report, Wishes, import_file
from catalog.models import Product, Variant

ROW = {"Handle": "mug", "Title": "Mug", "Variant Price": "10.00"}


def csv_of(*rows: dict[str, Any], delimiter: str = ",") -> bytes:
    """A file with a column for every name in the rows, in the order in which they first come."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def run(content: bytes, **wishes: Any) -> Report:
    return import_file(io.BytesIO(content), "products.csv", Wishes(**wishes))


def bring(*rows: dict[str, Any], **wishes: Any) -> Report:
    return run(csv_of(*rows), **wishes)


def row(**fields: Any) -> dict[str, Any]:
    """An ordinary row of Shopify's export: `row(sku="A", option1="Colour: Sage", price="12")`."""
    named = {NAMES[name]: value for name, value in fields.items() if name in NAMES}
    for n in (1, 2, 3):
        if f"option{n}" in fields:
            option, _, value = str(fields[f"option{n}"]).rpartition(":")
            named[f"Option{n} Name"], named[f"Option{n} Value"] = option, value.strip()
    return named | fields.get("more", {})


NAMES = {
    "handle": "Handle",
    "title": "Title",
    "body": "Body (HTML)",
    "vendor": "Vendor",
    "category": "Product Category",
    "type": "Type",
    "tags": "Tags",
    "published": "Published",
    "status": "Status",
    "sku": "Variant SKU",
    "barcode": "Variant Barcode",
    "price": "Variant Price",
    "before": "Variant Compare At Price",
    "grams": "Variant Grams",
    "tracker": "Variant Inventory Tracker",
    "quantity": "Variant Inventory Qty",
    "policy": "Variant Inventory Policy",
    "picture": "Image Src",
    "picture_text": "Image Alt Text",
    "variant_picture": "Variant Image",
}


def counted(report: Report) -> tuple[int, int, int]:
    """Rows imported, merged, refused; together they are the rows of the file."""
    counts = report.counts
    found = counts["rows_imported"], counts["rows_merged"], counts["rows_refused"]
    assert sum(found) == counts["rows"]
    return found


def refusals(report: Report) -> dict[int, str]:
    return dict(report.refused)


def variants(slug: str) -> dict[str, Variant]:
    """The variants of a product by what is chosen: `{"Sage, Large": …}`."""
    found = Variant.objects.filter(product__slug=slug).prefetch_related("variant_values__value")
    return {variant.options_text: variant for variant in found}


def product(slug: str = "mug") -> Product:
    return Product.objects.get(slug=slug)
