"""The public types: one for each fact of a case, thin, and never with a word of prose.

A public event says that something happened, to which case, when, and which codes, days and opaque ids go with it; who
wants the whole state asks for it. A field is told by naming it here. Its name and type are those of the fact, so that a
field which changes there takes a new version here, with a way back for whoever stays on an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.codes import Topic

# What is told of a measure: what it does, to which contact, until when. Who of the staff has a part in it is not.
MEASURE: Final = (
    "id",
    "code",
    "effect",
    "open",
    "issue",
    "exceptions",
    "contact_role",
    "office",
    "count",
    "per",
    "minutes",
    "slots",
    "until",
    "limits_contact",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier schema of a public type: which fields it had, and how today's data become its own."""

    version: int
    fields: tuple[str, ...]
    down: Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicType:
    """What is told of one type of fact.

    `fields` are clear fields of the fact, told under `detail`. `touches` are further topics whose state it can change:
    their subscribers are told that it has, and no more. `alert` says that it can change what a colleague must know
    before they answer the customer or go to their home: whoever keeps such a state asks for it again.
    """

    name: str
    topic: Topic
    fields: tuple[str, ...] = ()
    alert: bool = False
    touches: frozenset[Topic] = frozenset()
    version: int = 1
    earlier: tuple[Earlier, ...] = ()

    @property
    def type(self) -> str:
        """The CloudEvents attribute `type`."""
        return f"evenhand.{self.name}"

    def schema(self, version: int | None = None) -> str:
        """The CloudEvents attribute `dataschema`, of today's version unless another is given."""
        return f"urn:evenhand:schema:{self.name}:{version or self.version}"


