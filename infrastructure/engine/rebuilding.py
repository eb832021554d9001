"""Building read models anew beside those that are read, and sending readers there when they agree.

A new table is filled slice by slice, follows the log to its head, is compared with the one that is read, and one row
then points readers to it. Each step is committed with what it did, so that a rebuild that was killed goes on where it
stopped. One rebuild of a landlord at a time: a lock of whoever does it says so, for as long as their connection lasts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.code_version import CODE_VERSION
from infrastructure.engine.acts import Acts, By
from infrastructure.engine.builds import BUILDING, COMPLETE, DIFFERING, FAILED, VERIFYING, Build
from infrastructure.engine.comparison import Compared, compared
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import BATCH, Keeper
from infrastructure.engine.projecting import described
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.engine.slices import Stretches
from infrastructure.engine.workers import Job, worked_on
from infrastructure.event_store import EVERYTHING
from infrastructure.postgres.leading import connected, owner_name
from projections.view import View

if TYPE_CHECKING:
    from psycopg import Connection

    from infrastructure.engine.projector import Projector

# How long nobody has read a table before it is dropped, in seconds: longer than any question takes.
LEFT_FOR: Final = 60.0
ROUNDS_IN_VAIN: Final = 10  # batches after which nothing was gained on those who write

# Takes a stage of the work, how much of it is done and how much there is, in events.
Tell = Callable[[str, int, int], None]

_REBUILDS: Final = "SELECT pg_try_advisory_lock(hashtextextended('evenhand rebuild of ' || %s, 0))"


class RebuildRefused(Exception):
    """A rebuild or a rollback cannot be done as things are; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one read model: the build that was made, whether it is read now, and what differed."""

    projection: str
    build: int
    version: int
    switched: bool
    compared: Compared | None


@dataclass(frozen=True, slots=True)
class Options:
    """How to rebuild: `accept` whatever differs, begin `fresh`, with so many `processes` or none but this one."""

    accept: bool = False
    fresh: bool = False
    processes: int | None = None
    in_process: bool = False


def in_silence(_stage: str, _done: int, _of: int) -> None:
    """Tells nobody."""


class Rebuild:
    """Rebuilds of one landlord's read models by one person. `tell` is called as the work goes on, in this thread."""

    def __init__(self, projector: Projector, by: By, options: Options | None = None, tell: Tell = in_silence) -> None:
        self._projector = projector
        self._by = by
        self._options = options or Options()
        self._tell = tell
        self._decode = projector.decode if self._options.in_process else None
        self._acts = Acts(projector.schema)
        self._owner = owner_name()

    def run(self, names: Sequence[str]) -> list[Outcome]:
        """Rebuild these read models in one pass over the log, and switch to each that agrees or is accepted.

        Raises `RebuildRefused`, LookupError for an unknown name, and whatever stops it; then it can be run again.
        """
        views = [self._projector.view(name) for name in dict.fromkeys(names)]
        with self._alone() as conn:
            builds = self._begun(conn, views)
            try:
                self._fill(conn, builds)
                self._follow(conn, builds)
                return [self._concluded(conn, build) for build in builds]
            except BaseException as error:
                self._failed(conn, builds, error)
                raise

    def roll_back(self, name: str) -> Outcome:
        """Send readers back to the build that they were sent away from last, once it is at the head again."""
        self._projector.view(name)
        with self._alone() as conn:
            serving = self._serving(conn, name)
            standby = [
                build
                for build in self._projector.builds.all(conn)
                if build.projection == name and build.left_for is not None and build.state == COMPLETE
            ]
            if not standby:
                raise RebuildRefused(f"{name} was never switched, or what it was switched from is dropped by now.")
            back = min(standby, key=lambda build: build.left_for or 0.0)
            if not self._projector.computes(back):
                raise RebuildRefused(
                    f"{name} was version {back.version} before, which this release cannot compute: "
                    "run the release that can, and roll back there."
                )
            keeper = self._keeper(conn, [back])
            self._catch_up(conn, keeper)
            with conn.transaction():
                self._meet(conn, keeper, serving)
                self._switch(conn, back, "rolled back", serving)
        return Outcome(name, back.build, back.version, switched=True, compared=None)

    def abandon(self, names: Sequence[str]) -> list[str]:
        """Drop what was begun of these read models and is not read; their names."""
        with self._alone() as conn:
            return [build.projection for build in self._unfinished(conn, names) if self._drop(conn, build, "abandoned")]

    # The steps of a rebuild

    @contextmanager
    def _alone(self) -> Iterator[Connection[Any]]:
        schema = self._projector.schema
        with connected(self._projector.recorder.server.dsn, "evenhand rebuild") as conn:
            conn.execute("SET statement_timeout = 0")  # an index over millions of rows takes its time
            [(free,)] = conn.cursor(row_factory=tuple_row).execute(_REBUILDS, [schema]).fetchall()
            if not free:
                raise RebuildRefused("Somebody else is rebuilding here just now: wait until they are done.")
            yield conn

    def _begun(self, conn: Connection[Any], views: Sequence[View[Any]]) -> list[Build]:
        """The builds to work on: those that were begun before and fit, otherwise new ones."""
        head = self._projector.recorder.head().position
        going_on = set()
        for build in self._unfinished(conn, [view.name for view in views]):
            same = build.version == self._projector.view(build.projection).version
            if self._options.fresh or not same or build.code_version != CODE_VERSION or build.projection in going_on:
                self._drop(conn, build, "dropped")
            else:
                going_on.add(build.projection)
                with conn.transaction():
                    self._projector.builds.set_state(conn, [build.key], BUILDING)
                    self._acts.record(conn, "rebuild resumed", build.key, self._by)
        for view in views:
            self._drop_stale(conn, view.name)
            if view.name not in going_on:
                with conn.transaction():
                    slices = Stretches.upto(head).count
                    build_number = self._projector.builds.add(conn, view, BUILDING, head, slices)
                    conn.execute(ProjectionTable(self._projector.schema, view, build_number).definition())
                    key = (view.name, build_number)
                    self._acts.record(conn, "rebuild begun", key, self._by, version=view.version, events=head)
        return self._unfinished(conn, [view.name for view in views])

    def _fill(self, conn: Connection[Any], builds: Sequence[Build]) -> None:
        """Every slice that is not in yet; builds that were begun together are filled together."""
        together: dict[tuple[int, int, frozenset[int]], list[Build]] = defaultdict(list)
        for build in builds:
            if build.position < build.base:
                there = self._projector.builds.filled(conn, build.key)
                together[(build.base, build.slices, frozenset(range(build.slices)) - there)].append(build)
        for (base, slices, missing), group in together.items():
            job = Job(
                dsn=self._projector.recorder.server.dsn,
                schema=self._projector.schema,
                builds=tuple((self._projector.view(build.projection), build.build) for build in group),
                stretches=Stretches(base, slices),
                kind="fill",
            )
            done = base - base * len(missing) // slices
            self._tell("filling", done, base)
            for one in worked_on(job, sorted(missing), self._options.processes, self._decode):
                done += one.events
                self._tell("filling", min(done, base), base)
            self._make_whole(conn, job, group)

    def _make_whole(self, conn: Connection[Any], job: Job, group: Sequence[Build]) -> None:
        """Positions have no gap, so as many events must have been read as the last position says."""
        builds = self._projector.builds
        if any(builds.events_filled(conn, build.key) < job.stretches.end for build in group):
            list(worked_on(job, [job.stretches.count], 1, self._decode))  # streams without a beginning
        for build in group:
            if (read := builds.events_filled(conn, build.key)) != job.stretches.end:
                raise RebuildRefused(f"{read} events were read where the log holds {job.stretches.end}.")

    def _follow(self, conn: Connection[Any], builds: Sequence[Build]) -> None:
        """Indexes, and then the events that were appended meanwhile."""
        self._tell("indexing", 0, 1)
        for build in builds:
            table = self._projector.table_of(build)
            for statement in table.indexes():
                conn.execute(statement)
            conn.execute(SQL("ANALYZE {}").format(table.name))
            self._projector.builds.fill(conn, build.key)
        self._catch_up(conn, self._keeper(conn, builds))

    def _concluded(self, conn: Connection[Any], build: Build) -> Outcome:
        """Compared with what is read; read from now on, unless something differs that nobody accepted."""
        self._projector.builds.set_state(conn, [build.key], VERIFYING)
        self._tell("verifying", 0, 1)
        serving = self._serving(conn, build.projection)
        keeper = self._keeper(conn, [build])
        keeper.touched = set()
        found = self._compared(conn, serving, build)
        if self._agrees(found):
            self._catch_up(conn, keeper)
            with conn.transaction():
                self._meet(conn, keeper, serving)
                late = self._compared(conn, serving, build, keeper.touched) if keeper.touched else found
                if self._agrees(late):
                    differing = {"differences": found.differences, "newly_blocked": len(found.newly_blocked)}
                    self._switch(conn, build, "switched", serving, **differing)
                    return Outcome(build.projection, build.build, build.version, switched=True, compared=found)
            found = late
        with conn.transaction():
            self._projector.builds.set_state(conn, [build.key], DIFFERING)
            self._acts.record(
                conn,
                "differs",
                build.key,
                self._by,
                differences=found.differences,
                newly_blocked=len(found.newly_blocked),
            )
        return Outcome(build.projection, build.build, build.version, switched=False, compared=found)

    def _agrees(self, found: Compared) -> bool:
        return self._options.accept or not (found.differences or found.newly_blocked)

    def _compared(self, conn: Connection[Any], serving: Build, build: Build, only: set[str] | None = None) -> Compared:
        key = self._projector.view(build.projection).key
        return compared(conn, self._projector.schema, serving, build, key, only)

    def _keeper(self, conn: Connection[Any], builds: Sequence[Build]) -> Keeper:
        keys = [build.key for build in builds]
        self._projector.builds.claim(conn, keys, self._owner)
        keeper = Keeper(self._projector, self._owner, FoldCache(), keys)
        keeper.look(conn)
        return keeper

    def _catch_up(self, conn: Connection[Any], keeper: Keeper) -> None:
        """Until little is missing, or it gets no less because others write as fast: the rest is for `_meet`."""
        least, in_vain = EVERYTHING, 0
        while taken := keeper.advance(conn):
            head = self._projector.recorder.head().position
            missing = head - keeper.position()
            self._tell("following", keeper.position(), head)
            least, in_vain = (missing, 0) if missing < least else (least, in_vain + 1)
            if taken < BATCH // 10 or in_vain == ROUNDS_IN_VAIN:
                break

    def _meet(self, conn: Connection[Any], keeper: Keeper, serving: Build) -> None:
        """Hold the build that is read where it is, and bring ours there, so that no reader goes back in time."""
        held_at = self._projector.builds.lock(conn, serving.key)
        while keeper.position() < held_at and keeper.advance(conn, upto=held_at):
            pass

    def _switch(self, conn: Connection[Any], build: Build, act: str, serving: Build, **detail: object) -> None:
        builds = self._projector.builds
        builds.set_state(conn, [build.key], COMPLETE)
        builds.claim(conn, [build.key], None)
        builds.point(conn, build.key)
        self._acts.record(conn, act, build.key, self._by, instead_of=serving.build, **detail)

    # Looking, dropping, failing

    def _serving(self, conn: Connection[Any], name: str) -> Build:
        return next(one for one in self._projector.builds.all(conn) if one.projection == name and one.serving)

    def _unfinished(self, conn: Connection[Any], names: Sequence[str]) -> list[Build]:
        builds = self._projector.builds.all(conn)
        return [one for one in builds if one.projection in names and not one.serving and one.state != COMPLETE]

    def _drop_stale(self, conn: Connection[Any], name: str) -> None:
        """Keep one build to return to, and whatever somebody may still be reading."""
        left = [
            (inf if build.left_for is None else build.left_for, build)  # not left: older than any build was
            for build in self._projector.builds.all(conn)
            if build.projection == name and build.state == COMPLETE and not build.serving
        ]
        for seconds, build in sorted(left, key=itemgetter(0))[1:]:
            if seconds > LEFT_FOR:
                self._drop(conn, build, "dropped")

    def _drop(self, conn: Connection[Any], build: Build, act: str) -> bool:
        with conn.transaction():
            # In the order in which whoever still writes there takes its locks.
            self._projector.builds.forget(conn, build)
            conn.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(self._projector.schema, build.table)))
            self._acts.record(conn, act, build.key, self._by)
        return True

    def _failed(self, conn: Connection[Any], builds: Sequence[Build], error: BaseException) -> None:
        """Note it where that is still possible; what was filled stays for the next time."""
        with suppress(psycopg.Error), conn.transaction():
            switched = {build.key for build in self._projector.builds.all(conn) if build.serving}
            for build in builds:
                if build.key not in switched:
                    self._projector.builds.set_state(conn, [build.key], FAILED)
                    self._acts.record(conn, "failed", build.key, self._by, error=described(error))
