"""Every fact that can stand in the log, by stage of a case; together they are the storage format.

`FACTS` gives each its stored name and schema version. Both are explicit: renaming or moving a class changes nothing
that is stored, and a changed shape takes a new version here and an upcaster in `domain.upcasters`.
"""

from __future__ import annotations

from typing import Final

from domain.events.appeals import (
    AppealAcknowledged,
    AppealDetermined,
    AppealLodged,
    AppealReviewerAppointed,
    AppealWithdrawn,
    LateAppealDecided,
    MeasuresSuspended,
)
from domain.events.decision import (
    CheckConfirmed,
    DelegationRecorded,
    PanelViewRecorded,
    ProposalReturned,
    RestrictionApplied,
    RestrictionDeclined,
    RestrictionProposed,
)
from domain.events.endings import (
    CaseClosed,
    RemovalConfirmed,
    RestrictionEnded,
    RestrictionLifted,
    RestrictionOverturned,
    RestrictionWithdrawnAsWrong,
)
from domain.events.envelope import SYSTEM, Event
from domain.events.in_force import (
    BreachRecorded,
    BreachReported,
    BreachWithdrawn,
    NamedContactChanged,
    NewIssueRaised,
    RestrictionEased,
    RestrictionExtended,
    RestrictionVaried,
)
from domain.events.intake import (
    CaseOpened,
    ComplaintLinked,
    ConcernRaised,
    ContactCorrected,
    ContactDisputed,
    ContactLogged,
    EvidenceAttached,
    IncidentRecorded,
    IssueAnswered,
    PolicyCopyRequested,
    PolicyCopySent,
    ReferredElsewhere,
)
from domain.events.landlord import LandlordSetUp, PolicyAdopted, PostAppointed, PostEnded
from domain.events.notices import (
    AlertPlaced,
    EndingNotified,
    NoticeReceived,
    NoticeReturned,
    NoticeSent,
    NoticeSigned,
    PartnerInformed,
    StaffInformed,
    ToldByTelephone,
)
from domain.events.parts import AppealTerms, Measure, Override, PolicyRef, ScheduledReview
from domain.events.reviews import ReviewCompleted, ReviewerAppointed, ReviewFellDue, ReviewRequested
from domain.events.steps import (
    AgreementEnded,
    AgreementMade,
    MediationOffered,
    MeetingDeclined,
    MeetingHeld,
    MeetingOffered,
    SpokenWarningGiven,
    WarningIssued,
    WarningWithdrawn,
)
from domain.events.support import (
    AdjustmentDecided,
    AdjustmentEnded,
    AdjustmentRequested,
    EqualityDutyConsidered,
    MitigationConsidered,
    SupportOffered,
)

CaseFact = (
    CaseOpened
    | ReferredElsewhere
    | ContactLogged
    | ContactCorrected
    | ContactDisputed
    | IncidentRecorded
    | EvidenceAttached
    | ConcernRaised
    | ComplaintLinked
    | IssueAnswered
    | PolicyCopyRequested
    | PolicyCopySent
    | AdjustmentRequested
    | AdjustmentDecided
    | AdjustmentEnded
    | SupportOffered
    | MitigationConsidered
    | EqualityDutyConsidered
    | WarningIssued
    | WarningWithdrawn
    | SpokenWarningGiven
    | MeetingOffered
    | MeetingHeld
    | MeetingDeclined
    | MediationOffered
    | AgreementMade
    | AgreementEnded
    | RestrictionProposed
    | ProposalReturned
    | CheckConfirmed
    | PanelViewRecorded
    | DelegationRecorded
    | RestrictionDeclined
    | RestrictionApplied
    | NoticeSigned
    | NoticeSent
    | NoticeReceived
    | NoticeReturned
    | ToldByTelephone
    | StaffInformed
    | PartnerInformed
    | AlertPlaced
    | EndingNotified
    | BreachRecorded
    | BreachWithdrawn
    | BreachReported
    | NewIssueRaised
    | NamedContactChanged
    | RestrictionVaried
    | RestrictionEased
    | RestrictionExtended
    | AppealLodged
    | AppealAcknowledged
    | LateAppealDecided
    | AppealReviewerAppointed
    | MeasuresSuspended
    | AppealWithdrawn
    | AppealDetermined
    | ReviewRequested
    | ReviewerAppointed
    | ReviewFellDue
    | ReviewCompleted
    | RestrictionLifted
    | RestrictionEnded
    | RestrictionOverturned
    | RestrictionWithdrawnAsWrong
    | RemovalConfirmed
    | CaseClosed
)
LandlordFact = LandlordSetUp | PolicyAdopted | PostAppointed | PostEnded
Fact = CaseFact | LandlordFact

