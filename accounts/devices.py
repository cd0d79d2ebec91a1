"""The browsers that a customer signs in with: what they are called, and which of them are new."""

import hashlib
import secrets
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import KnownDevice, User

COOKIE = "device"
KEPT = timedelta(days=365)

# Each names itself after those before it too, so the first that is found counts.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox",
    "FxiOS/": "Firefox", "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS", "Windows": "Windows",
    "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


def device_name(user_agent: str) -> str:
    """A browser in words that its owner knows: Firefox on Windows."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("an unknown device")


def is_new_device(request: HttpRequest, response: HttpResponse, user: User) -> bool:
    """
    Remember the browser that has just signed in; tell whether others are known, and this one is not.

    The browser is known by a cookie of its own, sent to the pages of the account alone.
    """
    known = user.known_devices
    known.filter(last_seen_at__lt=timezone.now() - KEPT).delete()
    had_others = known.exists()
    key = request.COOKIES.get(COOKIE, "")
    name = device_name(request.headers.get("User-Agent", ""))
    if not (20 < len(key) < 100 and known.filter(key=hashed(key)).exists()):
        key = secrets.token_urlsafe(24)
    _seen, is_new = KnownDevice.objects.update_or_create(
        user=user, key=hashed(key), defaults={"name": name}
    )
    response.set_cookie(
        COOKIE,
        key,
        max_age=KEPT,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return had_others and is_new


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def end_sessions(user: User, *, but: str | None = None) -> None:
    """Sign a customer out everywhere, but for the session with this key."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
