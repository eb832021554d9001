"""Webhooks as an administrator registers and looks after them, over HTTP."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from infrastructure.http.webhooks import CALLING
from tests.infrastructure.downstream.webhooks.a_post import Post, eventually
from tests.infrastructure.downstream.webhooks.a_receiver import Receiver, a_receiver
from tests.infrastructure.http.a_house import Caller

WHY = {"why": "A test asked for it."}


@pytest.fixture
def administrator(post: Post) -> Caller:
    """Who may do so."""
    return post.house.caller("derby", "administrator", frozenset({"administer"}))


def register(post: Post, administrator: Caller, receiver: Receiver | str, **said: Any) -> httpx.Response:
    """The answer to a registration."""
    url = receiver if isinstance(receiver, str) else receiver.address
    body = {"subscriber": said.pop("subscriber", None) or post.subscriber(), "url": url, **WHY, **said}
    return administrator.post("/v1/webhooks", body)


def made(response: httpx.Response) -> dict[str, Any]:
    """What was registered."""
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    answer: dict[str, Any] = response.json()
    return answer


def test_a_receiver_that_agrees_is_registered_and_told_from_then_on(post: Post, administrator: Caller) -> None:
    with a_receiver() as receiver:
        answer = made(register(post, administrator, receiver, types=["incident-recorded"]))
        (asked,) = receiver.came
        assert (asked.method, asked.headers["webhook-request-origin"]) == ("OPTIONS", "evenhand")
        webhook = answer["webhook"]
        assert (webhook["state"], webhook["types"]) == ("active", ["incident-recorded"])
        assert answer["secret"].startswith("whsec_")
        with post.worker():
            case = post.case("ContactLogged", "IncidentRecorded")
            eventually(lambda: receiver.versions() == {case: [3]})
        assert receiver.took[0].verified(answer["secret"])["type"] == "evenhand.incident-recorded"


@pytest.mark.parametrize(
    ("allows", "status"), [(None, 409), ("other.example", 409), ("evenhand", 201), ("EVENHAND", 201), ("*", 201)]
)
def test_only_the_header_of_the_handshake_is_consent(
    post: Post, administrator: Caller, allows: str | None, status: int
) -> None:
    with a_receiver() as receiver:
        receiver.allows = allows
        answer = register(post, administrator, receiver)
        assert answer.status_code == status, answer.text
        if status == 409:
            assert answer.json()["type"] == "/problems/webhook-not-agreed"
            assert answer.json()["outcome"] == "not_allowed"
            assert administrator.get("/v1/webhooks").json()["webhooks"] == []


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [((302, {"Location": "http://169.254.169.254/"}), "not_allowed"), ("close", "broken_answer")],
)
def test_a_redirect_or_a_broken_answer_is_no_consent(
    post: Post, administrator: Caller, trouble: Any, outcome: str
) -> None:
    with a_receiver(troubled=lambda _: trouble) as receiver:
        answer = register(post, administrator, receiver)
        assert (answer.status_code, answer.json()["outcome"]) == (409, outcome)


def test_where_the_handshake_is_not_known_a_test_call_that_is_taken_confirms(post: Post, administrator: Caller) -> None:
    with a_receiver(troubled=lambda call: 405 if call.method == "OPTIONS" else 503) as receiver, post.worker():
        assert register(post, administrator, receiver).status_code == 409
        answer = made(register(post, administrator, receiver, validation="test-call"))
        place = f"/v1/webhooks/{answer['webhook']['endpoint']}"
        assert answer["webhook"]["state"] == "unconfirmed"
        refused = administrator.post(f"{place}/resume", WHY)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-not-now")
        tried = administrator.post(f"{place}/test", WHY).json()
        assert (tried["outcome"], tried["status"], tried["state"]) == ("status", 503, "unconfirmed")
        receiver.troubled = lambda _: None
        tried = administrator.post(f"{place}/test", WHY).json()
        assert (tried["outcome"], tried["state"]) == ("taken", "active")
        (test,) = receiver.took
        assert test.verified(answer["secret"])["type"] == "evenhand.test"
        assert test.event["id"] == tried["event"]
        case = post.case()
        eventually(lambda: case in receiver.versions())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://user:secret@hooks.example/"}, "url"),
        ({"url": ""}, "url"),
        ({"types": ["no-such-event"]}, "types"),
        ({"types": []}, "types"),
        ({"schemas": {"incident-recorded": 99}}, "schemas"),
        ({"schemas": {"no-such-event": 1}}, "schemas"),
        ({"signature": "v2"}, "signature"),
        ({"validation": "none"}, "validation"),
        ({"begins": "soon"}, "begins"),
        ({"why": ""}, "why"),
        ({"secret": "whsec_AAAA"}, "secret"),
    ],
)
def test_what_is_not_in_its_shape_is_named_and_nothing_is_called(
    post: Post, administrator: Caller, said: dict[str, Any], field: str
) -> None:
    with a_receiver() as receiver:
        body = {"subscriber": post.subscriber(), "url": receiver.address, **WHY, **said}
        answer = administrator.post("/v1/webhooks", body)
        assert answer.status_code == 422, answer.text
        assert {error["field"] for error in answer.json()["errors"]} == {field}
        assert "user:secret" not in answer.text
        assert receiver.came == []


def test_nobody_is_registered_who_follows_no_more_or_never_did(post: Post, administrator: Caller) -> None:
    ended = post.subscriber()
    post.end_subscriber(ended)
    with a_receiver() as receiver:
        for code in (ended, "nobody"):
            answer = register(post, administrator, receiver, subscriber=code)
            assert answer.status_code == 409
            assert answer.json()["violations"][0]["rule"] == "unknown_subscriber"
        assert receiver.came == []


def test_a_secret_is_shown_once_and_lies_sealed(post: Post, administrator: Caller) -> None:
    with a_receiver() as receiver:
        answer = made(register(post, administrator, receiver))
        name = answer["webhook"]["endpoint"]
        rotated = administrator.post(f"/v1/webhooks/{name}/rotate", {**WHY, "old_lives_hours": 1}).json()
        assert rotated["secret"] not in ("", answer["secret"])
        asymmetric = administrator.post(f"/v1/webhooks/{name}/rotate", {**WHY, "signature": "v1a"}).json()
        assert asymmetric["secret"].startswith("whpk_")
        shown = "".join(administrator.get(f"/v1/webhooks{part}").text for part in ("", f"/{name}", f"/{name}/history"))
        secrets = [answer["secret"], rotated["secret"], asymmetric["secret"]]
        assert not any(secret in shown for secret in secrets)
        with psycopg.connect(post.office.recorder.server.dsn, autocommit=True) as conn:
            rows = conn.execute("SELECT scheme, sealed FROM landlord_derby.webhook_secret ORDER BY number").fetchall()
        assert [scheme for scheme, _ in rows[-3:]] == ["v1", "v1", "v1a"]
        keys = [one.secret for one in post.office.webhooks.secrets(name)]
        assert not any(key.key in sealed for key in keys for _, sealed in rows)


def test_a_new_secret_changes_nothing_about_since_when_an_endpoint_is_disabled(
    post: Post, administrator: Caller
) -> None:
    endpoint, _ = post.endpoint("https://hooks.invalid/")
    post.office.webhooks.disable(endpoint.endpoint, "failing", "service", None)
    (before,) = post.office.webhooks.open_tasks(post.clock())
    answer = administrator.post(f"/v1/webhooks/{endpoint.endpoint}/rotate", {**WHY, "old_lives_hours": 1})
    history = administrator.get(f"/v1/webhooks/{endpoint.endpoint}/history").json()
    assert post.office.webhooks.open_tasks(post.clock()) == [before]
    until = datetime.fromisoformat(history["acts"][0]["detail"]["old_until"])
    assert datetime.fromisoformat(answer.json()["old_until"]) == until


def test_everything_that_is_done_is_on_record_with_who_and_why(post: Post, administrator: Caller) -> None:
    with a_receiver() as receiver:
        name = made(register(post, administrator, receiver))["webhook"]["endpoint"]
        for act in ("test", "rotate", "disable", "resume", "start-over", "delete"):
            answer = administrator.post(f"/v1/webhooks/{name}/{act}", {"why": f"For {act}."})
            assert answer.status_code == 200, answer.text
        assert administrator.get(f"/v1/webhooks/{name}").status_code == 404
        assert administrator.post(f"/v1/webhooks/{name}/resume", WHY).status_code == 404
        history = administrator.get(f"/v1/webhooks/{name}/history").json()
        done = ["deleted", "started_over", "resumed", "disabled", "rotated", "tested", "registered"]
        assert [act["act"] for act in history["acts"]] == done
        who = post.house.staff("derby", "administrator")
        assert {act["actor"] for act in history["acts"]} == {who}
        assert history["acts"][0]["why"] == "For delete."
        page = administrator.get(f"/v1/webhooks/{name}/history", limit=3).json()
        assert [act["act"] for act in page["acts"]] == done[:3]
        assert [act["act"] for act in administrator.get(page["next"]).json()["acts"]][:1] == ["disabled"]


def test_what_was_tried_is_listed_and_never_what_was_said(post: Post, administrator: Caller) -> None:
    with a_receiver(troubled=lambda call: 500 if call.method == "POST" else None) as receiver, post.worker():
        name = made(register(post, administrator, receiver))["webhook"]["endpoint"]
        case = post.case()
        eventually(lambda: administrator.get(f"/v1/webhooks/{name}/deliveries").json()["deliveries"])
        listed = administrator.get(f"/v1/webhooks/{name}/deliveries")
        (tried,) = listed.json()["deliveries"]
        assert (tried["case"], tried["outcome"], tried["status"], tried["tries"]) == (case, "status", 500, 1)
        assert "zoe@example.org" not in listed.text
        shown = administrator.get(f"/v1/webhooks/{name}").json()
        assert (shown["webhook"]["behind"], shown["webhook"]["parked"]) == (1, 0)
        assert [one["case"] for one in shown["cases"]] == [case]
        assert shown["webhook"]["failing_since"] is not None


def test_receivers_that_hang_hold_no_threads_of_those_who_decide(post: Post, administrator: Caller) -> None:
    held = [CALLING.acquire(blocking=False) for _ in range(4)]
    try:
        with a_receiver() as receiver:
            busy = register(post, administrator, receiver)
            assert (busy.status_code, busy.json()["type"]) == (409, "/problems/webhook-not-now")
            assert receiver.came == []
    finally:
        for one in held:
            assert one
            CALLING.release()
    with a_receiver() as receiver:
        made(register(post, administrator, receiver))


def test_a_disabled_endpoint_is_told_nothing_until_it_is_resumed(post: Post, administrator: Caller) -> None:
    with a_receiver() as receiver, a_receiver() as other, post.worker():
        name = made(register(post, administrator, receiver))["webhook"]["endpoint"]
        second, _ = post.endpoint(other)
        assert administrator.post(f"/v1/webhooks/{name}/disable", WHY).json()["because"] == "by_hand"
        case = post.case("ContactLogged")
        eventually(lambda: post.told_of(second))
        assert receiver.took == []
        assert post.office.webhooks.open_tasks(post.clock()) == []
        assert administrator.post(f"/v1/webhooks/{name}/resume", WHY).json()["state"] == "active"
        eventually(lambda: receiver.versions() == {case: [1, 2]})


@pytest.mark.parametrize("scopes", [frozenset({"follow"}), frozenset({"operate", "read", "decide", "record"})])
def test_webhooks_are_for_administrators(post: Post, scopes: frozenset[str]) -> None:
    caller = post.house.caller("derby", "officer", scopes)
    assert caller.get("/v1/webhooks").status_code == 403
    assert caller.post("/v1/webhooks", {}).status_code == 403


def test_an_endpoint_of_a_neighbours_is_nobodys(post: Post, administrator: Caller) -> None:
    with a_receiver() as receiver:
        name = made(register(post, administrator, receiver))["webhook"]["endpoint"]
    neighbour = post.house.caller("maidstone", "administrator", frozenset({"administer"}))
    assert neighbour.get("/v1/webhooks").json()["webhooks"] == []
    for theirs in (name, str(uuid4()), name.upper(), "x"):
        for act in ("rotate", "test", "disable", "resume", "start-over", "delete"):
            answer = neighbour.post(f"/v1/webhooks/{theirs}/{act}", WHY)
            assert answer.status_code == 404, answer.text
        for part in ("", "/deliveries", "/history", "/history?before=1"):
            assert neighbour.get(f"/v1/webhooks/{theirs}{part}").status_code == 404
    assert json.loads(administrator.get(f"/v1/webhooks/{name}").text)["webhook"]["state"] == "active"
