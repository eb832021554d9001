"""What is answered about receipts: to a subscriber about its own, and to whoever looks after subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from domain.codes import SubscriberKind, Topic
from domain.public.receipts import Receipt, Restricted, Verdict
from infrastructure.downstream.known_by import KnownChange
from infrastructure.downstream.standing import Standing
from infrastructure.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedTold:
    """How many people, and the hash of their ids."""

    count: int | None
    hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAnswer:
    """A receipt. `expected` is who is restricted by the log; `verdict` is null where nothing was claimed.

    `not_compared`: the subscriber is not told of restrictions, or the log could not be told or took too long.
    """

    subscriber: str
    number: int
    sequence: str
    at: datetime
    restarted: bool
    on: date | None
    claimed: RestrictedTold | None
    expected: RestrictedTold | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LagTold:
    """Events not acknowledged: how many, or `more` than that, and when the first of them was recorded."""

    events: int
    more: bool
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueTold:
    """A case, what changed in it by public names, since when, and by when it should have been acknowledged."""

    case: str
    events: tuple[str, ...]
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStandingAnswer:
    """How the caller stands."""

    subscriber: str
    acknowledged: ReceiptAnswer | None
    behind: LagTold
    within_minutes: int | None
    overdue: tuple[OverdueTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadTold:
    """A webhook endpoint of the subscriber, and how it is."""

    road: Literal["webhook"]
    id: str
    state: str
    because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberShown:
    """A subscriber and how it stands; `overdue` counts cases, and is a least number where `overdue_more`."""

    subscriber: str
    kind: SubscriberKind
    partner: str | None
    topics: tuple[Topic, ...]
    references: bool
    within_minutes: int | None
    from_on: date
    ended_on: date | None
    acknowledged: ReceiptAnswer | None
    behind: LagTold
    compared: ReceiptAnswer | None
    drifted_since: datetime | None
    overdue: int
    overdue_more: bool
    roads: tuple[RoadTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribersAnswer:
    """All subscribers, in the order of their first registration; those that ended included."""

    subscribers: tuple[SubscriberShown, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberAnswer:
    """One subscriber; `cases` are those of which it should know by now, to callers who see cases."""

    subscriber: SubscriberShown
    cases: tuple[OverdueTold, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowingTold:
    """One subscriber that was entitled to a change; without `acknowledged_at`, it has not said that it knows."""

    subscriber: str
    kind: SubscriberKind
    told_at: str
    acknowledged_at: datetime | None
    receipt: int | None
    began_anew: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """A change by its public name, and which restrictions or safety warnings it is about."""

    event_id: str
    name: str
    sequence: str
    caseversion: int
    recorded_at: datetime
    about: tuple[str, ...]
    known_by: tuple[KnowingTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownByAnswer:
    """Who knew of each change of a case."""

    case: str
    changes: tuple[ChangeTold, ...]
    position: int


def sequence_of(position: int) -> str:
    """A position of the log as events have it."""
    return f"{position:020d}"


def receipt_told(receipt: Receipt) -> ReceiptAnswer:
    """A receipt as it is shown to its subscriber and to those who look after it."""
    return ReceiptAnswer(
        subscriber=receipt.subscriber,
        number=receipt.number,
        sequence=sequence_of(receipt.position),
        at=receipt.at,
        restarted=receipt.restarted,
        on=None if receipt.claim is None else receipt.claim.on,
        claimed=None if receipt.claim is None else _restricted(receipt.claim.restricted),
        expected=None if receipt.expected is None else _restricted(receipt.expected),
        verdict=receipt.verdict,
    )


def _restricted(said: Restricted) -> RestrictedTold:
    return RestrictedTold(count=said.count, hash=said.hash)


def lag_told(standing: Standing) -> LagTold:
    """How far a subscriber is behind."""
    return LagTold(events=standing.lag.events, more=standing.lag.more, since=standing.lag.since)


def overdue_told(standing: Standing) -> Iterator[OverdueTold]:
    """The cases of which a subscriber should know by now, as far as they are listed."""
    for one in standing.overdue:
        yield OverdueTold(case=one.case, events=one.events, since=one.since, due_at=one.due_at)


def shown_subscribers(office: Office, standings: Iterable[Standing]) -> Iterator[SubscriberShown]:
    """Each as it is shown to those who look after subscribers."""
    endpoints = office.webhooks.all()
    for standing in standings:
        known = standing.subscriber
        yield SubscriberShown(
            subscriber=known.id,
            kind=known.kind,
            partner=known.partner,
            topics=known.topics,
            references=known.references,
            within_minutes=known.within_minutes,
            from_on=known.from_on,
            ended_on=known.ended_on,
            acknowledged=None if standing.last is None else receipt_told(standing.last),
            behind=lag_told(standing),
            compared=None if standing.compared is None else receipt_told(standing.compared),
            drifted_since=None if standing.drifted is None else standing.drifted.at,
            overdue=len(standing.overdue) + standing.overdue_more,
            overdue_more=standing.overdue_more > 0,
            roads=tuple(
                RoadTold(road="webhook", id=one.endpoint, state=one.state, because=one.because)
                for one in endpoints
                if one.subscriber == known.id
            ),
        )


def subscribers_answered(office: Office) -> SubscribersAnswer:
    """Everybody who follows or did, as far as the log goes by now."""
    head = office.recorder.head().position
    standings = office.followers.standings.all(office.clock.now())
    return SubscribersAnswer(subscribers=tuple(shown_subscribers(office, standings)), position=head)


def change_told(change: KnownChange) -> ChangeTold:
    """A change of a case, with everybody who was entitled to know of it."""
    return ChangeTold(
        event_id=change.event_id,
        name=change.name,
        sequence=sequence_of(change.position),
        caseversion=change.version,
        recorded_at=change.recorded_at,
        about=change.about,
        known_by=tuple(
            KnowingTold(
                subscriber=one.subscriber,
                kind=one.kind,
                told_at=sequence_of(one.told_at),
                acknowledged_at=None if one.receipt is None else one.receipt.at,
                receipt=None if one.receipt is None else one.receipt.number,
                began_anew=one.began_anew,
            )
            for one in change.known
        ),
    )
