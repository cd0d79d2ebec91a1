"""The difference that a product of the file makes to the shop."""

from dataclasses import dataclass, field
from typing import Any

from catalog.importing.attributes import Value
from catalog.importing.facts import PictureFacts, ProductFacts, VariantFacts, same
from catalog.importing.known import Known, KnownVariant
from catalog.importing.values import fold
from catalog.models import Image

type Changes = dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class ProductPlan:
    """The difference that one product of the file makes. Empty where it says what the shop says."""

    facts: ProductFacts
    known: Known | None
    changes: Changes = field(default_factory=dict)
    new_variants: list[VariantFacts] = field(default_factory=list)
    changed_variants: list[tuple[KnownVariant, VariantFacts, Changes]] = field(default_factory=list)
    counted: list[tuple[KnownVariant, int]] = field(default_factory=list)
    new_pictures: list[PictureFacts] = field(default_factory=list)
    changed_pictures: list[tuple[Image, PictureFacts]] = field(default_factory=list)
    later_pictures: list[PictureFacts] = field(default_factory=list)  # To be fetched afterwards.
    shown: dict[str, list[VariantFacts]] = field(default_factory=dict)  # By which of their sources.
    pictures_before: list[tuple[Image, str, int]] = field(default_factory=list)
    new_values: dict[str, list[Value]] = field(default_factory=dict)
    gone_values: list[int] = field(default_factory=list)
    new_collections: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return self.known is not None and not (
            self.changes or self.new_variants or self.changed_variants or self.counted
            or self.new_pictures or self.changed_pictures or self.new_values or self.gone_values
            or self.new_collections or self.later_pictures
        )  # fmt: skip


def called(plan: ProductPlan, variant: VariantFacts) -> str:
    return f"{plan.facts.slug} [{variant.name}]" if variant.name else plan.facts.slug


def differences(known: dict[str, Any], facts: dict[str, Any]) -> Changes:
    return {
        name: (known.get(name), value)
        for name, value in facts.items()
        if not same(name, known.get(name), value)
    }


def attribute_changes(plan: ProductPlan) -> Changes:
    """Each attribute's values before and after."""
    known = plan.known.attributes if plan.known else {}
    changes: Changes = {}
    for name, values in plan.facts.attributes.items():
        there = known.get(fold(name), {})
        if set(there) != set(values):
            changes[name] = (list(there), values)
    return changes
