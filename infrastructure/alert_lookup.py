"""What is stored of one customer's cases, in one read: how far each is, its rows, and whether they are all there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from application.streams import is_stream_id
from domain.codes import CaseId, SubjectId
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.engine.projector import Projector
from infrastructure.served_table import LOST, ServedTable
from projections.alert_state import ALERT_STATE, AlertRow
from projections.view import View

CASES_AT_ONCE: Final = 4  # of one person, as many as _LOOK names; few have more than one

# The head, whether the directory has the person, which build is read, and for each case that is there: its last
# position, from where on that build cannot tell it, and its rows in one build's table. There is a row even when there
# is no case. Cases are named one by one, and what there is one of is asked for as one: so the server keeps one plan
# of index look-ups, whatever it knows or does not know of the tables yet.
_LOOK: Final = """
    SELECT (SELECT position FROM {schema}.head) AS head,
        EXISTS (SELECT FROM {schema}.person WHERE id = %s::uuid) AS entered,
        build.version, build.build, build.position AS told, wanted.case_id, latest.position AS latest,
        (
            SELECT position FROM {schema}.blocked
            WHERE projection = {projection} AND blocked.build = build.build AND blocked.case_id = wanted.case_id
        ) AS blocked,
        row_to_json(held)::text AS stored
    FROM {schema}.serving
    CROSS JOIN LATERAL (
        SELECT version, build, position FROM {schema}.build
        WHERE projection = {projection} AND build = serving.build LIMIT 1
    ) AS build
    LEFT JOIN (
        (VALUES (1, %s::text), (2, %s::text), (3, %s::text), (4, %s::text)) AS wanted (number, case_id)
        CROSS JOIN LATERAL (
            SELECT position FROM {schema}.event WHERE stream = wanted.case_id::uuid ORDER BY version DESC LIMIT 1
        ) AS latest
        LEFT JOIN {table} AS held ON held.case_id = wanted.case_id
    ) ON true
    WHERE serving.projection = {projection}
    ORDER BY wanted.number, {key}
"""


class Place(NamedTuple):
    """How far a stream, and the build of a read model that is read, are; `blocked` from where it cannot be told."""

    case_id: str
    latest: int
    version: int
    build: int
    told: int
    blocked: int | None


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case, and its rows as the build that is read holds them."""

    place: Place
    stored: Sequence[str]
    table: ProjectionTable[AlertRow] | None

    def rows(self) -> list[AlertRow]:
        """The rows, in the order of the view's key. To be asked of a version that can be read."""
        return [] if self.table is None else [self.table.decode(text) for text in self.stored]


@dataclass(frozen=True, slots=True)
class StoredCases:
    """All cases of a person, the first one first. `head` is the log's when the read began.

    `entered` says whether the directory has the person, erased or not.
    """

    head: int
    entered: bool
    cases: Sequence[StoredCase]


class _Line(NamedTuple):
    head: int
    entered: bool
    version: int
    build: int
    told: int
    case_id: str | None
    latest: int
    blocked: int | None
    stored: str | None


class AlertLookup:
    """Looks persons up in the build that readers are sent to, one landlord's. Safe to share between threads."""

    def __init__(self, projector: Projector, case_of: Callable[[SubjectId, int], CaseId]) -> None:
        view: View[AlertRow] = projector.view(ALERT_STATE.name)
        self._case_of = case_of
        self._served = ServedTable(projector, view, _LOOK, _Line)

    def cases_of(self, person: SubjectId) -> StoredCases:
        """What is stored of a person's cases. Those up to the fourth are of one snapshot, and so on by fours."""
        # An id is written in one way only: under another spelling nobody is known.
        entry = person if is_stream_id(person) else None
        begin, found = self._four(person, entry, 1)
        cases = found
        while len(found) == CASES_AT_ONCE:  # they are numbered without a gap
            _, found = self._four(person, entry, len(cases) + 1)
            cases = [*cases, *found]
        return StoredCases(begin.head, begin.entered, cases)

    def _four(self, person: SubjectId, entry: str | None, first: int) -> tuple[_Line, list[StoredCase]]:
        """The case of this ordinal and those after it, as far as they are there, and where the log was."""
        ids = [self._case_of(person, ordinal) for ordinal in range(first, first + CASES_AT_ONCE)]
        table, lines = self._served.lines([entry, *ids])
        return lines[0], _by_case(table, lines)


def _by_case(table: ProjectionTable[AlertRow] | None, lines: Sequence[_Line]) -> list[StoredCase]:
    """The cases that are there, each with its rows."""
    cases: list[StoredCase] = []
    for case_id, group in groupby(lines, key=attrgetter("case_id")):
        if case_id is not None:
            of_case = list(group)
            one = of_case[0]
            # A table that is gone tells nothing, whatever version it was of.
            version, told = (LOST, 0) if table is None else (one.version, one.told)
            place = Place(case_id, one.latest, version, one.build, told, one.blocked)
            cases.append(StoredCase(place, [line.stored for line in of_case if line.stored is not None], table))
    return cases
