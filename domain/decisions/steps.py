"""The steps before a restriction: the written warning, a spoken one, meetings, mediation, agreements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from domain.decisions.intake import known_contact, usable_incidents
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Situation,
    Violation,
    against,
    any_post,
    as_must,
    decided,
    held,
    held_by_policy,
    impossible,
    not_before,
    recorded,
)
from domain.decisions.standing_aside import actor_stands_aside
from domain.events import (
    AgreementEnded,
    AgreementMade,
    MediationOffered,
    MeetingDeclined,
    MeetingHeld,
    MeetingOffered,
    SpokenWarningGiven,
    WarningIssued,
    WarningWithdrawn,
)
from domain.personal import DecisionText
from domain.policy import StepCode


class IssueWarning(DecidingCommand):
    """Warns the customer in writing; the letter itself goes out with `send-notice`."""

    incidents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
    behaviour: DecisionText
    change_asked: DecisionText
    consequences: DecisionText
    initial_measures: tuple[Id, ...] = ()
    initial_measures_words: DecisionText | None = None


class WithdrawWarning(DecidingCommand):
    """Takes a warning back; it supports nothing any more."""

    warning: Id
    reason: DecisionText


class GiveSpokenWarning(Command):
    """Takes down a polite warning in the conversation itself."""

    contact: Id
    words: DecisionText


class OfferMeeting(Command):
    """Takes down that a meeting was offered; `explains` names the restriction that it would explain."""

    detail: DecisionText
    explains: Id | None = None


class HoldMeeting(Command):
    """Takes down that it took place and what was explained."""

    meeting: Id
    notes: DecisionText
    explained: tuple[Id, ...] = ()


class DeclineMeeting(Command):
    """Takes down that the customer did not want it, or did not come."""

    meeting: Id
    notes: DecisionText | None = None


class OfferMediation(Command):
    """Takes down that somebody from outside was offered."""

    detail: DecisionText


class MakeAgreement(Command):
    """Takes down an agreement on how contact will go."""

    terms: DecisionText
    review_on: Day


class EndAgreement(Command):
    """Takes down that the agreement is over."""

    agreement: Id
    reason: DecisionText


def issue_warning(command: IssueWarning, situation: Situation) -> Decision:
    """A warning rests on recorded incidents and says what, what to change and what may follow."""
    case, policy = situation.case, situation.policy
    day = command.day(situation)
    problems = [
        *held_by_policy(situation, policy.warning.by, day, "Warning"),
        *actor_stands_aside(day, situation),
        *usable_incidents(situation, command.incidents),
        *_incident_recorded_first(command, situation),
        *_initial_measures_allowed(command, situation),
    ]
    incidents = [i for i in case.incidents if i.id in command.incidents]
    lasts = policy.warning.lasts.value if policy.warning.lasts else situation.baseline.warning_lasts.period
    fact = WarningIssued(
        warning=f"warning-{len(case.warnings) + 1}",
        incidents=command.incidents,
        grounds=tuple(dict.fromkeys(g for i in incidents for g in i.grounds)),
        categories=tuple(dict.fromkeys(c for i in incidents for c in i.categories)),
        lapses_after=str(lasts),
        initial_measures=command.initial_measures,
        behaviour=command.behaviour,
        change_asked=command.change_asked,
        consequences=command.consequences,
        initial_measures_words=command.initial_measures_words,
    )
    by = policy.warning.by
    post = held(situation, by.value, day) if by else any_post(situation, day)
    clauses = [v.cited for v in (policy.warning.required, by) if v] or ["baseline 5"]
    return decided(situation, command, post, problems, clauses, fact)


def _incident_recorded_first(command: IssueWarning, situation: Situation) -> Iterator[Violation]:
    first = situation.policy.warning.incident_recorded_first
    if first is None or not first.value:
        return
    for incident in situation.case.incidents:
        if incident.id in command.incidents and incident.recorded_on > command.day(situation):
            yield against(
                first, "incident_recorded_first", f"{incident.id} was recorded only after the warning.", "incidents"
            )


def _initial_measures_allowed(command: IssueWarning, situation: Situation) -> Iterator[Violation]:
    allowed = situation.policy.warning.initial_measures
    for code in command.initial_measures:
        if allowed is None:
            yield impossible(
                "no_initial_measures", "The policy knows no measures at the warning stage.", "initial_measures"
            )
        elif code not in allowed.value:
            known = ", ".join(allowed.value)
            yield as_must(
                allowed,
                "initial_measures_are_informal",
                f"At the warning stage there is only {known}.",
                "initial_measures",
            )


def withdraw_warning(command: WithdrawWarning, situation: Situation) -> Decision:
    """Whoever may warn may take it back."""
    day = command.day(situation)
    warning = situation.case.warning(command.warning)
    by = situation.policy.warning.by
    problems = [*held_by_policy(situation, by, day, "Withdrawing a warning")]
    if warning is None or warning.withdrawn:
        problems.append(impossible("unknown_warning", f"There is no standing {command.warning}.", "warning"))
    fact = WarningWithdrawn(warning=command.warning, reason=command.reason)
    post = held(situation, by.value, day) if by else any_post(situation, day)
    return decided(situation, command, post, problems, [by.cited] if by else ["baseline 5"], fact)


def give_spoken_warning(command: GiveSpokenWarning, situation: Situation) -> Decision:
    """A chance to change before an officer ends the conversation."""
    fact = SpokenWarningGiven(contact=command.contact, given_on=command.day(situation), words=command.words)
    return recorded(situation, command, known_contact(situation, command.contact), fact)


def offer_meeting(command: OfferMeeting, situation: Situation) -> Decision:
    """Before a decision a way forward is looked for; after one it is explained."""
    problems: list[Violation] = []
    if command.explains is not None and situation.case.restriction(command.explains) is None:
        problems.append(impossible("unknown_restriction", f"This case has no {command.explains}.", "explains"))
    fact = MeetingOffered(
        meeting=f"meeting-{len(situation.case.meetings) + 1}",
        explains=command.explains,
        offered_on=command.day(situation),
        detail=command.detail,
    )
    return recorded(situation, command, problems, fact)


def hold_meeting(command: HoldMeeting, situation: Situation) -> Decision:
    """What a policy wants explained is taken from its own list."""
    problems = [*_open_meeting(command.meeting, command, situation)]
    step = situation.policy.steps.get(StepCode.MEETING_AFTER)
    for code in command.explained:
        if step is not None and step.covers and code not in step.covers:
            known = ", ".join(step.covers)
            problems.append(impossible("unknown_topic", f"The policy wants explained: {known}.", "explained"))
    fact = MeetingHeld(
        meeting=command.meeting, held_on=command.day(situation), explained=command.explained, notes=command.notes
    )
    return recorded(situation, command, problems, fact)


def decline_meeting(command: DeclineMeeting, situation: Situation) -> Decision:
    """Not coming counts against nobody."""
    fact = MeetingDeclined(meeting=command.meeting, declined_on=command.day(situation), notes=command.notes)
    return recorded(situation, command, _open_meeting(command.meeting, command, situation), fact)


def _open_meeting(meeting: str, command: Command, situation: Situation) -> Iterator[Violation]:
    found = next((m for m in situation.case.meetings if m.id == meeting), None)
    if found is None or found.held_on or found.declined_on:
        yield impossible("unknown_meeting", f"There is no {meeting} that was offered and is still to come.", "meeting")
    else:
        yield from not_before(command.day(situation), found.offered_on, "the meeting was offered")


def offer_mediation(command: OfferMediation, situation: Situation) -> Decision:
    """Somebody neutral may help both sides."""
    taken = sum(1 for s in situation.case.steps if s.code == StepCode.MEDIATION)
    fact = MediationOffered(
        mediation=f"mediation-{taken + 1}", offered_on=command.day(situation), detail=command.detail
    )
    return recorded(situation, command, (), fact)


def make_agreement(command: MakeAgreement, situation: Situation) -> Decision:
    """An agreement is looked at again on a day that it names."""
    problems: list[Violation] = []
    if command.review_on <= command.day(situation):
        problems.append(impossible("review_follows", "The review lies on a later day than the agreement.", "review_on"))
    fact = AgreementMade(
        agreement=f"agreement-{len(situation.case.agreements) + 1}",
        made_on=command.day(situation),
        review_on=command.review_on,
        terms=command.terms,
    )
    return recorded(situation, command, problems, fact)


def end_agreement(command: EndAgreement, situation: Situation) -> Decision:
    """An agreement that stands comes to its end."""
    found = next((a for a in situation.case.agreements if a.id == command.agreement), None)
    problems: list[Violation] = []
    if found is None or found.ended_on:
        problems.append(impossible("unknown_agreement", f"There is no standing {command.agreement}.", "agreement"))
    else:
        problems += not_before(command.day(situation), found.made_on, "the agreement was made")
    fact = AgreementEnded(agreement=command.agreement, ended_on=command.day(situation), reason=command.reason)
    return recorded(situation, command, problems, fact)
