"""Carrying out plans, a batch at a time, by as few statements as there are tables."""

from collections.abc import Iterable

from django.utils import timezone

from catalog.images import PictureRefused
from catalog.importing.attributes import Value
from catalog.importing.names import Names
from catalog.importing.pictures import Folder
from catalog.importing.plans import ProductPlan
from catalog.importing.recording import Recorder
from catalog.importing.report import Report
from catalog.importing.values import fold
from catalog.importing.variant_writing import VariantWriter
from catalog.models import (
    AttributeValue,
    CollectionItem,
    Image,
    Product,
    ProductOption,
)
from catalog.models.attribute import AttributeKind

PLAIN_FIELDS = (
    "name",
    "description",
    "status",
    "publish_at",
    "tags",
    "seo_title",
    "seo_description",
)
NAMED_FIELDS = ("brand", "category", "tax_class")


class Writer:
    """Writes what plans say. The caller's transaction decides whether it stays."""

    def __init__(
        self,
        names: Names,
        folder: Folder,
        report: Report,
        cause: str,
        recorder: Recorder | None = None,
    ) -> None:
        self.recorder = recorder
        self.names = names
        self.folder = folder
        self.report = report
        self.variants = VariantWriter(names, cause)
        self.touched: list[int] = []  # Products whose lists have to be told.

    def write(self, plans: Iterable[ProductPlan], freed_skus: list[int]) -> None:
        plans = [plan for plan in plans if not plan.is_empty]
        if not plans:
            return
        if self.recorder:
            self.recorder.note_freed(freed_skus)
        products = self._write_products(plans)
        self._write_also_in(plans, products)
        pictures = self._write_pictures(plans, products)
        self._write_options(plans, products)
        self.variants.write(plans, products, pictures, freed_skus)
        self._write_attributes(plans, products)
        self._write_collections(plans, products)
        self.touched += [product.pk for product in products.values()]
        if self.recorder:
            self.recorder.record(plans, products, pictures)
            self.recorder.wish(plans, products)

    def _write_products(self, plans: list[ProductPlan]) -> dict[str, Product]:
        """Make new products and change known ones; all of them, by address."""
        made = [
            self._filled(Product(slug=plan.facts.slug), plan) for plan in plans if not plan.known
        ]
        Product.objects.bulk_create(made)
        changed = [self._filled(plan.known.product, plan) for plan in plans if plan.known]
        now = timezone.now()
        for product in changed:
            product.updated_at = now
        fields = {name for plan in plans for name in plan.changes} & {*PLAIN_FIELDS, *NAMED_FIELDS}
        if fields:
            Product.objects.bulk_update(changed, [*sorted(fields), "updated_at"], batch_size=500)
        else:  # Only things around them change.
            Product.objects.filter(pk__in=[product.pk for product in changed]).update(
                updated_at=now
            )
        by_pk = {product.pk: product for product in [*made, *changed]}
        slugs = {product.slug.lower(): product for product in by_pk.values()}
        return {plan.facts.slug: slugs[plan.facts.slug.lower()] for plan in plans}

    def _filled(self, product: Product, plan: ProductPlan) -> Product:
        fields = plan.facts.fields
        for name in PLAIN_FIELDS:
            if name in fields:
                setattr(product, name, fields[name])
        if "brand" in fields:
            product.brand_id = self.names.brand(fields["brand"])
        if "tax_class" in fields:
            product.tax_class_id = self.names.tax_class(fields["tax_class"])
        if "category" in fields:
            product.category_id = self.names.category(fields["category"])
        return product

    def _write_also_in(self, plans: list[ProductPlan], products: dict[str, Product]) -> None:
        through = Product.categories.through
        for plan in plans:
            if "also_in" not in (plan.changes if plan.known else plan.facts.fields):
                continue
            product = products[plan.facts.slug]
            through.objects.filter(product=product).delete()
            through.objects.bulk_create(
                through(product_id=product.pk, category_id=self.names.category(path))
                for path in sorted(plan.facts.fields["also_in"])
            )

    def _write_pictures(
        self, plans: list[ProductPlan], products: dict[str, Product]
    ) -> dict[tuple[int, str], Image]:
        """Store new pictures; all pictures of these products, by product and source."""
        found: dict[tuple[int, str], Image] = {}
        changed = []
        for plan in plans:
            product = products[plan.facts.slug]
            there = plan.known.pictures if plan.known else {}
            found |= {(product.pk, source): image for source, image in there.items()}
            last = max((image.position for image in there.values()), default=0)
            for at, facts in enumerate(plan.new_pictures, start=last + 1):
                try:
                    found[product.pk, facts.source] = self.folder.add(
                        facts.source, product, facts.text or "", facts.position or at
                    )
                except (PictureRefused, OSError) as problem:
                    self.report.counts["pictures_left_out"] += 1
                    self.report.counts["pictures_new"] -= 1
                    self.report.note(
                        f"{plan.facts.slug}: the picture {facts.source} is left out. {problem}",
                        "pictures left out",
                    )
            for image, facts in plan.changed_pictures:
                plan.pictures_before.append((image, image.alt, image.position))
                image.alt = image.alt if facts.text is None else facts.text
                image.position = image.position if facts.position is None else facts.position
                changed.append(image)
        Image.objects.bulk_update(changed, ["alt", "position"])
        return found

    def _write_options(self, plans: list[ProductPlan], products: dict[str, Product]) -> None:
        """Give products the options they lack; the order of those they have is the staff's."""
        made = []
        for plan in plans:
            has = plan.known.options if plan.known else {}
            for at, option in enumerate(plan.facts.options):
                if fold(option) not in has:
                    made.append(
                        ProductOption(
                            product=products[plan.facts.slug],
                            option=self.names.option(option),
                            position=len(has) + at,
                        )
                    )
        ProductOption.objects.bulk_create(made)

    def _write_attributes(self, plans: list[ProductPlan], products: dict[str, Product]) -> None:
        AttributeValue.objects.filter(
            pk__in=[pk for plan in plans for pk in plan.gone_values]
        ).delete()
        AttributeValue.objects.bulk_create(
            self._attribute_value(products[plan.facts.slug], name, value)
            for plan in plans
            for name, values in plan.new_values.items()
            for value in values
        )

    def _attribute_value(self, product: Product, name: str, value: Value) -> AttributeValue:
        attribute = self.names.attributes[fold(name)]
        field = {AttributeKind.NUMBER: "number", AttributeKind.BOOLEAN: "boolean"}.get(
            AttributeKind(attribute.kind), "text"
        )
        return AttributeValue(product=product, attribute=attribute, **{field: value})

    def _write_collections(self, plans: list[ProductPlan], products: dict[str, Product]) -> None:
        CollectionItem.objects.bulk_create(
            CollectionItem(
                product=products[plan.facts.slug], collection_id=self.names.collection(name)
            )
            for plan in plans
            for name in plan.new_collections
        )
