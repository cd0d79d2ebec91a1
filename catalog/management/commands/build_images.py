import os
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from catalog.models import Image
from catalog.renditions import SIZES, Made, Rendition, make_renditions, renditions_of

AT_ONCE = 16
BAR = 30  # Characters.


class Command(BaseCommand):
    """
    Make the named sizes of every picture ahead of their first use, on all processors.

    Stopped halfway it goes on where it was when it is run again. Exit code 1 if a picture could not be
    read.
    """

    help = "Make the named sizes of every picture ahead of their first use. Run again, it goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--missing", action="store_true", help="Make those that are not there (the default)."
        )
        which.add_argument("--all", action="store_true", help="Make those that are there as well.")
        parser.add_argument("--size", choices=list(SIZES), action="append", help="Only this size.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.began = time.monotonic()
        self.total, self.seen, self.unreadable = 0, 0, 0
        self.made = Made()
        self.shows_bar = options["verbosity"] > 0 and self.stdout.isatty()
        try:
            self.build(options["size"] or list(SIZES), again=options["all"])
        except KeyboardInterrupt:
            self.report("Stopped")
            sys.exit(130)
        self.report("Done")
        if self.unreadable:
            sys.exit(1)

    def build(self, sizes: list[str], *, again: bool) -> None:
        images = Image.objects.order_by("key", "pk").distinct("key")
        self.total = images.count()
        make = partial(build_one, sizes=sizes, again=again)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for some in batched(images.iterator(chunk_size=AT_ONCE), AT_ONCE):
                for image, outcome in zip(some, pool.map(make, some), strict=True):
                    self.note(image, outcome)

    def note(self, image: Image, outcome: Made | str) -> None:
        self.seen += 1
        if isinstance(outcome, str):
            self.unreadable += 1
            self.stderr.write(f"{image.file.name}: {outcome}")
        else:
            self.made.count += outcome.count
            self.made.size += outcome.size
            self.made.there += outcome.there
        if self.shows_bar:
            self.draw_bar()

    def draw_bar(self) -> None:
        """A bar with what is done and how long the rest will take, over the one before it."""
        took = time.monotonic() - self.began
        left = took / self.seen * (self.total - self.seen)
        full = BAR * self.seen // self.total
        line = (
            f"[{'#' * full}{'.' * (BAR - full)}] {self.seen:,} of {self.total:,}, {left:.0f} s left"
        )
        self.stdout.write(f"\r{line}\033[K", ending="\n" if self.seen == self.total else "")
        self.stdout.flush()

    def report(self, word: str) -> None:
        made, took = self.made, time.monotonic() - self.began
        self.stdout.write(
            f"{word} in {took:.1f} s: {self.seen:,} of {self.total:,} pictures, {made.count:,} files made"
            f" ({made.size / 1e6:.1f} MB), {made.there:,} were there, {self.unreadable:,} pictures unreadable."
        )


def build_one(image: Image, *, sizes: list[str], again: bool) -> Made | str:
    """Make the renditions of one picture; or say why that cannot be."""
    wanted: list[Rendition] = [each for each in renditions_of(image) if each[0] in sizes]
    try:
        return make_renditions(image, wanted, again=again)
    except FileNotFoundError:
        return "is not in the store."
    except OSError as problem:
        return str(problem)
    finally:
        connections.close_all()
