"""Measures as a decision asks for them: checked against the catalogue, completed, and judged together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.case_parts import Restriction
from domain.codes import Answer, Channel, Effect, NoticeKind, Purpose, RoleCode, StaffId, SubjectId
from domain.decisions.judgement import (
    Day,
    Id,
    Situation,
    Violation,
    against,
    against_baseline,
    as_must,
    impossible,
)
from domain.decisions.proposals import measures_exist
from domain.decisions.standing_aside import accused_stand_aside
from domain.events import Measure
from domain.measures import ALL_CHANNELS, left_open, usable
from domain.personal import DecisionText, Personal
from domain.policy import MeasureKind, Parameter, PeriodText

NO_LIMIT = (Effect.STATEMENT, Effect.AGREEMENT)
Slot = Annotated[
    str, Field(pattern=r"^(monday|tuesday|wednesday|thursday|friday|saturday|sunday) ([01][0-9]|2[0-3]):[0-5][0-9]$")
]


class MeasureRequest(BaseModel):
    """One measure to be put in force, with why this customer needs it and what its kind asks for.

    For `other`: `effect` and `open` say in codes what it limits; without them it is advice and limits nothing. Where
    measures in force are replaced, `keeps` names one of the same code that goes on exactly as the customer was told of
    it, and nothing else is said of it; an `other` that is written anew counts as asking more unless it closes less.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    code: Id
    reason: DecisionText
    keeps: Id | None = None
    open: tuple[Channel, ...] = ()
    issue: Id | None = None
    exceptions: tuple[Purpose, ...] = ()
    contact_staff: Annotated[tuple[Id, ...], Field(max_length=10)] = ()
    contact_role: Id | None = None
    reader: Id | None = None
    third_party: Id | None = None
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    per: PeriodText | None = None
    minutes: Annotated[int, Field(ge=1, le=480)] | None = None
    slots: Annotated[tuple[Slot, ...], Field(max_length=20)] = ()
    office: Id | None = None
    review_every: PeriodText | None = None
    until: Day | None = None
    effect: Effect | None = None
    words: DecisionText | None = None


def build(
    requests: Sequence[MeasureRequest], decided_in: str, situation: Situation, standing: Sequence[Measure] = ()
) -> tuple[Measure, ...]:
    """The measures complete, numbered within what decides them; those of an unknown kind are left out.

    Those of `standing`, which they replace, that are kept go on as they are.
    """
    built: list[Measure] = []
    for number, request in enumerate(requests, start=1):
        if request.keeps is not None:
            built.extend(m for m in standing if m.id == request.keeps)
            continue
        kind = situation.policy.measures.get(request.code)
        if kind is None and request.code != "other":
            continue
        built.append(_measure(request, kind, f"{decided_in}.{number}"))
    return tuple(built)


def still_bound(measure: Measure, restriction: Restriction, situation: Situation) -> Measure:
    """The measure, under the identity by which the customer knows it already when nothing of it changes.

    So a decision that adds something does not set free what was told before, and what it adds binds once it is told.
    """
    day = situation.today
    for standing in restriction.measures_on(day):
        told = situation.case.told_of(restriction, standing)
        if told is not None and told <= day and measure.words is None and _terms(measure) == _terms(standing):
            return replace(measure, id=standing.id)
    return measure


def _terms(measure: Measure) -> tuple[object, ...]:
    """All that a measure says in codes, dates and ids."""
    prose = ("id", "reason", "words")
    return tuple(getattr(measure, field.name) for field in fields(measure) if field.name not in prose)


def _measure(request: MeasureRequest, kind: MeasureKind | None, identity: str) -> Measure:
    effect = kind.effect if kind else (request.effect or Effect.OTHER)
    per = request.per or (kind.per if kind else None)
    return Measure(
        id=identity,
        code=request.code,
        effect=effect,
        clause=kind.cited if kind else "other",
        open=_open(request, kind, effect),
        reason=request.reason,
        issue=request.issue,
        exceptions=tuple(dict.fromkeys([*(kind.exceptions if kind else ()), *request.exceptions])),
        contact_staff=tuple(StaffId(s) for s in request.contact_staff),
        contact_role=RoleCode(request.contact_role) if request.contact_role else None,
        reader=StaffId(request.reader) if request.reader else None,
        third_party=SubjectId(request.third_party) if request.third_party else None,
        count=request.count or (kind.count if kind else None),
        per=str(per) if per else None,
        minutes=request.minutes,
        slots=request.slots,
        office=request.office,
        review_every=str(request.review_every) if request.review_every else None,
        until=request.until,
        limits_contact=effect not in NO_LIMIT and (kind is not None or bool(request.open)),
        words=request.words,
    )


def _open(request: MeasureRequest, kind: MeasureKind | None, effect: Effect) -> tuple[Channel, ...]:
    """The channels left open; somebody else may always speak for the customer, so that way is never closed here."""
    if effect is Effect.THIRD_PARTY:
        chosen: Iterable[Channel] = ()
    elif kind and kind.open:
        chosen = kind.open
    elif kind and kind.closed:
        chosen = set(ALL_CHANNELS) - set(kind.closed)
    elif effect in (Effect.CHANNELS, Effect.OTHER) and request.open:
        chosen = request.open
    else:
        chosen = ALL_CHANNELS
    open_ones = {*chosen, Channel.THIRD_PARTY}
    return tuple(c for c in Channel if c in open_ones)


