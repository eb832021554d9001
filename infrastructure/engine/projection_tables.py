"""The tables of the read models, derived from their row types: how they are made, filled and read.

A column needs no code of its own: the annotations of the row type say what it is. What is structured stands as JSON,
kept as it was written, so that two rows made of the same history are the same bytes and can be compared.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Final, Generic, LiteralString, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import psycopg
from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from domain.personal import Personal
from infrastructure.engine.builds import table_name
from infrastructure.postgres.arrays import bigint, boolean, day, instant, text, texts
from infrastructure.postgres.straight import Asked
from infrastructure.sealing import from_copy, sealed_copy
from projections.view import Row, View

R = TypeVar("R", bound=Row)

# How the database says that a value cannot be in a row: it concerns the case that it is of, and nobody else.
REFUSALS: Final = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)

# One row as the values of its columns; what is structured is the bytes of its JSON.
Values = tuple[Any, ...]

# The C collation orders ids by their bytes, as Python does, so that pages can be merged with rows folded live.
_COLUMN_TYPES: Final[dict[object, LiteralString]] = {
    str: "text",
    int: "int8",
    bool: "bool",
    date: "date",
    datetime: "timestamptz",
}
# How each is sent alone.
_PACKED: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "text": text,
    "int8": bigint,
    "bool": boolean,
    "date": day,
    "timestamptz": instant,
    "text[]": texts,
    "json": bytes,
}
_COLLATED: Final[dict[LiteralString, LiteralString]] = {"text": ' COLLATE "C"'}

# Everything that is held of these cases, before their rows are written anew.
_DELETE: Final = "DELETE FROM {table} WHERE case_id = ANY({cases}::text[])"

# Many rows at once, each value in the server's own form.
_COPY: Final = "COPY {table} FROM STDIN (FORMAT binary)"

# One row, sent with whatever else is written.
_INSERT: Final = "INSERT INTO {table} ({names}) VALUES ({values})"

# The one row of a case, in the place of what is held of it.
_REPLACE: Final = "INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT (case_id) DO UPDATE SET {changed}"

# All rows of one case.
_OF_CASE: Final = "SELECT row_to_json(held)::text FROM {table} AS held WHERE case_id = %s ORDER BY {key}"

# All rows of some cases, as the values that were written.
_VALUES: Final = "SELECT {columns} FROM {table} WHERE case_id = ANY(%b::text[]) ORDER BY {key}"

# Likewise the rows of whatever is no stream of the log.
_UNFOUNDED: Final = """
    SELECT {columns} FROM {table}
    WHERE NOT EXISTS (SELECT FROM {event} WHERE event.stream::text = case_id) ORDER BY {key}
