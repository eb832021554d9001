"""What the customer alleges of staff: taken down, given to somebody else, and looked at by somebody independent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from domain.calendar import last_day
from domain.case_people import CounterAllegation
from domain.codes import AllegationOutcome, RoleCode, StaffId
from domain.decisions.intake import known_contact
from domain.decisions.judgement import (
    Command,
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
    not_before,
    recorded,
    titles,
)
from domain.decisions.standing_aside import actor_stands_aside, rank_on
from domain.events import CounterAllegationConcluded, CounterAllegationRecorded
from domain.personal import ContactText, DecisionText


class RecordCounterAllegation(Command):
    """Takes down what the customer alleges of a colleague, and to which post it goes."""

    asks_of_others: ClassVar[bool] = True

    against: Id
    """The colleague of whom it is said."""

    routed_to: Id
    """The role that looks into it; somebody else than the accused has to hold it."""

    account: ContactText
    contact: Id | None = None


class ConcludeCounterAllegation(DecidingCommand):
    """Says what an independent look at an allegation found."""

    allegation: Id
    outcome: AllegationOutcome
    findings: DecisionText


def record_counter_allegation(command: RecordCounterAllegation, situation: Situation) -> Decision:
    """Anybody takes it down, the accused included; it goes to a post in which somebody else can act that day."""
    accused, role = StaffId(command.against), RoleCode(command.routed_to)
    problems = [
        *_a_colleague(accused, situation),
        *_goes_to_somebody_else(accused, role, command, situation),
        *(known_contact(situation, command.contact) if command.contact else ()),
        *_not_taken_down_yet(command, situation),
    ]
    day, within = command.day(situation), situation.baseline.allegation_concluded_within.period
    fact = CounterAllegationRecorded(
        allegation=f"allegation-{len(situation.case.allegations) + 1}",
        against=accused,
        contact=command.contact,
        routed_to=role,
        received_on=day,
        account=command.account,
        conclude_by_on=last_day(day, within, situation.policy.nation),
    )
    return recorded(situation, command, problems, fact)


def _a_colleague(accused: StaffId, situation: Situation) -> Iterator[Violation]:
    """Somebody who held a post at some time: an id with a slip in it would bar nobody from anything."""
    if not any(t.staff == accused for t in situation.landlord.tenures):
        yield impossible("unknown_colleague", "Nobody of this id ever held a post with this landlord.", "against")


def _goes_to_somebody_else(
    accused: StaffId, role: RoleCode, command: RecordCounterAllegation, situation: Situation
) -> Iterator[Violation]:
    known = {*situation.policy.roles, *situation.baseline.roles}
    if role not in known:
        yield impossible("unknown_post", f"The posts are: {', '.join(sorted(known))}.", "routed_to")
        return
    day = command.day(situation)
    barred = situation.accused_on(day) | {accused}
    if not set(situation.landlord.holders(role, day, barred)) - barred:
        who = titles(situation, (role,))
        asks = f"Nobody who is not accused could act as {who} on {day}; name a post in which somebody else can."
        yield against_baseline(situation, "counter_allegations", asks, "routed_to")


def _not_taken_down_yet(command: RecordCounterAllegation, situation: Situation) -> Iterator[Violation]:
    for known in situation.case.allegations:
        if command.contact is not None and (known.contact, known.against) == (command.contact, command.against):
            yield impossible("already_recorded", f"That is {known.id} already.", "contact")


def conclude_counter_allegation(command: ConcludeCounterAllegation, situation: Situation) -> Decision:
    """Whoever concludes it is accused of nothing, recorded no incident here, and is not junior (baseline 12)."""
    allegation, day = open_allegation(situation, command.allegation), command.day(situation)
    problems = [
        *holds_a_post(situation, day),
        *not_before(day, allegation.received_on, "it was received"),
        *actor_stands_aside(day, situation),
        *_looks_independently(allegation, command, situation),
    ]
    fact = CounterAllegationConcluded(
        allegation=command.allegation, outcome=command.outcome, concluded_on=day, findings=command.findings
    )
    post = held(situation, (allegation.routed_to,), day) or any_post(situation, day)
    return decided(situation, command, post, problems, ["baseline 12"], fact)


def open_allegation(situation: Situation, allegation: str) -> CounterAllegation:
    """The allegation while nobody has concluded it; raises `Refused` otherwise."""
    found = situation.case.allegation(allegation)
    if found is None:
        raise Refused([impossible("unknown_allegation", f"This case has no {allegation}.", "allegation")])
    if found.outcome is not None:
        asks = f"{allegation} was concluded on {found.concluded_on} already."
        raise Refused([impossible("already_concluded", asks, "allegation")])
    return found


def _looks_independently(
    allegation: CounterAllegation, command: ConcludeCounterAllegation, situation: Situation
) -> Iterator[Violation]:
    day = command.day(situation)
    recorders = {i.recorded_by for i in situation.case.incidents if not i.moved}
    if situation.actor in recorders:
        asks = "You recorded an incident against this customer; somebody else looks at what they allege."
        yield against_baseline(situation, "counter_allegations", asks)
    own, theirs = rank_on(situation.actor, day, situation), rank_on(allegation.against, day, situation)
    routed = held(situation, (allegation.routed_to,), day) is not None
    # Of a post without a rank nobody knows whether it is junior: it does when the allegation was given to it.
    junior = own > 0 or not routed
    if own < theirs and junior and any_post(situation, day) is not None:
        asks = "You are junior to whom it is alleged of; somebody of their rank or above looks at it."
        yield against_baseline(situation, "counter_allegations", asks)
