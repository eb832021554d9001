"""What a disclosure leaves to be done: its end, what takes the place of what it showed, and the partner's deletion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.case import Case
from domain.case_disclosures import Disclosure
from domain.case_parts import Restriction
from domain.codes import DisclosureEndReason
from domain.disclosure_ends import comes_to_its_end
from domain.obligation import Duty, Obligation


def on_disclosures(case: Case) -> Iterator[Obligation]:
    """Nothing more is owed once the partner confirmed that it deleted what it kept."""
    for disclosure in case.disclosures:
        if disclosure.open:
            last, _ = comes_to_its_end(disclosure, case)
            yield Obligation(duty=Duty.DISCLOSURE, about=disclosure.id, from_on=disclosure.starts_on, due_on=last)
        elif disclosure.ended_on is not None and disclosure.deleted_on is None:
            yield Obligation(
                duty=Duty.DELETION,
                about=disclosure.id,
                detail=f"partner:{disclosure.partner}",
                from_on=disclosure.ended_on,
                due_on=disclosure.delete_by,
            )
        if disclosure.open or disclosure.deletion_owed:
            yield from _decided_since(disclosure, case)


def _decided_since(disclosure: Disclosure, case: Case) -> Iterator[Obligation]:
    """What was decided in the place of something that a partner sees is not shown to it by itself."""
    for shown in disclosure.restrictions:
        for restriction in case.restrictions:
            if restriction.end_kind is not None:
                continue
            since = _unseen_since(restriction, shown.restriction, disclosure, case)
            if since is not None:
                yield Obligation(
                    duty=Duty.DISCLOSING,
                    about=disclosure.id,
                    detail=restriction.id,
                    from_on=since,
                    until_on=restriction.last_day(),
                )


def _unseen_since(restriction: Restriction, shown: str, disclosure: Disclosure, case: Case) -> date | None:
    """From when on a restriction has something new that the partner sees nothing of; None: there is no such thing."""
    open_ones = [d for d in case.disclosures if d.open and d.partner == disclosure.partner]
    seen = {m for d in open_ones for m in d.measures_of(restriction.id)}
    if restriction.confirms == shown:
        return None if seen else restriction.decided_on
    if restriction.id != shown:
        return None
    latest = restriction.sets[-1]
    standing = {m.id for m in latest.measures}
    if standing - disclosure.known - seen:
        return latest.from_on
    # What was over and stands again, because a death was taken down by mistake, is not seen again by itself.
    again = disclosure.because is DisclosureEndReason.OVER and disclosure.measures_of(shown) & standing - seen
    return disclosure.ended_on if again else None
