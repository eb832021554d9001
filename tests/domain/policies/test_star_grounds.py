"""STAR Housing, clauses 1 to 8 and 17 to 20: what the policy is for, whom it protects, on which grounds it is used."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Answer, Channel, Characteristic, Mitigation, Party
from domain.decisions.intake import AttachEvidence, LinkComplaint, RaiseConcern, RecordIncident
from domain.decisions.notices import InformPartner, InformStaff
from domain.decisions.proposals import ConfirmCheck, ProposeRestriction
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, OfferSupport, RequestAdjustment
from domain.events import ConcernRaised, EvidenceAttached, IncidentRecorded, MitigationConsidered
from tests.domain.saying import refusals, row, told
from tests.domain.world import START, Road, staff, words


@pytest.mark.parametrize(
    "line",
    [
        row(
            "STA-01",
            "In force from: 28 December 2025. We read it so: Only the day of approval is given, a Sunday; it is taken "
            "to hold from then. [clause Header, may, assumed]",
        ),
        row("STA-01", "Lead: Complaints Manager. [clause Header, may]"),
        row("STA-01", "Owner: Head of Corporate Services. [clause Header, may]"),
        row("STA-01", "Approved by: EMT; CSS. [clause Header, 20, may]"),
        row(
            "STA-01",
            "To be reviewed by: 31 December 2028. We read it so: A month is given; its last day is ours. "
            "[clause Header, must]",
        ),
        row(
            "STA-01",
            "Goes with: Complaint Handling Policy; Data Protection Policy; Lone Working Policy; Talent Management "
            "Policy; Complaints Procedure. [clause Header, may]",
        ),
        row(
            "STA-02",
            "Applies: during an investigation; after it; in day to day contact. [clause 1.1, 2.1, must]",
        ),
        row(
            "STA-02",
            "Persistent or vexatious: Pursuing matters so persistently or vexingly that an investigation stalls or "
            "resources suffer. [clause 1.1, may]",
        ),
        row(
            "STA-03",
            "Solutions: To solve problems and learn from complaints, by talking with the customer where it can be "
            "done. [clause 1.2, may]",
        ),
        row(
            "STA-03",
            "No limit as a rule: Normally neither the form nor the amount of contact is limited. [clause 1.2, should]",
        ),
        row(
            "STA-04",
            "Too much: How often, of what kind or in which tone: each can ask too much, or be unfair on others. "
            "[clause 1.3, may]",
        ),
        row(
            "STA-05",
            "Channels: telephone; office visit; home visit; meeting; letter; e-mail; social media; online form. "
            "[clause 1.4, must]",
        ),
        row(
            "STA-05",
            "Measured: To deal with contact that persists or vexes fairly, with respect and in measure. "
            "[clause 1.4, may]",
        ),
        row(
            "STA-06",
            "Circumstances: What lies behind the contact is looked at with sympathy, adjustments included. "
            "[clause 1.5, must]",
            cls="RECORD",
        ),
        row(
            "STA-06",
            "Mitigation: Look at what lies behind the contact, and at reasonable adjustments. "
            "[clause 1.5, 10.1c, must]",
            cls="RECORD",
        ),
        row(
            "STA-07",
            "Protection: To protect staff and services from abuse, harassment and discrimination, if need be through "
            "the courts. [clause 1.6, must]",
        ),
        row("STA-08", "There must be a complaint first: no. [clause 2.1, must]"),
        row("STA-08", "Every contact: Requests for service and complaints alike are covered. [clause 2.1, must]"),
        row(
            "STA-17",
            "Concern raised: Whoever is employed logs what happened and passes their concern up. Falls to: Employee; "
            "Customer Experience Manager; Senior Manager; Head of Service; Senior Management Team member; Managing "
            "Director. [clause 4.1, must]",
            cls="RULE",
        ),
        row("STA-17", "Incidents: Every incident, by whoever met it. [clause 4.1, must]", cls="RECORD"),
        row(
            "STA-17",
            "Employees: Everyone employed logs incidents and passes concerns up. [clause 4.1, must]",
            cls="RULE",
        ),
        row(
            "STA-18",
            "Proposal review: A head of service or senior manager tests every proposal for need and measure. "
            "[clause 4.2, must]",
        ),
        row(
            "STA-19",
            "Authority: The Managing Director, or a member of senior management given the task, approves and signs. "
            "[clause 4.3, must]",
        ),
        row(
            "STA-20",
            "Customer Experience Manager. Seniority, 1 being the most junior: 4 (assumed). [clause 4.4, must]",
        ),
        row(
            "STA-20",
            "Oversight: The Customer Experience Manager watches alerts, breaches and review dates. [clause 4.4, must]",
        ),
        row(
            "STA-22",
            "No violence: Distress is understood; violence, abuse and threats are not put up with. [clause 6.1, must]",
        ),
        row(
            "STA-30",
            "Conversation ended: Staff may break off a call or meeting. It is about: end interaction. Because of: "
            "abuse; threat. [clause 6.3, may]",
        ),
        row(
            "STA-30",
            "Threat passed on: The police may be told, and a claim brought where it is warranted. It is about: police; "
            "legal action. [clause 6.3, may]",
        ),
        row(
            "STA-73",
            "Equality: Nobody is discriminated against under this policy. [clause 17.1, must]",
            cls="RULE",
        ),
        row(
            "STA-74",
            "Lawful: Personal data is collected lawfully, sparingly and only as needed, and kept securely. "
            "[clause 18.1, must]",
            cls="RULE",
        ),
        row("STA-74", "Need to know: Only people with a need see it. [clause 18.1, must]", cls="RULE"),
        row("STA-74", "Rests on: Data Protection Act 2018; UK GDPR. [clause 18.1, must]", cls="RULE"),
        row("STA-76", "Version: 3. [clause Header, 20, may]"),
        row("STA-76", "Dated: December 2025. [clause 20, may]"),
        row(
            "STA-76",
            "Replaces: version 2 of 22 January 2019, whose approver was left open. [clause Header, 20, may]",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("star")


@pytest.mark.clause("STA-01", "DATA")
def test_the_policy_is_due_for_review_by_the_end_of_2028() -> None:
    warning = "This policy is past its review date, still in force (review was due by 31 December 2028)."

    assert warning not in told("star", date(2028, 12, 31))
    assert warning in told("star", date(2029, 1, 1))


@pytest.mark.clause("STA-07", "DATA")
def test_conduct_towards_staff_is_covered_and_a_quarrel_with_somebody_else_is_not() -> None:
    road = Road("star").opened()
    elsewhere = RecordIncident(happened_on=START, grounds=("shouting",), account=words(), towards=(Party.CONTRACTOR,))
    assert refusals(road, elsewhere) == {"towards_somebody_protected": "1.6, 3.4"}

    road.incident("shouting", towards=(Party.STAFF,))

    assert road.world.facts(IncidentRecorded)[-1].towards == (Party.STAFF,)


@pytest.mark.clause("STA-08", "RULE")
def test_a_request_for_service_comes_under_it_as_well_as_a_complaint() -> None:
    road = Road("star").opened()

    road.incident("excessive_demands")
    road.world.do(LinkComplaint(reference=words()))
    road.incident("excessive_demands", complaint="complaint-1")

    assert [i.complaint for i in road.world.case.incidents] == [None, "complaint-1"]


# principles of a decision


@pytest.mark.clause("STA-09", "RULE")
def test_each_person_is_decided_on_alone() -> None:
    road = Road("star").opened()
    neighbour = road.incident("shouting", conduct_of="person-2")
    proposal = ProposeRestriction(incidents=(neighbour,), measures=("single_contact",), reasons=words())
    assert road.world.rules(proposal, by="head_of_service") == {"one_person_one_decision"}

    own = road.incident("shouting")

    road.world.do(proposal.model_copy(update={"incidents": (own,)}), by="head_of_service")
    lines = told("star")
    assert "Individual: Each person is decided on alone. [clause 2.2a, must]" in lines
    assert "Each measure fits the one customer: yes. [clause 2.2a, must]" in lines


@pytest.mark.clause("STA-10", "RULE", "RECORD")
def test_without_evidence_on_record_nothing_is_decided() -> None:
    road = Road("star").opened()
    road.warned()
    road.world.wait(7)
    incident = road.incident(with_evidence=False)
    road.circumstances()
    proposal = road.proposed(incident)
    road.confirmed(proposal)
    assert refusals(road, road.application(proposal), by="managing_director") == {"evidence": "2.2b"}

    road.world.do(AttachEvidence(of=incident, kind="call_recording", description=words()))
    road.world.do(road.application(proposal), by="managing_director")

    assert road.world.facts(EvidenceAttached)[-1].of == incident
    assert "Evidence: A decision rests on evidence and goes no further than that carries. [clause 2.2b, must]" in told(
        "star"
    )


@pytest.mark.clause("STA-06", "RECORD")
def test_what_lies_behind_the_contact_is_looked_at_before_deciding() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["circumstances"])
    answered = ConfirmCheck(proposal=proposal, check="circumstances", answer=Answer.YES)
    road.world.do(answered, by="senior_manager")
    assert road.world.rules(road.application(proposal), by="managing_director") == {"adjustments"}

    road.world.do(ConsiderMitigation(considered=(Mitigation.BEREAVEMENT,), conclusion=words()))
    road.world.do(road.application(proposal), by="managing_director")

    assert road.world.facts(MitigationConsidered)[-1].considered == (Mitigation.BEREAVEMENT,)


@pytest.mark.clause("STA-73", "RULE")
def test_adjustments_are_thought_about_throughout_also_before_a_term_is_made_longer() -> None:
    road = Road("star")
    restriction = road.restricted()
    road.world.today = date(2026, 9, 1)
    longer = road.extension(restriction, date(2026, 12, 9))
    road.world.do(RequestAdjustment(kind="translation", needs=words()))
    assert road.world.rules(longer, by="managing_director") == {"adjustments"}

    refused = DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words())
    road.world.do(refused)

    road.world.do(longer, by="managing_director")


@pytest.mark.clause("STA-74", "RULE")
def test_only_those_whom_the_policy_names_are_told_and_no_rule_looks_at_personal_words() -> None:
    road = Road("star")
    restriction = road.restricted()

    anybody = InformStaff(restriction=restriction, audience="everybody")
    assert road.world.rules(anybody) == {"unknown_audience"}
    shop = InformPartner(restriction=restriction, audience="partners", partner="corner_shop", basis=words())
    assert refusals(road, shop) == {"unknown_partner": "11.4"}
    with pytest.raises(TypeError, match="personal value"):
        str(words("Mrs Example shouts"))


# who does what


@pytest.mark.clause("STA-17", "RULE", "RECORD")
@pytest.mark.parametrize(
    "role",
    [
        "staff",
        "customer_experience_manager",
        "senior_manager",
        "head_of_service",
        "senior_management",
        "managing_director",
    ],
)
def test_everyone_employed_logs_what_happened_and_passes_it_up(role: str) -> None:
    road = Road("star").opened()
    incident = RecordIncident(happened_on=START, grounds=("shouting",), account=words())

    road.world.do(incident, by=role)
    road.world.do(RaiseConcern(summary=words(), incidents=("incident-1",), to="senior_manager"), by=role)

    (logged,) = road.world.case.incidents
    assert (logged.recorded_by, logged.recorded_on) == (staff(role), START)
    (raised,) = road.world.facts(ConcernRaised)
    assert (raised.to, raised.incidents) == ("senior_manager", ("incident-1",))
    assert road.world.rules(incident, by="staff-nobody") == {"post_held"}


@pytest.mark.clause("STA-18", "RULE", "DATA", "RECORD")
@pytest.mark.parametrize("role", ["head_of_service", "senior_manager"])
def test_a_head_of_service_or_senior_manager_tests_a_proposal_for_need_and_measure(role: str) -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["justified_and_proportionate"])
    assert refusals(road, road.application(proposal), by="managing_director") == {
        "check_justified_and_proportionate": "4.2"
    }
    check = ConfirmCheck(proposal=proposal, check="justified_and_proportionate", answer=Answer.YES)
    assert refusals(road, check, by="customer_experience_manager") == {"post_held": "4.2"}

    road.world.do(check, by=role)
    road.world.do(road.application(proposal), by="managing_director")

    confirmed = road.world.case.proposals[-1].checks["justified_and_proportionate"]
    assert (confirmed.answer, confirmed.by, confirmed.on) == (Answer.YES, staff(role), road.world.today)
    assert (
        "Justified and proportionate: Is what is proposed justified, and in proportion? By: Head of Service; Senior "
        "Manager. [clause 4.2, must]" in told("star")
    )


@pytest.mark.clause("STA-18", "RULE")
def test_a_proposal_found_out_of_measure_goes_no_further() -> None:
    road = Road("star")
    proposal = road.ready(leave_out=["justified_and_proportionate"])
    no = ConfirmCheck(proposal=proposal, check="justified_and_proportionate", answer=Answer.NO, reason=words())

    road.world.do(no, by="senior_manager")

    assert refusals(road, road.application(proposal), by="managing_director") == {
        "check_justified_and_proportionate": "4.2"
    }


# grounds


@pytest.mark.parametrize(
    ("ground", "category", "clause", "line"),
    [
        row(
            "STA-13",
            "excessive_demands",
            "demands",
            "3.1",
            "Asks so much that services suffer or others are worse off. Rests on: one incident or a pattern. Ask: "
            "Describe the demand and its effect; the policy gives no examples. [clause 3.1, may]",
        ),
        row(
            "STA-14",
            "persistent_or_vexatious",
            "persistence",
            "3.2",
            "Makes contact so often, or of such a kind, that nobody's matter moves on. Rests on: a pattern of "
            "incidents. Ask: Describe the contact and what it held up; the policy gives no examples. [clause 3.2, may]",
        ),
        row(
            "STA-23", "shouting", "aggression", "6.2", "Shouts. Rests on: one incident or a pattern. [clause 6.2, may]"
        ),
        row(
            "STA-24", "swearing", "aggression", "6.2", "Swears. Rests on: one incident or a pattern. [clause 6.2, may]"
        ),
        row(
            "STA-25",
            "threatening_language",
            "aggression",
            "6.2",
            "Uses threatening words. Rests on: one incident. [clause 6.2, may]",
        ),
        row(
            "STA-26",
            "offensive_remarks",
            "aggression",
            "6.2",
            "Insults or belittles. Rests on: one incident or a pattern. [clause 6.2, may]",
        ),
        row(
            "STA-27",
            "discriminatory_language",
            "aggression",
            "6.2",
            "Speaks or writes with prejudice. Rests on: one incident or a pattern. Protected characteristics: age; "
            "disability; gender reassignment; marriage and civil partnership; pregnancy and maternity; race; religion "
            "or belief; sex; sexual orientation. [clause 6.2, may]",
        ),
        row(
            "STA-28",
            "inflammatory_statements",
            "aggression",
            "6.2",
            "Makes remarks meant to inflame. Rests on: one incident or a pattern. [clause 6.2, may]",
        ),
        row(
            "STA-29",
            "baseless_allegations",
            "aggression",
            "6.2",
            "Accuses people of crime or corruption without support. Rests on: one incident or a pattern. Waits for "
            "any allegation that it may be about. Ask: What was shown in support, and who looked at it independently? "
            "[clause 6.2, may]",
        ),
        row(
            "STA-32",
            "publishing_recordings",
            "harassment",
            "7.2",
            "Records calls or meetings and puts them online. Rests on: one incident or a pattern. [clause 7.2, may]",
        ),
        row(
            "STA-33",
            "private_contact",
            "harassment",
            "7.2",
            "Reaches staff by private profile or number. Rests on: one incident or a pattern. [clause 7.2, may]",
        ),
        row(
            "STA-34",
            "publishing_private_facts",
            "harassment",
            "7.2",
            "Makes personal or sensitive facts public. Rests on: one incident or a pattern. [clause 7.2, may]",
        ),
        row(
            "STA-35",
            "intimidation",
            "harassment",
            "7.2",
            "Frightens or offends staff. Rests on: one incident or a pattern. [clause 7.2, may]",
        ),
        row(
            "STA-37",
            "refuses_to_co_operate",
            "co_operation",
            "8.2",
            "Goes on refusing to co-operate. Rests on: a pattern of incidents. Needs: that support was offered. Ask: "
            "Which help with a real difficulty was offered, and when? [clause 8.2, may]",
        ),
    ],
)
def test_an_incident_can_rest_on_this_ground(ground: str, category: str, clause: str, line: str) -> None:
    road = Road("star").opened()

    road.incident(ground)

    assert road.world.case.incidents[-1].categories == (category,)
    (recorded,) = [e for e in road.world.history if isinstance(e.fact, IncidentRecorded)]
    assert recorded.clauses == (clause,)
    assert line in told("star")


@pytest.mark.parametrize(
    ("category", "line"),
    [
        row(
            "STA-13",
            "demands",
            "Unreasonable or excessive demands. Meaning: Contact that weighs heavily on services or leaves other "
            "customers worse off. [clause 3.1, may]",
        ),
        row(
            "STA-14",
            "persistence",
            "Unreasonable persistence or vexation. Meaning: Contact whose kind or frequency gets in the way of dealing "
            "with anybody's matter. [clause 3.2, may]",
        ),
        row(
            "STA-15",
            "aggression",
            "Aggression or abuse. Meaning: Speech, writing or deeds after which staff feel afraid, insulted or abused, "
            "prejudice included. [clause 3.3, may]",
        ),
        row(
            "STA-16",
            "harassment",
            "Harassment. Meaning: Conduct aimed at an employee in person or meant to frighten, online and by private "
            "channels too. [clause 3.4, may]",
        ),
        row(
            "STA-36",
            "co_operation",
            "Refusing to co-operate. Meaning: Asked what the matter is, for proof, facts or a summary, the customer "
            "gives none. [clause 8.1, may]",
        ),
    ],
)
def test_conduct_that_is_no_example_can_belong_to_the_category(category: str, line: str) -> None:
    road = Road("star").opened()

    road.incident("other", other_ground=words(), other_category=category)

    assert road.world.case.incidents[-1].categories == (category,)
    assert line in told("star")


def test_a_category_that_the_policy_does_not_have_is_refused() -> None:
    road = Road("star").opened()
    rude = RecordIncident(
        happened_on=START, grounds=("other",), account=words(), other_ground=words(), other_category="rudeness"
    )

    assert road.world.rules(rude) == {"other_needs_a_category"}


@pytest.mark.clause("STA-05", "DATA")
@pytest.mark.parametrize("channel", [Channel.MEETING, Channel.EMAIL, Channel.SOCIAL_MEDIA, Channel.ONLINE_FORM])
def test_conduct_through_any_channel_can_be_an_incident(channel: Channel) -> None:
    road = Road("star").opened()

    incident = road.incident("swearing", contact=road.contact(channel=channel))

    assert road.world.case.incident(incident) is not None


@pytest.mark.clause("STA-27", "DATA")
@pytest.mark.parametrize("characteristic", list(Characteristic))
def test_prejudice_of_any_kind_counts(characteristic: Characteristic) -> None:
    road = Road("star").opened()

    road.incident("discriminatory_language", characteristics=(characteristic,))

    assert road.world.facts(IncidentRecorded)[-1].characteristics == (characteristic,)


@pytest.mark.clause("STA-37", "RULE", "DATA")
def test_refusing_to_co_operate_counts_only_after_help_was_offered() -> None:
    road = Road("star").opened()
    without = RecordIncident(happened_on=START, grounds=("refuses_to_co_operate",), account=words())
    assert refusals(road, without) == {"ground_needs_support_offered": "8.2"}

    road.world.do(OfferSupport(kind="easy_read_letters", detail=words()))
    road.world.do(without.model_copy(update={"support_offered_on": START}))

    assert road.world.case.was_taken("support", START)
    assert (
        "Support: Help a customer with a real difficulty, also by communicating in another way. [clause 8.2, must]"
        in told("star")
    )
