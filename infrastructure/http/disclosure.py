"""Showing personal values to a caller who may see them, on record before they are shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Header
from starlette.requests import Request

from application.ports import Access, PersonDetails
from domain.calendar import london_date
from domain.codes import CaseId, RoleCode, StaffId, SubjectId
from domain.landlord import Landlord
from domain.personal import Erased
from infrastructure.code_version import CODE_VERSION
from infrastructure.http.answers import NamedColleague, ReachedColleague
from infrastructure.http.problems import BAD_HEADER, Problem
from infrastructure.http.security import operation, route_of
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.tokens import Caller

READS_PERSONAL: Final = "read-personal"
PROTECTION_OFFICER: Final = RoleCode("data_protection_officer")
PURPOSE: Final = re.compile(r"[a-z][a-z0-9_-]{1,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asking:
    """A request for something that may hold personal values, and what it says it is for."""

    request: Request
    purpose: str | None


async def asking(
    request: Request,
    given: str | None = Header(
        None,
        alias="Evenhand-Purpose",
        description="What the personal values are read for, as a code; it goes to the access log. Unless given, the "
        "task that the request itself stands for.",
        examples=["complaint-handling"],
    ),
) -> Asking:
    """The purpose that the caller names. Raises `Problem`."""
    if given is not None and not PURPOSE.fullmatch(given):
        raise Problem(BAD_HEADER, "Evenhand-Purpose takes a code: lower-case letters, digits, - and _.")
    return Asking(request, given)


class Disclosure:
    """One request's way to personal values: withheld without the scope, and on record with it."""

    def __init__(self, office: Office, caller: Caller, asked: Asking, landlord: Landlord | None = None) -> None:
        """`landlord`, where whoever answers knows it already, spares reading its stream."""
        self.office = office
        self._landlord = landlord
        self.caller = caller
        self.may_see = READS_PERSONAL in caller.scopes
        self._route = asked.request.scope
        self._purpose = asked.purpose

    def is_protection_officer(self) -> bool:
        """Whether the caller holds today the post of those who see what was moved away, and what is held of anybody."""
        office = self.office
        today = london_date(office.clock.now())
        return office.desk.state().post_among(self.caller.staff, [PROTECTION_OFFICER], today) is not None

    def access(self, position: int, *, case: str | None = None, subject: str | None = None) -> Access:
        """What will stand in the access log; the route's pattern, never the query, which could name somebody."""
        office, staff = self.office, self.caller.staff
        today = london_date(office.clock.now())
        tenures = (self._landlord or office.desk.state()).tenures_on(staff, today)
        return Access(
            actor=staff,
            role=tenures[0].role if tenures else "no post",
            purpose=self._purpose or operation(self._route["route"]),
            query=f"{self._route['method']} {route_of(self._route)}",
            fields=(),
            case=None if case is None else CaseId(case),
            subject=None if subject is None else SubjectId(subject),
            position=position,
            code_version=CODE_VERSION,
        )

    def person(self, subject: SubjectId, position: int, *, case: str | None = None) -> dict[str, str | None]:
        """What the directory says of a person, on record first: a `state`, and the details where it is "shown"."""
        if not self.may_see:
            return {"state": "withheld"}
        found = self.office.reader.person_for(self.access(position, case=case, subject=subject), subject)
        if isinstance(found, Erased):
            return {"state": "erased"}
        if found is None:
            return {"state": "unknown"}
        return {"state": "shown", **{name: getattr(found, name) for name in PersonDetails.__slots__}}

    def colleagues(self, staff: Sequence[StaffId], position: int, *, subject: str | None) -> tuple[NamedColleague, ...]:
        """Colleagues with their names, where the caller may see personal values; on record first."""
        if not self.may_see or not staff:
            return tuple(NamedColleague(staff=one, name=None) for one in staff)
        access = self.access(position, subject=subject)
        self.office.access_log.record(replace(access, fields=tuple(map(_name_of, staff))))
        return tuple(NamedColleague(staff=one, name=self.office.directory.staff_name(one)) for one in staff)

    def open(self, page: Page, position: int, *, case: str | None = None, subject: str | None = None) -> None:
        """Show the personal values of a page, if this caller may see them. No record, no answer."""
        if self.may_see and page.personal:
            access = self.access(position, case=case, subject=subject)
            page.opened(self.office.reader.reveal_for(access, page.personal))

    def open_with_names(
        self,
        page: Page,
        staff: Sequence[StaffId],
        position: int,
        *,
        rung: Collection[StaffId] = (),
        landlord: Landlord,
        case: str | None = None,
        subject: str | None,
    ) -> tuple[ReachedColleague, ...]:
        """Show the personal values of a page, and name these colleagues, under one record for both.

        Of those who are `rung` their own number is shown with the name.
        """
        if not self.may_see:
            return tuple(ReachedColleague(staff=one, name=None) for one in staff)
        directory, version = self.office.directory, landlord.version
        access = self.access(position, case=case, subject=subject)
        beside = (*map(_name_of, staff), *(_telephone_of(one) for one in staff if one in rung))
        page.opened(self.office.reader.reveal_for(access, page.personal, beside=beside))
        return tuple(
            ReachedColleague(
                staff=one,
                name=directory.staff_name(one),
                telephone=directory.staff_telephone(one, version) if one in rung else None,
            )
            for one in staff
        )


def _name_of(staff: StaffId) -> str:
    """How the reading of a colleague's name is recorded."""
    return f"staff.{staff}.name"


def _telephone_of(staff: StaffId) -> str:
    """How the reading of a colleague's own number is recorded."""
    return f"staff.{staff}.telephone"
