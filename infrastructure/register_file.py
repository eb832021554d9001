"""A register's file, record by record: CSV in UTF-8, or in Windows-1252 when that is named.

A broken line costs only itself: the next one is read as if nothing had been. Memory holds one record at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import BinaryIO, Final

from domain.register_import import Header, Problem, RegisterRefused, read_header

LONGEST_RECORD: Final = 256 * 1024  # bytes: every column of the wide form at its longest, in four-byte characters
MOST_LINES: Final = 1000  # that one quoted cell goes over
DELIMITERS: Final = (",", ";", "\t")  # what spreadsheets write
BOM: Final = b"\xef\xbb\xbf"
OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
COUNTED_AT_ONCE: Final = 1024 * 1024  # bytes


class Encoding(StrEnum):
    """How the bytes of a register stand for characters."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


@dataclass(frozen=True, slots=True)
class Line:
    """A record and the number of the line that it begins on, or why it cannot be read."""

    number: int
    cells: Sequence[str] = ()
    problem: Problem | None = None


@dataclass(slots=True)
class RegisterFile:
    """An open register; `header` is read at once, then the lines one by one. Raises `RegisterRefused`."""

    file: BinaryIO
    encoding: Encoding
    header: Header = field(init=False)
    _delimiter: str = ","
    _at: int = 0  # lines read
    _waiting: list[bytes] = field(default_factory=list)  # lines read and given back

    def __post_init__(self) -> None:
        """Reads the heading."""
        first = self._next()
        if first is None:
            raise RegisterRefused("The file is empty.")
        if first.startswith(OTHER_BOMS) or b"\0" in first:
            raise RegisterRefused("The file is in UTF-16 or no text: save it as CSV in UTF-8.")
        if self.encoding is Encoding.UTF_8:
            first = first.removeprefix(BOM)
        record = self._record(first)
        if isinstance(record, Problem):
            raise RegisterRefused(f"The heading cannot be read. {record.asks}")
        self._delimiter, self.header = _headed(record)

    def __iter__(self) -> Iterator[Line]:
        """Each line below the heading that is not blank."""
        while (raw := self._next()) is not None:
            number = self._at
            if not raw.strip(b" \t\r\n,;"):
                continue
            record = self._record(raw)
            if isinstance(record, Problem):
                yield Line(number, problem=record)
                continue
            try:
                yield Line(number, _cells(record, self._delimiter))
            except csv.Error:
                yield Line(number, problem=_not_csv(record))

    @property
    def read(self) -> int:
        """How many lines of the file were read, heading and blank ones included."""
        return self._at

    def _next(self) -> bytes | None:
        raw = self._waiting.pop(0) if self._waiting else self.file.readline(LONGEST_RECORD + 1)
        if not raw:
            return None
        self._at += 1
        return raw

    def _record(self, raw: bytes) -> str | Problem:
        """The text of a record that begins with a line; it goes on while a quoted cell is open."""
        if len(raw) > LONGEST_RECORD and not raw.endswith(b"\n"):
            self._skip_rest_of_line()
            return Problem("too_long", None, f"The line is longer than {LONGEST_RECORD // 1024} KiB.")
        taken = [raw]
        size = len(raw)
        quotes = raw.count(b'"')
        while quotes % 2:
            more = self._next()
            if more is None or size + len(more) > LONGEST_RECORD or len(taken) == MOST_LINES:
                back = [*taken[1:], *([] if more is None else [more])]
                self._waiting[:0] = back
                self._at -= len(back)
                return Problem("quotes", None, "A quoted cell begins on this line and does not end.")
            taken.append(more)
            size += len(more)
            quotes += more.count(b'"')
        try:
            return b"".join(taken).decode("utf-8" if self.encoding is Encoding.UTF_8 else "cp1252")
        except UnicodeDecodeError:
            hint = "; if it is in Windows-1252, say so with --encoding windows-1252" * (self.encoding is Encoding.UTF_8)
            return Problem("encoding", None, f"This line is not in {self.encoding}{hint}.")

    def _skip_rest_of_line(self) -> None:
        while rest := self.file.readline(LONGEST_RECORD):
            if rest.endswith(b"\n"):
                return


def lines_in(path: Path) -> int:
    """About how many lines a file has, for a bar that shows how far the reading is."""
    with path.open("rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(COUNTED_AT_ONCE), b"")) or 1


def _not_csv(record: str) -> Problem:
    if len(record) > csv.field_size_limit():
        return Problem("too_long", None, f"A cell has more than {csv.field_size_limit():,} characters.")
    asks = "A quotation mark stands where none can: a cell with one is quoted, and the mark doubled."
    return Problem("quotes", None, asks)


def _headed(record: str) -> tuple[str, Header]:
    """What stands between cells, and the heading; tried first is what stands there most often."""
    if "\r" in record.rstrip("\r\n") and '"' not in record:
        raise RegisterRefused("The lines of the file end in another way than is usual: save it as CSV in UTF-8.")
    likely = sorted(DELIMITERS, key=record.count, reverse=True)
    refusals: list[str] = []
    for delimiter in likely:
        try:
            return delimiter, read_header(_cells(record, delimiter))
        except RegisterRefused as refused:
            refusals.append(str(refused))
        except csv.Error:
            refusals.append("The heading cannot be read: a quotation mark stands where none can.")
    raise RegisterRefused(refusals[0])


def _cells(record: str, delimiter: str) -> list[str]:
    """The cells of one record. Raises csv's Error."""
    # A form feed, say, ends no line of a file: only then does whoever looks at the cell find it.
    rows = list(csv.reader(StringIO(record.rstrip("\r\n"), newline="\n"), delimiter=delimiter, strict=True))
    if len(rows) != 1:
        raise csv.Error("not one record")
    return rows[0]
