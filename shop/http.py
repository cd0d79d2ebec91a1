"""Answers that more than one page gives."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from shop.models import ShopSettings

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]

LONGEST_KEY = 18
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    partial: str,
    status: int | None = None,
) -> HttpResponse:
    """
    Render the whole page for a browser, or only the named partial for htmx.

    One URL then has two bodies, so caches are told to keep them apart. When htmx restores a
    page of its history it asks for the whole of it.
    """
    if wants_partial(request):
        template = f"{template}#{partial}"
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_partial(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part of a page, not for a page of its history."""
    is_restore = request.headers.get("HX-History-Restore-Request") == "true"
    is_whole = request.headers.get("HX-Request-Type") == "full"
    return request.headers.get("HX-Request") == "true" and not is_restore and not is_whole


def is_same_origin(request: HttpRequest) -> bool:
    """
    Tell whether the request was sent by a page of this shop, or by its shopper's own hand.

    Browsers say so in Sec-Fetch-Site, which scripts cannot set. Those that do not send it are
    asked for Origin, then Referer. A request with none of them is no browser's form.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    sender = request.headers.get("Origin") or request.headers.get("Referer")
    if not sender:
        return False
    try:
        parts = urlsplit(sender)
    except ValueError:
        return False
    return parts.scheme == request.scheme and parts.netloc == request.get_host()


def page_before(request: HttpRequest) -> str:
    """The page of this shop that a form was sent from, by path and query; nothing if the browser does not say."""
    sender = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(sender, {request.get_host()}):
        return ""
    page = urlsplit(sender)._replace(scheme="", netloc="", fragment="").geturl()
    # A path of two slashes would name another house.
    return page if url_has_allowed_host_and_scheme(page, None) else ""


def same_origin_required[**P](view: View[P]) -> View[P]:
    """
    Guard a change by where it comes from instead of by a token in the form.

    So a page with this form needs no cookie and can be cached. Only for changes that another
    site's page could gain nothing from but mischief: adding to a cart, choosing an appearance.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in SAFE_METHODS and not is_same_origin(request):
            return render(request, "403.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def key_in(request: HttpRequest, name: str) -> int:
    """The key of a row that a form sends under this name. Raises Http404 for what can be none."""
    typed = request.POST.get(name, "")
    if not typed.isascii() or not typed.isdecimal() or len(typed) > LONGEST_KEY:
        raise Http404
    return int(typed)


def refuse_when_closed[**P](view: View[P]) -> View[P]:
    """Answer changes with 503 and the shop's own words while it is closed. Reading goes on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        shop = ShopSettings.load()
        if request.method not in SAFE_METHODS and not shop.is_open:
            response = render(request, "503.html", {"is_closed": True}, status=503)
            response["Retry-After"] = "3600"
            return response
        return view(request, *args, **kwargs)

    return guarded
