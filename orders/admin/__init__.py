"""Orders, as staff see them to the door: records that only the verbs move."""

from orders.admin import bank, gift_card, invoice, order, returns, unplaced, waiting, wording

__all__ = ["bank", "gift_card", "invoice", "order", "returns", "unplaced", "waiting", "wording"]
