"""
How fast the pages of the catalogue are in a large shop.

    python bench/catalog.py --products 100000 [--json] [--rounds 40] [--only search_common] [--fresh]

Builds a catalogue of N products (3 variants, 5 attributes and 2 pictures each, 200 brands, a tree of 500
categories six levels deep) in a database of its own: on an embedded server of its own under var/bench/, or
beside the database that DATABASE_URL names. It is kept for the next run; --fresh builds it again.

Then asks for each page in many forms and prints the server's time in milliseconds (median, p95) and the number
of queries. Nothing is cached between two requests: the cache is a dummy, and what a process remembers of
settings and menu is forgotten before each. PostgreSQL keeps its own buffers, as it does in a shop.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    options = arguments()
    set_environment(options.products)
    import django

    django.setup()
    from bench.shelves import build, is_built

    say = (lambda text: None) if options.json else (lambda text: print(text, flush=True))
    if not is_built(options.products) or options.fresh:
        began = time.monotonic()
        build(options.products, say)
        say(f"Built {options.products:,} products in {time.monotonic() - began:.0f} s.")
    results = measure(options, say)
    if options.json:
        print(json.dumps(results))
    else:
        report(results)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40, help="Requests for each page.")
    parser.add_argument("--only", default="", help="Names of pages, parted by commas.")
    parser.add_argument("--fresh", action="store_true", help="Build the catalogue again.")
    parser.add_argument("--json", action="store_true", help="One object: page → figures.")
    options = parser.parse_args()
    if not 1 <= options.products <= 5_000_000:
        parser.error("--products is a number from 1 to 5,000,000.")
    return options


def set_environment(products: int) -> None:
    """Production's settings on a database of this benchmark's own."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SECRET_KEY": "only-for-the-bench",
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "STATEMENT_TIMEOUT": "0",
        "IDLE_IN_TRANSACTION_TIMEOUT": "0",
        "DEBUG": "false",
    }
    if url := os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = database_beside(url, f"bench_catalog_{products}")
    else:
        os.environ["EMBEDDED_POSTGRES_DIR"] = str(ROOT / "var" / "bench" / f"catalog-{products}")
        os.environ["EMBEDDED_POSTGRES_DURABLE"] = "false"


def database_beside(url: str, name: str) -> str:
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"'.encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def measure(options: argparse.Namespace, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    from django.test import Client

    from bench.shelves import addresses

    wanted = set(filter(None, options.only.split(",")))
    client = Client()
    results = {}
    for name, urls in addresses().items():
        if wanted and name not in wanted:
            continue
        say(f"  {name}: {urls[0]}")
        for url in urls[:3]:
            forget()
            client.get(url)
        results[name] = times_of(client, [urls[at % len(urls)] for at in range(options.rounds)])
    return results


def times_of(client: "object", urls: list[str]) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection):
        forget()
        client.get(urls[0])  # type: ignore[attr-defined]
        queries = len(connection.queries)
    took = []
    for url in urls:
        forget()
        began = time.perf_counter()
        response = client.get(url)  # type: ignore[attr-defined]
        took.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, (url, response.status_code)
    return {
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
        "queries": queries,
    }


def forget() -> None:
    """Forget what this process remembers of the shop."""
    from catalog.context_processors import forget_navigation
    from shop.models import ShopSettings

    forget_navigation()
    ShopSettings.forget()


def report(results: dict[str, dict[str, float]]) -> None:
    print(f"\n{'page':<18}{'median ms':>10}{'p95 ms':>10}{'queries':>10}")
    for name, figures in results.items():
        print(
            f"{name:<18}{figures['median_ms']:>10.1f}{figures['p95_ms']:>10.1f}{figures['queries']:>10}"
        )


if __name__ == "__main__":
    main()
