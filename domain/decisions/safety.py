"""Safety warnings: one proposes, another approves; shown to those who need it, looked at again, over (baseline 14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import last_day
from domain.case_parts import Incident
from domain.case_safety import SafetyWarning
from domain.codes import Precaution, RoleCode, SafetyOutcome, UrgentStep
from domain.decisions.intake import known_incident
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    decided,
    held,
    holds_a_post,
    impossible,
    nobody_holds,
    not_before,
    recorded,
    titles,
)
from domain.decisions.standing_aside import actor_stands_aside
from domain.decisions.urgent import urgent_clauses
from domain.events import (
    SafetyAudienceInformed,
    SafetyWarningApproved,
    SafetyWarningDeclined,
    SafetyWarningProposed,
    SafetyWarningRemoved,
    SafetyWarningReviewed,
    SafetyWarningTold,
)
from domain.personal import SafetyText

RULE = "safety_warnings"
Precautions = Annotated[tuple[Precaution, ...], Field(max_length=10)]
Audience = Annotated[tuple[Id, ...], Field(max_length=20)]


class ProposeSafetyWarning(DecidingCommand):
    """Asks for a warning that staff may be at risk, because of one incident; nobody sees it before it is approved.

    `home` attaches it to a home too, for those who go there and need the precautions without the name. `audience`
    names those with a need to know: audiences and roles of the policy, or the baseline's own.
    """

    incident: Id
    precautions: Annotated[Precautions, Field(min_length=1)]
    audience: Annotated[Audience, Field(min_length=1)]
    review_on: Day
    expires_on: Day
    reasons: SafetyText
    home: Id | None = None
    precaution_words: SafetyText | None = None


class ApproveSafetyWarning(DecidingCommand):
    """Agrees as a second person, and says whether the customer is told, or why not."""

    warning: Id
    tells_person: bool
    not_told_because: SafetyText | None = None
    reasons: SafetyText | None = None


class DeclineSafetyWarning(DecidingCommand):
    """Does not agree; the warning was never shown."""

    warning: Id
    reasons: SafetyText


class TellPersonOfSafetyWarning(Command):
    """Takes down that the customer was told of it, and how to challenge it."""

    warning: Id
    notes: SafetyText | None = None


class InformSafetyAudience(Command):
    """Takes down that one audience was given it; that has to be undone when it ends."""

    warning: Id
    audience: Id


class ReviewSafetyWarning(DecidingCommand):
    """Says whether it stands, changes or goes; what stands gets the day of the next look, and can get a later end."""

    warning: Id
    outcome: SafetyOutcome
    reasons: SafetyText
    review_on: Day | None = None
    expires_on: Day | None = None
    precautions: Precautions = ()
    audience: Audience = ()
    precaution_words: SafetyText | None = None


class RemoveSafetyWarning(DecidingCommand):
    """Ends it before its date; the day is the first without it.

    `as_wrong` can be said of one that is over, too, also in a closed case: a wrong is put right whenever it is found.
    """

    takes_closed: ClassVar[bool] = True

    warning: Id
    reasons: SafetyText
    as_wrong: bool = False


def propose_safety_warning(command: ProposeSafetyWarning, situation: Situation) -> Decision:
    """One dated incident of this customer's own conduct, precautions, an audience, a review and an end."""
    case, day = situation.case, command.day(situation)
    incident = case.incident(command.incident)
    if incident is None:
        raise Refused([*known_incident(situation, command.incident, "incident")])
    problems = [
        *holds_a_post(situation, day),
        *actor_stands_aside(day, situation),
        *not_before(day, incident.happened_on, f"{incident.id} happened"),
        *_own_conduct(command.incident, situation),
        *_one_at_a_time(command.incident, day, situation),
        *_not_the_one_found_wrong(command.incident, situation),
        *_precautions_said(command.precautions, needs_words=command.precaution_words is None),
        *_known_audience(command.audience, situation),
        *_dates(day, command.review_on, command.expires_on, situation),
    ]
    fact = SafetyWarningProposed(
        warning=f"safety-{len(case.safety) + 1}",
        incident=incident.id,
        incident_on=incident.happened_on,
        home=command.home,
        precautions=tuple(dict.fromkeys(command.precautions)),
        audience=tuple(dict.fromkeys(command.audience)),
        review_on=command.review_on,
        expires_on=command.expires_on,
        reasons=command.reasons,
        precaution_words=command.precaution_words,
    )
    return decided(situation, command, any_post(situation, day), problems, _clauses(situation), fact)


