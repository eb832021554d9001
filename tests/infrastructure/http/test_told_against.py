"""Whoever takes down a call that the customer had asked not to get hears so at once, and looking back says it too."""

from domain.calendar import DeliveryMethod
from domain.decisions.notices import TellByTelephone
from domain.decisions.safe_contact import InstructSafeContact
from tests.domain.world import words
from tests.infrastructure.http.a_house import House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def test_the_answer_says_that_the_customer_is_reached_by_email_only(everybody: House) -> None:
    road = a_road(everybody, "derby")
    restriction = road.restricted(told=False)
    world = road.world
    assert isinstance(world, HttpWorld)
    world.wait(1)
    told = TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",))
    assert "went_against" not in accepted(world.send(told))
    world.do(InstructSafeContact(methods=(DeliveryMethod.EMAIL,), words=words()))
    (against,) = accepted(world.send(told))["went_against"]
    assert (against["rule"], against["clause"]) == ("safe_contact", "baseline 8")
    assert "email only" in against["asks"]
    officer = world.callers["case_officer"]
    findings = answered(officer.get(f"/v1/cases/{world.case_id}/compliance"))["findings"]
    assert [f["verdict"] for f in findings if f["rule"] == "safe_contact"] == ["not_met"]
