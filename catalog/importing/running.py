"""One file, from its first byte to the report: read, laid aside, compared, written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import IO, Any

from django.db import connection, reset_queries, transaction

from catalog.importing.assembling import Assembler
from catalog.importing.columns import known_names, read_header
from catalog.importing.facts import ProductFacts
from catalog.importing.known import find_known
from catalog.importing.names import Names
from catalog.importing.pictures import Folder
from catalog.importing.planning import Planner
from catalog.importing.reading import FileRefused, Table
from catalog.importing.recording import Recorder
from catalog.importing.report import Report
from catalog.importing.spool import Spool
from catalog.importing.woocommerce import WooSpool
from catalog.importing.writing import Writer
from catalog.models import (
    AttributeValue,
    Image,
    ImportBatch,
    Product,
    StockItem,
    Variant,
    VariantValue,
    lock_category_tree,
)

IMPORT_LOCK = 2  # A key in PostgreSQL's space of advisory locks; never reuse it.
ROWS_AT_ONCE = 1000
SPOOLS: Mapping[str, type[Spool]] = {"woocommerce": WooSpool}

type Progress = Callable[[str, int, int | None], None]


class AnotherImportRuns(Exception):
    """Two imports at once would make the same things twice; this one has not begun."""


@dataclass(frozen=True)
class Wishes:
    """How a file is to be imported."""

    format: str | None = None
    images: Path | None = None
    is_dry_run: bool = False
    skip_refused: bool = False
    set_stock: bool = False
    fetch_images: bool = False  # The pictures that a file names by address; afterwards.
    actor: Any = None
    batch: ImportBatch | None = None  # Which is told what changed, so that it can be reverted.
    progress: Progress = lambda step, done, total: None


def import_rows(file: IO[bytes], wishes: Wishes, cause: str) -> Report:
    """
    Import a file into the caller's transaction, or only compare it on a dry run.

    With refused rows nothing is written unless `skip_refused`: what had been is marked to be rolled
    back. Raises AnotherImportRuns.
    """
    report = Report(is_dry_run=wishes.is_dry_run)
    folder = Folder(wishes.images)
    try:
        with transaction.atomic():
            if not wishes.is_dry_run:
                begin_alone()
            with closing(Spools()) as spools:
                spool = spools.read(file, wishes, report)
                if spool:
                    Import(spool, folder, wishes, report, cause).run()
            if report.has_refused and not wishes.skip_refused:
                transaction.set_rollback(True)
                folder.take_back()
    except BaseException:
        folder.take_back()
        raise
    report.close()
    return report


def begin_alone() -> None:
    """Let no second import begin, and let no clock meant for pages stop this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [IMPORT_LOCK])
        if not cursor.fetchone()[0]:
            raise AnotherImportRuns("Another import is running. Try again when it is done.")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        # Checks put off to the end pile up, and the triggers of the price history look through
        # the whole pile at each row: minutes for a large file.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def look_at_sizes() -> None:
    """Tell the planner how large the tables have become; it cannot see that in an open transaction."""
    tables = [
        model._meta.db_table
        for model in (AttributeValue, Image, Product, StockItem, Variant, VariantValue)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


class Spools:
    """The reading half: from bytes to rows laid aside."""

    def __init__(self) -> None:
        self.opened: Spool | None = None

    def read(self, file: IO[bytes], wishes: Wishes, report: Report) -> Spool | None:
        """Read the whole file; None where it cannot be read at all."""
        table = Table(file, known_names)
        report.encoding = table.encoding
        records = iter(table)
        try:
            self._read(records, wishes, report)
        except FileRefused as problem:
            report.counts["rows"] += 1
            report.refuse(problem.line, problem.sentence)
        records.close()  # type: ignore[attr-defined]
        if table.stray_bytes:
            report.note(f"{table.stray_bytes:,} bytes are no UTF-8 and were read as Windows-1252.")
        return self.opened

    def _read(
        self, records: Iterator[tuple[int, list[str]]], wishes: Wishes, report: Report
    ) -> None:
        header = next((cells for _, cells in records if any(map(str.strip, cells))), None)
        if header is None:
            raise FileRefused("The file is empty.")
        columns = read_header(header, wishes.format)
        report.format = columns.format
        if columns.unread:
            report.note(f"Columns that are not read: {', '.join(columns.unread[:40])}.")
        self.opened = spool = SPOOLS.get(columns.format, Spool)(columns, report)
        for number, (line, cells) in enumerate(records):
            spool.add(line, cells)
            if number % 2000 == 0:
                wishes.progress("Reading", number, None)
        spool.settle()

    def close(self) -> None:
        if self.opened:
            self.opened.close()


class Import:
    """The other half: from rows laid aside to the shop."""

    def __init__(
        self, spool: Spool, folder: Folder, wishes: Wishes, report: Report, cause: str
    ) -> None:
        self.spool, self.folder, self.wishes = spool, folder, wishes
        self.report, self.cause = report, cause
        self.counted: dict[int, int] = {}

    @property
    def may_write(self) -> bool:
        """Once a row is refused, the rest of the file is only compared."""
        if self.wishes.is_dry_run:
            return False
        return self.wishes.skip_refused or not self.report.has_refused

    def run(self) -> None:
        names = self._names()
        columns = self.spool.columns
        kinds = names.attribute_kinds(columns.attributes, self.spool.contents)
        if self.may_write:
            names.make_attributes(columns.attributes, kinds, self.spool.contents)
        slugs = {slug.lower() for slug in self.spool.slugs()}
        planner = Planner(
            self.report, slugs, self.folder, self.wishes.set_stock, self.wishes.fetch_images
        )
        recorder = Recorder(self.wishes.batch) if self.wishes.batch else None
        writer = Writer(names, self.folder, self.report, self.cause, recorder)
        done = 0
        for batch in self._batches(Assembler(columns, kinds, self.report)):
            known = find_known([facts.slug for facts in batch], names.paths)
            plans = planner.plan(batch, known)
            if self.may_write:
                writer.write(plans, planner.skus.freed)
                self.counted |= {
                    each.variant.pk: count for plan in plans for each, count in plan.counted
                }
            done += sum(len(facts.lines) + len(facts.merged) for facts in batch)
            self.wishes.progress("Importing", done, self.spool.rows)
            reset_queries()  # With DEBUG every statement would be kept.
        if self.may_write:
            self._finish(writer.touched)

    def _names(self) -> Names:
        """The names of the shop, with the tree of categories held where the file will add to it."""
        names = Names(self.report)
        if self.may_write and names.lacks_category(self.spool.category_paths):
            lock_category_tree()
            names = Names(self.report)
        return names

    def _batches(self, assembler: Assembler) -> Iterator[list[ProductFacts]]:
        batch: list[ProductFacts] = []
        size = 0
        for slug, rows in self.spool.by_product():
            facts = assembler.assemble(slug, rows)
            size += len(rows)
            if facts:
                batch.append(facts)
            if size >= ROWS_AT_ONCE:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _finish(self, touched: Iterable[int]) -> None:
        self._set_counts(self.counted)
        from catalog.listing import lock_listing, refresh_listing

        touched = sorted(set(touched))
        lock_listing(touched)  # All of them before the first part, which locks what they share.
        if len(touched) > ROWS_AT_ONCE:
            look_at_sizes()
        for done, part in enumerate(batched(touched, ROWS_AT_ONCE)):
            self.wishes.progress("Telling the lists", done * ROWS_AT_ONCE, len(touched))
            refresh_listing(part)
            reset_queries()

    def _set_counts(self, counted: Mapping[int, int]) -> None:
        """Last of all, so that shoppers wait for moments only."""
        for part in batched(sorted(counted), ROWS_AT_ONCE):
            StockItem.recount(
                {pk: counted[pk] for pk in part},
                reason="Counted in an imported file",
                cause=self.cause,
                actor=self.wishes.actor,
            )