def _own_conduct(code: str, situation: Situation) -> Iterator[Violation]:
    incident = situation.case.incident(code)
    if incident is None:
        return
    if incident.conduct_of != situation.case.person:
        asks = f"{code} is somebody else's conduct; a warning about them belongs to a case of theirs."
        yield against_baseline(situation, "one_person_one_decision", asks, "incident")
    elif incident.moved:
        yield impossible("entry_moved", f"{code} was moved to another person's case.", "incident")


def _one_at_a_time(incident: str, day: date, situation: Situation) -> Iterator[Violation]:
    for other in situation.case.safety:
        if other.incident == incident and not other.over_on(day):
            asks = f"{other.id} rests on {incident} already, and is {other.state}."
            yield _violated(situation, asks, "incident")


def _not_the_one_found_wrong(code: str, situation: Situation) -> Iterator[Violation]:
    """What was removed as wrong does not come back under another number: a new warning rests on something new."""
    case = situation.case
    incident = case.incident(code)
    for other in case.safety:
        wrong = case.incident(other.incident)
        if other.as_wrong and incident is not None and wrong is not None and _one_event(incident, wrong):
            asks = f"{other.id} rested on {other.incident} and was removed as wrong; a new one rests on a new incident."
            yield _violated(situation, asks, "incident")


def _one_event(incident: Incident, other: Incident) -> bool:
    """Whether two incidents tell of the same thing: the same contact, or the same day where one names no contact."""
    if incident.id == other.id:
        return True
    if incident.contact is None or other.contact is None:
        return incident.happened_on == other.happened_on
    return incident.contact == other.contact


def _precautions_said(precautions: Sequence[Precaution], *, needs_words: bool) -> Iterator[Violation]:
    if Precaution.OTHER in precautions and needs_words:
        asks = "A precaution outside the list is described in words."
        yield impossible("other_needs_words", asks, "precaution_words")


def _known_audience(audience: Iterable[str], situation: Situation) -> Iterator[Violation]:
    """Those with a need to know are named; there is no code for everybody."""
    policy, baseline = situation.policy, situation.baseline
    known = dict.fromkeys([*baseline.safety_audiences, *policy.audiences, *baseline.roles, *policy.roles])
    for code in audience:
        if code not in known:
            asks = f"Nobody is called {code}; those who can need it are: {', '.join(known)}."
            yield impossible("unknown_audience", asks, "audience")


def _dates(day: date, review_on: date, expires_on: date, situation: Situation) -> Iterator[Violation]:
    """It ends within a year, and somebody looks at it on or before that day."""
    latest = last_day(day, situation.baseline.safety_warning_lasts.period, situation.policy.nation)
    if expires_on > latest:
        yield _violated(situation, f"It expires on {latest} at the latest; a review can renew it.", "expires_on")
    if expires_on < day:
        yield impossible("end_before_start", f"expires_on ({expires_on}) lies before {day}.", "expires_on")
    if review_on <= day:
        yield impossible("review_follows", f"The review lies on a later day than {day}.", "review_on")
    if review_on > expires_on:
        yield _violated(situation, f"The review comes on or before the last day, {expires_on}.", "review_on")


