"""Filling in what an earlier register did not say of a restriction: found elsewhere, with when it really was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from domain.brought_along import OF_A_MEASURE, is_given, item_of, still_missing, supplied_as_steps
from domain.case_parts import Restriction
from domain.codes import RoleCode, StaffId, SubjectId
from domain.decisions.importing import overlapping
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    against_baseline,
    impossible,
    known_restriction,
    not_before,
    not_in_the_future,
    recorded,
)
from domain.decisions.measures import Slot
from domain.decisions.terms import baseline_review, has_an_end, schedule
from domain.events import ImportCompleted, MeasureNamed, PolicyRef, ScheduledReview, StepShown
from domain.personal import DecisionText
from domain.policy import PeriodText

LOOKS: Final = ("last_reviewed_on", "reviews")
# Fields that go by the names of what is missing.
BY_NAME: Final = (
    "warned_on",
    "decided_on",
    "told_on",
    "starts_on",
    "ends_on",
    "grounds",
    "household",
    "behaviour",
    "proportionality",
    "policy",
)
# What may turn out never to have been done; the letter that nobody sent is owed, and a day that nobody knows is sought.
NEVER: Final = ("warned_on", *LOOKS, "proportionality")
OF_MEASURES: Final = ("contact_staff", "reader", "third_party", "slots", "office", "review_every", "words")


class MeasureFound(BaseModel):
    """What the register did not say of one measure, by the measure's id; `contact_role` may stand for colleagues."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    measure: Id
    contact_staff: Annotated[tuple[Id, ...], Field(max_length=10)] = ()
    contact_role: Id | None = None
    reader: Id | None = None
    third_party: Id | None = None
    slots: Annotated[tuple[Slot, ...], Field(max_length=20)] = ()
    office: Id | None = None
    review_every: PeriodText | None = None
    words: DecisionText | None = None


class StepFound(BaseModel):
    """A step before the decision, by the rule under which looking back lists it, and when it was taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Id
    done_on: Day


class CompleteImport(Command):
    """Says what an earlier register did not say of a restriction that was brought along, with when it really was.

    Each item is one that is missing there; what the register did say is put right with `rectify-record`. `not_done`
    says of items, or of rules that looking back cannot show, that they are known never to have been done; `not_found`
    that an item was looked for in vain, which ends the task and shows nothing.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    restriction: Id
    found_in: DecisionText
    """Where it was found: a file, a letter, somebody who remembers."""
    warned_on: Day | None = None
    decided_on: Day | None = None
    told_on: Day | None = None
    """When the customer was told of every measure; a letter that is still to go is sent with `send-notice`."""
    starts_on: Day | None = None
    ends_on: Day | None = None
    """The last day."""
    reviewed_on: Annotated[tuple[Day, ...], Field(max_length=50)] = ()
    """Every day before it was brought along on which somebody looked whether it was still needed."""
    grounds: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    incidents: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    """Incidents of this case that it rests on, taken down with `record-incident` by now."""
    household: Id | None = None
    policy: Day | None = None
    """The day from which the policy applies that it was decided under, once that policy is adopted here."""
    measures: Annotated[tuple[MeasureFound, ...], Field(max_length=20)] = ()
    steps: Annotated[tuple[StepFound, ...], Field(max_length=50)] = ()
    not_done: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    not_found: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    behaviour: DecisionText | None = None
    proportionality: DecisionText | None = None


def complete_import(command: CompleteImport, situation: Situation) -> Decision:
    """Refused for what cannot be, and for what is not missing; nothing that the register said is written over."""
    restriction = known_restriction(situation, command.restriction)
    if restriction.brought is None:
        asks = f"{restriction.id} was decided here; only one that was brought along lacks what a register left out."
        raise Refused([impossible("not_brought_along", asks, "restriction")])
    supplied = tuple(dict.fromkeys(_supplied(command, restriction)))
    problems = [
        *_says_something(command, supplied),
        *_is_missing(command, supplied, restriction, situation),
        *_days(command, restriction, situation),
        *_span(command, restriction, situation),
        *_measures(command, restriction, situation),
        *_rests_on(command, restriction, situation),
    ]
    adopted, of_policy = _policy(command, restriction, situation)
    rescheduled, reviews = _reviews(command, restriction, situation)
    catalogue = situation.policy.grounds
    fact = ImportCompleted(
        restriction=restriction.id,
        supplied=supplied,
        not_done=_with_both_looks(command.not_done, restriction),
        not_found=command.not_found,
        found_in=command.found_in,
        warned_on=command.warned_on,
        decided_on=command.decided_on,
        told_on=command.told_on,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        reviewed_on=tuple(sorted(set(command.reviewed_on))),
        rescheduled=rescheduled,
        reviews=reviews,
        grounds=command.grounds,
        categories=tuple(dict.fromkeys(catalogue[g].category for g in command.grounds if g in catalogue)),
        incidents=command.incidents,
        household=command.household,
        policy=adopted,
        measures=tuple(_named(found) for found in command.measures),
        steps=tuple(StepShown(rule=step.rule, done_on=step.done_on) for step in command.steps),
        behaviour=command.behaviour,
        proportionality=command.proportionality,
    )
    return recorded(situation, command, [*problems, *of_policy], fact)


