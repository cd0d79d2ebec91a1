"""Where a guest who has lost the link of an order asks for it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.forms import LookupForm
from orders.lookup import AskedTooOften, ask_for_link
from orders.views.waiting import machine_behind


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Ask by number and address; the answer is the same whether or not there is such an order."""
    form = LookupForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            ask_for_link(
                form.cleaned_data["number"],
                form.cleaned_data["email"],
                machine=machine_behind(request),
            )
        except AskedTooOften:
            form.add_error(None, _("That was asked very often. Wait an hour, then try again."))
            status = 429
        else:
            there = reverse("orders:lookup", query={"asked": "1"})
            return HttpResponseRedirect(there, status=303)
    context = {"form": form, "is_asked": "asked" in request.GET}
    response = render(request, "orders/lookup.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(3600 - timezone.now().minute * 60)
    return response
