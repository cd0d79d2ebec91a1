"""
What must always be true of the books, each as one sentence and one question to the database.

Every app keeps its own in its `invariants.py`; `manage.py doctor` asks them all in one snapshot,
so that a sale in the middle of it is seen wholly or not at all.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from shop.models import Mail, MailState

type Check = Callable[[], Iterable[str]]

UNSENT_TOO_LONG = timedelta(minutes=10)
GRACE = timedelta(minutes=5)


@dataclass(frozen=True)
class Invariant:
    code: str
    sentence: str
    check: Check


@dataclass(frozen=True)
class Finding:
    """An invariant, and a line for each place where it does not hold."""

    invariant: Invariant
    violations: list[str]


_registry: list[Invariant] = []


def invariant(code: str, sentence: str) -> Callable[[Check], Check]:
    """
    Register a check: a function without arguments that yields a line for each violation.

        @invariant("INV-02", "The counts of stock equal the sum of its movements.")
        def counts_equal_movements() -> Iterator[str]: ...
    """

    def keep(check: Check) -> Check:
        _registry.append(Invariant(code, sentence, check))
        return check

    return keep


register = invariant


def examine() -> list[Finding]:
    """Ask every invariant of every app, in the order of their codes."""
    autodiscover_modules("invariants")
    with snapshot():
        return [
            Finding(kept, list(kept.check())) for kept in sorted(_registry, key=lambda i: i.code)
        ]


@contextmanager
def snapshot() -> Iterator[None]:
    """Show the database as it is at this moment, and change nothing in it."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                # It may be a large shop, and nobody waits behind a reader.
                cursor.execute("SET LOCAL statement_timeout = '10min'")
        yield


def ask(line: str, question: str) -> Iterator[str]:
    """
    Put a question in SQL to the database and fill `line` from the columns of each row it answers.

    The question is written in code, never made up from data: it takes no parameters.
    """
    with connection.cursor() as cursor:
        cursor.execute(question)
        columns = [column.name for column in cursor.description or []]
        rows = cursor.fetchall()
    for row in rows:
        yield line.format_map(dict(zip(columns, row, strict=True)))


@invariant("INV-30", "No mail waits longer than ten minutes unless it was given up.")
def mails_go_out() -> Iterator[str]:
    long_ago = timezone.now() - UNSENT_TOO_LONG
    # One that staff send again is old, but has not been waiting.
    waiting = Q(attempts__gt=0) | Q(due_at__lt=long_ago)
    late = Mail.objects.filter(waiting, state=MailState.QUEUED, created_at__lt=long_ago)
    for mail in late.order_by("pk"):
        yield f"mail {mail.pk} ({mail.kind}) waits since {mail.created_at:%Y-%m-%d %H:%M}"


@invariant("INV-31", "No job and no mail stays with a worker that is gone.")
def nothing_is_held_by_the_dead() -> Iterator[str]:
    for mail in Mail.objects.filter(lease_until__lt=timezone.now() - GRACE).order_by("pk"):
        yield f"mail {mail.pk} ({mail.kind}) was being sent until {mail.lease_until:%Y-%m-%d %H:%M}"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id, job.task_name FROM procrastinate_jobs job
            LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
            WHERE job.status = 'doing'
              AND (worker.id IS NULL OR worker.last_heartbeat < %s)
              AND NOT EXISTS (
                SELECT FROM procrastinate_events event
                WHERE event.job_id = job.id AND event.at > %s
              )
            ORDER BY job.id
            """,
            [timezone.now() - GRACE] * 2,
        )
        for id, name in cursor.fetchall():
            yield f"job {id} ({name}) is held by a worker that is gone"
