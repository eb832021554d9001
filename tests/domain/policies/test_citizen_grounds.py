"""Citizen, clauses 1 to 3.3, 4 to 7: what the policy is for, whom it covers and protects, and on which grounds."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Mitigation, Party, Purpose
from domain.decisions.intake import LinkComplaint, RecordIncident
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.support import ConsiderMitigation
from domain.events import IncidentRecorded, MitigationConsidered, ReferredElsewhere
from domain.policy_words import words as lines_of
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import START, Road, words
from tests.policies import policy


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row(
            "CIT-01",
            "Customers are: tenant; licensee; leaseholder; freeholder; household member; representative. "
            "[clause 1¶1, must]",
        ),
        row(
            "CIT-03",
            "Mitigation: Trouble and distress, also those that led to the contact, can make people act unlike "
            "themselves. It covers: distress. [clause 1¶3, may]",
        ),
        row(
            "CIT-04",
            "Unacceptable: Demands that are unreasonable, or more contacts with staff and others acting for the "
            "landlord than is reasonable. [clause 1¶4, must]",
        ),
        row(
            "CIT-05",
            "Rests on: Equality Act 2010; Human Rights Act 1998; agreements for tenancies, licences and leases. "
            "[clause 1¶5, may]",
        ),
        row(
            "CIT-05",
            "Goes with: Health and Safety Policy; anti-social behaviour policy; complaints policy; procedures under "
            "this policy; Standing Orders. We read it so: The procedures were not supplied with the policy. "
            "[clause 1¶5, 2¶3, 3.3¶1, 4¶2, may]",
        ),
        row("CIT-07", "There must be a complaint first: no. [clause 2¶2, must]"),
        row("CIT-07", "Applies: during an investigation; after it; in day to day contact. [clause 2¶2, must]"),
        row(
            "CIT-08",
            "Violence: Conduct that is violent or aggressive as the safety rules define it is no ground here. Goes "
            "to: Health and Safety Policy. We read it so: The case goes on with whatever else happened. "
            "[clause 2¶3, must]",
        ),
        row(
            "CIT-08",
            "Anti social behaviour: Conduct that the rules on anti-social behaviour deal with is no ground here. Goes "
            "to: anti-social behaviour policy. We read it so: The case goes on with whatever else happened. "
            "[clause 2¶3, must]",
        ),
        row(
            "CIT-09",
            "Impact: It gets in the way of staff doing their work, or of serving other people. [clause 2¶3, must]",
        ),
        row("CIT-10", "Protects: staff; board member; consultant; contractor; agent. [clause 2¶4, must]"),
        row(
            "CIT-11",
            "Demands: Too much in the information asked for, in the kind and extent of service wanted, or in how "
            "often one matter is raised. [clause 3.1¶1, may]",
        ),
        row("CIT-11", "A number of contacts decides by itself: no. [clause 3.1¶1, must]"),
        row(
            "CIT-11",
            "Circumstances: What counts as unreasonable always turns on the person's own circumstances and on the "
            "matter. [clause 3.1¶1, must]",
        ),
        row(
            "CIT-12",
            "Disproportionate: A customer who takes up far more resources than is proportionate may be dealt with "
            "under this policy. [clause 3.1¶2, may]",
        ),
        row(
            "CIT-20",
            "Disadvantage: Demands weigh more where they cost staff or contractors so much work that other customers "
            "lose out. [clause 3.1 end, may]",
        ),
        row(
            "CIT-26",
            "New complaints: A customer may complain, and may complain again when something further happens. "
            "[clause 3.3¶1, must]",
            cls="RULE",
        ),
        row(
            "CIT-30",
            "Partners: Contractors and others who work with or for the landlord are told about the policy. "
            "[clause 3.4 b3, must]",
            cls="OUT",
        ),
        row(
            "CIT-50",
            "Leadership: The Senior Leadership Team and the Heads of Service answer for the policy working, and for "
            "staff knowing and following it. [clause 4¶1, must]",
        ),
        row(
            "CIT-50",
            "Senior Leadership Team. Seniority, 1 being the most junior: 7 (assumed). [clause 4¶1, may]",
        ),
        row("CIT-50", "Head of Service. Seniority, 1 being the most junior: 5 (assumed). [clause 4¶1, may]"),
        row(
            "CIT-51",
            "Training: Managers see to it that their people have had the training. [clause 4¶1, must]",
            cls="OUT",
        ),
        row("CIT-52", "Changes follow: Standing Orders and the framework for policies. [clause 4¶2, must]"),
        row("CIT-53", "To be reviewed every: 3 years. [clause 5¶1, must]", cls="TIMER"),
        row(
            "CIT-53",
            "Early review: Law, service or regulation may bring the policy's review forward. [clause 5¶1, may]",
            cls="TIMER",
        ),
        row(
            "CIT-54",
            "Legal advice: Legal advice is taken, so that duties in law, regulation and contract are kept. "
            "[clause 5¶2, must]",
            cls="OUT",
        ),
        row("CIT-56", "Its effect on equality was assessed: yes. [clause 6, must]"),
        row(
            "CIT-56",
            "No discrimination: No group is put at a disadvantage, and diversity is respected. [clause 6, must]",
        ),
        row("CIT-57", "Version: 1.0. [clause 7, may]"),
        row("CIT-57", "Dated: December 2021, before its approval. [clause 7, may]"),
        row(
            "CIT-57",
            "Approved by: Customer Assurance Committee, January 2022; Board, February 2022. [clause 7, may]",
        ),
        row("CIT-57", "Owner: Director of Customer Services. [clause 7, may]"),
        row(
            "CIT-57",
            "In force from: 1 February 2022. We read it so: The text gives the month; its first day is assumed. "
            "[clause 7, may, assumed]",
        ),
        row(
            "CIT-57",
            "To be reviewed by: 28 February 2025. We read it so: The text gives the month; its last day is assumed. "
            "The policy stays in force after it. [clause 7, must]",
        ),
        row("CIT-57", "Printed copies: A printed copy is not kept up to date. [clause 7, may]"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("citizen")


@pytest.mark.clause("CIT-53", "TIMER")
@pytest.mark.clause("CIT-57", "DATA")
@pytest.mark.parametrize(("today", "past"), [(date(2025, 2, 28), False), (date(2025, 3, 1), True)])
def test_the_policys_own_review_was_due_three_years_after_its_approval(today: date, past: bool) -> None:
    said = list(lines_of(policy("citizen"), today))

    overdue = "This policy is past its review date, still in force (review was due by 28 February 2025)."
    assert (overdue in said) is past


# Whom it covers


@pytest.mark.clause("CIT-03", "RECORD")
def test_hardship_is_asked_about_and_the_answer_written_down_before_deciding() -> None:
    road = Road("citizen")
    command = road.application(road.ready(leave_out=("circumstances",)))

    unasked = road.world.rules(command, by="head_of_service")
    road.world.do(ConsiderMitigation(considered=(Mitigation.DISTRESS,), conclusion=words()))
    road.world.do(command, by="head_of_service")

    assert unasked == {"adjustments"}
    (fact,) = road.world.facts(MitigationConsidered)
    assert (fact.considered, fact.conclusion is not None) == ((Mitigation.DISTRESS,), True)


@pytest.mark.clause("CIT-07", "RULE")
def test_a_restriction_is_reached_without_any_complaint() -> None:
    road = Road("citizen")

    restriction = road.restricted()

    assert road.world.case.complaints == ()
    assert road.world.case.restrictions[0].id == restriction


@pytest.mark.clause("CIT-08", "DATA", "RULE")
@pytest.mark.parametrize("elsewhere", ["violence", "anti_social_behaviour"])
def test_what_another_policy_deals_with_is_passed_on_and_supports_nothing_here(elsewhere: str) -> None:
    road = Road("citizen").opened()
    passed_on = road.incident("too_many_contacts", refer_to=elsewhere)
    own = road.incident("too_many_contacts")

    def asking(incident: str) -> ProposeRestriction:
        return ProposeRestriction(incidents=(incident,), measures=("named_staff",), reasons=words())

    (violation,) = road.world.refused(asking(passed_on))
    road.world.do(asking(own))

    assert (violation.rule, violation.clause, violation.strength) == ("excluded_conduct", "2¶3", "must")
    assert [(f.to, f.incident) for f in road.world.facts(ReferredElsewhere)] == [(elsewhere, passed_on)]


@pytest.mark.clause("CIT-10", "DATA", "RECORD")
@pytest.mark.parametrize("towards", ["staff", "board_member", "consultant", "contractor", "agent"])
def test_everybody_who_works_for_the_landlord_is_protected_and_whom_it_hit_is_on_record(towards: str) -> None:
    road = Road("citizen").opened()

    road.incident("too_many_contacts", towards=(Party(towards),))

    assert [f.towards for f in road.world.facts(IncidentRecorded)] == [(towards,)]


@pytest.mark.clause("CIT-10", "DATA")
def test_conduct_towards_a_neighbour_is_not_for_this_policy() -> None:
    road = Road("citizen").opened()
    command = RecordIncident(
        happened_on=START, grounds=("too_many_contacts",), account=words(), towards=(Party.THIRD_PARTY,)
    )

    (violation,) = road.world.refused(command)

    assert (violation.rule, violation.clause) == ("towards_somebody_protected", "2¶4")


@pytest.mark.clause("CIT-11", "RULE")
def test_a_hundred_calls_alone_are_no_incident_and_support_no_restriction() -> None:
    road = Road("citizen").opened()
    calls = [road.contact() for _ in range(100)]
    command = ProposeRestriction(incidents=tuple(calls), measures=("named_staff",), reasons=words())

    assert road.world.case.incidents == ()
    assert road.world.rules(command) == {"unknown_incident"}


# Grounds


@pytest.mark.parametrize(
    ("ground", "category", "line"),
    [
        row(
            "CIT-13",
            "one_person_only",
            "demands",
            "Insists on one member of staff and accepts nobody else. Rests on: one incident or a pattern. "
            "[clause 3.1 b1, may]",
        ),
        row(
            "CIT-14",
            "refuses_staff",
            "demands",
            "Will not deal with certain staff, without good reason. Rests on: one incident or a pattern. "
            "[clause 3.1 b2, may]",
        ),
        row(
            "CIT-15",
            "several_at_once",
            "demands",
            "Persistently takes one matter to several members of staff or outside partners. Rests on: a pattern of "
            "incidents. [clause 3.1 b3, may]",
        ),
        row(
            "CIT-16",
            "no_time_to_resolve",
            "demands",
            "Leaves staff no time to settle the matter although told how long it takes. Rests on: one incident or a "
            "pattern. Needs: that a timescale was given. Ask: When was the customer given a clear timescale? "
            "[clause 3.1 b4, may]",
        ),
        row(
            "CIT-17",
            "too_many_contacts",
            "demands",
            "Makes far too many calls, e-mails, letters or visits. Rests on: a pattern of incidents. "
            "[clause 3.1 b5, may]",
        ),
        row(
            "CIT-18",
            "changes_the_matter",
            "demands",
            "Keeps changing what the enquiry is about. Rests on: a pattern of incidents. [clause 3.1 b6, may]",
        ),
        row(
            "CIT-19",
            "answer_too_soon",
            "demands",
            "Wants answers sooner than is reasonable. Rests on: one incident or a pattern. [clause 3.1 b7, may]",
        ),
        row(
            "CIT-22",
            "refuses_decision",
            "persistence",
            "Does not accept a decision. Rests on: one incident or a pattern. [clause 3.2 b1, may]",
        ),
        row(
            "CIT-23",
            "refuses_explanation",
            "persistence",
            "Does not accept what was explained about the limits of what is possible. Rests on: one incident or a "
            "pattern. [clause 3.2 b2, may]",
        ),
        row(
            "CIT-24",
            "refuses_own_part",
            "persistence",
            "Will not do their own part towards a solution, such as keeping a diary of events. Rests on: one incident "
            "or a pattern. [clause 3.2 b3, may]",
        ),
        row(
            "CIT-25",
            "nothing_new",
            "persistence",
            "Keeps on with a matter and brings nothing new. Rests on: a pattern of incidents. [clause 3.2 b4, may]",
        ),
        row(
            "CIT-27",
            "harassing_complaints",
            "complaints_and_reviews",
            "Complains repeatedly, so that it harasses or blocks a legitimate aim or decision. Rests on: a pattern of "
            "incidents. Needs: why the case is exceptional. Ask: What makes this case exceptional? "
            "[clause 3.3¶2, may]",
        ),
    ],
)
def test_an_incident_can_rest_on_this_ground(ground: str, category: str, line: str) -> None:
    road = Road("citizen").opened()

    road.incident(ground)

    (fact,) = road.world.facts(IncidentRecorded)
    assert (fact.grounds, fact.categories) == ((ground,), (category,))
    assert line in told("citizen")


@pytest.mark.parametrize(
    ("ground", "category", "line"),
    [
        row(
            "CIT-06",
            "changes_the_matter",
            "demands",
            "Unreasonable demands. Meaning: Asks for too much, or too often. [clause 2¶1 a, 3.1, must]",
        ),
        pytest.param(
            "nothing_new",
            "persistence",
            "Unreasonable persistence. Meaning: Goes on disagreeing and making contact about one matter, out of all "
            "proportion to it. [clause 2¶1 b, 3.2¶1, must]",
            marks=[pytest.mark.clause("CIT-06", "DATA"), pytest.mark.clause("CIT-21", "DATA")],
            id="persistence",
        ),
        row(
            "CIT-06",
            "harassing_complaints",
            "complaints_and_reviews",
            "Unreasonable use of complaints and reviews. Meaning: Does not accept an outcome and pursues the matter "
            "persistently, vexatiously or unreasonably. [clause 2¶1 c, 3.3, must]",
        ),
    ],
)
def test_each_of_the_three_ways_in_leads_to_a_restriction(ground: str, category: str, line: str) -> None:
    road = Road("citizen").opened()
    road.warned(road.incident(ground))
    road.world.wait(7)
    incident = road.incident(ground)
    road.circumstances()

    road.world.do(road.application(road.proposed(incident)), by="head_of_service")

    assert road.world.case.restrictions[0].categories == (category,)
    assert line in told("citizen")


@pytest.mark.clause("CIT-16", "DATA", "RULE")
@pytest.mark.parametrize("given_on", [None, date(2026, 3, 3)], ids=["not at all", "only afterwards"])
def test_leaving_no_time_counts_only_once_a_timescale_was_given(given_on: date | None) -> None:
    road = Road("citizen").opened()
    road.world.wait(1)
    command = RecordIncident(
        happened_on=START, grounds=("no_time_to_resolve",), account=words(), timescale_given_on=given_on
    )

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"timescale_given_on": date(2026, 2, 20)}))

    assert (violation.rule, violation.clause) == ("ground_needs_timescale_given", "3.1 b4")
    assert road.world.facts(IncidentRecorded)[0].timescale_given_on == date(2026, 2, 20)


@pytest.mark.clause("CIT-27", "DATA", "RULE")
def test_repeated_complaints_are_a_ground_only_exceptionally_and_with_the_reason() -> None:
    road = Road("citizen").opened()
    command = RecordIncident(happened_on=START, grounds=("harassing_complaints",), account=words())

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"exceptional_reason": words()}))

    assert (violation.rule, violation.clause) == ("ground_needs_exceptional_reason", "3.3¶2")
    assert road.world.facts(IncidentRecorded)[0].exceptional_reason is not None


@pytest.mark.clause("CIT-26", "RULE")
def test_complaining_again_stays_open_to_somebody_who_is_restricted_and_is_never_a_breach() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("writing_only"))

    in_the_way = in_the_way_of_a_breach(road, restriction, purpose=Purpose.NEW_COMPLAINT)
    for _ in range(2):
        road.world.do(LinkComplaint(reference=words()))

    assert in_the_way == {"some_contact_gets_through"}
    assert [c.id for c in road.world.case.complaints] == ["complaint-1", "complaint-2"]
