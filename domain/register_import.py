"""Lines of an earlier register read into what they tell: whose restriction, from when to when, by which measures.

No message repeats what stands in a cell: in a column that slipped, that may be somebody's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from domain.codes import Channel, Effect, SubjectId
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from domain.personal import LONGEST_TEXT, Personal
from domain.policy import Parameter, Policy


class Form(StrEnum):
    """How a register is laid out."""

    FIVE = "five columns"  # Maidstone's policy, 7.4
    WIDE = "wide"


# The wide form: each column, and the most characters that a cell of it may have.
WIDE: Final[Mapping[str, int]] = {
    "reference": 100,
    "name": 500,
    "address": 500,
    "telephone": 500,
    "email": 500,
    "household": 80,
    "warned_on": 40,
    "decided_on": 40,
    "told_on": 40,
    "starts_on": 40,
    "ends_on": 40,
    "last_reviewed_on": 40,
    "measures": 400,
    "open": 200,
    "issue": 80,
    "count": 10,
    "per": 40,
    "minutes": 10,
    "slots": 400,
    "contact_role": 80,
    "contact_staff": 400,
    "reader": 80,
    "third_party": 100,
    "office": 80,
    "grounds": 400,
    "behaviour": LONGEST_TEXT,
    "notes": LONGEST_TEXT,
}
# Maidstone's five, by what their headings begin with, with a reference that a landlord may have added.
FIVE: Final[Mapping[str, int]] = {
    "customer": 1000,
    "warning": LONGEST_TEXT // 4,
    "applied": LONGEST_TEXT // 4,
    "last_reviewed": 400,
    "notes": LONGEST_TEXT // 4,
    "reference": 100,
}
_FIVE_BEGIN: Final[Mapping[str, str]] = {
    "customer_reference": "reference",
    "reference": "reference",
    "name_and_contact": "customer",
    "customer": "customer",
    "warning": "warning",
    "unreasonable_and_unreasonably_persistent": "applied",
    "policy_applied": "applied",
    "applied": "applied",
    "date_last_reviewed": "last_reviewed",
    "last_reviewed": "last_reviewed",
    "case_notes": "notes",
    "notes": "notes",
}
# Other headings by which columns of the wide form are known.
_ALSO_CALLED: Final[Mapping[str, str]] = {
    "customer_reference": "reference",
    "customer_ref": "reference",
    "ref": "reference",
    "phone": "telephone",
    "e_mail": "email",
    "start": "starts_on",
    "start_date": "starts_on",
    "end": "ends_on",
    "end_date": "ends_on",
    "decision_date": "decided_on",
    "date_decided": "decided_on",
    "date_communicated": "told_on",
    "warning_date": "warned_on",
    "last_reviewed": "last_reviewed_on",
    "date_last_reviewed": "last_reviewed_on",
    "case_notes": "notes",
}
_DATES: Final = ("warned_on", "decided_on", "told_on", "starts_on", "ends_on", "last_reviewed_on")
_TEXTS: Final = frozenset({"name", "address", "behaviour", "notes", "customer", "warning", "applied", "last_reviewed"})
_LISTS: Final = ("measures", "open", "slots", "contact_staff", "grounds")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,79}")
_PERIOD: Final = re.compile(r"[1-9][0-9]{0,2} (working day|week|month|year|day)s?")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_BRITISH: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# What looks like a date within words, so that one that cannot be read is not passed over.
_IN_WORDS: Final = re.compile(r"(?<![0-9/.-])[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}(?![0-9/.-])")


class RegisterRefused(Exception):
    """The file as a whole cannot be read as a register; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line is not taken: the rule, the column at fault where one is, and what to do."""

    rule: str
    column: str | None
    asks: str


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a register are, from left to right."""

    form: Form
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)  # a log line must not spell out a person
class Told:
    """What one line tells: whose restriction, as the directory takes it, and the restriction.

    `reference` is None where the register has none; then `details` alone say who it is. `third_party` is the reference
    of whoever speaks for the customer under a measure.
    """

    reference: str | None
    details: Mapping[str, str]
    command: ImportRestriction
    third_party: str | None = None
    spoken_for: tuple[str, ...] = ()  # codes of the measures that ask for a third party

    def with_third_party(self, person: SubjectId) -> ImportRestriction:
        """The restriction with this person in the measures by which somebody speaks for the customer."""
        speaking = tuple(
            m.model_copy(update={"third_party": person}) if m.code in self.spoken_for else m
            for m in self.command.measures
        )
        return self.command.model_copy(update={"measures": speaking})


