"""
VAT numbers of companies in the European Union.

Whether a number can exist at all is checked here, by its form and its check digits. Whether it does
exist knows only its tax office, which is asked through a `Register`: by default none is.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NotANumber

EUROPEAN_UNION = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
PREFIXES = {"EL": "GR"}  # Greece writes its numbers with another code than its addresses.


class InvalidVatId(ValueError):
    """It is no VAT number of a member state, in words for the shopper."""


class RegisterUnavailable(Exception):
    """The register does not answer now; nothing is known of the number."""


class Register(Protocol):
    """Somebody who knows which VAT numbers exist."""

    def knows(self, vat_id: str) -> bool:
        """Tell whether the number is in use. Raises RegisterUnavailable."""
        ...


def read_vat_id(typed: str) -> str:
    """Return a VAT number as it is written, without spaces. Raises InvalidVatId."""
    try:
        number = str(vat.validate(typed))
    except NotANumber:
        raise InvalidVatId(
            _("Enter a VAT number with its country, like DE136695976, or leave the field empty.")
        ) from None
    if country_of(number) not in EUROPEAN_UNION:
        raise InvalidVatId(_("We can use VAT numbers of the European Union only."))
    return number


def country_of(vat_id: str) -> str:
    """The country of a VAT number, as addresses name it."""
    return PREFIXES.get(vat_id[:2], vat_id[:2])


def register() -> Register | None:
    """The register that the settings name, if any."""
    return import_string(settings.VAT_REGISTER)() if settings.VAT_REGISTER else None


def check_vat_id(typed: str) -> str:
    """
    Read a VAT number and ask the register, if there is one. Raises InvalidVatId.

    Asks over the network: never to be called inside a transaction. While the register does not answer,
    a number whose digits are right is good enough; the order keeps it for the books.
    """
    number = read_vat_id(typed)
    asked = register()
    try:
        is_known = asked.knows(number) if asked else True
    except RegisterUnavailable:
        is_known = True
    if not is_known:
        raise InvalidVatId(_("This VAT number is not in use. Check it, or leave the field empty."))
    return number


@dataclass(frozen=True)
class Vies:
    """The register of the European Commission."""

    address: str = "https://ec.europa.eu/taxation_customs/vies/rest-api"
    patience: float = 5.0  # Seconds.

    def knows(self, vat_id: str) -> bool:
        country, number = vat_id[:2], vat_id[2:]
        url = f"{self.address}/ms/{country}/vat/{number}"
        try:
            with urlopen(url, timeout=self.patience) as response:  # noqa: S310
                told: Any = json.load(response)
        except (URLError, OSError, ValueError) as problem:
            raise RegisterUnavailable(str(problem)) from problem
        if not isinstance(told, dict) or told.get("userError") not in {"VALID", "INVALID"}:
            raise RegisterUnavailable(str(told)[:200])
        return bool(told.get("isValid"))
