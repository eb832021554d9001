"""What a case knows of its disclosures: which partner may see what of it, until when, and whether it deleted that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import DisclosureBasis, DisclosureEndReason, StaffId
from domain.events.disclosures import DisclosedRestriction, DisclosedWarning


@dataclass(frozen=True)
class Disclosure:
    """Parts of a case that one partner may see, from a recorded decision to its end."""

    id: str
    partner: str
    audience: str | None
    basis: DisclosureBasis
    restrictions: tuple[DisclosedRestriction, ...]
    warnings: tuple[DisclosedWarning, ...]
    starts_on: date
    until: date | None
    delete_within: str
    decided_by: StaffId
    known: frozenset[str] = frozenset()  # measures that there were when it was decided, shown or not
    ended_on: date | None = None  # first day without it, as recorded
    because: DisclosureEndReason | None = None
    delete_by: date | None = None
    deleted_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether no end of it is on record: what it discloses is seen until then."""
        return self.ended_on is None

    @property
    def deletion_owed(self) -> bool:
        """Whether it ended, and the partner has not confirmed that it deleted what it kept."""
        return self.ended_on is not None and self.deleted_on is None

    def measures_of(self, restriction: str) -> frozenset[str]:
        """The ids of the measures of a restriction that it discloses; none: nothing of that restriction."""
        return frozenset(m.id for r in self.restrictions if r.restriction == restriction for m in r.measures)

    def discloses_warning(self, warning: str) -> bool:
        """Whether it discloses this safety warning."""
        return any(w.warning == warning for w in self.warnings)
