"""The page of a collection: a list of products like any other, in an order of its own."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from catalog.models import Collection, Product
from catalog.sorting import FEATURED, SORTS
from catalog.structured import json_ld, trail_data
from catalog.views import answer_listing, listing


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    listed = Collection.objects.filter(is_listed=True)
    found = listed.filter(slug=slug).select_related("image").first()
    if found is None:
        return moved(request, listed, slug)
    crumbs = [{"name": found.name, "url": found.get_absolute_url()}]
    products = Product.objects.listed().filter(collected__collection=found)
    context = {
        "collection": found,
        "crumbs": crumbs,
        "json_ld": json_ld(trail_data(crumbs)),
        **in_its_order(found, listing(request, products)),
    }
    return answer_listing(request, "catalog/collection.html", context)


def in_its_order(collection: Collection, context: dict[str, Any]) -> dict[str, Any]:
    """The list with what was picked first, and the rest in the collection's order, if no other was asked for."""
    if context["form"].chosen_sort != FEATURED:
        return context
    page = context["page"]
    paginator = page.paginator
    own = ("collected__position", *SORTS[collection.sort].ordering)
    paginator.object_list = paginator.object_list.order_by(*own)
    return {**context, "page": paginator.page(page.number)}


def moved(request: HttpRequest, listed: QuerySet[Collection], slug: str) -> HttpResponse:
    """Send those with an old address to today's, with what they asked of it; or answer 404."""
    target = listed.filter(old_slugs__contains=[slug]).order_by("-pk").first()
    if target is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(target.get_absolute_url() + (f"?{query}" if query else ""))
