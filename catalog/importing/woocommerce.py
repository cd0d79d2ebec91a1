"""
WooCommerce's product export: a row for each product and each of its variations.

It names products by number or SKU and not by address; variations name their parent, which may come
after them. So the rows are laid aside as they are, and read product by product when all are here.
"""

from collections.abc import Iterator
from functools import partial

from django.utils.text import slugify

from catalog.importing.attributes import AttributeColumn, ColumnContent
from catalog.importing.columns import Columns
from catalog.importing.report import Report
from catalog.importing.spool import MAX_SLUG, Row, Spool
from catalog.importing.values import Unreadable, fold, joined, one_line, short
from catalog.importing.woocommerce_rows import (
    MAKES,
    attributes_of,
    head_fields,
    kind_of,
    options_of,
    parts,
    variant_fields,
)

NAMING = {"id", "sku", "name", "parent"}


class WooSpool(Spool):
    """Takes WooCommerce's rows, and gives back rows as Mercer's own file would have them."""

    def __init__(self, columns: Columns, report: Report) -> None:
        super().__init__(columns, report)
        made = {
            field: index for name, index in columns.fields.items() for field in MAKES.get(name, ())
        }
        self.columns = columns._replace(fields=made, attributes=[])
        self.names: dict[str, AttributeColumn] = {}
        self.referred: dict[str, int] = {}  # "id:12" or a SKU → number of the product.
        self.heads: list[bool] = []
        self.groups: list[tuple[int, str, list[str]]] = []
        self.grouped: dict[int, list[str]] = {}

    def _is_blank(self, row: Row) -> bool:
        return not row.fields.keys() & NAMING

    def _sort_in(self, row: Row) -> None:
        said = row.fields
        try:
            kind = kind_of(said)
            if kind == "grouped":
                self.groups.append(
                    (row.line, one_line(said.get("name", "")), parts(said.get("grouped", "")))
                )
                return
            number = self._number(said, is_head=kind != "variation")
        except Unreadable as problem:
            self.report.refuse(row.line, str(problem))
            return
        self._lay_aside(number, row)

    def _number(self, said: dict[str, str], *, is_head: bool) -> int:
        """The number of the row's product, by all that the row or another calls it."""
        if is_head:
            if not said.get("name"):
                raise Unreadable("It has no name.")
            refs = [f"id:{said['id']}"] if said.get("id") else []
            refs += [said["sku"]] if said.get("sku") else []
            refs = refs or [f"name:{said['name']}"]
        elif not said.get("parent"):
            raise Unreadable("It is a variation and names no parent.")
        else:
            refs = [said["parent"]]
        refs = [fold(ref) for ref in refs]
        number = next(
            (self.referred[ref] for ref in refs if ref in self.referred), len(self.handles)
        )
        if number == len(self.handles):
            self.handles.append("")
            self.heads.append(False)
        for ref in refs:
            self.referred.setdefault(ref, number)
        if is_head and not self.heads[number]:
            self.heads[number] = True
            self.handles[number] = self._free_handle(said)
        return number

    def _free_handle(self, said: dict[str, str]) -> str:
        """An address by the name; of products with one name the later ones have their number or SKU to it."""
        handle = (
            slugify(said["name"])[: MAX_SLUG - 60]
            or f"product-{slugify(said.get('id') or said.get('sku', ''))}"
        )
        while handle in self.products:
            mark = slugify(said.get("id") or said.get("sku", ""))[:40] or "2"
            handle = f"{handle}-{mark}"[:MAX_SLUG]
            if len(handle) == MAX_SLUG:
                raise Unreadable(f"Too many products are called {short(said['name'])}.")
        self.products[handle] = len(self.products)
        return handle

    def slugs(self) -> list[str]:
        return [handle or f"product-{number}" for number, handle in enumerate(self.handles)]

    def settle(self) -> None:
        """Find the collections that groups become, and what the attributes of all products are like."""
        for line, name, refs in self.groups:
            numbers = [self.referred[fold(ref)] for ref in refs if fold(ref) in self.referred]
            if not numbers or not name:
                self.report.refuse(line, "It groups products, and none of them is in the file.")
                continue
            self.report.merge(
                line, f"It groups other products: they are in the collection {short(name)}."
            )
            for number in numbers:
                self.grouped.setdefault(number, []).append(name)
        for _, rows in self._converted(Report()):
            for row in rows:
                self._look_at(row)

    def by_product(self) -> Iterator[tuple[str, list[Row]]]:
        slugs = self.slugs()
        for number, rows in self._converted(self.report):
            if rows:
                yield slugs[number], rows

    def _converted(self, report: Report) -> Iterator[tuple[int, list[Row]]]:
        """The rows of each product in Mercer's words; what is wrong with them goes to the report."""
        for number, raw in self._groups():
            if not self.heads[number]:
                for row in raw:
                    report.refuse(
                        row.line, f"Its parent {short(row.fields['parent'])} is not in the file."
                    )
                continue
            yield number, list(self._convert(number, raw, report))

    def _convert(self, number: int, raw: list[Row], report: Report) -> Iterator[Row]:
        """The product's own row first, whatever its place in the file."""
        raw = sorted(raw, key=lambda row: kind_of(row.fields) == "variation")
        head = raw[0].fields
        varying = options_of(row.fields for row in raw if kind_of(row.fields) == "variation")
        for row in raw:
            note = partial(report.note, line=row.line)
            try:
                if kind_of(row.fields) == "variation":
                    yield Row(row.line, variant_fields(row.fields, head, varying, note), {})
                    continue
                fields = head_fields(row.fields, note)
                if kind_of(row.fields) != "variable":
                    fields |= variant_fields(row.fields, {}, {}, note)
                if row.fields is head and number in self.grouped:
                    fields["collection"] = joined(self.grouped[number], "|")
                yield Row(row.line, fields, self._attributes(row, varying))
            except Unreadable as problem:
                report.refuse(row.line, str(problem))

    def _attributes(self, row: Row, varying: dict[str, str]) -> dict[int, str]:
        """What the row says of attributes, by columns that are made as names come up."""
        found = {}
        for name, values in attributes_of(row.fields):
            if fold(name) in varying or not values:
                continue
            column = self.names.get(fold(name))
            if column is None:
                column = AttributeColumn(
                    self.raw.width + len(self.names), one_line(name)[:120], "", "", "|"
                )
                self.names[fold(name)] = column
                self.contents[column.at] = ColumnContent()
                self.columns.attributes.append(column)
            found[column.at] = joined(values, "|")
        return found
