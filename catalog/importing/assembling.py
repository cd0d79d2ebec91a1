"""From the rows of one product to what they say of it."""

from collections.abc import Callable, Mapping
from typing import Any

from catalog.importing.attributes import Value, typed
from catalog.importing.columns import Columns
from catalog.importing.facts import PictureFacts, ProductFacts, VariantFacts
from catalog.importing.options import Options
from catalog.importing.pictures import source_name
from catalog.importing.product_fields import read_product
from catalog.importing.report import Report
from catalog.importing.spool import Row
from catalog.importing.values import Unreadable, items, one_line, parted, short
from catalog.importing.variant_fields import read_stock, read_variant

VARIANT_FIELDS = ("sku", "barcode", "price")


class Assembler:
    """
    Reads products out of rows. `kinds` are the types of the attributes, by column.

    What a row says that cannot be taken refuses the row, and only the row.
    """

    def __init__(self, columns: Columns, kinds: Mapping[int, str], report: Report) -> None:
        self.columns = columns
        self.kinds = kinds
        self.report = report
        # A file of handles and counts alone speaks of variants all the same.
        self.tells_variants = columns.has(*VARIANT_FIELDS, "option1_value")

    def assemble(self, slug: str, rows: list[Row]) -> ProductFacts | None:
        """What the rows say of the product, or None where all of them are refused."""
        facts = ProductFacts(slug)
        try:
            facts.fields = read_product(
                self.columns, self._first_said(rows), self._note(rows[0].line)
            )
        except Unreadable as problem:
            for row in rows:
                reason = str(problem) if row is rows[0] else f"Its product is refused: {problem}"
                self.report.refuse(row.line, reason)
            return None
        facts.collections = self._collections(rows)
        facts.attributes = self._attributes(rows)
        self._read_rows(facts, rows)
        return facts if facts.lines or facts.merged else None

    def _first_said(self, rows: list[Row]) -> dict[str, str]:
        """Of each field the first row that says something; the rest of the product's rows may be silent."""
        said: dict[str, str] = {}
        for row in rows:
            for field, cell in row.fields.items():
                said.setdefault(field, cell)
            name = row.fields.get("name")
            if name and one_line(name) != one_line(said["name"]):
                self.report.note(
                    f"The title “{short(one_line(name))}” is left out: line {rows[0].line} calls "
                    f"the product “{short(one_line(said['name']))}”.",
                    "titles of one product that differ",
                    row.line,
                )
        return said

    def _collections(self, rows: list[Row]) -> list[str]:
        """Shopify's column holds the name of one, whatever is in it."""
        if self.columns.format == "shopify":
            names = [one_line(row.fields.get("collection", "")) for row in rows]
            return [name[:120] for name in names if name][:1]
        named = (name for row in rows for name in items(row.fields.get("collection", ""), "|"))
        return list(dict.fromkeys(name[:120] for name in named))

    def _read_rows(self, facts: ProductFacts, rows: list[Row]) -> None:
        telling = {row.line: row for row in rows if self._is_variant(row)}
        options = Options(list(telling.values()), has_title=self.columns.format != "mercer")
        variants: dict[Any, VariantFacts] = {}
        for row in rows:
            adds_picture = self._read_pictures(facts, row)
            if row.line not in telling:
                self._place(facts, row, "a picture of the product" if adds_picture else "")
                continue
            try:
                variant = self._variant(row, options)
                twin = variants.setdefault(variant.key, variant)
                if twin is not variant:
                    merge(twin, variant)
                    facts.merged[row.line] = f"The same variant as line {twin.line}."
                    continue
            except Unreadable as problem:
                self.report.refuse(row.line, str(problem))
                continue
            facts.lines.append(row.line)
        facts.variants = list(variants.values())

    def _place(self, facts: ProductFacts, row: Row, adds: str) -> None:
        """Where a row without a variant belongs: the product's own first row, or added to it."""
        if not facts.lines and not facts.merged:
            facts.lines.append(row.line)
        else:
            at = facts.lines[0] if facts.lines else next(iter(facts.merged))
            what = (
                f"It adds {adds} of line {at}."
                if adds
                else f"It belongs to the product of line {at}."
            )
            facts.merged[row.line] = what

    def _is_variant(self, row: Row) -> bool:
        said = row.fields.keys()
        if not self.tells_variants:
            return bool(said & {"on_hand", "weight_grams", "compare_at_price", "minimum_price"})
        return bool(said & set(VARIANT_FIELDS)) or any(
            field.startswith("option") and field.endswith("_value") for field in said
        )

    def _variant(self, row: Row, options: Options) -> VariantFacts:
        note = self._note(row.line)
        fields = read_variant(self.columns, row.fields, note)
        on_hand = read_stock(self.columns, row.fields, fields, note)
        return VariantFacts(row.line, options.chosen(row), fields, on_hand)

    def _read_pictures(self, facts: ProductFacts, row: Row) -> bool:
        """Take the pictures a row names; tell whether there was a new one."""
        before = len(facts.pictures)
        known = {picture.source for picture in facts.pictures}
        for found in named_pictures(row, self.columns):
            if found.source not in known:
                facts.pictures.append(found)
                known.add(found.source)
        return len(facts.pictures) > before

    def _attributes(self, rows: list[Row]) -> dict[str, list[Value]]:
        """The values of each attribute that has a column; an empty list where the file says none."""
        attributes: dict[str, list[Value]] = {}
        for column in self.columns.attributes:
            values = attributes.setdefault(column.name, [])
            for row in rows:
                cell = row.attributes.get(column.at)
                if not cell:
                    continue
                try:
                    found = typed(cell, self.kinds[column.at], column.name, column.mark)
                except Unreadable as problem:
                    self.report.note(f"{problem} It is left out.", "attributes left out", row.line)
                    continue
                values += [value for value in found if value not in values]
                break
        return attributes

    def _note(self, line: int) -> Callable[[str, str], None]:
        return lambda sentence, kind: self.report.note(sentence, kind, line)


def named_pictures(row: Row, columns: Columns) -> list[PictureFacts]:
    """The pictures a row names: its own list, or its one with text and place, and its variant's."""
    found = []
    if listed := row.fields.get("pictures"):
        texts = parted(row.fields.get("picture_texts", ""), "|")
        for at, name in enumerate(parted(listed, "|")):
            told = one_line(texts[at])[:500] if at < len(texts) else ""
            text = told if columns.has("picture_texts") else None
            found.append(PictureFacts(source_name(name), text))
    if source := row.fields.get("picture"):
        place = row.fields.get("picture_position", "")
        text = one_line(row.fields.get("picture_text", ""))[:500]
        found.append(
            PictureFacts(
                source_name(source),
                text if columns.has("picture_text") else None,
                int(place) if place.isascii() and place.isdigit() and len(place) < 6 else None,
            )
        )
    if source := row.fields.get("variant_picture"):
        found.append(PictureFacts(source_name(source)))
    return [picture for picture in found if picture.source]


def merge(first: VariantFacts, again: VariantFacts) -> None:
    """Let a second row of a variant fill what the first left open; raise Unreadable where they disagree."""
    for name, label in (("price", "price"), ("sku", "SKU")):
        one, other = first.fields.get(name), again.fields.get(name)
        if one not in (None, "") and other not in (None, "") and one != other:
            raise Unreadable(
                f"It is the same variant as line {first.line}"
                f"{f' ({short(first.name)})' if first.name else ''}, but with the {label} {other} instead of {one}."
            )
    for name, value in again.fields.items():
        if first.fields.get(name) in (None, ""):
            first.fields[name] = value
    if first.on_hand is None:
        first.on_hand = again.on_hand
