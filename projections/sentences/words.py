"""Days, counts, codes and periods as they are said in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.events import AppealTerms, Measure, ScheduledReview

# Not calendar.month_name, which speaks the language of the machine.
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def said(day: date) -> str:
    """A day as "15 March 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def words(code: str) -> str:
    """A code as words: "head_of_service" as "head of service"."""
    return code.replace("_", " ")


def listed(codes: Sequence[str], none: str = "none") -> str:
    """Codes as "telephone, e-mail and letter"; `none` when there are none."""
    spoken = [words(code) for code in codes]
    if len(spoken) < 2:
        return spoken[0] if spoken else none
    return f"{', '.join(spoken[:-1])} and {spoken[-1]}"


def counted(number: int, noun: str) -> str:
    """A count with its noun: "1 incident", "3 incidents"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def staff(ids: Sequence[str]) -> str:
    """Members of staff by their opaque ids, which the edge may replace by names."""
    return listed([f"staff member {one}" for one in ids], "nobody")


def measures(decided: Sequence[Measure]) -> str:
    """Measures by their codes in the policy's catalogue, each with the matter that it is limited to."""
    return listed([m.code if m.issue is None else f"{m.code} (about {m.issue} only)" for m in decided], "no measures")


def reviews(scheduled: Sequence[ScheduledReview]) -> str:
    """The days on which reviews are due, soonest first."""
    if not scheduled:
        return "no review is scheduled by it"
    days = sorted({review.due_on for review in scheduled})
    return f"{'reviews are' if len(days) > 1 else 'a review is'} due on {listed([said(day) for day in days])}"


def appeal_terms(terms: AppealTerms) -> str:
    """Whether and how long the decision can be appealed."""
    if not terms.right:
        return "the customer may ask for a second look, without a right to it"
    if terms.window is None:
        return "it can be appealed without limit of time while in force"
    return f"it can be appealed within {terms.window} of receipt"


def capitalised(text: str) -> str:
    """The text with a capital letter first and the rest as it is."""
    return text[:1].upper() + text[1:]
