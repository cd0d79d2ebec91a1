"""Importing twice changes nothing; a dry run tells what would change; counts are the shop's own."""

from decimal import Decimal

import pytest

from catalog.models import (
    ImportBatch,
    OptionValue,
    Product,
    StockItem,
    StockMovement,
    Variant,
)
from tests.catalog.csv_files import bring, counted, product, refusals, row, variants

pytestmark = pytest.mark.django_db

CARE = "Care (product.metafields.custom.care)"
ROWS = [
    row(
        handle="mug", title="Mug", body="<p>Fine</p>", vendor="Kiln Room", category="Kitchen > Mugs", tags="a, b",
        option1="Colour:Sage", sku="A", price="10", before="12", grams="300", tracker="shopify", quantity="5",
        policy="deny", more={CARE: "By hand", "Collection": "Gifts"},
    ),
    row(handle="mug", option1=":Ink", sku="B", price="10", tracker="shopify", quantity="6", policy="continue"),
    row(handle="jug", title="Jug", sku="B", price="20", tracker="", vendor="Glass House", more={CARE: "Gently"}),
]  # fmt: skip


def changed(**fields):
    return [{**ROWS[0], **row(**fields)}, *ROWS[1:]]


def history() -> tuple:
    price = Variant.price_history.rel.related_model
    return (
        list(Product.objects.order_by("pk").values_list("slug", "updated_at")),
        StockMovement.objects.count(),
        price.objects.count(),
        list(OptionValue.objects.order_by("pk").values_list("pk", "name")),
    )


def test_importing_a_file_again_changes_nothing():
    bring(*ROWS)
    before = history()

    report = bring(*ROWS)

    assert counted(report) == (3, 0, 0)
    assert report.counts["products_unchanged"] == 2
    assert report.counts["variants_unchanged"] == 3
    assert report.changes_nothing
    assert report.changes == []
    assert history() == before


def test_a_dry_run_tells_each_field_that_would_change_and_writes_nothing():
    bring(*ROWS)
    before = history()

    report = bring(
        *changed(
            title="Big mug", price="12", tags="a, c", vendor="Wood Room", more={CARE: "Never"}
        ),
        row(handle="mug", option1=":Rose", price="9"),
        row(handle="pot", title="Pot", price="5"),
        is_dry_run=True,
    )

    assert report.changes == [
        "~ mug: name “Mug” → “Big mug”",
        "~ mug: brand “Kiln Room” → “Wood Room”",
        "~ mug: tags “a”, “b” → “a”, “c”",
        "~ mug [Sage]: price 10.00 → 12.00",
        "+ mug [Rose]: new",
        "~ mug: Care “By hand” → “Never”",
        "+ pot: new, with 1 variants",
    ]
    assert history() == before
    assert ImportBatch.objects.count() == 1


def test_a_dry_run_of_a_new_file_writes_nothing_at_all():
    report = bring(*ROWS, is_dry_run=True)

    assert report.counts["products_new"] == 2
    assert not Product.objects.exists()
    assert not ImportBatch.objects.exists()


def test_what_changed_in_the_file_changes_in_the_shop():
    bring(*ROWS)
    jug = product("jug").updated_at

    report = bring(*changed(price="9.50", body="<p>Finer</p>", grams="310"))

    sage = variants("mug")["Sage"]
    assert (sage.price, sage.weight_grams) == (Decimal("9.50"), 310)
    assert product("mug").description == "<p>Finer</p>"
    assert product("mug").price_from == Decimal("9.50")
    first, last = sage.price_history.order_by("pgh_id")
    assert (first.price, last.price) == (Decimal(10), Decimal("9.50"))
    assert last.pgh_context.metadata["url"] == f"import:{ImportBatch.objects.first().pk}"
    assert report.counts["products_changed"] == 1
    assert report.counts["variants_changed"] == 1
    assert product("jug").updated_at == jug


def test_columns_that_are_not_in_the_file_stay_as_they_are():
    bring(*ROWS)

    bring({"Handle": "mug", "Tags": "new"})

    mug = product()
    assert (mug.name, mug.tags, mug.brand.name) == ("Mug", ["new"], "Kiln Room")
    assert mug.variants.count() == 2


def test_an_empty_cell_empties_what_it_says():
    bring(*ROWS)

    bring(*changed(tags="", before="", vendor="", more={CARE: ""}))

    mug = product()
    assert (mug.tags, mug.brand) == ([], None)
    assert variants("mug")["Sage"].compare_at_price is None
    assert not mug.attribute_values.exists()


def test_variants_that_the_file_does_not_name_stay():
    bring(*ROWS)

    report = bring(ROWS[0])

    assert set(variants("mug")) == {"Sage", "Ink"}
    assert report.notes == ["mug: 1 variants of the shop are not in the file; they stay."]


def test_a_variant_is_known_by_its_sku_when_its_options_have_other_names():
    bring(*ROWS)
    sage = variants("mug")["Sage"].pk

    bring(*changed(option1="Colour:Pale sage"))

    assert variants("mug")["Pale sage"].pk == sage
    assert Variant.objects.count() == 3


def test_a_new_variant_of_a_known_product_needs_a_price():
    bring(*ROWS)

    report = bring(row(handle="mug", option1="Colour:Rose", sku="C", price=""))

    assert refusals(report) == {2: "It has no price."}


def test_counts_of_known_variants_stay():
    bring(*ROWS)

    report = bring(*changed(quantity="50"))

    assert variants("mug")["Sage"].stock.on_hand == 5
    assert report.notes[-1] == (
        "Line 2: mug [Sage]: the file counts 50, the shelf 5; it stays unless counts are set by the file."
    )


def test_counts_can_be_set_and_each_change_is_in_the_ledger():
    bring(*ROWS)

    bring(*changed(quantity="2"), set_stock=True)
    again = bring(*changed(quantity="2"), set_stock=True)

    sage = variants("mug")["Sage"]
    moves = list(
        StockMovement.objects.filter(item__variant=sage).values_list("kind", "delta_on_hand")
    )
    assert sage.stock.on_hand == 2
    assert sorted(moves) == [("adjust", -3), ("receive", 5)]
    assert again.changes_nothing


def test_a_count_below_what_is_promised_to_orders_stays():
    bring(*ROWS)
    sage = variants("mug")["Sage"]
    StockItem.allocate({sage.pk: 4}, cause="order:1")

    report = bring(*changed(quantity="3"), set_stock=True)

    assert variants("mug")["Sage"].stock.on_hand == 5
    assert report.notes[-1] == (
        "Line 2: mug [Sage]: 4 are promised to orders, so the count stays 5 instead of 3."
    )


def test_a_back_order_that_orders_rely_on_stays_possible():
    bring(*ROWS)
    ink = variants("mug")["Ink"]
    StockItem.allocate({ink.pk: 8}, cause="order:1")

    report = bring(ROWS[0], {**ROWS[1], **row(policy="deny")}, ROWS[2])

    assert variants("mug")["Ink"].stock.backorder_limit == 1_000_000
    assert report.changes_nothing
    assert len(report.notes) == 2


def test_a_limit_that_staff_set_is_enough_for_a_file_that_says_continue():
    bring(*ROWS)
    StockItem.objects.filter(variant__sku="B").update(backorder_limit=4)

    report = bring(*ROWS)

    assert report.changes_nothing
    assert variants("mug")["Ink"].stock.backorder_limit == 4
