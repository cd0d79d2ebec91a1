"""
The catalogue in Google's format for merchants: RSS 2.0 with its own attributes, an item a variant.

The feed is kept as a file. It is written anew when somebody asks for it and it is older than twenty
times what writing it took: a small shop's is always of this second, and nobody can keep a large shop
busy by asking.
"""

import hashlib
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.models import Category, Image, Product, Variant, VariantValue
from catalog.sitemaps import picture_address
from catalog.structured import absolute, description_of
from catalog.structured_product import property_of
from shop.models import ShopSettings
from shop.money import round_money

FEED_LOCK = 4  # A key in PostgreSQL's space of advisory locks; never reuse it.
REST = 20  # Parts of idleness to one of work.
PRODUCTS_AT_ONCE = 500
FOLDER = "feeds"
KNOWN = "feeds:google"  # In the cache.

# What the format allows, in characters.
LONGEST = {
    "title": 150,
    "description": 5000,
    "brand": 70,
    "product_type": 750,
    "color": 100,
    "size": 100,
}
MORE_PICTURES = 10

NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

type Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Feed:
    """A feed that lies in the store; times are seconds since 1970."""

    name: str
    digest: str
    changed_at: int
    built_at: float
    took: float

    @property
    def is_fresh(self) -> bool:
        return time.time() - self.built_at < REST * self.took


def current() -> Feed | None:
    """The feed as it is now, or a little ago; None while the first one of a large shop is being written."""
    known: Feed | None = cache.get(KNOWN)
    if known and not default_storage.exists(known.name):
        known = None
    if known and known.is_fresh:
        return known
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FEED_LOCK])
            is_mine = cursor.fetchone()[0]
        return build(known) if is_mine else known


def build(known: Feed | None) -> Feed:
    began = time.time()
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as draft:
        for text in google():
            written = text.encode()
            digest.update(written)
            draft.write(written)
        draft.seek(0)
        name = f"{FOLDER}/google-{digest.hexdigest()[:32]}.xml"
        if not default_storage.exists(name):
            default_storage.save(name, File(draft))
    is_same = known is not None and known.name == name
    changed_at = known.changed_at if known and is_same else int(began)
    feed = Feed(name, digest.hexdigest()[:32], changed_at, time.time(), time.time() - began)
    cache.set(KNOWN, feed, timeout=7 * 24 * 3600)
    for other in default_storage.listdir(FOLDER)[1]:
        if f"{FOLDER}/{other}" != name:
            with suppress(FileNotFoundError):  # Another machine was first.
                default_storage.delete(f"{FOLDER}/{other}")
    return feed


def google() -> Iterator[str]:
    """The feed, a few hundred items at a time."""
    shop = ShopSettings.load()
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        f"{element('title', shop.name)}{element('link', absolute('/'))}"
        f"{element('description', shop.tagline or shop.name)}\n"
    )
    shelves = names_of_shelves()
    for products in in_batches(Product.objects.listed().select_related("brand")):
        yield "".join(items(products, shop.currency, shelves))
    yield "</channel>\n</rss>\n"


def in_batches(products: QuerySet[Product]) -> Iterator[list[Product]]:
    """Products in the order of their pk, so that none is read twice and none is held."""
    last = 0
    while batch := list(products.filter(pk__gt=last).order_by("pk")[:PRODUCTS_AT_ONCE]):
        yield batch
        last = batch[-1].pk


def items(products: Sequence[Product], currency: str, shelves: dict[int, str]) -> Iterator[str]:
    pks = [each.pk for each in products]
    variants = by_product(
        Variant.objects.filter(product__in=pks).priced().available().order_by("position", "pk")
    )
    pictures = by_product(
        Image.objects.filter(product__in=pks).order_by("position", "pk").only("key", "product_id")
    )
    chosen: dict[int, list[tuple[str, str]]] = defaultdict(list)
    values = VariantValue.objects.filter(variant__product__in=pks).order_by("position", "pk")
    for variant, option, value in values.values_list("variant", "option__name", "value__name"):
        chosen[variant].append((option, value))
    for product in products:
        told = about(product, shelves)
        address = absolute(product.get_absolute_url())
        group = variants[product.pk]
        for variant in group:
            shown = pictures_of(variant, pictures[product.pk])
            # Google takes nothing without a picture or for nothing.
            if shown and variant.effective_price:
                facts = [
                    *offer(product, variant, address, chosen[variant.pk], len(group) > 1),
                    *in_pictures(shown),
                    *prices(variant, currency),
                    *told,
                ]
                yield item(facts)