def read_header(cells: Sequence[str]) -> Header:
    """The form of a register and its columns. Raises `RegisterRefused`."""
    names = [_heading(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for form, known in ((Form.FIVE, [_five(n) for n in names]), (Form.WIDE, [_ALSO_CALLED.get(n, n) for n in names])):
        wanted = set(FIVE) - {"reference"} if form is Form.FIVE else {"reference", "measures"}
        columns = [column if column in (FIVE if form is Form.FIVE else WIDE) else None for column in known]
        if not wanted <= set(columns):
            continue
        if None in columns:
            at = ", ".join(str(n) for n, column in enumerate(columns, start=1) if column is None)
            raise RegisterRefused(f"Nobody knows what column {at} is; there are {', '.join(WIDE)}.")
        found = tuple(column for column in columns if column)
        if len(set(found)) < len(found):
            twice = next(column for column in found if found.count(column) > 1)
            raise RegisterRefused(f"There are two columns {twice}; leave one of them out.")
        if form is Form.WIDE and not {"starts_on", "decided_on"} & set(found):
            raise RegisterRefused("The register needs a column starts_on or decided_on.")
        return Header(form, found)
    raise RegisterRefused(
        "The first line is no heading that is known: it has to name the five columns of Maidstone's register, or at "
        "least reference, measures and starts_on."
    )


def read_line(header: Header, cells: Sequence[str], line: int, source: str, policy: Policy) -> Told | list[Problem]:
    """What a line tells, or everything that keeps it from being read."""
    width = len(header.columns)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        asks = f"The heading has {width} columns, and this line {len(cells)}: is there a comma outside quotes?"
        return [Problem("number_of_columns", None, asks)]
    said = {column: cell.strip() for column, cell in zip(header.columns, cells, strict=False) if cell.strip()}
    limits = FIVE if header.form is Form.FIVE else WIDE
    problems = [problem for column, cell in said.items() for problem in _unfit(column, cell, limits[column])]
    if problems:
        return problems
    return (
        _five_told(said, line, source, policy) if header.form is Form.FIVE else _wide_told(said, line, source, policy)
    )


def content_of(header: Header, cells: Sequence[str]) -> str:
    """What a line says, whatever the order of its columns: the same again is the same line."""
    said = sorted((column, cell.strip()) for column, cell in zip(header.columns, cells, strict=False) if cell.strip())
    return "\x1e".join(f"{column}\x1f{cell}" for column, cell in said)


def read_day(text: str) -> date | str:
    """A day written as 2026-03-31 or 31/03/2026, or what is wrong with it."""
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _BRITISH.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        return "is written in another way than 2026-03-31 or 31/03/2026"
    if month > 12 >= day:
        return "has no such month; the day comes before the month, as in 31/03/2026"
    try:
        read = date(year, month, day)
    except ValueError:
        return "is no day of the calendar"
    return read if 1950 <= year <= 2099 else "is not a date of this service's time: 1950 to 2099"


# The wide form


def _wide_told(said: Mapping[str, str], line: int, source: str, policy: Policy) -> Told | list[Problem]:
    problems: list[Problem] = []
    days = dict(_days(said, problems))
    lists = {name: _listed(said.get(name, "")) for name in _LISTS}
    problems += _uncoded(said, lists)
    if "reference" not in said:
        problems.append(Problem("reference_needed", "reference", "Say whose restriction it is."))
    if not lists["measures"]:
        problems.append(Problem("measure_needed", "measures", "Say by which measures, as codes of the policy."))
    numbers = {}
    for name, most in (("count", 1000), ("minutes", 480)):
        if name in said:
            if not said[name].isascii() or not said[name].isdigit() or not 1 <= int(said[name]) <= most:
                problems.append(Problem("no_number", name, f"Give a whole number from 1 to {most}."))
            else:
                numbers[name] = int(said[name])
    if problems:
        return problems
    given: dict[Parameter, object] = {
        Parameter.OPEN: lists["open"],
        Parameter.SLOTS: lists["slots"],
        Parameter.ISSUE: said.get("issue"),
        Parameter.COUNT: numbers.get("count"),
        Parameter.PER: said.get("per"),
        Parameter.MINUTES: numbers.get("minutes"),
        Parameter.CONTACT_STAFF: lists["contact_staff"],
        Parameter.READER: said.get("reader"),
        Parameter.OFFICE: said.get("office"),
    }
    try:
        command = ImportRestriction(
            source=source,
            line=line,
            measures=tuple(_measure(code, given, said.get("contact_role"), policy) for code in lists["measures"]),
            grounds=lists["grounds"],
            household=said.get("household"),
            behaviour=Personal(said["behaviour"]) if "behaviour" in said else None,
            detail=Personal(said["notes"]) if "notes" in said else None,
            **days,
        )
    except ValidationError as refused:
        return [*_named(refused)]
    details = {name: said[name] for name in ("name", "address", "telephone", "email") if name in said}
    asking = (code for code in lists["measures"] if _asks(code, Parameter.THIRD_PARTY, policy))
    return Told(said["reference"], details, command, said.get("third_party"), tuple(asking))


def _asks(code: str, parameter: Parameter, policy: Policy) -> bool:
    kind = policy.measures.get(code)
    return kind is not None and parameter in kind.asks


def _measure(code: str, given: Mapping[Parameter, object], role: str | None, policy: Policy) -> ImportedMeasure:
    """One measure with those of the line's parameters that its kind asks for."""
    kind = policy.measures.get(code)
    asked = kind.asks if kind is not None else ()
    says = {str(name): value for name, value in given.items() if name in asked and value}
    if role is not None and Parameter.CONTACT_STAFF in asked:
        says["contact_role"] = role
    return ImportedMeasure.model_validate({"code": code, **says})


def _days(said: Mapping[str, str], problems: list[Problem]) -> Iterator[tuple[str, date]]:
    for name in _DATES:
        if name in said:
            day = read_day(said[name])
            if isinstance(day, date):
                yield name, day
            else:
                problems.append(Problem("impossible_date", name, f"{name} {day}."))


def _uncoded(said: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Codes that are none; ids of the landlord's own are codes, too."""
    if not all(_CODE.fullmatch(one) for one in lists["contact_staff"]):
        asks = "contact_staff takes posts as `evenhand post list` shows them: tenure-3;tenure-7."
        yield Problem("no_code", "contact_staff", asks)
    for name in ("measures", "grounds"):
        if not all(_CODE.fullmatch(code) for code in lists[name]):
            asks = f"{name} takes codes of the policy, such as single_contact, with a semicolon between two."
            yield Problem("no_code", name, asks)
    for name in ("household", "issue", "contact_role", "reader", "office"):
        if name in said and not _CODE.fullmatch(said[name]):
            yield Problem("no_code", name, f"{name} takes a code of small letters, digits and - _ . : without spaces.")
    if any(channel not in {*Channel} for channel in lists["open"]):
        yield Problem("unknown_channel", "open", f"There are {', '.join(Channel)}.")
    if "per" in said and not _PERIOD.fullmatch(said["per"]):
        yield Problem("no_period", "per", "Give a period such as 1 week or 3 months.")


def _named(refused: ValidationError) -> Iterator[Problem]:
    """What the command says of its fields; only their names, for the rest may repeat a cell."""
    columns = {str(part) for error in refused.errors() for part in error["loc"][-1:]}
    columns |= {str(error["loc"][0]) for error in refused.errors() if error["loc"]}
    asks = "Write it as the guide to imports says."
    known = sorted(columns & set(WIDE))
    yield from (Problem("not_as_it_should_be", column, asks) for column in known)
    if not known:
        yield Problem("not_as_it_should_be", None, asks)


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip().lower() for part in cell.split(";") if part.strip()))


# Maidstone's five columns


def _five_told(said: Mapping[str, str], line: int, source: str, policy: Policy) -> Told | list[Problem]:
    """T1 the customer, T2 the warning, T3 decision and telling with who answers, T4 the last review, T5 notes (7.4)."""
    problems: list[Problem] = []
    warned = _days_within(said.get("warning", ""), "warning", 1, problems)
    applied = _days_within(said.get("applied", ""), "applied", 2, problems)
    reviewed = _days_within(said.get("last_reviewed", ""), "last_reviewed", 1, problems)
    if "customer" not in said:
        problems.append(Problem("customer_needed", "customer", "Say whose restriction it is."))
    if "applied" not in said:
        asks = "The policy was not applied to this customer: there is no restriction to take over."
        problems.append(Problem("not_restricted", "applied", asks))
    elif not applied and not problems:
        asks = "Say when it was decided, as 2026-03-31 or 31/03/2026; then, when the customer was told."
        problems.append(Problem("decided_on_needed", "applied", asks))
    answering = next((code for code, kind in policy.measures.items() if kind.effect is Effect.NAMED_CONTACT), None)
    if answering is None:
        asks = "The policy knows no single point of contact; name the measures in the wide form."
        problems.append(Problem("unknown_measure", "applied", asks))
    if problems or answering is None:
        return problems
    name, details = _customer(said["customer"])
    if any(len(value) > WIDE["address"] for value in (name, *details.values())):
        return [Problem("too_long", "customer", "Name and contact details have 500 characters each at most.")]
    titles = {
        "warning": "Warning",
        "applied": "Policy applied",
        "last_reviewed": "Last reviewed",
        "notes": "Case notes",
    }
    detail = "\n".join(f"{title}: {said[column]}" for column, title in titles.items() if column in said)
    command = ImportRestriction(
        source=source,
        line=line,
        measures=(ImportedMeasure(code=answering),),
        warned_on=warned[0] if warned else None,
        decided_on=applied[0],
        told_on=applied[1] if len(applied) > 1 else None,
        starts_on=applied[0],
        last_reviewed_on=reviewed[0] if reviewed else None,
        also_missing=() if "reference" in said else ("reference",),
        detail=Personal(detail),
    )
    return Told(said.get("reference"), {"name": name, **details}, command)


def _days_within(text: str, column: str, most: int, problems: list[Problem]) -> list[date]:
    """The dates among the words of a cell, as they come."""
    found: list[date] = []
    for written in _IN_WORDS.findall(text):
        day = read_day(written)
        if isinstance(day, date):
            found.append(day)
        else:
            problems.append(Problem("impossible_date", column, f"A date in this cell {day}."))
    if len(found) > most and column != "warning":
        asks = f"Of the {len(found)} dates in this cell leave {most}; the others can go to the case notes."
        problems.append(Problem("too_many_dates", column, asks))
    return found


def _customer(cell: str) -> tuple[str, dict[str, str]]:
    """The name, which comes first, and the contact details after it."""
    name, *rest = re.split(r"[\n;]", cell, maxsplit=1) if re.search(r"[\n;]", cell) else cell.split(",", maxsplit=1)
    contact = "".join(rest).strip()
    return name.strip(), {"address": contact} if contact else {}


# What any cell and heading is


def _unfit(column: str, cell: str, most: int) -> Iterator[Problem]:
    allowed = {"\n", "\r", "\t"} if column in _TEXTS else set()
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in allowed for c in cell):
        yield Problem("control_character", column, "There is a character in this cell that is no writing; take it out.")
    if len(cell) > most:
        yield Problem("too_long", column, f"This cell has {len(cell):,} characters; {most:,} are the most.")


def _heading(cell: str) -> str:
    """A heading without case, and with one underscore for whatever stands between its words."""
    return re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKC", cell).casefold()).strip("_")


def _five(name: str) -> str | None:
    return next((column for begins, column in _FIVE_BEGIN.items() if name.startswith(begins)), None)
