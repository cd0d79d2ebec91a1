"""
A person is forgotten: at once, or as soon as nothing is still to come.

The books stay (orders, payments, invoices), with an alias in place of the person, and a name only where the
law asks for it. All else goes.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.mails import ERASED, write_to
from accounts.models import Erasure, User
from accounts.privacy.registry import Person, holdings
from accounts.refusals import hashed
from shop.models import Mail

PROOF_KEPT = timedelta(days=30)


class NotForStaff(Exception):
    """Who works here is taken out of the staff first."""


class HasAnAccount(Exception):
    """The address has an account, which is erased as such."""


class StillOpen(Exception):
    """Something is still to come; `reasons` say what, in words for the person."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def hindrances(person: Person) -> list[str]:
    """What has to be done before the person can be forgotten, in words for them."""
    return [reason for each in holdings() for reason in each.hindrances(person)]


@transaction.atomic
def ask_for_erasure(user: User, *, by: User | None = None) -> Erasure:
    """
    Have a customer forgotten by the worker, as soon as nothing hinders; `by` is set if staff ask.

    Asked again, it is the same wish. Raises NotForStaff.
    """
    from accounts.tasks import carry_out_erasure

    if user.is_staff or user.is_superuser:
        raise NotForStaff
    wish, is_new = Erasure.objects.get_or_create(
        user=user, defaults={"asked_by": by, "alias": new_alias()}
    )
    reasons = hindrances(Person.of(user))
    if is_new and (reasons or by):
        tell_of_wish(user, wish, reasons)
    carry_out_erasure.enqueue(wish.pk)
    return wish


def keep_account(user: User) -> None:
    """Take the wish back, while it waits."""
    Erasure.objects.filter(user=user, done_at=None).delete()


@transaction.atomic
def carry_out(pk: int) -> None:
    """Forget the person of a wish. Raises StillOpen, and then nothing has changed."""
    wish = Erasure.objects.select_for_update(of=("self",)).filter(pk=pk, done_at=None).first()
    if wish is None or wish.user is None:
        return
    user = wish.user
    if user.is_staff or user.is_superuser:  # Made staff while the wish waited.
        wish.delete()
        return
    person = Person.of(user)
    forget(person, wish.alias)
    user.delete()
    done(wish, person)
    say_goodbye(user.email, wish)


@transaction.atomic
def erase_address(email: str, *, by: User | None = None) -> Erasure:
    """
    Forget somebody who has no account: whoever wrote from this address.

    Raises HasAnAccount, and StillOpen.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise HasAnAccount
    person = Person(None, frozenset({email.strip().lower()}))
    wish = Erasure.objects.create(alias=new_alias(), asked_by=by)
    forget(person, wish.alias)
    done(wish, person)
    return wish


def forget(person: Person, alias: str) -> None:
    """Forget what every app holds; the account's own row is left to the caller."""
    found = holdings()
    for each in found:
        each.take_turn(person)
    if person.user is not None:
        # Orders that are being placed point at this row. Whoever is faster is waited for, and then seen.
        list(User.objects.select_for_update().filter(pk=person.user.pk).values_list("pk"))
    reasons = hindrances(person)
    if reasons:
        raise StillOpen(reasons)
    for each in reversed(found):
        each.scrub(person, alias)


def done(wish: Erasure, person: Person) -> None:
    Erasure.objects.filter(pk=wish.pk).update(
        user=None, done_at=timezone.now(), addresses=sorted(map(hashed, person.emails))
    )


def new_alias() -> str:
    """An address that can never be one."""
    return f"erased-{secrets.token_hex(6)}@erased.invalid"


def tell_of_wish(user: User, wish: Erasure, reasons: list[str]) -> Mail:
    return write_to(
        user.email,
        kind="account_erasure",
        title=gettext("Your account is going to be deleted"),
        paragraphs=[
            gettext("Somebody, probably you, asked us to delete the account of %(email)s.")
            % {"email": user.email},
            *reasons,
            gettext("If you want to keep it, say so on the page “Your data”.")
            if reasons
            else gettext("This happens now."),
        ],
        label=gettext("Your data") if reasons else "",
        link=reverse("accounts:data") if reasons else "",
        dedupe_key=f"erasure:{wish.pk}:asked",
    )


def say_goodbye(email: str, wish: Erasure) -> Mail:
    """The last mail; when it is out, its row forgets to whom."""
    return write_to(
        email,
        kind=ERASED,
        title=gettext("Your account is deleted"),
        paragraphs=[
            gettext("We have forgotten what we knew about you, as you asked."),
            gettext(
                "The books of your orders stay as long as the law asks, with your name where it has to be. "
                "The link to an order that you have by mail goes on working."
            ),
            gettext("This is our last mail to you; we do not keep your address."),
        ],
        dedupe_key=f"erasure:{wish.pk}:done",
    )


def forget_proofs() -> None:
    """Forget the hashes by which the doctor looked for what was left behind."""
    long_ago = timezone.now() - PROOF_KEPT
    Erasure.objects.filter(done_at__lt=long_ago).exclude(addresses=[]).update(addresses=[])
