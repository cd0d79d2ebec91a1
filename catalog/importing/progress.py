"""
How far an import is, for those who watch it.

It runs in one transaction, and what a transaction writes nobody sees before its end. But the name of a
connection is seen at once, so the worker's connection says it there, and what it said goes with it.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection

from catalog.importing.running import Progress

EVERY = 1.0  # Seconds.


class Step(NamedTuple):
    name: str
    done: int
    total: int | None


@contextmanager
def told(batch: int) -> Iterator[Progress]:
    """Give a function that tells others how far the batch is, once a second."""
    last = 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        own_name = cursor.fetchone()[0]

    def progress(step: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            name_connection(f"import:{batch} {step[:24]} {done}/{total or 0}")

    try:
        yield progress
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            name_connection(own_name)


def name_connection(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, false)", [name])


def how_far(batch: int) -> Step | None:
    """What the worker that has the batch said last; None where nobody has it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            [f"import:{batch} %"],
        )
        row = cursor.fetchone()
    found = re.fullmatch(r"import:\d+ (.*) (\d+)/(\d+)", row[0]) if row else None
    return Step(found[1], int(found[2]), int(found[3]) or None) if found else None