def public_name(stored_name: str) -> str:
    """The public name of a fact by its stored name: `restriction-applied`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", stored_name).lower()


# What is told of a fact that this release cannot read: that there is one. Whoever keeps a state asks for it again.
UNREADABLE: Final = PublicType(name="unreadable", topic=Topic.CASEWORK, alert=True)

# In the place of an event that would say more than somebody may know: what they keep of the case may have changed.
STATE_CHANGED: Final = PublicType(name="state-changed", topic=Topic.PEOPLE, alert=True)

# A death ends restrictions and warnings. Of whoever is erased, nobody keeps anything.
_TOUCHES: Final[Mapping[str, frozenset[Topic]]] = {
    "CustomerDied": frozenset({Topic.RESTRICTIONS, Topic.SAFETY}),
    "DeathWithdrawn": frozenset({Topic.RESTRICTIONS, Topic.SAFETY}),
    "PersonErased": frozenset(Topic) - {Topic.PEOPLE},
}

# Stored name and what is told, by topic. A `*` marks what can change the alert.
# Not told though they are codes: a household or a home, which is as good as a reference and would outlive an erasure
# wherever events are kept (but the home of a warning that a decision discloses, for that is where it counts); and what
# somebody asked for or was offered, which speaks of their health. What was agreed of that is told under `support`, to
# those who have to keep to it.
_TOLD: Final[Mapping[Topic, str]] = {
    Topic.RESTRICTIONS: """
        RestrictionApplied* restriction measures decided_on starts_on ends_on exceptional left_open confirms
        InterimRestrictionApplied* restriction measures decided_on starts_on ends_on left_open
        RestrictionImported* restriction measures decided_on told_on starts_on ends_on
        ImportCompleted* restriction decided_on told_on starts_on ends_on
        RestrictionVaried* restriction change measures from_on tightens
        RestrictionEased* restriction change measures from_on
        RestrictionExtended* restriction change decided_on ends_on
        RestrictionLifted* restriction from_on
        RestrictionEnded* restriction last_day
        RestrictionOverturned* restriction from_on
        RestrictionWithdrawnAsWrong* restriction from_on
        NamedContactChanged* restriction measure from_on
        MeasuresSuspended* restriction appeal from_on
        AppealLodged* appeal against about received_on in_time suspended
        LateAppealDecided* appeal accepted
        AppealWithdrawn* appeal withdrawn_on
        AppealDetermined* appeal outcome decided_on
        ReviewCompleted restriction review cadence held_on outcome
        ReviewFellDue restriction cadence due_on
        NoticeSent* notice kind about deemed_on
        NoticeReceived* notice received_on
        NoticeReturned* notice returned_on
        ToldByTelephone* restriction told_on measures
        StaffInformed restriction audience informed_on
        AlertPlaced restriction alert placed_on
        EndingNotified restriction audience notified_on
        ChannelBlocked restriction system channel blocked_on
        RemovalConfirmed restriction removal confirmed_on
        RemovalFailed restriction removal found_on
    """,
    Topic.SAFETY: """
        SafetyWarningApproved* warning approved_on
        SafetyWarningReviewed* warning outcome reviewed_on expires_on precautions
        SafetyWarningRemoved* warning from_on as_wrong
        SafetyAudienceInformed warning audience informed_on
    """,
    Topic.SUPPORT: """
        AdjustmentDecided* adjustment agreed kind starts_on needs_channels unusable_channels
        AdjustmentEnded* adjustment ended_on
        SafeContactInstructed* instruction methods no_visits from_on until
        SafeContactEnded* instruction ended_on
    """,
    Topic.PEOPLE: """
        CaseOpened* ordinal kind
        CaseClosed closed_on
        CaseReassigned from_on
        HomeRecorded* from_on
        CustomerRecordsMerged* merge other other_case kept merged_on
        CustomerRecordsUnmerged* merge unmerged_on
        TenancyEnded* ended_on
        CustomerDied* learnt_on
        DeathWithdrawn* withdrawn_on
        RepresentativeAuthorised representative person authority issue from_on until
        RepresentativeEnded representative ended_on
        PersonErased* person classes erased_on
    """,
    Topic.DISCLOSURES: """
        PartnerInformed restriction audience partner informed_on
        DisclosureDecided* disclosure partner basis restrictions warnings starts_on until delete_within
        DisclosureEnded* disclosure partner ended_on because delete_by
        DisclosureDeleted disclosure partner confirmed_on
    """,
    Topic.CASEWORK: """
        ReferredElsewhere to
        ContactLogged contact channel direction happened_on purpose issue completed
        ContactCorrected contact
        ContactDisputed contact
        ContactFiled contact restriction measure read_by_on
        FiledItemTriaged contact triage triaged_on
        IncidentRecorded incident happened_on
        EvidenceAttached evidence of
        ConcernRaised concern
        ComplaintLinked complaint
        ComplaintConcluded complaint concluded_on
        ComplaintDeclined complaint declined_on because
        IssueAnswered issue answered_on
        NewIssueRaised issue contact raised_on
        PolicyCopyRequested request requested_on
        PolicyCopySent request sent_on
        AdjustmentRequested adjustment requested_on
        SupportOffered support offered_on
        MitigationConsidered considered_on
        EqualityDutyConsidered considered_on
        WarningIssued warning
        WarningWithdrawn warning
        SpokenWarningGiven contact given_on
        MeetingOffered meeting offered_on
        MeetingHeld meeting held_on
        MeetingDeclined meeting declined_on
        MediationOffered mediation offered_on
        AgreementMade agreement made_on review_on
        AgreementEnded agreement ended_on
        AgreedCallKept call restriction measure slot due_on
        AgreedCallMissed call restriction measure slot due_on by_landlord
        BreachRecorded breach restriction measure happened_on
        BreachWithdrawn breach
        BreachReported breach reported_on
        RestrictionProposed proposal measures
        RestrictionDeclined proposal
        ProposalReturned proposal
        CheckConfirmed proposal check
        PanelViewRecorded proposal given_on
        DelegationRecorded delegation proposal
        DelegationEnded delegation ended_on
        NoticeSigned notice kind about signed_on
        AppealAcknowledged appeal acknowledged_on
        AppealReviewerAppointed appeal
        ReviewRequested request restriction requested_on by_customer
        ReviewRequestDeclined request restriction declined_on
        ReviewerAppointed restriction cadence
        MergeConflictSettled merge settled_on
        DeadlinePassed duty about due_on
        LetterPrepared letter kind about
        LetterReleased letter released_on
        LetterDiscarded letter discarded_on
        LetterParked letter because
        LetterTakenUpAgain letter taken_up_on
        DeliveryReported letter delivered
        CounterAllegationRecorded allegation received_on
        CounterAllegationConcluded allegation concluded_on
        OmbudsmanInvolved referral ombudsman opened_on
        OmbudsmanDetermined referral outcome determined_on
        InteractionEnded ending contact kind ended_on
        UrgentActionTaken action kind incident taken_on
        UrgentCaseReviewed review incident held_on
        SeniorDiscussionHeld discussion incident held_on
        ActionPlanMade plan incident made_on review_on
        PoliceInformed report informed_on
        LegalActionConsidered consideration step considered_on
        SafetyWarningProposed warning
        SafetyWarningDeclined warning declined_on
        SafetyWarningTold warning told_on
        RightsRequestReceived request right received_on due_on
        RightsRequestAnswered request outcome answered_on
        RecordRectified rectification rectified_on
        MovedToRightPerson entry moved_on
        TakenFromOtherPerson entry moved_on
        LegalHoldPlaced hold because placed_on review_on
        LegalHoldReleased hold released_on
        DisposalProposed disposal proposed_on
        RetentionDecided disposal approved decided_on
    """,
}

# By stored name, the versions before today's, oldest first: when the fields of a type change in the lines above, or
# what one of them can hold, its former fields are said here, with the way back to them. Today's version follows.
_EARLIER: Final[Mapping[str, tuple[Earlier, ...]]] = {}


def _told() -> dict[str, PublicType]:
    types: dict[str, PublicType] = {}
    for topic, lines in _TOLD.items():
        for line in lines.strip().splitlines():
            first, *fields = line.split()
            stored = first.rstrip("*")
            types[stored] = PublicType(
                name=public_name(stored),
                topic=topic,
                fields=tuple(fields),
                alert=first.endswith("*"),
                touches=_TOUCHES.get(stored, frozenset()),
                version=len(_EARLIER.get(stored, ())) + 1,
                earlier=_EARLIER.get(stored, ()),
            )
    return types


# By stored name. Facts of the landlord's own stream are told to nobody outside.
PUBLIC: Final[Mapping[str, PublicType]] = _told()


def stored_names_of(topics: Collection[Topic], names: Collection[str] | None = None) -> frozenset[str]:
    """The stored names of these topics' types; with `names`, of those public names among them."""
    return frozenset(
        stored for stored, told in PUBLIC.items() if told.topic in topics and (names is None or told.name in names)
    )
