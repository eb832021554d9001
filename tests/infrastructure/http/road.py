"""The main road of a case, walked over HTTP: the same steps as in memory, each sent as a request by its own person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from domain.calendar import Period
from domain.codes import CaseId
from domain.decisions import COMMANDS, CaseCommand
from domain.decisions.intake import OpenCase
from domain.decisions.judgement import Decision
from domain.personal import Personal
from tests.domain.world import Road, World
from tests.infrastructure.http.a_house import Caller, House, accepted, appoint

PATHS = {kind: name for name, kind in COMMANDS.items()}
MONDAY = date(2026, 1, 12)


@dataclass
class HttpWorld(World):
    """A landlord behind the interface; whoever a step says it is done by sends the request."""

    today: date = MONDAY
    house: House = field(kw_only=True)
    case_id: str = ""
    person: str = ""
    callers: dict[str, Caller] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everybody holds one post."""
        policies = self.house.evenhand.office(self.landlord_id).policies
        self.file, self.baseline = policies.files()[-1], policies.baseline
        known = {t.role for t in self.house.evenhand.desk(self.landlord_id).state().tenures}
        for role in {*self.policy.roles, *self.baseline.baseline.roles}:
            if role not in known:
                appoint(self.house, self.landlord_id, role, role)
            self.callers[role] = self.house.caller(self.landlord_id, role)

    def do(self, command: CaseCommand, by: str = "case_officer", beside: World | None = None) -> Decision:
        """Send a command that must be accepted, and read the case back; the service finds a second case by itself."""
        del beside
        answer = accepted(self.send(command, by))
        self.case_id = answer["case"]
        self.case = self.house.evenhand.desk(self.landlord_id).case(CaseId(self.case_id))
        return Decision((), None)

    def send(self, command: CaseCommand, by: str = "case_officer") -> Any:
        """Send a command; the response, whatever its status."""
        self.house.evenhand.demonstration_clock(self.landlord_id).set(self.now)
        caller = self.callers[by]
        if isinstance(command, OpenCase):
            self.person = accepted(caller.post("/v1/persons", {"name": "Robin Example"}))["person"]
            return caller.post("/v1/cases", {"person": self.person})
        return caller.post(f"/v1/cases/{self.case_id}/{PATHS[type(command)]}", self.said(command))

    def said(self, value: object) -> Any:
        """A command, or a part of one, as JSON, with the ids that members of staff have here."""
        match value:
            case Personal():
                return value.content()
            case BaseModel():
                return {name: self.said(getattr(value, name)) for name in value.model_fields_set}
            case tuple():
                return [self.said(item) for item in value]
            case Mapping():
                return {key: self.said(item) for key, item in value.items()}
            case datetime() | date():
                return value.isoformat()
            case Period():
                return str(value)
            case StrEnum():
                return value.value
            case str() if value.startswith("staff-"):
                return self.house.staff(self.landlord_id, value.removeprefix("staff-"))
            case _:
                return value


def a_road(house: House, landlord: str) -> Road:
    """The main road under a landlord's policy, beginning on the day on which the landlord's clock stands."""
    road = Road(landlord)
    today = house.evenhand.clock(landlord).now().date()
    road.world = HttpWorld(landlord, house=house, today=today)
    return road
