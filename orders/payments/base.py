"""What a payment provider is to the shop: a few calls out, and facts that come back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.db import connection
from django.utils.functional import Promise

from orders.models import EventKind, PaymentAttempt, Refund


class ProviderUnavailable(Exception):
    """The provider did not answer, or not in time: what became of the call is unknown."""


class ProviderRefused(Exception):
    """The provider said no, for the reason it gave: nothing happened there, and nothing will."""


class WebhookRefused(Exception):
    """A message that does not bear the provider's signature, or an old one; nothing was done."""


@dataclass(frozen=True)
class Fact:
    """
    Something that happened to a payment, in the words of the shop.

    `event_id` is the same whichever way the fact arrives, so that it counts once. `subject` names the
    refund or dispute it is about, `refund_key` the refund of ours, `charge` what was charged,
    `card` the fingerprint of the card that was tried.
    """

    event_id: str
    kind: EventKind
    amount: Decimal
    currency: str
    failure: str = ""
    subject: str = ""
    refund_key: str = ""
    charge: str = ""
    card: str = ""


@dataclass(frozen=True)
class Started:
    """Where the provider keeps the payment, and where the shopper goes to pay."""

    reference: str
    redirect_url: str


@dataclass(frozen=True)
class Message:
    """
    A webhook whose signature held: the facts it tells, and of which payment.

    The payment is named by the attempt's own `key`, by its `reference`, or by its `charge`. One that names
    none is about nothing of this shop.
    """

    facts: Sequence[Fact]
    reference: str = ""
    key: str = ""
    charge: str = ""

    @property
    def is_ours(self) -> bool:
        return bool(self.reference or self.key or self.charge)


@dataclass(frozen=True)
class Booked:
    """
    One payment as it stands in the provider's own books: sums in `currency`, opened `at` (UTC).

    `key` is the attempt's; it is empty where the payment is none of this shop's.
    """

    key: str
    currency: str
    captured: Decimal
    refunded: Decimal
    at: datetime


class Provider(ABC):
    """
    Base of all providers. The public methods refuse to run inside a transaction.

    A call over the network would hold row locks for as long as somebody else's computer likes.
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    description: ClassVar[str | Promise] = ""
    hold_minutes: ClassVar[int | None] = None  # None: as the shop's settings say.
    is_way_to_pay: ClassVar[bool] = True  # Shoppers may choose it; else it comes about by itself.
    is_offline: ClassVar[bool] = (
        False  # Money that comes by bank or by hand: staff say that it is there.
    )
    keeps_books: ClassVar[bool] = False  # Of its own, which the shop can compare with.
    page_hosts: ClassVar[
        Sequence[str]
    ] = ()  # Where its own pages are, such as https://pay.example.

    def is_ready(self) -> bool:
        """Tell whether shoppers can be offered it as the shop is set up."""
        return True

    def suits(self, *, is_pickup: bool) -> bool:
        """Tell whether it goes with how the goods get to the shopper."""
        return True

    def start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        """Open the payment at the provider under the attempt's key: a second call gives the same payment."""
        refuse_inside_transaction()
        return self._start(attempt, return_url=return_url, webhook_url=webhook_url)

    def fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """Ask what has become of the payment; by the attempt's key where its reference never arrived."""
        refuse_inside_transaction()
        return self._fetch(attempt)

    def capture(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """Take the money that was authorised; a second call takes nothing more. Raises ProviderRefused."""
        refuse_inside_transaction()
        return self._capture(attempt)

    def close(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """
        Let an open payment be paid no more, and tell what became of it: it may just have been paid.

        Raises ProviderUnavailable also while a bank is still at it.
        """
        refuse_inside_transaction()
        return self._close(attempt)

    def void(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """Let go of what was authorised, or close what is open; what was captured stays."""
        refuse_inside_transaction()
        return self._void(attempt)

    def refund(self, refund: Refund) -> Fact | None:
        """
        Send money back under the refund's key: a second call sends nothing more.

        None while the provider is still at it. Raises ProviderRefused.
        """
        refuse_inside_transaction()
        return self._refund(refund)

    def books(self, since: datetime) -> Iterable[Booked]:
        """All payments opened since then, as the provider keeps them. Raises ProviderUnavailable."""
        refuse_inside_transaction()
        return self._books(since)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Message:
        """Read a message from the provider; raises WebhookRefused unless its signature holds."""
        raise WebhookRefused(f"{self.name} sends no messages.")

    @abstractmethod
    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started: ...

    @abstractmethod
    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]: ...

    @abstractmethod
    def _refund(self, refund: Refund) -> Fact | None: ...

    def _capture(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return self._fetch(attempt)  # It never authorises without capturing.

    def _close(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return self._fetch(attempt)  # Nobody pays it without the shop.

    def _void(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        return self._close(attempt)

    def _books(self, since: datetime) -> Iterable[Booked]:
        raise NotImplementedError(f"{self.name} keeps no books.")


def refuse_inside_transaction() -> None:
    """Raise RuntimeError while a transaction is open; that of a test around it does not count."""
    blocks = [
        block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)
    ]
    if blocks:
        raise RuntimeError("A payment provider was called inside a transaction.")
