"""Things put on shelves, for tests of the pages that show them."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import F

from catalog.listing import refresh_listing
from catalog.models import Image, Option, OptionValue, Product, Variant
from tests.factories import ProductFactory, VariantFactory

_pictures = count(1)


def shelve(price: str = "12.50", *, stock: int = 10, sku: str = "", **facts: Any) -> Product:
    """A listed product with one variant."""
    named = {"sku": sku} if sku else {}
    variant = VariantFactory(
        product=ProductFactory(**facts), price=Decimal(price), stock=stock, **named
    )
    refresh_listing([variant.product_id])
    variant.product.refresh_from_db()
    return variant.product


def in_options(
    product: Product, rows: list[tuple[int, dict[str, str]]], price: str = "12.50"
) -> list[Variant]:
    """Variants of a product, each with its stock and its values by option: (3, {"Size": "Large"})."""
    made = []
    for position, (stock, values) in enumerate(rows):
        variant = VariantFactory(
            product=product, price=Decimal(price), stock=stock, position=position
        )
        variant.choose([value_of(option, value) for option, value in values.items()])
        made.append(variant)
    refresh_listing([product.pk])
    product.refresh_from_db()
    return made


def value_of(option: str, name: str) -> OptionValue:
    option_row, _ = Option.objects.get_or_create(name=option)
    return OptionValue.objects.get_or_create(option=option_row, name=name)[0]


def picture(product: Product | None = None, **facts: Any) -> Image:
    """A picture without a file: pages name pictures, they do not open them."""
    key = f"{next(_pictures):032}"
    return Image.objects.create(
        product=product, file=f"{key}.webp", key=key, width=800, height=1000, **facts
    )


def json_ld(response: Any) -> list[dict[str, Any]]:
    """The structured data of a page, read as a search engine would."""
    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return [json.loads(block) for block in blocks]


def names_on(response: Any) -> list[str]:
    """The names of the things on a page, in their order."""
    return re.findall(r'class="card__name"><a [^>]*>([^<]*)<', response.content.decode())


def on_record_for(product: Product, *, days: int) -> None:
    """Let the prices of a product, as they are on record, be so many days older."""
    history: Any = Variant.price_history.rel.related_model  # type: ignore[attr-defined]
    history.objects.filter(pgh_obj__product=product).update(
        pgh_created_at=F("pgh_created_at") - timedelta(days=days)
    )
