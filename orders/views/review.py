"""The last step of checkout: look at it once more, and pay."""

import uuid
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cart.models import Cart, ShippingMethod
from cart.page import Refusal
from cart.problems import find_problems
from cart.session import current_cart
from catalog.models import StockRefused
from orders.challenges import MustWait, ask_to_place
from orders.checkout import CardRefused, CheckoutRefused, place_order
from orders.consent import stamp, wordings_in_force
from orders.draft import Draft
from orders.forms import PaymentForm
from orders.models import Order
from orders.payments import Provider, available_providers
from orders.payments.policy import leads_to_payment
from orders.views.checkout import (
    ADDRESS,
    REVIEW,
    Visit,
    checkout_step,
    closed,
    see_empty_cart,
    see_other,
)
from orders.views.payment import send_to_provider
from orders.views.waiting import ask_to_wait, machine_behind
from shop.models import ShopSettings


@never_cache
@leads_to_payment
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Step three. Its form, sent twice, leads to the order that was placed the first time."""
    if request.method != "POST":
        return look(request)
    cart = current_cart(request)
    if cart is None:
        placed = placed_before(request)
        return send_on(request, placed, placed.payment_method) if placed else see_empty_cart()
    if not ShopSettings.load().is_open:
        return closed(request)
    return agree(request, cart, Draft.of(request.session, cart))


@checkout_step
def look(request: HttpRequest, visit: Visit) -> HttpResponse:
    return review_page(request, visit)


def agree(request: HttpRequest, cart: Cart, draft: Draft) -> HttpResponse:
    """Place the order and go on to pay, or say what stands in the way."""
    method = draft.method()
    if not draft.has_address:
        return see_other(ADDRESS)
    form = PaymentForm(request.POST, providers=providers_for(method))
    if not form.is_valid():
        return review_page(request, Visit.of(request, cart), form=form, status=422)
    try:
        ask_to_place(
            machine_behind(request),
            draft.email,
            key=draft.key,
            token=request.POST.get("waited", ""),
        )
        order = place(request, cart, draft, method, form)
    except MustWait as wait:
        return ask_to_wait(request, wait, again=reverse(REVIEW))
    except (CheckoutRefused, StockRefused) as refusal:
        return refused(request, refusal, form)
    Draft.forget(request.session)
    return send_on(request, order, form.chosen_method)


def place(
    request: HttpRequest, cart: Cart, draft: Draft, method: ShippingMethod | None, form: PaymentForm
) -> Order:
    assert draft.shipping_address
    return place_order(
        cart,
        key=uuid.UUID(draft.key),
        agreed_total=form.cleaned_data["agreed_total"],
        email=draft.email,
        shipping_address=draft.shipping_address,
        billing_address=draft.billing_address,
        shipping_method=method,
        payment_method=form.chosen_method,
        customer=request.user if request.user.is_authenticated else None,
        language=get_language() or "en",
        note=form.cleaned_data["note"],
        vat_id=draft.vat_id,
        agreed_wordings=form.cleaned_data["wordings"],
        gift_cards=agreed_amounts(draft, form),
        machine=machine_behind(request),
    )


def agreed_amounts(draft: Draft, form: PaymentForm) -> dict[int, Decimal]:
    """What each gift card pays, if that leaves what the shopper saw. Raises CardRefused."""
    total, due = form.cleaned_data["agreed_total"], form.cleaned_data["agreed_due"]
    amounts = {part.card.pk: part.amount for part in draft.gift_card_parts(total)}
    # Who has no card is told of the total alone.
    if total - sum(amounts.values()) != due and (amounts or due < total):
        raise CardRefused(_("What is left on your gift card has changed. Please look at it again."))
    return amounts


def providers_for(method: ShippingMethod | None) -> list[Provider]:
    """What can be paid with, as the goods get to the shopper."""
    return available_providers(is_pickup=method is not None and method.is_pickup)


def placed_before(request: HttpRequest) -> Order | None:
    """The order that this very form has placed already; its key, which nobody can guess, says so."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None
    return Order.objects.filter(key=key).first()


def send_on(request: HttpRequest, order: Order, method: str) -> HttpResponse:
    """To where it is paid, or to the order itself when there is nothing to pay any more."""
    response = send_to_provider(request, order, method) if order.can_be_paid else redirect(order)
    response.status_code = 303
    return response


def refused(request: HttpRequest, refusal: Exception, form: PaymentForm) -> HttpResponse:
    """The review as things stand now, with what is wrong; nothing was placed, and nothing is lost."""
    cart = current_cart(request)
    if cart is None:
        return see_empty_cart()
    sold_out = _("Somebody was faster: not all of it is left. Nothing was charged.")
    words = sold_out if isinstance(refusal, StockRefused) else str(refusal)
    return review_page(request, Visit.of(request, cart), form=form, refusal=words, status=409)


def review_page(
    request: HttpRequest,
    visit: Visit,
    *,
    form: PaymentForm | None = None,
    refusal: str = "",
    card_refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the way back to what has to be told before it."""
    if not visit.quote.lines:
        return see_empty_cart()
    if visit.missing_step != REVIEW:
        return see_other(visit.missing_step)
    providers = providers_for(visit.quote.shipping_method)
    problems = find_problems(visit.cart)
    context = visit.context | {
        "form": form or PaymentForm(providers=providers),
        "providers": providers,
        "problems": problems,
        "wordings": stamp(wordings_in_force()),
        "refusal": refusal,
        "card_refusal": card_refusal,
        "is_blocked": any(problem.is_blocking for problem in problems)
        or bool(visit.quote.coupon_problem),
    }
    return render(request, "orders/checkout_review.html", context, status=status)
