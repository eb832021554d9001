"""Facts of intake: a case opens, contacts and incidents are taken down, evidence is attached, concern is raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import DeliveryMethod
from domain.codes import Channel, Characteristic, Direction, Party, Purpose, RoleCode, SubjectId, SubjectKind
from domain.personal import ContactText, EvidenceText, ThirdPartyText


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A person's file under the policy begins; `logged` until somebody raises a concern or records an incident."""

    person: SubjectId
    ordinal: int  # 1 is the person's first case with this landlord
    kind: SubjectKind
    household: str | None  # opaque household or tenancy id, so that households can be counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredElsewhere:
    """Conduct that this policy leaves to another one (violence, anti-social behaviour) was passed on."""

    to: str  # code of the policy's exclusion
    incident: str | None
    summary: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLogged:
    """A communication, neutral: when, by which way in, what happened."""

    contact: str
    channel: Channel
    direction: Direction
    happened_on: date
    happened_at: datetime | None
    summary: ContactText
    purpose: Purpose | None
    issue: str | None
    completed: bool  # False: attempted, dropped or misdialled; never counts against anybody
    customer_initiated: bool
    answer_id: str | None = None  # of the advice that was asked before


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCorrected:
    """What a logged contact said of itself was wrong; a value of None leaves it as it was."""

    contact: str
    corrects: str  # event id of the fact that was wrong
    channel: Channel | None
    happened_on: date | None
    purpose: Purpose | None
    issue: str | None
    completed: bool | None
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDisputed:
    """The customer says that it was otherwise; both accounts stand."""

    contact: str
    statement: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecorded:
    """Somebody says that conduct was unreasonable, on which grounds, towards whom and with what impact."""

    incident: str
    contact: str | None
    happened_on: date
    conduct_of: SubjectId  # whose conduct: only their own counts against anybody (baseline 6)
    grounds: tuple[str, ...]
    categories: tuple[str, ...]  # of those grounds in the policy of the day, so that likeness can be judged later
    towards: tuple[Party, ...]
    issue: str | None
    complaint: str | None
    characteristics: tuple[Characteristic, ...]
    timescale_given_on: date | None
    support_offered_on: date | None
    account: ContactText
    impact: ContactText | None
    exceptional_reason: ContactText | None
    other_ground: ContactText | None  # in words, for a ground outside the catalogue
    other_party: ThirdPartyText | None = None
    allegation: str | None = None  # the counter-allegation that is said to be unreasonable itself
    other_person: SubjectId | None = None  # whom `other_party` is about, so that they can be erased with the case


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAttached:
    """Something that shows an incident or a contact; a file's bytes are kept apart, known by salted digest."""

    evidence: str
    of: str  # id of the contact or incident
    kind: str
    description: EvidenceText
    blob: str | None = None
    digest: str | None = None
    size: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRaised:
    """A member of staff told their manager that this contact may have become unreasonable."""

    concern: str
    to: RoleCode | None
    incidents: tuple[str, ...]
    summary: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintLinked:
    """A complaint of this customer bears on the case; its own procedure and deadlines go on untouched."""

    complaint: str
    reference: ContactText
    concluded_on: date | None
    outcome_sent_on: date | None
    about: str | None = None  # the restriction that it complains of
    received_on: date | None = None
    answer_by_on: date | None = None  # in its own procedure; None: it was over already, or nobody said


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAnswered:
    """A matter has been answered in full, with what the customer may do next."""

    issue: str
    answered_on: date
    next_steps: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCopyRequested:
    """Somebody asked for a copy of the landlord's policy."""

    request: str
    requested_on: date
    send_by_on: date | None = None  # None: nothing was promised yet


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCopySent:
    """The copy went out."""

    request: str
    method: DeliveryMethod
    sent_on: date
