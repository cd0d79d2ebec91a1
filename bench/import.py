"""
How fast a large file comes in, and in how much memory.

    python bench/import.py [--rows 100000] [--keep]

Writes a file like a large shop's export (products of one to nine variants, descriptions, metafields,
picture rows, one handle in ten coming back much later), makes a database of its own on the server
that DATABASE_URL names, and imports the file three times with `manage.py import_products`: new,
again, and with every price changed. The database is dropped afterwards.
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
NAME = "bench_import"
HEADER = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
    "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Variant Compare At Price",
    "Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "Status",
    "Material (product.metafields.custom.material)", "Capacity (product.metafields.custom.capacity_ml)",
    "Care (product.metafields.custom.care)",
]  # fmt: skip
COLOURS = [
    "Oat",
    "Sage",
    "Ink",
    "Rose",
    "Flax",
    "Clay",
    "Indigo",
    "Forest",
    "Moss",
    "Sand",
    "Slate",
]
SIZES = ["Small", "Medium", "Large", "90 cm", "150 cm", "220 cm"]
WORDS = [
    "thrown", "turned", "woven", "poured", "stoneware", "oak", "linen", "brass", "glass", "wool", "small",
    "large", "steady", "quiet", "warm", "plain", "glazed", "rim", "handle", "foot", "table", "shelf", "window",
    "morning", "cup", "plate", "bowl", "jar", "lid", "workshop", "kiln", "hand", "made", "mended", "kept",
]  # fmt: skip


def rows(total: int, price_step: int) -> Iterator[list[object]]:
    """The same file every time, but for the prices."""
    rng = random.Random(7)
    late: list[list[object]] = []
    written = number = 0
    while written < total - len(late):
        number += 1
        for row in product(rng, number, price_step):
            if written + len(late) >= total:
                break
            if number % 10 == 0 and row[1] == "" and len(late) < total // 20:
                late.append(row)
                continue
            written += 1
            yield row
    yield from late


def product(rng: random.Random, number: int, price_step: int) -> Iterator[list[object]]:
    handle = f"product-{number}"
    text = "".join(f"<p>{' '.join(rng.choices(WORDS, k=40))}.</p>" for _ in range(3))
    top = number % 12
    about: list[object] = [
        f"{rng.choice(WORDS).title()} {rng.choice(WORDS)} {number}", text, f"Workshop {number % 200}",
        f"Room {top} > Shelf {top}-{number % 7} > Thing {number % 3}", "Thing", "gift, everyday, new", "TRUE",
    ]  # fmt: skip
    colours = rng.sample(COLOURS, rng.randint(1, 3))
    sizes = rng.sample(SIZES, rng.randint(1, 3))
    for at, (colour, size) in enumerate((c, s) for c in colours for s in sizes):
        first = at == 0
        cents = 500 + number % 9000 + at * 100 + price_step
        yield [
            handle, *(about if first else [""] * 7), "Colour" if first else "", colour, "Size" if first else "", size,
            f"P-{number}-{at}", 300, "shopify", number % 40, "deny", f"{cents / 100:.2f}", "",
            f"20{number:08}{at:02}", f"https://cdn.example.com/{handle}-{at}.jpg" if at < 2 else "", at + 1,
            f"{colour} thing", "active" if first else "", *(["Stoneware", 300, "By hand"] if first else [""] * 3),
        ]  # fmt: skip
    yield [
        handle,
        *[""] * 19,
        f"https://cdn.example.com/{handle}-room.jpg",
        9,
        "In a room",
        *[""] * 4,
    ]


def write_file(path: Path, total: int, price_step: int = 0) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(total, price_step))


def measured(what: str, total: int, *arguments: str) -> None:
    """Run the command in a process of its own, and print its speed and the most memory it held."""
    began = time.monotonic()
    pid = os.spawnve(
        os.P_NOWAIT, sys.executable, [sys.executable, "manage.py", *arguments], os.environ
    )
    _, status, usage = os.wait4(pid, 0)
    took = time.monotonic() - began
    if status:
        sys.exit(f"{what} failed.")
    print(
        f"{what}: {took:.1f} s, {total / took:,.0f} rows/s, at most {usage.ru_maxrss / 1024:.0f} MB "
        f"({usage.ru_utime + usage.ru_stime:.0f} s of processor)\n",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="Keep the database to look at it.")
    options = parser.parse_args()
    os.chdir(ROOT)
    url = os.environ.get("DATABASE_URL") or sys.exit(
        "Set DATABASE_URL to the server to measure on."
    )
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
        os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
        try:
            with tempfile.TemporaryDirectory() as folder:
                files = [Path(folder) / "products.csv", Path(folder) / "dearer.csv"]
                for step, file in enumerate(files):
                    write_file(file, options.rows, step * 50)
                print(
                    f"{options.rows:,} rows, {files[0].stat().st_size / 1e6:.0f} MB\n", flush=True
                )
                measured("New", options.rows, "import_products", str(files[0]))
                measured("Again, unchanged", options.rows, "import_products", str(files[0]))
                measured("Every price changed", options.rows, "import_products", str(files[1]))
        finally:
            if not options.keep:
                server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
