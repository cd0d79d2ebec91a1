"""The orders in which lists of products stand. Each ends with the key, so that pages never overlap."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Sort(NamedTuple):
    """`sql` is an ORDER BY of columns of catalog_product, which an index has; relevance has none."""

    label: str | Promise
    sql: str = ""


FEATURED = "featured"
RELEVANCE = "relevance"
PRICE = "price"
PRICE_FALLING = "-price"

SORTS: dict[str, Sort] = {
    RELEVANCE: Sort(_("Best match")),
    FEATURED: Sort(_("Our order"), "is_available DESC, sold_count DESC, publish_at DESC, id DESC"),
    "newest": Sort(_("Newest"), "publish_at DESC, id DESC"),
    PRICE: Sort(_("Price, low to high"), "price_from, id"),
    PRICE_FALLING: Sort(_("Price, high to low"), "price_from DESC NULLS LAST, id DESC"),
    "rating": Sort(_("Best rated"), "rating DESC NULLS LAST, rating_count DESC, id DESC"),
    "sold": Sort(_("Bestselling"), "sold_count DESC, publish_at DESC, id DESC"),
}
