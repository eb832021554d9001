"""The end of records: disposal proposed and agreed to by two people, and erasure because somebody asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from domain.case import Case
from domain.case_rights import Disposal
from domain.codes import CaseId, RecordClass, Right, RightsOutcome, SubjectId
from domain.decisions.judgement import (
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    decided,
    held,
    impossible,
    judge,
    not_before,
)
from domain.decisions.rights import BASELINE_16, DATA_PROTECTION, RECORDS, can_be_written, falls_to, known_request
from domain.events import DisposalProposed, PersonErased, RetentionDecided, RightsRequestAnswered
from domain.personal import DecisionText, KeyClass
from domain.policy import Source, Strength
from domain.retention import (
    KEYS,
    OF_A_CASE,
    Clock,
    Stop,
    adjustment_stops,
    destroyed,
    disposed_of,
    due,
    erased_whole,
    kept_in,
    sharing_keys,
    stops,
    stops_of_another,
    third_parties,
)


class ProposeDisposal(DecidingCommand):
    """Says that the time of these records of a closed case is over; a second person has to agree."""

    takes_closed: ClassVar[bool] = True

    classes: Annotated[tuple[RecordClass, ...], Field(min_length=1, max_length=len(RecordClass))]
    reason: DecisionText | None = None
    """Whatever is to be said beside the clocks, which are the reason."""


class DecideDisposal(DecidingCommand):
    """Agrees to a disposal, which destroys the keys of these records for good, or says to keep them.

    With the last records of the last case, the person's entry in the directory goes too.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    disposal: Id
    approved: bool
    reason: DecisionText | None = None
    """Why they are kept; with an approval, whatever is to be said about it."""


class ErasePerson(DecidingCommand):
    """Grants a request for erasure: destroys every key of the person, in all their cases and the directory, for good.

    `person` is somebody else of whom the case speaks: then their keys alone go, and the customer's stay.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    request: Id
    """The request for erasure that this grants."""
    person: Id | None = None

    def whose_cases(self, case: Case) -> tuple[SubjectId, ...]:
        """The customer's, or those of the third party who asked."""
        return case.persons() if self.person is None else (SubjectId(self.person),)


def propose_disposal(command: ProposeDisposal, situation: Situation) -> Decision:
    """Only what ran out, and is neither in force, open, owed nor held."""
    case = situation.case
    problems = [
        *falls_to(situation, RECORDS, "Proposing a disposal"),
        *_may_go(command.classes, situation),
        *can_be_written(situation, KeyClass.DECISION, command.reason, "reason"),
    ]
    problems += [
        impossible("already_proposed", f"{disposal.id} waits for a second person.", "classes")
        for disposal in case.disposals
        if disposal.open and set(disposal.classes) & set(command.classes)
    ]
    fact = DisposalProposed(
        disposal=f"disposal-{len(case.disposals) + 1}",
        classes=tuple(dict.fromkeys(command.classes)),
        proposed_on=command.day(situation),
        reason=command.reason,
    )
    return decided(situation, command, held(situation, RECORDS, situation.today), problems, [BASELINE_16], fact)


def decide_disposal(command: DecideDisposal, situation: Situation) -> Decision:
    """The second person looks at the same rules on the day; what was proposed rightly may be held by now."""
    disposal = _known_disposal(situation, command.disposal)
    problems = [
        *falls_to(situation, RECORDS, "Deciding a disposal"),
        *not_before(command.day(situation), disposal.proposed_on, "it was proposed"),
        *can_be_written(situation, KeyClass.DECISION, command.reason, "reason"),
    ]
    if disposal.proposed_by == situation.actor:
        problems.append(_must("second_person", "You proposed this disposal; somebody else decides it."))
    facts: list[New] = []
    decision = RetentionDecided(
        disposal=disposal.id, approved=command.approved, decided_on=command.day(situation), reason=command.reason
    )
    if command.approved:
        problems += [*_may_go(disposal.classes, situation), *_today(command, situation)]
        facts += _disposed(disposal, situation)
    elif command.reason is None and KeyClass.DECISION not in destroyed(situation.case):
        problems.append(_must("keeping_says_why", "Keeping records beyond their time says why.", "reason"))
    post = held(situation, RECORDS, situation.today)
    first = decided(situation, command, post, problems, [BASELINE_16], decision)
    return Decision((*first.facts, *facts), post, first.clauses, first.overrides)


