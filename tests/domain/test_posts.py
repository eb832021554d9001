"""Posts: given by an administrator, once, from a day on; and who held which on the day is what counts."""

from __future__ import annotations

from datetime import date

import pytest

from domain.decisions import Refused, decide
from domain.decisions.landlord import AppointPost
from domain.events import PostAppointed
from tests.domain.world import World, staff

FROM = date(2026, 3, 2)


def appointing(who: str, role: str = "manager", area: str | None = None) -> AppointPost:
    """The command that gives somebody a post."""
    return AppointPost(role=role, staff=staff(who), starts_on=FROM, area=area)


def refusals(world: World, command: AppointPost, by: str) -> set[str]:
    """The rules that stand in the way of it."""
    with pytest.raises(Refused) as refusal:
        decide(command, world.situation(by))
    return {violation.rule for violation in refusal.value.violations}


def test_an_administrator_gives_a_post() -> None:
    decision = decide(appointing("staff"), World("maidstone").situation("administrator"))
    assert [type(new.fact) for new in decision.facts] == [PostAppointed]


def test_nobody_else_gives_one() -> None:
    assert refusals(World("maidstone"), appointing("staff"), "head_of_policy") == {"post_held"}


def test_a_post_that_somebody_holds_is_not_given_to_them_again() -> None:
    assert refusals(World("maidstone"), appointing("manager"), "administrator") == {"already_held"}


def test_the_same_post_for_another_area_is_another_post() -> None:
    decision = decide(appointing("manager", area="parks"), World("maidstone").situation("administrator"))
    assert len(decision.facts) == 1


def test_a_post_that_neither_policy_nor_baseline_knows_is_not_given() -> None:
    assert refusals(World("maidstone"), appointing("staff", "warden"), "administrator") == {"unknown_post"}
