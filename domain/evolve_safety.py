"""How facts of the urgent path and of safety warnings change a case; pure, as all folding is."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from domain import events as e
from domain.case import Case
from domain.case_changes import added, told_too, with_changed
from domain.case_parts import Told
from domain.case_safety import EndedInteraction, SafetyWarning, Urgent
from domain.codes import SafetyOutcome
from domain.values import changed

SafetyFact = (
    e.InteractionEnded
    | e.UrgentActionTaken
    | e.SeniorDiscussionHeld
    | e.ActionPlanMade
    | e.UrgentCaseReviewed
    | e.PoliceInformed
    | e.LegalActionConsidered
    | e.SafetyWarningProposed
    | e.SafetyWarningApproved
    | e.SafetyWarningDeclined
    | e.SafetyWarningTold
    | e.SafetyAudienceInformed
    | e.SafetyWarningReviewed
    | e.SafetyWarningRemoved
)


def safety(case: Case, event: e.Event, fact: SafetyFact) -> Case:
    """The case after a fact of the urgent path or of a safety warning."""
    match fact:
        case e.InteractionEnded():
            ended = EndedInteraction(
                fact.ending, fact.contact, fact.kind, fact.ended_on, fact.because, fact.warned_first, event.actor
            )
            return changed(case, ended=added(case.ended, ended))
        case e.UrgentActionTaken():
            taken = (fact.action, fact.kind, fact.taken_on)
            follow = tuple((fact.incident, fact.taken_on, one) for one in fact.follow_ups)
            acted = changed(case, follow_ups=case.follow_ups + follow) if follow else case
            return _urgent(acted, fact.incident, event, lambda u: changed(u, actions=added(u.actions, taken)))
        case e.SeniorDiscussionHeld():
            held = (fact.discussion, fact.held_on)
            return _urgent(case, fact.incident, event, lambda u: changed(u, discussions=added(u.discussions, held)))
        case e.ActionPlanMade():
            plan = (fact.plan, fact.made_on, fact.review_on, fact.owner)
            return _urgent(case, fact.incident, event, lambda u: changed(u, plans=added(u.plans, plan)))
        case e.UrgentCaseReviewed():
            looked = (fact.review, fact.held_on)
            return _urgent(case, fact.incident, event, lambda u: changed(u, reviews=added(u.reviews, looked)))
        case e.PoliceInformed():
            told = (fact.report, fact.informed_on)
            return _urgent(case, fact.incident or "", event, lambda u: changed(u, police=added(u.police, told)))
        case e.LegalActionConsidered():
            step = (fact.consideration, fact.step, fact.considered_on)
            return changed(case, legal_steps=added(case.legal_steps, step))
        case e.SafetyWarningProposed():
            warning = SafetyWarning(
                id=fact.warning,
                incident=fact.incident,
                incident_on=fact.incident_on,
                home=fact.home,
                precautions=fact.precautions,
                audience=fact.audience,
                review_on=fact.review_on,
                expires_on=fact.expires_on,
                proposed_by=event.actor,
                proposed_on=event.effective_on,
                precaution_words=fact.precaution_words,
            )
            return changed(case, safety=added(case.safety, warning))
        case e.SafetyWarningApproved():
            return _warning(
                case,
                fact.warning,
                lambda w: changed(
                    w, approved_by=event.actor, approved_on=fact.approved_on, tells_person=fact.tells_person
                ),
            )
        case e.SafetyWarningDeclined():
            return _warning(case, fact.warning, lambda w: changed(w, declined_on=fact.declined_on))
        case e.SafetyWarningTold():
            return _warning(case, fact.warning, lambda w: changed(w, told_on=fact.told_on))
        case e.SafetyAudienceInformed():
            audience = Told(f"audience:{fact.audience}", fact.informed_on)
            return _warning(case, fact.warning, lambda w: changed(w, others_told=told_too(w.others_told, audience)))
        case e.SafetyWarningReviewed():
            return _warning(case, fact.warning, lambda w: _reviewed(w, fact))
        case e.SafetyWarningRemoved():
            return _warning(case, fact.warning, lambda w: _removed(w, fact))
        case _:
            assert_never(fact)


def _warning(case: Case, wanted: str, change: Callable[[SafetyWarning], SafetyWarning]) -> Case:
    return changed(case, safety=with_changed(case.safety, wanted, change))


def _removed(warning: SafetyWarning, fact: e.SafetyWarningRemoved) -> SafetyWarning:
    """What was over already was over then; people who heard that it ended hear once more that it was wrong."""
    over_from = min(fact.from_on, warning.over_from or fact.from_on)
    if not fact.as_wrong:
        return changed(warning, over_from=over_from)
    told = tuple(changed(t, undone_on=None) if t.is_somebody else t for t in warning.others_told)
    return changed(warning, over_from=over_from, as_wrong=True, wrong_on=fact.from_on, others_told=told)


def _reviewed(warning: SafetyWarning, fact: e.SafetyWarningReviewed) -> SafetyWarning:
    looked = changed(warning, reviewed_on=added(warning.reviewed_on, fact.reviewed_on))
    if fact.outcome is SafetyOutcome.REMOVED:
        return changed(looked, over_from=fact.reviewed_on)
    return changed(
        looked,
        review_on=fact.review_on or looked.review_on,
        expires_on=fact.expires_on or looked.expires_on,
        precautions=fact.precautions,
        audience=fact.audience,
        precaution_words=fact.precaution_words,
    )


def _urgent(case: Case, incident: str, event: e.Event, change: Callable[[Urgent], Urgent]) -> Case:
    """What was done about one incident, whatever was done first."""
    known = next((u for u in case.urgent if u.incident == incident), Urgent(incident))
    latest = change(changed(known, involved=known.involved | {event.actor}))
    return changed(case, urgent=(*(u for u in case.urgent if u.incident != incident), latest))
