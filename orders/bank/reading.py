"""A bank's CSV read, whatever the bank calls its columns and however it writes dates and amounts."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from django.utils.translation import gettext as _

MOST_ROWS = 5000
# How banks call what we need, in small letters without anything but letters.
NAMES = {
    "date": [
        "date", "bookingdate", "postingdate", "transactiondate", "completeddate", "valuedate", "buchungstag",
        "buchungsdatum", "buchung", "valuta", "wertstellung", "datum", "dateoperation", "fecha", "data",
    ],
    "amount": ["amount", "betrag", "umsatz", "betrageur", "amounteur", "montant", "importe", "importo", "bedrag"],
    "credit": ["credit", "paidin", "moneyin", "haben", "gutschrift", "crdit", "entrate", "in"],
    "debit": ["debit", "paidout", "moneyout", "soll", "lastschrift", "dbit", "uscite", "out"],
    "reference": [
        "reference", "verwendungszweck", "description", "purpose", "details", "remittanceinformation", "memo",
        "buchungstext", "paymentreference", "libell", "concepto", "causale", "omschrijving", "zahlungsreferenz",
    ],
    "payer": [
        "payer", "name", "counterparty", "payername", "auftraggeber", "auftraggeberempfnger", "zahlungspflichtiger",
        "beguenstigterzahlungspflichtiger", "begnstigterzahlungspflichtiger", "namezahlungsbeteiligter",
        "zahlungspflichtigerr", "partnername", "naam", "sender",
    ],
    "currency": ["currency", "whrung", "waehrung", "devise", "divisa", "valuuta"],
}  # fmt: skip
# The mark before one or two digits at the end divides the cents; one before three divides thousands.
AMOUNT = re.compile(r"(?P<whole>\d{1,3}(?:[.,]\d{3})*|\d*)(?:(?P<mark>[.,])(?P<cents>\d{1,2}))?")
DATES = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y"]
DAY_FIRST = ["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y"]
MONTH_FIRST = ["%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m-%d-%y"]


class StatementRefused(Exception):
    """The file cannot be read as a bank statement; the words say why."""


@dataclass(frozen=True)
class Row:
    """Money that came in. `line` is where in the file; `row_hash` names the row in any file."""

    line: int
    booked_on: date
    amount: Decimal
    payer: str
    reference: str
    currency: str
    row_hash: str


@dataclass(frozen=True)
class Statement:
    """What a file holds: money in, how many rows of money out, and rows that cannot be read, with why."""

    rows: Sequence[Row]
    outgoing: int
    refused: Sequence[tuple[int, str]]


def decode(content: bytes) -> str:
    """Read the bytes as banks write them: UTF-8, or Windows' Latin. Raises StatementRefused."""
    if b"\0" in content:
        raise StatementRefused(_("This is no CSV file."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read(text: str) -> Statement:
    """Read a statement. Raises StatementRefused when its columns cannot be told."""
    lines = text.splitlines()
    delimiter = max(";,\t|", key=lambda mark: sum(line.count(mark) for line in lines[:50]))
    try:
        table = list(islice(csv.reader(lines, delimiter=delimiter), MOST_ROWS + 100))
    except csv.Error:
        raise StatementRefused(_("This is no CSV file.")) from None
    place, columns = find_columns(table)
    body = [(n, cells) for n, cells in enumerate(table[place + 1 :], place + 2) if any(cells)]
    if len(body) > MOST_ROWS:
        raise StatementRefused(_("The file has more than %(count)d rows.") % {"count": MOST_ROWS})
    formats = date_formats(
        cells[columns["date"]] for _n, cells in body if has(cells, columns["date"])
    )
    rows, refused, outgoing = [], [], 0
    seen: Counter[str] = Counter()
    for line, cells in body:
        found = {name: cells[n].strip() if has(cells, n) else "" for name, n in columns.items()}
        try:
            amount = amount_of(found)
            booked_on = read_date(found["date"], formats)
        except ValueError as problem:
            refused.append((line, str(problem)))
            continue
        if amount <= 0:
            outgoing += 1
            continue
        words = [
            booked_on.isoformat(),
            str(amount),
            *(found.get(each, "") for each in ("payer", "reference")),
        ]
        same = "\x1f".join(words)
        seen[same] += 1  # Two alike in one file are two transfers.
        digest = hashlib.sha256(f"{same}\x1f{seen[same]}".encode()).hexdigest()
        rows.append(
            Row(
                line, booked_on, amount, found.get("payer", "")[:250], found.get("reference", "")[:500],
                found.get("currency", "").upper()[:3], digest,
            )
        )  # fmt: skip
    return Statement(rows, outgoing, refused)


def has(cells: Sequence[str], place: int) -> bool:
    return place < len(cells)


def find_columns(table: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The row of headings, which may stand below a few lines of the bank's, and what each column is."""
    for place, cells in enumerate(table[:30]):
        names = [re.sub("[^a-z]", "", cell.lower()) for cell in cells]
        columns = {}
        for kind, known in NAMES.items():
            found = next((names.index(name) for name in known if name in names), None)
            if found is not None:
                columns[kind] = found
        if {"date", "reference"} <= columns.keys() and {"amount", "credit"} & columns.keys():
            return place, columns
    raise StatementRefused(
        _("No row names the columns: a date, an amount and a reference are needed.")
    )


def amount_of(found: Mapping[str, str]) -> Decimal:
    """What came in, or with a minus what went out."""
    if text := found.get("amount"):
        return read_amount(text)
    if text := found.get("credit"):
        return abs(read_amount(text))
    if text := found.get("debit"):
        return -abs(read_amount(text))
    raise ValueError(_("There is no amount."))


def read_amount(text: str) -> Decimal:
    """1.234,56 and 1,234.56 and 1 234,56 €, 12-, (12) and +12. Raises ValueError."""
    plain = re.sub(r"[^\d.,()+\-−'’]", "", text).replace("−", "-")
    is_out = "-" in plain or plain.startswith("(")
    digits = re.sub(r"[^\d.,]", "", plain)
    found = AMOUNT.fullmatch(digits)
    marks = set(re.findall("[.,]", found["whole"])) if found else set()
    is_clear = len(marks) < 2 and not (found and found["mark"] and found["mark"] in marks)
    if not found or not is_clear or not re.search(r"\d", digits) or len(digits) > 20:
        raise ValueError(_("“%(text)s” is no amount.") % {"text": text[:40]})
    whole = re.sub("[.,]", "", found["whole"]) or "0"
    amount = Decimal(f"{whole}.{found['cents'] or 0}")
    if amount >= 10**10:  # What a column of money holds.
        raise ValueError(_("“%(text)s” is no amount.") % {"text": text[:40]})
    return -amount if is_out else amount


def date_formats(texts: Iterable[str]) -> list[str]:
    """With 13/02/2026 somewhere in the file days come first, with 02/13/2026 months; else days."""
    pairs = [re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d", text) for text in texts]
    seconds = [int(pair[2]) for pair in pairs if pair]
    return [*DATES, *(MONTH_FIRST if any(n > 12 for n in seconds) else DAY_FIRST)]


def read_date(text: str, formats: Sequence[str]) -> date:
    """Raises ValueError."""
    day = text.strip().split(" ")[0].split("T")[0]
    for each in formats:
        try:
            return datetime.strptime(day, each).date()
        except ValueError:
            continue
    raise ValueError(_("“%(text)s” is no date.") % {"text": text[:40]})
