"""What goes by on its own: reads which last days are over, and has each taken down by an ordinary command, once.

A command decides again on the history, so that rows which are behind do no harm; its idempotency key is the case, the
obligation and the date, so that two clocks, or one that was killed and started again, take everything down once. It
only records. It never extends or eases anything, and lets no letter go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nsmallest
from operator import attrgetter
from threading import Lock
from typing import Final, Protocol

from application.desk import Desk, NotFound
from application.ports import Clock, Conflict, KeyDestroyed, RequestKey
from domain.calendar import london_date
from domain.codes import CaseId
from domain.decisions import CaseCommand, Refused
from domain.decisions.deadlines import RecordDeadlinePassed
from domain.decisions.disclosures import RecordDisclosureEnd
from domain.decisions.endings import RecordEnd
from domain.decisions.reviews import RecordReviewFellDue
from domain.duties import applies
from domain.events import SYSTEM
from domain.obligation import Duty, Obligation
from domain.policy import Policy

DAY: Final = timedelta(days=1)
# Commands of one landlord in one tick, some seconds of work: the other landlords wait meanwhile.
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Owing:
    """What one case owes, as of a log position."""

    case: CaseId
    as_of: int
    owed: Sequence[Obligation]


@dataclass(frozen=True, slots=True)
class HowFar:
    """How much of the log the list of deadlines accounts for, and the cases that it cannot tell to their end."""

    position: int
    head: int
    paused: bool
    untold: tuple[CaseId, ...]


class DeadlinesUnread(Exception):
    """The list of deadlines cannot be read: it was dropped, or awaits a rebuild. The message says which."""


class Deadlines(Protocol):
    """The list of everything that cases owe. Its methods raise `DeadlinesUnread`."""

    def how_far(self) -> HowFar:
        """Where it is."""
        ...

    def gone_by(self, day: date, skip: Callable[[CaseId, int], bool]) -> Iterator[Owing]:
        """Cases with something whose last day lies before a day and is still to be taken down.

        What `skip` says of a case and the position that its row accounts for is not read.
        """
        ...

    def everything(self) -> Iterator[Owing]:
        """Every case that owes something, in the order of their ids."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """One last day of one obligation. `as_of`: the log position it is known from."""

    due_on: date
    case: CaseId
    key: str
    owed: Obligation
    as_of: int

    @property
    def order(self) -> tuple[date, CaseId, bool, str]:
        """Where it comes among others: a partner's view ends after whatever it showed, so that it sees that end."""
        return self.due_on, self.case, self.owed.duty is Duty.DISCLOSURE, self.key

    @property
    def name(self) -> str:
        """What tells it apart from everything else that is ever taken down for the landlord."""
        return f"{self.case} {self.key} {self.due_on}"

    def command(self) -> CaseCommand:
        """What takes it down."""
        match self.owed.duty:
            case Duty.TERM:
                return RecordEnd(restriction=self.owed.about)
            case Duty.DISCLOSURE:
                return RecordDisclosureEnd(disclosure=self.owed.about)
            case Duty.REVIEW:
                return RecordReviewFellDue(restriction=self.owed.about, cadence=self.owed.code, due_on=self.due_on)
            case _:
                return RecordDeadlinePassed(obligation=self.key, due_on=self.due_on)


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that could not be taken down now, by the name of what stood in the way; it is tried again."""

    due: Due
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What came of one tick. `overtaken`: somebody had done it, or taken it down, meanwhile.

    `left`: there was more than is done at once. `how_far` says how much of the log was accounted for; what happened
    after that is for the next tick.
    """

    day: date
    recorded: tuple[Due, ...]
    overtaken: tuple[Due, ...]
    failed: tuple[Failed, ...]
    left: bool
    how_far: HowFar

    @property
    def complete(self) -> bool:
        """Whether everything that had gone by is on record, as far as the log went when the tick began."""
        far = self.how_far
        return not (self.failed or self.left or far.untold or far.position < far.head)


