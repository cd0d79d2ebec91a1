"""Whether the shop can work: what a load balancer asks, and what staff look at first."""

from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from shop.models import Mail, MailState

# A worker that is this late is not working.
JOBS_LATE = timedelta(minutes=5)


def report() -> dict[str, Any]:
    """
    Return {"status": "ok" or "failing", "checks": {name: {...}}}.

    Late jobs and dead mails are told but fail nothing: taking the shop offline would not send
    a mail, and shoppers can go on buying.
    """
    checks: dict[str, dict[str, Any]] = {}
    try:
        checks["database"] = database()
        checks["migrations"] = migrations()
        if checks["migrations"]["ok"]:
            checks["jobs"] = jobs()
            checks["mail"] = mail()
    except DatabaseError:
        checks["database"] = {"ok": False}
    required = [checks["database"], checks.get("migrations", {"ok": False})]
    return {"status": "ok" if all(c["ok"] for c in required) else "failing", "checks": checks}


def database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


_applied: set[str] = set()


def migrations() -> dict[str, Any]:
    """Say how many migrations of this code the database has not seen. Once none, it stays none."""
    if _applied:
        return {"ok": True, "unapplied": 0}
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        _applied.add("all")
    return {"ok": not missing, "unapplied": missing}


def jobs() -> dict[str, Any]:
    """Say for how many seconds the oldest job that is due has been waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), min(COALESCE(job.scheduled_at, (
                SELECT min(event.at) FROM procrastinate_events event
                WHERE event.job_id = job.id
            )))
            FROM procrastinate_jobs job
            WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
            """
        )
        waiting, oldest = cursor.fetchone()
    lag = timezone.now() - oldest if oldest else timedelta(0)
    return {
        "ok": lag < JOBS_LATE,
        "waiting": waiting,
        "lag_seconds": max(0, round(lag.total_seconds())),
    }


def mail() -> dict[str, Any]:
    dead = Mail.objects.filter(state=MailState.DEAD).count()
    return {"ok": not dead, "dead": dead}
