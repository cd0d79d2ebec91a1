"""
Orders of the demo shop: one in each state that staff meet, made by the verbs that make real ones.

`buy` serves the reviews too, whose verified writers have to have bought what they write of.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.db import transaction
from django.utils import timezone

from accounts.models import Address, User
from cart.models import Cart, CartLine, ShippingMethod, ShippingZone
from cart.pricing import quote
from catalog.models import StockItem, StockMovement, Variant
from orders.cancellation import cancel
from orders.checkout import place_order
from orders.expiry import expire
from orders.fulfilment import deliver, ship
from orders.invoicing.writing import keep_up
from orders.models import DemoPayment, Invoice, Order, OrderEvent, OrderStatus, Shipment
from orders.paying import ask_provider, start_payment
from orders.payments.demo import decide
from orders.refunds import send_all
from orders.returns import approve, ask
from shop.models import Mail, MailState

NAMES = uuid.UUID("8d0a6f1e-5d0c-4f0e-9a53-3f6f3a0b7c11")
PEOPLE = {
    "anna.lind@shoppers.example": ("Anna Lind", "DE", "Weserstraße 18", "12045", "Berlin"),
    "jan.bakker@shoppers.example": (
        "Jan Bakker",
        "NL",
        "Keizersgracht 211",
        "1016 DV",
        "Amsterdam",
    ),
    "claire.moreau@shoppers.example": (
        "Claire Moreau",
        "FR",
        "Rue des Martyrs 40",
        "75009",
        "Paris",
    ),
    "eva.huber@shoppers.example": ("Eva Huber", "AT", "Neubaugasse 7", "1070", "Wien"),
}
# E-mail, what (handle → how many), how many days ago, and how far it has come.
ORDERS: list[tuple[str, dict[str, int], int, str]] = [
    ("anna.lind@shoppers.example", {"stoneware-mug": 2, "milk-jug": 1}, 21, "delivered"),
    ("jan.bakker@shoppers.example", {"linen-napkins": 1, "dinner-plate": 4}, 6, "shipped"),
    ("claire.moreau@shoppers.example", {"glass-tumblers": 1, "cutting-board": 1}, 3, "partial"),
    ("eva.huber@shoppers.example", {"round-table-lamp": 1}, 1, "paid"),
    ("anna.lind@shoppers.example", {"breakfast-bowl": 2, "wooden-spoons": 1}, 0, "paid"),
    ("jan.bakker@shoppers.example", {"storage-jar": 3}, 0, "pending"),
    ("claire.moreau@shoppers.example", {"espresso-cup": 2}, 9, "cancelled"),
    ("eva.huber@shoppers.example", {"bottle-vase": 1}, 4, "expired"),
    ("jan.bakker@shoppers.example", {"breakfast-bowl": 2}, 8, "sent_back"),
]


def load(write: Callable[[str], object]) -> None:
    """Place the demo orders that are not there yet, and bring on those that were left half-way."""
    placed = 0
    for position, (email, handles, days, state) in enumerate(ORDERS):
        key = uuid.uuid5(NAMES, f"order {position}")
        variants = {
            variant: count
            for handle, count in handles.items()
            if (variant := first_variant(handle))
        }
        if not variants:
            continue
        order = buy(key, customer(email, *PEOPLE[email]), variants)
        placed += bring_to(order, state, timezone.now() - timedelta(days=days))
    write(f"{placed} orders brought on their way")


def first_variant(handle: str) -> Variant | None:
    """The first variant of a product that is in the demo."""
    return Variant.objects.listed().filter(product__slug=handle).order_by("position", "pk").first()


def customer(email: str, name: str, country: str, street: str, postcode: str, city: str) -> User:
    """A customer who cannot sign in, with one address."""
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    Address.objects.get_or_create(
        user=user, is_default=True,
        defaults={"name": name, "country": country, "line1": street, "postcode": postcode, "city": city},
    )  # fmt: skip
    return user


@transaction.atomic
def buy(key: uuid.UUID, user: User, variants: Mapping[Variant, int]) -> Order:
    """
    Receive the goods, so that what is on the shelf stays as the catalogue says, and order them.

    Once for each key: after that, the order it was.
    """
    if placed := Order.objects.filter(key=key).first():
        return placed
    for variant, count in sorted(variants.items(), key=lambda item: item[0].pk):
        StockItem.receive(variant.pk, count, cause=f"demo:{key}", reason="For a demo order")
    cart = Cart.objects.create()
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=variant, quantity=count) for variant, count in variants.items()
    )
    address = user.addresses.get(is_default=True)
    method = shipping_method(address.country.code)
    agreed = quote(cart, country=address.country.code, shipping_method=method)
    return place_order(
        cart, key=key, agreed_total=agreed.total, email=user.email, shipping_address=address,
        shipping_method=method, payment_method="demo", customer=user,
    )  # fmt: skip


def shipping_method(country: str) -> ShippingMethod | None:
    zone = ShippingZone.of(country)
    return zone.methods.filter(is_active=True).first() if zone else None


def bring_to(order: Order, state: str, at: datetime) -> bool:
    """
    Let an order go as far as `state`, step by step, as it would have, some time ago.

    Tells whether it was still pending: an order that has moved on is left where it is.
    """
    if order.status != OrderStatus.PENDING:
        return False
    if state == "expired":
        Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
        expire(Order.objects.get(pk=order.pk))
    elif state != "pending":
        pay(order)
        after_payment(order, state)
    backdate(order, at)
    return True


def after_payment(order: Order, state: str) -> None:
    keep_up(order)
    number = f"DEMO{order.pk}"
    if state == "sent_back":
        shipment = ship(order, actor=None, carrier="DHL", tracking_number=number)
        deliver(shipment, actor=None)
        line = order.lines.all()[0]
        approve(ask(order, {line.pk: 1}, reason="damaged", note="The rim is chipped."), actor=None)
    elif state == "cancelled":
        cancel(order, reason="Ordered twice")
        send_all()
        keep_up(order)
    elif state == "partial":
        line = order.lines.all()[0]
        ship(
            order,
            {line.pk: line.quantity_to_send},
            actor=None,
            carrier="DHL",
            tracking_number=number,
        )
    elif state in {"shipped", "delivered"}:
        shipment = ship(order, actor=None, carrier="DHL", tracking_number=number)
        if state == "delivered":
            deliver(shipment, actor=None)


def pay(order: Order) -> None:
    start_payment(order, method="demo")
    attempt = order.attempts.get()
    decide(DemoPayment.objects.get(idempotency_key=attempt.key), "pay_silent")
    ask_provider(attempt, source="return")


@pgtrigger.ignore(
    "orders.Order:agreed_is_agreed",
    "orders.OrderEvent:history_stays",
    "orders.Invoice:invoice_stays",
    "catalog.StockMovement:movement_stays",
)
def backdate(order: Order, at: datetime) -> None:
    """Let an order and all that belongs to it have happened some days ago, its mails included."""
    later: Any = at + timedelta(days=2)
    Order.objects.filter(pk=order.pk).update(placed_at=at)
    OrderEvent.objects.filter(order=order).update(at=at)
    Invoice.objects.filter(order=order).update(issued_at=at)
    StockMovement.objects.filter(cause__startswith=f"order:{order.pk}:").update(at=at)
    Shipment.objects.filter(order=order, shipped_at__isnull=False).update(shipped_at=at)
    Shipment.objects.filter(order=order, delivered_at__isnull=False).update(delivered_at=later)
    Mail.objects.filter(
        dedupe_key__startswith=f"order:{order.number}:", state=MailState.QUEUED
    ).update(state=MailState.SENT, sent_at=at, created_at=at)
