"""What a file would change: facts of the file beside facts of the shop, field by field."""

from collections.abc import Container, Iterable

from catalog.importing.facts import PictureFacts, ProductFacts
from catalog.importing.known import Known
from catalog.importing.pictures import Folder
from catalog.importing.plans import ProductPlan, attribute_changes, called, differences
from catalog.importing.report import Report
from catalog.importing.skus import Skus
from catalog.importing.values import fold
from catalog.importing.variant_planning import VariantPlanner
from catalog.models import ProductStatus


class Planner:
    """
    Compares products with the shop and tells the report.

    `kept_slugs` are the addresses of all products of the file; `folder` is where pictures that the
    shop lacks may lie; with `fetches` others may come from their addresses; `set_stock` lets counts of known
    variants change.
    """

    def __init__(
        self,
        report: Report,
        kept_slugs: Container[str],
        folder: Folder,
        set_stock: bool,
        fetches: bool = False,
    ) -> None:
        self.fetches = fetches
        self.report = report
        self.folder = folder
        self.variants = VariantPlanner(report, set_stock)
        self.skus = Skus(report, kept_slugs)

    def plan(self, batch: Iterable[ProductFacts], known: dict[str, Known]) -> list[ProductPlan]:
        plans = []
        for facts in batch:
            plan = self._plan_product(facts, known.get(facts.slug.lower()))
            if plan:
                plans.append(plan)
        self.skus.settle(plans)
        for plan in plans:
            self.variants.compare(plan)
            self._tell(plan)
        return plans

    def _plan_product(self, facts: ProductFacts, known: Known | None) -> ProductPlan | None:
        plan = ProductPlan(facts, known)
        self.variants.match(plan)
        if not known and not (
            facts.fields.get("name") and (plan.new_variants or self._may_wait(facts))
        ):
            missing = "variant with a price" if facts.fields.get("name") else "title"
            self._refuse_all(facts, f"The product {facts.slug} is new and has no {missing}.")
            return None
        if known:
            plan.changes = differences(known.fields, facts.fields)
        else:
            facts.fields.setdefault(
                "status",
                ProductStatus.DRAFT if self.report.format == "mercer" else ProductStatus.ACTIVE,
            )
        self._plan_pictures(plan)
        self._plan_attributes(plan)
        has = known.collections if known else {}
        plan.new_collections = [name for name in facts.collections if fold(name) not in has]
        return plan

    def _may_wait(self, facts: ProductFacts) -> bool:
        """Mercer's own file may hold a product that is nothing but a draft yet."""
        is_shown = facts.fields.get("status") == ProductStatus.ACTIVE
        return self.report.format == "mercer" and not is_shown and not facts.variants

    def _refuse_all(self, facts: ProductFacts, reason: str) -> None:
        for line in [*facts.lines, *facts.merged]:
            self.report.refuse(line, reason)

    def _plan_pictures(self, plan: ProductPlan) -> None:
        pictures = plan.known.pictures if plan.known else {}
        for facts in plan.facts.pictures:
            image = pictures.get(facts.source)
            if image is None:
                self._plan_picture(plan, facts)
            elif (facts.text is not None and facts.text != image.alt) or (
                facts.position is not None and facts.position != image.position
            ):
                plan.changed_pictures.append((image, facts))
        there = pictures.keys() | {facts.source for facts in plan.new_pictures}
        later = {facts.source for facts in plan.later_pictures}
        for variant in plan.facts.variants:
            source = variant.fields.get("picture")
            if source in later:
                plan.shown.setdefault(source, []).append(variant)
            if source not in there:
                variant.fields.pop("picture", None)

    def _plan_picture(self, plan: ProductPlan, facts: PictureFacts) -> None:
        """A picture the shop lacks is added where it can be had, else left out: no reason to refuse."""
        problem = self.folder.problem(facts.source, plan.facts.slug)
        if not problem:
            plan.new_pictures.append(facts)
            return
        if self.fetches and facts.source.startswith(("http://", "https://", "//")):
            self.report.counts["pictures_to_fetch"] += 1
            plan.later_pictures.append(facts)
            return
        self.report.counts["pictures_left_out"] += 1
        if not self.folder.is_given:  # The report says so once, by their number.
            return
        self.report.note(
            f"{plan.facts.slug}: the picture {facts.source} is left out. {problem}",
            "pictures left out",
        )

    def _plan_attributes(self, plan: ProductPlan) -> None:
        known = plan.known.attributes if plan.known else {}
        for name, values in plan.facts.attributes.items():
            there = known.get(fold(name), {})
            new = [value for value in values if value not in there]
            plan.gone_values += [pk for value, pk in there.items() if value not in values]
            if new:
                plan.new_values[name] = new

    def _tell(self, plan: ProductPlan) -> None:
        """Write the plan into the report."""
        facts, counts = plan.facts, self.report.counts
        counts["rows_imported"] += len(facts.lines)
        for line, reason in facts.merged.items():
            self.report.merge(line, reason)
        counts["variants_new"] += len(plan.new_variants)
        counts["pictures_new"] += len(plan.new_pictures)
        if plan.known is None:
            counts["products_new"] += 1
            self.report.add(f"{facts.slug}: new, with {len(plan.new_variants)} variants")
            return
        counts["products_unchanged" if plan.is_empty else "products_changed"] += 1
        self.report.change(facts.slug, plan.changes)
        for _, variant, changes in plan.changed_variants:
            self.report.change(called(plan, variant), changes)
        for variant in plan.new_variants:
            self.report.add(f"{called(plan, variant)}: new")
        for picture in plan.new_pictures:
            self.report.add(f"{facts.slug}: picture {picture.source}")
        if plan.changed_pictures:
            self.report.change(
                facts.slug, {"pictures": (None, f"{len(plan.changed_pictures)} changed")}
            )
        for name, values in attribute_changes(plan).items():
            self.report.change(facts.slug, {name: values})
        for name in plan.new_collections:
            self.report.add(f"{facts.slug}: in the collection {name}")
