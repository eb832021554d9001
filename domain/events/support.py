"""Facts of support: what the customer needs, what was offered, what was considered before anything is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Channel, Characteristic, Mitigation
from domain.personal import AdjustmentText


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRequested:
    """A reasonable adjustment was asked for, or the landlord saw that one may be needed."""

    adjustment: str
    kind: str  # in the policy's adjustments, or "other"
    requested_on: date
    anticipated: bool  # True: nobody asked, the landlord saw the need
    needs: AdjustmentText
    answer_by_on: date | None = None  # the last day to answer it


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentDecided:
    """The adjustment, or another equally effective one, was agreed or refused."""

    adjustment: str
    agreed: bool
    kind: str
    starts_on: date
    instruction: AdjustmentText | None  # what a colleague must do, never why
    reason: AdjustmentText
    needs_channels: tuple[Channel, ...] = ()  # that have to stay open for it, beyond what its kind says
    unusable_channels: tuple[Channel, ...] = ()  # that this customer cannot use


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentEnded:
    """The adjustment is no longer needed, said by the customer or agreed with them."""

    adjustment: str
    ended_on: date
    reason: AdjustmentText


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOffered:
    """Help was offered: with a difficulty, with saying what the matter is, by an advocate."""

    support: str
    kind: str
    offered_on: date
    issue: str | None
    detail: AdjustmentText


@dataclass(frozen=True, slots=True, kw_only=True)
class MitigationConsidered:
    """What is known of the person's circumstances was looked at, and what follows from it."""

    considered: tuple[Mitigation, ...]
    considered_on: date
    conclusion: AdjustmentText


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualityDutyConsidered:
    """Due regard under the Public Sector Equality Duty was paid and written down (Equality Act 2010, s 149)."""

    characteristics: tuple[Characteristic, ...]
    considered_on: date
    conclusion: AdjustmentText