def well_formed(
    requests: Sequence[MeasureRequest], situation: Situation, standing: Sequence[Measure] = ()
) -> Iterator[Violation]:
    """Each measure is in the catalogue and carries what its kind asks for, or is one of `standing` that is kept."""
    yield from measures_exist(situation, [r.code for r in requests])
    for request in requests:
        if request.keeps is not None:
            yield from _kept(request, requests, situation, standing)
            continue
        answering = [StaffId(s) for s in (*request.contact_staff, *((request.reader,) if request.reader else ()))]
        yield from accused_stand_aside(answering, situation.today, situation, "measures")
        kind = situation.policy.measures.get(request.code)
        if kind is None:
            if request.code == "other" and request.words is None:
                yield impossible("other_needs_words", "A measure outside the catalogue is described in words.", "words")
            continue
        if request.until is not None and request.until <= situation.today:
            yield impossible("end_before_start", f"{request.code} would end before it begins.", "measures.until")
        for parameter in kind.asks:
            if lacks(request, parameter):
                yield as_must(
                    kind, f"measure_needs_{parameter}", f"{request.code} needs {parameter}.", f"measures.{parameter}"
                )
        yield from allowed_choice(request, kind)
        yield from _told_that_more_is_filed(request, kind, situation)
        for staff in answering:
            if not situation.landlord.tenures_on(staff, situation.today):
                yield impossible(
                    "named_contact_holds_a_post", f"{staff} holds no post with this landlord today.", "measures"
                )


def _kept(
    request: MeasureRequest, requests: Sequence[MeasureRequest], situation: Situation, standing: Sequence[Measure]
) -> Iterator[Violation]:
    """What is kept is there to be kept, once, and nothing is said of it that would change it."""
    kept = next((m for m in standing if (m.id, m.code) == (request.keeps, request.code)), None)
    if kept is None or (kept.until is not None and kept.until < situation.today):
        known = ", ".join(f"{m.id} ({m.code})" for m in standing) or "nothing"
        yield impossible("unknown_measure", f"{request.keeps} cannot be kept; in force is {known}.", "measures.keeps")
        return
    if sum(1 for r in requests if r.keeps == request.keeps) > 1:
        yield impossible("kept_once", f"{request.keeps} is kept twice.", "measures.keeps")
    said = sorted(request.model_fields_set - {"code", "reason", "keeps"})
    if said:
        asks = f"{request.keeps} goes on as it is: leave {', '.join(said)} out, or leave keeps out."
        yield impossible("kept_as_it_is", asks, "measures.keeps")
    answering = (*kept.contact_staff, *((kept.reader,) if kept.reader else ()))
    yield from accused_stand_aside(answering, situation.today, situation, "measures")


def lacks(request: MeasureRequest, parameter: Parameter) -> bool:
    """Whether the parameter is absent; a `Personal` has no truth, so absence alone is asked."""
    value = getattr(request, parameter.value)
    return value is None or (not isinstance(value, Personal) and value == ())


def allowed_choice(request: MeasureRequest, kind: MeasureKind) -> Iterator[Violation]:
    """The channels left open are as many as the policy says, and among those that it names."""
    if not request.open or Parameter.OPEN not in kind.asks:
        return
    if kind.choose is not None and len(request.open) != kind.choose:
        yield as_must(
            kind,
            "channels_chosen",
            f"{request.code} leaves {kind.choose} channel open, not {len(request.open)}.",
            "open",
        )
    outside = [c for c in request.open if kind.choose_from and c not in kind.choose_from]
    if outside:
        known = ", ".join(kind.choose_from)
        yield as_must(kind, "channels_chosen", f"{', '.join(outside)} cannot be chosen; there are {known}.", "open")


def _told_that_more_is_filed(request: MeasureRequest, kind: MeasureKind, situation: Situation) -> Iterator[Violation]:
    """Where the policy wants it said first that more on a matter is filed, the customer had that letter."""
    closure = situation.policy.notices.get(NoticeKind.CLOSURE)
    if closure is None or kind.effect is not Effect.FILE_UNANSWERED or request.issue is None:
        return
    told = situation.case.received_on(request.issue, NoticeKind.CLOSURE)
    if told is None or told > situation.today:
        asks = f"Answer {request.issue} in full and tell the customer first that more about it will be filed."
        yield against(closure, "told_that_more_is_filed", asks, "measures.issue")


def a_usable_channel_stays_open(
    measures: Sequence[Measure],
    answer: Answer,
    extremis_reason: DecisionText | None,
    replaced: str | None,
    situation: Situation,
) -> Iterator[Violation]:
    """Under everything in force together the customer keeps a way in that they can use (baseline 2).

    That is what any of the customer's records has in force, once they are merged. `replaced` is the restriction whose
    measures these would replace. A third party alone will do only in extremis.
    """
    rule = "a_usable_channel_stays_open"
    others = [
        m
        for case in (situation.case, *situation.others)
        for r in case.restrictions
        if not (case is situation.case and r.id == replaced) and not r.over_on(situation.today)
        for m in r.sets[-1].measures
    ]
    remaining = left_open([*others, *measures])
    if not usable(remaining):
        in_extremis = any(
            kind.in_extremis for m in measures if (kind := situation.policy.measures.get(m.code)) is not None
        )
        if not (in_extremis and extremis_reason is not None):
            yield against_baseline(
                situation,
                rule,
                "These measures, with those in force, leave no channel through which the customer can begin contact; "
                "a third party alone will do only in extremis, with extremis_reason.",
                "measures",
            )
    if answer is Answer.NO:
        yield against_baseline(
            situation, rule, "The customer cannot use what remains; choose other measures.", "channels_usable"
        )
    elif answer is not Answer.YES:
        yield against_baseline(
            situation, rule, "Find out whether the customer can use what remains before deciding.", "channels_usable"
        )
