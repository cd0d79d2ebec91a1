"""A shopper sends something back, or keeps it after all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from orders.models import Order, WrongStatus
from orders.reading import for_page
from orders.return_form import ReturnForm
from orders.returnable import can_be_sent_back, return_until, withdraw_until
from orders.returns import ReturnRefused, ask, call_off
from orders.views.checkout import see_other


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Ask to send things of the order back."""
    found = get_object_or_404(for_page(Order.objects.all()), number=number, token=token)
    is_possible = can_be_sent_back(found)
    form = ReturnForm(found, request.POST if request.method == "POST" else None)
    status = 200 if is_possible or not form.is_bound else 409
    if is_possible and form.is_bound:
        status = 422
        if form.is_valid() and asked(request, found, form):
            return see_other(found)
    context = {
        "order": found, "form": form, "is_possible": is_possible, "until": return_until(found),
        "withdraw_until": withdraw_until(found),
    }  # fmt: skip
    response = render(request, "orders/return.html", context, status=status)
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def asked(request: HttpRequest, order: Order, form: ReturnForm) -> bool:
    said = form.cleaned_data
    try:
        ask(
            order, form.quantities, reason=said["reason"], note=said["note"], actor=whoever(request)
        )
    except ReturnRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("We have your request, and write to you."))
    return True


@never_cache
@require_POST
def cancellation(request: HttpRequest, number: str, token: str, seq: int) -> HttpResponse:
    """Keep the things after all."""
    found = get_object_or_404(Order, number=number, token=token)
    try:
        call_off(get_object_or_404(found.returns, seq=seq), actor=whoever(request))
    except WrongStatus as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The return is called off."))
    return see_other(found)


def whoever(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
