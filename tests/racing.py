"""Races on the real database."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def race(attempts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start every attempt at once, each on a connection of its own; what one raises is its outcome."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return attempt()
        except Exception as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))
