"""The read models of one landlord: what this release knows of them, their tables, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from infrastructure.engine.builds import COMPLETE, Build, Builds, Health, Progress
from infrastructure.engine.histories import Histories
from infrastructure.engine.projecting import Decode
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.event_store import LandlordRecorder
from projections import ALL, EARLIER
from projections.view import View

if TYPE_CHECKING:
    from psycopg import Connection

LOOK_AGAIN: Final = 0.1  # seconds between two looks at the position by somebody who waits for it


class Projector:
    """The read models of one landlord: made, and asked how far they are.

    `views` are those of this release; `earlier` are older versions of them that it can still compute, so that their
    builds can be kept up and returned to. Safe to share between threads.
    """

    def __init__(
        self,
        recorder: LandlordRecorder,
        decode: Decode,
        views: Sequence[View[Any]] = ALL,
        earlier: Sequence[View[Any]] = EARLIER,
    ) -> None:
        self.recorder = recorder
        self.decode = decode
        self.views = tuple(views)
        self.schema = recorder.channel_name
        self.channel = f"{self.schema}_projected"  # rings when rows were written; at most 60 bytes
        self.asked = (
            f"{self.schema}_asked"  # rings when whoever leads is to look: a pause, a switch, cases to fold anew
        )
        self.builds = Builds(self.schema)
        self.histories = Histories(self.schema)
        self._computed = {(view.name, view.version): view for view in (*earlier, *views)}

    def prepare(self) -> None:
        """Make a first build of every read model that has none. May run in many processes at once."""

        def work(conn: Connection[Any]) -> None:
            with conn.transaction():
                # The same lock as the migrations': two processes that make one table would collide.
                conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [self.schema])
                there = {build.projection for build in self.builds.all(conn)}
                for view in self.views:
                    if view.name not in there:
                        table = ProjectionTable(self.schema, view, self.builds.add(conn, view, COMPLETE))
                        for statement in (table.definition(), *table.indexes()):
                            conn.execute(statement)
                        self.builds.point(conn, table.key)

        self.recorder.server.run(work)

    def view(self, name: str) -> View[Any]:
        """The read model of this name in this release. Raises `LookupError`."""
        for view in self.views:
            if view.name == name:
                return view
        raise LookupError(f"there is no read model {name}; there are {', '.join(view.name for view in self.views)}")

    def computes(self, build: Build | Progress) -> bool:
        """Whether this release can compute the version that a build is of."""
        return (build.projection, build.version) in self._computed

    def table_of(self, build: Build) -> ProjectionTable[Any]:
        """The table of a build of a version that this release can compute."""
        return ProjectionTable(self.schema, self._computed[(build.projection, build.version)], build.build)

    # Asking

    def awaiting(self) -> tuple[str, ...]:
        """The read models that are still read as another version than this release's: they await a rebuild."""
        versions = {view.name: view.version for view in self.views}
        return tuple(build.projection for build in self._serving() if build.version != versions[build.projection])

    def position(self, *names: str) -> int:
        """The log position that these read models account for; all of them, when none is named."""
        return min((build.position for build in self._serving(*names)), default=0)

    def wait_for(self, position: int, timeout: float, *names: str) -> bool:
        """Whether these read models reach a position within `timeout` seconds; holds no connection meanwhile.

        False at once for one that is not moved just now: it is paused, or awaits a rebuild.
        """
        deadline = monotonic() + timeout
        with self.recorder.server.wake_ups.follow(self.channel) as bell:
            while behind := [build for build in self._serving(*names) if build.position < position]:
                left = deadline - monotonic()
                if left <= 0 or any(build.paused or not self.computes(build) for build in behind):
                    return False
                bell.wait(min(left, LOOK_AGAIN))
        return True

    def health(self) -> Health:
        """Position against head, heartbeat, and blocked cases."""
        return self.recorder.server.run(self.builds.health)

    def _serving(self, *names: str) -> list[Build]:
        wanted = names or tuple(view.name for view in self.views)
        builds = self.recorder.server.run(self.builds.all)
        return [build for build in builds if build.serving and build.projection in wanted]
