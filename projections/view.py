"""What a read model is: a name, a declared version, and a pure view of the steps of one history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from domain.case import Case
from domain.events import Event, LandlordFact, PersonErased
from domain.evolve import HistoryStep, evolve
from domain.personal_values import personal_values


class Row(Protocol):
    """A row of any read model: whose case it is of, and how much of that case it knows."""

    @property
    def case_id(self) -> str:
        """The stream that it was folded from: a case, or the landlord's own."""
        ...

    @property
    def person(self) -> str | None:
        """Subject id of the customer; None for the landlord's own stream."""
        ...

    @property
    def as_of(self) -> int:
        """Log position of the last event that the row accounts for: of the stream, or its own in a view per event."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """A read model: `rows` gives all rows of one history, from its steps alone.

    `row` is a frozen dataclass whose annotations are the columns; `key` names the columns that tell its rows apart,
    `indexes` those that are searched. Rows that change for the same history take a new `version`.

    `reads_from` is the earliest version whose rows `row` can still hold: lists are answered from them until somebody
    rebuilds. `per_event` promises that the rows of a history are those of its steps one by one: `rows(steps)` is what
    `rows([step])` gives for each of them, one after another. Whoever keeps such a view writes the rows of new steps
    only, for no later event changes the rows of an earlier one.
    """

    name: str
    version: int
    row: type[R]
    rows: Callable[[Sequence[HistoryStep]], Iterator[R]]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    per_event: bool = False
    reads_from: int | None = None

    def can_read(self, version: int) -> bool:
        """Whether rows that this version of it made can be read as its own."""
        return (self.reads_from or self.version) <= version <= self.version


NO_CASE_YET: Final = Case()


def steps_of(history: Iterable[Event], start: Case | None = None) -> list[HistoryStep]:
    """The steps of any stream, from `start` on.

    Raises `LookupError` on a history that contradicts itself.
    """
    case = start or NO_CASE_YET
    found: list[HistoryStep] = []
    for event in history:
        step = step_of(event, case)
        found.append(step)
        case = step.after
    return found


def step_of(event: Event, before: Case) -> HistoryStep:
    """The step of one event of any stream; a fact of the landlord's own stream changes no case.

    Raises `LookupError` on an event that contradicts the history before it.
    """
    # Only the landlord's own stream stays at version 0, so that no fact of a case is looked up in the union. People
    # without a case are erased there.
    if before.version == 0 and isinstance(event.fact, LandlordFact | PersonErased):
        return HistoryStep(before, event, before)
    return HistoryStep(before, event, evolve(before, event))


__all__ = ["NO_CASE_YET", "Row", "View", "personal_values", "step_of", "steps_of"]