class Clockwork:
    """Takes down what goes by, for one landlord. Safe to share between threads; one tick at a time.

    `key` makes a name a request of the clock's; errors of kinds in `of_one_case` concern one case alone.
    """

    def __init__(
        self,
        desk: Desk,
        deadlines: Deadlines,
        clock: Clock,
        key: Callable[[str], RequestKey],
        of_one_case: tuple[type[Exception], ...],
    ) -> None:
        self._desk = desk
        self._deadlines = deadlines
        self._clock = clock
        self._key = key
        self._of_one_case: tuple[type[Exception], ...] = (*of_one_case, Conflict, KeyDestroyed, NotFound)
        self._nothing_asked: dict[CaseId, int] = {}
        self._asked_under: tuple[date, int] = (date.min, 0)
        self._lock = Lock()

    @property
    def today(self) -> date:
        """The day by the landlord's clock, in London."""
        return london_date(self._clock.now())

    def tick(self, at: date | None = None, most: int = AT_ONCE, stopping: Callable[[], bool] = lambda: False) -> Ticked:
        """Take down what had gone by when `at` began, today unless given; nothing that lies ahead.

        Once `stopping` says so, the rest is left. Raises `DeadlinesUnread`; `NotFound` when no policy applies; and
        whatever concerns more than one case.
        """
        with self._lock:
            today = self.today
            day = today if at is None else min(at, today)
            how_far = self._deadlines.how_far()
            found = nsmallest(most + 1, self._gone_by(day, today), key=attrgetter("order"))
            recorded, overtaken, failed = self._taken_down(found[:most], stopping)
        return Ticked(
            day=day,
            recorded=tuple(recorded),
            overtaken=tuple(overtaken),
            failed=tuple(failed),
            left=len(found) > len(recorded) + len(overtaken) + len(failed),
            how_far=how_far,
        )

    def would_go_by(self, day: date) -> tuple[Sequence[Due], HowFar]:
        """What a tick would take down when that day has come, if nobody did any of it; nothing is written.

        In the order in which it would be. Raises as `tick`.
        """
        how_far = self._deadlines.how_far()
        policy = self._desk.policy_on(self.today).policy
        found = [due for row in self._deadlines.gone_by(day, _none) for due in gone_by(row, policy, day)]
        return sorted(found, key=attrgetter("order")), how_far

    def owed_by(self, upto: date, on: date) -> tuple[Sequence[Due], HowFar]:
        """Everything with a date up to a day that is owed on another, done late or never included; in order.

        Raises as `tick`.
        """
        how_far = self._deadlines.how_far()
        policy = self._desk.policy_on(self.today).policy
        found = [due for row in self._deadlines.everything() for due in owed_by(row, policy, upto, on)]
        return sorted(found, key=attrgetter("order")), how_far

    def _gone_by(self, day: date, today: date) -> Iterator[Due]:
        landlord = self._desk.state().version
        if self._asked_under != (day, landlord):  # another day or policy may ask something of the same rows
            self._asked_under, self._nothing_asked = (day, landlord), {}
        policy = self._desk.policy_on(today).policy
        asked_nothing: dict[CaseId, int] = {}

        def skip(case: CaseId, as_of: int) -> bool:
            if self._nothing_asked.get(case) != as_of:
                return False
            asked_nothing[case] = as_of
            return True

        for row in self._deadlines.gone_by(day, skip):
            found = tuple(gone_by(row, policy, day))
            if not found:
                asked_nothing[row.case] = row.as_of
            yield from found
        self._nothing_asked = asked_nothing  # and no case that is not listed any more

    def _taken_down(
        self, found: Sequence[Due], stopping: Callable[[], bool]
    ) -> tuple[list[Due], list[Due], list[Failed]]:
        recorded: list[Due] = []
        overtaken: list[Due] = []
        failed: dict[CaseId, list[Failed]] = {}
        for due in found:
            if stopping():
                break
            if due.case in failed:  # in order, or not at all
                failed[due.case].append(Failed(due, failed[due.case][0].why))
                continue
            try:
                receipt = self._desk.execute(due.case, due.command(), SYSTEM, request=self._key(due.name))
                (overtaken if receipt.repeated else recorded).append(due)
            except Refused as refused:
                # Somebody was faster, unless this very history is what the row was made of.
                if self._desk.case(due.case).position > due.as_of:
                    overtaken.append(due)
                else:
                    failed[due.case] = [Failed(due, f"Refused: {refused}")]
            except self._of_one_case as error:
                failed[due.case] = [Failed(due, type(error).__name__)]
        return recorded, overtaken, [one for of_case in failed.values() for one in of_case]


def gone_by(row: Owing, policy: Policy, day: date) -> Iterator[Due]:
    """The last days of a case that lie before a day and are to be taken down."""
    for one in row.owed:
        if one.goes_by_on is not None and applies(one, policy):
            for due_on in one.occurrences(day - DAY):
                yield Due(due_on, row.case, one.key, one, row.as_of)


def owed_by(row: Owing, policy: Policy, upto: date, on: date) -> Iterator[Due]:
    """What a case owes on a day with a date up to another; nothing that ended by itself, or is owed no more."""
    for one in row.owed:
        over = one.until_on is not None and one.until_on < on
        if applies(one, policy) and not over:
            for due_on in one.still_open(upto):
                if due_on >= on or not one.ends_by_itself:
                    yield Due(due_on, row.case, one.key, one, row.as_of)


def _none(_case: CaseId, _as_of: int) -> bool:
    return False
