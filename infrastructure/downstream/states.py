"""How cases stand, for systems outside: from the read model that advice is given from, folded where that is behind.

A case that cannot be told to its end is shown as it last was, marked, and never left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from application.streams import is_stream_id
from infrastructure.engine.projecting import project
from infrastructure.reads import AwaitingRebuild, TableLost
from infrastructure.served_table import ServedTable
from projections.contact_advice import CONTACT_ADVICE, OF_THE_CASE, ContactAdviceRow
from projections.public_state import PublicState, public_state

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from infrastructure.engine.projection_tables import ProjectionTable
    from infrastructure.engine.projector import Projector
    from projections.view import View

FOLDED_AT_MOST: Final = 1000  # cases that the read model does not account for
LOOKED_THROUGH: Final = 20_000  # events that it does not account for; as many as _PAGE goes through

# Some cases: how far each is, and its row in the build that is read.
_OF_CASES: Final[LiteralString] = """
    SELECT build.version, build.build, 0::bigint AS behind, found.case_id, found.latest, found.at_version, found.stored,
        EXISTS (
            SELECT FROM {schema}.blocked
            WHERE projection = {projection} AND blocked.build = build.build AND blocked.case_id = found.case_id
        ) AS blocked
    FROM {schema}.serving JOIN {schema}.build USING (projection, build)
    LEFT JOIN (
        SELECT wanted.stream::text AS case_id, latest.position AS latest, latest.version AS at_version, held.stored
        FROM unnest(%s::uuid[]) AS wanted (stream)
        JOIN {schema}.event AS opened
            ON opened.stream = wanted.stream AND opened.version = 1 AND opened.type = 'CaseOpened'
        CROSS JOIN LATERAL (
            SELECT position, version FROM {schema}.event WHERE stream = wanted.stream ORDER BY version DESC LIMIT 1
        ) AS latest
        LEFT JOIN LATERAL (
            SELECT row_to_json(mine)::text AS stored FROM {table} AS mine
            WHERE mine.case_id = wanted.stream::text AND mine.home = '' LIMIT 1
        ) AS held ON true
    ) AS found ON true
    WHERE serving.projection = {projection}
"""

# Cases after a place, in their order: those with a row that says something, and those that have to be folded, because
# the build does not account for them or cannot tell them.
_PAGE: Final[LiteralString] = """
    WITH served AS MATERIALIZED (
        SELECT version, build, position FROM {schema}.serving JOIN {schema}.build USING (projection, build)
        WHERE projection = {projection}
    ), later AS MATERIALIZED (
        SELECT DISTINCT case_id COLLATE "C" AS case_id FROM (
            SELECT stream::text AS case_id FROM (
                SELECT stream FROM {schema}.event WHERE position > (SELECT position FROM served)
                ORDER BY position LIMIT 20000
            ) AS touched
            WHERE stream <> %(own)s::uuid
            UNION ALL
            SELECT blocked.case_id FROM {schema}.blocked JOIN served ON served.build = blocked.build
            WHERE blocked.projection = {projection} AND blocked.case_id <> %(own)s::text
        ) AS told_live
    )
    SELECT served.version, served.build, (SELECT position FROM {schema}.head) - served.position AS behind,
        found.case_id, 0::bigint AS latest, found.at_version, found.stored,
        found.at_version IS NULL AS blocked
    FROM served
    LEFT JOIN (
        (SELECT case_id, NULL::bigint AS at_version, NULL::text AS stored FROM later WHERE case_id > %(after)s)
        UNION ALL
        (
            SELECT held.case_id,
                (SELECT event.version FROM {schema}.event WHERE event.position = held.as_of),
                row_to_json(held)::text
            FROM {table} AS held
            WHERE held.home = '' AND held.case_id > %(after)s AND NOT EXISTS (
                SELECT FROM later WHERE later.case_id = held.case_id
            ) AND (
                held.limits::text <> '[]' OR held.warnings::text <> '[]' OR held.adjustments::text <> '[]'
                OR held.safe_ways::text <> '[]'
            )
            ORDER BY held.case_id LIMIT %(limit)s
        )
    ) AS found ON true