"""


class _JsonAsWritten(Dumper):
    """JSON that is bytes already, whatever writes it."""

    format = Format.BINARY
    oid = 114  # json, fixed in PostgreSQL's catalogue

    def dump(self, obj: bytes) -> bytes:
        return obj


class ProjectionTable(Generic[R]):
    """The table of one build of one view in one landlord's schema."""

    def __init__(self, schema: str, view: View[R], build: int) -> None:
        self.view = view
        self.build = build
        self.key = (view.name, build)
        self.table = table_name(view.name, view.version, build)
        self.name = Identifier(schema, self.table)
        self.columns = _columns(view.row)
        self._values = attrgetter(*self.columns)
        self._as_json = [place for place, kind in enumerate(self.columns.values()) if kind == "json"]
        self._as_list = [place for place, kind in enumerate(self.columns.values()) if kind == "text[]"]
        self._encode = msgspec.json.Encoder(enc_hook=_sealed).encode
        self._decoder: msgspec.json.Decoder[R] = _decoder(view.row)
        key = SQL(", ").join(map(Identifier, view.key))
        told = SQL(", ").join(
            SQL("{}::text" if kind == "json" else "{}").format(Identifier(column))
            for column, kind in self.columns.items()
        )
        self._delete = SQL(_DELETE).format(table=self.name, cases=SQL("%b")).as_bytes(None)
        self._delete_straight = SQL(_DELETE).format(table=self.name, cases=SQL("$1")).as_bytes(None)
        self._copy = SQL(_COPY).format(table=self.name).as_bytes(None)
        names = SQL(", ").join(map(Identifier, self.columns))
        typed = SQL(", ").join(SQL(f"${n}::{kind}") for n, kind in enumerate(self.columns.values(), start=1))
        self._insert = SQL(_INSERT).format(table=self.name, names=names, values=typed).as_bytes(None)
        # A view with one row a case has it replaced in one statement, where others take away and add.
        self.one_row = view.key == ("case_id",)
        changed = SQL(", ").join(
            SQL("{0} = EXCLUDED.{0}").format(Identifier(column)) for column in self.columns if column != "case_id"
        )
        replace = SQL(_REPLACE).format(table=self.name, names=names, values=typed, changed=changed)
        self._replace = replace.as_bytes(None)
        self._case_at = list(self.columns).index("case_id")
        self._packed = [_PACKED[kind] for kind in self.columns.values()]
        self._of_case = SQL(_OF_CASE).format(table=self.name, key=key).as_bytes(None)
        self._select = SQL(_VALUES).format(table=self.name, key=key, columns=told).as_bytes(None)
        parts = {"table": self.name, "key": key, "columns": told, "event": Identifier(schema, "event")}
        self._unfounded = SQL(_UNFOUNDED).format(**parts).as_bytes(None)

    # Making it

    def definition(self) -> Composed:
        """The statement that makes the table where it is missing."""
        optional = _optional(self.view.row)
        columns = [
            SQL("{} " + kind + _COLLATED.get(kind, "") + ("" if name in optional else " NOT NULL")).format(
                Identifier(name)
            )
            for name, kind in self.columns.items()
        ]
        return SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(self.name, SQL(", ").join(columns))

    def indexes(self) -> list[Composed]:
        """The statements that make its indexes where they are missing; dearer before the rows than after them."""
        searched = [("key", self.view.key), *(("_".join(columns), columns) for columns in self.view.indexes)]
        return [
            SQL("CREATE " + ("UNIQUE " if named == "key" else "") + "INDEX IF NOT EXISTS {} ON {} ({})").format(
                Identifier(f"{self.table}_{named}"), self.name, SQL(", ").join(map(Identifier, columns))
            )
            for named, columns in searched
        ]

    def no_rows(self) -> Composed:
        """What stands in a query for a table of this kind without any row."""
        columns = (SQL("NULL::" + kind + " AS {}").format(Identifier(name)) for name, kind in self.columns.items())
        return SQL("(SELECT {} WHERE false)").format(SQL(", ").join(columns))

    # Writing rows

    def values(self, row: R) -> Values:
        """The row as it is written. Raises `NotSealed` for a personal value without a sealed copy."""
        values = list(self._values(row))
        for place in self._as_json:
            if values[place] is not None:
                values[place] = self._encode(values[place])
        for place in self._as_list:
            values[place] = list(values[place])
        return tuple(values)

    def delete(self, conn: Connection[Any], cases: Sequence[str]) -> None:
        """Take away all rows of these cases; within the caller's transaction."""
        conn.execute(self._delete, [list(cases)], prepare=True)

    def insert(self, conn: Connection[Any], rows: Iterable[Values]) -> None:
        """Add rows; within the caller's transaction. Raises `REFUSALS` when one cannot be written."""
        cursor = conn.cursor()
        cursor.adapters.register_dumper(bytes, _JsonAsWritten)
        with cursor.copy(self._copy) as copy:
            copy.set_types(list(self.columns.values()))
            for row in rows:
                with _refused():
                    copy.write_row(row)

    def writing(self, replaced: Sequence[str], rows: Sequence[Values]) -> Iterator[Asked]:
        """What puts rows in the place of all that is held of some cases. Raises `REFUSALS` when one cannot be sent."""
        with_row = {row[self._case_at] for row in rows} if self.one_row else ()
        if gone := [case for case in replaced if case not in with_row]:
            yield Asked(self._delete_straight, [texts(gone)])
        for row in rows:
            with _refused():
                values = [
                    None if value is None else packed(value) for packed, value in zip(self._packed, row, strict=True)
                ]
            yield Asked(self._replace if self.one_row else self._insert, values)

    # Reading rows

    def decode(self, stored: str) -> R:
        """The row that a query gives as `row_to_json(row)::text`; its personal values open like any other."""
        return self._decoder.decode(stored)

    def of_case(self, conn: Connection[Any], case: str) -> list[R]:
        """The rows of one case in the order of the view's key."""
        texts = conn.cursor(row_factory=tuple_row).execute(self._of_case, [case], prepare=True).fetchall()
        return [self.decode(text) for (text,) in texts]

    def of_cases(self, conn: Connection[Any], cases: Sequence[str]) -> list[Values]:
        """The rows of these cases as `values` gave them, in the order of the key."""
        return self._written(conn, self._select, [list(cases)])

    def unfounded(self, conn: Connection[Any]) -> list[Values]:
        """The rows of cases of which the log knows nothing."""
        return self._written(conn, self._unfounded, [])

    def _written(self, conn: Connection[Any], statement: bytes, params: Sequence[object]) -> list[Values]:
        cursor = conn.cursor(binary=True, row_factory=tuple_row)
        return [self._as_written(row) for row in cursor.execute(statement, params).fetchall()]

    def _as_written(self, row: tuple[Any, ...]) -> Values:
        values = list(row)
        for place in self._as_json:
            if values[place] is not None:
                values[place] = values[place].encode()
        return tuple(values)


@contextmanager
def _refused() -> Iterator[None]:
    """What cannot be sent is refused as the server would refuse it."""
    try:
        yield
    except (ValueError, TypeError, ArithmeticError, AttributeError, struct.error) as error:
        raise psycopg.DataError(f"a row holds what its column cannot: {type(error).__name__}") from error


# What follows from a row type is found out once, for the tables of all landlords.
@cache
def _columns(row: type) -> Mapping[str, LiteralString]:
    """The columns of a row type with the server's names for what they hold."""
    return {name: _column_type(hint) for name, hint in get_type_hints(row).items()}


@cache
def _decoder(row: type[R]) -> msgspec.json.Decoder[R]:
    return msgspec.json.Decoder(row, dec_hook=_unread)


def _optional(row: type) -> set[str]:
    return {name for name, hint in get_type_hints(row).items() if _present(hint) is not hint}


def _present(hint: object) -> object:
    """What a column holds when it holds anything."""
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType) and NoneType in arguments and len(arguments) == 2:
        return next(argument for argument in arguments if argument is not NoneType)
    return hint


def _column_type(hint: object) -> LiteralString:
    hint = _present(hint)
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        hint = str
    if get_origin(hint) is tuple and get_args(hint)[0] is str:
        return "text[]"
    return _COLUMN_TYPES.get(hint, "json")


def _sealed(value: object) -> msgspec.Raw:
    if isinstance(value, Personal):
        return msgspec.Raw(sealed_copy(value))
    raise TypeError(f"a row holds a {type(value).__name__}, which has no form in JSON")


def _unread(kind: type, stored: object) -> Personal:
    if kind is Personal:
        return from_copy(msgspec.json.encode(stored))
    raise TypeError(f"a row holds a {kind.__name__}, which has no form in JSON")
