"""The demo's catalogue: it comes in through the importer, like any merchant's, and is then dressed."""

import time
from collections.abc import Callable

from django.db import transaction

from catalog.demo.dressing import PHOTOS, arrange, dress
from catalog.importing import Wishes, import_file
from catalog.listing import rebuild_listing
from catalog.models import ImportBatch

FILE = PHOTOS.parent / "catalogue.csv"


def load(write: Callable[[str], object]) -> None:
    """Import the catalogue with its pictures, once, and lay out the home page."""
    if not ImportBatch.objects.filter(filename=FILE.name).exists():
        began = time.monotonic()
        with transaction.atomic(), FILE.open("rb") as file:
            report = import_file(file, FILE.name, Wishes(images=PHOTOS))
            arrange()
            rebuild_listing()  # Which follows what is filtered by, and counts the words of the search.
        for line in report.lines(0):
            write(line)
        write(f"imported in {time.monotonic() - began:.0f} s")
    dress(write)
