"""
Rows laid aside on disk until all rows of their product are known.

A file may come back to a product a hundred thousand rows later; only handles stay in memory.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from django.core.validators import slug_re
from django.utils.text import slugify

from catalog.importing.attributes import ColumnContent
from catalog.importing.columns import Columns
from catalog.importing.product_fields import also_in, category
from catalog.importing.report import Report
from catalog.importing.values import bare, fold, one_line, short, tidy

MAX_SLUG = 255
# What spreadsheets fill down to the end of the sheet says nothing where no product is named.
FILLED_DOWN = {
    "weight_unit", "requires_shipping", "is_taxable", "policy", "tracker", "published", "status",
    "gift_card",
}  # fmt: skip


class Row(NamedTuple):
    """One record: its cells by field, and those of attributes by the column's number."""

    line: int
    fields: dict[str, str]
    attributes: dict[int, str]


class Spool:
    """Takes rows in the order of the file, and gives them back product by product."""

    def __init__(self, columns: Columns, report: Report) -> None:
        self.columns = columns
        self.raw = columns  # As the file has them.
        self.report = report
        self.contents = {column.at: ColumnContent() for column in columns.attributes}
        self.category_paths: set[tuple[str, ...]] = set()
        self.products: dict[str, int] = {}  # Folded handle → number of the product.
        self.handles: list[str] = []
        self.rows = 0
        # A database without a name is a temporary file of its own that goes when it is closed.
        self.disk = sqlite3.connect("", isolation_level=None)
        self.disk.execute("PRAGMA journal_mode = OFF")
        self.disk.execute(
            "CREATE TABLE row (product INT, line INT, cells TEXT, PRIMARY KEY (product, line))"
            " WITHOUT ROWID"
        )
        self.disk.execute("BEGIN")

    def add(self, line: int, cells: list[str]) -> None:
        """Lay a row aside, or refuse it where nobody could tell what it is of."""
        row = self._read(line, cells)
        if self._is_taken(row, cells):
            self._sort_in(row)

    def _is_taken(self, row: Row, cells: list[str]) -> bool:
        """Count the row; tell whether it says something and is as wide as the first line."""
        if self._is_blank(row):
            self.report.counts["rows_blank"] += 1
            return False
        self.report.counts["rows"] += 1
        if len(cells) > self.columns.width and any(map(tidy, cells[self.columns.width :])):
            self.report.refuse(
                row.line,
                f"It has {len(cells)} cells, the first line names {self.columns.width}: "
                "a comma or quotation mark is probably missing.",
            )
            return False
        return True

    def _is_blank(self, row: Row) -> bool:
        return not row.fields.keys() - FILLED_DOWN and not row.attributes

    def _sort_in(self, row: Row) -> None:
        """Lay the row to those of its product."""
        line = row.line
        handle = one_line(row.fields.pop("handle", "")) or slugify(row.fields.get("name", ""))
        if not handle:
            self.report.refuse(line, "It has neither a handle nor a title to tell its product by.")
            return
        if len(handle) > MAX_SLUG:
            self.report.refuse(
                line, f"The handle {short(handle)} has more than {MAX_SLUG} characters."
            )
            return
        number = self.products.setdefault(fold(handle), len(self.handles))
        if number == len(self.handles):
            self.handles.append(handle)
        self._look_at(row)
        self._lay_aside(number, row)

    def _look_at(self, row: Row) -> None:
        """Note what has to be known of all rows before the first is imported."""
        for index, cell in row.attributes.items():
            self.contents[index].see(cell)
        self.category_paths |= {
            path for path in (category(row.fields), *also_in(row.fields)) if path
        }

    def _lay_aside(self, number: int, row: Row) -> None:
        self.rows += 1
        self.disk.execute(
            "INSERT INTO row VALUES (?, ?, ?)",
            [number, row.line, json.dumps([row.fields, row.attributes])],
        )

    def settle(self) -> None:
        """All rows are here."""

    def _read(self, line: int, cells: list[str]) -> Row:
        width = len(cells)
        fields = {
            name: text
            for name, index in self.raw.fields.items()
            if index < width and (text := bare(tidy(cells[index])))
        }
        attributes = {
            column.at: text
            for column in self.raw.attributes
            if column.at < width and (text := bare(tidy(cells[column.at])))
        }
        return Row(line, fields, attributes)

    def by_product(self) -> Iterator[tuple[str, list[Row]]]:
        """Each product's slug and rows, in the order in which the file first names them."""
        slugs = self.slugs()
        for number, rows in self._groups():
            yield slugs[number], rows

    def _groups(self) -> Iterator[tuple[int, list[Row]]]:
        found = self.disk.execute("SELECT product, line, cells FROM row ORDER BY product, line")
        for number, records in groupby(found, key=lambda record: record[0]):
            rows = []
            for _, line, cells in records:
                fields, attributes = json.loads(cells)
                rows.append(Row(line, fields, {int(k): v for k, v in attributes.items()}))
            yield number, rows

    def slugs(self) -> list[str]:
        """
        The address of each product: its handle where that is one, exactly.

        Any other handle is spelled as one; where that is taken already, with a mark that follows
        from the handle, so that it is the same every time.
        """
        taken = {handle.lower() for handle in self.handles if is_slug(handle)}
        slugs = []
        for handle in self.handles:
            slug = handle
            if not is_slug(handle):
                slug = slugify(handle)[: MAX_SLUG - 9] or "product"
                if slug in taken or slug == "product":
                    slug = f"{slug}-{zlib.crc32(handle.encode()):08x}"
                taken.add(slug)
            slugs.append(slug)
        return slugs

    def close(self) -> None:
        self.disk.close()


def is_slug(handle: str) -> bool:
    return bool(slug_re.match(handle))
