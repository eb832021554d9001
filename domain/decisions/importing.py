"""Bringing the past along: a restriction as an earlier register tells of it, without steps that it does not tell of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, ClassVar, Final

from pydantic import Field

from domain.case_parts import Restriction
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    any_post,
    as_must,
    at,
    impossible,
    judge,
    not_before,
    not_in_the_future,
    the_clock_or_a_post,
)
from domain.decisions.measures import MeasureRequest, allowed_choice, build, lacks
from domain.decisions.terms import appeal_terms, baseline_review, first_term_ends, has_an_end, schedule
from domain.events import RestrictionImported, ScheduledReview
from domain.personal import DecisionText, Personal
from domain.policy import MeasureKind, Parameter

# Without these a measure would limit more than was decided, or nobody could say what: a register has to tell them.
ESSENTIAL: Final = frozenset({Parameter.OPEN, Parameter.ISSUE, Parameter.COUNT, Parameter.PER, Parameter.MINUTES})
UNSAID: Final = "The register that this was taken from gives no reason for this measure."
DATES: Final = ("warned_on", "decided_on", "told_on", "last_reviewed_on", "starts_on")


class ImportedMeasure(MeasureRequest):
    """A measure that a register tells of, mostly without the reason for it."""

    reason: DecisionText = Field(default_factory=lambda: Personal(UNSAID))


class ImportRestriction(Command):
    """Takes over one restriction from a register; what is not given is missing there, and stays missing.

    `also_missing` names what the register lacks beside the fields here, as codes.
    """

    asks_of_others: ClassVar[bool] = True

    source: Id
    line: Annotated[int, Field(ge=1)]
    measures: Annotated[tuple[ImportedMeasure, ...], Field(min_length=1, max_length=20)]
    grounds: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    warned_on: Day | None = None
    decided_on: Day | None = None
    told_on: Day | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    """The last day; without it the policy's first term is taken."""
    last_reviewed_on: Day | None = None
    household: Id | None = None
    also_missing: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    behaviour: DecisionText | None = None
    detail: DecisionText | None = None

    def day(self, situation: Situation) -> date:
        """The day of the decision; the policy of that day is the one that it was made under."""
        return self.decided_on or self.starts_on or super().day(situation)


def import_restriction(command: ImportRestriction, situation: Situation) -> Decision:
    """Refused only for what cannot be; what did not follow the policy, or is not said, shows when looking back."""
    case, policy = situation.case, situation.policy
    command = command.model_copy(update={"measures": by_their_posts(command.measures, situation)})
    starts_on = command.starts_on or command.decided_on
    if starts_on is None:
        raise Refused([impossible("starts_on_needed", "Say when it began, or when it was decided.", "starts_on")])
    ends_on = first_term_ends(starts_on, command.ends_on, policy)
    problems = [
        *the_clock_or_a_post(situation),
        *_days(command, starts_on, ends_on, situation),
        *_measures_known(command.measures, situation),
        *_grounds_known(command.grounds, situation),
    ]
    if ends_on is None or problems:
        raise Refused([*problems, *(has_an_end(starts_on, None, situation) if ends_on is None else ())])
    judge([*overlapping(starts_on, ends_on, situation), *_of_somebody_alive(ends_on, situation)])
    restriction = f"restriction-{len(case.restrictions) + 1}"
    reviews, unseen = _reviews(command, starts_on, ends_on, situation)
    measures = build(command.measures, restriction, situation)
    fact = RestrictionImported(
        restriction=restriction,
        source=command.source,
        line=command.line,
        measures=measures,
        grounds=command.grounds,
        categories=tuple(dict.fromkeys(policy.grounds[g].category for g in command.grounds if g in policy.grounds)),
        warned_on=command.warned_on,
        decided_on=command.decided_on,
        told_on=command.told_on,
        starts_on=starts_on,
        ends_on=ends_on,
        last_reviewed_on=command.last_reviewed_on,
        reviews=reviews,
        appeal=appeal_terms(situation),
        household=command.household or case.household,
        missing=tuple(dict.fromkeys([*_missing(command, situation), *(["reviews"] if unseen else [])])),
        behaviour=command.behaviour,
        detail=command.detail,
    )
    clauses = tuple(dict.fromkeys([*(m.clause for m in measures), fact.appeal.clause]))
    day = command.day(situation)
    return Decision((New(fact, at(day, situation)),), any_post(situation, situation.today), clauses)


def _days(
    command: ImportRestriction, starts_on: date, ends_on: date | None, situation: Situation
) -> Iterator[Violation]:
    """The days of one story, in an order in which they can have come."""
    for name in DATES:
        day = getattr(command, name)
        if day is not None:
            yield from not_in_the_future(day, situation, name)
    if ends_on is not None and ends_on < starts_on:
        asks = f"ends_on ({ends_on}) lies before the first day ({starts_on})."
        yield impossible("end_before_start", asks, "ends_on")
    elif ends_on is not None and ends_on > starts_on:
        yield from has_an_end(starts_on, ends_on, situation)
    if command.decided_on is not None:
        yield from not_before(starts_on, command.decided_on, "it was decided", "starts_on")
        if command.told_on is not None:
            yield from not_before(command.told_on, command.decided_on, "it was decided", "told_on")
    if command.last_reviewed_on is not None:
        yield from not_before(command.last_reviewed_on, starts_on, "it began", "last_reviewed_on")


