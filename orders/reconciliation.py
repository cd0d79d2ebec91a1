"""
The provider's books beside the shop's: every payment of the last days has to stand in both, with the same sums.

Messages can be lost, and somebody may give money back on the provider's own pages. What differs is asked about
once more, and lies in the money inbox if it still differs then.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.ledger import ZERO
from orders.models import (
    EventKind,
    MoneyKind,
    MoneyState,
    PaymentAttempt,
    RefundStatus,
    UnplacedMoney,
)
from orders.paying import ask_provider
from orders.payments import Booked, Provider, ProviderRefused, ProviderUnavailable, who_keep_books
from shop.money import format_money

logger = structlog.get_logger(__name__)

# A message may be on its way for so long.
PATIENCE = timedelta(minutes=30)
MOVING = [RefundStatus.RESERVED, RefundStatus.SENT]


@dataclass(frozen=True)
class Sums:
    """What was taken and what went back, in one currency."""

    currency: str
    captured: Decimal = ZERO
    refunded: Decimal = ZERO

    def __str__(self) -> str:
        return _("%(captured)s taken, %(refunded)s given back") % {
            "captured": format_money(self.captured, self.currency),
            "refunded": format_money(self.refunded, self.currency),
        }


@dataclass(frozen=True)
class Difference:
    """A payment, named by its attempt's key, that is not the same in both books."""

    provider: str
    key: str
    ours: Sums
    theirs: Sums
    attempt: PaymentAttempt | None

    def __str__(self) -> str:
        number = self.attempt.order.number if self.attempt else _("unknown")
        return _("order %(number)s at %(provider)s: %(theirs)s; here %(ours)s") % {
            "number": number, "provider": self.provider, "theirs": self.theirs, "ours": self.ours,
        }  # fmt: skip


@dataclass
class Comparison:
    """What was found to differ, and the keys of all payments that were looked at."""

    differences: list[Difference] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)


def reconcile(*, days: int = 3) -> list[Difference]:
    """
    Compare the books of all providers over so many days, and bring the money inbox up to date.

    Returns what differs, decided by staff or not. Raises ProviderUnavailable.
    """
    found: list[Difference] = []
    for each in who_keep_books():
        compared = compare(each, days=days)
        put_before_staff(each, compared)
        found += compared.differences
    return found


def compare(provider: Provider, *, days: int) -> Comparison:
    """What still differs when the provider has been asked once more. Raises ProviderUnavailable."""
    compared = Comparison()
    now = timezone.now()
    since, until = now - timedelta(days=days), now - PATIENCE
    # A payment may be opened here a moment before it is there, or the other way round.
    theirs = {each.key: each for each in provider.books(since - PATIENCE) if each.key}
    settled = Q(created_at__gte=since, created_at__lt=until)
    attempts = PaymentAttempt.objects.filter(settled, provider=provider.name)
    resting = attempts.exclude(refunds__status__in=MOVING).select_related("order")
    for attempt in resting.order_by("pk").iterator(chunk_size=500):
        key = str(attempt.key)
        compared.looked_at.add(key)
        told = sums_of(theirs.get(key), attempt.currency)
        if sums_here(attempt) == told:
            continue
        ask_again(attempt)
        ours = sums_here(attempt)
        if ours != told:
            compared.differences.append(Difference(provider.name, key, ours, told, attempt))
    known = {
        str(key)
        for key in PaymentAttempt.objects.filter(
            provider=provider.name, key__in=theirs
        ).values_list("key", flat=True)
    }
    for key, each in theirs.items():
        if key not in known and each.captured and since <= each.at < until:
            compared.looked_at.add(key)
            ours, told = Sums(each.currency), sums_of(each, each.currency)
            compared.differences.append(Difference(provider.name, key, ours, told, None))
    return compared


def sums_of(booked: Booked | None, currency: str) -> Sums:
    if booked is None:
        return Sums(currency)
    return Sums(booked.currency, booked.captured, booked.refunded)


def sums_here(attempt: PaymentAttempt) -> Sums:
    """What the facts of an attempt add up to; what is in another currency counts by itself."""
    events = list(attempt.events.all())
    failed = {each.subject for each in events if each.kind == EventKind.REFUND_FAILED}
    captured = [each for each in events if each.kind == EventKind.CAPTURED]
    refunded = [
        each for each in events
        if each.kind == EventKind.REFUNDED and not (each.subject and each.subject in failed)
    ]  # fmt: skip
    return Sums(
        captured[0].currency if captured else attempt.currency,
        sum((each.amount for each in captured), ZERO),
        sum((each.amount for each in refunded), ZERO),
    )


def ask_again(attempt: PaymentAttempt) -> None:
    try:
        ask_provider(attempt, source="sweep")
    except (ProviderUnavailable, ProviderRefused) as problem:
        logger.warning("payment_not_compared", attempt=attempt.pk, problem=str(problem))


@transaction.atomic
def put_before_staff(provider: Provider, compared: Comparison) -> None:
    """
    Each difference is one matter of the inbox; one that is gone settles by itself.

    Settled is only what was looked at: whatever is too old by now, or moves in this moment, stays open. One
    that had settled and is there again is opened again.
    """
    books = UnplacedMoney.objects.filter(dedupe_key__startswith=f"books:{provider.name}:")
    keys = set()
    for each in compared.differences:
        keys.add(key := key_of(each))
        item, is_new = UnplacedMoney.objects.get_or_create(
            dedupe_key=key,
            defaults={
                "kind": MoneyKind.BOOKS, "attempt": each.attempt, "note": str(each)[:500],
                "order": each.attempt.order if each.attempt else None,
                "whose": each.attempt.order.email if each.attempt else "",
                "amount": abs(
                    (each.theirs.captured - each.theirs.refunded)
                    - (each.ours.captured - each.ours.refunded)
                ),
                "currency": each.theirs.currency,
            },
        )  # fmt: skip
        if not is_new and item.state == MoneyState.SETTLED:
            books.filter(pk=item.pk).update(state=MoneyState.OPEN, closed_at=None)
    gone = [
        item.pk
        for item in books.filter(state=MoneyState.OPEN).exclude(dedupe_key__in=keys)
        if item.dedupe_key.split(":")[2] in compared.looked_at
    ]
    books.filter(pk__in=gone).update(state=MoneyState.SETTLED, closed_at=timezone.now())


def key_of(difference: Difference) -> str:
    """Names a matter of the inbox: the same payment with other figures is another one."""
    theirs, ours = difference.theirs, difference.ours
    figures = f"{theirs.captured}-{theirs.refunded}:{ours.captured}-{ours.refunded}"
    return f"books:{difference.provider}:{difference.key}:{figures}"
