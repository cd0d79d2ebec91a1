"""The pages on which shoppers find things."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from mptt.utils import get_cached_trees

from catalog.cards import related
from catalog.facets.bits import Products
from catalog.facets.choosing import CATEGORY, all_facets, narrow, upper_categories
from catalog.facets.counting import count
from catalog.facets.showing import shown, shown_flags
from catalog.forms import ListingForm
from catalog.home import category_tiles, home_sections
from catalog.models import Category, Product, ProductStatus, SlugChange, Variant, VariantValue
from catalog.picker import choices_of, default_variant
from catalog.shelf import Shelf
from catalog.sorting import FEATURED, RELEVANCE
from catalog.structured import description_of, json_ld, product_data, shop_data, trail_data
from shop.http import render_page, wants_partial

PAGE_SIZE = 24
RELATED = 4


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
    found = Category.objects.filter(path=path).select_related("image").first()
    if found is None:
        return moved(request, SlugChange.objects.filter(category__isnull=False), path)
    above = list(found.get_ancestors()) if found.level else []
    if not all(each.is_listed for each in [*above, found]):
        raise Http404
    crumbs = crumbs_to([*above, found])
    context = {
        "category": found,
        "beside": shelves_beside(found, above),
        "crumbs": crumbs,
        "json_ld": json_ld(trail_data(crumbs)),
        **listing(request, category=found),
    }
    return answer_listing(request, "catalog/category.html", context)


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
    counted = count(narrowing, facets, shelves)
    number = narrowing.base.bit_count()
    wanted = request.GET.getlist("all")
    first = {RELEVANCE: ranks or (), FEATURED: order}.get(form.chosen_sort, ())
    shelf = Shelf(narrowing, form.chosen_sort, first)
    page = Paginator(shelf, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "form": form,
        "facets": shown(counted, form.choice, number, wanted),
        "flags": shown_flags(counted, form.choice),
        "page": page,
        "page_path": page_path(request, page),
    }


def page_path(request: HttpRequest, page: Page[Product]) -> str:
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


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    found = Product.objects.select_related("brand", "category", "cover").filter(slug=slug).first()
    if found is None:
        return moved(request, SlugChange.objects.filter(product__isnull=False), slug)
    if found.status == ProductStatus.ARCHIVED:
        context = {"product": found, "others": related(found, RELATED)}
        return render(request, "catalog/gone.html", context, status=410)
    if not found.is_listed and not is_staff(request):
        raise Http404
    context = product_page(found, request.GET.get("variant", ""))
    context["is_partial"] = wants_partial(request)
    return render_page(request, "catalog/product.html", context, partial="purchase")


def product_page(found: Product, wanted: str) -> dict[str, Any]:
    """All that the page of a product shows, with the wanted variant (its key, as typed) chosen."""
    with_options = VariantValue.objects.select_related("value__option")
    variants = list(
        found.variants.priced()
        .available()
        .select_related("stock", "image")
        .prefetch_related(Prefetch("variant_values", with_options))
        .order_by("position", "pk")
    )
    for each in variants:
        each.product = found
    asked = next((each for each in variants if str(each.pk) == wanted), None)
    chosen = asked or default_variant(variants)
    was = was_price(chosen) if chosen else None
    crumbs = crumbs_to(shelves_above(found), found)
    images = list(found.images.all())
    data = [product_data(found, variants, images), trail_data(crumbs)]
    return {
        "product": found,
        "variant": chosen,
        "is_only": len(variants) == 1,
        "was_price": was,
        "saving": was and chosen and was - chosen.effective_price,
        "on_shelf": chosen and chosen.stock.on_hand - chosen.stock.allocated,
        "is_unknown": bool(wanted) and asked is None,
        "groups": choices_of(variants, chosen) if chosen else [],
        "images": first_of_variant(images, chosen),
        "facts": found.attribute_values.select_related("attribute"),
        "related": related(found, RELATED),
        "crumbs": crumbs,
        "description": description_of(found, 160),
        "json_ld": [json_ld(each) for each in data if each],
    }


def was_price(variant: Variant) -> Decimal | None:
    """What a priced variant cost before: its list price while a rule reduces it, else a higher one."""
    now, before = variant.effective_price, variant.compare_at_price
    if now < variant.price:
        return variant.price
    return before if before and before > now else None


def first_of_variant(images: list[Any], variant: Variant | None) -> list[Any]:
    """The pictures with the variant's own in front."""
    own = variant.image_id if variant else None
    return sorted(images, key=lambda image: image.pk != own)


def shelves_above(found: Product) -> Sequence[Category]:
    """The way to the product's shelf; none where a shopper could not walk it."""
    if found.category is None:
        return []
    shelves = list(found.category.get_ancestors(include_self=True))
    return shelves if all(shelf.is_listed for shelf in shelves) else []


def shelves_beside(found: Category, above: Sequence[Category]) -> dict[str, Any]:
    """The shelves to go on to: those in this category, or beside it where there are none in it."""
    near = Category.objects.filter(
        parent__in=[pk for pk in (found.pk, found.parent_id) if pk], is_listed=True
    ).order_by("tree_id", "lft")
    inside = [each for each in near if each.parent_id == found.pk]
    if inside or not above:
        return {"whole": found, "shelves": inside}
    return {"whole": above[-1], "shelves": list(near)}


def crumbs_to(shelves: Sequence[Category], product: Product | None = None) -> list[dict[str, str]]:
    steps: list[Category | Product] = [*shelves]
    if product:
        steps.append(product)
    return [{"name": each.name, "url": each.get_absolute_url()} for each in steps]


def moved(request: HttpRequest, changes: QuerySet[SlugChange], old: str) -> HttpResponse:
    """Send those with an old address to today's, with what they asked of it; or answer 404."""
    change = changes.filter(old_slug=old).select_related("product", "category").first()
    target = change and (change.product or change.category)
    if not target:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(target.get_absolute_url() + (f"?{query}" if query else ""))


def is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_staff
