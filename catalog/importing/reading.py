"""Rows of a CSV file, whatever program wrote it."""

import codecs
import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from typing import IO

DELIMITERS = ",;\t|"
HEAD = 65_536  # Bytes that decide encoding and delimiter.
MAX_CELL = 2_000_000  # Characters. A longer one is a quotation mark that nobody closed.


class FileRefused(Exception):
    """The file as a whole cannot be read; says why and in which line."""

    def __init__(self, sentence: str, line: int = 1) -> None:
        self.sentence, self.line = sentence, line
        super().__init__(sentence)


_stray = threading.local()


def _as_windows(problem: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows-1252, as spreadsheets write it; count them."""
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    wrong = problem.object[problem.start : problem.end]
    _stray.count = getattr(_stray, "count", 0) + len(wrong)
    return wrong.decode("cp1252", errors="replace").replace("\ufffd", ""), problem.end


codecs.register_error("as-windows-1252", _as_windows)


def encoding_of(head: bytes) -> str:
    """UTF-16 by its mark or by its pattern of zeros; anything else is read as UTF-8 first."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd, half = head[::2].count(0), head[1::2].count(0), max(1, len(head) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return "utf-8-sig"


class Table:
    """
    The records of a file, each with the number of the line it begins in.

    `knows` says how many names of a header are known: the delimiter that makes most of them is the
    file's. Iterate once; `stray_bytes` is complete afterwards.
    """

    def __init__(self, file: IO[bytes], knows: Callable[[list[str]], int]) -> None:
        file.seek(0)
        head = file.read(HEAD)
        file.seek(0)
        self.file = file
        self.encoding = encoding_of(head)
        self.delimiter = self._choose_delimiter(head, knows)
        self.stray_bytes = 0

    def _choose_delimiter(self, head: bytes, knows: Callable[[list[str]], int]) -> str:
        sample = head.decode(self.encoding, errors="replace")
        lines = list(_without_separator_line(io.StringIO(sample, newline="")))

        def known(delimiter: str) -> int:
            try:
                rows = csv.reader(lines, delimiter=delimiter)
                return knows(next((row for row in rows if any(row)), []))
            except csv.Error:
                return 0

        return max(DELIMITERS, key=known)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        errors = "as-windows-1252" if self.encoding == "utf-8-sig" else "replace"
        _stray.count = 0
        text = io.TextIOWrapper(self.file, encoding=self.encoding, errors=errors, newline="")
        try:
            yield from self._records(_without_separator_line(text))
        finally:
            self.stray_bytes = _stray.count
            text.detach()

    def _records(self, text: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        lines = _Counted(text)
        rows = csv.reader(lines, delimiter=self.delimiter)
        # The module's limit belongs to the whole process, so it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
        while True:
            line = rows.line_num + 1
            lines.quotes = 0
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as problem:
                raise FileRefused(
                    f"One of its cells has more than {MAX_CELL:,} characters; probably a quotation mark "
                    "is opened here and not closed. The file is read no further."
                    if "field limit" in str(problem)
                    else f"From here on the file cannot be read: {problem}.",
                    line,
                ) from problem
            if lines.is_over and rows.line_num > line and lines.quotes % 2:
                raise FileRefused("A quotation mark is opened here and never closed.", line)
            yield line, cells


class _Counted:
    """Lines that count their quotation marks, to notice one that is never closed."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.quotes, self.is_over = lines, 0, False
        self.ahead = next(lines, None)

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        line = self.ahead
        if line is None:
            raise StopIteration
        self.ahead = next(self.lines, None)
        self.is_over = self.ahead is None
        self.quotes += line.count('"')
        return line


def _without_separator_line(lines: io.TextIOBase) -> Iterator[str]:
    """Excel's own first line, `sep=;`, is no row; it stays a line, so that lines keep their numbers."""
    for number, line in enumerate(lines):
        yield "\n" if number == 0 and re.match(r"\ufeff?\"?sep=.\"?\s*$", line) else line