"""


class TooFarBehind(Exception):
    """The read model leaves out so many cases that a list of all of them cannot be given now."""


class _Line(NamedTuple):
    version: int
    build: int
    behind: int  # events of the log that the build does not account for
    case_id: str | None
    latest: int | None
    at_version: int | None
    stored: str | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class StatesPage:
    """Some cases in their order; `next` is the one to go on after, None at the end."""

    states: tuple[PublicState, ...]
    next: str | None


class States:
    """How the cases of one landlord stand; `own_stream` is the landlord's. Safe to share between threads."""

    def __init__(self, projector: Projector, own_stream: str) -> None:
        self._view: View[ContactAdviceRow] = projector.view(CONTACT_ADVICE.name)
        self._recorder = projector.recorder
        self._decode = projector.decode
        self._own = own_stream
        self._of_cases = ServedTable(projector, self._view, _OF_CASES, _Line)
        self._page = ServedTable(projector, self._view, _PAGE, _Line)

    def of(self, cases: Collection[str]) -> dict[str, PublicState]:
        """These cases as the log tells them by now; one that there is not is left out."""
        wanted = [UUID(case) for case in dict.fromkeys(cases) if is_stream_id(case) and case != self._own]
        if not wanted:
            return {}
        table, lines = self._of_cases.lines([wanted])
        found: dict[str, PublicState] = {}
        for line in lines:
            if line.case_id is None or line.at_version is None:
                continue
            row = self._row(line, table)
            if row is None or line.blocked or row.as_of != line.latest:
                found[line.case_id] = self._folded(line.case_id, row)
            else:
                found[line.case_id] = public_state(row, line.at_version)
        return found

    def page(self, after: str, limit: int) -> StatesPage:
        """Cases of which the read model has something to say, and those that it does not account for.

        They are looked through `limit` at a time. Raises `AwaitingRebuild` and `TooFarBehind`.
        """
        table, lines = self._page.lines({"own": self._own, "after": after, "limit": limit + 1})
        if table is None:
            raise TableLost(self._view.name)
        if lines[0].version != self._view.version:
            raise AwaitingRebuild(self._view.name, lines[0].version, self._view.version)
        rows = sorted((line for line in lines if line.stored is not None), key=_case)
        folded = [line for line in lines if line.case_id is not None and line.stored is None]
        if len(folded) > FOLDED_AT_MOST or lines[0].behind > LOOKED_THROUGH:
            raise TooFarBehind
        following = _case(rows[limit - 1]) if len(rows) > limit else None
        states: dict[str, PublicState] = {}
        for line in rows[:limit]:
            row = self._row(line, table)
            if row is not None and line.at_version is not None:
                states[row.case_id] = public_state(row, line.at_version)
        for line in folded:
            if following is None or _case(line) <= following:
                state = self._folded(_case(line), None)
                if state.person is not None or state.unknown_since is not None:
                    states[state.case] = state
        return StatesPage(tuple(states[case] for case in sorted(states)), following)

    def _row(self, line: _Line, table: ProjectionTable[ContactAdviceRow] | None) -> ContactAdviceRow | None:
        if table is None or line.stored is None or line.version != self._view.version:
            return None
        return table.decode(line.stored)

    def _folded(self, case: str, stored: ContactAdviceRow | None) -> PublicState:
        """A case from its history; from what is stored only when the view fails on it."""
        history = self._recorder.read_stream(UUID(case))
        projected = project([self._view], history, self._decode)
        unknown_since = projected.failure.position if projected.failure else None
        version = projected.case.version
        told: Sequence[Any] | None = projected.rows[self._view.name]
        row: ContactAdviceRow | None = next((r for r in told or () if r.home == OF_THE_CASE), None)
        if told is None and stored is not None:
            row = stored
            version = max((r.version for r in history if r.position <= stored.as_of), default=0)
        if row is None:
            person = projected.case.person or None
            return PublicState(case=case, person=person, caseversion=version, unknown_since=unknown_since)
        return public_state(row, version, unknown_since)


def _case(line: _Line) -> str:
    return line.case_id or ""
