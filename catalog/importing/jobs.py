"""Imports that the worker carries out: a file of 100,000 rows takes minutes, and no page waits for that."""

from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from catalog.importing.batches import AppliedBefore, apply_batch, short_name
from catalog.importing.running import Wishes, import_rows
from catalog.models import ImportBatch
from catalog.models.batch import BatchStatus

# In a batch's report, what it waits for: the worker's "check" or "import".
WAITING = "waits_for"


@transaction.atomic
def keep_file(file: File, format: str, user: Any) -> ImportBatch:
    """Store an uploaded file and let the worker compare it with the shop. Nothing changes yet."""
    from catalog.tasks import check_import

    name = short_name(file.name or "products.csv")
    batch = ImportBatch(
        filename=name,
        format=format,
        status=BatchStatus.CHECKED,
        created_by=user,
        report=waiting("check"),
    )
    batch.file.save(name, file, save=False)
    batch.save()
    check_import.enqueue(batch.pk)
    return batch


def waiting(step: str) -> dict[str, str]:
    return {WAITING: step, "since": timezone.now().isoformat()}


def check(pk: int) -> None:
    """Write the report of a dry run into a batch; again, if it was asked for twice."""
    batch = ImportBatch.objects.get(pk=pk)
    if batch.status != BatchStatus.CHECKED or batch.report.get(WAITING) != "check":
        return
    with batch.file.open("rb") as file:
        report = import_rows(file, Wishes(format=batch.format or None, is_dry_run=True), cause="")
    ImportBatch.objects.filter(pk=pk, status=BatchStatus.CHECKED).update(
        report=report.as_json(), format=report.format or batch.format
    )


@transaction.atomic
def ask_for(batch: ImportBatch, user: Any, *, skip_refused: bool, set_stock: bool) -> None:
    """Let the worker import a checked batch. Raises AppliedBefore where it was asked for before."""
    from catalog.tasks import apply_import

    batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.CHECKED or WAITING in batch.report:
        raise AppliedBefore
    batch.report |= waiting("import")
    batch.save(update_fields=["report"])
    apply_import.enqueue(batch.pk, user.pk, skip_refused=skip_refused, set_stock=set_stock)


def carry_out(pk: int, user: Any, *, skip_refused: bool, set_stock: bool) -> None:
    """Import a batch; once, however often it is asked. Raises AnotherImportRuns, to be tried again."""
    try:
        apply_batch(
            ImportBatch.objects.get(pk=pk), user, skip_refused=skip_refused, set_stock=set_stock
        )
    except AppliedBefore:
        return
