"""
The pages of the shop for crawlers, by sitemaps.org with Google's extension for pictures.

An index names files that are each far below the 50,000 addresses and 50 MB a file may have. They are
written while they are sent, so that a catalogue of any size costs no memory.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from xml.sax.saxutils import escape

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse

from catalog.crawling import open_categories
from catalog.models import Collection, Image, Product
from catalog.structured import absolute
from shop.models import Page

PART = 5000  # Products in a file.
PICTURES = 10  # Named of a product.
LINES = 500  # Sent at once.

BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
URLS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)


def index() -> Iterator[str]:
    yield f"{BEGIN}{INDEX}\n"
    for section in SECTIONS:
        yield file_entry(section, 1)
    for number, changed in enumerate(product_parts(), start=1):
        yield file_entry("products", number, changed)
    yield "</sitemapindex>\n"


def product_parts() -> Iterator[datetime]:
    """When something last changed in each file of products. One, and of no time, for an empty shop."""
    listed = Product.objects.listed().order_by("pk").values_list("updated_at", flat=True)
    for part in batched(listed.iterator(chunk_size=PART), PART):
        yield max(part)


def file_entry(section: str, number: int, changed: datetime | None = None) -> str:
    path = reverse("catalog:sitemap", args=[section])
    address = absolute(path if number == 1 else f"{path}?p={number}")
    return f"<sitemap><loc>{escape(address)}</loc>{last_change(changed)}</sitemap>\n"


def section(name: str, number: int) -> Iterator[str] | None:
    """The lines of one file; None for one that is not in the index."""
    if name == "products" and number > 0:
        first = (number - 1) * PART
        products = Product.objects.listed().order_by("pk")[first : first + PART]
        is_there = number == 1 or products.exists()
        return in_urlset(product_entries(products)) if is_there else None
    return in_urlset(SECTIONS[name]()) if name in SECTIONS and number == 1 else None


def in_urlset(entries: Iterable[str]) -> Iterator[str]:
    yield f"{BEGIN}{URLS}\n"
    for some in batched(entries, LINES):
        yield "".join(some)
    yield "</urlset>\n"


def entry(address: str, changed: datetime | None = None, pictures: Iterable[str] = ()) -> str:
    shown = "".join(
        f"<image:image><image:loc>{escape(each)}</image:loc></image:image>" for each in pictures
    )
    return f"<url><loc>{escape(address)}</loc>{last_change(changed)}{shown}</url>\n"


def last_change(changed: datetime | None) -> str:
    return f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""


def home_entries() -> Iterator[str]:
    yield entry(absolute(reverse("catalog:home")))
    yield entry(absolute(reverse("catalog:categories")))


def category_entries() -> Iterator[str]:
    for each in open_categories():
        pictures = [picture_address(each.image.key)] if each.image else []
        yield entry(absolute(each.get_absolute_url()), pictures=pictures)


def collection_entries() -> Iterator[str]:
    filled = Collection.objects.filter(is_listed=True, items__isnull=False).distinct()
    for each in filled.order_by("pk").select_related("image"):
        pictures = [picture_address(each.image.key)] if each.image else []
        yield entry(absolute(each.get_absolute_url()), pictures=pictures)


def page_entries() -> Iterator[str]:
    for each in Page.objects.published().order_by("pk").only("slug", "updated_at"):
        yield entry(absolute(each.get_absolute_url()), each.updated_at)


def product_entries(products: Iterable[Product]) -> Iterator[str]:
    shown = Image.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    rows = products.annotate(pictures=ArraySubquery(shown.values("key")[:PICTURES]))  # type: ignore[attr-defined]
    before, after = around_the_slug()
    for slug, changed, keys in rows.values_list("slug", "updated_at", "pictures"):
        yield entry(f"{before}{slug}{after}", changed, map(picture_address, keys))


def around_the_slug() -> tuple[str, str]:
    """What stands before and after the slug in the address of a product: ten thousand calls of reverse() take long."""
    before, after = absolute(reverse("catalog:product", args=["-slug-"])).split("-slug-")
    return before, after


def picture_address(key: str) -> str:
    return absolute(f"/pictures/{key}/full.jpg")


SECTIONS = {
    "home": home_entries,
    "categories": category_entries,
    "collections": collection_entries,
    "pages": page_entries,
}
