"""How each fact changes the case: pure, total, and needing nothing but the case and the event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import reduce
from typing import NamedTuple, assert_never

from domain import events as e
from domain.calendar import london_date
from domain.case import Case
from domain.case_changes import added, told_too, undone, with_changed, with_restriction
from domain.case_parts import (
    Adjustment,
    AgreedCall,
    Agreement,
    Appeal,
    Breach,
    Check,
    Contact,
    Delegation,
    FiledItem,
    Incident,
    MeasureSet,
    Meeting,
    Notice,
    PolicyCopy,
    Proposal,
    Restriction,
    ReviewHeld,
    ReviewRequest,
    Step,
    TermEnd,
    Told,
    WrittenWarning,
)
from domain.case_people import Complaint
from domain.codes import AppealOutcome, CaseId, EndKind
from domain.evolve_disclosures import DisclosuresFact, disclosures
from domain.evolve_imported import brought, filled_in
from domain.evolve_letters import LettersFact, letters
from domain.evolve_people import PeopleFact, people
from domain.evolve_rights import RightsFact, rights
from domain.evolve_safety import SafetyFact, safety
from domain.follow_ups import acted_at_once
from domain.policy import StepCode
from domain.values import changed, completed, made


class HistoryStep(NamedTuple):
    """One step of a history: the case before an event, the event, the case after it; views are functions of these."""

    before: Case
    event: e.Event
    after: Case


def fold(history: Iterable[e.Event]) -> Case:
    """The case that a history adds up to."""
    return reduce(evolve, history, Case())


def evolve(case: Case, event: e.Event) -> Case:
    """The case after one more event. Raises `LookupError` on a history that contradicts itself."""
    after = _apply(case, event)
    if after is case:
        return changed(case, version=event.version, position=event.position)
    return completed(after, version=event.version, position=event.position)


def _apply(case: Case, event: e.Event) -> Case:
    fact, actor = event.fact, event.actor
    match fact:
        # intake
        case e.CaseOpened():
            return changed(
                case,
                id=CaseId(event.stream),
                person=fact.person,
                ordinal=fact.ordinal,
                kind=fact.kind,
                household=fact.household,
                stage="logged",
                opened_on=event.effective_on,
            )
        case e.ReferredElsewhere():
            if fact.incident is None:
                return case
            return changed(
                case,
                incidents=with_changed(case.incidents, fact.incident, lambda i: changed(i, referred_to=fact.to)),
            )
        case e.ContactLogged():
            contact = made(
                Contact,
                id=fact.contact,
                event_id=event.event_id,
                channel=fact.channel,
                direction=fact.direction,
                happened_on=fact.happened_on,
                happened_at=fact.happened_at,
                purpose=fact.purpose,
                issue=fact.issue,
                completed=fact.completed,
                customer_initiated=fact.customer_initiated,
                disputed=False,
                moved=False,
            )
            return changed(case, contacts=added(case.contacts, contact))
        case e.ContactCorrected():
            return changed(case, contacts=with_changed(case.contacts, fact.contact, lambda c: _corrected(c, fact)))
        case e.ContactDisputed():
            return changed(
                case, contacts=with_changed(case.contacts, fact.contact, lambda c: changed(c, disputed=True))
            )
        case e.IncidentRecorded():
            incident = made(
                Incident,
                id=fact.incident,
                contact=fact.contact,
                happened_on=fact.happened_on,
                conduct_of=fact.conduct_of,
                grounds=fact.grounds,
                categories=fact.categories,
                issue=fact.issue,
                complaint=fact.complaint,
                recorded_by=actor,
                recorded_on=_taken_down_on(event),
                referred_to=None,
                allegation=fact.allegation,
                moved=False,
                other_person=fact.other_person,
            )
            return changed(_opened(case), incidents=added(case.incidents, incident))
        case e.EvidenceAttached():
            return changed(case, evidence=added(case.evidence, (fact.evidence, fact.of)))
        case e.ConcernRaised():
            return _step(_opened(case), StepCode.CONCERN_RAISED, event)
        case e.ComplaintLinked():
            linked = Complaint(
                id=fact.complaint,
                concluded_on=fact.concluded_on,
                outcome_sent_on=fact.outcome_sent_on,
                about=fact.about,
                received_on=fact.received_on,
                answer_by_on=fact.answer_by_on,
            )
            return changed(case, complaints=added(case.complaints, linked))
        case e.IssueAnswered():
            return changed(case, issues_answered=added(case.issues_answered, (fact.issue, fact.answered_on)))
        case e.PolicyCopyRequested():
            wanted = PolicyCopy(id=fact.request, requested_on=fact.requested_on, send_by_on=fact.send_by_on)
            return changed(case, policy_copies=added(case.policy_copies, wanted))
        case e.PolicyCopySent():
            return changed(case, policy_copies=tuple(_copy_sent(copy, fact) for copy in case.policy_copies))
        # notices
        case e.NoticeSigned():
            signed = Notice(id=fact.notice, kind=fact.kind, about=fact.about, signed_by=actor)
            return changed(case, notices=added(case.notices, signed))
        case e.NoticeSent():
            went = changed(case, notices=_sent(case.notices, fact, event))
            if fact.letter is None:
                return went
            on = london_date(fact.sent_at)
            handed = with_changed(case.letters, fact.letter, lambda one: changed(one, sent_on=on, notice=fact.notice))
            return changed(went, letters=handed)
        case e.NoticeReceived():
            return changed(
                case,
                notices=with_changed(
                    case.notices,
                    fact.notice,
                    lambda n: changed(
                        n,
                        proved_on=fact.received_on,
                        appeal_until=fact.appeal_until or n.appeal_until,
                        lapses_on=fact.lapses_on or n.lapses_on,
                    ),
                ),
            )
        case e.NoticeReturned():
            returned = with_changed(case.notices, fact.notice, lambda n: changed(n, returned_on=fact.returned_on))
            return changed(case, notices=returned)
        case e.ToldByTelephone():
            return with_restriction(case, fact.restriction, lambda r: _told_by_telephone(r, fact, event))
        case e.StaffInformed():
            return _told(case, fact.restriction, Told(f"audience:{fact.audience}", fact.informed_on))
        case e.PartnerInformed():
            return _told(case, fact.restriction, Told(f"partner:{fact.partner}", fact.informed_on))
        case e.AlertPlaced():
            return _told(case, fact.restriction, Told(f"alert:{fact.alert}", fact.placed_on))
        case e.ChannelBlocked():
            return _told(case, fact.restriction, Told(f"block:{fact.system}:{fact.channel}", fact.blocked_on))
        case e.EndingNotified():
            key = f"partner:{fact.partner}" if fact.partner else f"audience:{fact.audience}"
            return _undone(case, fact.restriction, key, fact.notified_on)
        # support
        case e.AdjustmentRequested():
            asked = Adjustment(
                id=fact.adjustment,
                kind=fact.kind,
                requested_on=fact.requested_on,
                answer_by_on=fact.answer_by_on,
            )
            return changed(case, adjustments=added(case.adjustments, asked))
        case e.AdjustmentDecided():
            return changed(
                case,
                adjustments=with_changed(
                    case.adjustments,
                    fact.adjustment,
                    lambda a: changed(
                        a,
                        kind=fact.kind,
                        decided_on=event.effective_on,
                        agreed=fact.agreed,
                        starts_on=fact.starts_on,
                        instruction=fact.instruction,
                        needs_channels=fact.needs_channels,
                        unusable_channels=fact.unusable_channels,
                    ),
                ),
            )
        case e.AdjustmentEnded():
            return changed(
                case,
                adjustments=with_changed(
                    case.adjustments, fact.adjustment, lambda a: changed(a, ended_on=fact.ended_on)
                ),
            )
        case e.SupportOffered():
            taken = Step(StepCode.SUPPORT, fact.offered_on, actor, fact.issue)
            return changed(case, steps=added(case.steps, taken))
        case e.MitigationConsidered():
            return _step(case, StepCode.MITIGATION, event)
        case e.EqualityDutyConsidered():
            return _step(case, StepCode.EQUALITY_DUTY, event)
        # before a restriction
        case e.WarningIssued():
            warning = WrittenWarning(
                id=fact.warning,
                incidents=fact.incidents,
                categories=fact.categories,
                issued_on=event.effective_on,
                issued_by=actor,
                lapses_after=fact.lapses_after,
                recorded_on=_taken_down_on(event),
            )
            return changed(_opened(case), warnings=added(case.warnings, warning))
        case e.WarningWithdrawn():
            return changed(
                case, warnings=with_changed(case.warnings, fact.warning, lambda w: changed(w, withdrawn=True))
            )
        case e.SpokenWarningGiven():
            given = Step(StepCode.SPOKEN_WARNING, event.effective_on, event.actor, contact=fact.contact)
            return changed(case, steps=added(case.steps, given))
        case e.MeetingOffered():
            meeting = Meeting(id=fact.meeting, explains=fact.explains, offered_on=fact.offered_on)
            return changed(case, meetings=added(case.meetings, meeting))
        case e.MeetingHeld():
            return changed(
                case,
                meetings=with_changed(
                    case.meetings,
                    fact.meeting,
                    lambda m: changed(m, held_on=fact.held_on, explained=fact.explained),
                ),
            )
        case e.MeetingDeclined():
            return changed(
                case,
                meetings=with_changed(case.meetings, fact.meeting, lambda m: changed(m, declined_on=fact.declined_on)),
            )
        case e.MediationOffered():
            return _step(case, StepCode.MEDIATION, event)
        case e.AgreementMade():
            agreement = Agreement(id=fact.agreement, made_on=fact.made_on, review_on=fact.review_on)
            return changed(case, agreements=added(case.agreements, agreement))
        case e.AgreementEnded():
            return changed(
                case,
                agreements=with_changed(case.agreements, fact.agreement, lambda a: changed(a, ended_on=fact.ended_on)),
            )
        # decision
        case e.RestrictionProposed():
            proposal = Proposal(
                id=fact.proposal,
                incidents=fact.incidents,
                grounds=fact.grounds,
                categories=fact.categories,
                measures=fact.measures,
                proposed_by=actor,
                proposed_on=event.effective_on,
                area=fact.area,
                recorded_on=_taken_down_on(event),
            )
            return changed(_opened(case), proposals=added(case.proposals, proposal))
        case e.ProposalReturned():
            return _proposal(
                case, fact.proposal, lambda p: changed(p, outcome="returned", decided_on=event.effective_on)
            )
        case e.CheckConfirmed():
            check = Check(fact.check, fact.answer, actor, event.effective_on, _taken_down_on(event))
            return _proposal(
                case,
                fact.proposal,
                lambda p: changed(p, checks={**p.checks, fact.check: check}, involved=p.involved | {actor}),
            )
        case e.PanelViewRecorded():
            return _proposal(
                case,
                fact.proposal,
                lambda p: changed(
                    p, panel_view=fact.view, panel_members=fact.members, involved=p.involved | {*fact.members}
                ),
            )
        case e.DelegationRecorded():
            delegation = Delegation(fact.delegation, fact.role, actor, fact.to, event.effective_on, fact.until)
            delegated = _proposal(
                case, fact.proposal, lambda p: changed(p, delegation=delegation, involved=p.involved | {actor})
            )
            return changed(delegated, delegations=case.delegations + 1)
        case e.RestrictionDeclined():
            return _proposal(
                case, fact.proposal, lambda p: changed(p, outcome="declined", decided_on=event.effective_on)
            )
        case e.RestrictionApplied():
            return _restricted(case, event, fact)
        case e.InterimRestrictionApplied():
            return _interim(case, event, fact)
        case e.RestrictionImported():
            return _imported(case, event, fact)
        case e.ImportCompleted():
            return with_restriction(case, fact.restriction, lambda r: filled_in(r, fact, event))
        case e.DelegationEnded():
            return _proposal(case, fact.proposal, lambda p: changed(p, delegation=None))
        # in force
        case e.BreachRecorded():
            breach = Breach(
                id=fact.breach,
                contact=fact.contact,
                restriction=fact.restriction,
                measure=fact.measure,
                happened_on=fact.happened_on,
            )
            return changed(case, breaches=added(case.breaches, breach))
        case e.BreachWithdrawn():
            return changed(
                case, breaches=with_changed(case.breaches, fact.breach, lambda b: changed(b, withdrawn=True))
            )
        case e.BreachReported():
            return changed(
                case,
                breaches=with_changed(case.breaches, fact.breach, lambda b: changed(b, reported_on=fact.reported_on)),
            )
        case e.NewIssueRaised():
            looked = tuple(
                changed(r, schedule=r.schedule + fact.reviews) if r.in_force_on(fact.raised_on) else r
                for r in case.restrictions
            )
            return changed(case, new_issues=added(case.new_issues, fact.issue), restrictions=looked)
        case e.ContactFiled():
            item = FiledItem(fact.contact, fact.restriction, fact.measure, fact.reader, fact.read_by_on)
            return changed(case, filed=added(case.filed, item))
        case e.FiledItemTriaged():
            return changed(case, filed=tuple(_triaged(item, fact) for item in case.filed))
        case e.AgreedCallKept() | e.AgreedCallMissed():
            return changed(case, agreed_calls=added(case.agreed_calls, _agreed_call(fact, event)))
        case e.NamedContactChanged():
            return with_restriction(case, fact.restriction, lambda r: _contact_changed(r, fact, event))
        case e.RestrictionVaried() | e.RestrictionEased():
            latest = MeasureSet(fact.from_on, fact.measures, actor)
            varied = with_restriction(
                case,
                fact.restriction,
                lambda r: changed(
                    r,
                    sets=added(r.sets, latest),
                    changes={**r.changes, fact.change: event.effective_on},
                    tightened_on=(*r.tightened_on, *_tightened(fact)),
                    appeal=fact.appeal if isinstance(fact, e.RestrictionVaried) else r.appeal,
                    involved=r.involved | {actor},
                    deciders=r.deciders | {actor},
                ),
            )
            return changed(varied, changes=case.changes + 1)
        case e.RestrictionExtended():
            end = TermEnd(fact.decided_on, fact.ends_on, fact.exceptional)
            extended = with_restriction(
                case,
                fact.restriction,
                lambda r: changed(
                    r,
                    terms=added(r.terms, end),
                    changes={**r.changes, fact.change: event.effective_on},
                    schedule=r.schedule + fact.reviews,
                    appeal=fact.appeal,
                    involved=r.involved | {actor},
                    deciders=r.deciders | {actor},
                ),
            )
            return changed(extended, changes=case.changes + 1)
        # appeals
        case e.AppealLodged():
            return _lodged(case, fact)
        case e.AppealAcknowledged():
            return _appeal(case, fact.appeal, lambda a: changed(a, acknowledged_on=fact.acknowledged_on))
        case e.LateAppealDecided():
            looked_at = _appeal(
                case,
                fact.appeal,
                lambda a: changed(
                    a,
                    accepted=fact.accepted,
                    declined=not fact.accepted,
                    answer_due_on=fact.answer_due_on,
                    late_decided_on=event.effective_on,
                ),
            )
            return looked_at if fact.accepted else _resumed(looked_at, fact.appeal, event)
        case e.AppealReviewerAppointed():
            return _appeal(case, fact.appeal, lambda a: changed(a, reviewer=fact.reviewer))
        case e.MeasuresSuspended():
            return with_restriction(
                case, fact.restriction, lambda r: changed(r, suspended=added(r.suspended, (fact.from_on, None)))
            )
        case e.AppealWithdrawn():
            gone = _appeal(case, fact.appeal, lambda a: changed(a, withdrawn=True, withdrawn_in=fact.contact))
            return _resumed(gone, fact.appeal, event)
        case e.AppealDetermined():
            return _determined(case, fact, event)
        # reviews
        case e.ReviewRequested():
            asked_for = ReviewRequest(
                fact.request, fact.restriction, fact.requested_on, fact.by_customer, fact.answer_due_on
            )
            return changed(case, review_requests=added(case.review_requests, asked_for))
        case e.ReviewRequestDeclined():
            return changed(
                case,
                review_requests=with_changed(
                    case.review_requests, fact.request, lambda r: changed(r, declined_on=fact.declined_on)
                ),
            )
        case e.ReviewerAppointed():
            return with_restriction(
                case,
                fact.restriction,
                lambda r: changed(r, reviewers={**r.reviewers, fact.cadence: fact.reviewer}),
            )
        case e.ReviewFellDue():
            return with_restriction(
                case,
                fact.restriction,
                lambda r: changed(r, fell_due=added(r.fell_due, (fact.cadence, fact.due_on))),
            )
        case e.DeadlinePassed():
            days = (*case.passed.get(fact.obligation, ()), fact.due_on)
            return changed(case, passed={**case.passed, fact.obligation: days})
        case e.ReviewCompleted():
            held = ReviewHeld(fact.review, fact.cadence, fact.due_on, fact.held_on, fact.outcome, actor, fact.appeal)
            requests = tuple(_looked_at(request, fact) for request in case.review_requests)
            return with_restriction(
                changed(case, review_requests=requests),
                fact.restriction,
                lambda r: changed(
                    r,
                    reviews=added(r.reviews, held),
                    appeal=fact.appeal or r.appeal,
                    reviewers={c: s for c, s in r.reviewers.items() if c != fact.cadence},
                ),
            )
        # endings
        case e.RestrictionLifted():
            return _over(case, fact.restriction, fact.from_on, EndKind.LIFTED)
        case e.RestrictionEnded():
            return with_restriction(
                case, fact.restriction, lambda r: changed(r, end_kind=r.end_kind or EndKind.REACHED_ITS_DATE)
            )
        case e.RestrictionOverturned():
            return _over(case, fact.restriction, fact.from_on, EndKind.OVERTURNED)
        case e.RestrictionWithdrawnAsWrong():
            return _wrong(case, fact)
        case e.RemovalConfirmed():
            return _undone(case, fact.restriction, fact.removal, fact.confirmed_on)
        case e.RemovalFailed():
            return _undone(case, fact.restriction, fact.removal, None)
        case e.CaseClosed():
            return changed(case, stage="closed", closed_on=fact.closed_on)
        # facts of the landlord's own stream say nothing of a case
        case (
            e.LandlordSetUp()
            | e.PolicyAdopted()
            | e.PostAppointed()
            | e.PostEnded()
            | e.AbsenceRecorded()
            | e.AbsenceEnded()
            | e.ContactPointSet()
            | e.EntryDisposalProposed()
            | e.EntryDisposalDecided()
            | e.SubscriberRegistered()
            | e.SubscriberEnded()
        ):
            raise LookupError(f"{type(fact).__name__} stands in the stream of a case")
        case _:
            return _aside(case, event, fact)


def _aside(
    case: Case, event: e.Event, fact: PeopleFact | SafetyFact | RightsFact | LettersFact | DisclosuresFact
) -> Case:
    """What happens beside the road from contact to restriction."""
    if isinstance(fact, PeopleFact):
        return people(case, event, fact)
    if isinstance(fact, SafetyFact):
        return safety(case, event, fact)
    if isinstance(fact, RightsFact):
        return rights(case, event, fact)
    if isinstance(fact, LettersFact):
        return letters(case, event, fact)
    if isinstance(fact, DisclosuresFact):
        return disclosures(case, event, fact)
    assert_never(fact)


def _looked_at(request: ReviewRequest, fact: e.ReviewCompleted) -> ReviewRequest:
    """Whatever review of the restriction is held after somebody asked for one answers them."""
    if request.restriction != fact.restriction or request.answered_on is not None:
        return request
    return changed(request, reviewed_on=fact.held_on) if request.requested_on <= fact.held_on else request


def _opened(case: Case) -> Case:
    return case if case.stage == "open" else changed(case, stage="open")


def _step(case: Case, code: StepCode, event: e.Event) -> Case:
    return changed(case, steps=added(case.steps, Step(code, event.effective_on, event.actor)))


def _proposal(case: Case, wanted: str, change: Callable[[Proposal], Proposal]) -> Case:
    return changed(case, proposals=with_changed(case.proposals, wanted, change))


def _appeal(case: Case, wanted: str, change: Callable[[Appeal], Appeal]) -> Case:
    return changed(case, appeals=with_changed(case.appeals, wanted, change))


def _corrected(contact: Contact, fact: e.ContactCorrected) -> Contact:
    return changed(
        contact,
        channel=fact.channel or contact.channel,
        happened_on=fact.happened_on or contact.happened_on,
        purpose=fact.purpose or contact.purpose,
        issue=fact.issue or contact.issue,
        completed=contact.completed if fact.completed is None else fact.completed,
    )


def _restricted(case: Case, event: e.Event, fact: e.RestrictionApplied) -> Case:
    if event.policy is None:
        raise LookupError("a restriction was applied under no policy")
    proposal = next(p for p in case.proposals if p.id == fact.proposal)
    warned = {w.issued_by for w in case.warnings}
    contacts = {staff for m in fact.measures for staff in m.contact_staff}
    restriction = Restriction(
        id=fact.restriction,
        proposal=fact.proposal,
        incidents=fact.incidents,
        grounds=fact.grounds,
        categories=fact.categories,
        decided_by=event.actor,
        decided_on=fact.decided_on,
        starts_on=fact.starts_on,
        terms=(TermEnd(fact.decided_on, fact.ends_on, fact.exceptional),),
        sets=(MeasureSet(fact.starts_on, fact.measures, event.actor),),
        schedule=fact.reviews,
        appeal=fact.appeal,
        policy=event.policy,
        household=fact.household,
        involved=frozenset({event.actor, proposal.proposed_by} | warned | contacts | proposal.involved),
        deciders=frozenset({event.actor}),
        confirms=fact.confirms,
    )
    applied = _proposal(case, fact.proposal, lambda p: changed(p, outcome="applied", decided_on=fact.decided_on))
    if fact.confirms is not None:
        applied, restriction = _confirmed(applied, fact.confirms, restriction)
    return changed(applied, restrictions=added(applied.restrictions, restriction))


def _confirmed(case: Case, interim: str, restriction: Restriction) -> tuple[Case, Restriction]:
    """The interim restriction is over; what was told of it elsewhere stays, as told of what took its place.

    So does the part that anybody had in it: they hear no appeal against what it became (baseline 9).
    """
    earlier = restriction_of(case.restrictions, interim)
    told = earlier.others_told
    named = {staff for mset in earlier.sets for m in mset.measures for staff in m.contact_staff}
    involved = restriction.involved | earlier.involved | named | {review.by for review in earlier.reviews}
    ended = with_restriction(
        _over(case, interim, restriction.starts_on, EndKind.CONFIRMED),
        interim,
        lambda r: changed(r, others_told=tuple(t for t in told if t.undone_on is not None)),
    )
    stands = tuple(t for t in told if t.undone_on is None)
    deciders = restriction.deciders | earlier.deciders
    return ended, changed(restriction, others_told=stands, involved=involved, deciders=deciders)


def _interim(case: Case, event: e.Event, fact: e.InterimRestrictionApplied) -> Case:
    if event.policy is None:
        raise LookupError("an interim restriction was applied under no policy")
    restriction = Restriction(
        id=fact.restriction,
        proposal="",
        incidents=fact.incidents,
        grounds=fact.grounds,
        categories=fact.categories,
        decided_by=event.actor,
        decided_on=fact.decided_on,
        starts_on=fact.starts_on,
        terms=(TermEnd(fact.decided_on, fact.ends_on, exceptional=False),),
        sets=(MeasureSet(fact.starts_on, fact.measures, event.actor),),
        schedule=fact.reviews,
        appeal=fact.appeal,
        policy=event.policy,
        household=fact.household,
        involved=frozenset({event.actor} | {staff for m in fact.measures for staff in m.contact_staff}),
        deciders=frozenset({event.actor}),
        interim=True,
    )
    acted = acted_at_once(case)
    follow = tuple((i, fact.decided_on, one) for i in fact.incidents if i not in acted for one in fact.follow_ups)
    opened = _opened(case)
    return changed(opened, restrictions=added(case.restrictions, restriction), follow_ups=case.follow_ups + follow)


def _imported(case: Case, event: e.Event, fact: e.RestrictionImported) -> Case:
    """As far as the register tells; nobody of this landlord is known to have been involved."""
    if event.policy is None:
        raise LookupError("a restriction was imported under no policy")
    restriction = Restriction(
        id=fact.restriction,
        proposal="",
        incidents=(),
        grounds=fact.grounds,
        categories=fact.categories,
        decided_by=event.actor,
        decided_on=fact.decided_on or fact.starts_on,
        starts_on=fact.starts_on,
        terms=(TermEnd(fact.decided_on or fact.starts_on, fact.ends_on, exceptional=False),),
        sets=(MeasureSet(fact.starts_on, fact.measures, event.actor),),
        schedule=fact.reviews,
        appeal=fact.appeal,
        policy=event.policy,
        household=fact.household,
        involved=frozenset({staff for m in fact.measures for staff in m.contact_staff}),
        told_on={} if fact.told_on is None else dict.fromkeys((m.id for m in fact.measures), fact.told_on),
        imported_from=fact.source,
        missing=fact.missing,
        brought=brought(event, fact),
    )
    return changed(_opened(case), restrictions=added(case.restrictions, restriction))


def _agreed_call(fact: e.AgreedCallKept | e.AgreedCallMissed, event: e.Event) -> AgreedCall:
    return AgreedCall(
        id=fact.call,
        restriction=fact.restriction,
        measure=fact.measure,
        slot=fact.slot,
        due_on=fact.due_on,
        on=event.effective_on,
        kept=isinstance(fact, e.AgreedCallKept),
        by_landlord=isinstance(fact, e.AgreedCallMissed) and fact.by_landlord,
    )


def _copy_sent(copy: PolicyCopy, fact: e.PolicyCopySent) -> PolicyCopy:
    return changed(copy, sent_on=copy.sent_on or fact.sent_on) if copy.id == fact.request else copy


def _triaged(item: FiledItem, fact: e.FiledItemTriaged) -> FiledItem:
    if item.contact != fact.contact:
        return item
    return changed(item, triage=fact.triage, triaged_on=fact.triaged_on)


def _taken_down_on(event: e.Event) -> date:
    """The day on which an event was taken down; of one that is not stored yet, its own."""
    return event.recorded_on if event.position else event.effective_on


def _told_by_telephone(restriction: Restriction, fact: e.ToldByTelephone, event: e.Event) -> Restriction:
    """The first telling that was taken down counts: one that is entered later proves nothing earlier."""
    known, taken_down_on = restriction.told_on, _taken_down_on(event)
    first = [m for m in fact.measures if m not in known]
    late = dict.fromkeys(first, taken_down_on) if taken_down_on > fact.told_on else {}
    return changed(
        restriction,
        told_on={**dict.fromkeys(first, fact.told_on), **known},
        told_late={**late, **restriction.told_late},
    )


def _sent(notices: tuple[Notice, ...], fact: e.NoticeSent, event: e.Event) -> tuple[Notice, ...]:
    """A letter that is sent again after it came back starts anew."""
    earlier = next((n for n in notices if n.id == fact.notice), None)
    notice = made(
        Notice,
        id=fact.notice,
        kind=fact.kind,
        about=fact.about,
        signed_by=earlier.signed_by if earlier else None,
        sent_on=london_date(fact.sent_at),
        deemed_on=fact.deemed_on,
        proved_on=None,
        returned_on=None,
        accessible=fact.accessible,
        contents=fact.contents,
        enclosures=fact.enclosures,
        appeal_until=fact.appeal_until,
        lapses_on=fact.lapses_on,
        recorded_on=_taken_down_on(event),
    )
    return (*(n for n in notices if n.id != fact.notice), notice)


def _told(case: Case, what: str, told: Told) -> Case:
    """Somebody, or another system, knows of a restriction or of a safety warning."""
    if any(w.id == what for w in case.safety):
        warnings = with_changed(case.safety, what, lambda w: changed(w, others_told=told_too(w.others_told, told)))
        return changed(case, safety=warnings)
    return with_restriction(case, what, lambda r: changed(r, others_told=told_too(r.others_told, told)))


def _undone(case: Case, what: str, key: str, on: date | None) -> Case:
    """A trace of a restriction, or of a safety warning, is gone elsewhere."""
    if any(w.id == what for w in case.safety):
        warnings = with_changed(case.safety, what, lambda w: changed(w, others_told=undone(w.others_told, key, on)))
        return changed(case, safety=warnings)
    return with_restriction(case, what, lambda r: changed(r, others_told=undone(r.others_told, key, on)))


def _contact_changed(restriction: Restriction, fact: e.NamedContactChanged, event: e.Event) -> Restriction:
    latest = restriction.sets[-1]
    measures = tuple(
        changed(m, contact_staff=fact.contact_staff) if m.id == fact.measure else m for m in latest.measures
    )
    return changed(
        restriction,
        sets=added(restriction.sets, MeasureSet(fact.from_on, measures, event.actor)),
        contacts_changed={**restriction.contacts_changed, fact.measure: fact.from_on},
        involved=restriction.involved | set(fact.contact_staff),
    )


def _lodged(case: Case, fact: e.AppealLodged) -> Case:
    restriction = restriction_of(case.restrictions, fact.against)
    appeal = Appeal(
        id=fact.appeal,
        against=fact.against,
        restriction=restriction.id,
        about=fact.about,
        received_on=fact.received_on,
        in_time=fact.in_time,
        answer_due_on=fact.answer_due_on,
        accepted=fact.in_time,
        acknowledge_by_on=fact.acknowledge_by_on,
        decide_late_by_on=fact.decide_late_by_on,
    )
    lodged = changed(case, appeals=added(case.appeals, appeal))
    if not fact.suspended:
        return lodged
    return with_restriction(
        lodged, restriction.id, lambda r: changed(r, suspended=added(r.suspended, (fact.received_on, None)))
    )


def restriction_of(restrictions: Sequence[Restriction], against: str) -> Restriction:
    """The restriction that an appealed decision belongs to: the decision itself, one of its reviews or changes."""
    for restriction in restrictions:
        if restriction.includes(against):
            return restriction
    raise LookupError(f"the history names {against}, which it never made")


def _resumed(case: Case, appeal: str, event: e.Event) -> Case:
    """A suspension that an appeal brought ends with the appeal."""
    restriction = next(a.restriction for a in case.appeals if a.id == appeal)
    if any(a.open for a in case.appeals if a.restriction == restriction):
        return case
    return with_restriction(
        case,
        restriction,
        lambda r: changed(r, suspended=tuple((start, end or event.effective_on) for start, end in r.suspended)),
    )


def _tightened(fact: e.RestrictionVaried | e.RestrictionEased) -> tuple[date, ...]:
    return (fact.from_on,) if isinstance(fact, e.RestrictionVaried) and fact.tightens else ()


def _determined(case: Case, fact: e.AppealDetermined, event: e.Event) -> Case:
    decided = _appeal(case, fact.appeal, lambda a: changed(a, outcome=fact.outcome, determined_on=fact.decided_on))
    resumed = _resumed(decided, fact.appeal, event)
    if fact.outcome is not AppealOutcome.VARIED:
        return resumed
    restriction = next(a.restriction for a in case.appeals if a.id == fact.appeal)
    latest = MeasureSet(fact.decided_on, fact.measures, event.actor)
    return with_restriction(resumed, restriction, lambda r: changed(r, sets=added(r.sets, latest)))


def _over(case: Case, restriction: str, from_on: date, kind: EndKind) -> Case:
    return with_restriction(case, restriction, lambda r: changed(r, over_from=from_on, end_kind=kind))


def _wrong(case: Case, fact: e.RestrictionWithdrawnAsWrong) -> Case:
    """Found wrong after it had ended, it is over from when it ended.

    Whoever was told then that it was over was not told that it should never have been, and is told once more.
    """
    return with_restriction(
        case,
        fact.restriction,
        lambda r: changed(
            r,
            over_from=min(fact.from_on, r.over_from or fact.from_on),
            end_kind=EndKind.WITHDRAWN_AS_WRONG,
            wrong_on=fact.from_on,
            others_told=tuple(changed(t, undone_on=None) if t.is_somebody else t for t in r.others_told),
        ),
    )
