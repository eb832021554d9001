"""STAR Housing, clauses 10 to 13.1: checks, warning, meeting, who decides, the letter, and how long it lasts."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Answer, NoticeKind
from domain.decisions.changes import ExtendRestriction
from domain.decisions.notices import InformPartner, PlaceAlert, SendNotice, SignNotice
from domain.decisions.proposals import ConfirmCheck, DelegateDecision
from domain.decisions.steps import HoldMeeting, OfferMeeting
from domain.events import (
    DelegationRecorded,
    MeetingHeld,
    MeetingOffered,
    NoticeSigned,
    PartnerInformed,
    RestrictionApplied,
)
from tests.domain.saying import due, refusals, told
from tests.domain.world import START, Road, staff, words

DECIDED = date(2026, 3, 9)  # a week after the warning of 2 March
MD = "managing_director"


def untold() -> tuple[Road, str]:
    """A restriction decided on 9 March 2026, its letter not yet sent."""
    road = Road("star")
    return road, road.restricted(told=False)


def decision_letter(road: Road, restriction: str, *, without: str | None = None) -> SendNotice:
    """The decision letter with everything that belongs in it, but for one thing."""
    contents = tuple(c for c in road.contents(NoticeKind.DECISION) if c != without)
    return SendNotice(kind=NoticeKind.DECISION, about=restriction, method=DeliveryMethod.BY_HAND, contents=contents)


# checks


@pytest.mark.clause("STA-47", "RULE")
@pytest.mark.parametrize(
    ("check", "asked"),
    [
        ("investigated", "Was the matter looked into properly and fairly, and the result told by letter?"),
        ("nothing_new", "Has nothing come in that is new, matters, and would lead to another answer?"),
        (
            "circumstances",
            "Were circumstances behind the behaviour and reasonable adjustments thought about?",
        ),
    ],
)
def test_a_senior_manager_goes_through_each_check_by_name(check: str, asked: str) -> None:
    road = Road("star")
    proposal = road.proposed(road.opened().incident())
    answer = ConfirmCheck(proposal=proposal, check=check, answer=Answer.YES)
    for junior in ("staff", "customer_experience_manager"):
        assert set(refusals(road, answer, by=junior)) == {"post_held"}

    road.world.do(answer, by="senior_manager")

    assert road.world.case.proposals[-1].checks[check].by == staff("senior_manager")
    (line,) = [line for line in told("star") if asked in line]
    assert f"{asked} By: Senior Manager; Head of Service." in line


@pytest.mark.clause("STA-48", "RULE")
def test_that_it_was_investigated_is_confirmed_or_does_not_apply_for_a_reason() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["investigated"])
    assert refusals(road, road.application(proposal), by=MD) == {"check_investigated": "10.1a"}
    conduct = ConfirmCheck(proposal=proposal, check="investigated", answer=Answer.NOT_APPLICABLE)
    assert road.world.rules(conduct, by="senior_manager") == {"reason_needed"}

    road.world.do(conduct.model_copy(update={"reason": words()}), by="senior_manager")

    road.world.do(road.application(proposal), by=MD)


@pytest.mark.clause("STA-49", "RULE")
def test_that_nothing_new_came_in_always_applies_and_its_no_stands_in_the_way() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["nothing_new"])
    assert refusals(road, road.application(proposal), by=MD) == {"check_nothing_new": "10.1b"}
    answer = ConfirmCheck(proposal=proposal, check="nothing_new", answer=Answer.NOT_APPLICABLE, reason=words())
    assert refusals(road, answer, by="senior_manager") == {"check_always_applies": "10.1b"}

    road.world.do(answer.model_copy(update={"answer": Answer.NO}), by="senior_manager")
    assert refusals(road, road.application(proposal), by=MD) == {"check_nothing_new": "10.1b"}

    road.world.do(answer.model_copy(update={"answer": Answer.YES}), by="senior_manager")
    road.world.do(road.application(proposal), by=MD)


@pytest.mark.clause("STA-50", "RULE", "RECORD")
def test_that_circumstances_and_adjustments_were_thought_about_is_confirmed_and_kept() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["circumstances"])
    road.circumstances()
    assert refusals(road, road.application(proposal), by=MD) == {"check_circumstances": "10.1c"}

    confirmed = ConfirmCheck(proposal=proposal, check="circumstances", answer=Answer.YES, evidence=("evidence-1",))
    road.world.do(confirmed, by="head_of_service")
    road.world.do(road.application(proposal), by=MD)

    check = road.world.case.proposals[-1].checks["circumstances"]
    assert (check.answer, check.by, check.on) == (Answer.YES, staff("head_of_service"), DECIDED)


# warning and meeting


@pytest.mark.clause("STA-51", "RULE")
def test_a_written_warning_comes_first_unless_the_behaviour_is_extreme() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["warning"])
    assert refusals(road, road.application(proposal), by=MD) == {"warning_first": "11.1"}

    road.world.do(road.application(proposal, extreme_reason=words()), by=MD)

    (applied,) = road.world.facts(RestrictionApplied)
    assert applied.warning is None
    assert applied.extreme_reason is not None
    assert "Can be left out when: extreme. [clause 11.1, must]" in told("star")


@pytest.mark.clause("STA-51", "NOTIFY")
def test_the_warning_says_why_the_behaviour_is_unreasonable_and_what_may_follow() -> None:
    road = Road("star").opened()
    warning = road.warned(received=False)
    bare = SendNotice(
        kind=NoticeKind.WARNING,
        about=warning,
        method=DeliveryMethod.READ_ALOUD,
        contents=("behaviour", "change_asked"),
    )
    assert refusals(road, bare) == {
        "says_why_unreasonable": "11.1",
        "says_consequences": "11.1",
        "notice_before_breach": "baseline 8",
    }

    road.letter(NoticeKind.WARNING, warning, method=DeliveryMethod.BY_ADVOCATE)

    assert road.world.case.received_on(warning) == START
    lines = told("star")
    assert "A warning comes first: yes. [clause 11.1, must]" in lines
    assert "Why unreasonable: Why the behaviour is thought unreasonable. [clause 11.1, must]" in lines
    assert "Consequences: What may follow if it goes on. [clause 11.1, must]" in lines


@pytest.mark.clause("STA-52", "RECORD", "NOTIFY")
def test_a_meeting_can_be_offered_and_what_was_talked_about_is_taken_down() -> None:
    road = Road("star").opened()

    road.world.do(OfferMeeting(detail=words()), by="senior_manager")
    road.world.wait(3)
    road.world.do(HoldMeeting(meeting="meeting-1", notes=words()), by="senior_manager")

    assert [(f.offered_on, f.explains) for f in road.world.facts(MeetingOffered)] == [(START, None)]
    assert [f.held_on for f in road.world.facts(MeetingHeld)] == [date(2026, 3, 5)]
    assert (
        "Meeting before: Where it can be done, offer to meet a senior manager. Falls to: Senior Manager; Head of "
        "Service. It covers: concerns; adjustments; advocacy and support. [clause 11.2, may]" in told("star")
    )


@pytest.mark.clause("STA-52", "NOTIFY")
def test_without_a_meeting_a_decision_can_still_be_taken() -> None:
    road, _ = untold()

    assert road.world.case.meetings == ()


@pytest.mark.clause("STA-53", "RULE")
def test_only_behaviour_that_goes_on_after_the_warning_leads_to_a_restriction() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["persisted"])

    assert refusals(road, road.application(proposal), by=MD) == {"behaviour_persisted": "11.3"}
    proposal = road.proposed(road.incident())
    road.confirmed(proposal)
    road.world.do(road.application(proposal), by=MD)


# who decides and signs


@pytest.mark.clause("STA-19", "RULE", "DATA", "RECORD")
def test_the_managing_director_decides_or_gives_the_decision_to_senior_management() -> None:
    road = Road("star")
    proposal = road.ready()
    assert refusals(road, road.application(proposal), by="senior_management") == {"post_held": "4.3, 11.3"}
    delegation = DelegateDecision(proposal=proposal, to=staff("head_of_service"), reason=words())
    assert refusals(road, delegation, by=MD) == {"delegate_entitled": "4.3, 11.3"}

    road.world.do(delegation.model_copy(update={"to": staff("senior_management")}), by=MD)
    decision = road.world.do(road.application(proposal), by="senior_management")

    assert decision.post == "senior_management"
    (given,) = road.world.facts(DelegationRecorded)
    assert (given.role, given.to) == (MD, staff("senior_management"))


@pytest.mark.clause("STA-19", "RULE", "DATA", "RECORD")
def test_the_letter_is_signed_by_the_managing_director_or_senior_management() -> None:
    road, restriction = untold()
    letter = decision_letter(road, restriction)
    assert refusals(road, letter, by="case_officer") == {"signatory": "4.3, 11.3"}
    sign = SignNotice(kind=NoticeKind.DECISION, about=restriction)
    assert refusals(road, sign, by="head_of_service") == {"signatory": "4.3, 11.3"}

    road.world.do(sign, by=MD)
    road.world.do(letter.model_copy(update={"notice": "notice-2"}), by="case_officer")

    assert [f.signed_on for f in road.world.facts(NoticeSigned)] == [DECIDED]
    assert road.world.case.notices[-1].signed_by == staff(MD)
    assert (
        "Decision. Sent as: e-mail; first class post; by hand; collected; through an advocate. Sent by: Managing "
        "Director; Senior Management Team member. Signed by: Managing Director; Senior Management Team member. "
        "[clause 4.3, 11.3, must]" in told("star")
    )


@pytest.mark.clause("STA-53", "NOTIFY")
@pytest.mark.parametrize("by", ["managing_director", "senior_management"])
def test_the_managing_director_or_senior_management_sends_the_letter(by: str) -> None:
    road, restriction = untold()

    road.world.do(decision_letter(road, restriction), by=by)

    assert road.world.case.received_on(restriction) == DECIDED
    (line,) = [line for line in told("star") if line.startswith("Decision. Sent as:")]
    assert "Sent by: Managing Director; Senior Management Team member." in line


@pytest.mark.parametrize(
    ("content", "clause", "line"),
    [
        pytest.param(
            "behaviour",
            "11.3a",
            "Behaviour: Exactly which behaviour is unreasonable. [clause 11.3a, must]",
            marks=pytest.mark.clause("STA-54", "NOTIFY"),
        ),
        pytest.param(
            "measures",
            "11.3b",
            "Measures: Which limits apply. [clause 11.3b, must]",
            marks=pytest.mark.clause("STA-55", "NOTIFY"),
        ),
        pytest.param(
            "how_long",
            "11.3c",
            "How long: How long they last, and when they are reviewed. [clause 11.3c, must]",
            marks=pytest.mark.clause("STA-56", "NOTIFY"),
        ),
        pytest.param(
            "future_contact",
            "11.3d",
            "Future contact: What becomes of later contact. [clause 11.3d, must]",
            marks=pytest.mark.clause("STA-57", "NOTIFY"),
        ),
        pytest.param(
            "why",
            "2.2c",
            "Why: The reasons for the decision. [clause 2.2c, must]",
            marks=pytest.mark.clause("STA-11", "RULE", "NOTIFY"),
        ),
    ],
)
def test_the_letter_goes_only_with_this_in_it(content: str, clause: str, line: str) -> None:
    road, restriction = untold()
    assert refusals(road, decision_letter(road, restriction, without=content), by=MD) == {f"says_{content}": clause}

    road.world.do(decision_letter(road, restriction), by=MD)

    assert content in road.world.case.notices[-1].contents
    assert line in told("star")


@pytest.mark.clause("STA-11", "RULE")
def test_a_decision_is_open_with_its_reasons_on_paper() -> None:
    assert "Open reasons: A decision is open, and its reasons are on paper. [clause 2.2c, must]" in told("star")
    road, restriction = untold()

    aloud = decision_letter(road, restriction).model_copy(update={"method": DeliveryMethod.READ_ALOUD})

    assert road.world.rules(aloud, by=MD) == {"notice_before_breach"}


# who else is told


@pytest.mark.clause("STA-58", "NOTIFY", "DATA")
def test_partners_that_the_policy_names_can_be_told_and_nobody_else() -> None:
    road, restriction = untold()
    centre = InformPartner(
        restriction=restriction,
        audience="partners",
        partner="shropshire_council_contact_centres",
        basis=words(),
    )
    stranger = centre.model_copy(update={"partner": "local_radio"})
    assert refusals(road, stranger) == {"unknown_partner": "11.4"}

    road.world.do(centre)

    assert [(f.partner, f.informed_on) for f in road.world.facts(PartnerInformed)] == [
        ("shropshire_council_contact_centres", DECIDED)
    ]
    assert (
        "Partners, where it is relevant, so that everybody acts alike. Partners: shropshire council contact centres. "
        "[clause 11.4, may]" in told("star")
    )


@pytest.mark.clause("STA-60", "DATA")
def test_an_alert_can_be_set_on_the_housing_system_where_incidents_go() -> None:
    road, restriction = untold()
    assert road.world.rules(PlaceAlert(restriction=restriction, alert="red_flag")) == {"unknown_alert"}

    road.world.do(PlaceAlert(restriction=restriction, alert="housing_system"))

    lines = told("star")
    assert "Alert that there was an incident. System: Housing One. [clause 12.1, may]" in lines
    assert "Staff safety: Keeping staff safe comes before everything else. [clause 12.1, must]" in lines
    assert "Zero tolerance: The procedures for zero tolerance are followed. [clause 12.1, must]" in lines
    assert "Incident recorded: The incident goes on Housing One. [clause 12.1, must]" in lines


# what a decision holds, and how long it lasts


@pytest.mark.clause("STA-56", "RULE")
@pytest.mark.clause("STA-64", "DATA", "TIMER")
def test_six_months_is_the_usual_term_and_its_last_day_the_day_of_review() -> None:
    road, _ = untold()

    (applied,) = road.world.facts(RestrictionApplied)

    assert applied.ends_on == date(2026, 9, 9)
    assert due(applied, "status") == ["09 Sep 2026"]
    lines = told("star")
    assert "The length is stated: yes. [clause 11.3c, must]" in lines
    assert (
        "First term: 6 months. We read it so: Six months is the default, and the cap of a first term unless reasons "
        "are given. [clause 13.1, may]" in lines
    )


@pytest.mark.clause("STA-56", "RULE")
def test_a_term_cannot_end_before_it_began() -> None:
    road = Road("star")
    proposal = road.ready()

    backwards = road.application(proposal, ends_on=date(2026, 3, 8), term_reason=words())

    assert road.world.rules(backwards, by=MD) == {"end_before_start"}


@pytest.mark.clause("STA-64", "DATA")
@pytest.mark.parametrize("ends_on", [date(2026, 6, 9), date(2027, 3, 9)], ids=["shorter", "longer"])
def test_another_length_needs_its_reason(ends_on: date) -> None:
    road = Road("star")
    proposal = road.ready()
    other = road.application(proposal, ends_on=ends_on)
    assert refusals(road, other, by=MD) == {"term_needs_reason": "13.1"}

    road.world.do(other.model_copy(update={"term_reason": words()}), by=MD)

    assert road.world.case.restrictions[-1].ends_on == ends_on


@pytest.mark.clause("STA-64", "DATA", "TIMER")
def test_an_extended_case_is_looked_at_each_quarter() -> None:
    road = Road("star")
    restriction = road.restricted()
    road.world.today = date(2026, 9, 1)
    longer: ExtendRestriction = road.extension(restriction, date(2027, 3, 9), exceptional_reason=words())

    road.world.do(longer, by=MD)

    quarterly = [s.due_on for s in road.world.case.restrictions[-1].schedule if s.cadence == "extended"]
    assert quarterly == [date(2026, 12, 9), date(2027, 3, 9)]


@pytest.mark.clause("STA-63", "RULE", "RECORD")
def test_the_decision_holds_its_grounds_its_measures_in_detail_and_its_review_date() -> None:
    road = Road("star")
    road.restricted(road.measure("update_limit", count=1, per="1 month"))

    (applied,) = road.world.facts(RestrictionApplied)

    assert applied.grounds == ("excessive_demands",)
    assert [(m.code, m.count, m.per) for m in applied.measures] == [("update_limit", 1, "1 month")]
    assert due(applied, "status") == ["09 Sep 2026"]
    assert "Recorded with the decision: grounds; measures; scope; review date. [clause 13.1, must]" in told("star")
