"""The mails of an order that nobody has placed."""

import uuid
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.mails import mail_dispute, mail_order
from orders.models import (
    EventKind,
    Invoice,
    Order,
    OrderAddress,
    OrderLine,
    OrderStatus,
    Refund,
    RefundLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)
from orders.payments.base import Fact
from shop.mail_samples import sample
from shop.models import Mail, ShopSettings

# Real numbers have no zero in front, so no real mail is told once by it.
NUMBER = "012345"
MUG, NAPKINS = Decimal(24), Decimal(36)


def sample_order(**given: Any) -> Order:
    """Two mugs and a set of napkins, ten per cent off, sent as a parcel; waiting for its money."""
    now, today = timezone.now(), timezone.localdate()
    shop = ShopSettings.load()
    total, tax = Decimal("80.50"), Decimal("12.85")
    values: dict[str, Any] = {
        "pk": 0, "number": NUMBER, "token": "sample", "key": uuid.UUID(int=0), "email": "anna@mail.example",
        "currency": shop.currency, "subtotal": Decimal("84.00"), "discount_total": Decimal("8.40"),
        "shipping_total": Decimal("4.90"), "tax_total": tax, "total": total, "payment_method": "demo",
        "shipping_method": str(_("Parcel")), "placed_at": now, "expires_at": now + timedelta(hours=1),
        "deliver_from": today + timedelta(days=2), "deliver_to": today + timedelta(days=4),
        "trace": [
            {"step": "promotion", "name": "WELCOME10", "code": "WELCOME10", "amount": "-8.40"},
            {
                "step": "tax", "name": str(_("VAT")), "percent": "19", "net": str(total - tax),
                "amount": str(tax),
            },
        ],
    }  # fmt: skip
    return Order(**values | given)


def sample_lines(order: Order) -> list[OrderLine]:
    return [
        OrderLine(
            pk=0, order=order, name="Stoneware mug", options="Sage", quantity=2, unit_price=MUG,
            subtotal=2 * MUG,
        ),
        OrderLine(
            pk=0, order=order, name="Linen napkins", options="Set of four", quantity=1,
            unit_price=NAPKINS, subtotal=NAPKINS,
        ),
    ]  # fmt: skip


def write(kind: str, **context: Any) -> Mail:
    """Write a mail of the kind about the sample; `order` in the context holds what is special about it."""
    order = sample_order(**context.pop("order", {}))
    home = OrderAddress(
        order=order, name="Anna Lind", line1="Weserstraße 18", postcode="12045", city="Berlin",
        country="DE",
    )  # fmt: skip
    lines = sample_lines(order)
    context = {name: make(lines) if callable(make) else make for name, make in context.items()}
    return mail_order(
        order, kind, lines=lines, addresses={"shipping": home, "billing": home}, **context
    )


def with_lines[T](parent: T, lines: list[Any]) -> T:
    """Give something that is not in the database its lines, as `prefetch_related` leaves them."""
    parent._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]
    return parent


def parcel(lines: list[OrderLine]) -> Shipment:
    sent = [ShipmentLine(order_line=line, quantity=line.quantity) for line in lines]
    shipment = Shipment(
        pk=0, order=lines[0].order, carrier="DHL", tracking_number="00340434161094000001"
    )
    return with_lines(shipment, sent)


def refund(lines: list[OrderLine]) -> Refund:
    made = Refund(pk=0, amount=MUG, reason=str(_("One mug was broken")))
    return with_lines(made, [RefundLine(order_line=lines[0], quantity=1, amount=MUG)])


def invoice(lines: list[OrderLine]) -> Invoice:
    order = lines[0].order
    return Invoice(pk=0, order=order, number="R000123", total=order.total, currency=order.currency)


def back(lines: list[OrderLine]) -> Return:
    return Return(pk=0, order=lines[0].order, seq=1, answer=str(_("Words of yours stand here.")))


def back_lines(lines: list[OrderLine]) -> list[ReturnLine]:
    return [ReturnLine(order_line=lines[0], quantity=1, received=1)]


CONFIRMED = {"status": OrderStatus.CONFIRMED}
ARRIVED = CONFIRMED | {"fulfilment_status": "delivered"}
SENT_BACK = {"order": ARRIVED, "back": back, "back_lines": back_lines}

# Each kind: when it is sent, and what it is told beside the order.
KINDS: dict[str, tuple[Promise, dict[str, Any]]] = {
    "order_confirmation": (_("An order was placed"), {}),
    "order_paid": (
        _("An order is paid; the invoice goes with it"), {"order": CONFIRMED, "invoice": invoice},
    ),
    "payment_failed": (_("A payment did not work"), {}),
    "order_expiring": (
        _("An order that is not paid expires soon"), {"method": "demo", "left": Decimal("80.50")},
    ),
    "order_expired": (_("An order was not paid in time"), {"order": {"status": OrderStatus.EXPIRED}}),
    "order_edited": (
        _("Staff changed an order"), {"order": CONFIRMED, "left": NAPKINS, "refunded": Decimal(0)},
    ),
    "order_readdressed": (_("Staff changed an address of an order"), {"order": CONFIRMED}),
    "order_cancelled": (_("An order was cancelled"), {"refunded": Decimal("80.50")}),
    "order_shipped": (
        _("A parcel was sent"),
        {"order": CONFIRMED | {"fulfilment_status": "shipped"}, "shipment": parcel},
    ),
    "order_delivered": (
        _("A parcel has arrived"),
        {
            "order": ARRIVED, "shipment": parcel,
            "return_until": lambda lines: timezone.localdate() + timedelta(days=30),
        },
    ),
    "order_refunded": (_("Money goes back"), {"order": CONFIRMED, "refund": refund}),
    "return_requested": (_("A return was asked for"), SENT_BACK),
    "return_approved": (_("A return was approved"), SENT_BACK),
    "return_rejected": (_("A return was rejected"), SENT_BACK),
    "return_received": (_("A return has arrived"), SENT_BACK | {"amount": MUG}),
    "order_link": (_("Somebody asked for the link to an order"), {"order": CONFIRMED}),
}  # fmt: skip

for kind, (occasion, context) in KINDS.items():
    sample(kind, occasion)(partial(write, kind, **context))


@sample("dispute", _("To you: a bank takes money back, because its customer disputes a payment"))
def dispute() -> Mail:
    order = sample_order(**CONFIRMED)
    fact = Fact("sample", EventKind.DISPUTED, order.total, order.currency, failure="fraudulent")
    return mail_dispute(order, fact, to=ShopSettings.load().email)
