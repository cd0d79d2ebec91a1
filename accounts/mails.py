"""What the mails of an account say. They all look alike: a title, a few words, and one thing to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.mail import forgotten_once_sent, queue_mail
from shop.models import Mail

ERASED = "account_erased"
forgotten_once_sent(ERASED)


@dataclass(frozen=True)
class Words:
    """`link` is the name of a value that allauth gives, or of a page."""

    title: Promise
    paragraphs: list[Promise]
    label: Promise | str = ""
    link: str = ""


NOTHING_TO_DO = _("If it was not you, there is nothing to do: without this link nothing happens.")
NOTHING_TO_DO_CODE = _("If it was not you, there is nothing to do: nobody else knows this code.")
NOT_YOU = _("If it was not you, choose a new password at once, and write to us.")


def told(title: Promise, text: Promise) -> Words:
    """Words for something that happened to an account, which its owner may not have done."""
    return Words(title, [text, NOT_YOU], _("Choose a new password"), "account_reset_password")


CONFIRM = Words(
    _("Your code"),
    [
        _("Somebody, probably you, gave this address for an account with us: %(email)s."),
        _(
            "Enter this code where you did, to say that the address is yours. It works for 15 minutes."
        ),
        NOTHING_TO_DO_CODE,
    ],
)

NEW_PASSWORD = told(
    _("Your password was changed"), _("The account of %(email)s has a new password.")
)

WORDS = {
    "email_confirmation": CONFIRM,
    "email_confirmation_signup": CONFIRM,
    "account_already_exists": Words(
        _("You have an account already"),
        [
            _(
                "Somebody, probably you, wanted to make an account for %(email)s. There is one already."
            ),
            _("Sign in with the password you have. Should it be forgotten, choose a new one."),
        ],
        _("Choose a new password"),
        "password_reset_url",
    ),
    "login_code": Words(
        _("Your code to sign in"),
        [
            _("Somebody, probably you, wants to sign in as %(email)s."),
            _("Enter this code where you asked for it. It works for ten minutes, once."),
            NOTHING_TO_DO_CODE,
        ],
    ),
    "unknown_account": Words(
        _("There is no account for this address"),
        [
            _(
                "Somebody, probably you, wanted to get into an account of %(email)s. No account has this address."
            ),
            _(
                "Perhaps you used another one. You can also make an account now, or buy without one."
            ),
        ],
        _("Create an account"),
        "signup_url",
    ),
    "password_reset_key": Words(
        _("Choose a new password"),
        [
            _("Somebody, probably you, asked for a new password for %(email)s."),
            _("The link works once, for a day. Until then the old password goes on working."),
            NOTHING_TO_DO,
        ],
        _("Choose a new password"),
        "password_reset_url",
    ),
    "password_reset": NEW_PASSWORD,
    "password_changed": NEW_PASSWORD,
    "password_set": told(
        _("Your password was set"), _("The account of %(email)s has a password now.")
    ),
    "email_changed": told(
        _("Your e-mail address was changed"),
        _("You sign in with %(to_email)s from now on, no longer with %(from_email)s."),
    ),
    "email_confirm": told(
        _("Your address is confirmed"), _("We know now that %(email)s is yours.")
    ),
    "email_deleted": told(
        _("An address was removed"),
        _("%(deleted_email)s does not belong to your account any more."),
    ),
    "totp_activated": told(
        _("An authenticator app was added"),
        _("Whoever signs in as %(email)s is asked for a code of the app from now on."),
    ),
    "totp_deactivated": told(
        _("The authenticator app was removed"),
        _("Nobody who signs in as %(email)s is asked for a code of the app any more."),
    ),
    "recovery_codes_generated": told(
        _("New recovery codes"),
        _("The account of %(email)s has new recovery codes; those before do not work any more."),
    ),
    "webauthn_added": told(
        _("A passkey was added"), _("The account of %(email)s can be opened with a new passkey.")
    ),
    "webauthn_removed": told(
        _("A passkey was removed"),
        _("One of the passkeys of %(email)s does not open the account any more."),
    ),
    "new_device": told(
        _("Somebody signed in on a new device"),
        _("%(email)s was used to sign in with %(device)s, for the first time."),
    ),
    "account_connected": told(
        _("Another way to sign in was added"),
        _("The account of %(email)s can be opened by way of %(provider)s, too."),
    ),
    "account_disconnected": told(
        _("A way to sign in was removed"),
        _("The account of %(email)s cannot be opened by way of %(provider)s any more."),
    ),
}


# What the words of a mail may name, beside the address it goes to.
NAMED = ["from_email", "to_email", "deleted_email", "device", "provider"]


def write_words(kind: str, email: str, told_by: Mapping[str, Any]) -> Mail:
    """Write what allauth has to tell of an account: `kind` names its words, `told_by` holds its values."""
    words = WORDS[kind]
    link = told_by.get(words.link) or (reverse(words.link) if words.link else "")
    told = {"email": email} | {name: told_by.get(name, "") for name in NAMED}
    return queue_mail(
        kind=f"account_{kind}",
        to=email,
        template="account",
        context={
            "title": words.title,
            "paragraphs": [each % told for each in words.paragraphs],
            "code": told_by.get("code", ""),
            "label": words.label,
            "link": at_our_address(link),
        },
        # By its owner, so that it is forgotten with them, whatever their address is by then.
        dedupe_key=f"account:{getattr(told_by.get('user'), 'pk', 0)}:{kind}:{uuid4()}",
        language=get_language() or settings.LANGUAGE_CODE,
    )


def at_our_address(link: str) -> str:
    """Point a link to the shop's own address, not to the host that a request named."""
    parts = urlsplit(link)
    return (
        settings.SITE_URL + parts.path + (f"?{parts.query}" if parts.query else "") if link else ""
    )


def write_to(
    email: str,
    *,
    kind: str,
    title: str,
    paragraphs: Iterable[str],
    dedupe_key: str,
    label: str = "",
    link: str = "",
) -> Mail:
    """Write a mail of this look about an account; `link` is a path of the shop."""
    return queue_mail(
        kind=kind,
        to=email,
        template="account",
        context={
            "title": title,
            "paragraphs": list(paragraphs),
            "label": label,
            "link": settings.SITE_URL + link if link else "",
        },
        dedupe_key=dedupe_key,
        language=get_language() or settings.LANGUAGE_CODE,
    )
