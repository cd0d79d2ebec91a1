"""Products as cards on a shelf."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.models import LinkKind, Product, StockItem, VariantValue
from shop.models import ShopSettings

NEW_FOR = timedelta(days=30)
COLOURS_SHOWN = 6
ON_A_ROW = 4
MOST_CHOSEN = 8
MOST_BY_NUMBER = 8


def on_cards(products: QuerySet[Product]) -> QuerySet[Product]:
    """
    Add what a card shows beside the product's own columns, all by the same query.

    `colours` are the swatches in the order of the variants; `stock_left` is a number only where
    every piece is counted and few are left; `is_new` holds for a month.
    """
    return products.select_related("brand", "cover").annotate(
        colours=ArraySubquery(swatches()),
        stock_left=Subquery(few_left(ShopSettings.load().low_stock_threshold)),
        is_new=ExpressionWrapper(
            Q(publish_at__gte=timezone.now() - NEW_FOR), output_field=BooleanField()
        ),
    )


def swatches() -> QuerySet[VariantValue, str]:
    worn = VariantValue.objects.filter(variant__product=OuterRef("pk")).exclude(value__swatch="")
    in_order = worn.values("value__swatch").annotate(first=Min("variant__position"))
    return in_order.order_by("first", "value__swatch").values_list("value__swatch", flat=True)[
        :COLOURS_SHOWN
    ]


def few_left(threshold: int) -> QuerySet[StockItem, int]:
    shelf = StockItem.objects.filter(variant__product=OuterRef("pk")).order_by()
    counted = shelf.values("variant__product").annotate(
        left=Sum(Greatest(F("on_hand") - F("allocated"), 0)),
        is_counted=BoolAnd("is_tracked"),
        backorders=Max("backorder_limit"),
    )
    few = counted.filter(is_counted=True, backorders=0, left__gt=0, left__lte=threshold)
    return few.values_list("left", flat=True)


def bestsellers(number: int, *, beside: Sequence[int] = ()) -> list[Product]:
    """What others bought most, for pages that have nothing else to offer."""
    sold = Product.objects.listed().filter(is_available=True).exclude(pk__in=beside)
    return list(on_cards(sold.order_by("-sold_count", "-rating_count", "-pk"))[:number])


def related(product: Product, number: int, *, beside: Sequence[int] = ()) -> list[Product]:
    """
    Things from the same shelf, then from those around it, what can be had first; none of `beside`.

    A thing that stands on no shelf goes with what sells best.
    """
    if product.category is None:
        return bestsellers(number, beside=[product.pk, *beside])
    listed = Product.objects.listed().exclude(pk__in=[product.pk, *beside])
    in_order = listed.order_by("-is_available", "-sold_count", "-pk")
    found = list(on_cards(in_order.filter(category=product.category))[:number])
    if len(found) < number:
        near = in_order.filter(category__tree_id=product.category.tree_id)
        found += on_cards(near.exclude(category=product.category))[: number - len(found)]
    return found


def rows_beside(product: Product) -> tuple[list[Product], list[Product]]:
    """
    What staff say goes well with it, and more like it: what they chose, then from the same shelf.

    Nothing that is not listed, and nothing twice. `product` may come with `has_links`, which saves
    a query where there are none.
    """
    chosen = linked(product) if getattr(product, "has_links", True) else []
    goes_with = [each for each in chosen if each.link_kind == LinkKind.GOES_WITH]
    more = [each for each in chosen if each.link_kind == LinkKind.RELATED][:MOST_CHOSEN]
    if len(more) < ON_A_ROW:
        beside = [each.pk for each in chosen]
        more += related(product, ON_A_ROW - len(more), beside=beside)
    return goes_with[:MOST_CHOSEN], more


def linked(product: Product) -> list[Any]:
    """What staff have put beside it, each with its `link_kind`, in their order."""
    chosen = Product.objects.listed().filter(linked_from__product=product)
    return list(
        on_cards(chosen.annotate(link_kind=F("linked_from__kind"))).order_by(
            "linked_from__position", "linked_from__pk"
        )
    )


def shown_by_number(typed: Sequence[str]) -> list[Product]:
    """The listed products with these numbers, as typed, in their order; of many the first few."""
    numbers = [
        int(each) for each in typed if each.isascii() and each.isdecimal() and len(each) < 19
    ]
    wanted = list(dict.fromkeys(numbers))[:MOST_BY_NUMBER]
    found = {each.pk: each for each in on_cards(Product.objects.listed().filter(pk__in=wanted))}
    return [found[pk] for pk in wanted if pk in found]
