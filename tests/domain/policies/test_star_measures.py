"""STAR Housing, clauses 9, 11.3b, 11.3d and 11.5: adjustments, and what each measure does to contact."""

from __future__ import annotations

from typing import Any

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Channel, NoticeKind, Purpose
from domain.decisions.intake import RecordIssueAnswered
from domain.decisions.notices import SendNotice
from domain.decisions.steps import GiveSpokenWarning
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.events import IssueAnswered, Measure, SpokenWarningGiven
from tests.domain.saying import in_the_way_of_a_breach, refusals, row, told
from tests.domain.world import START, Road, staff, words

NOT_LIMITED = {"goes_against_the_measure"}


def under(code: str, **changes: Any) -> tuple[Road, str, Measure]:
    """A customer who knows of one restriction with one measure: the road, the restriction and the measure."""
    road = Road("star")
    restriction = road.restricted(road.measure(code, **changes))
    return road, restriction, road.world.case.restrictions[-1].sets[-1].measures[0]


def lacking(code: str, **changes: Any) -> dict[str, str]:
    """The rules, with their clauses, by which a measure cannot be applied as it is asked for."""
    road = Road("star")
    command = road.application(road.ready(), road.measure(code, **changes))
    return refusals(road, command, by="managing_director")


# adjustments


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        row("STA-38", "home_visits", "Visits at home. [clause 9.1, may]"),
        row("STA-38", "large_print", "Large print. [clause 9.1, may]"),
        row("STA-38", "translation", "Translation. [clause 9.1, may]"),
        row("STA-38", "advocate", "An advocate. [clause 9.1, may]"),
        row("STA-38", "agreed_times", "Contact at agreed times. [clause 9.1, may]"),
    ],
)
def test_this_adjustment_can_be_asked_for(kind: str, line: str) -> None:
    road = Road("star").opened()

    road.world.do(RequestAdjustment(kind=kind, needs=words()))

    assert [(a.kind, a.requested_on) for a in road.world.case.adjustments] == [(kind, START)]
    assert line in told("star")


@pytest.mark.clause("STA-38", "RULE", "RECORD", "DATA")
def test_an_adjustment_that_is_asked_for_is_answered_before_anything_is_decided() -> None:
    road = Road("star")
    proposal = road.ready()
    road.world.do(RequestAdjustment(kind="home_visits", needs=words()))
    assert road.world.rules(road.application(proposal), by="managing_director") == {"adjustments"}

    given = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
    road.world.do(given)
    road.world.do(road.application(proposal), by="managing_director")

    assert road.world.case.adjustments[0].in_force_on(road.world.today)
    assert (
        "Adjustments considered: Reasonable adjustments are thought about before contact is limited. "
        "[clause 9.1, 17.1, must]" in told("star")
    )


@pytest.mark.clause("STA-39", "RECORD")
def test_a_plain_warning_in_a_talk_that_leads_nowhere_is_taken_down() -> None:
    road = Road("star").opened()

    road.world.do(GiveSpokenWarning(contact=road.contact(), words=words()), by="staff")

    assert [f.given_on for f in road.world.facts(SpokenWarningGiven)] == [START]
    assert (
        "Spoken warning: Warn plainly when a conversation leads nowhere, so that the customer can change course. "
        "[clause 9.2, may]" in told("star")
    )


# measures


@pytest.mark.clause("STA-40", "DATA")
def test_one_channel_leaves_that_one_open_and_whoever_speaks_for_the_customer() -> None:
    road, restriction, measure = under("one_channel", open=(Channel.EMAIL,))

    assert set(measure.open) == {Channel.EMAIL, Channel.THIRD_PARTY}
    assert in_the_way_of_a_breach(road, restriction) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.EMAIL) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.HAZARD) == {"some_contact_gets_through"}
    assert lacking("one_channel", open=(Channel.EMAIL, Channel.LETTER)) == {"channels_chosen": "9.3 r1, 11.3b"}
    assert lacking("one_channel", open=(Channel.SOCIAL_MEDIA,))["channels_chosen"] == "9.3 r1, 11.3b"
    assert (
        "One channel only. What it does: limits the channels. The decision may leave open: e-mail; telephone; letter; "
        "online form; office visit; meeting. How many of these: 1. The decision names: the channels left open. "
        "[clause 9.3 r1, 11.3b, may]" in told("star")
    )


