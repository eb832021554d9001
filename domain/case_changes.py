"""Changes that many facts make to a case: an item added, an item changed, what was told elsewhere undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol, TypeVar

from domain.case import Case
from domain.case_parts import Restriction, Told
from domain.values import changed


class Identified(Protocol):
    """Anything of a case that has an id."""

    @property
    def id(self) -> str:
        """Its id within the case."""
        ...


Item = TypeVar("Item", bound=Identified)
T = TypeVar("T")


def added(items: tuple[T, ...], one: T) -> tuple[T, ...]:
    """The items and one more."""
    return items + (one,)  # noqa: RUF005 - copies the items once; a long case has hundreds of them


def with_changed(items: tuple[Item, ...], wanted: str, change: Callable[[Item], Item]) -> tuple[Item, ...]:
    """The items with the one of this id changed. Raises `LookupError` when there is none."""
    latest = list(items)
    found = False
    for place, item in enumerate(items):
        if item.id == wanted:
            latest[place] = change(item)
            found = True
    if not found:
        raise LookupError(f"the history names {wanted}, which it never made")
    return tuple(latest)


def with_restriction(case: Case, wanted: str, change: Callable[[Restriction], Restriction]) -> Case:
    """The case with one restriction changed. Raises `LookupError` when there is none."""
    return changed(case, restrictions=with_changed(case.restrictions, wanted, change))


def told_too(others: tuple[Told, ...], told: Told) -> tuple[Told, ...]:
    """Who was told, with one more; whoever is told again is told from then on."""
    return (*(t for t in others if t.key != told.key), told)


def undone(others: tuple[Told, ...], key: str, on: date | None) -> tuple[Told, ...]:
    """Who was told, with one of them undone on a day; None: it still stands after all."""
    return tuple(changed(t, undone_on=on) if t.key == key else t for t in others)
