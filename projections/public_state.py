"""How a case stands, as a system outside may see it: codes, days and opaque ids, and never a word of prose.

It is made from the row that advice is given from, past and future dates included, so that whoever keeps it is right on
any day. What a subscriber does not follow is left out of it, and a partner sees what was disclosed to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from domain.calendar import DeliveryMethod
from domain.codes import Channel, Effect, Precaution, Purpose, RoleCode, Topic
from projections.alert_state import ToldMeasure
from projections.contact_advice import ContactAdviceRow, Limits, Suspension

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From a first to a last day, both included; without a last one it goes on."""

    from_on: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMeasure:
    """What limits contact, and which; `told_on` is null while the customer does not know of it, and nothing is."""

    id: str
    code: str
    effect: Effect
    limits_contact: bool
    open: tuple[Channel, ...]
    issue: str | None
    exceptions: tuple[Purpose, ...]
    contact_role: RoleCode | None
    office: str | None
    count: int | None
    per: str | None
    minutes: int | None
    slots: tuple[str, ...]
    until: date | None
    told_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMeasures:
    """The measures that stand from a day on, until later ones take their place."""

    from_on: date
    measures: tuple[StateMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRestriction:
    """A restriction. `last_day` is the last one on which it is in force, `ends_on` that of its term."""

    restriction: str
    starts_on: date
    ends_on: date
    over_from: date | None
    last_day: date
    suspended: tuple[Days, ...]
    timeline: tuple[StateMeasures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWarning:
    """A safety warning: what to do when visiting or meeting, and at which home, if it is about one."""

    warning: str
    home: str | None
    precautions: tuple[Precaution, ...]
    from_on: date
    expires_on: date
    over_from: date | None
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAdjustment:
    """An adjustment that was agreed: its kind, and which channels it asks for or rules out."""

    adjustment: str
    kind: str
    starts_on: date
    last_day: date | None
    needs_channels: tuple[Channel, ...]
    unusable_channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSafeContact:
    """How the customer can be reached without harm."""

    instruction: str
    methods: tuple[DeliveryMethod, ...]
    no_visits: bool
    from_on: date
    last_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicState:
    """A case as it stands. What the subscriber does not follow is empty.

    `caseversion` is the version of the last event of the case that is accounted for: events up to there are in it.
    `persons` are all ids under which the customer is known. With `unknown_since`, something happened at that log
    position which this release cannot tell, and the rest is how the case stood before.
    """

    case: str
    person: str | None
    caseversion: int
    restrictions: tuple[StateRestriction, ...] = ()
    safety: tuple[StateWarning, ...] = ()
    adjustments: tuple[StateAdjustment, ...] = ()
    safe_contacts: tuple[StateSafeContact, ...] = ()
    persons: tuple[str, ...] = ()
    unknown_since: int | None = None

    def matters_on(self, day: date) -> bool:
        """Whether anything is in force or still to come on a day, or unknown."""
        return self.unknown_since is not None or any(
            last is None or last >= day
            for last in (
                *(r.last_day for r in self.restrictions if r.last_day >= r.starts_on),
                *(w.last_day for w in self.safety if w.last_day >= w.from_on),
                *(a.last_day for a in self.adjustments),
                *(s.last_day for s in self.safe_contacts),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """What a partner may see of a case: ids of measures by restriction, and safety warnings."""

    restrictions: Mapping[str, Collection[str]]
    warnings: Collection[str]


def public_state(row: ContactAdviceRow, version: int, unknown_since: int | None = None) -> PublicState:
    """The whole of it, from the row of a case as of its event of this version."""
    return PublicState(
        case=row.case_id,
        person=row.person,
        caseversion=version,
        restrictions=tuple(map(_restriction, row.limits)),
        safety=tuple(
            StateWarning(
                warning=w.warning,
                home=w.home,
                precautions=w.precautions,
                from_on=w.approved_on,
                expires_on=w.expires_on,
                over_from=w.over_from,
                last_day=_last(w.expires_on, w.over_from),
            )
            for w in row.warnings
        ),
        adjustments=tuple(
            StateAdjustment(
                adjustment=a.adjustment,
                kind=a.kind,
                starts_on=a.starts_on,
                last_day=a.ended_on,
                needs_channels=a.needs_channels,
                unusable_channels=a.unusable_channels,
            )
            for a in row.adjustments
        ),
        safe_contacts=tuple(
            StateSafeContact(
                instruction=s.instruction,
                methods=s.methods,
                no_visits=s.no_visits,
                from_on=s.from_on,
                last_day=s.last_day,
            )
            for s in row.safe_ways
        ),
        persons=row.known_as,
        unknown_since=unknown_since,
    )


def seen_by(state: PublicState, topics: Collection[Topic], disclosed: Disclosed | None = None) -> PublicState:
    """What of it a subscriber with these topics sees; a partner, only what is `disclosed` to it."""
    restrictions, safety = state.restrictions, state.safety
    if disclosed is not None:
        restrictions = tuple(
            replace(r, timeline=_cut(r.timeline, disclosed.restrictions[r.restriction]))
            for r in restrictions
            if r.restriction in disclosed.restrictions
        )
        safety = tuple(w for w in safety if w.warning in disclosed.warnings)
    supported = Topic.SUPPORT in topics and disclosed is None
    return replace(
        state,
        restrictions=restrictions if Topic.RESTRICTIONS in topics else (),
        safety=safety if Topic.SAFETY in topics else (),
        adjustments=state.adjustments if supported else (),
        safe_contacts=state.safe_contacts if supported else (),
        persons=state.persons if Topic.PEOPLE in topics and disclosed is None else (),
    )


def _restriction(limits: Limits) -> StateRestriction:
    return StateRestriction(
        restriction=limits.restriction,
        starts_on=limits.starts_on,
        ends_on=limits.ends_on,
        over_from=limits.over_from,
        last_day=_last(limits.ends_on, limits.over_from),
        suspended=tuple(_days(limits.suspended)),
        timeline=tuple(
            StateMeasures(from_on=stood.from_on, measures=tuple(map(_measure, stood.measures)))
            for stood in limits.timeline
        ),
    )


def _last(last: date, over_from: date | None) -> date:
    """The last day of what was to go on until `last`, and is over from an earlier one on."""
    return last if over_from is None else min(last, over_from - ONE_DAY)


def _days(suspended: Collection[Suspension]) -> Iterator[Days]:
    """Spans that hold a day; there they end before the first one without."""
    for span in suspended:
        if span.until is None or span.from_on < span.until:
            yield Days(from_on=span.from_on, until=None if span.until is None else span.until - ONE_DAY)


def _measure(told: ToldMeasure) -> StateMeasure:
    measure = told.measure
    return StateMeasure(
        id=measure.id,
        code=measure.code,
        effect=measure.effect,
        limits_contact=measure.limits_contact,
        open=measure.open,
        issue=measure.issue,
        exceptions=measure.exceptions,
        contact_role=measure.contact_role,
        office=measure.office,
        count=measure.count,
        per=measure.per,
        minutes=measure.minutes,
        slots=measure.slots,
        until=measure.until,
        told_on=told.told_on,
    )


def _cut(timeline: Collection[StateMeasures], ids: Collection[str]) -> tuple[StateMeasures, ...]:
    return tuple(
        replace(stood, measures=tuple(measure for measure in stood.measures if measure.id in ids)) for stood in timeline
    )
