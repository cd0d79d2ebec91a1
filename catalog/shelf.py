"""A list of products as pages turn it: how many there are, and the products of one page on cards."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from catalog.cards import Card, Cover, cards_of
from catalog.facets import ordering
from catalog.facets.choosing import Narrowing
from catalog.facets.keeping import PricedVariant
from catalog.listing import priced_variants
from catalog.models import Variant
from catalog.sorting import FEATURED, PRICE, PRICE_FALLING, SORTS


class Shelf:
    """
    What a paginator turns the pages of. `first` are keys of products that stand before all others, in their order.

    A product whose variants were asked for is shown as those that answer, and `asked_for` is the key of the first.
    """

    def __init__(self, narrowing: Narrowing, sort: str, first: Sequence[int] = ()) -> None:
        self.narrowing = narrowing
        self.sort = sort
        self.first = first

    def count(self) -> int:
        return self.narrowing.products.bit_count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Card]:
        cards = cards_of(
            self.keys(part.start or 0, self.count() if part.stop is None else part.stop)
        )
        if self.narrowing.variants is not None:
            price_by_variants(cards, self.narrowing)
        return cards

    def keys(self, start: int, stop: int) -> list[int]:
        """The keys of the products that stand from `start` to `stop`."""
        products = self.narrowing.products
        if self.narrowing.variants is not None:
            # Of these products other variants may be cheaper, which were not asked for.
            if self.sort == PRICE:
                return ordering.by_price(self.narrowing, start, stop)
            if self.sort == PRICE_FALLING:
                return ordering.by_price_falling(self.narrowing, start, stop)
        sql = SORTS[self.sort].sql or SORTS[FEATURED].sql
        return ordering.ranked(products, self.first, sql, start, stop)


def price_by_variants(cards: Sequence[Card], narrowing: Narrowing) -> None:
    """Show products as those of their variants that were asked for: at their prices, with the first one's picture."""
    layers = narrowing.variants or []
    asked: dict[int, list[PricedVariant]] = {}
    for key, variants in groupby(priced_variants([card.pk for card in cards]), product_of):
        pairs = zip(variants, layers, strict=False)
        asked[key] = [variant for variant, layer in pairs if layer >> key & 1]
    pictures = own_pictures([found[0].variant for found in asked.values() if found])
    for card in cards:
        if not (found := asked.get(card.pk)):
            continue
        card.asked_for = found[0].variant
        card.cover = pictures.get(card.asked_for, card.cover)
        lowest = min(each.price for each in found)
        if lowest != card.price_from:
            card.was_price = None
        card.price_from = lowest
        card.price_to = max(each.price for each in found)


def own_pictures(variants: Sequence[int]) -> dict[int, Cover]:
    """The pictures of those of these variants that have their own."""
    pictured = Variant.objects.filter(pk__in=variants, image__isnull=False)
    columns = ("image__key", "image__width", "image__height", "image__alt", "image__tone")
    return {pk: Cover(*image) for pk, *image in pictured.values_list("pk", *columns)}


product_of = attrgetter("product")
