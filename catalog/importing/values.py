"""What people write into cells, and what they mean by it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils.dateparse import parse_datetime

from catalog.models import ProductStatus

MAX_MONEY = Decimal("9999999999.99")
MAX_COUNT = 1_000_000_000


class Unreadable(ValueError):
    """A cell that cannot be taken as it is; says why, for whoever keeps the file."""


# Control characters, what is left of byte order marks, and halves of UTF-16 pairs.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ud800-\udfff\ufffe\uffff]")


def tidy(cell: str) -> str:
    """The text without what cannot be seen or stored, and without space around it."""
    return UNPRINTABLE.sub("", cell).replace("\xa0", " ").strip()


def one_line(cell: str) -> str:
    return " ".join(tidy(cell).split())


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """
    One spelling for all that differ in case only.

    Letter by letter, as the database does it in its unique indexes: "ΑΣ" and "ας" differ there.
    """
    return "".join("i" if letter == "İ" else letter.lower() for letter in " ".join(name.split()))


def short(cell: str, limit: int = 60) -> str:
    """The cell as a sentence may quote it."""
    return cell if len(cell) <= limit else f"{cell[: limit - 1]}…"


def money(cell: str, what: str) -> Decimal:
    """A price: 1,299.00, 1.299,00 €, $12, CHF 1'299.–; never below zero, never a guess."""
    number = decimal(cell, what)
    if number < 0:
        raise Unreadable(f"{what} {short(cell)} is below zero.")
    if number > MAX_MONEY:
        raise Unreadable(f"{what} {short(cell)} is more than the shop can count.")
    cents = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if cents != number:
        raise Unreadable(f"{what} {short(cell)} has more than two decimals.")
    return cents


def count(cell: str, what: str) -> int:
    number = decimal(cell, what)
    if number != number.to_integral_value():
        raise Unreadable(f"{what} {short(cell)} is no whole number.")
    if abs(number) > MAX_COUNT:
        raise Unreadable(f"{what} {short(cell)} is more than the shop can count.")
    return int(number)


def grams(cell: str, what: str, unit: str = "g") -> int:
    """A weight in whole grams; a point in it always stands before decimals."""
    if unit not in GRAMS:
        raise Unreadable(f"{what}: the unit {short(unit)} is none of g, kg, lb and oz.")
    number = decimal(cell, what, point_is_decimal=True) * GRAMS[unit]
    if not 0 <= number <= MAX_COUNT:
        raise Unreadable(f"{what} {short(cell)} is no weight of a thing.")
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


GRAMS = {
    "": Decimal(1),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}

CURRENCY = r"(?:[^\W\d_]{1,3}\.?|[^\W\d_]{0,2}[^\w\s.,+\-−'’()]{1,2})"
AMOUNT = re.compile(
    rf"(?P<minus>[-−]?)\s*{CURRENCY}?\s*(?P<minus_too>[-−]?)"
    r"(?P<number>[0-9][0-9.,'’\s\u202f]*|[.,][0-9]+)"
    rf"(?:[-–—]{{1,2}})?\s*{CURRENCY}?"
)
THOUSANDS_GAP = re.compile(r"(?<=[0-9])['’\s\u202f](?=[0-9]{3}(?![0-9]))")


def decimal(cell: str, what: str, *, point_is_decimal: bool = False) -> Decimal:
    """The number in a cell, whichever way its writer points and groups it."""
    found = AMOUNT.fullmatch(cell.strip())
    number = THOUSANDS_GAP.sub("", found["number"].strip()).rstrip(".,") if found else ""
    if not found or not re.fullmatch(r"[0-9.,]*[0-9]", number):
        raise Unreadable(f"{what} “{short(cell)}” is no number.")
    pointed = _pointed(number, point_is_decimal)
    if pointed is None:
        raise Unreadable(
            f"{what} {short(cell)} can be read in two ways: write it with a point and two decimals."
        )
    value = Decimal(pointed)
    return -value if found["minus"] or found["minus_too"] else value


def _pointed(number: str, point_is_decimal: bool) -> str | None:
    """The number in Python's spelling, or None where its separators say two things."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number
    mark, whole, decimals = number[last], number[:last], number[last + 1 :]
    other = "," if mark == "." else "."
    if other in whole:
        return f"{whole.replace(other, '')}.{decimals}" if _grouped(whole, other) else None
    if mark in whole:
        return number.replace(mark, "") if _grouped(number, mark) else None
    if len(decimals) != 3 or whole in {"", "0"} or (mark == "." and point_is_decimal):
        return f"{whole or '0'}.{decimals}"
    return f"{whole}{decimals}" if mark == "," else None


def _grouped(number: str, mark: str) -> bool:
    return bool(re.fullmatch(rf"[0-9]{{1,3}}(?:\{mark}[0-9]{{3}})+", number))


YES = {"true", "yes", "1", "y", "t", "x", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si"}
NO = {"false", "no", "0", "n", "f", "falsch", "nein", "faux", "non", "falso"}


def yes_or_no(cell: str, what: str) -> bool:
    word = fold(cell)
    if word not in YES | NO:
        raise Unreadable(f"{what} “{short(cell)}” is neither yes nor no.")
    return word in YES


def status(cell: str) -> str:
    word = fold(cell)
    if word == "unlisted":  # Reached by its address only; the nearest thing the shop has.
        return ProductStatus.DRAFT
    if word not in ProductStatus.values:
        raise Unreadable(f"The status “{short(cell)}” is none of active, draft and archived.")
    return word


def moment(cell: str, what: str) -> datetime:
    try:
        found = parse_datetime(cell.strip())
    except ValueError:
        found = None
    if found is None:
        raise Unreadable(f"{what} “{short(cell)}” is no time such as 2026-03-01T09:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def identity(cell: str, what: str, limit: int) -> str:
    """A text that names a thing: shortening it would name another."""
    found = one_line(cell)
    if len(found) > limit:
        raise Unreadable(f"{what} has {len(found)} characters; {limit} are possible.")
    return found


def items(cell: str, mark: str) -> list[str]:
    """The parts of a list in a cell, each once and in their order."""
    return list(dict.fromkeys(part for each in parted(cell, mark) if (part := one_line(each))))


def parted(cell: str, mark: str) -> list[str]:
    """The parts between the marks; a mark or backslash with a backslash before it stands for itself."""
    if "\\" not in cell:
        return cell.split(mark)
    parts = [""]
    for token in re.findall(r"\\.|.", cell, re.DOTALL):
        if token == mark:
            parts.append("")
        else:
            parts[-1] += token[1:] if token in {f"\\{mark}", "\\\\"} else token
    return parts


def joined(parts: Iterable[str], mark: str, gap: str = "") -> str:
    """The cell that `parted` reads as these parts."""
    return f"{gap}{mark}{gap}".join(
        part.replace("\\", "\\\\").replace(mark, f"\\{mark}") for part in parts
    )


# A spreadsheet calculates with a cell that begins like this, some also with the signs' wide twins of East Asia.
# An apostrophe before it makes it a text.
GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
TO_GUARD = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula; `bare` is its exact inverse."""
    return f"'{cell}" if TO_GUARD.match(cell) else cell


def bare(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell
