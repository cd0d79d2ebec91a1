"""
The proofs that take too long for every run of the tests: `make prove`.

The shop runs as it does in production (gunicorn, a worker, PostgreSQL that waits for the disk, a mail server),
and is broken on purpose. One line for each proof; exit 1 when one of them does not hold.

    python -m tests.proving [NAME …]

Names: K1 … K15 (a process is killed at a step), races, database (restarted under load), mail (a server that is
down for a while).
"""

import os
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PORT = 8098


def main() -> None:
    set_environment()
    import django

    django.setup()
    from tests.proving import proofs

    wanted = sys.argv[1:] or list(proofs.PROOFS)
    if unknown := set(wanted) - set(proofs.PROOFS):
        raise SystemExit(
            f"There is no proof {', '.join(unknown)}. There is {', '.join(proofs.PROOFS)}."
        )
    failed = 0
    with proofs.open_shop(PORT) as shop:
        for name in wanted:
            began = time.monotonic()
            try:
                told = proofs.PROOFS[name](shop)
                holds = True
            except Exception as problem:
                if not isinstance(problem, AssertionError):
                    traceback.print_exc()
                told, holds = f"{type(problem).__name__}: {problem}", False
            failed += not holds
            took = time.monotonic() - began
            print(f"{'holds' if holds else 'FAILS'}  {name:<9} {took:6.1f} s  {told}", flush=True)  # noqa: T201
    if failed:
        raise SystemExit(1)


def set_environment() -> None:
    home = ROOT / "var" / "prove"
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SECRET_KEY": "only-for-proofs",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{PORT}",
        "BIND": f"127.0.0.1:{PORT}",
        "DEMO": "true",
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
        "CHALLENGE_AFTER_ORDERS": "1000000",  # All come from one machine.
        "MAIL_URL": "smtp://127.0.0.1:8099",
        "FUSE": str(home / "fuse"),
        "EMBEDDED_POSTGRES_DIR": str(home / "pg18"),
        "EMBEDDED_POSTGRES_DURABLE": "true",
    }
    os.environ.pop("DATABASE_URL", None)  # What is broken here is nobody's own.


if __name__ == "__main__":
    main()
