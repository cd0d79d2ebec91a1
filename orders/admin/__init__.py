"""Orders, as staff see them to the door: records that only the verbs move."""

from orders.admin import bank, order, unplaced, waiting, wording

__all__ = ["bank", "order", "unplaced", "waiting", "wording"]
