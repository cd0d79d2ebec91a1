"""A job comes to be with its transaction, and is done even if a worker dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction
from django.tasks.exceptions import InvalidTask
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.tasks import build_renditions
from catalog.views_pictures import SOON
from orders.tasks import send_refund
from shop import jobs
from shop.jobs import PERIODIC, AfterCommitBackend, ProcrastinateBackend
from shop.models import Mail, MailState
from shop.tasks import send_due_mails, send_mail
from tests.shop import jobs_to_try

pytestmark = pytest.mark.django_db(transaction=True)
backend = ProcrastinateBackend("default", {"QUEUES": []})


@pytest.fixture(autouse=True)
def _no_jobs() -> Iterator[None]:
    """The tables of jobs are no models of ours, so no test empties them by itself."""
    clear_jobs()
    yield
    clear_jobs()


def clear_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def job_asked_for() -> ProcrastinateJob:
    """The one job of the test; those of the clock may stand beside it."""
    return ProcrastinateJob.objects.get(task_name="shop.run")


def work(concurrency: int = 4) -> None:
    """Do every job that is due, and end; in a thread, since a browser's loop may hold this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_work, concurrency).result()


def _work(concurrency: int) -> None:
    try:
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(
                wait=False,
                concurrency=concurrency,
                install_signal_handlers=False,
                listen_notify=False,
            )
    finally:
        connections.close_all()


def test_a_job_is_rolled_back_with_what_asked_for_it():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        backend.enqueue(send_mail, [1], {})
        raise ZeroDivisionError
    assert not ProcrastinateJob.objects.exists()


def test_a_worker_does_what_was_asked_for():
    mail = Mail.objects.create(kind="x", to="a@example.com", subject="x", text="x", dedupe_key="1")
    backend.enqueue(send_mail, [mail.pk], {})
    work()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT
    assert not ProcrastinateJob.objects.filter(task_name="shop.run").exists()


def test_mail_and_money_do_not_wait_for_pictures(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr(
        jobs, "import_string", lambda path: SimpleNamespace(call=lambda *_: done.append(path))
    )
    for task in (build_renditions, build_renditions.using(priority=SOON), send_mail, send_refund):
        backend.enqueue(task, [1], {})

    work(concurrency=1)

    names = [path.rsplit(".", 1)[1] for path in done]
    assert names == ["send_mail", "send_refund", "build_renditions", "build_renditions"]


def test_a_job_for_later_waits():
    later = timezone.now() + timedelta(hours=1)
    backend.enqueue(jobs_to_try.note.using(run_after=later), ["x"], {})
    work()
    job = job_asked_for()
    assert (job.status, job.scheduled_at) == ("todo", later)


def test_a_job_that_raises_is_tried_again_later():
    backend.enqueue(jobs_to_try.fail, [], {})
    before = timezone.now()
    work()
    job = job_asked_for()
    assert (job.status, job.attempts) == ("todo", 1)
    assert job.scheduled_at is not None
    assert timedelta(seconds=1) < job.scheduled_at - before < timedelta(seconds=20)


def test_a_job_that_fails_for_half_an_hour_is_left_for_people():
    backend.enqueue(jobs_to_try.fail, [], {})
    for _attempt in range(jobs.ATTEMPTS + 1):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        work()
    assert job_asked_for().status == "failed"


def test_a_task_that_asks_for_its_context_is_refused():
    with pytest.raises(InvalidTask):
        backend.validate_task(jobs_to_try.with_context)


def test_the_clock_knows_the_jobs_of_the_apps():
    assert PERIODIC["shop.tasks.send_due_mails"] == "* * * * *"
    names = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {"periodic:shop.tasks.send_due_mails", "shop.retake_stalled"} <= names


def test_a_job_of_the_clock_is_done_by_a_worker():
    mail = Mail.objects.create(kind="x", to="a@example.com", subject="x", text="x", dedupe_key="1")
    app.configure_task(f"periodic:{send_due_mails.module_path}").defer(timestamp=0)
    work()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


def test_in_tests_a_task_runs_when_its_transaction_is_through():
    immediate = AfterCommitBackend("default", {"QUEUES": []})
    jobs_to_try.notes.clear()
    with transaction.atomic():
        immediate.enqueue(jobs_to_try.note, ["now"], {})
        later = timezone.now() + timedelta(minutes=1)
        immediate.enqueue(jobs_to_try.note.using(run_after=later), ["later"], {})
        assert jobs_to_try.notes == []
    assert jobs_to_try.notes == ["now"]


@pytest.mark.slow
def test_the_job_of_a_killed_worker_is_taken_again(tmp_path):
    trace = tmp_path / "trace"
    backend.enqueue(jobs_to_try.write_and_wait, [str(trace)], {})
    worker = start_worker()
    try:
        wait_for(lambda: trace.exists() and trace.read_text() == "started\n")
        worker.kill()
        worker.wait()
        job = job_asked_for()
        assert job.status == "doing"

        # As if thirty seconds had gone by since its last beat.
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
            )
        (tmp_path / "trace.quick").touch()
        worker = start_worker()
        wait_for(lambda: trace.read_text() == "started\nstarted\ndone\n")
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)


def start_worker() -> subprocess.Popen[bytes]:
    name = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.shop.worker", str(name)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )


def wait_for(is_so, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "It did not come to be."
        time.sleep(0.1)
