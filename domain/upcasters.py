"""Old stored shapes to current ones: what a fact written by an earlier release says today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

# Takes the clear part of a fact as plain JSON values and gives that of the next version. A personal value stands
# there as a number (or null); an upcaster may move it to another field and cannot read it.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _adding(**fields: object) -> Upcaster:
    """The next version only has more fields, and what was written before says this in them."""
    return lambda fact: {**fact, **fields}


# By stored name and the version that was written: how it becomes the next one.
UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {
    ("AdjustmentDecided", 1): _adding(needs_channels=[], unusable_channels=[]),
    ("AdjustmentRequested", 1): _adding(answer_by_on=None),
    ("AppealDetermined", 1): _adding(allegations_seen=[]),
    ("AppealLodged", 1): _adding(acknowledge_by_on=None, decide_late_by_on=None),
    ("AppealReviewerAppointed", 1): _adding(substitute=False),
    ("AppealWithdrawn", 1): _adding(contact=None),
    ("ComplaintLinked", 1): _adding(about=None),
    ("ComplaintLinked", 2): _adding(received_on=None, answer_by_on=None),
    ("CounterAllegationRecorded", 1): _adding(conclude_by_on=None),
    ("IncidentRecorded", 1): _adding(allegation=None, other_person=None),
    ("InterimRestrictionApplied", 1): _adding(extremis_reason=None),
    ("InterimRestrictionApplied", 2): _adding(follow_ups=[]),
    ("MergeConflictSettled", 1): _adding(looked_at=None),
    ("NoticeSent", 1): _adding(letter=None),
    ("PolicyCopyRequested", 1): _adding(send_by_on=None),
    ("RestrictionApplied", 1): _adding(confirms=None, allegations_seen=[]),
    ("RestrictionExtended", 1): _adding(allegations_seen=[]),
    ("RestrictionVaried", 1): _adding(allegations_seen=[]),
    ("ReviewCompleted", 1): _adding(allegations_seen=[]),
    ("ReviewRequested", 1): _adding(answer_due_on=None),
    ("UrgentActionTaken", 1): _adding(follow_ups=[]),
}


def upcast(
    stored_name: str,
    fact: dict[str, Any],
    written: int,
    today: int,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> dict[str, Any]:
    """The fact as today's version says it, one version after the other. Raises KeyError when a step is missing."""
    for version in range(written, today):
        fact = upcasters[stored_name, version](fact)
    return fact


def missing_steps(
    versions: Mapping[str, int], upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS
) -> list[tuple[str, int]]:
    """Stored names and versions that no upcaster lifts, given today's version of each name."""
    return [
        (name, version)
        for name, today in versions.items()
        for version in range(1, today)
        if (name, version) not in upcasters
    ]
