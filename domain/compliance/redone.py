"""The command that an event came from, put together again, so that the rules can be asked what they say of it.

A field of a fact stands in the command under the same name; what differs is spelt out here. A command is not checked
for its shape again: what was recorded was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain import events as e
from domain.case import Case
from domain.codes import Answer, Channel, NoticeKind, SafetyOutcome
from domain.decisions import CaseCommand, allegations, complaints, filing, interim, retention, rights, safety, urgent
from domain.decisions import agreed_calls as calls
from domain.decisions import appeals as a
from domain.decisions import breaches as b
from domain.decisions import changes as c
from domain.decisions import endings as x
from domain.decisions import intake as i
from domain.decisions import notices as n
from domain.decisions import proposals as p
from domain.decisions import restrictions as r
from domain.decisions import reviews as v
from domain.decisions import steps as w
from domain.decisions import support as s
from domain.decisions.measures import MeasureRequest
from domain.events import Event, Measure
from domain.policy import Parameter, Policy

Fields = dict[str, Any]


def _rest(fact: object, policy: Policy) -> Fields:
    """The fields of a command that do not stand in the fact under their own name."""
    match fact:
        case e.IncidentRecorded():
            of_others = i.OTHER_GROUND in fact.grounds and fact.categories
            return {
                "other_category": fact.categories[-1] if of_others else None,
                "other_party": None,  # whom it is about is in the sealed value; that somebody is named was checked then
                "other_person": None,
                "refer_to": None,
            }
        case e.RestrictionApplied() | e.AppealDetermined() | e.InterimRestrictionApplied():
            return {"measures": tuple(_request(m, policy) for m in fact.measures)}
        case e.RestrictionVaried():
            # Whether the customer can use what remains is asked then, and the fact does not keep the answer.
            return {"measures": tuple(_request(m, policy) for m in fact.measures), "channels_usable": Answer.YES}
        case e.SafetyWarningReviewed() if fact.outcome is not SafetyOutcome.CHANGED:
            return {"precautions": (), "audience": (), "precaution_words": None}  # the fact repeats what stands
        case e.AgreedCallMissed():
            return {"on": None}  # the day is the agreed one
        case e.RestrictionEased():
            return {"keep": tuple(m.id for m in fact.measures)}
        case _:
            return {}


def _request(measure: Measure, policy: Policy) -> MeasureRequest:
    """What was asked for when a measure was decided; the way through somebody else is open beside what was chosen."""
    kind = policy.measures.get(measure.code)
    chosen = kind is None or Parameter.OPEN in kind.asks
    given = _by_name(MeasureRequest.model_fields, measure)
    given["open"] = tuple(ch for ch in measure.open if ch is not Channel.THIRD_PARTY) if chosen else ()
    return MeasureRequest.model_construct(**given)


# By the kind of fact, the command that leads to it.
REDONE: Final[Mapping[type, type[CaseCommand]]] = {
    e.ContactCorrected: i.CorrectContact,
    e.ContactDisputed: i.DisputeContact,
    e.IncidentRecorded: i.RecordIncident,
    e.EvidenceAttached: i.AttachEvidence,
    e.ConcernRaised: i.RaiseConcern,
    e.ReferredElsewhere: i.ReferElsewhere,
    e.PolicyCopySent: i.SendPolicyCopy,
    e.AdjustmentRequested: s.RequestAdjustment,
    e.AdjustmentDecided: s.DecideAdjustment,
    e.AdjustmentEnded: s.EndAdjustment,
    e.MitigationConsidered: s.ConsiderMitigation,
    e.WarningIssued: w.IssueWarning,
    e.WarningWithdrawn: w.WithdrawWarning,
    e.SpokenWarningGiven: w.GiveSpokenWarning,
    e.MeetingOffered: w.OfferMeeting,
    e.MeetingHeld: w.HoldMeeting,
    e.MeetingDeclined: w.DeclineMeeting,
    e.AgreementMade: w.MakeAgreement,
    e.AgreementEnded: w.EndAgreement,
    e.RestrictionProposed: p.ProposeRestriction,
    e.ProposalReturned: p.ReturnProposal,
    e.CheckConfirmed: p.ConfirmCheck,
    e.PanelViewRecorded: p.RecordPanelView,
    e.DelegationRecorded: p.DelegateDecision,
    e.RestrictionDeclined: p.DeclineRestriction,
    e.RestrictionApplied: r.ApplyRestriction,
    e.NoticeSigned: n.SignNotice,
    e.NoticeReceived: n.RecordReceipt,
    e.NoticeReturned: n.RecordReturn,
    e.ToldByTelephone: n.TellByTelephone,
    e.StaffInformed: n.InformStaff,
    e.PartnerInformed: n.InformPartner,
    e.AlertPlaced: n.PlaceAlert,
    e.EndingNotified: n.NotifyEnding,
    e.BreachRecorded: b.RecordBreach,
    e.BreachReported: b.ReportBreach,
    e.BreachWithdrawn: b.WithdrawBreach,
    e.DelegationEnded: p.EndDelegation,
    e.ChannelBlocked: n.BlockChannel,
    e.InterimRestrictionApplied: interim.ApplyInterim,
    e.InteractionEnded: urgent.EndInteraction,
    e.UrgentActionTaken: urgent.TakeUrgentAction,
    e.SeniorDiscussionHeld: urgent.HoldSeniorDiscussion,
    e.ActionPlanMade: urgent.MakeActionPlan,
    e.UrgentCaseReviewed: urgent.ReviewUrgentCase,
    e.PoliceInformed: urgent.InformPolice,
    e.LegalActionConsidered: urgent.ConsiderLegalAction,
    e.SafetyWarningProposed: safety.ProposeSafetyWarning,
    e.SafetyWarningApproved: safety.ApproveSafetyWarning,
    e.SafetyWarningDeclined: safety.DeclineSafetyWarning,
    e.SafetyWarningTold: safety.TellPersonOfSafetyWarning,
    e.SafetyAudienceInformed: safety.InformSafetyAudience,
    e.SafetyWarningReviewed: safety.ReviewSafetyWarning,
    e.SafetyWarningRemoved: safety.RemoveSafetyWarning,
    e.CounterAllegationRecorded: allegations.RecordCounterAllegation,
    e.CounterAllegationConcluded: allegations.ConcludeCounterAllegation,
    e.ComplaintDeclined: complaints.DeclineComplaint,
    e.FiledItemTriaged: filing.TriageFiledItem,
    e.AgreedCallKept: calls.KeepAgreedCall,
    e.AgreedCallMissed: calls.MissAgreedCall,
    e.RetentionDecided: retention.DecideDisposal,
    e.LegalHoldPlaced: rights.PlaceLegalHold,
    e.LegalHoldReleased: rights.ReleaseLegalHold,
    e.RestrictionVaried: c.VaryRestriction,
    e.RestrictionEased: c.EaseRestriction,
    e.NamedContactChanged: c.ChangeNamedContact,
    e.NewIssueRaised: c.RaiseNewIssue,
    e.AppealLodged: a.LodgeAppeal,
    e.AppealAcknowledged: a.AcknowledgeAppeal,
    e.LateAppealDecided: a.DecideLateAppeal,
    e.AppealReviewerAppointed: a.AppointAppealReviewer,
    e.MeasuresSuspended: a.SuspendMeasures,
    e.AppealWithdrawn: a.WithdrawAppeal,
    e.AppealDetermined: a.DetermineAppeal,
    e.ReviewRequested: v.RequestReview,
    e.ReviewerAppointed: v.AppointReviewer,
    e.ReviewFellDue: v.RecordReviewFellDue,
    e.ReviewCompleted: v.CompleteReview,
    e.RestrictionLifted: x.LiftRestriction,
    e.RestrictionEnded: x.RecordEnd,
    e.RestrictionWithdrawnAsWrong: x.WithdrawAsWrong,
    e.RemovalConfirmed: x.ConfirmRemoval,
    e.CaseClosed: x.CloseCase,
}


def redone(event: Event, before: Case, policy: Policy, history: Iterable[Event]) -> CaseCommand | None:
    """The command that led to an event; None for a fact that no command of its own leads to, or that no rule limits."""
    fact = event.fact
    match fact:
        case e.NoticeSent():
            return _letter(fact, before)
        case e.ContactFiled():
            return _filed(fact, history)
        case e.RestrictionExtended():
            return _extension(event, fact, history)
    kind = REDONE.get(type(fact))
    if kind is None:
        return None
    given: Fields = {**_by_name(kind.model_fields, fact), "on": event.effective_on, **_rest(fact, policy)}
    return kind.model_construct(**given)


def _by_name(wanted: Iterable[str], given: object) -> Fields:
    return {name: getattr(given, name) for name in wanted if hasattr(given, name)}


def _filed(fact: e.ContactFiled, history: Iterable[Event]) -> i.LogContact | None:
    """The contact as it was taken down to be filed under its measure; None when it is not in the history."""
    for event in history:
        if isinstance(event.fact, e.ContactLogged) and event.fact.contact == fact.contact:
            given = _by_name(i.LogContact.model_fields, event.fact)
            return i.LogContact.model_construct(**{**given, "filed_under": fact.measure})
    return None


def _letter(fact: e.NoticeSent, before: Case) -> n.SendNotice | None:
    """A letter as if it were still to go out; that of an extension was sent, and is judged, with it."""
    if fact.kind is NoticeKind.EXTENSION:
        return None
    named = fact.notice if before.notice(fact.notice) is not None else None
    return n.SendNotice.model_construct(
        **{**_by_name(n.SendNotice.model_fields, fact), "notice": named, "already_sent": False}
    )


def _extension(event: Event, fact: e.RestrictionExtended, history: Iterable[Event]) -> c.ExtendRestriction | None:
    """The decision together with its letter; None when no letter went out, which is a finding of its own."""
    sent = next(
        (
            other.fact
            for other in history
            if isinstance(other.fact, e.NoticeSent)
            and other.fact.kind is NoticeKind.EXTENSION
            and other.fact.about == fact.change
        ),
        None,
    )
    if sent is None:
        return None
    return c.ExtendRestriction.model_construct(
        **{
            **_by_name(c.ExtendRestriction.model_fields, sent),
            **_by_name(c.ExtendRestriction.model_fields, fact),
            "on": event.effective_on,
            "exceptional_reason": fact.reasons if fact.exceptional else None,
        }
    )
