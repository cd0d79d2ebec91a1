"""Columns that become attributes: what they are called, in which type and unit."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.importing.values import (
    NO,
    YES,
    Unreadable,
    decimal,
    fold,
    identity,
    items,
    one_line,
    short,
)
from catalog.models.attribute import AttributeKind

type Value = str | Decimal | bool

MAX_TEXT = 2000
MAX_NUMBER = Decimal(10) ** 12

# The end of a metafield's key → the unit of its number.
UNITS = {
    "ml": "ml", "cl": "cl", "l": "l", "g": "g", "kg": "kg", "mg": "mg", "mm": "mm", "cm": "cm", "m": "m", "km": "km",
    "in": "in", "inch": "in", "ft": "ft", "lb": "lb", "lbs": "lb", "oz": "oz", "w": "W", "watt": "W", "v": "V",
    "a": "A", "mah": "mAh", "hz": "Hz", "lm": "lm", "lumen": "lm", "k": "K", "h": "h", "hours": "h", "min": "min",
    "minutes": "min", "days": "days", "years": "years", "gb": "GB", "tb": "TB", "mb": "MB", "percent": "%", "pct": "%",
    "celsius": "°C", "gsm": "g/m²",
}  # fmt: skip

# Shopify's own names of units in {"value": 300, "unit": "MILLILITERS"}.
SPELLED_UNITS = {
    "milliliters": "ml", "centiliters": "cl", "liters": "l", "grams": "g", "kilograms": "kg", "millimeters": "mm",
    "centimeters": "cm", "meters": "m", "inches": "in", "feet": "ft", "pounds": "lb", "ounces": "oz",
    "fluid_ounces": "fl oz",
}  # fmt: skip


class AttributeColumn(NamedTuple):
    """
    A column that tells of an attribute.

    `kind` is "" where only the content can tell; `mark` stands between several values in a cell.
    """

    at: int  # Where in the row.
    name: str
    unit: str = ""
    kind: str = ""
    mark: str = ""


METAFIELD = re.compile(
    r"(?P<name>.*?)\s*\(?product\.metafields\.(?P<space>[\w$:-]+)\.(?P<key>[\w-]+)\)?"
)
METAFIELD_OF_OTHERS = re.compile(
    r"metafield:\s*(?:(?P<space>[\w-]+)\.)?(?P<key>[\w-]+)\s*(?:\[(?P<type>[^\]]*)\])?",
    re.IGNORECASE,
)
OWN = re.compile(
    r"attribute:\s*(?P<name>.+?)\s*(?:\[(?P<kind>text|number|boolean)\b\s*(?P<unit>.*)\])?"
)
YES_OR_NO_NAME = re.compile(r"(is|has|can)[_-]|.*[_-](safe|free|proof|included)$")


def shopify_attribute(header: str, index: int) -> AttributeColumn | None:
    """`Capacity (product.metafields.custom.capacity_ml)` is Capacity, a number in ml."""
    found = METAFIELD.fullmatch(header) or METAFIELD_OF_OTHERS.fullmatch(header)
    if not found:
        return None
    words = [word for word in re.split(r"[_-]+", found["key"]) if word]
    unit = UNITS.get(words[-1].lower(), "") if len(words) > 1 else ""
    spoken = " ".join(words[:-1] if unit else words)
    name = found.groupdict().get("name") or f"{spoken[:1].upper()}{spoken[1:]}"
    kind = AttributeKind.BOOLEAN if YES_OR_NO_NAME.match(found["key"]) else ""
    mark = ";" if found["space"] == "shopify" else ""
    return AttributeColumn(index, one_line(name)[:120], unit, kind, mark) if name else None


def mercer_attribute(header: str, index: int) -> AttributeColumn | None:
    """`attribute: Capacity [number ml]`; without the brackets the content decides."""
    found = OWN.fullmatch(header)
    if not found:
        return None
    kind = found["kind"] or ""
    unit = one_line(found["unit"] or "")[:20]
    return AttributeColumn(index, one_line(found["name"])[:120], unit, kind, "|")


def no_attribute(header: str, index: int) -> None:
    """WooCommerce names its attributes in cells, not in the first line."""


class ColumnContent:
    """What the cells of one attribute have in common, seen one by one."""

    def __init__(self) -> None:
        self.is_number = self.is_yes_or_no = True
        self.is_empty = True
        self.unit = ""

    def see(self, cell: str) -> None:
        self.is_empty = False
        self.unit = self.unit or unit_in(cell)
        self.is_yes_or_no = self.is_yes_or_no and fold(cell) in YES_WORDS
        self.is_number = self.is_number and as_number(cell) is not None

    def kind(self, column: AttributeColumn) -> str:
        """The type the attribute gets if the shop does not have it yet."""
        if self.is_empty:
            return column.kind or AttributeKind.TEXT
        if self.is_yes_or_no and column.kind in {"", AttributeKind.BOOLEAN}:
            return AttributeKind.BOOLEAN
        if self.is_number and column.kind in {"", AttributeKind.NUMBER}:
            return AttributeKind.NUMBER
        return AttributeKind.TEXT


# 1 and 0 are numbers in the first place.
YES_WORDS = (YES | NO) - {"1", "0", "x", "y", "n", "t", "f"}


def as_number(cell: str) -> Decimal | None:
    """The number a cell is, if it is nothing but one; 0012 is the name of something."""
    measured = _json(cell)
    if isinstance(measured, Mapping):
        cell = str(measured.get("value", ""))
    if not re.fullmatch(r"-?[0-9][0-9.,]*", cell) or re.match(r"-?0[0-9]", cell):
        return None
    try:
        number = decimal(cell, "It", point_is_decimal=True)
    except Unreadable:
        return None
    return round(number, 4) if abs(number) < MAX_NUMBER else None


def unit_in(cell: str) -> str:
    """The unit a measured value brings with it."""
    measured = _json(cell)
    spelled = str(measured.get("unit", "")) if isinstance(measured, Mapping) else ""
    return SPELLED_UNITS.get(spelled.lower(), spelled.lower()[:20])


def typed(cell: str, kind: str, name: str, mark: str = "") -> list[Value]:
    """What a cell says of an attribute of this kind; raises Unreadable where it does not fit."""
    if kind == AttributeKind.BOOLEAN:
        if fold(cell) not in YES | NO:
            raise Unreadable(f"{name} “{short(cell)}” is neither yes nor no.")
        return [fold(cell) in YES]
    if kind == AttributeKind.NUMBER:
        number = as_number(cell)
        if number is None:
            raise Unreadable(f"{name} “{short(cell)}” is no number.")
        return [number.quantize(Decimal("0.0001"))]
    return [identity(part, name, MAX_TEXT) for part in _texts(cell, mark)]


def _texts(cell: str, mark: str) -> list[str]:
    found = None if mark == "|" else _json(cell)  # Shopify's lists and measures.
    if isinstance(found, list):
        return list(dict.fromkeys(text for each in found if (text := one_line(str(each)))))
    if isinstance(found, Mapping):
        return [text] if (text := one_line(_spoken(found))) else []
    return items(cell, mark) if mark else [one_line(cell)]


def _spoken(found: Any, depth: int = 0) -> str:
    """The words of a measured value or of rich text, without its scaffolding."""
    if not isinstance(found, Mapping) or depth > 20:
        return ""
    if "unit" in found:
        return f"{found.get('value', '')} {SPELLED_UNITS.get(str(found['unit']).lower(), '')}"
    below = found.get("children")
    parts = [_spoken(each, depth + 1) for each in below] if isinstance(below, list) else []
    return " ".join([str(found.get("value", "")), *parts])


def _json(cell: str) -> Any:
    if not cell.startswith(("[", "{")):
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None
