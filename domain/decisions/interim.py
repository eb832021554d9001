"""The interim restriction: by the duty manager, only what safety needs, for days, and never twice (baseline 13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import last_day
from domain.case import Case
from domain.case_parts import Proposal, Restriction
from domain.codes import Answer, EndKind, RoleCode
from domain.decisions.conflicts import adjustments_are_kept
from domain.decisions.intake import usable_incidents
from domain.decisions.judgement import (
    Day,
    DecidingCommand,
    Decision,
    Id,
    Situation,
    Violation,
    against_baseline,
    decided,
    held,
    impossible,
    nobody_holds,
    not_before,
    titles,
)
from domain.decisions.measures import MeasureRequest, a_usable_channel_stays_open, build, well_formed
from domain.decisions.standing_aside import actor_stands_aside
from domain.decisions.terms import BASELINE_REVIEW, appeal_terms
from domain.decisions.urgent import follow_ups
from domain.events import InterimRestrictionApplied, Measure, ScheduledReview
from domain.measures import left_open
from domain.personal import DecisionText
from domain.policy import When

RULE = "urgent"  # the baseline's rule on urgent cases


class ApplyInterim(DecidingCommand):
    """Limits contact at once and for days, as far as somebody's safety needs it; the decider confirms it, or it ends.

    Without `ends_on` it ends as late as it may.
    """

    asks_of_others: ClassVar[bool] = True

    incidents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    measures: Annotated[tuple[MeasureRequest, ...], Field(min_length=1, max_length=20)]
    behaviour: DecisionText
    safety_reason: DecisionText
    channels_usable: Answer
    ends_on: Day | None = None
    extremis_reason: DecisionText | None = None


def apply_interim(command: ApplyInterim, situation: Situation) -> Decision:
    """It needs no warning, check or panel; therefore it is short, once, and confined to what keeps people safe."""
    case, policy, day = situation.case, situation.policy, command.day(situation)
    restriction = f"restriction-{len(case.restrictions) + 1}"
    measures = build(command.measures, restriction, situation)
    latest = last_day(day, situation.baseline.interim_lasts.period, policy.nation)
    ends_on = command.ends_on or latest
    incidents = [i for i in case.incidents if i.id in command.incidents]
    fact = InterimRestrictionApplied(
        restriction=restriction,
        incidents=tuple(dict.fromkeys(command.incidents)),
        grounds=tuple(dict.fromkeys(g for i in incidents for g in i.grounds)),
        categories=tuple(dict.fromkeys(c for i in incidents for c in i.categories)),
        measures=measures,
        decided_on=day,
        starts_on=day,
        ends_on=ends_on,
        reviews=(_first_look(day, ends_on, situation),),
        appeal=appeal_terms(situation),
        channels_usable=command.channels_usable,
        left_open=left_open(measures),
        household=case.household,
        behaviour=command.behaviour,
        safety_reason=command.safety_reason,
        extremis_reason=command.extremis_reason,
        follow_ups=follow_ups(command.incidents, day, situation),
    )
    problems = [
        *by_the_duty_manager(day, "An interim restriction", situation),
        *actor_stands_aside(day, situation),
        *usable_incidents(situation, command.incidents),
        *_before_it(command, day, situation),
        *_never_twice(command.incidents, day, situation),
        *_ends_in_time(day, ends_on, latest, situation),
        *well_formed(command.measures, situation),
        *_only_what_safety_needs(measures, situation),
        *_a_channel_stays_open(measures, command, situation),
        *adjustments_are_kept(measures, None, situation),
    ]
    clauses = [_clause(situation), *(m.clause for m in measures), fact.appeal.clause]
    return decided(situation, command, duty_manager(day, situation), problems, clauses, fact)


def duty_manager(day: date, situation: Situation) -> RoleCode | None:
    """The post in which the actor may apply, ease or lift an interim restriction."""
    return held(situation, situation.baseline.interim_by, day)


def by_the_duty_manager(day: date, what: str, situation: Situation) -> Iterator[Violation]:
    """Nobody else decides at once; whoever decides under the policy takes the policy's road."""
    if duty_manager(day, situation) is None:
        who = titles(situation, situation.baseline.interim_by)
        asks = f"{what} falls to the {who}; you did not hold that post on {day}."
        vacant = nobody_holds(situation, situation.baseline.interim_by, day)
        yield replace(_violated(situation, asks + vacant), rule="post_held")


def _before_it(command: ApplyInterim, day: date, situation: Situation) -> Iterator[Violation]:
    for incident in situation.case.incidents:
        if incident.id in command.incidents and incident.happened_on > day:
            asks = f"{incident.id} happened only on {incident.happened_on}."
            yield impossible("end_before_start", asks, "incidents")