# Which items


def _supplied(command: CompleteImport, restriction: Restriction) -> Iterator[str]:
    for name in BY_NAME:
        if is_given(getattr(command, name)):
            yield name
    if command.reviewed_on:
        yield from (look for look in LOOKS if look in restriction.missing)
    measures = {m.id: m for m in restriction.sets[-1].measures}
    for found in command.measures:
        if found.measure in measures:
            yield from (item_of(measures[found.measure], p) for p in OF_MEASURES if _gives(found, p))


def _gives(found: MeasureFound, parameter: str) -> bool:
    if parameter == "contact_staff" and found.contact_role is not None:
        return True
    return is_given(getattr(found, parameter))


def _with_both_looks(not_done: tuple[str, ...], restriction: Restriction) -> tuple[str, ...]:
    """Nobody looked: then neither was there a last look, nor any other."""
    looks = tuple(look for look in LOOKS if look in restriction.missing) if {*not_done} & {*LOOKS} else ()
    return tuple(dict.fromkeys((*not_done, *looks)))


def _says_something(command: CompleteImport, supplied: tuple[str, ...]) -> Iterator[Violation]:
    said = (supplied, command.reviewed_on, command.incidents, command.steps, command.not_done, command.not_found)
    if not any(said) and not command.measures:
        yield impossible("something_needed", "Say what was found out, or what was looked for in vain.")
    twice = {*supplied, *(step.rule for step in command.steps)} & {*command.not_done, *command.not_found}
    if twice or {*command.not_done} & {*command.not_found}:
        asks = "Each item was found, or never done, or not found: say one of the three."
        yield impossible("said_twice", asks, "not_done")
    named = {"measures": [found.measure for found in command.measures], "steps": [step.rule for step in command.steps]}
    for field, ids in named.items():
        if len({*ids}) < len(ids):
            yield impossible("said_twice", "Each measure and each step is named once, with all there is to say.", field)


def _is_missing(
    command: CompleteImport, supplied: tuple[str, ...], restriction: Restriction, situation: Situation
) -> Iterator[Violation]:
    missing = tuple(still_missing(situation.case, restriction))
    known = ", ".join(missing) or "nothing"
    for item in supplied:
        if item not in missing:
            asks = f"The register says it, or it was supplied since. Still missing: {known}."
            yield impossible("not_missing", asks, "measures" if item.startswith(OF_A_MEASURE) else item)
    if command.reviewed_on and not {*LOOKS} & {*missing}:
        yield impossible("not_missing", f"Its looks are told. Still missing: {known}.", "reviewed_on")
    if any(item not in missing for item in command.not_found):
        yield impossible("not_missing", f"Still missing: {known}.", "not_found")
    shown = restriction.brought.shown if restriction.brought is not None else {}
    open_steps = [s for s in supplied_as_steps(situation.policy, situation.baseline) if s not in shown]
    never = [*(item for item in NEVER if item in missing), *open_steps]
    if any(item not in never for item in command.not_done):
        yield impossible("not_missing", f"What can be said never to have been done: {', '.join(never)}.", "not_done")
    if any(step.rule not in open_steps for step in command.steps):
        yield impossible("not_missing", f"Steps that nothing shows yet: {', '.join(open_steps)}.", "steps")


# When


