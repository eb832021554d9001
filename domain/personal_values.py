"""Where the personal values of a fact stand: found by its types, carried, never looked at."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Final, NewType, get_args, get_type_hints

from domain.personal import Personal


def personal_values(fact: object) -> list[tuple[str, Personal]]:
    """The personal values in a fact, each with its path as "field" or "field.0.field"; carried, never looked at."""
    found: list[tuple[str, Personal]] = []
    for name in _HOLDERS[type(fact)]:
        _collect(getattr(fact, name), name, found)
    return found


def _collect(value: object, path: str, found: list[tuple[str, Personal]]) -> None:
    if isinstance(value, Personal):
        found.append((path, value))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            _collect(item, f"{path}.{place}", found)
    elif value is not None:
        for name in _HOLDERS[type(value)]:
            _collect(getattr(value, name), f"{path}.{name}", found)


class _Holders(dict[type, tuple[str, ...]]):
    """The fields in which a class can hold a personal value; looked up in its type hints once, when first asked."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        hints = get_type_hints(kind) if is_dataclass(kind) else {}
        self[kind] = held = tuple(name for name, hint in hints.items() if _holds_personal(hint))
        return held


_HOLDERS: Final = _Holders()


def _holds_personal(hint: object) -> bool:
    if isinstance(hint, NewType):
        return _holds_personal(hint.__supertype__)
    if isinstance(hint, type) and is_dataclass(hint):
        return bool(_HOLDERS[hint])
    return hint is Personal or any(_holds_personal(argument) for argument in get_args(hint))
