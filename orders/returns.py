"""
Goods come back: asked for by the shopper, answered by staff, received, and refunded by `orders.giving_back`.

How many of a line were ever asked back is counted on the line, by an UPDATE with a condition and under a
CHECK: no more can be sent back than was sent, in however many windows it is asked for.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import StockItem
from orders.giving_back import give_back
from orders.ledger import ZERO
from orders.mails import mail_order
from orders.models import (
    HELD_REFUNDS,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundStatus,
    Return,
    ReturnLine,
    ReturnReason,
    ReturnStatus,
    WrongStatus,
)
from orders.returnable import is_in_time, is_withdrawal, returnable


class ReturnRefused(Exception):
    """It cannot be sent back, or not that many; nothing has changed."""


@transaction.atomic
def ask(
    order: Order, quantities: Mapping[int, int], *, reason: str, note: str = "", actor: Any = None
) -> Return:
    """
    Ask to send back so many of each line (line pk → quantity) of what has been sent.

    Raises ReturnRefused when the days for it are over, and for more than there is to send back.
    """
    order = Order.lock(order.pk)
    asked = {pk: n for pk, n in quantities.items() if n}
    left = returnable(order)
    if order.status != OrderStatus.CONFIRMED or not is_in_time(order):
        raise ReturnRefused(_("This order cannot be sent back any more. Please write to us."))
    if not asked or any(not 0 < n <= left.get(pk, 0) for pk, n in asked.items()):
        raise ReturnRefused(_("That is not what can be sent back of this order."))
    for pk, n in sorted(asked.items()):
        _count(pk, n)
    last = order.returns.aggregate(last=Max("seq"))["last"] or 0
    made = Return.objects.create(
        order=order, seq=last + 1, reason=reason, note=note,
        is_withdrawal=reason == ReturnReason.CHANGED_MIND and is_withdrawal(order),
    )  # fmt: skip
    ReturnLine.objects.bulk_create(
        ReturnLine(of_return=made, order_line_id=pk, quantity=n) for pk, n in sorted(asked.items())
    )
    _tell(made, "return_requested", actor=actor, reason=note[:500])
    return made


@transaction.atomic
def approve(return_: Return, *, actor: Any) -> Return:
    """Agree to it: the shopper is told where to send the goods. Raises WrongStatus."""
    return_ = _locked(return_, ReturnStatus.REQUESTED)
    _move(return_, ReturnStatus.APPROVED, approved_at=timezone.now())
    _tell(return_, "return_approved", actor=actor)
    return return_


@transaction.atomic
def reject(return_: Return, *, why: str, actor: Any) -> Return:
    """Refuse it, with a reason that the shopper reads. Raises WrongStatus, always for a withdrawal in time."""
    return_ = _locked(return_, ReturnStatus.REQUESTED, ReturnStatus.APPROVED)
    if return_.is_withdrawal:
        raise WrongStatus(
            _("Return %(number)s is a withdrawal within fourteen days: the law gives no reason to reject it.")
            % {"number": return_.number}
        )  # fmt: skip
    _let_go(return_)
    _move(return_, ReturnStatus.REJECTED, answer=why, closed_at=timezone.now())
    _tell(return_, "return_rejected", actor=actor, reason=why)
    return return_


@transaction.atomic
def call_off(return_: Return, *, actor: Any = None) -> Return:
    """The shopper keeps the goods after all. Raises WrongStatus."""
    return_ = _locked(return_, ReturnStatus.REQUESTED, ReturnStatus.APPROVED)
    _let_go(return_)
    _move(return_, ReturnStatus.CANCELLED, closed_at=timezone.now())
    return_.order.record("return_cancelled", actor=actor, number=return_.number)
    return return_


@transaction.atomic
def receive(
    return_: Return, received: Mapping[int, int], *, restock: Mapping[int, int] | None = None,
    delivery: Decimal = ZERO, withheld: Decimal = ZERO, answer: str = "", actor: Any,
) -> Return:  # fmt: skip
    """
    Take in what came back (order line pk → units), put `restock` of it on the shelf, and refund it.

    What did not come is not refunded, and can be asked back again. `delivery` goes back beside the goods;
    `withheld` is kept, such as for postage or for what was used. Units whose money has gone back before are
    taken in alone. Raises WrongStatus, ReturnRefused or RefundRefused.
    """
    return_ = _locked(return_, ReturnStatus.REQUESTED, ReturnStatus.APPROVED)
    lines = {line.order_line_id: line for line in return_.lines.select_related("order_line")}
    came = {pk: n for pk, n in received.items() if n}
    shelf = {pk: n for pk, n in (restock or {}).items() if n}
    _check_receipt(lines, came, shelf)
    for pk, line in lines.items():
        line.received, line.restocked = came.get(pk, 0), shelf.get(pk, 0)
        line.save(update_fields=["received", "restocked"])
        _count(pk, line.received - line.quantity)
    refunds = _refund(return_.order, lines, delivery, withheld, answer or return_.number, actor)
    Refund.objects.filter(pk__in=[each.pk for each in refunds]).update(of_return=return_)
    _take_in_unpaid(return_, lines, refunds, actor)
    _move(return_, ReturnStatus.RECEIVED, received_at=timezone.now(), answer=answer)
    amount = sum((each.amount for each in refunds), ZERO)
    _tell(return_, "return_received", actor=actor, reason=answer, amount=amount)
    if not refunds:
        _move(return_, ReturnStatus.REFUNDED, closed_at=timezone.now())
    return return_


def finish(order: Order, refund: Refund) -> None:
    """A refund went through: the return that it belongs to is done with the last one. The order is locked."""
    return_ = refund.of_return
    if return_ is None:
        return
    held = return_.refunds.filter(status__in=HELD_REFUNDS)
    if held.exclude(status=RefundStatus.SUCCEEDED).exists():
        return
    done = Return.objects.filter(pk=return_.pk, status=ReturnStatus.RECEIVED)
    if done.update(status=ReturnStatus.REFUNDED, closed_at=timezone.now()):
        order.record("return_refunded", number=return_.number)


def _locked(return_: Return, *allowed: ReturnStatus) -> Return:
    """The return as it is now, its order locked first; WrongStatus unless it is in one of these."""
    order = Order.lock(return_.order_id)
    found = order.returns.select_for_update(no_key=True, of=("self",)).get(pk=return_.pk)
    found.order = order
    if found.status not in allowed:
        raise WrongStatus(
            _("Return %(number)s is %(status)s already.")
            % {"number": found.number, "status": found.get_status_display()}
        )
    return found


def _move(return_: Return, status: ReturnStatus, **changes: Any) -> None:
    return_.status = status
    for name, value in changes.items():
        setattr(return_, name, value)
    return_.save(update_fields=["status", *changes])


def _count(line_pk: int, n: int) -> None:
    """Count units as asked back, or fewer of them; the database refuses more than were sent."""
    room = OrderLine.objects.filter(pk=line_pk, quantity_shipped__gte=F("quantity_asked_back") + n)
    if not room.update(quantity_asked_back=F("quantity_asked_back") + n):
        raise ReturnRefused(_("That is not what can be sent back of this order."))


def _let_go(return_: Return) -> None:
    for line in return_.lines.order_by("order_line_id"):
        _count(line.order_line_id, -line.quantity)


def _check_receipt(
    lines: Mapping[int, ReturnLine], came: Mapping[int, int], shelf: Mapping[int, int]
) -> None:
    if not came:
        raise ReturnRefused(_("Say what came back. If nothing did, reject the return."))
    for pk, n in came.items():
        line = lines.get(pk)
        if line is None or not 0 < n <= line.quantity:
            raise ReturnRefused(_("No more can be received than was asked for."))
        sold = line.order_line
        if sold.quantity_returned + n > sold.quantity_shipped:
            raise ReturnRefused(
                _("Of %(name)s no more can come back: the rest was taken back with a refund.")
                % {"name": sold.name}
            )
    if any(n > came.get(pk, 0) for pk, n in shelf.items()):
        raise ReturnRefused(_("No more can go back on the shelf than came."))


def _payable(line: ReturnLine) -> int:
    """How many of what came have not been paid back yet."""
    return min(line.received, line.order_line.quantity - line.order_line.quantity_refunded)


def _refund(
    order: Order, lines: Mapping[int, ReturnLine], delivery: Decimal, withheld: Decimal,
    reason: str, actor: Any,
) -> list[Refund]:  # fmt: skip
    units = {pk: n for pk, line in lines.items() if (n := _payable(line))}
    if not units:
        return []
    restock = {pk: min(lines[pk].restocked, n) for pk, n in units.items()}
    return give_back(
        order, units=units, restock=restock, delivery=delivery, withheld=withheld, are_back=True,
        reason=reason, actor=actor,
    )  # fmt: skip


def _take_in_unpaid(
    return_: Return, lines: Mapping[int, ReturnLine], refunds: list[Refund], actor: Any
) -> None:
    """What was refunded before it came is counted and put on the shelf here."""
    cause = f"order:{return_.order_id}:returned:{return_.seq}"
    for pk, line in sorted(lines.items()):
        paid = _payable(line)
        if rest := line.received - paid:
            OrderLine.objects.filter(pk=pk).update(quantity_returned=F("quantity_returned") + rest)
            if shelf := max(line.restocked - paid, 0):
                variant = line.order_line.variant_id
                StockItem.receive(variant, shelf, cause=cause, reason=return_.number, actor=actor)


def _tell(return_: Return, kind: str, *, actor: Any, reason: str = "", **context: Any) -> None:
    """Write it into the order's history, and to the shopper, once for each step."""
    order = return_.order
    order.record(kind, actor=actor, reason=reason[:500], number=return_.number)
    dedupe = f":{return_.seq}"
    lines = list(return_.lines.select_related("order_line"))
    mail_order(order, kind, back=return_, back_lines=lines, dedupe=dedupe, **context)
