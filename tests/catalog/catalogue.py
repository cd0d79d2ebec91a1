"""A whole catalogue as plain values, to be compared with another."""

import io
from pathlib import Path
from typing import Any

from catalog.exporting import export_products
from catalog.importing.known import picture_name
from catalog.models import (
    Attribute,
    Brand,
    Category,
    Collection,
    Image,
    ImportBatch,
    Option,
    OptionValue,
    Product,
    Variant,
)


def exported(format: str = "mercer", images: Path | None = None) -> bytes:
    file = io.StringIO(newline="")
    export_products(file, format, images)
    return file.getvalue().encode()


def empty_the_shop() -> None:
    Product.objects.all().delete()
    for category in Category.objects.order_by("-level"):
        Category.objects.get(pk=category.pk).delete()
    for model in (Image, Collection, Brand, OptionValue, Option, Attribute, ImportBatch):
        model.objects.all().delete()


def catalogue() -> dict[str, dict[str, Any]]:
    return {product.slug: told(product) for product in Product.objects.order_by("slug")}


def told(product: Product) -> dict[str, Any]:
    fields = ("name", "description", "status", "publish_at", "tags", "seo_title", "seo_description")
    return {
        **{name: getattr(product, name) for name in fields},
        "brand": product.brand and product.brand.name,
        "category": product.category and names(product.category),
        "also_in": {names(each) for each in product.categories.all()},
        "collections": {each.name for each in product.collections.all()},
        "options": [each.option.name for each in product.product_options.all()],
        "attributes": sorted(
            (value.attribute.name, value.attribute.kind, value.attribute.unit, value.display)
            for value in product.attribute_values.all()
        ),
        "pictures": [
            (picture_name(image), image.alt, image.width, image.height)
            for image in product.images.all()
        ],
        "variants": [told_of(variant) for variant in product.variants.all()],
    }


def names(category: Category) -> tuple[str, ...]:
    return tuple(each.name for each in category.get_ancestors(include_self=True))


def told_of(variant: Variant) -> dict[str, Any]:
    fields = (
        "sku", "barcode", "price", "compare_at_price", "weight_grams", "requires_shipping", "is_taxable",
    )  # fmt: skip
    stock = variant.stock
    return {
        **{name: getattr(variant, name) for name in fields},
        "options": [(each.option.name, each.value.name) for each in variant.variant_values.all()],
        "picture": variant.image and picture_name(variant.image),
        "stock": (stock.on_hand, stock.is_tracked, stock.backorder_limit),
    }
