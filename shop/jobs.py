"""
Background work: Django's own task API, carried out by procrastinate on the shop's PostgreSQL.

The apps know `django.tasks.task`, `.enqueue()` and `periodic` from here, and nothing else.
Enqueuing is an INSERT on Django's own connection, so a job is rolled back with the transaction
that asked for it. A job runs at least once: it is tried again when it raises, and when the
worker that had it stopped breathing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.backends.immediate import ImmediateBackend
from django.tasks.exceptions import InvalidTask
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

logger = structlog.get_logger(__name__)

# 2, 4, 8 … seconds, half an hour in all; then it stays in the table as failed, for people.
ATTEMPTS = 10
# A worker beats every 10 seconds. One that missed this much is gone.
BEATLESS_SECONDS = 30
# A job whose worker died this often is what kills it.
DEATHS = 5
KEEP_FAILED_HOURS = 30 * 24

PERIODIC: dict[str, str] = {}


@app.task(name="shop.run", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2))
def run(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Carry out one task of the shop, named by its path."""
    import_string(path).call(*args, **kwargs)


def periodic(cron: str) -> Callable[[Task], Task]:
    """
    Run a task without arguments by the clock, once for all workers: `@periodic("*/5 * * * *")`.

    Goes above `@task`, in an app's `tasks.py`. A sixth field counts seconds. One that is still
    running or waiting is not started again.
    """

    def register(task: Task) -> Task:
        path = task.module_path
        PERIODIC[path] = cron

        @app.periodic(cron=cron)
        @app.task(name=f"periodic:{path}", queueing_lock=path, lock=path)
        def run_by_the_clock(timestamp: int) -> None:
            task.call()

        return task

    return register


@app.periodic(cron="* * * * * */10")
@app.task(name="shop.retake_stalled", queueing_lock="shop.retake_stalled", pass_context=True)
async def retake_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of workers that died to the living."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=BEATLESS_SECONDS):
        if not job.id:
            continue
        if job.attempts >= DEATHS:
            logger.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            logger.warning("job_retaken", job=job.id, task=job.task_name)
            await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="shop.forget_old_jobs", queueing_lock="shop.forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete what failed a month ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_HOURS, include_failed=True)


def waiting(backend: str, task: Task, id: str, args: Any, kwargs: Any) -> TaskResult:
    return TaskResult(
        task=task,
        id=id,
        status=TaskResultStatus.READY,
        enqueued_at=timezone.now(),
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=list(args),
        kwargs=dict(kwargs),
        backend=backend,
        errors=[],
        worker_ids=[],
    )


class ProcrastinateBackend(BaseTaskBackend):
    """Writes a job to the table of the shop's own database, in the caller's transaction."""

    supports_defer = True
    supports_priority = True
    supports_async_task = True

    def validate_task(self, task: Task) -> None:
        super().validate_task(task)
        if task.takes_context:
            raise InvalidTask("A task of the shop knows its arguments only, not its attempts.")

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        job = run.configure(
            queue=task.queue_name, priority=task.priority, schedule_at=task.run_after
        )
        id = job.defer(path=task.module_path, args=list(args), kwargs=dict(kwargs))
        return waiting(self.alias, task, str(id), args, kwargs)


class AfterCommitBackend(ImmediateBackend):
    """
    Runs a task at once, when the transaction that asked for it is through: for tests.

    What is to run later is not run at all.
    """

    supports_defer = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        if task.run_after is None or task.run_after <= timezone.now() + timedelta(seconds=1):
            at_once = super().enqueue
            transaction.on_commit(lambda: at_once(task, args, kwargs))
        return waiting(self.alias, task, get_random_string(32), args, kwargs)
