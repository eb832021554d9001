"""What partners see or saw of a landlord's cases: read from the log, case by case, as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Identifier

from application.desk import NotFound
from domain.calendar import london_date
from domain.codes import CaseId, DisclosureBasis, DisclosureEndReason
from domain.disclosure_ends import comes_to_its_end
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from domain.case import Case
    from domain.case_disclosures import Disclosure
    from infrastructure.office import Office

# The next cases of which something was ever disclosed, by their first disclosure; through an index of their own.
_CASES: Final = """
    SELECT min(position) AS position, stream::text
    FROM {schema}.event WHERE type IN ('DisclosureDecided', 'DisclosureEnded', 'DisclosureDeleted')
    GROUP BY stream HAVING min(position) > %s ORDER BY 1 LIMIT %s
"""


class DisclosureState(StrEnum):
    """How far a disclosure is."""

    OPEN = "open"  # the partner sees it
    DELETION_OWED = "deletion_owed"  # it ended; the partner has time to delete what it keeps
    DELETION_LATE = "deletion_late"  # that time went by
    DELETED = "deleted"  # the partner confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionShown:
    """A restriction that is shown, by the measures of it that are."""

    restriction: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureLine:
    """One disclosure. `last_on` is its last day as far as is known. Of a case that cannot be read there is no more."""

    case: str
    readable: bool
    person: str | None = None
    disclosure: str | None = None
    partner: str | None = None
    audience: str | None = None
    basis: DisclosureBasis | None = None
    state: DisclosureState | None = None
    restrictions: tuple[RestrictionShown, ...] = ()
    warnings: tuple[str, ...] = ()
    starts_on: date | None = None
    last_on: date | None = None
    ended_on: date | None = None
    because: DisclosureEndReason | None = None
    delete_by: date | None = None
    deleted_on: date | None = None


class Listed(NamedTuple):
    """The disclosures of some cases, and the place to go on after; None when those were the last."""

    lines: tuple[DisclosureLine, ...]
    next: int | None


class _Case(NamedTuple):
    """A case of which something was disclosed, first at this log position."""

    position: int
    case: CaseId


def disclosures_listed(
    office: Office,
    after: int,
    limit: int,
    *,
    partner: str | None = None,
    state: DisclosureState | None = None,
    alone: bool = False,
) -> Listed:
    """The disclosures of the next `limit` cases, to one partner and in one state where they are named.

    A case that cannot be read is told whatever is asked for. With `alone`, as that partner itself may look through
    them: no page or place says how many others there are.
    """
    today = london_date(office.clock.now())
    cases = _cases_of(office, partner, after, limit) if alone and partner else _cases(office, after, limit)
    found = tuple(
        line
        for one in cases
        for line in _lines(office, one.case, today)
        if not line.readable or (partner in (None, line.partner) and state in (None, line.state))
    )
    return Listed(found, cases[-1].position if len(cases) == limit else None)


def disclosures_of(office: Office, case: CaseId, *, partner: str | None = None) -> tuple[DisclosureLine, ...]:
    """Those of one case, to one partner where it is named. Raises `NotFound` for a case that there is not."""
    today = london_date(office.clock.now())
    told = office.desk.case(case)
    return tuple(_line(one, told, today) for one in told.disclosures if partner in (None, one.partner))


def _cases(office: Office, after: int, limit: int) -> list[_Case]:
    query = SQL(_CASES).format(schema=Identifier(schema_of(office.landlord))).as_bytes(None)
    return office.recorder.server.run(
        lambda conn: conn.cursor(row_factory=args_row(_Case)).execute(query, (after, limit)).fetchall()
    )


def _cases_of(office: Office, partner: str, after: int, limit: int) -> list[_Case]:
    """Likewise, of what was disclosed to one partner alone; a place is how many of its cases went before."""
    first = {
        case: min(one.since for one in grants) for case, grants in office.public_log.grants().cases(partner).items()
    }
    cases = sorted(first, key=lambda case: first[case])
    return [_Case(place, CaseId(case)) for place, case in enumerate(cases[after : after + limit], after + 1)]


def _lines(office: Office, stream: CaseId, today: date) -> tuple[DisclosureLine, ...]:
    try:
        case = office.desk.case(stream)
        return tuple(_line(one, case, today) for one in case.disclosures)
    except (UnknownFact, UnreadableEvent, NotFound, LookupError):
        return (DisclosureLine(case=stream, readable=False),)


def _line(one: Disclosure, case: Case, today: date) -> DisclosureLine:
    return DisclosureLine(
        case=case.id,
        readable=True,
        person=case.person,
        disclosure=one.id,
        partner=one.partner,
        audience=one.audience,
        basis=one.basis,
        state=_state(one, today),
        restrictions=tuple(
            RestrictionShown(restriction=r.restriction, measures=tuple(m.id for m in r.measures))
            for r in one.restrictions
        ),
        warnings=tuple(w.warning for w in one.warnings),
        starts_on=one.starts_on,
        last_on=comes_to_its_end(one, case)[0] if one.open else None,
        ended_on=one.ended_on,
        because=one.because,
        delete_by=one.delete_by,
        deleted_on=one.deleted_on,
    )


def _state(one: Disclosure, today: date) -> DisclosureState:
    if one.open:
        return DisclosureState.OPEN
    if one.deleted_on is not None:
        return DisclosureState.DELETED
    late = one.delete_by is not None and one.delete_by < today
    return DisclosureState.DELETION_LATE if late else DisclosureState.DELETION_OWED
