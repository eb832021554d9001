"""One public event as a follower reads it, and which of a few events a follower has not had yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .stores import Known

PREFIX: Final = "evenhand."  # before the public name, in the `type` of every event


class NotAnEvent(ValueError):
    """This is no CloudEvent of this service; the message names the attribute that is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent of this service.

    `version` counts the events of its case; `previous` is the version of the case's event before this one among those
    that this subscriber is told, 0 when there is none. `sequence` is the position in the landlord's log, of which a
    subscriber sees some. `data` holds the effective day, codes, dates and ids, and no personal value.
    """

    id: str
    name: str
    case: str
    version: int
    previous: int
    sequence: int
    time: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is handed on at once.

    `events` are new and in order. `states` are cases as they stand now, by case, after whatever these events changed;
    None is a case that this subscriber may not see, or not any more: forget what you hold of it. `gaps` are the cases
    of which events before these never came. A state in `states` is right all the same.
    """

    events: tuple[Event, ...] = ()
    states: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()


def event_of(told: object) -> Event:
    """The event that was read as JSON. Raises `NotAnEvent`."""
    if not isinstance(told, dict):
        raise NotAnEvent("an event is a JSON object")
    try:
        kind: str = told["type"]
        return Event(
            told["id"],
            kind.removeprefix(PREFIX),
            told["subject"],
            int(told["caseversion"]),
            int(told["previous"]),
            int(told["sequence"]),
            told["time"],
            told["data"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotAnEvent(f"an attribute is missing or wrong: {wrong}") from None


def fresh(
    events: Iterable[Event], known: Mapping[str, Known], rounds: int
) -> tuple[list[Event], dict[str, int], set[str]]:
    """The events that were not had yet, the last version seen of each of their cases, and the cases with a gap.

    What is held from an earlier round counts for nothing: since then the follower began anew.
    """
    new: list[Event] = []
    seen: dict[str, int] = {}
    gaps: set[str] = set()
    for event in events:
        before = seen.get(event.case)
        if before is None and (held := known.get(event.case)) is not None and held.round == rounds:
            before = held.seen
        if before is None:
            # A snapshot lists what matters now: of a case that it left out, nothing is known to be missing.
            before = event.previous if rounds else 0
        elif event.version <= before:
            continue
        if event.previous > before:
            gaps.add(event.case)
        new.append(event)
        seen[event.case] = event.version
    return new, seen, gaps
