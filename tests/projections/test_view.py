"""A view that says it is per event keeps its word: a later event changes no row, so that only new rows are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from application.demonstrations import STORIES
from domain.case import Case
from domain.events import CaseOpened
from domain.evolve import HistoryStep
from infrastructure.mapper import Mapper
from projections import ALL
from projections.alert_state import ALERT_STATE
from projections.audit_trail import AUDIT_TRAIL
from projections.view import View, step_of, steps_of
from tests.domain.a_stage import Stage
from tests.golden.corpus import corpus, golden_sealing
from tests.histories import MONDAY, History, instant, main_road
from tests.random_histories import histories

PER_EVENT = [view for view in ALL if view.per_event]
each_view_per_event = pytest.mark.parametrize("view", PER_EVENT, ids=lambda view: view.name)


def at_once(view: View[Any], steps: Sequence[HistoryStep]) -> list[Any]:
    return list(view.rows(steps))


def one_by_one(view: View[Any], steps: Sequence[HistoryStep]) -> list[Any]:
    return [row for step in steps for row in view.rows([step])]


def test_the_audit_trail_is_per_event_and_the_alert_state_is_not() -> None:
    assert PER_EVENT == [AUDIT_TRAIL]


def test_the_rows_of_a_view_that_looks_back_are_not_those_of_its_steps_one_by_one() -> None:
    steps = steps_of(main_road().events)

    assert at_once(ALERT_STATE, steps) != one_by_one(ALERT_STATE, steps)


@each_view_per_event
@given(history=histories())
@settings(max_examples=60, deadline=None)
def test_rows_per_event_of_any_history_are_those_of_its_steps_one_by_one(view: View[Any], history: History) -> None:
    steps = steps_of(history.events)

    assert at_once(view, steps) == one_by_one(view, steps)


@each_view_per_event
@pytest.mark.parametrize("landlord", sorted(STORIES))
def test_rows_per_event_of_the_demonstrations_are_those_of_their_steps_one_by_one(
    view: View[Any], landlord: str
) -> None:
    stage = Stage(STORIES[landlord](date(2026, 11, 23)))
    for step in stage.story.steps:
        stage.take(step)
    events = stage.log.after(0, stage.log.head())
    cases = [event.stream for event in events if isinstance(event.fact, CaseOpened)]
    assert cases

    for case in cases:
        steps = steps_of(stage.log.history(case))
        assert at_once(view, steps) == one_by_one(view, steps)


@each_view_per_event
def test_rows_per_event_of_every_golden_fact_are_those_of_its_steps_one_by_one(view: View[Any]) -> None:
    mapper = Mapper(golden_sealing())
    rows = [
        golden.row()._replace(position=number, recorded_at=instant(MONDAY)) for number, golden in enumerate(corpus())
    ]
    steps = [HistoryStep(Case(), mapper.decode(row), Case()) for row in rows]
    assert steps

    assert at_once(view, steps) == one_by_one(view, steps)


def test_a_row_of_the_audit_trail_is_as_of_its_own_event() -> None:
    rows = at_once(AUDIT_TRAIL, steps_of(main_road().events))

    assert [row.as_of for row in rows] == [row.position for row in rows] == list(range(1, len(rows) + 1))


def test_steps_taken_one_at_a_time_are_the_steps_of_the_history() -> None:
    events = main_road().events
    case, taken = Case(), []
    for event in events:
        taken.append(step_of(event, case))
        case = taken[-1].after

    assert taken == steps_of(events)
    assert steps_of(events[5:], taken[4].after) == taken[5:]
