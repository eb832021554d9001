"""A receiver of webhooks takes what its sender signed, once, and says what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from infrastructure.client import Batch, Follower, SqliteStore
from infrastructure.client.webhooks import Receiver
from tests.infrastructure.client.a_service import ADouble, an_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture
def told() -> list[Batch]:
    """What was handed on."""
    return []


@pytest.fixture
def receiver(told: list[Batch], tmp_path: Path) -> Iterator[Receiver]:
    """Somebody who knows the new secret and the old one."""
    store = SqliteStore(tmp_path / "place.db")
    yield Receiver(lambda: [SECRET, OLD], Follower(ADouble().service(), store, told.append, states=False))
    store.close()


def call(event: object, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """A call as the sender makes it, now."""
    body = json.dumps(event).encode()
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("message", now, body.decode())
    headers = {"Webhook-Id": "message", "Webhook-Timestamp": str(int(now.timestamp())), "Webhook-Signature": signature}
    return headers, body


def test_a_signed_event_is_handed_on_once(receiver: Receiver, told: list[Batch]) -> None:
    for version in (1, 1, 2, 1):
        assert receiver.take(*call(an_event("a", version))) == 204
    assert [event.version for batch in told for event in batch.events] == [1, 2]


def test_while_a_secret_is_replaced_both_are_good(receiver: Receiver) -> None:
    assert receiver.take(*call(an_event("a", 1), OLD)) == 204


def test_what_another_signed_or_somebody_altered_is_not_taken(receiver: Receiver, told: list[Batch]) -> None:
    assert receiver.take(*call(an_event("a", 1), "whsec_" + "A" * 32)) == 401
    headers, body = call(an_event("a", 1))
    assert receiver.take(headers, body.replace(b'"a"', b'"b"')) == 401
    assert receiver.take({}, body) == 401
    assert receiver.take(headers | {"Webhook-Timestamp": "1"}, body) == 401
    assert told == []


def test_a_test_call_is_taken_and_what_is_no_event_is_not(receiver: Receiver, told: list[Batch]) -> None:
    assert receiver.take(*call({"type": "evenhand.test"})) == 204
    assert receiver.take(*call({"type": "evenhand.restriction-lifted"})) == 400
    assert receiver.take(*call(["nothing"])) == 400
    assert told == []


def test_told_to_start_over_it_reads_a_snapshot_and_goes_on_with_what_comes(tmp_path: Path) -> None:
    double, told = ADouble(), list[Batch]()
    for case in "abcab":
        double.happens(case)
    store = SqliteStore(tmp_path / "state.db")
    receiver = Receiver(lambda: [SECRET], Follower(double.service(), store, told.append))
    assert receiver.take(*call(double.events[-1])) == 204  # the snapshot that it begins with has this in it
    assert [event for batch in told for event in batch.events] == []
    told.clear()

    for _ in range(2):
        assert receiver.take(*call({"type": "evenhand.start-over", "data": {}})) == 204
    assert {case for batch in told for case in batch.states} == {"a", "b", "c"}
    assert receiver.take(*call(double.happens("a"))) == 204
    assert [event.version for batch in told for event in batch.events] == [3]
    assert store.place().round == 2
    store.close()


def test_only_its_own_sender_is_welcome(receiver: Receiver) -> None:
    asked = {"WebHook-Request-Origin": "evenhand.example"}
    assert receiver.allowed(asked, "evenhand.example")["WebHook-Allowed-Origin"] == "evenhand.example"
    assert receiver.allowed(asked, "other.example") == {}
