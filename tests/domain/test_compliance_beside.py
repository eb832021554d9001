"""Looking back on a case whose rules asked of the customer's other cases: those are seen as they were known then."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import events as e
from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.codes import SubjectId
from domain.compliance import Compliance, Verdict, compliance
from domain.decisions.safe_contact import InstructSafeContact
from tests.domain.world import PERSON, Road, World, words


def an_earlier_case_that_asks_for_email() -> World:
    """The customer's first case, in which they asked to be written to by e-mail only."""
    road = Road("derby").opened()
    road.world.do(InstructSafeContact(methods=(DeliveryMethod.EMAIL,), words=words()))
    return road.world


def letters_by_hand() -> World:
    """A later case of theirs, in which letters were handed over."""
    road = Road("derby")
    road.restricted()
    assert {letter.method for letter in road.world.facts(e.NoticeSent)} == {DeliveryMethod.BY_HAND}
    return road.world


def looked_back(world: World, *others: Case, since: datetime | None = None) -> Compliance:
    """What is found of the case, with these beside it from an instant on."""

    def beside(whose: tuple[SubjectId, ...], before: datetime) -> tuple[Case, ...]:
        assert whose == (PERSON,)
        return others if since is None or since < before else ()

    return compliance(
        world.history,
        lambda _: world.landlord,
        lambda _: world.policy,
        world.baseline.baseline,
        world.today,
        beside=beside,
    )


def unsafe(found: Compliance) -> list[Verdict]:
    return [finding.verdict for finding in found.findings if finding.rule == "safe_contact"]


def test_a_letter_against_what_the_customer_asked_for_in_another_case_is_found() -> None:
    world, earlier = letters_by_hand(), an_earlier_case_that_asks_for_email().case

    assert unsafe(looked_back(world)) == []
    assert unsafe(looked_back(world, earlier)) == [Verdict.NOT_MET] * len(world.facts(e.NoticeSent))


def test_what_was_taken_down_there_afterwards_spoils_nothing() -> None:
    world, earlier = letters_by_hand(), an_earlier_case_that_asks_for_email().case
    later = world.now + timedelta(days=1)

    assert unsafe(looked_back(world, earlier, since=later)) == []
