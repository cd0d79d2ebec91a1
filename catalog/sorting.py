"""The orders in which lists of products stand. Each ends with the key, so that pages never overlap."""

from typing import NamedTuple

from django.db.models import F, OrderBy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Sort(NamedTuple):
    label: str | Promise
    ordering: tuple[str | OrderBy, ...]


FEATURED = "featured"
RELEVANCE = "relevance"

SORTS: dict[str, Sort] = {
    RELEVANCE: Sort(_("Best match"), ("-is_coded", "-rank", "-is_available", "-sold_count", "-pk")),
    FEATURED: Sort(_("Our order"), ("-is_available", "-sold_count", "-publish_at", "-pk")),
    "newest": Sort(_("Newest"), ("-publish_at", "-pk")),
    "price": Sort(_("Price, low to high"), (F("price_from").asc(nulls_last=True), "pk")),
    "-price": Sort(_("Price, high to low"), (F("price_from").desc(nulls_last=True), "-pk")),
    "rating": Sort(_("Best rated"), (F("rating").desc(nulls_last=True), "-rating_count", "-pk")),
}
