"""What must hold of orders: of their goods, money, payments, promotions and history."""

from orders.invariants import gift_cards, history, money, payments, popularity, promotions, stock

__all__ = ["gift_cards", "history", "money", "payments", "popularity", "promotions", "stock"]