def _measures_known(measures: Sequence[ImportedMeasure], situation: Situation) -> Iterator[Violation]:
    """Each is in the catalogue and says what it limits; codes are not repeated, in case a name stands in their place.

    Who answers, reads or is met can be told later: without it the customer is limited no more than was decided.
    """
    catalogue = situation.policy.measures
    for number, request in enumerate(measures, start=1):
        kind = catalogue.get(request.code)
        if kind is None:
            if request.code != "other":
                asks = f"Measure {number} is none of the policy's; there are {', '.join(catalogue)} and other."
                yield impossible("unknown_measure", asks, "measures")
            continue
        for parameter in kind.asks:
            if parameter in ESSENTIAL and lacks(request, parameter):
                asks = f"{request.code} needs {parameter}: without it nobody could say what it limits."
                yield as_must(kind, f"measure_needs_{parameter}", asks, parameter)
        yield from allowed_choice(request, kind)
    known = {tenure.staff for tenure in situation.landlord.tenures}
    for field, named in (
        ("contact_staff", {staff for request in measures for staff in request.contact_staff}),
        ("reader", {request.reader for request in measures if request.reader is not None}),
    ):
        if named - known:
            asks = f"{field} names somebody who never held a post here; `evenhand post list` shows who did."
            yield impossible("unknown_colleague", asks, field)


def by_their_posts(measures: Sequence[ImportedMeasure], situation: Situation) -> tuple[ImportedMeasure, ...]:
    """The measures with colleagues by their ids, also those whom the register names by a post of theirs."""
    holders = {tenure.id: tenure.staff for tenure in situation.landlord.tenures}
    return tuple(
        m.model_copy(
            update={
                "contact_staff": tuple(dict.fromkeys(holders.get(one, one) for one in m.contact_staff)),
                "reader": holders.get(m.reader, m.reader) if m.reader is not None else None,
            }
        )
        for m in measures
    )


def _grounds_known(grounds: Sequence[str], situation: Situation) -> Iterator[Violation]:
    catalogue = situation.policy.grounds
    for number, ground in enumerate(grounds, start=1):
        if ground not in catalogue and ground != "other":
            asks = f"Ground {number} is none of the policy's; there are {', '.join(catalogue)} and other."
            yield impossible("unknown_ground", asks, "grounds")


def overlapping(
    starts_on: date, ends_on: date, situation: Situation, *, beside: str | None = None
) -> Iterator[Violation]:
    """Nothing is taken over twice, or beside another restriction of the same days; those made wrongly do not count.

    `beside` is the restriction of this case that has these days.
    """
    for case in (situation.case, *situation.others):
        for known in case.restrictions:
            if known.never_made or (case is situation.case and known.id == beside):
                continue
            named = f"{known.id} of case {case.id}"
            if known.starts_on == starts_on:
                asks = f"{named} began on that day, too: this one is in the record already."
                yield impossible("already_there", asks, "starts_on")
            elif known.starts_on <= ends_on and starts_on <= known.last_day():
                yield impossible("one_in_force", _asks_when_it_ended(named, known), "starts_on")


def _asks_when_it_ended(named: str, known: Restriction) -> str:
    assumed = ", as the policy's term has it" if "ends_on" in known.missing else ""
    return (
        f"{named} is in force from {known.starts_on} to {known.last_day()}{assumed}, and the days of the two overlap. "
        "Put the dates right, or vary or extend the one that is there."
    )


def _of_somebody_alive(ends_on: date, situation: Situation) -> Iterator[Violation]:
    if situation.case.dead() and ends_on >= situation.today:
        asks = "The customer has died: say with ends_on when it ended, by their death at the latest."
        yield impossible("nothing_after_death", asks, "ends_on")


def _reviews(
    command: ImportRestriction, starts_on: date, ends_on: date, situation: Situation
) -> tuple[tuple[ScheduledReview, ...], bool]:
    """The reviews that lie ahead, and whether earlier ones fell due of which the register shows nothing.

    Those are not made up for: whether they were held is not known.
    """
    anchor = command.decided_on or starts_on
    looked = command.last_reviewed_on
    due = schedule(anchor, anchor, ends_on, exceptional=False, every=None, situation=situation)
    owed = [review for review in due if looked is None or review.opens_on > looked]
    unseen = any(review.due_on < situation.today for review in owed)
    if ends_on < situation.today:
        return (), unseen
    ahead = tuple(review for review in owed if review.due_on >= situation.today)
    return ahead or (baseline_review(ends_on, situation),), unseen


def _missing(command: ImportRestriction, situation: Situation) -> Iterator[str]:
    yield from command.also_missing
    for name in ("warned_on", "decided_on", "told_on", "starts_on", "ends_on", "last_reviewed_on", "behaviour"):
        if getattr(command, name) is None:
            yield name
    if not command.grounds:
        yield "grounds"
    if command.household is None and situation.case.household is None:
        yield "household"
    yield "proportionality"
    for request in command.measures:
        kind = situation.policy.measures.get(request.code)
        yield from (f"measures.{request.code}.{name}" for name in _unsaid(request, kind))
    if situation.landlord.policy_on(command.day(situation)) is None:
        yield "policy"  # it was decided before any that this landlord adopted


def _unsaid(request: ImportedMeasure, kind: MeasureKind | None) -> Iterator[str]:
    asked = kind.asks if kind is not None else (Parameter.WORDS,)
    for parameter in asked:
        named_otherwise = parameter is Parameter.CONTACT_STAFF and request.contact_role is not None
        if lacks(request, parameter) and not named_otherwise:
            yield str(parameter.value)
