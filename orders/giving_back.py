"""What a refund is for: lines, delivery, or a sum; and what of the goods goes back on the shelf."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from catalog.models import StockItem
from orders.fulfilment import derive_fulfilment_status
from orders.ledger import ZERO, left_to_pay, refundable_of, surplus_of
from orders.models import HELD_REFUNDS, Order, OrderLine, OrderStatus, Refund, RefundLine
from orders.refunds import RefundRefused, pour
from orders.tasks import refresh_after_order
from shop.money import round_money, split_money


@dataclass(frozen=True)
class Share:
    """So many of a line, or delivery (no line), for so much money."""

    amount: Decimal
    line: OrderLine | None = None
    quantity: int = 0
    restock: int = 0
    withheld: Decimal = ZERO


@transaction.atomic
def give_back(
    order: Order, *, units: Mapping[int, int] | None = None, restock: Mapping[int, int] | None = None,
    delivery: Decimal = ZERO, extra: Decimal = ZERO, withheld: Decimal = ZERO, are_back: bool = False,
    reason: str, actor: Any = None,
) -> list[Refund]:  # fmt: skip
    """
    Give back so many of each line (line pk → units), of the delivery, and an `extra` sum beside them.

    Each unit goes back once, for its share of what its line cost; of those given back, `restock` (line pk →
    units) go on the shelf. What has not been sent is sent no more, unless the units `are_back`: then they
    are of what was sent. In any partition a line gives back exactly what it cost, less what is `withheld` of
    it for good. Raises RefundRefused, and then nothing has changed.
    """
    order = Order.lock(order.pk)
    if order.revision and order.status == OrderStatus.CONFIRMED and left_to_pay(order):
        raise RefundRefused(
            _("Since it was changed, part of this order is not paid. Change it again instead.")
        )
    lines = {line.pk: line for line in order.lines.all()}
    asked = {pk: n for pk, n in (units or {}).items() if n}
    shelf = {pk: n for pk, n in (restock or {}).items() if n}
    if asked.keys() - lines.keys() or any(n > asked.get(pk, 0) for pk, n in shelf.items()):
        raise RefundRefused(_("No more can go back on the shelf than is refunded."))
    shares = [share_of(lines[pk], n, shelf.get(pk, 0)) for pk, n in sorted(asked.items())]
    shares = withhold(shares, withheld, order.currency)
    if delivery:
        if not 0 < delivery <= delivery_left(order):
            raise RefundRefused(_("That is more than delivery cost."))
        shares.append(Share(delivery))
    if extra < 0:
        raise RefundRefused(_("There is not that much to give back."))
    total = sum((share.amount for share in shares), extra)
    if not 0 < total <= refundable_of(order):
        raise RefundRefused(_("There is not that much to give back."))
    # A sum beside lines and delivery may be no more than what was paid too much.
    goodwill = max(extra - surplus_of(order), ZERO)
    made = pour(order, total, reason=reason, actor=actor, conceded=total - extra + goodwill)
    _write_lines(made, shares)
    for share in shares:
        if share.line:
            _count(share.line, share.quantity)
    _move_goods(order, shares, are_back, reason, actor)
    return made


def share_of(line: OrderLine, quantity: int, restock: int = 0) -> Share:
    """What the next `quantity` of a line are worth; the last one brings what is left of it to the cent."""
    so_far = line.quantity_refunded + quantity
    if quantity < 0 or so_far > line.quantity:
        raise RefundRefused(
            _("Of %(name)s there are %(count)d left to refund.")
            % {"name": line.name, "count": line.quantity - line.quantity_refunded}
        )
    due = (
        line.total if so_far == line.quantity else round_money(line.total * so_far / line.quantity)
    )
    return Share(max(due - _refunded_on(line), ZERO), line, quantity, restock)


def withhold(shares: list[Share], amount: Decimal, currency: str) -> list[Share]:
    """Keep `amount` of what the shares are worth, in proportion. Raises RefundRefused for more than all."""
    worth = [share.amount for share in shares]
    if not 0 <= amount <= sum(worth, ZERO):
        raise RefundRefused(_("No more can be withheld than the goods are worth."))
    parts = split_money(amount, worth, currency)
    return [
        replace(share, amount=share.amount - part, withheld=part)
        for share, part in zip(shares, parts, strict=True)
    ]


def delivery_left(order: Order) -> Decimal:
    """What of the price of delivery, with its tax, has not gone back."""
    goods = sum((line.total for line in order.lines.all()), ZERO)
    gone = _held(RefundLine.objects.filter(refund__attempt__order=order, order_line=None))
    return max(order.total - goods - gone, ZERO)


def _refunded_on(line: OrderLine) -> Decimal:
    """With what was withheld: that is settled as well."""
    return _held(line.refund_lines.all())


def _held(lines: Any) -> Decimal:
    held = lines.filter(refund__status__in=HELD_REFUNDS)
    return held.aggregate(all=Sum(F("amount") + F("withheld")))["all"] or ZERO


def _count(line: OrderLine, quantity: int) -> None:
    """Its CHECK has the last word: no unit is refunded twice."""
    OrderLine.objects.filter(pk=line.pk).update(quantity_refunded=F("quantity_refunded") + quantity)


def _write_lines(refunds: list[Refund], shares: list[Share]) -> None:
    """Where several payments give back, the money of a share may lie in two of them."""
    rooms = [refund.amount for refund in refunds]
    for share in shares:
        left = share.amount
        rows = []
        for place, refund in enumerate(refunds):
            part = min(left, rooms[place])
            if part > 0:
                rows.append(RefundLine(refund=refund, order_line=share.line, amount=part))
                rooms[place] -= part
                left -= part
        rows = rows or [RefundLine(refund=refunds[0], order_line=share.line, amount=ZERO)]
        rows[0].quantity, rows[0].restocked = share.quantity, share.restock
        rows[0].withheld = share.withheld
        RefundLine.objects.bulk_create(rows)


def _move_goods(order: Order, shares: list[Share], are_back: bool, reason: str, actor: Any) -> None:
    """
    What was not sent is not sent any more, and what came back is counted.

    Unsent goods lie on the shelf: those not to be sold again are taken off it. Sent goods are put on it.
    """
    unsent: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    back: Counter[int] = Counter()
    for share in shares:
        if not share.line:
            continue
        kept_here = 0 if are_back else min(share.quantity, share.line.quantity_to_send)
        came_back = max(share.restock - kept_here, 0)
        unsent[share.line.variant_id] += kept_here
        lost[share.line.variant_id] += kept_here - min(share.restock, kept_here)
        back[share.line.variant_id] += came_back
        OrderLine.objects.filter(pk=share.line.pk).update(
            quantity_cancelled=F("quantity_cancelled") + kept_here,
            quantity_returned=F("quantity_returned") + (share.quantity if are_back else came_back),
        )
    cause = f"order:{order.pk}:refunded:{order.events.count()}"
    StockItem.release({pk: n for pk, n in unsent.items() if n}, cause=cause, actor=actor)
    for pk, n in sorted(lost.items()):
        if n:
            StockItem.adjust(pk, -n, reason=reason, cause=cause, actor=actor)
    for pk, n in sorted(back.items()):
        if n:
            StockItem.receive(pk, n, cause=cause, reason=reason, actor=actor)
    if +unsent:
        derive_fulfilment_status(order)
    if +unsent or +back:
        refresh_after_order.enqueue(order.pk)
