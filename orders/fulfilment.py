"""Parcels leave and arrive."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import StockItem
from orders.mails import mail_order
from orders.models import (
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
    WrongStatus,
)
from orders.returnable import return_until
from orders.tasks import refresh_after_order

# Part of the money is missing where staff have added something to a paid order.
NOT_PAID = {PaymentStatus.AUTHORISED, PaymentStatus.VOIDED, PaymentStatus.PART_PAID}


@transaction.atomic
def ship(
    order: Order, quantities: Mapping[int, int] | None = None, *, actor: Any,
    carrier: str = "", tracking_number: str = "", tracking_url: str = "",
) -> Shipment:  # fmt: skip
    """
    Send lines of a confirmed order (line pk → quantity; None for all that is left) in one parcel.

    The goods leave the shelf. Raises WrongStatus for an order that is not confirmed or asks for more than
    is left to send, and StockRefused when goods are not on the shelf.
    """
    order = Order.lock(order.pk)
    if order.status != OrderStatus.CONFIRMED:
        raise WrongStatus(_("Order %(number)s is not confirmed.") % {"number": order.number})
    if order.payment_status in NOT_PAID:
        raise WrongStatus(_("Order %(number)s is not paid.") % {"number": order.number})
    lines = {line.pk: line for line in order.lines.all()}
    if quantities is None:
        quantities = {pk: line.quantity_to_send for pk, line in lines.items()}
    sent = {pk: quantity for pk, quantity in quantities.items() if quantity}
    if not sent or any(
        pk not in lines or not 0 < sent[pk] <= lines[pk].quantity_to_send for pk in sent
    ):
        raise WrongStatus(
            _("That is not what is left to send of order %(number)s.") % {"number": order.number}
        )

    goods: Counter[int] = Counter()
    for pk, quantity in sent.items():  # A gift may be what was bought as well.
        goods[lines[pk].variant_id] += quantity
    StockItem.ship(goods, cause=f"order:{order.pk}:shipped:{order.events.count()}", actor=actor)
    shipment = Shipment.objects.create(
        order=order, status=ShipmentStatus.SHIPPED, carrier=carrier, tracking_number=tracking_number,
        tracking_url=tracking_url, shipped_at=timezone.now(),
    )  # fmt: skip
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=pk, quantity=quantity)
        for pk, quantity in sent.items()
    )
    for pk, quantity in sent.items():
        OrderLine.objects.filter(pk=pk).update(quantity_shipped=F("quantity_shipped") + quantity)
    derive_fulfilment_status(order)
    order.record("shipped", actor=actor, shipment=shipment.pk, tracking=tracking_number)
    mail_order(order, "order_shipped", shipment=shipment, dedupe=f":{shipment.pk}")
    refresh_after_order.enqueue(order.pk)
    return shipment


@transaction.atomic
def deliver(shipment: Shipment, *, actor: Any) -> None:
    """
    Write down that a parcel has arrived, and tell the shopper. Raises WrongStatus unless it was on its way.
    """
    order = Order.lock(shipment.order_id)
    arrived = Shipment.objects.filter(pk=shipment.pk, status=ShipmentStatus.SHIPPED).update(
        status=ShipmentStatus.DELIVERED, delivered_at=timezone.now()
    )
    if not arrived:
        raise WrongStatus(_("That parcel is not on its way."))
    derive_fulfilment_status(order)
    order.record("delivered", actor=actor, shipment=shipment.pk)
    mail_order(
        order, "order_delivered", shipment=shipment, return_until=return_until(order),
        dedupe=f":{shipment.pk}",
    )  # fmt: skip


def derive_fulfilment_status(order: Order) -> None:
    """Write the status that the parcels amount to. The one writer of that column."""
    lines = list(order.lines.all())
    left = sum(line.quantity_to_send for line in lines)
    under_way = order.shipments.exclude(status=ShipmentStatus.DELIVERED).exists()
    if left:
        some = any(line.quantity_shipped for line in lines)
        order.fulfilment_status = FulfilmentStatus.PARTIAL if some else FulfilmentStatus.UNFULFILLED
    else:
        order.fulfilment_status = (
            FulfilmentStatus.SHIPPED if under_way else FulfilmentStatus.DELIVERED
        )
        order.closed_at = None if under_way else timezone.now()
    order.save(update_fields=["fulfilment_status", "closed_at"])
