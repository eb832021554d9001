"""What Notify reports becomes a fact once; what is forged, repeated, early or not ours gets a clear answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.calendar import DeliveryMethod
from domain.codes import CaseId
from domain.events import DeliveryReported, NoticeReturned
from infrastructure.http.notify_callback import EXAMPLE
from infrastructure.letters.carrier_settings import PostSettings
from tests.infrastructure.http.a_house import House
from tests.infrastructure.letters.a_released_letter import Reachable, eventually, reachable

TOKEN = "the token of derby's callbacks"
OTHER = "the token of star's callbacks"
NOTIFY = {"kind": "notify", "key_file": "/nowhere"}


@pytest.fixture(autouse=True)
def _tokens(everybody: House, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {name: {DeliveryMethod.EMAIL: name} for name in ("derby", "star")}
    secrets = {("derby", "callback_token_file"): TOKEN, ("star", "callback_token_file"): OTHER}
    settings = PostSettings(Path("/nowhere"), {"derby": NOTIFY, "star": NOTIFY}, chosen, secrets)
    monkeypatch.setattr(everybody.evenhand, "post", settings)


def told(house: House, landlord: str = "derby", token: str = TOKEN, **says: Any) -> httpx.Response:
    """Notify calls."""
    headers = {"Authorization": f"Bearer {token}"}
    return house.http.post(f"/v1/letters/notify-callback/{landlord}", json={**EXAMPLE, **says}, headers=headers)


def sent(house: House) -> tuple[Reachable, str]:
    """A letter that went, and its reference."""
    world = reachable(house)
    dispatch = str(world.released().dispatch)
    eventually(lambda: world.letter().sent_on is not None)
    return world, dispatch


def facts(house: House, world: Reachable, kind: type) -> list[Any]:
    """Facts of a kind in the case."""
    history = house.evenhand.desk(world.landlord_id).history(CaseId(world.case_id))
    return [event.fact for event in history if isinstance(event.fact, kind)]


def test_what_was_delivered_is_on_record_once_however_often_it_is_told(everybody: House) -> None:
    world, dispatch = sent(everybody)
    answers = [told(everybody, reference=dispatch, completed_at=None).json() for _ in range(3)]
    assert answers == [{"recorded": True}, {"recorded": False}, {"recorded": False}]
    assert [one.status for one in facts(everybody, world, DeliveryReported)] == ["delivered"]
    assert facts(everybody, world, NoticeReturned) == []


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure", "technical-failure"])
def test_what_could_not_be_delivered_was_not_received(everybody: House, status: str) -> None:
    world, dispatch = sent(everybody)
    assert told(everybody, reference=dispatch, status=status, completed_at=None).json() == {"recorded": True}
    assert len(facts(everybody, world, NoticeReturned)) == 1


def test_a_returned_letter_came_back(everybody: House) -> None:
    world, dispatch = sent(everybody)
    body = {
        "notification_id": str(uuid4()),
        "reference": dispatch,
        "date_sent": "2026-01-12T12:00:00.000000Z",
    }
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = everybody.http.post("/v1/letters/notify-callback/derby", json=body, headers=headers)
    assert answer.json() == {"recorded": True}
    assert [one.status for one in facts(everybody, world, DeliveryReported)] == ["returned-letter"]
    assert len(facts(everybody, world, NoticeReturned)) == 1


@pytest.mark.parametrize("absurd", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_no_calendar_holds_is_not_taken(everybody: House, absurd: str) -> None:
    world, dispatch = sent(everybody)
    assert told(everybody, reference=dispatch, completed_at=absurd).status_code == 422
    assert facts(everybody, world, DeliveryReported) == []


def test_what_is_no_end_is_taken_and_not_recorded(everybody: House) -> None:
    world, dispatch = sent(everybody)
    assert told(everybody, reference=dispatch, status="sending").json() == {"recorded": False}
    assert facts(everybody, world, DeliveryReported) == []


@pytest.mark.parametrize("reference", [None, "", "f53f5fea-493a-47a4-bc38-0bce8956bade", "not a reference of ours"])
def test_a_letter_that_is_not_ours_is_not_found(everybody: House, reference: str | None) -> None:
    assert told(everybody, reference=reference).status_code == 404


def test_a_forged_call_changes_nothing_and_learns_nothing(everybody: House) -> None:
    world, dispatch = sent(everybody)
    for token in ("guess", OTHER, f"{TOKEN}x"):
        assert told(everybody, token=token, reference=dispatch).status_code == 401
    assert everybody.http.post("/v1/letters/notify-callback/derby", json=EXAMPLE).status_code == 401
    wrong, unknown = (told(everybody, landlord, "guess") for landlord in ("derby", "nobody"))
    assert wrong.content == unknown.content
    assert facts(everybody, world, DeliveryReported) == []


def test_a_neighbours_token_opens_no_letter_of_ours(everybody: House) -> None:
    world, dispatch = sent(everybody)
    assert told(everybody, "star", OTHER, reference=dispatch).status_code == 404
    assert facts(everybody, world, DeliveryReported) == []


def test_a_report_before_the_letter_is_on_record_as_sent_is_asked_for_again(everybody: House) -> None:
    world = reachable(everybody)
    dispatch = str(world.released("by_hand").dispatch)
    eventually(lambda: world.letter().stuck)
    answer = told(everybody, reference=dispatch)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"


def test_what_is_no_report_is_refused_without_repeating_it(everybody: House) -> None:
    answer = told(everybody, reference=["zoe@example.org"])
    assert answer.status_code == 422
    assert "zoe@" not in answer.text
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    assert everybody.http.post("/v1/letters/notify-callback/derby", content=b"{", headers=headers).status_code == 400
