"""What the page of a thing shows, seen from the variant that is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from catalog.cards import rows_beside
from catalog.listing import priced_with_stock
from catalog.models import Category, Image, Product, Variant, VariantValue
from catalog.picker import choices_of, default_variant
from catalog.prior_price import Reduction, reductions_of
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


def product_page(found: Product, wanted: str, *, is_whole: bool) -> dict[str, Any]:
    """
    All that the page shows, with the wanted variant (its key, as typed) chosen.

    The part that changes with the variant is less than the whole, and asks for less.
    """
    images = list(found.images.all())
    variants = variants_of(found, images)
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
        "images": first_of_variant(images, chosen),
    }
    return context | (around(found, images, reductions) if is_whole else {})


def around(
    found: Product, images: Sequence[Image], reductions: dict[int, Reduction]
) -> dict[str, Any]:
    """What does not change with the variant."""
    goes_with, more = rows_beside(found)
    return {
        "facts": found.attribute_values.select_related("attribute"),
        "goes_with": goes_with,
        "related": more,
        "crumbs": crumbs_to(shelves_above(found), found),
        "description": description_of(found, 160),
        "images_in_order": images,
        "reductions": reductions,
    }


def variants_of(found: Product, images: Sequence[Image]) -> list[Variant]:
    """The variants in their order, with their prices, stock, pictures and values; two queries."""
    pictures = {image.pk: image for image in images}
    variants = priced_with_stock(found.pk)
    with_options = VariantValue.objects.select_related("value__option")
    prefetch_related_objects(variants, Prefetch("variant_values", with_options))
    for each in variants:
        each.product = found
        if each.image_id in pictures:
            each.image = pictures[each.image_id]
    return variants


def by_price(variant: Variant) -> tuple[Decimal, int, int]:
    """The order in which lists choose the variant whose price they tell."""
    return variant.effective_price, variant.position, variant.pk


def shown_price(
    priced: Variant, among: Sequence[Variant], reductions: dict[int, Reduction]
) -> ShownPrice:
    prices = [each.effective_price for each in among]
    reduction = reductions.get(priced.pk)
    return ShownPrice(min(prices), max(prices), reduction.prior if reduction else None)


def first_of_variant(images: Sequence[Image], variant: Variant | None) -> list[Image]:
    """The pictures with the variant's own in front."""
    own = variant.image_id if variant else None
    return sorted(images, key=lambda image: image.pk != own)


def shelves_above(found: Product) -> Sequence[Category]:
    """The way to the product's shelf; none where a shopper could not walk it."""
    if found.category is None:
        return []
    shelves = list(found.category.get_ancestors(include_self=True))
    return shelves if all(shelf.is_listed for shelf in shelves) else []
