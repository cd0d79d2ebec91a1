"""Tasks for the tests of jobs."""

import time
from pathlib import Path

from django.tasks import TaskContext, task

notes: list[str] = []


@task
def note(text: str) -> None:
    notes.append(text)


@task
def fail() -> None:
    raise RuntimeError("as it was told")


@task
def write_and_wait(path: str) -> None:
    """Note the start, wait for long the first time, and note the end."""
    trace = Path(path)
    with trace.open("a") as file:
        file.write("started\n")
    if not Path(f"{path}.quick").exists():
        time.sleep(60)
    with trace.open("a") as file:
        file.write("done\n")


def with_context_function(context: TaskContext) -> None:
    """Asks for what the shop's backend does not give."""


class _Asks:
    func = staticmethod(with_context_function)
    priority = 0
    queue_name = "default"
    run_after = None
    takes_context = True


with_context = _Asks()
