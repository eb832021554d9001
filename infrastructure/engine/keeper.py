"""Keeps builds of one landlord's read models up with its log: rows and position together, a case at a time or many."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from infrastructure.engine.builds import Build, Deposed, Move
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.projecting import Failure, described, follow, rows_of
from infrastructure.engine.projection_tables import REFUSALS
from infrastructure.event_store import EVERYTHING

if TYPE_CHECKING:
    from psycopg import Connection

    from domain.evolve import HistoryStep
    from infrastructure.engine.projection_tables import ProjectionTable, Values
    from infrastructure.engine.projector import Projector
    from infrastructure.log_entries import StoredRow
    from infrastructure.postgres.straight import Asked

BATCH: Final = 2_000  # events; what a batch touches is held in memory at once
STEPS_AT_ONCE: Final = 50_000  # of the histories that a batch goes on with, about two kilobytes each
REFOLDED_AT_ONCE: Final = 200  # cases
FEW: Final = 20  # rows that are sent one by one, without waiting in between; more are faster by COPY


@dataclass(slots=True)
class Followed:
    """One case as far as it can be followed; `whole` to write all its rows and not only those of new events."""

    steps: list[HistoryStep]
    failure: Failure | None
    whole: bool


@dataclass(slots=True)
class Writing:
    """What these cases mean for one table: rows taken away, rows added, cases noted as blocked."""

    table: ProjectionTable[Any]
    cases: Sequence[str]
    replaced: list[str] = field(default_factory=list)
    rows: list[Values] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)


class Keeper:
    """Moves builds as `owner`, over the connection that each call is given; for one thread.

    Without `keys` it keeps those that are read, except paused ones and those of a version that this release cannot
    compute; with `keys` it keeps just these.
    """

    def __init__(
        self, projector: Projector, owner: str, cache: FoldCache, keys: Sequence[tuple[str, int]] | None = None
    ) -> None:
        self.projector = projector
        self.owner = owner
        self.touched: set[str] | None = None  # the cases written since somebody made this an empty set
        self._cache = cache
        self._keys = keys
        self._at: dict[tuple[str, int], int] = {}
        self._tables: dict[tuple[str, int], ProjectionTable[Any]] = {}
        self._blocked: dict[tuple[str, int], set[str]] = {}
        self._tried: set[tuple[str, int]] = set()  # builds whose blocked cases were tried again

    def claim(self, conn: Connection[Any]) -> None:
        """Become the owner of what there is to keep, and look."""
        builds = self._mine(conn)
        self.projector.builds.claim(conn, [build.key for build in builds], self.owner)
        self._tried = set()
        self.look(conn)

    def look(self, conn: Connection[Any]) -> None:
        """See what there is to keep by now, and fold anew what somebody asked for. Raises `Deposed`.

        Blocked cases of a build that is kept from now on are tried again: whoever keeps it may be able to tell them.
        """
        builds = self._mine(conn)
        if unowned := [build.key for build in builds if build.owner is None]:
            self.projector.builds.claim(conn, unowned, self.owner)
        if taken := [build for build in builds if build.owner not in (None, self.owner)]:
            self._at = {}
            raise Deposed(f"{taken[0].owner} keeps {taken[0].projection} {taken[0].build} now")
        self._at = {build.key: build.position for build in builds}
        self._tables = {build.key: self._tables.get(build.key) or self.projector.table_of(build) for build in builds}
        self._blocked = {key: set() for key in self._at}
        for blocked in self.projector.builds.blocked(conn):
            if (key := (blocked.projection, blocked.build)) in self._blocked:
                self._blocked[key].add(blocked.case_id)
        if self._keys is None:
            self._try_again(conn)
            while self._at and (asked := self.projector.builds.asked_refold(conn, REFOLDED_AT_ONCE)):
                self._refold(conn, list(asked))
                self.projector.builds.refolded(conn, asked)

    def advance(self, conn: Connection[Any], *, upto: int = EVERYTHING) -> int:
        """Take in the next batch of the log, not beyond `upto`; how many events it was.

        Builds that are furthest behind go first, up to where the next ones stand; then they go on together.
        Raises `Deposed` when somebody else owns them by now, and what the database raises.
        """
        if not self._at:
            return 0
        start = min(self._at.values())
        stop = min((position for position in self._at.values() if position > start), default=upto)
        page = _bearable(self.projector.histories.page(conn, start, min(stop, upto), BATCH))
        if not page:
            return 0
        keys = [key for key, position in self._at.items() if position == start]
        try:
            self._write(conn, keys, self._followed(conn, keys, page), start, page[-1].position)
        except Deposed:
            self.look(conn)  # raises it again unless the build was paused or another is read by now
            return 0
        return len(page)

    def position(self) -> int:
        """The log position that everything kept here accounts for."""
        return min(self._at.values(), default=0)

    def beat(self, conn: Connection[Any]) -> None:
        """Say that the owner is alive."""
        self.projector.builds.beat(conn, self.owner)

    def _mine(self, conn: Connection[Any]) -> list[Build]:
        builds = self.projector.builds.all(conn)
        if self._keys is not None:
            return [build for build in builds if build.key in self._keys]
        return [build for build in builds if build.serving and not build.paused and self.projector.computes(build)]

    def _try_again(self, conn: Connection[Any]) -> None:
        new = self._at.keys() - self._tried
        self._refold(conn, sorted(set().union(*(self._blocked[key] for key in new))))
        self._tried = set(self._at)

    def _refold(self, conn: Connection[Any], cases: Sequence[str]) -> None:
        """Write the rows of these cases anew from their histories, without moving any build."""
        for first in range(0, len(cases), REFOLDED_AT_ONCE):
            some = cases[first : first + REFOLDED_AT_ONCE]
            for position in sorted(set(self._at.values())):
                keys = [key for key, at in self._at.items() if at == position]
                streams = [case for case in some if _is_stream(case)]
                histories = self.projector.histories.of_streams(conn, streams, position)
                followed = {case: self._afresh(case, histories.get(case, [])) for case in some}
                self._write(conn, keys, followed, position, position)

    def _followed(
        self, conn: Connection[Any], keys: Sequence[tuple[str, int]], page: Sequence[StoredRow]
    ) -> dict[str, Followed]:
        """Each case of a page of the log, followed to its last event there."""
        by_case: dict[str, list[StoredRow]] = defaultdict(list)
        for row in page:
            by_case[row.stream].append(row)
        blocked = set().union(*(self._blocked[key] for key in keys))
        followed: dict[str, Followed] = {}
        unknown: list[str] = []
        for case, rows in by_case.items():
            # What is remembered may go beyond this page: another build is further.
            steps = _until(self._cache.take(self.projector.schema, case), page[-1].position)
            known = steps[-1].event.version if steps else 0
            if case in blocked or rows[0].version > known + 1:
                unknown.append(case)
            else:
                new = [row for row in rows if row.version > known]
                followed[case] = Followed(steps, follow(steps, new, self.projector.decode), whole=False)
        if unknown:
            histories = self.projector.histories.of_streams(conn, unknown, page[-1].position)
            for case in unknown:
                followed[case] = self._afresh(case, histories[case], whole=case in blocked)
        return followed

    def _afresh(self, case: str, history: Sequence[StoredRow], *, whole: bool = True) -> Followed:
        self._cache.take(self.projector.schema, case)
        steps: list[HistoryStep] = []
        return Followed(steps, follow(steps, history, self.projector.decode), whole)

    def _write(
        self,
        conn: Connection[Any],
        keys: Sequence[tuple[str, int]],
        cases: Mapping[str, Followed],
        start: int,
        end: int,
    ) -> None:
        """Rows of these cases as of `end`, and the builds from `start` to there, in one transaction."""
        tables = [self._tables[key] for key in keys]
        try:
            failures = self._commit(conn, [_writing(table, cases, start) for table in tables], cases, start, end)
        except REFUSALS:
            # The database refuses a value: case by case to find whose it is. All rows of each, so that one which
            # nobody could have written is replaced.
            whole = {case: Followed(one.steps, one.failure, whole=True) for case, one in cases.items()}
            one_by_one = [_writing(table, {case: one}, start) for table in tables for case, one in whole.items()]
            failures = self._commit(conn, one_by_one, cases, start, end, careful=True)
        for key in keys:
            self._at[key] = end
            self._blocked[key] -= cases.keys()
            self._blocked[key] |= failures[key].keys()
        for case, one in cases.items():
            if not any(case in failed for failed in failures.values()):
                self._cache.put(self.projector.schema, case, one.steps)
        if self.touched is not None:
            self.touched |= cases.keys()

    def _commit(
        self,
        conn: Connection[Any],
        writings: Sequence[Writing],
        cases: Mapping[str, Followed],
        start: int,
        end: int,
        *,
        careful: bool = False,
    ) -> dict[tuple[str, int], dict[str, Failure]]:
        """Write all of this and move the builds; what could not be told, by build and case."""
        failures: dict[tuple[str, int], dict[str, Failure]] = defaultdict(dict)
        keys = list(dict.fromkeys(writing.table.key for writing in writings))
        move = Move(keys, self.owner, start, end, apart=self._keys is not None)
        sent = [] if careful else _sent(writings)
        # The move first, so that somebody deposed writes nothing.
        with self.projector.builds.moved(conn, move, sent):
            for writing in () if sent else writings:
                failures[writing.table.key] |= writing.failures
                if not careful:
                    _put(conn, writing)
                    continue
                try:
                    with conn.transaction():
                        _put(conn, writing)
                except REFUSALS as refusal:
                    failures[writing.table.key] |= dict.fromkeys(writing.cases, Failure(end, described(refusal)))
            for key in keys:
                free = [case for case in self._blocked[key] if case in cases and case not in failures[key]]
                self.projector.builds.unblock(conn, key, free)
                self.projector.builds.block(conn, key, failures[key])
        return failures


def _sent(writings: Sequence[Writing]) -> list[Asked]:
    """What writes all of this in one round trip with the move, if it is little; otherwise nothing."""
    if sum(len(writing.rows) for writing in writings) > FEW or any(writing.failures for writing in writings):
        return []
    return [asked for writing in writings for asked in writing.table.writing(writing.replaced, writing.rows)]


def _put(conn: Connection[Any], writing: Writing) -> None:
    if writing.replaced:
        writing.table.delete(conn, writing.replaced)
    if writing.rows:
        writing.table.insert(conn, writing.rows)


def _writing(table: ProjectionTable[Any], cases: Mapping[str, Followed], start: int) -> Writing:
    """What these cases mean for one table, whose rows account for the log up to `start`."""
    writing = Writing(table, list(cases))
    for case, one in cases.items():
        only_new = table.view.per_event and not one.whole
        found = values_of(table, _since(one.steps, start) if only_new else one.steps)
        if isinstance(found, Failure):
            # What rows there are still hold.
            writing.failures[case] = one.failure or found
            continue
        if one.failure is not None:
            writing.failures[case] = one.failure
        if not only_new:
            writing.replaced.append(case)
        writing.rows += found
    return writing


def _is_stream(case: str) -> bool:
    """Whether this can be the id of a stream at all; rows of anything else were written by hand."""
    try:
        return str(UUID(case)) == case
    except ValueError:
        return False


def _bearable(page: list[StoredRow]) -> list[StoredRow]:
    """As much of a page, and at least one event, as goes on with histories that fit into memory together."""
    lengths: dict[str, int] = {}
    held = 0
    for place, row in enumerate(page):
        held += row.version - lengths.get(row.stream, 0)
        lengths[row.stream] = row.version
        if held > STEPS_AT_ONCE and place:
            return page[:place]
    return page


def _until(steps: list[HistoryStep], position: int) -> list[HistoryStep]:
    if not steps or steps[-1].event.position <= position:
        return steps
    return steps[: bisect_right(steps, position, key=lambda step: step.event.position)]


def _since(steps: list[HistoryStep], position: int) -> list[HistoryStep]:
    return steps[bisect_right(steps, position, key=lambda step: step.event.position) :]


def values_of(table: ProjectionTable[Any], steps: Sequence[HistoryStep]) -> list[Values] | Failure:
    """The rows of these steps as they are written."""
    rows = rows_of(table.view, steps)
    if isinstance(rows, Failure):
        return rows
    try:
        return [table.values(row) for row in rows]
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a sealed value that cannot be copied blocks its own case only
        return Failure(steps[-1].event.position, described(error))
