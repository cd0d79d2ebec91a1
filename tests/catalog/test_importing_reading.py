"""A file is read whichever program wrote it, and every row is known by its line."""

import pytest

from catalog.models import Product
from tests.catalog.csv_files import bring, counted, csv_of, product, refusals, row, run

pytestmark = pytest.mark.django_db

CAFE = csv_of(row(handle="mug", title="Café crème – 5 €", price="10.00"))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_a_file_is_read_in_the_encoding_it_was_written_in(encoding):
    run(CAFE.decode().encode(encoding))

    assert product().name == "Café crème – 5 €"


def test_stray_bytes_of_windows_in_a_file_of_unicode_are_read_as_what_they_mean():
    report = run(CAFE.replace("è".encode(), "è".encode("cp1252")))

    assert product().name == "Café crème – 5 €"
    assert report.notes == ["1 bytes are no UTF-8 and were read as Windows-1252."]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_names_of_the_columns(delimiter):
    run(csv_of(row(handle="mug", title="Mug, large; blue", price="10.00"), delimiter=delimiter))

    assert product().name == "Mug, large; blue"


def test_the_first_line_of_excel_that_names_the_delimiter_is_no_row():
    report = run(b"sep=;\r\n" + csv_of(row(handle="mug", title="Mug", price="x"), delimiter=";"))

    assert refusals(report) == {3: "The price “x” is no number."}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_as_any_system_ends_them(ending):
    content = csv_of(
        row(handle="mug", title="Mug", price="1"), row(handle="jug", title="Jug", price="x")
    )

    report = run(content.replace(b"\r\n", ending))

    assert list(refusals(report)) == [3]


def test_a_row_is_known_by_the_line_it_begins_in():
    content = csv_of(
        row(handle="mug", title="Mug", body="<p>One\ntwo\nthree</p>", price="1"),
        row(handle="jug", title="Jug", price="x"),
    )

    assert list(refusals(run(content))) == [5]


def test_blank_rows_are_counted_and_otherwise_nothing():
    content = csv_of(row(handle="mug", title="Mug", price="1", more={"Variant Weight Unit": "kg"}))

    report = run(content + b",,,\r\n\r\n , ,,kg\r\n,,,\r\n")

    assert counted(report) == (1, 0, 0)
    assert report.counts["rows_blank"] == 4


def test_bytes_that_no_text_has_are_left_out():
    run(b"Handle,Title,Variant Price\nmug,M\x00u\x07g,10\n")

    assert product().name == "Mug"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n\r\n , \r\n", "The file is empty."),
        (
            b"mug,Mug,10.00\n",
            "The first line does not name the columns: none is called Handle (or URL handle) or Title.",
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "The first line does not name the columns: none is called Handle (or URL handle) or Title.",
        ),
    ],
    ids=["empty", "blank", "no header", "a picture"],
)
def test_a_file_that_cannot_be_read_says_why(content, sentence):
    report = run(content)

    assert refusals(report) == {1: sentence}
    assert not Product.objects.exists()


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows_in_silence():
    content = b'Handle,Title,Variant Price\nmug,Mug,10\njug,"Jug,12\npot,Pot,14\n'

    report = run(content)

    assert refusals(report) == {3: "A quotation mark is opened here and never closed."}
    assert not Product.objects.exists()


def test_a_cell_that_is_too_long_to_be_one_is_refused_in_plain_words():
    content = b"Handle,Title,Variant Price\nmug,Mug,10\njug," + b"J" * 2_000_001 + b",12\n"

    report = run(content)

    assert refusals(report)[3].startswith("One of its cells has more than 2,000,000 characters;")
    assert not Product.objects.exists()


def test_inches_in_a_name_are_no_quotation():
    run(b'Handle,Title,Variant Price\nwheel,26" wheel,10\njug,Jug,12\n')

    assert product("wheel").name == '26" wheel'


def test_a_row_with_too_many_cells_is_refused():
    report = run(
        b"Handle,Title,Variant Price\nmug,Mug, large,10\njug,Jug,12,,\n", skip_refused=True
    )

    assert refusals(report) == {
        2: "It has 4 cells, the first line names 3: a comma or quotation mark is probably missing."
    }
    assert product("jug")


def test_a_row_with_too_few_cells_has_empty_ones():
    run(b"Handle,Title,Variant Price,Vendor,Tags\nmug,Mug,10\n")

    assert product().tags == []


def test_columns_that_say_nothing_to_the_shop_are_named():
    report = bring(
        row(handle="mug", title="Mug", price="1", more={"Shelf": "3", "Cost per item": "4"})
    )

    assert report.notes == ["Columns that are not read: Shelf."]


def test_names_of_columns_may_be_written_in_any_case():
    run(b" HANDLE ,title,Variant  price\nmug,Mug,10\n")

    assert product().name == "Mug"