def by_product(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.product_id].append(row)
    return found


def about(product: Product, shelves: dict[int, str]) -> Facts:
    """What all variants of a product have in common."""
    return [
        ("description", description_of(product) or product.name),
        ("condition", "new"),
        ("brand", product.brand.name if product.brand else ""),
        ("product_type", shelves.get(product.category_id or 0, "")),
    ]


def offer(
    product: Product,
    variant: Variant,
    address: str,
    chosen: list[tuple[str, str]],
    is_grouped: bool,
) -> Facts:
    title = ", ".join([product.name, *(value for _option, value in chosen)])
    gtin = variant.barcode if is_gtin(variant.barcode) else ""
    state = "in_stock" if variant.in_stock else "out_of_stock"  # type: ignore[attr-defined]
    weight = f"{variant.weight_grams} g" if variant.weight_grams else ""
    options = {property_of(option): value for option, value in reversed(chosen)}
    return [
        ("id", str(variant.pk)),
        ("title", title),
        ("link", f"{address}?variant={variant.pk}" if is_grouped else address),
        ("availability", state),
        ("gtin", gtin),
        # A SKU is the shop's own number, and not the maker's.
        ("identifier_exists", "" if gtin and product.brand_id else "no"),
        ("item_group_id", str(product.pk) if is_grouped else ""),
        *((name, options.get(name, "")) for name in ("color", "size", "material", "pattern")),
        ("shipping_weight", weight),
    ]


def is_gtin(code: str) -> bool:
    """
    Is it a number of GS1 that the world knows? Google refuses others.

    The last digit checks the rest; those of some beginnings are a shop's own, or a voucher's.
    """
    if not (code.isascii() and code.isdigit() and len(code) in {8, 12, 13, 14}):
        return False
    if code.zfill(14)[1:].startswith(("2", "02", "04", "98", "99")):
        return False
    weights = (3 if place % 2 else 1 for place in range(len(code)))
    return sum(int(each) * by for each, by in zip(reversed(code), weights, strict=True)) % 10 == 0


def prices(variant: Variant, currency: str) -> Facts:
    """The price before and the reduced one, or only the one there is; as on the page."""
    now, before = variant.effective_price, variant.compare_at_price
    listed = variant.price if now < variant.price else max(before or now, now)
    reduced = amount(now, currency) if now < listed else ""
    return [("price", amount(listed, currency)), ("sale_price", reduced)]


def amount(price: Decimal, currency: str) -> str:
    return f"{round_money(price, currency)} {currency}"


def pictures_of(variant: Variant, pictures: list[Image]) -> list[Image]:
    return sorted(pictures, key=lambda each: each.pk != variant.image_id)


def in_pictures(shown: list[Image]) -> Facts:
    first, *more = [picture_address(each.key) for each in shown[: MORE_PICTURES + 1]]
    return [("image_link", first), *(("additional_image_link", each) for each in more)]


def item(facts: Facts) -> str:
    written = "".join(element(f"g:{name}", shorten(name, fact)) for name, fact in facts if fact)
    return f"<item>{written}</item>\n"


def shorten(name: str, text: str) -> str:
    longest = LONGEST.get(name)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(NOT_XML.sub('', text))}</{name}>"


def names_of_shelves() -> dict[int, str]:
    """“Kitchen > Cups” by the pk of the category."""
    names: dict[int, str] = {}
    rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent", "name")
    for pk, parent, name in rows:
        names[pk] = f"{names[parent]} > {name}" if parent in names else name
    return names
