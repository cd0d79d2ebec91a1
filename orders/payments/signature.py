"""
Signed messages: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`.

The scheme that Stripe documents for its webhooks, so that the demo provider's are checked in the same way.
"""

import hashlib
import hmac
import time

from orders.payments.base import WebhookRefused

TOLERANCE = 300  # Seconds that a message may be old.


def sign(body: bytes, secret: str, *, at: float | None = None) -> str:
    """The header for a message sent now, or `at` some second of the epoch."""
    stamp = int(time.time() if at is None else at)
    return f"t={stamp},v1={_digest(stamp, body, secret)}"


def verify(body: bytes, header: str, secret: str) -> None:
    """Raise WebhookRefused unless the header signs this body, at most five minutes ago."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    try:
        stamp = int(parts["t"])
        given = parts["v1"]
    except (KeyError, ValueError):
        raise WebhookRefused("The signature cannot be read.") from None
    if not hmac.compare_digest(given.encode(), _digest(stamp, body, secret).encode()):
        raise WebhookRefused("The signature does not hold.")
    if abs(time.time() - stamp) > TOLERANCE:
        raise WebhookRefused("The message is too old.")


def _digest(stamp: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
