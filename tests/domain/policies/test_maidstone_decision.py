"""Maidstone, clauses 6 and 9: who asks and decides, what is checked and told, and how long a restriction lasts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Answer, NoticeKind
from domain.decisions.intake import RaiseConcern
from domain.decisions.notices import InformStaff, SendNotice
from domain.decisions.proposals import ConfirmCheck, ProposeRestriction
from domain.events import (
    CheckConfirmed,
    ConcernRaised,
    NoticeSent,
    RestrictionApplied,
    RestrictionExtended,
    StaffInformed,
)
from tests.domain.saying import told
from tests.domain.world import START, Road, override, staff, words

DECIDED = date(2026, 3, 9)
DECIDER = "head_of_policy"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row("MAI-29", "Decided by: Head of Policy, Communications and Governance. [clause 6.1, must]"),
        row("MAI-30", "Proposed by: Manager; Head of Service. [clause 6.1, must]"),
        row("MAI-30", "Only for their own area: Manager; Head of Service. [clause 6.1, must]"),
        row(
            "MAI-31",
            "Concern raised: A member of staff who finds contact unreasonable tells their manager. Falls to: Member "
            "of staff; Manager; Head of Service. [clause 6.1, should]",
            cls="RECORD",
        ),
        row(
            "MAI-32",
            "Serious: Applying the policy weighs heavily on a person and is never done lightly. [clause 6.2, should]",
            cls="OUT",
        ),
        row(
            "MAI-38",
            "Decision. Sent by: Head of Policy, Communications and Governance. Signed by: Head of Policy, "
            "Communications and Governance. [clause 6.3, must]",
            cls="NOTIFY",
        ),
        row("MAI-40", "First term: 3 months. [clause 6.4, must]"),
        row("MAI-40", "The first term is exactly that: yes. [clause 6.4, must]"),
        row(
            "MAI-55",
            "Managers of the teams that this customer may deal with. Roles: Manager. [clause 9.1, must]",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("maidstone")


# Who asks, who decides


@pytest.mark.clause("MAI-29", "DATA", "RULE")
@pytest.mark.parametrize("role", ["manager", "head_of_service", "director_of_finance", "policy_and_information"])
def test_nobody_but_the_one_head_decides(role: str) -> None:
    road = Road("maidstone")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command, by=role)
    road.world.do(command, by="head_of_policy")

    assert (violation.rule, violation.clause) == ("post_held", "6.1")
    assert road.world.case.restrictions[0].decided_by == staff("head_of_policy")


@pytest.mark.clause("MAI-30", "DATA", "RULE")
def test_managers_and_heads_of_service_ask_and_other_staff_do_not() -> None:
    road = Road("maidstone").opened()
    incident = road.incident()

    for role in ("manager", "head_of_service"):
        road.proposed(incident, by=role)

    command = ProposeRestriction(incidents=(incident,), measures=("single_contact",), reasons=words())
    for role in ("staff", "policy_and_information", "head_of_policy"):
        assert road.world.rules(command, by=role) == {"post_held"}
    assert [p.proposed_by for p in road.world.case.proposals] == [staff("manager"), staff("head_of_service")]


@pytest.mark.clause("MAI-30", "DATA", "RULE")
@pytest.mark.parametrize("role", ["manager", "head_of_service"])
def test_whoever_has_an_area_asks_for_that_area_only(role: str) -> None:
    road = Road("maidstone").opened()
    incident = road.incident()
    road.world.appoint(staff("of-waste"), role, area="waste")
    elsewhere = ProposeRestriction(
        incidents=(incident,), measures=("single_contact",), reasons=words(), area="planning"
    )

    (violation,) = road.world.refused(elsewhere, by="staff-of-waste")
    road.world.do(elsewhere.model_copy(update={"area": "waste"}), by="staff-of-waste")

    assert (violation.rule, violation.clause) == ("own_area", "6.1")
    assert road.world.case.proposals[0].area == "waste"


@pytest.mark.clause("MAI-31", "RECORD")
def test_a_member_of_staff_tells_the_manager_and_it_is_on_record() -> None:
    road = Road("maidstone").opened()
    incident = road.incident()

    road.world.do(RaiseConcern(summary=words(), incidents=(incident,), to="manager"), by="staff")

    (concern,) = road.world.facts(ConcernRaised)
    assert (concern.to, concern.incidents) == ("manager", (incident,))


# What is checked first


@pytest.mark.parametrize(
    ("check", "clause"),
    [
        row("MAI-33", "investigated", "6.2(a)", cls="RULE"),
        row("MAI-34", "communication_adequate", "6.2(b)", cls="RULE"),
        row("MAI-35", "nothing_new", "6.2(c)", cls="RULE"),
        row("MAI-36", "evidence", "6.2(d)", cls="RULE"),
    ],
)
def test_a_check_stands_in_the_way_until_the_decider_answers_it_yes(check: str, clause: str) -> None:
    road = Road("maidstone")
    proposal = road.ready(leave_out=(check,))
    command = road.application(proposal)
    no = ConfirmCheck(proposal=proposal, check=check, answer=Answer.NO, reason=words())
    yes = ConfirmCheck(proposal=proposal, check=check, answer=Answer.YES)

    unanswered = road.world.refused(command, by=DECIDER)
    elsewhere = road.world.refused(yes, by="manager")
    road.world.do(no, by=DECIDER)
    denied = road.world.refused(command, by=DECIDER)
    road.world.do(yes, by=DECIDER)
    road.world.do(command, by=DECIDER)

    for refused in (unanswered, denied):
        assert [(v.rule, v.clause) for v in refused] == [(f"check_{check}", clause)]
    assert [(v.rule, v.clause) for v in elsewhere] == [("post_held", clause)]
    assert len(road.world.case.restrictions) == 1


@pytest.mark.clause("MAI-33", "RULE")
def test_only_the_check_on_investigating_can_be_found_not_to_apply_and_only_with_a_reason() -> None:
    road = Road("maidstone")
    proposal = road.ready(leave_out=("investigated", "nothing_new"))

    def not_applicable(check: str, **reason: Any) -> ConfirmCheck:
        return ConfirmCheck(proposal=proposal, check=check, answer=Answer.NOT_APPLICABLE, **reason)

    bare = road.world.rules(not_applicable("investigated"), by=DECIDER)
    always = road.world.rules(not_applicable("nothing_new", reason=words()), by=DECIDER)
    road.world.do(not_applicable("investigated", reason=words()), by=DECIDER)

    assert (bare, always) == ({"reason_needed"}, {"check_always_applies"})
    assert road.world.rules(road.application(proposal), by=DECIDER) == {"check_nothing_new"}


@pytest.mark.clause("MAI-36", "RULE", "RECORD")
def test_a_decision_needs_evidence_and_the_check_links_it() -> None:
    road = Road("maidstone").opened()
    road.warned(road.incident(with_evidence=False))
    road.world.wait(7)
    incident = road.incident(with_evidence=False)
    road.circumstances()
    bare = road.proposed(incident)
    road.confirmed(bare)
    refused = road.world.refused(road.application(bare), by=DECIDER)

    shown = road.incident()
    proposal = road.proposed(shown)
    road.confirmed(proposal, leave_out=("evidence",))
    command = ConfirmCheck(proposal=proposal, check="evidence", answer=Answer.YES, evidence=("evidence-1",))
    road.world.do(command, by=DECIDER)
    road.world.do(road.application(proposal), by=DECIDER)

    assert [(v.rule, v.clause) for v in refused] == [("evidence", "6.2(d)")]
    assert road.world.facts(CheckConfirmed)[-1].evidence == ("evidence-1",)
    assert road.world.case.evidence_of(shown) == ("evidence-1",)


# The warning


@pytest.mark.clause("MAI-37", "RULE")
def test_the_customer_should_be_warned_first_and_the_decider_may_set_that_aside_with_a_reason() -> None:
    road = Road("maidstone")
    command = road.application(road.ready(leave_out=("warning",)))

    (violation,) = road.world.refused(command, by=DECIDER)
    road.world.do(command.model_copy(update={"overrides": (override("warning_first"),)}), by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == ("warning_first", "6.3", "should")
    assert [(o.rule, o.clause) for o in road.world.history[-1].overrides] == [("warning_first", "6.3")]


@pytest.mark.clause("MAI-37", "RULE")
def test_contact_should_have_gone_on_in_the_same_way_after_the_warning() -> None:
    road = Road("maidstone")
    command = road.application(road.ready(leave_out=("persisted",)))

    (violation,) = road.world.refused(command, by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == ("behaviour_persisted", "6.3", "should")


@pytest.mark.clause("MAI-37", "NOTIFY")
def test_the_warning_letter_says_that_the_policy_may_be_applied() -> None:
    road = Road("maidstone").opened()
    warning = road.warned(received=False)
    silent = tuple(c for c in road.contents(NoticeKind.WARNING) if c != "may_be_treated")
    command = SendNotice(kind=NoticeKind.WARNING, about=warning, method=DeliveryMethod.BY_HAND, contents=silent)

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"contents": (*silent, "may_be_treated")}))

    assert (violation.rule, violation.clause, violation.strength) == ("says_may_be_treated", "6.3", "should")
    assert road.world.case.received_on(warning) == START


# The letter


@pytest.mark.clause("MAI-38", "NOTIFY", "RULE")
def test_the_deciders_letter_goes_with_the_policy_and_with_nobody_elses_signature() -> None:
    road = Road("maidstone")
    restriction = road.restricted(told=False)
    command = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=("policy",),
    )

    bare = road.world.refused(command.model_copy(update={"enclosures": ()}), by=DECIDER)
    another = road.world.refused(command, by="manager")
    road.world.do(command, by=DECIDER)

    assert [(v.rule, v.clause) for v in bare] == [("encloses_policy", "6.3")]
    assert [(v.rule, v.clause) for v in another] == [("signatory", "6.3")]
    assert road.world.facts(NoticeSent)[-1].enclosures == ("policy",)


@pytest.mark.parametrize(
    ("content", "clause"),
    [
        *(
            pytest.param(content, clause, marks=pytest.mark.clause("MAI-39", "NOTIFY", "RULE"))
            for content, clause in [
                ("why", "6.3(i)"),
                ("what_it_means", "6.3(ii)"),
                ("how_long", "6.3(iii)"),
                ("how_to_challenge", "6.3(iv)"),
            ]
        ),
        pytest.param("record_held", "7.4", marks=pytest.mark.clause("MAI-47", "NOTIFY")),
    ],
)
def test_the_decision_letter_is_refused_without_one_of_its_contents_and_goes_with_it(content: str, clause: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted(told=False)
    complete = road.contents(NoticeKind.DECISION)
    command = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != content),
        enclosures=("policy",),
    )

    (violation,) = road.world.refused(command, by=DECIDER)
    road.world.do(command.model_copy(update={"contents": complete}), by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == (f"says_{content}", clause, "must")
    assert content in road.world.facts(NoticeSent)[-1].contents


@pytest.mark.clause("MAI-55", "DATA", "NOTIFY")
def test_managers_who_may_meet_the_customer_are_told_and_nobody_whom_the_policy_does_not_name() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    command = InformStaff(restriction=restriction, audience="affected_managers", roles=("manager",))

    others = road.world.rules(command.model_copy(update={"audience": "everybody"}))
    road.world.do(command)

    assert others == {"unknown_audience"}
    (fact,) = road.world.facts(StaffInformed)
    assert (fact.roles, fact.informed_on) == (("manager",), DECIDED)


# How long


@pytest.mark.clause("MAI-40", "DATA", "TIMER")
def test_the_first_term_is_three_months_and_nothing_else() -> None:
    road = Road("maidstone")
    command = road.application(road.ready())

    for other in (date(2026, 6, 8), date(2026, 6, 10)):
        (violation,) = road.world.refused(command.model_copy(update={"ends_on": other}), by=DECIDER)
        assert (violation.rule, violation.clause) == ("first_term_is_fixed", "6.4")
    road.world.do(command, by=DECIDER)

    (fact,) = road.world.facts(RestrictionApplied)
    assert (fact.decided_on, fact.ends_on) == (DECIDED, date(2026, 6, 9))


@pytest.mark.clause("MAI-41", "RULE", "RECORD")
def test_the_decision_says_what_goes_on_and_whether_it_comes_in_cycles() -> None:
    road = Road("maidstone")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command.model_copy(update={"pattern": None}), by=DECIDER)
    road.world.do(command, by=DECIDER)

    assert (violation.rule, violation.clause) == ("decision_says_pattern", "6.4")
    assert road.world.facts(RestrictionApplied)[0].pattern is not None


@pytest.mark.clause("MAI-41", "RULE", "RECORD")
def test_an_extension_rests_on_a_pattern_and_has_the_length_that_was_chosen() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(80)
    command = road.extension(restriction, date(2026, 7, 31))

    (violation,) = road.world.refused(command.model_copy(update={"pattern": None}), by=DECIDER)
    road.world.do(command, by=DECIDER)

    assert (violation.rule, violation.clause) == ("extension_needs_pattern", "6.4")
    (fact,) = road.world.facts(RestrictionExtended)
    assert (fact.ends_on, fact.pattern is not None) == (date(2026, 7, 31), True)
