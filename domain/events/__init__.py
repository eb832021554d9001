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
from domain.events.deadlines import DeadlinePassed
from domain.events.decision import (
    CheckConfirmed,
    DelegationEnded,
    DelegationRecorded,
    ImportCompleted,
    MeasureNamed,
    PanelViewRecorded,
    ProposalReturned,
    RestrictionApplied,
    RestrictionDeclined,
    RestrictionImported,
    RestrictionProposed,
    StepShown,
)
from domain.events.disclosures import (
    DisclosedMeasure,
    DisclosedRestriction,
    DisclosedWarning,
    DisclosureDecided,
    DisclosureDeleted,
    DisclosureEnded,
)
from domain.events.endings import (
    CaseClosed,
    RemovalConfirmed,
    RemovalFailed,
    RestrictionEnded,
    RestrictionLifted,
    RestrictionOverturned,
    RestrictionWithdrawnAsWrong,
)
from domain.events.envelope import SYSTEM, Event
from domain.events.in_force import (
    AgreedCallKept,
    AgreedCallMissed,
    BreachRecorded,
    BreachReported,
    BreachWithdrawn,
    ContactFiled,
    FiledItemTriaged,
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
from domain.events.landlord import (
    AbsenceEnded,
    AbsenceRecorded,
    ContactPointSet,
    EntryDisposalDecided,
    EntryDisposalProposed,
    LandlordSetUp,
    OpeningHours,
    PolicyAdopted,
    PostAppointed,
    PostEnded,
    SubscriberEnded,
    SubscriberRegistered,
)
from domain.events.letters import (
    DeliveryReported,
    LetterDiscarded,
    LetterParked,
    LetterPrepared,
    LetterReleased,
    LetterTakenUpAgain,
)
from domain.events.notices import (
    AlertPlaced,
    ChannelBlocked,
    EndingNotified,
    NoticeReceived,
    NoticeReturned,
    NoticeSent,
    NoticeSigned,
    PartnerInformed,
    StaffInformed,
    ToldByTelephone,
)
from domain.events.parts import AppealTerms, FollowUp, Measure, Override, PolicyRef, ScheduledReview
from domain.events.people import (
    CaseReassigned,
    ComplaintConcluded,
    ComplaintDeclined,
    CounterAllegationConcluded,
    CounterAllegationRecorded,
    CustomerDied,
    CustomerRecordsMerged,
    CustomerRecordsUnmerged,
    DeathWithdrawn,
    HomeRecorded,
    MergeConflictSettled,
    OmbudsmanDetermined,
    OmbudsmanInvolved,
    RepresentativeAuthorised,
    RepresentativeEnded,
    SafeContactEnded,
    SafeContactInstructed,
    TenancyEnded,
)
from domain.events.reviews import (
    ReviewCompleted,
    ReviewerAppointed,
    ReviewFellDue,
    ReviewRequestDeclined,
    ReviewRequested,
)
from domain.events.rights import (
    DisposalProposed,
    LegalHoldPlaced,
    LegalHoldReleased,
    MovedToRightPerson,
    PersonErased,
    RecordRectified,
    RetentionDecided,
    RightsRequestAnswered,
    RightsRequestReceived,
    TakenFromOtherPerson,
)
from domain.events.safety import (
    SafetyAudienceInformed,
    SafetyWarningApproved,
    SafetyWarningDeclined,
    SafetyWarningProposed,
    SafetyWarningRemoved,
    SafetyWarningReviewed,
    SafetyWarningTold,
)
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
from domain.events.urgent import (
    ActionPlanMade,
    InteractionEnded,
    InterimRestrictionApplied,
    LegalActionConsidered,
    PoliceInformed,
    SeniorDiscussionHeld,
    UrgentActionTaken,
    UrgentCaseReviewed,
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
    | ReviewRequestDeclined
    | DeadlinePassed
    | DeliveryReported
    | LetterDiscarded
    | LetterParked
    | LetterPrepared
    | LetterReleased
    | LetterTakenUpAgain
    | ReviewCompleted
    | RestrictionLifted
    | RestrictionEnded
    | RestrictionOverturned
    | RestrictionWithdrawnAsWrong
    | RemovalConfirmed
    | CaseClosed
    | RepresentativeAuthorised
    | RepresentativeEnded
    | CaseReassigned
    | HomeRecorded
    | CustomerRecordsMerged
    | CustomerRecordsUnmerged
    | MergeConflictSettled
    | TenancyEnded
    | CustomerDied
    | DeathWithdrawn
    | SafeContactInstructed
    | SafeContactEnded
    | CounterAllegationRecorded
    | CounterAllegationConcluded
    | ComplaintConcluded
    | ComplaintDeclined
    | OmbudsmanInvolved
    | OmbudsmanDetermined
    | InteractionEnded
    | UrgentActionTaken
    | UrgentCaseReviewed
    | SeniorDiscussionHeld
    | ActionPlanMade
    | InterimRestrictionApplied
    | PoliceInformed
    | LegalActionConsidered
    | SafetyWarningProposed
    | SafetyWarningApproved
    | SafetyWarningDeclined
    | SafetyWarningTold
    | SafetyAudienceInformed
    | SafetyWarningReviewed
    | SafetyWarningRemoved
    | RightsRequestReceived
    | RightsRequestAnswered
    | RecordRectified
    | MovedToRightPerson
    | TakenFromOtherPerson
    | LegalHoldPlaced
    | LegalHoldReleased
    | DisposalProposed
    | RetentionDecided
    | PersonErased
    | ContactFiled
    | FiledItemTriaged
    | AgreedCallKept
    | AgreedCallMissed
    | RemovalFailed
    | ChannelBlocked
    | DelegationEnded
    | RestrictionImported
    | ImportCompleted
    | DisclosureDecided
    | DisclosureEnded
    | DisclosureDeleted
)
LandlordFact = (
    LandlordSetUp
    | PolicyAdopted
    | PostAppointed
    | PostEnded
    | AbsenceRecorded
    | AbsenceEnded
    | ContactPointSet
    | EntryDisposalProposed
    | EntryDisposalDecided
    | SubscriberRegistered
    | SubscriberEnded
)
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
    "ReviewRequestDeclined": ReviewRequestDeclined,
    "DeadlinePassed": DeadlinePassed,
    "DeliveryReported": DeliveryReported,
    "LetterDiscarded": LetterDiscarded,
    "LetterParked": LetterParked,
    "LetterPrepared": LetterPrepared,
    "LetterReleased": LetterReleased,
    "LetterTakenUpAgain": LetterTakenUpAgain,
    "ReviewCompleted": ReviewCompleted,
    "RestrictionLifted": RestrictionLifted,
    "RestrictionEnded": RestrictionEnded,
    "RestrictionOverturned": RestrictionOverturned,
    "RestrictionWithdrawnAsWrong": RestrictionWithdrawnAsWrong,
    "RemovalConfirmed": RemovalConfirmed,
    "CaseClosed": CaseClosed,
    "RepresentativeAuthorised": RepresentativeAuthorised,
    "RepresentativeEnded": RepresentativeEnded,
    "CaseReassigned": CaseReassigned,
    "HomeRecorded": HomeRecorded,
    "CustomerRecordsMerged": CustomerRecordsMerged,
    "CustomerRecordsUnmerged": CustomerRecordsUnmerged,
    "MergeConflictSettled": MergeConflictSettled,
    "TenancyEnded": TenancyEnded,
    "CustomerDied": CustomerDied,
    "DeathWithdrawn": DeathWithdrawn,
    "SafeContactInstructed": SafeContactInstructed,
    "SafeContactEnded": SafeContactEnded,
    "CounterAllegationRecorded": CounterAllegationRecorded,
    "CounterAllegationConcluded": CounterAllegationConcluded,
    "ComplaintConcluded": ComplaintConcluded,
    "ComplaintDeclined": ComplaintDeclined,
    "OmbudsmanInvolved": OmbudsmanInvolved,
    "OmbudsmanDetermined": OmbudsmanDetermined,
    "InteractionEnded": InteractionEnded,
    "UrgentActionTaken": UrgentActionTaken,
    "UrgentCaseReviewed": UrgentCaseReviewed,
    "SeniorDiscussionHeld": SeniorDiscussionHeld,
    "ActionPlanMade": ActionPlanMade,
    "InterimRestrictionApplied": InterimRestrictionApplied,
    "PoliceInformed": PoliceInformed,
    "LegalActionConsidered": LegalActionConsidered,
    "SafetyWarningProposed": SafetyWarningProposed,
    "SafetyWarningApproved": SafetyWarningApproved,
    "SafetyWarningDeclined": SafetyWarningDeclined,
    "SafetyWarningTold": SafetyWarningTold,
    "SafetyAudienceInformed": SafetyAudienceInformed,
    "SafetyWarningReviewed": SafetyWarningReviewed,
    "SafetyWarningRemoved": SafetyWarningRemoved,
    "RightsRequestReceived": RightsRequestReceived,
    "RightsRequestAnswered": RightsRequestAnswered,
    "RecordRectified": RecordRectified,
    "MovedToRightPerson": MovedToRightPerson,
    "TakenFromOtherPerson": TakenFromOtherPerson,
    "LegalHoldPlaced": LegalHoldPlaced,
    "LegalHoldReleased": LegalHoldReleased,
    "DisposalProposed": DisposalProposed,
    "RetentionDecided": RetentionDecided,
    "PersonErased": PersonErased,
    "ContactFiled": ContactFiled,
    "FiledItemTriaged": FiledItemTriaged,
    "AgreedCallKept": AgreedCallKept,
    "AgreedCallMissed": AgreedCallMissed,
    "RemovalFailed": RemovalFailed,
    "ChannelBlocked": ChannelBlocked,
    "DelegationEnded": DelegationEnded,
    "RestrictionImported": RestrictionImported,
    "ImportCompleted": ImportCompleted,
    "LandlordSetUp": LandlordSetUp,
    "PolicyAdopted": PolicyAdopted,
    "PostAppointed": PostAppointed,
    "PostEnded": PostEnded,
    "AbsenceRecorded": AbsenceRecorded,
    "AbsenceEnded": AbsenceEnded,
    "EntryDisposalProposed": EntryDisposalProposed,
    "EntryDisposalDecided": EntryDisposalDecided,
    "ContactPointSet": ContactPointSet,
    "DisclosureDecided": DisclosureDecided,
    "DisclosureEnded": DisclosureEnded,
    "DisclosureDeleted": DisclosureDeleted,
    "SubscriberRegistered": SubscriberRegistered,
    "SubscriberEnded": SubscriberEnded,
}

