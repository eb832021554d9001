"""The lines of the common figures: their codes, what each says, and how they add up.

Every report of a policy has them (domain: in force, durations, breaches, appeals and outcomes, reviews done late or
missed, warnings waived, overrides, withdrawn as wrong, adjustments and equality).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["count", "days"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its code, and what it says. `of` is the count that a number of days is taken over."""

    code: str
    title: str
    unit: Unit = "count"
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together."""

    code: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """What always holds between lines: these together, less those, make the total."""

    total: str
    plus: tuple[str, ...]
    less: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every line in it."""
        return (self.total, *self.plus, *self.less)


PEOPLE: Final = Part(
    "people",
    "People who were restricted",
    (
        Line("people_at_start", "People with a restriction when the period began"),
        Line("people_at_end", "People with a restriction on its last day"),
        Line("people_during", "People with a restriction on any of its days"),
    ),
)
HOUSEHOLDS: Final = Part(
    "households",
    "Households with restrictions",
    (
        Line("households_at_start", "Households with a restriction when the period began"),
        Line("households_at_end", "Households with a restriction on its last day"),
        Line("households_during", "Households with a restriction on any of its days"),
        Line("household_not_known", "People with a restriction on any of its days whose household is not known"),
    ),
)
RESTRICTIONS: Final = Part(
    "restrictions",
    "Restrictions",
    (
        Line("restrictions_at_start", "In force when the period began"),
        Line("restrictions_begun", "Begun in the period"),
        Line("restrictions_ended", "Ended in the period"),
        Line("restrictions_at_end", "In force on its last day"),
        Line("suspended_at_end", "Of those, suspended while an appeal is heard"),
        Line("ended_reached_its_date", "Ended: the date was reached"),
        Line("ended_lifted", "Ended: lifted"),
        Line("ended_overturned", "Ended: overturned on appeal"),
        Line("ended_death", "Ended: the customer died"),
        Line("proposals_declined", "Proposals that were declined"),
    ),
)
DURATIONS: Final = Part(
    "durations",
    "How long those that ended lasted",
    (
        Line("lasted_to_3_months", "Up to three months"),
        Line("lasted_to_6_months", "Over three and up to six months"),
        Line("lasted_to_12_months", "Over six and up to twelve months"),
        Line("lasted_longer", "Over twelve months"),
        Line("median_days", "Median, in days", "days", of="restrictions_ended"),
    ),
)
INTERIM: Final = Part(
    "interim",
    "Interim restrictions",
    (
        Line("interim_at_start", "In force when the period began"),
        Line("interim_applied", "Begun in the period"),
        Line("interim_confirmed", "Confirmed by a full decision"),
        Line("interim_ended", "Ended without one"),
        Line("interim_at_end", "In force on its last day"),
    ),
)
WARNINGS: Final = Part(
    "warnings",
    "Incidents, warnings and breaches",
    (
        Line("incidents", "Incidents"),
        Line("warnings_issued", "Warnings issued"),
        Line("warnings_waived", "Restrictions decided without the warning that comes first"),
        Line("breaches", "Breaches of a restriction"),
        Line("people_in_breach", "People who breached a restriction"),
    ),
)
APPEALS: Final = Part(
    "appeals",
    "Appeals",
    (
        Line("appeals_at_start", "Open when the period began"),
        Line("appeals_lodged", "Lodged in the period"),
        Line("appeals_upheld", "Heard: the decision stands"),
        Line("appeals_varied", "Heard: varied"),
        Line("appeals_overturned", "Heard: overturned"),
        Line("appeals_withdrawn", "Withdrawn"),
        Line("appeals_declined", "Too late, and not accepted"),
        Line("appeals_at_end", "Open at the end of its last day"),
        Line("appeals_answered_late", "Of those heard, answered after the last day for it"),
    ),
)
REVIEWS: Final = Part(
    "reviews",
    "Reviews that fell due",
    (
        Line("reviews_due", "Due in the period"),
        Line("reviews_in_time", "Held in time"),
        Line("reviews_late", "Held late"),
        Line("reviews_missed", "Missed"),
        Line("reviews_open", "Due on the last day known of"),
        Line("reviews_beside", "Held beside the schedule"),
    ),
)
LETTERS: Final = Part(
    "letters",
    "Letters to customers that fell due",
    (
        Line("letters_due", "Due in the period"),
        Line("letters_in_time", "Sent on the day"),
        Line("letters_late", "Sent late"),
        Line("letters_missed", "Not sent"),
        Line("letters_open", "Due on the last day known of"),
    ),
)
SUPPORT: Final = Part(
    "support",
    "Adjustments and equality",
    (
        Line("adjustments_at_start", "Adjustments that waited for an answer when the period began"),
        Line("adjustments_asked", "Asked for"),
        Line("adjustments_agreed", "Agreed"),
        Line("adjustments_refused", "Refused"),
        Line("adjustments_at_end", "Waiting for an answer at the end of its last day"),
        Line("equality_considered", "Times that the equality duty was considered"),
    ),
)
SAFETY: Final = Part(
    "safety",
    "Safety warnings",
    (
        Line("safety_at_start", "Standing when the period began"),
        Line("safety_approved", "Approved in the period"),
        Line("safety_ended", "Ended in the period"),
        Line("safety_at_end", "Standing on its last day"),
    ),
)
SET_ASIDE: Final = Part(
    "set_aside",
    "Rules set aside, and what should not have been",
    (
        Line("overrides", "Times that somebody entitled to set a rule aside, with reasons"),
        Line("withdrawn_as_wrong", "Restrictions withdrawn because they should never have been made"),
        Line("safety_withdrawn_as_wrong", "Safety warnings withdrawn for that reason"),
        Line("warnings_withdrawn", "Warnings withdrawn"),
    ),
)

# Overrides are told by the rule that was set aside as well; these lines come after the others of their part.
OVERRIDE: Final = "override:"

COMMON: Final[tuple[Part, ...]] = (
    PEOPLE,
    HOUSEHOLDS,
    RESTRICTIONS,
    DURATIONS,
    INTERIM,
    WARNINGS,
    APPEALS,
    REVIEWS,
    LETTERS,
    SUPPORT,
    SAFETY,
    SET_ASIDE,
)

SUMS: Final[tuple[Sum, ...]] = (
    Sum("restrictions_at_end", ("restrictions_at_start", "restrictions_begun"), ("restrictions_ended",)),
    Sum(
        "restrictions_ended",
        ("ended_reached_its_date", "ended_lifted", "ended_overturned", "ended_death"),
    ),
    Sum(
        "restrictions_ended",
        ("lasted_to_3_months", "lasted_to_6_months", "lasted_to_12_months", "lasted_longer"),
    ),
    Sum("interim_at_end", ("interim_at_start", "interim_applied"), ("interim_confirmed", "interim_ended")),
    Sum(
        "appeals_at_end",
        ("appeals_at_start", "appeals_lodged"),
        ("appeals_upheld", "appeals_varied", "appeals_overturned", "appeals_withdrawn", "appeals_declined"),
    ),
    Sum("reviews_due", ("reviews_in_time", "reviews_late", "reviews_missed", "reviews_open")),
    Sum("letters_due", ("letters_in_time", "letters_late", "letters_missed", "letters_open")),
    Sum(
        "adjustments_at_end",
        ("adjustments_at_start", "adjustments_asked"),
        ("adjustments_agreed", "adjustments_refused"),
    ),
    Sum("safety_at_end", ("safety_at_start", "safety_approved"), ("safety_ended",)),
)
