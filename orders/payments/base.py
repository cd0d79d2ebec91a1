"""What a payment provider is to the shop: a few calls out, and facts that come back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import connection
from django.utils.functional import Promise

from orders.models import EventKind, PaymentAttempt, Refund


class ProviderUnavailable(Exception):
    """The provider did not answer, or not in time: what became of the call is unknown."""


class WebhookRefused(Exception):
    """A message that does not bear the provider's signature, or an old one; nothing was done."""


@dataclass(frozen=True)
class Fact:
    """
    Something that happened to a payment, in the words of the shop.

    `event_id` is the same whichever way the fact arrives, so that it counts once.
    """

    event_id: str
    kind: EventKind
    amount: Decimal
    currency: str
    failure: str = ""


@dataclass(frozen=True)
class Started:
    """Where the provider keeps the payment, and where the shopper goes to pay."""

    reference: str
    redirect_url: str


@dataclass(frozen=True)
class Message:
    """A webhook whose signature held: what it tells, and of which payment."""

    reference: str
    facts: Sequence[Fact]


class Provider(ABC):
    """
    Base of all providers. The public methods refuse to run inside a transaction.

    A call over the network would hold row locks for as long as somebody else's computer likes.
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    description: ClassVar[str | Promise] = ""
    hold_minutes: ClassVar[int | None] = None  # None: as the shop's settings say.

    def is_ready(self) -> bool:
        """Tell whether shoppers can be offered it as the shop is set up."""
        return True

    def start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started:
        """Open the payment at the provider under the attempt's key: a second call gives the same payment."""
        refuse_inside_transaction()
        return self._start(attempt, return_url=return_url, webhook_url=webhook_url)

    def fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]:
        """Ask what has become of the payment; by the attempt's key where its reference never arrived."""
        refuse_inside_transaction()
        return self._fetch(attempt)

    def refund(self, refund: Refund) -> Fact:
        """Send money back under the refund's key: a second call sends nothing more."""
        refuse_inside_transaction()
        return self._refund(refund)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Message:
        """Read a message from the provider; raises WebhookRefused unless its signature holds."""
        raise WebhookRefused(f"{self.name} sends no messages.")

    @abstractmethod
    def _start(self, attempt: PaymentAttempt, *, return_url: str, webhook_url: str) -> Started: ...

    @abstractmethod
    def _fetch(self, attempt: PaymentAttempt) -> Sequence[Fact]: ...

    @abstractmethod
    def _refund(self, refund: Refund) -> Fact: ...


def refuse_inside_transaction() -> None:
    blocks = [
        block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)
    ]
    if blocks:
        raise RuntimeError("A payment provider was called inside a transaction.")
