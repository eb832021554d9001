"""A signature stands under the letter that was signed, and under no other."""

from __future__ import annotations

from typing import Any

from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind
from domain.decisions.notices import SendNotice, SignNotice
from tests.domain.world import Road


def letter(road: Road, kind: NoticeKind, about: str, **changes: Any) -> SendNotice:
    """A complete letter of a kind."""
    fields: dict[str, Any] = {
        "kind": kind,
        "about": about,
        "method": DeliveryMethod.BY_HAND,
        "contents": road.contents(kind),
    }
    return SendNotice(**{**fields, **changes})


def signed(road: Road) -> tuple[str, str]:
    """A restriction that nobody was told of yet, and its decision letter, signed."""
    restriction = road.restricted(told=False)
    road.world.do(SignNotice(kind=NoticeKind.DECISION, about=restriction), by=road.decider())
    return restriction, road.world.case.notices[-1].id


def test_a_colleague_sends_what_somebody_entitled_has_signed() -> None:
    road = Road("star")
    restriction, notice = signed(road)
    road.world.do(letter(road, NoticeKind.DECISION, restriction, notice=notice), by="staff")
    assert road.world.case.notice(notice) is not None
    assert road.world.case.received_on(restriction, NoticeKind.DECISION) == road.world.today


def test_a_letter_that_was_never_signed_is_not_sent_as_if_it_were() -> None:
    road = Road("star")
    restriction, _ = signed(road)
    command = letter(road, NoticeKind.DECISION, restriction, notice="notice-99")
    assert road.world.rules(command, by="staff") == {"unknown_notice", "signatory"}


def test_a_signature_does_not_go_under_another_letter() -> None:
    road = Road("star")
    _, notice = signed(road)
    warning = road.world.case.warnings[-1].id
    command = letter(road, NoticeKind.WARNING, warning, notice=notice)
    assert road.world.rules(command, by="staff") == {"unknown_notice"}


def test_a_letter_that_arrived_is_not_sent_over_again_under_its_own_name() -> None:
    road = Road("star")
    restriction, notice = signed(road)
    command = letter(road, NoticeKind.DECISION, restriction, notice=notice)
    road.world.do(command, by="staff")
    road.world.wait(30)
    assert road.world.rules(command, by="staff") == {"sent_before"}
