"""The page of a collection: a list of products like any other, in an order of its own."""

from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from catalog.facets import bits
from catalog.models import Collection, CollectionItem
from catalog.sorting import SORTS
from catalog.structured import json_ld, trail_data
from catalog.views import answer_listing, listing


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    listed = Collection.objects.filter(is_listed=True)
    picked = CollectionItem.objects.filter(collection=OuterRef("pk"), is_picked=True)
    wanted = listed.filter(slug=slug).annotate(is_picked=Exists(picked))
    found = wanted.select_related("image").first()
    if found is None:
        return moved(request, listed, slug)
    crumbs = [{"name": found.name, "url": found.get_absolute_url()}]
    order = in_its_order(found)
    context: dict[str, Any] = {
        "shelf": found,
        "crumbs": crumbs,
        "json_ld": json_ld(trail_data(crumbs)),
        **listing(request, among=bits.together(order), order=order),
    }
    if not found.is_picked:
        context["form"].call_default(found.sort)
    return answer_listing(request, "catalog/collection.html", context)


def in_its_order(collection: Collection) -> list[int]:
    """The keys of what is in a collection: what was picked first, and the rest in the collection's order."""
    with connection.cursor() as cursor:
        cursor.execute(IN_ORDER.replace("__ORDER__", SORTS[collection.sort].sql), [collection.pk])
        return [pk for (pk,) in cursor.fetchall()]


def moved(request: HttpRequest, listed: QuerySet[Collection], slug: str) -> HttpResponse:
    """Send those with an old address to today's, with what they asked of it; or answer 404."""
    target = listed.filter(old_slugs__contains=[slug]).order_by("-pk").first()
    if target is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(target.get_absolute_url() + (f"?{query}" if query else ""))


IN_ORDER = """
SELECT id
  FROM (SELECT product.*, item.position
          FROM catalog_collectionitem item
          JOIN catalog_product product ON product.id = item.product_id
         WHERE item.collection_id = %s) collected
 ORDER BY position, __ORDER__
"""
