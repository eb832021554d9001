"""Whom the log takes to be restricted at a position: from read model and history, whatever the one is behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import CaseId, SubjectId
from domain.events import CaseOpened, Event
from domain.evolve import fold
from domain.public.receipts import Restricted
from infrastructure.downstream import restricted
from infrastructure.downstream.disclosed import Grant
from infrastructure.downstream.restricted import RestrictedPeople
from tests.histories import MONDAY, History, case_of
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.random_histories import histories

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


# Any log

EXAMPLES_OF_A_LOG = 6  # each on a log of its own


@settings(max_examples=EXAMPLES_OF_A_LOG, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(histories(), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
    st.integers(0, 40),
    st.integers(0, 200),
)
def test_it_is_what_folding_every_case_up_to_there_says(
    database: str, found: list[History], order: Random, caught_up_at: int, days: int
) -> None:
    """Whatever the order of events of different cases, wherever the read model stands, at every position."""
    day = MONDAY + timedelta(days=days)
    by_case: dict[CaseId, list[Event]] = {}
    for number, history in enumerate(found):
        person = SubjectId(str(uuid5(NAMESPACE_OID, f"{database} {number} {order.random()}")))
        case = case_of(person, 1)
        renamed = [
            replace(event, stream=case, event_id=str(uuid5(NAMESPACE_OID, f"{case} {event.version}")))
            for event in history.events
        ]
        first = renamed[0]
        assert isinstance(first.fact, CaseOpened)
        renamed[0] = replace(first, fact=replace(first.fact, person=person))
        by_case[case] = renamed
    waiting = [case for case, events in by_case.items() for _ in events]
    order.shuffle(waiting)
    with a_projected_log(database, landlord=f"elm_{uuid4().hex[:8]}") as log:
        people, told = RestrictedPeople(log.projector), dict.fromkeys(by_case, 0)
        expected = [Restricted.of([])]
        for number, case in enumerate(waiting):
            if number == caught_up_at:
                log.catch_up()
            log.append([by_case[case][told[case]]])
            told[case] += 1
            folded = [fold(every[: told[one]]) for one, every in by_case.items()]
            expected.append(Restricted.of(one.person for one in folded if one.in_force_on(day)))
        assert [people.at(position, day) for position in range(len(waiting) + 1)] == expected
        log.catch_up()
        assert [people.at(position, day) for position in range(len(waiting) + 1)] == expected
