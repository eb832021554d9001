"""What a policy says in words, and what stands in the way of holding one contact against somebody."""

from __future__ import annotations

from typing import Any

from domain.decisions import Refused, decide
from domain.decisions.breaches import RecordBreach
from domain.policy_words import words as lines_of
from tests.domain.world import START, Road, words
from tests.policies import policy


def told(landlord: str) -> list[str]:
    """A landlord's policy as it is told on the first day of the tests, line by line without the indents."""
    return [line.strip() for line in lines_of(policy(landlord), START)]


def in_the_way_of_a_breach(road: Road, restriction: str, **contact: Any) -> set[str]:
    """Logs a contact and names the rules by which it is no breach of a restriction's first measure; none if it is."""
    command = RecordBreach(
        contact=road.contact(**contact), restriction=restriction, measure=f"{restriction}.1", account=words()
    )
    try:
        decide(command, road.world.situation("case_officer"))
    except Refused as refusal:
        return {v.rule for v in refusal.violations}
    return set()
