"""Every command by its name, and the one function that decides them all."""

from __future__ import annotations

from typing import Final, assert_never

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
from domain.decisions.endings import (
    CloseCase,
    ConfirmRemoval,
    LiftRestriction,
    RecordEnd,
    WithdrawAsWrong,
    close_case,
    confirm_removal,
    lift_restriction,
    record_end,
    withdraw_as_wrong,
)
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
from domain.decisions.judgement import Decision, Refused, Situation, impossible, judge, not_in_the_future
from domain.decisions.landlord import AdoptPolicy, AppointPost, EndPost, adopt_policy, appoint_post, end_post
from domain.decisions.notices import (
    InformPartner,
    InformStaff,
    NotifyEnding,
    PlaceAlert,
    RecordReceipt,
    RecordReturn,
    SendNotice,
    SignNotice,
    TellByTelephone,
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
from domain.decisions.proposals import (
    ConfirmCheck,
    DeclineRestriction,
    DelegateDecision,
    ProposeRestriction,
    RecordPanelView,
    ReturnProposal,
    confirm_check,
    decline_restriction,
    delegate_decision,
    propose_restriction,
    record_panel_view,
    return_proposal,
)
from domain.decisions.restrictions import ApplyRestriction, apply_restriction
from domain.decisions.reviews import (
    AppointReviewer,
    CompleteReview,
    RecordReviewFellDue,
    RequestReview,
    appoint_reviewer,
    complete_review,
    record_review_fell_due,
    request_review,
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
    | ProposeRestriction
    | RecordPanelView
    | ReturnProposal
    | ApplyRestriction
    | InformPartner
    | InformStaff
    | NotifyEnding
    | PlaceAlert
    | RecordReceipt
    | RecordReturn
    | SendNotice
    | SignNotice
    | TellByTelephone
    | RecordBreach
    | ReportBreach
    | WithdrawBreach
    | ChangeNamedContact
    | EaseRestriction
    | ExtendRestriction
    | RaiseNewIssue
    | VaryRestriction
    | AcknowledgeAppeal
    | AppointAppealReviewer
    | DecideLateAppeal
    | DetermineAppeal
    | LodgeAppeal
    | SuspendMeasures
    | WithdrawAppeal
    | AppointReviewer
    | CompleteReview
    | RecordReviewFellDue
    | RequestReview
    | CloseCase
    | ConfirmRemoval
    | LiftRestriction
    | RecordEnd
    | WithdrawAsWrong
)
LandlordCommand = AdoptPolicy | AppointPost | EndPost
AnyCommand = CaseCommand | LandlordCommand

# The name of every command of a case, as it stands in a path.
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
    "propose-restriction": ProposeRestriction,
    "record-panel-view": RecordPanelView,
    "return-proposal": ReturnProposal,
    "apply-restriction": ApplyRestriction,
    "inform-partner": InformPartner,
    "inform-staff": InformStaff,
    "notify-ending": NotifyEnding,
    "place-alert": PlaceAlert,
    "record-receipt": RecordReceipt,
    "record-return": RecordReturn,
    "send-notice": SendNotice,
    "sign-notice": SignNotice,
    "tell-by-telephone": TellByTelephone,
    "record-breach": RecordBreach,
    "report-breach": ReportBreach,
    "withdraw-breach": WithdrawBreach,
    "change-named-contact": ChangeNamedContact,
    "ease-restriction": EaseRestriction,
    "extend-restriction": ExtendRestriction,
    "raise-new-issue": RaiseNewIssue,
    "vary-restriction": VaryRestriction,
    "acknowledge-appeal": AcknowledgeAppeal,
    "appoint-appeal-reviewer": AppointAppealReviewer,
    "decide-late-appeal": DecideLateAppeal,
    "determine-appeal": DetermineAppeal,
    "lodge-appeal": LodgeAppeal,
    "suspend-measures": SuspendMeasures,
    "withdraw-appeal": WithdrawAppeal,
    "appoint-reviewer": AppointReviewer,
    "complete-review": CompleteReview,
    "record-review-fell-due": RecordReviewFellDue,
    "request-review": RequestReview,
    "close-case": CloseCase,
    "confirm-removal": ConfirmRemoval,
    "lift-restriction": LiftRestriction,
    "record-end": RecordEnd,
    "withdraw-as-wrong": WithdrawAsWrong,
}
LANDLORD_COMMANDS: Final[dict[str, type[LandlordCommand]]] = {
    "adopt-policy": AdoptPolicy,
    "appoint-post": AppointPost,
    "end-post": EndPost,
}


def decide(command: AnyCommand, situation: Situation) -> Decision:
    """The facts that a command leads to. Raises `Refused` with every rule that stands in the way.

    A closed case takes no command but `open-case`, which starts another. No command happened tomorrow.
    """
    if situation.case.stage == "closed" and not isinstance(command, OpenCase | LandlordCommand):
        raise Refused([impossible("case_closed", f"The case was closed on {situation.case.closed_on}.")])
    decision = _decide(command, situation)
    judge(not_in_the_future(command.day(situation), situation))
    return decision


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
        case ProposeRestriction():
            return propose_restriction(command, situation)
        case RecordPanelView():
            return record_panel_view(command, situation)
        case ReturnProposal():
            return return_proposal(command, situation)
        case ApplyRestriction():
            return apply_restriction(command, situation)
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
        case RecordBreach():
            return record_breach(command, situation)
        case ReportBreach():
            return report_breach(command, situation)
        case WithdrawBreach():
            return withdraw_breach(command, situation)
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
        case RecordReviewFellDue():
            return record_review_fell_due(command, situation)
        case RequestReview():
            return request_review(command, situation)
        case CloseCase():
            return close_case(command, situation)
        case ConfirmRemoval():
            return confirm_removal(command, situation)
        case LiftRestriction():
            return lift_restriction(command, situation)
        case RecordEnd():
            return record_end(command, situation)
        case WithdrawAsWrong():
            return withdraw_as_wrong(command, situation)
        case AdoptPolicy():
            return adopt_policy(command, situation)
        case AppointPost():
            return appoint_post(command, situation)
        case EndPost():
            return end_post(command, situation)
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
