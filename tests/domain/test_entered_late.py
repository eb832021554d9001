"""Decisions that are entered after their day: possible, marked by so many days, and no way round a rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.calendar import DeliveryMethod
from domain.compliance import Compliance, Finding, Verdict
from domain.decisions.breaches import RecordBreach
from domain.decisions.endings import LiftRestriction
from domain.decisions.notices import TellByTelephone
from domain.decisions.safe_contact import InstructSafeContact
from tests.domain.test_compliance import looked_back, one
from tests.domain.test_interim import FRIDAY, SATURDAY, interim
from tests.domain.world import Road, words


def of(found: Compliance, rule: str) -> list[Finding]:
    return [f for f in found.findings if f.rule == rule]


# By how many days


def test_fridays_decision_is_entered_on_monday_and_marked_three_days_late() -> None:
    road = Road("derby", today=date(2026, 2, 27))  # a Friday, and so is the day of the decision
    proposal = road.ready()
    friday = road.world.today
    road.world.wait(3)
    road.world.do(road.application(proposal, on=friday), by=road.decider())
    assert road.world.case.restrictions[0].decided_on == friday
    finding = one(looked_back(road.world), "entered_late")
    assert (finding.verdict, finding.about, finding.days_late) == (Verdict.LATE, "restriction-1", 3)
    assert (finding.due_on, finding.done_on) == (friday, road.world.today)


def test_what_is_entered_on_its_day_is_not_marked() -> None:
    road = Road("derby")
    road.restricted()
    assert not of(looked_back(road.world), "entered_late")


def test_a_lifting_that_is_entered_later_is_marked_and_a_breach_of_an_earlier_day_is_none() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(2)
    contact = road.contact()
    road.world.wait(3)
    breach = RecordBreach(contact=contact, restriction=restriction, measure=f"{restriction}.1", account=words())
    road.world.do(breach)
    assert not of(looked_back(road.world), "entered_late")
    lifted = LiftRestriction(restriction=restriction, reasons=words(), on=road.world.today - timedelta(days=1))
    road.world.do(lifted, by=road.decider())
    assert [f.days_late for f in of(looked_back(road.world), "entered_late")] == [1]


# Interim restrictions


def test_an_interim_restriction_is_not_entered_once_its_days_are_over() -> None:
    road = Road("wolverhampton", today=SATURDAY).opened()
    incident = road.incident()
    road.world.today = FRIDAY + timedelta(days=1)
    late = interim(road, incident, on=SATURDAY)
    (refusal,) = road.world.refused(late, by="duty_manager")
    assert (refusal.rule, refusal.clause, refusal.field) == ("urgent", "baseline 13", "on")


def test_an_interim_restriction_of_the_weekend_is_entered_on_monday_and_marked() -> None:
    road = Road("wolverhampton", today=SATURDAY).opened()
    incident = road.incident()
    road.world.wait(2)
    road.world.do(interim(road, incident, on=SATURDAY), by="duty_manager")
    assert road.world.case.restrictions[0].ends_on == FRIDAY
    assert one(looked_back(road.world), "entered_late").days_late == 2


# Telling against what the customer asked for


def by_email_only(road: Road, restriction: str) -> TellByTelephone:
    road.world.do(InstructSafeContact(methods=(DeliveryMethod.EMAIL,), words=words()))
    return TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",))


def test_a_call_to_whom_is_reached_by_email_only_is_taken_down_and_found() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.wait(1)
    road.world.do(by_email_only(road, restriction))
    finding = one(looked_back(road.world), "safe_contact")
    assert (finding.verdict, finding.clause, finding.about) == (Verdict.NOT_MET, "baseline 8", restriction)
    assert finding.events == (road.world.history[-1].event_id,)


def test_who_rang_themselves_that_day_was_told_safely() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.wait(1)
    road.contact()
    road.world.do(by_email_only(road, restriction))
    assert not of(looked_back(road.world), "safe_contact")


@pytest.mark.parametrize(
    "methods", [(), (DeliveryMethod.READ_ALOUD,), (DeliveryMethod.EMAIL, DeliveryMethod.READ_ALOUD)]
)
def test_who_asked_to_be_told_in_conversation_was(methods: tuple[DeliveryMethod, ...]) -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.do(InstructSafeContact(methods=methods, words=words()))
    road.world.do(TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",)))
    assert not of(looked_back(road.world), "safe_contact")
