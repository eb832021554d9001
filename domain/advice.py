"""May this contact proceed? The question, the answer with its whole schema, and how one follows from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from domain import advice_words as words
from domain.advice_words import Phrase
from domain.baseline import AlwaysOpen, Baseline
from domain.calendar import end_of_day, london_date
from domain.call_ends import CallEnd, MayEndCall, call_ends
from domain.case import Case
from domain.codes import CaseId, Direction, StaffId
from domain.conflicts import Adjusted, adjusted_on
from domain.events.parts import Measure
from domain.handling import Handling, Held, NotKnown, Question, Redirect, filing, handle, least_left
from domain.measures import concerns, protected
from domain.personal import AdjustmentText, DecisionText
from domain.reached import Reached
from domain.surroundings import (
    NOTHING_AROUND,
    Caution,
    Surroundings,
    answering,
    cautions,
    died,
    duty_manager,
    no_visits,
    safe_contact,
)

SAFE_CONTACT: Final = "safe_contact"  # the kind of an instruction on how to reach the customer without harm


class AnswerKind(StrEnum):
    """Whether there was anything to ask: nobody has a case, the case cannot be read, or here is what it says."""

    ADVICE = "advice"
    NO_CASE = "no_case"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An adjustment in force, or how to reach the customer safely: what to do for them, sealed, and never why."""

    case: CaseId
    adjustment: str
    kind: str
    instruction: AdjustmentText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """A measure in force that limits contact; `reaches` says whether it bears on the contact asked about."""

    case: CaseId
    restriction: str
    measure: str
    code: str
    clause: str
    told_on: date | None  # None: nobody has told the customer yet, so it does not bind
    reaches: bool
    contact_staff: tuple[StaffId, ...]  # the people named, where the measure names any
    words: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesUnder:
    """Where a contact that is filed goes: the measure, the matter that it is about, and who reads for it."""

    case: CaseId
    restriction: str
    measure: str
    issue: str | None
    reader: StaffId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do with one contact. Whoever hands it out gives it an id, by which the contact is then confirmed."""

    kind: AnswerKind
    handling: Handling
    first_questions: tuple[Phrase, ...] = ()
    say: tuple[Phrase, ...] = ()
    do_not_say: tuple[Phrase, ...] = ()
    instructions: tuple[Phrase, ...] = ()
    redirect_to: Redirect | None = None
    duty_manager: Reached | None = None  # where staff are sent to them, and how they are reached is kept
    files_under: FilesUnder | None = None  # None: the contact is not filed
    precautions: tuple[Caution, ...] | Literal[NotKnown.NOT_KNOWN] = NotKnown.NOT_KNOWN
    adjustments: tuple[Instruction, ...] | Literal[NotKnown.NOT_KNOWN] = NotKnown.NOT_KNOWN
    may_end_call: MayEndCall | None = None  # the most that `call_ends` comes to; None: nobody is speaking
    call_ends: tuple[CallEnd, ...] = ()  # on what, once it happens, the conversation may or must be ended
    allowance_left: int | Literal[NotKnown.NOT_KNOWN] | None = None  # None: nothing allows only so many
    period: str | None = None  # in which the allowance is counted, as `Period` writes it
    notice_received: bool | Literal[NotKnown.NOT_KNOWN] | None = None  # None: nothing in force limits contact
    rests_on: tuple[RestsOn, ...] = ()
    always_open: AlwaysOpen
    as_of: datetime
    valid_until: datetime  # the first instant at which another answer may hold: a new day, or somebody opens or closes


def advise(
    cases: Sequence[Case],
    question: Question,
    baseline: Baseline,
    now: datetime,
    around: Surroundings = NOTHING_AROUND,
) -> Advice:
    """What to do with a contact, from every case of the person and the day on which it happens.

    Only measures whose notice was received limit anything (baseline 8). Contact that the landlord begins is never
    limited; what to heed in it comes as instructions. A contact whose purpose nobody knows is taken, with questions.
    Precautions, adjustments and how to reach the customer safely go with every answer, emergencies included.
    """
    known = [case for case in cases if case.stage != "unknown"]
    day, always_open = london_date(question.at), baseline.always_open
    precautions = cautions(known, around, day)
    held = [Held(c, b) for c in known for b in c.binding_on(day) if b.measure.limits_contact]
    untold = [(c, r.id, m) for c in known for r, m in c.untold_on(day) if m.limits_contact]
    agreed = adjusted_on(known, day, baseline.adjustments)
    concerned = [h for h in held if concerns(h.measure, question.issue)]
    reaching = [h for h in concerned if h.measure.effect not in agreed.spared]
    handling, redirect = handle(reaching, question, always_open, day, agreed)
    redirect = answering(redirect, around, question.at) if redirect else None
    adjustments = tuple(i for case in known for i in _adjustments(case, day))
    allowance_left, period = least_left(reaching, always_open, day)
    may_end_call, ends = call_ends(reaching, question, always_open, around.policy)
    heeded = tuple(_heeded(known, question, around, day))
    nothing_known = not (known or precautions or heeded)
    on_duty = duty_manager((*heeded, *_steps(precautions)), baseline.interim_by, around, question.at)
    return Advice(
        kind=AnswerKind.NO_CASE if nothing_known else AnswerKind.ADVICE,
        handling=handling,
        first_questions=_first_questions(held, question, baseline),
        say=tuple(_say(handling, redirect, explained=not untold)),
        do_not_say=(
            *((words.ONLY_YOURSELF,) if held or untold else ()),
            *((words.NOT_WHY,) if adjustments or precautions else ()),
        ),
        instructions=(
            *((words.TAKE_IT,) if nothing_known else ()),
            *heeded,
            *(() if around.by_person else (words.WHO_IS_IT,)),
            *((words.ASK_FIRST,) if redirect and question.purpose is None else ()),
            *((words.ADJUSTMENT_FIRST,) if _gives_way(concerned, question, agreed) else ()),
            *words.instructions([h.measure for h in reaching], question.direction, question.channel),
            *((words.RECORD_TELLING,) if untold else ()),
        ),
        redirect_to=redirect,
        duty_manager=on_duty,
        files_under=_files_under(handling, reaching, question, always_open, day),
        precautions=precautions,
        adjustments=adjustments if around.by_person else NotKnown.NOT_KNOWN,
        may_end_call=may_end_call,
        call_ends=ends,
        allowance_left=allowance_left,
        period=period,
        notice_received=not untold if held or untold else None,
        rests_on=(
            *(_rests_on(h.case, h.binding.restriction.id, h.measure, h.binding.told_on, question) for h in held),
            *(_rests_on(case, restriction, m, None, question) for case, restriction, m in untold),
        ),
        always_open=always_open,
        as_of=now,
        valid_until=min((end_of_day(day), *_changes(redirect, on_duty))),
    )


def _steps(precautions: tuple[Caution, ...] | Literal[NotKnown.NOT_KNOWN]) -> Iterator[Phrase]:
    if precautions is not NotKnown.NOT_KNOWN:
        yield from (step for caution in precautions for step in caution.steps)


def _changes(redirect: Redirect | None, on_duty: Reached | None) -> Iterator[datetime]:
    """When somebody named opens or closes."""
    for one in (*(redirect.reached if redirect else ()), *((on_duty,) if on_duty else ())):
        yield from (instant for instant in (one.opens_next, one.closes_at) if instant is not None)


def _gives_way(concerned: Sequence[Held], question: Question, agreed: Adjusted) -> bool:
    """Whether something in force would limit this contact, and an adjustment goes before it."""
    together = [h.measure for h in concerned]
    inbound = question.direction is not Direction.OUTBOUND
    return inbound and any(agreed.goes_before(measure, question.channel, together) for measure in together)


def _heeded(known: Sequence[Case], question: Question, around: Surroundings, day: date) -> Iterator[Phrase]:
    """What is heeded whatever is in force: a death, a home where nobody calls, ways that are safe."""
    if any(died(case, day) for case in known):
        yield words.CUSTOMER_DIED
    if around.home_unread:
        yield words.HOME_NOT_KNOWN
    if no_visits(known, around, day):
        yield words.NO_VISITS
    if question.direction is Direction.OUTBOUND:
        living = [case for case in known if not died(case, day)]  # nobody reaches a customer who has died
        yield from (words.safe_ways(held.methods) for held in safe_contact(living, day) if held.methods)


def case_cannot_be_read(
    question: Question, baseline: Baseline, now: datetime, around: Surroundings = NOTHING_AROUND
) -> Advice:
    """The answer when there may be a case and it cannot be read: proceed as with anybody, ask before going there.

    It holds for no longer than the moment in which it is given.
    """
    may_end_call, ends = call_ends((), question, baseline.always_open, around.policy)
    # What is known of the home is told all the same; nothing that is known there is no "none".
    of_home = cautions((), replace(around, home_unread=True), london_date(question.at))
    return Advice(
        kind=AnswerKind.NOT_KNOWN,
        handling=Handling.TAKE,
        do_not_say=(words.NOTHING_AT_ALL,),
        instructions=(words.TAKE_IT, words.ASK_DUTY_MANAGER),
        duty_manager=duty_manager((words.ASK_DUTY_MANAGER,), baseline.interim_by, around, question.at),
        precautions=of_home,
        may_end_call=may_end_call,
        call_ends=ends,
        allowance_left=NotKnown.NOT_KNOWN,
        notice_received=NotKnown.NOT_KNOWN,
        always_open=baseline.always_open,
        as_of=now,
        valid_until=now,
    )


def _files_under(
    handling: Handling, reaching: Sequence[Held], question: Question, always_open: AlwaysOpen, day: date
) -> FilesUnder | None:
    held = filing(reaching, question, always_open, day) if handling is Handling.FILE_AFTER_READING else None
    if held is None:
        return None
    return FilesUnder(
        case=held.case.id,
        restriction=held.binding.restriction.id,
        measure=held.measure.id,
        issue=held.measure.issue,
        reader=held.measure.reader,
    )


def _first_questions(held: Sequence[Held], question: Question, baseline: Baseline) -> tuple[Phrase, ...]:
    purpose = question.purpose
    if question.direction is Direction.OUTBOUND or (purpose and protected(purpose, baseline.always_open)):
        return ()
    return words.first_questions(
        [h.measure for h in held], purpose_known=purpose is not None, issue_known=question.issue is not None
    )


def _say(handling: Handling, redirect: Redirect | None, *, explained: bool) -> Iterator[Phrase]:
    if not explained:
        yield words.EXPLAIN
    if handling is Handling.REDIRECT:
        yield words.TURN_TO
        if redirect and redirect.from_on:
            yield words.next_from(redirect.from_on)
    elif handling is Handling.TAKE_AND_PASS_ON:
        yield words.WILL_BE_PASSED_ON


def _adjustments(case: Case, day: date) -> Iterator[Instruction]:
    for adjustment in case.adjustments:
        if adjustment.in_force_on(day):
            yield Instruction(
                case=case.id, adjustment=adjustment.id, kind=adjustment.kind, instruction=adjustment.instruction
            )
    for safe in safe_contact([case], day):
        yield Instruction(case=case.id, adjustment=safe.id, kind=SAFE_CONTACT, instruction=safe.words)


def _rests_on(case: Case, restriction: str, measure: Measure, told_on: date | None, question: Question) -> RestsOn:
    return RestsOn(
        case=case.id,
        restriction=restriction,
        measure=measure.id,
        code=measure.code,
        clause=measure.clause,
        told_on=told_on,
        reaches=concerns(measure, question.issue),
        contact_staff=measure.contact_staff,
        words=measure.words,
    )
