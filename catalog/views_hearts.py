"""The heart on a card: a thing is kept for later, or not any more, without leaving the list."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from catalog.models import Product
from catalog.templatetags.wishes import heart
from catalog.wishes import WishlistFull, items_of, keep, open_list, variant_to_keep
from shop.http import key_in, same_origin_required, wants_partial


@never_cache
@require_POST
@same_origin_required
def kept(request: HttpRequest) -> HttpResponse:
    """
    Keep a product on the shopper's first list, or, with `keep=0`, take it off the list that it is on.

    htmx gets the heart as it is now, a browser the page that it came from. Where it is on several lists,
    or the list is full, the shopper is led to their lists, and nothing is changed.
    """
    product = get_object_or_404(Product.objects.listed(), pk=key_in(request, "product"))
    if request.POST.get("keep") == "0":
        return keep_no_more(request, product)
    asked_for = key_in(request, "variant") if request.POST.get("variant") else None
    variant = variant_to_keep(product, asked_for)
    if variant is None:
        raise Http404
    try:
        keep(open_list(request), variant.pk)
    except WishlistFull as refusal:
        return lead_to_lists(request, messages.ERROR, str(refusal))
    return answer(request, product, is_kept=True)


def keep_no_more(request: HttpRequest, product: Product) -> HttpResponse:
    items = items_of(request).filter(variant__product=product)
    if items.count() > 1:
        return lead_to_lists(request, messages.INFO, _("You keep it more than once. Look which."))
    items.delete()
    return answer(request, product, is_kept=False)


def answer(request: HttpRequest, product: Product, *, is_kept: bool) -> HttpResponse:
    said = _("Kept for later.") if is_kept else _("Not on your list any more.")
    if not wants_partial(request):
        messages.success(request, said)
        return HttpResponseRedirect(came_from(request, product), status=303)
    variant = key_in(request, "variant") if request.POST.get("variant") else None
    drawn = heart(product.pk, product.name, is_kept=is_kept, variant=variant)
    told = format_html('<p id="announcement" data-hx-swap-oob="innerHTML">{}</p>', said)
    return HttpResponse(drawn + told)


def lead_to_lists(request: HttpRequest, level: int, words: str) -> HttpResponse:
    messages.add_message(request, level, words)
    lists = reverse("catalog:wishlists")
    if wants_partial(request):
        return HttpResponseClientRedirect(lists)
    return HttpResponseRedirect(lists, status=303)


def came_from(request: HttpRequest, product: Product) -> str:
    """The page of ours with the card; where the browser does not say which, the product's own."""
    sender = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        sender, {request.get_host()}, require_https=request.is_secure()
    )
    return sender if is_ours else product.get_absolute_url()
