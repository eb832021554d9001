"""A register as it is given out: the columns that the policy asks for, each line as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from application.reporting import Basis, Reporting
from domain.codes import RecordClass
from domain.policy import Policy
from domain.reports.stretch import Stretch
from infrastructure.reports.showing import TEMPLATES, csv_text, day_in_words
from infrastructure.typesetting import TypesettingFailed, typeset
from projections.register_lines import LineOfRegister, register_lines

PAGE: Final = TEMPLATES / "register.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What may be told of one line beside its codes and days; None for what this reader may not see, or nobody said.

    `customer` is who it is and how they are reached, `contacts` the colleagues' names by their ids.
    """

    customer: Sequence[str] | None = None
    contacts: Mapping[str, str | None]
    initial: str | None = None
    behaviour: str | None = None
    pattern: str | None = None


NO_FONT: Final = "could not be displayed"  # typst, of a sign that none of its fonts has
BOXES: Final = "No font here has some of the signs in these lines, which are shown as boxes; as CSV they are whole."


def lines_of(reporting: Reporting, basis: Basis) -> list[LineOfRegister]:
    """The lines of every case, those considered first before the others."""
    keep = next((r.period for r in basis.policy.retention.values() if RecordClass.NOT_RESTRICTED in r.of), None)
    unrestricted = keep if basis.promised.keeps_unrestricted else None
    found = [
        line for steps, _ in reporting.histories(basis) for line in register_lines(steps, basis.days, unrestricted)
    ]
    return sorted(found, key=lambda line: (line.considered_on, line.case, line.restriction or ""))


def columns_of(basis: Basis) -> list[tuple[str, str]]:
    """Code and heading of each column that the policy asks for; what nobody here can fill stays empty, to be seen."""
    return list(basis.promised.columns)


def cells(line: LineOfRegister, told: Told, policy: Policy, columns: Sequence[tuple[str, str]]) -> list[str]:
    """The texts of one line, a column each; what is said in one column goes on new lines."""
    return ["\n".join(_FILLED[code](line, told, policy)) if code in _FILLED else "" for code, _ in columns]


def register_csv(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> str:
    """One line for each line of the register, after one with the columns' codes."""
    return csv_text([code for code, _ in columns], rows)


def register_pdf(basis: Basis, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> bytes:
    """The register as tagged pages. Raises `TypesettingFailed`.

    A sign that no font here has is shown as an empty box, which PDF/UA-1 does not allow; then the pages say so.
    """
    name = basis.policy.name
    data: dict[str, Any] = {
        "title": basis.promised.title,
        "landlord": name,
        "subtitle": [
            f"{name}, {_days(basis.days)}",
            f"Clause {basis.promised.clause}, kept by {basis.promised.to_whom}. Stays inside the organisation.",
        ],
        "columns": [says for _, says in columns],
        "rows": [list(row) for row in rows],
        "notes": [f"As known on {day_in_words(basis.known_on)}, up to position {basis.position} of the log."],
        "footer": f"{name}: {basis.promised.code} {basis.days.last}",
    }
    try:
        return typeset(PAGE, data, dated=basis.known_on)
    except TypesettingFailed as failed:
        if NO_FONT not in failed.what:
            raise
    return typeset(PAGE, {**data, "notes": [*data["notes"], BOXES]}, pdf_standard="1.7", dated=basis.known_on)


def _days(days: Stretch) -> str:
    if days.first == days.last:
        return f"as it stood on {day_in_words(days.last)}"
    return f"whoever stood in it from {day_in_words(days.first)} to {day_in_words(days.last)}"


def _customer(line: LineOfRegister, told: Told, _: Policy) -> Iterator[str]:
    yield from told.customer or (line.person,)


def _warning(line: LineOfRegister, told: Told, policy: Policy) -> Iterator[str]:
    # Whoever was never sent one, or not yet, must not read as warned.
    yield _dated("Warned", line.warned_on) if line.warned_on else "No letter of a warning on record"
    if line.warning_method is not None:
        yield f"By {line.warning_method.replace('_', ' ').removeprefix('by ')}"
    for code in line.initial_measures:
        yield f"First measure: {policy.measures[code].title if code in policy.measures else code}"
    if told.initial:
        yield told.initial


def _applied(line: LineOfRegister, told: Told, _: Policy) -> Iterator[str]:
    if line.restriction is None:
        yield "Not restricted"
        return
    yield _dated("Decided", line.decided_on)
    yield _dated("Told", line.told_on) if line.told_on else "No letter of it on record"
    if line.contacts:
        yield "Contact: " + ", ".join(told.contacts.get(staff) or staff for staff in line.contacts)
    yield _dated("Ends", line.last_day)


def _last_reviewed(line: LineOfRegister, _: Told, __: Policy) -> Iterator[str]:
    yield line.last_reviewed_on.isoformat() if line.last_reviewed_on else "–"


def _notes(line: LineOfRegister, told: Told, _: Policy) -> Iterator[str]:
    yield f"Case {line.case}"
    if told.behaviour:
        yield told.behaviour
    if told.pattern:
        yield f"Cycles: {told.pattern}"


def _dated(what: str, day: date | None) -> str:
    return f"{what} {day.isoformat() if day else 'on a day that is not known'}"


_FILLED: Final[Mapping[str, Callable[[LineOfRegister, Told, Policy], Iterator[str]]]] = {
    "customer": _customer,
    "warning": _warning,
    "applied": _applied,
    "last_reviewed": _last_reviewed,
    "notes": _notes,
}
