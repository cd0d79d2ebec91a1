"""How long a shop may wait for somebody else's computer without keeping its own shoppers waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from orders.payments.base import ProviderUnavailable

TROUBLE = 2  # Calls in a row that came to nothing.


class Patience:
    """
    Waits for one provider, in one process: at most `calls` at once, so that a thread is left for pages.

    Once `TROUBLE` calls in a row came to nothing, one at a time goes on trying, and all others are told so
    at once, until one is answered. Nothing is lost by it: who calls has to live with a provider that does
    not answer anyway.
    """

    def __init__(self, calls: int) -> None:
        self.calls = max(calls, 1)
        self.waiting = 0
        self.in_vain = 0
        self.lock = Lock()

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Make one call inside. Raises ProviderUnavailable at once where too many wait already."""
        with self.lock:
            if self.waiting >= (1 if self.in_vain >= TROUBLE else self.calls):
                raise ProviderUnavailable("Too many wait for it already.")
            self.waiting += 1
        was_answered = True
        try:
            yield
        except ProviderUnavailable:
            was_answered = False
            raise
        finally:
            with self.lock:
                self.waiting -= 1
                self.in_vain = 0 if was_answered else self.in_vain + 1
