"""The worklist of an office, and its lines as they are shown: with the HTTP path of each command."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from application.desk import NotFound
from application.worklists import Worklists
from domain.calendar import london_date
from domain.codes import RoleCode, StaffId
from domain.decisions import LANDLORD_COMMANDS
from domain.worklist import Blocked, Holder, RoleAsked, State, Wanted, Work
from infrastructure.calendar_file import calendar_file
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.owing import OwedReads
from infrastructure.run_out import run_out

if TYPE_CHECKING:
    from infrastructure.office import Office

# Each of them is folded; whether there is more says `more`, and the list of what may go has them all.
CLOSED_LOOKED_AT: Final = 100

YEAR_AHEAD: Final = 366  # days of a calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandToSend:
    """A command that discharges something, and where it is sent with POST."""

    command: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """One thing to be done, on a day: what, in which case, by when, by whom, under which clause and how.

    `state`: `due` can be done now, and its last day is not over; `overdue` was not done by it, `days_late` calendar
    days ago; `upcoming` is for later; `unknown` when this release cannot tell the case from `unknown_since` on.
    `blocked` says why nobody can do it as things are: the case is `unreadable`, or `nobody` who is there holds the
    post. Without `due_on`, no day was ever set. `held_by` are those to whom it falls that day; deputies act once none
    of the others can; those in `barred` cannot, as they had a part in what it is about. `escalated_to` are asked too
    once it is overdue, or while nobody can do it. `earlier` counts occurrences of the same before these that are open
    and not listed; `count` what a line of the landlord's stands for.
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
    commands: tuple[CommandToSend, ...]
    barred: tuple[StaffId, ...]
    unknown_since: int | None
    earlier: int
    count: int
    see: str | None


def worklists_of(office: Office) -> Worklists:
    """The worklist of a landlord."""
    owing, policies = OwedReads(office.projector), office.policies
    unreadable = (UnknownFact, UnreadableEvent)
    return Worklists(
        office.desk, owing, policies, partial(_kept_too_long, office), unreadable, followed=office.followers
    )


def roles_of(office: Office) -> frozenset[RoleCode]:
    """The posts to which something can fall, by the policy of today and the baseline; none before the first policy."""
    try:
        policy = office.desk.policy_on(london_date(office.clock.now())).policy
    except NotFound:
        return frozenset()
    return frozenset([*policy.roles, *(RoleCode(role) for role in office.policies.baseline.baseline.roles)])


def calendar_of(office: Office, role: RoleCode, within: int = YEAR_AHEAD) -> bytes:
    """A role's deadlines as a calendar, from today on and those that are overdue."""
    now = office.clock.now()
    found = worklists_of(office).page(Wanted(role=role, within=within), london_date(now), limit=None)
    return calendar_file(office.landlord, role, (*found.landlord, *found.lines), now, found.position)


def shown(work: Work) -> WorkLine:
    """A line with the paths of its commands; a line that has no commands is looked at in its case."""
    told = {field.name: getattr(work, field.name) for field in fields(Work)}
    of_case = f"/v1/cases/{work.case}"
    paths = (f"/v1/landlord/{c}" if c in LANDLORD_COMMANDS else f"{of_case}/{c}" for c in work.commands)
    commands = [CommandToSend(command=c, path=p) for c, p in zip(work.commands, paths, strict=True)]
    if work.case is None:
        commands = [one for one in commands if one.command in LANDLORD_COMMANDS]
    see = work.see or (None if work.case is None else of_case)
    return WorkLine(**{**told, "commands": tuple(commands), "see": see})


def _kept_too_long(office: Office, day: date) -> tuple[int, bool]:
    """How many of the first closed cases have records that were kept long enough, and whether more were closed."""
    found = run_out(office, day, 0, CLOSED_LOOKED_AT)
    return sum(1 for line in found.lines if line.readable), found.next is not None
