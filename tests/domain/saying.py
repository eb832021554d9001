"""What a policy says in words, and what stands in somebody's way: helpers of the tests that name clauses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.decisions import CaseCommand, Refused, decide
from domain.decisions.breaches import RecordBreach
from domain.events import RestrictionApplied
from domain.policy_words import words as lines_of
from tests.domain.world import START, Road, words
from tests.policies import policy


def told(landlord: str, today: date = START) -> list[str]:
    """A landlord's policy as it is told on a day, line by line without the indents."""
    return [line.strip() for line in lines_of(policy(landlord), today)]


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case of a test, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=number if len(values) == 1 else values[0])


def refusals(road: Road, command: CaseCommand, by: str = "case_officer") -> dict[str, str]:
    """The rules in the way of a command, each with its clause."""
    return {v.rule: v.clause for v in road.world.refused(command, by=by)}


def in_the_way_of_a_breach(road: Road, restriction: str, **contact: Any) -> set[str]:
    """Logs a contact and names the rules by which it is no breach of a restriction's first measure; none if it is.

    The contact comes a day later than what was done before, unless the test says on which day it was.
    """
    if not {"happened_on", "happened_at"} & contact.keys():
        road.world.wait(1)
    command = RecordBreach(
        contact=road.contact(**contact), restriction=restriction, measure=f"{restriction}.1", account=words()
    )
    try:
        decide(command, road.world.situation("case_officer"))
    except Refused as refusal:
        return {v.rule for v in refusal.violations}
    return set()


def due(applied: RestrictionApplied, cadence: str) -> list[str]:
    """The days on which reviews of one cadence are due, written like 09 Sep 2026."""
    return [f"{review.due_on:%d %b %Y}" for review in applied.reviews if review.cadence == cadence]