@pytest.mark.clause("STA-40", "DATA")
def test_a_channel_that_only_the_landlord_can_grant_is_no_way_in_by_itself() -> None:
    assert lacking("one_channel", open=(Channel.MEETING,)) == {"a_usable_channel_stays_open": "baseline 2"}


@pytest.mark.clause("STA-41", "DATA")
def test_a_single_contact_is_named_and_every_channel_stays_open() -> None:
    road, restriction, measure = under("single_contact")

    assert measure.contact_staff == (staff("case_officer"),)
    assert set(measure.open) == set(Channel)
    assert in_the_way_of_a_breach(road, restriction) == set()
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.APPEAL) == {"some_contact_gets_through"}
    assert lacking("single_contact", contact_staff=()) == {"measure_needs_contact_staff": "9.3 r2, 11.3b"}


@pytest.mark.clause("STA-42", "DATA")
def test_the_second_contact_in_a_month_goes_against_one_update_a_month() -> None:
    road, restriction, measure = under("update_limit", count=1, per="1 month")

    assert (measure.count, measure.per) == (1, "1 month")
    road.world.wait(31)
    day = road.world.today
    assert in_the_way_of_a_breach(road, restriction, happened_on=day, channel=Channel.EMAIL) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, happened_on=day) == set()
    assert lacking("update_limit", count=None, per=None) == {
        "measure_needs_count": "9.3 r3, 11.3b",
        "measure_needs_per": "9.3 r3, 11.3b",
    }


@pytest.mark.clause("STA-43", "DATA", "NOTIFY")
def test_saying_that_the_complaint_is_finished_limits_nothing_and_goes_out_with_what_can_come_next() -> None:
    road, restriction, measure = under("answered_in_full")
    assert not measure.limits_contact
    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == NOT_LIMITED
    road.world.do(RecordIssueAnswered(issue="damp", next_steps=words()))
    bare = SendNotice(kind=NoticeKind.CLOSURE, about="damp", method=DeliveryMethod.BY_HAND, contents=("unless_new",))
    assert refusals(road, bare) == {"says_answered_in_full": "9.3 r4", "says_next_steps": "9.3 r4"}

    road.letter(NoticeKind.CLOSURE, "damp")

    assert [a.issue for a in road.world.facts(IssueAnswered)] == ["damp"]
    assert (
        "The complaint is fully addressed, with what can come next. What it does: something is said, contact is not "
        "limited. The decision names: the matter; a description. The customer is told: We have dealt with this "
        "complaint in full; we tell you where you can turn next. [clause 9.3 r4, may]" in told("star")
    )


@pytest.mark.clause("STA-44", "DATA")
def test_calling_again_and_again_about_the_matter_goes_against_it_and_writing_does_not() -> None:
    road, restriction, _ = under("repeated_calls_ended", issue="damp")

    assert in_the_way_of_a_breach(road, restriction, issue="damp") == set()
    assert in_the_way_of_a_breach(road, restriction, issue="damp", channel=Channel.EMAIL) == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, issue="rent") == NOT_LIMITED
    assert (
        "Repeated calls are ended. What it does: repeated calls are ended. The decision names: the matter. The "
        "customer is told: If you go on calling about this matter, we will end the calls. [clause 9.3 r5, may]"
        in told("star")
    )


@pytest.mark.clause("STA-44", "NOTIFY")
def test_no_call_counts_before_the_customer_was_told_that_calls_will_be_ended() -> None:
    road = Road("star")
    restriction = road.restricted(road.measure("repeated_calls_ended"), told=False)
    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == {"notice_before_breach"}

    road.told(restriction)

    assert in_the_way_of_a_breach(road, restriction, issue="issue-1") == set()


