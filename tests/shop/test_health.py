"""What a load balancer is told."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from shop import health
from shop.jobs import ProcrastinateBackend
from shop.models import Mail, MailState
from shop.tasks import send_mail


@pytest.fixture(autouse=True)
def _unknown_migrations(monkeypatch):
    monkeypatch.setattr(health, "_applied", set())


def test_a_process_that_answers_lives_whatever_the_database_does(client):
    response = client.get("/healthz/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_shop_with_its_tables_is_ready(client):
    response = client.get("/healthz/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {
            "database": {"ok": True},
            "migrations": {"ok": True, "unapplied": 0},
            "jobs": {"ok": True, "waiting": 0, "lag_seconds": 0},
            "mail": {"ok": True, "dead": 0},
        },
    }


@pytest.mark.django_db
def test_a_shop_that_misses_a_migration_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id ="
            " (SELECT id FROM django_migrations WHERE app = 'shop' ORDER BY name DESC LIMIT 1)"
        )
    response = client.get("/healthz/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == {"ok": False, "unapplied": 1}


@pytest.mark.django_db
def test_a_shop_without_its_database_is_not_ready(client, monkeypatch):
    def down():
        raise DatabaseError("password of the database")

    monkeypatch.setattr(health, "database", down)
    response = client.get("/healthz/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "checks": {"database": {"ok": False}}}


@pytest.mark.django_db
def test_late_jobs_and_dead_mails_are_told_and_close_nothing(client):
    backend = ProcrastinateBackend("default", {"QUEUES": []})
    backend.enqueue(send_mail.using(run_after=timezone.now() - timedelta(minutes=7)), [1], {})
    backend.enqueue(send_mail.using(run_after=timezone.now() + timedelta(minutes=7)), [1], {})
    Mail.objects.create(
        kind="x", to="a@example.com", subject="x", text="x", dedupe_key="1", state=MailState.DEAD
    )
    response = client.get("/healthz/ready")
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert (checks["jobs"]["ok"], checks["jobs"]["waiting"]) == (False, 1)
    assert 419 <= checks["jobs"]["lag_seconds"] <= 430
    assert checks["mail"] == {"ok": False, "dead": 1}


@pytest.mark.parametrize(
    ("cause", "status"),
    [(psycopg.OperationalError("gone"), 503), (psycopg.errors.AdminShutdown("going"), 503),
     (psycopg.errors.DeadlockDetected("stuck"), 500)],
)  # fmt: skip
def test_a_page_without_its_database_says_so_to_machines_too(client, monkeypatch, cause, status):
    def fail(*_args, **_kwargs):
        raise OperationalError(str(cause)) from cause

    client.raise_request_exception = False
    monkeypatch.setattr("catalog.views.way_to", fail)

    response = client.get("/c/kitchen/")

    assert (response.status_code, response.get("Retry-After")) == (
        status,
        "10" if status == 503 else None,
    )
    assert "Something cracked in the kiln" in response.text
