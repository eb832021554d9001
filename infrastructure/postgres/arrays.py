"""Values and arrays as PostgreSQL takes them in binary, packed in one go: a save hands over a dozen arrays.

psycopg's own lists look for the type of every element anew, and choose the array's type by its values, so that one
statement is prepared several times over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import TYPE_CHECKING, Final

from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg.abc import AdaptContext

# Number of dimensions, whether there are nulls, type of the elements, number of elements, number of the first.
_HEAD: Final = Struct("!iiIii")
_SMALL: Final = Struct("!ii")
_LARGE: Final = Struct("!iq")
_LONG: Final = Struct("!q")
_INT: Final = Struct("!i")
_BOOLEAN: Final = Struct("!?")
_UUID_LENGTH: Final = (16).to_bytes(4, "big")
_NULL: Final = (-1).to_bytes(4, "big", signed=True)

# Times are counted in microseconds from here.
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# The numbers of PostgreSQL's own types, which never change.
_BYTEA: Final = 17
_BIGINT: Final = 20
_INTEGER: Final = 23
_TEXT: Final = 25
_UUID: Final = 2950


class Packed(bytes):
    """An array in PostgreSQL's binary form; the statement says of which type its parameter is, by a cast."""

    __slots__ = ()


def instant(value: datetime) -> Packed:
    """A timestamptz."""
    return Packed(_LONG.pack((value - _EPOCH) // _MICROSECOND))


def day(value: date) -> Packed:
    """A date."""
    return Packed(_INT.pack((value - _EPOCH.date()).days))


def bigint(value: int) -> Packed:
    """A bigint. Raises struct.error for a number that is none."""
    return Packed(_LONG.pack(value))


def boolean(value: bool) -> Packed:
    """A boolean."""
    return Packed(_BOOLEAN.pack(value))


def text(value: str) -> Packed:
    """A text. The server refuses a zero character; a lone surrogate raises UnicodeEncodeError."""
    return Packed(str.encode(value))


def uuids(values: Sequence[UUID]) -> Packed:
    """A uuid[]."""
    return _packed(_UUID, len(values), [part for value in values for part in (_UUID_LENGTH, value.bytes)])


def bigints(values: Sequence[int]) -> Packed:
    """A bigint[]. Raises struct.error for a number that is none."""
    return _packed(_BIGINT, len(values), [_LARGE.pack(8, value) for value in values])


def integers(values: Sequence[int]) -> Packed:
    """An integer[]. Raises struct.error for a number that is none."""
    return _packed(_INTEGER, len(values), [_SMALL.pack(4, value) for value in values])


def texts(values: Sequence[str | None]) -> Packed:
    """A text[]. The server refuses a zero character; a lone surrogate raises UnicodeEncodeError."""
    return _strings(_TEXT, [None if value is None else value.encode() for value in values])


def encoded(values: Sequence[bytes | None]) -> Packed:
    """A text[] of texts that are UTF-8 already."""
    return _strings(_TEXT, values)


def byteas(values: Sequence[bytes | None]) -> Packed:
    """A bytea[]."""
    return _strings(_BYTEA, values)


def understand(context: AdaptContext) -> None:
    """Let a connection take packed arrays as parameters."""
    context.adapters.register_dumper(Packed, _PackedDumper)


class _PackedDumper(Dumper):
    """Hands the bytes on. Of no type of its own, so that the cast in the statement decides."""

    format = Format.BINARY

    def dump(self, obj: Packed) -> Packed:
        """The bytes as they are."""
        return obj


def _strings(element: int, values: Sequence[bytes | None]) -> Packed:
    parts = []
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (len(value).to_bytes(4, "big"), value)
    return _packed(element, len(values), parts, nulls=None in values)


def _packed(element: int, number: int, parts: Sequence[bytes], *, nulls: bool = False) -> Packed:
    dimensions = (1, number, 1) if number else (0, 0, 0)
    head = _HEAD.pack(dimensions[0], nulls, element, *dimensions[1:])
    # An array of no element has no dimension, and its form ends with the type.
    return Packed(b"".join((head if number else head[:12], *parts)))
