"""The tables of the read models, derived from their row types: how they are made, filled and read.

Rows travel as JSON both ways, so a column needs no code of its own; the annotations of the row type say what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Generic, LiteralString, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from domain.personal import Personal
from infrastructure.sealing import from_copy, sealed_copy
from projections.view import Row, View

R = TypeVar("R", bound=Row)

# The C collation orders ids by their bytes, as Python does, so that pages can be merged with rows folded live.
_COLUMN_TYPES: Final[dict[object, LiteralString]] = {
    str: 'text COLLATE "C"',
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
}

# Everything that is held of these cases, before their rows are written anew.
_DELETE: Final = "DELETE FROM {table} WHERE case_id = ANY(%s::text[])"

# Rows as one JSON array; the table's own columns say how each value is to be read.
_INSERT: Final = "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"

# All rows of one case.
_OF_CASE: Final = "SELECT to_jsonb(held)::text FROM {table} AS held WHERE case_id = %s ORDER BY {key}"


class ProjectionTable(Generic[R]):
    """The table of one view in one landlord's schema."""

    def __init__(self, schema: str, view: View[R]) -> None:
        self.view = view
        self.name = Identifier(schema, view.table)
        self._schema = schema
        self._encoder = msgspec.json.Encoder(enc_hook=_sealed)
        self._decoder = msgspec.json.Decoder(view.row, dec_hook=_unread)

    def definition(self) -> list[Composed]:
        """The statements that make the table and its indexes where they are missing."""
        hints = get_type_hints(self.view.row)
        columns = [SQL("{} " + _column_type(hint)).format(Identifier(name)) for name, hint in hints.items()]
        key = SQL(", ").join(map(Identifier, self.view.key))
        table = SQL("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))")
        index = SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})")
        return [
            table.format(self.name, SQL(", ").join(columns), key),
            *(
                index.format(
                    Identifier(f"{self.view.table}_{'_'.join(searched)}"),
                    self.name,
                    SQL(", ").join(map(Identifier, searched)),
                )
                for searched in self.view.indexes
            ),
        ]

    def encode(self, row: R) -> bytes:
        """The row as JSON, personal values as their sealed copies. Raises `NotSealed` for a copy that has none."""
        return self._encoder.encode(row)

    def decode(self, stored: str) -> R:
        """The row that a query gives as `to_jsonb(row)::text`; its personal values open like any other."""
        return self._decoder.decode(stored)

    def of_case(self, conn: Connection[Any], case: str) -> list[R]:
        """The rows of one case in the order of the view's key."""
        key = SQL(", ").join(map(Identifier, self.view.key))
        query = SQL(_OF_CASE).format(table=self.name, key=key)
        texts = conn.cursor(row_factory=tuple_row).execute(query, [case]).fetchall()
        return [self.decode(text) for (text,) in texts]

    def replace(self, conn: Connection[Any], cases: Sequence[str], rows: Sequence[bytes]) -> None:
        """Put these encoded rows in the place of all rows of these cases; within the caller's transaction."""
        conn.execute(SQL(_DELETE).format(table=self.name), [list(cases)])
        if rows:
            array = b"".join((b"[", b",".join(rows), b"]")).decode()
            conn.execute(SQL(_INSERT).format(table=self.name), [array])


def _column_type(hint: object, *, optional: bool = False) -> LiteralString:
    """The SQL of a column that holds values of this annotation."""
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, NewType):
        return _column_type(hint.__supertype__, optional=optional)
    if origin in (Union, UnionType) and NoneType in arguments and len(arguments) == 2:
        return _column_type(next(argument for argument in arguments if argument is not NoneType), optional=True)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        hint = str
    kind: LiteralString = _COLUMN_TYPES.get(hint, "jsonb")
    if origin is tuple and arguments[0] is str:
        kind = "text[]"
    return kind if optional else kind + " NOT NULL"


def _sealed(value: object) -> msgspec.Raw:
    if isinstance(value, Personal):
        return msgspec.Raw(sealed_copy(value))
    raise TypeError(f"a row holds a {type(value).__name__}, which has no form in JSON")


def _unread(kind: type, stored: object) -> Personal:
    if kind is Personal:
        return from_copy(msgspec.json.encode(stored))
    raise TypeError(f"a row holds a {kind.__name__}, which has no form in JSON")
