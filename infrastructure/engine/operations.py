"""What operations staff can do to one landlord's read models, whoever asks: a command line or the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.engine.acts import Act, Acts, By
from infrastructure.engine.builds import COMPLETE, BlockedCase, Progress
from infrastructure.engine.rebuilding import Options, Outcome, Rebuild, RebuildRefused, Tell, in_silence
from infrastructure.engine.slices import SHOWN, Difference, Stretches
from infrastructure.engine.workers import Job, worked_on

if TYPE_CHECKING:
    from psycopg import Connection

    from infrastructure.engine.projector import Projector

# What a rebuild would go through. A case is counted by its first event.
_COUNTED: Final = """
    SELECT (SELECT position FROM {schema}.head), (SELECT count(*) FROM {schema}.event WHERE version = 1)
"""


@dataclass(frozen=True, slots=True)
class Status:
    """One read model: `state` is what its builds add up to, see `state_of`; `under_way` is a build beside it."""

    projection: str
    state: str
    version: int
    build: int
    awaits: int | None
    position: int
    head: int
    behind_since: datetime | None
    heartbeat_age: float | None
    blocked: tuple[BlockedCase, ...]
    under_way: Progress | None
    standby: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebuild of one read model would do; `rows` are those that are read now, `filled` of `slices` are done."""

    projection: str
    version: int
    from_version: int
    events: int
    cases: int
    rows: int
    slices: int
    filled: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found: `differences` counts all, `shown` are some, `blocked` cases were left out."""

    events: int
    rows: int
    blocked: int
    differences: int
    shown: tuple[Difference, ...]


class Operations:
    """Acts on one landlord's read models and answers about them. Safe to share between threads."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._server = projector.recorder.server
        self._acts = Acts(projector.schema)

    # Looking

    def status(self) -> list[Status]:
        """How each read model is doing."""
        health = self._projector.health()
        told = []
        for view in self._projector.views:
            builds = [one for one in health.progress if one.projection == view.name]
            serving = next(one for one in builds if one.serving)
            blocked = tuple(one for one in health.blocked if (one.projection, one.build) == (view.name, serving.build))
            beside = [one for one in builds if not one.serving]
            told.append(
                Status(
                    projection=view.name,
                    state=state_of(serving, view.version, blocked),
                    version=serving.version,
                    build=serving.build,
                    awaits=None if serving.version == view.version else view.version,
                    position=serving.position,
                    head=serving.head,
                    behind_since=serving.behind_since,
                    heartbeat_age=serving.heartbeat_age,
                    blocked=blocked,
                    under_way=next((one for one in beside if one.state != COMPLETE), None),
                    standby=max((one.build for one in beside if one.state == COMPLETE), default=None),
                )
            )
        return told

    def plan(self, names: Sequence[str]) -> list[Plan]:
        """What a rebuild of these read models would go through, without doing it. Raises LookupError."""
        views = [self._projector.view(name) for name in names]
        health = self._projector.health()

        def work(conn: Connection[Any]) -> list[Plan]:
            cursor = conn.cursor(row_factory=tuple_row)
            counted = SQL(_COUNTED).format(schema=Identifier(self._projector.schema))
            [(events, cases)] = cursor.execute(counted).fetchall()
            plans = []
            for view in views:
                builds = [one for one in health.progress if one.projection == view.name]
                serving = next(one for one in builds if one.serving)
                begun = next((one for one in builds if not one.serving and one.state != COMPLETE), None)
                rows = 0
                if not serving.lost:
                    counting = SQL("SELECT count(*) FROM {}").format(Identifier(self._projector.schema, serving.table))
                    [(rows,)] = cursor.execute(counting).fetchall()
                slices, filled = (begun.slices, begun.filled) if begun else (Stretches.upto(events).count, 0)
                plans.append(Plan(view.name, view.version, serving.version, events, cases, rows, slices, filled))
            return plans

        return self._server.run(work)

    def history(self, limit: int = 50, before: int = 2**62) -> list[Act]:
        """The last acts, latest first."""
        return self._server.run(lambda conn: self._acts.latest(conn, limit, before))

    # Checking

    def verify(
        self,
        names: Sequence[str],
        by: By,
        *,
        repair: bool = False,
        options: Options | None = None,
        tell: Tell = in_silence,
    ) -> Verified:
        """Fold every case afresh and compare with the rows that are read. Raises LookupError, `RebuildRefused`.

        With `repair`, whoever leads folds the cases anew that differ.
        """
        views = [self._projector.view(name) for name in dict.fromkeys(names)]
        health = self._projector.health()
        serving = {one.projection: one for one in health.progress if one.serving}
        head = self._projector.recorder.head().position
        for view in views:
            if serving[view.name].version != view.version:
                raise RebuildRefused(
                    f"{view.name} is read as version {serving[view.name].version}, and this release computes version "
                    f"{view.version}: rebuild it instead."
                )
            if repair and serving[view.name].paused:
                raise RebuildRefused(f"{view.name} is paused, so nobody would repair it: resume it first.")
        job = Job(
            dsn=self._server.dsn,
            schema=self._projector.schema,
            builds=tuple((view, serving[view.name].build) for view in views),
            stretches=Stretches.upto(head),
            kind="verify",
        )
        events = rows = blocked = differences = 0
        shown: list[Difference] = []
        differing: list[str] = []
        options = options or Options()
        decode = self._projector.decode if options.in_process else None
        tell("verifying", 0, head)
        for done in worked_on(job, range(job.stretches.count + 1), options.processes, decode):
            events, rows, blocked = events + done.events, rows + done.rows, blocked + done.blocked
            differences += done.differences
            shown += done.shown[: SHOWN - len(shown)]
            if repair:
                differing += done.cases
            tell("verifying", min(events, head), head)
        found = Verified(events, rows, blocked, differences, tuple(shown))
        act = "verified and repaired" if repair else "verified"
        counted: dict[str, Any] = {"rows": rows, "differences": differences}
        if len(views) > 1:  # they were verified in one pass, and are counted together
            counted = {"of": " and ".join(view.name for view in views), **counted}
        for view in views:
            self._note(act, view.name, serving[view.name].build, by, **counted)
        if differing:
            self._server.run(lambda conn: self._projector.builds.ask_refold(conn, differing))
            self._ring()
        return found

    # Acting

    def rebuild(
        self, names: Sequence[str], by: By, options: Options | None = None, tell: Tell = in_silence
    ) -> list[Outcome]:
        """Rebuild these read models and switch to them. Raises `RebuildRefused`, LookupError, `WorkerFailed`."""
        try:
            return Rebuild(self._projector, by, options, tell).run(names)
        finally:
            self._ring()  # one of them may be read by now, whatever became of the others

    def abandon(self, names: Sequence[str], by: By) -> list[str]:
        """Drop what was begun and is not read; the names of what was."""
        return Rebuild(self._projector, by).abandon(names)

    def roll_back(self, name: str, by: By) -> Outcome:
        """Send readers back to where they were before the last switch. Raises `RebuildRefused`, LookupError."""
        outcome = Rebuild(self._projector, by).roll_back(name)
        self._ring()
        return outcome

    def pause(self, names: Sequence[str], by: By) -> list[str]:
        """Leave these read models where they are; the names of those that were not paused already."""
        return self._set_paused(names, by, paused=True)

    def resume(self, names: Sequence[str], by: By) -> list[str]:
        """Keep these read models up again; the names of those that were paused."""
        return self._set_paused(names, by, paused=False)

    def retry(self, cases: Collection[str] | None, by: By) -> list[str]:
        """Have whoever leads try these blocked cases again, or all of them; which ones those are."""
        blocked = {one.case_id for one in self._projector.health().blocked}
        wanted = sorted(blocked if cases is None else blocked & set(cases))

        def work(conn: Connection[Any]) -> None:
            with conn.transaction():
                self._projector.builds.ask_refold(conn, wanted)
                for view in self._projector.views:
                    self._acts.record(conn, "retry", (view.name, None), by, cases=len(wanted))

        if wanted:
            self._server.run(work)
            self._ring()
        return wanted

    def _set_paused(self, names: Sequence[str], by: By, *, paused: bool) -> list[str]:
        views = [self._projector.view(name) for name in names]

        def work(conn: Connection[Any]) -> list[str]:
            with conn.transaction():
                changed = [
                    view.name for view in views if self._projector.builds.set_paused(conn, view.name, paused=paused)
                ]
                for name in changed:
                    self._acts.record(conn, "paused" if paused else "resumed", (name, None), by)
            return changed

        changed = self._server.run(work)
        self._ring()
        return changed

    def _note(self, act: str, projection: str, build: int, by: By, **detail: object) -> None:
        def work(conn: Connection[Any]) -> None:
            with conn.transaction():
                self._acts.record(conn, act, (projection, build), by, **detail)

        self._server.run(work)

    def _ring(self) -> None:
        """Whoever leads and whoever waits look again soon."""
        self._server.wake_ups.ring(self._projector.asked)
        self._server.wake_ups.ring(self._projector.channel)


def state_of(serving: Progress, version: int, blocked: Sequence[BlockedCase]) -> str:
    """One word: "lost" without its table, "paused", "awaiting rebuild", "degraded", "catching up", or "serving"."""
    if serving.lost:
        return "lost"
    if serving.paused:
        return "paused"
    if serving.version != version:
        return "awaiting rebuild"
    if blocked:
        return "degraded"
    return "serving" if serving.position >= serving.head else "catching up"
