"""Who stands aside while the customer's own allegation is open, and what an allegation is not before it was looked at.

Baseline 9 and 12 in one place: every decision that an accused officer has to keep out of asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.codes import AllegationOutcome, StaffId
from domain.decisions.judgement import Situation, Violation, against_baseline, impossible
from domain.policy import Strength


def accused_stand_aside(
    staff: Iterable[StaffId], day: date, situation: Situation, field: str | None = None
) -> Iterator[Violation]:
    """None of these has an allegation of this customer against them that was open on that day (baseline 9)."""
    accused = dict.fromkeys(staff)
    for case in (situation.case, *situation.others):
        for allegation in case.allegations:
            if allegation.against in accused and allegation.open_on(day):
                who = "You are" if field is None else f"{allegation.against} is"
                named = allegation.id if case is situation.case else f"{allegation.id} of case {case.id}"
                asks = f"{who} accused in {named}, which is not concluded; somebody else does this until it is."
                yield against_baseline(situation, "independence", asks, field)


def actor_stands_aside(day: date, situation: Situation) -> Iterator[Violation]:
    """Whoever acts is not accused by this customer on that day (baseline 9)."""
    yield from accused_stand_aside((situation.actor,), day, situation)


def entered_by_the_accused(
    what: str, who: StaffId, on: date, recorded_on: date | None, situation: Situation
) -> Iterator[Violation]:
    """That something was done before an allegation came is not shown by an entry that the accused made afterwards.

    It stays on the record; whoever decides on it says why it stands (baseline 9), unless the allegation proved wrong.
    """
    for case in (situation.case, *situation.others):
        for allegation in case.allegations:
            if allegation.outcome is AllegationOutcome.NOT_FOUNDED or recorded_on is None:
                continue
            if allegation.against == who and on < allegation.received_on and allegation.open_on(recorded_on):
                asks = (
                    f"{what} is dated {on}, and {who} entered it on {recorded_on}, after {allegation.id} against them "
                    f"had come on {allegation.received_on}; look at how that came about, and say why it stands."
                )
                found = against_baseline(situation, "independence", asks)
                yield replace(found, rule="entered_by_the_accused", strength=Strength.SHOULD)


def allegations_were_seen(seen: Sequence[str], day: date, situation: Situation) -> Iterator[Violation]:
    """Whoever decides or reviews names each allegation that the customer had made, open or concluded (baseline 12)."""
    made = {a.id: a for a in situation.case.allegations if a.received_on <= day}
    for code in seen:
        if code not in made:
            known = ", ".join(made) or "none"
            yield impossible(
                "unknown_allegation", f"This case has no {code} by {day}; it has {known}.", "allegations_seen"
            )
    for allegation in made.values():
        if allegation.id not in seen:
            stands = f"concluded as {allegation.outcome}" if allegation.outcome is not None else "still open"
            asks = f"{allegation.id} of {allegation.received_on} is {stands}; look at it, and name it here."
            yield against_baseline(situation, "counter_allegations", asks, "allegations_seen")


def allegation_is_no_ground(allegation: str | None, situation: Situation, field: str) -> Iterator[Violation]:
    """An allegation counts against the customer only once somebody independent found it not founded (baseline 12)."""
    if allegation is None:
        return
    found = situation.case.allegation(allegation)
    if found is None:
        yield impossible("unknown_allegation", f"This case has no {allegation}.", field)
    elif found.outcome is not AllegationOutcome.NOT_FOUNDED:
        stands = "was not looked at independently yet" if found.outcome is None else f"was found {found.outcome}"
        asks = f"{allegation} {stands}; it is no ground for anything."
        yield against_baseline(situation, "counter_allegations", asks, field)


def rank_on(staff: StaffId, day: date, situation: Situation) -> int:
    """How senior somebody was on a day, by the policy's ranks; 0 where no rank is known.

    Who stands in for somebody keeps the rank of a post of their own, where they have one.
    """
    ranks = situation.policy.roles
    tenures = [t for t in situation.landlord.tenures_on(staff, day) if t.role in ranks]
    own = [t for t in tenures if not t.deputy] or tenures
    return max((ranks[t.role].rank for t in own), default=0)