def approve_safety_warning(command: ApproveSafetyWarning, situation: Situation) -> Decision:
    """It takes a second person in a post of weight, never the author; the customer is told, or it is said why not."""
    day = command.day(situation)
    warning = _proposed(command.warning, day, situation)
    problems = [
        *_second_person(warning, day, "Approving", situation),
        *_not_the_one_found_wrong(warning.incident, situation),
    ]
    if not command.tells_person and command.not_told_because is None:
        asks = "Tell the customer, or say in not_told_because why not."
        problems.append(_violated(situation, asks, "not_told_because"))
    if command.tells_person and command.not_told_because is not None:
        asks = "The customer is told; leave not_told_because out."
        problems.append(impossible("told_or_not", asks, "not_told_because"))
    fact = SafetyWarningApproved(
        warning=warning.id,
        approved_on=day,
        tells_person=command.tells_person,
        not_told_because=command.not_told_because,
        reasons=command.reasons,
    )
    return decided(situation, command, _post(day, situation), problems, _clauses(situation), fact)


def decline_safety_warning(command: DeclineSafetyWarning, situation: Situation) -> Decision:
    """The same people can say no; the proposal stays in the history and is never shown as a warning."""
    day = command.day(situation)
    warning = _proposed(command.warning, day, situation)
    problems = [*_second_person(warning, day, "Declining", situation)]
    fact = SafetyWarningDeclined(warning=warning.id, declined_on=day, reasons=command.reasons)
    return decided(situation, command, _post(day, situation), problems, _clauses(situation), fact)


def tell_person_of_safety_warning(command: TellPersonOfSafetyWarning, situation: Situation) -> Decision:
    """Once; where it was decided not to tell, and somebody did, that is taken down as it was."""
    day = command.day(situation)
    warning = _standing(command.warning, day, situation)
    problems: list[Violation] = []
    if warning.told_on is not None:
        problems.append(impossible("already_told", f"The customer was told on {warning.told_on}.", "warning"))
    fact = SafetyWarningTold(warning=warning.id, told_on=day, notes=command.notes)
    return recorded(situation, command, problems, fact)


def inform_safety_audience(command: InformSafetyAudience, situation: Situation) -> Decision:
    """Only those who were named as needing it are given it."""
    day = command.day(situation)
    warning = _standing(command.warning, day, situation)
    problems: list[Violation] = []
    if command.audience not in warning.audience:
        asks = f"{warning.id} is for: {', '.join(warning.audience)}."
        problems.append(_violated(situation, asks, "audience"))
    fact = SafetyAudienceInformed(warning=warning.id, audience=command.audience, informed_on=day)
    return recorded(situation, command, problems, fact)


def review_safety_warning(command: ReviewSafetyWarning, situation: Situation) -> Decision:
    """By somebody else than its author, so that no warning lives on one person's view; late is late, and counts."""
    day = command.day(situation)
    warning = _standing(command.warning, day, situation)
    problems = [*_second_person(warning, day, "Reviewing", situation)]
    goes_on = command.outcome is not SafetyOutcome.REMOVED
    if goes_on and command.review_on is None:
        problems.append(_violated(situation, "Say when it is looked at next.", "review_on"))
    elif goes_on and command.review_on is not None:
        problems += _dates(day, command.review_on, command.expires_on or warning.expires_on, situation)
    changes = bool(command.precautions or command.audience) or command.precaution_words is not None
    if changes != (command.outcome is SafetyOutcome.CHANGED):
        asks = "Precautions, their words and the audience are given when they change, and only then."
        problems.append(impossible("outcome_of_the_review", asks, "outcome"))
    if not goes_on and (command.review_on is not None or command.expires_on is not None):
        problems.append(impossible("outcome_of_the_review", "What is removed has no dates any more.", "outcome"))
    precautions = tuple(dict.fromkeys(command.precautions)) or warning.precautions
    audience = tuple(dict.fromkeys(command.audience)) or warning.audience
    precaution_words = command.precaution_words if command.precaution_words is not None else warning.precaution_words
    problems += _precautions_said(precautions, needs_words=precaution_words is None)
    problems += _known_audience(command.audience, situation)
    fact = SafetyWarningReviewed(
        warning=warning.id,
        outcome=command.outcome,
        reviewed_on=day,
        review_on=command.review_on,
        expires_on=command.expires_on,
        precautions=precautions,
        audience=audience,
        reasons=command.reasons,
        precaution_words=precaution_words,
    )
    return decided(situation, command, _post(day, situation), problems, _clauses(situation), fact)


