"""What looking back at a history says: for each clause whether it was followed, what was due, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.codes import RoleCode
from domain.policy import Source, Strength


class Verdict(StrEnum):
    """What became of one thing that a clause asks; `open` is still owed, and its time has not passed or has no end."""

    MET = "met"
    NOT_MET = "not_met"
    LATE = "late"
    OVERRIDDEN = "overridden"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_BE_SHOWN = "cannot_be_shown"
    OPEN = "open"


# What somebody has to look at: everything but what was followed, set aside by somebody entitled to, or not asked.
SHORT: frozenset[Verdict] = frozenset({Verdict.NOT_MET, Verdict.LATE, Verdict.CANNOT_BE_SHOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a clause asks of one part of a case, and whether it was followed.

    `rule` is the name under which a command is refused. `about` is the id of what was judged: a restriction, a letter,
    an appeal; or "case". `by` are the roles to whom it falls, empty for anybody. `days_late` goes with `late`.
    `events` are the ids of the events that show it; of one that was overridden, the reason stands sealed on the first.
    """

    rule: str
    clause: str
    strength: Strength
    source: Source
    about: str
    verdict: Verdict
    asks: str
    due_on: date | None = None
    done_on: date | None = None
    days_late: int | None = None
    by: tuple[RoleCode, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """How a case was handled, as of a day; `version` is the last event that was looked at."""

    case: str
    version: int
    on: date
    findings: tuple[Finding, ...]

    def of(self, *verdicts: Verdict) -> tuple[Finding, ...]:
        """The findings with one of these verdicts."""
        return tuple(f for f in self.findings if f.verdict in verdicts)

    @property
    def clean(self) -> bool:
        """Whether nothing fell short."""
        return not any(f.verdict in SHORT for f in self.findings)
