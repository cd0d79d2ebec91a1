"""Searching: what a text finds, and what is offered while it is typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from catalog.cards import bestsellers
from catalog.finding import misses
from catalog.finding.matching import Found, find
from catalog.finding.reading import clean_text
from catalog.finding.suggesting import suggest
from catalog.views import RELATED, answer_listing, listing
from shop.http import wants_partial

SUGGESTIONS_LAST = 60  # Seconds that a browser may show them again without asking.


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What a text finds; everything, where nobody asked for anything."""
    text = clean_text(request.GET.get("q", ""))
    found = find(text, is_exact="exact" in request.GET) if text else Found(text)
    context: dict[str, Any] = {"query": text, "found": found}
    if request.method == "GET" and text and found.is_miss and not found.is_exact:
        misses.remember(text)
    if "q" not in request.GET:
        context |= listing(request)
    elif found.products or wants_partial(request):
        context |= listing(request, among=found.products, ranks=found.ranks)
    if "page" not in context or is_empty(context):
        return render(request, "catalog/search.html", context | {"others": bestsellers(RELATED)})
    return answer_listing(request, "catalog/search.html", context)


def is_empty(context: dict[str, Any]) -> bool:
    """Is there nothing to show, and nothing that was chosen to take back?"""
    return not context["page"].paginator.count and not context["form"].chips


@require_safe
@cache_control(public=True, max_age=SUGGESTIONS_LAST)
@conditional_page
def suggestions(request: HttpRequest) -> HttpResponse:
    """What to offer while a text is typed, as rows of a list box; the same for everybody."""
    found = suggest(request.GET.get("q", ""))
    # Without the request: nothing here is of a page, so neither menu nor cart is looked up.
    return HttpResponse(render_to_string("catalog/_suggestions.html", {"found": found}))
