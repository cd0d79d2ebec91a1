"""The catalogue, as staff keep it."""

from catalog.admin import (
    alerts,
    category,
    collection,
    facts,
    front,
    image,
    imports,
    price,
    product,
    searching,
    stock,
    tax,
    variant,
)

__all__ = [
    "alerts",
    "category",
    "collection",
    "facts",
    "front",
    "image",
    "imports",
    "price",
    "product",
    "searching",
    "stock",
    "tax",
    "variant",
]
