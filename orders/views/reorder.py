"""The things of an order once more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from cart.views import change
from orders import reordering
from orders.models import Order
from shop.http import refuse_when_closed


@never_cache
@require_POST
@refuse_when_closed
def reorder(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Put into the cart what can be bought of the order behind a secret link; tell what cannot, and why."""
    order = get_object_or_404(Order, number=number, token=token)
    customer = request.user if isinstance(request.user, User) else None
    _cart, outcome = change(
        request, lambda cart: reordering.reorder(order, cart, customer=customer)
    )
    if outcome.count:
        messages.success(request, str(outcome))
    else:
        messages.error(request, _("Nothing of this order can be bought now."))
    if outcome.missing:
        messages.warning(request, " ".join(outcome.missing))
    there = reverse("cart:show") if outcome.count else order.get_absolute_url()
    return HttpResponseRedirect(there, status=303)