def _days(command: CompleteImport, restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    decided_on = command.decided_on or restriction.decided_on
    starts_on = command.starts_on or restriction.starts_on
    for name in ("warned_on", "decided_on", "told_on", "starts_on"):
        day = getattr(command, name)
        if day is not None:
            yield from not_in_the_future(day, situation, name)
    if command.decided_on is not None or command.starts_on is not None:
        field = "decided_on" if command.starts_on is None else "starts_on"
        if starts_on < decided_on:
            asks = f"It began on {starts_on}, and that is before it was decided, on {decided_on}."
            yield impossible("end_before_start", asks, field)
    if command.told_on is not None:
        yield from not_before(command.told_on, decided_on, "it was decided", "told_on")
    for step in command.steps:
        yield from not_in_the_future(step.done_on, situation, "steps")
    came = restriction.brought.on if restriction.brought is not None else situation.today
    for day in command.reviewed_on:
        yield from not_before(day, starts_on, "it began", "reviewed_on")
        if day > came:
            asks = f"It was brought along on {came}; a review held since is taken down with complete-review."
            yield impossible("held_here", asks, "reviewed_on")


def _span(command: CompleteImport, restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    """A term that turns out to be another is still one, and stands beside no other restriction of its days."""
    if command.starts_on is None and command.ends_on is None:
        return
    starts_on = command.starts_on or restriction.starts_on
    first = command.ends_on or restriction.terms[0].ends_on
    last = min(first if len(restriction.terms) == 1 else restriction.ends_on, restriction.over_from or date.max)
    if first < starts_on:
        field = "starts_on" if command.ends_on is None else "ends_on"
        yield impossible("end_before_start", f"It would end on {first}, and it began on {starts_on}.", field)
        return
    if first > starts_on:
        yield from has_an_end(starts_on, first, situation)
    if len(restriction.sets) > 1 and starts_on > restriction.sets[1].from_on:
        asks = f"Its measures were changed on {restriction.sets[1].from_on} already."
        yield impossible("end_before_start", asks, "starts_on")
    yield from overlapping(starts_on, last, situation, beside=restriction.id)
    if last >= situation.today and situation.case.stage == "closed":
        yield impossible("case_closed", "The case was closed, and this would be in force again.", "ends_on")
    if last >= situation.today and situation.case.dead():
        yield impossible("nothing_after_death", "The customer has died: it ended by then at the latest.", "ends_on")


def _reviews(
    command: CompleteImport, restriction: Restriction, situation: Situation
) -> tuple[bool, tuple[ScheduledReview, ...]]:
    """What is scheduled once the days are known: those that lay ahead when it came along stay once they have passed.

    An extension or a review held here has set the dates since, and they stand.
    """
    given = (command.decided_on, command.starts_on, command.ends_on, *command.reviewed_on)
    if not any(given) or len(restriction.terms) > 1 or restriction.reviews:
        return False, ()
    ends_on = command.ends_on or restriction.ends_on
    passed = [review for review in restriction.schedule if review.due_on < situation.today]
    if ends_on < situation.today:
        return True, tuple(passed)
    known = restriction.brought.looked_on if restriction.brought is not None else ()
    looked = max((*command.reviewed_on, *known), default=date.min)
    anchor = command.decided_on or restriction.decided_on
    due = schedule(anchor, anchor, ends_on, exceptional=False, every=None, situation=situation)
    ahead = [review for review in due if review.due_on >= situation.today and review.opens_on > looked]
    return True, (*passed, *(ahead or [baseline_review(ends_on, situation)]))


# What it says


def _measures(command: CompleteImport, restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    own = [m.id for m in restriction.sets[-1].measures]
    known = {tenure.staff for tenure in situation.landlord.tenures}
    roles = {*situation.policy.roles, *situation.baseline.roles}
    for found in command.measures:
        if found.measure not in own:
            yield impossible("unknown_measure", f"{restriction.id} has {', '.join(own)}.", "measures")
        named = {*found.contact_staff, *((found.reader,) if found.reader else ())}
        if named - known:
            asks = "Somebody named never held a post with this landlord."
            yield impossible("unknown_colleague", asks, "measures")
        if found.contact_role is not None and found.contact_role not in roles:
            yield impossible("unknown_role", "The policy has no such role.", "measures")
        if found.third_party is not None and found.third_party in situation.case.persons():
            asks = "Somebody else speaks for the customer."
            yield impossible("third_party_is_the_customer", asks, "measures")


def _named(found: MeasureFound) -> MeasureNamed:
    return MeasureNamed(
        measure=found.measure,
        contact_staff=tuple(StaffId(one) for one in found.contact_staff),
        contact_role=RoleCode(found.contact_role) if found.contact_role else None,
        reader=StaffId(found.reader) if found.reader else None,
        third_party=SubjectId(found.third_party) if found.third_party else None,
        slots=found.slots,
        office=found.office,
        review_every=str(found.review_every) if found.review_every else None,
        words=found.words,
    )


def _rests_on(command: CompleteImport, restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    decided_on = command.decided_on or restriction.decided_on
    for ground in command.grounds:
        if ground not in situation.policy.grounds and ground != "other":
            asks = f"There are {', '.join(situation.policy.grounds)} and other."
            yield impossible("unknown_ground", asks, "grounds")
    for incident in command.incidents:
        known = situation.case.incident(incident)
        if known is None or known.moved:
            yield impossible("unknown_incident", f"This case has no {incident}; record it first.", "incidents")
        elif known.happened_on > decided_on:
            asks = f"{incident} happened on {known.happened_on}, after the decision of {decided_on}."
            yield against_baseline(situation, "reasons_and_evidence", asks, "incidents")


def _policy(
    command: CompleteImport, restriction: Restriction, situation: Situation
) -> tuple[PolicyRef | None, list[Violation]]:
    if command.policy is None:
        return None, []
    decided_on = command.decided_on or restriction.decided_on
    found = situation.landlord.policy_on(decided_on)
    if found is not None and found.effective == command.policy:
        return found, []
    days = ", ".join(str(ref.effective) for ref in situation.landlord.policies)
    asks = f"No policy of that day applied when it was decided, on {decided_on}; adopted are those effective {days}."
    return None, [impossible("policy_adopted", asks, "policy")]
