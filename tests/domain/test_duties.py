"""Whose each kind of obligation is under each policy, and under which clause: tables written from their texts."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import RoleCode
from domain.decisions import COMMANDS
from domain.duties import KINDS, Asked, applies, asked
from domain.obligation import ENDS_BY_ITSELF, Duty, Obligation
from domain.policy import Policy
from tests.policies import baseline_file, policy_file

DAY = date(2026, 3, 2)
EVERYBODY = ("citizen", "derby", "maidstone", "star", "wolverhampton")

# By landlord and "duty" or "duty:code": whose it is, and the clause. A review's own people and clause stand on its
# fact, and so only what the policy adds is here.
OWNERS: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {
    "citizen": {
        "proposal": (("head_of_service",), "4¶1 (assumed)"),
        "adjustment": (("case_officer",), "baseline 7"),
        "appeal": (("case_officer",), "baseline 11"),
        "late_appeal": (("case_officer",), "baseline 11"),
        "filed": (("case_officer",), "baseline 10"),
        "review_request": (("head_of_service",), "baseline 3"),
        "letter:warning": (("staff", "manager", "head_of_service"), "3.5¶1"),
        "letter:decision": (("head_of_service",), "3.5¶3"),
        "letter:ending": (("head_of_service",), "baseline 8"),
        "letter:appeal_outcome": (("case_officer",), "baseline 8"),
        "letter:contact_change": (("case_officer",), "baseline 8"),
        "policy_copy": (("case_officer",), "3.4 b1"),
        "agreement": (("case_officer",), "baseline 4"),
        "interim": (("head_of_service",), "baseline 13"),
        "stuck:no_address": (("case_officer",), "baseline 8"),
        "approval": (("duty_manager", "head_of_service"), "baseline 14"),
        "rights": (("data_protection_officer",), "baseline 16"),
        "term": (("head_of_service",), "3.5¶3"),
        "appeal_window": (("case_officer",), "baseline 11"),
        "warning_lapses": (("case_officer",), "baseline 5"),
    },
    "derby": {
        "proposal": (("head_of_service",), "Step 2¶1"),
        "appeal": (("executive_team",), "5¶2"),
        "late_appeal": (("executive_team",), "5¶2"),
        "review_request": (("head_of_service",), "baseline 3"),
        "letter:warning": (("service_manager",), "Step 1"),
        "letter:decision": (("head_of_service",), "Step 2 end"),
        "letter:appeal_outcome": (("executive_team",), "5¶2"),
        "letter:review_outcome": (("head_of_service",), "6¶3"),
        "letter:variation": (("head_of_service",), "baseline 8"),
        "policy_copy": (("case_officer",), "baseline 11"),
        "appeal_window": (("case_officer",), "5¶1"),
    },
    "maidstone": {
        "proposal": (("head_of_policy",), "6.1"),
        "appeal": (("director_of_finance",), "8.1"),
        "letter:warning": (("case_officer",), "6.3"),
        "letter:decision": (("head_of_policy",), "6.3"),
        "letter:appeal_outcome": (("director_of_finance",), "baseline 8"),
        "review_request": (("head_of_policy",), "baseline 3"),
        "interim": (("head_of_policy",), "baseline 13"),
    },
    "star": {
        # The checks that go before fall to the two below the Managing Director.
        "proposal": (("managing_director", "head_of_service", "senior_manager"), "4.3, 11.3"),
        "appeal": (("senior_management",), "14.1"),
        "letter:warning": (("case_officer",), "11.1"),
        "letter:decision": (("managing_director", "senior_management"), "4.3, 11.3"),
        "letter:appeal_outcome": (("senior_management",), "14.2"),
        "letter:review_outcome": (("managing_director",), "15.2"),
        "breach": (("case_officer",), "13.3"),
        "delegation": (("managing_director",), "4.3, 11.3"),
    },
    "wolverhampton": {
        "proposal": (("head_of_customer_experience", "customer_experience_panel"), "6.4 (assumed)"),
        "appeal": (("director",), "9.1"),
        "letter:warning": (("case_officer",), "baseline 8"),
        "letter:decision": (("head_of_customer_experience",), "6.5"),
        "letter:appeal_outcome": (("director",), "9.2"),
        "review_request": (("head_of_customer_experience",), "10.2"),
        "breach": (("case_officer",), "8.2 b4"),
        "agreement": (("case_officer",), "6.3 r8"),
        "safety_review": (("duty_manager", "head_of_customer_experience"), "baseline 14"),
    },
}


def of(landlord: str, owed: Obligation) -> Asked:
    return asked(owed, policy(landlord), baseline_file().baseline)


def policy(landlord: str) -> Policy:
    return policy_file(landlord).policy


@pytest.mark.parametrize(
    ("landlord", "what"), [(landlord, what) for landlord, rows in OWNERS.items() for what in rows], ids=str
)
def test_each_falls_to_whom_the_policy_names_under_its_clause(landlord: str, what: str) -> None:
    duty, _, code = what.partition(":")
    found = of(landlord, Obligation(duty=Duty(duty), about="x-1", code=code, due_on=DAY))
    assert (found.by, found.clause) == OWNERS[landlord][what]
    assert not set(found.by) & set(found.escalated_to)
    assert set(policy(landlord).decision.by.value) <= {*found.by, *found.escalated_to}


@pytest.mark.parametrize("landlord", EVERYBODY)
def test_everything_that_can_be_owed_has_an_owner_a_clause_and_a_command_that_exists(landlord: str) -> None:
    roles = {*policy(landlord).roles, *baseline_file().baseline.roles}
    for duty in Duty:
        detail = {Duty.URGENT: "police", Duty.INFORM: "alert:x", Duty.REMOVAL: "audience:x"}.get(duty, "")
        code = {Duty.LETTER: "decision"}.get(duty, "")
        found = of(landlord, Obligation(duty=duty, about="x-1", detail=detail, code=code))
        assert set(found.by) <= roles, duty
        assert found.clause
        assert set(found.commands) <= set(COMMANDS), duty
        assert bool(found.commands) == (duty not in ENDS_BY_ITSELF), duty
        assert "{" not in found.says
        assert found.says.endswith((".", "?"))
    assert set(KINDS) == set(Duty)


def test_a_review_is_told_by_its_title_under_its_own_clause() -> None:
    scheduled = Obligation(
        duty=Duty.REVIEW,
        about="restriction-1",
        code="three_monthly",
        clause="10.1",
        by=(RoleCode("customer_experience_panel"),),
    )
    found = of("wolverhampton", scheduled)
    assert (found.by, found.clause) == (("customer_experience_panel",), "10.1")
    assert found.says == "Hold this review of restriction-1: Three-monthly review by the panel."
    assert found.commands == ("complete-review",)


def test_derbys_head_of_service_appoints_who_reviews() -> None:
    scheduled = Obligation(
        duty=Duty.REVIEW, about="restriction-1", code="twelve_monthly", by=(RoleCode("departmental_manager"),)
    )
    found = of("derby", scheduled)
    assert found.by == ("head_of_service", "departmental_manager")
    assert found.commands == ("appoint-reviewer", "complete-review")
    appointed = Obligation(
        duty=Duty.REVIEW,
        about="restriction-1",
        code="twelve_monthly",
        by=(RoleCode("departmental_manager"),),
        staff="staff-1",  # type: ignore[arg-type]
    )
    found = of("derby", appointed)
    assert (found.by, found.commands) == (("departmental_manager",), ("complete-review",))


def test_a_breach_goes_to_whom_the_policy_names_and_to_nobody_where_it_names_none() -> None:
    owed = Obligation(duty=Duty.BREACH, about="breach-1")
    assert [one for one in EVERYBODY if applies(owed, policy(one))] == ["star", "wolverhampton"]
    assert of("star", owed).says == "Report breach-1 to the Customer Experience Manager."


def test_agreed_calls_are_owed_where_the_landlord_rings() -> None:
    owed = Obligation(duty=Duty.AGREED_CALL, about="restriction-1.1", code="single_contact", weekly=True)
    assert [one for one in EVERYBODY if applies(owed, policy(one))] == ["derby", "wolverhampton"]


@pytest.mark.parametrize(
    ("landlord", "commands"),
    [
        ("citizen", ("apply-restriction", "decline-restriction", "return-proposal")),
        ("maidstone", ("confirm-check", "apply-restriction", "decline-restriction", "return-proposal")),
        ("wolverhampton", ("record-panel-view", "apply-restriction", "decline-restriction", "return-proposal")),
    ],
)
def test_a_proposal_asks_for_what_the_policy_wants_before_it(landlord: str, commands: tuple[str, ...]) -> None:
    assert of(landlord, Obligation(duty=Duty.PROPOSAL, about="proposal-1")).commands == commands


def test_what_is_marked_elsewhere_is_told_by_its_title_and_undone_by_its_own_command() -> None:
    alert = Obligation(duty=Duty.REMOVAL, about="restriction-1", detail="alert:housing_system")
    told = Obligation(duty=Duty.REMOVAL, about="restriction-1", detail="audience:relevant_staff")
    assert of("wolverhampton", alert).says == (
        "Undo this now that restriction-1 is over, and confirm it: Alert that a restriction is in force (NEC)."
    )
    assert of("wolverhampton", alert).commands == ("confirm-removal",)
    assert of("wolverhampton", told).commands == ("notify-ending",)
