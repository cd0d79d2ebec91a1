"""Imports as records: who brought which file, and what became of it."""

from dataclasses import replace
from pathlib import PurePath
from typing import IO, Any

import pghistory
from django.core.files.base import File
from django.db import transaction

from catalog.importing.report import Report
from catalog.importing.running import Progress, Wishes, import_rows
from catalog.models import ImportBatch
from catalog.models.batch import BatchStatus


class AppliedBefore(Exception):
    """The file was imported or refused before; nothing has changed."""


def import_file(file: IO[bytes], name: str, wishes: Wishes) -> Report:
    """
    Import a file in one transaction and record the run; on a dry run neither.

    A file with refused rows changes nothing unless they are to be skipped. The record says so.
    """
    if wishes.is_dry_run:
        return import_rows(file, wishes, cause="")
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            filename=short_name(name),
            format=wishes.format or "",
            status=BatchStatus.IMPORTED,
            created_by=wishes.actor,
        )
        return carry_out(batch, file, wishes)


def check_file(file: File, format: str | None, user: Any = None) -> ImportBatch:
    """
    Store an uploaded file with the report of a dry run.

    Nothing in the shop changes; `apply_batch` imports it later, compared afresh.
    """
    report = import_rows(file.open("rb"), Wishes(format=format, is_dry_run=True), cause="")
    file.seek(0)
    name = short_name(file.name or "products.csv")
    batch = ImportBatch(
        filename=name,
        format=report.format or format or "",
        status=BatchStatus.CHECKED,
        report=report.as_json(),
        created_by=user,
    )
    batch.file.save(name, file, save=False)
    batch.save()
    return batch


@transaction.atomic
def apply_batch(
    batch: ImportBatch,
    user: Any = None,
    *,
    skip_refused: bool = False,
    set_stock: bool = False,
    fetch_images: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> ImportBatch:
    """
    Import the file of a checked batch, and return the batch with what became of it.

    Raises AppliedBefore where it was not waiting any more, and AnotherImportRuns.
    """
    batch = ImportBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.CHECKED:
        raise AppliedBefore(f"{batch.filename} was {batch.get_status_display()} before.")
    batch.status = BatchStatus.IMPORTED
    wishes = Wishes(
        format=batch.format or None,
        skip_refused=skip_refused,
        set_stock=set_stock,
        fetch_images=fetch_images,
        actor=user,
        progress=progress,
    )
    with batch.file.open("rb") as file:
        carry_out(batch, file, wishes)
    return batch


def carry_out(batch: ImportBatch, file: IO[bytes], wishes: Wishes) -> Report:
    """Import the file as this batch and write the report into it, whichever way it went."""
    cause = f"import:{batch.pk}"
    with pghistory.context(url=cause, user=wishes.actor and wishes.actor.pk):
        report = import_rows(file, replace(wishes, batch=batch), cause)
    report.batch = batch.pk
    if report.has_refused and not wishes.skip_refused:
        batch.status = BatchStatus.REFUSED
    batch.format = report.format or batch.format
    batch.report = report.as_json()
    batch.save()
    return report


def short_name(name: str) -> str:
    return PurePath(name).name[-100:] or "products.csv"
