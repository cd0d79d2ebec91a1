"""Exports of real shops come in whole. They lie beside the checkout, and are not ours to ship."""

import csv
from pathlib import Path

import pytest

from catalog.importing import Wishes, import_file
from catalog.models import Product, Variant
from tests.catalog.csv_files import counted

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/shopify/csv"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the exports are not here"),
]


def counted_by_hand(path: Path) -> tuple[int, int, int]:
    """Rows, products and variants of an export, by nothing but its handles and option values."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    variants = {
        (row["Handle"], *(row[f"Option{n} Value"].strip().lower() for n in (1, 2, 3)))
        for row in rows
        if row["Option1 Value"] or row["Variant SKU"] or row["Variant Price"]
    }
    return len(rows), len({row["Handle"] for row in rows}), len(variants)


@pytest.mark.parametrize("name", ["apparel", "bicycles", "snowdevil"])
def test_every_product_and_variant_of_an_export_comes_in_and_only_once(name):
    path = FOLDER / f"{name}.csv"
    rows, products, variants = counted_by_hand(path)

    with path.open("rb") as file:
        first = import_file(file, path.name, Wishes())
        again = import_file(file, path.name, Wishes())

    assert sum(counted(first)) == rows
    assert first.counts["rows_refused"] == 0
    assert (Product.objects.count(), Variant.objects.count()) == (products, variants)
    assert again.changes_nothing
    assert again.counts["products_unchanged"] == products
    assert again.counts["variants_unchanged"] == variants
