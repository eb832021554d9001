"""Commands drawn at random from the registry, made of what the case already knows, the policy's codes and days near.

Most are refused, and should be. What counts is the state that those leave which are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from domain.calendar import london_datetime
from domain.case import Case
from domain.codes import Channel, LetterTrouble, NoticeKind, Purpose, SubjectId
from domain.decisions import COMMANDS, CaseCommand, Refused
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.disclosures import RestrictionToShow
from domain.decisions.endings import CloseCase, WithdrawAsWrong
from domain.decisions.intake import OpenCase
from domain.decisions.judgement import DecidingCommand
from domain.decisions.letters import ParkLetter, RecordDispatch, ReportDelivery
from domain.decisions.measures import MeasureRequest
from domain.decisions.merging import MergeRecords
from domain.decisions.notices import SendNotice
from domain.decisions.people import RecordDeath
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.retention import ErasePerson
from domain.events import SYSTEM
from domain.personal import Personal
from tests.domain.world import Road, World, staff, words

T = TypeVar("T")

PERIODS: Final = ("1 week", "1 month", "3 months")
TRIES: Final = 3  # people who try, one after the other
FAR: Final = 400  # days from today that a drawn day may lie apart
# Optional fields that make most commands impossible when they are drawn at random.
RARE: Final = frozenset(
    {
        "on",
        "complaint",
        "allegation",
        "refer_to",
        "filed_under",
        "explains",
        "because_of",
        "confirms",
        "replaces",
        "keeps",
    }
)
# After these little else can happen, so they come seldom.
SELDOM: Final = (CloseCase, RecordDeath, WithdrawAsWrong, ErasePerson, MergeRecords)


class AnyCommand:
    """Draws commands for a road, each of a kind drawn first, so that rare kinds come as often as common ones."""

    def __init__(self, road: Road, seed: int) -> None:
        self.road = road
        self.random = Random(seed)  # noqa: S311 - the same commands each time, and no secret
        self.kinds = [kind for kind in COMMANDS.values() if kind is not OpenCase]
        self.beside = Road(road.world.landlord_id, stream="case-2").opened(SubjectId("person-9")).world

    @property
    def world(self) -> World:
        """The world of the road."""
        return self.road.world

    def step(self) -> CaseCommand | None:
        """Carry out one command, or let days pass; the command when it was accepted."""
        if self.random.random() < 0.15:
            self.world.wait(self.random.choice([1, 1, 3, 7, 30, 100]))
            return None
        if self.random.random() < 0.1:
            self._go_on()
            return None
        kind = self.random.choice(self.kinds)
        if kind in SELDOM and self.random.random() < 0.8:
            return None
        command = self.drawn(kind)
        if command is None:
            return None
        self.beside.today = self.world.today
        self.world.others = (self.beside.case,) if self.beside.case.person in self.world.case.persons() else ()
        for _ in range(TRIES):
            with suppress(Refused):
                self.world.do(command, by=self.actor(), beside=self.beside if command.touches() else None)
                return command
        return None

    def _go_on(self) -> None:
        """A stretch of the main road, as far as the case lets it; what was done of it stays."""
        road, world, case = self.road, self.world, self.world.case
        stretches: tuple[Callable[[], object], ...] = (
            road.contact,
            lambda: road.contact(channel=self.random.choice([*Channel]), purpose=self.random.choice([*Purpose])),
            road.incident,
            road.warned,
            road.ready,
            lambda: road.restricted(self._measure()),
            lambda: road.restricted(self._measure(), told=False),
            lambda: road.letter(self.random.choice([*NoticeKind]), self.random.choice(known_ids(case))),
            lambda: road.prepared(self.random.choice([*NoticeKind]), self.random.choice(known_ids(case))),
            self._carry,
            lambda: world.do(self._extension(), by=road.decider()),
            lambda: world.do(LodgeAppeal(against=case.restrictions[-1].id, reasons=words())),
        )
        with suppress(Refused, ValidationError, LookupError):  # where there is none to go on with
            self.random.choice(stretches)()

    def _carry(self) -> None:
        """Whoever carries letters says something of one of them."""
        letter, now = self.random.choice(self.world.case.letters).id, self.world.now
        commands: list[CaseCommand] = [
            RecordDispatch(letter=letter, sent_at=now),
            ParkLetter(letter=letter, because=self.random.choice([*LetterTrouble])),
            ReportDelivery(letter=letter, delivered=self.random.random() < 0.5, status="word", reported_at=now),
        ]
        self.world.do(self.random.choice(commands), by=SYSTEM)

    def _extension(self) -> CaseCommand:
        standing = self.world.case.restrictions[-1]
        return self.road.extension(standing.id, standing.ends_on + timedelta(days=self.random.choice([10, 60, 120])))

    def drawn(self, kind: type[CaseCommand]) -> CaseCommand | None:
        """A command of this kind that has the shape of one, or None."""
        says = {name: self.value(field.annotation, name, field) for name, field in kind.model_fields.items()}
        if issubclass(kind, DecidingCommand):
            says["overrides"] = ()
        if issubclass(kind, SendNotice) and self.random.random() < 0.8:
            says["contents"] = self.road.contents(NoticeKind(says["kind"]))
            notice = self.world.policy.notices.get(says["kind"])
            says["enclosures"] = tuple(notice.enclosures) if notice else ()
        if issubclass(kind, ApplyRestriction) and self.world.case.proposals and self.random.random() < 0.7:
            proposal = self.random.choice(self.world.case.proposals).id
            return self.road.application(proposal, *says["measures"])
        try:
            return kind(**{name: value for name, value in says.items() if value is not ...})
        except ValidationError:
            return None

    def actor(self) -> str:
        """Somebody in a post; often one whom the policy gives much to do."""
        roles = [*self.world.policy.roles, *self.world.baseline.baseline.roles]
        usual = [self.road.decider(), self.road.warner(), self.road.proposer(), "case_officer", "duty_manager"]
        return self.random.choice(usual if self.random.random() < 0.6 else roles)

    def value(self, hint: Any, name: str, field: FieldInfo | None = None) -> Any:
        """Something of this type that could stand in a field of this name; `...` leaves an optional field out."""
        left_out = 0.9 if name in RARE else 0.35
        if field is not None and not field.is_required() and self.random.random() < left_out:
            return ...
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self.value(arguments[0], name)
        if origin in (Union, UnionType):
            return self.value(next(one for one in arguments if one is not NoneType), name)
        if origin is Literal:
            return self.random.choice(arguments)
        if origin is tuple:
            items = [self.value(arguments[0], name) for _ in range(self.random.choice([0, 1, 1, 2]))]
            return tuple(items)
        return self._plain(hint, name)

    def _plain(self, hint: Any, name: str) -> Any:
        if hint is Personal:
            return words()
        if hint is bool:
            return self.random.random() < 0.7
        if hint is int:
            return self.random.choice([1, 2, 5])
        if hint is datetime:
            return london_datetime(self._day(name), time(self.random.choice([9, 12, 17])))
        if hint is date:
            return self._day(name)
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return self.random.choice([*hint])
        if isinstance(hint, type) and issubclass(hint, MeasureRequest):
            return self._measure()
        if isinstance(hint, type) and issubclass(hint, RestrictionToShow) and self.world.case.restrictions:
            return RestrictionToShow(restriction=self.random.choice(self.world.case.restrictions).id)
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return None
        return self._text(name)

    def _day(self, name: str) -> date:
        """Mostly today; what has an end or is looked at again mostly lies ahead."""
        ahead = any(word in name for word in ("until", "ends", "review", "expires"))
        near = [1, 3, 10, 30, 90, 180, FAR] if ahead else [0, 0, 0, 0, 0, -1, -3, -20]
        return self.world.today + timedelta(days=self.random.choice([*near, *near, 1, -FAR]))

    def _measure(self) -> MeasureRequest:
        code = self.random.choice([*self.world.policy.measures])
        return self.road.measure(code)

    def _text(self, name: str) -> str:
        """An id or a code: mostly one of those that a field of this name could mean."""
        policy, case = self.world.policy, self.world.case
        named: dict[str, Sequence[str]] = {
            "grounds": [*policy.grounds],
            "other_category": [*policy.categories],
            "check": [*policy.checks],
            "to": [*policy.scope.excluded, staff("case_officer"), staff("duty_manager")],
            "kind": [*policy.adjustments, *policy.urgent, "call_recording"],
            "alert": [*policy.alerts],
            "partner": [*(p for a in policy.audiences.values() for p in a.partners), "council", "police"],
            "warnings": [*(w.id for w in case.safety)],
            "delete_within": PERIODS,
            "ombudsman": [*policy.ombudsmen],
            "routed_to": [*policy.roles],
            "against": [*(r.id for r in case.restrictions), *(staff(role) for role in policy.roles)],
            "warning": [*(w.id for w in case.warnings), *(w.id for w in case.safety)],
            "removal": [
                *(t.key for r in case.restrictions for t in r.others_told),
                *(t.key for w in case.safety for t in w.others_told),
            ],
            "event": [event.event_id for event in self.world.history],
            "request": [*(c.id for c in case.policy_copies), *(r.id for r in case.rights)],
            "issue": ["issue-1", "issue-2"],
            "filed_under": [m.id for r in case.restrictions for m in r.sets[-1].measures],
            "measure": [m.id for r in case.restrictions for m in r.sets[-1].measures],
            "measures": [m.id for r in case.restrictions for m in r.sets[-1].measures] or [*policy.measures],
            "keep": [m.id for r in case.restrictions for m in r.sets[-1].measures],
            "cadence": [*policy.reviews],
            "per": PERIODS,
            "review_every": PERIODS,
            "slot": ["tuesday 10:00"],
            "audience": [*policy.audiences, *self.world.baseline.baseline.safety_audiences],
            "person": [case.person, "person-2"],
            "other_case": [self.beside.case.id],
            "kept": [case.person, self.beside.case.person],
            "entry": [*(c.id for c in case.contacts), *(i.id for i in case.incidents)],
            "stands": [r.id for r in case.restrictions],
            "stands_there": [r.id for r in self.beside.case.restrictions],
            "conduct_of": [case.person],
            "about": [*known_ids(case), "issue-1"],
        }
        if self.random.random() < 0.9:
            of_name = named.get(name) or _of_kind(name, known_ids(case))
            if of_name:
                return self.random.choice(list(of_name))
        roles = [staff(role) for role in (*policy.roles, *self.world.baseline.baseline.roles)]
        return self.random.choice([*known_ids(case), *roles, *policy.roles, *policy.measures, "other"])


def _of_kind(name: str, ids: Sequence[str]) -> list[str]:
    """The ids that a field of this name means: "contact" and "contacts" the contacts."""
    stem = name.removesuffix("s")
    return [one for one in ids if one.startswith(f"{stem}-")]


def known_ids(case: Case) -> list[str]:
    """Every id that the case has given to anything in it."""
    found: dict[str, None] = {}
    for field in fields(case):
        value = getattr(case, field.name)
        if isinstance(value, tuple):
            for item in value:
                if is_dataclass(item) and isinstance(known := getattr(item, "id", None), str):
                    found[known] = None
    return [*found]


def walked(road: Road, how_far: int) -> Road:
    """The road a part of the way: opened, an incident, warned, ready for a decision, restricted, told."""
    walk: tuple[Callable[[], object], ...] = (road.opened, road.incident, road.warned, road.ready, road.restricted)
    if how_far <= 2:
        for one in walk[: how_far + 1]:
            one()
        return road
    walk[min(how_far, 4)]()
    return road
