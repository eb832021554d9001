"""Measures against adjustments: what would take an agreed adjustment away is refused (baseline 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.case_parts import Adjustment
from domain.conflicts import adjusted, takes_away
from domain.decisions.judgement import Situation, Violation, against_baseline
from domain.events import Measure
from domain.measures import left_open, usable


def adjustments_are_kept(
    measures: Sequence[Measure], replaced: str | None, situation: Situation
) -> Iterator[Violation]:
    """None of these measures, with those in force, takes away an adjustment that was agreed with this customer.

    `replaced` is the restriction whose measures these would replace. Adjustments outlive cases, so those of the
    customer's other cases count as well; what several of them say the customer cannot use counts together.
    """
    kinds = situation.baseline.adjustments
    limiting = [m for m in measures if m.limits_contact]
    together = [*limiting, *_in_force_beside(replaced, situation)]
    given = list(_given(situation))
    for name, adjustment in given:
        for measure in limiting:
            against = takes_away(measure, adjusted((adjustment,), kinds))
            if against is not None:
                yield _conflict(f"{measure.code} {against}", name, situation)
    if adjusted((adjustment for _, adjustment in given), kinds).shut_out(together):
        names = [name for name, adjustment in given if adjusted((adjustment,), kinds).unusable]
        ways = ", ".join(usable(left_open(together)))
        what = f"All that these measures leave open ({ways}) the customer cannot use; this"
        yield _conflict(what, " and ".join(names), situation)


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


def _conflict(what: str, name: str, situation: Situation) -> Violation:
    asks = (
        f"{what} conflicts with {name}; choose another measure, or first agree an adjustment in its place that is "
        "equally effective."
    )
    return against_baseline(situation, "adjustments", asks, "measures")