def erase_person(command: ErasePerson, situation: Situation) -> Decision:
    """Refused with every reason while anything of the person is in force, open, owed or held (baseline 16)."""
    case = situation.case
    request = known_request(situation, command.request)
    problems = [*falls_to(situation, DATA_PROTECTION, "Erasing a person"), *_today(command, situation)]
    if request.right is not Right.ERASURE:
        problems.append(impossible("other_right", f"{request.id} asks for {request.right}, not erasure.", "request"))
    if command.person is None:
        facts = _erased(request.id, situation)
        problems += _nothing_stands([case, *situation.others], request.id, situation)
    else:
        third = SubjectId(command.person)
        facts = [_erasure(case, third, (), request.id, situation)]
        problems += _may_be_erased_alone(third, situation)
    answered = RightsRequestAnswered(
        request=request.id, outcome=RightsOutcome.GRANTED, answered_on=situation.today, reasons=None
    )
    post = held(situation, DATA_PROTECTION, situation.today)
    first = decided(situation, command, post, problems, [BASELINE_16], answered)
    return Decision((*first.facts, *facts), post, first.clauses, first.overrides)


# What stands in the way


def _may_go(classes: Sequence[RecordClass], situation: Situation) -> Iterator[Violation]:
    case, today = situation.case, situation.today
    clocks = {clock.records: clock for clock in due(case, situation.policy, situation.baseline, today)}
    gone = disposed_of(case)
    for records in dict.fromkeys(classes):
        clock = clocks.get(records)
        if clock is None:
            why = "they were disposed of already" if records in gone or erased_whole(case) else "the case has none"
            yield impossible("no_such_records", f"No {_named(records)} are kept here: {why}.", "classes")
            continue
        if not clock.ran_out(today):
            yield _must("not_due", _not_due(clock), "classes", clock.clause)
        for other in sharing_keys(records, [*clocks]):
            if other not in classes:
                asks = f"{_named(records)} and {_named(other)} are sealed under one key: they go together."
                yield _must("sealed_together", asks.capitalize(), "classes")
    found = dict.fromkeys(stop for r in dict.fromkeys(classes) if r in clocks for stop in clocks[r].stopped_by)
    yield from _as_violations(found)


def _not_due(clock: Clock) -> str:
    kept = f"{_named(clock.records).capitalize()} are kept for {clock.period}"
    if clock.goes_with is not clock.records:
        kept += f", here as long as {_named(clock.goes_with)}"
    if clock.from_on is None:
        return f"{kept}, and their time has not begun."
    return f"{kept}, and may go from {clock.from_on}."


def _nothing_stands(cases: Iterable[Case], request: str, situation: Situation) -> Iterator[Violation]:
    today = situation.today
    for case in cases:
        if erased_whole(case) and case is situation.case:
            asks = "This person was erased already; answer-rights-request says that it is granted."
            yield impossible("already_erased", asks)
        in_this = case is situation.case
        found = [*stops(case, today, but_for=request if in_this else None), *adjustment_stops(case, today)]
        for stop in dict.fromkeys(found):
            says = stop.says if in_this else f"In the person's case {case.id}: {stop.says}"
            yield _must(stop.rule, says)


