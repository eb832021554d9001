"""Asking for a restriction, and everything that is confirmed before somebody decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from domain.case_parts import Proposal
from domain.codes import Answer, PanelView, RoleCode, StaffId
from domain.decisions.intake import grounds_exist, usable_incidents
from domain.decisions.judgement import (
    Day,
    DecidingCommand,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    against,
    any_post,
    as_must,
    decided,
    held,
    held_by_policy,
    holds_a_post,
    impossible,
    nobody_holds,
    not_before,
    titles,
)
from domain.decisions.standing_aside import accused_stand_aside, actor_stands_aside
from domain.events import (
    CheckConfirmed,
    DelegationEnded,
    DelegationRecorded,
    PanelViewRecorded,
    ProposalReturned,
    RestrictionDeclined,
    RestrictionProposed,
)
from domain.personal import DecisionText


class ProposeRestriction(DecidingCommand):
    """Asks for a restriction, with the incidents that it rests on and the measures in mind."""

    incidents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
    measures: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    reasons: DecisionText
    area: Id | None = None


class ReturnProposal(DecidingCommand):
    """Sends a proposal back for more work."""

    proposal: Id
    reasons: DecisionText


class ConfirmCheck(DecidingCommand):
    """Answers one pre-decision check; `no` and `not_applicable` say why."""

    proposal: Id
    check: Id
    answer: Answer
    reason: DecisionText | None = None
    evidence: tuple[Id, ...] = ()


class RecordPanelView(DecidingCommand):
    """Takes down the view of the panel on a proposal, with who sat on it."""

    proposal: Id
    view: PanelView
    members: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    reasons: DecisionText


class DelegateDecision(DecidingCommand):
    """Gives this one decision to somebody whom the policy allows to take it."""

    proposal: Id
    to: Id
    reason: DecisionText
    until: Day | None = None


class EndDelegation(DecidingCommand):
    """Takes a decision back from whoever it was given to, from the day on."""

    proposal: Id


class DeclineRestriction(DecidingCommand):
    """Decides that there will be no restriction."""

    proposal: Id
    reasons: DecisionText


def open_proposal(situation: Situation, proposal: str) -> Proposal:
    """The proposal, while it waits for its decision; raises `Refused` otherwise."""
    found = situation.case.proposal(proposal)
    if found is None:
        raise Refused([impossible("unknown_proposal", f"This case has no {proposal}.", "proposal")])
    if not found.open:
        raise Refused([impossible("proposal_not_open", f"{proposal} was {found.outcome} already.", "proposal")])
    return found


def propose_restriction(command: ProposeRestriction, situation: Situation) -> Decision:
    """Only those whom the policy names ask, for their own area where it says so; nothing is in force yet."""
    case, policy, day = situation.case, situation.policy, command.day(situation)
    incidents = [i for i in case.incidents if i.id in command.incidents]
    grounds = tuple(dict.fromkeys(g for i in incidents for g in i.grounds))
    by = policy.proposal.by
    problems = [
        *held_by_policy(situation, by, day, "Asking for a restriction"),
        *actor_stands_aside(day, situation),
        *_own_area(command, situation),
        *usable_incidents(situation, command.incidents),
        *grounds_exist(situation, grounds),
        *measures_exist(situation, command.measures),
    ]
    fact = RestrictionProposed(
        proposal=f"proposal-{len(case.proposals) + 1}",
        incidents=command.incidents,
        grounds=grounds,
        categories=tuple(dict.fromkeys(c for i in incidents for c in i.categories)),
        measures=command.measures,
        area=command.area,
        reasons=command.reasons,
    )
    post = held(situation, by.value, day) if by else any_post(situation, day)
    clauses = [by.cited] if by else []
    clauses += [policy.grounds[g].cited for g in grounds if g in policy.grounds]
    return decided(situation, command, post, problems, clauses, fact)


def _own_area(command: ProposeRestriction, situation: Situation) -> Iterator[Violation]:
    own = situation.policy.proposal.own_area
    if own is None:
        return
    day = command.day(situation)
    tenures = situation.landlord.acting_on(situation.actor, day, situation.accused_on(day))
    areas = {t.area for t in tenures if t.role in own.value}
    others = {t.role for t in tenures} - set(own.value)
    by = situation.policy.proposal.by
    if not areas or None in areas or (by and others & set(by.value)):
        return
    if command.area not in areas:
        yield against(
            own, "own_area", f"You may ask for your own area only: {', '.join(sorted(a for a in areas if a))}.", "area"
        )


def measures_exist(situation: Situation, measures: Sequence[str]) -> Iterator[Violation]:
    """Each measure stands in the catalogue, or is `other`; one for the warning stage is no restriction."""
    for code in measures:
        kind = situation.policy.measures.get(code)
        if code != "other" and kind is None:
            known = ", ".join(sorted(situation.policy.measures))
            yield impossible("unknown_measure", f"The policy has no measure {code}; it has {known}, other.", "measures")
        if kind is not None and kind.at_warning:
            yield as_must(
                kind, "warning_stage_only", f"{code} belongs to the warning and restricts nothing.", "measures"
            )


def return_proposal(command: ReturnProposal, situation: Situation) -> Decision:
    """The decider, or whoever confirms a check, may ask for more work."""
    open_proposal(situation, command.proposal)
    day, policy = command.day(situation), situation.policy
    roles = (*policy.decision.by.value, *(r for c in policy.checks.values() for r in c.by))
    post = held(situation, roles, day)
    problems = (
        []
        if post
        else [as_must(policy.decision.by, "post_held", f"Returning falls to the {titles(situation, roles)}.")]
    )
    problems += actor_stands_aside(day, situation)
    fact = ProposalReturned(proposal=command.proposal, reasons=command.reasons)
    return decided(situation, command, post, problems, [policy.decision.by.cited], fact)


def confirm_check(command: ConfirmCheck, situation: Situation) -> Decision:
    """A check is answered by the role that the policy names; `not applicable` only where the text leaves room."""
    open_proposal(situation, command.proposal)
    check = situation.policy.checks.get(command.check)
    if check is None:
        known = ", ".join(situation.policy.checks) or "none"
        raise Refused([impossible("unknown_check", f"The policy's checks are: {known}.", "check")])
    day = command.day(situation)
    post = held(situation, check.by, day)
    problems: list[Violation] = [*actor_stands_aside(day, situation)]
    if post is None:
        asks = f"This check falls to the {titles(situation, check.by)}.{nobody_holds(situation, check.by, day)}"
        problems.append(as_must(check, "post_held", asks))
    if command.answer is Answer.NOT_APPLICABLE and not check.may_not_apply:
        problems.append(against(check, "check_always_applies", f"{command.check} always applies: yes or no.", "answer"))
    if command.answer is Answer.NOT_KNOWN:
        problems.append(
            against(check, "check_needs_an_answer", "A check is answered yes, no or not applicable.", "answer")
        )
    if command.answer is not Answer.YES and command.reason is None:
        problems.append(impossible("reason_needed", "Say why the answer is not yes.", "reason"))
    known_evidence = {e for e, _ in situation.case.evidence}
    problems.extend(
        impossible("unknown_evidence", f"This case has no {item}.", "evidence")
        for item in command.evidence
        if item not in known_evidence
    )
    fact = CheckConfirmed(
        proposal=command.proposal,
        check=command.check,
        answer=command.answer,
        evidence=command.evidence,
        reason=command.reason,
    )
    return decided(situation, command, post, problems, [check.cited], fact)


def record_panel_view(command: RecordPanelView, situation: Situation) -> Decision:
    """A member of the panel, or the decider, takes down what it said; its members held the panel's post that day."""
    open_proposal(situation, command.proposal)
    panel, day = situation.policy.panel, command.day(situation)
    if panel is None:
        raise Refused([impossible("no_panel", "The policy knows no panel.", "proposal")])
    members = tuple(StaffId(m) for m in command.members)
    barred = situation.accused_on(day)
    problems = [
        *holds_a_post(situation, situation.today),
        *accused_stand_aside(members, day, situation, "members"),
    ]
    problems.extend(
        as_must(panel, "panel_member", f"{member} did not sit on the panel on {day}.", "members")
        for member in members
        if situation.landlord.post_among(member, (panel.role,), day, barred) is None
    )
    fact = PanelViewRecorded(
        proposal=command.proposal,
        panel=panel.role,
        view=command.view,
        members=members,
        given_on=day,
        reasons=command.reasons,
    )
    return decided(situation, command, any_post(situation, situation.today), problems, [panel.cited], fact)


