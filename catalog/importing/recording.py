"""What an import changed, product by product, in a form that can be compared and put back."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.importing.facts import VariantFacts
from catalog.importing.known import KnownVariant
from catalog.importing.plans import Changes, ProductPlan, attribute_changes
from catalog.importing.values import fold
from catalog.importing.variant_fields import WITHOUT_END
from catalog.models import Image, ImportBatch, ImportChange, ImportPicture, Product, Variant

STOCK_FIELDS = ("is_tracked", "may_backorder", "backorder_limit")
MONEY_FIELDS = ("price", "compare_at_price", "minimum_price")

type Pictures = Mapping[tuple[int, str], Image]


class Recorder:
    """Writes an ImportChange for every product that an import makes or changes."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch

    def note_freed(self, variants: list[int]) -> None:
        """Variants that are about to lose their SKU to others."""
        rows = Variant.objects.filter(pk__in=variants).select_related("product").order_by("pk")
        ImportChange.objects.bulk_create(
            ImportChange(
                batch=self.batch,
                product_id=each.product_id,
                slug=each.product.slug,
                diff={"variants": {each.pk: {"sku": [each.sku, ""]}}},
            )
            for each in rows
            if each.sku
        )

    def record(
        self, plans: list[ProductPlan], products: Mapping[str, Product], pictures: Pictures
    ) -> None:
        ImportChange.objects.bulk_create(
            [
                ImportChange(
                    batch=self.batch,
                    product=(product := products[plan.facts.slug]),
                    slug=product.slug,
                    is_new=plan.known is None,
                    diff=made(plan, product)
                    if plan.known is None
                    else changed(plan, product, pictures),
                )
                for plan in plans
            ],
            batch_size=500,
        )

    def wish(self, plans: list[ProductPlan], products: Mapping[str, Product]) -> None:
        """Lay pictures aside that are to be fetched when the import is done."""
        ImportPicture.objects.bulk_create(
            ImportPicture(
                batch=self.batch,
                product=products[plan.facts.slug],
                source=facts.source,
                alt=facts.text or "",
                position=facts.position or at,
                variants=[each.pk for each in plan.shown.get(facts.source, [])],
            )
            for plan in plans
            for at, facts in enumerate(
                plan.later_pictures, start=1 + len(plan.known.pictures if plan.known else ())
            )
        )


def made(plan: ProductPlan, product: Product) -> dict[str, Any]:
    """What a new product was like."""
    return {
        "fields": {name: packed(name, value) for name, value in plan.facts.fields.items()},
        "new_variants": {facts.pk: variant_fields(facts) for facts in plan.new_variants},
    }


def changed(plan: ProductPlan, product: Product, pictures: Pictures) -> dict[str, Any]:
    """What of a known product became different, and what was added to it."""
    had = plan.known.options if plan.known else {}
    diff = {
        "fields": pairs(plan.changes),
        "variants": variant_changes(plan),
        "new_variants": {facts.pk: variant_fields(facts) for facts in plan.new_variants},
        "attributes": pairs(attribute_changes(plan)),
        "pictures": {
            image.pk: [[alt, position], [image.alt, image.position]]
            for image, alt, position in plan.pictures_before
        },
        "new_pictures": {
            facts.source: image.pk
            for facts in plan.new_pictures
            if (image := pictures.get((product.pk, facts.source)))
        },
        "new_collections": plan.new_collections,
        "new_options": [name for name in plan.facts.options if fold(name) not in had],
    }
    return {name: value for name, value in diff.items() if value}


def variant_changes(plan: ProductPlan) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for known, facts, changes in plan.changed_variants:
        rest = {
            name: pair for name, pair in changes.items() if name not in {*STOCK_FIELDS, "options"}
        }
        found[known.variant.pk] = pairs(rest) | stock_changes(known, changes)
        if "options" in changes:
            found[known.variant.pk]["options"] = [known.options, facts.options]
    for known, count in plan.counted:
        if known.stock:
            found.setdefault(known.variant.pk, {})["on_hand"] = [known.stock.on_hand, count]
    return found


def stock_changes(known: KnownVariant, changes: Changes) -> dict[str, Any]:
    """How it is counted, with the limit that was written and not only whether there is one."""
    if known.stock is None or not changes.keys() & set(STOCK_FIELDS):
        return {}
    found = {"is_tracked": list(changes["is_tracked"])} if "is_tracked" in changes else {}
    old = known.stock.backorder_limit
    limit = old
    if "backorder_limit" in changes:
        limit = changes["backorder_limit"][1]
    elif "may_backorder" in changes:
        limit = (old or WITHOUT_END) if changes["may_backorder"][1] else 0
    limit = max(limit, known.stock.allocated - known.stock.on_hand)
    return found | ({"backorder_limit": [old, limit]} if limit != old else {})


def variant_fields(facts: VariantFacts) -> dict[str, Any]:
    names = ("sku", "barcode", *MONEY_FIELDS)
    return {name: packed(name, facts.fields[name]) for name in names if name in facts.fields}


def pairs(changes: Changes) -> dict[str, Any]:
    return {name: [packed("", old), packed("", new)] for name, (old, new) in changes.items()}


def packed(name: str, value: Any) -> Any:
    """A value as JSON keeps it; of the text of a new product only what it can be recognised by."""
    if name == "description":
        return hashlib.sha256(value.encode()).hexdigest()
    if isinstance(value, frozenset):
        return sorted(map(list, value))
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [packed("", each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def unpacked(name: str, value: Any) -> Any:
    """The inverse, for the fields of products and variants."""
    if value is None:
        return None
    if name == "category":
        return tuple(value)
    if name == "also_in":
        return frozenset(map(tuple, value))
    if name in MONEY_FIELDS:
        return Decimal(value)
    return datetime.fromisoformat(value) if name == "publish_at" else value
