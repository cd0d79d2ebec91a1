"""Who comes, as far as the session tells: no query, and a visitor without a session is given none."""

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest


def has_session(request: HttpRequest) -> bool:
    """Tell whether the visitor came with a session, without opening it."""
    session = getattr(request, "session", None)
    return session is not None and (session.session_key is not None or session.modified)


def customer_id(request: HttpRequest) -> int | None:
    """The customer's key, out of the session: no query."""
    named = request.session.get(SESSION_KEY)
    return int(named) if named else None
