"""A report as it is shown: figures in sections, with whose it is and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from domain.codes import CaseId

Audience = Literal["internal", "external"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; `value` is None where it is withheld from whoever stands outside, or where there is none.

    `unit` is "count" or "days".
    """

    code: str
    title: str
    value: int | None
    unit: str = "count"
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures that belong together."""

    code: str
    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report on a stretch of days, as was known at a position of the log.

    `clause` and `source` say what asks for it; `says` is what that place says, in our words. `known_on` is the London
    day up to which it is known. `cases` were looked at; of `untold` of them this release cannot tell the end.
    """

    code: str
    title: str
    to_whom: str | None
    clause: str
    source: str
    says: tuple[str, ...]
    landlord: str
    policy: date  # the day from which the policy holds that promises it
    first: date
    last: date
    known_at: datetime | None
    known_on: date
    position: int
    audience: Audience
    case: CaseId | None  # that it is about; None for all
    counts: str  # "people" or "households": what its first figures count
    sections: tuple[Section, ...]
    cases: int | None  # None: too few to be told outside
    untold: int | None  # likewise

    def values(self) -> Mapping[str, int | None]:
        """Each figure by its code."""
        return {figure.code: figure.value for section in self.sections for figure in section.figures}
