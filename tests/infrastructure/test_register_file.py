"""A register's bytes: what cannot be read costs its own line, and nothing of it is said."""

from __future__ import annotations

import tracemalloc
from io import BytesIO, RawIOBase

import pytest

from domain.register_import import Form, RegisterRefused
from infrastructure.register_file import LONGEST_RECORD, Encoding, Line, RegisterFile

HEADING = b"reference,starts_on,measures,notes\n"


def read(content: bytes, encoding: Encoding = Encoding.UTF_8) -> list[Line]:
    return list(RegisterFile(BytesIO(content), encoding))


def told(line: Line) -> str | None:
    return None if line.problem is None else line.problem.rule


def test_cells_may_hold_commas_quotes_and_line_breaks_and_lines_keep_their_numbers() -> None:
    first, second = read(HEADING + b'C-1,2026-01-01,filed,"one, ""two""\nthree"\r\n\r\nC-2,2026-01-01,filed,\n')
    assert (first.number, first.cells[3]) == (2, 'one, "two"\nthree')
    assert (second.number, second.cells[0]) == (5, "C-2")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without a mark", "with a mark"])
def test_utf_8_is_read_with_and_without_a_byte_order_mark(mark: bytes) -> None:
    [line] = read(mark + HEADING + "C-1,2026-01-01,filed,Zoë\n".encode())
    assert line.cells[3] == "Zoë"


def test_windows_1252_is_read_when_it_is_named_and_only_then() -> None:
    content = HEADING + b"C-1,2026-01-01,filed,Zo\xeb\nC-2,2026-01-01,filed,\n"
    broken, sound = read(content)
    assert broken.problem is not None
    assert (broken.problem.rule, "--encoding windows-1252" in broken.problem.asks) == ("encoding", True)
    assert told(sound) is None
    [first, _] = read(content, Encoding.WINDOWS_1252)
    assert first.cells[3] == "Zoë"
    [unknown] = read(HEADING + b"C-1,2026-01-01,filed,\x81\n", Encoding.WINDOWS_1252)
    assert told(unknown) == "encoding"


@pytest.mark.parametrize(
    ("heading", "form"),
    [
        (b"Reference;Starts On;MEASURES\r\n", Form.WIDE),
        (b"customer-reference\tstart date\tmeasures\n", Form.WIDE),
        (b'"reference","decided_on","measures",,\n', Form.WIDE),
        (b"Customer,Warning,Applied,Last reviewed,Notes\n", Form.FIVE),
        (
            b"Customer reference,Name and contact details,Warning given,Policy applied,Date last reviewed,Case notes\n",
            Form.FIVE,
        ),
    ],
)
def test_headings_are_known_however_they_are_written(heading: bytes, form: Form) -> None:
    assert RegisterFile(BytesIO(heading), Encoding.UTF_8).header.form is form


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        (b"reference,starts_on,measures,shoe size\n", "column 4"),
        (b"reference,starts_on,start date,measures\n", "two columns starts_on"),
        (b"reference,measures\n", "starts_on or decided_on"),
        (b"C-1,Jane Unmistakable\n", "no heading that is known"),
        (b'reference,"starts_on,measures\nC-1,Jane Unmistakable\n', "does not end"),
        (b"reference,starts_on,measures\rC-1,2026-01-01,filed\r", "end in another way"),
        (b"reference,\x00\n", "UTF-16"),
        (b"\xff,starts_on,measures\n", "not in utf-8"),
    ],
)
def test_a_heading_that_is_not_known_is_refused_without_repeating_it(heading: bytes, says: str) -> None:
    with pytest.raises(RegisterRefused, match=says) as refused:
        RegisterFile(BytesIO(heading), Encoding.UTF_8)
    assert "Unmistakable" not in str(refused.value)
    assert "shoe" not in str(refused.value)


def test_a_quote_that_never_ends_costs_its_own_line_alone() -> None:
    lines = read(HEADING + b'C-1,2026-01-01,filed,"oh\n' + b"C-2,2026-01-01,filed,\n" * 1500)
    assert (lines[0].number, told(lines[0])) == (2, "quotes")
    assert [(line.number, told(line)) for line in lines[1:3]] == [(3, None), (4, None)]
    assert len(lines) == 1501


def test_a_quote_in_the_middle_of_a_cell_is_told() -> None:
    broken, sound = read(HEADING + b'C-1,2026-01-01,filed,"a"b"c"\n' + b"C-2,2026-01-01,filed,\n")
    assert (told(broken), told(sound)) == ("quotes", None)


def test_a_line_without_end_is_told_and_the_next_one_read() -> None:
    long, sound = read(HEADING + b"C-1,2026-01-01,filed," + b"x" * (3 * LONGEST_RECORD) + b"\nC-2,2026-01-01,filed,\n")
    assert (long.number, told(long)) == (2, "too_long")
    assert (sound.number, told(sound)) == (3, None)


def test_a_form_feed_ends_no_line() -> None:
    [line] = read(HEADING + "C-1,2026-01-01,filed,a\x0cb\u2028c\n".encode())
    assert line.cells[3] == "a\x0cb\u2028c"


class Endless(RawIOBase):
    """A register of so many lines, made as it is read."""

    def __init__(self, lines: int) -> None:
        self._heading: list[bytes] = [HEADING]
        self._left = lines

    def readline(self, _size: int | None = -1, /) -> bytes:
        """The next line, however much is asked for."""
        if self._heading:
            return self._heading.pop()
        self._left -= 1
        return b"C-%d,2026-01-01,filed,words\n" % self._left if self._left >= 0 else b""


def test_a_hundred_thousand_lines_take_the_memory_of_one() -> None:
    tracemalloc.start()
    try:
        register = RegisterFile(Endless(100_000), Encoding.UTF_8)  # type: ignore[arg-type]
        assert sum(1 for line in register if line.problem is None) == 100_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
