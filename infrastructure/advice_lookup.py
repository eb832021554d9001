"""What is known of a customer and of a home before somebody answers, calls or visits: in one read.

The read model holds what advice asks for. Whatever it does not account for yet, or cannot, is folded from the log, so
that an answer is never behind; what cannot be read there either is said to be unread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from application.streams import is_stream_id
from domain.case import Case
from domain.codes import CaseId, SubjectId
from infrastructure.engine.projecting import follow
from infrastructure.engine.projector import Projector
from infrastructure.served_table import LOST, ServedTable
from projections.contact_advice import CONTACT_ADVICE, ContactAdviceRow, part_of_case

if TYPE_CHECKING:
    from psycopg import Connection

    from domain.evolve import HistoryStep
    from infrastructure.engine.projection_tables import ProjectionTable
    from projections.view import View

CASES_AT_ONCE: Final = 4  # of one person, as many as _LOOK names; few have more than one
CASES_BY_REFERENCE: Final = 10  # as many as _BY_REFERENCE gives at most
CASES_OF_A_HOME: Final = 100  # likewise of those that attach something to one home
EVENTS_LOOKED_THROUGH: Final = 1000  # likewise of those that the build does not account for; nearly always none

# Where the log, the landlord's own stream and the build that is read are; whom a reference belongs to; cases that have
# attached something to a home since, or did so in a part that cannot be told. Then the row of each of a customer's
# cases, and those of the homes asked about or lived in. There is a line even when there is no case. Whatever there may
# be several of has a limit: so the server keeps one plan of index look-ups, whatever it knows of the tables yet.
_LOOK: Final[LiteralString] = """
    WITH who AS MATERIALIZED (
        SELECT <who> AS person
    ), served AS MATERIALIZED (
        SELECT version, build, position FROM {schema}.serving JOIN {schema}.build USING (projection, build)
        WHERE projection = {projection}
    ), own AS MATERIALIZED (
        SELECT wanted.number, wanted.case_id, latest.position AS latest, held.lives_at, held.stored
        FROM <wanted>
        CROSS JOIN LATERAL (
            SELECT position FROM {schema}.event WHERE stream = wanted.case_id::uuid ORDER BY version DESC LIMIT 1
        ) AS latest
        LEFT JOIN LATERAL (
            SELECT mine.lives_at, row_to_json(mine)::text AS stored FROM {table} AS mine
            WHERE mine.case_id = wanted.case_id AND mine.home = '' LIMIT 1
        ) AS held ON true
    ), there AS MATERIALIZED (
        SELECT homes.home, held.case_id, latest.position AS latest, held.stored
        FROM (SELECT %s::text AS home UNION SELECT lives_at FROM own) AS homes
        CROSS JOIN LATERAL (
            SELECT theirs.case_id, row_to_json(theirs)::text AS stored FROM {table} AS theirs
            WHERE theirs.home = homes.home LIMIT 100
        ) AS held
        CROSS JOIN LATERAL (
            SELECT position FROM {schema}.event WHERE stream = held.case_id::uuid ORDER BY version DESC LIMIT 1
        ) AS latest
    )
    SELECT (SELECT position FROM {schema}.head) AS head,
        (SELECT version FROM {schema}.event WHERE stream = %s::uuid ORDER BY version DESC LIMIT 1) AS landlord,
        who.person::text AS person,
        EXISTS (SELECT FROM {schema}.person WHERE id = who.person) AS entered,
        served.version, served.build, served.position AS told, unseen.cases AS unseen,
        found.case_id, found.home, found.latest,
        (
            SELECT position FROM {schema}.blocked
            WHERE projection = {projection} AND blocked.build = served.build AND blocked.case_id = found.case_id
        ) AS blocked,
        found.stored
    FROM served CROSS JOIN who
    CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT later.stream::text, ',') AS cases FROM (
            (
                SELECT event.stream, event.type FROM {schema}.event WHERE event.position > served.position
                ORDER BY event.position LIMIT 1000
            )
            UNION ALL
            SELECT event.stream, event.type FROM {schema}.blocked
            JOIN {schema}.event ON event.stream = blocked.case_id::uuid AND event.position >= blocked.position
            WHERE blocked.projection = {projection} AND blocked.build = served.build
        ) AS later WHERE starts_with(later.type, 'Safe') OR later.type = 'HomeRecorded'
    ) AS unseen
    LEFT JOIN (
        SELECT number, case_id, NULL AS home, latest, stored FROM own
        UNION ALL
        SELECT 0, case_id, home, latest, stored FROM there
    ) AS found ON true
    ORDER BY found.number, found.case_id, found.home
