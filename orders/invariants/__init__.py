"""What must hold of orders: of their goods, money, payments, invoices, promotions and history."""

from orders.invariants import history, invoices, money, payments, promotions, returns, stock

__all__ = ["history", "invoices", "money", "payments", "promotions", "returns", "stock"]
