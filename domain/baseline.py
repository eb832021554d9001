"""What law and regulators ask of every landlord, whatever its own policy says or leaves silent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictInt, model_validator

from domain.calendar import DeliveryMethod
from domain.codes import Channel, Effect, NoticeKind, Purpose, RecordClass, RoleCode
from domain.policy import Code, PeriodText, Source, Strength, Strict, Words


class BaselineRule(Strict):
    """One rule; `owed` names what of it is loaded and listed but not enforced yet."""

    number: Annotated[StrictInt, Field(ge=1, le=16)]
    title: Words
    asks: Words
    strength: Strength
    sources: tuple[Words, ...]
    owed: Words | None = None


class Assumed(Strict):
    """A number that no source gives; it is ours, marked so and open to the landlord's choice."""

    period: PeriodText
    because: Words
    source: Source = Source.ASSUMED


class ClockStart(StrEnum):
    """What the clock of a class of records runs from."""

    CASE_CLOSED = "case_closed"
    LAST_RESTRICTION_OVER = "last_restriction_over"
    LAST_WARNING = "last_warning"
    LAST_DECISION_NOT_TO_RESTRICT = "last_decision_not_to_restrict"
    LAST_SAFETY_WARNING_OVER = "last_safety_warning_over"
    LAST_ADJUSTMENT_OVER = "last_adjustment_over"


class Kept(Assumed):
    """How long a class of records is kept, and from when; never shorter than the classes that rest on it."""

    runs_from: ClockStart
    rested_on_by: tuple[RecordClass, ...] = ()


class KeptWith(Strict):
    """Something that is kept as long as something else, and why."""

    because: Words
    source: Source = Source.ASSUMED


class EntriesKept(Strict):
    """How long entries of the directory without a case of their own are kept (rule 16)."""

    unused: Assumed  # from the day on which it was made
    named: KeptWith  # with the last case that names the person


class AdjustmentNeeds(Strict):
    """What an adjustment of one kind depends on; a measure that takes it away conflicts with it (rule 7)."""

    title: Words
    needs_channels: tuple[Channel, ...] = ()  # that have to stay open for it
    unusable_channels: tuple[Channel, ...] = ()  # that a customer with this adjustment cannot use
    conflicts: tuple[Effect, ...] = ()  # of measures that take away what it gives
    because: Words
    source: Source = Source.ASSUMED


class AlwaysOpen(Strict):
    """Which purposes get through whatever is in force (rule 1)."""

    any_channel_any_hour: tuple[Purpose, ...]
    always_received: tuple[Purpose, ...]
    not_the_customers_contact: tuple[Purpose, ...]

    @model_validator(mode="after")
    def _disjoint(self) -> AlwaysOpen:
        every = self.any_channel_any_hour + self.always_received + self.not_the_customers_contact
        if len(set(every)) != len(every):
            raise ValueError("a purpose stands in two lists")
        return self


class Body(Strict):
    """An ombudsman to whom every landlord's customers can turn."""

    name: Words
    says: Words


class Content(Strict):
    """Something that a notice of these kinds must say."""

    says: Words
    notices: tuple[NoticeKind, ...]


class Baseline(Strict):
    """The sixteen rules with their numbers."""

    version: Words
    rules: Mapping[Code, BaselineRule]
    always_open: AlwaysOpen
    warning_lasts: Assumed
    review_opens: Assumed
    interim_lasts: Assumed
    interim_reviewed: Assumed
    interim_by: tuple[RoleCode, ...]
    interim_effects: tuple[Effect, ...]
    safety_approved_by: tuple[RoleCode, ...]
    safety_warning_lasts: Assumed
    safety_audiences: Mapping[Code, Words]
    filed_read_within: Assumed
    review_request_answered: Assumed
    rights_answered_within: Assumed
    adjustment_answered_within: Assumed
    policy_copy_sent_within: Assumed
    complaint_answered_within: Assumed
    allegation_concluded_within: Assumed
    appeal_acknowledged_within: Assumed
    late_appeal_decided_within: Assumed
    appeal_answered_within: Assumed
    tenancy_reviewed: Assumed
    retention: Mapping[RecordClass, Kept]
    entries: EntriesKept
    adjustments: Mapping[Code, AdjustmentNeeds]
    contents: Mapping[Code, Content]
    ombudsmen: Mapping[Code, Body]
    written_forms: tuple[DeliveryMethod, ...]
    roles: Mapping[Code, Words]

    @model_validator(mode="after")
    def _sixteen(self) -> Baseline:
        if sorted(rule.number for rule in self.rules.values()) != list(range(1, 17)):
            raise ValueError("the rules are numbered 1 to 16, each once")
        return self

    @model_validator(mode="after")
    def _every_class_has_a_clock(self) -> Baseline:
        if missing := set(RecordClass) - set(self.retention):
            raise ValueError(f"these records have no clock under [retention]: {', '.join(sorted(missing))}")
        return self
