"""How far an order has come, in words for its shopper. Reads what is loaded, and asks nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import PostalAddress
from orders.models import FulfilmentStatus, Order, OrderStatus, PaymentAttempt, PaymentStatus
from orders.models.payment import AttemptStatus

UNDER_WAY = {AttemptStatus.CLAIMED, AttemptStatus.ACTION_REQUIRED, AttemptStatus.AUTHORISED}
GONE_BACK = {PaymentStatus.REFUNDED, PaymentStatus.PART_REFUNDED}


@dataclass(frozen=True)
class Status:
    """An order in two or three words; `tone` is the stylesheet's: now, good, or none."""

    words: str
    tone: str = ""


@dataclass(frozen=True)
class Step:
    """A stop on the way: `state` is done, now or todo; at the one that `is_arrival` the promised days stand."""

    name: str
    state: str
    at: datetime | None = None
    note: str = ""
    is_arrival: bool = False


def status_of(order: Order) -> Status:
    if order.status == OrderStatus.CANCELLED:
        return Status(
            _("Cancelled, refunded") if order.payment_status in GONE_BACK else _("Cancelled")
        )
    if order.status == OrderStatus.EXPIRED:
        return Status(_("Expired"))
    if order.status == OrderStatus.PENDING:
        return Status(
            _("Waiting for your transfer")
            if is_by_transfer(order)
            else _("Ready to be picked up")
            if is_at_counter(order)
            else _("Waiting for payment"),
            "now",
        )
    if order.can_be_paid:
        return Status(_("Waiting for the rest of the money"), "now")
    return {
        FulfilmentStatus.UNFULFILLED: Status(_("Being packed"), "now"),
        FulfilmentStatus.PARTIAL: Status(_("Partly on its way"), "now"),
        FulfilmentStatus.SHIPPED: Status(_("On its way"), "now"),
        FulfilmentStatus.DELIVERED: Status(_("Delivered"), "good"),
    }.get(FulfilmentStatus(order.fulfilment_status), Status(_("Confirmed"), "good"))


def is_by_transfer(order: Order) -> bool:
    """Tell whether the shopper means to pay by bank, as far as they last said."""
    return method_of(order) == "transfer"


def is_at_counter(order: Order) -> bool:
    """Tell whether the shopper means to pay when they pick it up."""
    return method_of(order) == "pickup"


def method_of(order: Order) -> str:
    attempt = last_attempt(order)
    return attempt.provider if attempt else order.payment_method


def last_attempt(order: Order) -> PaymentAttempt | None:
    """The latest try to pay what gift cards have left."""
    attempts = [attempt for attempt in order.attempts.all() if not attempt.is_gift_card]
    return max(attempts, key=lambda attempt: attempt.pk, default=None)


def is_being_confirmed(order: Order) -> bool:
    """Tell whether a payment was begun whose end is not known yet."""
    attempt = last_attempt(order)
    is_open = attempt is not None and attempt.status in UNDER_WAY
    is_online = method_of(order) not in {"transfer", "pickup"}
    return order.can_be_paid and is_open and is_online


def headline(order: Order, *, has_returned: bool = False) -> tuple[str, str]:
    """
    The title of the order's page, and a sentence on what happens next.

    `has_returned` is whether the shopper just comes from the payment page.
    """
    number = {"number": order.number, "name": first_name(next(iter(order.addresses.all()), None))}
    if order.status == OrderStatus.CANCELLED:
        return _("Order %(number)s is cancelled") % number, _cancelled_words(order)
    if order.status == OrderStatus.EXPIRED:
        return (
            _("Order %(number)s has expired") % number,
            _("It was not paid in time, so the things went back on the shelf. You owe nothing."),
        )
    if order.status == OrderStatus.PENDING:
        return _pending_words(order, number, has_returned)
    return _confirmed_words(order, number, has_returned)


def _cancelled_words(order: Order) -> str:
    if order.payment_status in GONE_BACK:
        return _("Your money is on its way back, the way it came. That takes a few days.")
    if order.payment_status in {
        PaymentStatus.PAID,
        PaymentStatus.OVERPAID,
        PaymentStatus.PART_PAID,
    }:
        return _("We send your money back the way it came. That takes a few days.")
    return _("Nothing was charged, and nothing will be sent.")


