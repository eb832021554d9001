"""Telling a story: each step is carried out at the landlord's desk by the colleague who took it, as the API would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from application.demonstrations.story import Colleague, Point, Step, Story, System
from application.desk import Desk, NotFound
from application.ports import Receipt, RequestKey
from domain.calendar import london_date
from domain.codes import CaseId, PointKind, StaffId, SubjectId, SubscriberKind
from domain.decisions import CaseCommand
from domain.decisions.contact_points import SetContactPoint
from domain.decisions.intake import LogContact
from domain.decisions.landlord import ADMINISTRATOR, AppointPost
from domain.decisions.subscribers import RegisterSubscriber
from domain.events import SYSTEM
from domain.personal import Personal

C = TypeVar("C", bound=BaseModel)


@dataclass(slots=True)
class Telling:
    """One telling of a story: who is who in this landlord's log, and what each step so far has made."""

    story: Story
    desk: Desk
    staff: Mapping[str, StaffId]  # by login, systems among them
    people: Mapping[str, SubjectId]  # by alias
    made: dict[str, str] = field(default_factory=dict)  # by name of the step

    def appoint(self, colleague: Colleague, request: RequestKey | None = None) -> Receipt:
        """Give somebody their post from the day on which the story begins; the administrator's is given first."""
        command = AppointPost(
            role=colleague.role,
            staff=self.staff[colleague.login],
            starts_on=london_date(self.story.begins),
            area=colleague.area,
            deputy=colleague.deputy,
        )
        first = colleague.role == ADMINISTRATOR
        return self.desk.manage(command, SYSTEM if first else self.administrator, request=request)

    @property
    def administrator(self) -> StaffId:
        """Who gives posts, and says how they are reached."""
        return self.staff[next(c.login for c in self.story.staff if c.role == ADMINISTRATOR)]

    def reaching(self, point: Point) -> SetContactPoint:
        """The administrator's command by which somebody is reached from the day on which the story begins."""
        own = point.of is PointKind.STAFF
        return SetContactPoint(
            of=point.of,
            code=self.staff[point.code] if own else point.code,
            from_on=london_date(self.story.begins),
            telephone=None if own else point.telephone,
            own_telephone=Personal(point.telephone) if own else None,
            hours=point.hours,
            messages_to=point.messages_to,
        )

    def registering(self, system: System) -> RegisterSubscriber:
        """The administrator's command by which a system may follow from now on."""
        return RegisterSubscriber(
            subscriber=system.login,
            kind=SubscriberKind.OWN if system.partner is None else SubscriberKind.PARTNER,
            signs_in=self.staff[system.login],
            topics=system.topics,
            partner=system.partner,
            references=system.references,
            within_minutes=system.within_minutes,
        )

    def carry_out(self, step: Step, request: RequestKey | None = None) -> Receipt:
        """Carry one step out now; with `request`, once however often. Raises what the desk raises.

        A step that speaks of one that was not carried out names something that the case does not have.
        """
        person, actor = self.people[step.case], self.staff[step.by]
        command = self._spoken(step.command)
        if isinstance(command, LogContact):
            customer = self.story.customer(step.case)
            receipt = self.desk.log_contact(
                person, command, actor, kind=customer.kind, household=customer.household, request=request
            )
        else:
            receipt = self.desk.execute(self._case(person), command, actor, request=request)
        self._remember(step, receipt)
        return receipt

    def spoken(self, step: Step) -> tuple[CaseId, CaseCommand | LogContact, StaffId]:
        """What a step does in this log, by whom, and in which case; for whoever carries it out in another way."""
        return self._case(self.people[step.case]), self._spoken(step.command), self.staff[step.by]

    def remember(self, step: Step, made: str) -> None:
        """Note what a step has made that was carried out in another way."""
        self.made[step.name] = made

    def _case(self, person: SubjectId) -> CaseId:
        cases = self.desk.cases_of(person)
        if not cases:
            raise NotFound("this person has no case yet")
        return cases[-1]

    def _remember(self, step: Step, receipt: Receipt) -> None:
        facts = receipt.answer["facts"]
        made = [fact["id"] for fact in facts if "id" in fact] if isinstance(facts, list) else []
        if made:
            self.made[step.name] = made[0]

    def _spoken(self, command: C) -> C:
        """The command with the ids of this log in the place of the story's names."""
        changed = {name: self._named(getattr(command, name)) for name in type(command).model_fields}
        return command.model_copy(update=changed)

    def _named(self, value: object) -> object:
        if isinstance(value, str):
            match value.partition(":"):
                case ("step", ":", name):
                    step, dot, part = name.partition(".")
                    return f"{self.made.get(step, f'no-{step}')}{dot}{part}"
                case ("staff", ":", login):
                    return self.staff[login]
                case ("person", ":", alias):
                    return self.people[alias]
        if isinstance(value, tuple):
            return tuple(self._named(part) for part in value)
        return self._spoken(value) if isinstance(value, BaseModel) else value
