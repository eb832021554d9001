"""Whom a fact names by their ids: staff, people and cases, found by the types of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any, Final, get_args, get_type_hints

from domain.codes import CaseId, StaffId, SubjectId


@dataclass(frozen=True, slots=True)
class Named:
    """Ids in a fact, by what they are of."""

    staff: tuple[StaffId, ...]
    subjects: tuple[SubjectId, ...]
    cases: tuple[CaseId, ...]


def named_in(fact: object) -> Named:
    """The ids that a fact holds; one that is named twice comes twice."""
    found = list(_named(fact))
    return Named(
        staff=tuple(StaffId(one) for kind, one in found if kind is StaffId),
        subjects=tuple(SubjectId(one) for kind, one in found if kind is SubjectId),
        cases=tuple(CaseId(one) for kind, one in found if kind is CaseId),
    )


def _named(value: object) -> Iterator[tuple[object, str]]:
    for name, hint in _HINTS[type(value)].items():
        yield from _in(getattr(value, name), hint)


def _in(value: object, hint: Any) -> Iterator[tuple[object, str]]:  # noqa: ANN401 - any type's hint
    if value is None:
        return
    if isinstance(value, tuple):
        for argument in get_args(hint):
            for item in value if argument is not Ellipsis else ():
                yield from _in(item, argument)
    elif is_dataclass(value):
        yield from _named(value)
    elif isinstance(value, str):
        for kind in (hint, *get_args(hint)):
            if kind in (StaffId, SubjectId, CaseId):
                yield kind, value


class _Hints(dict[type, dict[str, Any]]):
    """The types of a class's fields, looked up once."""

    def __missing__(self, kind: type) -> dict[str, Any]:
        self[kind] = found = get_type_hints(kind)
        return found


_HINTS: Final = _Hints()