def remove_safety_warning(command: RemoveSafetyWarning, situation: Situation) -> Decision:
    """As wrong it counts as never made; either way it is undone with everybody who was given it."""
    day = command.day(situation)
    found_wrong = command.as_wrong
    warning = (
        _ever_stood(command.warning, day, situation) if found_wrong else _standing(command.warning, day, situation)
    )
    problems = [*_may_decide(day, "Removing", situation)]
    fact = SafetyWarningRemoved(warning=warning.id, from_on=day, as_wrong=command.as_wrong, reasons=command.reasons)
    return decided(situation, command, _post(day, situation), problems, _clauses(situation), fact)


def _proposed(warning: str, day: date, situation: Situation) -> SafetyWarning:
    """The warning while it waits for its second person. Raises `Refused` otherwise."""
    found = _known(warning, situation)
    if found.state != "proposed":
        raise Refused([impossible("not_proposed", f"{warning} was {found.state} already.", "warning")])
    if found.over_on(day):
        asks = f"{warning} was to expire on {found.expires_on}; propose it anew if it is still needed."
        raise Refused([impossible("safety_warning_over", asks, "warning")])
    if day < found.proposed_on:
        raise Refused([*not_before(day, found.proposed_on, "it was proposed")])
    return found


def _standing(warning: str, day: date, situation: Situation) -> SafetyWarning:
    """The warning while it is to be heeded, on that day and today. Raises `Refused` otherwise."""
    found = _known(warning, situation)
    if not (found.stands_on(day) and found.stands_on(situation.today)):
        asks = f"{warning} was never approved." if found.approved_on is None else f"{warning} does not stand on {day}."
        raise Refused([impossible("safety_warning_stands", asks, "warning")])
    return found


def _ever_stood(warning: str, day: date, situation: Situation) -> SafetyWarning:
    """The warning if it was ever to be heeded, and nobody found yet that it was wrong. Raises `Refused` otherwise."""
    found = _known(warning, situation)
    if found.approved_on is None:
        raise Refused([impossible("safety_warning_stands", f"{warning} was never approved.", "warning")])
    if found.as_wrong:
        asks = f"{warning} was removed as wrong on {found.wrong_on} already."
        raise Refused([impossible("already_withdrawn", asks, "warning")])
    if day < found.approved_on:
        raise Refused([*not_before(day, found.approved_on, "it was approved")])
    return found


def _known(warning: str, situation: Situation) -> SafetyWarning:
    found = situation.case.safety_warning(warning)
    if found is None:
        raise Refused([impossible("unknown_safety_warning", f"This case has no {warning}.", "warning")])
    return found


def _second_person(warning: SafetyWarning, day: date, what: str, situation: Situation) -> Iterator[Violation]:
    yield from _may_decide(day, what, situation)
    if situation.actor == warning.proposed_by:
        yield _violated(situation, f"You proposed {warning.id}; somebody else looks at it.")


def _may_decide(day: date, what: str, situation: Situation) -> Iterator[Violation]:
    yield from actor_stands_aside(day, situation)
    if _post(day, situation) is None:
        asks = f"{what} it falls to the {titles(situation, _roles(situation))}; you did not hold that post on {day}."
        vacant = nobody_holds(situation, _roles(situation), day)
        yield replace(_violated(situation, asks + vacant), rule="post_held")


def _post(day: date, situation: Situation) -> RoleCode | None:
    return held(situation, _roles(situation), day)


def _roles(situation: Situation) -> tuple[RoleCode, ...]:
    """Who weighs a warning: whom the baseline names, and whoever decides under the policy."""
    return tuple(dict.fromkeys([*situation.baseline.safety_approved_by, *situation.policy.decision.by.value]))


def _violated(situation: Situation, asks: str, field: str | None = None) -> Violation:
    return against_baseline(situation, RULE, asks, field)


def _clauses(situation: Situation) -> list[str]:
    """The baseline's rule, and what the policy itself says of such a marker."""
    own = urgent_clauses(situation.policy, UrgentStep.SAFETY_MARKER)
    return [f"baseline {situation.baseline.rules[RULE].number}", *(clause.cited for clause in own)]
