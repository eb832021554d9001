"""What follows once somebody acted at once about an incident, and when each part of it was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import assert_never

from domain.case import Case
from domain.case_safety import Urgent
from domain.codes import UrgentStep


def acted_at_once(case: Case) -> dict[str, date]:
    """Incidents about which something was done at once, or on which an interim restriction rests, and since when."""
    began: dict[str, date] = {}
    days = [(u.incident, taken_on) for u in case.urgent for _, _, taken_on in u.actions]
    days += [(incident, r.decided_on) for r in case.restrictions if r.interim for incident in r.incidents]
    for incident, day in days:
        began[incident] = min(day, began.get(incident, day))
    return began


def done_about(incident: str, case: Case) -> Urgent:
    """What was done about an incident outside the usual steps; nothing, where nobody did anything."""
    return next((u for u in case.urgent if u.incident == incident), Urgent(incident))


def met_on(step: UrgentStep, incident: str, case: Case) -> date | None:
    """The day on which a part of what follows was done first; None while it is owed."""
    known = done_about(incident, case)
    match step:
        case UrgentStep.SENIOR_DISCUSSION:
            return _earliest(day for _, day in known.discussions)
        case UrgentStep.ACTION_PLAN:
            return _earliest(made_on for _, made_on, *_ in known.plans)
        case UrgentStep.REVIEW:
            return _earliest([*(day for _, day in known.reviews), *_of_interim(incident, case)])
        case UrgentStep.POLICE:
            return _earliest(day for _, day in known.police)
        case UrgentStep.LEGAL_ACTION:
            return _earliest(day for _, _, day in case.legal_steps)
        case UrgentStep.SAFETY_MARKER:
            return _earliest(w.proposed_on for w in case.safety if w.incident == incident)
        case UrgentStep.END_INTERACTION:
            return _earliest(ended.ended_on for ended in case.ended)
        case _:
            assert_never(step)


def _of_interim(incident: str, case: Case) -> Iterator[date]:
    """Reviews of an interim restriction that rests on the incident."""
    for restriction in case.restrictions:
        if restriction.interim and incident in restriction.incidents:
            yield from (review.held_on for review in restriction.reviews)


def _earliest(days: Iterable[date]) -> date | None:
    return min(days, default=None)
