"""The cart's page and drawer, and the changes made from them and from a product's page."""

from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from cart.forms import read_key, read_quantity
from cart.models import Cart, CartClosed, CartRefused, Coupon, TooFewLeft, unknown_code
from cart.page import CartPage, Refusal, Removed, named_variants, removed_line
from cart.place import Place
from cart.pricing import quote
from cart.session import current_cart, know_count, open_cart
from catalog.models import ProductStatus, Variant
from catalog.wishes import WishlistFull, keep, open_list
from shop.http import refuse_when_closed, render_page, same_origin_required, wants_partial


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The cart. Changes since the last look are told here, once."""
    cart = current_cart(request)
    return answer(request, cart, undo=removed_line(request.GET, cart))


@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The bag of the header alone, for a page that has grown old in another tab."""
    return render(request, "_cart_link.html")


@never_cache
@require_POST
@same_origin_required
@refuse_when_closed
def lines(request: HttpRequest) -> HttpResponse:
    """Put so many of a variant into the cart, which is made if there is none."""
    try:
        variant = find_variant(request.POST.get("variant", ""))
    except Http404:
        return answer_gone(request)
    typed = request.POST.get("quantity", "1")
    try:
        quantity = read_quantity(typed, least=1)
        cart, _none = change(request, lambda cart: cart.add(variant, quantity))
    except (CartRefused, ValidationError) as problem:
        refusal = Refusal(words_of(problem), typed, variant)
        return answer_addition(request, current_cart(request), refusal=refusal)
    return answer_addition(request, cart, added=variant)


