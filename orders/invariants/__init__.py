"""What must hold of orders: of their goods, money, payments, coupons and history."""

from orders.invariants import coupons, history, money, payments, stock

__all__ = ["coupons", "history", "money", "payments", "stock"]