# Stored name of every fact. A class that is renamed or moved keeps its name here.
FACTS: Final[dict[str, type]] = {
    "CaseOpened": CaseOpened,
    "ReferredElsewhere": ReferredElsewhere,
    "ContactLogged": ContactLogged,
    "ContactCorrected": ContactCorrected,
    "ContactDisputed": ContactDisputed,
    "IncidentRecorded": IncidentRecorded,
    "EvidenceAttached": EvidenceAttached,
    "ConcernRaised": ConcernRaised,
    "ComplaintLinked": ComplaintLinked,
    "IssueAnswered": IssueAnswered,
    "PolicyCopyRequested": PolicyCopyRequested,
    "PolicyCopySent": PolicyCopySent,
    "AdjustmentRequested": AdjustmentRequested,
    "AdjustmentDecided": AdjustmentDecided,
    "AdjustmentEnded": AdjustmentEnded,
    "SupportOffered": SupportOffered,
    "MitigationConsidered": MitigationConsidered,
    "EqualityDutyConsidered": EqualityDutyConsidered,
    "WarningIssued": WarningIssued,
    "WarningWithdrawn": WarningWithdrawn,
    "SpokenWarningGiven": SpokenWarningGiven,
    "MeetingOffered": MeetingOffered,
    "MeetingHeld": MeetingHeld,
    "MeetingDeclined": MeetingDeclined,
    "MediationOffered": MediationOffered,
    "AgreementMade": AgreementMade,
    "AgreementEnded": AgreementEnded,
    "RestrictionProposed": RestrictionProposed,
    "ProposalReturned": ProposalReturned,
    "CheckConfirmed": CheckConfirmed,
    "PanelViewRecorded": PanelViewRecorded,
    "DelegationRecorded": DelegationRecorded,
    "RestrictionDeclined": RestrictionDeclined,
    "RestrictionApplied": RestrictionApplied,
    "NoticeSigned": NoticeSigned,
    "NoticeSent": NoticeSent,
    "NoticeReceived": NoticeReceived,
    "NoticeReturned": NoticeReturned,
    "ToldByTelephone": ToldByTelephone,
    "StaffInformed": StaffInformed,
    "PartnerInformed": PartnerInformed,
    "AlertPlaced": AlertPlaced,
    "EndingNotified": EndingNotified,
    "BreachRecorded": BreachRecorded,
    "BreachWithdrawn": BreachWithdrawn,
    "BreachReported": BreachReported,
    "NewIssueRaised": NewIssueRaised,
    "NamedContactChanged": NamedContactChanged,
    "RestrictionVaried": RestrictionVaried,
    "RestrictionEased": RestrictionEased,
    "RestrictionExtended": RestrictionExtended,
    "AppealLodged": AppealLodged,
    "AppealAcknowledged": AppealAcknowledged,
    "LateAppealDecided": LateAppealDecided,
    "AppealReviewerAppointed": AppealReviewerAppointed,
    "MeasuresSuspended": MeasuresSuspended,
    "AppealWithdrawn": AppealWithdrawn,
    "AppealDetermined": AppealDetermined,
    "ReviewRequested": ReviewRequested,
    "ReviewerAppointed": ReviewerAppointed,
    "ReviewFellDue": ReviewFellDue,
    "ReviewCompleted": ReviewCompleted,
    "RestrictionLifted": RestrictionLifted,
    "RestrictionEnded": RestrictionEnded,
    "RestrictionOverturned": RestrictionOverturned,
    "RestrictionWithdrawnAsWrong": RestrictionWithdrawnAsWrong,
    "RemovalConfirmed": RemovalConfirmed,
    "CaseClosed": CaseClosed,
    "LandlordSetUp": LandlordSetUp,
    "PolicyAdopted": PolicyAdopted,
    "PostAppointed": PostAppointed,
    "PostEnded": PostEnded,
}

VERSIONS: Final[dict[str, int]] = {}  # stored names whose shape changed after it first landed, with today's version


def schema_version(stored_name: str) -> int:
    """The version in which a fact of this stored name is written today."""
    return VERSIONS.get(stored_name, 1)


__all__ = [
    "FACTS",
    "SYSTEM",
    "VERSIONS",
    "AdjustmentDecided",
    "AdjustmentEnded",
    "AdjustmentRequested",
    "AgreementEnded",
    "AgreementMade",
    "AlertPlaced",
    "AppealAcknowledged",
    "AppealDetermined",
    "AppealLodged",
    "AppealReviewerAppointed",
    "AppealTerms",
    "AppealWithdrawn",
    "BreachRecorded",
    "BreachReported",
    "BreachWithdrawn",
    "CaseClosed",
    "CaseFact",
    "CaseOpened",
    "CheckConfirmed",
    "ComplaintLinked",
    "ConcernRaised",
    "ContactCorrected",
    "ContactDisputed",
    "ContactLogged",
    "DelegationRecorded",
    "EndingNotified",
    "EqualityDutyConsidered",
    "Event",
    "EvidenceAttached",
    "Fact",
    "IncidentRecorded",
    "IssueAnswered",
    "LandlordFact",
    "LandlordSetUp",
    "LateAppealDecided",
    "Measure",
    "MeasuresSuspended",
    "MediationOffered",
    "MeetingDeclined",
    "MeetingHeld",
    "MeetingOffered",
    "MitigationConsidered",
    "NamedContactChanged",
    "NewIssueRaised",
    "NoticeReceived",
    "NoticeReturned",
    "NoticeSent",
    "NoticeSigned",
    "Override",
    "PanelViewRecorded",
    "PartnerInformed",
    "PolicyAdopted",
    "PolicyCopyRequested",
    "PolicyCopySent",
    "PolicyRef",
    "PostAppointed",
    "PostEnded",
    "ProposalReturned",
    "ReferredElsewhere",
    "RemovalConfirmed",
    "RestrictionApplied",
    "RestrictionDeclined",
    "RestrictionEased",
    "RestrictionEnded",
    "RestrictionExtended",
    "RestrictionLifted",
    "RestrictionOverturned",
    "RestrictionProposed",
    "RestrictionVaried",
    "RestrictionWithdrawnAsWrong",
    "ReviewCompleted",
    "ReviewFellDue",
    "ReviewRequested",
    "ReviewerAppointed",
    "ScheduledReview",
    "SpokenWarningGiven",
    "StaffInformed",
    "SupportOffered",
    "ToldByTelephone",
    "WarningIssued",
    "WarningWithdrawn",
    "schema_version",
]
