"""What must hold of orders: of their goods, money, payments, invoices, promotions and history."""

from orders.invariants import (
    gift_cards,
    history,
    invoices,
    money,
    payments,
    popularity,
    promotions,
    refunds,
    returns,
    stock,
)

__all__ = [
    "gift_cards",
    "history",
    "invoices",
    "money",
    "payments",
    "popularity",
    "promotions",
    "refunds",
    "returns",
    "stock",
]
