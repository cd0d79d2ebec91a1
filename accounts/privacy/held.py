"""What this app, and the house itself, hold of people."""

import json
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.devices import device_name, end_sessions
from accounts.models import (
    Address,
    Consent,
    DataExport,
    EmailChange,
    Erasure,
    KnownDevice,
    MailRefusal,
    PostalAddress,
    User,
)
from accounts.privacy.registry import (
    Holding,
    Person,
    Record,
    any_of,
    blank_log,
    forget_in_log,
    holding,
    record,
)
from accounts.refusals import hashed
from shop.models import Mail, MailState

ADDRESS = [field.name for field in PostalAddress._meta.get_fields()]


@holding
class Account(Holding):
    name = "account"
    title = _("Your account: name, addresses of mail, ways to sign in")
    kept = _("until you delete the account; one whose address was never confirmed, 30 days")
    models = [
        *(User, EmailAddress, EmailChange, Authenticator, SocialAccount, SocialToken),
        *(DataExport, Erasure),
    ]
    addresses = [(User, "email", "joined_at")]

    def collect(self, person: Person) -> list[Record]:
        user = person.user
        if user is None:
            return []
        known = EmailAddress.objects.filter(user=user).order_by("pk")
        keys = Authenticator.objects.filter(user=user).order_by("pk")
        services = SocialAccount.objects.filter(user=user).order_by("pk")
        changes = EmailChange.objects.filter(user=user)
        exports = user.data_exports.order_by("pk").defer("content")
        return [
            record(user, "email", "name", "joined_at", "last_login", "is_active")
            | {
                "has_password": user.has_usable_password(),
                "addresses_of_mail": [record(each, "email", "verified") for each in known],
                "change_of_address": [
                    record(each, "old_email", "new_email", "created_at") for each in changes
                ],
                "second_factors_and_passkeys": [
                    record(each, "type", "created_at", "last_used_at")
                    | {"name": each.data.get("name", "")}
                    for each in keys
                ],
                "other_services": [
                    record(each, "provider", "uid", "extra_data", "date_joined")
                    for each in services
                ],
                "archives_like_this_one": [
                    record(each, "asked_at", "ready_at") for each in exports
                ],
            }
        ]

    def scrub(self, person: Person, alias: str) -> None:
        user = person.user
        if user is not None:
            for model in (EmailAddress, Authenticator, SocialAccount):
                forget_in_log(model.objects.filter(user=user))
            forget_in_log(User.objects.filter(pk=user.pk))
        blank_log(LogEntry.objects.filter(person.mentioned_in("object_repr", "change_message")))


@holding
class Addresses(Holding):
    name = "addresses"
    title = _("Your postal addresses")
    kept = _("until you delete them, or the account")
    models = [Address]

    def collect(self, person: Person) -> list[Record]:
        kept = Address.objects.filter(person.owns("user"))
        return [
            record(each, *ADDRESS, "is_default", "is_billing_default", "created_at")
            for each in kept
        ]


@holding
class Consents(Holding):
    name = "consents"
    title = _("What you agreed to, in which words, and which mails you refused")
    kept = _(
        "until you delete the account; that you refused mails, as a code that names nobody, for good"
    )
    models = [Consent, MailRefusal]

    def collect(self, person: Person) -> list[Record]:
        given = Consent.objects.filter(person.owns("user"))
        refused = MailRefusal.objects.filter(address__in=map(hashed, person.emails))
        return [
            *(record(each, "kind", "is_given", "wording", "source", "at") for each in given),
            *({"refused_mails": each.kind, "at": each.at} for each in refused),
        ]


@holding
class Devices(Holding):
    name = "devices"
    title = _("Devices that you are, or were, signed in with")
    kept = _(
        "a year after you last came, or until you delete the account; where you are signed in now, 30 days"
    )
    models = [KnownDevice, UserSession, Session]

    def collect(self, person: Person) -> list[Record]:
        known = KnownDevice.objects.filter(person.owns("user"))
        signed_in = UserSession.objects.filter(person.owns("user"))
        return [
            *(record(each, "name", "created_at", "last_seen_at") for each in known),
            *(
                {"signed_in_with": device_name(each.user_agent), "told_of_itself": each.user_agent}
                | record(each, "ip", "created_at", "last_seen_at")
                for each in signed_in
            ),
        ]

    def scrub(self, person: Person, alias: str) -> None:
        """End every session that is theirs, or in which somebody has typed an address of theirs."""
        if person.user is not None:
            end_sessions(person.user)
        for session in Session.objects.iterator():
            if is_about(session, person):
                session.delete()


def is_about(session: Session, person: Person) -> bool:
    data = session.get_decoded()
    if person.user is not None and data.get(SESSION_KEY) == str(person.user.pk):
        return True
    text = json.dumps(data, default=str, ensure_ascii=False).lower()
    return any(email in text for email in person.emails)


@holding
class Mails(Holding):
    name = "mails"
    title = _("Mails that we sent you")
    kept = _("their words as long as the shop's settings say, a year if nobody changed it")
    models = [Mail]
    addresses = [(Mail, "to", "created_at")]

    def collect(self, person: Person) -> list[Record]:
        return [
            record(each, "to", "subject", "text", "state", "created_at", "sent_at")
            for each in Mail.objects.filter(person.named_in("to")).order_by("pk")
        ]

    def scrub(self, person: Person, alias: str) -> None:
        """Blank them; those that wait are not sent. The rows stay, so that nothing is told twice."""
        forget_mails(
            Mail.objects.filter(
                person.named_in("to") | person.mentioned_in("subject", "text", "html")
            )
        )
        if person.user is not None:
            # Also to an address that they had before, or wanted to have.
            forget_mails(mails_about([f"account:{person.user.pk}:"]))


def forget_mails(mails: QuerySet[Mail]) -> None:
    """Blank these mails for good; what has not been sent never is."""
    mails = Mail.objects.filter(pk__in=list(mails.values_list("pk", flat=True)))
    waiting = Q(state=MailState.QUEUED)
    mails.filter(waiting).update(state=MailState.OVERTAKEN, lease_until=None)
    mails.forget()


def mails_about(keys: Iterable[str]) -> QuerySet[Mail]:
    """Mails whose dedupe key begins with one of these, to whomever they went."""
    return Mail.objects.filter(any_of(Q(dedupe_key__startswith=key) for key in keys))
