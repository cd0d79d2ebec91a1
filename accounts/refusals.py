"""
Mail that somebody does not want: asked for with one click, without signing in.

An address is kept as its hash, so that the wish outlives the account and tells nothing.
"""

import hashlib

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import MailRefusal

SALT = "mail-refusal"


def hashed(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def is_refused(kind: str, email: str) -> bool:
    """Tell whether the address wants no more mails of this kind."""
    return MailRefusal.objects.filter(kind=kind, address=hashed(email)).exists()


def refusal_link(kind: str, email: str) -> str:
    """Where the address refuses mails of this kind; only we can make it, and it does not expire."""
    token = signing.dumps([kind, hashed(email)], salt=SALT)
    return settings.SITE_URL + reverse("accounts:refuse_mail", args=[token])


def read_token(token: str) -> tuple[str, str]:
    """The kind and the address of a link. Raises signing.BadSignature."""
    kind, address = signing.loads(token, salt=SALT)
    return kind, address


def refuse(kind: str, address: str) -> None:
    """Write no more mails of this kind to the address (its hash)."""
    MailRefusal.objects.get_or_create(kind=kind, address=address)
