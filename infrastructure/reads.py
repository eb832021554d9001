"""What the read models answer: a customer's alert, the register of the restricted, the audit trail of a case.

An answer about one customer is never behind: where the rows are, the history is folded at once. A list says which
log position it accounts for. A case that cannot be told is shown as it last was, marked, and never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, LiteralString, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.persistence import ProgrammingError
from psycopg import Connection
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from domain.codes import CaseId, SubjectId
from infrastructure.alert_lookup import AlertLookup, Place
from infrastructure.engine.projecting import project
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.engine.projector import Projector
from infrastructure.event_store import EVERYTHING
from infrastructure.served_table import LOST
from projections.alert_state import ALERT_STATE, IN_FORCE, AlertRow, Standing, standing_on
from projections.audit_trail import AUDIT_TRAIL, OF_CASE, AuditRow
from projections.view import Row, View

R = TypeVar("R", bound=Row)

# How far the log, one read model and these streams are; streams that are not there give no row.
_PLACES: Final = """
    SELECT wanted.stream::text AS case_id, latest.position AS latest, version, build.build, build.position AS told,
        blocked.position AS blocked
    FROM unnest(%(streams)s::uuid[]) AS wanted (stream)
    CROSS JOIN LATERAL (
        SELECT position FROM {schema}.event WHERE stream = wanted.stream ORDER BY version DESC LIMIT 1
    ) AS latest
    JOIN {schema}.serving ON serving.projection = %(projection)s
    JOIN {schema}.build USING (projection, build)
    LEFT JOIN {schema}.blocked ON blocked.projection = build.projection AND blocked.build = build.build
        AND blocked.case_id = wanted.stream::text
"""

# Which build of a read model is read, how far it is, and since when there is something that it does not account for.
_AGE: Final = """
    SELECT version, build, build.position,
        (SELECT recorded_at FROM {schema}.event WHERE event.position = build.position + 1)
    FROM {schema}.serving JOIN {schema}.build USING (projection, build) WHERE projection = %(projection)s
"""

# Blocked cases after a place in the list; not the landlord's own stream, which restricts nobody.
_BLOCKED_CASES: Final = """
    SELECT blocked.case_id FROM {schema}.blocked
    WHERE projection = %(projection)s AND build = %(build)s AND blocked.case_id >= %(case)s AND EXISTS (
        SELECT FROM {schema}.event
        WHERE stream = blocked.case_id::uuid AND event.version = 1 AND type = 'CaseOpened'
    )
    ORDER BY blocked.case_id
"""


class ListPlace(NamedTuple):
    """A place in the register: everything after this restriction of this case."""

    case_id: str
    restriction: str


@dataclass(frozen=True, slots=True)
class AlertAnswer:
    """What stands for a customer on a day, over all their cases; suspended restrictions are marked as such.

    `position` is a log position that the answer accounts for. `unknown_since` is the first position at which
    something happened that this release cannot tell: what is said holds as of before it. `known` says whether the
    landlord knows the person at all, whatever `upto` was asked for: by a case, or from the directory, erased or not.
    """

    standing: tuple[Standing, ...]
    cases: tuple[str, ...]
    position: int
    unknown_since: int | None
    known: bool


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A restricted customer, or with `standing` None a case of which too little can be told to say."""

    case_id: str
    person: str | None
    standing: Standing | None
    unknown_since: int | None


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Some restrictions in force on a day. `behind_since`: when the first event was recorded that it leaves out."""

    entries: tuple[RegisterEntry, ...]
    next: ListPlace | None
    position: int
    behind_since: datetime | None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some of a case's events; `next` is the position to go on after. `unknown_since` as in `AlertAnswer`."""

    rows: tuple[AuditRow, ...]
    next: int | None
    position: int
    unknown_since: int | None


class AwaitingRebuild(Exception):
    """A list cannot be answered: its rows are of another release's shape until somebody rebuilds them."""

    def __init__(self, projection: str, version: int, reads: int) -> None:
        super().__init__(
            f"the rows of {projection} are of version {version}, and this release reads version {reads}: "
            f"rebuild {projection}; questions about one customer or one case are answered meanwhile"
        )
        self.projection = projection