"""

# By the person's id, with the ids of their cases; or by a reference, with those of their cases that are told by now.
_BY_ID: Final[LiteralString] = _LOOK.replace("<who>", "%s::uuid").replace(
    "<wanted>", "(VALUES (1, %s::text), (2, %s::text), (3, %s::text), (4, %s::text)) AS wanted (number, case_id)"
)
_BY_REFERENCE: Final[LiteralString] = _LOOK.replace(
    "<who>", "(SELECT person FROM {schema}.person_reference WHERE hash = %s::bytea)"
).replace(
    "<wanted>",
    """who CROSS JOIN LATERAL (
            SELECT told.ordinal AS number, told.case_id FROM {table} AS told
            WHERE told.person = who.person::text AND told.home = '' LIMIT 10
        ) AS wanted""",
)

# Cases that may have attached something to a home after a position, when there is more than `_LOOK` goes through.
_UNSEEN: Final = """
    SELECT DISTINCT stream::text FROM {schema}.event
    WHERE position > %s AND (starts_with(type, 'Safe') OR type = 'HomeRecorded')
"""


class _Line(NamedTuple):
    head: int
    landlord: int | None
    person: str | None
    entered: bool
    version: int
    build: int
    told: int
    unseen: str | None
    case_id: str | None
    home: str | None
    latest: int
    blocked: int | None
    stored: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAbout:
    """Whom or what a question is about: a person by id or by the hash of a reference, a home, or both."""

    person: SubjectId | None = None
    reference: bytes | None = None
    home: str | None = None


@dataclass(slots=True, kw_only=True)
class Known:
    """What is known; `unread` says that a case of the person cannot be read, `home_unread` one that may concern a home.

    `head` is the log's position, `landlord` the version of the landlord's own stream. `entered`: the directory has the
    person, erased or not. The cases hold what advice asks for, and perhaps no more.
    """

    head: int = 0
    landlord: int = 0
    person: SubjectId | None = None
    entered: bool = False
    cases: dict[str, Case] = field(default_factory=dict)
    at_home: dict[tuple[str, str], Case] = field(default_factory=dict)  # by case and home; "" is the whole case
    homes: set[str] = field(default_factory=set)
    looked_at: set[str] = field(default_factory=set)
    unread: bool = False
    home_unread: bool = False


class AdviceLookup:
    """Looks customers and homes up, one landlord's. Safe to share between threads.

    `case_of` gives the id of a person's first, second, … case; `landlord_stream` is the landlord's own.
    """

    def __init__(self, projector: Projector, case_of: Callable[[SubjectId, int], CaseId], landlord_stream: str) -> None:
        view: View[ContactAdviceRow] = projector.view(CONTACT_ADVICE.name)
        self._version = view.version
        self._recorder = projector.recorder
        self._decode = projector.decode
        self._case_of = case_of
        self._landlord_stream = landlord_stream
        self._by_id = ServedTable(projector, view, _BY_ID, _Line)
        self._by_reference = ServedTable(projector, view, _BY_REFERENCE, _Line)
        self._unseen = SQL(_UNSEEN).format(schema=Identifier(projector.schema)).as_bytes(None)

    def about(self, asked: AskedAbout) -> Known:
        """What is known of this person and this home; the cases of merged records are those of the person.

        One read tells of a customer with up to three cases and of the homes; more are made for records that were
        merged, for further cases, for what happened just now, and for a reference whose cases are not all told yet.
        """
        known = Known()
        begin, found = self._look(known, asked)
        known.head, known.landlord, known.entered = begin.head, begin.landlord or 0, begin.entered
        person = asked.person
        if begin.person is not None:
            known.person = person = SubjectId(begin.person)
        if asked.reference is None:
            self._further(known, person, found)
        elif begin.told < begin.head or begin.version != self._version or found == CASES_BY_REFERENCE:
            self._further(known, person, None)
        self._merged(known, {person})
        known.homes.update(case.home for case in known.cases.values() if case.home)
        if asked.home is not None:
            known.homes.add(asked.home)
        for home in sorted(known.homes - known.looked_at):
            self._look(known, AskedAbout(home=home))
        if known.homes:
            self._since(known, begin)
        whole = {case for case, home in known.at_home if not home}
        known.at_home = {
            (case, home): told
            for (case, home), told in known.at_home.items()
            if case not in known.cases and not (home and case in whole)
        }
        return known

    def _further(self, known: Known, person: SubjectId | None, found: int | None) -> None:
        """The person's cases from the next one on, when `found` were there; from the first on when it is None."""
        first = 1
        while person is not None and (found is None or found == CASES_AT_ONCE):  # they are numbered without a gap
            first += CASES_AT_ONCE if found is not None else 0
            _, found = self._look(known, AskedAbout(person=person), first)

    def _merged(self, known: Known, looked: set[SubjectId | None]) -> None:
        """The cases of whoever turned out to be this person, and of whoever turned out to be those."""
        while further := {other for case in known.cases.values() for other in case.persons()} - looked:
            for other in sorted(further, key=str):
                looked.add(other)
                self._further(known, other, None)

    def _look(self, known: Known, asked: AskedAbout, first: int = 1) -> tuple[_Line, int]:
        """Add what one read tells; where the log was then, and how many of the person's cases are there."""
        around = [asked.home, self._landlord_stream]
        if asked.reference is not None:
            table, lines = self._by_reference.lines([asked.reference, *around])
        else:
            # An id is written in one way only: under another spelling nobody is known.
            person = asked.person if asked.person is not None and is_stream_id(asked.person) else None
            ordinals = range(first, first + CASES_AT_ONCE)
            ids = [None if person is None else self._case_of(person, ordinal) for ordinal in ordinals]
            table, lines = self._by_id.lines([person, *ids, *around])
        if table is None:  # somebody dropped it: it tells nothing, and what it would have told is in the log
            lines = [line._replace(version=LOST, told=0) for line in lines]
        if asked.home is not None:
            known.looked_at.add(asked.home)
        own = [line for line in lines if line.case_id is not None and line.home is None]
        for line in own:
            self._own(known, line, table)
        there = [line for line in lines if line.home is not None]
        for line in there:
            self._there(known, line, table)
        if any(given == CASES_OF_A_HOME for given in Counter(line.home for line in there).values()):
            known.home_unread = True
        return lines[0], len(own)

    def _own(self, known: Known, line: _Line, table: ProjectionTable[ContactAdviceRow] | None) -> None:
        row = self._row(line, table)
        if row is not None and row.lives_at is not None:
            known.looked_at.add(row.lives_at)
        case = part_of_case(row) if row and self._is_told(line) else self._folded(line.case_id)
        if case is None:
            known.unread = True
        else:
            known.cases[case.id] = case

    def _there(self, known: Known, line: _Line, table: ProjectionTable[ContactAdviceRow] | None) -> None:
        """A case that attaches something to a home; what was told of it before it could not be read still counts."""
        row = self._row(line, table)
        case = part_of_case(row) if row and self._is_told(line) else self._folded(line.case_id)
        if case is None:
            known.home_unread = True
            case = part_of_case(row) if row else None
        if case is not None:
            known.at_home[case.id, line.home or ""] = case

    def _since(self, known: Known, begin: _Line) -> None:
        """Cases that attached something to one of the homes, and that the build does not account for."""
        unseen = set((begin.unseen or "").split(",")) - {""}
        readable = begin.version == self._version
        told = begin.told if readable else 0
        if not readable or begin.head - told > EVENTS_LOOKED_THROUGH:
            unseen |= self._all_unseen(told)
        for case_id in sorted(unseen - known.cases.keys()):
            case = self._folded(case_id)
            if case is None:
                known.home_unread = True
            else:
                known.at_home[case.id, ""] = case

    def _all_unseen(self, told: int) -> set[str]:
        def work(conn: Connection[Any]) -> set[str]:
            found = conn.cursor(row_factory=tuple_row).execute(self._unseen, [told]).fetchall()
            return {stream for (stream,) in found}

        return self._recorder.server.run(work)

    def _row(self, line: _Line, table: ProjectionTable[ContactAdviceRow] | None) -> ContactAdviceRow | None:
        if table is None or line.stored is None or line.version != self._version:
            return None
        return table.decode(line.stored)

    def _is_told(self, line: _Line) -> bool:
        """Whether the stored row of a case is all that there is to say."""
        return line.blocked is None and line.told >= line.latest

    def _folded(self, case_id: str | None) -> Case | None:
        """The case as the log tells it; None when it cannot be read to its end."""
        steps: list[HistoryStep] = []
        if case_id is None:
            return None
        if follow(steps, self._recorder.read_stream(UUID(case_id)), self._decode) is not None or not steps:
            return None
        return steps[-1].after
