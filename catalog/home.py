"""The home page, put together from its sections."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from catalog.cards import Card, Cover, cards_of
from catalog.facets.choosing import Choice, narrow
from catalog.facets.reading import Place
from catalog.models import (
    Category,
    Collection,
    CollectionItem,
    FacetKind,
    HomeSection,
    Image,
    Product,
)
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
    products: list[Card] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    note: str = ""  # Why shoppers do not see it, for staff who look at it before.

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
    def picture(self) -> Image | Cover | None:
        """Its own picture, else that of the first thing it names."""
        pictured = (each.cover for each in self.products if each.cover)
        return self.section.image or next(pictured, None)


def home_sections(*, is_preview: bool = False) -> list[Shown]:
    """
    The sections to show, in their order; a shop that has set up none has a plain home page.

    A preview holds those that are hidden or to come as well, each with a note that says so, and those
    that have nothing to show.
    """
    wanted = HomeSection.objects.select_related("image", "collection")
    chosen = wanted.not_over() if is_preview else wanted.in_force().filter(is_shown=True)
    shown = [Shown(section) for section in list(chosen) or default_sections()]
    kinds = {each.section.kind for each in shown}
    collected, newest = products_of(
        (each.section.collection for each in shown),
        with_newest=bool({SectionKind.NEWEST, SectionKind.HERO} & kinds),
    )
    tiles = category_tiles() if SectionKind.CATEGORIES in kinds else []
    for each in shown:
        fill(each, collected, tiles, newest)
    if is_preview:
        for each in shown:
            each.note = why_not_seen(each)
        return shown
    return [each for each in shown if not each.is_empty]


def why_not_seen(shown: Shown) -> str:
    section = shown.section
    if not section.is_shown:
        return gettext("Hidden")
    if section.is_to_come and section.starts_at:
        at = date_format(timezone.localtime(section.starts_at), "SHORT_DATETIME_FORMAT")
        return gettext("From %(at)s") % {"at": at}
    return gettext("Left out: it has nothing to show") if shown.is_empty else ""


def fill(
    shown: Shown, collected: dict[int, list[Card]], tiles: list[Tile], newest: list[Card]
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


def products_of(
    collections: Iterable[Collection | None], *, with_newest: bool
) -> tuple[dict[int, list[Card]], list[Card]]:
    """The first listed products of each collection, by its pk, and the newest; three queries however many there are."""
    listed = Product.objects.listed()
    newest = listed.order_by("-publish_at", "-pk").values_list("pk", flat=True)
    new = list(newest[:ON_A_SHELF]) if with_newest else []
    first = first_of({each.pk for each in collections if each})
    found = {card.pk: card for card in cards_of({*new, *chain.from_iterable(first.values())})}
    collected = {pk: [found[key] for key in keys] for pk, keys in first.items()}
    return collected, [found[key] for key in new]


def first_of(collections: set[int]) -> dict[int, list[int]]:
    if not collections:
        return {}
    listed = CollectionItem.objects.filter(Product.listed_q("product__"), collection=OuterRef("pk"))
    first = listed.order_by("position", "pk").values("product")[:ON_A_SHELF]
    found = Collection.objects.filter(pk__in=collections).annotate(first=ArraySubquery(first))
    return dict(found.order_by().values_list("pk", "first"))


def category_tiles() -> list[Tile]:
    """The listed top categories that hold anything; without a picture they take a product's."""
    tops = Category.objects.filter(level=0, is_listed=True).order_by("tree_id")
    categories = list(tops.select_related("image"))
    lent = lent_pictures([each.tree_id for each in categories if not each.image])
    counts = things_in_trees(categories)
    tiles = [
        Tile(each, each.image or lent.get(each.tree_id), counts[each.pk]) for each in categories
    ]
    return [tile for tile in tiles if tile.count]


def lent_pictures(trees: list[int]) -> dict[int, Image]:
    """
    A picture of a product for each tree: of the newest on its first shelf that has any.

    Walks from shelf to shelf and stops at the first, along an index that has the newest in front, so
    that it costs the same however much stands there.
    """
    if not trees:
        return {}
    found = Image.objects.raw(LENT, [timezone.now(), trees])
    return {image.tree: image for image in found}  # type: ignore[attr-defined]


# The shelves are put in order first (OFFSET 0 keeps the planner from asking all of them at once).
LENT = """
SELECT image.*, wanted.tree
  FROM (SELECT %s::timestamptz AS now) AS clock
 CROSS JOIN unnest(%s::integer[]) AS wanted (tree)
 CROSS JOIN LATERAL (
       SELECT newest.cover_id
         FROM (SELECT id FROM catalog_category WHERE tree_id = wanted.tree ORDER BY lft OFFSET 0)
           AS shelf
        CROSS JOIN LATERAL (
              SELECT cover_id FROM catalog_product
               WHERE category_id = shelf.id AND status = 'active' AND publish_at <= clock.now
                 AND cover_id IS NOT NULL
               ORDER BY publish_at DESC
               LIMIT 1
              ) AS newest
        LIMIT 1
       ) AS lent
  JOIN catalog_image AS image ON image.id = lent.cover_id
"""


def things_in_trees(tops: Sequence[Category]) -> dict[int, int]:
    """How many listed products each of these categories holds with all beneath it, each product counted once."""
    listed = narrow(Choice(), [], shelves=tops)
    return {
        top.pk: (listed.known.members(Place(FacetKind.CATEGORY, top.pk)) & listed.base).bit_count()
        for top in tops
    }
