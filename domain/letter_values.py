"""What stands in a letter before it is opened: plain words, or references to what the edge has to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.codes import StaffId, SubjectId
from domain.personal import Personal

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """A personal value of a fact, with the path under which its reading is recorded."""

    path: str
    value: Personal


@dataclass(frozen=True, slots=True)
class StaffNamed:
    """The name of a colleague."""

    staff: StaffId


@dataclass(frozen=True, slots=True)
class PersonNamed:
    """The name of somebody in the directory, or the landlord's own reference of them."""

    person: SubjectId
    reference: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Several values as "a, b and c"; those that say nothing fall away."""

    parts: tuple[Value, ...]


Value = str | None | Sealed | StaffNamed | PersonNamed | Listed
Item = Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a letter can say: under which template, with which fields and lists, and who signs it."""

    template: str
    values: Mapping[str, Value]
    lists: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    signer: StaffId | None = None
    signer_post: str | None = None


def references(value: Value) -> Iterator[Sealed | StaffNamed | PersonNamed]:
    """What has to be read before the value can be said."""
    match value:
        case Sealed() | StaffNamed() | PersonNamed():
            yield value
        case Listed():
            for part in value.parts:
                yield from references(part)
        case _:
            pass


def day_in_words(day: date) -> str:
    """A day as "Monday 2 March 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def and_joined(parts: Sequence[str], word: str = "and") -> str | None:
    """Parts as "a, b and c"; None of none."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
