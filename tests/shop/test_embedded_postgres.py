"""The embedded server starts once, and stops after its last user, however that one ended."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shop.postgres.server import Server, Unavailable, find_binaries

ROOT = Path(__file__).parent.parent.parent
USE = """
import sys
from pathlib import Path
from shop.postgres.server import Server
import psycopg

where = Server(Path(sys.argv[1]), durable=False).ensure()
with psycopg.connect(host=where["host"], user=where["user"], dbname="shop") as connection:
    print(connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0], flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def data() -> Iterator[Path]:
    # Not in pytest's own folder: it is closed to `nobody`, who runs the server for root.
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder / "pg18"
    wait_for(lambda: not is_running(folder / "pg18"))
    shutil.rmtree(folder)
    shutil.rmtree(Server(folder / "pg18").folder, ignore_errors=True)


def use(data: Path) -> subprocess.Popen[str]:
    """Start a process that uses the server until its input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def processes(data: Path) -> list[list[str]]:
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid,stat,args"], capture_output=True, text=True, check=True
    )
    words = [line.split() for line in listed.stdout.splitlines()]
    return [line for line in words if str(data) in line and not line[1].startswith("Z")]


def is_running(data: Path) -> bool:
    return any("-D" in line or "server.py" in " ".join(line) for line in processes(data))


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "It did not come to be."
        time.sleep(0.1)


def test_many_at_once_start_one_server_and_it_stops_after_the_last(data):
    users = [use(data) for _ in range(4)]
    started = {user.stdout.readline() for user in users}
    for user in users[:-1]:
        user.communicate()
    time.sleep(3)
    assert is_running(data)
    users[-1].communicate()

    assert len(started) == 1
    assert "" not in started
    wait_for(lambda: not is_running(data))


def test_it_stops_after_a_user_that_was_killed(data):
    user = use(data)
    user.stdout.readline()
    user.kill()
    user.wait()
    wait_for(lambda: not is_running(data))


def test_a_server_that_was_killed_is_started_again_with_its_data(data):
    first = use(data)
    before = first.stdout.readline()
    (server,) = [line for line in processes(data) if "-D" in line]
    os.kill(int(server[0]), 9)
    second = use(data)
    after = second.stdout.readline()
    first.communicate()
    second.communicate()
    assert after
    assert after != before


def test_a_folder_with_something_else_in_it_is_left_alone(data):
    data.mkdir()
    (data / "letter").write_text("Dear Ada")
    with pytest.raises(Unavailable, match="holds no database"):
        Server(data).ensure()
    assert (data / "letter").read_text() == "Dear Ada"


def test_other_binaries_can_be_named(monkeypatch):
    monkeypatch.setenv("EMBEDDED_POSTGRES_BIN", "/opt/postgresql/bin")
    assert find_binaries() == Path("/opt/postgresql/bin")


def test_a_machine_without_any_says_what_helps(monkeypatch):
    monkeypatch.setattr("shop.postgres.server.find_spec", lambda name: None)
    monkeypatch.setattr("shop.postgres.server.shutil.which", lambda name: None)
    with pytest.raises(Unavailable, match="Set DATABASE_URL, or install the embedded one"):
        find_binaries()
