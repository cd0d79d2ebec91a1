"""
Staff change what an order is of, while something of it is still to be sent.

The order keeps its number, its link and its payments; what it costs now is a new revision of it. The
difference is charged or goes back. What would need more than a difference is refused: see `why_not`.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import OutOfStock, StockItem
from orders.editing.sums import Changes, Edit, EditRefused, edited
from orders.fulfilment import derive_fulfilment_status
from orders.ledger import left_to_pay, surplus_of
from orders.mails import mail_order
from orders.models import (
    EventKind,
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderStatus,
    PaymentEvent,
    PaymentStatus,
    PromotionUse,
    Refund,
)
from orders.payments import PROVIDERS
from orders.refunds import pour
from orders.settlement import follow_new_total
from orders.tasks import close_outdated_payments_of, expire_order, refresh_after_order
from shop.models import ShopSettings
from shop.money import format_money

OPEN = {OrderStatus.PENDING, OrderStatus.CONFIRMED}
TO_SEND = {FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIAL}
PLAIN = {
    PaymentStatus.PENDING,
    PaymentStatus.PART_PAID,
    PaymentStatus.PAID,
    PaymentStatus.OVERPAID,
}
DISPUTES = [EventKind.DISPUTED, EventKind.DISPUTE_LOST, EventKind.DISPUTE_WON]


class EditChanged(EditRefused):
    """It comes to something else than was confirmed; `edit` is what it comes to now."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        super().__init__(_("The order has changed meanwhile. Please look at the sums again."))


def preview(order: Order, changes: Changes) -> Edit:
    """What the order would be and cost with the changes. Raises EditRefused."""
    _refuse(order)
    return edited(order, changes)


@transaction.atomic
def edit_lines(
    order: Order, changes: Changes, *, agreed: tuple[Decimal, Decimal], actor: Any, reason: str
) -> Order:
    """
    Take units out of an order that are not sent, and put others in.

    `agreed` are total and balance as its preview said: EditChanged is raised when they are others by now.
    Goods are freed and promised, what was paid too much goes back the way it came, what is missing is asked
    for by mail; until it is paid nothing is sent. Raises EditRefused, OutOfStock or RefundRefused, and then
    nothing has changed.
    """
    order = Order.lock(order.pk)
    edit = preview(order, changes)
    if edit.agreed != agreed:
        raise EditChanged(edit)
    if not edit.released and not edit.wanted:
        raise EditRefused(_("Nothing would be different."))
    before = order.total
    gone = {line.variant.product_id for line in edit.gone}
    _write_sums(order, edit)
    if edit.to_give_back:
        words = _("The order was changed")  # The customer reads it; the reason is for staff.
        pour(order, edit.to_give_back, reason=words, actor=actor, of_edit=True)
    _write_reductions(order, edit)
    _move_goods(order, edit, actor)
    _write_lines(order, edit)
    derive_fulfilment_status(order)
    order.record(
        "edited", actor=actor, reason=reason, change=_change(order, before),
        units={str(pk): n for pk, n in (edit.wanted - edit.released).items()},
        fewer={str(pk): n for pk, n in (edit.released - edit.wanted).items()},
    )  # fmt: skip
    _hold_longer(order)
    follow_new_total(order, actor=actor)
    close_outdated_payments_of.enqueue(order.pk)
    refresh_after_order.enqueue(order.pk, sorted(gone))
    mail_order(
        order, "order_edited", dedupe=f":{order.revision}", left=left_to_pay(order),
        refunded=edit.to_give_back,
    )  # fmt: skip
    return order


def why_not(order: Order) -> str:
    """Why the lines of an order cannot be changed, in words for staff; nothing where they can."""
    if order.status not in OPEN or order.fulfilment_status not in TO_SEND:
        return _("Only an open order of which something is still to be sent can be changed.")
    if order.payment_status == PaymentStatus.AUTHORISED:
        return _("Its money is only reserved. Send what was agreed, or cancel it and place anew.")
    if order.payment_status not in PLAIN or surplus_of(order):
        return _("Its money has to be cleared up first: look at its payments.")
    if Refund.objects.filter(attempt__order=order, of_edit=False).exists():
        return _("Money of it has gone back. Refund more of it, or place another order.")
    if PaymentEvent.objects.filter(attempt__order=order, kind__in=DISPUTES).exists():
        return _("Its payment is disputed at the bank.")
    return ""


def _refuse(order: Order) -> None:
    if words := why_not(order):
        raise EditRefused(words)


def _write_sums(order: Order, edit: Edit) -> None:
    order.revision += 1
    order.subtotal, order.discount_total = edit.subtotal, edit.discount_total
    order.tax_total, order.total, order.trace = edit.tax_total, edit.total, edit.trace
    order.save(
        update_fields=["revision", "subtotal", "discount_total", "tax_total", "total", "trace"]
    )


def _write_reductions(order: Order, edit: Edit) -> None:
    """The uses of promotions explain the discount, which may be less by now."""
    for use in PromotionUse.objects.filter(order=order).order_by("promotion_id"):
        amount = edit.reductions.get(use.promotion_id, use.goods_amount)
        PromotionUse.objects.filter(pk=use.pk).update(goods_amount=amount)


def _move_goods(order: Order, edit: Edit, actor: Any) -> None:
    """Free and promise, all shelves taken in one turn, so that two edits never wait for each other."""
    both = {*edit.released, *edit.wanted}
    shelves = StockItem.objects.filter(variant_id__in=both).order_by("variant_id")
    list(shelves.select_for_update(no_key=True).values_list("pk"))
    cause = f"order:{order.pk}:edited:{order.events.count()}"
    StockItem.release(edit.released, cause=cause, actor=actor)
    try:
        StockItem.allocate(edit.wanted, cause=cause, actor=actor)
    except OutOfStock as short:
        names = {line.variant_id: line.name for line in edit.lines}
        raise EditRefused(
            _("There is not so much of %(name)s on the shelf.") % {"name": names[short.variant_id]}
        ) from short


def _write_lines(order: Order, edit: Edit) -> None:
    OrderLine.objects.filter(pk__in=[line.pk for line in edit.gone]).delete()
    for line in edit.lines:
        line.revision = order.revision
        if line.pk:
            line.save(
                update_fields=["quantity", "subtotal", "discount", "tax", "total", "revision"]
            )
    OrderLine.objects.bulk_create(line for line in edit.lines if not line.pk)


def _hold_longer(order: Order) -> None:
    """Whoever has not paid yet has as long for the new total as for the first."""
    if order.status != OrderStatus.PENDING:
        return
    method = PROVIDERS.get(order.payment_method)
    minutes = (method.hold_minutes if method else None) or ShopSettings.load().hold_minutes
    until = timezone.now() + timedelta(minutes=minutes)
    order.expires_at = max(order.expires_at or until, until)
    order.save(update_fields=["expires_at"])
    expire_order.using(run_after=order.expires_at).enqueue(order.pk)


def _change(order: Order, before: Decimal) -> str:
    return " → ".join(format_money(each, order.currency) for each in (before, order.total))
