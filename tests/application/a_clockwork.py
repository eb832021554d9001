"""A clock over a log in memory: its list of deadlines is folded afresh whenever it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from application.clockwork import Clockwork, DeadlinesUnread, HowFar, Owing
from application.desk import Desk
from application.ports import Clock, EventLog, RequestKey
from domain.codes import CaseId
from projections.deadlines import DeadlinesRow, deadlines
from projections.view import steps_of
from tests.application.a_desk import World

EVERYTHING = 1_000_000


@dataclass
class FoldedDeadlines:
    """Every case's row at the head of the log, or as of an earlier position; none at all while it is `lost`."""

    log: EventLog
    upto: int | None = None
    lost: bool = False

    def rows(self) -> Iterator[DeadlinesRow]:
        """The row of each case that owes something."""
        events = self.log.after(0, self.log.head() if self.upto is None else self.upto)
        by_stream: dict[str, list[object]] = {}
        for event in events:
            by_stream.setdefault(event.stream, []).append(event)
        for stream in sorted(by_stream):
            yield from deadlines(steps_of(by_stream[stream]))  # type: ignore[arg-type]

    def how_far(self) -> HowFar:
        """Where it is."""
        self._read()
        head = self.log.head()
        return HowFar(head if self.upto is None else self.upto, head, paused=False, untold=())

    def gone_by(self, day: date, skip: Callable[[CaseId, int], bool]) -> Iterator[Owing]:
        """As `Deadlines.gone_by`."""
        self._read()
        for row in self.rows():
            if row.goes_by_on is not None and row.goes_by_on < day and not skip(CaseId(row.case_id), row.as_of):
                yield Owing(CaseId(row.case_id), row.as_of, row.owed)

    def everything(self) -> Iterator[Owing]:
        """As `Deadlines.everything`."""
        self._read()
        return (Owing(CaseId(row.case_id), row.as_of, row.owed) for row in self.rows())

    def _read(self) -> None:
        if self.lost:
            raise DeadlinesUnread("the table of deadlines is gone")


def clockwork_over(desk: Desk, log: EventLog, clock: Clock, rows: FoldedDeadlines | None = None) -> Clockwork:
    """A clock for this desk."""
    return Clockwork(desk, rows or FoldedDeadlines(log), clock, clock_request, (LookupError,))


def clock_of(world: World, rows: FoldedDeadlines | None = None) -> Clockwork:
    """A clock for the desk of a world."""
    return clockwork_over(world.desk, world.log, world.clock, rows)


def clock_request(name: str) -> RequestKey:
    """A request of the clock's."""
    return RequestKey("clock", name, b"")
