"""Facets as pages show them: which, in what order, and how much of a long one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext

from catalog.facets.choosing import IN_STOCK, SALE, Choice, Facet
from catalog.facets.counting import Counted
from catalog.models import FacetKind

SHOWN = 10  # Values of a facet before “show all”.
SIZES = ["XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "2XL", "XXXL", "3XL", "4XL", "5XL"]
OPEN = 3  # Facets that stand open; the rest are a press away.


@dataclass(slots=True)
class ShownValue:
    """A box to tick. One that nothing would be left of cannot be ticked, but can be unticked."""

    slug: str
    text: str
    count: int
    swatch: str
    is_chosen: bool

    @property
    def is_disabled(self) -> bool:
        return not self.count and not self.is_chosen


@dataclass(frozen=True)
class ShownFacet:
    """`hidden` counts the values that are left out until all are asked for."""

    name: str
    label: str | Promise
    values: Sequence[ShownValue]
    number: int
    hidden: int
    is_open: bool


def shown(
    counted: Mapping[Facet, Sequence[Counted]], choice: Choice, products: int, wanted: Iterable[str]
) -> list[ShownFacet]:
    """
    The facets that tell the `products` of a list apart, and those of which something is chosen.

    `wanted` names those of which all values are to be shown.
    """
    found: list[ShownFacet] = []
    for facet, values in counted.items():
        chosen = {value.code for value in choice.values.get(facet, [])}
        if facet in (IN_STOCK, SALE) or not (chosen or tells_apart(values, products)):
            continue
        boxes = [as_box(facet, each, chosen) for each in in_order(facet, values)]
        kept = boxes if facet.name in wanted else shortened(boxes)
        is_open = bool(chosen) or facet.name in wanted or len(found) < OPEN
        found.append(
            ShownFacet(facet.name, facet.label, kept, len(boxes), len(boxes) - len(kept), is_open)
        )
    return found


def shown_flags(
    counted: Mapping[Facet, Sequence[Counted]], choice: Choice
) -> list[tuple[Facet, ShownValue]]:
    """Availability and sale: one box each, also where nothing has it."""
    boxes = []
    for facet in (IN_STOCK, SALE):
        is_chosen = facet in choice.values
        count = next((each.count for each in counted.get(facet, [])), 0)
        boxes.append((facet, ShownValue("1", str(facet.label), count, "", is_chosen)))
    return boxes


def tells_apart(values: Sequence[Counted], products: int) -> bool:
    return any(each.total < products for each in values)


def in_order(facet: Facet, values: Sequence[Counted]) -> list[Counted]:
    """As staff ordered them, numbers by size, stars from the most, and the rest from the commonest."""
    if facet.kind == FacetKind.RATING:
        return sorted(values, key=lambda each: each.value.code, reverse=True)
    if facet.kind == FacetKind.OPTION:
        return sorted(values, key=lambda each: (each.value.position, as_sizes(each.value.label)))
    if all(is_number(each.value.label) for each in values):
        return sorted(values, key=lambda each: Decimal(each.value.label))
    return sorted(values, key=lambda each: (-each.total, each.value.label))


def as_sizes(label: str) -> tuple[int, list[tuple[int, Decimal, str]]]:
    """An order in which M stands between S and L, and 9 before 10.5; the rest by its letters."""
    if label.upper() in SIZES:
        return SIZES.index(label.upper()), []
    parts = re.findall(r"\d+(?:\.\d+)?|\D+", label)
    return len(SIZES), [
        (0, Decimal(part), "") if part[0].isdecimal() else (1, Decimal(0), part) for part in parts
    ]


def shortened(boxes: Sequence[ShownValue]) -> list[ShownValue]:
    """The first of a long facet, and those that are chosen."""
    if len(boxes) <= SHOWN + 2:  # Two more take no more room than the words “show all”.
        return list(boxes)
    return [box for at, box in enumerate(boxes) if at < SHOWN or box.is_chosen]


def as_box(facet: Facet, counted: Counted, chosen: set[int]) -> ShownValue:
    value = counted.value
    text = value_text(facet, value.label)
    return ShownValue(value.slug, text, counted.count, value.swatch, value.code in chosen)


def value_text(facet: Facet, label: str) -> str:
    """A value in the words of a page; those of numbers and of yes and no are spelled for machines."""
    if facet.kind == FacetKind.RATING:
        return gettext("%(stars)s and up") % {"stars": label}
    if facet.kind == FacetKind.ATTRIBUTE and label in {"yes", "no"}:
        return gettext("Yes") if label == "yes" else gettext("No")
    return f"{label} {facet.unit}" if facet.unit and is_number(label) else label


def chip_text(facet: Facet, label: str) -> str:
    """A chosen value where its facet does not stand above it."""
    if facet in (IN_STOCK, SALE):
        return str(facet.label)
    if facet.kind == FacetKind.RATING:
        return gettext("%(stars)s stars and up") % {"stars": label}
    text = value_text(facet, label)
    if facet.kind == FacetKind.ATTRIBUTE and (label in {"yes", "no"} or is_number(label)):
        return gettext("%(facet)s: %(value)s") % {"facet": facet.label, "value": text}
    return text


def is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
