"""Maidstone, clauses 1, 2, 4 and 5: what the policy is for, and on which grounds it is used."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.codes import Characteristic
from domain.decisions.intake import RecordIncident, RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.support import ConsiderEqualityDuty, ConsiderMitigation
from domain.events import EqualityDutyConsidered, IncidentRecorded, RestrictionApplied
from tests.domain.saying import told
from tests.domain.world import START, Road, words


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row(
            "MAI-01",
            "Proportion: To be proportionate and fair, both in what counts as unreasonable and in what is done about "
            "it. [clause 1.1, may]",
        ),
        row(
            "MAI-01",
            "Rests on: Public Sector Equality Duty; Local Government Ombudsman's guidance note, revised 2011. "
            "[clause 1.1, 4.2, may]",
        ),
        row("MAI-01", "Goes with: Complaints Policy; policies of the departments. [clause 1.1, may]"),
        row(
            "MAI-02",
            "Channels: office visit; meeting; telephone; letter; e-mail; online form. [clause 1.2, may]",
        ),
        row(
            "MAI-02",
            "Service first: A contact is first of all dealt with under the policy of the service that it concerns. "
            "[clause 1.2, should]",
        ),
        row("MAI-03", "Applies: during an investigation; after it. [clause 1.2, may]"),
        row("MAI-04", "Unreasonable: One or two isolated incidents can be enough. [clause 2.1, may]"),
        row(
            "MAI-04",
            "Unreasonably persistent: Usually incidents that build up over a longer time. [clause 2.1, may]",
        ),
        row(
            "MAI-05",
            "Hindrance: Contact whose nature or frequency gets in the way of dealing with this or other people's "
            "matters. [clause 2.1, may]",
        ),
        row(
            "MAI-07",
            "Not exhaustive: The grounds are examples; other conduct may be a trigger too. [clause 4.1, may]",
        ),
        row(
            "MAI-21",
            "Same behaviours for staff: What is listed as a trigger is a trigger also where it harms a safe working "
            "environment. [clause 4.2, may]",
        ),
        row(
            "MAI-21",
            "Rests on: Public Sector Equality Duty; Local Government Ombudsman's guidance note, revised 2011. "
            "[clause 1.1, 4.2, may]",
        ),
        row(
            "MAI-21",
            "Equality duty: Due regard is paid to the Public Sector Equality Duty, and written down. Done before the "
            "decision. [clause 4.2, must]",
        ),
        row("MAI-22", "Improve: The aim is that the contact gets better. [clause 5.1, should]", cls="RULE"),
        row(
            "MAI-22",
            "Proportionate: What is done fits what the contact is like at present, and how often it comes. "
            "[clause 5.1, must]",
            cls="RULE",
        ),
        row("MAI-22", "Each measure fits the one customer: yes. [clause 5.1, must]", cls="RULE"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("maidstone")


@pytest.mark.clause("MAI-03", "RULE")
def test_conduct_counts_while_a_matter_is_looked_into_and_after_it_was_answered() -> None:
    road = Road("maidstone").opened()
    before = road.incident("refuses_decision", issue="issue-1")
    road.world.do(RecordIssueAnswered(issue="issue-1", next_steps=words()))
    road.world.wait(1)
    after = road.incident("refuses_decision", issue="issue-1")

    road.warned(before, after)

    assert road.world.case.warnings[0].incidents == (before, after)


@pytest.mark.clause("MAI-04", "DATA")
def test_one_isolated_incident_is_enough_to_warn() -> None:
    road = Road("maidstone").opened()

    warning = road.warned(road.incident("threats"))

    assert road.world.case.received_on(warning) == START


@pytest.mark.clause("MAI-07", "DATA")
def test_conduct_outside_the_examples_is_described_and_put_into_a_category() -> None:
    road = Road("maidstone").opened()
    bare = RecordIncident(happened_on=START, grounds=("other",), account=words())

    road.incident("other", other_ground=words(), other_category="conduct")

    assert road.world.rules(bare) == {"other_needs_words", "other_needs_a_category"}
    assert road.world.case.incidents[0].categories == ("conduct",)


@pytest.mark.parametrize(
    ("ground", "category", "line"),
    [
        row(
            "MAI-08",
            "scatter_gun",
            "demands",
            "Pursues one matter with several departments, officers or outside bodies at once. Rests on: a pattern of "
            "incidents. [clause 4.1 b1, may]",
        ),
        row(
            "MAI-09",
            "excessive_demands",
            "demands",
            "Asks too much time of staff by frequent or long calls, e-mails or letters. Rests on: a pattern of "
            "incidents. [clause 4.1 b2, may]",
        ),
        row(
            "MAI-10",
            "repeats_or_trivial_additions",
            "demands",
            "Repeats enquiries or complaints, or brings trifles late in an investigation. Rests on: a pattern of "
            "incidents. [clause 4.1 b3, may]",
        ),
        row(
            "MAI-11",
            "refuses_decision",
            "co_operation",
            "Does not accept the decision or answer. Rests on: one incident or a pattern. [clause 4.1 b4, may]",
        ),
        row(
            "MAI-12",
            "refuses_to_specify",
            "co_operation",
            "Will not say what the matter is, although help was offered. Rests on: one incident or a pattern. Needs: "
            "that support was offered. Ask: When was help with stating the matter offered? [clause 4.1 b5, may]",
        ),
        row(
            "MAI-13",
            "refuses_timescales",
            "co_operation",
            "Will not go along with how, or how quickly, the council works. Rests on: one incident or a pattern. "
            "[clause 4.1 b6, may]",
        ),
        row(
            "MAI-14",
            "covert_recording",
            "dishonesty",
            "Records meetings or conversations secretly. Rests on: one incident or a pattern. [clause 4.1 b7, may]",
        ),
        row(
            "MAI-15",
            "falsified_documents",
            "dishonesty",
            "Hands in falsified documents. Rests on: one incident or a pattern. [clause 4.1 b8, may]",
        ),
        row(
            "MAI-16",
            "offensive_remarks",
            "conduct",
            "Makes offensive remarks, above all about a protected characteristic. Rests on: one incident or a "
            "pattern. Protected characteristics: sex; sexual orientation; race; religion or belief; gender "
            "reassignment; disability; age; pregnancy and maternity; marriage and civil partnership. "
            "[clause 4.1 b9, may]",
        ),
        row(
            "MAI-17",
            "assault",
            "conduct",
            "Touches somebody against their will, or assaults them. Rests on: one incident. [clause 4.1 b10, may]",
        ),
        row(
            "MAI-18",
            "intimidation",
            "conduct",
            "Intimidates. Rests on: one incident or a pattern. [clause 4.1 b11, may]",
        ),
        row("MAI-19", "threats", "conduct", "Threatens. Rests on: one incident. [clause 4.1 b12, may]"),
        row(
            "MAI-20",
            "foul_language",
            "conduct",
            "Swears excessively or uses foul language. Rests on: one incident or a pattern. [clause 4.1 b13, may]",
        ),
    ],
)
def test_an_incident_can_rest_on_this_ground(ground: str, category: str, line: str) -> None:
    road = Road("maidstone").opened()

    road.incident(ground)

    (fact,) = road.world.facts(IncidentRecorded)
    assert (fact.grounds, fact.categories) == ((ground,), (category,))
    assert line in told("maidstone")


@pytest.mark.clause("MAI-12", "DATA", "RULE")
@pytest.mark.parametrize("offered_on", [None, date(2026, 3, 3)], ids=["not at all", "only afterwards"])
def test_not_saying_what_it_is_about_counts_only_once_help_was_offered(offered_on: date | None) -> None:
    road = Road("maidstone").opened()
    road.world.wait(1)
    command = RecordIncident(
        happened_on=START, grounds=("refuses_to_specify",), account=words(), support_offered_on=offered_on
    )

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"support_offered_on": date(2026, 2, 20)}))

    assert (violation.rule, violation.clause) == ("ground_needs_support_offered", "4.1 b5")
    assert road.world.facts(IncidentRecorded)[0].support_offered_on == date(2026, 2, 20)


@pytest.mark.clause("MAI-16", "DATA")
@pytest.mark.parametrize("characteristic", Characteristic)
def test_an_insult_about_any_protected_characteristic_is_noted(characteristic: Characteristic) -> None:
    road = Road("maidstone").opened()

    road.incident("offensive_remarks", characteristics=(characteristic,))

    assert road.world.facts(IncidentRecorded)[0].characteristics == (characteristic,)


@pytest.mark.clause("MAI-21", "RECORD")
def test_no_restriction_without_due_regard_to_the_equality_duty_on_record() -> None:
    road = Road("maidstone")
    proposal = road.ready(leave_out=("circumstances",))
    road.world.do(ConsiderMitigation(considered=("none_known",), conclusion=words()))

    (violation,) = road.world.refused(road.application(proposal), by="head_of_policy")
    road.world.do(ConsiderEqualityDuty(characteristics=(Characteristic.AGE,), conclusion=words()))
    road.world.do(road.application(proposal), by="head_of_policy")

    assert (violation.rule, violation.clause) == ("step_equality_duty", "4.2")
    (regard,) = road.world.facts(EqualityDutyConsidered)
    assert (regard.considered_on, regard.characteristics) == (date(2026, 3, 9), (Characteristic.AGE,))


@pytest.mark.clause("MAI-22", "RULE", "RECORD")
@pytest.mark.parametrize("field", ["behaviour", "proportionality"])
def test_a_restriction_says_what_the_contact_is_like_and_why_the_answer_fits_it(field: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    complete = road.application("proposal-1")

    with pytest.raises(ValidationError, match=field):
        ApplyRestriction.model_validate({k: v for k, v in complete if k != field})

    (fact,) = road.world.facts(RestrictionApplied)
    assert (fact.restriction, getattr(fact, field) is not None) == (restriction, True)


@pytest.mark.clause("MAI-22", "RULE", "RECORD")
def test_each_measure_has_its_own_reason() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_minutes"), road.measure("single_contact"))

    with pytest.raises(ValidationError, match="reason"):
        MeasureRequest.model_validate({"code": "call_minutes", "minutes": 10})

    (fact,) = road.world.facts(RestrictionApplied)
    assert [m.reason is not None for m in fact.measures] == [True, True]
