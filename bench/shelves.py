"""A large shop, the same each time: its rows written by COPY, its listing columns by the shop itself."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product as combinations
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from catalog.listing import refresh_listing
from catalog.models import Category, PriceRule, Product

CATEGORIES = 500
BRANDS = 200
# What things are called and told by.
WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text())
VOCABULARY = ["".join(parts) for parts in combinations(WORDS["syllables"], repeat=3)][:3000]
# Common words are much more common than rare ones, as in any text.
WEIGHTS = [1 / (rank + 5) for rank in range(len(VOCABULARY))]
AT_ONCE = 20_000


EMPTIED = """catalog_product, catalog_category, catalog_brand, catalog_option, catalog_attribute,
catalog_image, catalog_pricerule, catalog_facetcolumn"""


def is_built(number: int) -> bool:
    """Tell whether the shop stands, whole, with today's tables."""
    call_command("migrate", verbosity=0)
    return Product.objects.count() == number and PriceRule.objects.exists()


def build(number: int, say: Callable[[str], None]) -> None:
    rng = random.Random(7)
    with without_triggers():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {EMPTIED} CASCADE")
        categories = list(tree(rng))
        copy("catalog_category", CATEGORY, categories)
        copy("catalog_brand", "id name slug description", brands())
        copy("catalog_option", "id name is_filterable", [(1, "Colour", True), (2, "Size", True)])
        copy("catalog_optionvalue", "id option_id name swatch position", option_values())
        copy("catalog_attribute", "id name slug kind unit is_filterable position", ATTRIBUTES)
        for start in range(0, number, AT_ONCE):
            fill(rng, range(start + 1, min(start + AT_ONCE, number) + 1), len(categories))
            say(f"  {min(start + AT_ONCE, number):,} products written")
        raise_sequences()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    say("  telling the lists")
    refresh_listing()
    autumn = PriceRule.objects.create(name="Autumn", percent=10)
    autumn.categories.add(Category.objects.filter(level=3).order_by("pk")[0])
    call_command("rebuild_listing", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def copy(table: str, columns: str, rows: Any) -> None:
    names = ", ".join(columns.split())
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
        for row in rows:
            out.write_row(row)


CATEGORY = "id name slug parent_id path description is_listed lft rght tree_id level"
ATTRIBUTES = [
    (1, "Material", "material", "text", "", True, 0),
    (2, "Capacity", "capacity", "number", "ml", True, 1),
    (3, "Care", "care", "text", "", True, 2),
    (4, "Made in", "made-in", "text", "", True, 3),
    (5, "Handmade", "handmade", "boolean", "", True, 4),
]


def tree(rng: random.Random) -> list[tuple[Any, ...]]:
    """Five top categories; each node further down hangs from one at random, at most six levels deep."""
    parents: dict[int, int | None] = {}
    levels: dict[int, int] = {}
    for pk in range(1, CATEGORIES + 1):
        above = None
        if pk > 5:
            above = rng.choice(
                [each for each in range(max(1, pk // 4 - 5), pk) if levels[each] < 5]
            )
        parents[pk], levels[pk] = above, 0 if above is None else levels[above] + 1
    below: dict[int | None, list[int]] = {}
    for pk, above in parents.items():
        below.setdefault(above, []).append(pk)
    rows = []

    def walk(pk: int, tree_id: int, left: int, path: str) -> int:
        slug = f"{rng.choice(WORDS['kinds'])}-{rng.choice(WORDS['nouns'])}-{pk}"
        path = f"{path}/{slug}".lstrip("/")
        right = left + 1
        for child in below.get(pk, []):
            right = walk(child, tree_id, right, path) + 1
        name = slug.replace("-", " ").capitalize()
        rows.append((pk, name, slug, parents[pk], path, "", True, left, right, tree_id, levels[pk]))
        return right

    for tree_id, root in enumerate(below[None], 1):
        walk(root, tree_id, 1, "")
    return rows


def brands() -> list[tuple[Any, ...]]:
    return [
        (pk, f"{VOCABULARY[pk * 7].capitalize()} & Co", f"brand-{pk}", "")
        for pk in range(1, BRANDS + 1)
    ]


def option_values() -> list[tuple[Any, ...]]:
    colours = [
        (1 + at, 1, name, swatch, at) for at, (name, swatch) in enumerate(WORDS["colours"].items())
    ]
    return colours + [(101 + at, 2, name, "", at) for at, name in enumerate(WORDS["sizes"])]


def fill(rng: random.Random, numbers: range, categories: int) -> None:
    """Write these products and all that hangs on them."""
    now = timezone.now()
    made: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
    for pk in numbers:
        describe(made, rng, pk, categories, now - timedelta(minutes=pk * 7 % 2_000_000))
        sell(made, rng, pk)
        picture(made, pk)
    for table, columns in TABLES.items():
        copy(table, columns, made[table])


TABLES = {
    "catalog_product": "id name slug description brand_id category_id status publish_at tags seo_title "
    "seo_description created_at updated_at is_available rating rating_count sold_count",
    "catalog_attributevalue": "product_id attribute_id text number boolean",
    "catalog_productoption": "product_id option_id position",
    "catalog_image": "id product_id file key source alt position width height tone",
    "catalog_variant": "id product_id sku barcode price compare_at_price weight_grams requires_shipping "
    "is_taxable options_key position unit unit_base",
    "catalog_variantvalue": "variant_id option_id value_id position",
    "catalog_stockitem": "variant_id on_hand allocated backorder_limit is_tracked",
}


def describe(made: Any, rng: random.Random, pk: int, categories: int, at: Any) -> None:
    material = rng.choice(WORDS["materials"])
    noun = WORDS["nouns"][
        int(len(WORDS["nouns"]) * rng.random() ** 2)
    ]  # A few are much more common than the rest.
    name = f"{rng.choice(WORDS['kinds']).capitalize()} {material} {noun} {pk}"
    text = " ".join(rng.choices(VOCABULARY, WEIGHTS, k=40))
    rated = rng.randrange(20)
    made["catalog_product"].append((
        pk, name, f"thing-{pk}", f"<p>{text}.</p>", 1 + int(BRANDS * rng.random() ** 2), rng.randint(1, categories),
        "active" if pk % 50 else "draft", at, [rng.choice(WORDS["kinds"]), "gift"] if pk % 3 else [], "", "", at, at,
        False, round(rng.uniform(2, 5), 2) if rated else None, rated, int(1000 * rng.random() ** 6),
    ))  # fmt: skip
    made["catalog_attributevalue"] += [
        (pk, 1, material.capitalize(), None, None),
        (pk, 2, "", rng.choice(WORDS["capacities"]), None),
        (pk, 3, rng.choice(WORDS["care"]), None, None),
        (pk, 4, rng.choice(WORDS["origins"]), None, None),
        (pk, 5, "", None, rng.random() < 0.4),
    ]


def sell(made: Any, rng: random.Random, pk: int) -> None:
    made["catalog_productoption"] += [(pk, 1, 0), (pk, 2, 1)]
    base = round(5 * (1 + 40 * rng.random() ** 3), 2)
    colour, size = rng.randrange(len(WORDS["colours"])), rng.randrange(len(WORDS["sizes"]))
    for at in range(3):
        variant = pk * 3 + at
        values = (
            1 + (colour + at % 2) % len(WORDS["colours"]),
            101 + (size + at) % len(WORDS["sizes"]),
        )
        price = round(base * (1 + at / 10), 2)
        before = round(price * 1.25, 2) if pk % 9 == 0 else None
        made["catalog_variant"].append((
            variant, pk, f"SKU-{pk:07}-{at}", f"4{variant:012}", price, before, 300 + pk % 900, True, True,
            "|".join(sorted(f"{1 + i}:{value}" for i, value in enumerate(values))), at, "", "",
        ))  # fmt: skip
        made["catalog_variantvalue"] += [
            (variant, 1 + i, value, i) for i, value in enumerate(values)
        ]
        made["catalog_stockitem"].append(
            (variant, rng.randrange(0, 12) and rng.randrange(0, 90), 0, 0, True)
        )


def picture(made: Any, pk: int) -> None:
    for at in range(2):
        key = f"{pk * 2 + at:064x}"
        made["catalog_image"].append(
            (
                pk * 2 + at,
                pk,
                f"pictures/{key}.webp",
                key,
                "",
                f"Thing {pk}",
                at,
                1200,
                1500,
                "#d8cfc2",
            )
        )


def raise_sequences() -> None:
    with connection.cursor() as cursor:
        for table in [*TABLES, "catalog_category", "catalog_brand", "catalog_option", "catalog_optionvalue",
                      "catalog_attribute"]:  # fmt: skip
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )


def addresses() -> dict[str, list[str]]:
    """For each page the addresses to ask for, in turn."""
    by_level = {
        level: [
            f"/c/{category.path}/"
            for category in Category.objects.filter(level=level).order_by("pk")[:20]
        ]
        for level in (0, 2, 5)
    }
    products = Product.objects.filter(status="active", pk__gt=Product.objects.count() // 2)
    slugs = list(products.order_by("pk").values_list("slug", flat=True)[:40])
    names = [slug.removeprefix("thing-") for slug in slugs]
    roots = by_level[0]
    facets = "colour=blue&colour=red&material=oak&made-in=spain&made-in=italy&sort=price"
    return {
        "home": ["/"],
        "category_root": roots,
        "category_mid": by_level[2],
        "category_leaf": by_level[5],
        "category_facets": [f"{root}?{facets}" for root in roots],
        "search_common": [f"/search/?q={word}" for word in ("mug", "oak", "bowl", "gift", "plate")],
        "search_rare": [f"/search/?q={name}" for name in names[:20]],
        "search_typo": [
            f"/search/?q={word}" for word in ("headphnes", "chiar", "porcelian", "blankte")
        ],
        "suggest": [
            f"/search/suggestions/?q={text}" for text in ("mu", "head", "oak b", "lin", "stonew")
        ],
        "product": [f"/p/{slug}/" for slug in slugs],
    }
