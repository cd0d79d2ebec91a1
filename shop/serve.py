"""
One command for one machine: `make run` and `make dev`.

Prepares the shop, starts the web server and a worker, waits until the shop answers, and stops
both together. Uses the server that DATABASE_URL names, or else the embedded one. It is meant for
trying the shop and working on it; a real one starts `web` and `worker` of the Procfile.
"""

import ctypes
import errno
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 25

type Acts = dict[str, Callable[[], None]]
type Children = dict[str, ForkProcess]


class Stopped(Exception):
    """Somebody asked for the end."""


def main() -> None:
    is_dev = "--dev" in sys.argv
    port = read_port()
    set_environment(port, is_dev=is_dev)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_asked)
    children: Children = {}
    try:
        staff = prepare()
        acts = development(port) if is_dev else production()
        children |= {name: start(act) for name, act in acts.items()}
        wait_until_ready(port, children)
        print_welcome(port, staff)
        watch(children, acts, is_dev=is_dev)
    except Stopped:
        pass
    finally:
        stop(children)


def stop_asked(_number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C would interrupt the stopping.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as problem:
            reason = "is taken" if problem.errno == errno.EADDRINUSE else "is refused"
            raise SystemExit(f"Port {text} {reason}. Choose another: PORT=8001 make run.") from None
    return int(text)


def set_environment(port: int, *, is_dev: bool) -> None:
    """Fill in what the environment leaves open, as for a demo on one's own machine."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ALLOWED_HOSTS": f"{HOST},localhost,[::1]",
        "SITE_URL": f"http://{HOST}:{port}",
        "BIND": f"{HOST}:{port}",
        "DEMO": "true",
        "DEBUG": "true" if is_dev else "false",
        "TOOLBAR": "true" if is_dev else "false",
        "LOG_LEVEL": "INFO" if is_dev else "WARNING",
        "SECRET_KEY": secret_key(),
    }
    for name, value in defaults.items():
        if not os.environ.get(name):
            os.environ[name] = value
    sys.path.insert(0, str(ROOT))


def secret_key() -> str:
    """Return the secret of this machine, made once, readable by its owner only."""
    VAR.mkdir(exist_ok=True)
    path = VAR / "secret_key"
    with suppress(FileExistsError):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, secrets.token_urlsafe(50).encode())
        os.close(fd)
    return path.read_text()


def prepare() -> tuple[str, str] | None:
    """Make the shop ready, in this process; return the demo's staff login, if it has one."""
    import django
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    try:
        django.setup()
        call_command("prepare")
    except DatabaseError as problem:
        raise SystemExit(f"The database cannot be used. {problem}".strip()) from None
    # What comes now is a fork of this process, and no connection may be shared.
    connections.close_all()
    try:
        demo = import_module("accounts.demo")
        return demo.ADMIN, demo.PASSWORD
    except (ImportError, AttributeError):
        return None


def production() -> Acts:
    """What runs for `make run`: forks of this process, which has loaded all of the shop by now."""
    return {"web": serve, "worker": work}


def serve() -> None:
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "--config", "python:shop.gunicorn"]
    run()


def work() -> None:
    from procrastinate.contrib.django import app

    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()):
        app.run_worker()


def development(port: int) -> Acts:
    """What runs for `make dev`: programs of their own, so that each start reads the code anew."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    return {
        "web": lambda: os.execv(sys.executable, [*manage, "runserver", f"{HOST}:{port}"]),
        "worker": lambda: os.execv(sys.executable, [*manage, "procrastinate", "worker"]),
    }


def start(act: Callable[[], None]) -> ForkProcess:
    def run() -> None:
        # In a session of its own, Ctrl-C reaches the first process only, which stops all in order.
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        end_with_parent()
        # What it has to say is in the log, on the other stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        act()

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    return child


def end_with_parent() -> None:
    """Have Linux end this process when its parent is killed without a chance to do it itself."""
    if sys.platform.startswith("linux"):
        set_signal_at_parents_death = 1
        ctypes.CDLL(None).prctl(set_signal_at_parents_death, signal.SIGTERM)


def wait_until_ready(port: int, children: Children) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers(port):
        fail_if_ended(children)
        if time.monotonic() > until:
            raise SystemExit(f"The shop did not answer within {START_SECONDS} seconds.")
        time.sleep(0.1)


def answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def fail_if_ended(children: Children) -> None:
    for name, child in children.items():
        if child.exitcode is not None:
            raise SystemExit(f"The {name} process ended with code {child.exitcode}.")


def print_welcome(port: int, staff: tuple[str, str] | None) -> None:
    lines = [f"The shop is open at http://{HOST}:{port}"]
    if os.environ["DEMO"].strip().lower() == "true":
        if staff:
            lines.append(
                f"Its back office     http://{HOST}:{port}/admin/  ({staff[0]}, {staff[1]})"
            )
            lines.append(
                "                    (STAFF_SECOND_FACTOR=true asks for a second factor, too)"
            )
        if not os.environ.get("MAIL_URL"):
            lines.append(f"Its mails           http://{HOST}:{port}/demo/mail/")
        lines.append(f"To try passkeys     http://localhost:{port}/  (they belong to a name)")
    print("\n".join([*lines, "Ctrl-C closes it."]), flush=True)  # noqa: T201


def watch(children: Children, acts: Acts, *, is_dev: bool) -> None:
    """Stay until a child ends or the parent does. While developing, give the worker new code."""
    parent, seen = os.getppid(), newest_code() if is_dev else 0.0
    while os.getppid() == parent:
        if children["worker"].exitcode is not None:  # The database was gone for a moment, perhaps.
            time.sleep(1)
            children["worker"] = start(acts["worker"])
        fail_if_ended({"web": children["web"]})
        time.sleep(0.5)
        if is_dev and (newest := newest_code()) > seen:
            seen = newest
            stop({"worker": children["worker"]})
            children["worker"] = start(acts["worker"])


def newest_code() -> float:
    apps = (path.parent for path in ROOT.glob("*/__init__.py"))
    return max(path.stat().st_mtime for app in apps for path in app.rglob("*.py"))


def stop(children: Children) -> None:
    for child in children.values():
        child.terminate()
    until = time.monotonic() + STOP_SECONDS
    for child in children.values():
        child.join(max(0.1, until - time.monotonic()))
        if child.exitcode is None and child.pid:
            os.killpg(child.pid, signal.SIGKILL)
            child.join()


if __name__ == "__main__":
    main()