def _pending_words(order: Order, number: dict[str, str], has_returned: bool) -> tuple[str, str]:
    attempt = last_attempt(order)
    if is_by_transfer(order):
        return (
            _("Thank you, %(name)s. Order %(number)s waits for your transfer") % number,
            _("We keep everything for you, and pack when the money is here."),
        )
    if is_at_counter(order):
        return (
            _("Thank you, %(name)s. Order %(number)s is kept for you") % number,
            _("Come and pick it up; you pay in our shop."),
        )
    if attempt and attempt.status == AttemptStatus.FAILED:
        return (
            _("Order %(number)s is not paid yet") % number,
            _(
                "The payment did not go through. Nothing was charged; try again, or pay in another way."
            ),
        )
    if has_returned and is_being_confirmed(order):
        return _waiting_words(number)
    return (
        _("Order %(number)s waits for your payment") % number,
        _("We keep the things for you for a while. They are sent when the order is paid."),
    )


def _waiting_words(number: dict[str, str]) -> tuple[str, str]:
    return (
        _("Thank you, %(name)s. We are confirming your payment") % number,
        _(
            "The bank has not answered yet. We write to you as soon as it does; you need not wait here."
        ),
    )


def _confirmed_words(order: Order, number: dict[str, str], has_returned: bool) -> tuple[str, str]:
    email = {"email": order.email}
    if has_returned and is_being_confirmed(order):
        return _waiting_words(number)
    if order.can_be_paid:
        return (
            _("Order %(number)s is not paid in full") % number,
            _("It costs more since it was changed. We send it when the rest is here."),
        )
    return {
        FulfilmentStatus.PARTIAL: (
            _("Order %(number)s is partly on its way") % number,
            _("The rest follows. You hear from us when it leaves."),
        ),
        FulfilmentStatus.SHIPPED: (_("Order %(number)s is on its way") % number, ""),
        FulfilmentStatus.DELIVERED: (
            _("Order %(number)s has arrived") % number,
            _("We hope it pleases you."),
        ),
        FulfilmentStatus.NOT_REQUIRED: (
            _("Thank you, %(name)s. Order %(number)s is confirmed") % number,
            _("The confirmation went to %(email)s.") % email,
        ),
    }.get(
        FulfilmentStatus(order.fulfilment_status),
        (
            _("Thank you, %(name)s. Order %(number)s is confirmed") % number,
            _(
                "The confirmation went to %(email)s. We pack now; you hear from us when the parcel leaves."
            )
            % email,
        ),
    )


def first_name(address: PostalAddress | None) -> str:
    """What to call somebody in a greeting."""
    return address.name.split(" ")[0] if address else ""


def timeline(order: Order) -> list[Step]:
    """What has happened and what is to come, in order; one step is “now”, or none when all is done."""
    times = {event.kind: event.at for event in order.events.all()}
    ordered = Step(_("Ordered"), "done", order.placed_at)
    paid_at = times.get("payment_captured")
    is_part = order.payment_status == PaymentStatus.PART_PAID
    paid_words = _("Paid in part") if is_part else _("Paid")
    paid = [Step(paid_words, "done", paid_at)] if paid_at else []
    if order.status == OrderStatus.CANCELLED:
        return [ordered, *paid, Step(_("Cancelled"), "now", times.get("cancelled"))]
    if order.status == OrderStatus.EXPIRED:
        return [ordered, Step(_("Expired"), "now", times.get("expired"), _("Not paid in time."))]
    if order.status == OrderStatus.PENDING:
        waiting = Step(status_of(order).words, "now")
        return [ordered, *paid, waiting, *_journey(order, "todo")]
    if order.can_be_paid and order.fulfilment_status == FulfilmentStatus.UNFULFILLED:
        return [ordered, *paid, Step(status_of(order).words, "now"), *_journey(order, "todo")]
    return [ordered, *paid, *_journey(order, order.fulfilment_status)]


def _journey(order: Order, status: str) -> list[Step]:
    """The stops of the parcel; `status` is how far it has come, or todo."""
    if order.fulfilment_status == FulfilmentStatus.NOT_REQUIRED:
        return [] if status == "todo" else [Step(_("Confirmed"), "done")]
    reached = {
        FulfilmentStatus.UNFULFILLED: 0, FulfilmentStatus.PARTIAL: 1, FulfilmentStatus.SHIPPED: 1,
        FulfilmentStatus.DELIVERED: 3,
    }.get(status, -1)  # type: ignore[call-overload]  # fmt: skip
    shipments = list(order.shipments.all())
    left = max((each.shipped_at for each in shipments if each.shipped_at), default=None)
    arrived = max((each.delivered_at for each in shipments if each.delivered_at), default=None)
    partly = status == FulfilmentStatus.PARTIAL
    travels = _("Partly on its way") if partly else _("On its way")
    rest = _("The rest is still being packed.") if partly else ""
    return [
        Step(_("Being packed"), _state(0, reached)),
        Step(travels, _state(1, reached), left, rest),
        Step(_("Delivered"), _state(2, reached), arrived, is_arrival=not arrived),
    ]


def _state(place: int, reached: int) -> str:
    return "done" if place < reached else "now" if place == reached else "todo"
