"""Derby Homes, clauses 1 to 3: what the policy is for, whom it protects, and on which grounds it is used."""

from __future__ import annotations

import pytest

from domain.codes import Mitigation, Party
from domain.decisions.intake import LinkComplaint, RecordIncident
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.support import ConsiderMitigation
from domain.events import IncidentRecorded, MitigationConsidered, RestrictionApplied
from tests.domain.saying import told
from tests.domain.world import START, Road, words


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row(
            "DER-01",
            "Limit the harm: Where complaining turns into vexatious or persistent abuse of the process, to limit what "
            "it costs the landlord and its services. [clause Purpose¶1, must]",
        ),
        row(
            "DER-02",
            "Handle such contact: To guide staff through contact that abuses, overwhelms or frightens them, takes up "
            "too much time, or is unreasonable in another way. [clause Purpose¶2, 1¶1, must]",
        ),
        row(
            "DER-02",
            "Circumstances looked at: What may have led to the contact and the behaviour is looked at, and written "
            "down. [clause 1¶2, must]",
        ),
        row(
            "DER-03",
            "In force from: 1 November 2020. We read it so: The text gives the month; its first day is assumed. The "
            "boxes for version, revision, equality assessment and next review are empty. "
            "[clause Doc control, may, assumed]",
        ),
        row(
            "DER-04",
            "Consistent: Staff are supported, and matters go on being dealt with evenly, fairly and sensibly. "
            "[clause 1¶3, should]",
            cls="OUT",
        ),
        row(
            "DER-05",
            "Unreasonable: Contact that is abusive, excessive, persistent or intimidating and costs more time than "
            "can be justified, or other unreasonable behaviour. [clause 2¶1, must]",
        ),
        row(
            "DER-06",
            "Abusive: Meant to harass employees, abuse them verbally or intimidate them in some other way. "
            "[clause 2¶2, must]",
        ),
        row(
            "DER-06",
            "Abusive contact. Meaning: Harasses employees, abuses them verbally or intimidates them in some other "
            "way. [clause 2¶2, must]",
        ),
        row("DER-06", "Protects: staff. [clause 2¶2, must]"),
        row(
            "DER-07",
            "Excessive: Too many contacts while a matter is dealt with, or demands on people and their time that are "
            "not reasonable; how many is too many is judged case by case. [clause 2¶3, must]",
        ),
        row(
            "DER-07",
            "Excessive contact. Meaning: Too many contacts, or unreasonable demands on people and their time. "
            "[clause 2¶3, must]",
        ),
        row("DER-07", "A number of contacts decides by itself: no. [clause 2¶3, must]"),
        row(
            "DER-07",
            "Channels: office visit; home visit; meeting; telephone; letter; e-mail; social media. We read it so: "
            "Social media is no channel in the definition, but it is in the grounds and in the measures. "
            "[clause 2¶3, 3 b4, may]",
        ),
        row(
            "DER-08",
            "Intimidating: Using fear to push somebody into an action or away from it. [clause 2¶4, must]",
        ),
        row(
            "DER-08",
            "Intimidating contact. Meaning: Uses fear to push somebody into an action or away from it. "
            "[clause 2¶4, must]",
        ),
        row("DER-09", "There must be a complaint first: no. [clause 2¶5, must]"),
        row(
            "DER-10",
            "Grounds not exhaustive: The grounds are examples; other conduct may count too. [clause 3 intro, may]",
            cls="RULE",
        ),
        row(
            "DER-29",
            "Mitigation: Upset, anger and stress may explain abusive behaviour; wanting to help is weighed against "
            "what can reasonably be done. It covers: distress. [clause 4¶1, must]",
            cls="RECORD",
        ),
        row("DER-30", "Few cases: Only a handful of cases get this far. [clause 4¶2, may]", cls="RECORD"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("derby")


@pytest.mark.clause("DER-06", "DATA")
@pytest.mark.parametrize("towards", [Party.CONTRACTOR, Party.BOARD_MEMBER, Party.THIRD_PARTY])
def test_the_policy_protects_employees_and_nobody_else(towards: Party) -> None:
    road = Road("derby").opened()
    command = RecordIncident(happened_on=START, grounds=("foul_language",), account=words(), towards=(towards,))

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"towards": (towards, Party.STAFF)}))

    assert (violation.rule, violation.clause) == ("towards_somebody_protected", "2¶2")
    assert road.world.facts(IncidentRecorded)[0].towards == (towards, Party.STAFF)


