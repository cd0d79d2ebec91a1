"""
How fast a large catalogue is written for crawlers, and in how much memory.

    python bench/crawlers.py [--products 100000] [--variants 3] [--keep]

Makes a database of its own on the server that DATABASE_URL names (products with a paragraph of text,
variants of one option, two pictures each, one product in ten reduced, 500 categories), and fetches the
sitemaps and the product feed through the shop's own views. The database is dropped afterwards.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
NAME = "bench_crawlers"

ROWS = """
INSERT INTO catalog_brand (name, slug, description) SELECT 'Workshop ' || n, 'workshop-' || n, '' FROM generate_series(1, 200) n;
INSERT INTO catalog_category (name, slug, path, description, is_listed, parent_id, lft, rght, tree_id, level)
     SELECT 'Shelf ' || n, 'shelf-' || n, 'shelf-' || n, '', true, NULL, 1, 2, n, 0 FROM generate_series(1, 500) n;
INSERT INTO catalog_product (name, slug, description, status, publish_at, tags, seo_title, seo_description, created_at,
                             updated_at, is_available, rating_count, sold_count, brand_id, category_id)
     SELECT 'Thing ' || n, 'thing-' || n, '<p>' || repeat('Thrown, turned and woven by hand. ', 10) || '</p>', 'active',
            now() - interval '1 day', '{}', '', '', now(), now(), true, 0, 0,
            (SELECT min(id) FROM catalog_brand) + n %% 200, (SELECT min(id) FROM catalog_category) + n %% 500
       FROM generate_series(1, %(products)s) n;
INSERT INTO catalog_image (product_id, file, key, source, tone, alt, position, width, height)
     SELECT p.id, 'pictures/' || p.id || '.jpg', md5(p.id || '-' || n), '', '', '', n, 800, 1000
       FROM catalog_product p, generate_series(1, 2) n;
INSERT INTO catalog_option (name, is_filterable) VALUES ('Colour', true);
INSERT INTO catalog_optionvalue (option_id, name, swatch, position)
     SELECT (SELECT id FROM catalog_option), 'Colour ' || n, '', n FROM generate_series(1, %(variants)s) n;
INSERT INTO catalog_variant (product_id, sku, barcode, price, compare_at_price, weight_grams,
                             requires_shipping, is_taxable, options_key, position, unit, unit_base)
     SELECT p.id, 'T-' || p.id || '-' || n, '', 10 + n, CASE WHEN p.id %% 10 = 0 THEN 20 + n END, 300, true, true, n::text, n, '', ''
       FROM catalog_product p, generate_series(1, %(variants)s) n;
INSERT INTO catalog_variantvalue (variant_id, option_id, value_id, position)
     SELECT v.id, (SELECT id FROM catalog_option), o.id, 0
       FROM catalog_variant v JOIN catalog_optionvalue o ON o.position = v.position;
INSERT INTO catalog_stockitem (variant_id, on_hand, allocated, backorder_limit, is_tracked)
     SELECT id, 5, 0, 0, true FROM catalog_variant ON CONFLICT DO NOTHING;
ANALYZE;
"""  # noqa: E501


def fill(url: str, products: int, variants: int) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        numbers = {"products": products, "variants": variants}
        for statement in ROWS.strip().split(";\n"):
            text = statement.rstrip(";")
            database.execute(text % numbers)


def most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(what: str, chunks: Iterable[bytes]) -> int:
    """Read to the end without keeping anything; print the time, the bytes and what memory it took more."""
    began, processor, before = time.monotonic(), time.process_time(), most_memory()
    size = sum(len(chunk) for chunk in chunks)
    print(
        f"{what}: {time.monotonic() - began:.1f} s ({time.process_time() - processor:.1f} s of processor), "
        f"{size / 1e6:.1f} MB, {most_memory() - before:+.0f} MB of memory",
        flush=True,
    )
    return size


def fetch() -> None:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.sitemaps import PART

    client = Client()
    total = int(os.environ["BENCH_PRODUCTS"])
    files = [
        "/sitemap.xml",
        "/sitemap-categories.xml",
        *(f"/sitemap-products.xml?p={n + 1}" for n in range(-(-total // PART))),
    ]

    def get(*addresses: str) -> Iterable[bytes]:
        for address in addresses:
            response = client.get(address)
            yield from response.streaming_content  # type: ignore[attr-defined]

    b"".join(get("/sitemap-home.xml"))
    with CaptureQueriesContext(connection) as asked:
        measured(f"All {len(files)} sitemaps", get(*files))
    print(f"  {len(asked)} queries")
    measured("One of them", get(files[-1]))
    measured("The feed", get("/feeds/google.xml"))
    measured("The feed again", get("/feeds/google.xml"))
    unchanged = {"If-None-Match": client.get("/feeds/google.xml")["ETag"]}
    began = time.monotonic()
    status = client.get("/feeds/google.xml", headers=unchanged).status_code
    print(f"The feed for who has it: {status}, {(time.monotonic() - began) * 1000:.0f} ms")


def main() -> None:
    if "--fetch" in sys.argv:
        fetch()
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--variants", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="Keep the database to look at it.")
    options = parser.parse_args()
    os.chdir(ROOT)
    url = os.environ.get("DATABASE_URL") or sys.exit(
        "Set DATABASE_URL to the server to measure on."
    )
    with psycopg.connect(url, autocommit=True) as server, tempfile.TemporaryDirectory() as folder:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
        own = urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))
        os.environ |= {
            "DATABASE_URL": own,
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "ALLOWED_HOSTS": "testserver",
            "SECRET_KEY": "only-for-measuring",
            "LOG_LEVEL": "WARNING",
            "SITE_URL": "http://testserver",
            "MEDIA_ROOT": folder,
            "BENCH_PRODUCTS": str(options.products),
            "PYTHONPATH": str(ROOT),
        }
        try:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            fill(own, options.products, options.variants)
            print(
                f"{options.products:,} products, {options.products * options.variants:,} variants"
            )
            subprocess.run([sys.executable, "-P", "bench/crawlers.py", "--fetch"], check=True)
        finally:
            if not options.keep:
                server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
