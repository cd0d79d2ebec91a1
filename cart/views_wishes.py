"""From a wishlist into the cart."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cart.models import CartRefused
from cart.views import change
from catalog.wishes import items_of
from shop.http import refuse_when_closed, same_origin_required


@never_cache
@require_POST
@same_origin_required
@refuse_when_closed
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """Move one of the shopper's wishes into the cart; what cannot be had stays on the list."""
    item = get_object_or_404(items_of(request).select_related("variant__product"), pk=pk)
    back = reverse("catalog:wishlist", args=[item.wishlist_id])
    if not item.variant.product.is_listed:
        messages.error(request, _("This is not sold any more."))
        return HttpResponseRedirect(back, status=303)
    try:
        change(request, lambda cart: cart.add(item.variant, 1))
    except CartRefused as refusal:
        messages.error(request, str(refusal))
    else:
        item.delete()
        messages.success(request, _("%(thing)s is in your cart.") % {"thing": item.variant})
    return HttpResponseRedirect(back, status=303)
