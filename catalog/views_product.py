"""The page of a thing, and the cards of things by their numbers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.visitor import has_session
from catalog.cards import related, shown_by_number
from catalog.models import ProductStatus, SlugChange
from catalog.product_page import product_page
from catalog.product_reading import read_product
from catalog.views import is_staff, moved
from shop.http import render_page, wants_partial

RELATED = 4


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    read = read_product(slug)
    if read is None:
        return moved(request, SlugChange.objects.filter(product__isnull=False), slug)
    found, around = read
    if found.status == ProductStatus.ARCHIVED:
        context = {"product": found, "others": related(found, RELATED)}
        return render(request, "catalog/gone.html", context, status=410)
    if not found.is_listed and not is_staff(request):
        raise Http404
    is_partial = wants_partial(request)
    wanted = request.GET.get("variant", "")
    context = product_page(found, around, wanted, is_whole=not is_partial)
    context["is_partial"] = is_partial
    return render_page(request, "catalog/product.html", context, partial="purchase")


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """
    The cards of the things that the address names by number, in its order; empty where none is listed.

    For what a browser remembers of its own: nothing of the request is kept.
    """
    shown = shown_by_number(request.GET.getlist("thing"))
    response = render(request, "catalog/cards.html", {"products": shown})
    # Its hearts are somebody's; without a session there is nobody whose they could be.
    response["Cache-Control"] = "no-store" if has_session(request) else "private, max-age=60"
    response["X-Robots-Tag"] = "noindex"
    return response
