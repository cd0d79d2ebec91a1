"""Staff correct where an order goes, or who has the bill, while nothing of it is sent."""

from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from accounts.models import PostalAddress
from cart.destination import Destination
from cart.models import ShippingZone
from cart.taxing import Rates, percent_of
from catalog.models import TaxClass
from orders.editing.sums import EditRefused
from orders.mails import mail_order
from orders.models import (
    AddressKind,
    FulfilmentStatus,
    Order,
    OrderAddress,
    OrderStatus,
    WrongStatus,
)
from orders.tasks import write_invoices_of

OPEN = {OrderStatus.PENDING, OrderStatus.CONFIRMED}
NOTHING_SENT = {FulfilmentStatus.UNFULFILLED, FulfilmentStatus.NOT_REQUIRED}


def can_be_readdressed(order: Order) -> bool:
    return order.status in OPEN and order.fulfilment_status in NOTHING_SENT


@transaction.atomic
def change_address(
    order: Order, kind: AddressKind, address: PostalAddress, *, actor: Any, reason: str = "",
    bill_too: bool = False,
) -> Order:  # fmt: skip
    """
    Write another address on an order; with `bill_too` both. An invoice that was written is replaced.

    The price of what was agreed stays: a delivery address for which taxes or delivery would be others is
    refused. Raises EditRefused, and WrongStatus once something is sent.
    """
    order = Order.lock(order.pk)
    if not can_be_readdressed(order):
        raise WrongStatus(
            _("Order %(number)s is sent or closed: its address stays.") % {"number": order.number}
        )
    kinds = [AddressKind.SHIPPING, AddressKind.BILLING] if bill_too else [kind]
    before = {each.kind: each for each in order.addresses.all()}
    if AddressKind.SHIPPING in kinds:
        _refuse_other_price(order, before[AddressKind.SHIPPING], address)
    fields = [field.name for field in PostalAddress._meta.get_fields()]
    values = model_to_dict(address, fields=fields)
    changed = [each for each in kinds if model_to_dict(before[each], fields=fields) != values]
    if not changed:
        raise EditRefused(_("That is the address on the order already."))
    OrderAddress.objects.filter(order=order, kind__in=changed).update(**values)
    order.revision += 1
    order.save(update_fields=["revision"])
    order.record(
        "address_changed", actor=actor, reason=reason,
        change=", ".join(str(AddressKind(each).label) for each in changed),
    )  # fmt: skip
    write_invoices_of.enqueue(order.pk)
    mail_order(order, "order_readdressed", dedupe=f":{order.revision}")
    return order


def _refuse_other_price(order: Order, before: PostalAddress, address: PostalAddress) -> None:
    old, new = Destination.of(before), Destination.of(address)
    moves = old.country != new.country
    if moves and (order.vat_id or order.is_reverse_charge):
        raise EditRefused(
            _("For a company with a VAT number the country decides on the tax. Cancel it and place anew.")
        )  # fmt: skip
    if _rates_at(old) != _rates_at(new):
        raise EditRefused(
            _("Other taxes hold there, so that it would cost something else. Cancel it and place anew.")
        )  # fmt: skip
    zones = list(ShippingZone.objects.all())
    if order.shipping_method and _zone_of(old, zones) != _zone_of(new, zones):
        raise EditRefused(
            _("Delivery there is priced otherwise, or not possible. Cancel it and place anew.")
        )


def _rates_at(place: Destination) -> list[Any]:
    """What is taxed there, class by class."""
    rates = Rates.of([place])
    classes = [None, *TaxClass.objects.order_by("pk").values_list("pk", flat=True)]
    return [percent_of(rates.at(place, each)) for each in classes]


def _zone_of(place: Destination, zones: list[ShippingZone]) -> ShippingZone | None:
    return ShippingZone.of(place.country, place.region, place.postcode, among=zones)
