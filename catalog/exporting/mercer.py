"""Mercer's own format: importing it into an empty shop gives the same catalogue (docs/importing.md)."""

import re
from collections.abc import Iterator

from django.db.models import Count, Max

from catalog.exporting.rows import attributes_in_use, choices, spelled, values
from catalog.importing.known import Known, KnownVariant
from catalog.importing.values import joined
from catalog.models import VariantValue

PRODUCT = [
    "handle", "name", "description", "brand", "tax_class", "category", "also_in", "collection", "status", "publish_at",
    "tags", "seo_title", "seo_description", "pictures", "picture_texts",
]  # fmt: skip
VARIANT = [
    "sku", "barcode", "price", "compare_at_price", "minimum_price", "variant_tax_class", "weight_grams",
    "requires_shipping", "is_taxable", "is_tracked", "on_hand", "backorder_limit", "variant_picture",
]  # fmt: skip
COUNTED = {"is_tracked", "backorder_limit"}


class MercerRows:
    """One row for each variant; what belongs to the product stands in the first."""

    def __init__(self) -> None:
        self.attributes = attributes_in_use()
        most = VariantValue.objects.values("variant").annotate(chosen=Count("pk")).order_by()
        self.slots = most.aggregate(most=Max("chosen"))["most"] or 0

    def header(self) -> list[str]:
        options = [f"option{n}_{of}" for n in range(1, self.slots + 1) for of in ("name", "value")]
        attributes = [
            f"attribute: {each.name} [{f'{each.kind} {each.unit}'.strip()}]"
            for each in self.attributes
        ]
        return [*PRODUCT, *options, *VARIANT, *attributes]

    def of(self, known: Known) -> Iterator[list[str]]:
        about = self._product(known)
        facts = [joined(values(known, each), "|") for each in self.attributes]
        empty = [""] * (len(PRODUCT) - 1)
        for at, variant in enumerate(known.variants):
            first = at == 0
            yield [
                known.product.slug,
                *(about if first else empty),
                *self._options(known, variant),
                *variant_cells(variant),
                *(facts if first else [""] * len(facts)),
            ]
        if not known.variants:
            nothing = [""] * (2 * self.slots + len(VARIANT))
            yield [known.product.slug, *about, *nothing, *facts]

    def _product(self, known: Known) -> list[str]:
        product, fields = known.product, known.fields
        return [
            product.name,
            marked_as_html(product.description),
            fields["brand"],
            fields["tax_class"],
            path(fields["category"]),
            joined(sorted(map(path, fields["also_in"])), "|"),
            joined(known.collections.values(), "|"),
            product.status,
            product.publish_at.isoformat(),
            joined(product.tags, "|"),
            product.seo_title,
            product.seo_description,
            joined(known.pictures, "|"),
            joined((image.alt for image in known.pictures.values()), "|"),
        ]

    def _options(self, known: Known, variant: KnownVariant) -> list[str]:
        cells = [cell for choice in choices(known, variant) for cell in choice]
        return cells + [""] * (2 * self.slots - len(cells))


def variant_cells(each: KnownVariant) -> list[str]:
    on_hand = str(each.stock.on_hand) if each.stock else ""
    cells = {
        **{name: spelled(value) for name, value in each.fields.items()},
        "on_hand": on_hand,
        "variant_picture": each.fields["picture"],
    }
    return [cells.get(name, "") for name in VARIANT]


def path(names: tuple[str, ...]) -> str:
    return joined(names, ">", " ")


def marked_as_html(description: str) -> str:
    """A text without tags would get paragraphs on its way in; an empty comment says that it is HTML."""
    if description and not re.search(r"<[a-zA-Z/!]", description):
        return f"<!---->{description}"
    return description
