"""
What a file, or the shop, says of a product: plain values, with names in the place of rows.

`fields` holds only what is spoken of. What a file does not mention stays as it is in the shop.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.importing.attributes import Value
from catalog.importing.values import fold, short

type Choice = tuple[str, str]  # Option and value: ("Colour", "Sage").
type OptionsKey = frozenset[Choice]


@dataclass(slots=True)
class PictureFacts:
    source: str
    text: str | None = None
    position: int | None = None


@dataclass(slots=True)
class VariantFacts:
    line: int
    options: tuple[Choice, ...]
    fields: dict[str, Any]
    on_hand: int | None = None
    pk: int = 0  # Of the variant in the shop, as soon as it is there.

    @property
    def key(self) -> OptionsKey:
        return frozenset((fold(option), fold(value)) for option, value in self.options)

    @property
    def name(self) -> str:
        return ", ".join(value for _, value in self.options)


@dataclass(slots=True)
class ProductFacts:
    """`lines` are the rows it was read from; `merged` those of them that only added to another."""

    slug: str
    fields: dict[str, Any] = field(default_factory=dict)
    variants: list[VariantFacts] = field(default_factory=list)
    pictures: list[PictureFacts] = field(default_factory=list)
    attributes: dict[str, list[Value]] = field(default_factory=dict)
    collections: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    merged: dict[int, str] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        """The options its variants are told apart by, in their order."""
        return list(
            {fold(option): option for v in self.variants for option, _ in v.options}.values()
        )


def same(name: str, old: Any, new: Any) -> bool:
    """Do two values of a field say the same? Names of brands and categories may differ in case."""
    return bool(_folded(old) == _folded(new)) if name in NAMES else bool(old == new)


NAMES = {"brand", "category", "also_in", "tax_class", "variant_tax_class"}


def _folded(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_folded(each) for each in value)
    if isinstance(value, frozenset):
        return frozenset(_folded(each) for each in value)
    return fold(value) if isinstance(value, str) else value


def spoken(value: Any) -> str:
    """A value as the report shows it."""
    if value is None or value in ("", (), [], frozenset()):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.as_tuple().exponent == -4 else f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return " > ".join(map(spoken, value))
    if isinstance(value, list | frozenset):
        return ", ".join(
            sorted(map(spoken, value)) if isinstance(value, frozenset) else map(spoken, value)
        )
    return f"“{short(value)}”" if isinstance(value, str) else str(value)
