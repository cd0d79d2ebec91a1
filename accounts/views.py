"""A customer's own pages: name and addresses. Orders are a page of `orders`."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_countries import countries
from django_htmx.http import HttpResponseClientRedirect

from accounts.addressbook import LIMIT, AddressBookFull, add_address, change_address, put_first
from accounts.consents import WORDINGS, holds, record_consent
from accounts.forms import AddressForm, NameForm, plain_address, typed_address
from accounts.models import Address, ConsentKind, User
from shop.http import SAFE_METHODS, page_before, render_page, wants_partial
from shop.models import ShopSettings

EVERYWHERE = [code for code, _name in countries]


class CustomerRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


def customer_page[**P](
    view: Callable[Concatenate[CustomerRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for customers about themselves, which no cache keeps; others are asked to sign in first."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        return view(cast(CustomerRequest, request), *args, **kwargs)

    return guarded


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """
    Lead to signing in, and from there back to the page; after a change, to the page it was sent from.

    A session may end while a form is open, and the address it is sent to need not be a page.
    """
    is_look = request.method in SAFE_METHODS
    back = request.get_full_path() if is_look else page_before(request)
    response = redirect_to_login(back or reverse("accounts:overview"))
    return HttpResponseClientRedirect(response.url) if wants_partial(request) else response


@customer_page
@require_safe
def overview(request: CustomerRequest) -> HttpResponse:
    return render(request, "accounts/overview.html", {"addresses": request.user.addresses.all()})


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: CustomerRequest) -> HttpResponse:
    # Not the user of the request: a form that fails has written on what it was given.
    user = User.objects.get(pk=request.user.pk)
    form = NameForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your name is saved."))
        return redirect("accounts:overview")
    return render(
        request, "accounts/name.html", {"form": form}, status=422 if form.is_bound else 200
    )


@customer_page
@require_safe
def addresses(request: CustomerRequest) -> HttpResponse:
    kept = list(request.user.addresses.all())
    return render(
        request, "accounts/addresses.html", {"addresses": kept, "is_full": len(kept) >= LIMIT}
    )


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_address(request: CustomerRequest) -> HttpResponse:
    initial = {"country": str(ShopSettings.load().country), "name": request.user.name}
    form = sent_form(request, initial)
    if not form.is_valid():
        return address_page(request, form)
    try:
        add_address(request.user, form.cleaned_data)
    except AddressBookFull as refusal:
        form.add_error(None, str(refusal))
        return address_page(request, form)
    messages.success(request, _("The address is saved."))
    return redirect("accounts:addresses")


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: CustomerRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Address, user=request.user, pk=pk)
    form = sent_form(request, plain_address(kept))
    if not form.is_valid():
        return address_page(request, form, kept)
    change_address(kept, form.cleaned_data)
    messages.success(request, _("The address is saved."))
    return redirect("accounts:addresses")


@customer_page
@require_POST
def delete_address(request: CustomerRequest, pk: int) -> HttpResponse:
    get_object_or_404(Address, user=request.user, pk=pk).delete()
    messages.success(request, _("The address is deleted."))
    return redirect("accounts:addresses")


@customer_page
@require_POST
def default_address(request: CustomerRequest, pk: int) -> HttpResponse:
    put_first(get_object_or_404(Address, user=request.user, pk=pk))
    messages.success(request, _("We offer this address first from now on."))
    return redirect("accounts:addresses")


@customer_page
@require_POST
def billing_address(request: CustomerRequest, pk: int) -> HttpResponse:
    put_first(get_object_or_404(Address, user=request.user, pk=pk), for_bills=True)
    messages.success(request, _("Bills go to this address first from now on."))
    return redirect("accounts:addresses")


@customer_page
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: CustomerRequest) -> HttpResponse:
    """What the customer agreed to, when and in which words; and how to take it back."""
    if request.method == "POST":
        is_given = request.POST.get("news") == "yes"
        record_consent(request.user, ConsentKind.NEWS, is_given=is_given, source="account")
        messages.success(
            request, _("Thank you.") if is_given else _("We do not write you news any more.")
        )
        return redirect("accounts:consents")
    history = list(request.user.consents.all()[:50])
    context = {
        "history": history,
        "has_news": holds(request.user, ConsentKind.NEWS),
        "wording": WORDINGS[ConsentKind.NEWS],
    }
    return render(request, "accounts/consents.html", context)


def sent_form(request: HttpRequest, initial: Mapping[str, str]) -> AddressForm:
    """The form as it was sent; for another country, with what was typed and no complaints."""
    if "change" in request.POST:
        return AddressForm(codes=EVERYWHERE, initial=typed_address(request.POST))
    return AddressForm(
        request.POST if request.method == "POST" else None, codes=EVERYWHERE, initial=initial
    )


def address_page(
    request: HttpRequest, form: AddressForm, kept: Address | None = None
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "kept": kept}
    return render_page(request, "accounts/address.html", context, partial="address", status=status)
