"""The whole catalogue into a file, some hundred products at a time."""

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import IO

from django.db import connection, reset_queries, transaction

from catalog.exporting.mercer import MercerRows
from catalog.exporting.rows import Rows
from catalog.exporting.shopify import ShopifyRows
from catalog.importing.known import Known, category_paths, find_known
from catalog.importing.pictures import exported_name
from catalog.importing.values import guarded
from catalog.models import Product

PRODUCTS_AT_ONCE = 500
FORMATS: Mapping[str, type[Rows]] = {"mercer": MercerRows, "shopify": ShopifyRows}


@dataclass
class Export:
    """What was written."""

    products: int = 0
    variants: int = 0
    pictures: int = 0
    missing: int = 0  # Pictures whose file is gone.


def export_products(
    file: IO[str],
    format: str,
    images: Path | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Export:
    """
    Write all products, of any status, in the order in which they were made.

    The file shows one moment, however long it takes and whatever is changed meanwhile. `images` is a
    folder that gets a copy of every picture, where an import finds them.
    """
    done = Export()
    writer = csv.writer(file)
    with one_moment():
        total = Product.objects.count()
        rows = FORMATS[format]()
        writer.writerow(map(guarded, rows.header()))
        for known in each_product():
            writer.writerows([guarded(cell) for cell in row] for row in rows.of(known))
            done.products += 1
            done.variants += len(known.variants)
            if images:
                copy_pictures(known, images, done)
            if done.products % PRODUCTS_AT_ONCE == 0:
                progress(done.products, total)
                reset_queries()  # With DEBUG every statement would be kept.
    return done


@contextmanager
def one_moment() -> Iterator[None]:
    """See the shop as it is now until the end; inside another transaction, as that one sees it."""
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if is_own:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


def each_product() -> Iterator[Known]:
    paths = category_paths()
    slugs = Product.objects.order_by("pk").values_list("slug", flat=True)
    for part in batched(slugs.iterator(PRODUCTS_AT_ONCE), PRODUCTS_AT_ONCE):
        found = find_known(part, paths)
        yield from (found[slug.lower()] for slug in part)


def copy_pictures(known: Known, folder: Path, done: Export) -> None:
    for name, image in known.pictures.items():
        try:
            place = folder / exported_name(name, known.product.slug)
            with image.file.open("rb") as picture, place.open("wb") as copy:
                shutil.copyfileobj(picture, copy)
        except FileNotFoundError:
            done.missing += 1
        else:
            done.pictures += 1
