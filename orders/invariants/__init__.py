"""What must hold of orders: of their goods, money, payments, promotions and history."""

from orders.invariants import history, money, payments, popularity, promotions, stock

__all__ = ["history", "money", "payments", "popularity", "promotions", "stock"]
