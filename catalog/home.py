"""The home page, put together from its sections."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext

from catalog.cards import on_cards
from catalog.models import Category, Collection, CollectionItem, HomeSection, Image, Product
from catalog.models.collection import SectionKind
from shop.models import ShopSettings

ON_A_SHELF = 4
NAMED_IN_HERO = 3


@dataclass(frozen=True)
class Tile:
    """A top category with a picture and the number of things in it."""

    category: Category
    image: Image | None
    count: int


@dataclass(frozen=True)
class Promise:
    title: str
    text: str


@dataclass
class Shown:
    """A section with what it shows."""

    section: HomeSection
    products: list[Product] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        needs = {
            SectionKind.CATEGORIES: self.tiles,
            SectionKind.NEWEST: self.products,
            SectionKind.COLLECTION: self.products,
            SectionKind.PROMISES: self.promises,
            SectionKind.STORY: self.section.title or self.section.text,
        }
        return not needs.get(SectionKind(self.section.kind), True)

    @property
    def picture(self) -> Image | None:
        """Its own picture, else that of the first thing it names."""
        pictured = (each.cover for each in self.products if each.cover)
        return self.section.image or next(pictured, None)


def home_sections() -> list[Shown]:
    """The sections to show, in their order; a shop that has set up none has a plain home page."""
    chosen = HomeSection.objects.filter(is_shown=True).select_related("image", "collection")
    shown = [Shown(section) for section in list(chosen) or default_sections()]
    collected = first_of_collections(each.section.collection for each in shown)
    kinds = {each.section.kind for each in shown}
    tiles = category_tiles() if SectionKind.CATEGORIES in kinds else []
    newest = newest_products() if {SectionKind.NEWEST, SectionKind.HERO} & kinds else []
    for each in shown:
        fill(each, collected, tiles, newest)
    return [each for each in shown if not each.is_empty]


def fill(
    shown: Shown, collected: dict[int, list[Product]], tiles: list[Tile], newest: list[Product]
) -> None:
    section = shown.section
    chosen = collected.get(section.collection_id or 0, [])
    match section.kind:
        case SectionKind.HERO:
            # Without a picture of its own it shows the newest thing.
            shown.products = chosen[:NAMED_IN_HERO] or ([] if section.image else newest[:1])
        case SectionKind.CATEGORIES:
            shown.tiles = tiles
        case SectionKind.COLLECTION:
            shown.products = chosen
        case SectionKind.NEWEST:
            shown.products = newest
        case SectionKind.PROMISES:
            shown.promises = promises_in(section.text)


def default_sections() -> list[HomeSection]:
    shop = ShopSettings.load()
    return [
        HomeSection(
            kind=SectionKind.HERO,
            title=shop.tagline or shop.name,
            link_url=reverse("catalog:categories"),
            link_text=gettext("See everything"),
        ),
        HomeSection(kind=SectionKind.CATEGORIES),
        HomeSection(kind=SectionKind.NEWEST),
    ]


def promises_in(text: str) -> list[Promise]:
    """Promises as staff write them: parted by empty lines, the first line of each is its title."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    parts = [block.strip().partition("\n") for block in blocks if block.strip()]
    return [Promise(title.strip(), rest.strip()) for title, _, rest in parts]


def newest_products() -> list[Product]:
    return list(on_cards(Product.objects.listed().order_by("-publish_at", "-pk"))[:ON_A_SHELF])


def first_of_collections(collections: Iterable[Collection | None]) -> dict[int, list[Product]]:
    """The first listed products of each collection, by its pk; two queries however many there are."""
    pks = {each.pk for each in collections if each}
    if not pks:
        return {}
    in_order = Window(
        RowNumber(), partition_by=F("collection"), order_by=[F("position").asc(), F("pk").asc()]
    )
    items = list(
        CollectionItem.objects.filter(collection__in=pks, product__in=Product.objects.listed())
        .annotate(place=in_order)
        .filter(place__lte=ON_A_SHELF)
        .order_by("collection", "place")
        .values_list("collection_id", "product_id")
    )
    products = on_cards(Product.objects.all()).in_bulk([product for _, product in items])
    found: dict[int, list[Product]] = {}
    for collection, product in items:
        found.setdefault(collection, []).append(products[product])
    return found


def category_tiles() -> list[Tile]:
    """The listed top categories that hold anything; without a picture they take a product's."""
    pictured = Product.objects.listed().filter(
        category__tree_id=OuterRef("tree_id"), cover__isnull=False
    )
    best = pictured.order_by("-is_available", "-sold_count", "-pk").values("cover_id")[:1]
    tops = Category.objects.filter(level=0, is_listed=True).order_by("tree_id")
    categories = list(tops.annotate(lent=Subquery(best)).select_related("image"))
    lent = Image.objects.in_bulk([each.lent for each in categories if not each.image])
    counts = things_in_trees()
    tiles = [
        Tile(each, each.image or lent.get(each.lent), counts.get(each.tree_id, 0))
        for each in categories
    ]
    return [tile for tile in tiles if tile.count]


def things_in_trees() -> dict[int, int]:
    """How many listed products each tree of categories holds, each product counted once."""
    listed = Product.objects.listed().order_by()
    first = listed.filter(category__isnull=False).values("pk", "category__tree_id")
    also = listed.filter(categories__isnull=False).values("pk", "categories__tree_id")
    placed = first.union(also).order_by()
    sql, params = placed.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT_TREES.replace("__PLACED__", sql), params)
        return dict(cursor.fetchall())


COUNT_TREES = "SELECT tree, count(*) FROM (__PLACED__) AS placed (product, tree) GROUP BY tree"
