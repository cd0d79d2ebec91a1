"""
How long a large tree of categories takes to mend, and to walk in the back office.

    python bench/tree.py [--keep]

Makes a database of its own on the server that DATABASE_URL names: 2,000 categories, eight levels deep,
10,000 products. All that follows from who is inside whom is forgotten, `manage.py rebuild_tree` mends it,
and staff open the tree. The database is dropped afterwards.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
NAME = "bench_tree"
LEVELS = [10, 60, 200, 400, 500, 400, 280, 150]  # How many categories each has.
PRODUCTS = 10_000

CATEGORIES = """
INSERT INTO catalog_category (id, name, slug, path, description, is_listed, parent_id, lft, rght, tree_id, level)
     VALUES (%s, %s, %s, %s, '', true, %s, 1, 2, %s, 0)
"""
PRODUCT_ROWS = """
INSERT INTO catalog_product (name, slug, description, status, publish_at, tags, seo_title, seo_description, created_at,
                             updated_at, is_available, rating_count, sold_count, category_id)
     SELECT 'Thing ' || n, 'thing-' || n, '', 'active', now(), '{}', '', '', now(), now(), true, 0, 0, 1 + n %% %s
       FROM generate_series(1, %s) n
"""


def fill(url: str) -> None:
    """Each category stands at the top, by its interval, and in another one, by its parent."""
    with psycopg.connect(url) as database:
        rows, last = [], 0
        above: list[int | None] = [None]
        for count in LEVELS:
            keys: list[int | None] = list(range(last + 1, last + count + 1))
            last += count
            for at, pk in enumerate(keys):
                slug = f"shelf-{pk}"
                rows.append((pk, f"Shelf {pk}", slug, slug, above[at % len(above)], pk))
            above = keys
        database.cursor().executemany(CATEGORIES, rows)
        database.execute(
            "SELECT setval(pg_get_serial_sequence('catalog_category', 'id'), %s)", [last]
        )
        database.execute(PRODUCT_ROWS, [len(rows), PRODUCTS])


def mend(*options: str) -> None:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "manage.py", "rebuild_tree", *options]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = spent.ru_utime - before.ru_utime
    print(
        f"{' '.join(words[1:])}: {time.monotonic() - began:.1f} s ({processor:.1f} s of processor), "
        f"{len(said) - 1} faults. {said[-1]}",
        flush=True,
    )


def walk() -> None:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from catalog.models import Category

    client = Client()
    client.force_login(User.objects.create_superuser(email="staff@shop.example", password="none"))
    deep = Category.objects.filter(level=7)[0]
    way = "-".join(str(each.pk) for each in deep.get_ancestors())
    tree = "/admin/catalog/category/"
    addresses = {
        "the tree, closed": tree,
        "down to the eighth level": f"{tree}?open={way}",
        "all of it open": f"{tree}?open=all",
        "a search": f"{tree}?q=shelf+19",
        "a category": f"{tree}{deep.pk}/change/",
        "where to move it": f"{tree}{deep.pk}/move/",
        "what to merge it into": f"{tree}{deep.pk}/merge/",
        "the products of a category": f"/admin/catalog/product/?category={deep.pk}",
    }
    for name, address in addresses.items():
        client.get(address)
        took = []
        for _ in range(10):
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as asked:
                response = client.get(address)
            took.append((time.perf_counter() - began) * 1000)
            assert response.status_code == 200, (address, response.status_code)
        size = len(response.content) / 1000
        print(
            f"{name}: {statistics.median(took):.0f} ms, {len(asked)} queries, {size:.0f} KB",
            flush=True,
        )


def main() -> None:
    if "--walk" in sys.argv:
        walk()
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true", help="Keep the database to look at it.")
    options = parser.parse_args()
    os.chdir(ROOT)
    url = os.environ.get("DATABASE_URL") or sys.exit(
        "Set DATABASE_URL to the server to measure on."
    )
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
        own = urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))
        os.environ |= {
            "DATABASE_URL": own,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "ALLOWED_HOSTS": "testserver",
            "DEMO": "true",  # Where staff need no second factor.
            "SECRET_KEY": "only-for-measuring",
            "SITE_URL": "http://testserver",
            "PYTHONPATH": str(ROOT),
        }
        try:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            fill(own)
            mend()
            mend("--check")
            # Not with bench/ on the path, where a file has the name of an app.
            subprocess.run([sys.executable, "-P", "bench/tree.py", "--walk"], check=True)
        finally:
            if not options.keep:
                server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
