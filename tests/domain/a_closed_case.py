"""Cases that came to their end, for tests of what happens to their records afterwards."""

from __future__ import annotations

from datetime import date

from domain.codes import NoticeKind, RecordClass, Right
from domain.decisions import CaseCommand
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.proposals import DeclineRestriction
from domain.decisions.retention import DecideDisposal, ErasePerson, ProposeDisposal
from domain.decisions.rights import ReceiveRightsRequest
from domain.retention import Clock, due
from tests.domain.world import Road, words

RECORDS = "records_officer"
DPO = "data_protection_officer"
BEGAN = date(2019, 3, 4)  # a Monday, long enough ago for every clock


def lifted(landlord: str = "citizen", today: date = BEGAN) -> Road:
    """A restriction was in force for a month and lifted; the case is closed."""
    road = Road(landlord, today=today)
    restriction = road.restricted()
    road.world.wait(30)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, restriction)
    return closed(road)


def declined(landlord: str = "citizen", today: date = BEGAN) -> Road:
    """A proposal was made without a warning, and declined; the case is closed."""
    road = Road(landlord, today=today).opened()
    proposal = road.proposed()
    road.world.wait(2)
    road.world.do(DeclineRestriction(proposal=proposal, reasons=words()), by=road.decider())
    return closed(road)


def only_logged(landlord: str = "citizen", today: date = BEGAN) -> Road:
    """A contact was logged, and the case is closed."""
    road = Road(landlord, today=today).opened()
    road.contact()
    return closed(road)


def closed(road: Road) -> Road:
    """The case is closed the day after."""
    road.world.wait(1)
    road.world.do(CloseCase())
    return road


def clocks(road: Road, today: date | None = None) -> dict[RecordClass, Clock]:
    """The clocks of the case on a day, by class."""
    world = road.world
    found = due(world.case, world.policy, world.baseline.baseline, today or world.today)
    return {clock.records: clock for clock in found}


def disposed(road: Road, *classes: RecordClass) -> None:
    """These records are disposed of today, by two people."""
    road.world.do(ProposeDisposal(classes=classes), by=RECORDS)
    proposal = road.world.case.disposals[-1].id
    road.world.do(DecideDisposal(disposal=proposal, approved=True), by=DPO)


def asked_to_erase(road: Road) -> str:
    """The person asks to be erased today; the request's id."""
    road.world.do(ReceiveRightsRequest(right=Right.ERASURE))
    return road.world.case.rights[-1].id


def erasure(road: Road, **changes: str) -> CaseCommand:
    """The command that erases somebody who asked for it today."""
    return ErasePerson(request=asked_to_erase(road), **changes)