def delegate_decision(command: DelegateDecision, situation: Situation) -> Decision:
    """The decider names who decides instead, within what the policy allows; nobody accused gives or gets it."""
    open_proposal(situation, command.proposal)
    policy, day = situation.policy, command.day(situation)
    delegates = policy.decision.delegates
    barred = situation.accused_on(day)
    problems = [
        *held_by_policy(situation, policy.decision.by, day, "Delegating the decision"),
        *actor_stands_aside(day, situation),
        *accused_stand_aside((StaffId(command.to),), day, situation, "to"),
    ]
    if delegates is None:
        problems.append(as_must(policy.decision.by, "no_delegation", "The policy lets nobody else decide.", "to"))
    elif situation.landlord.post_among(StaffId(command.to), delegates.value, day, barred) is None:
        problems.append(
            as_must(
                delegates, "delegate_entitled", f"Only a {titles(situation, delegates.value)} can be given it.", "to"
            )
        )
    if command.until is not None and command.until < day:
        problems.append(impossible("end_before_start", "The delegation would end before it begins.", "until"))
    fact = DelegationRecorded(
        delegation=f"delegation-{situation.case.delegations + 1}",
        proposal=command.proposal,
        role=policy.decision.by.value[0],
        to=StaffId(command.to),
        until=command.until,
        reason=command.reason,
    )
    post = held(situation, policy.decision.by.value, day)
    return decided(situation, command, post, problems, [v.cited for v in (policy.decision.by, delegates) if v], fact)


