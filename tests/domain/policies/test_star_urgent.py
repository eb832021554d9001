"""STAR Housing, clauses 6.3 and 12: conversations ended there and then, what goes on record, police, courts, alerts."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Channel, EndedBecause, InteractionKind, LegalStep, Precaution
from domain.decisions.notices import PlaceAlert
from domain.decisions.safety import ApproveSafetyWarning, ProposeSafetyWarning
from domain.decisions.urgent import (
    ConsiderLegalAction,
    EndInteraction,
    InformPolice,
    TakeUrgentAction,
    ends_at_once,
)
from domain.events import (
    AlertPlaced,
    InteractionEnded,
    LegalActionConsidered,
    PoliceInformed,
    UrgentActionTaken,
)
from domain.policy import Strength
from tests.domain.saying import told
from tests.domain.world import Road, words


def abused() -> Road:
    """Somebody was abusive in a meeting, and that was recorded as an incident."""
    road = Road("star").opened()
    road.incident("inflammatory_statements", contact=road.contact(channel=Channel.MEETING))
    return road


def ending(road: Road, because: EndedBecause) -> EndInteraction:
    contact = road.world.case.incidents[-1].contact
    assert contact is not None
    return EndInteraction(
        contact=contact, kind=InteractionKind.MEETING, because=because, warned_first=False, reason=words()
    )


@pytest.mark.clause("STA-62", "RULE")
@pytest.mark.parametrize("because", [EndedBecause.ABUSE, EndedBecause.THREAT])
def test_abuse_and_threats_end_a_conversation_there_and_then_and_nothing_else_does(because: EndedBecause) -> None:
    road = abused()
    required = [c.clause for c in ends_at_once(road.policy, because) if c.strength is Strength.MUST]
    assert required == ["12.3"]
    for otherwise in (EndedBecause.NO_PROGRESS, EndedBecause.LIMIT_REACHED, EndedBecause.OTHER):
        assert ends_at_once(road.policy, otherwise) == ()


@pytest.mark.clause("STA-62", "RECORD")
@pytest.mark.clause("STA-30", "RECORD")
def test_that_a_meeting_ended_and_why_is_on_record_under_the_clauses_that_end_it() -> None:
    road = abused()
    road.world.do(ending(road, EndedBecause.ABUSE))
    (fact,) = road.world.facts(InteractionEnded)
    assert (fact.kind, fact.because, fact.warned_first) == ("meeting", "abuse", False)
    assert road.world.history[-1].clauses == ("12.3", "6.3")


@pytest.mark.clause("STA-30", "RECORD", "DATA")
def test_that_the_police_were_told_and_a_claim_weighed_is_on_record() -> None:
    road = abused()
    road.world.do(InformPolice(incident="incident-1", detail=words()))
    assert [f.incident for f in road.world.facts(PoliceInformed)] == ["incident-1"]
    assert road.world.history[-1].clauses == ("12.2", "6.3")
    road.world.do(ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.ADVICE_SOUGHT, reasons=words()))
    assert [f.step for f in road.world.facts(LegalActionConsidered)] == ["advice_sought"]
    assert road.world.history[-1].clauses == ("12.2", "6.3")


@pytest.mark.clause("STA-60", "RECORD")
def test_what_was_done_at_once_and_that_it_went_on_the_housing_system_is_on_record() -> None:
    road = abused()
    for kind in ("zero_tolerance", "incident_recorded"):
        road.world.do(TakeUrgentAction(incident="incident-1", kind=kind, detail=words()))
        assert road.world.history[-1].clauses == ("12.1",)
    assert [f.kind for f in road.world.facts(UrgentActionTaken)] == ["zero_tolerance", "incident_recorded"]
    restriction = road.restricted()
    road.world.do(PlaceAlert(restriction=restriction, alert="housing_system"))
    assert [f.alert for f in road.world.facts(AlertPlaced)] == ["housing_system"]


@pytest.mark.clause("STA-60", "DATA")
def test_staff_safety_comes_before_everything_else() -> None:
    lines = told("star")
    assert "Staff safety: Keeping staff safe comes before everything else. [clause 12.1, must]" in lines


@pytest.mark.clause("STA-61", "RECORD")
def test_police_court_and_the_alert_where_there_is_a_risk_are_on_record_the_alert_with_its_warning() -> None:
    road = abused()
    road.world.do(ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.INJUNCTION, reasons=words()))
    assert "12.2" in road.world.history[-1].clauses
    road.world.do(
        ProposeSafetyWarning(
            incident="incident-1",
            precautions=(Precaution.SPEAK_WITH_DUTY_MANAGER,),
            audience=("visiting_staff",),
            review_on=date(2026, 6, 1),
            expires_on=date(2026, 9, 1),
            reasons=words(),
        )
    )
    assert road.world.history[-1].clauses == ("baseline 14", "12.2")
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="managing_director")
    road.world.do(PlaceAlert(restriction="safety-1", alert="risk"))
    assert [(f.restriction, f.alert) for f in road.world.facts(AlertPlaced)] == [("safety-1", "risk")]
