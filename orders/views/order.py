"""One order, for whoever holds its secret link and for the customer it belongs to."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from orders.cancellation import cancel
from orders.ledger import left_to_pay
from orders.models import Invoice, Order, OrderStatus, WrongStatus
from orders.papers.invoice_pdf import draw
from orders.payments.policy import leads_to_payment
from orders.progress import headline, is_being_confirmed, is_by_transfer, last_attempt, timeline
from orders.reading import for_page, providers_for, refunds_of
from orders.returnable import can_be_sent_back, return_until
from orders.views.checkout import see_other
from shop.http import render_page, wants_partial

# How often a page that waits for the bank looks again by itself: every three seconds, for two minutes.
LOOKS = 40


@never_cache
@leads_to_payment
@require_safe
def guest_order(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The order behind a secret link; anybody without it gets 404."""
    return order_page(
        request, get_object_or_404(for_page(Order.objects.all()), number=number, token=token)
    )


@never_cache
@leads_to_payment
@login_required
@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order of a customer; a stranger's is 404."""
    return order_page(
        request,
        get_object_or_404(for_page(Order.objects.filter(customer=request.user.pk)), number=number),
    )


def order_page(request: HttpRequest, found: Order) -> HttpResponse:
    has_returned = "paid" in request.GET
    title, words = headline(found, has_returned=has_returned)
    looked = next((number for number in range(LOOKS) if request.GET.get("look") == str(number)), 0)
    waits = has_returned and is_being_confirmed(found) and looked + 1 < LOOKS
    context: dict[str, Any] = {
        "order": found,
        "crumbs": way_back(request, found),
        "title": title,
        "words": words,
        "timeline": timeline(found),
        "addresses": {address.kind: address for address in found.addresses.all()},
        "attempt": last_attempt(found),
        "is_by_transfer": is_by_transfer(found),
        "is_thanks": found.status == OrderStatus.CONFIRMED,
        "is_new": is_new(found),
        "left": left_to_pay(found) if found.can_be_paid else None,
        "providers": providers_for(found) if found.can_be_paid else [],
        "refunds": refunds_of(found),
        "can_be_sent_back": can_be_sent_back(found),
        "return_until": return_until(found),
        "next_look": looked + 1 if waits else None,
        "is_fragment": wants_partial(request),
    }
    partial = "waiting" if waits else "order"
    response = render_page(request, "orders/order.html", context, partial=partial)
    if context["is_fragment"] and not waits:
        response["HX-Retarget"] = "#order"
    # The address is the key: it goes into nobody's log, and into no index. Not "no-referrer": browsers
    # would then send the forms of this page with "Origin: null", which the CSRF check refuses.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def is_new(order: Order) -> bool:
    """Whether the shopper has just placed it, or has not been back for long."""
    is_on = order.status in {OrderStatus.PENDING, OrderStatus.CONFIRMED}
    return is_on and timezone.now() - order.placed_at < timedelta(days=1)


def way_back(request: HttpRequest, found: Order) -> list[dict[str, str]]:
    """From the order to all orders of its customer; nothing for whoever only has the link."""
    if found.customer_id is None or found.customer_id != request.user.pk:
        return []
    return [
        {"name": _("Your account"), "url": reverse("accounts:overview")},
        {"name": _("Your orders"), "url": reverse("orders:history")},
        {"name": found.number, "url": found.get_absolute_url()},
    ]


@never_cache
@require_safe
def invoice(request: HttpRequest, number: str, token: str, invoice: str) -> HttpResponse:
    """An invoice or a credit note of the order behind a secret link, as a PDF to keep."""
    found = get_object_or_404(
        Invoice, number=invoice, order__number=number, order__token=token
    )  # fmt: skip
    return pdf_response(found)


def pdf_response(invoice: Invoice) -> HttpResponse:
    response = HttpResponse(draw(invoice), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{invoice.filename}"'
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@require_POST
def cancellation(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Call the order off while nothing has been sent."""
    found = get_object_or_404(Order, number=number, token=token)
    customer = request.user if isinstance(request.user, User) else None
    try:
        cancel(found, actor=customer, reason=_("Cancelled by the shopper"))
    except WrongStatus as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The order is cancelled."))
    return see_other(found)
