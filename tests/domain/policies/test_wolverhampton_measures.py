"""Wolverhampton Homes, clauses 1.2 and 6.1 to 6.3: circumstances, adjustments, and what the measures do to contact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.codes import Channel, Mitigation, NoticeKind, Purpose
from domain.decisions.intake import RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.steps import GiveSpokenWarning, MakeAgreement
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, RequestAdjustment
from domain.events import AgreementMade, IssueAnswered, Measure, MitigationConsidered, SpokenWarningGiven
from domain.events.support import AdjustmentRequested
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import START, Road, staff, words

EVERY_CHANNEL = set(Channel)
NOT_LIMITED = {"goes_against_the_measure"}


def under(code: str, **changes: Any) -> tuple[Road, str, Measure]:
    """A customer who knows of one restriction with one measure: the road, the restriction and the measure."""
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure(code, **changes))
    return road, restriction, road.world.case.restrictions[-1].sets[-1].measures[0]


def lacking(code: str, **changes: Any) -> dict[str, str]:
    """The rules, with their clauses, by which a measure cannot be applied as it is asked for."""
    road = Road("wolverhampton")
    command = road.application(road.ready(), road.measure(code, **changes))
    return {v.rule: v.clause for v in road.world.refused(command, by=road.decider())}


# what comes before any measure


@pytest.mark.clause("WOL-03", "RECORD")
def test_what_troubles_the_customer_is_looked_at_before_deciding() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["circumstances"])
    assert road.world.rules(road.application(proposal), by=road.decider()) == {"adjustments"}

    road.world.do(ConsiderMitigation(considered=(Mitigation.DISTRESS, Mitigation.HEALTH), conclusion=words()))
    road.world.do(road.application(proposal), by=road.decider())

    (considered,) = road.world.facts(MitigationConsidered)
    assert considered.considered == (Mitigation.DISTRESS, Mitigation.HEALTH)
    lines = told("wolverhampton")
    assert (
        "Mitigation: Look at what upset the customer before they came, and meet them with sympathy and support. "
        "[clause 1.2, must]" in lines
    )
    assert (
        "Sympathy: Distress changes how people act, so help comes with sympathy and support. [clause 1.2, must]"
        in lines
    )


@pytest.mark.clause("WOL-33", "RECORD")
def test_what_the_customer_needs_and_why_is_taken_down() -> None:
    road = Road("wolverhampton").opened()
    needs = words("Large print, because of my eyes")

    road.world.do(RequestAdjustment(kind="formats", needs=needs))

    (asked,) = road.world.facts(AdjustmentRequested)
    assert (asked.kind, asked.requested_on) == ("formats", START)
    assert asked.needs is needs
    assert (
        "Adjustments asked: Customers are asked to say which adjustment they need and how it would help them. "
        "[clause 6.1, may]" in told("wolverhampton")
    )


@pytest.mark.clause("WOL-34", "RULE", "RECORD")
def test_whoever_asks_for_an_adjustment_is_answered_before_anything_is_decided() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()
    road.world.do(RequestAdjustment(kind="other_methods", needs=words()))
    assert road.world.rules(road.application(proposal), by=road.decider()) == {"adjustments"}

    answer = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
    road.world.do(answer)
    road.world.do(road.application(proposal), by=road.decider())

    (adjustment,) = road.world.case.adjustments
    assert (adjustment.agreed, adjustment.decided_on) == (True, road.world.today)
    assert (
        "Adjustments considered: Whoever asks for a reasonable adjustment has it considered, whatever else is going "
        "on. [clause 6.2, must]" in told("wolverhampton")
    )


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        pytest.param(
            "other_methods",
            "Another way of communicating, such as visits at home. [clause 6.2 b1, may]",
            marks=pytest.mark.clause("WOL-35", "DATA"),
        ),
        pytest.param(
            "formats",
            "Writing in large print, in coloured text or translated. [clause 6.2 b2, may]",
            marks=pytest.mark.clause("WOL-36", "DATA"),
        ),
        pytest.param(
            "support",
            "Finding out which support could be arranged. [clause 6.2 b3, may]",
            marks=pytest.mark.clause("WOL-37", "DATA"),
        ),
        pytest.param(
            "warning_in_conversation",
            "A plain, polite warning before a call or meeting is cut short. [clause 6.2 b4, may]",
            marks=pytest.mark.clause("WOL-38", "DATA"),
        ),
    ],
)
def test_this_adjustment_can_be_asked_for(kind: str, line: str) -> None:
    road = Road("wolverhampton").opened()

    road.world.do(RequestAdjustment(kind=kind, needs=words()))

    assert [a.kind for a in road.world.case.adjustments] == [kind]
    assert line in told("wolverhampton")


def test_an_adjustment_that_the_policy_does_not_know_is_asked_for_as_another() -> None:
    road = Road("wolverhampton").opened()

    assert road.world.rules(RequestAdjustment(kind="large_print", needs=words())) == {"unknown_adjustment_kind"}
    road.world.do(RequestAdjustment(kind="other", needs=words()))


@pytest.mark.clause("WOL-38", "RECORD", "DATA")
def test_a_polite_warning_in_the_conversation_is_taken_down() -> None:
    road = Road("wolverhampton").opened()

    road.world.do(GiveSpokenWarning(contact=road.contact(), words=words()), by="staff")

    (given,) = road.world.facts(SpokenWarningGiven)
    assert (given.contact, given.given_on) == ("contact-1", START)
    assert (
        "Spoken warning: When a conversation leads nowhere, warn plainly and politely and leave room to change, before "
        "ending it. Falls to: Member of staff; Single point of contact. [clause 6.2 b4, may]" in told("wolverhampton")
    )


@pytest.mark.clause("WOL-39", "RULE")
def test_a_measure_is_weighed_against_what_this_person_did_and_their_situation() -> None:
    with pytest.raises(ValidationError, match="reason"):
        MeasureRequest.model_validate({"code": "one_channel", "open": ["letter"]})
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["circumstances"])
    said = road.application(proposal).model_dump(exclude={"proportionality"})
    with pytest.raises(ValidationError, match="proportionality"):
        ApplyRestriction.model_validate(said)

    assert road.world.rules(road.application(proposal), by=road.decider()) == {"adjustments"}
    road.circumstances()
    road.world.do(road.application(proposal), by=road.decider())

    assert (
        "Fitting measures: Which measure is chosen depends on what the person did and on their circumstances. We read "
        "it so: The options are free; weighing behaviour and circumstances is not. [clause 6.3, must]"
        in told("wolverhampton")
    )


# the measures


@pytest.mark.clause("WOL-40", "DATA")
def test_calling_again_about_the_complaint_goes_against_it_and_nothing_else_does() -> None:
    road, restriction, measure = under("repeated_calls_ended", issue="damp")

    assert set(measure.open) == EVERY_CHANNEL
    assert in_the_way_of_a_breach(road, restriction, issue="damp") == set()
    assert in_the_way_of_a_breach(road, restriction, issue="rent") == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, issue="damp", channel=Channel.LETTER) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, issue="damp", purpose=Purpose.REPAIR) == {
        "some_contact_gets_through"
    }
    assert lacking("repeated_calls_ended", issue=None) == {"measure_needs_issue": "6.3 r1"}
    assert (
        "Repeated calls about the complaint are ended. What it does: repeated calls are ended. The decision names: the "
        "matter. The customer is told: If you call again about this complaint, we will end the call. "
        "[clause 6.3 r1, may]" in told("wolverhampton")
    )


@pytest.mark.clause("WOL-40", "NOTIFY")
def test_calls_are_taken_as_ever_until_the_customer_was_told_that_they_will_be_ended() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("repeated_calls_ended"), told=False)
    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == {"notice_before_breach"}

    road.told(restriction)

    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == set()


@pytest.mark.clause("WOL-41", "DATA")
def test_saying_that_all_was_answered_limits_no_contact() -> None:
    road, restriction, measure = under("answered_in_full")

    assert not measure.limits_contact
    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == NOT_LIMITED
    assert lacking("answered_in_full", issue=None, words=None) == {
        "measure_needs_issue": "6.3 r2",
        "measure_needs_words": "6.3 r2",
    }
    assert (
        "The complaint is answered in full, with what else can be done. What it does: something is said, contact is "
        "not limited. The decision names: the matter; a description. The customer is told: We have answered this "
        "complaint as far as we can; we tell you where you can turn next. [clause 6.3 r2, may]" in told("wolverhampton")
    )


@pytest.mark.clause("WOL-41", "NOTIFY", "DATA")
def test_the_closing_letter_says_that_all_was_answered_and_what_else_can_be_done() -> None:
    road = Road("wolverhampton").opened()
    road.world.do(RecordIssueAnswered(issue="damp", next_steps=words()))
    bare = SendNotice(kind=NoticeKind.CLOSURE, about="damp", method="by_hand", contents=())

    missing = {v.rule: v.clause for v in road.world.refused(bare)}

    assert missing["says_answered_in_full"] == "6.3 r2"
    assert missing["says_next_steps"] == "6.3 r2"
    road.letter(NoticeKind.CLOSURE, "damp")
    assert [(a.issue, a.answered_on) for a in road.world.facts(IssueAnswered)] == [("damp", START)]
    lines = told("wolverhampton")
    assert (
        "Answered in full: The complaint has had as full an answer as the policy allows. [clause 6.3 r2, must]" in lines
    )
    assert "Next steps: What the customer can do next. [clause 6.3 r2, must]" in lines


@pytest.mark.clause("WOL-42", "DATA")
def test_the_third_contact_in_a_week_goes_against_a_limit_of_two() -> None:
    road, restriction, measure = under("contact_limits", count=2, per="1 week", minutes=10)

    assert (measure.count, measure.per, measure.minutes) == (2, "1 week", 10)
    road.world.wait(7)
    day = road.world.today
    assert in_the_way_of_a_breach(road, restriction, happened_on=day) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, happened_on=day, channel=Channel.EMAIL) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, happened_on=day) == set()
    road.world.wait(7)
    assert in_the_way_of_a_breach(road, restriction, happened_on=road.world.today) == NOT_LIMITED
    assert lacking("contact_limits", count=None, per=None, minutes=None) == {
        "measure_needs_count": "6.3 r3",
        "measure_needs_per": "6.3 r3",
        "measure_needs_minutes": "6.3 r3",
    }


@pytest.mark.clause("WOL-43", "DATA")
def test_one_mode_of_contact_leaves_that_one_open_and_whoever_speaks_for_the_customer() -> None:
    road, restriction, measure = under("one_channel", open=(Channel.EMAIL,))

    assert set(measure.open) == {Channel.EMAIL, Channel.THIRD_PARTY}
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.TELEPHONE) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.EMAIL) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.DANGER) == {"some_contact_gets_through"}


@pytest.mark.clause("WOL-43", "DATA")
@pytest.mark.parametrize(
    ("channels", "refused"),
    [
        ((Channel.TELEPHONE,), False),
        ((Channel.LETTER,), False),
        ((Channel.EMAIL,), False),
        ((Channel.EMAIL, Channel.LETTER), True),
        ((Channel.OFFICE_VISIT,), True),
    ],
)
def test_the_one_mode_is_telephone_letter_or_email(channels: tuple[Channel, ...], refused: bool) -> None:
    road = Road("wolverhampton")
    command = road.application(road.ready(), road.measure("one_channel", open=channels))

    if refused:
        (refusal,) = road.world.refused(command, by=road.decider())
        assert (refusal.rule, refusal.clause) == ("channels_chosen", "6.3 r4")
    else:
        road.world.do(command, by=road.decider())


@pytest.mark.clause("WOL-44", "DATA", "TIMER")
def test_a_single_contact_is_named_with_how_often_that_is_looked_at_again() -> None:
    road, restriction, measure = under("single_contact", review_every="2 months")

    assert measure.contact_staff == (staff("case_officer"),)
    assert measure.review_every == "2 months"
    assert set(measure.open) == EVERY_CHANNEL
    assert in_the_way_of_a_breach(road, restriction) == set()
    assert lacking("single_contact", contact_staff=(), review_every=None) == {
        "measure_needs_contact_staff": "6.3 r5",
        "measure_needs_review_every": "6.3 r5",
    }


@pytest.mark.clause("WOL-44", "NOTIFY")
def test_the_reasons_for_a_single_contact_go_out_by_letter() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("single_contact"), told=False)
    contents = tuple(c for c in road.contents(NoticeKind.DECISION) if c != "reasons")
    command = SendNotice(
        kind=NoticeKind.DECISION, about=restriction, method="by_hand", contents=contents, enclosures=("policy",)
    )

    assert "says_reasons" in road.world.rules(command)
    road.told(restriction)
    assert "reasons" in road.world.case.notices[-1].contents


@pytest.mark.clause("WOL-45", "DATA")
def test_a_single_contact_comes_with_agreed_times_and_duties_of_the_landlords() -> None:
    assert lacking("single_contact", slots=()) == {"measure_needs_slots": "6.3 r5"}
    road, _, measure = under("single_contact", slots=("tuesday 10:00", "friday 15:30"))

    assert measure.slots == ("tuesday 10:00", "friday 15:30")
    lines = told("wolverhampton")
    assert (
        "A single point of contact, who calls or meets at agreed times. What it does: named people answer. The "
        "decision names: who answers; days and times; how often it is looked at. Still gets through: emergency repair; "
        "danger; safeguarding; domestic abuse. The landlord owes: reasons in writing; agreed calls; contact number; "
        "passed on. The customer is told: One officer deals with you, gets in touch at times agreed with you, and can "
        "be rung in office hours. Other teams pass you on to them. Emergencies out of hours go the usual way. "
        "[clause 6.3 r5, may]" in lines
    )
    assert (
        "Agreed calls: Calls at agreed times, those kept and those missed; a missed one is the landlord's failure. "
        "[clause 6.3 r5, must, assumed]" in lines
    )
    assert road.world.case.restrictions[-1].measures_on(road.world.today) == (measure,)


@pytest.mark.clause("WOL-45", "NOTIFY")
def test_the_agreed_times_bind_nobody_before_the_letter_told_them() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("single_contact"), told=False)
    contents = tuple(c for c in road.contents(NoticeKind.DECISION) if c not in ("measures", "future_contact"))
    bare = SendNotice(
        kind=NoticeKind.DECISION, about=restriction, method="by_hand", contents=contents, enclosures=("policy",)
    )
    assert {"says_measures", "says_future_contact"} <= road.world.rules(bare)
    assert list(road.world.case.binding_on(road.world.today)) == []

    road.told(restriction)

    (binding,) = road.world.case.binding_on(road.world.today)
    assert binding.measure.slots == ("tuesday 10:00",)


@pytest.mark.clause("WOL-46", "RULE")
@pytest.mark.parametrize(
    "purpose", [Purpose.EMERGENCY_REPAIR, Purpose.DANGER, Purpose.SAFEGUARDING, Purpose.DOMESTIC_ABUSE]
)
def test_past_a_single_contact_emergencies_go_the_usual_way(purpose: Purpose) -> None:
    road, restriction, measure = under("single_contact")

    assert purpose in measure.exceptions
    assert in_the_way_of_a_breach(road, restriction, purpose=purpose) == {"some_contact_gets_through"}
    lines = told("wolverhampton")
    assert "Passing on: Other teams bring the customer to their single point of contact. [clause 6.3 r5, must]" in lines
    assert (
        "Out of hours: With a single point of contact too, an emergency out of hours is reported in the normal way. "
        "[clause 6.3 r5, must]" in lines
    )


@pytest.mark.clause("WOL-47", "DATA")
def test_a_witness_concerns_contact_in_person_alone() -> None:
    road, restriction, measure = under("witness")

    assert set(measure.open) == EVERY_CHANNEL
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.OFFICE_VISIT) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.TELEPHONE) == NOT_LIMITED
    assert lacking("witness", words=None) == {"measure_needs_words": "6.3 r6"}


@pytest.mark.clause("WOL-48", "DATA")
def test_contact_through_somebody_else_alone_is_for_extreme_situations() -> None:
    assert lacking("through_somebody") == {"a_usable_channel_stays_open": "baseline 2"}
    assert "measure_needs_third_party" in lacking("through_somebody", third_party=None)

    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("through_somebody"), extremis_reason=words())
    (measure,) = road.world.case.restrictions[-1].measures_on(road.world.today)

    assert (measure.third_party, measure.open) == ("person-2", (Channel.THIRD_PARTY,))
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.LETTER) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.THIRD_PARTY) == NOT_LIMITED


@pytest.mark.clause("WOL-49", "DATA", "RECORD")
def test_an_agreement_on_conduct_limits_nothing_and_is_looked_at_again() -> None:
    road, restriction, measure = under("conduct_agreement")
    assert not measure.limits_contact
    assert in_the_way_of_a_breach(road, restriction) == NOT_LIMITED

    road.world.do(MakeAgreement(terms=words(), review_on=road.world.today + timedelta(days=90)))

    (made,) = road.world.facts(AgreementMade)
    assert made.review_on == road.world.today + timedelta(days=90)
    same_day = MakeAgreement(terms=words(), review_on=road.world.today)
    assert road.world.rules(same_day) == {"review_follows"}
    assert "Agreement: Customer and landlord may agree on how contact will go. [clause 6.3 r8, may]" in told(
        "wolverhampton"
    )


@pytest.mark.clause("WOL-50", "DATA", "RULE")
def test_mail_about_the_same_matter_is_read_by_somebody_and_sending_it_is_no_breach() -> None:
    road, restriction, measure = under("filed", issue="damp")

    assert (measure.issue, measure.reader) == ("damp", staff("case_officer"))
    assert set(measure.open) == EVERY_CHANNEL
    assert in_the_way_of_a_breach(road, restriction, issue="damp", channel=Channel.LETTER) == NOT_LIMITED
    assert lacking("filed", issue=None, reader=None) == {
        "measure_needs_issue": "6.3 r9",
        "measure_needs_reader": "6.3 r9",
    }
    assert lacking("filed", reader="staff-nobody") == {"named_contact_holds_a_post": "the record itself"}
    assert (
        "Further mail is read and filed, neither acknowledged nor registered if it is about the same matter. What it "
        "does: read and filed, not answered. The decision names: the matter; who reads it. The customer is told: What "
        "you write about this matter is read and kept, and not acknowledged. [clause 6.3 r9, may]"
        in told("wolverhampton")
    )


@pytest.mark.clause("WOL-51", "DATA", "NOTIFY")
def test_zero_tolerance_is_a_set_wording_that_the_letter_carries_and_limits_nothing() -> None:
    assert lacking("zero_tolerance", words=None) == {"measure_needs_words": "6.3 r10"}
    wording = words("We accept no abuse.")
    road, restriction, measure = under("zero_tolerance", words=wording)

    assert measure.words is wording
    assert not measure.limits_contact
    assert in_the_way_of_a_breach(road, restriction) == NOT_LIMITED
    (letter,) = road.world.case.notices_about(restriction, NoticeKind.DECISION)
    assert "measures" in letter.contents
    assert (
        "Zero tolerance, told in standard wording. What it does: something is said, contact is not limited. The "
        "decision names: a description. The customer is told: We put our staff's safety and dignity first and accept "
        "no abuse of them. [clause 6.3 r10, may]" in told("wolverhampton")
    )
