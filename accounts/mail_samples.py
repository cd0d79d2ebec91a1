"""The mails of an account that nobody has."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.email_change import ask_the_old
from accounts.mails import ERASED, WORDS, write_words
from accounts.models import DataExport, Erasure, User
from accounts.privacy.erasure import say_goodbye, tell_of_wish
from accounts.privacy.export import tell_of_archive
from shop.mail_samples import sample
from shop.models import Mail

ANNA = "anna@mail.example"
SAMPLE = {
    "code": "BCDF-GHJK",
    "from_email": ANNA,
    "to_email": "lind@mail.example",
    "deleted_email": ANNA,
    "device": "Firefox on Windows",
    "provider": "Google",
}


def anna() -> User:
    return User(pk=0, email=ANNA, name="Anna Lind")


def write(kind: str) -> Mail:
    """Write a mail in the words for it; only those that end in a code have one."""
    has_code = kind == "login_code" or kind.startswith("email_confirmation")
    links = {"password_reset_url": reverse("account_reset_password"), "signup_url": "/"}
    return write_words(kind, ANNA, SAMPLE | links | ({} if has_code else {"code": ""}))


for kind, words in WORDS.items():
    sample(f"account_{kind}", words.title)(partial(write, kind))


@sample("account_email_change", _("Another address for an account: both addresses are asked"))
def email_change() -> Mail:
    return ask_the_old(anna(), "lind@mail.example", "sample")


@sample("account_export", _("An archive of somebody's data is ready"))
def archive() -> Mail:
    return tell_of_archive(DataExport(pk=0, user=anna()))


@sample("account_erasure", _("An account is going to be deleted"))
def erasure() -> Mail:
    return tell_of_wish(anna(), Erasure(pk=0), [])


@sample(ERASED, _("An account is deleted"))
def goodbye() -> Mail:
    return say_goodbye(ANNA, Erasure(pk=0))
