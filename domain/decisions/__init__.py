"""Every command by its name, and the one function that decides them all."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from domain.decisions.agreed_calls import KeepAgreedCall, MissAgreedCall, keep_agreed_call, miss_agreed_call
from domain.decisions.allegations import (
    ConcludeCounterAllegation,
    RecordCounterAllegation,
    conclude_counter_allegation,
    record_counter_allegation,
)
from domain.decisions.appeals import (
    AcknowledgeAppeal,
    AppointAppealReviewer,
    DecideLateAppeal,
    DetermineAppeal,
    LodgeAppeal,
    SuspendMeasures,
    WithdrawAppeal,
    acknowledge_appeal,
    appoint_appeal_reviewer,
    decide_late_appeal,
    determine_appeal,
    lodge_appeal,
    suspend_measures,
    withdraw_appeal,
)
from domain.decisions.breaches import (
    RecordBreach,
    ReportBreach,
    WithdrawBreach,
    record_breach,
    report_breach,
    withdraw_breach,
)
from domain.decisions.changes import (
    ChangeNamedContact,
    EaseRestriction,
    ExtendRestriction,
    RaiseNewIssue,
    VaryRestriction,
    change_named_contact,
    ease_restriction,
    extend_restriction,
    raise_new_issue,
    vary_restriction,
)
from domain.decisions.complaints import (
    ConcludeComplaint,
    DeclineComplaint,
    RecordOmbudsman,
    RecordOmbudsmanDetermination,
    conclude_complaint,
    decline_complaint,
    record_ombudsman,
    record_ombudsman_determination,
)
from domain.decisions.completing import CompleteImport, complete_import
from domain.decisions.contact_points import SetContactPoint, set_contact_point
from domain.decisions.corrections import MoveEntry, RectifyRecord, move_entry, rectify_record
from domain.decisions.deadlines import RecordDeadlinePassed, record_deadline_passed
from domain.decisions.disclosures import (
    ConfirmDeletion,
    Disclose,
    EndDisclosure,
    RecordDisclosureEnd,
    confirm_deletion,
    disclose,
    end_disclosure,
    record_disclosure_end,
)
from domain.decisions.endings import (
    CloseCase,
    ConfirmRemoval,
    LiftRestriction,
    RecordEnd,
    ReportRemovalFailed,
    WithdrawAsWrong,
    close_case,
    confirm_removal,
    lift_restriction,
    record_end,
    report_removal_failed,
    withdraw_as_wrong,
)
from domain.decisions.entries import (
    DecideEntryDisposal,
    ProposeEntryDisposal,
    decide_entry_disposal,
    propose_entry_disposal,
)
from domain.decisions.filing import TriageFiledItem, triage_filed_item
from domain.decisions.importing import ImportRestriction, import_restriction
from domain.decisions.intake import (
    AttachEvidence,
    CorrectContact,
    DisputeContact,
    LinkComplaint,
    LogContact,
    OpenCase,
    RaiseConcern,
    RecordIncident,
    RecordIssueAnswered,
    ReferElsewhere,
    RequestPolicyCopy,
    SendPolicyCopy,
    attach_evidence,
    correct_contact,
    dispute_contact,
    link_complaint,
    log_contact,
    open_case,
    raise_concern,
    record_incident,
    record_issue_answered,
    refer_elsewhere,
    request_policy_copy,
    send_policy_copy,
)
from domain.decisions.interim import ApplyInterim, apply_interim
from domain.decisions.judgement import (
    Decision,
    Refused,
    Situation,
    against_baseline,
    impossible,
    judge,
    not_in_the_future,
)
from domain.decisions.landlord import (
    AdoptPolicy,
    AppointPost,
    EndAbsence,
    EndPost,
    RecordAbsence,
    adopt_policy,
    appoint_post,
    end_absence,
    end_post,
    record_absence,
)
from domain.decisions.letters import (
    DiscardLetter,
    ParkLetter,
    PrepareLetter,
    RecordDispatch,
    ReleaseLetter,
    ReportDelivery,
    TakeUpLetter,
    discard_letter,
    park_letter,
    prepare_letter,
    record_dispatch,
    release_letter,
    report_delivery,
    take_up_letter,
)
from domain.decisions.merging import (
    MergeRecords,
    SettleMergeConflict,
    UnmergeRecords,
    merge_records,
    settle_merge_conflict,
    unmerge_records,
)
from domain.decisions.notices import (
    BlockChannel,
    InformPartner,
    InformStaff,
    NotifyEnding,
    PlaceAlert,
    RecordReceipt,
    RecordReturn,
    SendNotice,
    SignNotice,
    TellByTelephone,
    block_channel,
    inform_partner,
    inform_staff,
    notify_ending,
    place_alert,
    record_receipt,
    record_return,
    send_notice,
    sign_notice,
    tell_by_telephone,
)
from domain.decisions.people import (
    AuthoriseRepresentative,
    EndRepresentative,
    EndTenancy,
    ReassignCase,
    RecordDeath,
    RecordHome,
    WithdrawDeath,
    authorise_representative,
    end_representative,
    end_tenancy,
    reassign_case,
    record_death,
    record_home,
    withdraw_death,
)
from domain.decisions.proposals import (
    ConfirmCheck,
    DeclineRestriction,
    DelegateDecision,
    EndDelegation,
    ProposeRestriction,
    RecordPanelView,
    ReturnProposal,
    confirm_check,
    decline_restriction,
    delegate_decision,
    end_delegation,
    propose_restriction,
    record_panel_view,
    return_proposal,
)
from domain.decisions.restrictions import ApplyRestriction, apply_restriction
from domain.decisions.retention import (
    DecideDisposal,
    ErasePerson,
    ProposeDisposal,
    decide_disposal,
    erase_person,
    propose_disposal,
)
from domain.decisions.reviews import (
    AppointReviewer,
    CompleteReview,
    DeclineReviewRequest,
    RecordReviewFellDue,
    RequestReview,
    appoint_reviewer,
    complete_review,
    decline_review_request,
    record_review_fell_due,
    request_review,
)
from domain.decisions.rights import (
    AnswerRightsRequest,
    PlaceLegalHold,
    ReceiveRightsRequest,
    ReleaseLegalHold,
    answer_rights_request,
    place_legal_hold,
    receive_rights_request,
    release_legal_hold,
)
from domain.decisions.safe_contact import (
    EndSafeContact,
    InstructSafeContact,
    end_safe_contact,
    instruct_safe_contact,
)
from domain.decisions.safety import (
    ApproveSafetyWarning,
    DeclineSafetyWarning,
    InformSafetyAudience,
    ProposeSafetyWarning,
    RemoveSafetyWarning,
    ReviewSafetyWarning,
    TellPersonOfSafetyWarning,
    approve_safety_warning,
    decline_safety_warning,
    inform_safety_audience,
    propose_safety_warning,
    remove_safety_warning,
    review_safety_warning,
    tell_person_of_safety_warning,
)
from domain.decisions.steps import (
    DeclineMeeting,
    EndAgreement,
    GiveSpokenWarning,
    HoldMeeting,
    IssueWarning,
    MakeAgreement,
    OfferMediation,
    OfferMeeting,
    WithdrawWarning,
    decline_meeting,
    end_agreement,
    give_spoken_warning,
    hold_meeting,
    issue_warning,
    make_agreement,
    offer_mediation,
    offer_meeting,
    withdraw_warning,
)
from domain.decisions.subscribers import (
    EndSubscriber,
    RegisterSubscriber,
    end_subscriber,
    register_subscriber,
)
from domain.decisions.support import (
    ConsiderEqualityDuty,
    ConsiderMitigation,
    DecideAdjustment,
    EndAdjustment,
    OfferSupport,
    RequestAdjustment,
    consider_equality_duty,
    consider_mitigation,
    decide_adjustment,
    end_adjustment,
    offer_support,
    request_adjustment,
)
from domain.decisions.urgent import (
    ConsiderLegalAction,
    EndInteraction,
    HoldSeniorDiscussion,
    InformPolice,
    MakeActionPlan,
    ReviewUrgentCase,
    TakeUrgentAction,
    consider_legal_action,
    end_interaction,
    hold_senior_discussion,
    inform_police,
    make_action_plan,
    review_urgent_case,
    take_urgent_action,
)
from domain.decisions.withdrawals import with_withdrawals

CaseCommand = (
    AttachEvidence
    | CorrectContact
    | DisputeContact
    | LinkComplaint
    | LogContact
    | OpenCase
    | RaiseConcern
    | RecordIncident
    | RecordIssueAnswered
    | ReferElsewhere
    | RequestPolicyCopy
    | SendPolicyCopy
    | ConsiderEqualityDuty
    | ConsiderMitigation
    | DecideAdjustment
    | EndAdjustment
    | OfferSupport
    | RequestAdjustment
    | DeclineMeeting
    | EndAgreement
    | GiveSpokenWarning
    | HoldMeeting
    | IssueWarning
    | MakeAgreement
    | OfferMediation
    | OfferMeeting
    | WithdrawWarning
    | ConfirmCheck
    | DeclineRestriction
    | DelegateDecision
    | EndDelegation
    | ProposeRestriction
    | RecordPanelView
    | ReturnProposal
    | ApplyRestriction
    | BlockChannel
    | InformPartner
    | InformStaff
    | NotifyEnding
    | PlaceAlert
    | RecordReceipt
    | RecordReturn
    | SendNotice
    | SignNotice
    | TellByTelephone
    | DiscardLetter
    | ParkLetter
    | PrepareLetter
    | RecordDispatch
    | ReleaseLetter
    | ReportDelivery
    | TakeUpLetter
    | RecordBreach
    | ReportBreach
    | WithdrawBreach
    | TriageFiledItem
    | KeepAgreedCall
    | MissAgreedCall
    | ChangeNamedContact
    | EaseRestriction
    | ExtendRestriction
    | RaiseNewIssue
    | VaryRestriction
    | ConcludeCounterAllegation
    | RecordCounterAllegation
    | ConcludeComplaint
    | DeclineComplaint
    | RecordOmbudsman
    | RecordOmbudsmanDetermination
    | AcknowledgeAppeal
    | AppointAppealReviewer
    | DecideLateAppeal
    | DetermineAppeal
    | LodgeAppeal
    | SuspendMeasures
    | WithdrawAppeal
    | AppointReviewer
    | CompleteReview
    | DeclineReviewRequest
    | RecordDeadlinePassed
    | RecordReviewFellDue
    | RequestReview
    | MoveEntry
    | RectifyRecord
    | CloseCase
    | ConfirmRemoval
    | ReportRemovalFailed
    | LiftRestriction
    | RecordEnd
    | WithdrawAsWrong
    | AnswerRightsRequest
    | PlaceLegalHold
    | ReceiveRightsRequest
    | ReleaseLegalHold
    | DecideDisposal
    | ErasePerson
    | ProposeDisposal
    | AuthoriseRepresentative
    | EndRepresentative
    | EndSafeContact
    | EndTenancy
    | InstructSafeContact
    | ReassignCase
    | RecordDeath
    | RecordHome
    | WithdrawDeath
    | MergeRecords
    | SettleMergeConflict
    | UnmergeRecords
    | ApplyInterim
    | ImportRestriction
    | CompleteImport
    | ApproveSafetyWarning
    | DeclineSafetyWarning
    | InformSafetyAudience
    | ProposeSafetyWarning
    | RemoveSafetyWarning
    | ReviewSafetyWarning
    | TellPersonOfSafetyWarning
    | ConsiderLegalAction
    | EndInteraction
    | HoldSeniorDiscussion
    | InformPolice
    | MakeActionPlan
    | ReviewUrgentCase
    | TakeUrgentAction
    | ConfirmDeletion
    | Disclose
    | EndDisclosure
    | RecordDisclosureEnd
)
LandlordCommand = (
    AdoptPolicy
    | AppointPost
    | EndPost
    | RecordAbsence
    | EndAbsence
    | SetContactPoint
    | ProposeEntryDisposal
    | DecideEntryDisposal
    | RegisterSubscriber
    | EndSubscriber
)
AnyCommand = CaseCommand | LandlordCommand

# The name of every command of a case, as it stands in a path; `ImportRestriction` is the command line's alone.
COMMANDS: Final[dict[str, type[CaseCommand]]] = {
    "attach-evidence": AttachEvidence,
    "correct-contact": CorrectContact,
    "dispute-contact": DisputeContact,
    "link-complaint": LinkComplaint,
    "log-contact": LogContact,
    "open-case": OpenCase,
    "raise-concern": RaiseConcern,
    "record-incident": RecordIncident,
    "record-issue-answered": RecordIssueAnswered,
    "refer-elsewhere": ReferElsewhere,
    "request-policy-copy": RequestPolicyCopy,
    "send-policy-copy": SendPolicyCopy,
    "consider-equality-duty": ConsiderEqualityDuty,
    "consider-mitigation": ConsiderMitigation,
    "decide-adjustment": DecideAdjustment,
    "end-adjustment": EndAdjustment,
    "offer-support": OfferSupport,
    "request-adjustment": RequestAdjustment,
    "decline-meeting": DeclineMeeting,
    "end-agreement": EndAgreement,
    "give-spoken-warning": GiveSpokenWarning,
    "hold-meeting": HoldMeeting,
    "issue-warning": IssueWarning,
    "make-agreement": MakeAgreement,
    "offer-mediation": OfferMediation,
    "offer-meeting": OfferMeeting,
    "withdraw-warning": WithdrawWarning,
    "confirm-check": ConfirmCheck,
    "decline-restriction": DeclineRestriction,
    "delegate-decision": DelegateDecision,
    "end-delegation": EndDelegation,
    "propose-restriction": ProposeRestriction,
    "record-panel-view": RecordPanelView,
    "return-proposal": ReturnProposal,
    "apply-restriction": ApplyRestriction,
    "block-channel": BlockChannel,
    "inform-partner": InformPartner,
    "inform-staff": InformStaff,
    "notify-ending": NotifyEnding,
    "place-alert": PlaceAlert,
    "record-receipt": RecordReceipt,
    "record-return": RecordReturn,
    "send-notice": SendNotice,
    "sign-notice": SignNotice,
    "tell-by-telephone": TellByTelephone,
    "discard-letter": DiscardLetter,
    "release-letter": ReleaseLetter,
    "take-up-letter": TakeUpLetter,
    "record-breach": RecordBreach,
    "report-breach": ReportBreach,
    "withdraw-breach": WithdrawBreach,
    "triage-filed-item": TriageFiledItem,
    "keep-agreed-call": KeepAgreedCall,
    "miss-agreed-call": MissAgreedCall,
    "change-named-contact": ChangeNamedContact,
    "ease-restriction": EaseRestriction,
    "extend-restriction": ExtendRestriction,
    "raise-new-issue": RaiseNewIssue,
    "vary-restriction": VaryRestriction,
    "conclude-counter-allegation": ConcludeCounterAllegation,
    "record-counter-allegation": RecordCounterAllegation,
    "conclude-complaint": ConcludeComplaint,
    "decline-complaint": DeclineComplaint,
    "record-ombudsman": RecordOmbudsman,
    "record-ombudsman-determination": RecordOmbudsmanDetermination,
    "acknowledge-appeal": AcknowledgeAppeal,
    "appoint-appeal-reviewer": AppointAppealReviewer,
    "decide-late-appeal": DecideLateAppeal,
    "determine-appeal": DetermineAppeal,
    "lodge-appeal": LodgeAppeal,
    "suspend-measures": SuspendMeasures,
    "withdraw-appeal": WithdrawAppeal,
    "appoint-reviewer": AppointReviewer,
    "complete-review": CompleteReview,
    "decline-review-request": DeclineReviewRequest,
    "record-review-fell-due": RecordReviewFellDue,
    "record-deadline-passed": RecordDeadlinePassed,
    "request-review": RequestReview,
    "move-entry": MoveEntry,
    "rectify-record": RectifyRecord,
    "complete-import": CompleteImport,
    "close-case": CloseCase,
    "confirm-removal": ConfirmRemoval,
    "report-removal-failed": ReportRemovalFailed,
    "lift-restriction": LiftRestriction,
    "record-end": RecordEnd,
    "withdraw-as-wrong": WithdrawAsWrong,
    "answer-rights-request": AnswerRightsRequest,
    "place-legal-hold": PlaceLegalHold,
    "receive-rights-request": ReceiveRightsRequest,
    "release-legal-hold": ReleaseLegalHold,
    "decide-disposal": DecideDisposal,
    "erase-person": ErasePerson,
    "propose-disposal": ProposeDisposal,
    "authorise-representative": AuthoriseRepresentative,
    "end-representative": EndRepresentative,
    "end-safe-contact": EndSafeContact,
    "end-tenancy": EndTenancy,
    "instruct-safe-contact": InstructSafeContact,
    "reassign-case": ReassignCase,
    "record-death": RecordDeath,
    "record-home": RecordHome,
    "withdraw-death": WithdrawDeath,
    "merge-records": MergeRecords,
    "settle-merge-conflict": SettleMergeConflict,
    "unmerge-records": UnmergeRecords,
    "apply-interim": ApplyInterim,
    "approve-safety-warning": ApproveSafetyWarning,
    "decline-safety-warning": DeclineSafetyWarning,
    "inform-safety-audience": InformSafetyAudience,
    "propose-safety-warning": ProposeSafetyWarning,
    "remove-safety-warning": RemoveSafetyWarning,
    "review-safety-warning": ReviewSafetyWarning,
    "tell-person-of-safety-warning": TellPersonOfSafetyWarning,
    "consider-legal-action": ConsiderLegalAction,
    "end-interaction": EndInteraction,
    "hold-senior-discussion": HoldSeniorDiscussion,
    "inform-police": InformPolice,
    "make-action-plan": MakeActionPlan,
    "review-urgent-case": ReviewUrgentCase,
    "take-urgent-action": TakeUrgentAction,
    "confirm-deletion": ConfirmDeletion,
    "disclose": Disclose,
    "end-disclosure": EndDisclosure,
    "record-disclosure-end": RecordDisclosureEnd,
}
LANDLORD_COMMANDS: Final[dict[str, type[LandlordCommand]]] = {
    "adopt-policy": AdoptPolicy,
    "appoint-post": AppointPost,
    "end-post": EndPost,
    "record-absence": RecordAbsence,
    "end-absence": EndAbsence,
    "propose-entry-disposal": ProposeEntryDisposal,
    "decide-entry-disposal": DecideEntryDisposal,
    "set-contact-point": SetContactPoint,
    "register-subscriber": RegisterSubscriber,
    "end-subscriber": EndSubscriber,
}


# What puts something in force against a customer, or leads to it.
AGAINST_THE_CUSTOMER: Final = (
    IssueWarning,
    ProposeRestriction,
    ApplyRestriction,
    ApplyInterim,
    ProposeSafetyWarning,
)


def decide(command: AnyCommand, situation: Situation) -> Decision:
    """The facts that a command leads to. Raises `Refused` with every rule that stands in the way.

    A closed case takes `open-case`, which starts another, and what is about something that outlives it. No command
    happened tomorrow. Whatever takes the ground from a breach withdraws it at once.
    """
    if situation.case.stage == "closed" and not (command.takes_closed or isinstance(command, LandlordCommand)):
        raise Refused([impossible("case_closed", f"The case was closed on {situation.case.closed_on}.")])
    if situation.case.dead() and isinstance(command, AGAINST_THE_CUSTOMER):
        asks = "The customer has died; nothing is decided against them any more."
        raise Refused([replace(against_baseline(situation, "retention", asks), rule="nothing_after_death")])
    decision = _decide(command, situation)
    judge(not_in_the_future(command.day(situation), situation))
    return with_withdrawals(decision, situation)


def _decide(command: AnyCommand, situation: Situation) -> Decision:
    match command:
        case AttachEvidence():
            return attach_evidence(command, situation)
        case CorrectContact():
            return correct_contact(command, situation)
        case DisputeContact():
            return dispute_contact(command, situation)
        case LinkComplaint():
            return link_complaint(command, situation)
        case LogContact():
            return log_contact(command, situation)
        case OpenCase():
            return open_case(command, situation)
        case RaiseConcern():
            return raise_concern(command, situation)
        case RecordIncident():
            return record_incident(command, situation)
        case RecordIssueAnswered():
            return record_issue_answered(command, situation)
        case ReferElsewhere():
            return refer_elsewhere(command, situation)
        case RequestPolicyCopy():
            return request_policy_copy(command, situation)
        case SendPolicyCopy():
            return send_policy_copy(command, situation)
        case ConsiderEqualityDuty():
            return consider_equality_duty(command, situation)
        case ConsiderMitigation():
            return consider_mitigation(command, situation)
        case DecideAdjustment():
            return decide_adjustment(command, situation)
        case EndAdjustment():
            return end_adjustment(command, situation)
        case OfferSupport():
            return offer_support(command, situation)
        case RequestAdjustment():
            return request_adjustment(command, situation)
        case DeclineMeeting():
            return decline_meeting(command, situation)
        case EndAgreement():
            return end_agreement(command, situation)
        case GiveSpokenWarning():
            return give_spoken_warning(command, situation)
        case HoldMeeting():
            return hold_meeting(command, situation)
        case IssueWarning():
            return issue_warning(command, situation)
        case MakeAgreement():
            return make_agreement(command, situation)
        case OfferMediation():
            return offer_mediation(command, situation)
        case OfferMeeting():
            return offer_meeting(command, situation)
        case WithdrawWarning():
            return withdraw_warning(command, situation)
        case ConfirmCheck():
            return confirm_check(command, situation)
        case DeclineRestriction():
            return decline_restriction(command, situation)
        case DelegateDecision():
            return delegate_decision(command, situation)
        case EndDelegation():
            return end_delegation(command, situation)
        case ProposeRestriction():
            return propose_restriction(command, situation)
        case RecordPanelView():
            return record_panel_view(command, situation)
        case ReturnProposal():
            return return_proposal(command, situation)
        case ApplyRestriction():
            return apply_restriction(command, situation)
        case BlockChannel():
            return block_channel(command, situation)
        case InformPartner():
            return inform_partner(command, situation)
        case InformStaff():
            return inform_staff(command, situation)
        case NotifyEnding():
            return notify_ending(command, situation)
        case PlaceAlert():
            return place_alert(command, situation)
        case RecordReceipt():
            return record_receipt(command, situation)
        case RecordReturn():
            return record_return(command, situation)
        case SendNotice():
            return send_notice(command, situation)
        case SignNotice():
            return sign_notice(command, situation)
        case TellByTelephone():
            return tell_by_telephone(command, situation)
        case DiscardLetter():
            return discard_letter(command, situation)
        case ParkLetter():
            return park_letter(command, situation)
        case PrepareLetter():
            return prepare_letter(command, situation)
        case RecordDispatch():
            return record_dispatch(command, situation)
        case ReleaseLetter():
            return release_letter(command, situation)
        case ReportDelivery():
            return report_delivery(command, situation)
        case TakeUpLetter():
            return take_up_letter(command, situation)
        case RecordBreach():
            return record_breach(command, situation)
        case ReportBreach():
            return report_breach(command, situation)
        case WithdrawBreach():
            return withdraw_breach(command, situation)
        case TriageFiledItem():
            return triage_filed_item(command, situation)
        case KeepAgreedCall():
            return keep_agreed_call(command, situation)
        case MissAgreedCall():
            return miss_agreed_call(command, situation)
        case ChangeNamedContact():
            return change_named_contact(command, situation)
        case EaseRestriction():
            return ease_restriction(command, situation)
        case ExtendRestriction():
            return extend_restriction(command, situation)
        case RaiseNewIssue():
            return raise_new_issue(command, situation)
        case VaryRestriction():
            return vary_restriction(command, situation)
        case ConcludeCounterAllegation():
            return conclude_counter_allegation(command, situation)
        case RecordCounterAllegation():
            return record_counter_allegation(command, situation)
        case ConcludeComplaint():
            return conclude_complaint(command, situation)
        case DeclineComplaint():
            return decline_complaint(command, situation)
        case RecordOmbudsman():
            return record_ombudsman(command, situation)
        case RecordOmbudsmanDetermination():
            return record_ombudsman_determination(command, situation)
        case AcknowledgeAppeal():
            return acknowledge_appeal(command, situation)
        case AppointAppealReviewer():
            return appoint_appeal_reviewer(command, situation)
        case DecideLateAppeal():
            return decide_late_appeal(command, situation)
        case DetermineAppeal():
            return determine_appeal(command, situation)
        case LodgeAppeal():
            return lodge_appeal(command, situation)
        case SuspendMeasures():
            return suspend_measures(command, situation)
        case WithdrawAppeal():
            return withdraw_appeal(command, situation)
        case AppointReviewer():
            return appoint_reviewer(command, situation)
        case CompleteReview():
            return complete_review(command, situation)
        case DeclineReviewRequest():
            return decline_review_request(command, situation)
        case RecordReviewFellDue():
            return record_review_fell_due(command, situation)
        case RecordDeadlinePassed():
            return record_deadline_passed(command, situation)
        case RequestReview():
            return request_review(command, situation)
        case MoveEntry():
            return move_entry(command, situation)
        case RectifyRecord():
            return rectify_record(command, situation)
        case CloseCase():
            return close_case(command, situation)
        case ConfirmRemoval():
            return confirm_removal(command, situation)
        case ReportRemovalFailed():
            return report_removal_failed(command, situation)
        case LiftRestriction():
            return lift_restriction(command, situation)
        case RecordEnd():
            return record_end(command, situation)
        case WithdrawAsWrong():
            return withdraw_as_wrong(command, situation)
        case AnswerRightsRequest():
            return answer_rights_request(command, situation)
        case PlaceLegalHold():
            return place_legal_hold(command, situation)
        case ReceiveRightsRequest():
            return receive_rights_request(command, situation)
        case ReleaseLegalHold():
            return release_legal_hold(command, situation)
        case DecideDisposal():
            return decide_disposal(command, situation)
        case ErasePerson():
            return erase_person(command, situation)
        case ProposeDisposal():
            return propose_disposal(command, situation)
        case AuthoriseRepresentative():
            return authorise_representative(command, situation)
        case EndRepresentative():
            return end_representative(command, situation)
        case EndSafeContact():
            return end_safe_contact(command, situation)
        case EndTenancy():
            return end_tenancy(command, situation)
        case InstructSafeContact():
            return instruct_safe_contact(command, situation)
        case ReassignCase():
            return reassign_case(command, situation)
        case RecordDeath():
            return record_death(command, situation)
        case RecordHome():
            return record_home(command, situation)
        case WithdrawDeath():
            return withdraw_death(command, situation)
        case MergeRecords():
            return merge_records(command, situation)
        case SettleMergeConflict():
            return settle_merge_conflict(command, situation)
        case UnmergeRecords():
            return unmerge_records(command, situation)
        case ImportRestriction():
            return import_restriction(command, situation)
        case CompleteImport():
            return complete_import(command, situation)
        case ApplyInterim():
            return apply_interim(command, situation)
        case ApproveSafetyWarning():
            return approve_safety_warning(command, situation)
        case DeclineSafetyWarning():
            return decline_safety_warning(command, situation)
        case InformSafetyAudience():
            return inform_safety_audience(command, situation)
        case ProposeSafetyWarning():
            return propose_safety_warning(command, situation)
        case RemoveSafetyWarning():
            return remove_safety_warning(command, situation)
        case ReviewSafetyWarning():
            return review_safety_warning(command, situation)
        case TellPersonOfSafetyWarning():
            return tell_person_of_safety_warning(command, situation)
        case ConsiderLegalAction():
            return consider_legal_action(command, situation)
        case EndInteraction():
            return end_interaction(command, situation)
        case HoldSeniorDiscussion():
            return hold_senior_discussion(command, situation)
        case InformPolice():
            return inform_police(command, situation)
        case MakeActionPlan():
            return make_action_plan(command, situation)
        case ReviewUrgentCase():
            return review_urgent_case(command, situation)
        case TakeUrgentAction():
            return take_urgent_action(command, situation)
        case ConfirmDeletion():
            return confirm_deletion(command, situation)
        case Disclose():
            return disclose(command, situation)
        case EndDisclosure():
            return end_disclosure(command, situation)
        case RecordDisclosureEnd():
            return record_disclosure_end(command, situation)
        case AdoptPolicy():
            return adopt_policy(command, situation)
        case AppointPost():
            return appoint_post(command, situation)
        case EndPost():
            return end_post(command, situation)
        case RecordAbsence():
            return record_absence(command, situation)
        case EndAbsence():
            return end_absence(command, situation)
        case ProposeEntryDisposal():
            return propose_entry_disposal(command, situation)
        case DecideEntryDisposal():
            return decide_entry_disposal(command, situation)
        case SetContactPoint():
            return set_contact_point(command, situation)
        case RegisterSubscriber():
            return register_subscriber(command, situation)
        case EndSubscriber():
            return end_subscriber(command, situation)
        case _:
            assert_never(command)


__all__ = [
    "COMMANDS",
    "LANDLORD_COMMANDS",
    "AnyCommand",
    "CaseCommand",
    "Decision",
    "LandlordCommand",
    "Refused",
    "Situation",
    "decide",
]
