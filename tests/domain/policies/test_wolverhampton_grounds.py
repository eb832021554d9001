"""Wolverhampton Homes, clauses 1 to 5: what the policy is for, what it covers, and on which grounds it is used."""

from __future__ import annotations

import pytest

from domain.codes import Channel, Characteristic, Party
from domain.decisions.intake import RecordIncident
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.support import OfferSupport
from domain.events import IncidentRecorded, RestrictionApplied
from domain.personal import Personal
from tests.domain.saying import row, told
from tests.domain.world import START, Road, words


@pytest.mark.parametrize(
    "line",
    [
        row("WOL-01", "Version: 2. [clause Header, may]"),
        row("WOL-01", "Dated: March 2023. [clause Header, may]"),
        row("WOL-01", "Owner: Customer Experience Manager. [clause Header, may]"),
        row("WOL-01", "Replaces: the version of 2 November 2020. [clause Header, may]"),
        row(
            "WOL-01",
            "Approved by: Head of Customer Experience; CSD Committee. We read it so: The rows of the header are "
            "scrambled; so read, one approved and one authorised. [clause Header, may]",
        ),
        row(
            "WOL-01",
            "In force from: 1 March 2023. We read it so: The document gives a month; its first day is ours. "
            "[clause Header, may, assumed]",
        ),
        row(
            "WOL-04",
            "Abuse: For the few whose abuse of staff or processes makes the service worse for others. "
            "[clause 1.3, may]",
        ),
        row(
            "WOL-05",
            "Channels: telephone; office visit; home visit; meeting; letter; e-mail; social media; online form. "
            "[clause 1.4, must]",
        ),
        row("WOL-05", "There must be a complaint first: no. [clause 1.3, 1.4, may]"),
        row(
            "WOL-05",
            "Goes with: Customer Complaints Policy; customer support policy; privacy policy. "
            "[clause 1.4, 6.1, 12.2, may]",
        ),
        row(
            "WOL-06",
            "Unacceptable demand: A demand that bites substantially into the landlord's services, or would if it were "
            "met. [clause 2.1, may]",
        ),
        row(
            "WOL-15",
            "Impact: For instance, so much staff time goes into it that other customers wait or lose out. "
            "[clause 2.3, may]",
            cls="RECORD",
        ),
        row(
            "WOL-16",
            "Violence: More than physical harm: speech or writing that leaves staff hurt, afraid or abused is violence "
            "too. [clause 3.2, may]",
        ),
        row(
            "WOL-17",
            "Anger is understood: Anger at a problem is understood and judged case by case; aggression towards staff "
            "is not accepted. [clause 3.1, 3.3, must]",
        ),
        row(
            "WOL-30",
            "Co operation: Settling what will be looked at, handing over facts and proof, and summing up the concerns. "
            "[clause 5.1, may]",
        ),
        row(
            "WOL-75",
            "Rests on: Data Protection Act 2018; General Data Protection Regulation. [clause 12.1, must]",
        ),
        row("WOL-75", "Lawful: Personal data is handled as data protection law asks. [clause 12.1, must]"),
        row("WOL-75", "Notice: The privacy policy can be read on the landlord's website. [clause 12.2, may]"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("wolverhampton")


@pytest.mark.clause("WOL-01", "DATA")
def test_without_a_review_date_the_yearly_look_has_been_overdue_since_march_2024() -> None:
    assert "This policy is past its review date, still in force (review was due by 1 March 2024)." in told(
        "wolverhampton"
    )


@pytest.mark.clause("WOL-05", "DATA")
@pytest.mark.parametrize("channel", [Channel.TELEPHONE, Channel.OFFICE_VISIT, Channel.LETTER, Channel.SOCIAL_MEDIA])
def test_conduct_through_any_channel_can_be_an_incident_without_a_complaint(channel: Channel) -> None:
    road = Road("wolverhampton").opened()

    incident = road.incident("offensive_language", contact=road.contact(channel=channel))

    assert road.world.case.complaints == ()
    assert road.world.case.incident(incident) is not None


@pytest.mark.parametrize(
    ("ground", "category", "clause", "line"),
    [
        row(
            "WOL-07",
            "impossible_timescale",
            "demands",
            "2.2 b1",
            "Keeps wanting an answer impossibly soon. Rests on: a pattern of incidents. [clause 2.2 b1, may]",
        ),
        row(
            "WOL-08",
            "particular_officer",
            "demands",
            "2.2 b2",
            "Insists on one employee who cannot be had. Rests on: one incident or a pattern. [clause 2.2 b2, may]",
        ),
        row(
            "WOL-09",
            "shifting_substance",
            "demands",
            "2.2 b3",
            "Keeps altering the matter, or adds unconnected ones. Rests on: a pattern of incidents. "
            "[clause 2.2 b3, may]",
        ),
        row(
            "WOL-10",
            "no_pause",
            "demands",
            "2.2 b4",
            "Goes on making contact while the matter is looked at. Rests on: a pattern of incidents. "
            "[clause 2.2 b4, may]",
        ),
        row(
            "WOL-11",
            "many_calls",
            "demands",
            "2.2 b5",
            "Calls many times within a day or a week. Rests on: a pattern of incidents. [clause 2.2 b5, may]",
        ),
        row(
            "WOL-12",
            "long_calls",
            "demands",
            "2.2 b6",
            "Holds long calls that go over old ground. Rests on: a pattern of incidents. [clause 2.2 b6, may]",
        ),
        row(
            "WOL-13",
            "much_paper",
            "demands",
            "2.2 b7",
            "Sends floods of e-mail or post on one subject. Rests on: a pattern of incidents. [clause 2.2 b7, may]",
        ),
        row(
            "WOL-14",
            "needless_copies",
            "demands",
            "2.2 b8",
            "Copies the landlord into mail to others without need. Rests on: a pattern of incidents. "
            "[clause 2.2 b8, may]",
        ),
        row(
            "WOL-17",
            "shouting_or_swearing",
            "aggression",
            "3.3",
            "Shouts or swears at staff. Rests on: one incident or a pattern. [clause 3.3, may]",
        ),
        row(
            "WOL-18",
            "offensive_language",
            "aggression",
            "3.4 b1",
            "Insults, belittles or talks down. Rests on: one incident or a pattern. [clause 3.4 b1, may]",
        ),
        row(
            "WOL-19",
            "discriminatory_language",
            "aggression",
            "3.4 b2",
            "Speaks or writes with prejudice. Rests on: one incident or a pattern. Protected characteristics: race; "
            "sex; sexual orientation; gender reassignment; age; disability; religion or belief; marriage and civil "
            "partnership; pregnancy and maternity. We read it so: Four are named; the text means prejudice of every "
            "sort. [clause 3.4 b2, may]",
        ),
        row(
            "WOL-20",
            "baseless_allegations",
            "aggression",
            "3.4 b3",
            "Accuses people of crime, corruption or perversity with nothing to show for it. Rests on: one incident or "
            "a pattern. Waits for any allegation that it may be about. Ask: What was shown in support, and who looked "
            "at it independently? [clause 3.4 b3, may]",
        ),
        row(
            "WOL-21",
            "hate_crime",
            "aggression",
            "3.4 b4",
            "Makes remarks that could amount to hate crime. Rests on: one incident. Ask: Has this been raised with "
            "those who deal with hate crime? [clause 3.4 b4, may]",
        ),
        row(
            "WOL-22",
            "abuse_of_third_parties",
            "aggression",
            "3.5",
            "Is rude, insulting, inflammatory or accusing about other people, in front of staff. Rests on: one "
            "incident or a pattern. [clause 3.5, may]",
        ),
        row(
            "WOL-25",
            "publishing_recordings",
            "harassment",
            "4.2 b1",
            "Puts recorded calls on the internet. Rests on: one incident or a pattern. [clause 4.2 b1, may]",
        ),
        row(
            "WOL-26",
            "private_contact",
            "harassment",
            "4.2 b2",
            "Reaches staff by private details or profiles. Rests on: one incident or a pattern. [clause 4.2 b2, may]",
        ),
        row(
            "WOL-27",
            "publishing_private_facts",
            "harassment",
            "4.2 b3",
            "Makes private facts about staff public, online or elsewhere. Rests on: one incident or a pattern. "
            "[clause 4.2 b3, may]",
        ),
        row(
            "WOL-28",
            "intimidation",
            "harassment",
            "4.2 b4",
            "Leaves staff feeling threatened or insulted. Rests on: one incident or a pattern. [clause 4.2 b4, may]",
        ),
        row(
            "WOL-32",
            "ignores_requests",
            "co_operation",
            "5.3",
            "Brings a matter, then leaves clear and fair requests about it unanswered. Rests on: one incident or a "
            "pattern. [clause 5.3, may]",
        ),
    ],
)
def test_an_incident_can_rest_on_this_ground(ground: str, category: str, clause: str, line: str) -> None:
    road = Road("wolverhampton").opened()

    road.incident(ground)

    assert road.world.case.incidents[-1].categories == (category,)
    (recorded,) = [e for e in road.world.history if isinstance(e.fact, IncidentRecorded)]
    assert recorded.clauses == (clause,)
    assert line in told("wolverhampton")


@pytest.mark.parametrize(
    ("category", "line"),
    [
        row(
            "WOL-06",
            "demands",
            "Demands beyond reason. Meaning: Contact that takes, or would take, too much from services for others. "
            "[clause 2.1, may]",
        ),
        row(
            "WOL-16",
            "aggression",
            "Aggression and abuse. Meaning: Conduct, speech or writing that frightens or hurts staff, physical or not. "
            "[clause 3.1-3.2, must]",
        ),
        row(
            "WOL-30",
            "co_operation",
            "Not co-operating with fair requests. Meaning: Asked for details, proof or a summary, the customer gives "
            "none. [clause 5.1, may]",
        ),
    ],
)
def test_conduct_that_is_no_example_can_belong_to_the_category(category: str, line: str) -> None:
    road = Road("wolverhampton").opened()

    road.incident("other", other_ground=words(), other_category=category)

    assert road.world.case.incidents[-1].categories == (category,)
    assert line in told("wolverhampton")


@pytest.mark.clause("WOL-17", "RULE")
def test_being_angry_is_no_ground_and_one_outburst_limits_nothing_by_itself() -> None:
    road = Road("wolverhampton").opened()
    angry = RecordIncident(happened_on=START, grounds=("anger",), account=words())
    assert road.world.rules(angry) == {"unknown_ground"}

    road.incident("shouting_or_swearing")

    assert road.world.case.restrictions == ()
    assert list(road.world.case.binding_on(START)) == []


@pytest.mark.clause("WOL-19", "DATA")
@pytest.mark.parametrize("characteristic", list(Characteristic))
def test_prejudice_of_any_kind_counts(characteristic: Characteristic) -> None:
    road = Road("wolverhampton").opened()

    road.incident("discriminatory_language", characteristics=(characteristic,))

    assert road.world.facts(IncidentRecorded)[-1].characteristics == (characteristic,)


@pytest.mark.clause("WOL-22", "DATA")
def test_abuse_about_other_people_counts_and_a_quarrel_with_a_contractor_does_not() -> None:
    road = Road("wolverhampton").opened()

    road.incident("abuse_of_third_parties", towards=(Party.THIRD_PARTY,))

    assert road.world.facts(IncidentRecorded)[-1].towards == (Party.THIRD_PARTY,)
    elsewhere = RecordIncident(
        happened_on=START, grounds=("offensive_language",), account=words(), towards=(Party.CONTRACTOR,)
    )
    (refusal,) = road.world.refused(elsewhere)
    assert (refusal.rule, refusal.clause) == ("towards_somebody_protected", "3.1, 3.5")


@pytest.mark.clause("WOL-31", "RULE")
def test_refusing_to_co_operate_counts_only_after_help_was_offered() -> None:
    road = Road("wolverhampton").opened()
    without = RecordIncident(happened_on=START, grounds=("refuses_to_co_operate",), account=words())

    (refusal,) = road.world.refused(without)
    assert (refusal.rule, refusal.clause) == ("ground_needs_support_offered", "5.2")

    road.incident("refuses_to_co_operate")
    assert road.world.case.incidents[-1].categories == ("co_operation",)


@pytest.mark.clause("WOL-31", "RECORD")
def test_help_with_a_real_difficulty_is_taken_down() -> None:
    road = Road("wolverhampton").opened()

    road.world.do(OfferSupport(kind="help_with_forms", detail=words()))

    assert road.world.case.was_taken("support", START)
    assert "Support: Help a customer who really finds it hard to do what was asked. [clause 5.2, must]" in told(
        "wolverhampton"
    )


@pytest.mark.clause("WOL-15", "RECORD")
@pytest.mark.parametrize("impact", [words(), None], ids=["said", "not said"])
def test_what_the_contact_does_to_others_is_taken_down_and_its_absence_blocks_nothing(impact: Personal | None) -> None:
    road = Road("wolverhampton")
    proposal = road.ready()

    road.world.do(road.application(proposal, impact=impact), by=road.decider())

    (applied,) = road.world.facts(RestrictionApplied)
    assert (applied.impact is None) is (impact is None)
    line = "Impact: Say what the contact does to staff time and to other customers. [clause 2.3, may]"
    assert line in told("wolverhampton")


@pytest.mark.clause("WOL-02", "RULE")
def test_nobody_is_restricted_for_what_somebody_else_did() -> None:
    road = Road("wolverhampton").opened()
    neighbour = road.incident("shouting_or_swearing", conduct_of="person-2")

    proposal = ProposeRestriction(incidents=(neighbour,), measures=("single_contact",), reasons=words())

    assert road.world.rules(proposal, by="customer_experience_manager") == {"one_person_one_decision"}


@pytest.mark.clause("WOL-02", "RULE")
def test_contact_is_unlimited_until_something_else_is_decided_for_this_one_customer() -> None:
    road = Road("wolverhampton")
    road.ready()

    assert list(road.world.case.binding_on(road.world.today)) == []
    lines = told("wolverhampton")
    assert "No limit as a rule: As a rule contact has no limit of form or amount. [clause 1.1, should]" in lines
    assert (
        "Individual: Nobody is restricted wholesale; every situation is weighed by itself. [clause 1.1, must]" in lines
    )
    assert "Each measure fits the one customer: yes. [clause 1.1, must]" in lines
    assert (
        "Fair handling: To deal with contact that strains time and resources, fairly and with respect. "
        "[clause 1.1, may]" in lines
    )
