"""Which rate of tax holds for what, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.vat import EUROPEAN_UNION, country_of
from cart.destination import Destination
from cart.items import ZERO
from cart.models import TaxRate
from catalog.models import Variant


@dataclass(frozen=True)
class Rates:
    """The rates in force today for some places, picked without a query."""

    rates: tuple[TaxRate, ...]

    @classmethod
    def of(cls, places: Sequence[Destination]) -> "Rates":
        countries = {place.country for place in places} | {""}
        return cls(tuple(TaxRate.objects.in_force().filter(country__in=countries)))

    def at(self, place: Destination, tax_class: int | None) -> TaxRate | None:
        """
        The rate of a class at a place; None where nothing is taxed.

        That of the region comes before that of the country, and this before that of all others. Where
        the place has no rate for the class, its usual rate holds: nobody is taxed too little by accident.
        """
        spots = [(place.country, place.region), (place.country, ""), ("", "")]
        for spot in dict.fromkeys(spots):
            for wanted in dict.fromkeys([tax_class, None]):
                found = [
                    rate for rate in self.rates
                    if (rate.country, rate.region) == spot and rate.tax_class_id == wanted
                ]  # fmt: skip
                if found:
                    return max(found, key=lambda rate: rate.starts_on or date.min)
        return None

    def of_variant(self, variant: Variant, place: Destination) -> TaxRate | None:
        if not variant.is_taxable:
            return None
        return self.at(place, variant.tax_class_id or variant.product.tax_class_id)


def percent_of(rate: TaxRate | None) -> Decimal:
    return rate.percent if rate else ZERO


def is_reverse_charge(vat_id: str, place: Destination, home: str) -> bool:
    """
    Does the customer owe the tax instead of the shop?

    Within the European Union, where a company with a valid VAT number of another member state than the
    shop's has the goods sent to another member state. The number has been checked before.
    """
    return bool(vat_id) and (
        {home, place.country, country_of(vat_id)} <= EUROPEAN_UNION
        and home not in {place.country, country_of(vat_id)}
    )
