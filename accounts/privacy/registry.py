"""Who holds what of people."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from accounts.models import User

# Stands where a name was.
NOBODY = "—"

type Record = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody: by their account and the addresses confirmed for it, or by an address alone."""

    user: User | None
    emails: frozenset[str]

    @classmethod
    def of(cls, user: User) -> Self:
        """Whose account this is. An address that nobody confirmed may be somebody else's."""
        confirmed = EmailAddress.objects.filter(user=user, verified=True)
        return cls(user, frozenset(email.lower() for email in [user.email, *emails_of(confirmed)]))

    def named_in(self, *fields: str) -> Q:
        """One of the fields is an address of theirs, however it is spelt."""
        return any_of(Q(**{f"{field}__iexact": each}) for field in fields for each in self.emails)

    def mentioned_in(self, *fields: str) -> Q:
        """An address of theirs stands somewhere in one of these texts."""
        return any_of(
            Q(**{f"{field}__icontains": each}) for field in fields for each in self.emails
        )

    def left_out_of(self, text: str) -> str:
        """The text with a dash wherever an address of theirs stands; the same text where none does."""
        for email in self.emails:
            whole = rf"(?<![\w.+-]){re.escape(email)}(?![\w-])"
            text = re.sub(whole, NOBODY, text, flags=re.IGNORECASE)
        return text

    def owns(self, field: str) -> Q:
        """The field names their account; nothing where they have none."""
        return Q(**{field: self.user.pk}) if self.user else Q(pk__in=[])


def emails_of(addresses: Any) -> Iterable[str]:
    found: Iterable[str] = addresses.values_list("email", flat=True)
    return found


def any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q(pk__in=[]))


class Holding:
    """
    One kind of thing that an app holds of people.

    `title` and `kept` (how long) are read by customers; `models` are the tables it speaks for. `addresses`
    names columns with e-mail addresses and the column that tells since when a row is there: the doctor
    looks there for people who should be forgotten.
    """

    name: ClassVar[str]
    title: ClassVar[Promise | str]
    kept: ClassVar[Promise | str]
    models: ClassVar[Sequence[type[Model]]] = []
    addresses: ClassVar[Sequence[tuple[type[Model], str, str]]] = []

    def collect(self, person: Person) -> list[Record]:
        """Everything of this kind that is held of the person, for them to read."""
        raise NotImplementedError

    def files(self, person: Person) -> Iterator[tuple[str, bytes]]:
        """Files of theirs, by the name that they get in the archive."""
        yield from ()

    def take_turn(self, person: Person) -> None:
        """Take the locks that have to come before the one on the account. Left app first."""

    def hindrances(self, person: Person) -> Iterator[str]:
        """Say in words for the person what has to be done before they can be forgotten."""
        yield from ()

    def scrub(self, person: Person, alias: str) -> None:
        """
        Forget it, or keep of it what the law asks; `alias` is the address that stands in the books afterwards.

        Right app first, in one transaction. What hangs on the account goes with its row, last of all.
        """


_registry: dict[str, Holding] = {}


def holding[H: type[Holding]](kind: H) -> H:
    """Register what an app holds; the class goes into its `privacy.py`."""
    _registry[kind.name] = kind()
    return kind


def holdings() -> list[Holding]:
    """All of them, the app that stands to the left first."""
    from accounts.privacy import held  # noqa: F401 (what this app holds itself)

    autodiscover_modules("privacy")
    return list(_registry.values())


def record(row: Model, *fields: str) -> Record:
    """These fields of a row, choices in their words."""
    return {
        field: getattr(row, f"get_{field}_display", lambda name=field: getattr(row, name))()
        for field in fields
    }


def forget_in_log(rows: Any) -> None:
    """Blank what the log of the back office says of these rows; that something was done stays."""
    kind = ContentType.objects.get_for_model(rows.model)
    keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
    blank_log(LogEntry.objects.filter(content_type=kind, object_id__in=keys))


def blank_log(entries: Any) -> None:
    entries.update(object_repr="…", change_message="")
