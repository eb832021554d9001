"""The end of entries without a case: proposed and agreed to by two people, as time is over or because somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from domain.calendar import last_day
from domain.codes import EntryReason, SubjectId
from domain.decisions.judgement import (
    Day,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    at,
    held,
    impossible,
    judge,
    not_before,
    not_in_the_future,
)
from domain.decisions.rights import BASELINE_16, RECORDS, falls_to
from domain.entries import Entry, EntryClock, clock_of, entry_stops
from domain.events import EntryDisposalDecided, EntryDisposalProposed, PersonErased
from domain.landlord import EntryDisposal, Landlord
from domain.policy import Source, Strength

AT_ONCE = 200  # entries; each is looked for in the whole log


class ProposeEntryDisposal(DecidingCommand):
    """Says that entries of the directory without a case are to go; a second person has to agree.

    Their time is over, as `GET /v1/retention/entries` lists it, or the person asks to be erased. Somebody with a case
    asks there: `receive-rights-request`.
    """

    persons: Annotated[tuple[Id, ...], Field(min_length=1, max_length=AT_ONCE)]
    because: EntryReason
    requested_on: Day | None = None
    """The day on which the person asked, for `request`; it is due a month later."""

    def whose_entries(self, landlord: Landlord) -> tuple[SubjectId, ...]:  # noqa: ARG002 - the other one asks
        """The people whose entries it is about."""
        return tuple(SubjectId(person) for person in dict.fromkeys(self.persons))


class DecideEntryDisposal(DecidingCommand):
    """Agrees that these entries go, which destroys every key of these people for good, or says to keep them."""

    disposal: Id
    approved: bool

    def whose_entries(self, landlord: Landlord) -> tuple[SubjectId, ...]:
        """The people whose entries it is about."""
        found = landlord.disposal(self.disposal)
        return () if found is None else found.persons


def propose_entry_disposal(command: ProposeEntryDisposal, situation: Situation) -> Decision:
    """Only who has no case, and whose time is over or who asks, and is not still needed by somebody's case."""
    landlord, day = situation.landlord, command.day(situation)
    persons = command.whose_entries(landlord)
    problems = [
        *falls_to(situation, RECORDS, "Proposing a disposal"),
        *not_in_the_future(day, situation),
        *_may_go(persons, command.because, situation),
        *_waits_already(persons, landlord),
        *_asked(command, situation),
    ]
    overrides = judge(problems, command.overrides)
    due_on = None
    if command.requested_on is not None:
        within = situation.baseline.rights_answered_within.period
        due_on = last_day(command.requested_on, within, situation.policy.nation)
    fact = EntryDisposalProposed(
        disposal=f"entries-{len(landlord.disposals) + 1}",
        persons=persons,
        because=command.because,
        requested_on=command.requested_on,
        due_on=due_on,
        proposed_on=day,
    )
    post = held(situation, RECORDS, situation.today)
    return Decision((New(fact, at(day, situation)),), post, (BASELINE_16,), overrides)


def decide_entry_disposal(command: DecideEntryDisposal, situation: Situation) -> Decision:
    """The second person looks at the same rules on the day; somebody may have been named, or had a case, meanwhile."""
    disposal, day = _known(situation.landlord, command.disposal), command.day(situation)
    problems = [
        *falls_to(situation, RECORDS, "Deciding a disposal"),
        *not_in_the_future(day, situation),
        *not_before(day, disposal.proposed_on, "it was proposed"),
    ]
    if disposal.proposed_by == situation.actor:
        problems.append(
            _must("second_person", "You proposed this disposal; somebody else decides it.", field="disposal")
        )
    if command.approved:
        # The request names the disposal alone; whom it is about stands in the words.
        still = _may_go(disposal.persons, disposal.because, situation)
        problems += [replace(problem, field="disposal") for problem in still]
        if day != situation.today:
            problems.append(
                impossible("only_today", "Nothing is destroyed on another day than today: leave `on` out.", "on")
            )
    overrides = judge(problems, command.overrides)
    decision = EntryDisposalDecided(disposal=disposal.id, approved=command.approved, decided_on=day)
    facts = [New(decision, at(day, situation))]
    if command.approved:
        facts += [
            New(
                PersonErased(
                    erasure=f"{disposal.id}.{number}", person=person, classes=(), because=disposal.id, erased_on=day
                ),
                situation.now,
            )
            for number, person in enumerate(disposal.persons, start=1)
        ]
    return Decision(tuple(facts), held(situation, RECORDS, situation.today), (BASELINE_16,), overrides)


def _may_go(persons: tuple[SubjectId, ...], because: EntryReason, situation: Situation) -> Iterator[Violation]:
    entries: Mapping[SubjectId, Entry] = situation.entries
    for person in persons:
        entry = entries.get(person)
        if entry is None or (entry.made_on is None and not entry.erased):
            yield impossible("unknown_person", f"The directory has nobody of the id {person}.", "persons")
            continue
        if entry.erased:
            yield impossible("already_erased", f"{person} was erased already.", "persons")
            continue
        if entry.own_cases:
            asks = (
                f"{person} has a case: {entry.own_cases[-1]}. Their request is taken down and granted there, and their "
                "records are disposed of there."
            )
            yield impossible("case_of_their_own", asks, "persons")
            continue
        for stop in entry_stops(entry, situation.today):
            yield _must(stop.rule, f"{person}: {stop.says}")
        clock = clock_of(entry, situation.policy, situation.baseline)
        if because is EntryReason.RETENTION and clock is not None and not clock.ran_out(situation.today):
            yield _must("not_due", _not_due(clock), clock.clause)


def _not_due(clock: EntryClock) -> str:
    if clock.from_on is None:
        return f"{clock.person} is kept as long as {', '.join(clock.kept_by)}, which names them."
    return f"{clock.person} was never used and is kept for {clock.period}; it may go from {clock.from_on}."


def _waits_already(persons: tuple[SubjectId, ...], landlord: Landlord) -> Iterator[Violation]:
    for disposal in landlord.disposals:
        for person in persons:
            if disposal.open and person in disposal.persons:
                asks = f"{person} stands in {disposal.id}, which waits for a second person."
                yield impossible("already_proposed", asks, "persons")


def _asked(command: ProposeEntryDisposal, situation: Situation) -> Iterator[Violation]:
    if (command.because is EntryReason.REQUEST) != (command.requested_on is not None):
        asks = "Say on which day they asked." if command.requested_on is None else "Nobody asked: leave this out."
        yield impossible("asked_when", asks, "requested_on")
    elif command.requested_on is not None:
        yield from not_in_the_future(command.requested_on, situation, "requested_on")


def _known(landlord: Landlord, wanted: str) -> EntryDisposal:
    found = landlord.disposal(wanted)
    if found is None:
        raise Refused([impossible("unknown_disposal", f"There is no {wanted}.", "disposal")])
    if not found.open:
        raise Refused([impossible("already_decided", f"It was decided on {found.decided_on} already.", "disposal")])
    return found


def _must(rule: str, says: str, clause: str = BASELINE_16, field: str = "persons") -> Violation:
    return Violation(rule, clause, Strength.MUST, Source.BASELINE, says, field)
