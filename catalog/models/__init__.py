"""What is sold: the tree, the products in it, their variants, prices, pictures and stock."""

from catalog.models.attribute import Attribute, AttributeValue
from catalog.models.batch import ImportBatch
from catalog.models.category import Category, lock_category_tree
from catalog.models.collection import Collection, CollectionItem, HomeSection
from catalog.models.image import Image
from catalog.models.link import LinkKind, ProductLink
from catalog.models.price import PriceRule
from catalog.models.product import Brand, Product, ProductStatus
from catalog.models.slug import SlugChange
from catalog.models.stock import (
    MovementKind,
    OutOfStock,
    StockItem,
    StockMovement,
    StockRefused,
)
from catalog.models.unit import Unit, UnitBase
from catalog.models.variant import Option, OptionValue, ProductOption, Variant, VariantValue

__all__ = [
    "Attribute",
    "AttributeValue",
    "Brand",
    "Category",
    "Collection",
    "CollectionItem",
    "HomeSection",
    "Image",
    "ImportBatch",
    "LinkKind",
    "MovementKind",
    "Option",
    "OptionValue",
    "OutOfStock",
    "PriceRule",
    "Product",
    "ProductLink",
    "ProductOption",
    "ProductStatus",
    "SlugChange",
    "StockItem",
    "StockMovement",
    "StockRefused",
    "Unit",
    "UnitBase",
    "Variant",
    "VariantValue",
    "lock_category_tree",
]
