"""The worklist of a landlord: everything that its cases owe on a day, read once from start to end for each page.

Whatever a page is asked for, no more lines than fit on it are held at a time. A page begins behind a place, and so
neither doubles nor leaves out what stays as it was while others write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from heapq import nsmallest
from operator import attrgetter
from typing import Final, Generic, Protocol, TypeVar

from application.desk import Desk, NotFound
from application.ports import Policies
from domain.case import Case
from domain.codes import CaseId, RoleCode
from domain.conflicts import conflicts
from domain.downstream_work import FollowersOwe, of_cases, without_case
from domain.landlord_work import of_landlord
from domain.obligation import Duty, Obligation
from domain.obligations import obligations
from domain.others_told import tellings
from domain.worklist import Blocked, CaseOwes, Place, State, Viewed, Wanted, Work, is_wanted, of_case

T = TypeVar("T")

NO_CASE: Final = CaseOwes(case="", person=None, as_of=0, officer=None, owed=())


@dataclass(frozen=True, slots=True)
class Looked(Generic[T]):
    """What was made of all rows, with the cases that the list cannot tell, told as far as can be.

    `behind_since`: when the first event was recorded that the rows do not account for.
    """

    made: T
    untold: Sequence[CaseOwes]
    position: int
    behind_since: datetime | None


class OwingCases(Protocol):
    """The list of what cases owe, as the read model has it."""

    def look(self, make: Callable[[Iterator[CaseOwes]], T]) -> Looked[T]:
        """All rows of one moment, one after the other; `make` may be asked again, from the start."""
        ...


class Followed(Protocol):
    """What is owed because of those who follow what happens: subscribers and the roads on which they are told."""

    def owed(self, day: date, case: str | None = None) -> FollowersOwe:
        """On a day; of one case alone where it is named."""
        ...


# How many closed cases have records that were kept long enough on a day, and whether there can be more.
KeptTooLong = Callable[[date], tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some lines in their order; `landlord` stands on the first page only. `next` is the place to go on after."""

    day: date
    lines: tuple[Work, ...]
    landlord: tuple[Work, ...]
    next: Place | None
    position: int
    behind_since: datetime | None


@dataclass(slots=True)
class _Seen:
    """What one look through all cases leaves: the first lines, vacant posts, and whose measures may have to change."""

    lines: list[Work] = field(default_factory=list)
    vacant: Counter[RoleCode] = field(default_factory=Counter)
    people: list[CaseOwes] = field(default_factory=list)


