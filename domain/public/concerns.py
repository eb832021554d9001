"""Which restriction or safety warning a fact is about, so that it can be asked who knew of which change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.case import Case
from domain.events import CustomerDied, DeathWithdrawn, DisclosureDecided, DisclosureEnded, Event


def concerned(case: Case, event: Event) -> frozenset[str]:
    """The ids of what an event of this case changes, or is a letter or an appeal about; `case` as it became since.

    A death is about all of the case's restrictions and warnings.
    """
    fact: Any = event.fact
    match fact:
        case CustomerDied() | DeathWithdrawn():
            return frozenset((*(r.id for r in case.restrictions), *(w.id for w in case.safety)))
        case DisclosureDecided() | DisclosureEnded():
            return _disclosed(case, fact.disclosure)
        case _:
            pass
    for field in ("restriction", "warning"):
        if (named := getattr(fact, field, None)) is not None:
            return frozenset((named,))
    if (appeal := getattr(fact, "appeal", None)) is not None:
        return frozenset(a.restriction for a in case.appeals if a.id == appeal)
    if (notice := getattr(fact, "notice", None)) is not None:
        known = case.notice(notice)
        return frozenset() if known is None else _decided_in(case, known.about)
    return frozenset()


def _decided_in(case: Case, about: str) -> frozenset[str]:
    """The restriction that a letter is about: by itself, by a change of it, or by an appeal against it."""
    appealed: Iterable[str] = (a.restriction for a in case.appeals if a.id == about)
    return frozenset((*(r.id for r in case.restrictions if r.includes(about)), *appealed))


def _disclosed(case: Case, disclosure: str) -> frozenset[str]:
    known = case.disclosure(disclosure)
    if known is None:
        return frozenset()
    return frozenset((*(r.restriction for r in known.restrictions), *(w.warning for w in known.warnings)))
