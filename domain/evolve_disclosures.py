"""How facts of disclosures change a case; pure, as all folding is."""

from __future__ import annotations

from typing import assert_never

from domain import events as e
from domain.case import Case
from domain.case_changes import added, with_changed
from domain.case_disclosures import Disclosure
from domain.values import changed

DisclosuresFact = e.DisclosureDecided | e.DisclosureEnded | e.DisclosureDeleted


def disclosures(case: Case, event: e.Event, fact: DisclosuresFact) -> Case:
    """The case after a fact of a disclosure."""
    match fact:
        case e.DisclosureDecided():
            decided = Disclosure(
                id=fact.disclosure,
                partner=fact.partner,
                audience=fact.audience,
                basis=fact.basis,
                restrictions=fact.restrictions,
                warnings=fact.warnings,
                starts_on=fact.starts_on,
                until=fact.until,
                delete_within=fact.delete_within,
                decided_by=event.actor,
                known=_measures_of(case, fact),
            )
            return changed(case, disclosures=added(case.disclosures, decided))
        case e.DisclosureEnded():
            ended = with_changed(
                case.disclosures,
                fact.disclosure,
                lambda d: changed(d, ended_on=fact.ended_on, because=fact.because, delete_by=fact.delete_by),
            )
            return changed(case, disclosures=ended)
        case e.DisclosureDeleted():
            deleted = with_changed(
                case.disclosures, fact.disclosure, lambda d: changed(d, deleted_on=fact.confirmed_on)
            )
            return changed(case, disclosures=deleted)
        case _:
            assert_never(fact)


def _measures_of(case: Case, fact: e.DisclosureDecided) -> frozenset[str]:
    """The measures that there are of what it shows. Raises `LookupError` for something that the case never made."""
    shown = {one.restriction for one in fact.restrictions} | {one.warning for one in fact.warnings}
    if unknown := shown - {r.id for r in case.restrictions} - {w.id for w in case.safety}:
        raise LookupError(f"the history names {', '.join(sorted(unknown))}, which it never made")
    return frozenset(m.id for r in case.restrictions if r.id in shown for mset in r.sets for m in mset.measures)
