"""When and how a step was taken down: what its own rules do not ask, and whoever looks back has to see all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain import events as e
from domain.case_people import CounterAllegation
from domain.compliance.findings import Finding, Verdict
from domain.compliance.redone import REDONE
from domain.decisions import COMMANDS
from domain.decisions.judgement import DecidingCommand, Situation
from domain.decisions.safe_contact import told_safely
from domain.events import Event
from domain.policy import Source, Strength

# Their day is that of the contact that they are about.
_OF_A_CONTACT: Final = (e.BreachRecorded,)
_DECIDES: Final = frozenset(
    {kind for kind, name in REDONE.items() if issubclass(COMMANDS[name], DecidingCommand) and kind not in _OF_A_CONTACT}
    | {e.RestrictionExtended, e.RestrictionOverturned}
)


def taken_down(event: Event, about: str, situation: Situation) -> Iterator[Finding]:
    """Decisions that were entered after their day, by how much and by whom; a call that went against a customer's wish.

    The situation is that in which the event was taken down.
    """
    late = event.position > 0 and event.recorded_on > event.effective_on
    if late and type(event.fact) in _DECIDES:
        yield _entered_late(event, about)
        yield from _by_the_accused(event, about, situation)
    if isinstance(event.fact, e.ToldByTelephone):
        yield from _told_safely(event, about, situation)


def _entered_late(event: Event, about: str) -> Finding:
    return Finding(
        rule="entered_late",
        clause="the record itself",
        strength=Strength.SHOULD,
        source=Source.BASELINE,
        about=about,
        verdict=Verdict.LATE,
        asks="A decision is taken down on its day.",
        due_on=event.effective_on,
        done_on=event.recorded_on,
        days_late=(event.recorded_on - event.effective_on).days,
        events=(event.event_id,),
    )


def _by_the_accused(event: Event, about: str, situation: Situation) -> Iterator[Finding]:
    """That something came before an allegation is no more than the word of whom it is made of (baseline 9)."""
    came_since = [
        allegation
        for case in (situation.case, *situation.others)
        for allegation in case.allegations
        if entered_against(allegation, event)
    ]
    rule = situation.baseline.rules["independence"]
    if came_since:
        named = ", ".join(a.id for a in came_since)
        yield Finding(
            rule="entered_by_the_accused",
            clause=f"baseline {rule.number}",
            strength=rule.strength,
            source=Source.BASELINE,
            about=about,
            verdict=Verdict.CANNOT_BE_SHOWN,
            asks=f"That it was done before {named} came rests on an entry that the accused made afterwards.",
            due_on=event.effective_on,
            done_on=event.recorded_on,
            events=(event.event_id,),
        )


def entered_against(allegation: CounterAllegation, event: Event) -> bool:
    """Whether the accused took something down while an allegation was open, dated before it came."""
    return (
        allegation.against == event.actor
        and allegation.open_on(event.recorded_on)
        and event.effective_on < allegation.received_on
    )


def _told_safely(event: Event, about: str, situation: Situation) -> Iterator[Finding]:
    """It was told all the same, and that stays; that it went against what the customer had asked for is said."""
    for violation in told_safely(event.effective_on, situation):
        yield Finding(
            rule=violation.rule,
            clause=violation.clause,
            strength=violation.strength,
            source=violation.source,
            about=about,
            verdict=Verdict.NOT_MET,
            asks=violation.asks,
            done_on=event.effective_on,
            events=(event.event_id,),
        )
