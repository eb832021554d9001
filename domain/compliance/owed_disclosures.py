"""What is owed once a partner was shown something: that it ends when that is over, and that the partner deletes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain import events as e
from domain.case_disclosures import Disclosure
from domain.compliance.findings import Finding
from domain.compliance.owed import Look, Owed
from domain.disclosure_ends import comes_to_its_end

RULE = "ending_is_undone_everywhere"


def owed_on_disclosures(look: Look) -> Iterator[Finding]:
    """Its end, by the day after all that it shows is over; and the partner's confirmation, by the day it was given."""
    for disclosure in look.case.disclosures:
        if disclosure.ended_on is not None or comes_to_its_end(disclosure, look.case)[0] < look.today:
            yield _ended(look, disclosure)
        if disclosure.ended_on is not None:
            yield _deleted(look, disclosure)


def _ended(look: Look, disclosure: Disclosure) -> Finding:
    last, _ = comes_to_its_end(disclosure, look.case)
    due_on = last + timedelta(days=1)
    asks = "The partner sees nothing more once all that it was shown is over."
    return Owed("disclosure_ended", look.baseline_clause(RULE), disclosure.id, asks).found(
        look.by_its_day(due_on, disclosure.ended_on),
        due_on=due_on,
        done_on=disclosure.ended_on,
        events=(
            *look.shown(e.DisclosureDecided, disclosure=disclosure.id),
            *look.shown(e.DisclosureEnded, disclosure=disclosure.id),
        ),
    )


def _deleted(look: Look, disclosure: Disclosure) -> Finding:
    asks = "The partner confirms by the day that it was given that it deleted what it was shown."
    return Owed("deletion_confirmed", look.baseline_clause(RULE), disclosure.id, asks).found(
        look.by_its_day(disclosure.delete_by, disclosure.deleted_on),
        due_on=disclosure.delete_by,
        done_on=disclosure.deleted_on,
        events=look.shown(e.DisclosureDeleted, disclosure=disclosure.id),
    )
