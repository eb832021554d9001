"""Breaches: only completed contact that the customer began, against a measure they knew of, outside every exception."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from domain.case import Binding
from domain.case_parts import Breach, Contact
from domain.conflicts import adjustment_went_before
from domain.decisions.intake import known_contact
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    at,
    holds_a_post,
    impossible,
    judge,
    recorded,
)
from domain.events import BreachRecorded, BreachReported, BreachWithdrawn
from domain.measures import contravenes, counts, protected, told_before
from domain.personal import ContactText


class RecordBreach(DecidingCommand):
    """Says that a logged contact went against a measure."""

    asks_of_others: ClassVar[bool] = True

    contact: Id
    restriction: Id
    measure: Id
    account: ContactText


class WithdrawBreach(Command):
    """Says that it was no breach after all, whenever that is found."""

    takes_closed: ClassVar[bool] = True

    breach: Id
    reason: ContactText


class ReportBreach(Command):
    """Takes down that whoever watches over restrictions was told of it."""

    breach: Id


def record_breach(command: RecordBreach, situation: Situation) -> Decision:
    """What always gets through is never a breach, and nothing before the notice is (baseline 1 and 8)."""
    case = situation.case
    contact = case.contact(command.contact)
    if contact is None:
        raise Refused([*known_contact(situation, command.contact)])
    binding = next(
        (
            b
            for b in case.binding_on(contact.happened_on)
            if b.restriction.id == command.restriction and b.measure.id == command.measure
        ),
        None,
    )
    problems = [
        *holds_a_post(situation, situation.today),
        *_counts(contact),
        *_purpose_is_open_to_limits(contact, binding, situation),
        *_known_to_the_customer(contact, binding, command, situation),
        *_was_rightly_made(command, situation),
        *_goes_against(contact, binding, situation),
        *_takes_no_adjustment_away(command, situation),
        *_not_recorded_yet(command, situation),
    ]
    overrides = judge(problems, command.overrides)
    fact = BreachRecorded(
        breach=f"breach-{len(case.breaches) + 1}",
        contact=command.contact,
        restriction=command.restriction,
        measure=command.measure,
        happened_on=contact.happened_on,
        account=command.account,
    )
    clauses = (binding.measure.clause,) if binding else ()
    new = New(fact, at(contact.happened_on, situation))
    return Decision((new,), any_post(situation, situation.today), clauses, overrides)


def _counts(contact: Contact) -> Iterator[Violation]:
    if not counts(contact):
        yield impossible("contact_counts", "Only completed contact that the customer began can be a breach.", "contact")


def _purpose_is_open_to_limits(contact: Contact, binding: Binding | None, situation: Situation) -> Iterator[Violation]:
    if contact.purpose is None:
        yield against_baseline(
            situation, "some_contact_gets_through", "Find out what the contact was for; correct it first.", "contact"
        )
    elif protected(contact.purpose, situation.baseline.always_open):
        yield against_baseline(
            situation, "some_contact_gets_through", f"Contact for {contact.purpose} always gets through.", "contact"
        )
    elif binding is not None and contact.purpose in binding.measure.exceptions:
        yield against_baseline(
            situation, "some_contact_gets_through", f"The measure itself lets {contact.purpose} through.", "contact"
        )


def _known_to_the_customer(
    contact: Contact, binding: Binding | None, command: RecordBreach, situation: Situation
) -> Iterator[Violation]:
    """Nothing that is entered later makes earlier contact a breach: neither a telling nor a letter without receipt."""
    day = contact.happened_on
    if binding is not None and told_before(situation.case, contact, binding):
        return
    if binding is not None and situation.case.told_for(binding.restriction, binding.measure, day) == day:
        asks = (
            f"The customer was told of {command.measure} on {day}, the day of the contact, and nobody can be sure "
            "which came first: it can be breached from the next day on."
        )
    else:
        asks = f"By the day of the contact {command.measure} was not in force, or the customer had not been told of it."
    yield against_baseline(situation, "notice_before_breach", asks, "measure")


def _was_rightly_made(command: RecordBreach, situation: Situation) -> Iterator[Violation]:
    restriction = situation.case.restriction(command.restriction)
    if restriction is not None and restriction.never_made:
        asks = f"{restriction.id} should never have been made; nothing is a breach of it."
        yield impossible("never_a_breach", asks, "restriction")
    for merge in situation.case.merges:
        if command.restriction in merge.to_be_lifted:
            asks = f"{command.restriction} does not stand since {merge.id} was settled; lift it."
            yield impossible("never_a_breach", asks, "restriction")


def _goes_against(contact: Contact, binding: Binding | None, situation: Situation) -> Iterator[Violation]:
    if binding is not None and not contravenes(situation.case, contact, binding, situation.baseline.always_open):
        yield impossible("goes_against_the_measure", "The contact is not one that this measure limits.", "measure")


def _takes_no_adjustment_away(command: RecordBreach, situation: Situation) -> Iterator[Violation]:
    """Nobody breaches anything by the only way that they can use, or by what was agreed for them (baseline 2 and 7)."""
    breach = Breach("", command.contact, command.restriction, command.measure, situation.today)
    cases = (situation.case, *situation.others)
    if adjustment_went_before(cases, breach, situation.baseline.adjustments):
        asks = f"What was agreed for the customer goes before {command.measure}; vary the measure."
        yield against_baseline(situation, "adjustments", asks, "measure")


def _not_recorded_yet(command: RecordBreach, situation: Situation) -> Iterator[Violation]:
    for breach in situation.case.breaches:
        if not breach.withdrawn and (breach.contact, breach.measure) == (command.contact, command.measure):
            yield impossible("already_recorded", f"That is {breach.id} already.", "contact")


def withdraw_breach(command: WithdrawBreach, situation: Situation) -> Decision:
    """A breach that stands can be taken back, by anybody with a post, with the reason."""
    fact = BreachWithdrawn(breach=command.breach, reason=command.reason)
    return recorded(situation, command, _standing(command.breach, situation), fact)


def report_breach(command: ReportBreach, situation: Situation) -> Decision:
    """Where the policy names who is told of breaches, this shows that they were."""
    fact = BreachReported(breach=command.breach, reported_on=command.day(situation))
    return recorded(situation, command, _standing(command.breach, situation), fact)


def _standing(breach: str, situation: Situation) -> Iterator[Violation]:
    if not any(b.id == breach and not b.withdrawn for b in situation.case.breaches):
        yield impossible("unknown_breach", f"This case has no standing {breach}.", "breach")
