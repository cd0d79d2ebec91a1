"""
The money inbox: what the shop cannot place by itself goes back, or before staff.

Money that came online goes back by itself where the shop is set so; what came by bank or over the counter
only people can send back.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import OutOfStock
from orders.ledger import ZERO, refundable_of, surplus_of
from orders.mails import mail_dispute
from orders.models import (
    EventKind,
    MoneyKind,
    MoneyState,
    Order,
    OrderStatus,
    PaymentAttempt,
    Refund,
    UnplacedMoney,
    WrongStatus,
)
from orders.payments import Fact
from orders.refunds import RefundRefused, confirm_by_hand, pour, refund_all
from shop.models import ShopSettings

REASONS = {
    MoneyKind.LATE: gettext_lazy("Paid after the order was given up"),
    MoneyKind.TWICE: gettext_lazy("Paid twice"),
}
# Kinds whose money is still here and can be sent back from the inbox.
RETURNABLE = {MoneyKind.LATE, MoneyKind.TWICE, MoneyKind.REFUND_FAILED}
FROM_BANK = {MoneyKind.UNKNOWN, MoneyKind.OTHER_AMOUNT}


def return_or_keep(
    order: Order, kind: MoneyKind, *, keep: Decimal = ZERO, actor: Any = None
) -> None:
    """
    Give back what an order was paid beyond `keep`, or put it before staff. The order has to be locked.

    What has no surplus, and what staff have decided to keep, is left alone.
    """
    if UnplacedMoney.objects.filter(order=order, kind=kind, state=MoneyState.TAKEN).exists():
        return
    if ShopSettings.load().return_unplaced_money:
        reason = str(REASONS[kind])
        refund_all(order, reason=reason, actor=actor, keep=keep, online_only=True)
    surplus = refundable_of(order) - keep
    if surplus > 0:
        put_before_staff(order, kind, amount=surplus)


def put_before_staff(
    order: Order, kind: MoneyKind, *, amount: Decimal | None = None, refund: Refund | None = None,
    attempt: PaymentAttempt | None = None, subject: str = "", note: str = "",
) -> UnplacedMoney:  # fmt: skip
    """Add a matter to the inbox; one that lies there open is brought up to date."""
    about = subject or (f"refund-{refund.pk}" if refund else "")
    key = f"order:{order.pk}:{kind}:{about}"
    closed = UnplacedMoney.objects.filter(dedupe_key__startswith=key).exclude(state=MoneyState.OPEN)
    if number := closed.count():
        key = f"{key}:{number + 1}"
    item, _is_new = UnplacedMoney.objects.update_or_create(
        dedupe_key=key,
        defaults={
            "kind": kind, "order": order, "attempt": attempt, "refund": refund, "whose": order.email,
            "amount": order.total if amount is None else amount, "currency": order.currency,
            "note": note[:500],
        },
    )  # fmt: skip
    return item


def tell_of_dispute(order: Order, attempt: PaymentAttempt, fact: Fact) -> None:
    """Put a dispute before staff, in the inbox and by mail; one that is over leaves the inbox."""
    if fact.kind == EventKind.DISPUTED:
        item = put_before_staff(
            order, MoneyKind.DISPUTE, amount=fact.amount, attempt=attempt, subject=fact.subject,
            note=fact.failure,
        )  # fmt: skip
        over = attempt.events.filter(
            subject=fact.subject, kind__in=[EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST]
        )
        if over.exists():
            _close(item, MoneyState.SETTLED, None)
    elif fact.kind in {EventKind.DISPUTE_WON, EventKind.DISPUTE_LOST}:
        for item in UnplacedMoney.objects.filter(
            dedupe_key=f"order:{order.pk}:{MoneyKind.DISPUTE}:{fact.subject}", state=MoneyState.OPEN
        ):
            _close(item, MoneyState.SETTLED, None)
    else:
        return
    shop = ShopSettings.load()
    if shop.email:
        mail_dispute(order, fact, to=shop.email)


def ask_for_transfer(refund: Refund) -> None:
    """Ask staff to send a refund by hand."""
    with transaction.atomic():
        order = Order.lock(refund.attempt.order_id)
        put_before_staff(
            order, MoneyKind.BY_HAND, refund=refund, attempt=refund.attempt, amount=refund.amount,
            note=refund.reason,
        )  # fmt: skip


def take_on(item: UnplacedMoney, *, number: str = "", actor: Any) -> None:
    """
    Keep the money: a late order is confirmed, money from the bank is booked on order `number`, a refund
    sent by hand is done, and all else is noted as seen. Raises WrongStatus, OutOfStock or RefundRefused.
    """
    from orders.bank.booking import book_on
    from orders.settlement import revive

    with transaction.atomic():
        item = _locked(item)
        if item.kind in FROM_BANK:
            book_on(item, number or (item.order.number if item.order else ""), actor=actor)
        elif item.kind == MoneyKind.BY_HAND and item.refund:
            confirm_by_hand(item.refund, actor=actor)
        elif item.kind == MoneyKind.LATE and item.order:
            order = Order.lock(item.order.pk)
            if order.status != OrderStatus.EXPIRED or refundable_of(order) < order.total:
                raise WrongStatus(
                    _("Order %(number)s cannot be taken up again.") % {"number": order.number}
                )
            try:
                revive(order, actor=actor)
            except OutOfStock as sold_out:
                raise WrongStatus(_("Its goods are sold by now.")) from sold_out
        _close(item, MoneyState.TAKEN, actor)


def send_back(item: UnplacedMoney, *, actor: Any) -> None:
    """Give the money back; what came by bank for no order is noted as sent by hand. Raises RefundRefused."""
    with transaction.atomic():
        item = _locked(item)
        if item.kind in RETURNABLE and item.order:
            order = Order.lock(item.order.pk)
            is_twice = item.kind == MoneyKind.TWICE
            amount = min(item.amount, surplus_of(order) if is_twice else refundable_of(order))
            if amount <= 0:
                raise RefundRefused(_("There is nothing left to give back."))
            pour(order, amount, reason=item.get_kind_display(), actor=actor)
        elif item.kind not in FROM_BANK:
            raise RefundRefused(_("There is nothing to give back here."))
        _close(item, MoneyState.RETURNED, actor)


def _locked(item: UnplacedMoney) -> UnplacedMoney:
    """The row as it is now; raises WrongStatus when somebody has decided already."""
    if item.order_id:
        Order.lock(item.order_id)  # The order comes first in the order of locks.
    found = UnplacedMoney.objects.select_for_update(no_key=True, of=("self",)).get(pk=item.pk)
    if found.state != MoneyState.OPEN:
        raise WrongStatus(_("That has been decided already."))
    return found


def _close(item: UnplacedMoney, state: MoneyState, actor: Any) -> None:
    item.state, item.closed_at, item.closed_by = state, timezone.now(), actor
    item.save(update_fields=["state", "closed_at", "closed_by"])
