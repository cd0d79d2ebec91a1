"""Which variants of the file are which of the shop, and what it would change of them."""

from catalog.importing.facts import VariantFacts
from catalog.importing.known import KnownVariant
from catalog.importing.plans import Changes, ProductPlan, called, differences
from catalog.importing.report import Report


class VariantPlanner:
    """`set_stock` lets the counts of known variants change."""

    def __init__(self, report: Report, set_stock: bool) -> None:
        self.report = report
        self.set_stock = set_stock

    def match(self, plan: ProductPlan) -> None:
        """Find each variant in the shop: by its options, else by its SKU. A new one needs a price."""
        left = {each.key: each for each in (plan.known.variants if plan.known else [])}
        unmatched = []
        for facts in plan.facts.variants:
            if known := left.pop(facts.key, None):
                facts.pk = known.variant.pk
                plan.changed_variants.append((known, facts, {}))
            else:
                unmatched.append(facts)
        by_sku = {each.fields["sku"]: each for each in left.values() if each.fields["sku"]}
        for facts in unmatched:
            if known := by_sku.pop(facts.fields.get("sku"), None):
                del left[known.key]
                facts.pk = known.variant.pk
                plan.changed_variants.append((known, facts, {}))
            elif "price" in facts.fields:
                plan.new_variants.append(facts)
            else:
                plan.facts.lines.remove(facts.line)
                self.report.refuse(facts.line, "It has no price.")
        if left and plan.facts.variants:
            self.report.note(
                f"{plan.facts.slug}: {len(left)} variants of the shop are not in the file; they stay.",
                "products with variants that the file does not name",
            )

    def compare(self, plan: ProductPlan) -> None:
        matched, plan.changed_variants = plan.changed_variants, []
        for known, facts, _ in matched:
            changes = self._keep_promises(
                plan, known, facts, differences(known.fields, facts.fields)
            )
            if known.key != facts.key:
                changes["options"] = (known.name, facts.name)
            if changes:
                plan.changed_variants.append((known, facts, changes))
            is_counted = self._plan_count(plan, known, facts)
            self.report.counts[
                f"variants_{'changed' if changes or is_counted else 'unchanged'}"
            ] += 1

    def _keep_promises(
        self, plan: ProductPlan, known: KnownVariant, facts: VariantFacts, changes: Changes
    ) -> Changes:
        """Leave a back-order limit alone that orders rely on."""
        stock = known.stock
        lowered = changes.keys() & {"may_backorder", "backorder_limit"}
        if not lowered or stock is None or stock.allocated <= stock.on_hand:
            return changes
        self.report.note(
            f"{called(plan, facts)}: more is promised to orders than is there, so it may still be back-ordered.",
            "back-orders that stay possible",
            facts.line,
        )
        return {name: change for name, change in changes.items() if name not in lowered}

    def _plan_count(self, plan: ProductPlan, known: KnownVariant, facts: VariantFacts) -> bool:
        """Would the count on the shelf change? Only where that was asked for."""
        stock = known.stock
        if facts.on_hand is None or stock is None or facts.on_hand == stock.on_hand:
            return False
        if not stock.is_tracked:
            return False
        where = called(plan, facts)
        if not self.set_stock:
            self.report.note(
                f"{where}: the file counts {facts.on_hand}, the shelf {stock.on_hand}; it stays "
                "unless counts are set by the file.",
                "counts that differ and stay",
                facts.line,
            )
            return False
        if facts.on_hand + stock.backorder_limit < stock.allocated:
            self.report.note(
                f"{where}: {stock.allocated} are promised to orders, so the count stays "
                f"{stock.on_hand} instead of {facts.on_hand}.",
                "counts below what is promised",
                facts.line,
            )
            return False
        plan.counted.append((known, facts.on_hand))
        self.report.change(where, {"on hand": (stock.on_hand, facts.on_hand)})
        self.report.counts["counts_set_new"] += 1
        return True
