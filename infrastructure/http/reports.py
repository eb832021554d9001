"""Which reports a landlord has, and each of them for any days: as JSON, as CSV and as one accessible page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from application.reporting import Asked, Basis, Reporting, ReportRefused, ReportUnknown
from domain.calendar import london_date
from domain.codes import CaseId, SubjectId
from domain.reports.promised import Promised
from domain.reports.report import Audience, Report, Section
from domain.reports.stretch import StretchRefused
from infrastructure.http import problems
from infrastructure.http.answers import NamedColleague, PersonShown
from infrastructure.http.auth import Gate
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import DayAsked, KnownAt, min_position, reached
from infrastructure.http.problems import Problem, misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.reports.histories import reporting_of
from infrastructure.reports.register import Told, cells, columns_of, lines_of, register_csv, register_pdf
from infrastructure.reports.showing import as_csv, as_pdf, as_value
from infrastructure.tokens import Caller
from infrastructure.typesetting import TypesettingFailed
from projections.register_lines import LineOfRegister

CSV: Final = "text/csv; charset=utf-8; header=present"
PDF: Final = "application/pdf"
ERASED: Final = "(erased)"
Format = Literal["json", "csv", "pdf"]

LISTED: Final = """Lists the reports that the landlord's policy promises, and the figures that everybody has.

Each with the clause that asks for it and for whom it is. One that is made at regular times says which days the latest
was owed for; those of quarters and years are counted from the 1st of April."""

MADE: Final = """Makes a report for the days from `from` to `to`, both included, as of now or of `known_at`.

The whole log up to that moment is read for it, a case at a time, which can take seconds; the same question gets the
same answer for good, once `known_at` says as of when. Merged records are one person. What should never have been made
counts in its own figure alone. People who were erased count as before.

With `audience=external` counts under five are withheld, and others from which they could be worked out: `withheld`
says so, and such a figure has no `value`. What is about people one by one does not leave the organisation.

A register names people, and says what is said of them, for a caller who may see personal values; each line is then a
reading of that person's data, and on record. Others get opaque ids.

Beside JSON there are CSV (RFC 4180; no cell is a formula to a spreadsheet) and a tagged PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDays:
    """Days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportListed:
    """A report that exists; `latest` are the days of the latest that was owed, for one made at regular times."""

    report: str
    kind: str
    title: str
    to_whom: str | None
    clause: str
    source: str
    says: tuple[str, ...]
    reading: str | None
    every: str | None
    counts: str
    latest: ReportDays | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsAnswer:
    """The reports that there are today."""

    on: date
    reports: tuple[ReportListed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterColumn:
    """A column that the policy asks for."""

    code: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTold:
    """A line of a register, and who it is about."""

    line: LineOfRegister
    customer: PersonShown


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTold:
    """A register: the columns that the policy asks for, and what fills them, a line for each person and decision."""

    columns: tuple[RegisterColumn, ...]
    lines: tuple[LineTold, ...]
    colleagues: tuple[NamedColleague, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """A report: figures in sections, or a register.

    `cases` and `untold` are null where they are too few to be told outside. `untold` cases cannot be told to their end
    by this release, and count as far as they can. `withheld` says what a figure without a value means.
    """

    code: str
    title: str
    to_whom: str | None
    clause: str
    source: str
    says: tuple[str, ...]
    landlord: str
    policy: date
    first: date
    last: date
    known_at: datetime | None
    known_on: date
    position: int
    audience: Audience
    case: CaseId | None
    counts: str
    sections: tuple[Section, ...]
    cases: int | None
    untold: int | None
    withheld: str | None
    register: RegisterTold | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is asked with."""

    first: date | None
    last: date | None
    known_at: datetime | None
    form: Format
    audience: Audience
    case: str | None


async def wanted(
    first: Annotated[
        DayAsked | None,
        Query(alias="from", description="The first day; may be left out where the report says how far it looks."),
    ] = None,
    last: Annotated[DayAsked | None, Query(alias="to", description="The last day; today unless given.")] = None,
    known_at: KnownAt = None,
    form: Annotated[Format, Query(alias="format", description="How it is given out.")] = "json",
    audience: Annotated[Audience, Query(description="Whether it may leave the organisation.")] = "internal",
    case: Annotated[str | None, Query(max_length=60, description="The case, for a report on one.")] = None,
) -> Wanted:
    """The question about a report."""
    return Wanted(first, last, known_at, form, audience, case)


