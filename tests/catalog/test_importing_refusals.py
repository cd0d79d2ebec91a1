"""A row that cannot be taken says why, and a file that has one changes nothing."""

import pytest

from catalog.importing import AnotherImportRuns
from catalog.models import Brand, Category, ImportBatch, Option, Product, StockMovement, Variant
from tests.catalog.csv_files import bring, counted, product, refusals, row, variants
from tests.racing import race

pytestmark = pytest.mark.django_db

GOOD = row(
    handle="mug", title="Mug", vendor="Kiln Room", category="Kitchen", price="10", quantity="3"
)


def nothing_is_there() -> bool:
    tables = (Product, Variant, Brand, Category, Option, StockMovement)
    return not any(table.objects.exists() for table in tables)


def test_a_file_with_a_refused_row_changes_nothing():
    report = bring(GOOD, row(handle="jug", title="Jug", price="free"))

    assert refusals(report) == {3: "The price “free” is no number."}
    assert nothing_is_there()
    assert ImportBatch.objects.get().status == "refused"


def test_a_row_refused_after_thousands_were_written_takes_them_back(monkeypatch):
    monkeypatch.setattr("catalog.importing.running.ROWS_AT_ONCE", 1)

    bring(
        GOOD, row(handle="jug", title="Jug", price="1"), row(handle="pot", title="Pot", price="-1")
    )

    assert nothing_is_there()


def test_refused_rows_can_be_left_out():
    report = bring(GOOD, row(handle="jug", title="Jug", price="free"), skip_refused=True)

    assert counted(report) == (1, 0, 1)
    assert set(Product.objects.values_list("slug", flat=True)) == {"mug"}
    assert ImportBatch.objects.get().status == "imported"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": "-1"}, "The price -1 is below zero."),
        ({"price": "99999999999.99"}, "The price 99999999999.99 is more than the shop can count."),
        ({"before": "soon"}, "The price before “soon” is no number."),
        ({"grams": "-5"}, "The weight -5 is no weight of a thing."),
        ({"quantity": "9999999999"}, "The quantity 9999999999 is more than the shop can count."),
        ({"quantity": "1.5"}, "The quantity 1.5 is no whole number."),
        ({"policy": "perhaps"}, "The inventory policy “perhaps” is neither continue nor deny."),
        ({"sku": "x" * 121}, "The SKU has 121 characters; 120 are possible."),
        ({"barcode": "x" * 61}, "The barcode has 61 characters; 60 are possible."),
        ({"status": "asleep"}, "The status “asleep” is none of active, draft and archived."),
        ({"published": "maybe"}, "Published “maybe” is neither yes nor no."),
        ({"title": "x" * 256}, "The title has 256 characters; 255 are possible."),
        ({"title": ""}, "The product mug is new and has no title."),
        ({"price": ""}, "It has no price."),
        ({"tags": "x" * 256}, f"The tag {'x' * 59}… has 256 characters; 255 are possible."),
        ({"option1": "Colour:" + "x" * 256}, "The value of Colour has 256 characters; 255 are possible."),
        ({"option1": "Colour:Red", "option2": "colour:Blue"}, "It has two values of Colour."),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_plain_words(fields, reason):
    report = bring({**GOOD, **row(**{"sku": "M-1", **fields})})

    assert refusals(report) == {2: reason}
    assert nothing_is_there()


def test_a_row_without_handle_and_title_is_refused():
    report = bring(GOOD, row(sku="M-2", price="10"), skip_refused=True)

    assert refusals(report) == {3: "It has neither a handle nor a title to tell its product by."}


def test_an_overlong_handle_is_refused():
    report = bring(row(handle="x" * 256, title="Mug", price="1"))

    assert refusals(report) == {2: f"The handle {'x' * 59}… has more than 255 characters."}


def test_the_same_variant_twice_is_merged():
    report = bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", sku="A", price="10"),
        row(handle="mug", option1=":SAGE", sku="A", price="10.00", barcode="123"),
    )

    assert counted(report) == (1, 1, 0)
    assert report.merged == [(3, "The same variant as line 2.")]
    assert variants("mug")["Sage"].barcode == "123"


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ({"price": "12"}, "with the price 12.00 instead of 10.00"),
        ({"sku": "B"}, "with the SKU B instead of A"),
    ],
)
def test_the_same_variant_with_another_price_or_sku_is_refused(again, words):
    first = row(handle="mug", title="Mug", option1="Colour:Sage", sku="A", price="10")

    report = bring(
        first, {**row(handle="mug", option1=":Sage", sku="A", price="10"), **row(**again)}
    )

    assert refusals(report) == {3: f"It is the same variant as line 2 (Sage), but {words}."}


def test_a_variant_without_a_value_of_an_option_is_refused():
    report = bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", option2="Size:Large", price="10"),
        row(handle="mug", option1=":Ink", price="10"),
        skip_refused=True,
    )

    assert refusals(report) == {
        3: "It has no value of Size, which tells this product's variants apart."
    }
    assert set(variants("mug")) == {"Sage, Large"}


def test_a_refused_product_refuses_its_rows():
    report = bring(
        row(handle="mug", title="x" * 300, option1="Colour:Sage", price="10"),
        row(handle="mug", option1=":Ink", price="10"),
    )

    assert refusals(report) == {
        2: "The title has 300 characters; 255 are possible.",
        3: "Its product is refused: The title has 300 characters; 255 are possible.",
    }


def test_titles_that_differ_are_told_and_the_first_stays():
    report = bring(
        row(handle="mug", title="Mug", option1="Colour:Sage", price="10"),
        row(handle="mug", title="Another mug", option1=":Ink", price="10"),
    )

    assert product().name == "Mug"
    assert report.notes == [
        "Line 3: The title “Another mug” is left out: line 2 calls the product “Mug”."
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_one_does_not_begin():
    rows = [row(handle=f"mug-{n}", title="Mug", vendor="Kiln Room", price="1") for n in range(50)]

    outcomes = race([lambda: bring(*rows)] * 3)

    busy = [each for each in outcomes if isinstance(each, AnotherImportRuns)]
    done = [each for each in outcomes if each not in busy]
    assert sum(report.counts["products_new"] for report in done) == 50
    assert Product.objects.count() == 50
    assert ImportBatch.objects.count() == len(done)
