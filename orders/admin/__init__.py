"""Orders, as staff see them to the door: records that only the verbs move."""

from orders.admin import order, waiting

__all__ = ["order", "waiting"]
