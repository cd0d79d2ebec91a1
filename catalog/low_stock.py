"""Shelves that run low: what is sold out, what has few left, and the mail that tells staff once of each."""

from collections.abc import Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog.models import ProductStatus, ShelfNotice, StockItem
from shop.mail import queue_mail
from shop.models import Mail, ShopSettings

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
    low = on_sale().filter(SOLD_OUT | few_left())
    ShelfNotice.objects.exclude(item__in=low).delete()
    if not ShopSettings.load().email:
        return 0
    news = low.filter(notice=None).select_related("variant__product").order_by("pk")
    items = list(news.prefetch_related("variant__variant_values__value"))
    told = ShelfNotice.objects.bulk_create(
        (ShelfNotice(item=item) for item in items), ignore_conflicts=True
    )
    if not told:
        return 0
    items.sort(key=lambda item: (item.available, str(item.variant)))
    write(items, key=f"{timezone.now():%Y%m%d%H%M%S}")
    return len(items)


def write(items: Sequence[StockItem], *, key: str) -> Mail:
    """Write the mail to the shop's own address, once for each key."""
    page = reverse("admin:catalog_stockitem_changelist")
    return queue_mail(
        kind="low_stock",
        to=ShopSettings.load().email,
        template="low_stock",
        context={
            "items": items[:SHOWN], "count": len(items), "more": max(len(items) - SHOWN, 0),
            "link": urljoin(settings.SITE_URL, f"{page}?supply=low"),
        },
        dedupe_key=f"low-stock:{key}",
        language=settings.LANGUAGE_CODE,
    )  # fmt: skip
