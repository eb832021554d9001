"""Whoever keeps a state of their own asks for it again at every event that can change it, and so never misses one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from application.demonstrations import STORIES
from domain.case import Case
from domain.codes import Topic
from domain.events import CaseOpened, CustomerDied, DeathWithdrawn, Event
from domain.evolve import HistoryStep, evolve
from domain.public import PUBLIC
from projections.contact_advice import ContactAdviceRow, contact_advice
from tests.domain.a_stage import Stage
from tests.golden.histories import TOLD_FOR
from tests.histories import MONDAY, History, text
from tests.random_histories import histories

# What a subscriber of a topic keeps of a case; the rest of a row is not told outside.
KEPT = {
    Topic.RESTRICTIONS: ("limits",),
    Topic.SAFETY: ("warnings",),
    Topic.SUPPORT: ("adjustments", "safe_ways"),
    Topic.PEOPLE: ("person", "known_as", "lives_at", "died"),
}


def rows_after_each(history: Sequence[Event]) -> Iterator[tuple[Event, ContactAdviceRow | None]]:
    """Each event with the case's own row as it stands after it."""
    case, steps = Case(), list[HistoryStep]()
    for event in history:
        after = evolve(case, event)
        steps.append(HistoryStep(case, event, after))
        case = after
        rows = list(contact_advice(steps))
        yield event, replace(rows[0], as_of=0) if rows else None


def not_announced(history: Sequence[Event]) -> list[str]:
    """The facts after which something that is kept had changed, and whose public type does not say that it can."""
    last: ContactAdviceRow | None = None
    missed = []
    for event, row in rows_after_each(history):
        name = type(event.fact).__name__
        told = PUBLIC[name]
        for topic, fields in KEPT.items():
            changed = any(
                (getattr(row, field, None) or None) != (getattr(last, field, None) or None) for field in fields
            )
            if changed and not (told.alert and topic in {told.topic, *told.touches}):
                missed.append(f"{name} changes {topic}")
        last = row
    return missed


@pytest.mark.parametrize("landlord", sorted(STORIES))
def test_whatever_a_demonstration_changes_is_announced_in_its_topic(landlord: str) -> None:
    stage = Stage(story := STORIES[landlord](TOLD_FOR))
    for step in story.steps:
        stage.take(step)
    events = stage.log.after(0, stage.log.head())
    for stream in [event.stream for event in events if isinstance(event.fact, CaseOpened)]:
        assert not_announced(stage.log.history(stream)) == []


def test_a_death_is_announced_to_whoever_keeps_what_it_ends() -> None:
    history = History("one").opened().contact().incident().interim(MONDAY)
    history.add(CustomerDied(died_on=None, learnt_on=MONDAY, detail=None), MONDAY)
    history.add(DeathWithdrawn(withdrawn_on=MONDAY, reason=text("it was another")), MONDAY)
    assert not_announced(history.events) == []


@given(history=histories())
def test_whatever_any_history_changes_is_announced_in_its_topic(history: History) -> None:
    assert not_announced(history.events) == []