@pytest.mark.clause("DER-07", "RULE")
def test_a_hundred_calls_alone_are_no_incident_and_support_no_restriction() -> None:
    road = Road("derby").opened()
    calls = [road.contact() for _ in range(100)]
    command = ProposeRestriction(incidents=tuple(calls), measures=("single_contact",), reasons=words())

    assert road.world.case.incidents == ()
    assert road.world.rules(command, by="service_manager") == {"unknown_incident"}


@pytest.mark.clause("DER-09", "RULE")
def test_a_restriction_is_reached_without_any_complaint() -> None:
    road = Road("derby")

    restriction = road.restricted()

    assert road.world.case.complaints == ()
    assert road.world.case.restrictions[0].id == restriction


@pytest.mark.clause("DER-10", "RULE")
def test_one_ground_alone_needs_a_reason_of_its_own() -> None:
    road = Road("derby")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command.model_copy(update={"single_ground_reason": None}), by="head_of_service")
    road.world.do(command, by="head_of_service")

    assert (violation.rule, violation.clause) == ("decision_says_single_ground_reason", "3 intro")
    assert road.world.facts(RestrictionApplied)[0].single_ground_reason is not None


@pytest.mark.clause("DER-10", "RULE")
def test_two_grounds_together_need_no_such_reason() -> None:
    road = Road("derby").opened()
    road.warned()
    road.world.wait(7)
    incident = road.incident("foul_language", "scatter_gun")
    road.circumstances()
    command = road.application(road.proposed(incident), single_ground_reason=None)

    road.world.do(command, by="head_of_service")

    assert road.world.facts(RestrictionApplied)[0].grounds == ("foul_language", "scatter_gun")


@pytest.mark.clause("DER-10", "RULE")
def test_conduct_outside_the_examples_is_described_and_put_into_a_category() -> None:
    road = Road("derby").opened()
    bare = RecordIncident(happened_on=START, grounds=("other",), account=words())

    road.incident("other", other_ground=words(), other_category="intimidating")

    assert road.world.rules(bare) == {"other_needs_words", "other_needs_a_category"}
    assert road.world.case.incidents[0].categories == ("intimidating",)


@pytest.mark.clause("DER-08", "DATA")
def test_contact_that_frightens_is_like_contact_that_frightened_before() -> None:
    road = Road("derby").opened()
    road.warned(road.incident("other", other_ground=words(), other_category="intimidating"))
    road.world.wait(7)
    incident = road.incident("other", other_ground=words(), other_category="intimidating")
    road.circumstances()

    road.world.do(road.application(road.proposed(incident)), by="head_of_service")

    assert road.world.case.restrictions[0].categories == ("intimidating",)


@pytest.mark.parametrize(
    ("ground", "category", "line"),
    [
        row(
            "DER-11",
            "foul_language",
            "abusive",
            "Threatens, offends or swears repeatedly, by telephone or in person. Rests on: a pattern of incidents. "
            "[clause 3 b1, may]",
        ),
        row(
            "DER-12",
            "emails",
            "abusive",
            "Sends several threatening or offensive e-mails, or far too many. Rests on: a pattern of incidents. "
            "[clause 3 b2, may]",
        ),
        row(
            "DER-13",
            "voicemails",
            "abusive",
            "Leaves several voicemails that threaten or offend. Rests on: a pattern of incidents. [clause 3 b3, may]",
        ),
        row(
            "DER-14",
            "social_media",
            "abusive",
            "Posts offence or threats on social media. Rests on: one incident or a pattern. [clause 3 b4, may]",
        ),
        row(
            "DER-15",
            "only_to_annoy",
            "persistent",
            "Keeps making contact with little or no cause, merely to annoy. Rests on: a pattern of incidents. "
            "[clause 3 b5, may]",
        ),
        row(
            "DER-16",
            "after_decision",
            "excessive",
            "Takes up too many resources once a decision was properly taken. Rests on: a pattern of incidents. "
            "[clause 3 b6, may]",
        ),
        row(
            "DER-17",
            "beyond_our_power",
            "persistent",
            "Does not accept that a matter is outside the landlord's power or influence. Rests on: one incident or a "
            "pattern. [clause 3 b7, may]",
        ),
        row(
            "DER-18",
            "covert_recording",
            "otherwise_unreasonable",
            "Records a meeting or conversation when the others neither knew nor agreed. Rests on: one incident or a "
            "pattern. [clause 3 b8, may]",
        ),
        row(
            "DER-19",
            "scatter_gun",
            "excessive",
            "Pursues one matter again and again by several routes at once. Rests on: a pattern of incidents. "
            "[clause 3 b9, may]",
        ),
        row(
            "DER-20",
            "long_past",
            "persistent",
            "Persistently challenges something long past or beyond recall. Rests on: a pattern of incidents. "
            "[clause 3 b10, may]",
        ),
        row(
            "DER-21",
            "against_officers",
            "otherwise_unreasonable",
            "Keeps attacking the officers in charge without cause, to have them removed from the matter or from their "
            "posts. Rests on: a pattern of incidents. [clause 3 b11, may]",
        ),
    ],
)
def test_an_incident_can_rest_on_this_ground(ground: str, category: str, line: str) -> None:
    road = Road("derby").opened()

    road.incident(ground)

    (fact,) = road.world.facts(IncidentRecorded)
    assert (fact.grounds, fact.categories, fact.complaint) == ((ground,), (category,), None)
    assert line in told("derby")


