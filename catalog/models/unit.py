"""Prices by weight, volume or length: what a variant holds, and what its price is compared by."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Unit(models.TextChoices):
    """What the content of a variant is measured in."""

    GRAM = "g", pgettext_lazy("unit", "g")
    KILOGRAM = "kg", pgettext_lazy("unit", "kg")
    MILLILITRE = "ml", pgettext_lazy("unit", "ml")
    CENTILITRE = "cl", pgettext_lazy("unit", "cl")
    LITRE = "l", pgettext_lazy("unit", "l")
    CENTIMETRE = "cm", pgettext_lazy("unit", "cm")
    METRE = "m", pgettext_lazy("unit", "m")
    SQUARE_METRE = "m2", pgettext_lazy("unit", "m²")
    PIECE = "pc", pgettext_lazy("unit", "pieces")


class UnitBase(models.TextChoices):
    """The amount that prices are compared by."""

    HUNDRED_GRAMS = "100g", pgettext_lazy("unit", "100 g")
    KILOGRAM = "1kg", pgettext_lazy("unit", "1 kg")
    HUNDRED_MILLILITRES = "100ml", pgettext_lazy("unit", "100 ml")
    LITRE = "1l", pgettext_lazy("unit", "1 l")
    METRE = "1m", pgettext_lazy("unit", "1 m")
    SQUARE_METRE = "1m2", pgettext_lazy("unit", "1 m²")
    PIECE = "1pc", pgettext_lazy("unit", "1 piece")


@dataclass(frozen=True)
class Measure:
    """`size` of the smallest unit of its `kind`; `code` is UN/CEFACT's, `amount` how many of those."""

    kind: str
    size: Decimal
    code: str
    amount: int = 1


MEASURES: dict[str, Measure] = {
    Unit.GRAM: Measure("weight", Decimal(1), "GRM"),
    Unit.KILOGRAM: Measure("weight", Decimal(1000), "KGM"),
    Unit.MILLILITRE: Measure("volume", Decimal(1), "MLT"),
    Unit.CENTILITRE: Measure("volume", Decimal(10), "CLT"),
    Unit.LITRE: Measure("volume", Decimal(1000), "LTR"),
    Unit.CENTIMETRE: Measure("length", Decimal(1), "CMT"),
    Unit.METRE: Measure("length", Decimal(100), "MTR"),
    Unit.SQUARE_METRE: Measure("area", Decimal(1), "MTK"),
    Unit.PIECE: Measure("pieces", Decimal(1), "C62"),
    UnitBase.HUNDRED_GRAMS: Measure("weight", Decimal(100), "GRM", 100),
    UnitBase.KILOGRAM: Measure("weight", Decimal(1000), "KGM"),
    UnitBase.HUNDRED_MILLILITRES: Measure("volume", Decimal(100), "MLT", 100),
    UnitBase.LITRE: Measure("volume", Decimal(1000), "LTR"),
    UnitBase.METRE: Measure("length", Decimal(100), "MTR"),
    UnitBase.SQUARE_METRE: Measure("area", Decimal(1), "MTK"),
    UnitBase.PIECE: Measure("pieces", Decimal(1), "C62"),
}


def price_per_base(price: Decimal, amount: Decimal, unit: str, base: str) -> Decimal:
    """What one base of it costs, not rounded: 4.95 for 250 g is 1.98 for 100 g."""
    return price * MEASURES[base].size / (amount * MEASURES[unit].size)


def said_together() -> Q:
    """The three fields say something together, of one kind of measure; or nothing at all."""
    told = Q(unit_amount__isnull=True, unit="", unit_base="")
    for kind in dict.fromkeys(measure.kind for measure in MEASURES.values()):
        units = [each.value for each in Unit if MEASURES[each].kind == kind]
        bases = [each.value for each in UnitBase if MEASURES[each].kind == kind]
        # A comparison with nothing is neither true nor false, and a CHECK lets it pass.
        told |= Q(unit_amount__isnull=False, unit_amount__gt=0, unit__in=units, unit_base__in=bases)
    return told


NOT_TOGETHER = _("Say how much it holds, in which unit, and for how much of it the price is told.")
