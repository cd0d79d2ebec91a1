"""The catalogue, as staff keep it."""

from catalog.admin import (
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
