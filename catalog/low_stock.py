"""Shelves that run low: what is sold out, what has few left, and the mail that tells staff once of each."""

from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog.models import ProductStatus, ShelfNotice, StockItem
from shop.mail import queue_mail
from shop.models import ShopSettings

SHOWN = 50  # Named in one mail; the rest are counted.

SOLD_OUT = Q(is_tracked=True, allocated__gte=F("on_hand") + F("backorder_limit"))


def few_left() -> Q:
    """Not sold out yet, but down to the threshold of the shop's settings."""
    threshold = ShopSettings.load().low_stock_threshold
    return ~SOLD_OUT & Q(
        is_tracked=True, allocated__gte=F("on_hand") + F("backorder_limit") - threshold
    )


def on_sale() -> QuerySet[StockItem]:
    return StockItem.objects.filter(variant__product__status=ProductStatus.ACTIVE)


@transaction.atomic
def tell_of_low_shelves() -> int:
    """
    Mail staff what has run low since they were told last; returns how many variants.

    Each is told once, and again when it has been filled in between. Without an address of the shop nobody
    is told, and nothing is noted.
    """
    shop = ShopSettings.load()
    low = on_sale().filter(SOLD_OUT | few_left())
    ShelfNotice.objects.exclude(item__in=low).delete()
    if not shop.email:
        return 0
    news = low.filter(notice=None).select_related("variant__product").order_by("pk")
    items = list(news.prefetch_related("variant__variant_values__value"))
    told = ShelfNotice.objects.bulk_create(
        (ShelfNotice(item=item) for item in items), ignore_conflicts=True
    )
    if not told:
        return 0
    items.sort(key=lambda item: (item.available, str(item.variant)))
    page = reverse("admin:catalog_stockitem_changelist")
    queue_mail(
        kind="low_stock",
        to=shop.email,
        template="low_stock",
        context={
            "items": items[:SHOWN], "count": len(items), "more": max(len(items) - SHOWN, 0),
            "link": urljoin(settings.SITE_URL, f"{page}?supply=low"),
        },
        dedupe_key=f"low-stock:{timezone.now():%Y%m%d%H%M%S}",
        language=settings.LANGUAGE_CODE,
    )  # fmt: skip
    return len(items)
