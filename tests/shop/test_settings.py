"""A wrong environment is told in one line, and nothing starts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orders.payments import PROVIDERS
from shop.social import NEEDED

APPS = ["shop", "accounts", "catalog", "cart", "orders", "reviews"]
ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "a-secret-of-the-tests-2Zk8vQ1xW5rT7yU3iO9pA4sD6fG0hJ",
    "ALLOWED_HOSTS": "shop.example",
    "MAIL_URL": "smtps://user:secret@mail.shop.example",
}
STRIPE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
QUIET = {
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_CAPTURE",
    "STRIPE_API_BASE",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DEBUG",
    "DEMO",
    "SITE_URL",
    "MAIL_URL",
    "TASKS",
    "REDIS_URL",
    "TOOLBAR",
    "DATABASE_URL",
    "PAYMENT_PROVIDERS",
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
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"DATABASE_URL": "postgres://host"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"DATABASE_URL": "postgres://host:abc/name"}, "DATABASE_URL must name a PostgreSQL"),
        ({"SITE_URL": "https://shop.example:abc"}, "SITE_URL must look like https://shop.example"),
        ({"SITE_URL": "https://example/shop"}, "SITE_URL must look like https://shop.example"),
        ({"MAIL_URL": "smtp://mx.example:99999"}, "MAIL_URL must look like"),
        ({"MAIL_URL": "smtp://mx.example?tls=yes"}, "MAIL_URL may end in ?tls=true"),
        ({"MAIL_URL": "smtp://mx.example?ssl=true"}, "MAIL_URL may end in ?tls=true"),
        ({"MAIL_FROM": "the shop"}, "MAIL_FROM must be a mail address"),
        ({"TIME_ZONE": "Mars/Base"}, "TIME_ZONE must be one such as Europe/Berlin"),
        ({"TIME_ZONE": "../x"}, "TIME_ZONE must be one such as Europe/Berlin"),
        ({"LOCALE": "xx"}, "LOCALE must be one of en, not 'xx'."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of INFO, DEBUG, WARNING, ERROR"),
        ({"PAYMENT_PROVIDERS": "paypall"}, "PAYMENT_PROVIDERS may name stripe, demo"),
        ({"PAYMENT_PROVIDERS": "stripe"}, "PAYMENT_PROVIDERS names stripe, but STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_WEBHOOK_SECRET is missing."),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_1"}, "STRIPE_SECRET_KEY is missing, though"),
        (STRIPE | {"STRIPE_SECRET_KEY": "pk_live_1"}, "STRIPE_SECRET_KEY must begin with sk_ or"),
        (STRIPE | {"STRIPE_WEBHOOK_SECRET": "secret"}, "STRIPE_WEBHOOK_SECRET must begin with"),
        ({"STRIPE_CAPTURE": "later"}, "STRIPE_CAPTURE must be one of automatic, manual"),
        ({"WORKER_CONCURRENCY": "0"}, "WORKER_CONCURRENCY must be 1 or more, not 0."),
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


@pytest.mark.parametrize("name", ["WEB_CONCURRENCY", "WEB_THREADS"])
def test_gunicorn_does_not_start_to_serve_nobody(name):
    stopped = run("-m", "gunicorn", "--config", "python:shop.gunicorn", **PRODUCTION, **{name: "0"})

    assert (stopped.returncode, stopped.stderr) == (1, f"{name} must be 1 or more, not 0.\n")


def test_a_secret_of_the_database_is_not_told():
    stopped = run(
        "manage.py", "check", **PRODUCTION, DATABASE_URL="mysql://ada:hush-hush@host/name"
    )

    assert stopped.returncode == 1
    assert "hush-hush" not in stopped.stderr


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


@pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"])
def test_over_https_no_neighbour_can_plant_a_cookie(name):
    assert setting(name).startswith("__Host-")


def test_the_address_of_the_site_comes_from_the_first_host():
    assert setting("SITE_URL") == "https://shop.example"


def test_every_way_to_pay_may_be_named():
    ways = [name for name, each in PROVIDERS.items() if each.is_way_to_pay]
    assert setting("PAYMENT_PROVIDERS", PAYMENT_PROVIDERS=",".join(ways), **STRIPE) == str(ways)


def test_stripe_is_offered_where_it_is_set_up():
    assert setting("PAYMENT_PROVIDERS") == "['transfer', 'pickup']"
    assert setting("PAYMENT_PROVIDERS", **STRIPE) == "['stripe', 'transfer', 'pickup']"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "orders.W001"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "orders.E001"),
        ({"SITE_URL": "http://shop.example"}, "orders.W002"),
    ],
)
def test_a_deployment_says_what_is_wrong_with_stripe(environment, words):
    done = run("manage.py", "check", "--deploy", **(PRODUCTION | STRIPE | environment))

    assert words in done.stderr
    assert "orders." not in run("manage.py", "check", "--deploy", **PRODUCTION, **STRIPE).stderr


@pytest.mark.parametrize("address", ["postgres:///name", "postgresql://ada:x@[::1]:5433/name"])
def test_a_database_may_be_named_as_postgresql_does(address):
    assert setting("DATABASES['default']['NAME']", DATABASE_URL=address) == "name"


def test_an_example_names_every_variable():
    """What the code reads of the environment, .env.example tells of."""
    read = re.compile(r"""(?:env_\w+\(|os\.environ\.get\()\s*"([A-Z_]+)\"""")
    code = [path for name in APPS for path in (ROOT / name).rglob("*.py")]
    names = {name for path in code for name in read.findall(path.read_text())}
    names |= {name for each in NEEDED.values() for name in each}
    told = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {"SECRET_KEY", "PAYMENT_PROVIDERS", "WEB_THREADS", "EMBEDDED_POSTGRES_BIN"} <= names
    assert told == names


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


def test_the_toolbar_adds_itself_before_a_page_is_compressed():
    ask = (
        "from shop.settings import MIDDLEWARE;"
        "names = [name.rsplit('.', 1)[1] for name in MIDDLEWARE];"
        "print(names.index('GZipMiddleware') < names.index('DebugToolbarMiddleware'))"
    )
    assert run("-c", ask, DEBUG="true", TOOLBAR="true").stdout == "True\n"
