"""
The proofs that take too long for every run of the tests: `make prove`.

The shop runs as it does in production (gunicorn, a worker, PostgreSQL that waits for the disk, a mail server),
and is broken on purpose. One line for each proof; exit 1 when one of them does not hold.

    python -m tests.proving [NAME …]

Names: K1 … K15 (a process is killed at a step), database (restarted under load), mail, mail-hangs, mail-long and
provider (servers that are down, or hang, for a while), last-unit, crossed-carts, double-submit, coupon, last-use,
gift-card, refunds, cancel-ship, three-ways, sign-in (crowds at the shop's door), processes (the races of
`manage.py race`).
"""

import os
import sys
import time
import traceback
from pathlib import Path

from tests.orders.stripe_server import KEY, SECRET
from tests.proving import MAIL_PORT, PORT, STRIPE_PORT

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    set_environment()
    import django

    django.setup()
    from tests.proving.proofs import PROOFS
    from tests.proving.shop import open_shop

    wanted = sys.argv[1:] or list(PROOFS)
    if unknown := set(wanted) - set(PROOFS):
        raise SystemExit(f"There is no proof {', '.join(unknown)}. There is {', '.join(PROOFS)}.")
    failed = 0
    with open_shop(PORT) as shop:
        for name in wanted:
            began = time.monotonic()
            try:
                told = PROOFS[name](shop)
                holds = True
            except Exception as problem:
                if not isinstance(problem, AssertionError):
                    traceback.print_exc()
                told, holds = f"{type(problem).__name__}: {problem}", False
            failed += not holds
            took = time.monotonic() - began
            print(f"{'holds' if holds else 'FAILS'}  {name:<13} {took:6.1f} s  {told}", flush=True)  # noqa: T201
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
        "MAIL_URL": f"smtp://127.0.0.1:{MAIL_PORT}",
        "PAYMENT_PROVIDERS": "demo,stripe",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": f"http://127.0.0.1:{STRIPE_PORT}",
        "FUSE": str(home / "fuse"),
        "EMBEDDED_POSTGRES_DIR": str(home / "pg18"),
        "EMBEDDED_POSTGRES_DURABLE": "true",
    }
    os.environ.pop("DATABASE_URL", None)  # What is broken here is nobody's own.


if __name__ == "__main__":
    main()
