"""The pages on which shoppers find things."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from mptt.utils import get_cached_trees

from catalog.cards import Card
from catalog.facets.bits import Products
from catalog.facets.choosing import CATEGORY, all_facets, narrow, upper_categories
from catalog.facets.counting import count
from catalog.facets.showing import shown, shown_flags
from catalog.forms import ListingForm
from catalog.home import category_tiles, home_sections
from catalog.models import Category, Product, SlugChange
from catalog.product_reading import ShelfAbove
from catalog.shelf import Shelf
from catalog.sorting import FEATURED, RELEVANCE
from catalog.structured import json_ld, shop_data, trail_data
from shop.http import render_page, wants_partial

PAGE_SIZE = 24
RELATED = 4
DEEPEST = 64  # Steps of a path that are looked up.


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door; with ?preview, staff see what is hidden and to come as well."""
    is_preview = "preview" in request.GET and is_staff(request)
    sections = home_sections(is_preview=is_preview)
    context = {"sections": sections, "is_preview": is_preview, "json_ld": json_ld(shop_data())}
    response = render(request, "catalog/home.html", context)
    if is_preview:
        add_never_cache_headers(response)
    return response


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The menu as a page, for those whose browser runs no scripts, and for everybody else."""
    listed = Category.objects.filter(is_listed=True, level__lte=1).order_by("tree_id", "lft")
    branches = {root.pk: root.get_children() for root in get_cached_trees(listed)}
    shelves = [(tile, branches.get(tile.category.pk, [])) for tile in category_tiles()]
    return render(request, "catalog/categories.html", {"shelves": shelves})


@require_safe
def category(request: HttpRequest, path: str) -> HttpResponse:
    way = way_to(path)
    if not way or way[-1].path != path:
        return moved(request, SlugChange.objects.filter(category__isnull=False), path)
    *above, found = way
    if not all(each.is_listed for each in way):
        raise Http404
    crumbs = crumbs_to(way)
    context = {
        "shelf": found,
        "beside": shelves_beside(found, above),
        "crumbs": crumbs,
        "json_ld": json_ld(trail_data(crumbs)),
        **listing(request, category=found),
    }
    return answer_listing(request, "catalog/category.html", context)


def way_to(path: str) -> list[Category]:
    """The category with this path and those above it, from the top; their paths are the beginnings of its own."""
    slugs = path.split("/")[:DEEPEST]
    paths = ["/".join(slugs[:end]) for end in range(1, len(slugs) + 1)]
    return list(Category.objects.filter(path__in=paths).select_related("image").order_by("level"))


def listing(
    request: HttpRequest,
    *,
    category: Category | None = None,
    among: Products | None = None,
    ranks: Sequence[int] | None = None,
    order: Sequence[int] = (),
) -> dict[str, Any]:
    """
    What a list of products shows: the form of its filters, and one page of what passes them.

    The list is what stands in a category, or a set of products, or everything. `ranks`: it was searched for,
    and these are the best. `order`: the shop's order of this list, where it has one of its own.
    """
    facets = all_facets()
    if not category:
        facets.insert(2, CATEGORY)
    form = ListingForm(request.GET, facets, is_search=ranks is not None)
    shelves = [] if category else upper_categories()
    narrowing = narrow(
        form.choice,
        facets,
        category=category,
        among=among,
        shelves=shelves,
        with_prices=form.is_by_price,
    )
    wanted = request.GET.getlist("all")
    counted = count(narrowing, facets, shelves, wanted)
    number = narrowing.base.bit_count()
    first = {RELEVANCE: ranks or (), FEATURED: order}.get(form.chosen_sort, ())
    shelf = Shelf(narrowing, form.chosen_sort, first)
    page: Page[Card] = Paginator(shelf, PAGE_SIZE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    return {
        "form": form,
        "facets": shown(counted, form.choice, number, wanted),
        "flags": shown_flags(counted, form.choice),
        "page": page,
        "page_path": page_path(request, page),
    }


def page_path(request: HttpRequest, page: Page[Card]) -> str:
    """The one address of a page of a list: without filters, and without a number for the first."""
    return request.path if page.number == 1 else f"{request.path}?page={page.number}"


def answer_listing(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    is_partial = wants_partial(request)
    context["is_partial"] = is_partial
    response = render_page(request, template, context, partial="results")
    if is_partial:
        # The address as a person would write it: without fields that were left empty.
        query = context["form"].query_without()
        response["HX-Push-Url"] = request.path + (query if query != "?" else "")
    return response


def shelves_beside(found: Category, above: Sequence[Category]) -> dict[str, Any]:
    """The shelves to go on to: those in this category, or beside it where there are none in it."""
    near = Category.objects.filter(
        parent__in=[pk for pk in (found.pk, found.parent_id) if pk], is_listed=True
    ).order_by("tree_id", "lft")
    inside = [each for each in near if each.parent_id == found.pk]
    if inside or not above:
        return {"whole": found, "shelves": inside}
    return {"whole": above[-1], "shelves": list(near)}


def crumbs_to(
    shelves: Sequence[Category | ShelfAbove], product: Product | None = None
) -> list[dict[str, str]]:
    steps: list[Category | ShelfAbove | Product] = [*shelves]
    if product:
        steps.append(product)
    return [{"name": each.name, "url": each.get_absolute_url()} for each in steps]


def moved(request: HttpRequest, changes: QuerySet[SlugChange], old: str) -> HttpResponse:
    """
    Send those with an old address to today's, with what they asked of it; or answer 404.

    There is never a second step: an old address knows its thing, not its next address. A browser is
    told to ask again each time, or it would go in circles once a thing has its old address back.
    """
    change = changes.filter(old_slug=old).select_related("product", "category").first()
    target = change and (change.product or change.category)
    if not target or not (target.is_known or is_staff(request)):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponsePermanentRedirect(
        target.get_absolute_url() + (f"?{query}" if query else "")
    )
    response["Cache-Control"] = "no-cache"
    return response


def is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_staff
