"""How facts of rights and retention change a case; pure, as all folding is."""

from __future__ import annotations

from typing import assert_never

from domain import events as e
from domain.case import Case
from domain.case_changes import added, with_changed
from domain.case_rights import Disposal, Erasure, LegalHold, Moved, Rectification, RightsRequest
from domain.values import changed

RightsFact = (
    e.RightsRequestReceived
    | e.RightsRequestAnswered
    | e.RecordRectified
    | e.MovedToRightPerson
    | e.TakenFromOtherPerson
    | e.LegalHoldPlaced
    | e.LegalHoldReleased
    | e.DisposalProposed
    | e.RetentionDecided
    | e.PersonErased
)


def rights(case: Case, event: e.Event, fact: RightsFact) -> Case:
    """The case after a fact of rights or retention."""
    match fact:
        case e.RightsRequestReceived():
            asked = RightsRequest(fact.request, fact.right, fact.received_on, fact.due_on)
            return changed(case, rights=added(case.rights, asked))
        case e.RightsRequestAnswered():
            answered = with_changed(
                case.rights,
                fact.request,
                lambda r: changed(r, outcome=fact.outcome, answered_on=fact.answered_on),
            )
            return changed(case, rights=answered)
        case e.RecordRectified():
            put_right = Rectification(fact.rectification, fact.event, fact.field, fact.rectified_on)
            return changed(case, rectified=added(case.rectified, put_right))
        case e.MovedToRightPerson():
            moved = Moved(fact.entry, fact.to_case, fact.to_person, fact.hidden, fact.moved_on)
            return changed(
                case,
                moved=added(case.moved, moved),
                contacts=tuple(changed(c, moved=True) if c.id == fact.entry else c for c in case.contacts),
                incidents=tuple(
                    changed(i, moved=True) if fact.entry in (i.id, i.contact) else i for i in case.incidents
                ),
                breaches=tuple(changed(b, withdrawn=True) if b.contact == fact.entry else b for b in case.breaches),
                steps=tuple(s for s in case.steps if s.contact != fact.entry),
                filed=tuple(f for f in case.filed if f.contact != fact.entry),
                # An appeal that somebody else withdrew goes on.
                appeals=tuple(
                    changed(a, withdrawn=False, withdrawn_in=None) if a.withdrawn_in == fact.entry else a
                    for a in case.appeals
                ),
            )
        case e.TakenFromOtherPerson():
            return changed(case, taken=added(case.taken, (fact.entry, fact.from_case)))
        case e.LegalHoldPlaced():
            hold = LegalHold(fact.hold, fact.because, fact.placed_on, fact.review_on)
            return changed(case, holds=added(case.holds, hold))
        case e.LegalHoldReleased():
            released = with_changed(case.holds, fact.hold, lambda h: changed(h, released_on=fact.released_on))
            return changed(case, holds=released)
        case e.DisposalProposed():
            proposed = Disposal(fact.disposal, fact.classes, event.actor, fact.proposed_on)
            return changed(case, disposals=added(case.disposals, proposed))
        case e.RetentionDecided():
            decided = with_changed(
                case.disposals,
                fact.disposal,
                lambda d: changed(d, approved=fact.approved, decided_by=event.actor, decided_on=fact.decided_on),
            )
            return changed(case, disposals=decided)
        case e.PersonErased():
            erased = Erasure(fact.erasure, fact.person, fact.classes, fact.because, fact.erased_on)
            return changed(case, erasures=added(case.erasures, erased))
        case _:
            assert_never(fact)
