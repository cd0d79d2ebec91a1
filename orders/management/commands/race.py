import signal
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from orders.races.outcomes import Outcomes
from orders.races.processes import Buyers
from orders.races.rows import clear
from orders.races.scenarios import RACES, Race

RACE_LOCK = 3  # A key in PostgreSQL's space of advisory locks; 1 is the tree's, 2 the pictures'.


class Command(BaseCommand):
    """Let processes buy throw-away goods at the same moment, and see whether the rule holds."""

    help = """Let shoppers race on the real database, and see whether the rule holds.

The shoppers are processes that place carts with throw-away goods at the same moment. No page shows
these goods, no mail is sent and no job is made; orders, carts and goods are removed afterwards, also
after Ctrl-C (a killed run is cleaned up by the next). Order numbers that were used stay used.

Exit code 0: the rule held in every round. 1: it broke, somebody got an error or a deadlock, or
something that was there was not sold. With --without-protection the shop's protection is taken out
of the processes: 0 when the fault then showed, 1 when it did not, which means that this race proves
nothing on this machine (take more workers or rounds)."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("race", choices=list(RACES), help="Which rule is put to the test.")
        parser.add_argument("--workers", type=int, default=8, help="How many processes buy (8).")
        parser.add_argument("--rounds", type=int, default=20, help="How often they do (20).")
        parser.add_argument(
            "--without-protection",
            action="store_true",
            help="Take the protection out: the fault has to show.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        race, workers, rounds = RACES[options["race"]], options["workers"], options["rounds"]
        is_protected = not options["without_protection"]
        if workers < 2 or rounds < 1:
            raise CommandError("A race takes two workers and one round at least.")
        refuse_more_than_connect(workers)
        buyers = max(race.buyers, workers)
        orders = buyers if race.orders == race.buyers else race.orders
        self.stdout.write(race.rule)
        self.stdout.write(
            f"{rounds} rounds of {buyers} buyers in {workers} processes; {orders} orders a round."
        )
        database = connection.settings_dict["NAME"]
        wrong, shown, everything = 0, 0, Outcomes()
        try:
            with (
                alone(),
                Buyers(
                    workers, race=options["race"], is_protected=is_protected, database=database
                ) as crowd,
            ):
                for number in range(1, rounds + 1):
                    outcomes = self.run_round(race, crowd, buyers, is_protected)
                    wrong += not outcomes.is_right(orders)
                    shown += race.is_fault(outcomes, orders)
                    everything.merge(outcomes)
                    if options["verbosity"] > 1 or not outcomes.is_right(orders):
                        self.stdout.write(f"Round {number}: {outcomes}")
        except KeyboardInterrupt:
            raise CommandError("Stopped. The rows of the race are gone.", returncode=130) from None
        self.tell(everything, rounds, wrong, shown, is_protected)

    def run_round(self, race: Race, crowd: Buyers, buyers: int, is_protected: bool) -> Outcomes:
        outcomes = Outcomes()
        outcomes.add(crowd.buy(race.prepare(buyers, is_protected)))
        clear()
        return outcomes

    def tell(
        self, everything: Outcomes, rounds: int, wrong: int, shown: int, is_protected: bool
    ) -> None:
        self.stdout.write(f"In all: {everything}")
        for problem, times in everything.errors.most_common(5):
            self.stdout.write(f"  {times} × {problem}")
        if is_protected:
            self.stdout.write(
                "The rule held." if not wrong else f"The rule broke in {wrong} of {rounds} rounds."
            )
            sys.exit(1 if wrong else 0)
        self.stdout.write(f"Without its protection the rule broke in {shown} of {rounds} rounds.")
        sys.exit(0 if shown else 1)


@contextmanager
def alone() -> Iterator[None]:
    """One race at a time, since each removes the rows of all; they are gone however it ends."""
    at_term = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RACE_LOCK])
        if not cursor.fetchone()[0]:
            raise CommandError("Another race is running.")
        try:
            clear()
            yield
        finally:
            clear()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RACE_LOCK])
            signal.signal(signal.SIGTERM, at_term)


def refuse_more_than_connect(workers: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int - count(*) FROM pg_stat_activity"
        )
        free = cursor.fetchone()[0]
    if workers > free:
        raise CommandError(f"The database has room for {free} more connections, not for {workers}.")
