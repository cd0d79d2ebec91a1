"""A wrong environment is told in one line, and nothing starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "a-secret-of-the-tests-2Zk8vQ1xW5rT7yU3iO9pA4sD6fG0hJ",
    "ALLOWED_HOSTS": "shop.example",
    "MAIL_URL": "smtps://user:secret@mail.shop.example",
}
QUIET = {
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DEBUG",
    "DEMO",
    "SITE_URL",
    "MAIL_URL",
    "TASKS",
    "REDIS_URL",
    "TOOLBAR",
}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        k: v for k, v in os.environ.items() if k not in {*QUIET, "DJANGO_SETTINGS_MODULE"}
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=surroundings | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing."),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing."),
        ({"DEBUG": "yes"}, "DEBUG must be 'true' or 'false', not 'yes'."),
        ({"PROXIES": "many"}, "PROXIES must be a whole number, not 'many'."),
        ({"DATABASE_URL": "sqlite:///db"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"SITE_URL": "shop.example"}, "SITE_URL must look like https://shop.example"),
        ({"MAIL_URL": "gopher://x"}, "MAIL_URL must look like"),
        ({"TASKS": "later"}, "TASKS must be one of procrastinate, immediate"),
        ({"TOOLBAR": "true"}, "TOOLBAR=true needs DEBUG=true."),
    ],
)
def test_a_wrong_environment_stops_the_start_with_one_line(environment, sentence):
    stopped = run("manage.py", "check", **(PRODUCTION | environment))

    assert stopped.returncode == 1
    assert stopped.stderr.startswith(sentence)
    assert stopped.stderr.count("\n") == 1
    assert stopped.stdout == ""


def test_gunicorn_says_the_same_line_and_ends():
    stopped = run(
        "-m", "gunicorn", "--config", "python:shop.gunicorn", ALLOWED_HOSTS="shop.example"
    )

    assert stopped.returncode == 1
    assert (
        stopped.stderr == "SECRET_KEY is missing. Set it, or set DEBUG=true on your own machine.\n"
    )


def test_gunicorn_without_our_configuration_does_not_try_for_ever():
    stopped = run("-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "shop.wsgi")

    assert stopped.returncode == 4
    assert "SECRET_KEY is missing." in stopped.stderr
    assert "Traceback" not in stopped.stderr


def setting(name: str, **environment: str) -> str:
    code = f"from shop import settings; print(settings.{name})"
    done = run("-c", code, **(PRODUCTION | environment))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name", ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
)
def test_a_shop_is_for_https_unless_its_address_says_http(name):
    assert setting(name) == "True"
    assert setting(name, SITE_URL="http://127.0.0.1:8000") == "False"


def test_the_address_of_the_site_comes_from_the_first_host():
    assert setting("SITE_URL") == "https://shop.example"


def test_the_debugger_is_off_unless_asked_for():
    assert setting("DEBUG") == "False"


def test_the_mail_server_is_read_from_its_address():
    options = setting(
        "MAILERS['default']['OPTIONS']", MAIL_URL="smtp://ada:s%3Acret@mx.example:587?tls=true"
    )
    assert options == str(
        {
            "host": "mx.example",
            "port": 587,
            "username": "ada",
            "password": "s:cret",
            "use_tls": True,
            "use_ssl": False,
            "timeout": 10,
        }
    )
