"""A SKU names one variant in the shop, even where a file gives it to several."""

from collections.abc import Container, Iterable

from catalog.importing.facts import VariantFacts
from catalog.importing.known import KnownVariant
from catalog.importing.plans import ProductPlan
from catalog.importing.report import Report
from catalog.models import Variant


class Skus:
    """
    Gives each SKU to the first variant of the file that asks for it.

    A variant of a product that is not in the file keeps its own. Whoever comes too late is
    imported without a SKU, and the report says so: a shop's exports are full of such doubles, and
    refusing them would refuse the goods.
    """

    def __init__(self, report: Report, kept_slugs: Container[str]) -> None:
        self.report = report
        self.kept_slugs = kept_slugs
        self.claims: dict[str, int] = {}  # SKU → line of the variant that has it.
        self.freed: list[int] = []

    def settle(self, plans: Iterable[ProductPlan]) -> None:
        """Take SKUs away from facts that cannot have them; note in `freed` who has to give one up."""
        asking = [
            (known, facts)
            for plan in plans
            for known, facts in sorted(
                [(None, facts) for facts in plan.new_variants]
                + [(known, facts) for known, facts, _ in plan.changed_variants],
                key=lambda pair: pair[1].line,
            )
            if facts.fields.get("sku")
        ]
        owners = {
            sku: (pk, slug)
            for sku, pk, slug in Variant.objects.filter(
                sku__in={facts.fields["sku"] for _, facts in asking}
            ).values_list("sku", "pk", "product__slug")
        }
        by_pk = {known.variant.pk: known for known, _ in asking if known}
        self.freed = []
        for known, facts in asking:
            self._settle_one(known, facts, owners, by_pk)

    def _settle_one(
        self,
        known: KnownVariant | None,
        facts: VariantFacts,
        owners: dict[str, tuple[int, str]],
        by_pk: dict[int, KnownVariant],
    ) -> None:
        sku = facts.fields["sku"]
        if sku in self.claims:
            self._leave_out(known, facts, f"line {self.claims[sku]} has it")
            return
        pk, slug = owners.get(sku, (None, ""))
        is_other = pk is not None and (known is None or known.variant.pk != pk)
        if is_other and slug.lower() not in self.kept_slugs:
            self._leave_out(known, facts, f"the product {slug} has it")
            return
        self.claims[sku] = facts.line
        if is_other and pk is not None:
            self.freed.append(pk)
            if pk in by_pk:
                by_pk[pk].fields["sku"] = ""
            self.report.note(
                f"The SKU {sku} is taken from another variant, of {slug}.",
                "SKUs that moved",
                facts.line,
            )

    def _leave_out(self, known: KnownVariant | None, facts: VariantFacts, why: str) -> None:
        self.report.note(
            f"The SKU {facts.fields['sku']} is left out: {why}.",
            "SKUs that another variant has",
            facts.line,
        )
        if known:
            del facts.fields["sku"]
        else:
            facts.fields["sku"] = ""
