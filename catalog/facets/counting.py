"""How many products each value of each facet has, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.facets import bits
from catalog.facets.bits import Layers, Products
from catalog.facets.choosing import CATEGORY, FLAG, IN_STOCK, RATING, SALE, STARS, Facet, Narrowing
from catalog.facets.reading import Known, Place, Value, values_of
from catalog.models import Category, FacetKind


@dataclass(slots=True)
class Counted:
    """
    A value of a facet. `total` products of the list have it, `count` of those that everything chosen
    in other facets leaves.
    """

    value: Value
    total: int
    count: int


def count(
    narrowing: Narrowing, facets: Sequence[Facet], shelves: Sequence[Category] = ()
) -> dict[Facet, list[Counted]]:
    """
    The values that any product of the list has, by facet; those that nothing is left of too.

    One question to the database, for the words. `shelves` are the categories to count in.
    """
    totals, counts = {}, {}
    for facet in facets:
        products, variants = narrowing.without(facet)
        totals[facet] = count_codes(narrowing.known, facet, narrowing.base, None, shelves)
        is_whole = products == narrowing.base and variants is None
        counts[facet] = (
            totals[facet]
            if is_whole
            else count_codes(narrowing.known, facet, products, variants, shelves)
        )
    words = words_of(totals, shelves)
    return {
        facet: [
            Counted(words[facet][code], total, counts[facet].get(code, 0))
            for code, total in totals[facet].items()
            if code in words[facet]
        ]
        for facet in facets
    }


def count_codes(
    known: Known,
    facet: Facet,
    products: Products,
    variants: Layers | None,
    shelves: Sequence[Category] = (),
) -> dict[int, int]:
    """
    For each code of a facet how many products of a set have it, or how many of which one of these variants has it.

    A product counts once, however many of its layers have the code. Stars are counted with all above them.
    """
    if facet == CATEGORY:
        members = {
            shelf.pk: known.members(Place(FacetKind.CATEGORY, shelf.pk)) for shelf in shelves
        }
        counted = {pk: (each & products).bit_count() for pk, each in members.items()}
        return {pk: number for pk, number in counted.items() if number}
    layers = known.layers(facet.place)
    within = variants if variants is not None and facet.is_of_variants else [products] * len(layers)
    found: dict[int, Products] = {}
    for slices, each in zip(layers, within, strict=False):
        for code, having in bits.by_code(slices, each):
            found[code] = found.get(code, 0) | having
    counts = {code: having.bit_count() for code, having in found.items()}
    if facet == RATING:
        sums = {star: sum(n for code, n in counts.items() if code >= star) for star in STARS}
        return {star: number for star, number in sums.items() if number}
    return counts


def words_of(
    totals: Mapping[Facet, Mapping[int, int]], shelves: Sequence[Category]
) -> dict[Facet, dict[int, Value]]:
    """What the codes of these facets stand for."""
    named = values_of(
        {
            facet.place: codes
            for facet, codes in totals.items()
            if facet.kind in {FacetKind.BRAND, FacetKind.ATTRIBUTE, FacetKind.OPTION}
        }
    )
    words = {facet: {value.code: value for value in named.get(facet.place, [])} for facet in totals}
    for facet in (IN_STOCK, SALE):
        words[facet] = {1: FLAG}
    words[RATING] = {stars: Value(stars, str(stars), str(stars)) for stars in STARS}
    words[CATEGORY] = {shelf.pk: Value(shelf.pk, shelf.path, shelf.name) for shelf in shelves}
    return words
