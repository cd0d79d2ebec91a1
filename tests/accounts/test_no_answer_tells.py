"""No answer tells whether an address has an account: neither its words, nor its status, nor its time."""

import re
import statistics
import time
from collections.abc import Callable
from functools import partial
from math import erfc, sqrt
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

WRONG = "a-kettle-of-herons"
# A known and an unknown address that are as long as each other.
KNOWN, UNKNOWN = "known@example.com", "other@example.com"

FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "sign in": ("/account/login/", {"login": "{}", "password": WRONG}),
    "sign up": ("/account/signup/", {"email": "{}", "password1": WRONG}),
    "sign up by passkey": ("/account/signup/passkey/", {"email": "{}"}),
    "new password": ("/account/password/reset/", {"email": "{}"}),
    "mailed code": ("/account/login/code/", {"email": "{}"}),
}
TRIES = 100


@pytest.fixture(autouse=True)
def _known() -> None:
    user = UserFactory(email=KNOWN)
    EmailAddress.objects.create(user=user, email=KNOWN, verified=True, primary=True)


def ask(name: str, email: str, client: Client | None = None) -> Any:
    path, fields = FORMS[name]
    data = {field: text.format(email) for field, text in fields.items()}
    return (client or Client()).post(path, data)


def told(response: Any, email: str) -> tuple[Any, ...]:
    """All of an answer that a stranger sees, without what differs from one answer to the next."""
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.text)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"X-Request-ID", "Expires"}
    }
    cookies = {
        name: (len(each.value), each["path"], each["max-age"])
        for name, each in response.cookies.items()
    }
    return response.status_code, text.replace(email, "…"), headers, cookies


@pytest.mark.parametrize("name", FORMS)
def test_the_answer_is_the_same(name: str) -> None:
    clients = Client(), Client()
    for client in clients:
        client.get(FORMS[name][0])
    first, second = ask(name, KNOWN, clients[0]), ask(name, UNKNOWN, clients[1])

    assert told(first, KNOWN) == told(second, UNKNOWN)
    if first.status_code == 302:
        pages = [each.get(first["Location"]) for each in clients]
        assert told(pages[0], KNOWN) == told(pages[1], UNKNOWN)


@pytest.mark.parametrize("name", FORMS)
def test_limits_do_not_tell_either(name: str) -> None:
    def statuses(email: str) -> list[int]:
        cache.clear()
        return [ask(name, email).status_code for _ in range(8)]

    assert statuses(KNOWN) == statuses(UNKNOWN)


@pytest.mark.parametrize("spelt", ["KNOWN@example.com", "Known@Example.COM", " known@example.com "])
def test_another_spelling_finds_the_same_account_and_tells_as_little(spelt: str) -> None:
    first, second = ask("sign up", spelt), ask("sign up", "other@example.com")
    assert told(first, spelt) == told(second, "other@example.com")
    assert User.objects.filter(email__iexact=KNOWN).count() == 1


@pytest.mark.parametrize("name", FORMS)
def test_the_clock_does_not_tell(name: str, settings: Any) -> None:
    """Two hundred tries, in turns: medians within 5 %, and ranks that could be chance.

    Chance alone fails one sample of a hundred. What tells an address apart would fail all three.
    """
    settings.ACCOUNT_RATE_LIMITS = False
    # As in production well above what a page takes, on the machine that this is.
    ask(name, KNOWN)  # The first is slow by what it loads.
    settings.EVEN_PACE_SECONDS = 0
    usual = [statistics.median(each) for each in sample(name, tries=5).values()]
    settings.EVEN_PACE_SECONDS = 2 * max(usual)
    for _sample in range(3):
        spent = sample(name)
        medians = [statistics.median(each) for each in spent.values()]
        near = abs(medians[0] - medians[1]) / medians[1] < 0.05
        if (chance := mann_whitney(spent[KNOWN], spent[UNKNOWN])) > 0.01 and near:
            return
    pytest.fail(f"The time tells: {medians} differ by a chance of {chance:.4f}.")


def sample(name: str, tries: int = TRIES) -> dict[str, list[float]]:
    """How long a known and an unknown address take, asked in turns."""
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for round in range(tries):
        order = (KNOWN, UNKNOWN) if round % 2 else (UNKNOWN, KNOWN)
        for email in order:
            spent[email].append(timed(partial(ask, name, email)))
            User.objects.filter(email=UNKNOWN).delete()
    return spent


def test_the_statistics_would_have_told(settings: Any) -> None:
    """The same measure finds a password that is scrambled for one address and not for the other."""
    hashers = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.PASSWORD_HASHERS = hashers

    with_work = [timed(lambda: make_password(WRONG)) for _ in range(20)]
    without = [timed(lambda: None) for _ in range(20)]
    assert mann_whitney(with_work, without) < 0.01


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def mann_whitney(first: list[float], second: list[float]) -> float:
    """The chance that two samples of one and the same thing lie as far apart (two-sided, many values)."""
    ranked = sorted([(each, 0) for each in first] + [(each, 1) for each in second])
    ranks = sum(rank for rank, (_value, group) in enumerate(ranked, start=1) if group == 0)
    n, m = len(first), len(second)
    mean, deviation = n * (n + m + 1) / 2, sqrt(n * m * (n + m + 1) / 12)
    return erfc(abs(ranks - mean) / deviation / sqrt(2))