@pytest.mark.clause("DER-22", "RULE")
@pytest.mark.parametrize(
    ("ground", "clause", "line"),
    [
        row(
            "DER-23",
            "same_complaint_again",
            "3 c1",
            "Brings a concluded complaint again with small differences, as if it were new. Rests on: a pattern of "
            "incidents. Needs: a complaint. Ask: Which complaint, and when was its procedure concluded? "
            "[clause 3 c1, may]",
        ),
        row(
            "DER-24",
            "will_not_engage",
            "3 c2",
            "Reports or complains, then will not help to settle it. Rests on: one incident or a pattern. Needs: a "
            "complaint. [clause 3 c2, may]",
        ),
        row(
            "DER-25",
            "denies_own_statements",
            "3 c3",
            "Denies what they themselves said earlier in the complaint. Rests on: one incident or a pattern. Needs: a "
            "complaint. [clause 3 c3, may]",
        ),
        row(
            "DER-26",
            "refuses_outcome",
            "3 c4",
            "Does not accept a concluded complaint's outcome and goes on arguing, or denies having had a proper "
            "answer. Rests on: a pattern of incidents. Needs: a complaint. Ask: Which complaint, and when was its "
            "procedure concluded? [clause 3 c4, may]",
        ),
        row(
            "DER-27",
            "trivial_additions",
            "3 c5",
            "Brings trifles or side matters into a running investigation and wants answers to them. Rests on: one "
            "incident or a pattern. Needs: a complaint. [clause 3 c5, may]",
        ),
        row(
            "DER-28",
            "widens_complaint",
            "3 c6",
            "Adds lesser or new matters to a running complaint that it did not start with. Rests on: one incident or "
            "a pattern. Needs: a complaint. [clause 3 c6, may]",
        ),
    ],
)
def test_this_ground_is_only_for_somebody_with_a_formal_complaint(ground: str, clause: str, line: str) -> None:
    road = Road("derby").opened()
    command = RecordIncident(happened_on=START, grounds=(ground,), account=words())

    (violation,) = road.world.refused(command)
    road.world.do(LinkComplaint(reference=words()))
    road.world.do(command.model_copy(update={"complaint": "complaint-1"}))

    assert (violation.rule, violation.clause) == ("ground_needs_complaint", clause)
    (fact,) = road.world.facts(IncidentRecorded)
    assert (fact.categories, fact.complaint) == (("complaint_conduct",), "complaint-1")
    assert line in told("derby")


@pytest.mark.clause("DER-02", "RECORD")
@pytest.mark.clause("DER-29", "RECORD")
def test_what_lies_behind_the_conduct_is_looked_at_and_written_down_before_deciding() -> None:
    road = Road("derby")
    command = road.application(road.ready(leave_out=("circumstances",)))

    (violation,) = road.world.refused(command, by="head_of_service")
    road.world.do(ConsiderMitigation(considered=(Mitigation.DISTRESS,), conclusion=words()))
    road.world.do(command, by="head_of_service")

    assert (violation.rule, violation.clause) == ("adjustments", "baseline 7")
    (fact,) = road.world.facts(MitigationConsidered)
    assert (fact.considered, fact.conclusion is not None) == ((Mitigation.DISTRESS,), True)


@pytest.mark.clause("DER-30", "RULE", "RECORD")
def test_the_decision_says_which_allowances_were_made_for_the_cause() -> None:
    road = Road("derby")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command.model_copy(update={"allowances": None}), by="head_of_service")
    road.world.do(command, by="head_of_service")

    assert (violation.rule, violation.clause) == ("decision_says_allowances", "4¶2")
    assert road.world.facts(RestrictionApplied)[0].allowances is not None
