"""Imports that the worker carries out: a file of 100,000 rows takes minutes, and no page waits for that."""

from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from catalog.importing.batches import AppliedBefore, apply_batch, short_name
from catalog.importing.progress import told
from catalog.importing.reverting import CannotRevert, revert_batch
from catalog.importing.running import Wishes, import_rows
from catalog.models import ImportBatch
from catalog.models.batch import BatchStatus

# In a batch's report, what it waits for: the worker's "check", "import" or "revert".
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
    with batch.file.open("rb") as file, told(pk) as progress:
        wishes = Wishes(
            format=batch.format or None, is_dry_run=True, fetch_images=True, progress=progress
        )
        report = import_rows(file, wishes, cause="")
    ImportBatch.objects.filter(pk=pk, status=BatchStatus.CHECKED).update(
        report=report.as_json(), format=report.format or batch.format
    )


@transaction.atomic
def ask_for(
    batch: ImportBatch,
    user: Any,
    *,
    skip_refused: bool = False,
    set_stock: bool = False,
    fetch_images: bool = False,
) -> None:
    """Let the worker import a checked batch. Raises AppliedBefore where it was asked for before."""
    from catalog.tasks import apply_import

    batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.CHECKED or WAITING in batch.report:
        raise AppliedBefore
    batch.report |= waiting("import")
    batch.save(update_fields=["report"])
    apply_import.enqueue(
        batch.pk,
        user.pk,
        skip_refused=skip_refused,
        set_stock=set_stock,
        fetch_images=fetch_images,
    )


@transaction.atomic
def ask_to_revert(batch: ImportBatch, user: Any) -> None:
    """Let the worker take an import back. Raises CannotRevert where it is none, or was asked for before."""
    from catalog.tasks import revert_import

    batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.IMPORTED or WAITING in batch.report:
        raise CannotRevert
    batch.report |= waiting("revert")
    batch.save(update_fields=["report"])
    revert_import.enqueue(batch.pk, user.pk)


def revert(pk: int, user: Any) -> None:
    """Take an import back; once, however often it is asked. Raises AnotherImportRuns, to be tried again."""
    batch = ImportBatch.objects.get(pk=pk)
    if batch.status != BatchStatus.IMPORTED or batch.report.pop(WAITING, "") != "revert":
        return
    with told(pk) as progress:
        revert_batch(batch, user, progress)


def carry_out(
    pk: int, user: Any, *, skip_refused: bool, set_stock: bool, fetch_images: bool = False
) -> None:
    """Import a batch; once, however often it is asked. Raises AnotherImportRuns, to be tried again."""
    from catalog.tasks import fetch_import_pictures

    try:
        with told(pk) as progress, transaction.atomic():
            apply_batch(
                ImportBatch.objects.get(pk=pk),
                user,
                skip_refused=skip_refused,
                set_stock=set_stock,
                fetch_images=fetch_images,
                progress=progress,
            )
            if fetch_images:
                fetch_import_pictures.enqueue(pk)
    except AppliedBefore:
        return
