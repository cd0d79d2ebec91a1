import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.importing import FORMATS, AnotherImportRuns, Wishes, import_file
from catalog.importing.fetched import fetch_pictures


class Command(BaseCommand):
    """Import products from a CSV file, all of it or nothing."""

    help = "Import products from a CSV file of Shopify's, WooCommerce's or Mercer's own. All of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--format", choices=list(FORMATS), help="Told by its columns otherwise."
        )
        parser.add_argument("--images", type=Path, metavar="DIR", help="Where its pictures lie.")
        parser.add_argument("--dry-run", action="store_true", help="Show what would change.")
        parser.add_argument(
            "--skip-refused",
            action="store_true",
            help="Import the rest of a file with refused rows.",
        )
        parser.add_argument(
            "--set-stock",
            action="store_true",
            help="Let the file's quantities change known counts.",
        )

        parser.add_argument(
            "--fetch-images",
            action="store_true",
            help="Fetch pictures from public addresses that the file names.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        images = options["images"]
        if images and not images.is_dir():
            raise CommandError(f"There is no folder {images}.")
        wishes = Wishes(
            format=options["format"],
            images=images,
            is_dry_run=options["dry_run"],
            skip_refused=options["skip_refused"],
            set_stock=options["set_stock"],
            fetch_images=options["fetch_images"],
            progress=self._bar if options["verbosity"] and sys.stderr.isatty() else lambda *_: None,
        )
        try:
            with options["file"].open("rb") as file:
                report = import_file(file, options["file"].name, wishes)
        except OSError as problem:
            raise CommandError(f"{options['file']}: {problem.strerror}.") from problem
        except AnotherImportRuns as problem:
            raise CommandError(str(problem)) from problem
        for line in report.lines(options["verbosity"]):
            self.stdout.write(line)
        self._conclude(report.has_refused, wishes)
        if wishes.fetch_images and report.batch:
            self._fetch(report.batch, wishes)

    def _fetch(self, batch: int, wishes: Wishes) -> None:
        """After the import, so that nothing waits for servers elsewhere."""
        fetched, problems = fetch_pictures(batch, wishes.progress)
        for problem in problems:
            self.stdout.write(problem)
        self.stdout.write(f"{fetched:,} pictures fetched, {len(problems):,} not.")

    def _conclude(self, has_refused: bool, wishes: Wishes) -> None:
        if wishes.is_dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")
        if has_refused and not wishes.skip_refused:
            would = "would be" if wishes.is_dry_run else "was"
            raise CommandError(
                f"Because of the refused rows nothing {would} changed. "
                "Mend them, or leave them out with --skip-refused."
            )

    def _bar(self, step: str, done: int, total: int | None) -> None:
        """A line that draws itself anew."""
        text = f"{step} {done:,}"
        if total:
            full = round(30 * min(done, total) / total)
            text = f"{step} [{'#' * full}{'.' * (30 - full)}] {done:,} of {total:,}"
        sys.stderr.write(f"\r{text:<70}{chr(10) if done == total else ''}")
        sys.stderr.flush()
