"""Another e-mail address for an account, once the old one and the new one have both agreed."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.devices import end_sessions, hashed
from accounts.mails import write_to
from accounts.models import EmailChange, User
from shop.models import Mail

# How long the two links work.
KEPT = timedelta(days=1)


class EmailRefused(Exception):
    """The address cannot be the account's; nothing has changed."""


@transaction.atomic
def ask_for_change(user: User, new_email: str) -> None:
    """
    Write to both addresses for their word.

    An address that has an account already is told so by mail, and nobody else is: the wish is kept all
    the same, and never comes true.
    """
    keys = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    EmailChange.objects.filter(user=user).delete()
    EmailChange.objects.create(
        user=user, old_email=user.email, new_email=new_email,
        old_key=hashed(keys[0]), new_key=hashed(keys[1]),
    )  # fmt: skip
    ask_the_old(user, new_email, keys[0])
    if is_taken(new_email, user):
        words = _("Somebody wanted to use %(new)s for another account of ours. It has one already.")
        _write(user, new_email, _("You have an account already"), [words % {"new": new_email}])
    else:
        ask_the_new(user, new_email, keys[1])


def ask_the_old(user: User, new_email: str, key: str) -> Mail:
    wanted = _("Somebody, probably you, wants the account of %(old)s to be %(new)s from now on.")
    lines = [
        wanted % {"old": user.email, "new": new_email},
        _("It changes when both addresses agree. The link works for a day."),
        _("If it was not you, do nothing here, and choose a new password at once."),
    ]
    title, label = _("Another address for your account"), _("Agree, or not")
    return _write(user, user.email, title, lines, label, key)


def ask_the_new(user: User, new_email: str, key: str) -> Mail:
    wanted = _("Somebody, probably you, wants to use %(new)s for an account with us.")
    lines = [
        wanted % {"new": new_email},
        _("It changes when both addresses agree. The link works for a day."),
        _("If it was not you, there is nothing to do."),
    ]
    title, label = _("Another address for your account"), _("Agree, or not")
    return _write(user, new_email, title, lines, label, key)


def pending(key: str) -> EmailChange | None:
    """The wish that a key of one of its two mails belongs to, while it is a day old at most."""
    asked = Q(old_key=hashed(key)) | Q(new_key=hashed(key))
    return EmailChange.objects.filter(asked, created_at__gt=timezone.now() - KEPT).first()


@transaction.atomic
def agree(change: EmailChange, key: str, *, session_key: str | None) -> User | None:
    """
    Count the word of one address. With both, change the account's and return it.

    All its sessions end but the one named. Raises EmailRefused when the address has an account by now.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=change.user_id)
    change.refresh_from_db()
    side = "old_agreed_at" if change.old_key == hashed(key) else "new_agreed_at"
    setattr(change, side, timezone.now())
    change.save(update_fields=[side])
    if not (change.old_agreed_at and change.new_agreed_at):
        return None
    if is_taken(change.new_email, user) or user.email != change.old_email:
        raise EmailRefused(REFUSED)
    try:
        with transaction.atomic():
            _rename(user, change.new_email)
    except IntegrityError:  # Somebody made an account with it in this very moment.
        raise EmailRefused(REFUSED) from None
    change.delete()
    end_sessions(user, but=session_key)
    for email in (change.old_email, change.new_email):
        _write(user, email, _("Your e-mail address was changed"), [
            _("You sign in with %(new)s from now on, no longer with %(old)s.")
            % {"old": change.old_email, "new": change.new_email},
        ])  # fmt: skip
    return user


REFUSED = gettext_lazy("This address cannot be used. Choose another one.")


def _rename(user: User, email: str) -> None:
    EmailAddress.objects.filter(user=user).delete()
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)


def is_taken(email: str, user: User) -> bool:
    """Tell whether the address is somebody else's, however it is spelt."""
    named = User.objects.filter(email__iexact=email).exclude(pk=user.pk)
    kept = EmailAddress.objects.filter(email__iexact=email, verified=True).exclude(user=user)
    return named.exists() or kept.exists()


def _write(
    user: User, to: str, title: str, paragraphs: Iterable[str], label: str = "", key: str = ""
) -> Mail:
    return write_to(
        to,
        kind="account_email_change",
        title=title,
        paragraphs=paragraphs,
        label=label,
        link=reverse("accounts:agree_email", args=[key]) if key else "",
        dedupe_key=f"account:{user.pk}:email_change:{uuid4()}",
    )
