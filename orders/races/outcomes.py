"""What came out of a race."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass(frozen=True)
class Outcome:
    """What one buyer got, and how long it took: an order, or what was said instead."""

    kind: str  # sold, refused, deadlock or error
    seconds: float
    order: int | None = None
    problem: str = ""


@dataclass
class Outcomes:
    orders: set[int] = field(default_factory=set)
    refused: int = 0
    deadlocks: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.seconds.append(outcome.seconds)
            self.refused += outcome.kind == "refused"
            self.deadlocks += outcome.kind == "deadlock"
            if outcome.kind == "error":
                self.errors[outcome.problem] += 1
            if outcome.order is not None:
                self.orders.add(outcome.order)

    def merge(self, other: "Outcomes") -> None:
        self.orders |= other.orders
        self.refused += other.refused
        self.deadlocks += other.deadlocks
        self.errors += other.errors
        self.seconds += other.seconds

    def is_right(self, orders: int) -> bool:
        """Came out what had to, with nobody hurt?"""
        return len(self.orders) == orders and not self.deadlocks and not self.errors

    def __str__(self) -> str:
        p50, p95 = percentiles(self.seconds)
        return (
            f"sold {len(self.orders)}, refused {self.refused}, errors {self.errors.total()},"
            f" deadlocks {self.deadlocks}, p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        )


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """The time in milliseconds within which half, and 95 of 100, were answered."""
    if len(seconds) < 2:
        return (1000 * sum(seconds),) * 2
    cuts = quantiles(seconds, n=20, method="inclusive")
    return 1000 * cuts[9], 1000 * cuts[18]
