"""What the shop says of products already, in the words that a file would use."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from catalog.importing.attributes import Value
from catalog.importing.facts import Choice, OptionsKey
from catalog.importing.values import fold
from catalog.models import (
    AttributeValue,
    Category,
    CollectionItem,
    Image,
    Product,
    ProductOption,
    StockItem,
    Variant,
    VariantValue,
)

type Path = tuple[str, ...]


@dataclass(slots=True)
class KnownVariant:
    variant: Variant
    stock: StockItem | None = None
    options: tuple[Choice, ...] = ()
    key: OptionsKey = frozenset()
    name: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    product: Product
    fields: dict[str, Any]
    variants: list[KnownVariant] = field(default_factory=list)
    pictures: dict[str, Image] = field(default_factory=dict)
    attributes: dict[str, dict[Value, int]] = field(default_factory=dict)
    collections: dict[str, str] = field(default_factory=dict)  # Folded → as it is spelled.
    options: dict[str, str] = field(default_factory=dict)


def find_known(slugs: Iterable[str], paths: dict[int, Path]) -> dict[str, Known]:
    """
    The products with these addresses, by address, in nine queries whatever their number.

    `paths` are those of all categories by pk.
    """
    wanted = {spelling for slug in slugs for spelling in (slug, slug.lower())}
    products = (
        Product.objects.filter(slug__in=wanted).select_related("brand", "tax_class").defer("search")
    )
    by_pk = {product.pk: Known(product, _product_fields(product, paths)) for product in products}
    if by_pk:
        _add_variants(by_pk)
        _add_around(by_pk, paths)
    return {known.product.slug.lower(): known for known in by_pk.values()}


def _product_fields(product: Product, paths: dict[int, Path]) -> dict[str, Any]:
    return {
        "name": product.name,
        "description": product.description,
        "brand": product.brand.name if product.brand else "",
        "tax_class": product.tax_class.name if product.tax_class else "",
        "category": paths[product.category_id] if product.category_id else (),
        "also_in": frozenset(),
        "status": product.status,
        "publish_at": product.publish_at,
        "tags": product.tags,
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
    }


def _add_variants(by_pk: dict[int, Known]) -> None:
    found = {
        variant.pk: KnownVariant(variant, fields=_variant_fields(variant))
        for variant in Variant.objects.filter(product__in=by_pk)
        .select_related("tax_class")
        .order_by("product", "position", "pk")
    }
    for each in found.values():
        by_pk[each.variant.product_id].variants.append(each)
    for item in StockItem.objects.filter(variant__in=found):
        each = found[item.variant_id]
        each.stock = item
        each.fields |= {
            "is_tracked": item.is_tracked,
            "may_backorder": item.backorder_limit > 0,
            "backorder_limit": item.backorder_limit,
        }
    chosen: dict[int, list[tuple[str, str]]] = {}
    for variant, option, value in (
        VariantValue.objects.filter(variant__in=found)
        .order_by("position", "pk")
        .values_list("variant", "option__name", "value__name")
    ):
        chosen.setdefault(variant, []).append((option, value))
    for pk, choices in chosen.items():
        found[pk].options = tuple(choices)
        found[pk].key = frozenset((fold(option), fold(value)) for option, value in choices)
        found[pk].name = ", ".join(value for _, value in choices)


def _variant_fields(variant: Any) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": variant.price,
        "compare_at_price": variant.compare_at_price,
        "minimum_price": variant.minimum_price,
        "variant_tax_class": variant.tax_class.name if variant.tax_class else "",
        "weight_grams": variant.weight_grams,
        "requires_shipping": variant.requires_shipping,
        "is_taxable": variant.is_taxable,
        "picture": "",
    }


def _add_around(by_pk: dict[int, Known], paths: dict[int, Path]) -> None:
    for image in Image.objects.filter(product__in=by_pk).order_by("position", "pk"):
        if image.product_id:
            by_pk[image.product_id].pictures.setdefault(picture_name(image), image)
    for known in by_pk.values():
        named = {image.pk: name for name, image in known.pictures.items()}
        for each in known.variants:
            each.fields["picture"] = named.get(each.variant.image_id or 0, "")
    values_of = AttributeValue.objects.filter(product__in=by_pk).select_related("attribute")
    for value in values_of.order_by("pk"):
        values = by_pk[value.product_id].attributes.setdefault(fold(value.attribute.name), {})
        values[plain_value(value)] = value.pk
    for product, name in CollectionItem.objects.filter(product__in=by_pk).values_list(
        "product", "collection__name"
    ):
        by_pk[product].collections[fold(name)] = name
    named_options = ProductOption.objects.filter(product__in=by_pk).order_by("position", "pk")
    for product, name in named_options.values_list("product", "option__name"):
        by_pk[product].options[fold(name)] = name
    for product, category in Product.categories.through.objects.filter(
        product__in=by_pk
    ).values_list("product_id", "category_id"):
        by_pk[product].fields["also_in"] |= {paths[category]}


def picture_name(image: Image) -> str:
    """What a file calls the picture: where it came from, else its content."""
    return image.source or f"{image.key}{PurePath(image.file.name or '').suffix}"


def plain_value(value: AttributeValue) -> Value:
    if value.boolean is not None:
        return value.boolean
    return value.number.quantize(Decimal("0.0001")) if value.number is not None else value.text


def category_paths() -> dict[int, Path]:
    """The names from the top of the tree down to each category."""
    paths: dict[int, Path] = {}
    rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent", "name")
    for pk, parent, name in rows:
        paths[pk] = (*paths[parent], name) if parent else (name,)
    return paths
