"""
Money goes back: reserved under the order's lock, sent outside it, told by the provider like any fact.

What an attempt gives back is counted on its row, by an UPDATE with a condition and under a CHECK: no two
refunds can reserve the same cent. `orders.giving_back` says what a refund is for.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.ledger import ZERO, refundable
from orders.mails import mail_order
from orders.models import (
    HELD_REFUNDS,
    EventKind,
    MoneyKind,
    Order,
    OrderLine,
    PaymentAttempt,
    Refund,
    RefundStatus,
)
from orders.payments import Fact, ProviderRefused, ProviderUnavailable, provider

logger = structlog.get_logger(__name__)

UNDER_WAY = [RefundStatus.RESERVED, RefundStatus.SENT]


class RefundRefused(Exception):
    """More than there is to give back; nothing has changed."""


@transaction.atomic
def refund(
    attempt: PaymentAttempt, amount: Decimal, *, reason: str, actor: Any = None,
    conceded: Decimal = ZERO, of_edit: bool = False,
) -> Refund:  # fmt: skip
    """
    Reserve `amount` of an attempt's money and send it back after the commit.

    By `conceded` of it the order is to cost less from now on; with `of_edit` it costs less already. Raises
    RefundRefused.
    """
    from orders.tasks import send_refund

    order = Order.lock(attempt.order_id)
    if amount <= 0 or amount > refundable(attempt) or not take(attempt, amount):
        raise RefundRefused(_("There is not that much to give back."))
    reserved = Refund.objects.create(
        attempt=attempt,
        amount=amount,
        conceded=conceded,
        of_edit=of_edit,
        reason=reason,
        actor=actor,
    )
    order.record("refund_reserved", actor=actor, reason=reason, amount=str(amount))
    send_refund.enqueue(reserved.pk)
    return reserved


def take(attempt: PaymentAttempt, amount: Decimal) -> bool:
    """Count `amount` as given back; False, and nothing changed, where that much has not been captured."""
    room = PaymentAttempt.objects.filter(pk=attempt.pk, captured__gte=F("given_back") + amount)
    return bool(room.update(given_back=F("given_back") + amount))


def pour(
    order: Order, amount: Decimal, *, reason: str, actor: Any = None, online_only: bool = False,
    conceded: Decimal = ZERO, of_edit: bool = False,
) -> list[Refund]:  # fmt: skip
    """
    Give back `amount` of an order's money, the latest payment first. The order has to be locked.

    What came by gift card goes back last, and to the card. By `conceded` of it the order is to cost less
    from now on; the rest was never owed. Returns a refund for each payment that it takes. Raises
    RefundRefused when there is less.
    """
    made = []
    for attempt in sorted(order.attempts.all(), key=turn_of):
        if online_only and provider(attempt.provider).is_offline:
            continue
        part = min(amount, refundable(attempt))
        if part > 0:
            given = min(part, conceded)
            made.append(
                refund(attempt, part, reason=reason, actor=actor, conceded=given, of_edit=of_edit)
            )
            amount -= part
            conceded -= given
    if amount > 0:
        raise RefundRefused(_("There is not that much to give back."))
    return made


def turn_of(attempt: PaymentAttempt) -> tuple[bool, int]:
    """Sorts payments in the order in which they give back: money, the latest first, then gift cards."""
    return attempt.is_gift_card, -attempt.pk


def refund_all(
    order: Order, *, reason: str, actor: Any = None, keep: Decimal = ZERO, online_only: bool = False
) -> Decimal:
    """Give back all that was paid for the order except `keep`; returns how much."""
    attempts = [
        attempt
        for attempt in order.attempts.all()
        if not (online_only and provider(attempt.provider).is_offline)
    ]
    everything = sum(map(refundable, order.attempts.all()), ZERO) - keep
    total = max(min(everything, sum(map(refundable, attempts), ZERO)), ZERO)
    pour(order, total, reason=reason, actor=actor, online_only=online_only)
    return total


def send(pk: int) -> None:
    """
    Ask the provider to send a reserved refund; safe to repeat, since the refund's key names it there too.

    One that the provider refuses has failed, and is put before staff. Raises ProviderUnavailable, with the
    refund left as sent, to be asked again.
    """
    from orders.settlement import settle
    from orders.unplaced import ask_for_transfer

    reserved = Refund.objects.select_related("attempt__order").get(pk=pk)
    if reserved.status not in UNDER_WAY:
        return
    # The row as it was read tells the provider whether this was tried before.
    Refund.objects.filter(pk=pk, status=RefundStatus.RESERVED).update(status=RefundStatus.SENT)
    sender = provider(reserved.attempt.provider)
    try:
        fact = sender.refund(reserved)
    except ProviderRefused as refusal:
        fail(reserved, str(refusal))
        return
    if fact:
        settle(reserved.attempt, [fact], source="provider", actor=reserved.actor)
    elif sender.is_offline:
        ask_for_transfer(reserved)


def send_all() -> int:
    """Send every refund that is reserved, or whose end is not known yet; returns how many went through."""
    done = 0
    waiting = Refund.objects.filter(status__in=UNDER_WAY).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            send(pk)
        except ProviderUnavailable:
            continue
        except Exception:  # One that cannot be read must not keep the others waiting.
            logger.exception("refund_not_sent", refund=pk)
            continue
        done += Refund.objects.filter(pk=pk, status=RefundStatus.SUCCEEDED).exists()
    return done


def confirm_by_hand(refund: Refund, *, actor: Any) -> None:
    """Write down that staff have sent a refund by hand. Raises RefundRefused for one that is over."""
    from orders.settlement import settle

    with transaction.atomic():
        Order.lock(refund.attempt.order_id)
        if not Refund.objects.filter(pk=refund.pk, status__in=UNDER_WAY).exists():
            raise RefundRefused(_("That refund is over already."))
        done = f"refund:{refund.key}"
        fact = Fact(
            done, EventKind.REFUNDED, refund.amount, refund.attempt.currency,
            subject=done, refund_key=str(refund.key),
        )  # fmt: skip
        settle(refund.attempt, [fact], source="staff", actor=actor)


@transaction.atomic
def fail(refund: Refund, why: str) -> None:
    """A refund came to nothing: its money, and the lines it was for, can be refunded again."""
    from orders.unplaced import put_before_staff

    order = Order.lock(refund.attempt.order_id)
    held = Refund.objects.filter(pk=refund.pk, status__in=HELD_REFUNDS)
    if not held.update(status=RefundStatus.FAILED, failure=why[:250], done_at=None):
        return
    PaymentAttempt.objects.filter(pk=refund.attempt_id).update(
        given_back=F("given_back") - refund.amount
    )
    for line in refund.lines.filter(order_line__isnull=False, quantity__gt=0):
        OrderLine.objects.filter(refund_lines=line).update(
            quantity_refunded=F("quantity_refunded") - line.quantity
        )
    order.record("refund_failed", reason=why[:500], amount=str(refund.amount))
    put_before_staff(order, MoneyKind.REFUND_FAILED, refund=refund, amount=refund.amount)


def take_in_refunds(order: Order, attempt: PaymentAttempt, news: Sequence[Fact]) -> None:
    """
    Let refunds follow what is told of them. The order has to be locked.

    One that was begun at the provider gets a row here as soon as the money it gives back is known: it may
    be told of before the payment itself.
    """
    for fact in news:
        if fact.kind == EventKind.REFUNDED and fact.refund_key:
            ours = attempt.refunds.filter(key=fact.refund_key, status__in=UNDER_WAY)
            name = fact.subject or fact.event_id
            if ours.update(
                status=RefundStatus.SUCCEEDED, reference=name, done_at=timezone.now(), failure=""
            ):
                tell(order, attempt.refunds.get(key=fact.refund_key))
    _take_in_others(order, attempt)
    failed = attempt.events.filter(kind=EventKind.REFUND_FAILED).values("subject")
    for each in attempt.refunds.filter(status__in=HELD_REFUNDS, reference__in=failed):
        fail(each, _("The provider says that it failed."))


def _take_in_others(order: Order, attempt: PaymentAttempt) -> None:
    """Refunds that were begun at the provider, not here."""
    events = attempt.events.filter(kind=EventKind.REFUNDED, currency=attempt.currency)
    known = set(attempt.refunds.values_list("reference", flat=True))
    for event in events:
        name = event.subject or event.event_id
        if name in known or not take(attempt, event.amount):
            continue
        made = Refund.objects.create(
            attempt=attempt, amount=event.amount, reference=name, status=RefundStatus.SUCCEEDED,
            reason=_("Refunded at %(provider)s") % {"provider": attempt.provider},
            done_at=timezone.now(),
        )  # fmt: skip
        tell(order, made)


def tell(order: Order, refund: Refund) -> None:
    """Write to the shopper that money is on its way, once for each refund; a return may be done with it."""
    from orders.returns import finish

    mail_order(
        order, "order_refunded", refund=refund, dedupe=f":{refund.pk}",
        attachments=[f"refund:{refund.pk}"],
    )  # fmt: skip
    finish(order, refund)
