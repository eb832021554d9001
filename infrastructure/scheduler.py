"""The thread by which time goes by: it ticks for each landlord in turn, and keeps nothing that has to last.

APScheduler only says when. What is due stands in the read model, what was taken down in the log; a tick that was
missed, or cut off anywhere, is made up for by the next one.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from application.clockwork import DeadlinesUnread
from application.desk import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apscheduler.job import Job

    from application.clockwork import Clockwork, Ticked

logger = logging.getLogger(__name__)

# A clock that is set forward takes down as over what is not. It is mostly set right soon, and nothing that went by is
# lost by waiting so long for that.
SET_FORWARD: Final = timedelta(hours=6)
HELD_BACK: Final = timedelta(minutes=10)


WAS_SET_FORWARD: Final = (
    "the machine's clock was set forward by hours; what went by since is taken down in ten minutes, unless it is set "
    "right until then"
)


class TickObserver(Protocol):
    """Whoever counts what came of ticks."""

    def ticked(self, landlord: str, recorded: int, failed: int, *, well: bool) -> None:
        """A landlord's tick took so much down, and so much could not be; `well`: nobody has to look after it."""
        ...


@dataclass(frozen=True, slots=True)
class LastTick:
    """What came of a landlord's last tick, when by the monotonic clock, and in one sentence what is wrong, if anything.

    `position` is how much of the log was accounted for, None where that could not be read.
    """

    at: float
    position: int | None
    trouble: str | None


def machine_time() -> tuple[datetime, float]:
    """The machine's clock, and the seconds since it was started, which nobody sets; asleep it counts on, on Linux."""
    since_start = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return datetime.now(UTC), time.clock_gettime(since_start)


class Scheduler:
    """Ticks for the landlords that `clockworks` gives, one after another in one thread, every so many seconds."""

    def __init__(
        self,
        clockworks: Callable[[], Mapping[str, Clockwork]],
        every: float,
        observer: TickObserver | None = None,
        machine: Callable[[], tuple[datetime, float]] = machine_time,
    ) -> None:
        self._machine = machine
        self._before = machine()
        self._held_until = 0.0
        self._clockworks = clockworks
        self._every = timedelta(seconds=every)
        self._observer = observer
        self._last: dict[str, LastTick] = {}
        self._stopping = Event()
        self._apscheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": NeverFarAhead(2 * self._every)},
            executors={"default": ThreadPoolExecutor(1)},
        )

    def start(self) -> None:
        """Tick now, and go on in a thread of its own."""
        self._apscheduler.add_job(
            self.tick,
            IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # however late: a machine that slept has more to take down, not less
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that lasts past the next one is no trouble
        self._apscheduler.start()

    def stop(self) -> None:
        """End after the command under way, and wait for that."""
        self._stopping.set()
        if self._apscheduler.running:
            self._apscheduler.shutdown(wait=True)

    def last(self) -> Mapping[str, LastTick]:
        """What came of each landlord's last tick."""
        return dict(self._last)

    def tick(self) -> None:
        """Tick once for everybody. What fails for one landlord is told, and keeps no other waiting."""
        if self._held_back():
            for landlord in self._clockworks():
                self._note(landlord, None, 0, 0, WAS_SET_FORWARD)
            return
        for landlord, clockwork in sorted(self._clockworks().items()):
            if self._stopping.is_set():
                return
            self._tick(landlord, clockwork)

    def _tick(self, landlord: str, clockwork: Clockwork) -> None:
        before = self._last.get(landlord)
        position, recorded, failed = None, 0, 0
        try:
            ticked = clockwork.tick(stopping=self._stopping.is_set)
        except (DeadlinesUnread, NotFound) as error:
            trouble: str | None = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next landlord's time goes by as well
            trouble = f"what went by could not be taken down ({type(error).__qualname__}); it is tried again"
        else:
            position, recorded, failed = ticked.how_far.position, len(ticked.recorded), len(ticked.failed)
            trouble = told(ticked, before)
            if recorded:
                logger.info("%s: %d last days that went by were taken down", landlord, recorded)
        self._note(landlord, position, recorded, failed, trouble)

    def _note(self, landlord: str, position: int | None, recorded: int, failed: int, trouble: str | None) -> None:
        before = self._last.get(landlord)
        if trouble is not None and (before is None or before.trouble != trouble):
            logger.warning("%s: %s", landlord, trouble)
        self._last[landlord] = LastTick(monotonic(), position, trouble)
        if self._observer is not None:
            self._observer.ticked(landlord, recorded, failed, well=trouble is None)

    def _held_back(self) -> bool:
        """Whether the machine's clock was set forward a moment ago, by hours, and was not set back since."""
        (then, counted), (now, counts) = self._before, self._machine()
        self._before = now, counts
        set_forward = (now - then) - timedelta(seconds=counts - counted)
        if set_forward > SET_FORWARD:
            self._held_until = counts + HELD_BACK.total_seconds()
        elif set_forward < -SET_FORWARD:
            self._held_until = 0.0
        return counts < self._held_until


class NeverFarAhead(MemoryJobStore):  # type: ignore[misc]  # of a package without types
    """Jobs in memory, none of them further ahead than `most`: else a clock that is set back would put ticks off."""

    def __init__(self, most: timedelta) -> None:
        super().__init__()
        self._most = most

    def get_due_jobs(self, now: datetime) -> list[Job]:
        """What is to run now."""
        for job in self.get_all_jobs():
            if job.next_run_time is not None and job.next_run_time > now + self._most:
                job.modify(next_run_time=now)
        due: list[Job] = super().get_due_jobs(now)
        return due


def told(ticked: Ticked, before: LastTick | None) -> str | None:
    """What is wrong, in one sentence without any person; None when nobody has to look after anything.

    A list that is a little behind is taken in by the next tick; one that did not move since the last one is told.
    """
    far, said = ticked.how_far, []
    if ticked.failed:
        cases = len({one.due.case for one in ticked.failed})
        why = ", ".join(sorted({one.why for one in ticked.failed}))
        said.append(f"what went by in {cases} case{'' if cases == 1 else 's'} could not be taken down ({why})")
    if len(far.untold) == 1:
        said.append("1 case cannot be told to its end, and what goes by in it waits")
    elif far.untold:
        said.append(f"{len(far.untold)} cases cannot be told to their end, and what goes by in them waits")
    if far.position < far.head and far.paused:
        said.append("the list of deadlines is paused, and what goes by waits")
    elif far.position < far.head and before is not None and before.position == far.position:
        said.append("the list of deadlines is behind the log and does not move, and what goes by waits")
    return "; ".join(said) or None
