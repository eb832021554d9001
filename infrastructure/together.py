"""Work that costs little more for many than for one, done for many at once: who comes while it is done goes together.

There is no thread for it and no delay. Whoever finds nobody at work goes to work at once; whoever comes meanwhile
waits, and the first of them then works for all.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from eventsourcing.persistence import InterfaceError, OperationalError

if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Sequence

T = TypeVar("T")
R = TypeVar("R")

# The server could not be asked, and trying again for each item would only take so many times as long.
UNREACHABLE: Final = (OperationalError, InterfaceError)


class Abandoned(OperationalError):
    """Whoever was working for this caller was interrupted: whether the work was done is not known. Try again."""

    def __init__(self) -> None:
        super().__init__("the thread that worked for several others was interrupted; what became of it is not known")


class Together(Generic[T, R]):
    """Hands the items of many threads to `work` in batches, each result and error to whoever brought the item.

    `work` gets the items in the order in which they came, and gives as many outcomes; an exception among them is
    raised for its item's owner alone. When it raises instead, each item is worked alone, so that only the culprit
    fails; unless the server is away, which every owner is told. `at_once` batches may be under way at a time. A
    batch has at most `most` items, and unless it is a single one, their `weight` together is at most `heaviest`.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Sequence[R | Exception]],
        *,
        most: int,
        heaviest: int,
        weight: Callable[[T], int],
        at_once: int = 1,
    ) -> None:
        self._work = work
        self._most = most
        self._heaviest = heaviest
        self._weight = weight
        self._at_once = at_once
        self._lock = allocate_lock()
        self._leading: list[_Turn[T, R]] = []
        self._waiting: deque[_Turn[T, R]] = deque()

    def do(self, item: T) -> R:
        """What `work` gave for this item, or raises what it raised. Raises `Abandoned` when it was interrupted."""
        turn: _Turn[T, R] = _Turn(item, self._weight(item))
        try:
            with self._lock:
                if len(self._leading) < self._at_once:
                    self._leading.append(turn)
                else:
                    turn.woken.acquire()
                    self._waiting.append(turn)
            # Held until somebody has worked for us, or it is our turn to work.
            turn.woken.acquire()
            if not turn.outcomes:
                self._lead(turn)
        finally:
            if not turn.outcomes:
                self._leave(turn)
        [outcome] = turn.outcomes
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _lead(self, leader: _Turn[T, R]) -> None:
        """Work for ourselves and for whoever waits, as many as may go together."""
        batch = [leader]
        outcomes: Sequence[R | Exception] = ()
        try:
            with self._lock:
                weight = leader.weight
                while self._waiting and len(batch) < self._most:
                    weight += self._waiting[0].weight
                    if weight > self._heaviest:
                        break
                    batch.append(self._waiting.popleft())
            outcomes = self._outcomes([turn.item for turn in batch])
        finally:
            # An interrupt in here must not leave others waiting: then the second call does the rest.
            try:
                self._hand_out(batch, outcomes)
            finally:
                self._hand_out(batch, outcomes)

    def _hand_out(self, batch: list[_Turn[T, R]], outcomes: Sequence[R | Exception]) -> None:
        """Give each owner of the batch an outcome, the leader last, and strike from the batch whoever has one."""
        # The next batch is begun before these owners are told: it has no need to wait for them.
        if batch:
            self._leave(batch[0])
        while batch:
            turn = batch[-1]
            turn.outcomes = [outcomes[len(batch) - 1] if outcomes else Abandoned()]
            if turn.woken.locked() and len(batch) > 1:
                turn.woken.release()
            batch.pop()

    def _leave(self, turn: _Turn[T, R]) -> None:
        """Lead or wait no longer; whoever came first of those who wait takes the place of one who led."""
        with self._lock:
            if turn in self._leading:
                self._leading.remove(turn)
            elif turn in self._waiting:
                self._waiting.remove(turn)
            while self._waiting and len(self._leading) < self._at_once:
                following = self._waiting.popleft()
                self._leading.append(following)
                following.woken.release()

    def _outcomes(self, items: Sequence[T]) -> Sequence[R | Exception]:
        try:
            outcomes = self._work(items)
        except UNREACHABLE as away:
            return [_told(away) for _ in items]
        except Exception as error:  # noqa: BLE001 - it goes to the owner of the item that it is about
            return [error] if len(items) == 1 else [self._outcomes([item])[0] for item in items]
        if len(outcomes) != len(items):
            msg = f"{len(items)} items were worked and {len(outcomes)} outcomes given"
            raise RuntimeError(msg)
        return outcomes


class _Turn(Generic[T, R]):
    """One caller's item, what came of it once that is known, and a lock that is held while the caller has to wait."""

    __slots__ = ("item", "outcomes", "weight", "woken")

    def __init__(self, item: T, weight: int) -> None:
        self.item = item
        self.weight = weight
        self.outcomes: list[R | Exception] = []
        self.woken: LockType = allocate_lock()


def _told(error: Exception) -> Exception:
    """The same error for one of several owners, who each raise it in a thread of their own."""
    told = type(error)(*error.args)
    told.__cause__ = error
    return told
