"""Pages that belong to no department."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from shop import health, mailers
from shop.cookies import all_cookies, all_kept
from shop.http import same_origin_required
from shop.mail_frame import mail_for_frame
from shop.models import Page, ShopSettings
from shop.theme import APPEARANCES, theme_css, theme_version

YEAR = 365 * 24 * 3600


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Page.objects.published(), slug=slug)
    return render(request, "shop/page.html", {"page": found})


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """What the shop keeps in a browser: the list that the shop itself is tested against."""
    return render(request, "shop/cookies.html", {"cookies": all_cookies(), "kept": all_kept()})


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The merchant's colours. Asked for by its hash it never changes; without, ask anew."""
    shop = ShopSettings.load()
    response = HttpResponse(theme_css(shop), content_type="text/css; charset=utf-8")
    is_exact = request.GET.get("v") == theme_version(shop)
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_exact else "no-cache"
    return response


@require_POST
@same_origin_required
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember light or dark for this browser; anything else means as the system has it."""
    back = request.POST.get("next") or request.headers.get("Referer", "")
    is_safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Not `redirect`, which would take a word without a slash for the name of a page.
    response = HttpResponseRedirect(back if is_safe else reverse("catalog:home"), status=303)
    choice = request.POST.get("theme", "")
    if choice in APPEARANCES:
        response.set_cookie(
            "theme", choice, max_age=YEAR, samesite="Lax", secure=settings.SECURE, httponly=True
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is asked, so a slow database restarts nobody."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether to send this process shoppers: 503 without the database or its tables."""
    report = health.report()
    return JsonResponse(report, status=200 if report["status"] == "ok" else 503)


@never_cache
@require_safe
def demo_mails(request: HttpRequest) -> HttpResponse:
    """What the demo would have sent, newest first."""
    mails = mailers.read_folder()
    if mails is None:
        raise Http404
    return render(request, "shop/demo_mails.html", {"mails": mails})


@never_cache
@require_safe
@csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
def demo_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, as a mail program shows it, and as text."""
    return render(request, "shop/demo_mail.html", {"mail": find_demo_mail(name)})


@never_cache
@require_safe
def demo_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """A mail's HTML alone, for a frame."""
    html = find_demo_mail(name).html
    if not html:
        raise Http404
    return mail_for_frame(request, html)


def find_demo_mail(name: str) -> mailers.WrittenMail:
    mail = mailers.read_mail(name)
    if mail is None:
        raise Http404
    return mail
