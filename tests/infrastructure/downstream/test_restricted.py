"""Whom the log takes to be restricted at a position: from read model and history, whatever the one is behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest

from domain.public.receipts import Restricted
from infrastructure.downstream import restricted
from infrastructure.downstream.disclosed import Grant
from infrastructure.downstream.restricted import RestrictedPeople
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

TUESDAY = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(days=30)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@pytest.fixture
def people(log: ProjectedLog) -> RestrictedPeople:
    return RestrictedPeople(log.projector)


def a_restricted(name: str, on: date = TUESDAY) -> History:
    return History(name).opened().contact().incident().proposed(on).applied(on, ends=MONDAY + timedelta(days=100))


def append(log: ProjectedLog, history: History, since: int = 0) -> int:
    """The events of a history from a number on."""
    return log.append(history.events[since:])


def of(*histories: History) -> Restricted:
    return Restricted.of(history.person for history in histories)


def test_whoever_has_a_restriction_in_force_on_the_day_counts_once(log: ProjectedLog, people: RestrictedPeople) -> None:
    one, two, nobody = a_restricted("one"), a_restricted("two"), History("nobody").opened().contact()
    two.proposed(LATER).applied(LATER, ends=MONDAY + timedelta(days=200))
    last = log.append_whole(one, two, nobody)
    log.catch_up()
    assert people.at(last, MONDAY) == of()
    assert people.at(last, LATER) == of(one, two)
    assert people.at(last, MONDAY + timedelta(days=150)) == of(two)


@pytest.mark.parametrize("caught_up", ["nothing", "before", "all"])
def test_what_came_after_the_position_does_not_count_whatever_the_read_model_has(
    log: ProjectedLog, people: RestrictedPeople, caught_up: str
) -> None:
    one, two = a_restricted("one"), a_restricted("two")
    begun = log.append_whole(one, two)
    if caught_up == "before":
        log.catch_up()
    length = len(one.events)
    lifted = append(log, one.lifted(LATER, from_on=LATER), length)
    suspended = append(log, two.appealed(LATER, suspended=True), len(two.events) - 1)
    if caught_up == "all":
        log.catch_up()
    assert people.at(0, LATER) == of()
    assert people.at(begun, LATER) == of(one, two)
    assert people.at(lifted, LATER) == of(two)
    assert people.at(suspended, LATER) == of()
    assert people.at(suspended, LATER - timedelta(days=1)) == of(one, two)


def test_what_cannot_be_told_is_not_compared(log: ProjectedLog, people: RestrictedPeople) -> None:
    one, stuck = a_restricted("one"), a_restricted("stuck")
    before = log.append_whole(one, stuck)
    unknown = log.append_unknown(stuck)
    log.catch_up()
    assert people.at(before, LATER) == of(one, stuck)
    assert people.at(unknown, LATER) is None


def test_what_would_take_too_long_is_not_compared(
    log: ProjectedLog, people: RestrictedPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restricted, "FOLDED_AT_MOST", 2)
    last = log.append_whole(*(a_restricted(str(number)) for number in range(3)))
    assert people.at(last, LATER) is None
    log.catch_up()
    assert people.at(last, LATER) == of(*(a_restricted(str(number)) for number in range(3)))


def granted(history: History, since: int, until: int | None = None) -> Sequence[Grant]:
    shown = {one.id: frozenset({"named_contact"}) for one in history.state.restrictions}
    return [Grant("disclosure-1", "council", since, until, shown, frozenset())]


@pytest.mark.parametrize("caught_up", [False, True])
def test_for_a_partner_only_what_is_disclosed_to_it_counts(
    log: ProjectedLog, people: RestrictedPeople, caught_up: bool
) -> None:
    one, two = a_restricted("one"), a_restricted("two")
    last = log.append_whole(one, two)
    if caught_up:
        log.catch_up()
    assert people.at(last, LATER, {}) == of()
    assert people.at(last, LATER, {two.case: granted(two, 3)}) == of(two)
    assert people.at(last, LATER, {two.case: granted(two, 3, last + 1)}) == of(two)
    assert people.at(last, LATER, {two.case: granted(two, 3, last)}) == of()  # it ends there
    assert people.at(last, LATER, {two.case: granted(History("other"), 3)}) == of()
