"""Was the policy followed? Any history looked back at, live or imported, clause by clause.

Each step is judged by the very rules that its command is judged by; what was owed afterwards is looked at on a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from domain.baseline import Baseline
from domain.case import Case
from domain.compliance.findings import SHORT, Compliance, Finding, Verdict
from domain.compliance.imported import as_imported
from domain.compliance.owed import Events, Look, owed_on_restrictions
from domain.compliance.owed_disclosures import owed_on_disclosures
from domain.compliance.owed_in_force import owed_in_force, owed_on_safety
from domain.compliance.owed_to_customer import owed_to_the_customer
from domain.compliance.replay import Beside, LandlordAt, PolicyOf, nothing_beside, replay
from domain.events import Event, PolicyRef
from domain.policy import Policy

__all__ = ["SHORT", "Beside", "Compliance", "Finding", "LandlordAt", "PolicyOf", "Verdict", "compliance"]


def compliance(
    history: Sequence[Event],
    landlord_at: LandlordAt,
    policy_of: PolicyOf,
    baseline: Baseline,
    today: date,
    *,
    beside: Beside = nothing_beside,
) -> Compliance:
    """What a history shows of each clause, as of a London day; raises nothing, however the history contradicts itself.

    `policy_of` gives the policy that a fact was decided under, or None when it is not at hand. `landlord_at` gives the
    landlord as it was known at a position of the log: nothing entered afterwards cures or spoils what was done.
    `beside` gives the customer's other cases likewise, as they were known before an instant.
    """
    case, findings = replay(history, landlord_at, policy_of, baseline, beside)
    findings += _owed(case, history, policy_of, baseline, today)
    stream, version = (history[-1].stream, history[-1].version) if history else ("", 0)
    return Compliance(case=stream, version=version, on=today, findings=tuple(dict.fromkeys(findings)))


def _owed(
    case: Case, history: Sequence[Event], policy_of: PolicyOf, baseline: Baseline, today: date
) -> Iterator[Finding]:
    """What was owed once steps were taken: each part under the policy that it was decided under."""
    events = Events(history)
    for restriction in case.restrictions:
        policy = policy_of(restriction.policy)
        if policy is None:
            continue
        look = Look(case, history, events, policy, baseline, today)
        if restriction.imported_from is not None:
            yield from as_imported(look, restriction)
        yield from owed_on_restrictions(look, restriction)
    latest = _latest(history, policy_of)
    if latest is not None:
        look = Look(case, history, events, latest, baseline, today)
        yield from owed_to_the_customer(look)
        yield from owed_in_force(look)
        yield from owed_on_safety(look)
        yield from owed_on_disclosures(look)


def _latest(history: Sequence[Event], policy_of: PolicyOf) -> Policy | None:
    refs: list[PolicyRef] = [event.policy for event in history if event.policy is not None]
    return next((policy for ref in reversed(refs) if (policy := policy_of(ref)) is not None), None)
