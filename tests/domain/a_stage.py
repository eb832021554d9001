"""A stage for the demonstrations: a landlord in memory, everybody of a story in post, and a clock that is set.

Stories are told at the landlord's desk, as the API would, over a log in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from application.demonstrations.story import Step, Story, System, references
from application.demonstrations.telling import Telling
from application.desk import Desk, NotFound
from application.founding import found
from application.memory import MemoryLog
from domain.case import Case
from domain.codes import StaffId, SubjectId
from domain.decisions import Refused
from domain.policy_file import BaselineFile, PolicyFile
from tests.policies import baseline_file, policy_file


@dataclass
class OneFile:
    """The policies of a landlord with a single file."""

    only: PolicyFile
    baseline: BaselineFile

    def file(self, effective: date) -> PolicyFile | None:
        """The file, when that is its day."""
        return self.only if effective == self.only.effective else None

    def files(self) -> Sequence[PolicyFile]:
        """The file."""
        return [self.only]


@dataclass
class StageClock:
    """Stands where it was set."""

    instant: datetime

    def now(self) -> datetime:
        """Where it stands."""
        return self.instant


@dataclass
class Stage:
    """One landlord in memory on which a story is told."""

    story: Story
    telling: Telling = field(init=False)
    clock: StageClock = field(init=False)
    log: MemoryLog = field(init=False)

    def __post_init__(self) -> None:
        """Founds the landlord and appoints everybody, on the day the story begins."""
        landlord = self.story.landlord
        self.clock = StageClock(self.story.begins)
        policies = OneFile(policy_file(landlord), baseline_file())
        ids = count(1)
        mint = lambda: f"event-{next(ids)}"  # noqa: E731
        self.log = MemoryLog(self.clock)
        found(landlord, self.log, policies, self.clock, mint, demonstration=True)
        desk = Desk(landlord, self.log, policies, self.clock, mint)
        staff = {login: StaffId(f"staff-{login}") for login in self.story.logins}
        people = {customer.alias: SubjectId(f"person-{customer.alias}") for customer in self.story.customers}
        self.telling = Telling(self.story, desk, staff, people)
        for colleague in self.story.staff:
            self.telling.appoint(colleague)
        for point in self.story.points:
            desk.manage(self.telling.reaching(point), self.telling.administrator)
        self._let_follow(self.story.partners)

    def take(self, step: Step) -> None:
        """One step, at its moment; after the last one the landlord's own systems begin to follow."""
        self.clock.instant = step.moment
        self.telling.carry_out(step)
        if step is self.story.steps[-1]:
            self._let_follow(self.story.systems)

    def _let_follow(self, systems: Sequence[System]) -> None:
        for system in systems:
            self.telling.desk.manage(self.telling.registering(system), self.telling.administrator)

    def case(self, alias: str) -> Case:
        """A customer's latest case."""
        return self.telling.desk.case(self.telling.desk.cases_of(self.telling.people[alias])[-1])


THE_RECORD = "the record itself"  # for a clause, where something spoken of is not there

Refusals = dict[str, set[tuple[str, str]]]  # by step: (rule, clause)


def told(story: Story, without: str | None = None) -> Refusals:
    """What is refused when a story is told, one step left out; steps that rest on a refused one are not tried."""
    stage = Stage(story)
    refusals: Refusals = {}
    untold: set[str] = set()
    for step in story.steps:
        if step.name == without:
            continue
        if untold.union(refusals).intersection(references(step.command)):
            untold.add(step.name)
            continue
        try:
            stage.take(step)
        except NotFound:
            refusals[step.name] = {("no_case", THE_RECORD)}
        except Refused as refused:
            refusals[step.name] = {(v.rule, v.clause) for v in refused.violations}
    return refusals