def end_delegation(command: EndDelegation, situation: Situation) -> Decision:
    """The decider takes it back, or whoever has it gives it back; what they decided meanwhile stands."""
    proposal = situation.case.proposal(command.proposal)
    delegation = proposal.delegation if proposal else None
    if delegation is None:
        asks = f"Nobody has been given the decision on {command.proposal}."
        raise Refused([impossible("unknown_delegation", asks, "proposal")])
    policy, day = situation.policy, command.day(situation)
    problems: list[Violation] = [*not_before(day, delegation.from_on, "it was given")]
    if situation.actor != delegation.to:
        problems += held_by_policy(situation, policy.decision.by, day, "Taking a decision back")
    fact = DelegationEnded(delegation=delegation.id, proposal=command.proposal, ended_on=day)
    post = held(situation, policy.decision.by.value, day) or any_post(situation, day)
    return decided(situation, command, post, problems, [policy.decision.by.cited], fact)


def decline_restriction(command: DeclineRestriction, situation: Situation) -> Decision:
    """Whoever could have applied it says no, with reasons."""
    proposal = open_proposal(situation, command.proposal)
    post, problems = may_decide(situation, proposal, command)
    fact = RestrictionDeclined(proposal=command.proposal, reasons=command.reasons)
    return decided(situation, command, post, problems, [situation.policy.decision.by.cited], fact)


def may_decide(
    situation: Situation, proposal: Proposal | None, command: DecidingCommand
) -> tuple[RoleCode | None, list[Violation]]:
    """The post in which the actor may decide: the policy's own, or one with a delegation that runs that day."""
    policy, day = situation.policy, command.day(situation)
    aside = [*actor_stands_aside(day, situation)]
    post = held(situation, policy.decision.by.value, day) or delegated(situation, proposal, day)
    if post is not None:
        return post, aside
    return None, [*aside, *held_by_policy(situation, policy.decision.by, day, "The decision")]


def delegated(situation: Situation, proposal: Proposal | None, day: date) -> RoleCode | None:
    """The post in which the actor may decide on a proposal that day because the decision was given to them."""
    delegates = situation.policy.decision.delegates
    delegation = proposal.delegation if proposal else None
    if delegates is None or delegation is None or delegation.to != situation.actor or not delegation.runs_on(day):
        return None
    return held(situation, delegates.value, day)
