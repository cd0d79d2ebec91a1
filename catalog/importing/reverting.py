"""
Taking an import back: what it changed is as before, where nobody changed it since.

The inverse of each change is a plan like an import's own, and is carried out by the same writer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from catalog.importing.known import find_known
from catalog.importing.names import Names
from catalog.importing.pictures import Folder
from catalog.importing.report import KEPT, Report
from catalog.importing.reverting_plans import Inverse
from catalog.importing.reverting_rows import (
    Uses,
    delete_pictures,
    delete_products,
    delete_unused,
    delete_variants,
)
from catalog.importing.running import ROWS_AT_ONCE, Progress, begin_alone
from catalog.importing.writing import Writer
from catalog.models import (
    Image,
    ImportBatch,
    ImportChange,
    Product,
    ProductStatus,
    StockItem,
    Variant,
    lock_category_tree,
)
from catalog.models.batch import BatchStatus

AT_ONCE = 300


class CannotRevert(Exception):
    """The batch changed nothing that could be taken back; says why."""


@dataclass
class Reverted:
    """The account of it. `left` says in a sentence each what stays as it is, and why."""

    products: set[int] = field(default_factory=set)  # That got something back.
    deleted: int = 0
    archived: int = 0
    left: list[str] = field(default_factory=list)
    left_count: int = 0

    @property
    def restored(self) -> int:
        return len(self.products)

    def leave(self, what: str, why: str) -> None:
        self.left_count += 1
        if len(self.left) < KEPT:
            self.left.append(f"{what}: {why}.")

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.restored:,} products are as before, {self.deleted:,} are deleted, "
            f"{self.archived:,} are archived; {self.left_count:,} things stay."
        )
        yield from self.left


@transaction.atomic
def revert_batch(
    batch: ImportBatch,
    user: Any = None,
    progress: Progress = lambda step, done, total: None,
) -> Reverted:
    """
    Take an import back in one transaction.

    A product that it made is deleted, unless somebody changed it since; it is archived where carts,
    orders or reviews name it. Raises CannotRevert, and AnotherImportRuns.
    """
    begin_alone()
    lock_category_tree()  # First in the order of locks; categories may come and go.
    batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.IMPORTED:
        raise CannotRevert(
            f"{batch.filename} is {batch.get_status_display()}; only an import can be reverted."
        )
    if not batch.product_changes.exists() and batch.report.get("counts", {}).get("products_new"):
        raise CannotRevert(f"What {batch.filename} changed was not kept.")
    done = Reverted()
    with pghistory.context(url=f"revert:{batch.pk}", user=user and user.pk):
        Reverting(batch, user, done).run(progress)
    batch.status = BatchStatus.REVERTED
    batch.report["reverted"] = {"at": timezone.now().isoformat(), "lines": list(done.lines())}
    batch.save(update_fields=["status", "report"])
    return done


class Reverting:
    def __init__(self, batch: ImportBatch, user: Any, done: Reverted) -> None:
        self.batch, self.user, self.done = batch, user, done
        self.names = Names(Report())
        self.writer = Writer(self.names, Folder(None), Report(), f"revert:{batch.pk}")
        self.counts: dict[int, int] = {}

    def run(self, progress: Progress) -> None:
        """The last change first, since a later one may stand on an earlier one."""
        from catalog.listing import refresh_listing

        changes = self.batch.product_changes.order_by("-pk")
        total, seen = changes.count(), 0
        for part in one_of_each(changes.iterator(AT_ONCE)):
            self._take_back(part)
            seen += len(part)
            progress("Reverting", seen, total)
        for counted in batched(sorted(self.counts), ROWS_AT_ONCE):
            StockItem.recount(
                {pk: self.counts[pk] for pk in counted},
                reason="An import was taken back",
                cause=f"revert:{self.batch.pk}",
                actor=self.user,
            )
        for touched in batched(sorted(set(self.writer.touched)), ROWS_AT_ONCE):
            refresh_listing(Product.objects.filter(pk__in=touched).values_list("pk", flat=True))
        fetched = Image.objects.filter(import_pictures__batch=self.batch).distinct()
        pictured = list(fetched.values_list("product", flat=True))
        delete_pictures(fetched)
        self.batch.pictures.all().delete()
        refresh_listing(Product.objects.filter(pk__in=pictured).values_list("pk", flat=True))
        delete_unused(self.batch.report.get("made", {}))

    def _take_back(self, changes: list[ImportChange]) -> None:
        pks = [change.product_id for change in changes if change.product_id]
        locked = Product.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
        slugs = dict(locked.values_list("pk", "slug"))
        for lock in (
            Variant.objects.filter(product__in=pks).order_by("pk").select_for_update(no_key=True)
        ):
            del lock
        known = find_known(slugs.values(), self.names.paths)
        uses = Uses([each.variant.pk for it in known.values() for each in it.variants], pks)
        inverses = []
        for change in changes:
            slug = slugs.get(change.product_id or 0)
            if slug is None:
                self.done.leave(change.slug, "it is gone")
                continue
            inverses.append(Inverse(change, known[slug.lower()], self.names, uses, self.done.leave))
        self._restore([each for each in inverses if not each.change.is_new])
        self._remove([each for each in inverses if each.change.is_new], uses)

    def _restore(self, inverses: list[Inverse]) -> None:
        plans = [each.plan() for each in inverses]
        wanted = {sku for each in inverses for sku in each.skus.values()} - {""}
        taken = dict(Variant.objects.filter(sku__in=wanted).values_list("sku", "pk"))
        giving_up = {pk for each in inverses for pk in each.skus}
        for each in inverses:
            each.drop_taken_skus({sku for sku, pk in taken.items() if pk not in giving_up})
        for each in inverses:
            each.restore_shelf()
            self.counts |= each.counts
        self.writer.write(plans, [])
        delete_variants([pk for each in inverses for pk in each.gone_variants])
        for each in inverses:
            each.remove_added()
        self.writer.touched += [each.known.product.pk for each in inverses]
        self.done.products |= {each.known.product.pk for each in inverses if each.restores}

    def _remove(self, inverses: list[Inverse], uses: Uses) -> None:
        """Products that the import made."""
        untouched = [each for each in inverses if each.is_as_made()]
        used = [each.known.product.pk for each in untouched if uses.of_product(each.known)]
        Product.objects.filter(pk__in=used).update(
            status=ProductStatus.ARCHIVED, updated_at=timezone.now()
        )
        self.writer.touched += used
        self.done.archived += len(used)
        gone = [each.known.product.pk for each in untouched if each.known.product.pk not in used]
        delete_products(gone)
        self.done.deleted += len(gone)


def one_of_each(changes: Iterable[ImportChange]) -> Iterator[list[ImportChange]]:
    """Parts in which no product stands twice."""
    part: dict[int | None, ImportChange] = {}
    for change in changes:
        if change.product_id in part or len(part) == AT_ONCE:
            yield list(part.values())
            part = {}
        part[change.product_id or -change.pk] = change
    if part:
        yield list(part.values())
