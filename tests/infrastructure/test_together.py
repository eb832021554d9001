"""Work done for many at once: who waits is worked for, who fails fails alone, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

from eventsourcing.persistence import OperationalError

from infrastructure.together import Abandoned, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

AT_MOST = 20.0  # seconds until a test that waits has failed


class Kitchen:
    """Doubles numbers, batch by batch, and holds the first batch until it is told to go on."""

    def __init__(self, spoilt: Callable[[Sequence[int]], None] = lambda _: None) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go_on = Event(), Event()
        self._spoilt = spoilt

    def work(self, items: Sequence[int]) -> list[int | Exception]:
        """Twice each; a negative number is refused."""
        self.batches.append(list(items))
        self.begun.set()
        assert self.go_on.wait(AT_MOST)
        self._spoilt(items)
        return [ValueError(f"{item} is negative") if item < 0 else 2 * item for item in items]


def together(kitchen: Kitchen, *, most: int = 10, heaviest: int = 1_000, at_once: int = 1) -> Together[int, int]:
    return Together(kitchen.work, most=most, heaviest=heaviest, weight=abs, at_once=at_once)


@contextmanager
def queued(doubling: Together[int, int], kitchen: Kitchen, first: int, *then: int) -> Iterator[list[Future[int]]]:
    """One item being worked, and the others behind it in this order."""
    with ThreadPoolExecutor(1 + len(then)) as threads:
        futures = [threads.submit(doubling.do, first)]
        assert kitchen.begun.wait(AT_MOST)
        for number, item in enumerate(then, start=1):
            futures.append(threads.submit(doubling.do, item))
            until(lambda number=number: len(doubling._waiting) == number)  # type: ignore[misc]  # noqa: SLF001
        try:
            yield futures
        finally:
            kitchen.go_on.set()


def until(so: Callable[[], bool]) -> None:
    deadline = monotonic() + AT_MOST
    while not so():
        assert monotonic() < deadline
        sleep(0.001)


def results(futures: Sequence[Future[int]]) -> list[int | BaseException]:
    told = [future.exception(AT_MOST) or future.result() for future in futures]
    assert all(future.done() for future in futures)
    return told


def test_whoever_is_alone_is_worked_for_at_once() -> None:
    kitchen = Kitchen()
    kitchen.go_on.set()
    doubling = together(kitchen)
    assert [doubling.do(1), doubling.do(2)] == [2, 4]
    assert kitchen.batches == [[1], [2]]


def test_those_who_come_while_one_is_worked_for_go_together_in_the_order_they_came() -> None:
    kitchen = Kitchen()
    with queued(together(kitchen), kitchen, 1, 2, 3, 4) as futures:
        kitchen.go_on.set()
        assert results(futures) == [2, 4, 6, 8]
    assert kitchen.batches == [[1], [2, 3, 4]]


def test_a_batch_has_its_bounds_in_number_and_in_weight() -> None:
    by_number, by_weight = Kitchen(), Kitchen()
    with queued(together(by_number, most=2), by_number, 1, 2, 3, 4) as futures:
        by_number.go_on.set()
        assert results(futures) == [2, 4, 6, 8]
    assert by_number.batches == [[1], [2, 3], [4]]
    with queued(together(by_weight, heaviest=10), by_weight, 1, 4, 5, 3, 99) as futures:
        by_weight.go_on.set()
        assert results(futures) == [2, 8, 10, 6, 198]
    assert by_weight.batches == [[1], [4, 5], [3], [99]]  # what is too heavy by itself goes alone


def test_a_second_batch_begins_beside_the_first_where_two_may_be_under_way() -> None:
    kitchen = Kitchen()
    doubling = together(kitchen, at_once=2)
    with ThreadPoolExecutor(2) as threads:
        futures = [threads.submit(doubling.do, item) for item in (1, 2)]
        try:
            until(lambda: len(kitchen.batches) == 2)
        finally:
            kitchen.go_on.set()
        assert results(futures) == [2, 4]


def test_an_error_of_one_is_raised_for_its_owner_alone() -> None:
    kitchen = Kitchen()
    with queued(together(kitchen), kitchen, 1, 2, -3, 4) as futures:
        kitchen.go_on.set()
        first, second, refused, fourth = results(futures)
    assert (first, second, fourth) == (2, 4, 8)
    assert isinstance(refused, ValueError)
    assert len(kitchen.batches) == 2


def test_a_batch_that_fails_as_a_whole_is_tried_one_by_one_so_that_the_culprit_fails_alone() -> None:
    def spoilt(items: Sequence[int]) -> None:
        if 3 in items:
            raise TypeError("three is not to be had")

    kitchen = Kitchen(spoilt)
    with queued(together(kitchen), kitchen, 1, 2, 3, 4) as futures:
        kitchen.go_on.set()
        first, second, culprit, fourth = results(futures)
    assert (first, second, fourth) == (2, 4, 8)
    assert isinstance(culprit, TypeError)
    assert kitchen.batches == [[1], [2, 3, 4], [2], [3], [4]]


def test_a_server_that_is_away_is_told_to_everybody_and_not_asked_again_for_each() -> None:
    def spoilt(items: Sequence[int]) -> None:
        if 2 in items:
            raise OperationalError("nobody answers")

    kitchen = Kitchen(spoilt)
    with queued(together(kitchen), kitchen, 1, 2, 3) as futures:
        kitchen.go_on.set()
        first, *others = results(futures)
    assert first == 2
    assert [type(other) for other in others] == [OperationalError] * 2
    assert others[0] is not others[1]  # each has a traceback of its own
    assert len(kitchen.batches) == 2


def test_when_the_working_thread_is_interrupted_the_others_are_told_and_the_next_batch_goes_on() -> None:
    def spoilt(items: Sequence[int]) -> None:
        if 2 in items:
            raise KeyboardInterrupt

    kitchen = Kitchen(spoilt)
    with queued(together(kitchen, most=2), kitchen, 1, 2, 3, 4, 5) as futures:
        kitchen.go_on.set()
        told = [future.exception(AT_MOST) for future in futures]
    assert [type(error) for error in told] == [type(None), KeyboardInterrupt, Abandoned, type(None), type(None)]
    assert kitchen.batches == [[1], [2, 3], [4, 5]]


def test_whoever_gives_up_waiting_leaves_and_takes_nobody_along() -> None:
    kitchen = Kitchen()
    doubling = together(kitchen)
    with queued(doubling, kitchen, 1, 2, 3) as futures:
        leaving = doubling._waiting[0]  # noqa: SLF001 - as an interrupt of its thread would
        doubling._leave(leaving)  # noqa: SLF001
        leaving.outcomes = [0]
        leaving.woken.release()
        kitchen.go_on.set()
        assert results(futures) == [2, 0, 6]
    assert kitchen.batches == [[1], [3]]


def test_an_interrupt_of_whoever_was_to_work_next_hands_the_work_on() -> None:
    kitchen = Kitchen()
    doubling = together(kitchen)
    turn = doubling._leading  # noqa: SLF001
    with queued(doubling, kitchen, 1, 2) as futures:
        [working] = turn
        doubling._leave(working)  # noqa: SLF001 - its thread is interrupted before it begins
        kitchen.go_on.set()
        assert results(futures) == [2, 4]
    assert not doubling._leading  # noqa: SLF001


def test_many_threads_get_each_their_own_and_nothing_is_worked_twice() -> None:
    kitchen = Kitchen()
    kitchen.go_on.set()
    doubling = together(kitchen, most=7, heaviest=10**9, at_once=2)

    def double(first: int) -> None:
        for item in range(first, first + 500):
            assert doubling.do(item) == 2 * item

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(double, range(0, 32_000, 1_000)))
    worked = sorted(item for batch in kitchen.batches for item in batch)
    assert worked == [item for first in range(0, 32_000, 1_000) for item in range(first, first + 500)]
