"""A question of a shopper to the database, which is given up where it takes too long."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

SECONDS = 2  # That a shopper's search may take.


def ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """
    Ask the database, for SECONDS at most where no transaction is open; raises OperationalError then.

    The limit goes along with the question: on its own it would cost a second journey.
    """
    is_alone = not connection.in_atomic_block
    limit = f"SET LOCAL statement_timeout = '{SECONDS}s'; " if is_alone else ""
    with connection.cursor() as cursor:
        cursor.execute(limit + sql, list(values))
        if is_alone:
            cursor.nextset()
        return cursor.fetchall()
