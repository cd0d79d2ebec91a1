"""
The buyers: operating system processes of their own, each with a connection of its own.

Nothing of Django is imported at the top, since a process that starts here has to set it up first.
"""

import signal
import time
import uuid
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from orders.races.outcomes import Outcome

PATIENCE = 120  # Seconds to wait for a process to start, or for all to stand at the gate.


class Buyers:
    """So many processes that wait for carts; used as a context, at the end of which they are gone."""

    def __init__(self, count: int, *, race: str, is_protected: bool, database: str) -> None:
        processes = get_context("spawn")
        self.gate = processes.Barrier(count)
        self.members: list[tuple[Any, Connection]] = []
        self.their_ends = []
        for _ in range(count):
            ours, theirs = processes.Pipe()
            arguments = (race, is_protected, database, self.gate, theirs)
            process = processes.Process(target=buy_on_command, args=arguments, daemon=True)
            self.members.append((process, ours))
            self.their_ends.append(theirs)

    def __enter__(self) -> Self:
        for (process, _pipe), theirs in zip(self.members, self.their_ends, strict=True):
            process.start()
            theirs.close()  # So that a process that dies is noticed.
        for _process, pipe in self.members:
            self._hear(pipe)  # Ready.
        return self

    def buy(self, carts: Sequence[int]) -> list[Outcome]:
        """Deal out the carts, let all begin at the same moment, and return what came out."""
        for place, (_process, pipe) in enumerate(self.members):
            pipe.send(list(carts[place :: len(self.members)]))
        return [outcome for _process, pipe in self.members for outcome in self._hear(pipe)]

    def _hear(self, pipe: Connection) -> Any:
        if not pipe.poll(PATIENCE):
            raise TimeoutError("A process of the race does not answer.")
        try:
            return pipe.recv()
        except EOFError:
            raise ChildProcessError("A process of the race has died; it wrote why above.") from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process, pipe in self.members:
            pipe.close()  # Which is how they are told to go.
            if kind and process.pid:
                process.terminate()
        for process, _pipe in self.members:
            if process.pid:
                process.join()


def buy_on_command(
    race: str, is_protected: bool, database: str, gate: Any, pipe: Connection
) -> None:
    """The life of one process: wait for carts, wait for the others, buy, tell; until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who gives the commands.
    set_up(race, is_protected, database)
    from orders.races.buying import agree, buy

    pipe.send("ready")
    while True:
        try:
            carts = pipe.recv()
        except EOFError:
            return
        agreed = [(cart, agree(cart)) for cart in carts]
        gate.wait(PATIENCE)
        outcomes = []
        for cart, total in agreed:
            started = time.perf_counter()
            found = buy(cart, total, uuid.uuid4())
            outcomes.append(Outcome(seconds=time.perf_counter() - started, **found))
        pipe.send(outcomes)


def set_up(race: str, is_protected: bool, database: str) -> None:
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from orders.races.buying import sell_drafts_and_send_nothing
    from orders.races.scenarios import RACES

    sell_drafts_and_send_nothing()
    if not is_protected:
        RACES[race].unprotect()
    connection.ensure_connection()
