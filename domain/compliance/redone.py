"""The command that an event came from, put together again, so that the rules can be asked what they say of it.

A field of a fact stands in the command under the same name; what differs is spelt out here. A command is not checked
for its shape again: what was recorded was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain import events as e
from domain.calendar import Period
from domain.case import Case
from domain.codes import Answer, Channel, DisclosureEndReason, NoticeKind, SafetyOutcome
from domain.decisions import COMMANDS, CaseCommand
from domain.decisions.changes import ExtendRestriction
from domain.decisions.disclosures import RecordDisclosureEnd, RestrictionToShow
from domain.decisions.intake import OTHER_GROUND, LogContact
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.events import Event, Measure
from domain.policy import Parameter, Policy

Fields = dict[str, Any]


def _rest(fact: object, policy: Policy) -> Fields:
    """The fields of a command that do not stand in the fact under their own name."""
    match fact:
        case e.IncidentRecorded():
            of_others = OTHER_GROUND in fact.grounds and fact.categories
            return {
                "other_category": fact.categories[-1] if of_others else None,
                "other_party": None,  # whom it is about is in the sealed value; that somebody is named was checked then
                "other_person": None,
                "refer_to": None,
            }
        case e.RestrictionApplied() | e.InterimRestrictionApplied():
            return {"measures": tuple(_request(m, policy) for m in fact.measures)}
        case e.AppealDetermined():
            return {"measures": tuple(_kept_or_new(m, fact.appeal, policy) for m in fact.measures)}
        case e.RestrictionVaried():
            # Whether the customer can use what remains is asked then, and the fact does not keep the answer.
            measures = tuple(_kept_or_new(m, fact.change, policy) for m in fact.measures)
            return {"measures": measures, "channels_usable": Answer.YES}
        case e.SafetyWarningReviewed() if fact.outcome is not SafetyOutcome.CHANGED:
            return {"precautions": (), "audience": (), "precaution_words": None}  # the fact repeats what stands
        case e.AgreedCallMissed():
            return {"on": None}  # the day is the agreed one
        case e.RestrictionEased():
            return {"keep": tuple(m.id for m in fact.measures)}
        case e.DisclosureDecided():
            return {
                "restrictions": tuple(
                    RestrictionToShow.model_construct(
                        restriction=r.restriction, measures=tuple(m.id for m in r.measures)
                    )
                    for r in fact.restrictions
                ),
                "warnings": tuple(w.warning for w in fact.warnings),
                "delete_within": Period.parse(fact.delete_within),
            }
        case _:
            return {}


def _kept_or_new(measure: Measure, decided_in: str, policy: Policy) -> MeasureRequest:
    """What was asked for when measures were replaced: one that goes on keeps the identity that it had before."""
    if measure.id.rpartition(".")[0] == decided_in:
        return _request(measure, policy)
    return MeasureRequest.model_construct(
        _fields_set={"code", "reason", "keeps"}, code=measure.code, reason=measure.reason, keeps=measure.id
    )


def _request(measure: Measure, policy: Policy) -> MeasureRequest:
    """What was asked for when a measure was decided; the way through somebody else is open beside what was chosen."""
    kind = policy.measures.get(measure.code)
    chosen = kind is None or Parameter.OPEN in kind.asks
    given = _by_name(MeasureRequest.model_fields, measure)
    given["open"] = tuple(ch for ch in measure.open if ch is not Channel.THIRD_PARTY) if chosen else ()
    return MeasureRequest.model_construct(**given)


# By the kind of fact, the name of the command that leads to it.
REDONE: Final[Mapping[type, str]] = {
    e.ContactCorrected: "correct-contact",
    e.ContactDisputed: "dispute-contact",
    e.IncidentRecorded: "record-incident",
    e.EvidenceAttached: "attach-evidence",
    e.ConcernRaised: "raise-concern",
    e.ReferredElsewhere: "refer-elsewhere",
    e.PolicyCopySent: "send-policy-copy",
    e.AdjustmentRequested: "request-adjustment",
    e.AdjustmentDecided: "decide-adjustment",
    e.AdjustmentEnded: "end-adjustment",
    e.MitigationConsidered: "consider-mitigation",
    e.WarningIssued: "issue-warning",
    e.WarningWithdrawn: "withdraw-warning",
    e.SpokenWarningGiven: "give-spoken-warning",
    e.MeetingOffered: "offer-meeting",
    e.MeetingHeld: "hold-meeting",
    e.MeetingDeclined: "decline-meeting",
    e.AgreementMade: "make-agreement",
    e.AgreementEnded: "end-agreement",
    e.RestrictionProposed: "propose-restriction",
    e.ProposalReturned: "return-proposal",
    e.CheckConfirmed: "confirm-check",
    e.PanelViewRecorded: "record-panel-view",
    e.DelegationRecorded: "delegate-decision",
    e.RestrictionDeclined: "decline-restriction",
    e.RestrictionApplied: "apply-restriction",
    e.NoticeSigned: "sign-notice",
    e.NoticeReceived: "record-receipt",
    e.NoticeReturned: "record-return",
    e.ToldByTelephone: "tell-by-telephone",
    e.StaffInformed: "inform-staff",
    e.PartnerInformed: "inform-partner",
    e.AlertPlaced: "place-alert",
    e.EndingNotified: "notify-ending",
    e.BreachRecorded: "record-breach",
    e.BreachReported: "report-breach",
    e.BreachWithdrawn: "withdraw-breach",
    e.DelegationEnded: "end-delegation",
    e.ChannelBlocked: "block-channel",
    e.InterimRestrictionApplied: "apply-interim",
    e.InteractionEnded: "end-interaction",
    e.UrgentActionTaken: "take-urgent-action",
    e.SeniorDiscussionHeld: "hold-senior-discussion",
    e.ActionPlanMade: "make-action-plan",
    e.UrgentCaseReviewed: "review-urgent-case",
    e.PoliceInformed: "inform-police",
    e.LegalActionConsidered: "consider-legal-action",
    e.SafetyWarningProposed: "propose-safety-warning",
    e.SafetyWarningApproved: "approve-safety-warning",
    e.SafetyWarningDeclined: "decline-safety-warning",
    e.SafetyWarningTold: "tell-person-of-safety-warning",
    e.SafetyAudienceInformed: "inform-safety-audience",
    e.SafetyWarningReviewed: "review-safety-warning",
    e.SafetyWarningRemoved: "remove-safety-warning",
    e.CounterAllegationRecorded: "record-counter-allegation",
    e.CounterAllegationConcluded: "conclude-counter-allegation",
    e.ComplaintLinked: "link-complaint",
    e.ComplaintConcluded: "conclude-complaint",
    e.ComplaintDeclined: "decline-complaint",
    e.OmbudsmanInvolved: "record-ombudsman",
    e.OmbudsmanDetermined: "record-ombudsman-determination",
    e.RepresentativeAuthorised: "authorise-representative",
    e.RepresentativeEnded: "end-representative",
    e.SafeContactInstructed: "instruct-safe-contact",
    e.SafeContactEnded: "end-safe-contact",
    e.CustomerDied: "record-death",
    e.DeathWithdrawn: "withdraw-death",
    e.DisposalProposed: "propose-disposal",
    e.RemovalFailed: "report-removal-failed",
    e.FiledItemTriaged: "triage-filed-item",
    e.AgreedCallKept: "keep-agreed-call",
    e.AgreedCallMissed: "miss-agreed-call",
    e.RetentionDecided: "decide-disposal",
    e.LegalHoldPlaced: "place-legal-hold",
    e.LegalHoldReleased: "release-legal-hold",
    e.RestrictionVaried: "vary-restriction",
    e.RestrictionEased: "ease-restriction",
    e.NamedContactChanged: "change-named-contact",
    e.NewIssueRaised: "raise-new-issue",
    e.AppealLodged: "lodge-appeal",
    e.AppealAcknowledged: "acknowledge-appeal",
    e.LateAppealDecided: "decide-late-appeal",
    e.AppealReviewerAppointed: "appoint-appeal-reviewer",
    e.MeasuresSuspended: "suspend-measures",
    e.AppealWithdrawn: "withdraw-appeal",
    e.AppealDetermined: "determine-appeal",
    e.ReviewRequested: "request-review",
    e.ReviewerAppointed: "appoint-reviewer",
    e.ReviewFellDue: "record-review-fell-due",
    e.ReviewRequestDeclined: "decline-review-request",
    e.ReviewCompleted: "complete-review",
    e.RestrictionLifted: "lift-restriction",
    e.RestrictionEnded: "record-end",
    e.RestrictionWithdrawnAsWrong: "withdraw-as-wrong",
    e.RemovalConfirmed: "confirm-removal",
    e.CaseClosed: "close-case",
    e.DisclosureDecided: "disclose",
    e.DisclosureEnded: "end-disclosure",
    e.DisclosureDeleted: "confirm-deletion",
}


def redone(event: Event, before: Case, policy: Policy, history: Iterable[Event]) -> CaseCommand | None:
    """The command that led to an event; None for a fact that no command of its own leads to, or that no rule limits."""
    fact = event.fact
    match fact:
        case e.NoticeSent():
            return _letter(fact, before)
        case e.ContactFiled():
            return _filed(fact, history)
        case e.DisclosureEnded() if fact.because is not DisclosureEndReason.DECIDED:
            return RecordDisclosureEnd.model_construct(disclosure=fact.disclosure, on=None)
        case e.RestrictionExtended():
            return _extension(event, fact, history)
    name = REDONE.get(type(fact))
    if name is None:
        return None
    kind = COMMANDS[name]
    given: Fields = {**_by_name(kind.model_fields, fact), "on": event.effective_on, **_rest(fact, policy)}
    return kind.model_construct(**given)


def _by_name(wanted: Iterable[str], given: object) -> Fields:
    return {name: getattr(given, name) for name in wanted if hasattr(given, name)}


def _filed(fact: e.ContactFiled, history: Iterable[Event]) -> LogContact | None:
    """The contact as it was taken down to be filed under its measure; None when it is not in the history."""
    for event in history:
        if isinstance(event.fact, e.ContactLogged) and event.fact.contact == fact.contact:
            given = _by_name(LogContact.model_fields, event.fact)
            return LogContact.model_construct(**{**given, "filed_under": fact.measure})
    return None


def _letter(fact: e.NoticeSent, before: Case) -> SendNotice | None:
    """A letter as if it were still to go out; that of an extension was sent, and is judged, with it."""
    if fact.kind is NoticeKind.EXTENSION:
        return None
    named = fact.notice if before.notice(fact.notice) is not None else None
    return SendNotice.model_construct(
        **{**_by_name(SendNotice.model_fields, fact), "notice": named, "already_sent": False}
    )


def _extension(event: Event, fact: e.RestrictionExtended, history: Iterable[Event]) -> ExtendRestriction | None:
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
    return ExtendRestriction.model_construct(
        **{
            **_by_name(ExtendRestriction.model_fields, sent),
            **_by_name(ExtendRestriction.model_fields, fact),
            "on": event.effective_on,
            "exceptional_reason": fact.reasons if fact.exceptional else None,
        }
    )
