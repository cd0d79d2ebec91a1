"""Orders, as staff see them to the door: records that only the verbs move."""

from orders.admin import bank, invoice, order, returns, unplaced, waiting

__all__ = ["bank", "invoice", "order", "returns", "unplaced", "waiting"]
