"""Writing variants, their chosen values, and their places on the shelf."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from catalog.importing.facts import VariantFacts
from catalog.importing.known import KnownVariant
from catalog.importing.names import Names
from catalog.importing.plans import Changes, ProductPlan
from catalog.importing.values import fold
from catalog.importing.variant_fields import WITHOUT_END
from catalog.models import (
    Image,
    MovementKind,
    OptionValue,
    Product,
    StockItem,
    StockMovement,
    Variant,
    VariantValue,
)
from catalog.models.option import options_key

PLAIN_FIELDS = (
    "sku", "barcode", "price", "compare_at_price", "minimum_price", "weight_grams", "requires_shipping",
    "is_taxable",
)  # fmt: skip

type Pictures = Mapping[tuple[int, str], Image]
type Chosen = Mapping[tuple[str, str], OptionValue]


class VariantWriter:
    """`cause` names the import in the stock ledger, such as "import:17"."""

    def __init__(self, names: Names, cause: str) -> None:
        self.names = names
        self.cause = cause

    def write(
        self,
        plans: list[ProductPlan],
        products: Mapping[str, Product],
        pictures: Pictures,
        freed_skus: list[int],
    ) -> None:
        Variant.objects.filter(pk__in=freed_skus).update(sku="")
        chosen = self.names.option_values(
            choice
            for plan in plans
            for facts in [*plan.new_variants, *(each[1] for each in plan.changed_variants)]
            for choice in facts.options
        )
        self._change(plans, pictures, chosen)
        self._make(plans, products, pictures, chosen)
        self._change_shelf([change for plan in plans for change in plan.changed_variants])

    def _make(
        self,
        plans: list[ProductPlan],
        products: Mapping[str, Product],
        pictures: Pictures,
        chosen: Chosen,
    ) -> None:
        """New variants, each with its place on the shelf and a movement for what lies there."""
        made: list[tuple[Variant, VariantFacts]] = []
        for plan in plans:
            known = plan.known.variants if plan.known else []
            last = max((each.variant.position for each in known), default=0)
            for at, facts in enumerate(plan.new_variants, start=last + 1):
                variant = Variant(product=products[plan.facts.slug], position=at)
                fill(variant, facts, pictures, chosen)
                self._class(variant, facts, facts.fields)
                made.append((variant, facts))
        Variant.objects.bulk_create(variant for variant, _ in made)
        for variant, facts in made:
            facts.pk = variant.pk
        VariantValue.objects.bulk_create(
            value for variant, facts in made for value in variant_values(variant, facts, chosen)
        )
        items = StockItem.objects.bulk_create(shelf(variant, facts) for variant, facts in made)
        StockMovement.objects.bulk_create(
            StockMovement(
                item=item,
                kind=MovementKind.RECEIVE,
                delta_on_hand=item.on_hand,
                delta_allocated=0,
                cause=self.cause,
                reason="Imported",
                dedupe_key=f"{self.cause}:{MovementKind.RECEIVE}:{item.variant_id}",
            )
            for item in items
            if item.on_hand
        )

    def _change(self, plans: list[ProductPlan], pictures: Pictures, chosen: Chosen) -> None:
        changed = [each for plan in plans for each in plan.changed_variants]
        names = {name for _, _, changes in changed for name in changes}
        columns = [name for name in PLAIN_FIELDS if name in names]
        columns += ["tax_class"] if "variant_tax_class" in names else []
        columns += ["image"] if "picture" in names else []
        columns += ["options_key"] if "options" in names else []
        if not columns:
            return
        variants = [
            fill(known.variant, facts, pictures, chosen, changes)
            for known, facts, changes in changed
        ]
        for known, facts, changes in changed:
            self._class(known.variant, facts, changes)
        if "sku" in names:  # Two of them may swap theirs.
            Variant.objects.filter(
                pk__in=[known.variant.pk for known, _, changes in changed if "sku" in changes]
            ).update(sku="")
        Variant.objects.bulk_update(variants, columns, batch_size=500)
        rechosen = [
            (known.variant, facts) for known, facts, changes in changed if "options" in changes
        ]
        VariantValue.objects.filter(variant__in=[variant for variant, _ in rechosen]).delete()
        VariantValue.objects.bulk_create(
            value for variant, facts in rechosen for value in variant_values(variant, facts, chosen)
        )

    def _class(self, variant: Variant, facts: VariantFacts, told: Collection[str]) -> None:
        if "variant_tax_class" in told:
            variant.tax_class_id = self.names.tax_class(facts.fields["variant_tax_class"])

    def _change_shelf(self, changed: list[tuple[KnownVariant, VariantFacts, Changes]]) -> None:
        """Change how known variants are counted. A limit below what is promised would break the CHECK."""
        for known, _, changes in changed:
            item = known.stock
            if item is None or not changes.keys() & {
                "is_tracked",
                "may_backorder",
                "backorder_limit",
            }:
                continue
            fields = {name: new for name, (_, new) in changes.items()}
            limit = backorder_limit(fields, item.backorder_limit)
            StockItem.objects.filter(pk=item.pk).update(
                is_tracked=fields.get("is_tracked", item.is_tracked),
                backorder_limit=Greatest(limit, F("allocated") - F("on_hand")),
            )


def fill(
    variant: Variant,
    facts: VariantFacts,
    pictures: Pictures,
    chosen: Chosen,
    changes: Changes | None = None,
) -> Variant:
    """Give a variant what the file says of it; of a known one only what `changes`."""
    for name in PLAIN_FIELDS:
        if name in (facts.fields if changes is None else changes):
            setattr(variant, name, facts.fields[name])
    if "picture" in (facts.fields if changes is None else changes):
        source = facts.fields["picture"]
        variant.image = (
            pictures.get((variant.product_id, source), variant.image) if source else None
        )
    if changes is None or "options" in changes:
        variant.options_key = options_key(values_of(facts, chosen))
    return variant


def values_of(facts: VariantFacts, chosen: Chosen) -> list[OptionValue]:
    return [chosen[fold(option), fold(value)] for option, value in facts.options]


def variant_values(variant: Variant, facts: VariantFacts, chosen: Chosen) -> list[VariantValue]:
    return [
        VariantValue(variant=variant, option_id=value.option_id, value=value, position=position)
        for position, value in enumerate(values_of(facts, chosen))
    ]


def shelf(variant: Variant, facts: VariantFacts) -> StockItem:
    is_tracked = facts.fields.get("is_tracked", True)
    return StockItem(
        variant=variant,
        on_hand=facts.on_hand or 0,
        is_tracked=is_tracked,
        backorder_limit=backorder_limit(facts.fields, 0),
    )


def backorder_limit(fields: Mapping[str, Any], now: int) -> int:
    """How many may be sold before they are there; Shopify knows none and any number only."""
    if "backorder_limit" in fields:
        return int(fields["backorder_limit"])
    if "may_backorder" in fields:
        return (now or WITHOUT_END) if fields["may_backorder"] else 0
    return now
