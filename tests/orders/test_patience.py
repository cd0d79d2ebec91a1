"""A provider that hangs keeps few threads, and one that is away is asked by one at a time."""

from contextlib import ExitStack, suppress

import pytest

from orders.payments import ProviderRefused, ProviderUnavailable
from orders.payments.patience import Patience


def fail(patience: Patience, problem: Exception) -> None:
    with suppress(type(problem)), patience.wait():
        raise problem


def waiting_for(patience: Patience) -> int:
    """How many can wait at once by now."""
    with ExitStack() as calls, suppress(ProviderUnavailable):
        while True:
            calls.enter_context(patience.wait())
            count = patience.waiting
    return count


def test_a_thread_is_left_for_pages() -> None:
    patience = Patience(3)

    assert waiting_for(patience) == 3
    assert patience.waiting == 0


def test_a_process_of_one_thread_can_ask_too() -> None:
    assert waiting_for(Patience(0)) == 1


def test_after_two_calls_in_vain_one_at_a_time_goes_on() -> None:
    patience = Patience(3)
    fail(patience, ProviderUnavailable())
    assert waiting_for(patience) == 3

    fail(patience, ProviderUnavailable())
    fail(patience, ProviderUnavailable())

    with patience.wait(), pytest.raises(ProviderUnavailable, match="wait for it already"):
        patience.wait().__enter__()


@pytest.mark.parametrize("answer", [None, ProviderRefused()])
def test_an_answer_opens_the_way_for_all(answer: Exception | None) -> None:
    patience = Patience(3)
    fail(patience, ProviderUnavailable())
    fail(patience, ProviderUnavailable())

    if answer:
        fail(patience, answer)
    else:
        with patience.wait():
            pass

    assert waiting_for(patience) == 3


def test_who_was_sent_away_has_not_asked() -> None:
    patience = Patience(1)

    with patience.wait():
        fail(patience, ProviderUnavailable())
        fail(patience, ProviderUnavailable())

    assert patience.in_vain == 0
