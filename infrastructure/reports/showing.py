"""How a report is given out: as a value for JSON, as CSV, and as one accessible page."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, Final

from domain.reports.report import Figure, Report, Section
from domain.reports.small_numbers import FEWEST, MEANING, SIGN
from infrastructure.typesetting import typeset

TEMPLATES: Final = Path(__file__).parent / "templates"
PAGE: Final = TEMPLATES / "report.typ"
# A cell that begins with one of these is a formula to a spreadsheet; an apostrophe before it makes it text again.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS: Final = ("report", "from", "to", "known_on", "audience", "section", "figure", "title", "unit", "value")
ROOMY: Final = 110  # rows and headings that two columns hold with room around them; twice as many fit closely
HEADING: Final = 3  # rows as high as the heading of a table
# Which sections have a chart, and how many millimetres its labels take.
CHARTED: Final = {
    "durations": 27,
    "reviews": 27,
    "appeals": 27,
    "verdicts": 34,
    "short": 60,
    "months": 24,
    "channels": 18,
    "grounds": 34,
}
NOT_CHARTED: Final = frozenset(
    # What a bar would set beside its own parts, or beside something of another kind.
    {"median_days", "reviews_due", "appeals_at_start", "appeals_at_end", "appeals_lodged", "appeals_answered_late"}
    | {"findings", "fell_short"}
)
BARS: Final = 13  # a chart of more is no longer read; the tables have all of them


def shown(figure: Figure) -> str:
    """The value as it is read: its sign where it is withheld, a dash where there is none."""
    if figure.withheld:
        return SIGN
    return "–" if figure.value is None else str(figure.value)


def as_value(report: Report) -> dict[str, Any]:
    """The report with what is said of small numbers; for JSON."""
    told = {name: getattr(report, name) for name in report.__dataclass_fields__}
    return {**told, "withheld": MEANING if _withholds(report) else None}


def as_csv(report: Report) -> str:
    """One line for each figure, after a line of names (RFC 4180)."""
    head = (report.code, report.first, report.last, report.known_on, report.audience)
    return csv_text(
        COLUMNS,
        (
            (*head, section.code, figure.code, figure.title, figure.unit, _cell(figure))
            for section in report.sections
            for figure in section.figures
        ),
    )


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lines that end in CR LF, fields quoted where they have to be; no text of them is a formula to a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: object) -> object:
    # White space before a formula does not keep a spreadsheet from reading it as one.
    if isinstance(value, str) and value.lstrip(" \n").startswith(FORMULA):
        return f"'{value}"
    return value


def _cell(figure: Figure) -> int | str:
    if figure.withheld:
        return SIGN
    return "" if figure.value is None else figure.value


def as_pdf(report: Report, name: str) -> bytes:
    """The report on one page, tagged for screen readers; `name` is the landlord's. Raises `TypesettingFailed`."""
    return typeset(PAGE, _page(report, name), dated=report.known_on)


def _page(report: Report, name: str) -> dict[str, Any]:
    """What the template asks for: texts, and numbers for bars."""
    first = report.sections[0]
    charts = [_chart(section) for section in report.sections if section.code in CHARTED and _bars(section)]
    notes = [
        f"As known on {day_in_words(report.known_on)}, up to position {report.position} of the log; {_cases(report)}."
    ]
    if report.untold != 0:
        notes.append("Some cases cannot be told to their end by this release; they count as far as they can be told.")
    if _withholds(report):
        notes.append(MEANING)
    return {
        "title": report.title,
        "landlord": name,
        "subtitle": _subtitle(report, name),
        "tiles": [{"label": figure.title, "value": shown(figure)} for figure in first.figures[:4]],
        "charts": charts,
        "columns": _columns([section for section in report.sections if section.figures]),
        "tight": sum(len(section.figures) + HEADING for section in report.sections) > ROOMY,
        "notes": notes,
        "footer": f"{name}: {report.code} {report.first} to {report.last}",
    }


def _columns(sections: Sequence[Section]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tables for the left and for the right, in their order and about as long."""
    heights = [len(section.figures) + HEADING for section in sections]
    splits = range(1, len(sections) + 1)
    split = min(splits, key=lambda n: max(sum(heights[:n]), sum(heights[n:])), default=0)
    tables = [
        {
            "title": section.title,
            "rows": [{"label": figure.title, "shown": shown(figure)} for figure in section.figures],
        }
        for section in sections
    ]
    return tables[:split], tables[split:]


def _subtitle(report: Report, name: str) -> list[str]:
    asked = "Held of every landlord" if report.source == "baseline" else f"Clause {report.clause}"
    whom = f", for {report.to_whom}" if report.to_whom else ""
    about = f", case {report.case}" if report.case else ""
    return [
        f"{name}, {day_in_words(report.first)} to {day_in_words(report.last)}{about}",
        f"{asked}{whom}. " + ("May leave the organisation." if report.audience == "external" else "For inside use."),
    ]


def _chart(section: Section) -> dict[str, Any]:
    bars = _bars(section)
    words = "; ".join(f"{figure.title}: {'withheld' if figure.withheld else figure.value or 0}" for figure in bars)
    return {
        "title": section.title,
        "alt": f"Bar chart. {section.title}. {words}.",
        "labels": CHARTED[section.code],
        "bars": [{"label": figure.title, "value": figure.value, "shown": shown(figure)} for figure in bars],
    }


def _bars(section: Section) -> list[Figure]:
    """What a chart shows; nothing where all of it is withheld."""
    bars = [figure for figure in section.figures if figure.code not in NOT_CHARTED][:BARS]
    return bars if any(figure.value is not None for figure in bars) else []


def _cases(report: Report) -> str:
    if report.cases is None:
        return f"fewer than {FEWEST} cases were looked at"
    return "one case was looked at" if report.cases == 1 else f"{report.cases} cases were looked at"


def day_in_words(day: date) -> str:
    """A day as it is written in prose."""
    return f"{day.day} {day:%B %Y}"


def _withholds(report: Report) -> bool:
    return any(figure.withheld for section in report.sections for figure in section.figures)
