"""Derby Homes, clause 4, the measures: what each one asks for, what it leaves open and what goes against it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.codes import Channel, Effect, Purpose
from domain.decisions.measures import MeasureRequest
from domain.events import RestrictionApplied
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import Road, staff, words

NOT_AGAINST_IT = {"goes_against_the_measure"}


def row(number: str, *values: str) -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, "DATA"), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row("DER-36", "Each measure fits the one customer: yes. [clause Step 2¶3, must]"),
        row(
            "DER-36",
            "Measures not exhaustive: The measures are examples; one made for this customer may be used instead, "
            "described in words. [clause Step 2¶3, may]",
        ),
        row(
            "DER-37",
            "No telephone calls, except through somebody who acts for the customer. What it does: limits the "
            "channels. Closes: telephone. The customer is told: We take no calls from you yourself. A solicitor, "
            "councillor, friend or relative may telephone for you. [clause Step 2 r1, may]",
        ),
        row(
            "DER-38",
            "Correspondence by letter only; no e-mail and no telephone. What it does: limits the channels. Closes: "
            "e-mail; telephone; online form; social media. The customer is told: Please write us letters. We do not "
            "accept e-mails or calls from you. We read it so: It limits correspondence; visits have a measure of "
            "their own and stay as they are. [clause Step 2 r2, may]",
        ),
        row(
            "DER-39",
            "Visits by appointment only, at one office. What it does: visits by appointment. The decision names: "
            "office. The customer is told: Please make an appointment first; we see you at the office named. "
            "[clause Step 2 r3, may]",
        ),
        row(
            "DER-40",
            "One named person answers, at agreed days and times. What it does: named people answer. The decision "
            "names: who answers; days and times. The landlord owes: agreed calls. The customer is told: One person "
            "looks after your contact and is there for you at the times given. [clause Step 2 r4, may]",
        ),
        row(
            "DER-41",
            "Contact in person with a suitable witness present. What it does: a witness is present. The decision "
            "names: a description. The customer is told: Whenever you meet us in person, somebody else is present as "
            "a witness. [clause Step 2 r5, may]",
        ),
        row(
            "DER-42",
            "Access to our social media limited or refused. What it does: limits the channels. Closes: social media. "
            "The customer is told: You cannot use our social media pages, or only in part. [clause Step 2 r6, may]",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("derby")


@pytest.mark.parametrize(
    ("code", "closed"),
    [
        pytest.param("telephone_through_third_party", {"telephone"}, marks=pytest.mark.clause("DER-37", "DATA")),
        pytest.param(
            "letter_only",
            {"telephone", "email", "online_form", "social_media"},
            marks=pytest.mark.clause("DER-38", "DATA"),
        ),
        pytest.param("no_social_media", {"social_media"}, marks=pytest.mark.clause("DER-42", "DATA")),
    ],
)
def test_this_measure_closes_these_channels_and_no_other(code: str, closed: set[str]) -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure(code))
    (fact,) = road.world.facts(RestrictionApplied)

    open_ones = {str(c) for c in fact.left_open}
    breaches = {str(c) for c in Channel if in_the_way_of_a_breach(road, restriction, channel=c) == set()}

    assert set(map(str, Channel)) - open_ones == closed
    assert breaches == closed


@pytest.mark.clause("DER-37", "DATA")
def test_a_relative_may_telephone_where_the_customer_may_not() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("telephone_through_third_party"))

    assert in_the_way_of_a_breach(road, restriction, channel=Channel.THIRD_PARTY) == NOT_AGAINST_IT
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.SOLICITOR) == {"some_contact_gets_through"}


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        row("DER-39", "appointment_at_office", "office"),
        row("DER-40", "single_contact", "contact_staff slots"),
        row("DER-41", "witness", "words"),
    ],
)
def test_this_measure_is_refused_without_what_it_has_to_name_and_applied_with_it(code: str, needs: str) -> None:
    road = Road("derby")
    proposal = road.ready()
    bare = MeasureRequest(code=code, reason=words())

    missing = road.world.rules(road.application(proposal, bare), by="head_of_service")
    road.world.do(road.application(proposal, road.measure(code)), by="head_of_service")

    assert missing == {f"measure_needs_{name}" for name in needs.split()}
    assert road.world.case.restrictions[0].sets[0].measures[0].code == code


@pytest.mark.clause("DER-39", "DATA")
def test_a_visit_without_an_appointment_goes_against_it_and_a_call_does_not() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("appointment_at_office", office="city-office"))

    assert road.world.facts(RestrictionApplied)[0].measures[0].office == "city-office"
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.OFFICE_VISIT) == set()
    assert in_the_way_of_a_breach(road, restriction, channel=Channel.TELEPHONE) == NOT_AGAINST_IT


@pytest.mark.clause("DER-40", "DATA")
def test_the_named_person_and_the_agreed_times_stand_in_the_measure() -> None:
    road = Road("derby")
    road.restricted(
        road.measure(
            "single_contact", contact_staff=(staff("service_manager"),), slots=("tuesday 10:00", "friday 14:30")
        )
    )

    (measure,) = road.world.facts(RestrictionApplied)[0].measures
    assert measure.contact_staff == (staff("service_manager"),)
    assert measure.slots == ("tuesday 10:00", "friday 14:30")


@pytest.mark.clause("DER-41", "DATA")
@pytest.mark.parametrize(
    ("channel", "limited"),
    [
        (Channel.OFFICE_VISIT, True),
        (Channel.HOME_VISIT, True),
        (Channel.MEETING, True),
        (Channel.TELEPHONE, False),
        (Channel.LETTER, False),
    ],
)
def test_a_witness_is_for_contact_in_person(channel: Channel, limited: bool) -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"))

    stands_in_the_way = in_the_way_of_a_breach(road, restriction, channel=channel)

    assert stands_in_the_way == (set() if limited else NOT_AGAINST_IT)


@pytest.mark.clause("DER-36", "RULE")
def test_a_measure_made_for_this_customer_is_described_and_limits_what_its_codes_say() -> None:
    road = Road("derby")
    proposal = road.ready()
    bare = MeasureRequest(code="other", reason=words(), effect=Effect.CHANNELS, open=(Channel.LETTER, Channel.EMAIL))

    missing = road.world.rules(road.application(proposal, bare), by="head_of_service")
    road.world.do(road.application(proposal, bare.model_copy(update={"words": words()})), by="head_of_service")
    road.told("restriction-1")

    assert missing == {"other_needs_words"}
    assert in_the_way_of_a_breach(road, "restriction-1", channel=Channel.TELEPHONE) == set()
    assert in_the_way_of_a_breach(road, "restriction-1", channel=Channel.EMAIL) == NOT_AGAINST_IT


@pytest.mark.clause("DER-36", "RULE")
def test_every_measure_says_why_this_customer_needs_it() -> None:
    road = Road("derby")
    road.restricted(road.measure("witness"), road.measure("no_social_media"))

    with pytest.raises(ValidationError, match="reason"):
        MeasureRequest.model_validate({"code": "witness", "words": "two members of staff"})

    assert [m.reason is not None for m in road.world.facts(RestrictionApplied)[0].measures] == [True, True]
