"""What is sold: the tree, the products in it, their variants, prices, pictures and stock."""

from catalog.models.alert import AlertState, StockAlert
from catalog.models.announcement import Announcement
from catalog.models.attribute import Attribute, AttributeValue
from catalog.models.batch import ImportBatch, ImportChange, ImportPicture
from catalog.models.category import Category, MergedIntoItself, lock_category_tree
from catalog.models.collection import Collection, CollectionItem, HomeSection
from catalog.models.condition import CollectionCondition, ConditionKind
from catalog.models.facet import FacetBlock, FacetColumn, FacetKind, FacetValue
from catalog.models.image import Image
from catalog.models.link import LinkKind, ProductLink
from catalog.models.option import Option, OptionValue, ProductOption
from catalog.models.price import PriceRule
from catalog.models.product import Brand, Product, ProductStatus
from catalog.models.searching import (
    CommonWord,
    CommonWordBlock,
    SearchMiss,
    SearchSynonym,
    SearchWord,
)
from catalog.models.shelf_notice import ShelfNotice
from catalog.models.slug import SlugChange
from catalog.models.stock import (
    MovementKind,
    OutOfStock,
    StockItem,
    StockMovement,
    StockRefused,
)
from catalog.models.tax import TaxClass
from catalog.models.unit import Unit, UnitBase
from catalog.models.variant import Variant, VariantValue
from catalog.models.wishlist import Wishlist, WishlistItem

__all__ = [
    "AlertState",
    "Announcement",
    "Attribute",
    "AttributeValue",
    "Brand",
    "Category",
    "Collection",
    "CollectionCondition",
    "CollectionItem",
    "CommonWord",
    "CommonWordBlock",
    "ConditionKind",
    "FacetBlock",
    "FacetColumn",
    "FacetKind",
    "FacetValue",
    "HomeSection",
    "Image",
    "ImportBatch",
    "ImportChange",
    "ImportPicture",
    "LinkKind",
    "MergedIntoItself",
    "MovementKind",
    "Option",
    "OptionValue",
    "OutOfStock",
    "PriceRule",
    "Product",
    "ProductLink",
    "ProductOption",
    "ProductStatus",
    "SearchMiss",
    "SearchSynonym",
    "SearchWord",
    "ShelfNotice",
    "SlugChange",
    "StockAlert",
    "StockItem",
    "StockMovement",
    "StockRefused",
    "TaxClass",
    "Unit",
    "UnitBase",
    "Variant",
    "VariantValue",
    "Wishlist",
    "WishlistItem",
    "lock_category_tree",
]
