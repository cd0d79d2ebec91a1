"""What was ordered, paid for and sent."""

from orders.models.address import AddressKind, OrderAddress
from orders.models.bank import BankEntry, BankOutcome, BankStatement
from orders.models.consent import OrderConsent, Wording
from orders.models.demo import DemoPayment
from orders.models.event import OrderEvent
from orders.models.gift_card import EntryKind, GiftCard, GiftCardEntry
from orders.models.invoice import Invoice, InvoiceCounter, InvoiceKind, number_of
from orders.models.line import OrderLine, units_of
from orders.models.order import Order, OrderQuerySet, next_number
from orders.models.payment import (
    HELD_REFUNDS,
    OPEN_ATTEMPTS,
    AttemptStatus,
    EventKind,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    RefundLine,
    RefundStatus,
)
from orders.models.promotion import PromotionUse
from orders.models.return_ import (
    OPEN_RETURNS,
    OUR_FAULT,
    Return,
    ReturnLine,
    ReturnReason,
    ReturnStatus,
)
from orders.models.shipment import Shipment, ShipmentLine, ShipmentStatus
from orders.models.status import FulfilmentStatus, OrderStatus, PaymentStatus, WrongStatus
from orders.models.tally import Tally
from orders.models.unplaced import MoneyKind, MoneyState, UnplacedMoney

__all__ = [
    "HELD_REFUNDS",
    "OPEN_ATTEMPTS",
    "OPEN_RETURNS",
    "OUR_FAULT",
    "AddressKind",
    "AttemptStatus",
    "BankEntry",
    "BankOutcome",
    "BankStatement",
    "DemoPayment",
    "EntryKind",
    "EventKind",
    "FulfilmentStatus",
    "GiftCard",
    "GiftCardEntry",
    "Invoice",
    "InvoiceCounter",
    "InvoiceKind",
    "MoneyKind",
    "MoneyState",
    "Order",
    "OrderAddress",
    "OrderConsent",
    "OrderEvent",
    "OrderLine",
    "OrderQuerySet",
    "OrderStatus",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentStatus",
    "PromotionUse",
    "Refund",
    "RefundLine",
    "RefundStatus",
    "Return",
    "ReturnLine",
    "ReturnReason",
    "ReturnStatus",
    "Shipment",
    "ShipmentLine",
    "ShipmentStatus",
    "Tally",
    "UnplacedMoney",
    "Wording",
    "WrongStatus",
    "next_number",
    "number_of",
    "units_of",
]
