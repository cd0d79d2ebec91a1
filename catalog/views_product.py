"""The page of a thing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.cards import related
from catalog.models import Category, Product, ProductStatus, SlugChange, Variant, VariantValue
from catalog.picker import choices_of, default_variant
from catalog.structured import description_of, json_ld, product_data, trail_data
from catalog.views import crumbs_to, moved
from shop.http import render_page, wants_partial

RELATED = 4


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


def is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_staff