@never_cache
@require_POST
@same_origin_required
@refuse_when_closed
def line(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Hold exactly so many of a variant; none, or a button to remove it or keep it for later, takes it out."""
    variant = find_line(request, variant_id)
    is_kept = "later" in request.POST and current_cart(request) is not None
    typed = "0" if is_kept or "remove" in request.POST else request.POST.get("quantity", "")
    try:
        quantity = read_quantity(typed, least=0)
        if not quantity and current_cart(request) is None:
            return done(request, None)
        if is_kept:
            keep(open_list(request), variant.pk)
        cart, before = change(request, lambda cart: cart.set(variant, quantity))
    except (CartRefused, ValidationError, WishlistFull) as problem:
        left = problem.left if isinstance(problem, TooFewLeft) else 0
        refusal = Refusal(words_of(problem), typed, variant, left)
        return answer(request, current_cart(request), refusal=refusal)
    if quantity:
        return done(request, cart, changed=variant)
    return done(request, cart, undo=Removed(variant, before, is_kept) if before else None)


@never_cache
@require_POST
@same_origin_required
@refuse_when_closed
def coupon(request: HttpRequest) -> HttpResponse:
    """Use a code; without one, take the code off."""
    typed = request.POST.get("code", "").strip()
    cart = current_cart(request)
    if cart is None:
        return done(request, None)
    if typed and not ratelimit.consume(request, action="coupon", key=f"cart:{cart.pk}"):
        return answer_guessing(request, cart, typed)
    named = Coupon.objects.named(typed) if typed else None
    if typed and (why := why_not(cart, named, typed)):
        return answer(request, cart, coupon_refusal=Refusal(why, typed))
    try:
        cart.use_coupon(named)
    except CartClosed:
        return done(request, None)
    return done(request, cart)


def answer_guessing(request: HttpRequest, cart: Cart, typed: str) -> HttpResponse:
    """Say of no code any more whether it holds; the cart stays, with the code it has."""
    why = _("Those were many codes in a short time. Wait ten minutes, then try again.")
    response = answer(request, cart, status=429, coupon_refusal=Refusal(why, typed))
    response["Retry-After"] = "600"
    return response


def change[T](request: HttpRequest, act: Callable[[Cart], T]) -> tuple[Cart, T]:
    """Act on the shopper's cart; on a fresh one, if it is ordered at this very moment."""
    cart = open_cart(request)
    try:
        return cart, act(cart)
    except CartClosed:
        cart = open_cart(request)
        return cart, act(cart)


def find_variant(key: str) -> Variant:
    return get_object_or_404(named_variants().listed(), pk=read_key(key))


def find_line(request: HttpRequest, variant_id: int) -> Variant:
    """A variant that is sold, or one that is in the cart still. Raises Http404."""
    variant = get_object_or_404(named_variants(), pk=variant_id)
    cart = None if variant.product.is_listed else current_cart(request)
    if not variant.product.is_listed and not (cart and cart.lines.filter(variant=variant).exists()):
        raise Http404
    return variant


def why_not(cart: Cart, named: Coupon | None, typed: str) -> str:
    """Why the code that was typed cannot be used, or nothing."""
    if named is None:
        return unknown_code(typed[:40])
    used, cart.coupon = cart.coupon, named  # To be priced with, not stored.
    problem = quote(cart).coupon_problem
    cart.coupon = used
    return problem


def words_of(problem: Exception) -> str:
    return problem.messages[0] if isinstance(problem, ValidationError) else str(problem)


def answer(
    request: HttpRequest, cart: Cart | None, *, status: int | None = None, **shown: Any
) -> HttpResponse:
    """The page, or the part of it that htmx asks for: the cart's own, else the drawer's inside."""
    place = Place.of(request)
    if cart:
        place.remember(request.session)
    page = CartPage(cart, place=place, **shown)
    know_count(request, cart)
    status = status or (422 if page.is_error else 200)
    context = {"page": page, "is_fragment": wants_partial(request)}
    if is_for_drawer(request):
        response = render(request, "cart/drawer.html", context, status=status)
        response["HX-Retarget"] = "#cart-drawer"
        response["HX-Reswap"] = "innerHTML"
    else:
        response = render_page(request, "cart/cart.html", context, partial="cart", status=status)
    if cart:
        cart.note_prices()
    return response


def answer_addition(
    request: HttpRequest,
    cart: Cart | None,
    *,
    added: Variant | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Open the drawer for htmx; send a browser to the cart."""
    if added and not wants_partial(request):
        messages.success(request, _("%(thing)s is in your cart.") % {"thing": added})
        return see_cart(request)
    if refusal and is_from_product(request):
        return answer_beside(request, refusal.message)
    response = answer(request, cart, added=added, refusal=refusal)
    if is_for_drawer(request):
        response["HX-Trigger"] = "cart:added"
    return response


def answer_beside(request: HttpRequest, message: str, *, is_gone: bool = False) -> HttpResponse:
    """Say beside the button of a product's page why nothing was added."""
    context = {"message": message, "is_gone": is_gone}
    response = render(request, "cart/refused.html", context, status=422)
    response["HX-Retarget"] = "#buy-problem"
    response["HX-Reswap"] = "innerHTML"
    return response


def answer_gone(request: HttpRequest) -> HttpResponse:
    """
    Answer the wish for a variant that is not sold any more.

    Beside the button where htmx asks; a browser is led to the page of an archived product, which
    says what else there is. Raises Http404 for one that never was, or is not for shoppers to know of.
    """
    if is_from_product(request):
        return answer_beside(request, _("This is not sold any more."), is_gone=True)
    archived = named_variants().filter(product__status=ProductStatus.ARCHIVED)
    variant = get_object_or_404(archived, pk=read_key(request.POST.get("variant", "")))
    page = variant.product.get_absolute_url()
    if wants_partial(request):
        return HttpResponseClientRedirect(page)
    return HttpResponseRedirect(page, status=303)


def done(
    request: HttpRequest,
    cart: Cart | None,
    *,
    undo: Removed | None = None,
    changed: Variant | None = None,
) -> HttpResponse:
    """Show what the cart is like now: the fragment for htmx, the page by GET for a browser."""
    if wants_partial(request):
        return answer(request, cart, undo=undo, changed=changed)
    return see_cart(request, removed=undo)


def see_cart(request: HttpRequest, *, removed: Removed | None = None) -> HttpResponse:
    query = {}
    if removed:
        query = {"removed": str(removed.variant.pk), "quantity": str(removed.quantity)}
        query |= {"kept": "1"} if removed.is_kept else {}
    target = reverse("cart:show", query=query or None)
    return HttpResponseRedirect(target, status=303)


def is_for_drawer(request: HttpRequest) -> bool:
    return wants_partial(request) and not request.headers.get("HX-Target", "").endswith("#cart")


def is_from_product(request: HttpRequest) -> bool:
    """Was it sent by the form of a product's page, where there is room for what went wrong?"""
    return wants_partial(request) and request.headers.get("HX-Source", "").endswith("#buy")
