"""The command that an event came from, put together again, so that the rules can be asked what they say of it.

A field of a fact stands in the command under the same name; what differs is spelt out here. A command is not checked
for its shape again: what was recorded was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from domain.case import Case
from domain.codes import Answer, Channel, NoticeKind
from domain.decisions import CaseCommand
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
from domain import events as e
from domain.policy import Parameter, Policy

Fields = dict[str, Any]


def _incident(fact: e.IncidentRecorded, policy: Policy) -> Fields:
    of_others = i.OTHER_GROUND in fact.grounds and fact.categories
    return {
        "other_category": fact.categories[-1] if of_others else None,
        "other_party": None,  # whom it is about is in the sealed value; that somebody is named was checked then
        "other_person": None,
        "refer_to": None,
    }


def _measures(fact: e.RestrictionApplied | e.AppealDetermined, policy: Policy) -> Fields:
    return {"measures": tuple(_request(m, policy) for m in fact.measures)}


def _varied(fact: e.RestrictionVaried, policy: Policy) -> Fields:
    # Whether the customer can use what remains is asked before a variation, and the fact does not keep the answer.
    return {**_measures_of(fact.measures, policy), "channels_usable": Answer.YES}


def _measures_of(measures: Iterable[Measure], policy: Policy) -> Fields:
    return {"measures": tuple(_request(m, policy) for m in measures)}


def _request(measure: Measure, policy: Policy) -> MeasureRequest:
    """What was asked for when a measure was decided; the way through somebody else is open beside what was chosen."""
    kind = policy.measures.get(measure.code)
    chosen = kind is None or Parameter.OPEN in kind.asks
    given = _by_name(MeasureRequest.model_fields, measure)
    given["open"] = tuple(ch for ch in measure.open if ch is not Channel.THIRD_PARTY) if chosen else ()
    return MeasureRequest.model_construct(**given)


def _eased(fact: e.RestrictionEased, policy: Policy) -> Fields:
    return {"keep": tuple(m.id for m in fact.measures)}


# By the kind of fact: the command, and the fields that do not stand in the fact under their own name.
_Rest = Callable[[Any, Policy], Fields]


def _nothing_else(fact: object, policy: Policy) -> Fields:
    return {}


REDONE: Final[Mapping[type, tuple[type[CaseCommand], _Rest]]] = {
    e.ContactCorrected: (i.CorrectContact, _nothing_else),
    e.ContactDisputed: (i.DisputeContact, _nothing_else),
    e.IncidentRecorded: (i.RecordIncident, _incident),
    e.EvidenceAttached: (i.AttachEvidence, _nothing_else),
    e.ConcernRaised: (i.RaiseConcern, _nothing_else),
    e.ReferredElsewhere: (i.ReferElsewhere, _nothing_else),
    e.PolicyCopySent: (i.SendPolicyCopy, _nothing_else),
    e.AdjustmentRequested: (s.RequestAdjustment, _nothing_else),
    e.AdjustmentDecided: (s.DecideAdjustment, _nothing_else),
    e.AdjustmentEnded: (s.EndAdjustment, _nothing_else),
    e.MitigationConsidered: (s.ConsiderMitigation, _nothing_else),
    e.WarningIssued: (w.IssueWarning, _nothing_else),
    e.WarningWithdrawn: (w.WithdrawWarning, _nothing_else),
    e.SpokenWarningGiven: (w.GiveSpokenWarning, _nothing_else),
    e.MeetingOffered: (w.OfferMeeting, _nothing_else),
    e.MeetingHeld: (w.HoldMeeting, _nothing_else),
    e.MeetingDeclined: (w.DeclineMeeting, _nothing_else),
    e.AgreementMade: (w.MakeAgreement, _nothing_else),
    e.AgreementEnded: (w.EndAgreement, _nothing_else),
    e.RestrictionProposed: (p.ProposeRestriction, _nothing_else),
    e.ProposalReturned: (p.ReturnProposal, _nothing_else),
    e.CheckConfirmed: (p.ConfirmCheck, _nothing_else),
    e.PanelViewRecorded: (p.RecordPanelView, _nothing_else),
    e.DelegationRecorded: (p.DelegateDecision, _nothing_else),
    e.RestrictionDeclined: (p.DeclineRestriction, _nothing_else),
    e.RestrictionApplied: (r.ApplyRestriction, _measures),
    e.NoticeSigned: (n.SignNotice, _nothing_else),
    e.NoticeReceived: (n.RecordReceipt, _nothing_else),
    e.NoticeReturned: (n.RecordReturn, _nothing_else),
    e.ToldByTelephone: (n.TellByTelephone, _nothing_else),
    e.StaffInformed: (n.InformStaff, _nothing_else),
    e.PartnerInformed: (n.InformPartner, _nothing_else),
    e.AlertPlaced: (n.PlaceAlert, _nothing_else),
    e.EndingNotified: (n.NotifyEnding, _nothing_else),
    e.BreachRecorded: (b.RecordBreach, _nothing_else),
    e.BreachReported: (b.ReportBreach, _nothing_else),
    e.BreachWithdrawn: (b.WithdrawBreach, _nothing_else),
    e.RestrictionVaried: (c.VaryRestriction, _varied),
    e.RestrictionEased: (c.EaseRestriction, _eased),
    e.NamedContactChanged: (c.ChangeNamedContact, _nothing_else),
    e.NewIssueRaised: (c.RaiseNewIssue, _nothing_else),
    e.AppealLodged: (a.LodgeAppeal, _nothing_else),
    e.AppealAcknowledged: (a.AcknowledgeAppeal, _nothing_else),
    e.LateAppealDecided: (a.DecideLateAppeal, _nothing_else),
    e.AppealReviewerAppointed: (a.AppointAppealReviewer, _nothing_else),
    e.MeasuresSuspended: (a.SuspendMeasures, _nothing_else),
    e.AppealWithdrawn: (a.WithdrawAppeal, _nothing_else),
    e.AppealDetermined: (a.DetermineAppeal, _measures),
    e.ReviewRequested: (v.RequestReview, _nothing_else),
    e.ReviewerAppointed: (v.AppointReviewer, _nothing_else),
    e.ReviewFellDue: (v.RecordReviewFellDue, _nothing_else),
    e.ReviewCompleted: (v.CompleteReview, _nothing_else),
    e.RestrictionLifted: (x.LiftRestriction, _nothing_else),
    e.RestrictionEnded: (x.RecordEnd, _nothing_else),
    e.RestrictionWithdrawnAsWrong: (x.WithdrawAsWrong, _nothing_else),
    e.RemovalConfirmed: (x.ConfirmRemoval, _nothing_else),
    e.CaseClosed: (x.CloseCase, _nothing_else),
}


def redone(event: Event, before: Case, policy: Policy, history: Iterable[Event]) -> CaseCommand | None:
    """The command that led to an event; None for a fact that no command of its own leads to, or that no rule limits."""
    fact = event.fact
    match fact:
        case e.NoticeSent():
            return _letter(fact, before)
        case e.RestrictionExtended():
            return _extension(event, fact, policy, history)
    found = REDONE.get(type(fact))
    if found is None:
        return None
    kind, rest = found
    given: Fields = {**_by_name(kind.model_fields, fact), "on": event.effective_on, **rest(fact, policy)}
    return kind.model_construct(**given)


def _by_name(wanted: Iterable[str], given: object) -> Fields:
    return {name: getattr(given, name) for name in wanted if hasattr(given, name)}


def _letter(fact: e.NoticeSent, before: Case) -> n.SendNotice | None:
    """A letter as if it were still to go out; that of an extension was sent, and is judged, with it."""
    if fact.kind is NoticeKind.EXTENSION:
        return None
    named = fact.notice if before.notice(fact.notice) is not None else None
    return n.SendNotice.model_construct(
        **{**_by_name(n.SendNotice.model_fields, fact), "notice": named, "already_sent": False}
    )


def _extension(
    event: Event, fact: e.RestrictionExtended, policy: Policy, history: Iterable[Event]
) -> c.ExtendRestriction | None:
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
