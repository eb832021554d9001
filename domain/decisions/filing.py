"""Filed is still read: contact filed without an answer is read by its reader in time, and triaged (baseline 10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from domain.advice_words import FILED
from domain.calendar import last_day
from domain.case import Binding
from domain.case_parts import FiledItem
from domain.codes import Direction, Effect, Purpose, RoleCode, Triage
from domain.decisions.judgement import (
    Command,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    against_baseline,
    impossible,
    not_before,
    recorded,
    titles,
)
from domain.decisions.standing_aside import actor_stands_aside
from domain.decisions.terms import prompted
from domain.events import CaseFact, ContactFiled, ContactLogged, FiledItemTriaged, NewIssueRaised
from domain.measures import concerns, protected
from domain.personal import ContactText
from domain.policy import When

CASE_OFFICER = RoleCode("case_officer")


class TriageFiledItem(Command):
    """Takes down that a filed contact was read, and what is in it; a new issue is named and told in a summary."""

    asks_of_others: ClassVar[bool] = True

    contact: Id
    triage: Triage
    notes: ContactText | None = None
    issue: Id | None = None
    summary: ContactText | None = None


# Filing


def filed_under(measure: str, contact: ContactLogged, situation: Situation) -> ContactFiled:
    """The contact goes unanswered to whoever reads for the measure, to be read within two working days (assumed).

    Raises `Refused` when the measure files no such contact: it has to bind the customer that day and to be about the
    matter, and what always gets through, or what nobody knows the purpose of, is never filed (baseline 1).
    """
    day = contact.happened_on
    binding = next((b for b in situation.case.binding_on(day) if b.measure.id == measure), None)
    if binding is None or binding.measure.effect is not Effect.FILE_UNANSWERED:
        filing = [b.measure.id for b in situation.case.binding_on(day) if b.measure.effect is Effect.FILE_UNANSWERED]
        known = ", ".join(filing) or "none"
        asks = f"Measures that file contact, and of which the customer knew on {day}: {known}."
        raise Refused([impossible("unknown_measure", asks, "filed_under")])
    problems = [*_can_be_filed(contact, binding, situation)]
    if problems:
        raise Refused(problems)
    return ContactFiled(
        contact=contact.contact,
        restriction=binding.restriction.id,
        measure=measure,
        reader=binding.measure.reader,
        read_by_on=last_day(day, situation.baseline.filed_read_within.period, situation.policy.nation),
    )


def filed_as_advised(case: str, measure: str, contact: ContactLogged, situation: Situation) -> ContactFiled | None:
    """The contact filed as an answer said that it would be; None once the measure, of that case, files it no more.

    The measure may have ended since the answer was given, and what is confirmed may be something else than was asked.
    """
    standing = {b.measure.id for b in situation.case.binding_on(situation.today)}
    if situation.case.id != case or measure not in standing:
        return None
    try:
        return filed_under(measure, contact, situation)
    except Refused:
        return None


def _can_be_filed(contact: ContactLogged, binding: Binding, situation: Situation) -> Iterator[Violation]:
    measure, purpose = binding.measure, contact.purpose
    if contact.direction is not Direction.INBOUND or contact.channel not in FILED:
        yield impossible("cannot_be_filed", "Only what the customer wrote can be filed unanswered.", "filed_under")
    if not concerns(measure, contact.issue):
        asks = f"{measure.id} files contact about {measure.issue} only; this is about something else, or nobody knows."
        yield impossible("goes_past_the_measure", asks, "issue")
    if purpose is None:
        asks = "What nobody knows the purpose of is never filed; find out what it is for."
        yield against_baseline(situation, "some_contact_gets_through", asks, "purpose")
    elif protected(purpose, situation.baseline.always_open) or purpose in measure.exceptions:
        asks = f"Contact for {purpose} always gets through, and is answered."
        yield against_baseline(situation, "some_contact_gets_through", asks, "purpose")


# Reading


def triage_filed_item(command: TriageFiledItem, situation: Situation) -> Decision:
    """The named reader reads, or whoever stands in for one who is away; a new issue is raised with it."""
    day = command.day(situation)
    item = _known_item(command.contact, situation)
    contact = situation.case.contact(item.contact)
    problems = [*_reads_for(item, day, situation), *_new_issue_is_told(command, situation)]
    if contact is not None:
        problems += not_before(day, contact.happened_on, "it came")
        if command.triage is Triage.FILED and contact.purpose is not None:
            problems += _may_stay_filed(contact.purpose, situation)  # its purpose may have been corrected since
    facts: list[CaseFact] = [
        FiledItemTriaged(contact=command.contact, triage=command.triage, triaged_on=day, notes=command.notes)
    ]
    if command.triage is Triage.NEW_ISSUE and command.issue is not None and command.summary is not None:
        facts.append(
            NewIssueRaised(
                issue=command.issue,
                contact=command.contact,
                raised_on=day,
                reviews=prompted(When.NEW_ISSUE, day, situation),
                summary=command.summary,
            )
        )
    return recorded(situation, command, problems, *facts)


def _known_item(contact: str, situation: Situation) -> FiledItem:
    unread = {item.contact: item for item in situation.case.unread()}
    if contact in unread:
        return unread[contact]
    done = next((item for item in situation.case.filed if item.contact == contact and not item.open), None)
    if done is not None:
        asks = f"{contact} was read on {done.triaged_on} already: {done.triage}."
        raise Refused([impossible("already_triaged", asks, "contact")])
    known = ", ".join(unread) or "nothing"
    raise Refused([impossible("unknown_item", f"Filed and still to be read: {known}.", "contact")])


def _reads_for(item: FiledItem, day: date, situation: Situation) -> Iterator[Violation]:
    """Any case officer, or a deputy in a post of the reader's, reads while the reader is away, accused or has left."""
    reader, actor, landlord = item.reader, situation.actor, situation.landlord
    yield from actor_stands_aside(day, situation)
    if reader == actor:
        return
    there = reader not in situation.accused_on(day)
    if reader is not None and there and not landlord.is_away(reader, day):
        who = titles(situation, dict.fromkeys(t.role for t in landlord.tenures_on(reader, day)))
        asks = f"{item.contact} is for the {who} who was named as its reader, and is there on {day}."
        yield against_baseline(situation, "filed_is_still_read", asks, "contact")
        return
    deputies = () if reader is None else landlord.deputies_of(reader, day)
    own = [t for t in landlord.tenures_on(actor, day) if not landlord.away_on(t, day)]
    if actor not in deputies and not any(t.role == CASE_OFFICER for t in own):
        asks = "For a reader who is away a deputy of theirs or a case officer reads."
        yield against_baseline(situation, "filed_is_still_read", asks, "contact")


def _may_stay_filed(purpose: Purpose, situation: Situation) -> Iterator[Violation]:
    if protected(purpose, situation.baseline.always_open):
        asks = f"By its purpose, {purpose}, it always gets through: say what is new in it, and have it answered."
        yield against_baseline(situation, "some_contact_gets_through", asks, "triage")


def _new_issue_is_told(command: TriageFiledItem, situation: Situation) -> Iterator[Violation]:
    if command.triage is not Triage.NEW_ISSUE:
        instead = f"leave this out, or triage it as {Triage.NEW_ISSUE} with an issue and a summary."
        if command.issue is not None:
            yield impossible("issue_not_needed", f"Only a new issue is named: {instead}", "issue")
        if command.summary is not None:
            asks = f"Only a new issue is told in a summary, anything else in notes: {instead}"
            yield impossible("issue_not_needed", asks, "summary")
        return
    if command.issue is None:
        yield impossible("issue_needed", "Name the new issue, by a code of your own such as damp-2.", "issue")
    elif command.issue in situation.case.new_issues:
        yield impossible("already_raised", f"{command.issue} was raised as a new issue already.", "issue")
    if command.summary is None:
        yield impossible("summary_needed", "Say what the new issue is.", "summary")
