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
from itertools import chain
from typing import Any

from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.models import Category, Image, Product, Variant, VariantValue
from catalog.prior_price import READ, Reduction, reductions_of
from catalog.sitemaps import around_the_slug, picture_address
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

# What an item needs to know of a variant.
COLUMNS = [*READ, "product_id", "barcode", "weight_grams", "image_id", "in_stock"]

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
    about_the_shop = (
        f"{element('title', shop.name)}{element('link', absolute('/'))}"
        f"{element('description', shop.tagline or shop.name)}\n"
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        f"{NOT_XML.sub('', about_the_shop)}"
    )
    shelves = names_of_shelves()
    for products in in_batches(Product.objects.listed().select_related("brand")):
        yield NOT_XML.sub("", "".join(items(products, shop.currency, shelves)))
    yield "</channel>\n</rss>\n"


def in_batches(products: QuerySet[Product]) -> Iterator[list[Product]]:
    """Products in the order of their pk, so that none is read twice and none is held."""
    last = 0
    while batch := list(products.filter(pk__gt=last).order_by("pk")[:PRODUCTS_AT_ONCE]):
        yield batch
        last = batch[-1].pk


def items(products: Sequence[Product], currency: str, shelves: dict[int, str]) -> Iterator[str]:
    """The items of some products. Rows and texts instead of models: there are a hundred thousand of them."""
    pks = [each.pk for each in products]
    variants = by_product(
        Variant.objects.filter(product__in=pks)
        .priced()
        .available()
        .order_by("position", "pk")
        .values_list(*COLUMNS, named=True)
    )
    reductions = reductions_of(chain.from_iterable(variants.values()))
    pictures = by_product(
        Image.objects.filter(product__in=pks)
        .order_by("position", "pk")
        .values_list("pk", "product_id", "key", named=True)
    )
    chosen: dict[int, list[tuple[str, str]]] = defaultdict(list)
    values = VariantValue.objects.filter(variant__product__in=pks).order_by("position", "pk")
    for variant, option, value in values.values_list("variant", "option__name", "value__name"):
        chosen[variant].append((option, value))
    before, after = around_the_slug()
    for product in products:
        # Google takes nothing without a picture or for nothing.
        group = variants[product.pk] if pictures[product.pk] else []
        own = {each.image_id for each in group}
        shown = {pk: written(in_pictures(pk, pictures[product.pk])) for pk in own}
        told = written(about(product, shelves))
        address = f"{before}{product.slug}{after}"
        for each in group:
            if each.effective_price:
                offered = offer(product, each, address, chosen[each.pk], len(group) > 1)
                asked = prices(each, reductions.get(each.pk), currency)
                yield f"<item>{written(offered)}{shown[each.image_id]}{written(asked)}{told}</item>\n"


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
    variant: Any,
    address: str,
    chosen: list[tuple[str, str]],
    is_grouped: bool,
) -> Facts:
    title = ", ".join([product.name, *(value for _option, value in chosen)])
    gtin = variant.barcode if is_gtin(variant.barcode) else ""
    state = "in_stock" if variant.in_stock else "out_of_stock"
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


def prices(variant: Any, reduction: Reduction | None, currency: str) -> Facts:
    """The prior price and the reduced one, where that may be told, or only the price; as on the page."""
    now = amount(variant.effective_price, currency)
    if not reduction:
        return [("price", now)]
    return [("price", amount(reduction.prior, currency)), ("sale_price", now)]


def amount(price: Decimal, currency: str) -> str:
    return f"{round_money(price, currency)} {currency}"


def in_pictures(own: int | None, pictures: Sequence[Any]) -> Facts:
    """The pictures of a variant, its own first."""
    shown = sorted(pictures, key=lambda each: each.pk != own)[: MORE_PICTURES + 1]
    first, *more = [picture_address(each.key) for each in shown]
    return [("image_link", first), *(("additional_image_link", each) for each in more)]


def written(facts: Facts) -> str:
    return "".join(element(f"g:{name}", shorten(name, fact)) for name, fact in facts if fact)


def shorten(name: str, text: str) -> str:
    longest = LONGEST.get(name)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def names_of_shelves() -> dict[int, str]:
    """“Kitchen > Cups” by the pk of the category."""
    names: dict[int, str] = {}
    rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent", "name")
    for pk, parent, name in rows:
        names[pk] = f"{names[parent]} > {name}" if parent in names else name
    return names
