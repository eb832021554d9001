"""May this contact proceed? The question, the answer with its whole schema, and how one follows from the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from domain import advice_words as words
from domain.advice_words import Phrase
from domain.baseline import AlwaysOpen, Baseline
from domain.calendar import end_of_day, london_date
from domain.case import Case
from domain.codes import CaseId, Direction, StaffId
from domain.events.parts import Measure
from domain.handling import Handling, Held, NotKnown, Question, Redirect, handle, least_left
from domain.measures import concerns, protected
from domain.personal import AdjustmentText, DecisionText


class AnswerKind(StrEnum):
    """Whether there was anything to ask: nobody has a case, the case cannot be read, or here is what it says."""

    ADVICE = "advice"
    NO_CASE = "no_case"
    NOT_KNOWN = "not_known"


class MayEndCall(StrEnum):
    """Whether whoever answers may end the conversation."""

    NEVER = "never"
    AFTER_WARNING = "after_warning"
    NOW = "now"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An adjustment in force: what to do for this customer, sealed, and never why."""

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
class Advice:
    """What to do with one contact. Whoever hands it out gives it an id, by which the contact is then confirmed."""

    kind: AnswerKind
    handling: Handling
    first_questions: tuple[Phrase, ...] = ()
    say: tuple[Phrase, ...] = ()
    do_not_say: tuple[Phrase, ...] = ()
    instructions: tuple[Phrase, ...] = ()
    redirect_to: Redirect | None = None
    precautions: tuple[Phrase, ...] | Literal[NotKnown.NOT_KNOWN] = NotKnown.NOT_KNOWN
    adjustments: tuple[Instruction, ...] | Literal[NotKnown.NOT_KNOWN] = NotKnown.NOT_KNOWN
    may_end_call: MayEndCall | Literal[NotKnown.NOT_KNOWN] = NotKnown.NOT_KNOWN
    allowance_left: int | Literal[NotKnown.NOT_KNOWN] | None = None  # None: nothing allows only so many
    period: str | None = None  # in which the allowance is counted, as `Period` writes it
    notice_received: bool | Literal[NotKnown.NOT_KNOWN] | None = None  # None: nothing in force limits contact
    rests_on: tuple[RestsOn, ...] = ()
    always_open: AlwaysOpen
    as_of: datetime
    valid_until: datetime  # the first instant at which another day's answer may hold


def advise(cases: Sequence[Case], question: Question, baseline: Baseline, now: datetime) -> Advice:
    """What to do with a contact, from every case of the person and the day on which it happens.

    Only measures whose notice was received limit anything (baseline 8). Contact that the landlord begins is never
    limited; what to heed in it comes as instructions. A contact whose purpose nobody knows is taken, with questions.
    """
    known = [case for case in cases if case.stage != "unknown"]
    day, always_open = london_date(question.at), baseline.always_open
    if not known:
        return Advice(
            kind=AnswerKind.NO_CASE,
            handling=Handling.TAKE,
            instructions=(words.TAKE_IT,),
            always_open=always_open,
            as_of=now,
            valid_until=end_of_day(day),
        )
    held = [Held(c, b) for c in known for b in c.binding_on(day) if b.measure.limits_contact]
    untold = [(c, r.id, m) for c in known for r, m in c.untold_on(day) if m.limits_contact]
    reaching = [h for h in held if concerns(h.measure, question.issue)]
    handling, redirect = handle(reaching, question, always_open, day)
    adjustments = tuple(i for case in known for i in _adjustments(case, day))
    allowance_left, period = least_left(reaching, always_open, day)
    return Advice(
        kind=AnswerKind.ADVICE,
        handling=handling,
        first_questions=_first_questions(held, question, baseline),
        say=tuple(_say(handling, redirect, explained=not untold)),
        do_not_say=(
            *((words.ONLY_YOURSELF,) if held or untold else ()),
            *((words.NOT_WHY,) if adjustments else ()),
        ),
        instructions=(
            *((words.ASK_FIRST,) if redirect and question.purpose is None else ()),
            *words.instructions([h.measure for h in reaching], question.direction, question.channel),
            *((words.RECORD_TELLING,) if untold else ()),
        ),
        redirect_to=redirect,
        adjustments=adjustments,
        allowance_left=allowance_left,
        period=period,
        notice_received=not untold if held or untold else None,
        rests_on=(
            *(_rests_on(h.case, h.binding.restriction.id, h.measure, h.binding.told_on, question) for h in held),
            *(_rests_on(case, restriction, m, None, question) for case, restriction, m in untold),
        ),
        always_open=always_open,
        as_of=now,
        valid_until=end_of_day(day),
    )


def case_cannot_be_read(baseline: Baseline, now: datetime) -> Advice:
    """The answer when there may be a case and it cannot be read: proceed as with anybody, ask before going there.

    It holds for no longer than the moment in which it is given.
    """
    return Advice(
        kind=AnswerKind.NOT_KNOWN,
        handling=Handling.TAKE,
        do_not_say=(words.NOTHING_AT_ALL,),
        instructions=(words.TAKE_IT, words.ASK_DUTY_MANAGER),
        adjustments=NotKnown.NOT_KNOWN,
        allowance_left=NotKnown.NOT_KNOWN,
        notice_received=NotKnown.NOT_KNOWN,
        always_open=baseline.always_open,
        as_of=now,
        valid_until=now,
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
