"""The answers of the API, as they are made and as the OpenAPI document tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from domain.case import Case
from domain.case_parts import Adjustment
from domain.codes import CaseId, Channel
from domain.events import Fact, Override, PolicyRef
from domain.events.parts import Measure, ScheduledReview
from domain.merge_conflicts import MergeConflict
from domain.personal import ContactText
from domain.policy import Policy, Source, Strength
from projections.alert_state import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFact:
    """A fact that a command led to; `id` names what it made or is about, as later commands name it."""

    event_id: str
    type: str
    version: int
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What became of a contact that the answer to a question said to file: `filed`, or an ordinary contact and why."""

    measure: str
    filed: bool
    reader: str | None = None
    read_by_on: date | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictingMeasure:
    """A measure in force that goes against an adjustment: it gives way to it at once, and is to be varied."""

    case: str
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WentAgainst:
    """A rule that something went against which was taken down all the same, because it happened."""

    rule: str
    clause: str
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What a letter that was prepared has not got, and is not released without."""

    rule: str
    clause: str
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWritten:
    """What a command led to: the case's new version, the log position of the last fact, and the facts.

    `filing` is there when a contact is confirmed that was to be filed; `conflicts` when an adjustment is agreed;
    `went_against` when something was taken down that the customer had asked not to be done; `lacks` when a letter was
    prepared.
    """

    case: str
    version: int
    position: int
    facts: tuple[WrittenFact, ...]
    person: str | None = None
    filing: Filing | None = None
    conflicts: tuple[ConflictingMeasure, ...] | None = None
    went_against: tuple[WentAgainst, ...] | None = None
    lacks: tuple[Lacking, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandlordWritten:
    """What a command on the landlord led to."""

    landlord: str
    version: int
    position: int
    facts: tuple[WrittenFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShown:
    """What the directory says of a person; null for a caller who may not see it, once erased, and for a stranger."""

    state: Literal["shown", "withheld", "erased", "unknown"]
    reference: str | None = None
    name: str | None = None
    address: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAnswer(PersonShown):
    """A person of the directory, and their cases; `kept` is the record that theirs was merged into, else their own.

    New contacts and cases of the person go to the kept record, and `open_case` is that record's.
    """

    person: str
    kept: str
    open_case: str | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColleague:
    """A member of staff whom the answer names; the name is null for a caller who may not see it."""

    staff: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedColleague(NamedColleague):
    """A member of staff whom the answer names, and the number of their own where one is kept; null like the name."""

    telephone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A restriction's measure on the day asked for, and since when the customer knows of it; null: not told yet."""

    restriction: str
    measure: Measure
    told_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingWarning:
    """A warning that still counts, and when it was received."""

    warning: str
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedReview:
    """A review of a restriction that is still owed; `overdue` on the day asked for."""

    restriction: str
    review: ScheduledReview
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedAdjustment:
    """An adjustment in force that was agreed in another case of the customer; what to do stands there, sealed."""

    case: CaseId
    adjustment: str
    kind: str
    needs_channels: tuple[Channel, ...]
    unusable_channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheDay:
    """What holds on the day asked for."""

    day: date
    restrictions: tuple[str, ...]
    measures: tuple[InForce, ...]
    warnings: tuple[StandingWarning, ...]
    adjustments: tuple[Adjustment, ...]
    carried_adjustments: tuple[CarriedAdjustment, ...]
    reviews: tuple[OwedReview, ...]
    owed: tuple[str, ...]  # what somebody still owes, as codes with ids, also on a closed case
    merge_conflicts: tuple[MergeConflict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswer:
    """A case as known at an instant, and what of it holds on a day. `etag` is what `If-Match` takes."""

    case: Case
    etag: str
    position: int
    known_at: datetime | None
    valid_on: OnTheDay


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight:
    """What is right in the place of a field of the fact; what was written stays beside it."""

    field: str
    correct: ContactText
    event: str  # that put it right


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One event: told in a sentence, with who, in which post, when, under what, on what evidence, and the fact.

    One whose entry was about somebody else, and stands in their case now, is `hidden` and tells no fact but to the
    data protection officer.
    """

    kind: Literal["event"] = "event"
    version: int
    position: int
    event_id: str
    type: str
    sentence: str
    actor: str
    post: str | None
    recorded_at: datetime
    effective_at: datetime
    effective_on: date
    late_days: int
    clauses: tuple[str, ...]
    evidence: tuple[str, ...]
    overrides: tuple[Override, ...]
    cause: str | None
    policy: PolicyRef | None
    fact: Fact | None
    hidden: bool
    put_right: tuple[PutRight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAccess:
    """One reading of personal values of the case."""

    kind: Literal["access"] = "access"
    number: int
    at: datetime
    actor: str
    role: str
    purpose: str
    query: str
    fields: tuple[str, ...]
    position: int
    code_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAnswer:
    """A page of a history, in order; `next` leads to the one after. `unknown_since`: told only up to there.

    `colleagues` says who acted, or is spoken of in a sentence.
    """

    entries: tuple[HistoryEvent | HistoryAccess, ...]
    colleagues: tuple[NamedColleague, ...]
    next: str | None
    position: int
    known_at: datetime | None
    unknown_since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswer:
    """What stands for a customer on a day over all their cases.

    `restricted` is `not_known` when something happened from log position `unknown_since` on that cannot be told:
    then take calls normally, say nothing about restrictions, and ask the duty manager before visiting.
    """

    person: str
    on: date
    restricted: Literal["yes", "no", "not_known"]
    standing: tuple[Standing, ...]
    cases: tuple[str, ...]
    position: int
    unknown_since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """A restricted customer; without `standing` a case of which too little can be told to say.

    `customer` is there when it was asked for with `include=customer`.
    """

    case: str
    person: str | None
    standing: Standing | None
    unknown_since: int | None
    customer: PersonShown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """A page of the register; `behind_since` is when the first event was recorded that it does not account for."""

    on: date
    entries: tuple[RegisterLine, ...]
    next: str | None
    position: int
    behind_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAnswer:
    """The policy that applies on a day: which text, its values with their clauses, and the same in words."""

    on: date
    ref: PolicyRef
    policy: Policy
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    """Whether the service is ready, and what is missing when it is not.

    `blocked` counts, by landlord, cases that this release cannot tell to their end: the service is ready all the same.
    `clock` says, by landlord, why what goes by cannot be taken down just now; it is tried again at every tick.
    `broker` names, by landlord, the state of a stream at the message broker that is not published to just now;
    `GET /v1/ops/broker` says more.
    """

    ready: bool
    missing: tuple[str, ...]
    blocked: dict[str, int]
    clock: dict[str, str]
    broker: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownViolation:
    """A rule that stands in the way, and what it asks; `field` is the one at fault, where one is."""

    rule: str
    clause: str
    strength: Strength
    source: Source
    asks: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """A field that is not in its shape, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemAnswer:
    """Problem details (RFC 9457); `type` leads to what the problem means and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    violations: tuple[ShownViolation, ...] | None = None
    errors: tuple[FieldError, ...] | None = None
    version: int | None = None
    incident: str | None = None
    resynchronise: str | None = None  # where a follower begins again


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """What one type of problem means and what to do about it."""

    type: str
    title: str
    status: int
    means: str
    remedy: str
