"""What a read model is: a name, a declared version, and a pure view of the steps of one history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Generic, Protocol, TypeVar

from domain.case import Case
from domain.events import Event, LandlordFact
from domain.evolve import HistoryStep, steps
from domain.personal import Personal


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
        """Log position of the last event of the stream that the row accounts for."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """A read model: `rows` gives all rows of one history, from its steps alone.

    `row` is a frozen dataclass whose annotations are the columns; `key` names the columns that tell its rows apart,
    `indexes` those that are searched. Rows that change for the same history take a new `version`.
    """

    name: str
    version: int
    row: type[R]
    rows: Callable[[Sequence[HistoryStep]], Iterator[R]]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def table(self) -> str:
        """The table of this version; another version has a table of its own."""
        return f"{self.name}_v{self.version}"


def steps_of(history: Iterable[Event], start: Case | None = None) -> list[HistoryStep]:
    """The steps of any stream, from `start` on; a fact of the landlord's own stream changes no case.

    Raises `LookupError` on a history that contradicts itself.
    """
    case = start or Case()
    found: list[HistoryStep] = []
    for event in history:
        if isinstance(event.fact, LandlordFact) and case.version == 0:
            found.append(HistoryStep(case, event, case))
        else:
            found += steps([event], case)
            case = found[-1].after
    return found


def personal_values(part: object, path: str = "") -> Iterator[tuple[str, Personal]]:
    """The personal values in a fact, each with its path as "field" or "field.0.field"; carried, never looked at."""
    if isinstance(part, Personal):
        yield path, part
    elif isinstance(part, tuple):
        for place, item in enumerate(part):
            yield from personal_values(item, f"{path}.{place}")
    elif is_dataclass(part):
        for field in fields(part):
            yield from personal_values(getattr(part, field.name), f"{path}.{field.name}" if path else field.name)
