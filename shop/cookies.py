"""
Every cookie that the shop sets, and all else that it keeps in a browser: once, for the page that lists them.

An app registers its own in its `cookies.py`. A test walks the shop and fails on one that is not told here, and
on one that is told and never set.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Cookie:
    """`when` says which act of the visitor sets it, `lasts` how long it stays."""

    name: str
    purpose: Promise
    when: Promise
    lasts: Promise


_cookies: list[Cookie] = []


def cookie(told: Cookie) -> None:
    """Register a cookie."""
    _cookies.append(told)


def all_cookies() -> list[Cookie]:
    autodiscover_modules("cookies")
    return _cookies


def all_kept() -> list[Cookie]:
    """What scripts keep in the storage of the browser, which is never sent to us."""
    return [
        Cookie(
            "seen",
            _("The things you looked at last, to show them to you again."),
            _("when you look at a thing"),
            _("until you empty the list, or your browser"),
        ),
        Cookie(
            "cart",
            _("How many things are in your cart, so that all open tabs show the same."),
            _("when you put something into the cart"),
            _("until the cart is empty, or you empty your browser"),
        ),
        Cookie(
            "notice",
            _("That you have put the announcement away."),
            _("when you put it away"),
            _("until you close the browser"),
        ),
    ]


cookie(
    Cookie(
        settings.SESSION_COOKIE_NAME,
        _("Ties your clicks together: the cart, the checkout, being signed in."),
        _("when you put something into the cart, keep something for later, or sign in"),
        _("30 days after you last came"),
    )
)
cookie(
    Cookie(
        settings.CSRF_COOKIE_NAME,
        _("Makes sure that a form was sent from our own page."),
        _("when a page shows such a form, as at the checkout and signing in"),
        _("a year"),
    )
)
cookie(
    Cookie(
        "messages",
        _("Carries a sentence such as “The address is saved” to the next page."),
        _("when something was done"),
        _("until that page is shown"),
    )
)
cookie(
    Cookie(
        "theme",
        _("Light or dark, if you chose it."),
        _("when you choose it at the foot of a page"),
        _("a year"),
    )
)
