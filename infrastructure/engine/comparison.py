"""Two builds of one read model beside each other: what a switch from one to the other would change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Identifier

from infrastructure.engine.slices import SHOWN, Difference

if TYPE_CHECKING:
    from psycopg import Connection

    from infrastructure.engine.builds import Build

# The cases that can be compared: not those that changed between the two positions, nor those that are blocked in one.
_APART: Final = """
    SELECT DISTINCT stream::text FROM {schema}.event WHERE position > %(from)s AND position <= %(to)s
    UNION SELECT case_id FROM {schema}.blocked WHERE projection = %(projection)s AND build = ANY(%(builds)s)
"""

_POSITIONS: Final = """
    SELECT build, position FROM {schema}.build WHERE projection = %(projection)s AND build = ANY(%(builds)s)
"""

# The columns that both have.
_COLUMNS: Final = """
    SELECT attname FROM pg_attribute WHERE attrelid = %(new)s::regclass AND attnum > 0 AND NOT attisdropped
    INTERSECT
    SELECT attname FROM pg_attribute WHERE attrelid = %(old)s::regclass AND attnum > 0 AND NOT attisdropped
"""

# Some of the rows that are in one of the two only, or not the same in both, and how many there are.
_DIFFERING: Final = """
    SELECT {key}, old.case_id IS NULL, new.case_id IS NULL, {changed}, count(*) OVER ()
    FROM (SELECT * FROM {new} WHERE {wanted}) AS new FULL JOIN (SELECT * FROM {old} WHERE {wanted}) AS old USING ({key})
    WHERE old.case_id IS NULL OR new.case_id IS NULL OR {differs}
    LIMIT %(shown)s
"""

# All rows of both, where their keys are not of the same columns: then each of them differs.
_BOTH: Final = """
    SELECT (SELECT count(*) FROM {new} WHERE {wanted}) + (SELECT count(*) FROM {old} WHERE {wanted})
"""

# All rows of the new one, where the table of the old one is lost: then there is nothing that they could agree with.
_NEW: Final = "SELECT count(*) FROM {new} WHERE {wanted}"


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows of the new build are not what the old one says, some of them, and which cases only it blocks.

    `apart` is how many cases were left out: they changed between the positions of the two, or are blocked in one.
    """

    differences: int
    shown: tuple[Difference, ...]
    apart: int
    newly_blocked: tuple[str, ...]


def compared(
    conn: Connection[Any],
    schema: str,
    before: Build,
    after: Build,
    key: tuple[str, ...],
    only: Collection[str] | None = None,
) -> Compared:
    """The tables of two builds in one snapshot; of some cases `only`, within the caller's transaction."""
    params: dict[str, Any] = {"projection": before.projection, "builds": [before.build, after.build]}
    cursor = conn.cursor(row_factory=tuple_row)
    with conn.transaction():
        if only is None:
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        filled = {"schema": Identifier(schema)}
        at: dict[int, int] = dict(cursor.execute(SQL(_POSITIONS).format(**filled), params).fetchall())
        params |= {"from": min(at.values()), "to": max(at.values())}
        apart = [case for (case,) in cursor.execute(SQL(_APART).format(**filled), params)]
        newly = cursor.execute(
            SQL(
                "SELECT case_id FROM {schema}.blocked WHERE projection = %s AND build = %s EXCEPT"
                " SELECT case_id FROM {schema}.blocked WHERE projection = %s AND build = %s ORDER BY case_id"
            ).format(**filled),
            [after.projection, after.build, before.projection, before.build],
        ).fetchall()
        names = [f'"{schema}"."{table}"' for table in (after.table, before.table)]
        [(lost,)] = cursor.execute("SELECT to_regclass(%s) IS NULL", [names[1]]).fetchall()
        both_have = [] if lost else cursor.execute(_COLUMNS, {"new": names[0], "old": names[1]}).fetchall()
        common = {name for (name,) in both_have}
        columns = sorted(common.difference(key))
        wanted: Composable = SQL("case_id <> ALL(%(apart)s::text[])")
        if only is not None:
            wanted += SQL(" AND case_id = ANY(%(only)s::text[])")
        params |= {"apart": apart, "only": list(only or ()), "shown": SHOWN}
        tables = {"new": Identifier(schema, after.table), "old": Identifier(schema, before.table), "wanted": wanted}
        if lost:
            [(rows_of_new,)] = cursor.execute(SQL(_NEW).format(**tables), params).fetchall()
            return Compared(rows_of_new, (), len(apart), tuple(case for (case,) in newly))
        if not common.issuperset(key):
            [(both,)] = cursor.execute(SQL(_BOTH).format(**tables), params).fetchall()
            return Compared(both, (), len(apart), tuple(case for (case,) in newly))
        query = SQL(_DIFFERING).format(
            **tables,
            key=SQL(", ").join(map(Identifier, key)),
            differs=SQL(" OR ").join(map(_differs, columns)) if columns else SQL("false"),
            changed=SQL("ARRAY[{}]").format(
                SQL(", ").join(
                    SQL("CASE WHEN {} THEN {}::text END").format(_differs(column), column) for column in columns
                )
            ),
        )
        rows = cursor.execute(query, params).fetchall()
    shown = tuple(_difference(before.projection, key, row) for row in rows)
    return Compared(rows[0][-1] if rows else 0, shown, len(apart), tuple(case for (case,) in newly))


def _differs(column: str) -> Composable:
    # As text: what is structured has no equality of its own, and the same history gives the same bytes.
    return SQL("new.{0}::text IS DISTINCT FROM old.{0}::text").format(Identifier(column))


def _difference(projection: str, columns_of_key: tuple[str, ...], row: tuple[Any, ...]) -> Difference:
    key = tuple(str(part) for part in row[: len(columns_of_key)])
    added, gone, changed, _ = row[len(columns_of_key) :]
    kind = "added" if added else "gone" if gone else "changed"
    columns = () if added or gone else tuple(column for column in changed if column is not None)
    return Difference(projection, kind, key[columns_of_key.index("case_id")], key, columns)
