"""Checkout in three steps: whom and where to, how it travels, review and pay."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_countries import countries
from django_htmx.http import HttpResponseClientRedirect

from accounts.addressbook import AddressBookFull, add_address
from accounts.email_slips import probable_email
from accounts.models import User
from cart.models import Cart
from cart.place import Place
from cart.pricing import Basis, gather
from cart.quote import Quote
from cart.session import current_cart
from cart.ways import Ways
from orders.address_step import AddressStep
from orders.delivery import delivery_countries, delivery_window
from orders.draft import Draft
from orders.forms import DeliveryForm
from shop.http import render_page, wants_partial
from shop.models import ShopSettings

ADDRESS, DELIVERY, REVIEW = (
    "orders:checkout_address",
    "orders:checkout_delivery",
    "orders:checkout_review",
)


@dataclass(frozen=True)
class Visit:
    """One look at the checkout: the cart, what was told so far, and what it comes to."""

    cart: Cart
    draft: Draft
    basis: Basis
    quote: Quote
    ways: Ways

    @classmethod
    def of(cls, request: HttpRequest, cart: Cart) -> "Visit":
        draft = Draft.of(request.session, cart)
        method = draft.method()
        basis = gather(cart, **draft.terms)
        ways = basis.ways()
        return cls(cart, draft, basis, basis.quote(method if ways.offers(method) else None), ways)

    @property
    def missing_step(self) -> str:
        """The first step that has not been done, or the last."""
        if not self.draft.has_address:
            return ADDRESS
        if self.quote.requires_shipping and not self.quote.shipping_method:
            return DELIVERY
        return REVIEW

    @property
    def outlook(self) -> Quote:
        """What it comes to; with the cheapest delivery, as in the cart, while none is chosen."""
        if self.quote.shipping_method or not self.ways.choices:
            return self.quote
        return self.basis.quote(self.ways.cheapest)

    @property
    def context(self) -> dict[str, Any]:
        method = self.quote.shipping_method
        parts = self.draft.gift_card_parts(self.outlook.total)
        return {
            "gift_cards": parts,
            "due": self.outlook.total - sum(part.amount for part in parts),
            "cart": self.cart,
            "draft": self.draft,
            "probable_email": probable_email(self.draft.email),
            "quote": self.outlook,
            "is_estimate": method is None and self.ways.is_open,
            "delivery_days": delivery_window(method) if method else None,
        }


type Step = Callable[[HttpRequest, Visit], HttpResponse]


def checkout_step(view: Step) -> Callable[[HttpRequest], HttpResponse]:
    """A page for shoppers with something in the cart, in an open shop; others are shown the way back."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not ShopSettings.load().is_open:
            return closed(request)
        cart = current_cart(request)
        visit = Visit.of(request, cart) if cart else None
        if visit is None or not visit.quote.lines:
            to_cart = see_empty_cart()
            # A part of a page would be filled with the whole cart.
            return HttpResponseClientRedirect(to_cart.url) if wants_partial(request) else to_cart
        return view(request, visit)

    return guarded


def closed(request: HttpRequest) -> HttpResponse:
    response = render(request, "503.html", {"is_closed": True}, status=503)
    response["Retry-After"] = "3600"
    return response


def see_empty_cart() -> HttpResponseRedirect:
    """Send the browser to the cart, which says why there is nothing to check out."""
    return see_other(reverse("cart:show", query={"from": "checkout"}))


def see_other(to: Any) -> HttpResponseRedirect:
    """Send the browser on by GET, whatever it came with."""
    response = redirect(to)
    response.status_code = 303
    return response


@never_cache
@require_safe
def checkout(request: HttpRequest) -> HttpResponse:
    """The door: on to the first step that has not been done."""
    cart = current_cart(request)
    visit = Visit.of(request, cart) if cart else None
    if visit is None or not visit.quote.lines:
        return see_empty_cart()
    return redirect(visit.missing_step)


@checkout_step
def address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Step one. Another country shows its own fields, with what was typed; nothing is complained of then."""
    known = step_start(request, visit)
    if "change" in request.POST:
        step = AddressStep.retyped(request.POST, **known)
        return render_page(
            request,
            "orders/checkout_address.html",
            visit.context | {"form": step},
            partial="address",
        )
    step = AddressStep(request.POST if request.method == "POST" else None, **known)
    if step.is_valid():
        told = step.told()
        if step.wants_to_keep and isinstance(request.user, User):
            told |= keep(request.user, told["shipping"])
        replace(visit.draft, **told).save(request.session)
        return see_other(Visit.of(request, visit.cart).missing_step)
    return render(
        request,
        "orders/checkout_address.html",
        visit.context | {"form": step},
        status=status_of(step),
    )


def step_start(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What the first step knows before anything is typed: the account's addresses, and where parcels go."""
    reached = delivery_countries() if visit.quote.requires_shipping else []
    return {
        "draft": visit.draft,
        "codes": reached or [code for code, _name in countries],
        "customer": request.user if request.user.is_authenticated else None,
        "place": Place.remembered(request.session),
    }


def keep(customer: User, parts: dict[str, str]) -> dict[str, int]:
    """Put an address into the account and pick it; an account that is full is no reason to stop."""
    try:
        return {"saved": add_address(customer, parts).pk}
    except AddressBookFull:
        return {}


@checkout_step
def mend_email(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take the address that was probably meant for the one with the slip, and go on."""
    meant = probable_email(visit.draft.email)
    if request.method == "POST" and meant:
        replace(visit.draft, email=meant).save(request.session)
    return see_other(visit.missing_step)


@checkout_step
def delivery(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Step two. Passed over when nothing has to be sent."""
    if not visit.draft.has_address or not visit.quote.requires_shipping:
        return see_other(visit.missing_step)
    sent = request.POST if request.method == "POST" else None
    chosen = visit.quote.shipping_method or visit.ways.cheapest
    form = DeliveryForm(sent, choices=visit.ways.choices, chosen=chosen)
    if form.is_valid():
        replace(visit.draft, method_id=int(form.cleaned_data["method"])).save(request.session)
        return see_other(REVIEW)
    ways = [(method, price, delivery_window(method)) for method, price in visit.ways.choices]
    context = visit.context | {
        "form": form,
        "ways": ways,
        "problem": visit.ways.problem,
        "is_stale": bool(visit.draft.method_id and not visit.quote.shipping_method),
    }
    return render(request, "orders/checkout_delivery.html", context, status=status_of(form))


def status_of(form: Any) -> int:
    """200 for a form that nobody sent, 422 for one that was sent with mistakes."""
    return 422 if form.is_bound else 200
