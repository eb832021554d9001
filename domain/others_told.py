"""Who else a policy wants told of every restriction: alerts on other systems, colleagues, partners.

A case knows whom it told; whom it should have told is the policy's to say, and so worked out when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.baseline import Baseline
from domain.calendar import last_day
from domain.case import Case
from domain.obligation import Duty, Obligation
from domain.policy import Alert, Audience, Policy, Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A restriction that is not over on record, and who or what is told or marked of it so far.

    `of_register` says that an earlier register told of it, and so perhaps not of everything that was done.
    """

    restriction: str
    decided_on: date
    last_on: date
    interim: bool
    of_register: bool
    told: tuple[str, ...]  # keys such as "alert:housing_system"


def tellings(case: Case) -> Iterator[Telling]:
    """What is to be asked of each restriction that nobody ended yet."""
    for restriction in case.restrictions:
        if restriction.end_kind is None:
            yield Telling(
                restriction=restriction.id,
                decided_on=restriction.decided_on,
                last_on=restriction.last_day(),
                interim=restriction.interim,
                of_register=restriction.imported_from is not None,
                told=tuple(told.key for told in restriction.others_told),
            )


def wanted_of_all(policy: Policy) -> Iterator[tuple[str, Alert | Audience]]:
    """The keys of alerts and audiences that the policy wants for every restriction; not those that it only allows."""
    for code, alert in policy.alerts.items():
        if alert.strength is not Strength.MAY and not alert.of_safety:
            yield f"alert:{code}", alert
    for code, audience in policy.audiences.items():
        if audience.strength is not Strength.MAY:
            keys = [f"partner:{partner}" for partner in audience.partners] or [f"audience:{code}"]
            yield from ((key, audience) for key in keys)


def to_tell(telling: Telling, policy: Policy, baseline: Baseline) -> Iterator[Obligation]:
    """What is still owed of a restriction; nobody is at work on the night of an interim one, so that has a day more.

    Of one from an earlier register nobody knows by when it was owed.
    """
    since = telling.decided_on
    due: date | None = since
    if telling.interim:
        due = last_day(since, baseline.interim_reviewed.period, policy.nation)
    if telling.of_register:
        due = None
    for key, value in wanted_of_all(policy):
        if key not in telling.told:
            yield Obligation(
                duty=Duty.INFORM,
                about=telling.restriction,
                detail=key,
                from_on=since,
                due_on=due,
                until_on=telling.last_on,
                clause=value.cited,
            )
