"""What the page of a thing shows, seen from the variant that is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.cards import rows_beside
from catalog.models import Product, Variant
from catalog.picker import choices_of, default_variant
from catalog.prior_price import Reduction, reductions_of
from catalog.product_reading import (
    Picture,
    ShelfAbove,
    Surroundings,
    variants_of,
)
from catalog.structured import description_of
from catalog.views import crumbs_to


@dataclass(frozen=True)
class ShownPrice:
    """
    The price above the choices: of the variant that was asked for, else from the cheapest on.

    `was` is the prior price where a reduction may be announced.
    """

    lowest: Decimal
    highest: Decimal
    was: Decimal | None

    @property
    def is_from(self) -> bool:
        return self.lowest != self.highest

    @property
    def saving(self) -> Decimal | None:
        return self.was - self.lowest if self.was else None


def product_page(
    found: Product, around: Surroundings, wanted: str, *, is_whole: bool
) -> dict[str, Any]:
    """
    All that the page shows, with the wanted variant (its key, as typed) chosen.

    The part that changes with the variant is less than the whole, and asks for less.
    """
    variants = variants_of(found)
    asked = next((each for each in variants if str(each.pk) == wanted), None)
    chosen = asked or default_variant(variants)
    priced = asked or min(variants, key=by_price, default=None)
    reductions = reductions_of(variants if is_whole else [each for each in [priced] if each])
    context = {
        "product": found,
        "variant": chosen,
        "variants": variants,
        "is_only": len(variants) == 1,
        "is_asked": asked is not None,
        "is_unknown": bool(wanted) and asked is None,
        "price": priced and shown_price(priced, [asked] if asked else variants, reductions),
        "on_shelf": chosen and chosen.stock.on_hand - chosen.stock.allocated,
        "groups": choices_of(variants, chosen) if chosen else [],
        "images": first_of_variant(around.pictures, chosen),
    }
    return context | (what_stays(found, around, reductions) if is_whole else {})


def what_stays(
    found: Product, around: Surroundings, reductions: dict[int, Reduction]
) -> dict[str, Any]:
    """What does not change with the variant."""
    goes_with, more = rows_beside(found)
    return {
        "around": around,
        "goes_with": goes_with,
        "related": more,
        "crumbs": crumbs_to(walkable(around.shelves), found),
        "description": description_of(found, 160),
        "reductions": reductions,
    }


def by_price(variant: Variant) -> tuple[Decimal, int, int]:
    """The order in which lists choose the variant whose price they tell."""
    return variant.effective_price, variant.position, variant.pk


def shown_price(
    priced: Variant, among: Sequence[Variant], reductions: dict[int, Reduction]
) -> ShownPrice:
    prices = [each.effective_price for each in among]
    reduction = reductions.get(priced.pk)
    return ShownPrice(min(prices), max(prices), reduction.prior if reduction else None)


def first_of_variant(images: Sequence[Picture], variant: Variant | None) -> list[Picture]:
    """The pictures with the variant's own in front."""
    own = variant.image_id if variant else None
    return sorted(images, key=lambda image: image.pk != own)


def walkable(shelves: Sequence[ShelfAbove]) -> Sequence[ShelfAbove]:
    """The way to the product's shelf; none where a shopper could not walk it."""
    return shelves if all(shelf.is_listed for shelf in shelves) else []
