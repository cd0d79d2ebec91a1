"""What staff do with an order: each deed is a form, and calls one verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import StockRefused
from orders.admin.editing import BillingAddressForm, DeliveryAddressForm
from orders.admin.refund_form import DeedForm, RefundForm
from orders.cancellation import cancel
from orders.editing.addresses import can_be_readdressed
from orders.editing.sums import EditRefused
from orders.fulfilment import deliver, ship
from orders.ledger import refundable_of
from orders.models import Order, OrderLine, OrderStatus, ShipmentStatus, WrongStatus
from orders.paying import collect
from orders.payments import ProviderRefused, ProviderUnavailable
from orders.refunds import RefundRefused
from orders.settlement import mark_paid

# What a verb says when it cannot be done; nothing has changed then.
REFUSALS = (
    *(WrongStatus, StockRefused, RefundRefused, EditRefused),
    *(ProviderRefused, ProviderUnavailable),
)


class PaidForm(DeedForm):
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        help_text=_("Such as the date and reference on the bank statement."),
    )

    def clean(self) -> dict[str, Any]:
        """`waits_for` is the sum that the page named: it writes it beside the fields, always today's."""
        field = forms.DecimalField(max_digits=12, decimal_places=2, required=False)
        return (super().clean() or {}) | {"waits_for": field.clean(self.data.get("waits_for"))}

    def do(self, actor: Any) -> None:
        said = self.cleaned_data
        mark_paid(self.order, actor=actor, note=said["note"], amount=said["waits_for"])


class CancelForm(DeedForm):
    reason = forms.CharField(label=_("Why"), max_length=500)

    def do(self, actor: Any) -> None:
        cancel(self.order, actor=actor, reason=self.cleaned_data["reason"])


class ShipForm(DeedForm):
    """One parcel: how many of each line are in it, at first all that is left."""

    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=120, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"), max_length=500, required=False, assume_scheme="https"
    )

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(order, *args, **kwargs)
        self.lines = [line for line in order.lines.all() if line.quantity_to_send]
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = quantity_field(line)

    def do(self, actor: Any) -> None:
        said = self.cleaned_data
        quantities = {line.pk: said[f"line_{line.pk}"] or 0 for line in self.lines}
        parcel = {name: said[name] for name in ("carrier", "tracking_number", "tracking_url")}
        collect_and_ship(self.order, quantities, actor=actor, **parcel)


def collect_and_ship(
    order: Order, quantities: Mapping[int, int] | None = None, *, actor: Any, **parcel: str
) -> None:
    """Take the money that was only reserved, all of it with the first parcel, and send."""
    if order.status == OrderStatus.CONFIRMED:
        collect(order, actor=actor)
    ship(order, quantities, actor=actor, **parcel)


def quantity_field(line: OrderLine) -> forms.IntegerField:
    name = f"{line.name} – {line.options}" if line.options else line.name
    left = line.quantity_to_send
    return forms.IntegerField(label=name, min_value=0, max_value=left, initial=left, required=False)


@dataclass(frozen=True)
class Deed:
    """
    One of the things that can be done: the words on its button, its form, and when it is offered.

    `submit` is what the form's own button says, if that is something else.
    """

    title: Promise
    form: type[Any]
    done: Promise
    is_offered: Callable[[Order], bool]
    submit: Promise | str = ""


def can_be_sent(order: Order) -> bool:
    is_due = order.status == OrderStatus.CONFIRMED and not order.can_be_paid
    return is_due and any(line.quantity_to_send for line in order.lines.all())


# By the noun in its address.
DEEDS = {
    "shipment": Deed(
        _("Send"), ShipForm, _("A parcel of order %(number)s is on its way."), can_be_sent
    ),
    "payment": Deed(
        _("Mark as paid"), PaidForm, _("Order %(number)s is paid."), lambda order: order.can_be_paid
    ),
    "delivery_address": Deed(
        _("Delivery address"),
        DeliveryAddressForm,
        _("Order %(number)s goes to another address."),
        can_be_readdressed,
        _("Change the address"),
    ),
    "billing_address": Deed(
        _("Billing address"),
        BillingAddressForm,
        _("The bill of order %(number)s goes to another address."),
        can_be_readdressed,
        _("Change the address"),
    ),
    "refund": Deed(
        _("Refund"),
        RefundForm,
        _("Money of order %(number)s is on its way back."),
        lambda order: refundable_of(order) > 0,
    ),
    "cancellation": Deed(
        _("Cancel"),
        CancelForm,
        _("Order %(number)s is cancelled."),
        lambda order: order.can_be_cancelled,
    ),
}


def deliver_all(order: Order, *, actor: Any) -> None:
    """Every parcel that is on its way has arrived. Raises WrongStatus if there is none."""
    parcels = order.shipments.filter(status=ShipmentStatus.SHIPPED)
    if not parcels:
        raise WrongStatus(
            _("No parcel of order %(number)s is on its way.") % {"number": order.number}
        )
    for parcel in parcels:
        deliver(parcel, actor=actor)