def _never_twice(incidents: Sequence[str], day: date, situation: Situation) -> Iterator[Violation]:
    """Not while one is in force, not for what one rested on, and not until the decider has decided after the last.

    Records that were merged are one person: what stands in another case of theirs counts as in this one.
    """
    case = situation.case
    known = [(of, r) for of in (case, *situation.others) for r in of.restrictions if r.interim]
    happened = [i.happened_on for i in case.incidents if i.id in incidents]
    for of, earlier in known:
        again = _same_conduct(incidents, earlier, case) if of.id == case.id else []
        named = earlier.id if of.id == case.id else f"{earlier.id} of case {of.id}"
        if again:
            asks = f"{named} rested on {', '.join(again)} already; an interim restriction is not renewed."
            yield _violated(situation, asks, "incidents")
        elif not earlier.over_on(day):
            asks = f"{named} is in force until {earlier.ends_on}; ask the policy's decider to confirm it."
            yield _violated(situation, asks)
        elif of.id != case.id and any(on <= earlier.last_day() for on in happened):
            # Closing a case and opening the next is no way to begin its days anew.
            asks = f"{named} lasted until {earlier.last_day()}; name what happened since."
            yield _violated(situation, asks, "incidents")
        elif (
            earlier.end_kind is not EndKind.CONFIRMED
            and of.stage != "closed"
            and not _decided_since(earlier, situation)
        ):
            asks = f"{named} ended unconfirmed; what follows in the same course is for the policy's decider."
            yield _violated(situation, asks)


def _same_conduct(incidents: Sequence[str], interim: Restriction, case: Case) -> list[str]:
    """Those of the incidents on which an interim restriction rested, also where a contact was written up again."""
    contacts = {i.contact for i in case.incidents if i.id in interim.incidents and i.contact is not None}
    return [i.id for i in case.incidents if i.id in incidents and (i.id in interim.incidents or i.contact in contacts)]


def _decided_since(interim: Restriction, situation: Situation) -> bool:
    """Whether the policy's decider has applied or declined a restriction since; then another course begins."""
    return any(
        p.outcome in ("applied", "declined") and p.decided_on is not None and p.decided_on >= interim.decided_on
        for case in (situation.case, *situation.others)
        for p in case.proposals
    )


def _ends_in_time(day: date, ends_on: date, latest: date, situation: Situation) -> Iterator[Violation]:
    if ends_on > latest:
        yield _violated(situation, f"It ends on {latest} at the latest, unless the decider confirms it.", "ends_on")
    elif latest < situation.today:
        asks = f"Decided on {day} it was over after {latest}, before anybody took it down; it never bound anybody."
        yield _violated(situation, asks, "on")
    elif ends_on < day:
        yield impossible("end_before_start", f"ends_on ({ends_on}) lies before the decision ({day}).", "ends_on")


def _only_what_safety_needs(measures: Sequence[Measure], situation: Situation) -> Iterator[Violation]:
    effects = situation.baseline.interim_effects
    for measure in measures:
        if measure.effect not in effects:
            asks = f"{measure.code} keeps nobody safe; it waits for the full decision."
            yield _violated(situation, asks, "measures")


def _a_channel_stays_open(
    measures: Sequence[Measure], command: ApplyInterim, situation: Situation
) -> Iterator[Violation]:
    """What remains may be unknown to suit the customer for once; that something remains may not (baseline 2)."""
    unknown = command.channels_usable is Answer.NOT_KNOWN
    answer = Answer.YES if unknown else command.channels_usable
    yield from a_usable_channel_stays_open(measures, answer, command.extremis_reason, None, situation)


def _first_look(day: date, ends_on: date, situation: Situation) -> ScheduledReview:
    """The review at the first opportunity: by whom the policy names after an urgent event, else by its decider."""
    policy = situation.policy
    for code, review in policy.reviews.items():
        if review.when is When.AFTER_EVENT and review.first_after is not None:
            due = last_day(day, review.first_after, policy.nation)
            by, clause = review.by or review.appointed_by, review.cited
            return ScheduledReview(cadence=code, due_on=max(day, min(due, ends_on)), opens_on=day, by=by, clause=clause)
    due = last_day(day, situation.baseline.interim_reviewed.period, policy.nation)
    return ScheduledReview(
        cadence=BASELINE_REVIEW,
        due_on=max(day, min(due, ends_on)),
        opens_on=day,
        by=policy.decision.by.value,
        clause=_clause(situation),
    )


# What becomes of it afterwards


def confirmed_in_time(interim: str, proposal: Proposal, day: date, situation: Situation) -> Iterator[Violation]:
    """A decision that takes the place of an interim restriction comes before its end and rests on the same conduct."""
    found = situation.case.restriction(interim)
    if found is None or not found.interim:
        yield impossible("unknown_restriction", f"This case has no interim restriction {interim}.", "confirms")
    elif found.over_on(situation.today):
        asks = f"{interim} was over after {found.last_day()}; decide without confirms, on what there is now."
        yield _violated(situation, asks, "confirms")
    elif day < found.decided_on:
        yield from not_before(day, found.decided_on, f"{interim} was decided")
    elif not set(found.incidents) & set(proposal.incidents):
        asks = f"{proposal.id} rests on none of the incidents of {interim}: {', '.join(found.incidents)}."
        yield _violated(situation, asks, "confirms")


def not_made_longer(restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    """Nobody extends an interim restriction; it is confirmed, or it ends."""
    if restriction.interim:
        asks = f"{restriction.id} is an interim restriction and ends on {restriction.ends_on}; the decider confirms it."
        yield _violated(situation, asks, "restriction")


def not_made_stricter(restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    """More than an interim restriction asks is for the full decision."""
    if restriction.interim:
        asks = f"{restriction.id} is an interim restriction; it can be eased, and more needs the full decision."
        yield _violated(situation, asks, "measures")


def _violated(situation: Situation, asks: str, field: str | None = None) -> Violation:
    return against_baseline(situation, RULE, asks, field)


def _clause(situation: Situation) -> str:
    return f"baseline {situation.baseline.rules[RULE].number}"
