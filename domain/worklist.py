"""What is to be done on a day, and by whom: each thing that cases owe, told as somebody who opens a list needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.baseline import Baseline
from domain.codes import RoleCode, StaffId
from domain.duties import CASE_OFFICER, applies, asked
from domain.landlord import Landlord
from domain.obligation import Duty, Obligation
from domain.others_told import Telling, to_tell
from domain.policy import Policy

# What is looked at on a day that was set for it, and not before.
ON_ITS_DAY: Final = frozenset({Duty.SAFETY_REVIEW, Duty.AGREEMENT, Duty.HOLD, Duty.PLAN})
# Of something that comes up each week, as many are listed of those still open, and the next.
LAST_OPEN: Final = 4
NO_DAY: Final = date.max  # sorts what has no day behind everything that has


class State(StrEnum):
    """How something stands on a day: can be done now, should have been, or comes up; of a case that cannot be told,
    nobody can say.
    """

    DUE = "due"
    OVERDUE = "overdue"
    UPCOMING = "upcoming"
    UNKNOWN = "unknown"


class Blocked(StrEnum):
    """Why nobody can do it as things are."""

    UNREADABLE = "unreadable"  # this release cannot tell the case to its end
    NOBODY = "nobody"  # nobody who is there holds a post that it falls to


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAsked:
    """A post, with its title in the policy."""

    role: RoleCode
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody to whom it falls, by a post (None: they were named). `acts`: they can act that day.

    Deputies are listed beside those whose post it is; they act once none of these can.
    """

    staff: StaffId
    role: RoleCode | None
    deputy: bool
    acts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One line of the list: what to do in one sentence (`says`), and by which commands.

    Those in `escalated_to` see it too once it is overdue; those in `barred` had a part in what it is about and cannot
    do it. `days_late` counts calendar days since its last day; without `due_on`, no day was ever set. `unknown_since`:
    from that log position on, the case cannot be told; it may owe more. `earlier`: so many of the same, from before,
    are still open and not listed. `count`: of what stands for several. Without `case` it is the landlord's own, and
    `see` is where to look.
    """

    kind: str
    key: str
    case: str | None
    person: str | None
    about: str
    due_on: date | None
    days_late: int
    state: State
    blocked: Blocked | None
    roles: tuple[RoleAsked, ...]
    escalated_to: tuple[RoleAsked, ...]
    held_by: tuple[Holder, ...]
    clause: str
    says: str
    commands: tuple[str, ...]
    barred: tuple[StaffId, ...] = ()
    unknown_since: int | None = None
    earlier: int = 0
    count: int = 1
    see: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.due_on or NO_DAY, self.case or "", self.key)


class Place(NamedTuple):
    """By the due date, what has none last; then by case and key."""

    due_on: date
    case: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOwes:
    """What the list knows of one case; `officer` looks after it."""

    case: str
    person: str | None
    as_of: int
    officer: StaffId | None
    owed: Sequence[Obligation]
    telling: Sequence[Telling] = ()
    persons: Sequence[str] = ()  # under which ids the customer is known
    adjusts: bool = False  # whether an adjustment was ever agreed
    limits_until: date | None = None  # the last day of what limits contact
    unknown_since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are asked for: of a role, of one colleague, in a state, upcoming ones within so many days."""

    role: RoleCode | None = None
    staff: StaffId | None = None
    state: State | None = None
    blocked: bool = False
    within: int = 28
    ends: bool = True  # also what ends by itself, and asks nobody for anything


