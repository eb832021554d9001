"""Measures against adjustments: what would take an agreed adjustment away is refused (baseline 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.baseline import AdjustmentNeeds
from domain.case_parts import Adjustment
from domain.decisions.judgement import Situation, Violation, against_baseline
from domain.events import Measure
from domain.measures import left_open, usable


def adjustments_are_kept(
    measures: Sequence[Measure], replaced: str | None, situation: Situation
) -> Iterator[Violation]:
    """None of these measures, with those in force, takes away an adjustment that was agreed with this customer.

    `replaced` is the restriction whose measures these would replace. Adjustments outlive cases, so those of the
    customer's other cases count as well.
    """
    limiting = [m for m in measures if m.limits_contact]
    together = [*limiting, *_in_force_beside(replaced, situation)]
    for name, adjustment in _given(situation):
        kind = situation.baseline.adjustments.get(adjustment.kind)
        for measure in limiting:
            against = _takes_away(measure, adjustment, kind)
            if against is not None:
                yield _conflict(f"{measure.code} {against}", name, situation)
        unusable = {*adjustment.unusable_channels, *(kind.unusable_channels if kind else ())}
        remaining = usable(left_open(together))
        if unusable and remaining and unusable.issuperset(remaining):
            ways = ", ".join(remaining)
            yield _conflict(
                f"All that these measures leave open ({ways}) the customer cannot use; this", name, situation
            )


def _in_force_beside(replaced: str | None, situation: Situation) -> list[Measure]:
    return [
        m
        for case in (situation.case, *situation.others)
        for r in case.restrictions
        if not (case is situation.case and r.id == replaced) and not r.over_on(situation.today)
        for m in r.sets[-1].measures
    ]


def _given(situation: Situation) -> Iterator[tuple[str, Adjustment]]:
    """Agreed adjustments that go on after today, each with its name; one that ends today makes way for a decision."""
    for case in (situation.case, *situation.others):
        for adjustment in case.adjustments:
            if adjustment.agreed and (adjustment.ended_on is None or situation.today < adjustment.ended_on):
                yield (adjustment.id if case is situation.case else f"{adjustment.id} of case {case.id}"), adjustment


def _takes_away(measure: Measure, adjustment: Adjustment, kind: AdjustmentNeeds | None) -> str | None:
    """What the measure does to the adjustment, in words; None when the two go together."""
    needed = dict.fromkeys((*adjustment.needs_channels, *(kind.needs_channels if kind else ())))
    closed = [c for c in needed if c not in measure.open]
    if closed:
        return f"closes {', '.join(closed)}, which"
    if kind is not None and measure.effect in kind.conflicts:
        return "limits what it gives, and so"
    return None


def _conflict(what: str, name: str, situation: Situation) -> Violation:
    asks = (
        f"{what} conflicts with {name}; choose another measure, or first agree an adjustment in its place that is "
        "equally effective."
    )
    return against_baseline(situation, "adjustments", asks, "measures")