# Stored names whose shape changed after it first landed, with today's version.
VERSIONS: Final[dict[str, int]] = {
    "AdjustmentDecided": 2,
    "AdjustmentRequested": 2,
    "AppealDetermined": 2,
    "AppealLodged": 2,
    "AppealReviewerAppointed": 2,
    "AppealWithdrawn": 2,
    "ComplaintLinked": 3,
    "CounterAllegationRecorded": 2,
    "IncidentRecorded": 2,
    "InterimRestrictionApplied": 3,
    "MergeConflictSettled": 2,
    "NoticeSent": 2,
    "PolicyCopyRequested": 2,
    "RestrictionApplied": 2,
    "RestrictionExtended": 2,
    "RestrictionVaried": 2,
    "ReviewCompleted": 2,
    "ReviewRequested": 2,
    "UrgentActionTaken": 2,
}


def schema_version(stored_name: str) -> int:
    """The version in which a fact of this stored name is written today."""
    return VERSIONS.get(stored_name, 1)


__all__ = [
    "FACTS",
    "SYSTEM",
    "VERSIONS",
    "AbsenceEnded",
    "AbsenceRecorded",
    "ActionPlanMade",
    "AdjustmentDecided",
    "AdjustmentEnded",
    "AdjustmentRequested",
    "AgreedCallKept",
    "AgreedCallMissed",
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
    "CaseReassigned",
    "ChannelBlocked",
    "CheckConfirmed",
    "ComplaintConcluded",
    "ComplaintDeclined",
    "ComplaintLinked",
    "ConcernRaised",
    "ContactCorrected",
    "ContactDisputed",
    "ContactFiled",
    "ContactLogged",
    "ContactPointSet",
    "CounterAllegationConcluded",
    "CounterAllegationRecorded",
    "CustomerDied",
    "CustomerRecordsMerged",
    "CustomerRecordsUnmerged",
    "DeadlinePassed",
    "DeathWithdrawn",
    "DelegationEnded",
    "DelegationRecorded",
    "DeliveryReported",
    "DisclosedMeasure",
    "DisclosedRestriction",
    "DisclosedWarning",
    "DisclosureDecided",
    "DisclosureDeleted",
    "DisclosureEnded",
    "DisposalProposed",
    "EndingNotified",
    "EntryDisposalDecided",
    "EntryDisposalProposed",
    "EqualityDutyConsidered",
    "Event",
    "EvidenceAttached",
    "Fact",
    "FiledItemTriaged",
    "FollowUp",
    "HomeRecorded",
    "ImportCompleted",
    "IncidentRecorded",
    "InteractionEnded",
    "InterimRestrictionApplied",
    "IssueAnswered",
    "LandlordFact",
    "LandlordSetUp",
    "LateAppealDecided",
    "LegalActionConsidered",
    "LegalHoldPlaced",
    "LegalHoldReleased",
    "LetterDiscarded",
    "LetterParked",
    "LetterPrepared",
    "LetterReleased",
    "LetterTakenUpAgain",
    "Measure",
    "MeasureNamed",
    "MeasuresSuspended",
    "MediationOffered",
    "MeetingDeclined",
    "MeetingHeld",
    "MeetingOffered",
    "MergeConflictSettled",
    "MitigationConsidered",
    "MovedToRightPerson",
    "NamedContactChanged",
    "NewIssueRaised",
    "NoticeReceived",
    "NoticeReturned",
    "NoticeSent",
    "NoticeSigned",
    "OmbudsmanDetermined",
    "OmbudsmanInvolved",
    "OpeningHours",
    "Override",
    "PanelViewRecorded",
    "PartnerInformed",
    "PersonErased",
    "PoliceInformed",
    "PolicyAdopted",
    "PolicyCopyRequested",
    "PolicyCopySent",
    "PolicyRef",
    "PostAppointed",
    "PostEnded",
    "ProposalReturned",
    "RecordRectified",
    "ReferredElsewhere",
    "RemovalConfirmed",
    "RemovalFailed",
    "RepresentativeAuthorised",
    "RepresentativeEnded",
    "RestrictionApplied",
    "RestrictionDeclined",
    "RestrictionEased",
    "RestrictionEnded",
    "RestrictionExtended",
    "RestrictionImported",
    "RestrictionLifted",
    "RestrictionOverturned",
    "RestrictionProposed",
    "RestrictionVaried",
    "RestrictionWithdrawnAsWrong",
    "RetentionDecided",
    "ReviewCompleted",
    "ReviewFellDue",
    "ReviewRequestDeclined",
    "ReviewRequested",
    "ReviewerAppointed",
    "RightsRequestAnswered",
    "RightsRequestReceived",
    "SafeContactEnded",
    "SafeContactInstructed",
    "SafetyAudienceInformed",
    "SafetyWarningApproved",
    "SafetyWarningDeclined",
    "SafetyWarningProposed",
    "SafetyWarningRemoved",
    "SafetyWarningReviewed",
    "SafetyWarningTold",
    "ScheduledReview",
    "SeniorDiscussionHeld",
    "SpokenWarningGiven",
    "StaffInformed",
    "StepShown",
    "SubscriberEnded",
    "SubscriberRegistered",
    "SupportOffered",
    "TakenFromOtherPerson",
    "TenancyEnded",
    "ToldByTelephone",
    "UrgentActionTaken",
    "UrgentCaseReviewed",
    "WarningIssued",
    "WarningWithdrawn",
    "schema_version",
]
