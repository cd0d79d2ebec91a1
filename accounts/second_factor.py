"""Passkeys, authenticator apps and recovery codes: allauth's, with the shop's words and locks."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from shop.models import ShopSettings


class ShopMFAAdapter(DefaultMFAAdapter):
    """Names what a phone shows, and keeps the secrets of apps and codes encrypted in the database."""

    error_messages: dict[str, str | Promise] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy("This is needed for the back office."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes stand in for an app or a passkey. Add one of them first."
        ),
        "incorrect_code": gettext_lazy(
            "This code does not fit, or was used already. Enter the one shown now."
        ),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return _locks().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken for what no secret key of this shop has locked."""
        return _locks().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1} if count else _("My passkey")

    def _get_site_name(self) -> str:
        return str(ShopSettings.load().name)


def _locks() -> MultiFernet:
    """Lock with today's secret key; open with those before it, too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"shop.second_factor")
    return base64.urlsafe_b64encode(kdf.derive(secret.encode()))