def _may_be_erased_alone(third: SubjectId, situation: Situation) -> Iterator[Violation]:
    """Of somebody who is only spoken of, the words about them go; what somebody does for the customer stays."""
    case = situation.case
    if third in case.persons():
        yield impossible("the_customer", "This is the customer: leave `person` out to erase them.", "person")
    elif situation.others:
        asks = "This person has a case of their own: the request belongs there, and is granted there."
        yield impossible("case_of_their_own", asks, "person")
    elif third not in third_parties(case):
        yield impossible("unknown_person", "The case speaks of nobody with this id.", "person")
    if any(erasure.person == third and not erasure.classes for erasure in case.erasures):
        yield impossible("already_erased", "This person was erased already.", "person")
    for stop in stops_of_another(case, third, situation.today):
        yield _must(stop.rule, stop.says, "person")
    elsewhere = situation.entries[third].named_in if third in situation.entries else ()
    for other in elsewhere:
        if other.id != case.id:
            for stop in stops_of_another(other, third, situation.today):
                yield _must(stop.rule, f"In case {other.id}: {stop.says}", "person")


def _today(command: DecidingCommand, situation: Situation) -> Iterator[Violation]:
    if command.day(situation) != situation.today:
        yield impossible("only_today", "Nothing is destroyed on another day than today: leave `on` out.", "on")


def _as_violations(found: Iterable[Stop]) -> Iterator[Violation]:
    return (_must(stop.rule, stop.says) for stop in found)


def _must(rule: str, says: str, field: str | None = None, clause: str = BASELINE_16) -> Violation:
    return Violation(rule, clause, Strength.MUST, Source.BASELINE, says, field)


def _named(records: RecordClass) -> str:
    return {
        RecordClass.CONTACTS: "contacts",
        RecordClass.WARNINGS: "warnings",
        RecordClass.RESTRICTIONS: "restrictions",
        RecordClass.NOT_RESTRICTED: "proposals that led to no restriction",
        RecordClass.SAFETY: "safety warnings",
        RecordClass.ADJUSTMENTS: "adjustments",
        RecordClass.EVIDENCE: "pieces of evidence",
    }[records]


def _known_disposal(situation: Situation, wanted: str) -> Disposal:
    found = next((d for d in situation.case.disposals if d.id == wanted), None)
    if found is None:
        judge([impossible("unknown_disposal", f"This case has no {wanted}.", "disposal")])
        raise LookupError(wanted)
    if not found.open:
        raise Refused([impossible("already_decided", f"It was decided on {found.decided_on} already.", "disposal")])
    return found


# What follows


def _disposed(disposal: Disposal, situation: Situation) -> Iterator[New]:
    """The keys that go: those of the classes, or with the last of them all that the case has, or that anybody has."""
    case = situation.case
    left = set(kept_in(case)) - set(disposal.classes)
    if not left and not any(kept_in(other) for other in situation.others):
        yield from _erased(disposal.id, situation)
        return
    wanted = {key for records in disposal.classes for key in KEYS[records]}
    keys = tuple(key for key in OF_A_CASE if not left or key in wanted)
    yield _erasure(
        case, case.person, tuple(key for key in keys if key is not KeyClass.THIRD_PARTY), disposal.id, situation
    )
    if KeyClass.THIRD_PARTY in keys:
        for number, third in enumerate(third_parties(case), start=2):
            yield _erasure(case, third, (KeyClass.THIRD_PARTY,), disposal.id, situation, number)


def _erased(because: str, situation: Situation) -> list[New]:
    """The customer, under every id that they have, each in all their cases; what is said of others there goes too."""
    facts = []
    for case in (situation.case, *situation.others):
        if erased_whole(case):
            continue
        facts.append(_erasure(case, case.person, (), because, situation))
        facts += [
            _erasure(case, third, (KeyClass.THIRD_PARTY,), because, situation, number)
            for number, third in enumerate(third_parties(case), start=2)
        ]
    return facts


def _erasure(
    case: Case,
    person: SubjectId,
    classes: tuple[KeyClass, ...],
    because: str,
    situation: Situation,
    number: int = 1,
) -> New:
    fact = PersonErased(
        erasure=f"erasure-{len(case.erasures) + number}",
        person=person,
        classes=classes,
        because=because,
        erased_on=situation.today,
    )
    within = None if case is situation.case else CaseId(case.id)
    return New(fact, situation.now, within=within)
