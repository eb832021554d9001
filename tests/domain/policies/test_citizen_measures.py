"""Citizen, clause 3.5, the measures: what each one asks for, what it leaves open and what goes against it."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.calendar import DeliveryMethod
from domain.codes import Channel, NoticeKind, Purpose
from domain.decisions.intake import RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.events import NoticeSent, RestrictionApplied
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import Road, staff, words

NOT_AGAINST_IT = {"goes_against_the_measure"}
EMERGENCIES = ("emergency_repair", "danger", "safeguarding", "domestic_abuse")
DECIDER = "head_of_service"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row("CIT-31", "Each measure fits the one customer: yes. [clause 3.5¶1, must]", cls="RULE"),
        row(
            "CIT-35",
            "Calls and correspondence go to one or a few named people. What it does: named people answer. The "
            "decision names: who answers. The customer is told: The people named here deal with your calls and "
            "letters. [clause 3.5 r1, may]",
        ),
        row(
            "CIT-36",
            "Office visits by appointment with a named person. What it does: visits by appointment. The decision "
            "names: who answers. The customer is told: Before you come to the office, please make an appointment with "
            "the person named. [clause 3.5 r2, may]",
        ),
        row(
            "CIT-37",
            "Contact in writing only. What it does: limits the channels. Leaves open: letter; e-mail; online form. "
            "Still gets through: emergency repair; danger; safeguarding; domestic abuse. The customer is told: Please "
            "write to us. In an emergency you can reach us in any way. We read it so: The exception is read as "
            "emergency repairs and emergency enquiries. [clause 3.5 r3, may]",
        ),
        row(
            "CIT-38",
            "Contact through somebody else. What it does: contact goes through somebody else. The decision names: the "
            "person in between. Only in extreme situations. The customer is told: Somebody else passes messages "
            "between you and us. We read it so: As the only way of contact it is for extreme situations. "
            "[clause 3.5 r4, 3.5¶4, may]",
        ),
        row(
            "CIT-39",
            "One contact a month. What it does: limits the number of contacts. At most: 1. In each period of: 1 "
            "month. Still gets through: emergency repair; danger; safeguarding; domestic abuse. The customer is told: "
            "We deal with one contact from you each month. Emergencies do not count. [clause 3.5 r5, may]",
        ),
        row(
            "CIT-42",
            "One channel open: All measures together leave the customer one way of contact; in extreme situations "
            "that way is through somebody else. [clause 3.5¶4, must]",
            cls="RULE",
        ),
        row(
            "CIT-42",
            "Services go on: Restricted or not, a customer keeps getting the landlord's services. [clause 3.5¶4, must]",
            cls="RULE",
        ),
        row(
            "CIT-42",
            "Extreme situation: In an extreme situation, contact through somebody else may be all that is left open. "
            "[clause 3.5¶4, may]",
            cls="RULE",
        ),
        row(
            "CIT-45",
            "Further correspondence on a matter that was answered in full is filed. What it does: read and filed, not "
            "answered. The decision names: the matter; who reads it. The customer is told: What you send about this "
            "matter is read and filed. You get an answer if it brings something significant that calls for action. "
            "[clause 3.5¶6, may]",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("citizen")


@pytest.mark.clause("CIT-31", "RULE")
def test_every_measure_says_why_this_customer_needs_it() -> None:
    road = Road("citizen")
    road.restricted(road.measure("named_staff"), road.measure("once_a_month"))

    with pytest.raises(ValidationError, match="reason"):
        MeasureRequest.model_validate({"code": "once_a_month"})

    assert [m.reason is not None for m in road.world.facts(RestrictionApplied)[0].measures] == [True, True]


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        row("CIT-35", "named_staff", "contact_staff"),
        row("CIT-36", "appointment", "contact_staff"),
        row("CIT-38", "third_party", "third_party"),
        row("CIT-45", "filed", "issue reader"),
    ],
)
def test_this_measure_is_refused_without_what_it_has_to_name_and_applied_with_it(code: str, needs: str) -> None:
    road = Road("citizen")
    proposal = road.ready()
    road.answered("issue-1")
    bare = MeasureRequest(code=code, reason=words())

    missing = road.world.rules(road.application(proposal, bare, extremis_reason=words()), by=DECIDER)
    road.world.do(road.application(proposal, road.measure(code), extremis_reason=words()), by=DECIDER)

    assert missing == {f"measure_needs_{name}" for name in needs.split()}
    assert road.world.case.restrictions[0].sets[0].measures[0].code == code


@pytest.mark.clause("CIT-35", "DATA")
def test_a_few_named_people_answer_and_every_channel_stays_open() -> None:
    road = Road("citizen")
    named = (staff("manager"), staff("case_officer"))

    road.restricted(road.measure("named_staff", contact_staff=named))

    (fact,) = road.world.facts(RestrictionApplied)
    assert (fact.measures[0].contact_staff, set(fact.left_open)) == (named, set(Channel))


@pytest.mark.clause("CIT-36", "DATA")
def test_a_visit_without_an_appointment_goes_against_it_and_a_call_does_not() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("appointment", contact_staff=(staff("manager"),)))

    assert road.world.facts(RestrictionApplied)[0].measures[0].contact_staff == (staff("manager"),)
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.OFFICE_VISIT) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.TELEPHONE) == NOT_AGAINST_IT


@pytest.mark.clause("CIT-37", "DATA", "RULE")
def test_writing_only_leaves_letters_e_mail_and_the_form_open() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("writing_only"))

    breaches = {str(c) for c in Channel if in_the_way_of_a_breach(road, restriction, channel=c) == set()}

    assert breaches == {"telephone", "office_visit", "home_visit", "meeting", "social_media"}
    (fact,) = road.world.facts(RestrictionApplied)
    assert {str(c) for c in fact.left_open} == {"letter", "email", "online_form", "third_party"}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("writing_only", marks=pytest.mark.clause("CIT-37", "DATA", "RULE")),
        pytest.param("once_a_month", marks=pytest.mark.clause("CIT-39", "DATA", "RULE")),
    ],
)
@pytest.mark.parametrize("purpose", EMERGENCIES)
def test_an_emergency_gets_through_by_the_measures_own_exception(code: str, purpose: str) -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure(code))

    in_the_way = in_the_way_of_a_breach(road, restriction, purpose=Purpose(purpose))

    assert "some_contact_gets_through" in in_the_way
    assert road.world.facts(RestrictionApplied)[0].measures[0].exceptions == EMERGENCIES


@pytest.mark.clause("CIT-38", "DATA")
@pytest.mark.clause("CIT-42", "RULE")
def test_somebody_else_as_the_only_way_is_for_an_extreme_situation_with_its_reason() -> None:
    road = Road("citizen")
    command = road.application(road.ready(), road.measure("third_party", third_party="person-2"))

    refused = road.world.rules(command, by=DECIDER)
    road.world.do(command.model_copy(update={"extremis_reason": words()}), by=DECIDER)
    road.told("restriction-1")

    (fact,) = road.world.facts(RestrictionApplied)
    assert refused == {"a_usable_channel_stays_open"}
    assert (fact.left_open, fact.extremis_reason is not None) == ((Channel.THIRD_PARTY,), True)
    assert fact.measures[0].third_party == "person-2"
    assert in_the_way_of_a_breach(road, "restriction-1", channel=Channel.TELEPHONE) == set()
    assert in_the_way_of_a_breach(road, "restriction-1", channel=Channel.THIRD_PARTY) == NOT_AGAINST_IT


@pytest.mark.clause("CIT-42", "RULE")
@pytest.mark.parametrize("answer", ["no", "not_known"])
def test_a_way_that_the_customer_cannot_use_is_no_way(answer: str) -> None:
    road = Road("citizen")
    command = road.application(road.ready(), road.measure("writing_only"))

    unusable = road.world.rules(command.model_copy(update={"channels_usable": answer}), by=DECIDER)
    road.world.do(command, by=DECIDER)

    assert unusable == {"a_usable_channel_stays_open"}
    assert len(road.world.case.restrictions) == 1


@pytest.mark.clause("CIT-42", "RULE")
def test_services_go_on_a_repair_can_always_be_reported() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("third_party"), extremis_reason=words())

    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.REPAIR) == {"some_contact_gets_through"}


@pytest.mark.clause("CIT-39", "DATA", "RULE")
def test_the_second_contact_within_a_month_goes_against_it_and_one_a_month_does_not() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("once_a_month"))
    found = {}
    # Each month ends with the day of the contact: 9 April is within the month up to 8 May, 8 May not up to 8 June.
    for day in (date(2026, 4, 9), date(2026, 5, 8), date(2026, 6, 8), date(2026, 7, 8)):
        road.world.today = day
        channel = Channel.LETTER if day.month == 5 else Channel.TELEPHONE
        found[day.month] = in_the_way_of_a_breach(road, restriction, channel=channel, happened_on=day)

    assert found == {4: NOT_AGAINST_IT, 5: set(), 6: NOT_AGAINST_IT, 7: NOT_AGAINST_IT}


@pytest.mark.clause("CIT-39", "RULE")
def test_an_emergency_does_not_use_up_the_one_contact() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("once_a_month"))
    road.world.today = date(2026, 4, 9)

    road.contact(purpose=Purpose.DANGER)

    assert in_the_way_of_a_breach(road, restriction, happened_on=road.world.today) == NOT_AGAINST_IT


@pytest.mark.clause("CIT-45", "DATA", "NOTIFY", "RULE")
@pytest.mark.parametrize("content", ["filed_unanswered", "unless_significant"])
def test_the_letter_says_that_more_is_filed_and_that_something_significant_is_answered(content: str) -> None:
    road = Road("citizen").opened()
    complete = ("filed_unanswered", "unless_significant")
    command = SendNotice(
        kind=NoticeKind.CLOSURE,
        about="heating",
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != content),
    )

    unanswered = road.world.rules(command)
    road.world.do(RecordIssueAnswered(issue="heating", next_steps=words()))
    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"contents": complete}))

    assert "unknown_subject" in unanswered
    assert (violation.rule, violation.clause) == (f"says_{content}", "3.5¶6")
    assert [fact.contents for fact in road.world.facts(NoticeSent)] == [complete]


@pytest.mark.clause("CIT-45", "DATA", "RULE")
def test_nothing_is_filed_before_the_matter_was_answered_and_the_customer_told() -> None:
    road = Road("citizen")
    proposal = road.ready()
    command = road.application(proposal, road.measure("filed", issue="heating", reader=staff("manager")))

    (before,) = road.world.refused(command, by=DECIDER)
    road.world.do(RecordIssueAnswered(issue="heating", next_steps=words()))
    (untold,) = road.world.refused(command, by=DECIDER)
    road.letter(NoticeKind.CLOSURE, "heating", method=DeliveryMethod.FIRST_CLASS_POST)
    (in_the_post,) = road.world.refused(command, by=DECIDER)
    road.world.wait(2)
    road.world.do(command, by=DECIDER)

    for violation in (before, untold, in_the_post):
        assert (violation.rule, violation.clause) == ("told_that_more_is_filed", "3.5¶6")
    (measure,) = road.world.facts(RestrictionApplied)[0].measures
    assert (measure.issue, measure.reader) == ("heating", staff("manager"))
