"""What every request passes: a line in the log, and a look at whether it can be read at all."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django_structlog.middlewares import RequestMiddleware
from pghistory.middleware import HistoryMiddleware
from psycopg.errors import QueryCanceled

logger = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Parts of an address that open something for whoever knows them.
SECRETS = {"token", "key", "uidb36", "uidb64", "reference"}
# Bytes: four photos of a review and its words; in the back office a file of a catalogue.
LARGEST, LARGEST_OF_OFFICE = 90 * 1024 * 1024, 220 * 1024 * 1024
UNREADABLE = re.compile("[\0\ud800-\udfff]")


class RequestLogMiddleware(RequestMiddleware):
    """
    Logs each request as a line with its id, and returns the id in X-Request-ID.

    An id that a proxy sends is kept when it looks like one. The line names the path without
    its secret parts and without the query, which may hold what a person typed.
    """

    def prepare(self, request: HttpRequest) -> None:
        given = request.headers.get("X-Request-ID", "")
        id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        structlog.contextvars.bind_contextvars(request_id=id)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        # First, because the parent forgets the id once it has written the line.
        response["X-Request-ID"] = structlog.contextvars.get_contextvars().get("request_id", "")
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        path = request.path
        if match := request.resolver_match:
            # The longest first: the "1" of an account is in the key beside it, too, and what is
            # left of a key that was blanked in part is no longer found.
            secrets = {str(match.kwargs[name]) for name in SECRETS if match.kwargs.get(name)}
            for secret in sorted(secrets, key=len, reverse=True):
                path = path.replace(secret, "***")
        else:
            # Nobody knows what an unknown address holds; its first part says enough.
            path = "/" + "/".join(path.split("/")[1:2])
        return f"{request.method} {path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Name the account by its key if the page looked at it; load nothing for the log."""
        user = request.__dict__.get("_cached_user")
        if user is not None and user.pk:
            structlog.contextvars.bind_contextvars(user_id=user.pk)


class PermissionsPolicyMiddleware:
    """Tells browsers which of their powers no page may ask for (settings.PERMISSIONS_POLICY)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = ", ".join(f"{name}=()" for name in settings.PERMISSIONS_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.policy)
        return response


class ReadableInputMiddleware:
    """
    Answers 400 to text that no database can hold: NUL bytes and halves of characters.

    They come from scanners and broken clients only. Without this every form field of every
    page would have to know them. It stands before the session, which looks its cookie up in the
    database: a cookie with such text is as good as none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = {
            name: text for name, text in request.COOKIES.items() if not UNREADABLE.search(text)
        }
        if UNREADABLE.search(request.path) or unreadable(request.GET):
            raise BadRequest("The address holds characters that cannot be read.")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        # Not for JSON: a webhook's body is its view's own to read, once, as bytes.
        is_form = request.content_type in FORM_TYPES
        if request.method == "POST" and is_form and unreadable(request.POST):
            raise BadRequest("The form holds characters that cannot be read.")


class TooLargeMiddleware:
    """
    Answers 413 to what is larger than anything that a page of the shop sends, before any of it is read.

    Each upload is written to the disk before a view, or the look at its token, could say no to it. A body
    that does not say its length is none to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length[:18]) > LARGEST:
            is_office = request.path.startswith(reverse("admin:index"))
            if not is_office or int(length[:18]) > LARGEST_OF_OFFICE:
                return render(request, "413.html", status=413)
        return self.get_response(request)


class StaffHistoryMiddleware(HistoryMiddleware):
    """
    Notes beside each row of a history who made it, on which page of the back office.

    Shoppers change nothing that has a history, and each of their writes would carry the note along.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        return super().__call__(request)


class TooSlowMiddleware:
    """
    Answers 503 with words where a page asked more of the database than it may, in time.

    Only where something is read: what was to be changed must be told in its own words. The connection is fit
    for use again, because no transaction was open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        is_read = request.method in {"GET", "HEAD"} and not connection.in_atomic_block
        if not (is_read and isinstance(problem.__cause__, QueryCanceled)):
            return None
        logger.warning("page_too_slow", path=request.path)
        response = render(request, "503.html", {"is_slow": True}, status=503)
        response["Retry-After"] = "10"
        return response


class WrongMethodMiddleware:
    """Answers a look at an address that only takes forms with words, not with an empty page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (isinstance(response, HttpResponseNotAllowed) and request.method == "GET"):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}


def unreadable(fields: Any) -> bool:
    """Tell whether a name or value of a query or form cannot be stored as text."""
    return any(
        UNREADABLE.search(text) for name, values in fields.lists() for text in [name, *values]
    )
