"""How many products each value of each facet has, exactly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.facets import bits
from catalog.facets.bits import Layers, Products
from catalog.facets.choosing import (
    BRAND,
    CATEGORY,
    FLAG,
    IN_STOCK,
    RATING,
    SALE,
    STARS,
    Facet,
    Narrowing,
)
from catalog.facets.reading import Known, Place, Value, values_of
from catalog.models import Category, FacetKind

BRANDS_TOLD = 12  # What a page shows before “show all”, and a few.


@dataclass(slots=True)
class Counted:
    """
    A value of a facet; one that is not told has no words.

    `total` products of the list have it, `count` of those that everything chosen in other facets leaves.
    """

    value: Value
    total: int
    count: int


def count(
    narrowing: Narrowing,
    facets: Sequence[Facet],
    shelves: Sequence[Category] = (),
    in_full: Collection[str] = (),
) -> dict[Facet, list[Counted]]:
    """
    The values that any product of the list has, by facet; those that nothing is left of too.

    One question to the database, for the words. `shelves` are the categories to count in. Of many brands only
    the commonest have their words, and those that are chosen, unless `in_full` names the facet.
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
    told = {facet: worth_telling(facet, each, narrowing, in_full) for facet, each in totals.items()}
    words = words_of(told, shelves)
    return {
        facet: [
            Counted(
                words[facet].get(code) or Value(code, "", ""), total, counts[facet].get(code, 0)
            )
            for code, total in totals[facet].items()
            if code in words[facet] or code not in told[facet]
        ]
        for facet in facets
    }


def worth_telling(
    facet: Facet, totals: Mapping[int, int], narrowing: Narrowing, in_full: Collection[str]
) -> Collection[int]:
    """The codes whose words a page needs: a shop has thousands of brands, and shows those that most things have."""
    if facet != BRAND or facet.name in in_full or len(totals) <= BRANDS_TOLD:
        return totals
    least = sorted(totals.values(), reverse=True)[BRANDS_TOLD - 1]
    chosen = {value.code for value in narrowing.choice.values.get(facet, [])}
    return {code for code, total in totals.items() if total >= least or code in chosen}


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
    told: Mapping[Facet, Collection[int]], shelves: Sequence[Category]
) -> dict[Facet, dict[int, Value]]:
    """What the codes of these facets stand for."""
    named = values_of(
        {
            facet.place: codes
            for facet, codes in told.items()
            if facet.kind in {FacetKind.BRAND, FacetKind.ATTRIBUTE, FacetKind.OPTION}
        }
    )
    words = {facet: {value.code: value for value in named.get(facet.place, [])} for facet in told}
    for facet in (IN_STOCK, SALE):
        words[facet] = {1: FLAG}
    words[RATING] = {stars: Value(stars, str(stars), str(stars)) for stars in STARS}
    words[CATEGORY] = {shelf.pk: Value(shelf.pk, shelf.path, shelf.name) for shelf in shelves}
    return words
