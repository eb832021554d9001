"""What a demonstration tells: made-up colleagues and customers of one landlord, and step after step what they did.

A step's command names what an earlier step made as "step:<its name>", a colleague as "staff:<login>" and a customer
as "person:<alias>": what those are called in the log is known only once the story is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Final

from pydantic import BaseModel

from domain.calendar import (
    Nation,
    Period,
    days_before,
    is_working_day,
    last_day,
    london_datetime,
    opens_on,
    working_days_after,
)
from domain.codes import OpenDay, PointKind, SubjectKind, Topic
from domain.decisions import CaseCommand
from domain.decisions.contact_points import Hours
from domain.decisions.subscribers import FOR_PARTNERS

# Before every one of these stories, with room for a year's restriction, its review and a second year.
BEGINS_BEFORE: Final = timedelta(days=900)

DUTY_MANAGER: Final = "duty_manager"  # as the baseline names the post

# What the baseline wants said in each letter; what a policy adds stands in its story.
WARNING_SAYS: Final = ("behaviour", "change_asked", "consequences")
DECISION_SAYS: Final = (
    "behaviour",
    "reasons",
    "measures",
    "dates",
    "future_contact",
    "always_open",
    "adjustments",
    "appeal",
    "ombudsman",
    "record_held",
    "who_is_informed",
)
VARIATION_SAYS: Final = ("reasons", "measures", "future_contact", "always_open", "appeal")
EXTENSION_SAYS: Final = ("behaviour", "reasons", "measures", "dates", "appeal", "ombudsman")
APPEAL_OUTCOME_SAYS: Final = ("reasons", "ombudsman")
REVIEW_OUTCOME_SAYS: Final = ("reasons",)
ENDING_SAYS: Final = ("reasons",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A made-up member of staff in one post, for one area of the landlord where the policy speaks of areas."""

    login: str
    name: str
    role: str
    area: str | None = None
    deputy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How an office, whoever holds a post, or a colleague of this login is reached, with made-up numbers.

    From nine to five on weekdays, unless it is `always`.
    """

    of: PointKind
    code: str
    telephone: str
    always: bool = False
    messages_to: str | None = None

    @property
    def hours(self) -> tuple[Hours, ...]:
        """The times at which somebody is there."""
        days = tuple(OpenDay) if self.always else tuple(OpenDay)[:5]
        opens, closes = ("00:00", "24:00") if self.always else ("09:00", "17:00")
        return tuple(Hours(weekday=day, opens=opens, closes=closes) for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A made-up system outside that follows what happens, known by its login: the landlord's own, or a partner's."""

    login: str
    name: str
    topics: tuple[Topic, ...]
    partner: str | None = None
    references: bool = False
    within_minutes: int | None = None


HOUSING_SYSTEM: Final = System(
    login="housing_system",
    name="The housing system",
    topics=tuple(topic for topic in Topic if topic is not Topic.CASEWORK),
    references=True,
    within_minutes=240,
)
TELEPHONY: Final = System(login="telephony", name="The telephone system", topics=(Topic.RESTRICTIONS, Topic.SAFETY))


def partners_system(login: str, name: str, partner: str) -> System:
    """A partner's system, which follows what is disclosed to the partner."""
    return System(login=login, name=name, topics=FOR_PARTNERS, partner=partner)


def on_duty(manager: tuple[str, str], deputy: tuple[str, str]) -> tuple[Colleague, Colleague]:
    """The duty manager and their deputy, each by login and name."""
    return (
        Colleague(login=manager[0], name=manager[1], role=DUTY_MANAGER),
        Colleague(login=deputy[0], name=deputy[1], role=DUTY_MANAGER, deputy=True),
    )


def always_on_duty(telephone: str) -> Point:
    """The duty manager's number, at which somebody is there at any hour of any day."""
    return Point(of=PointKind.ROLE, code=DUTY_MANAGER, telephone=telephone, always=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A made-up customer; `alias` is what the story calls them, `reference` what the landlord does."""

    alias: str
    reference: str
    name: str
    address: str
    telephone: str | None = None
    email: str | None = None
    kind: SubjectKind = SubjectKind.TENANT
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one colleague did in one customer's case, on a day and by London's clocks; its name occurs once."""

    name: str
    case: str
    day: date
    clock: str
    by: str
    command: CaseCommand

    @property
    def moment(self) -> datetime:
        """The instant at which it is taken down."""
        return london_datetime(self.day, time.fromisoformat(self.clock))


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is told of one landlord, in the order in which it happened, and all of it before `today`."""

    landlord: str
    today: date
    staff: tuple[Colleague, ...]
    customers: tuple[Customer, ...]
    steps: tuple[Step, ...]
    points: tuple[Point, ...] = ()
    partners: tuple[System, ...] = ()  # from the beginning on
    systems: tuple[System, ...] = (HOUSING_SYSTEM, TELEPHONY)  # once the story is told: they are behind with nothing

    @property
    def logins(self) -> Mapping[str, str]:
        """The names of everybody who signs in, colleagues and systems, by login."""
        return {one.login: one.name for one in self.staff} | {s.login: s.name for s in (*self.partners, *self.systems)}

    @property
    def begins(self) -> datetime:
        """When the landlord is set up and everybody is in post: a fixed time before `today`, and so telling it."""
        return london_datetime(self.today - BEGINS_BEFORE, time(9, 0))

    def customer(self, alias: str) -> Customer:
        """The customer of this alias."""
        return next(c for c in self.customers if c.alias == alias)


def told_for(begun: date) -> date:
    """The day that a story was told for which began on `begun`."""
    return begun + BEGINS_BEFORE


def in_order(*chapters: Iterable[Step]) -> tuple[Step, ...]:
    """The steps of several cases as they follow one another in time."""
    return tuple(sorted(chain.from_iterable(chapters), key=lambda step: step.moment))


@dataclass(frozen=True, slots=True)
class Diary:
    """Days of a story, counted back from `today` or from each other; all of them working days of England and Wales."""

    today: date

    def ago(self, period: str) -> date:
        """The working day so long before today, or the last one before that."""
        return self.working(days_before(self.today, Period.parse(period)))

    def working(self, day: date) -> date:
        """The day itself when it is a working day, else the last one before it."""
        return day if is_working_day(day, Nation.ENGLAND_AND_WALES) else self.before(day, 1)

    def before(self, day: date, working_days: int) -> date:
        """So many working days before a day."""
        return opens_on(day, working_days, Nation.ENGLAND_AND_WALES)

    def after(self, day: date, working_days: int) -> date:
        """So many working days after a day."""
        return working_days_after(day, working_days, Nation.ENGLAND_AND_WALES)

    def end(self, day: date, period: str) -> date:
        """The last day of a period from a day on, working day or not: when a term ends or a review falls due."""
        return last_day(day, Period.parse(period), Nation.ENGLAND_AND_WALES)

    def on_time(self, day: date, period: str) -> date:
        """The last working day on which what falls due at the end of that period can be done in time."""
        return self.working(self.end(day, period))


def references(command: BaseModel) -> Iterator[str]:
    """The names of the earlier steps that a command speaks of."""
    for value in _texts(command):
        if value.startswith("step:"):
            yield value.removeprefix("step:").partition(".")[0]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _texts(getattr(value, field))
