"""The decision itself: a restriction is applied, and every date that follows from it is fixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.case_parts import Proposal
from domain.codes import Answer, Characteristic
from domain.decisions.conflicts import adjustments_are_kept
from domain.decisions.gates import (
    checks_confirmed,
    circumstances_were_considered,
    decision_says,
    evidence_is_there,
    panel_was_asked,
    steps_were_taken,
    supporting_warning,
    warning_came_first,
)
from domain.decisions.intake import grounds_exist, usable_incidents
from domain.decisions.interim import confirmed_in_time
from domain.decisions.judgement import (
    Day,
    DecidingCommand,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    decided,
    not_in_the_future,
)
from domain.decisions.measures import MeasureRequest, a_usable_channel_stays_open, build, still_bound, well_formed
from domain.decisions.proposals import may_decide, open_proposal
from domain.decisions.standing_aside import allegations_were_seen, entered_by_the_accused
from domain.decisions.terms import appeal_terms, first_term_allowed, first_term_ends, has_an_end, schedule
from domain.events import Measure, RestrictionApplied
from domain.measures import left_open
from domain.personal import DecisionText
from domain.policy import DecisionAsk, PeriodText


class ApplyRestriction(DecidingCommand):
    """Puts measures in force on a proposal; the letter that makes them bind goes out with `send-notice`."""

    asks_of_others: ClassVar[bool] = True

    proposal: Id
    measures: Annotated[tuple[MeasureRequest, ...], Field(min_length=1, max_length=20)]
    behaviour: DecisionText
    proportionality: DecisionText
    channels_usable: Answer
    ends_on: Day | None = None
    review_every: PeriodText | None = None
    impact: DecisionText | None = None
    allowances: DecisionText | None = None
    pattern: DecisionText | None = None
    single_ground_reason: DecisionText | None = None
    term_reason: DecisionText | None = None
    exceptional_reason: DecisionText | None = None
    same_behaviour_reason: DecisionText | None = None
    extreme_reason: DecisionText | None = None
    extremis_reason: DecisionText | None = None
    characteristics: tuple[Characteristic, ...] = ()
    confirms: Id | None = None
    """The interim restriction that this takes the place of; it is over from here on."""
    allegations_seen: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """Every counter-allegation of the case, open or concluded, as looked at before deciding."""


def apply_restriction(command: ApplyRestriction, situation: Situation) -> Decision:
    """Every rule of policy and baseline is asked at once, and all that stand in the way are named."""
    case, policy, day = situation.case, situation.policy, command.day(situation)
    proposal = open_proposal(situation, command.proposal)
    restriction = f"restriction-{len(case.restrictions) + 1}"
    interim = case.restriction(command.confirms) if command.confirms is not None else None
    standing = interim.sets[-1].measures if interim is not None and not interim.over_on(situation.today) else ()
    measures = _going_on(build(command.measures, restriction, situation, standing), command.confirms, situation)
    ends_on = first_term_ends(day, command.ends_on, policy)
    post, problems = may_decide(situation, proposal, command)
    problems += [
        *_rests_on(proposal, command, situation),
        *well_formed(command.measures, situation, standing),
        *a_usable_channel_stays_open(
            measures, command.channels_usable, command.extremis_reason, command.confirms, situation
        ),
        *adjustments_are_kept(measures, command.confirms, situation),
        *has_an_end(day, ends_on, situation),
        *(confirmed_in_time(command.confirms, proposal, day, situation) if command.confirms else ()),
        *allegations_were_seen(command.allegations_seen, day, situation),
    ]
    if ends_on is None or ends_on <= day:
        raise Refused([*not_in_the_future(day, situation), *problems])
    problems += first_term_allowed(day, ends_on, command.term_reason, command.exceptional_reason, situation)
    exceptional = command.exceptional_reason is not None
    fact = RestrictionApplied(
        restriction=restriction,
        proposal=proposal.id,
        incidents=proposal.incidents,
        grounds=proposal.grounds,
        categories=proposal.categories,
        measures=measures,
        decided_on=day,
        starts_on=day,
        ends_on=ends_on,
        reviews=schedule(day, day, ends_on, exceptional=exceptional, every=command.review_every, situation=situation),
        appeal=appeal_terms(situation),
        exceptional=exceptional,
        channels_usable=command.channels_usable,
        left_open=left_open(measures),
        household=case.household,
        behaviour=command.behaviour,
        proportionality=command.proportionality,
        impact=command.impact,
        allowances=command.allowances,
        pattern=command.pattern,
        single_ground_reason=command.single_ground_reason,
        term_reason=command.term_reason,
        exceptional_reason=command.exceptional_reason,
        same_behaviour_reason=command.same_behaviour_reason,
        characteristics=command.characteristics,
        warning=supporting_warning(day, situation),
        extreme_reason=command.extreme_reason,
        extremis_reason=command.extremis_reason,
        confirms=command.confirms,
        allegations_seen=command.allegations_seen,
    )
    return decided(situation, command, post, problems, _clauses(proposal, fact, situation), fact)


def _going_on(measures: Sequence[Measure], confirms: str | None, situation: Situation) -> tuple[Measure, ...]:
    """The measures, those of a confirmed interim restriction that go on unchanged as the customer knows them."""
    interim = situation.case.restriction(confirms) if confirms is not None else None
    if interim is None:
        return tuple(measures)
    return tuple(still_bound(m, interim, situation) for m in measures)


def _rests_on(proposal: Proposal, command: ApplyRestriction, situation: Situation) -> list[Violation]:
    """Everything that has to have happened, and to be said, before this decision."""
    day = command.day(situation)
    extreme = command.extreme_reason is not None
    return [
        *usable_incidents(situation, proposal.incidents),
        *grounds_exist(situation, proposal.grounds),
        *warning_came_first(proposal, day, command.extreme_reason, command.same_behaviour_reason, situation),
        *checks_confirmed(proposal, situation),
        *panel_was_asked(proposal, situation),
        *steps_were_taken(day, situation),
        *circumstances_were_considered(day, situation),
        *evidence_is_there(proposal, situation),
        *_entered_by_the_accused(proposal, day, situation),
        *decision_says(
            {
                DecisionAsk.IMPACT: command.impact,
                DecisionAsk.ALLOWANCES: command.allowances,
                DecisionAsk.PATTERN: command.pattern,
                DecisionAsk.SINGLE_GROUND_REASON: command.single_ground_reason,
            },
            proposal,
            extreme,
            situation,
        ),
    ]


def _entered_by_the_accused(proposal: Proposal, day: date, situation: Situation) -> Iterator[Violation]:
    """The warnings, the proposal and the checks that the decision rests on were not dated back by who is accused."""
    for warning, _ in situation.case.standing_warnings(day):
        by, on = warning.issued_by, warning.issued_on
        yield from entered_by_the_accused(warning.id, by, on, warning.recorded_on, situation)
    by, on = proposal.proposed_by, proposal.proposed_on
    yield from entered_by_the_accused(proposal.id, by, on, proposal.recorded_on, situation)
    for check in proposal.checks.values():
        yield from entered_by_the_accused(f"The check {check.code}", check.by, check.on, check.recorded_on, situation)


def _clauses(proposal: Proposal, fact: RestrictionApplied, situation: Situation) -> list[str]:
    """The clauses that the decision relies on: who decides, the grounds, the checks, the measures, the term."""
    policy = situation.policy
    term = policy.term.first or policy.term.stated
    return [
        policy.decision.by.cited,
        *(policy.grounds[g].cited for g in proposal.grounds if g in policy.grounds),
        *(check.cited for check in policy.checks.values()),
        *(m.clause for m in fact.measures),
        *([term.cited] if term else []),
        fact.appeal.clause,
    ]
