"""Wolverhampton Homes, clauses 6.4 to 8.1: the panel, the decision and its letter, who is told, how long it lasts."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind, PanelView
from domain.decisions.endings import CloseCase, ConfirmRemoval, LiftRestriction
from domain.decisions.notices import InformStaff, NotifyEnding, PlaceAlert, SendNotice
from domain.decisions.proposals import ProposeRestriction, RecordPanelView
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.steps import HoldMeeting, OfferMeeting
from domain.events import (
    AlertPlaced,
    MeetingHeld,
    PanelViewRecorded,
    RestrictionApplied,
    StaffInformed,
)
from tests.domain.saying import due, refusals, told
from tests.domain.world import Road, override, staff, words

DECIDED = date(2026, 3, 9)  # a week after the warning of 2 March


def restricted() -> tuple[Road, str]:
    """A customer who knows of a restriction decided on 9 March 2026."""
    road = Road("wolverhampton")
    return road, road.restricted()


# the panel, and who decides


@pytest.mark.clause("WOL-52", "RULE")
def test_nothing_is_decided_before_the_panel_looked_at_the_proposal() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["panel"])
    assert refusals(road, road.application(proposal), by=road.decider()) == {"panel_view": "6.4"}

    road.confirmed(proposal)

    road.world.do(road.application(proposal), by=road.decider())


@pytest.mark.clause("WOL-52", "DATA", "RECORD")
def test_the_panels_view_is_taken_down_with_who_sat_on_it_and_does_not_decide() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["panel"])
    member = staff("customer_experience_panel")
    view = RecordPanelView(
        proposal=proposal, view=PanelView.DOES_NOT_SUPPORT, members=(staff("staff"),), reasons=words()
    )
    assert refusals(road, view) == {"panel_member": "6.4"}

    road.world.do(view.model_copy(update={"members": (member,)}))
    road.world.do(road.application(proposal), by="head_of_customer_experience")

    (recorded,) = road.world.facts(PanelViewRecorded)
    assert (recorded.view, recorded.members, recorded.given_on) == ("does_not_support", (member,), DECIDED)
    lines = told("wolverhampton")
    assert (
        "Panel. Role: Customer experience panel. We read it so: The panel gives its view before the decision takes "
        "effect; it does not decide. [clause 6.4, must]" in lines
    )
    assert (
        "Customer experience panel. Seniority, 1 being the most junior: 4 (assumed). [clause 6.4, 10.1, must]" in lines
    )


@pytest.mark.clause("WOL-52", "RULE")
def test_the_manager_asks_the_head_of_customer_experience_decides_and_nobody_else_does() -> None:
    road = Road("wolverhampton")
    incident = road.opened().incident()
    asked = ProposeRestriction(incidents=(incident,), measures=("single_contact",), reasons=words())
    assert refusals(road, asked, by="director") == {"post_held": "6.4 (assumed)"}

    road = Road("wolverhampton")
    proposal = road.ready()

    assert refusals(road, road.application(proposal), by="director") == {"post_held": "6.4 (assumed)"}
    road.world.do(road.application(proposal), by="head_of_customer_experience")


# meeting and letter


@pytest.mark.clause("WOL-53", "NOTIFY")
def test_a_meeting_is_offered_before_the_letter_confirms_or_somebody_says_why_not() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    letter = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=("policy",),
    )
    assert refusals(road, letter) == {"step_meeting_after": "6.4"}

    overridden = letter.model_copy(update={"overrides": (override("step_meeting_after"),)})
    assert road.world.rules(overridden) == {"override_by_the_decider"}
    decision = road.world.do(overridden, by=road.decider())

    assert [o.clause for o in decision.overrides] == ["6.4"]


@pytest.mark.clause("WOL-53", "RECORD")
def test_the_meeting_explains_the_reason_the_step_and_how_long_it_lasts() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    road.world.do(OfferMeeting(explains=restriction, detail=words()))
    held = HoldMeeting(meeting="meeting-1", notes=words(), explained=("why", "action", "duration"))
    assert road.world.rules(held.model_copy(update={"explained": ("weather",)})) == {"unknown_topic"}

    road.world.do(held)

    assert road.world.facts(MeetingHeld)[-1].explained == ("why", "action", "duration")
    assert (
        "Meeting afterwards: Try to meet the customer once it is decided, and explain it. It covers: why; action; "
        "duration. [clause 6.4, should]" in told("wolverhampton")
    )


@pytest.mark.clause("WOL-54", "NOTIFY", "RULE")
def test_the_letter_says_what_was_decided_and_encloses_the_policy() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    road.world.do(OfferMeeting(explains=restriction, detail=words()))
    contents = tuple(c for c in road.contents(NoticeKind.DECISION) if c != "decided")
    letter = SendNotice(kind=NoticeKind.DECISION, about=restriction, method=DeliveryMethod.BY_HAND, contents=contents)
    assert refusals(road, letter) == {"says_decided": "6.5", "encloses_policy": "6.5"}

    road.told(restriction)

    (sent,) = road.world.case.notices_about(restriction, NoticeKind.DECISION)
    assert sent.enclosures == ("policy",)
    assert "decided" in sent.contents
    lines = told("wolverhampton")
    assert "Decided: What has been decided. [clause 6.5, must]" in lines
    assert "Policy: A copy of the policy. [clause 6.5, must]" in lines


@pytest.mark.clause("WOL-54", "NOTIFY")
def test_reading_it_aloud_does_not_stand_in_for_the_letter() -> None:
    road, restriction = restricted()
    letter = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.READ_ALOUD,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=("policy",),
    )

    assert road.world.rules(letter) == {"notice_before_breach"}


@pytest.mark.clause("WOL-54", "NOTIFY")
@pytest.mark.parametrize("method", [m for m in DeliveryMethod if m is not DeliveryMethod.READ_ALOUD])
def test_the_letter_goes_in_any_written_form(method: DeliveryMethod) -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)

    road.told(restriction, method=method)

    assert (
        "Decision. Sent as: e-mail; first class post; by hand; collected; through an advocate. [clause 6.5, must]"
        in told("wolverhampton")
    )


@pytest.mark.clause("WOL-55", "NOTIFY", "RECORD")
def test_colleagues_are_told_and_the_housing_system_is_marked_until_that_is_undone() -> None:
    road, restriction = restricted()
    somebody = InformStaff(restriction=restriction, audience="everybody")
    assert road.world.rules(somebody) == {"unknown_audience"}
    road.world.do(InformStaff(restriction=restriction, audience="relevant_staff", roles=("customer_services",)))
    road.world.do(PlaceAlert(restriction=restriction, alert="housing_system"))

    assert [(f.audience, f.informed_on) for f in road.world.facts(StaffInformed)] == [("relevant_staff", DECIDED)]
    assert [(f.alert, f.placed_on) for f in road.world.facts(AlertPlaced)] == [("housing_system", DECIDED)]
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    assert road.world.rules(CloseCase()) == {"ending_is_undone_everywhere"}
    road.world.do(NotifyEnding(restriction=restriction, audience="relevant_staff"))
    road.world.do(ConfirmRemoval(restriction=restriction, removal="alert:housing_system"))
    road.letter(NoticeKind.ENDING, restriction)
    road.world.do(CloseCase())
    lines = told("wolverhampton")
    assert (
        "Colleagues who need to know, so that everybody acts alike. Roles: Member of staff; Customer services team. "
        "[clause 6.6, should]" in lines
    )
    assert "Alert that a restriction is in force. System: NEC. [clause 6.6, must]" in lines


@pytest.mark.clause("WOL-59", "DATA")
def test_a_marker_for_violence_goes_with_a_safety_warning_and_procedures_for_risk_are_weighed() -> None:
    road, restriction = restricted()
    assert road.world.rules(PlaceAlert(restriction=restriction, alert="scary")) == {"unknown_alert"}

    on_a_restriction = PlaceAlert(restriction=restriction, alert="potentially_violent_person")
    assert road.world.rules(on_a_restriction) == {"safety_warnings"}

    lines = told("wolverhampton")
    assert (
        "Marker for a potentially violent person. System: PVP. Goes with a safety warning only. [clause 7.2, may]"
        in lines
    )
    assert (
        "Risk procedures: Weigh using the procedures for risk, health and safety because of what it did to staff. "
        "[clause 7.2, may]" in lines
    )
    assert (
        "Violence marker: A marker for a potentially violent person may be needed. It is about: safety marker. "
        "[clause 7.2, may]" in lines
    )


# what a decision holds, and how long it lasts


@pytest.mark.clause("WOL-60", "RULE", "RECORD")
def test_the_decision_holds_its_grounds_its_measures_in_detail_and_its_review_dates() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()
    backwards = road.application(proposal, ends_on=DECIDED)
    assert road.world.rules(backwards, by=road.decider()) == {"end_before_start"}

    road.world.do(road.application(proposal), by=road.decider())

    (applied,) = road.world.facts(RestrictionApplied)
    assert applied.grounds == ("impossible_timescale",)
    assert [(m.code, m.review_every, m.slots) for m in applied.measures] == [
        ("single_contact", "1 month", ("tuesday 10:00",))
    ]
    assert due(applied, "formal") == ["09 Sep 2026"]
    lines = told("wolverhampton")
    assert "Recorded with the decision: grounds; measures; scope; review date. [clause 8.1, must]" in lines
    assert "The length is stated: yes. [clause 6.4, 8.1, must]" in lines


@pytest.mark.clause("WOL-61", "DATA", "TIMER")
def test_six_months_is_the_usual_term_and_the_formal_review_ends_it() -> None:
    road, _ = restricted()

    (applied,) = road.world.facts(RestrictionApplied)

    assert applied.ends_on == date(2026, 9, 9)
    assert due(applied, "formal") == ["09 Sep 2026"]
    assert due(applied, "exceptional") == []


@pytest.mark.clause("WOL-61", "DATA", "TIMER")
def test_in_a_longer_term_the_formal_review_stays_at_six_months_unless_the_decision_sets_its_own() -> None:
    year = date(2027, 3, 9)
    road = Road("wolverhampton")
    road.restricted(ends_on=year)
    assert due(road.world.facts(RestrictionApplied)[-1], "formal") == ["09 Sep 2026"]

    road = Road("wolverhampton")
    road.restricted(ends_on=year, review_every="4 months")

    assert due(road.world.facts(RestrictionApplied)[-1], "formal") == [
        "09 Jul 2026",
        "09 Nov 2026",
        "09 Mar 2027",
    ]


@pytest.mark.clause("WOL-61", "DATA", "RULE")
def test_beyond_twelve_months_it_is_exceptional_and_looked_at_each_quarter() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()
    a_year = road.application(proposal, ends_on=date(2027, 3, 9))
    beyond: ApplyRestriction = a_year.model_copy(update={"ends_on": date(2027, 3, 10)})
    assert refusals(road, beyond, by=road.decider()) == {"longest_term": "8.1"}

    road.world.do(beyond.model_copy(update={"exceptional_reason": words()}), by=road.decider())

    (applied,) = road.world.facts(RestrictionApplied)
    assert applied.exceptional
    assert due(applied, "exceptional") == ["09 Jun 2026", "09 Sep 2026", "09 Dec 2026", "09 Mar 2027"]
    road = Road("wolverhampton")
    proposal = road.ready()
    road.world.do(road.application(proposal, ends_on=date(2027, 3, 9)), by=road.decider())


@pytest.mark.clause("WOL-61", "RULE")
def test_extending_past_twelve_months_in_all_is_exceptional_too() -> None:
    road, restriction = restricted()
    road.world.today = date(2026, 9, 1)
    assert refusals(road, road.extension(restriction, date(2027, 3, 10)), by=road.decider()) == {"longest_term": "8.1"}

    road.world.do(road.extension(restriction, date(2027, 3, 9)), by=road.decider())
    road.world.today = date(2027, 3, 1)
    further = road.extension(restriction, date(2027, 9, 9), exceptional_reason=words())
    road.world.do(further, by=road.decider())

    extended = road.world.case.restrictions[-1]
    assert (extended.ends_on, extended.exceptional) == (date(2027, 9, 9), True)
    quarterly = [s.due_on for s in extended.schedule if s.cadence == "exceptional"]
    assert quarterly == [date(2027, 6, 9), date(2027, 9, 9)]