@dataclass(frozen=True, slots=True)
class Viewed:
    """A landlord on a day: who holds what, under which policy. What it looks up is remembered while a list is made."""

    landlord: Landlord
    policy: Policy
    baseline: Baseline
    day: date
    _by_role: dict[tuple[RoleCode, frozenset[StaffId]], tuple[Holder, ...]] = field(default_factory=dict)

    def title(self, role: RoleCode) -> RoleAsked:
        """A role with its title, from the policy or the baseline."""
        named = self.policy.roles.get(role)
        return RoleAsked(role=role, title=named.title if named else self.baseline.roles.get(role, role))

    def holders(self, role: RoleCode, barred: frozenset[StaffId] = frozenset()) -> tuple[Holder, ...]:
        """Everybody in a post that day but for those barred from the matter, deputies behind the others."""
        known = (role, barred)
        if known not in self._by_role:
            acting = self.landlord.holders(role, self.day, barred)
            tenures = (t for t in self.landlord.tenures if t.role == role and t.covers(self.day))
            held = sorted((t for t in tenures if t.staff not in barred), key=lambda t: t.deputy)
            found = {t.staff: t.deputy for t in reversed(held)}
            self._by_role[known] = tuple(
                Holder(staff=staff, role=role, deputy=found[staff], acts=staff in acting)
                for staff in dict.fromkeys(t.staff for t in held)
            )
        return self._by_role[known]

    def named(self, staff: StaffId) -> tuple[Holder, ...]:
        """Somebody who was named, and while they are away those who stand in for them."""
        if not self.landlord.is_away(staff, self.day):
            return (Holder(staff=staff, role=None, deputy=False, acts=True),)
        away = Holder(staff=staff, role=None, deputy=False, acts=False)
        deputies = self.landlord.deputies_of(staff, self.day)
        return (away, *(Holder(staff=one, role=None, deputy=True, acts=True) for one in deputies))

    def roles_of(self, staff: StaffId) -> frozenset[RoleCode]:
        """The posts that somebody holds that day, as a deputy too."""
        return frozenset(t.role for t in self.landlord.tenures_on(staff, self.day))


def worklist(cases: Iterable[CaseOwes], viewed: Viewed, wanted: Wanted) -> Iterator[Work]:
    """The lines that are asked for, case by case; in the order of `Work.place` once sorted."""
    roles = viewed.roles_of(wanted.staff) if wanted.staff is not None else frozenset[RoleCode]()
    for case in cases:
        for work in of_case(case, viewed, wanted.within, ends=wanted.ends):
            if is_wanted(work, case, wanted, roles):
                yield work


def of_case(case: CaseOwes, viewed: Viewed, within: int, *, ends: bool = True) -> Iterator[Work]:
    """Everything that one case owes on a day, or that comes up within so many days after it."""
    if case.unknown_since is not None:
        yield _cannot_be_told(case, viewed)
    horizon = viewed.day + timedelta(days=min(within, (NO_DAY - viewed.day).days))
    for owed in _under_the_policy(case, viewed):
        if not owed.ends_by_itself or ends:
            yield from _lines(owed, case, viewed, horizon)


def _under_the_policy(case: CaseOwes, viewed: Viewed) -> Iterator[Obligation]:
    yield from (one for one in case.owed if applies(one, viewed.policy))
    for telling in case.telling:
        yield from to_tell(telling, viewed.policy, viewed.baseline)


def _lines(owed: Obligation, case: CaseOwes, viewed: Viewed, horizon: date) -> Iterator[Work]:
    if owed.weekly:
        yield from _weekly(owed, case, viewed, horizon)
        return
    state = state_on(owed, viewed.day)
    if state is None or (state is State.UPCOMING and owed.due_on is not None and owed.due_on > horizon):
        return
    yield _line(owed, case, viewed, state, owed.due_on, owed.key)


def state_on(owed: Obligation, day: date) -> State | None:
    """How something stands on a day; None when it is owed no more. The last day is in time, the day after is not."""
    if owed.until_on is not None and owed.until_on < day:
        return None
    if owed.due_on is not None and owed.due_on < day:
        return None if owed.ends_by_itself else State.OVERDUE
    on_its_day = owed.ends_by_itself or owed.duty in ON_ITS_DAY
    if owed.from_on > day or (on_its_day and owed.due_on is not None and owed.due_on > day):
        return State.UPCOMING
    return State.DUE


