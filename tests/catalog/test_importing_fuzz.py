"""Whatever a file holds, it is read or refused: there is no third thing."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.importing.attributes import as_number, mercer_attribute, shopify_attribute, typed
from catalog.importing.values import Unreadable, count, fold, grams, moment, money, tidy, yes_or_no
from tests.catalog.csv_files import NAMES, counted, csv_of, run

cells = st.text(max_size=40) | st.sampled_from(
    ["", "mug", "jug", "10", "-1", "1,299.00", "9e99", "TRUE", "active", "Colour", "Sage", "a > b", "[1]", "{}",
     '{"unit": 3}', '{"type": "root", "children": [3]}', "http://x/y.jpg", "\x00", "\ud800", "İ", "ΑΣ", "x" * 3000]
)  # fmt: skip
columns = st.sampled_from(
    [*NAMES.values(), "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Nothing",
     "A (product.metafields.custom.size_ml)", "B (product.metafields.shopify.b)", "Collection"]
)  # fmt: skip
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


class AnyFile(TestCase):
    @quick
    @given(st.binary(max_size=400))
    def test_any_bytes(self, content):
        counted(run(content))

    @quick
    @given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
    def test_any_bytes_after_a_header(self, content, encoding):
        counted(run("Handle,Title,Variant Price,Tags\r\n".encode(encoding) + content))

    @quick
    @given(st.lists(st.dictionaries(columns, cells, max_size=8), min_size=1, max_size=8))
    def test_any_cells(self, rows):
        named = [{"Handle": "mug", "Title": "Mug", "Variant Price": "1", **row} for row in rows]
        clean = [{name: cell.replace("\ud800", "") for name, cell in row.items()} for row in named]
        content = csv_of(*clean)

        first = run(content, skip_refused=True)
        again = run(content, skip_refused=True)

        assert counted(first) == counted(again)
        assert again.changes_nothing, again.changes


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_cell_is_read_or_refused(cell):
    tidy(cell).encode()
    fold(cell)
    as_number(cell)
    for reader in (money, count, grams, moment, yes_or_no):
        with suppress(Unreadable):
            reader(cell, "It")
    for kind in ("text", "number", "boolean"):
        with suppress(Unreadable):
            typed(tidy(cell), kind, "It", ";")
    shopify_attribute(cell, 0)
    mercer_attribute(f"attribute: {cell}", 0)
