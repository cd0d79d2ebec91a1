"""The cookies of accounts."""

from django.utils.translation import gettext_lazy as _

from accounts.devices import COOKIE
from shop.cookies import Cookie, cookie

cookie(
    Cookie(
        COOKIE,
        _(
            "Knows this browser again, so that we write to you when your account is opened with another one."
        ),
        _("when you sign in"),
        _("a year"),
    )
)
