"""Whom a fact names by their ids: staff, people and cases, found by the types of its fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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
    found = list(_named(fact, ""))
    return Named(
        staff=tuple(StaffId(one) for kind, one, _ in found if kind is StaffId),
        subjects=tuple(SubjectId(one) for kind, one, _ in found if kind is SubjectId),
        cases=tuple(CaseId(one) for kind, one, _ in found if kind is CaseId),
    )


def where_named(fact: object, persons: Collection[SubjectId]) -> tuple[str, ...]:
    """The paths of the fields in which a fact names one of these people by their id, such as `measures.0.third_party`.

    Paths are those of `domain.personal_values`.
    """
    return tuple(path for kind, one, path in _named(fact, "") if kind is SubjectId and one in persons)


def can_name_somebody(kind: type) -> bool:
    """Whether a fact of this type has a field, at whatever depth, that holds the id of a person."""
    return any(_holds_a_person(hint) for hint in _HINTS[kind].values())


def _holds_a_person(hint: Any) -> bool:  # noqa: ANN401 - any type's hint
    if hint is SubjectId:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return can_name_somebody(hint)
    return any(_holds_a_person(argument) for argument in get_args(hint))


def _named(value: object, path: str) -> Iterator[tuple[object, str, str]]:
    for name, hint in _HINTS[type(value)].items():
        yield from _in(getattr(value, name), hint, f"{path}.{name}" if path else name)


def _in(value: object, hint: Any, path: str) -> Iterator[tuple[object, str, str]]:  # noqa: ANN401 - any type's hint
    if value is None:
        return
    if isinstance(value, tuple):
        for argument in get_args(hint):
            for place, item in enumerate(value if argument is not Ellipsis else ()):
                yield from _in(item, argument, f"{path}.{place}")
    elif is_dataclass(value):
        yield from _named(value, path)
    elif isinstance(value, str):
        for kind in (hint, *get_args(hint)):
            if kind in (StaffId, SubjectId, CaseId):
                yield kind, value, path


class _Hints(dict[type, dict[str, Any]]):
    """The types of a class's fields, looked up once."""

    def __missing__(self, kind: type) -> dict[str, Any]:
        self[kind] = found = get_type_hints(kind)
        return found


_HINTS: Final = _Hints()
