"""
What of a list an address asks for, and which products that leaves.

Values of one facet are joined by “or”, facets by “and”. What is said of variants must be true of one
variant: “blue” and “XL” and “in stock” leave products with a blue XL that can be had.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce

from django.db import connection
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from catalog.facets import bits
from catalog.facets.bits import Layers, Products
from catalog.facets.reading import Known, Place, Value, read, values_called
from catalog.models import Category, FacetKind

# Names in an address that mean something else already.
RESERVED = {"q", "sort", "page", "all", "variant", "price", "price_min", "price_max"}
MAX_VALUES = 50  # Of one facet that an address may choose; the rest is left out of account.
STARS = (4, 3, 2, 1)


@dataclass(frozen=True, eq=False)  # Each is itself alone, which is quick to hash.
class Facet:
    """What values are chosen of: one parameter of the address, and a column of what is known of products."""

    name: str
    label: str | Promise
    place: Place
    unit: str = ""

    @property
    def kind(self) -> int:
        return self.place.kind

    @property
    def is_of_variants(self) -> bool:
        return self.kind >= FacetKind.IN_STOCK


IN_STOCK = Facet("in_stock", _("In stock now"), Place(FacetKind.IN_STOCK))
SALE = Facet("sale", _("On sale"), Place(FacetKind.SALE))
PRICE = Facet("price", _("Price"), Place(FacetKind.PRICE))
RATING = Facet("rating", _("Rating"), Place(FacetKind.RATING))
BRAND = Facet("brand", _("Brand"), Place(FacetKind.BRAND))
CATEGORY = Facet("category", _("Category"), Place(FacetKind.CATEGORY))
FLAG = Value(1, "1", "")


def all_facets() -> list[Facet]:
    """The facets of the shop in the order in which pages show them. Two things of one name get two parameters."""
    taken = RESERVED | {each.name for each in (IN_STOCK, SALE, RATING, BRAND, CATEGORY)}
    found: dict[int, list[Facet]] = {FacetKind.OPTION: [], FacetKind.ATTRIBUTE: []}
    with connection.cursor() as cursor:
        cursor.execute(FILTERABLE, [FacetKind.OPTION, FacetKind.ATTRIBUTE])
        for kind, owner, name, unit in cursor.fetchall():
            found[kind].append(Facet(free(name, taken), name, Place(kind, owner), unit))
    options, attributes = found.values()
    return [IN_STOCK, SALE, *options, BRAND, *attributes, RATING]


# Options before attributes, each in the order that staff gave them.
FILTERABLE = """
SELECT kind, id, name, unit
  FROM (SELECT %s::int AS kind, id, name, '' AS unit, 0 AS position FROM catalog_option WHERE is_filterable
         UNION ALL
        SELECT %s, id, name, unit, position FROM catalog_attribute WHERE is_filterable) facet
 ORDER BY kind DESC, position, name, id
