"""Being told when something is back."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from catalog.alerts import TooManyAlerts, ask_for_alert, confirm, end, sender_of
from catalog.models import StockAlert, Variant
from catalog.wish_forms import AlertForm
from shop.http import same_origin_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_required
def ask(request: HttpRequest, variant_id: int) -> HttpResponse:
    """
    Ask for an alert. The answer is the same whether or not the address waits already.

    429 for one who asks for very many.
    """
    variant = get_object_or_404(Variant.objects.listed().select_related("product"), pk=variant_id)
    form = AlertForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            ask_for_alert(
                variant,
                form.cleaned_data["email"],
                sender=sender_of(get_adapter().get_client_ip(request)),
                language=get_language() or "en",
            )
            return HttpResponseRedirect(reverse("catalog:alert_asked"), status=303)
        except TooManyAlerts:
            form.add_error(None, _("Those were very many for one day. Try again tomorrow."))
            status = 429
    return render(request, "catalog/alert.html", {"form": form, "variant": variant}, status=status)


@never_cache
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/alert_asked.html")


@never_cache
@csrf_exempt  # The link, which only the mail has, is the proof.
@require_http_methods(["GET", "HEAD", "POST"])
def confirmed(request: HttpRequest, key: str) -> HttpResponse:
    """Say that the address is one's own: by a button, since scanners of mails open links."""
    alert = find(key)
    is_done = request.method == "POST"
    is_waiting = confirm(alert) if is_done else True
    return answer(request, alert, is_done=is_done, is_waiting=is_waiting)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ended(request: HttpRequest, key: str) -> HttpResponse:
    """Call it off; by a button, too."""
    alert = find(key)
    if request.method == "POST":
        end(alert)
    return answer(request, alert, is_done=request.method == "POST", is_ending=True)


def find(key: str) -> StockAlert:
    return get_object_or_404(StockAlert.objects.select_related("variant__product"), key=key)


def answer(request: HttpRequest, alert: StockAlert, **context: bool) -> HttpResponse:
    status = 200 if context.get("is_waiting", True) else 410
    shown = {"alert": alert, **context}
    response = render(request, "catalog/alert_link.html", shown, status=status)
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
