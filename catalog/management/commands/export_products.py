import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.exporting import FORMATS, Export, export_products


class Command(BaseCommand):
    """Write all products to a CSV file, whole or not at all."""

    help = "Export all products to a CSV file, in Mercer's own format (full) or Shopify's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="Printed otherwise.")
        parser.add_argument("--format", choices=list(FORMATS), default="mercer")
        parser.add_argument("--images", type=Path, metavar="DIR", help="Copy the pictures there.")

    def handle(self, *args: Any, **options: Any) -> None:
        images, path = options["images"], options["file"]
        self.is_watched = bool(options["verbosity"]) and sys.stderr.isatty() and path is not None
        try:
            if images:
                images.mkdir(parents=True, exist_ok=True)
            if path is None:
                export_products(self.stdout, options["format"], images)  # type: ignore[arg-type]
                return
            done = self._write(path, options["format"], images)
        except OSError as problem:
            raise CommandError(f"{problem.filename}: {problem.strerror}.") from problem
        self.stdout.write(f"{done.products:,} products, {done.variants:,} variants.")
        if images:
            self.stdout.write(f"{done.pictures:,} pictures copied, {done.missing:,} missing.")

    def _write(self, path: Path, format: str, images: Path | None) -> Export:
        """Beside its place first, so that nobody finds half a file there."""
        draft = path.with_name(f"{path.name}.part")
        try:
            # The mark at the beginning tells spreadsheets that it is Unicode.
            with draft.open("w", encoding="utf-8-sig", newline="") as file:
                done = export_products(file, format, images, self._bar)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        return done

    def _bar(self, done: int, total: int) -> None:
        if self.is_watched:
            sys.stderr.write(f"\r{done:,} of {total:,} products")
            sys.stderr.flush()
