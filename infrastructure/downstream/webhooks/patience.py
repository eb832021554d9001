"""What follows from how one endpoint's calls went: what is tried again and when, and whether anything new is begun.

It decides and calls nobody. The book, which writes down what was decided, is all that it changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from infrastructure.downstream.webhooks.progress import Waiting
from infrastructure.downstream.webhooks.schedule import LONGEST_ASKED, TRIES, wait_after

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from infrastructure.downstream.webhooks.book import Book
    from infrastructure.downstream.webhooks.calls import Outcome

AT_ONCE: Final = 8  # cases of one endpoint that are told at the same time
MOST_BEHIND: Final = 1_000  # cases that are tried again before no new one is begun
DOWN: Final = 3  # cases that were not taken in a row before an endpoint counts as down
DOWN_FOR: Final = timedelta(minutes=10)  # likewise, without that many
ALL_OF_IT: Final = frozenset({429, 503})  # a Retry-After with these is for whatever might be sent (RFC 9110, 10.2.3)
ALONE: Final = ""  # in the place of a case: word that the receiver has to start over, which goes before everything
SUDDEN: Final = timedelta(seconds=2 * LONGEST_ASKED)  # a wait longer than any that is given: the clock went back
SHORTEST_LOOK: Final = 0.05  # seconds


class Patience:
    """Of one endpoint. `now` gives the present instant; call `begin` once the book is open."""

    def __init__(self, book: Book, now: Callable[[], datetime]) -> None:
        self._book = book
        self._now = now
        self._random = SystemRandom()
        self._refused: set[str] = set()  # cases that were not taken since one last was
        self._quiet_until: datetime | None = None  # the receiver asked not to be called before

    def begin(self) -> None:
        """Go on as the endpoint was left."""
        place, now = self._book.place, self._now()
        if place.start_over is not None and ALONE not in place.waiting:
            place.waiting[ALONE] = Waiting(
                position=place.position, event=place.start_over, tries=0, since=now, next_at=now
            )
        if place.failing_since is not None:
            self._refused.update(case for case, one in place.waiting.items() if not one.parked)

    # What may be done

    @property
    def down(self) -> bool:
        """Whether nothing was taken of late: then only what is behind is tried, one case after the other."""
        return len(self._refused) >= DOWN

    @property
    def tells(self) -> bool:
        """Whether cases that are not behind are told of what was read."""
        return not self.down and ALONE not in self._book.waiting

    @property
    def reads(self) -> bool:
        """Whether more is read, for cases that are not behind."""
        return self.tells and sum(not one.parked for one in self._book.waiting.values()) < MOST_BEHIND

    @property
    def quiet(self) -> bool:
        """Whether the receiver wants to be left alone; a clock that went back ends that."""
        until, now = self._quiet_until, self._now()
        if until is not None and (until <= now or until - now > SUDDEN):
            self._quiet_until = until = None
        return until is not None

    def due(self, under_way: Collection[str]) -> Sequence[tuple[str, Waiting]]:
        """The cases that are behind and to be tried now, as many as there is room for."""
        waiting, now = self._book.waiting, self._now()
        due = (case for case in self._next(under_way) if _is_due(waiting[case], now))
        return [(case, waiting[case]) for case in islice(due, self._room(under_way))]

    def next_look(self, under_way: Collection[str], poll: float) -> float | None:
        """Seconds until it has to be looked what is due, at most `poll`; None while nothing can come of it."""
        if self._quiet_until is not None:
            return poll
        waiting = self._book.waiting
        # Without room nobody looks before a call under way has come to its end.
        next_at = [waiting[case].next_at for case in self._next(under_way)] if self._room(under_way) else []
        if not next_at:
            return None
        return min(max((min(next_at) - self._now()).total_seconds(), SHORTEST_LOOK), poll)

    def _next(self, under_way: Collection[str]) -> Sequence[str]:
        waiting = self._book.waiting
        asked = (ALONE,) if ALONE in waiting else waiting
        return [case for case in asked if not waiting[case].parked and case not in under_way]

    def _room(self, under_way: Collection[str]) -> int:
        """For how many more cases that are behind: they leave room for those that are not."""
        waiting = self._book.waiting
        most = 1 if self.down or ALONE in waiting else AT_ONCE // 2
        return max(min(most - sum(case in waiting for case in under_way), AT_ONCE - len(under_way)), 0)

    # What came of it

    def answered(self, outcome: Outcome) -> None:
        """A receiver that asks for it is left alone for a while, whatever there is to tell it."""
        if outcome.asked and outcome.status in ALL_OF_IT:
            asked = timedelta(seconds=min(outcome.asked, LONGEST_ASKED))
            self._quiet_until = max(self._quiet_until or outcome.at, outcome.at + asked)

    def taken(self) -> None:
        """Something was: an endpoint that was down is tried with everything at once."""
        place, now = self._book.place, self._now()
        if place.failing_since is None:
            return
        if self.down or now - place.failing_since >= DOWN_FOR:
            for case, one in place.waiting.items():
                if not one.parked:
                    one.next_at = min(one.next_at, now)
                    self._book.wait(case, one)
        place.failing_since = None
        self._refused.clear()

    def not_taken(self, case: str, one: Waiting, outcome: Outcome) -> bool:
        """A case is behind from this event on, and tried again, or parked once its tries are used up.

        True when that is so and nothing else was taken meanwhile: the endpoint is brought nothing more.
        """
        place = self._book.place
        if one.tries == 0:
            one.since = outcome.at
        one.tries += 1
        if place.failing_since is None:
            place.failing_since = outcome.at
        self._refused.add(case)
        self._book.wait(case, one)
        wait = wait_after(one.tries, self._random, outcome.asked)
        if wait is not None:
            one.next_at = outcome.at + timedelta(milliseconds=outcome.took_ms, seconds=wait)
        elif place.failing_since <= one.since or case == ALONE:
            one.tries = TRIES
            return True
        else:
            one.parked = True
            self._refused.discard(case)
        return False

    def further(self, case: str, one: Waiting, position: int) -> None:
        """A case that is behind was told of everything up to there."""
        one.position, one.event, one.tries = position + 1, None, 0
        self._book.wait(case, one)

    def caught_up(self, case: str) -> None:
        """A case is where all others are."""
        self._book.caught_up(case)
        self._refused.discard(case)


def _is_due(one: Waiting, now: datetime) -> bool:
    return one.next_at <= now or one.next_at - now > SUDDEN