class TableLost(AwaitingRebuild):
    """A list cannot be answered: somebody dropped the table of the build that is read, or a backup left it out."""

    def __init__(self, projection: str) -> None:
        Exception.__init__(
            self,
            f"the table of {projection} is gone: rebuild {projection}, accepting what differs, or roll it back; "
            "questions about one customer or one case are answered meanwhile",
        )
        self.projection = projection


class _Age(NamedTuple):
    version: int
    build: int
    position: int
    behind_since: datetime | None


class _Live(NamedTuple):
    """Rows of one case folded from its history, and the position from which it cannot be told."""

    person: str | None
    rows: Sequence[Any]
    unknown_since: int | None


class Reads:
    """Answers from the read models of one landlord, which must be prepared. Safe to share between threads.

    `case_of` gives the id of a person's first, second, … case. Personal values in the answers are sealed.
    """

    def __init__(self, projector: Projector, case_of: Callable[[SubjectId, int], CaseId]) -> None:
        self._projector = projector
        self._recorder = projector.recorder
        self._lookup = AlertLookup(projector, case_of)
        self._alert: View[AlertRow] = projector.view(ALERT_STATE.name)
        self._trail: View[AuditRow] = projector.view(AUDIT_TRAIL.name)

    def alert(self, person: SubjectId, day: date, *, upto: int | None = None) -> AlertAnswer:
        """What stands for this person on a day, past or to come; with `upto`, as was known at that position."""
        found = self._lookup.cases_of(person)
        rows: list[AlertRow] = []
        cases: list[str] = []
        unknown: list[int] = []
        for case in found.cases:
            place = case.place
            if upto is None and self._is_told(self._alert, place, place.latest):
                rows += case.rows()
            else:
                live = self._live(self._alert, place, upto)
                if live.person is None and live.unknown_since is None:
                    continue  # not opened by then
                rows += live.rows
                unknown += [] if live.unknown_since is None else [live.unknown_since]
            cases.append(place.case_id)
        standing = (standing_on(row, day) for row in rows)
        return AlertAnswer(
            standing=tuple(s for s in standing if s),
            cases=tuple(cases),
            position=found.head if upto is None else upto,
            unknown_since=min(unknown, default=None),
            known=found.entered or bool(found.cases),
        )

    def register(self, day: date, *, after: ListPlace | None = None, limit: int = 100) -> RegisterPage:
        """Restrictions in force on a day, `limit` at a time, in the order of case and restriction."""
        place = after or ListPlace("", "")
        params = {"day": day, "case": place.case_id, "restriction": place.restriction, "limit": limit + 1}

        def work(conn: Connection[Any]) -> tuple[_Age, list[AlertRow], list[str]]:
            # One snapshot: a case that is blocked in between must be in one of the two lists.
            with conn.transaction():
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                age = conn.cursor(row_factory=args_row(_Age)).execute(self._sql(_AGE), _of(self._alert)).fetchone()
                if age is None or not self._alert.can_read(age.version):
                    raise AwaitingRebuild(self._alert.name, 0 if age is None else age.version, self._alert.version)
                table = self._table(self._alert, age)
                cursor = conn.cursor(row_factory=tuple_row)
                in_force = cursor.execute(self._sql(IN_FORCE, table.name), {**params, "build": age.build}).fetchall()
                blocked = cursor.execute(
                    self._sql(_BLOCKED_CASES), {**_of(self._alert), **params, "build": age.build}
                ).fetchall()
            return age, [table.decode(text) for (text,) in in_force], [case for (case,) in blocked]

        try:
            age, rows, blocked = self._recorder.server.run(work)
        except ProgrammingError as refusal:
            if isinstance(refusal.__cause__, UndefinedTable):
                raise TableLost(self._alert.name) from refusal
            raise
        entries = [RegisterEntry(row.case_id, row.person, standing_on(row, day), None) for row in rows]
        entries += [entry for case in blocked for entry in self._blocked_entries(case, day) if _place(entry) > place]
        entries.sort(key=_place)
        page = entries[:limit]
        following = _place(page[-1]) if len(entries) > limit else None
        return RegisterPage(tuple(page), following, age.position, age.behind_since)

    def trail(self, case: str, *, after: int = 0, limit: int = 100, upto: int | None = None) -> TrailPage | None:
        """The events of a stream after a position, in order; None for a stream that is not there.

        With `upto`, as was known at that position. The landlord's own stream is told in the same way.
        """
        found = self._places([case], self._trail)
        if not found:
            return None
        place, last = found[0], EVERYTHING if upto is None else upto
        unknown_since, rows = None, None
        if self._is_told(self._trail, place, min(place.latest, last)):
            params = {"case": case, "after": after, "upto": last, "limit": limit + 1}
            rows = self._trail_rows(place, params)
            place = place if rows is not None else place._replace(version=LOST, told=0)
        if rows is None:
            live = self._live(self._trail, place, upto)
            rows = [row for row in live.rows if after < row.position <= last][: limit + 1]
            unknown_since = live.unknown_since
        page = rows[:limit]
        position = min(place.latest, last)
        return TrailPage(tuple(page), page[-1].position if len(rows) > limit else None, position, unknown_since)

    def _blocked_entries(self, case: str, day: date) -> Iterator[RegisterEntry]:
        """What is in force in a blocked case as far as it can be told; when that is not all, the case all the same."""
        live = self._live(self._alert, self._places([case], self._alert)[0], None)
        standing = [s for s in (standing_on(row, day) for row in live.rows) if s and not s.suspended]
        for one in standing:
            yield RegisterEntry(case, live.person, one, live.unknown_since)
        if not standing and live.unknown_since is not None:
            yield RegisterEntry(case, live.person, None, live.unknown_since)

    def _live(self, view: View[R], place: Place, upto: int | None) -> _Live:
        """The rows of a case from its history; from what is stored only when the view fails on it."""
        projected = project([view], self._recorder.read_stream(UUID(place.case_id), upto), self._projector.decode)
        unknown_since = projected.failure.position if projected.failure else None
        person = projected.case.person or None
        if (rows := projected.rows[view.name]) is not None:
            return _Live(person, rows, unknown_since)
        return _Live(person, self._of_case(view, place) if view.can_read(place.version) else [], unknown_since)

    def _is_told(self, view: View[Any], place: Place, position: int) -> bool:
        """Whether the stored rows of a case are all that there is to say at a position."""
        return place.version == view.version and place.blocked is None and place.told >= position

    def _of_case(self, view: View[R], place: Place) -> list[R]:
        table = self._table(view, place)
        return self._recorder.server.run(lambda conn: table.of_case(conn, place.case_id))

    def _table(self, view: View[R], found: Place | _Age) -> ProjectionTable[R]:
        """The table of the build that is read; of an earlier version when that is what there is."""
        return ProjectionTable(self._projector.schema, replace(view, version=found.version), found.build)

    def _places(self, streams: Sequence[str], view: View[Any]) -> list[Place]:
        params = {**_of(view), "streams": [UUID(stream) for stream in streams]}
        statement = self._sql(_PLACES)
        return self._recorder.server.run(
            lambda conn: conn.cursor(row_factory=args_row(Place)).execute(statement, params).fetchall()
        )

    def _trail_rows(self, place: Place, params: dict[str, Any]) -> list[AuditRow] | None:
        """Rows of the audit trail; None where its table was dropped."""
        table = self._table(self._trail, place)
        query = self._sql(OF_CASE, table.name)
        try:
            texts = self._recorder.server.run(
                lambda conn: conn.cursor(row_factory=tuple_row).execute(query, params).fetchall()
            )
        except ProgrammingError as refusal:
            if isinstance(refusal.__cause__, UndefinedTable):
                return None
            raise
        return [table.decode(text) for (text,) in texts]

    def _sql(self, statement: LiteralString, table: Identifier | None = None) -> Composed:
        schema = self._projector.schema
        return SQL(statement).format(
            schema=Identifier(schema), blocked=Identifier(schema, "blocked"), table=table or SQL("")
        )


def _of(view: View[Any]) -> dict[str, Any]:
    return {"projection": view.name}


def _place(entry: RegisterEntry) -> ListPlace:
    return ListPlace(entry.case_id, entry.standing.row.restriction if entry.standing else "")
