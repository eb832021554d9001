"""One slice of the cases at a time: filled into builds under way, or compared with what builds hold.

A slice is the cases that begin in one stretch of the log. Each history of it is folded from its beginning to its end
and then forgotten; however long the log, memory stays that of one slice. One slice more than there are stretches holds
what has no beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.engine.builds import Builds
from infrastructure.engine.histories import Histories
from infrastructure.engine.keeper import values_of
from infrastructure.engine.projecting import Decode, Failure, described, follow
from infrastructure.engine.projection_tables import REFUSALS, ProjectionTable, Values

if TYPE_CHECKING:
    from psycopg import Connection

    from domain.evolve import HistoryStep
    from infrastructure.log_entries import StoredRow

EVENTS_IN_A_SLICE: Final = 4_000  # on average: some ten megabytes while it is worked on
SHOWN: Final = 20  # differences that are told one by one; the others are counted

# Takes a slice of a build, unless it is in already.
_TAKE: Final = """
    INSERT INTO {schema}.filled (projection, build, slice, events, rows) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""

# Where the builds stand, in the same snapshot as their rows.
_POSITIONS: Final = "SELECT projection, build, position FROM {schema}.build"


@dataclass(frozen=True, slots=True)
class Stretches:
    """The log up to `end` in so many stretches of about the same length."""

    end: int
    count: int

    @classmethod
    def upto(cls, end: int) -> Stretches:
        """Stretches of the usual length."""
        return cls(end, max(1, -(-end // EVENTS_IN_A_SLICE)))

    def of(self, number: int) -> tuple[int, int]:
        """The position before one stretch, and its last."""
        return number * self.end // self.count, (number + 1) * self.end // self.count


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of a case that is not what the history says: "missing", "unfounded", or "changed" in these columns.

    "untold" is a case that cannot be told although nobody noted it as blocked. `key` is the row's or the case's, ids
    and codes only; no value is told.
    """

    projection: str
    kind: str
    case: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one slice."""

    number: int
    events: int
    rows: int
    blocked: int
    differences: int = 0
    shown: tuple[Difference, ...] = ()
    cases: tuple[str, ...] = ()  # those that differ


class Slices:
    """Works on the slices of one landlord's cases over a connection of its own; for one thread."""

    def __init__(
        self,
        conn: Connection[Any],
        schema: str,
        tables: Sequence[ProjectionTable[Any]],
        stretches: Stretches,
        decode: Decode,
    ) -> None:
        self._conn = conn
        self._tables = tables
        self._stretches = stretches
        self._decode = decode
        self._builds = Builds(schema)
        self._histories = Histories(schema)
        self._take = SQL(_TAKE).format(schema=Identifier(schema)).as_bytes(None)
        self._positions = SQL(_POSITIONS).format(schema=Identifier(schema)).as_bytes(None)

    def fill(self, number: int) -> Done:
        """Write the rows of a slice, as of the end of the stretches, into the builds that do not hold it yet."""
        upto = self._stretches.end
        told = [_Told(table) for table in self._tables]
        events = 0
        histories = self._read(number, upto)
        while histories:
            case, history = histories.popitem()
            events += len(history)
            steps, failure = self._followed(history)
            for one in told:
                one.add(case, steps, failure)
        with self._conn.transaction():
            for one in told:
                name, build = one.table.key
                taken = self._conn.execute(self._take, [name, build, number, events, one.counted()])
                if taken.rowcount:
                    one.write(self._conn, upto)
                    self._builds.block(self._conn, one.table.key, one.failures)
        return Done(number, events, sum(one.counted() for one in told), sum(len(one.failures) for one in told))

    def verify(self, number: int) -> Done:
        """Compare what the builds hold of a slice with what its histories say, blocked cases apart."""
        with self._conn.transaction():
            # One snapshot, so that rows, positions and events tell of the same moment.
            self._conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor = self._conn.cursor(row_factory=tuple_row)
            at = {(name, build): position for name, build, position in cursor.execute(self._positions)}
            apart = {(one.projection, one.build, one.case_id) for one in self._builds.blocked(self._conn)}
            if gone := [table.view.name for table in self._tables if table.key not in at]:
                raise LookupError(f"what was read of {', '.join(gone)} was dropped meanwhile: verify again")
            histories = self._read(number, max(at[table.key] for table in self._tables))
            checks = [
                _Check(table, at[table.key], self._held(number, table, list(histories))) for table in self._tables
            ]
        events = sum(map(len, histories.values()))
        blocked = 0
        while histories:
            case, history = histories.popitem()
            steps, failure = self._followed(history)
            for check in checks:
                if (*check.table.key, case) in apart:
                    blocked += 1
                    check.leave_out(case)
                else:
                    check.expect(case, steps, failure)
        found = [difference for check in checks for difference in check.differences()]
        rows = sum(len(check.stored) for check in checks)
        cases = tuple(dict.fromkeys(difference.case for difference in found))
        return Done(number, events, rows, blocked, len(found), tuple(found[:SHOWN]), cases)

    def _read(self, number: int, upto: int) -> dict[str, list[StoredRow]]:
        if number == self._stretches.count:
            return self._histories.strays(self._conn, upto)
        return self._histories.begun(self._conn, *self._stretches.of(number), upto)

    def _held(self, number: int, table: ProjectionTable[Any], cases: list[str]) -> list[Values]:
        """The rows of these cases; in the last slice, also those of cases that are not in the log at all."""
        held = table.of_cases(self._conn, cases)
        return held + table.unfounded(self._conn) if number == self._stretches.count else held

    def _followed(self, history: Sequence[StoredRow]) -> tuple[list[HistoryStep], Failure | None]:
        steps: list[HistoryStep] = []
        return steps, follow(steps, history, self._decode)


class _Told:
    """What a slice means for one table: rows by case, and what could not be told."""

    def __init__(self, table: ProjectionTable[Any]) -> None:
        self.table = table
        self.failures: dict[str, Failure] = {}
        self._rows: dict[str, list[Values]] = {}

    def add(self, case: str, steps: Sequence[HistoryStep], failure: Failure | None) -> None:
        """Take in one case as far as it could be followed."""
        values = values_of(self.table, steps)
        if isinstance(values, Failure):
            failure = failure or values
            values = _last_told(self.table, steps)
        if failure is not None:
            self.failures[case] = failure
        if values:
            self._rows[case] = values

    def counted(self) -> int:
        """How many rows there are."""
        return sum(map(len, self._rows.values()))

    def write(self, conn: Connection[Any], upto: int) -> None:
        """Add the rows; those of a case that the database refuses are left out, and the case noted."""
        try:
            with conn.transaction():
                self.table.insert(conn, (row for rows in self._rows.values() for row in rows))
        except REFUSALS:
            for case, rows in self._rows.items():
                try:
                    with conn.transaction():
                        self.table.insert(conn, rows)
                except REFUSALS as refusal:
                    self.failures[case] = Failure(upto, described(refusal))


def _last_told(table: ProjectionTable[Any], steps: Sequence[HistoryStep]) -> list[Values]:
    """The rows of a history that the view fails on, as of before it began to fail: the last that is known of it."""
    rows: list[Values] = []
    told, failing = 0, len(steps)
    while failing - told > 1:
        middle = (told + failing) // 2
        found = values_of(table, steps[:middle])
        if isinstance(found, Failure):
            failing = middle
        else:
            told, rows = middle, found
    return rows


class _Check:
    """What one table holds of a slice beside what it should hold."""

    def __init__(self, table: ProjectionTable[Any], position: int, stored: Sequence[Values]) -> None:
        self.table = table
        columns = list(table.columns)
        self._position = position
        self._case = columns.index("case_id")
        self._key = [columns.index(column) for column in table.view.key]
        self.stored = {self._key_of(row): row for row in stored}
        self._expected: dict[tuple[str, ...], Values] = {}
        self._apart: set[str] = set()
        self._untold: list[str] = []

    def leave_out(self, case: str) -> None:
        """A blocked case is known to be behind."""
        self._apart.add(case)

    def expect(self, case: str, steps: Sequence[HistoryStep], failure: Failure | None) -> None:
        """What the history of a case says at the table's position."""
        known = [step for step in steps if step.event.position <= self._position]
        told = failure if failure and failure.position <= self._position else values_of(self.table, known)
        if isinstance(told, Failure):
            self._untold.append(case)
            self._apart.add(case)
        else:
            self._expected.update((self._key_of(row), row) for row in told)

    def differences(self) -> Iterator[Difference]:
        """Every row that is not as it should be."""
        name = self.table.view.name
        for case in self._untold:
            yield Difference(name, "untold", case, (case,), ())
        for key, row in self._expected.items():
            held = self.stored.get(key)
            if held is None:
                yield Difference(name, "missing", row[self._case], key, ())
            elif held != row:
                named = zip(self.table.columns, row, held, strict=True)
                columns = tuple(column for column, one, other in named if one != other)
                yield Difference(name, "changed", row[self._case], key, columns)
        for key, row in self.stored.items():
            if key not in self._expected and row[self._case] not in self._apart:
                yield Difference(name, "unfounded", row[self._case], key, ())

    def _key_of(self, row: Values) -> tuple[str, ...]:
        return tuple(str(row[place]) for place in self._key)
