"""Facts of telling a partner through the feed: what it may see of a case, on which basis, until when, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Channel, DisclosureBasis, DisclosureEndReason, Effect, Precaution, Purpose, RoleCode
from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedMeasure:
    """A measure as a partner sees it: what it does, to which contact, until when; no words, and nobody of the staff."""

    id: str
    code: str
    effect: Effect
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
    limits_contact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedRestriction:
    """What a partner starts from: a restriction as it stood when it was disclosed, and the measures it may see."""

    restriction: str
    starts_on: date
    ends_on: date
    measures: tuple[DisclosedMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedWarning:
    """What a partner starts from: a safety warning as it stood when it was disclosed."""

    warning: str
    home: str | None
    precautions: tuple[Precaution, ...]
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureDecided:
    """Somebody entitled to decided that a partner may see parts of a case, on a stated basis; nothing else is seen."""

    disclosure: str
    partner: str  # code of the partner in the policy, or of one that the landlord registered as a subscriber
    audience: str | None  # in the policy's audiences or the warnings': why this partner needs to know
    basis: DisclosureBasis
    restrictions: tuple[DisclosedRestriction, ...]
    warnings: tuple[DisclosedWarning, ...]
    starts_on: date
    until: date | None  # the last day, where one was set
    delete_within: str  # from its end, as `Period` writes it: how long the partner has to delete what it keeps
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureEnded:
    """The partner sees nothing more of it from this day on, and deletes what it keeps by the day that is named."""

    disclosure: str
    partner: str
    ended_on: date  # the first day without it
    because: DisclosureEndReason
    delete_by: date
    reasons: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureDeleted:
    """The partner confirmed that it deleted what was disclosed to it."""

    disclosure: str
    partner: str
    confirmed_on: date
