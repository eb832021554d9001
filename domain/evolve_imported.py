"""How a restriction that was brought along is filled in: what is supplied counts as if the register had said it."""

from __future__ import annotations

from dataclasses import replace

from domain import events as e
from domain.case_parts import BroughtAlong, MeasureSet, Restriction, TermEnd
from domain.values import changed

TOLD_AT_ONCE = ("last_reviewed_on", "reviews")  # the looks at a restriction are told together


def brought(event: e.Event, fact: e.RestrictionImported) -> BroughtAlong:
    """What the register tells of the past."""
    return BroughtAlong(
        on=event.recorded_on,
        warned_on=fact.warned_on,
        told_on=fact.told_on,
        explained=fact.behaviour is not None,
        looked_on=() if fact.last_reviewed_on is None else (fact.last_reviewed_on,),
    )


def filled_in(restriction: Restriction, fact: e.ImportCompleted, event: e.Event) -> Restriction:
    """The restriction with what was found out since. Raises `LookupError` for one that was not brought along.

    What the customer was told binds from when that is taken down: entered later, it proves nothing earlier.
    """
    known = restriction.brought
    if known is None:
        raise LookupError(f"{restriction.id} was not brought along")
    first, *later = restriction.terms
    starts_on = fact.starts_on or restriction.starts_on
    term = TermEnd(fact.decided_on or first.decided_on, fact.ends_on or first.ends_on, first.exceptional)
    done = {*fact.supplied, *fact.not_done}
    sets = tuple(_named(one, fact) for one in restriction.sets)
    told = {
        m.id: fact.told_on for m in sets[0].measures if fact.told_on is not None and m.id not in restriction.told_on
    }
    entered_on = event.recorded_on if event.position else event.effective_on
    return changed(
        restriction,
        decided_on=fact.decided_on or restriction.decided_on,
        starts_on=starts_on,
        terms=(term, *later),
        sets=(replace(sets[0], from_on=starts_on), *sets[1:]),
        schedule=fact.reviews if fact.rescheduled else restriction.schedule,
        grounds=fact.grounds or restriction.grounds,
        categories=fact.categories or restriction.categories,
        incidents=fact.incidents or restriction.incidents,
        household=fact.household or restriction.household,
        policy=fact.policy or restriction.policy,
        told_on={**told, **restriction.told_on},
        told_late={**{m: entered_on for m, on in told.items() if on < entered_on}, **restriction.told_late},
        involved=restriction.involved | {staff for m in fact.measures for staff in m.contact_staff},
        missing=tuple(item for item in restriction.missing if item not in done),
        brought=replace(
            known,
            warned_on=fact.warned_on or known.warned_on,
            told_on=fact.told_on or known.told_on,
            explained=known.explained or fact.behaviour is not None,
            proportionate=known.proportionate or fact.proportionality is not None,
            looked_on=tuple(sorted({*known.looked_on, *fact.reviewed_on})),
            all_looks_told=known.all_looks_told or not done.isdisjoint(TOLD_AT_ONCE),
            shown={**known.shown, **{step.rule: step.done_on for step in fact.steps}},
            never=tuple(dict.fromkeys((*known.never, *fact.not_done))),
            sought=tuple(dict.fromkeys((*known.sought, *fact.not_found))),
        ),
    )


def _named(decided: MeasureSet, fact: e.ImportCompleted) -> MeasureSet:
    named = {m.measure: m for m in fact.measures}
    measures = []
    for measure in decided.measures:
        more = named.get(measure.id)
        if more is None:
            measures.append(measure)
            continue
        measures.append(
            replace(
                measure,
                contact_staff=measure.contact_staff or more.contact_staff,
                contact_role=measure.contact_role or more.contact_role,
                reader=measure.reader or more.reader,
                third_party=measure.third_party or more.third_party,
                slots=measure.slots or more.slots,
                office=measure.office or more.office,
                review_every=measure.review_every or more.review_every,
                words=measure.words if measure.words is not None else more.words,
            )
        )
    return replace(decided, measures=tuple(measures))
