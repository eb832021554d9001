"""How the customer can be reached without harm: instructions that outlive a case, and letters that obey them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import DeliveryMethod, london_date
from domain.codes import IN_PERSON, Channel
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Situation,
    Violation,
    against_baseline,
    impossible,
    not_before,
    recorded,
    until_follows,
)
from domain.events import SafeContactEnded, SafeContactInstructed
from domain.personal import AdjustmentText


class InstructSafeContact(Command):
    """Takes down how the customer can be reached without harm; `methods` are the only ways in which a letter may go.

    It holds in every case of the customer's, until it is ended in the one in which it was given.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    methods: Annotated[tuple[DeliveryMethod, ...], Field(max_length=len(DeliveryMethod))]
    """None at all: nothing goes to them in writing, and they are told in conversation."""
    words: AdjustmentText
    """What a colleague must heed; never why."""
    no_visits: bool = False
    from_on: Day | None = None
    until: Day | None = None


class EndSafeContact(Command):
    """Takes down that an instruction is no longer needed; `on` is its last day."""

    takes_closed: ClassVar[bool] = True

    instruction: Id
    reason: AdjustmentText | None = None


def safe_methods(day: date, situation: Situation) -> frozenset[DeliveryMethod] | None:
    """The only ways in which a letter may go to the customer on that day; None where no instruction holds.

    An instruction outlives the case in which it was given, and goes with a record that was merged (baseline 8).
    """
    cases = (situation.case, *situation.others)
    holding = [frozenset(held.methods) for case in cases for held in case.safe_contacts if held.holds_on(day)]
    return frozenset.intersection(*holding) if holding else None


def may_be_written_to(method: DeliveryMethod, sent_at: datetime, situation: Situation) -> Iterator[Violation]:
    """A letter goes to the living, and only as the customer can safely be reached on that day (baseline 16 and 8)."""
    if any(case.dead() for case in (situation.case, *situation.others)):
        asks = "The customer has died; no letter goes to them any more."
        yield replace(against_baseline(situation, "retention", asks), rule="no_letters_after_death")
    safe = safe_methods(london_date(sent_at), situation)
    if safe is not None and method not in safe:
        by = f"by {', '.join(sorted(safe))} only" if safe else "in no way in writing; tell them in conversation"
        asks = f"The customer asked to be reached {by}."
        yield replace(against_baseline(situation, "notice_before_breach", asks, "method"), rule="safe_contact")


def told_safely(day: date, situation: Situation) -> Iterator[Violation]:
    """Nobody rings a customer who asked to be reached in other ways; who rang that day themselves was safe then."""
    safe = safe_methods(day, situation)
    if not safe or DeliveryMethod.READ_ALOUD in safe:
        return
    rang = any(
        c.happened_on == day and c.channel in IN_PERSON | {Channel.TELEPHONE} and c.customer_initiated and not c.moved
        for c in situation.case.contacts
    )
    if not rang:
        asks = f"The customer asked to be reached by {', '.join(sorted(safe))} only."
        yield replace(against_baseline(situation, "notice_before_breach", asks), rule="safe_contact")


def instruct_safe_contact(command: InstructSafeContact, situation: Situation) -> Decision:
    """From then on every letter obeys it (baseline 8), together with whatever else the customer asked for."""
    case = situation.case
    from_on = command.from_on or command.day(situation)
    problems = [*until_follows(command.until, from_on)]
    methods = set(command.methods)
    for given, known in ((c, safe) for c in (case, *situation.others) for safe in c.safe_contacts):
        overlaps = known.last_day is None or from_on <= known.last_day
        if methods and overlaps and not methods & set(known.methods):
            which = known.id if given.id == case.id else f"{known.id} of case {given.id}"
            asks = f"With {which} no way to write to the customer would be left; end that one if this replaces it."
            problems.append(impossible("a_way_is_left", asks, "methods"))
    fact = SafeContactInstructed(
        instruction=f"safe-contact-{len(case.safe_contacts) + 1}",
        methods=tuple(dict.fromkeys(command.methods)),
        no_visits=command.no_visits,
        from_on=from_on,
        until=command.until,
        words=command.words,
    )
    return recorded(situation, command, problems, fact)


def end_safe_contact(command: EndSafeContact, situation: Situation) -> Decision:
    """Only the customer ends it; this takes down that they did."""
    day = command.day(situation)
    found = next((s for s in situation.case.safe_contacts if s.id == command.instruction), None)
    problems: list[Violation] = []
    if found is None or (found.last_day is not None and found.last_day <= day):
        asks = f"No {command.instruction} holds after {day}."
        problems.append(impossible("unknown_instruction", asks, "instruction"))
    elif found.from_on <= situation.today:
        problems += not_before(day, found.from_on, "it was given")
    fact = SafeContactEnded(instruction=command.instruction, ended_on=day, reason=command.reason)
    return recorded(situation, command, problems, fact)
