"""How a case stands for those outside: what subscribers keep is right on any day, and no word of prose is in it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Topic
from domain.personal import Personal
from projections.contact_advice import OF_THE_CASE, contact_advice
from projections.public_state import Disclosed, PublicState, public_state, seen_by
from projections.view import steps_of
from tests.histories import MONDAY, History
from tests.projections.test_contact_advice import lives

ALL: Final = frozenset(Topic)


def state_of(history: History) -> PublicState:
    """The whole state of a case."""
    steps = steps_of(history.events)
    [row] = [r for r in contact_advice(steps) if r.home == OF_THE_CASE]
    return public_state(row, steps[-1].after.version)


def day(number: int) -> date:
    """So many days after the first."""
    return MONDAY + timedelta(days=number)


def restricted() -> History:
    """Somebody restricted for a hundred days, who has been told."""
    return (
        History()
        .opened()
        .contact()
        .incident()
        .warned(day(0))
        .proposed(day(0))
        .applied(day(0), starts=day(2), ends=day(100))
        .told(day(1))
    )


def in_force(state: PublicState, on: date) -> set[str]:
    """The restrictions in force on a day, as a subscriber finds them."""
    return {
        r.restriction
        for r in state.restrictions
        if r.starts_on <= on <= r.last_day
        and not any(s.from_on <= on and (s.until is None or on <= s.until) for s in r.suspended)
    }


@given(history=lives(), after=st.integers(-10, 400))
def test_what_is_in_force_on_any_day_is_what_the_case_says(history: History, after: int) -> None:
    on, state = day(after), state_of(history)
    case = history.state
    assert in_force(state, on) == {r.id for r in case.restrictions if r.in_force_on(on)}
    standing = {w.warning for w in state.safety if w.from_on <= on <= w.last_day}
    assert standing == {w.id for w in case.safety if w.stands_on(on)}
    given_ = {a.adjustment for a in state.adjustments if a.starts_on <= on and (not a.last_day or on <= a.last_day)}
    assert given_ == {a.id for a in case.adjustments if a.in_force_on(on)}


@given(history=lives())
def test_no_personal_value_and_no_prose_is_in_it(history: History) -> None:
    for value in _values(state_of(history)):
        assert not isinstance(value, Personal)
        if isinstance(value, str):
            assert " " not in value or value.split()[0].isdigit() or ":" in value  # a period, an agreed time


@given(history=lives(), after=st.integers(0, 400))
def test_what_holds_today_or_will_is_never_left_out(history: History, after: int) -> None:
    state = state_of(history)
    if any(in_force(state, day(after + later)) for later in range(40)):
        assert state.matters_on(day(after))


def test_days_are_those_on_which_it_holds() -> None:
    history = restricted().appealed(day(20), suspended=True).determined(day(30))
    [restriction] = state_of(history).restrictions
    assert [(s.from_on, s.until) for s in restriction.suspended] == [(day(20), day(29))]
    history.lifted(day(40), from_on=day(41))
    [restriction] = state_of(history).restrictions
    assert (restriction.ends_on, restriction.over_from, restriction.last_day) == (day(100), day(41), day(40))
    assert state_of(history).matters_on(day(40))
    assert not state_of(history).matters_on(day(41))


def test_a_subscriber_sees_the_topics_that_it_follows() -> None:
    state = state_of(restricted().adjustment(day(3)))
    assert seen_by(state, ALL) == state
    only = seen_by(state, {Topic.RESTRICTIONS})
    assert (only.restrictions, only.adjustments, only.persons) == (state.restrictions, (), ())
    nothing = seen_by(state, {Topic.CASEWORK})
    assert (nothing.restrictions, nothing.safety, nothing.safe_contacts) == ((), (), ())
    assert seen_by(state, {Topic.SUPPORT}).adjustments == state.adjustments != ()


def test_a_partner_sees_what_was_disclosed_to_it_and_nothing_beside() -> None:
    state = state_of(restricted().adjustment(day(3)).proposed(day(5)).applied(day(5), ends=day(60)))
    [first, _] = state.restrictions
    [measure, *_] = first.timeline[0].measures
    disclosed = Disclosed(restrictions={first.restriction: {measure.id}}, warnings=())
    seen = seen_by(state, ALL, disclosed)
    assert [r.restriction for r in seen.restrictions] == [first.restriction]
    assert {m.id for stood in seen.restrictions[0].timeline for m in stood.measures} == {measure.id}
    assert (seen.adjustments, seen.safe_contacts, seen.persons, seen.safety) == ((), (), (), ())
    nothing = seen_by(state, ALL, Disclosed(restrictions={}, warnings=()))
    assert nothing.restrictions == ()


def _values(part: Any) -> list[Any]:
    if is_dataclass(part):
        return [value for field in fields(part) for value in _values(getattr(part, field.name))]
    if isinstance(part, tuple):
        return [value for one in part for value in _values(one)]
    return [part]