class Worklists:
    """One landlord's worklist. Safe to share between threads.

    `unreadable` is what reading a case raises that this release cannot tell.
    """

    def __init__(
        self,
        desk: Desk,
        owing: OwingCases,
        policies: Policies,
        kept_too_long: KeptTooLong,
        unreadable: tuple[type[Exception], ...],
        followed: Followed,
    ) -> None:
        self._followed = followed
        self._unreadable = unreadable
        self._desk = desk
        self._owing = owing
        self._policies = policies
        self._kept_too_long = kept_too_long

    def page(self, wanted: Wanted, day: date, after: Place | None = None, limit: int | None = 100) -> WorkPage:
        """Up to `limit` lines, all with None. Raises `NotFound` for a day on which no policy applied."""
        viewed = self._viewed(day)
        upto = None if limit is None else limit + 1
        looked = self._owing.look(lambda cases: self._seen(cases, viewed, wanted, after, upto))
        seen = looked.made
        more = self._seen(iter(looked.untold), viewed, wanted, after, upto)
        varying = self._seen(self._to_vary(seen.people, viewed), viewed, wanted, after, upto)
        followed = self._followed.owed(day)
        # What subscribers do not know falls to a post, and to no officer of a case.
        of_followers = ((NO_CASE, work) for work in of_cases(followed, viewed))
        told = _listed(of_followers, viewed, wanted, after, upto)
        found = _first([*seen.lines, *more.lines, *varying.lines, *told.lines], upto)
        lines = found if limit is None else found[:limit]
        landlord: tuple[Work, ...] = ()
        if after is None:
            vacant = seen.vacant + more.vacant + varying.vacant + told.vacant
            own = of_landlord(viewed, vacant, self._kept_too_long(day), wanted.within)
            roles = _roles(viewed, wanted)
            lines_of_none = (*own, *without_case(followed, viewed))
            landlord = tuple(one for one in lines_of_none if is_wanted(one, NO_CASE, wanted, roles))
        following = lines[-1].place if len(found) > len(lines) else None
        return WorkPage(day, tuple(lines), landlord, following, looked.position, looked.behind_since)

    def of_case(self, case: CaseId, day: date, within: int) -> tuple[Case, tuple[Work, ...]]:
        """What one case owes, folded from the log and so never behind. Raises `NotFound`."""
        found, viewed = self._desk.case(case), self._viewed(day)
        owes = owes_of(found)
        owed = [*owes.owed, *self._varying(found, viewed)]
        lines = [*of_case(replace(owes, owed=owed), viewed, within), *of_cases(self._followed.owed(day, case), viewed)]
        return found, tuple(sorted(lines, key=attrgetter("place")))

    def _viewed(self, day: date) -> Viewed:
        return Viewed(self._desk.state(), self._desk.policy_on(day).policy, self._policies.baseline.baseline, day)

    def _seen(
        self, cases: Iterator[CaseOwes], viewed: Viewed, wanted: Wanted, after: Place | None, upto: int | None
    ) -> _Seen:
        people: list[CaseOwes] = []

        def found() -> Iterator[tuple[CaseOwes, Work]]:
            for case in cases:
                if case.adjusts or len(case.persons) > 1 or case.limits_until is not None:
                    people.append(replace(case, owed=(), telling=()))
                for work in of_case(case, viewed, wanted.within, ends=wanted.ends):
                    yield case, work

        return replace(_listed(found(), viewed, wanted, after, upto), people=people)

    def _to_vary(self, people: Sequence[CaseOwes], viewed: Viewed) -> Iterator[CaseOwes]:
        """The cases with a measure that takes away what an adjustment gives; these are few, and folded."""
        for group in _same_people(people):
            if any(one.adjusts for one in group):
                for one in group:
                    if one.limits_until is not None and one.limits_until >= viewed.day:
                        yield from self._varied(one, viewed)

    def _varied(self, owes: CaseOwes, viewed: Viewed) -> Iterator[CaseOwes]:
        try:
            case = self._desk.case(CaseId(owes.case))
            owed = tuple(self._varying(case, viewed))
        except NotFound:
            return
        except self._unreadable:
            return  # the one that cannot be told is listed as such
        if owed:
            yield CaseOwes(case=case.id, person=case.person, as_of=case.position, officer=case.officer, owed=owed)

    def _varying(self, case: Case, viewed: Viewed) -> Iterator[Obligation]:
        others = self._desk.others_of(case)
        for found in conflicts([case, *others], viewed.day, viewed.baseline.adjustments):
            if found.case == case.id:
                detail = found.code.split(":", 2)[2]
                yield Obligation(duty=Duty.VARYING, about=found.measure, detail=detail, from_on=viewed.day)


def owes_of(case: Case) -> CaseOwes:
    """What a case owes, as a row of the list has it."""
    return CaseOwes(
        case=case.id,
        person=case.person,
        as_of=case.position,
        officer=case.officer,
        owed=tuple(obligations(case)),
        telling=tuple(tellings(case)),
    )


def _listed(
    found: Iterator[tuple[CaseOwes, Work]], viewed: Viewed, wanted: Wanted, after: Place | None, upto: int | None
) -> _Seen:
    """The first of these lines that are asked for; of all of them, the posts of what waits by now and nobody can do."""
    seen, roles = _Seen(), _roles(viewed, wanted)

    def asked() -> Iterator[Work]:
        for case, work in found:
            if work.blocked is Blocked.NOBODY and work.state is not State.UPCOMING:
                seen.vacant.update(one.role for one in work.roles)
            if (after is None or work.place > after) and is_wanted(work, case, wanted, roles):
                yield work

    seen.lines = _first(asked(), upto)
    return seen


def _roles(viewed: Viewed, wanted: Wanted) -> frozenset[RoleCode]:
    return frozenset() if wanted.staff is None else viewed.roles_of(wanted.staff)


def _first(lines: Iterator[Work] | list[Work], upto: int | None) -> list[Work]:
    """The first lines in their order, as many as are wanted."""
    by_place = attrgetter("place")
    return sorted(lines, key=by_place) if upto is None else nsmallest(upto, lines, key=by_place)


def _same_people(cases: Sequence[CaseOwes]) -> Iterator[list[CaseOwes]]:
    """The cases by whose they are: records that were merged with one another are one person's."""
    leads: dict[str, str] = {}

    def lead(person: str) -> str:
        while (further := leads.setdefault(person, person)) != person:
            person = further
        return person

    for case in cases:
        first, *others = case.persons or (case.person or case.case,)
        for other in others:
            leads[lead(other)] = lead(first)
    groups: dict[str, list[CaseOwes]] = {}
    for case in cases:
        groups.setdefault(lead((case.persons or (case.person or case.case,))[0]), []).append(case)
    yield from groups.values()
