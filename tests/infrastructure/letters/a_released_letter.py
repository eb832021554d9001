"""A case whose customer can be written to, with a decision letter that was prepared or released over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from domain.case_letters import Letter
from domain.codes import CaseId
from domain.decisions import CaseCommand
from domain.decisions.intake import OpenCase
from tests.infrastructure.http.a_house import House, accepted
from tests.infrastructure.http.road import HttpWorld, a_road

PERSON = {"name": "Zoë Quill", "address": "1 Elm Row\nElmton\nEL1 1EL", "email": "quill@example.org"}
PATIENCE = 30.0  # seconds in which anything of this has to come about


@dataclass
class Reachable(HttpWorld):
    """A world whose customer has an address."""

    def send(self, command: CaseCommand, by: str = "case_officer") -> Any:
        """Send a command; the response, whatever its status."""
        if not isinstance(command, OpenCase):
            return super().send(command, by)
        self.house.evenhand.demonstration_clock(self.landlord_id).set(self.now)
        self.person = accepted(self.callers[by].post("/v1/persons", PERSON))["person"]
        return self.callers[by].post("/v1/cases", {"person": self.person})

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """Something that the officer sends about the case."""
        return accepted(self.callers["case_officer"].post(f"/v1/cases/{self.case_id}/{path}", body))

    def prepared(self) -> str:
        """The decision letter is prepared; its id."""
        found: str = self.post("letters", kind="decision", about="restriction-1")["facts"][0]["id"]
        return found

    def released(self, method: str = "first_class_post") -> Letter:
        """The decision letter is prepared and let go."""
        letter = self.prepared()
        self.post("release-letter", letter=letter, method=method)
        return self.letter(letter)

    def letter(self, letter: str = "letter-1") -> Letter:
        """A letter as the case has it now."""
        case = self.house.evenhand.desk(self.landlord_id).case(CaseId(self.case_id))
        return next(one for one in case.letters if one.id == letter)

    def state(self, dispatch: str | None) -> str:
        """How far the outbox is with a sending."""
        found = self.house.evenhand.office(self.landlord_id).outbox.carried(dispatch or "")
        return "" if found is None else found.state


def reachable(house: House, landlord: str = "derby") -> Reachable:
    """A restriction of somebody with an address, who was not told of it yet."""
    road = a_road(house, landlord)
    road.world = Reachable(landlord, house=house, today=road.world.today)
    road.restricted(told=False)
    return road.world


def eventually(holds: Callable[[], object]) -> None:
    """Waits until something holds; fails when it never does."""
    until = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < until, "it never came about"
        sleep(0.02)
