"""What shoppers type into a cart."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cart.models import MAX_QUANTITY

# Digits of any script; nobody orders a hundred thousand.
NUMBER = re.compile(r"-?\d{1,5}")
LONG_NUMBER = re.compile(r"\d+")
MAX_PRIMARY_KEY = 2**63 - 1


def read_quantity(typed: str, *, least: int) -> int:
    """Read a quantity as people type it. Raises ValidationError with what to type instead."""
    typed = typed.strip()
    if NUMBER.fullmatch(typed):
        quantity = int(typed)
        if least <= quantity <= MAX_QUANTITY:
            return quantity
        if quantity < least:
            raise ValidationError(
                _("Enter a number from %(least)s to %(most)s.")
                % {"least": least, "most": MAX_QUANTITY}
            )
    if LONG_NUMBER.fullmatch(typed):
        raise ValidationError(
            _("You can order %(most)s of one thing at most.") % {"most": MAX_QUANTITY}
        )
    raise ValidationError(_("Enter how many you want as a number, like 2."))


def read_key(typed: str) -> int:
    """Read the key of a row; 0, which no row has, for anything else."""
    is_key = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MAX_PRIMARY_KEY))
    return int(typed) if is_key and int(typed) <= MAX_PRIMARY_KEY else 0
