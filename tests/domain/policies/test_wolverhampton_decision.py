"""Wolverhampton Homes, clauses 6.4 to 10.3: panel, decision and letter, records, appeals and reviews."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, Channel, EndKind, NoticeKind, PanelView, ReviewOutcome
from domain.decisions import CaseCommand
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach
from domain.decisions.endings import CloseCase, ConfirmRemoval, LiftRestriction
from domain.decisions.notices import InformPartner, InformStaff, NotifyEnding, PlaceAlert, SendNotice
from domain.decisions.proposals import ProposeRestriction, RecordPanelView
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import CompleteReview, RequestReview
from domain.decisions.steps import HoldMeeting, OfferMeeting
from domain.events import (
    AlertPlaced,
    AppealDetermined,
    BreachReported,
    IncidentRecorded,
    MeetingHeld,
    PanelViewRecorded,
    PartnerInformed,
    RestrictionApplied,
    ReviewCompleted,
    StaffInformed,
)
from tests.domain.saying import told
from tests.domain.world import PERSON, Road, override, staff, words

DECIDED = date(2026, 3, 9)  # a week after the warning of 2 March


def restricted() -> tuple[Road, str]:
    """A customer who knows of a restriction decided on 9 March 2026."""
    road = Road("wolverhampton")
    return road, road.restricted()


def refusals(road: Road, command: CaseCommand, by: str = "case_officer") -> dict[str, str]:
    """The rules in the way of a command, each with its clause."""
    return {v.rule: v.clause for v in road.world.refused(command, by=by)}


def due(applied: RestrictionApplied, cadence: str) -> list[str]:
    """The days on which reviews of one cadence are due."""
    return [f"{review.due_on:%d %b %Y}" for review in applied.reviews if review.cadence == cadence]


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

    decision = road.world.do(letter.model_copy(update={"overrides": (override("step_meeting_after"),)}))

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
@pytest.mark.parametrize("kind", [NoticeKind.DECISION, NoticeKind.APPEAL_OUTCOME])
def test_reading_it_aloud_does_not_stand_in_for_the_letter(kind: NoticeKind) -> None:
    road, restriction = restricted()
    about = restriction if kind is NoticeKind.DECISION else appeal_upheld(road, restriction)
    letter = SendNotice(
        kind=kind,
        about=about,
        method=DeliveryMethod.READ_ALOUD,
        contents=road.contents(kind),
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
    road.world.do(CloseCase())
    lines = told("wolverhampton")
    assert (
        "Colleagues who need to know, so that everybody acts alike. Roles: Member of staff; Customer services team. "
        "[clause 6.6, should]" in lines
    )
    assert "Alert that a restriction is in force. System: NEC. [clause 6.6, must]" in lines


@pytest.mark.clause("WOL-59", "DATA")
def test_a_marker_for_violence_can_be_placed_and_procedures_for_risk_are_weighed() -> None:
    road, restriction = restricted()
    assert road.world.rules(PlaceAlert(restriction=restriction, alert="scary")) == {"unknown_alert"}

    road.world.do(PlaceAlert(restriction=restriction, alert="potentially_violent_person"))

    lines = told("wolverhampton")
    assert "Marker for a potentially violent person. System: PVP. [clause 7.2, may]" in lines
    assert (
        "Risk procedures: Weigh using the procedures for risk, health and safety because of what it did to staff. "
        "[clause 7.2, may]" in lines
    )
    assert "Violence marker: A marker for a potentially violent person may be needed. [clause 7.2, may]" in lines


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


# what is kept on record


@pytest.mark.clause("WOL-62", "RECORD")
def test_who_the_customer_is_and_whoever_helped_them_is_on_record_each_for_themselves() -> None:
    road = Road("wolverhampton").opened()
    road.incident("shouting_or_swearing", conduct_of="person-2")
    road.incident("shouting_or_swearing")

    assert road.world.case.person == PERSON
    assert [i.conduct_of for i in road.world.facts(IncidentRecorded)] == ["person-2", PERSON]
    lines = told("wolverhampton")
    assert (
        "Identity: Name and address of the customer, and of a helper who has a case of their own. [clause 8.2, must]"
        in lines
    )
    assert (
        "Subjects only: Somebody who helps the customer is on record here only with a case of their own. We read it "
        "so: The text would record helpers too; a person about whom nothing was decided has no record here. "
        "[clause 8.2, must, assumed]" in lines
    )


@pytest.mark.clause("WOL-63", "RECORD")
def test_first_and_last_day_are_on_record_and_an_early_end_moves_the_last() -> None:
    road, restriction = restricted()
    found = road.world.case.restrictions[-1]
    assert (found.starts_on, found.last_day()) == (DECIDED, date(2026, 9, 9))
    road.world.wait(30)

    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())

    assert road.world.case.restrictions[-1].last_day() == date(2026, 4, 7)
    assert "In force: First and last day of the restrictions. [clause 8.2 b1, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-64", "RECORD")
def test_each_limit_in_force_is_on_record() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("witness"), road.measure("contact_limits"))

    in_force = road.world.case.restrictions[-1].measures_on(DECIDED)

    assert [(m.code, m.clause) for m in in_force] == [("witness", "6.3 r6"), ("contact_limits", "6.3 r3")]
    assert "Restrictions: Each restriction. [clause 8.2 b2, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-65", "RECORD", "NOTIFY")
def test_the_days_on_which_customer_and_council_were_told_are_on_record() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    road.world.wait(2)
    road.told(restriction)
    road.world.wait(1)
    council = InformPartner(
        restriction=restriction, audience="council", partner="city_of_wolverhampton_council", basis=words()
    )
    newspaper = council.model_copy(update={"partner": "express_and_star"})
    assert refusals(road, newspaper) == {"unknown_partner": "8.2 b3"}

    road.world.do(council)

    assert road.world.case.received_on(restriction) == date(2026, 3, 11)
    assert [(f.partner, f.informed_on) for f in road.world.facts(PartnerInformed)] == [
        ("city_of_wolverhampton_council", date(2026, 3, 12))
    ]
    lines = told("wolverhampton")
    assert "Told: The day the customer was told, and the day the council was. [clause 8.2 b3, must]" in lines


@pytest.mark.clause("WOL-66", "NOTIFY", "RECORD")
def test_contact_against_a_limit_is_logged_and_reported_to_the_customer_experience_manager() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    contact = road.contact()
    breach = RecordBreach(contact=contact, restriction=restriction, measure=f"{restriction}.1", account=words())
    assert road.world.rules(ReportBreach(breach="breach-1")) == {"unknown_breach"}

    road.world.do(breach)
    road.world.wait(1)
    road.world.do(ReportBreach(breach="breach-1"), by="staff")

    (logged,) = road.world.case.breaches
    assert (logged.happened_on, logged.reported_on) == (DECIDED, date(2026, 3, 10))
    assert road.world.facts(BreachReported)[-1].breach == "breach-1"
    lines = told("wolverhampton")
    assert "Breaches are reported to: Customer Experience Manager. [clause 8.2 b4, should]" in lines
    assert "Breaches: Each contact against a restriction. [clause 8.2 b4, should]" in lines


# appeals


def appeal_upheld(road: Road, restriction: str) -> str:
    """An appeal that a director heard and that changed nothing; its id."""
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    appeal = road.world.case.appeals[-1].id
    road.world.do(AppointAppealReviewer(appeal=appeal, reviewer=staff("director")))
    determined = DetermineAppeal(appeal=appeal, outcome=AppealOutcome.UPHELD, reasons=words())
    road.world.do(determined, by="director")
    return appeal


@pytest.mark.clause("WOL-67", "DATA")
def test_the_customer_may_appeal_or_somebody_for_them() -> None:
    road, restriction = restricted()

    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(LodgeAppeal(against=restriction, reasons=words(), by="person-2"))

    assert [a.in_time for a in road.world.case.appeals] == [True, True]
    assert "Who may appeal: customer; representative. [clause 9, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-68", "DATA", "RULE")
def test_any_limit_or_change_can_be_appealed_as_of_right_to_a_director_who_took_no_part() -> None:
    road = Road("wolverhampton")
    involved = staff("head_of_customer_experience")
    road.world.appoint(involved, "director")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, about="measures", reasons=words()))
    decided_it = AppointAppealReviewer(appeal="appeal-1", reviewer=involved)
    assert refusals(road, decided_it) == {"independence": "9.1"}
    manager = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("senior_management"))
    assert refusals(road, manager) == {"reviewer_entitled": "9.1"}

    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))

    terms = road.world.facts(RestrictionApplied)[-1].appeal
    assert (terms.right, terms.heard_by, terms.window, terms.clause) == (True, ("director",), None, "9.1")
    lines = told("wolverhampton")
    assert (
        "It can be made against: decision; measures; review. We read it so: Changes to contact can be appealed too, "
        "and those come from a review. [clause 9.1, must]" in lines
    )
    assert "Heard by: Director. [clause 9.1, must]" in lines


@pytest.mark.clause("WOL-69", "NOTIFY")
def test_the_outcome_of_an_appeal_goes_out_by_letter() -> None:
    road, restriction = restricted()
    appeal = appeal_upheld(road, restriction)
    contents = tuple(c for c in road.contents(NoticeKind.APPEAL_OUTCOME) if c != "outcome")
    bare = SendNotice(kind=NoticeKind.APPEAL_OUTCOME, about=appeal, method=DeliveryMethod.BY_HAND, contents=contents)
    assert refusals(road, bare) == {"says_outcome": "9.2"}

    road.letter(NoticeKind.APPEAL_OUTCOME, appeal, method=DeliveryMethod.BY_ADVOCATE)

    assert [d.outcome for d in road.world.facts(AppealDetermined)] == ["upheld"]
    lines = told("wolverhampton")
    assert "Outcome: Whether the limits stay, or what was agreed instead. [clause 9.2, must]" in lines
    assert (
        "Appeal outcome. Sent as: e-mail; first class post; by hand; collected; through an advocate. Sent by: "
        "Director. [clause 9.2, must]" in lines
    )


# reviews


@pytest.mark.clause("WOL-70", "TIMER", "DATA")
def test_the_status_is_looked_at_each_month_and_by_the_panel_each_quarter() -> None:
    road, _ = restricted()

    (applied,) = road.world.facts(RestrictionApplied)

    assert due(applied, "monthly") == [
        "09 Apr 2026",
        "09 May 2026",
        "09 Jun 2026",
        "09 Jul 2026",
        "09 Aug 2026",
        "09 Sep 2026",
    ]
    assert due(applied, "three_monthly") == ["09 Jun 2026", "09 Sep 2026"]


@pytest.mark.clause("WOL-70", "DATA")
@pytest.mark.parametrize(
    ("cadence", "by", "refused"),
    [
        ("monthly", "staff", False),
        ("monthly", "customer_experience_manager", False),
        ("monthly", "director", True),
        ("three_monthly", "customer_experience_panel", False),
        ("three_monthly", "customer_experience_manager", True),
        ("formal", "head_of_customer_experience", False),
        ("formal", "customer_experience_panel", True),
    ],
)
def test_each_review_is_held_by_whom_it_falls_to(cadence: str, by: str, refused: bool) -> None:
    road, restriction = restricted()
    road.world.wait(31)
    review = CompleteReview(
        restriction=restriction, cadence=cadence, outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )

    if refused:
        assert road.world.rules(review, by=by) == {"post_held"}
    else:
        road.world.do(review, by=by)
        assert road.world.case.restrictions[-1].reviews[-1].cadence == cadence


@pytest.mark.clause("WOL-71", "RULE")
def test_better_conduct_can_end_it_early() -> None:
    road, restriction = restricted()
    road.world.wait(60)
    road.world.do(RequestReview(restriction=restriction, reasons=words()))
    look = CompleteReview(
        restriction=restriction,
        cadence="better_conduct",
        outcome=ReviewOutcome.LIFTED,
        assessment=words(),
        answers=("better_approach",),
    )
    assert road.world.rules(look, by="staff") == {"post_held"}

    decision = road.world.do(look, by="head_of_customer_experience")

    assert decision.clauses == ("10.2",)
    lifted = road.world.case.restrictions[-1]
    assert (lifted.end_kind, lifted.over_from) == (EndKind.LIFTED, date(2026, 5, 8))
    lines = told("wolverhampton")
    assert "A restriction can be lifted early: yes. [clause 10.2, may]" in lines
    assert "Better approach: Does the customer go about things more acceptably now? [clause 10.2, may]" in lines


@pytest.mark.clause("WOL-72", "NOTIFY")
def test_the_customer_hears_what_came_of_a_review() -> None:
    road, restriction = restricted()
    road.world.wait(90)
    review = CompleteReview(
        restriction=restriction, cadence="three_monthly", outcome=ReviewOutcome.EASED, assessment=words()
    )
    road.world.do(review, by="customer_experience_panel")
    held = road.world.facts(ReviewCompleted)[-1].review
    bare = SendNotice(kind=NoticeKind.REVIEW_OUTCOME, about=held, method=DeliveryMethod.BY_HAND, contents=("reasons",))
    assert refusals(road, bare) == {"says_result": "10.3"}

    road.letter(NoticeKind.REVIEW_OUTCOME, held)

    assert road.world.case.notices_about(held, NoticeKind.REVIEW_OUTCOME)


@pytest.mark.clause("WOL-72", "NOTIFY")
@pytest.mark.parametrize(
    "review",
    [
        "Monthly look at the customer's status.",
        "Three-monthly review by the panel.",
        "Formal review on the date that the decision gives.",
        "Quarterly review by the panel beyond twelve months.",
    ],
)
def test_every_change_that_a_review_brings_is_told(review: str) -> None:
    lines = told("wolverhampton")
    (place,) = [i for i, line in enumerate(lines) if line.startswith(review)]

    assert lines[place + 1] == (
        "The customer is told of: eased; varied; extended; lifted. We read it so: Told of every change and extension; "
        "telling that nothing changes is allowed. [clause 10.3, must]"
    )
