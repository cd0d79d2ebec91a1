"""The inverse of what an import did to one product, beside what the product is now."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from catalog.importing.facts import Choice, PictureFacts, ProductFacts, VariantFacts, same
from catalog.importing.known import Known, KnownVariant
from catalog.importing.names import Names
from catalog.importing.plans import Changes, ProductPlan
from catalog.importing.recording import packed, unpacked
from catalog.importing.reverting_rows import Uses, delete_pictures
from catalog.importing.values import fold
from catalog.models import CollectionItem, ImportChange, ProductOption, StockItem, Variant
from catalog.models.attribute import AttributeKind

STOCK = {"is_tracked", "backorder_limit", "on_hand"}
SINCE = "somebody changed it since"


class Inverse:
    """Finds what can be put back. `leave(what, why)` is told of the rest."""

    def __init__(
        self,
        change: ImportChange,
        known: Known,
        names: Names,
        uses: Uses,
        leave: Callable[[str, str], None],
    ) -> None:
        self.change, self.known, self.names, self.uses = change, known, names, uses
        self.diff = change.diff
        self.leave = leave
        self.skus: dict[int, str] = {}  # Variants → the SKU that they get back.
        self.counts: dict[int, int] = {}
        self.shelf: dict[int, dict[str, Any]] = {}
        self.gone_variants: list[int] = []
        self.restores = False

    @property
    def slug(self) -> str:
        return self.known.product.slug

    def plan(self) -> ProductPlan:
        facts = ProductFacts(self.slug)
        self.made = ProductPlan(facts, self.known)
        self._fields(facts)
        self._variants()
        self._attributes()
        self._pictures()
        self._find_gone_variants()
        self.restores = not self.made.is_empty or bool(
            self.shelf or self.counts or self.gone_variants or self.diff.keys() & ADDED
        )
        return self.made

    def _fields(self, facts: ProductFacts) -> None:
        for name, (old, new) in self.diff.get("fields", {}).items():
            now = self.known.fields[name]
            if name == "description":
                is_same = packed(name, now) == new or now == new
            else:
                is_same = same(name, now, unpacked(name, new))
            if not is_same:
                self.leave(f"{self.slug}, {name}", SINCE)
                continue
            facts.fields[name] = unpacked(name, old)
            self.made.changes[name] = (now, facts.fields[name])

    def _variants(self) -> None:
        now = {each.variant.pk: each for each in self.known.variants}
        for key, changes in self.diff.get("variants", {}).items():
            known = now.get(int(key))
            if known is None:
                self.leave(f"{self.slug}, a variant", "it is gone")
                continue
            self._variant(known, changes)

    def _variant(self, known: KnownVariant, changes: dict[str, Any]) -> None:
        facts = VariantFacts(0, known.options, {}, pk=known.variant.pk)
        undone: Changes = {}
        for name, (old, new) in changes.items():
            if name in STOCK:
                self._stock(known, name, old, new)
            elif name == "options":
                self._options(known, facts, undone, old, new)
            elif known.fields[name] != unpacked(name, new):
                self.leave(f"{self._called(known)}, {name}", SINCE)
            else:
                facts.fields[name] = unpacked(name, old)
                undone[name] = (known.fields[name], facts.fields[name])
                if name == "sku":
                    self.skus[known.variant.pk] = old
        if undone:
            self.made.changed_variants.append((known, facts, undone))

    def _options(
        self, known: KnownVariant, facts: VariantFacts, undone: Changes, old: Any, new: Any
    ) -> None:
        before: tuple[Choice, ...] = tuple((option, value) for option, value in old)
        key = frozenset((fold(option), fold(value)) for option, value in before)
        is_taken = any(each.key == key for each in self.known.variants if each is not known)
        if known.key != frozenset((fold(option), fold(value)) for option, value in new) or is_taken:
            self.leave(f"{self._called(known)}, its options", SINCE)
            return
        facts.options = before
        undone["options"] = (known.name, facts.name)

    def _stock(self, known: KnownVariant, name: str, old: Any, new: Any) -> None:
        item = known.stock
        if item is None or getattr(item, name) != new:
            self.leave(f"{self._called(known)}, {name.replace('_', ' ')}", SINCE)
        elif name != "on_hand":
            self.shelf.setdefault(item.pk, {})[name] = old
        elif item.is_tracked and old + item.backorder_limit < item.allocated:
            self.leave(
                f"{self._called(known)}, on hand", f"{item.allocated} are promised to orders"
            )
        else:
            self.counts[known.variant.pk] = old

    def _attributes(self) -> None:
        for name, (old, new) in self.diff.get("attributes", {}).items():
            attribute = self.names.attributes.get(fold(name))
            there = self.known.attributes.get(fold(name), {})
            if attribute is None:
                self.leave(f"{self.slug}, {name}", "the attribute is gone")
                continue
            is_number = attribute.kind == AttributeKind.NUMBER
            before = [Decimal(each) if is_number else each for each in old]
            after = {Decimal(each) if is_number else each for each in new}
            if set(there) != after:
                self.leave(f"{self.slug}, {name}", SINCE)
                continue
            self.made.gone_values += [pk for value, pk in there.items() if value not in before]
            if added := [value for value in before if value not in there]:
                self.made.new_values[name] = added

    def _pictures(self) -> None:
        now = {image.pk: image for image in self.known.pictures.values()}
        for key, (old, new) in self.diff.get("pictures", {}).items():
            image = now.get(int(key))
            if image is None or [image.alt, image.position] != new:
                self.leave(f"{self.slug}, a picture's text or place", SINCE)
                continue
            self.made.changed_pictures.append((image, PictureFacts("", old[0], old[1])))

    def _find_gone_variants(self) -> None:
        now = {each.variant.pk: each for each in self.known.variants}
        for key, fields in self.diff.get("new_variants", {}).items():
            known = now.get(int(key))
            if known is None:
                continue
            if not is_as_recorded(known.fields, fields):
                self.leave(self._called(known), SINCE)
            elif self.uses.of_variant(known):
                self.leave(self._called(known), "a cart or an order names it")
            else:
                self.gone_variants.append(known.variant.pk)

    def drop_taken_skus(self, taken: set[str]) -> None:
        """Leave SKUs that another variant has by now."""
        for known, facts, undone in self.made.changed_variants:
            if "sku" in undone and facts.fields["sku"] in taken:
                self.leave(
                    f"{self._called(known)}, SKU {facts.fields['sku']}", "another has it now"
                )
                del undone["sku"], facts.fields["sku"]
        self.made.changed_variants = [each for each in self.made.changed_variants if each[2]]

    def restore_shelf(self) -> None:
        """How goods are counted. A limit below what is promised would break the CHECK."""
        for pk, fields in self.shelf.items():
            if "backorder_limit" in fields:
                promised = F("allocated") - F("on_hand")
                fields = fields | {"backorder_limit": Greatest(fields["backorder_limit"], promised)}
            StockItem.objects.filter(pk=pk).update(**fields)

    def remove_added(self) -> None:
        """Pictures, collections and options that the import gave to the product."""
        if not self.diff.keys() & ADDED:
            return
        product = self.known.product
        pks = set(self.diff.get("new_pictures", {}).values())
        delete_pictures(image for image in self.known.pictures.values() if image.pk in pks)
        added = {fold(name) for name in self.diff.get("new_collections", [])}
        for item in CollectionItem.objects.filter(product=product).select_related("collection"):
            if fold(item.collection.name) in added:
                item.delete()
        options = {fold(name) for name in self.diff.get("new_options", [])}
        for each in ProductOption.objects.filter(product=product).select_related("option"):
            used = Variant.objects.filter(product=product, variant_values__option=each.option_id)
            if fold(each.option.name) in options and not used.exists():
                each.delete()

    def is_as_made(self) -> bool:
        """Is the product as the import made it? Says so where it is not."""
        recorded = self.diff.get("new_variants", {})
        now = {str(each.variant.pk): each.fields for each in self.known.variants}
        is_so = is_as_recorded(self.known.fields, self.diff.get("fields", {})) and (
            now.keys() == recorded.keys()
            and all(is_as_recorded(now[pk], fields) for pk, fields in recorded.items())
        )
        if not is_so:
            self.leave(self.slug, SINCE)
        return is_so

    def _called(self, known: KnownVariant) -> str:
        return f"{self.slug} [{known.name}]" if known.name else self.slug


ADDED = {"new_pictures", "new_collections", "new_options"}


def is_as_recorded(now: dict[str, Any], recorded: dict[str, Any]) -> bool:
    return all(
        packed(name, now[name]) == value
        if name == "description"
        else same(name, now[name], unpacked(name, value))
        for name, value in recorded.items()
        if name in now
    )
