"""{% load reviews %}: what is said of a product, on the product's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from django import template
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef
from django.http import QueryDict
from django.template.context import Context
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.visitor import customer_id, has_session
from catalog.models import Product
from orders.models import Order
from reviews.models import Review, ReviewPhoto, ReviewStatus, ReviewVote
from reviews.requests import token_of

register = template.Library()

PAGE_SIZE = 6
MOST_STARS = 5


# With the review itself, so that the page asks no more.
SHOWN_PHOTOS = ArraySubquery(
    ReviewPhoto.objects.filter(review=OuterRef("pk"), status=ReviewStatus.PUBLISHED)
    .order_by("position")
    .values("key")
)


@dataclass(frozen=True)
class Bar:
    """How many gave so many stars. `percent` is of all."""

    stars: int
    count: int
    percent: int


# By the word in the address; the first one is meant where there is none.
SORTS: dict[str, tuple[Promise, list[str]]] = {
    "": (_("Newest"), ["-written_at", "-pk"]),
    "helpful": (_("Most helpful"), ["-helpful_count", "-written_at", "-pk"]),
    "best": (_("Best"), ["-stars", "-written_at", "-pk"]),
    "worst": (_("Worst"), ["stars", "-written_at", "-pk"]),
}


@dataclass(frozen=True)
class SortLink:
    """One of the orders to read reviews in. `in_address` is None for the one that needs no word."""

    label: Promise
    in_address: str | None
    is_chosen: bool


class CountedPaginator(Paginator):
    """Pages of a list whose length is known already."""

    def __init__(self, reviews: Any, count: int) -> None:
        super().__init__(reviews, PAGE_SIZE)
        self.count = count


@register.inclusion_tag("reviews/_list.html", takes_context=True)
def reviews_of(context: Context, product: Product) -> dict[str, Any]:
    """
    The published reviews of a product with their histogram; two queries, none without reviews, and one
    more for a reader who is signed in.

    The address may ask for one number of stars (`?stars=4`), for an order (`?sort=helpful`) and for a
    page (`?reviews=2`); whatever it says else is kept in the links.
    """
    shown = said_of(context["request"], product)
    return shown | {"shop": context["shop"]} | marks(context["request"], shown.get("page", ()))


@register.simple_tag(takes_context=True)
def histogram(context: Context, bars: Iterable[Bar], chosen: int | None) -> SafeString:
    """How many gave each number of stars, as links to their reviews; drawn in Python as lists are."""
    asked = context["request"].GET.copy()
    asked.pop("reviews", None)
    return SafeString("".join(bar_item(bar, asked, is_chosen=bar.stars == chosen) for bar in bars))


def bar_item(bar: Bar, asked: QueryDict, *, is_chosen: bool) -> str:
    asked["stars"] = str(bar.stars)
    stars = ngettext("%(stars)s star", "%(stars)s stars", bar.stars) % {"stars": bar.stars}
    reviews = ngettext("review", "reviews", bar.count)
    return f"""\
<li>
  <a href="?{escape(asked.urlencode())}#reviews"{' aria-current="true"' if is_chosen else ""}>
    <span>{escape(stars)}</span>
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rail" width="100" height="6"></rect><rect class="bar" width="{bar.percent}" height="6"></rect>
    </svg>
    <span>{number_format(bar.count)}<span class="visually-hidden"> {escape(reviews)}</span></span>
  </a>
</li>
"""


@register.simple_tag(takes_context=True)
def reviews_data(context: Context, product: Product) -> list[dict[str, Any]]:
    """The reviews that the page shows, as structured data; no query beside those of `reviews_of`."""
    shown = said_of(context["request"], product)
    return [review_data(review) for review in shown.get("page", ())]


def said_of(request: Any, product: Product) -> dict[str, Any]:
    """What a request shows of a product's reviews, asked for once."""
    known: dict[int, dict[str, Any]] = request.__dict__.setdefault("_said_of", {})
    if product.pk not in known:
        known[product.pk] = read_reviews(request, product)
    return known[product.pk]


def read_reviews(request: Any, product: Product) -> dict[str, Any]:
    shown: dict[str, Any] = {"product": product, "request": request, "bars": []}
    if not product.rating_count:
        return shown
    published = Review.objects.published().filter(product=product)
    counts = (
        published.order_by().values("stars").annotate(count=Count("pk"), bought=Count("order_line"))
    )
    by_stars = {row["stars"]: int(row["count"]) for row in counts}
    total = sum(by_stars.values())
    stars = wanted_stars(request.GET.get("stars", ""))
    if stars:
        published = published.filter(stars=stars)
    count = by_stars.get(stars, 0) if stars else total
    wanted = request.GET.get("sort", "")
    sort = wanted if wanted in SORTS else ""
    published = published.select_related("reply").annotate(shown_photos=SHOWN_PHOTOS)
    published = published.order_by(*SORTS[sort][1])
    return shown | {
        "bars": bars(by_stars, total),
        "total": total,
        "bought": sum(row["bought"] for row in counts),
        "stars": stars,
        "page": page_of(published, count, request.GET.get("reviews")),
        "sorts": [
            SortLink(label, word or None, word == sort) for word, (label, _columns) in SORTS.items()
        ],
    }


def marks(request: Any, reviews: Iterable[Review]) -> dict[str, set[int]]:
    """Which of these the reader wrote, and which helped them; no query for a visitor."""
    shown = list(reviews)
    reader = customer_id(request) if shown and has_session(request) else None
    if reader is None:
        return {"own": set(), "helped": set()}
    votes = ReviewVote.objects.filter(voter=reader, review__in=[each.pk for each in shown])
    return {
        "own": {each.pk for each in shown if each.customer_id == reader},
        "helped": set(votes.values_list("review", flat=True)),
    }


def review_data(review: Review) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.name},
        "datePublished": review.written_at.date().isoformat(),
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": review.stars,
            "bestRating": MOST_STARS,
            "worstRating": 1,
        },
    }
    words = {"name": review.title, "reviewBody": review.text}
    return told | {name: said for name, said in words.items() if said}


def bars(by_stars: dict[int, int], total: int) -> list[Bar]:
    return [
        Bar(stars, count, round(100 * count / total) if total else 0)
        for stars in range(MOST_STARS, 0, -1)
        for count in [by_stars.get(stars, 0)]
    ]


def wanted_stars(typed: str) -> int | None:
    return int(typed) if typed in {"1", "2", "3", "4", "5"} else None


def page_of(reviews: Any, count: int, number: str | None) -> Page:
    return CountedPaginator(reviews, count).get_page(number)


@register.simple_tag
def review_page(order: Order) -> str:
    """Where the things of an order are reviewed; nothing before any of them has arrived. Asks no query."""
    if not any(shipment.delivered_at for shipment in order.shipments.all()):
        return ""
    return reverse("reviews:of_order", args=[token_of(order)])
