"""Which restrictions of merged records somebody has to look at together: asked of both cases, on a day.

A merge names what was in force on both sides when it was made. Whatever is decided in either case later meets the
other's as well, so that nothing is kept of it: it is worked out from both cases whenever somebody asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.case import Case
from domain.case_people import Merge
from domain.codes import CaseId, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConflict:
    """Restrictions of two records of one person that are in force together, some of which nobody looked at yet.

    `merge` is None for two cases that no merge of their own joins: each was merged with a third, or one is a later one.
    """

    merge: str | None
    here: tuple[str, ...]  # restrictions of the case that was asked about
    other_case: CaseId
    there: tuple[str, ...]


def conflicts_on(case: Case, others: Iterable[Case], day: date) -> Iterator[MergeConflict]:
    """What of a case and of those that it was merged with has to be looked at together on that day."""
    by_id = {other.id: other for other in others}
    joined = {merge.other_case: merge for merge in case.merges if not merge.undone}
    for other in by_id.values():
        merge = joined.get(CaseId(other.id))
        found = _beside(case, other, day) if merge is None else conflict_of(merge, case, other, day)
        if found is not None and other.person != case.person and other.person in _one_person(case, by_id.values()):
            yield found


def conflict_of(merge: Merge, case: Case, other: Case, day: date) -> MergeConflict | None:
    """What one merge brings together on a day; None once all of it was looked at, or one side has nothing in force."""
    twin = next((m for m in other.merges if m.id == merge.id and m.other_case == case.id), None)
    if twin is None or merge.undone:
        return None
    here, there = _standing(merge, case, day), _standing(twin, other, day)
    unseen = {*here} - {*merge.looked_at} or {*there} - {*twin.looked_at}
    if not (here and there and unseen):
        return None
    return MergeConflict(merge=merge.id, here=here, other_case=other.id, there=there)


def to_look_at(merge: Merge, case: Case, day: date) -> tuple[str, ...]:
    """Restrictions of one side that a settlement of this day is about: those the merge named, and those in force."""
    return tuple(dict.fromkeys([*merge.conflicts, *_standing(merge, case, day)]))


def _one_person(case: Case, others: Collection[Case]) -> set[SubjectId]:
    """The records that merges in any of these cases join with that of the first."""
    persons = {*case.persons()}
    while grown := {p for c in others if c.person in persons for p in c.persons()} - persons:
        persons |= grown
    return persons


def _beside(case: Case, other: Case, day: date) -> MergeConflict | None:
    """What two cases that no merge joins have in force together; None once each was looked at beside a third."""
    here, there = (
        tuple(r.id for r in c.in_force_on(day) if not any(r.id in m.to_be_lifted for m in c.merges))
        for c in (case, other)
    )
    unseen = {*here} - _looked_at(case) or {*there} - _looked_at(other)
    if not (here and there and unseen):
        return None
    return MergeConflict(merge=None, here=here, other_case=CaseId(other.id), there=there)


def _looked_at(case: Case) -> set[str]:
    return {r for merge in case.merges if not merge.undone for r in merge.looked_at}


def _standing(merge: Merge, case: Case, day: date) -> tuple[str, ...]:
    return tuple(r.id for r in case.in_force_on(day) if r.id not in merge.to_be_lifted)
