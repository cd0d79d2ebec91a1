"""The way to the provider, the way back, and what the provider tells behind the shopper's back."""

from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.challenges import MustWait, ask_to_pay
from orders.models import OPEN_ATTEMPTS, DemoPayment, Order, WrongStatus
from orders.models.demo import DemoStatus
from orders.paying import ask_provider, start_payment
from orders.payments import (
    ProviderRefused,
    ProviderUnavailable,
    WebhookRefused,
    attempt_of,
    provider,
)
from orders.payments.demo import DemoProvider, decide
from orders.payments.policy import leads_to_payment
from orders.reading import providers_for
from orders.settlement import settle
from orders.views.waiting import ask_to_wait

logger = structlog.get_logger(__name__)

LONGEST_MESSAGE = 512 * 1024  # Bytes; the longest of a provider's are a tenth of it.
OUTCOMES = {"pay", "decline", "pay_late", "pay_twice", "pay_silent"}


@never_cache
@leads_to_payment
@require_POST
def pay(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Pay an order that still waits for money, perhaps in another way than before."""
    order = get_object_or_404(Order, number=number, token=token)
    method = request.POST.get("method") or order.payment_method
    if method not in {each.name for each in providers_for(order)}:
        raise Http404
    try:
        ask_to_pay(order, token=request.POST.get("waited", ""))
    except MustWait as wait:
        return ask_to_wait(request, wait, again=request.path)
    return send_to_provider(request, order, method)


def send_to_provider(request: HttpRequest, order: Order, method: str) -> HttpResponse:
    """Redirect to where the order is paid; to its own page, with a word, when that cannot be now."""
    try:
        return redirect(start_payment(order, method=method))
    except WrongStatus:
        messages.info(request, _("There is nothing to pay on this order."))
    except ProviderUnavailable:
        messages.error(
            request,
            _(
                "The payment service did not answer. Nothing was paid; please try again in a moment."
            ),
        )
    except ProviderRefused as refusal:
        messages.error(request, _("The payment service refused: %(why)s") % {"why": refusal})
    return redirect(order)


@never_cache
@require_safe
def payment_return(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The shopper comes back: ask the provider at once, whatever the address says."""
    order = get_object_or_404(Order, number=number, token=token)
    for attempt in order.attempts.filter(status__in=OPEN_ATTEMPTS).select_related("order"):
        try:
            order = ask_provider(attempt, source="return")
        except (ProviderUnavailable, ProviderRefused):
            logger.warning("provider_unavailable", provider=attempt.provider, attempt=attempt.pk)
    return redirect(f"{order.get_absolute_url()}?paid")


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, name: str) -> HttpResponse:
    """
    What a provider tells. 200: taken in, known already, or none of our business; 400: no signature that
    holds; 413: longer than any message is.

    An unknown payment is answered with 404, so that the provider tells it again when our own record
    of it is written.
    """
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:12]) > LONGEST_MESSAGE:
        return HttpResponse(status=413)
    try:
        message = provider(name).parse_webhook(request.body, request.headers)
    except KeyError:
        raise Http404 from None
    except (WebhookRefused, RawPostDataException) as refusal:
        logger.warning("webhook_refused", provider=name, reason=str(refusal))
        return HttpResponse(status=400)
    if not message.is_ours or not message.facts:
        return HttpResponse(status=200)
    attempt = attempt_of(name, message)
    if attempt is None:
        raise Http404
    settle(attempt, message.facts, source="webhook")
    return HttpResponse(status=200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def demo_payment(request: HttpRequest, reference: str) -> HttpResponse:
    """
    The demo provider's page: choose what happens; with `?asked`, what the shopper says to their bank.

    It closes with the demo, whatever was begun there.
    """
    if DemoProvider.name not in settings.PAYMENT_PROVIDERS:
        raise Http404
    payment = get_object_or_404(DemoPayment, reference=reference)
    if request.method == "POST":
        outcome = request.POST.get("outcome", "")
        if outcome not in OUTCOMES:
            return _demo_page(request, payment, status=422)
        payment = decide(payment, outcome)
    if payment.status != DemoStatus.OPEN:
        return redirect(payment.return_url)
    return _demo_page(request, payment)


def _demo_page(request: HttpRequest, payment: DemoPayment, **kwargs: Any) -> HttpResponse:
    context = {"payment": payment, "is_asked": "asked" in request.GET}
    return render(request, "orders/demo_payment.html", context, **kwargs)
