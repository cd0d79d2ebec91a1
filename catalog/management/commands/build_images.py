from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalog.images import SHOWN_FORMATS, SIZES, make_rendition
from catalog.models import Image


class Command(BaseCommand):
    """Make every size of every picture ahead of its first use."""

    help = "Make every size of every picture ahead of its first use. What is made is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=list(SIZES), action="append", help="Only this size.")

    def handle(self, *args: Any, **options: Any) -> str:
        sizes = options["size"] or list(SIZES)
        images = Image.objects.order_by("key", "pk").distinct("key")
        total, missing = images.count(), 0
        for seen, image in enumerate(images.iterator(chunk_size=200), start=1):
            try:
                for size in sizes:
                    for ending in SHOWN_FORMATS:
                        make_rendition(image, size, ending)
            except FileNotFoundError:
                missing += 1
                self.stderr.write(f"{image.file.name} is not in the store.")
            if options["verbosity"] and self.stdout.isatty():
                self.stdout.write(f"{seen} of {total}", ending="\r")
                self.stdout.flush()
        return f"{total - missing} pictures are there in {len(sizes)} sizes."
