"""Citizen, clauses 3.4, 3.5 and 4: what is made known, the warning, the decision and its letter."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind
from domain.decisions.intake import RequestPolicyCopy, SendPolicyCopy
from domain.decisions.notices import SendNotice
from domain.decisions.steps import IssueWarning
from domain.events import (
    NoticeSent,
    PolicyCopySent,
    RestrictionApplied,
    WarningIssued,
)
from tests.domain.saying import told
from tests.domain.world import START, Road, override, staff, words

DECIDER = "head_of_service"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    "line",
    [
        row("CIT-28", "Policy copy: Anybody who asks gets a copy of the policy. [clause 3.4 b1, must]", cls="NOTIFY"),
        row(
            "CIT-29",
            "Policy made known: The customer is told about the policy and its procedures, and about what could "
            "follow. Falls to: Member of staff. We read it so: Only where it is relevant, so it never stops a "
            "decision. [clause 3.4 b2, should]",
            cls="NOTIFY",
        ),
        row(
            "CIT-32",
            "Warning given by: Member of staff; Manager; Head of Service. We read it so: The text says staff; those "
            "who lead them may write too. [clause 3.5¶1, must]",
            cls="RULE",
        ),
        row(
            "CIT-32",
            "Warning sent as: e-mail; first class post; by hand; collected; through an advocate. [clause 3.5¶1, must]",
            cls="NOTIFY",
        ),
        row(
            "CIT-33",
            "Number of warnings, at least: 1. We read it so: The text says warnings, and leaves their number to "
            "procedures that were not supplied. [clause 3.5¶2, must, assumed]",
            cls="RULE",
        ),
        row(
            "CIT-40",
            "Decision. Sent as: e-mail; first class post; by hand; collected; through an advocate. "
            "[clause 3.5¶3, must]",
            cls="NOTIFY",
        ),
        row("CIT-41", "Can be left out when: urgent. [clause 3.5¶3, may]"),
        row(
            "CIT-41",
            "Immediate action: An incident that calls for immediate action may be acted on outside the usual "
            "procedure. We read it so: Violence and aggression go to the Health and Safety Policy even so. "
            "[clause 3.5¶3, may]",
        ),
        row(
            "CIT-50",
            "Decided by: Head of Service. We read it so: The text names nobody who decides; Heads of Service answer "
            "for carrying the policy out. [clause 4¶1, must, assumed]",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("citizen")


# Made known


@pytest.mark.clause("CIT-28", "NOTIFY")
def test_whoever_asks_for_the_policy_is_sent_it_once() -> None:
    road = Road("citizen").opened()
    sending = SendPolicyCopy(request="copy-1", method=DeliveryMethod.EMAIL)

    unasked = road.world.rules(sending)
    road.world.do(RequestPolicyCopy())
    road.world.wait(1)
    road.world.do(sending)
    again = road.world.rules(sending)

    assert (unasked, again) == ({"unknown_request"}, {"unknown_request"})
    assert [f.sent_on for f in road.world.facts(PolicyCopySent)] == [date(2026, 3, 3)]


@pytest.mark.clause("CIT-29", "NOTIFY")
def test_the_warning_letter_should_speak_of_the_policy_unless_that_is_not_relevant() -> None:
    road = Road("citizen").opened()
    warning = road.warned(received=False)
    silent = tuple(c for c in road.contents(NoticeKind.WARNING) if c != "about_the_policy")
    command = SendNotice(kind=NoticeKind.WARNING, about=warning, method=DeliveryMethod.BY_HAND, contents=silent)

    (violation,) = road.world.refused(command, by=DECIDER)
    road.world.do(command.model_copy(update={"contents": (*silent, "about_the_policy")}), by=DECIDER)
    road.world.do(command.model_copy(update={"overrides": (override("says_about_the_policy"),)}), by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == ("says_about_the_policy", "3.4 b2", "should")
    assert ["about_the_policy" in f.contents for f in road.world.facts(NoticeSent)] == [True, False]


# The warning


@pytest.mark.clause("CIT-32", "RULE", "RECORD")
@pytest.mark.parametrize("role", ["staff", "manager", "head_of_service"])
def test_staff_and_those_who_lead_them_warn(role: str) -> None:
    road = Road("citizen").opened()
    incident = road.incident()
    command = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())

    (violation,) = road.world.refused(command, by="board")
    road.world.do(command, by=role)

    assert (violation.rule, violation.clause) == ("post_held", "3.5¶1")
    (fact,) = road.world.facts(WarningIssued)
    assert (fact.incidents, fact.change_asked is not None) == ((incident,), True)
    assert road.world.case.warnings[0].issued_by == staff(role)


@pytest.mark.clause("CIT-32", "NOTIFY")
@pytest.mark.parametrize("content", ["behaviour", "change_asked", "consequences"])
def test_the_warning_letter_is_refused_without_one_of_its_contents_and_goes_with_it(content: str) -> None:
    road = Road("citizen").opened()
    warning = road.warned(received=False)
    complete = road.contents(NoticeKind.WARNING)
    command = SendNotice(
        kind=NoticeKind.WARNING,
        about=warning,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != content),
    )

    (violation,) = road.world.refused(command)
    aloud = command.model_copy(update={"method": DeliveryMethod.READ_ALOUD, "contents": complete})
    spoken = road.world.rules(aloud)
    road.world.do(command.model_copy(update={"contents": complete}))

    assert (violation.rule, violation.clause) == (f"says_{content}", "3.5¶1")
    assert spoken == {"notice_before_breach"}
    assert road.world.case.received_on(warning) == START


@pytest.mark.clause("CIT-32", "RULE")
@pytest.mark.clause("CIT-33", "RULE")
@pytest.mark.parametrize(
    ("left_out", "rule", "clause"),
    [
        ("warning", "warning_first", "3.5¶1"),
        ("persisted", "behaviour_persisted", "3.5¶2"),
    ],
)
def test_a_restriction_follows_a_warning_that_was_not_heeded(left_out: str, rule: str, clause: str) -> None:
    road = Road("citizen")

    (violation,) = road.world.refused(road.application(road.ready(leave_out=(left_out,))), by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == (rule, clause, "must")


@pytest.mark.clause("CIT-33", "RULE")
def test_one_warning_is_enough() -> None:
    road = Road("citizen")

    road.restricted()

    assert len(road.world.case.warnings) == 1
    assert road.world.facts(RestrictionApplied)[0].warning == "warning-1"


# The decision


@pytest.mark.clause("CIT-20", "DATA", "RECORD")
@pytest.mark.clause("CIT-34", "RULE", "RECORD")
def test_the_decision_says_how_the_work_and_other_people_suffer() -> None:
    road = Road("citizen")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command.model_copy(update={"impact": None}), by=DECIDER)
    road.world.do(command, by=DECIDER)

    assert (violation.rule, violation.clause) == ("decision_says_impact", "3.5¶2, 3.1 end")
    assert road.world.facts(RestrictionApplied)[0].impact is not None


@pytest.mark.clause("CIT-50", "DATA")
@pytest.mark.parametrize("role", ["staff", "manager", "senior_leadership", "board"])
def test_a_head_of_service_decides(role: str) -> None:
    road = Road("citizen")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command, by=role)
    road.world.do(command, by="head_of_service")

    assert (violation.rule, violation.clause) == ("post_held", "4¶1 (assumed)")
    assert road.world.case.restrictions[0].decided_by == staff("head_of_service")


@pytest.mark.clause("CIT-41", "DATA", "RULE")
def test_what_calls_for_action_at_once_is_restricted_without_warning_when_somebody_says_why() -> None:
    road = Road("citizen")
    command = road.application(road.ready(leave_out=("warning",)))

    refused = road.world.rules(command, by=DECIDER)
    road.world.do(command.model_copy(update={"extreme_reason": words()}), by=DECIDER)

    assert refused == {"warning_first"}
    assert road.world.facts(RestrictionApplied)[0].extreme_reason is not None


@pytest.mark.clause("CIT-40", "RULE")
def test_every_restriction_has_a_stated_length() -> None:
    road = Road("citizen")
    command = road.application(road.ready())

    (violation,) = road.world.refused(command.model_copy(update={"ends_on": None}), by=DECIDER)
    road.world.do(command.model_copy(update={"ends_on": date(2026, 6, 30)}), by=DECIDER)

    assert (violation.rule, violation.clause) == ("an_end_and_a_review", "3.5¶3")
    assert road.world.case.in_force_on(date(2026, 7, 1)) == ()


@pytest.mark.clause("CIT-40", "NOTIFY")
@pytest.mark.parametrize("content", ["measures", "duration"])
def test_the_letter_says_what_is_restricted_and_for_how_long(content: str) -> None:
    road = Road("citizen")
    restriction = road.restricted(told=False)
    complete = road.contents(NoticeKind.DECISION)
    command = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != content),
    )

    (violation,) = road.world.refused(command, by=DECIDER)
    aloud = command.model_copy(update={"method": DeliveryMethod.READ_ALOUD, "contents": complete})
    spoken = road.world.rules(aloud, by=DECIDER)
    road.world.do(command.model_copy(update={"contents": complete}), by=DECIDER)

    assert (violation.rule, violation.clause) == (f"says_{content}", "3.5¶3")
    assert spoken == {"notice_before_breach"}
    assert road.world.case.received_on(restriction) == date(2026, 3, 9)
