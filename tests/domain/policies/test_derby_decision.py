"""Derby Homes, clause 4, both steps: who warns, asks and decides, what the letters say, and for how long."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind
from domain.decisions.notices import SendNotice
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.steps import IssueWarning
from domain.events import NoticeSent, RestrictionApplied, RestrictionExtended
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import START, Road, override, staff, words

DECIDED = date(2026, 3, 9)
DECIDER = "head_of_service"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


def warning(*incidents: str, on: date | None = None) -> IssueWarning:
    """A warning on these incidents."""
    return IssueWarning(
        incidents=incidents, behaviour=words(), change_asked=words(), consequences=words(), on=on or START
    )


@pytest.mark.parametrize(
    "line",
    [
        row(
            "DER-31",
            "Incident: What happened goes into the housing management system before the customer is written to. "
            "[clause Step 1, must]",
            cls="RECORD",
        ),
        row(
            "DER-32",
            "Warning sent as: e-mail; first class post; by hand; collected; through an advocate. [clause Step 1, must]",
            cls="NOTIFY",
        ),
        row(
            "DER-33",
            "Proposed by: Service Manager. We read it so: The text does not say who submits the case; the Service "
            "Manager has it then. [clause Step 2¶1, must]",
        ),
        row(
            "DER-33",
            "Decided by: Head of Service. We read it so: The Head of Service whose service the contact concerns. "
            "[clause Step 2¶1, must]",
        ),
        row("DER-33", "The behaviour must go on after it: yes. [clause Step 2¶1, must]"),
        row("DER-34", "First term: 12 months. [clause Step 2¶2, must]"),
        row(
            "DER-34",
            "The first term is exactly that: no. We read it so: Twelve months is the usual first term and its cap; "
            "restrictions are tailored, so that a shorter one is possible. [clause Step 2¶2, must, assumed]",
        ),
        row("DER-34", "Another length needs a reason: yes. [clause Step 2¶2, must, assumed]"),
        row("DER-34", "At most: 12 months. We read it so: The cap of a first term. [clause Step 2¶2, must]"),
        row(
            "DER-35",
            "An extension is at most: 12 months. We read it so: The text allows extending and gives no length; no "
            "extension is longer than the first term. [clause Step 2¶2, must, assumed]",
        ),
        row(
            "DER-35",
            "The length is stated: yes. We read it so: The text gives the first term; an extension must say how long "
            "it is. [clause Step 2¶2, must, assumed]",
        ),
        row(
            "DER-43",
            "Decision. Sent as: e-mail; first class post; by hand; collected; through an advocate. Sent by: Head of "
            "Service. [clause Step 2 end, should]",
            cls="NOTIFY",
        ),
        row(
            "DER-44",
            "Can be left out when: extreme; urgent. We read it so: The text drops the warning for police and legal "
            "steps against extreme or dangerous conduct; that it may be dropped for restrictions too is assumed. "
            "[clause 4 last, may, assumed]",
        ),
        row(
            "DER-44",
            "Without warning: Extreme behaviour, or danger to the safety and welfare of staff, may be met without "
            "warning first. [clause 4 last, may]",
        ),
        row("DER-44", "Police: The police may be called. It is about: police. [clause 4 last, may]"),
        row("DER-44", "Legal action: Legal steps may be taken. It is about: legal action. [clause 4 last, may]"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("derby")


# Step 1: the warning


@pytest.mark.clause("DER-31", "RULE")
@pytest.mark.parametrize("role", ["staff", "head_of_service", "departmental_manager"])
def test_the_service_manager_warns_and_nobody_else(role: str) -> None:
    road = Road("derby").opened()
    command = warning(road.incident())

    (violation,) = road.world.refused(command, by=role)
    road.world.do(command, by="service_manager")

    assert (violation.rule, violation.clause) == ("post_held", "Step 1")
    assert road.world.case.warnings[0].issued_by == staff("service_manager")


@pytest.mark.clause("DER-31", "RULE", "RECORD")
def test_what_happened_is_on_record_before_the_customer_is_written_to() -> None:
    road = Road("derby").opened()
    road.world.wait(1)
    incident = road.incident(happened_on=START)

    (violation,) = road.world.refused(warning(incident, on=START), by="service_manager")
    road.world.do(warning(incident, on=date(2026, 3, 3)), by="service_manager")

    assert (violation.rule, violation.clause) == ("incident_recorded_first", "Step 1")
    assert road.world.case.incidents[0].recorded_on == road.world.case.warnings[0].issued_on


@pytest.mark.clause("DER-32", "NOTIFY")
@pytest.mark.parametrize("content", ["behaviour", "change_asked", "consequences"])
def test_the_warning_letter_is_refused_without_one_of_its_contents_and_goes_with_it(content: str) -> None:
    road = Road("derby").opened()
    issued = road.warned(received=False)
    command = SendNotice(
        kind=NoticeKind.WARNING,
        about=issued,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in ("behaviour", "change_asked", "consequences") if c != content),
    )

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"contents": ("behaviour", "change_asked", "consequences")}))

    assert (violation.rule, violation.clause) == (f"says_{content}", "Step 1")
    assert road.world.case.received_on(issued) == START


@pytest.mark.clause("DER-32", "NOTIFY")
def test_the_warning_is_in_writing() -> None:
    road = Road("derby").opened()
    issued = road.warned(received=False)
    command = SendNotice(
        kind=NoticeKind.WARNING,
        about=issued,
        method=DeliveryMethod.READ_ALOUD,
        contents=road.contents(NoticeKind.WARNING),
    )

    written = ("email", "first_class_post", "by_hand", "collected", "by_advocate")

    assert road.world.rules(command) == {"notice_before_breach"}
    for method in written:
        road.world.do(command.model_copy(update={"method": DeliveryMethod(method)}))
    assert [str(fact.method) for fact in road.world.facts(NoticeSent)] == list(written)


@pytest.mark.clause("DER-32", "NOTIFY")
def test_without_a_warning_received_there_is_no_restriction() -> None:
    road = Road("derby")
    command = road.application(road.ready(leave_out=("warning",)))

    (violation,) = road.world.refused(command, by=DECIDER)
    setting_aside = command.model_copy(update={"overrides": (override("warning_first"),)})

    assert (violation.rule, violation.clause, violation.strength) == ("warning_first", "Step 1", "must")
    assert "cannot_be_overridden" in road.world.rules(setting_aside, by=DECIDER)


# Step 2: the decision


@pytest.mark.clause("DER-33", "RULE", "DATA")
def test_nothing_follows_where_the_warning_led_to_a_change() -> None:
    road = Road("derby")
    command = road.application(road.ready(leave_out=("persisted",)))

    (violation,) = road.world.refused(command, by=DECIDER)

    assert (violation.rule, violation.clause, violation.strength) == ("behaviour_persisted", "Step 2¶1", "must")


@pytest.mark.clause("DER-33", "RULE", "DATA")
def test_the_service_manager_submits_and_the_head_of_service_decides() -> None:
    road = Road("derby")
    proposal = road.ready()
    asking = ProposeRestriction(incidents=("incident-2",), measures=("witness",), reasons=words())
    deciding = road.application(proposal)

    for role in ("staff", "head_of_service", "departmental_manager"):
        assert road.world.rules(asking, by=role) == {"post_held"}
    for role in ("service_manager", "executive_team", "departmental_manager"):
        refused = road.world.refused(deciding, by=role)
        assert [(v.rule, v.clause) for v in refused] == [("post_held", "Step 2¶1")]
    road.world.do(asking, by="service_manager")
    road.world.do(deciding, by="head_of_service")

    assert road.world.case.restrictions[0].decided_by == staff("head_of_service")


@pytest.mark.clause("DER-43", "NOTIFY", "RULE")
def test_the_letter_sets_out_every_restriction_and_only_then_do_they_bind() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"), told=False)
    complete = road.contents(NoticeKind.DECISION)
    command = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != "measures"),
    )

    refused = {(v.rule, v.clause, str(v.strength)) for v in road.world.refused(command, by=DECIDER)}
    before = in_the_way_of_a_breach(road, restriction, channel="meeting")
    road.world.do(command.model_copy(update={"contents": complete}), by=DECIDER)
    after = in_the_way_of_a_breach(road, restriction, channel="meeting")

    assert ("says_measures", "Step 2 end", "should") in refused
    assert {rule for rule, _, _ in refused} == {"says_measures"}
    assert (before, after) == ({"notice_before_breach"}, set())
    assert "measures" in road.world.facts(NoticeSent)[-1].contents


@pytest.mark.clause("DER-44", "RULE")
def test_extreme_conduct_is_restricted_without_warning_when_somebody_says_why_it_is_extreme() -> None:
    road = Road("derby")
    command = road.application(road.ready(leave_out=("warning",)), single_ground_reason=None)

    refused = road.world.rules(command, by=DECIDER)
    road.world.do(command.model_copy(update={"extreme_reason": words()}), by=DECIDER)

    assert refused == {"warning_first", "decision_says_single_ground_reason"}
    (fact,) = road.world.facts(RestrictionApplied)
    assert (fact.extreme_reason is not None, fact.warning) == (True, None)


# How long


def applied(road: Road, command: ApplyRestriction) -> RestrictionApplied:
    """What a decision of the head of service led to."""
    road.world.do(command, by=DECIDER)
    return road.world.facts(RestrictionApplied)[-1]


@pytest.mark.clause("DER-34", "DATA", "TIMER")
def test_a_restriction_runs_for_twelve_months_unless_said_otherwise() -> None:
    road = Road("derby")

    fact = applied(road, road.application(road.ready()))

    assert (fact.starts_on, fact.ends_on) == (DECIDED, date(2027, 3, 9))
    assert road.world.case.in_force_on(date(2027, 3, 9)) != ()
    assert road.world.case.in_force_on(date(2027, 3, 10)) == ()


@pytest.mark.clause("DER-34", "DATA", "TIMER")
def test_a_shorter_term_needs_a_reason_and_then_stands() -> None:
    road = Road("derby")
    command = road.application(road.ready(), ends_on=date(2026, 9, 9))

    (violation,) = road.world.refused(command, by=DECIDER)
    fact = applied(road, command.model_copy(update={"term_reason": words()}))

    assert (violation.rule, violation.clause) == ("term_needs_reason", "Step 2¶2 (assumed)")
    assert (fact.ends_on, fact.term_reason is not None) == (date(2026, 9, 9), True)


@pytest.mark.clause("DER-34", "DATA", "TIMER")
def test_no_reason_makes_the_first_term_longer_than_twelve_months() -> None:
    road = Road("derby")
    command = road.application(road.ready(), ends_on=date(2027, 3, 10), term_reason=words(), exceptional_reason=words())

    (violation,) = road.world.refused(command, by=DECIDER)

    assert (violation.rule, violation.clause) == ("longest_term", "Step 2¶2")


@pytest.mark.clause("DER-35", "DATA", "RULE")
def test_an_extension_is_no_longer_than_twelve_months() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = date(2027, 3, 1)

    # The first term ends on 9 March 2027, however long before that the extension is decided.
    (violation,) = road.world.refused(road.extension(restriction, date(2028, 3, 10)), by=DECIDER)
    road.world.do(road.extension(restriction, date(2028, 3, 9)), by=DECIDER)

    assert (violation.rule, violation.clause) == ("longest_extension", "Step 2¶2 (assumed)")
    assert [fact.ends_on for fact in road.world.facts(RestrictionExtended)] == [date(2028, 3, 9)]
