"""What was ordered, paid for and sent."""

from orders.models.demo import DemoPayment
from orders.models.order import (
    FulfilmentStatus,
    Order,
    OrderAddress,
    OrderEvent,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    WrongStatus,
    next_number,
)
from orders.models.payment import (
    AttemptStatus,
    EventKind,
    PaymentAttempt,
    PaymentEvent,
    Refund,
    RefundStatus,
)
from orders.models.promotion import PromotionUse
from orders.models.shipment import Shipment, ShipmentLine, ShipmentStatus

__all__ = [
    "AttemptStatus",
    "DemoPayment",
    "EventKind",
    "FulfilmentStatus",
    "Order",
    "OrderAddress",
    "OrderEvent",
    "OrderLine",
    "OrderStatus",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentStatus",
    "PromotionUse",
    "Refund",
    "RefundStatus",
    "Shipment",
    "ShipmentLine",
    "ShipmentStatus",
    "WrongStatus",
    "next_number",
]
