"""What allauth leaves to be said over HTTP."""

import time
from collections.abc import Callable
from math import ceil
from random import SystemRandom

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control

UNPROCESSABLE = 422
CHANCE = SystemRandom()
LAST_SEEN_SECONDS = 300
# How allauth names its pages.
ENTRANCE = ("account_", "mfa_", "usersessions_", "socialaccount_")
# Pages that do more work for an address that has an account, or less.
TELL_TALES = {
    "account_login",
    "account_signup",
    "account_signup_by_passkey",
    "account_reset_password",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_email_verification_sent",
}


def page_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.url_name) if match else ""


class EvenPaceMiddleware:
    """
    Answers forms that name an address at whole multiples of a fraction of a second, and a little later.

    So the clock does not tell whether the address has an account: the few milliseconds between one way
    and the other are gone. What the time of waking still tells, which is less than one, is lost in
    the little that chance adds, up to a fifth.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        response = self.get_response(request)
        pace = settings.EVEN_PACE_SECONDS
        if pace and request.method == "POST" and page_name(request) in TELL_TALES:
            spent = time.monotonic() - begun
            due = (ceil(spent / pace) + CHANCE.uniform(0, 0.2)) * pace
            time.sleep(due - spent)
        return response


class PrivateMiddleware:
    """
    Tells browsers and caches to keep nothing of what a customer sees, nor of the way in.

    After signing out, the Back button then shows nothing of the account. What a visitor's session was
    looked at for (their cart, what they keep for later) is their own browser's alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Who did not look at the session was shown nothing of it.
        looked = request.session.accessed and SESSION_KEY in request.session
        if looked or page_name(request).startswith(ENTRANCE):
            add_never_cache_headers(response)
        elif request.session.accessed:
            patch_cache_control(response, private=True)
        return response


class LastSeenMiddleware:
    """Notes when a session of a customer was last used, at most every five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and SESSION_KEY in session:
            now = time.time()
            if now - session.get("seen_at", now) > LAST_SEEN_SECONDS:
                session["seen_at"] = int(now)
                used = UserSession.objects.filter(session_key=session.session_key)
                used.update(last_seen_at=timezone.now())
        return response


class WrongFormMiddleware:
    """Answers 422, not 200, when a page of allauth shows a form again with its mistakes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        shown = response.context_data or {}
        forms = [shown.get("form"), shown.get("webauthn_form")]
        is_ours = page_name(request).startswith(ENTRANCE)
        if is_ours and request.method == "POST" and any(getattr(f, "errors", None) for f in forms):
            response.status_code = UNPROCESSABLE
        return response
