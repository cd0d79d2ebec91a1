"""
Signed messages: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`.

Stripe's scheme; the demo provider signs in the same way. Read here rather than by Stripe's SDK, whose import
takes half a second, and which takes a message from the future for a new one.
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
    parts = [part.split("=", 1) for part in header.split(",") if "=" in part]
    stamps = [value for name, value in parts if name == "t"]
    # While a secret is being changed, a message is signed with the old one and the new.
    given = [value for name, value in parts if name == "v1"]
    if not given or not (stamps and stamps[0].isascii() and stamps[0].isdigit()):
        raise WebhookRefused("The signature cannot be read.")
    stamp = int(stamps[0][:15])
    expected = _digest(stamp, body, secret).encode()
    if not any(hmac.compare_digest(each.encode(), expected) for each in given):
        raise WebhookRefused("The signature does not hold.")
    if abs(time.time() - stamp) > TOLERANCE:
        raise WebhookRefused("The message is too old.")


def _digest(stamp: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
