from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.importing import AnotherImportRuns, CannotRevert, revert_batch
from catalog.models import ImportBatch


class Command(BaseCommand):
    """Take an import back where nobody changed since what it changed."""

    help = (
        "Take an import back, but for what was changed since. Its number stands in the back office."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        batch = ImportBatch.objects.filter(pk=options["id"]).first()
        if batch is None:
            raise CommandError(f"There is no import {options['id']}.")
        try:
            done = revert_batch(batch)
        except (CannotRevert, AnotherImportRuns) as problem:
            raise CommandError(str(problem)) from problem
        for line in done.lines():
            self.stdout.write(line)
