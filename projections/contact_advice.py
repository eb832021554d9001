"""What of each case bears on contact: found by customer and by home, so that a call is answered from one read.

A row holds dates, past and future, and never what holds today: advice is worked out from it by the same rules as from
the case itself. Beside the row of a case stands one for each home to which the case attaches something, a safety
warning or that nobody calls there unannounced; it holds that and nothing else of the customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.case_parts import Adjustment, Contact, MeasureSet, Restriction, TermEnd
from domain.case_people import Death, Merge, SafeContact
from domain.case_safety import SafetyWarning
from domain.codes import CaseId, Channel, Direction, Effect, Precaution, Purpose, StaffId, SubjectId
from domain.events.parts import AppealTerms, PolicyRef
from domain.evolve import HistoryStep
from domain.measures import counts
from domain.personal import Personal
from projections.alert_state import MeasuresFrom, ToldMeasure
from projections.view import View

OF_THE_CASE: Final = ""  # as the home of a case's own row
COUNTED: Final = (Effect.CALL_COUNT, Effect.CONTACT_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """From a first day on, until the first day after; None while it goes on."""

    from_on: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A restriction, as far as it limits contact."""

    restriction: str
    starts_on: date
    ends_on: date
    over_from: date | None
    suspended: tuple[Suspension, ...]
    timeline: tuple[MeasuresFrom, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedContact:
    """A contact that may use up an allowance."""

    contact: str
    channel: Channel
    happened_on: date
    purpose: Purpose
    issue: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An agreed adjustment, with what of it goes before measures."""

    adjustment: str
    kind: str
    starts_on: date
    ended_on: date | None
    instruction: Personal | None
    needs_channels: tuple[Channel, ...]
    unusable_channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A safety warning that was approved."""

    warning: str
    home: str | None
    precautions: tuple[Precaution, ...]
    approved_on: date
    expires_on: date
    over_from: date | None
    words: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeWays:
    """How the customer can be reached without harm."""

    instruction: str
    methods: tuple[DeliveryMethod, ...]
    no_visits: bool
    from_on: date
    last_day: date | None
    words: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """The death of the customer; `withdrawn_on` when the report was wrong."""

    learnt_on: date
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdviceRow:
    """What of a case bears on contact with its customer, or with `home` set, on whoever goes to that home.

    It is searched by `case_id`, `home`, `lives_at`, `person` and `ordinal`, which stay in every later version.
    """

    case_id: str
    home: str
    person: str
    ordinal: int
    as_of: int
    known_as: tuple[str, ...]  # subject ids: the case's own, then those of merged records
    lives_at: str | None
    limits: tuple[Limits, ...]
    contacts: tuple[CountedContact, ...]
    adjustments: tuple[Given, ...]
    warnings: tuple[Warned, ...]
    safe_ways: tuple[SafeWays, ...]
    died: Died | None


def contact_advice(steps: Sequence[HistoryStep]) -> Iterator[ContactAdviceRow]:
    """The row of the case, then one for each home to which it attaches something."""
    case = steps[-1].after
    if case.stage == "unknown":
        return
    limits = tuple(_limits(case, restriction) for restriction in case.restrictions)
    warnings = tuple(_warned(case))
    safe_ways = tuple(_safe_ways(case))
    death = case.death
    died = Died(learnt_on=death.learnt_on, withdrawn_on=death.withdrawn_on) if death else None
    yield ContactAdviceRow(
        case_id=case.id,
        home=OF_THE_CASE,
        person=case.person,
        ordinal=case.ordinal,
        as_of=case.position,
        known_as=case.persons(),
        lives_at=case.home,
        limits=limits,
        contacts=tuple(_counted(case, limits)),
        adjustments=tuple(
            Given(
                adjustment=a.id,
                kind=a.kind,
                starts_on=a.starts_on,
                ended_on=a.ended_on,
                instruction=a.instruction,
                needs_channels=a.needs_channels,
                unusable_channels=a.unusable_channels,
            )
            for a in case.adjustments
            if a.agreed and a.starts_on is not None
        ),
        warnings=warnings,
        safe_ways=safe_ways,
        died=died,
    )
    nobody_calls = tuple(way for way in safe_ways if way.no_visits)
    homes = {w.home for w in warnings if w.home} | ({case.home} if case.home and nobody_calls else set())
    for home in sorted(homes):
        yield ContactAdviceRow(
            case_id=case.id,
            home=home,
            person=case.person,
            ordinal=case.ordinal,
            as_of=case.position,
            known_as=(),
            lives_at=case.home if case.home == home else None,
            limits=(),
            contacts=(),
            adjustments=(),
            warnings=tuple(w for w in warnings if w.home == home),
            safe_ways=nobody_calls if case.home == home else (),
            died=None,
        )


def _limits(case: Case, restriction: Restriction) -> Limits:
    return Limits(
        restriction=restriction.id,
        starts_on=restriction.starts_on,
        ends_on=restriction.ends_on,
        over_from=restriction.over_from,
        suspended=tuple(Suspension(from_on=first, until=until) for first, until in restriction.suspended),
        timeline=tuple(
            MeasuresFrom(
                from_on=stood.from_on,
                measures=tuple(ToldMeasure(measure=m, told_on=case.told_of(restriction, m)) for m in stood.measures),
            )
            for stood in restriction.sets
        ),
    )


def _counted(case: Case, limits: Iterable[Limits]) -> Iterator[CountedContact]:
    """Contacts that can count, made while some measure that the customer knew of allowed only so many."""
    spans = [
        (told.told_on, one.ends_on)
        for one in limits
        for stood in one.timeline
        for told in stood.measures
        if told.measure.effect in COUNTED and told.told_on is not None
    ]
    for contact in case.contacts:
        if contact.purpose is None or not counts(contact):
            continue
        if any(told < contact.happened_on <= last for told, last in spans):
            yield CountedContact(
                contact=contact.id,
                channel=contact.channel,
                happened_on=contact.happened_on,
                purpose=contact.purpose,
                issue=contact.issue,
            )


def _warned(case: Case) -> Iterator[Warned]:
    for warning in case.safety:
        if warning.approved_on is not None:
            yield Warned(
                warning=warning.id,
                home=warning.home,
                precautions=warning.precautions,
                approved_on=warning.approved_on,
                expires_on=warning.expires_on,
                over_from=warning.over_from,
                words=warning.precaution_words,
            )


def _safe_ways(case: Case) -> Iterator[SafeWays]:
    for held in case.safe_contacts:
        yield SafeWays(
            instruction=held.id,
            methods=held.methods,
            no_visits=held.no_visits,
            from_on=held.from_on,
            last_day=held.last_day,
            words=held.words,
        )


# A case again, as far as advice asks for it

NOBODY: Final = StaffId("")
NO_APPEAL: Final = AppealTerms(right=False, window=None, answer_within=None, heard_by=(), suspends=False, clause="")
NO_POLICY: Final = PolicyRef(landlord="", effective=date.min, sha256="", baseline_sha256="")


def part_of_case(row: ContactAdviceRow) -> Case:
    """The case as far as a row holds it; whatever advice does not ask for is empty in it."""
    return Case(
        id=CaseId(row.case_id),
        position=row.as_of,
        person=SubjectId(row.person),
        ordinal=row.ordinal,
        stage="open",
        home=row.lives_at,
        contacts=tuple(map(_contact, row.contacts)),
        adjustments=tuple(map(_adjustment, row.adjustments)),
        restrictions=tuple(map(_restriction, row.limits)),
        safety=tuple(map(_safety_warning, row.warnings)),
        safe_contacts=tuple(
            SafeContact(w.instruction, w.methods, w.no_visits, w.from_on, w.last_day, w.words) for w in row.safe_ways
        ),
        death=Death(None, row.died.learnt_on, row.died.withdrawn_on) if row.died else None,
        merges=tuple(_merge(row, SubjectId(other)) for other in row.known_as[1:]),
    )


def _merge(row: ContactAdviceRow, other: SubjectId) -> Merge:
    return Merge(
        id="", other=other, other_case=CaseId(""), kept=SubjectId(row.person), conflicts=(), merged_on=date.min
    )


def _contact(counted: CountedContact) -> Contact:
    return Contact(
        id=counted.contact,
        event_id="",
        channel=counted.channel,
        direction=Direction.INBOUND,
        happened_on=counted.happened_on,
        happened_at=None,
        purpose=counted.purpose,
        issue=counted.issue,
        completed=True,
        customer_initiated=True,
    )


def _adjustment(agreed: Given) -> Adjustment:
    return Adjustment(
        id=agreed.adjustment,
        kind=agreed.kind,
        requested_on=agreed.starts_on,
        decided_on=agreed.starts_on,
        agreed=True,
        starts_on=agreed.starts_on,
        ended_on=agreed.ended_on,
        instruction=agreed.instruction,
        needs_channels=agreed.needs_channels,
        unusable_channels=agreed.unusable_channels,
    )


def _restriction(limits: Limits) -> Restriction:
    return Restriction(
        id=limits.restriction,
        proposal="",
        incidents=(),
        grounds=(),
        categories=(),
        decided_by=NOBODY,
        decided_on=limits.starts_on,
        starts_on=limits.starts_on,
        terms=(TermEnd(limits.starts_on, limits.ends_on, exceptional=False),),
        sets=tuple(
            MeasureSet(stood.from_on, tuple(told.measure for told in stood.measures), NOBODY)
            for stood in limits.timeline
        ),
        schedule=(),
        appeal=NO_APPEAL,
        policy=NO_POLICY,
        household=None,
        involved=frozenset(),
        told_on={
            told.measure.id: told.told_on
            for stood in limits.timeline
            for told in stood.measures
            if told.told_on is not None
        },
        suspended=tuple((one.from_on, one.until) for one in limits.suspended),
        over_from=limits.over_from,
    )


def _safety_warning(warned: Warned) -> SafetyWarning:
    return SafetyWarning(
        id=warned.warning,
        incident="",
        incident_on=warned.approved_on,
        home=warned.home,
        precautions=warned.precautions,
        audience=(),
        review_on=warned.expires_on,
        expires_on=warned.expires_on,
        proposed_by=NOBODY,
        proposed_on=warned.approved_on,
        precaution_words=warned.words,
        approved_on=warned.approved_on,
        over_from=warned.over_from,
    )


CONTACT_ADVICE: Final = View(
    "contact_advice",
    version=2,
    row=ContactAdviceRow,
    rows=contact_advice,
    key=("case_id", "home"),
    indexes=(("home",), ("person",)),
)
