"""Limits hold for the shop as a whole, however many processes it runs on, and nobody talks their way around."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import UserFactory
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "thistle-and-clay"
LOGIN = "/account/login/"
TABLE = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shop_cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}


@pytest.fixture(autouse=True)
def _as_in_production(settings: pytest.FixtureRequest) -> None:
    """The counts lie in the table of the database, which is all that several processes share."""
    settings.CACHES = TABLE  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shop_cache")


@pytest.fixture
def ada() -> User:
    user: User = UserFactory(email="ada@example.com", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def wrong(email: str = "ada@example.com", **more: str) -> int:
    answer = Client(**more).post(LOGIN, {"login": email, "password": "not-the-password"})  # type: ignore[arg-type]
    return 429 if "wrong too often" in answer.text else answer.status_code


def test_five_wrong_passwords_at_once_are_five(ada: User) -> None:
    outcomes = race([wrong] * 12)

    assert outcomes.count(422) <= 5, outcomes
    answer = Client().post(LOGIN, {"login": ada.email, "password": PASSWORD})
    assert "wrong too often" in answer.text


def test_the_count_lies_in_the_database(ada: User) -> None:
    for _ in range(5):
        wrong()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shop_cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] >= 1
    # Another process begins with nothing in its own memory.
    caches.close_all()
    assert wrong() == 429


def test_another_machine_does_not_begin_anew(ada: User) -> None:
    outcomes = [wrong(REMOTE_ADDR=f"203.0.113.{n}") for n in range(7)]
    assert outcomes == [422] * 5 + [429] * 2


def test_a_made_up_forwarding_header_is_not_believed(ada: User) -> None:
    outcomes = [
        wrong(f"user-{n}@example.com", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}") for n in range(12)
    ]
    assert outcomes == [422] * 10 + [429] * 2


def test_one_password_tried_on_many_accounts_is_stopped(ada: User) -> None:
    outcomes = [wrong(f"user-{n}@example.com") for n in range(40)]
    assert outcomes.count(422) + outcomes.count(200) <= 11, outcomes


def test_a_success_between_does_not_wipe_the_count(ada: User) -> None:
    other: User = UserFactory(email="eve@example.com", password=PASSWORD)  # type: ignore[assignment]
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    outcomes = []
    for _ in range(7):
        outcomes.append(wrong())
        Client().post(LOGIN, {"login": other.email, "password": PASSWORD})
    assert outcomes[5:] == [429, 429]


def test_its_owner_waits_a_quarter_of_an_hour_at_most(ada: User) -> None:
    for _ in range(6):
        wrong(REMOTE_ADDR="203.0.113.9")
    with time_machine.travel(timezone.now() + timedelta(minutes=15), tick=True):
        answer = Client().post(LOGIN, {"login": ada.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_the_back_office_has_no_door_of_its_own(ada: User) -> None:
    """Its page for signing in leads to the shop's, which counts; a form that is sent there signs nobody in."""
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    sent = {"username": ada.email, "login": ada.email, "password": PASSWORD}
    answer = client.post("/admin/login/", sent | {"next": "/admin/"})
    assert answer["Location"].startswith(LOGIN)
    assert client.get("/account/").status_code == 302
    for _ in range(5):
        wrong()
    assert wrong() == 429


@pytest.mark.parametrize(
    ("path", "most"), [("/account/password/reset/", 5), ("/account/login/code/", 3)]
)
def test_nobody_is_flooded_with_mails(ada: User, path: str, most: int) -> None:
    from shop.models import Mail

    for _ in range(most + 3):
        Client().post(path, {"email": ada.email})
    assert Mail.objects.filter(to=ada.email).count() == most
