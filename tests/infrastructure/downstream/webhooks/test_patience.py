"""What is tried when, and whether anything new is begun, follows from how the calls of an endpoint went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infrastructure.downstream.webhooks.calls import Outcome
from infrastructure.downstream.webhooks.patience import ALONE, AT_ONCE, DOWN, DOWN_FOR, MOST_BEHIND, Patience
from infrastructure.downstream.webhooks.progress import Place, Waiting
from infrastructure.downstream.webhooks.schedule import TRIES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class ABook:
    """A book that nobody writes down."""

    def __init__(self, *cases: str, start_over: str | None = None) -> None:
        self.place = Place(7, None, start_over)
        self.waiting = self.place.waiting
        for case in cases:
            self.waiting[case] = waiting()

    def wait(self, case: str, one: Waiting) -> None:
        """A case is behind."""
        self.waiting[case] = one

    def caught_up(self, case: str) -> None:
        """It no longer is."""
        del self.waiting[case]


class Endpoint:
    """An endpoint at noon, which these cases are behind at."""

    def __init__(self, *cases: str, start_over: str | None = None) -> None:
        self.now = NOON
        self.book = ABook(*cases, start_over=start_over)
        self.patience = Patience(self.book, lambda: self.now)  # type: ignore[arg-type]
        self.patience.begin()

    def fails(self, case: str, **said: Any) -> bool:
        """A case's event is not taken."""
        one = self.book.waiting.get(case) or waiting(self.now)
        return self.patience.not_taken(case, one, Outcome("status", 500, self.now, 0, **said))

    def due(self, *under_way: str) -> list[str]:
        """The cases that are to be tried now."""
        return [case for case, _ in self.patience.due(under_way)]


def waiting(at: datetime = NOON) -> Waiting:
    """A case that is behind and due."""
    return Waiting(position=3, event="e", tries=0, since=at, next_at=at)


def test_cases_that_are_behind_leave_room_for_those_that_are_not() -> None:
    endpoint = Endpoint(*"abcdef")
    assert endpoint.due() == list("abcd")
    assert endpoint.due("b", "x") == list("acd")
    assert endpoint.due(*(f"x{n}" for n in range(AT_ONCE))) == []
    assert endpoint.patience.tells


def test_while_nothing_is_taken_one_case_is_tried_at_a_time_and_the_first_that_is_taken_makes_all_due() -> None:
    endpoint = Endpoint()
    for case in "abc"[:DOWN]:
        assert not endpoint.patience.down
        assert not endpoint.fails(case)
    assert endpoint.patience.down
    assert not endpoint.patience.tells
    assert not endpoint.patience.reads
    assert endpoint.due() == []
    endpoint.now += timedelta(seconds=7)
    assert endpoint.due() == ["a"]
    assert endpoint.due("a") == []
    endpoint.fails("a")
    endpoint.patience.taken()
    assert endpoint.due() == list("abc")
    assert endpoint.patience.reads
    assert endpoint.book.place.failing_since is None


def test_a_single_case_that_failed_for_long_is_due_as_soon_as_another_is_taken() -> None:
    endpoint = Endpoint()
    endpoint.fails("a")
    endpoint.patience.taken()
    assert endpoint.due() == []
    endpoint.fails("a")
    endpoint.now += DOWN_FOR
    endpoint.fails("a")
    assert endpoint.due() == []
    endpoint.patience.taken()
    assert endpoint.due() == ["a"]


def test_a_case_is_parked_if_another_was_taken_meanwhile_and_else_the_endpoint_is_over() -> None:
    for taken in (True, False):
        endpoint = Endpoint()
        for tries in range(1, TRIES + 1):
            assert endpoint.fails("a") == (tries == TRIES and not taken)
            endpoint.now += timedelta(hours=5)
            if tries == 1 and taken:
                endpoint.patience.taken()
        assert (endpoint.book.waiting["a"].tries, endpoint.book.waiting["a"].parked) == (TRIES, taken)
        assert not (taken and endpoint.due())


def test_word_to_start_over_goes_before_everything_and_is_never_parked() -> None:
    endpoint = Endpoint("a", start_over="word")
    assert endpoint.due() == [ALONE]
    assert endpoint.due(ALONE) == []
    assert not endpoint.patience.tells
    assert endpoint.book.waiting[ALONE].position == 7
    for _ in range(TRIES - 1):
        assert not endpoint.fails(ALONE)
        endpoint.patience.taken()
    assert endpoint.fails(ALONE)
    endpoint.patience.caught_up(ALONE)
    assert endpoint.due() == ["a"]


@pytest.mark.parametrize(("status", "quiet"), [(429, True), (503, True), (500, False)])
def test_who_asks_for_it_is_left_alone_until_then_or_until_the_clock_goes_back(status: int, quiet: bool) -> None:
    for later in (timedelta(minutes=31), -timedelta(hours=9)):
        endpoint = Endpoint("a")
        endpoint.patience.answered(Outcome("status", status, NOON, 0, 1800.0))
        assert endpoint.patience.quiet is quiet
        endpoint.now += later
        assert not endpoint.patience.quiet


def test_a_clock_that_went_back_makes_a_case_due() -> None:
    endpoint = Endpoint()
    endpoint.fails("a")
    assert endpoint.due() == []
    endpoint.now -= timedelta(hours=9)
    assert endpoint.due() == ["a"]


def test_nobody_looks_again_and_again_while_there_is_no_room() -> None:
    endpoint = Endpoint(*"abcdef")
    assert endpoint.patience.next_look(list("abcd"), 1.0) is None
    for case in "abcdef":
        endpoint.fails(case)
    assert endpoint.patience.next_look(["a"], 1.0) is None  # down: one at a time
    assert endpoint.patience.next_look([], 1.0) == 1.0
    endpoint.now += timedelta(seconds=7)
    assert (endpoint.patience.next_look([], 1.0) or 1.0) < 1.0
    assert Endpoint().patience.next_look([], 1.0) is None


def test_with_very_many_cases_behind_no_new_one_is_read_unless_they_are_parked() -> None:
    endpoint = Endpoint(*(str(number) for number in range(MOST_BEHIND)))
    assert not endpoint.patience.reads
    endpoint.book.waiting["0"].parked = True
    assert endpoint.patience.reads
