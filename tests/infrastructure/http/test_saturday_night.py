"""As a duty manager would: a threat out of hours, contact limited at once, told by telephone, decided days later."""

from __future__ import annotations

from datetime import timedelta

from domain.codes import Answer, Channel, EndedBecause, InteractionKind, Precaution
from domain.decisions.interim import ApplyInterim
from domain.decisions.judgement import OverrideRequest
from domain.decisions.notices import TellByTelephone
from domain.decisions.safety import ApproveSafetyWarning, InformSafetyAudience, ProposeSafetyWarning
from domain.decisions.urgent import EndInteraction, HoldSeniorDiscussion, InformPolice, TakeUrgentAction
from tests.domain.world import Road, staff, words
from tests.infrastructure.http.a_house import House, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def threatened(house: House) -> tuple[Road, HttpWorld, ApplyInterim]:
    """A threat on the telephone, taken down; and the command with which the duty manager answers it."""
    road = a_road(house, "wolverhampton").opened()
    incident = road.incident("threats")
    world = road.world
    assert isinstance(world, HttpWorld)
    limits = ApplyInterim(
        incidents=(incident,),
        measures=(road.measure("one_channel", open=(Channel.LETTER,)),),
        behaviour=words(),
        safety_reason=words(),
        channels_usable=Answer.NOT_KNOWN,
    )
    return road, world, limits


def test_what_happened_is_taken_down_limited_and_shown_and_later_decided(everybody: House) -> None:
    road, world, limits = threatened(everybody)
    contact, incident = world.case.contacts[-1].id, limits.incidents[0]
    call = {"kind": InteractionKind.CALL, "because": EndedBecause.THREAT, "warned_first": False}
    world.do(EndInteraction(contact=contact, reason=words(), **call))
    world.do(TakeUrgentAction(incident=incident, kind="zero_tolerance", detail=words()), by="duty_manager")
    world.do(InformPolice(incident=incident, detail=words()), by="duty_manager")
    world.do(limits, by="duty_manager")
    restriction = world.case.restrictions[-1]
    world.do(TellByTelephone(restriction=restriction.id, measures=(f"{restriction.id}.1",)), by="duty_manager")

    anybody = world.callers["case_officer"]
    alert = answered(anybody.get(f"/v1/customers/{world.person}/alert"))
    assert alert["restricted"] == "yes"
    [standing] = alert["standing"]
    assert standing["row"]["last_day"] == restriction.ends_on.isoformat()
    assert [told["told_on"] for told in standing["measures"]] == [world.today.isoformat()]
    after = (restriction.ends_on + timedelta(days=1)).isoformat()
    assert answered(anybody.get(f"/v1/customers/{world.person}/alert", on=after))["restricted"] == "no"

    world.wait(1)
    world.do(HoldSeniorDiscussion(incident=incident, members=(staff("senior_management"),), outcome=words()))
    road.circumstances()
    proposal = road.proposed(incident)
    road.confirmed(proposal)
    waived = (OverrideRequest(rule="warning_first", reason=words()),)
    world.do(road.application(proposal, confirms=restriction.id, overrides=waived), by=road.decider())
    alert = answered(anybody.get(f"/v1/customers/{world.person}/alert"))
    assert [s["row"]["restriction"] for s in alert["standing"]] == [world.case.restrictions[-1].id]


def test_a_second_one_is_refused_with_the_rule_and_with_what_to_do(everybody: House) -> None:
    _, world, limits = threatened(everybody)
    world.do(limits, by="duty_manager")
    refusal = world.send(limits, by="duty_manager")
    assert refusal.status_code == 409
    [violation] = [v for v in refusal.json()["violations"] if v["rule"] == "urgent"]
    assert (violation["clause"], violation["field"]) == ("baseline 13", "incidents")
    assert len(world.case.restrictions) == 1


def test_a_safety_warning_takes_two_people_and_its_words_are_sealed_like_any(everybody: House) -> None:
    _, world, limits = threatened(everybody)
    proposal = ProposeSafetyWarning(
        incident=limits.incidents[0],
        precautions=(Precaution.TWO_STAFF,),
        audience=("visiting_staff",),
        review_on=world.today + timedelta(days=60),
        expires_on=world.today + timedelta(days=90),
        reasons=words("the stairwell"),
        home="home-7",
    )
    world.do(proposal, by="duty_manager")
    approval = ApproveSafetyWarning(warning="safety-1", tells_person=True)
    assert world.send(approval, by="duty_manager").status_code == 409
    world.do(approval, by="head_of_customer_experience")
    world.do(InformSafetyAudience(warning="safety-1", audience="visiting_staff"))
    assert world.case.safety[-1].stands_on(world.today)
    history = answered(world.callers["case_officer"].get(f"/v1/cases/{world.case_id}/history"))
    proposed = next(e for e in history["entries"] if e.get("type") == "SafetyWarningProposed")
    assert "two staff" in proposed["sentence"]
    assert "stairwell" not in proposed["sentence"]
