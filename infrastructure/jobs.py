"""Long acts on read models that somebody asked a service for: done in threads of it, one at a time for each landlord.

They are known for as long as the service runs. What outlives it is the state of a build and the history of acts: a
rebuild that was interrupted is gone on with by the next one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final, Literal
from uuid import uuid4

from infrastructure.engine.rebuilding import Tell
from infrastructure.pace import Pace, Paced

REMEMBERED: Final = 50  # finished jobs of each landlord
Act = Literal["rebuild", "verify", "rollback"]

PATIENCE: Final = 10.0  # seconds in which a job under way comes to a place where it can be left


class Busy(Exception):
    """Another long act on this landlord's read models is under way; `job` is its id."""

    def __init__(self, job: str) -> None:
        super().__init__(f"job {job} is under way")
        self.job = job


class Interrupted(Exception):
    """The service stops, so what was under way is left; the next rebuild goes on with it."""


class Job:
    """One long act. Once it has ended, `outcome` is what came of it or `error` what stopped it."""

    def __init__(self, landlord: str, act: Act, names: tuple[str, ...]) -> None:
        self.id = uuid4().hex
        self.landlord = landlord
        self.act = act
        self.names = names
        self.began_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.outcome: object = None
        self.error: Exception | None = None
        self._paced = Paced()

    @property
    def pace(self) -> Pace:
        """How it goes."""
        return self._paced.now()

    def run(self, work: Callable[[Tell], object], stopping: Event) -> None:
        """Do the work in this thread, until it ends or the service stops."""

        def tell(stage: str, done: int, of: int) -> None:
            if stopping.is_set():
                raise Interrupted("the service stopped")
            self._paced.tell(stage, done, of)

        try:
            self.outcome = work(tell)
        except Exception as error:  # noqa: BLE001 - told to whoever asks what came of the job
            self.error = error
        self.ended_at = datetime.now(UTC)


class Jobs:
    """The jobs of a service, by landlord. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stopping = Event()
        self._jobs: dict[str, OrderedDict[str, Job]] = {}
        self._threads: dict[str, Thread] = {}

    def start(self, landlord: str, act: Act, names: tuple[str, ...], work: Callable[[Tell], object]) -> Job:
        """Begin; `work` is given what it tells its progress to. Raises `Busy`, and `Interrupted` once closed."""
        job = Job(landlord, act, names)
        with self._lock:
            if self._stopping.is_set():
                raise Interrupted("the service stops")
            known = self._jobs.setdefault(landlord, OrderedDict())
            if under_way := [one.id for one in known.values() if one.ended_at is None]:
                raise Busy(under_way[0])
            known[job.id] = job
            while len(known) > REMEMBERED:
                known.popitem(last=False)
            # A daemon: one that cannot be interrupted in a long statement must not keep the process.
            thread = Thread(target=job.run, args=(work, self._stopping), name=f"{act} of {landlord}", daemon=True)
            self._threads[landlord] = thread
            thread.start()
        return job

    def find(self, landlord: str, job: str) -> Job | None:
        """A job of this landlord's, None when there is none of this id."""
        with self._lock:
            return self._jobs.get(landlord, OrderedDict()).get(job)

    def close(self) -> None:
        """Let what is under way come to a place where it can be left, for a bounded time; begin nothing more."""
        with self._lock:
            self._stopping.set()
            threads = list(self._threads.values())
        patience_ends = monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(patience_ends - monotonic(), 0.0))
