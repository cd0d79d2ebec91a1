"""How allauth speaks and writes in this shop."""

import time
from collections.abc import Mapping
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.devices import device_name, end_sessions, is_new_device
from accounts.mails import write_words
from accounts.models import User


class ShopAccountAdapter(DefaultAccountAdapter):
    """Our words for what went wrong, and our outbox for the mails."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is your address already. Enter another one."),
        "email_password_mismatch": _(
            "This e-mail address and this password do not belong together. "
            "Check both, or choose a new password."
        ),
        "email_taken": _("Enter another address: this one cannot be used."),
        "enter_current_password": _(
            "This is not your password. Enter the one you sign in with now."
        ),
        "incorrect_code": _("This is not the code that we sent last. Look at the newest mail."),
        "incorrect_password": _("This is not your password. Enter the one you sign in with."),
        "same_as_current": _("This is your address already. Enter another one."),
        "too_many_login_attempts": _(
            "That was wrong too often. Wait five minutes, then try again; or choose a new password."
        ),
        "rate_limited": _("That was very often in a short time. Wait a minute, then try again."),
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether to send somebody on to there; what is no address at all is not safe."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Take the address of staff for theirs: whoever made them staff has vouched for it."""
        if user.is_staff and user.is_active and (address := sync_user_email_address(user)):
            EmailAddress.objects.filter(pk=address.pk, verified=False).update(verified=True)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Tell by mail of a browser that was never used for this account before."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        request.session["seen_at"] = int(time.time())  # LastSeenMiddleware goes on from here.
        if is_new_device(request, response, user) and not kwargs.get("signup"):
            name = device_name(request.headers.get("User-Agent", ""))
            self.send_notification_mail("account/email/new_device", user, {"device": name})
        return response

    def set_password(self, user: User, password: str) -> None:
        """Set it, and sign out everywhere else: who got in by the old one is out."""
        super().set_password(user, password)
        is_own = context.request.user.pk == user.pk
        end_sessions(user, but=context.request.session.session_key if is_own else None)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within a quarter of an hour of signing in, by whatever way that was."""
        return super().is_reauthentication_required(app=app, **kwargs) and not just_signed_in(
            context.request
        )

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        found = super().get_reauthentication_methods(user)
        return [each | {"description": words[each["id"]]} for each in found]

    def send_mail(self, template_prefix: str, email: str, told_by: Mapping[str, Any]) -> None:
        """Put the mail into the shop's outbox, where it waits for a mail server that is down."""
        kind = template_prefix.rsplit("/", 1)[-1]
        with transaction.atomic():
            write_words(kind, email, told_by)


class ShopSocialAdapter(DefaultSocialAccountAdapter):
    """What another service tells of somebody: the address, and what they are called."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": _("Sign in first, then add this service on the page “Security”."),
        "no_password": _(
            "Choose a password or add a passkey first, or you could not get in again."
        ),
        "disconnect_last": _(
            "Choose a password or add a passkey first, or you could not get in again."
        ),
    }

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        parts = [data.get("first_name"), data.get("last_name")]
        user.name = (data.get("name") or " ".join(filter(None, parts)))[:200]
        return user

    def send_notification_mail(self, template_prefix: str, user: User, context: Any) -> None:
        told = context | {"provider": getattr(context.get("provider"), "name", "")}
        super().send_notification_mail(template_prefix, user, told)


def just_signed_in(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    latest = max((each["at"] for each in records), default=0)
    return bool(time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT)