def _weekly(owed: Obligation, case: CaseOwes, viewed: Viewed, horizon: date) -> Iterator[Work]:
    """The last ones that are open, and the next; none once it is owed no more."""
    day = viewed.day
    if owed.until_on is not None and owed.until_on < day:
        return
    begun = list(owed.still_open(day))
    shown = begun[-LAST_OPEN:]
    nearest = min(horizon, day + timedelta(days=min(14, (NO_DAY - day).days)))
    following = next((on for on in owed.still_open(nearest) if on > day), None)
    for on in shown:
        state = State.DUE if on == day else State.OVERDUE
        line = _line(owed, case, viewed, state, on, f"{owed.key}@{on}")
        yield replace(line, earlier=len(begun) - len(shown)) if on == shown[0] else line
    if following is not None:
        yield _line(owed, case, viewed, State.UPCOMING, following, f"{owed.key}@{following}")


def _line(owed: Obligation, case: CaseOwes, viewed: Viewed, state: State, due_on: date | None, key: str) -> Work:
    said = asked(owed, viewed.policy, viewed.baseline)
    held = _held_by(owed, said.by, case, viewed)
    nobody = not owed.ends_by_itself and not any(holder.acts for holder in held)
    late = state is State.OVERDUE
    return Work(
        kind=owed.duty,
        key=key,
        case=case.case,
        person=case.person,
        about=owed.about,
        due_on=due_on,
        days_late=(viewed.day - due_on).days if late and due_on is not None else 0,
        state=state,
        blocked=Blocked.NOBODY if nobody else None,
        roles=tuple(map(viewed.title, said.by)),
        # What nobody can do is told to whoever can find somebody, whatever its day.
        escalated_to=tuple(map(viewed.title, said.escalated_to)) if late or nobody else (),
        held_by=held,
        clause=said.clause,
        says=said.says,
        commands=said.commands,
        barred=owed.barred,
        unknown_since=case.unknown_since,
    )


def _held_by(owed: Obligation, by: Sequence[RoleCode], case: CaseOwes, viewed: Viewed) -> tuple[Holder, ...]:
    """Whoever was named for it; else whoever looks after the case, where it falls to them; else the posts' holders."""
    named = owed.staff or (case.officer if by == (CASE_OFFICER,) else None)
    if named is not None:
        found = viewed.named(named)
        if any(holder.acts for holder in found):
            return found
    barred = frozenset(owed.barred)
    return tuple(dict.fromkeys(holder for role in by for holder in viewed.holders(role, barred)))


def _cannot_be_told(case: CaseOwes, viewed: Viewed) -> Work:
    held = viewed.named(case.officer) if case.officer is not None else viewed.holders(CASE_OFFICER)
    return Work(
        kind="unreadable",
        key="unreadable",
        case=case.case,
        person=case.person,
        about=case.case,
        due_on=None,
        days_late=0,
        state=State.UNKNOWN,
        blocked=Blocked.UNREADABLE,
        roles=(viewed.title(CASE_OFFICER),),
        escalated_to=tuple(map(viewed.title, viewed.policy.decision.by.value)),
        held_by=held,
        clause="baseline 3",
        says="This release cannot tell this case to its end: it may owe more than is listed, or less.",
        commands=(),
        unknown_since=case.unknown_since,
    )


def is_wanted(work: Work, case: CaseOwes, wanted: Wanted, roles: frozenset[RoleCode]) -> bool:
    """Whether a line is among those asked for; `roles` are the posts of the colleague who is asked about.

    A case that cannot be told may owe anything to anybody: it is on every list.
    """
    if work.blocked is Blocked.UNREADABLE:
        return True
    if wanted.blocked and work.blocked is None:
        return False
    if wanted.state is not None and work.state is not wanted.state:
        return False
    told = [one.role for one in (*work.roles, *work.escalated_to)]
    if wanted.role is not None and wanted.role not in told:
        return False
    return wanted.staff is None or _is_theirs(work, case, wanted.staff, roles)


def _is_theirs(work: Work, case: CaseOwes, staff: StaffId, roles: frozenset[RoleCode]) -> bool:
    """Whether somebody is asked, in a post of that day or by name; a deputy is, also while nobody is away."""
    if staff in work.barred:
        return False
    if case.officer == staff or any(holder.staff == staff for holder in work.held_by):
        return True
    by_name = bool(work.held_by) and all(holder.role is None for holder in work.held_by)
    asked_of = work.escalated_to if by_name else (*work.roles, *work.escalated_to)
    return any(one.role in roles for one in asked_of)
