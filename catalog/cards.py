"""Products as cards on a shelf."""

from collections.abc import Sequence
from datetime import timedelta

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

from catalog.models import Product, StockItem, VariantValue
from shop.models import ShopSettings

NEW_FOR = timedelta(days=30)
COLOURS_SHOWN = 6


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


def related(product: Product, number: int) -> list[Product]:
    """
    Things from the same shelf, then from those around it, what can be had first.

    A thing that stands on no shelf goes with what sells best.
    """
    if product.category is None:
        return bestsellers(number, beside=[product.pk])
    around = Product.objects.listed().filter(category__tree_id=product.category.tree_id)
    is_near = ExpressionWrapper(Q(category=product.category), output_field=BooleanField())
    in_order = around.exclude(pk=product.pk).order_by(
        is_near.desc(), "-is_available", "-sold_count", "-pk"
    )
    return list(on_cards(in_order)[:number])