@pytest.mark.parametrize(
    ("code", "clause", "line"),
    [
        row(
            "STA-45",
            "zero_tolerance",
            "9.3 r6",
            "Zero tolerance of abuse. What it does: something is said, contact is not limited. The decision names: a "
            "description. The customer is told: We accept no abuse of our staff. [clause 9.3 r6, may]",
        ),
        row(
            "STA-46",
            "legal_action_weighed",
            "9.3 r7",
            "Legal action is weighed where services or the home might be withdrawn. What it does: something is said, "
            "contact is not limited. The decision names: a description. The customer is told: We may have to think "
            "about legal action; nothing follows by itself. We read it so: A statement and no more: software takes no "
            "step towards it. [clause 9.3 r7, may]",
        ),
    ],
)
def test_this_measure_says_something_and_limits_nothing(code: str, clause: str, line: str) -> None:
    road, restriction, measure = under(code)

    assert (measure.limits_contact, measure.clause) == (False, clause)
    assert set(measure.open) == set(Channel)
    assert in_the_way_of_a_breach(road, restriction) == NOT_LIMITED
    assert lacking(code, words=None) == {"measure_needs_words": clause}
    assert line in told("star")


@pytest.mark.clause("STA-55", "DATA")
def test_while_an_investigation_runs_contact_about_it_can_have_its_set_times() -> None:
    road, restriction, measure = under("timed_access", issue="damp", open=(Channel.TELEPHONE,), slots=("friday 09:30",))

    assert (measure.issue, measure.slots) == ("damp", ("friday 09:30",))
    assert in_the_way_of_a_breach(road, restriction, issue="damp", channel=Channel.EMAIL) == set()
    assert in_the_way_of_a_breach(road, restriction, issue="damp") == NOT_LIMITED
    assert in_the_way_of_a_breach(road, restriction, issue="rent", channel=Channel.EMAIL) == NOT_LIMITED
    assert lacking("timed_access", issue=None, slots=(), words=None) == {
        "measure_needs_issue": "11.3b",
        "measure_needs_slots": "11.3b",
        "measure_needs_words": "11.3b",
    }


@pytest.mark.clause("STA-57", "DATA")
@pytest.mark.clause("STA-59", "DATA", "RULE")
def test_mail_on_a_closed_matter_is_read_by_somebody_and_sending_it_is_no_breach() -> None:
    road, restriction, measure = under("filed", issue="damp")

    assert (measure.issue, measure.reader) == ("damp", staff("case_officer"))
    assert set(measure.open) == set(Channel)
    assert in_the_way_of_a_breach(road, restriction, issue="damp", channel=Channel.LETTER) == NOT_LIMITED
    assert lacking("filed", issue=None, reader=None) == {
        "measure_needs_issue": "11.3d, 11.5",
        "measure_needs_reader": "11.3d, 11.5",
    }
    assert (
        "Mail on a closed matter is read and filed without acknowledgement, unless it brings something new that "
        "matters. What it does: read and filed, not answered. The decision names: the matter; who reads it. The "
        "customer is told: What you send about this matter is read and kept; we answer if it tells us something new "
        "that matters. [clause 11.3d, 11.5, may]" in told("star")
    )


@pytest.mark.clause("STA-59", "RULE", "DATA")
def test_whoever_closes_a_matter_says_that_something_new_is_answered_and_may_say_what_is_filed() -> None:
    road = Road("star").opened()
    road.world.do(RecordIssueAnswered(issue="damp", next_steps=words()))
    said = ("answered_in_full", "next_steps")
    letter = SendNotice(kind=NoticeKind.CLOSURE, about="damp", method=DeliveryMethod.BY_HAND, contents=said)
    assert refusals(road, letter) == {"says_unless_new": "11.5"}

    road.world.do(letter.model_copy(update={"contents": (*said, "unless_new")}))

    lines = told("star")
    assert "Read and filed: More on this matter is filed without acknowledgement. [clause 11.5, may]" in lines
    assert "Unless new: Something new that matters is answered. [clause 11.5, must]" in lines
