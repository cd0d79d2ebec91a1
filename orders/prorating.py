"""What a part of a line is worth, when only that part is given back."""

from decimal import Decimal

from orders.models import OrderLine
from shop.money import round_money


def worth_of(line: OrderLine, quantity: int, *, already: int = 0, currency: str) -> Decimal:
    """
    What so many things of a line were paid with, after `already` so many of it were given back.

    Discount and tax are in it. However a line is given back, bit by bit, the bits come to its total to the
    cent. Raises ValueError for more than there are left.
    """
    if quantity < 0 or already < 0 or already + quantity > line.quantity:
        raise ValueError(f"{already} and {quantity} of {line.quantity} cannot be given back.")
    return paid_for(line, already + quantity, currency) - paid_for(line, already, currency)


def paid_for(line: OrderLine, quantity: int, currency: str) -> Decimal:
    """What the first so many things of a line were paid with."""
    return round_money(line.total * quantity / line.quantity, currency)