def report_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The list of reports, and each report."""
    router = APIRouter(tags=["Reports"])
    may_read = Depends(needs("read"))

    @router.get("/v1/reports", **documented.question(LISTED, ReportsAnswer, "read"))
    def list_reports(who: Caller = may_read) -> JSONResponse:
        reporting = reporting_of(service.office(who.landlord))
        today = reporting.today()
        listed = tuple(_listed(one, today) for one in reporting.promised())
        return JSONResponse(Page().part(ReportsAnswer(on=today, reports=listed)))

    told = documented.question(MADE, ReportAnswer, "read", problems.NOT_FOUND, problems.NOT_YET)
    binary = {"schema": {"type": "string", "format": "binary"}}
    told["responses"][200]["content"] |= {"text/csv": {"schema": {"type": "string"}}, PDF: binary}

    @router.get("/v1/reports/{report}", **told)
    def make_report(
        report: str,
        question: Wanted = Depends(wanted),
        who: Caller = may_read,
        position: int = Depends(min_position),
        request: Asking = Depends(asking),
    ) -> Response:
        office = service.office(who.landlord)
        reached(office, position)
        reporting = reporting_of(office)
        asked = Asked(
            code=report,
            first=question.first,
            last=question.last or london_date(question.known_at or office.clock.now()),
            known_at=question.known_at,
            audience=question.audience,
            case=None if question.case is None else CaseId(question.case),
        )
        basis = _basis(reporting, asked)
        if basis.promised.kind == "register":
            return _register(Disclosure(office, who, request), reporting, basis, question.form)
        found = reporting.report(basis, asked)
        return _given_out(found, basis.policy.name, question.form)

    return router


def _basis(reporting: Reporting, asked: Asked) -> Basis:
    """What the report rests on. Raises `Problem`."""
    try:
        return reporting.basis(asked)
    except ReportUnknown as unknown:
        raise Problem(problems.NOT_FOUND, str(unknown)) from None
    except (StretchRefused, ReportRefused) as refused:
        raise misshapen([(refused.field, str(refused))]) from None


def _given_out(report: Report, name: str, form: Format) -> Response:
    if form == "json":
        return JSONResponse(Page().part(ReportAnswer(**as_value(report))))
    content = as_csv(report) if form == "csv" else _printed(lambda: as_pdf(report, name))
    return as_file(content, f"{report.landlord}-{report.code}-{report.first}-{report.last}", form)


def _register(disclosure: Disclosure, reporting: Reporting, basis: Basis, form: Format) -> Response:
    """The register; who the people are, and what is said of them, only for who may see it, and on record first."""
    lines = lines_of(reporting, basis)
    columns = columns_of(basis)
    page = Page()
    told: Any = page.part(lines)  # what is personal in it is shown once that is on record
    disclosure.open(page, basis.position)
    people: list[dict[str, Any]] = [
        disclosure.person(SubjectId(line.person), basis.position, case=line.case) for line in lines
    ]
    staff = tuple(dict.fromkeys(staff for line in lines for staff in line.contacts))
    colleagues = disclosure.colleagues(staff, basis.position, subject=None)
    if form == "json":
        register = RegisterTold(
            columns=tuple(RegisterColumn(code=code, says=says) for code, says in columns),
            lines=tuple(
                LineTold(line=line, customer=PersonShown(**who)) for line, who in zip(lines, people, strict=True)
            ),
            colleagues=colleagues,
        )
        answer: Any = Page().part(ReportAnswer(**as_value(reporting.of_nobody(basis)), register=register))
        for line, shown in zip(answer["register"]["lines"], told, strict=True):
            line["line"] = shown
        return JSONResponse(answer)
    names = {one.staff: one.name for one in colleagues}
    texts = [
        cells(line, _told(shown, who, names), basis.policy, columns)
        for line, shown, who in zip(lines, told, people, strict=True)
    ]
    content = register_csv(columns, texts) if form == "csv" else _printed(lambda: register_pdf(basis, columns, texts))
    days = basis.days
    return as_file(content, f"{disclosure.caller.landlord}-{basis.promised.code}-{days.first}-{days.last}", form)


def _printed(made: Callable[[], bytes]) -> bytes:
    """A PDF. Raises `Problem` where there is too much for one."""
    try:
        return made()
    except TypesettingFailed:
        raise misshapen([("format", "makes no PDF of as much as this: ask for csv")]) from None


def _told(shown: Any, who: dict[str, Any], names: dict[str, str | None]) -> Told:  # noqa: ANN401 - a part of a page
    known = [who[name] for name in ("name", "address", "telephone", "email") if who.get(name)]
    customer = known or [shown["person"]]
    return Told(
        customer=[ERASED] if who["state"] == "erased" else customer,
        contacts=names,
        initial=_text(shown["initial_words"]),
        behaviour=_text(shown["behaviour"]),
        pattern=_text(shown["pattern"]),
    )


def _text(shown: Any) -> str | None:  # noqa: ANN401 - a part of a page
    """What a personal value reads as, for somebody who may see it."""
    if shown is None:
        return None
    return ERASED if shown["state"] == "erased" else shown["text"]


def as_file(content: str | bytes, name: str, form: Format) -> Response:
    """Something to be saved under a name, which holds codes and days only."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=CSV if form == "csv" else PDF, headers=headers)


def _listed(one: Promised, today: date) -> ReportListed:
    latest = one.latest(today)
    return ReportListed(
        report=one.code,
        kind=one.kind,
        title=one.title,
        to_whom=one.to_whom,
        clause=one.clause,
        source=one.source,
        says=one.says,
        reading=one.reading,
        every=str(one.every) if one.every else None,
        counts=one.counts,
        latest=None if latest is None else ReportDays(first=latest.first, last=latest.last),
    )
