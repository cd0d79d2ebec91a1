"""The pages for what goes wrong, in the shop's look."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from shop.http import page_before


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for too long, or in a browser without cookies: say what helps, and lead back to it."""
    context = {"is_form": True, "form_page": page_before(request) or request.path}
    return render(request, "403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What allauth answers to somebody who tries too often; it finds this through urls.py."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request, context or database: any of them may be what is broken."""
    response = HttpResponse(render_to_string("500.html"), status=500)
    if is_database_gone(sys.exc_info()[1]):
        response.status_code = 503
        response["Retry-After"] = "10"
    return response


# Not by an error within a connection, but by its end, or because there is none: SQLSTATE 57P and 08.
GONE = {None, "57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "53300"}


def is_database_gone(problem: BaseException | None) -> bool:
    """Is it because the database went away, and will be answered again once that is back?"""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    return getattr(problem.__cause__, "sqlstate", None) in GONE