"""


def free(name: str, taken: set[str]) -> str:
    """The name as an address spells it, with a number where something else has it; `taken` learns it."""
    slug = slugify(name, allow_unicode=True) or "option"
    number = 1
    while (numbered := f"{slug}-{number}" if number > 1 else slug) in taken:
        number += 1
    taken.add(numbered)
    return numbered


@dataclass
class Choice:
    """
    What is chosen: values by facet, and a range of prices, both ends included.

    `values` has only facets of which a value is known; a category's code is its key.
    """

    values: dict[Facet, list[Value]] = field(default_factory=dict)
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def has_prices(self) -> bool:
        return self.lowest is not None or self.highest is not None


def choose(
    facets: Sequence[Facet], wanted: Mapping[str, Sequence[str]]
) -> dict[Facet, list[Value]]:
    """The values that an address chooses (facet's name → values as typed); what the shop does not know is left out."""
    asked = {facet: clean(wanted.get(facet.name, [])) for facet in facets}
    asked = {facet: slugs for facet, slugs in asked.items() if slugs}
    named = [facet.place for facet in asked if facet.kind in NAMED_KINDS]
    called = values_called(named, set().union(*asked.values())) if named else {}
    found = {facet: values_in(facet, slugs, called) for facet, slugs in asked.items()}
    return {facet: values for facet, values in found.items() if values}


NAMED_KINDS = {FacetKind.BRAND, FacetKind.ATTRIBUTE, FacetKind.OPTION}


def values_in(
    facet: Facet, slugs: set[str], called: Mapping[Place, Sequence[Value]]
) -> list[Value]:
    if facet in (IN_STOCK, SALE):
        return [FLAG] if "1" in slugs else []
    if facet == RATING:
        return [Value(stars, str(stars), str(stars)) for stars in STARS if str(stars) in slugs]
    if facet == CATEGORY:
        shelves = Category.objects.filter(path__in=slugs, is_listed=True).order_by("tree_id", "lft")
        return [Value(shelf.pk, shelf.path, shelf.name) for shelf in shelves]
    return [value for value in called.get(facet.place, []) if value.slug in slugs]


def clean(slugs: Iterable[str]) -> set[str]:
    """Values as typed, at most MAX_VALUES, less those that no value can be spelled like."""
    return {slug for slug in list(slugs)[:MAX_VALUES] if slug and "\0" not in slug}


class Narrowing:
    """
    A list of products under a choice.

    `base` is what the list has before anything is chosen, `products` what the choice leaves of it, and
    `variants`, where something was asked of variants, those that answer to it.
    """

    def __init__(self, base: Products, choice: Choice, known: Known) -> None:
        self.base = base
        self.choice = choice
        self.known = known
        self._products: dict[Facet, Products] = {}
        self._variants: dict[Facet, Layers] = {}
        for facet, values in choice.values.items():
            if facet.is_of_variants:
                self._variants[facet] = [
                    bits.having(slices, base, [value.code for value in values])
                    for slices in known.layers(facet.place)
                ]
            else:
                self._products[facet] = self._having(facet, values)
        if choice.has_prices:
            self._variants[PRICE] = [
                priced(slices, base, choice) for slices in known.layers(PRICE.place)
            ]
        self.products, self.variants = self.without(None)

    def _having(self, facet: Facet, values: Sequence[Value]) -> Products:
        if facet == CATEGORY:
            places = [Place(FacetKind.CATEGORY, value.code) for value in values]
            return bits.union(self.known.members(place) for place in places) & self.base
        codes = {value.code for value in values}
        if facet == RATING:
            codes = set(range(min(codes), 6))
        layers = self.known.layers(facet.place)
        return bits.union(bits.having(slices, self.base, codes) for slices in layers)

    def without(self, facet: Facet | None) -> tuple[Products, Layers | None]:
        """What would be left if nothing were chosen of this facet; its own values are counted in that."""
        products = self.base
        for each, members in self._products.items():
            if each != facet:
                products &= members
        of_variants = [layers for each, layers in self._variants.items() if each != facet]
        if not of_variants:
            return products, None
        variants = [layer & products for layer in reduce(bits.both, of_variants)]
        return bits.union(variants), variants


def priced(slices: bits.Slices, within: Products, choice: Choice) -> Products:
    """Of a set the products whose price is in the chosen range."""
    lowest = 1
    if choice.lowest is not None:
        lowest += int(choice.lowest.scaleb(2).to_integral_value(ROUND_CEILING))
    found = within ^ bits.at_most(slices, within, lowest - 1)
    if choice.highest is not None:
        highest = 1 + int(choice.highest.scaleb(2).to_integral_value(ROUND_FLOOR))
        found = bits.at_most(slices, found, highest)
    return found


def narrow(
    choice: Choice,
    facets: Iterable[Facet],
    *,
    category: Category | None = None,
    among: Products | None = None,
    shelves: Sequence[Category] = (),
    with_prices: bool = False,
) -> Narrowing:
    """
    The listed products of a category (with all beneath it) or of a set, or all, under a choice.

    One question to the database, which brings what these facets and categories (`shelves`) are counted by too.
    `with_prices`: to be sorted by the prices of what is left.
    """
    places = {facet.place for facet in facets if facet != CATEGORY} | {LISTED}
    places |= {Place(FacetKind.CATEGORY, value.code) for value in choice.values.get(CATEGORY, [])}
    places |= {Place(FacetKind.CATEGORY, shelf.pk) for shelf in shelves}
    if category:
        places.add(Place(FacetKind.CATEGORY, category.pk))
    if choice.has_prices or with_prices:
        places.add(PRICE.place)
    known = read(places)
    base = known.members(LISTED)
    if category:
        base &= known.members(Place(FacetKind.CATEGORY, category.pk))
    if among is not None:
        base &= among
    return Narrowing(base & ~known.waiting, choice, known)


LISTED = Place(FacetKind.LISTED)


def upper_categories() -> list[Category]:
    """The categories that a list of the whole shop may be narrowed by."""
    return list(Category.objects.filter(level__lte=1, is_listed=True).order_by("tree_id", "lft"))
