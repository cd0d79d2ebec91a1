"""The last step of checkout: look at it once more, and pay."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cart.problems import find_problems
from cart.session import current_cart
from catalog.models import StockRefused
from orders.checkout import CheckoutRefused, EmptyCart, place_order
from orders.draft import Draft
from orders.forms import PaymentForm
from orders.models import Order
from orders.payments import available_providers
from orders.views.checkout import REVIEW, Visit, checkout_step, see_other
from orders.views.payment import send_to_provider


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Step three. Sent twice, it leads to the order that was placed the first time."""
    placed = placed_before(request)
    return send_on(request, placed, placed.payment_method) if placed else look_and_pay(request)


@checkout_step
def look_and_pay(request: HttpRequest, visit: Visit) -> HttpResponse:
    if visit.missing_step != REVIEW:
        return see_other(visit.missing_step)
    if request.method != "POST":
        return review_page(request, visit)
    form = PaymentForm(request.POST, providers=available_providers())
    if not form.is_valid():
        return review_page(request, visit, form=form, status=422)
    try:
        order = place(request, visit, form)
    except EmptyCart:
        return see_other("cart:show")
    except (CheckoutRefused, StockRefused) as refusal:
        return refused(request, refusal, form)
    Draft.forget(request.session)
    return send_on(request, order, form.cleaned_data["method"])


def place(request: HttpRequest, visit: Visit, form: PaymentForm) -> Order:
    draft = visit.draft
    return place_order(
        visit.cart,
        key=uuid.UUID(draft.key),
        agreed_total=form.cleaned_data["agreed_total"],
        email=draft.email,
        shipping_address=draft.shipping_address,
        billing_address=draft.billing_address,
        shipping_method=visit.quote.shipping_method,
        payment_method=form.cleaned_data["method"],
        customer=request.user if request.user.is_authenticated else None,
        language=get_language() or "en",
    )


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
    visit = Visit.of(request, cart) if cart else None
    if visit is None or not visit.quote.lines:
        return see_other("cart:show")
    if visit.missing_step != REVIEW:
        return see_other(visit.missing_step)
    sold_out = _("Somebody was faster: not all of it is left. Nothing was charged.")
    words = sold_out if isinstance(refusal, StockRefused) else str(refusal)
    return review_page(request, visit, form=form, refusal=words, status=409)


def review_page(
    request: HttpRequest,
    visit: Visit,
    *,
    form: PaymentForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    providers = available_providers()
    problems = find_problems(visit.cart)
    context = visit.context | {
        "form": form or PaymentForm(providers=providers),
        "providers": providers,
        "problems": problems,
        "refusal": refusal,
        "is_blocked": any(problem.is_blocking for problem in problems)
        or bool(visit.quote.coupon_problem),
    }
    return render(request, "orders/checkout_review.html", context, status=status)
