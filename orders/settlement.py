"""
Money arrives: by webhook, by the browser's return, by the sweep that asks, or written down by staff.

All four end in `settle`, under the order's lock. A fact counts once; amounts are folded from all facts, so
that their order does not matter.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import OutOfStock, StockItem
from orders.challenges import note_failure
from orders.ledger import Ledger, derive_payment_status, left_to_pay, owed, refundable_of
from orders.mails import mail_order
from orders.models import (
    AttemptStatus,
    EventKind,
    MoneyKind,
    Order,
    OrderStatus,
    PaymentAttempt,
    PaymentEvent,
    PaymentStatus,
    WrongStatus,
    units_of,
)
from orders.payments import PROVIDERS, Fact
from orders.promotions import take_again
from orders.refunds import take_in_refunds
from orders.tasks import (
    close_outdated_payments_of,
    close_payments_of,
    refresh_after_order,
    release_payments_of,
    write_invoices_of,
)
from orders.unplaced import put_before_staff, return_or_keep, tell_of_dispute

# What an attempt has come to, by the strongest of its facts; the others may come before or after it.
RANKED = [
    (EventKind.CAPTURED, AttemptStatus.CAPTURED),
    (EventKind.VOIDED, AttemptStatus.VOIDED),
    (EventKind.AUTHORISED, AttemptStatus.AUTHORISED),
    (EventKind.FAILED, AttemptStatus.FAILED),
    (EventKind.LAPSED, AttemptStatus.ABANDONED),
]
FAILURES = {EventKind.FAILED, EventKind.DECLINED}
REFUND_KINDS = {EventKind.REFUNDED, EventKind.REFUND_FAILED}


@transaction.atomic
def settle(
    attempt: PaymentAttempt, facts: Sequence[Fact], *, source: str, actor: Any = None
) -> Order:
    """
    Take in what a provider tells of an attempt, and let the order follow.

    Replay-safe: a fact that is known changes nothing. An order that is paid is confirmed; money for an
    expired one takes the goods again, or goes back when they are gone; money for a cancelled one or above
    the total goes back or is put before staff, as the shop is set; money in another currency is put
    before staff.
    """
    order = Order.lock(attempt.order_id)
    news = [fact for fact in facts if _write_down(attempt, fact, source)]
    if not news:
        return order
    for fact in news:
        order.record(
            f"payment_{fact.kind}",
            actor=actor,
            amount=str(fact.amount),
            currency=fact.currency,
            source=source,
            failure=fact.failure,
        )
    if _move_attempt(attempt, news) & REFUND_KINDS:
        take_in_refunds(order, attempt, news)
    for fact in news:
        tell_of_dispute(order, attempt, fact)
    now = derive_payment_status(order)
    _follow_the_money(order, now, actor)
    too_many = [note_failure(order, fact.card) for fact in news if fact.kind in FAILURES]
    if any(too_many):
        close_payments_of.enqueue(order.pk)
    write_invoices_of.enqueue(order.pk)
    failed = any(fact.kind == EventKind.FAILED for fact in news)
    if failed and source != "return" and order.can_be_paid:  # Who returns reads it on the page.
        mail_order(order, "payment_failed", dedupe=f":{attempt.pk}")
    return order


def mark_paid(order: Order, *, actor: Any, note: str = "", amount: Decimal | None = None) -> Order:
    """
    Write down that the rest of an order was paid outside the shop.

    `amount` is what whoever says so has seen of it. Raises WrongStatus when it was not open, or when
    the rest is another by now.
    """
    with transaction.atomic():
        order = Order.lock(order.pk)
        rest = left_to_pay(order)
        if not order.can_be_paid or rest <= 0:
            raise WrongStatus(
                _("Order %(number)s does not wait for money.") % {"number": order.number}
            )
        if amount not in {None, rest}:
            raise WrongStatus(
                _("Order %(number)s waits for another sum by now.") % {"number": order.number}
            )
        attempt = offline_attempt(order, rest)
        if note:
            order.record("note", actor=actor, reason=note)
        fact = Fact(f"{attempt.provider}:{attempt.key}", EventKind.CAPTURED, rest, order.currency)
        return settle(attempt, [fact], source="staff", actor=actor)


def offline_attempt(order: Order, amount: Decimal) -> PaymentAttempt:
    """The attempt that money from the bank or the counter is booked on; the order has to be locked."""
    names = [name for name, each in PROVIDERS.items() if each.is_offline]
    # One that asked for less was begun before staff changed the order.
    waiting = order.attempts.filter(provider__in=names, amount__gte=amount)
    found = waiting.exclude(status=AttemptStatus.CAPTURED).first()
    method = order.payment_method if order.payment_method in names else "transfer"
    return found or PaymentAttempt.objects.create(
        order=order, provider=method, amount=amount, currency=order.currency
    )


def _write_down(attempt: PaymentAttempt, fact: Fact, source: str) -> bool:
    """Keep the fact; False when it is known already."""
    _event, is_new = PaymentEvent.objects.get_or_create(
        provider=attempt.provider,
        event_id=fact.event_id,
        defaults={
            "attempt": attempt, "kind": fact.kind, "amount": fact.amount, "currency": fact.currency,
            "source": source, "subject": fact.subject,
        },
    )  # fmt: skip
    return is_new


def _move_attempt(attempt: PaymentAttempt, news: Sequence[Fact]) -> set[str]:
    """
    Let the attempt follow its facts: its status, what was captured, and how its charge is called.

    Returns the kinds of all that is known of it.
    """
    events = attempt.events.values_list("kind", "amount", "currency")
    told = [(kind, amount, currency == attempt.currency) for kind, amount, currency in events]
    kinds = {kind for kind, _amount, _is_own in told}
    status = next((status for kind, status in RANKED if kind in kinds), None)
    captured = [each for kind, each, is_own in told if is_own and kind == EventKind.CAPTURED]
    changes: dict[str, Any] = {
        "captured": sum(captured, Decimal(0)),
        "checked_at": timezone.now(),
    }
    if status:
        changes["status"] = status
    if charge := next((fact.charge for fact in news if fact.charge), ""):
        changes["charge_reference"] = charge
    if kinds & {EventKind.CAPTURED, EventKind.AUTHORISED}:
        changes["failure"] = ""
    elif failures := [fact.failure for fact in news if fact.kind in FAILURES]:
        changes["failure"] = failures[-1][:250]
    PaymentAttempt.objects.filter(pk=attempt.pk).update(**changes)
    return kinds


def _follow_the_money(order: Order, now: Ledger, actor: Any) -> None:
    """By what ever came, not by what is left of it: what takes it back may be told first."""
    if order.payment_status == PaymentStatus.REVIEW:
        put_before_staff(order, MoneyKind.OTHER_CURRENCY)
        return
    if order.status == OrderStatus.PENDING and now.promised >= order.total:
        order.confirm(actor=actor)
        refresh_after_order.enqueue(order.pk)  # It counts as sold from now on.
    elif order.status == OrderStatus.PENDING and order.payment_status == PaymentStatus.AUTHORISED:
        close_outdated_payments_of.enqueue(order.pk)  # Staff have made it dearer meanwhile.
    elif order.status == OrderStatus.EXPIRED and refundable_of(order) >= order.total:
        _revive(order, actor)
    elif order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}:
        return_or_keep(order, MoneyKind.LATE, actor=actor)
        release_payments_of.enqueue(order.pk)
    if order.status != OrderStatus.CONFIRMED:
        return
    if order.payment_status == PaymentStatus.OVERPAID:
        return_or_keep(order, MoneyKind.TWICE, keep=owed(order), actor=actor)
    elif order.payment_status == PaymentStatus.VOIDED:
        put_before_staff(order, MoneyKind.LAPSED)


def follow_new_total(order: Order, *, actor: Any) -> None:
    """The order costs something else by now: let its state follow. The order has to be locked."""
    _follow_the_money(order, derive_payment_status(order), actor)
    write_invoices_of.enqueue(order.pk)


def _revive(order: Order, actor: Any) -> None:
    """Money came after the order had expired: take the goods again, or give the money back."""
    try:
        revive(order, actor=actor)
    except OutOfStock:
        return_or_keep(order, MoneyKind.LATE, actor=actor)


def revive(order: Order, *, actor: Any = None) -> None:
    """
    Confirm an expired order whose money is here, with its goods taken again. The order has to be locked.

    Raises OutOfStock, or WrongStatus for one that did not expire; nothing has changed then.
    """
    with transaction.atomic():
        take_again(order)
        StockItem.allocate(
            units_of(order.lines.all()),
            cause=f"order:{order.pk}:revived:{order.events.count()}",
            actor=actor,
        )
        order.confirm(actor=actor)
    refresh_after_order.enqueue(order.pk)
    write_invoices_of.enqueue(order.pk)
