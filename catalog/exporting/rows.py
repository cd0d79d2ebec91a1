"""What the formats have in common."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from catalog.importing.facts import Choice
from catalog.importing.known import Known, KnownVariant
from catalog.importing.values import fold
from catalog.models import Attribute
from catalog.models.attribute import AttributeKind


class Rows(Protocol):
    """The rows of a format: made once, asked for its first line and then for those of each product."""

    def header(self) -> list[str]: ...

    def of(self, known: Known) -> Iterator[list[str]]: ...


def attributes_in_use() -> list[Attribute]:
    """Those that a product has a value of, in the order of the shop."""
    return list(
        Attribute.objects.filter(values__isnull=False).distinct().order_by("position", "name", "pk")
    )


def choices(known: Known, variant: KnownVariant) -> list[Choice]:
    """What is chosen of each option, in the product's order."""
    order = {option: at for at, option in enumerate(known.options)}
    return sorted(variant.options, key=lambda choice: order.get(fold(choice[0]), len(order)))


def values(known: Known, attribute: Attribute) -> list[str]:
    """The product's values of the attribute as an import reads them."""
    return [
        plain_number(value)
        if attribute.kind == AttributeKind.NUMBER and isinstance(value, Decimal)
        else spelled(value)
        for value in known.attributes.get(fold(attribute.name), {})
    ]


def plain_number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def spelled(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
