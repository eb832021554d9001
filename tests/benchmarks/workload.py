"""The facts to measure with: the demonstrations' histories, told over and over about other people."""

from __future__ import annotations

from datetime import date
from itertools import count, cycle
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from application.demonstrations import STORIES
from application.ports import RequestKey
from domain.events import CaseOpened, ContactLogged, Event, IncidentRecorded
from infrastructure.office import mint_event_id
from tests.domain.a_stage import Stage
from tests.infrastructure.a_landlord import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAY: Final = date(2026, 11, 23)  # on which the stories are told; the mix of facts is nearly the same on any other
CALLER: Final = "benchmark"
# As large as what a command is answered: where the case stands and which facts were written.
ANSWER: Final = {"case": str(uuid4()), "version": 12, "facts": [{"type": "ContactLogged", "id": str(uuid4())}]}


def told() -> list[list[Event]]:
    """The history of every case of the five demonstrations."""
    return [history for landlord in sorted(STORIES) for history in _cases(landlord)]


def _cases(landlord: str) -> list[list[Event]]:
    story = STORIES[landlord](DAY)
    stage = Stage(story)
    for step in story.steps:
        stage.take(step)
    events = stage.log.after(0, stage.log.head())
    opened = [event.stream for event in events if isinstance(event.fact, CaseOpened)]
    return [stage.log.history(stream) for stream in opened]


def retold(history: Sequence[Event]) -> list[Event]:
    """The same history in a new case of somebody else."""
    stream, person = str(uuid4()), str(uuid4())
    ids = {event.event_id: mint_event_id() for event in history}
    return [
        changed(
            event,
            stream=stream,
            event_id=ids[event.event_id],
            cause=None if event.cause is None else ids.get(event.cause, event.cause),
            fact=changed(event.fact, person=person) if isinstance(event.fact, CaseOpened) else event.fact,
        )
        for event in history
    ]


def saves(histories: Sequence[Sequence[Event]], first: int = 0) -> Iterator[Event]:
    """Endlessly one event after another, case after case; `first` is the history to begin with."""
    order = cycle([*histories[first % len(histories) :], *histories[: first % len(histories)]])
    for history in order:
        yield from retold(history)


def asked() -> RequestKey:
    """A request that nobody made before, hashed as the edge hands it on."""
    return RequestKey(CALLER, uuid4().hex + uuid4().hex, uuid4().bytes + uuid4().bytes)


def long_case(histories: Sequence[Sequence[Event]], length: int) -> list[Event]:
    """A case of so many events: the longest of the histories, and then its contacts and incidents again and again."""
    longest = max(histories, key=len)
    again = cycle([event for event in longest if isinstance(event.fact, ContactLogged | IncidentRecorded)])
    added = (_again(next(again), version) for version in count(len(longest) + 1))
    return retold([*longest, *(next(added) for _ in range(length - len(longest)))])


def _again(event: Event, version: int) -> Event:
    """The same contact or incident once more, under an id of its own."""
    named = {"contact": str(uuid4())} if isinstance(event.fact, ContactLogged) else {"incident": str(uuid4())}
    again: Event = changed(event, event_id=mint_event_id(), version=version, fact=changed(event.fact, **named))
    return again
