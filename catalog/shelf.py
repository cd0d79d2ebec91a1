"""A list of products as pages turn it: how many there are, and the products of one page on cards."""

from collections.abc import Sequence

from catalog.cards import on_cards
from catalog.facets import ordering
from catalog.facets.choosing import Narrowing
from catalog.models import Product, Variant
from catalog.sorting import FEATURED, PRICE, PRICE_FALLING, SORTS


class Shelf:
    """
    What a paginator turns the pages of. `first` are keys of products that stand before all others, in their order.

    A product whose variants were asked for is shown as those that answer, and `asked_for` is the first of them.
    """

    def __init__(self, narrowing: Narrowing, sort: str, first: Sequence[int] = ()) -> None:
        self.narrowing = narrowing
        self.sort = sort
        self.first = first

    def count(self) -> int:
        return self.narrowing.products.bit_count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Product]:
        keys = self.keys(part.start or 0, self.count() if part.stop is None else part.stop)
        found = on_cards(Product.objects.all()).in_bulk(keys)
        products = [found[key] for key in keys if key in found]
        if self.narrowing.variants is not None:
            price_by_variants(products, self.narrowing)
        return products

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


def price_by_variants(products: Sequence[Product], narrowing: Narrowing) -> None:
    """Show products as those of their variants that were asked for: at their prices, with the first one's picture."""
    variants = Variant.objects.filter(product__in=products).priced().select_related("image")
    variants = variants.order_by("position", "pk")
    by_product: dict[int, list[Variant]] = {product.pk: [] for product in products}
    for variant in variants:
        by_product[variant.product_id].append(variant)
    for product in products:
        asked_for = [
            variant
            for variant, layer in zip(
                by_product[product.pk], narrowing.variants or [], strict=False
            )
            if layer >> product.pk & 1
        ]
        if asked_for:
            cheapest = min(asked_for, key=lambda each: each.effective_price)
            product.asked_for = asked_for[0]  # type: ignore[attr-defined]
            product.cover = asked_for[0].image or product.cover
            if cheapest.effective_price != product.price_from:
                product.was_price = None
            product.price_from = cheapest.effective_price
            product.price_to = max(each.effective_price for each in asked_for)
