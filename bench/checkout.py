"""
How many orders a second the shop takes.

    python bench/checkout.py [--json] [--orders 400] [--shoppers 16] [--worker]

Serves the shop as production does (gunicorn with 2 workers of 4 threads; PostgreSQL that waits for the
disk) and sends as many shoppers at once. Each stands at the last step of the checkout as a guest, with
two things in the cart; what is measured is the press of the button, from the click to the redirect to
the payment page: the order is placed, and the payment opened at a demo provider that takes 50 ms.

    orders_spread   over 200 products
    orders_hot      all of one product, of which there are 20 fewer than are wanted
    cart_add        a thing into a cart, from the page of the product
    webhook         "paid", for the orders before, each told once

Prints for each how many a second, and the time in milliseconds that 95 of 100 stayed below; and `oversold`,
the units that were promised above what is there. `--worker` has the jobs carried out beside it (mails, what
lists show) as in a shop; without it they wait in their table.

A database of its own on an embedded server under var/bench/, or beside the one that DATABASE_URL names.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import batched, cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PORT = 8097
HOME = f"http://127.0.0.1:{PORT}"
PRODUCTS = 200
TOO_FEW = 20
TOKEN = "b" * 32  # Of the form that cookies of the shop have.


class Answer(NamedTuple):
    status: int
    seconds: float


class Call(NamedTuple):
    """One request, as http.client takes it."""

    path: str
    body: bytes
    headers: dict[str, str]


def main() -> None:
    options = arguments()
    set_environment()
    import django

    django.setup()
    from bench import shop_at_work as shop

    say = (lambda text: None) if options.json else (lambda text: print(text, flush=True))
    shop.build(PRODUCTS)
    with shop.serve(PORT, worker=options.worker):
        results = measure(options, say)
    if options.json:
        print(json.dumps(results))
    else:
        report(results)
    if results["oversold"]:
        raise SystemExit("More was promised than is there.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--orders", type=int, default=400, help="Orders of each kind.")
    parser.add_argument("--shoppers", type=int, default=16, help="How many come at once.")
    parser.add_argument("--worker", action="store_true", help="Carry out the jobs beside it.")
    parser.add_argument("--json", action="store_true", help="One object: name → figures.")
    options = parser.parse_args()
    if options.orders <= TOO_FEW or options.shoppers < 1:
        parser.error(f"--orders is above {TOO_FEW}, and --shoppers at least 1.")
    return options


def set_environment() -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SECRET_KEY": "only-for-the-bench",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": HOME,
        "BIND": f"127.0.0.1:{PORT}",
        "DEMO": "true",
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
        # All of its shoppers come from one machine.
        "CHALLENGE_AFTER_ORDERS": "0",
        "CHALLENGE_AFTER_FAILURES": "0",
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "4",
        "MAIL_URL": f"file://{ROOT}/var/bench/mail",
    }
    if url := os.environ.get("DATABASE_URL"):
        from bench.catalog import database_beside

        os.environ["DATABASE_URL"] = database_beside(url, "bench_checkout")
    else:
        os.environ["EMBEDDED_POSTGRES_DIR"] = str(ROOT / "var" / "bench" / "checkout")
        os.environ["EMBEDDED_POSTGRES_DURABLE"] = "true"


def measure(options: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    from bench import shop_at_work as shop

    variants = shop.variants()
    spread = cycle(batched(variants, 2))
    results: dict[str, Any] = {}

    def run(name: str, calls: Sequence[Call], wanted: set[int]) -> list[Answer]:
        say(f"  {name}: {len(calls)} …")
        began = time.monotonic()
        answers = send(calls, options.shoppers)
        took = time.monotonic() - began
        found = Counter(answer.status for answer in answers)
        if not wanted.issuperset(found):
            raise SystemExit(f"{name}: answers were {dict(found)}, wanted {sorted(wanted)}.")
        results[name] = figures(answers, took)
        return answers

    warm = [press_button(shop.guest_at_the_button(next(spread))) for _ in range(options.shoppers)]
    send(warm, options.shoppers)
    guests = [shop.guest_at_the_button(next(spread)) for _ in range(options.orders)]
    run("orders_spread", [press_button(each) for each in guests], {303})
    hot = shop.hot_variant(options.orders - TOO_FEW)
    others = cycle(variants)
    guests = [shop.guest_at_the_button([hot, next(others)]) for _ in range(options.orders)]
    answers = run("orders_hot", [press_button(each) for each in guests], {303, 409})
    results["orders_hot"]["sold"] = sum(answer.status == 303 for answer in answers)
    adding = [add(shop.guest(), variant) for variant, _ in zip(cycle(variants), range(1000))]
    run("cart_add", adding, {303})
    run("webhook", [Call(*told) for told in shop.paid_messages()], {200})
    results["oversold"] = shop.oversold()
    return results


def press_button(guest: Any) -> Call:
    fields = {
        "csrfmiddlewaretoken": TOKEN,
        "key": guest.key,
        "method": "demo",
        "agreed_total": guest.total,
    }
    return form("/checkout/review/", fields, guest.session)


def add(session: str, variant: int) -> Call:
    return form("/cart/lines/", {"variant": variant, "quantity": 1}, session)


def form(path: str, fields: dict[str, Any], session: str) -> Call:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "Sec-Fetch-Site": "same-origin",
    }
    return Call(path, urlencode(fields).encode(), headers)


def send(calls: Sequence[Call], shoppers: int) -> list[Answer]:
    """Send all of them, so many at once; each comes from a browser of its own."""
    with ThreadPoolExecutor(shoppers) as pool:
        return list(pool.map(answer_to, calls))


def answer_to(call: Call) -> Answer:
    began = time.perf_counter()
    browser = HTTPConnection("127.0.0.1", PORT, timeout=60)
    browser.request("POST", call.path, call.body, call.headers | {"Connection": "close"})
    response = browser.getresponse()
    response.read()
    browser.close()
    return Answer(response.status, time.perf_counter() - began)


def figures(answers: Sequence[Answer], took: float) -> dict[str, float]:
    times = [answer.seconds * 1000 for answer in answers]
    done = sum(answer.status < 400 for answer in answers)
    return {
        "per_second": round(done / took, 1),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
    }


def report(results: dict[str, Any]) -> None:
    print(f"\n{'':<16}{'per second':>12}{'median ms':>12}{'p95 ms':>10}")
    for name, found in results.items():
        if isinstance(found, dict):
            print(
                f"{name:<16}{found['per_second']:>12.1f}{found['median_ms']:>12.1f}{found['p95_ms']:>10.1f}"
            )
    print(f"oversold        {results['oversold']:>12}")


if __name__ == "__main__":
    main()
