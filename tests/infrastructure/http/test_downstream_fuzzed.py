"""Whatever is asked of the routes for systems outside: an answer that is documented, and nothing of a neighbour's.

The routes and their parameters come from the OpenAPI document, so that a new one is tried as soon as it is there.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import Topic
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.feed import CURSOR
from tests.golden.make_openapi import document
from tests.infrastructure.http.a_house import SECRET, Caller, House
from tests.infrastructure.http.a_subscriber import subscribe

PREFIXES = ("feed", "snapshot", "references", "receipts", "subscribers", "webhooks", "disclosures", "schemas")
EXAMPLES_EACH = 25  # of each route; hundreds were tried by hand
PARTNERS = [Topic.RESTRICTIONS, Topic.SAFETY, Topic.DISCLOSURES]
ROUTES = sorted(
    (path, method)
    for path, methods in document()["paths"].items()
    for method in methods
    if path.startswith(tuple(f"/v1/{prefix}" for prefix in PREFIXES)) or path.endswith("/known-by")
)
# Nothing outside of this machine is ever called.
ADDRESSES = [
    *("https://127.0.0.1:9/in", "https://localhost:9/", "http://[::1]:9", "https://169.254.169.254/latest"),
    *("ftp://127.0.0.1", "https://a:b@127.0.0.1/", "https://", "/in", "https://127.1:9", "https://0x7f000001:9"),
]


@dataclass(frozen=True)
class Known:
    """What somebody might have heard of: cursors, ids and names, their own and others'."""

    callers: dict[str, Caller]
    words: tuple[str, ...]
    foreign: tuple[str, ...]  # what must never be told to anybody of Maidstone's, not even by repeating a question


@pytest.fixture(scope="module")
def known(house: House) -> Known:
    """Maidstone's systems, a partner of Maidstone's, and what Derby has."""
    theirs = house.caller("derby").contact(reference=f"D-{uuid4().hex}")
    ours = house.caller("maidstone").contact(reference=f"M-{uuid4().hex}")
    name = uuid4().hex[:8]
    foreign_system = subscribe(house, "derby", f"system_{name}", references=True)
    system = subscribe(house, "maidstone", f"system_{name}", references=True)
    telephony = subscribe(house, "maidstone", f"telephony_{name}", topics=["restrictions", "safety"])
    partner = subscribe(
        house, "maidstone", f"partner_{name}", kind="partner", partner="council_next_door", topics=PARTNERS
    )
    cursors = [
        caller.get("/v1/feed", limit=2, **filters).headers[CURSOR]
        for caller in (system, telephony, partner, foreign_system)
        for filters in ({}, {"type": "case-opened"}, {"shard": "1/3"})
    ]
    return Known(
        callers={
            "system": system,
            "telephony": telephony,
            "partner": partner,
            "colleague": house.caller("maidstone"),
            "nobody": house.caller("maidstone", f"nobody_{name}", frozenset({"follow"})),
        },
        words=(
            *cursors,
            *(theirs["case"], theirs["person"], ours["case"], ours["person"]),
            *(f"system_{name}", f"partner_{name}", "council_next_door"),
            *("case-opened", "restriction-applied", "state-changed", "unreadable", "evenhand.case-opened"),
            *("urn:evenhand:schema:case-opened:1", "urn:evenhand:schema:case-opened:2", "urn:evenhand:schema:x:1"),
            *("0/1", "1/3", "3/3", "-1/2", "0/0", "9999/9999", "0/1025", "\u0660/1", "1/2/3", "/"),
            *("0", "1", "500", "2001", "-1", "1e3", "0x10", "9" * 30, "2026-03-02", "1812-01-01", "true", "null", ""),
            *("restriction-1", "disclosure-1", "endpoint-1"),
            *(SECRET, SECRET, f"urn:evenhand:schema:{SECRET}:1", SECRET.split()[1].lower()),
        ),
        foreign=(theirs["case"], theirs["person"], *SECRET.split()),
    )


def spoilt(known: Known) -> st.SearchStrategy[str]:
    """Something known, something of it changed, or anything at all."""
    one = st.sampled_from(known.words)
    flipped = st.tuples(one, st.integers(0, 200), st.characters(codec="utf-8")).map(_flipped)
    cut = st.tuples(one, st.integers(0, 80)).map(lambda told: told[0][: told[1]])
    made_up = st.binary(max_size=90).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
    anything = st.text(st.characters(codec="utf-8"), max_size=140)
    return st.one_of(one, one, flipped, cut, made_up, anything)


def _flipped(told: tuple[str, int, str]) -> str:
    word, place, letter = told
    place %= len(word) + 1
    return word[:place] + letter + word[place + 1 :]


def values(known: Known) -> st.SearchStrategy[Any]:
    """Any JSON, of which much is nearly right."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
        spoilt(known), st.sampled_from(ADDRESSES), st.sampled_from(list(Topic)),
    )  # fmt: skip
    names = st.one_of(st.sampled_from(["on", "count", "hash", "url", "kind", "subscriber"]), st.text(max_size=5))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
        max_leaves=6,
    )


def asked(data: st.DataObject, known: Known, path: str, operation: dict[str, Any]) -> httpx.Request:
    """A request of this route, with parameters that are there or not, right or wrong."""
    caller = known.callers[data.draw(st.sampled_from(sorted(known.callers)))]
    word = spoilt(known)
    query: list[tuple[str, str | int | float | bool | None]] = []
    headers: dict[bytes, bytes] = {name.encode(): value.encode() for name, value in caller.headers.items()}
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", httpx.URL("/", params={"x": data.draw(word)}).query.decode()[2:])
        elif parameter["in"] == "query":
            given = [data.draw(word) for _ in range(data.draw(st.sampled_from([0, 0, 1, 1, 2])))]
            # Waiting is tried elsewhere.
            query += [(name, "0" if name == "wait" and one.strip().isdigit() else one) for one in given]
        elif data.draw(st.booleans()):
            headers[name.encode()] = data.draw(word).encode().translate(None, b"\r\n\0")
    if data.draw(st.integers(0, 9)) == 0:
        query.append((data.draw(st.text(min_size=1, max_size=8)), data.draw(word)))
    url = httpx.URL(path, params=query)
    if data.draw(st.integers(0, 9)) == 0:  # what is no UTF-8 at all
        url = url.copy_with(query=url.query + b"&type=%ff%c3%28")
    body = None
    if "requestBody" in operation:
        body = data.draw(bodies(known, path, operation))
        headers[b"Content-Type"] = b"application/json"
    http = caller.house.http
    # A read that does not end is no answer: the house's own time limit counts.
    return http.build_request("GET", url, headers=headers, content=body)


def bodies(known: Known, path: str, operation: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """The example of a body with some of its fields left out or spoilt; now and then anything else."""
    [content] = operation["requestBody"]["content"].values()
    example = content.get("example") or EXAMPLES.get(path.rpartition("/")[2], {})

    def spoil(changes: dict[str, Any]) -> bytes:
        body = {name: item for name, item in {**example, **changes}.items() if item != "(left out)"}
        if "url" in body and body["url"] not in ADDRESSES:
            body["url"] = ADDRESSES[0]
        return json.dumps(body).encode()

    fields = st.sampled_from([*example, "mood"])
    changes = st.dictionaries(fields, st.one_of(values(known), st.just("(left out)")), max_size=3)
    whole = st.one_of(st.none(), st.booleans(), st.lists(st.integers(), max_size=2), st.text(max_size=20))
    return st.one_of(changes.map(spoil), changes.map(spoil), whole.map(lambda v: json.dumps(v).encode()),
                     st.binary(max_size=20))  # fmt: skip


@pytest.mark.parametrize(("path", "method"), ROUTES, ids=[f"{method.upper()} {path}" for path, method in ROUTES])
def test_whatever_is_asked_gets_a_documented_answer_with_nothing_of_a_neighbours(
    house: House, known: Known, path: str, method: str
) -> None:
    operation = document()["paths"][path][method]
    documented = {int(status) for status in operation["responses"]} - {500, 503}

    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.data())
    def whatever_is_asked(data: st.DataObject) -> None:
        request = asked(data, known, path, operation)
        request.method = method.upper()
        answer = house.http.send(request)
        # A path that is another route's is that route's to answer.
        assert answer.status_code in documented | {404, 405}, answer.text
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"].startswith("/problems/")
        told = answer.text
        assert not any(secret.lower() in told.lower() for secret in known.foreign)
        assert "urn:evenhand:landlord:derby" not in told

    whatever_is_asked()


def test_every_prefix_has_routes() -> None:
    """So that a renamed route is not left out unseen."""
    found = {path.split("/")[2] for path, _ in ROUTES}
    assert found <= {*PREFIXES, "cases"}


@pytest.mark.parametrize("place", ["after", "Last-Event-ID"])
def test_a_stream_is_refused_for_a_wrong_place_as_a_page_is(known: Known, place: str) -> None:
    system = known.callers["system"]
    wrong = "x" * 79
    headers = {**system.headers, "Accept": "text/event-stream"}
    params = {"after": wrong} if place == "after" else {}
    if place != "after":
        headers[place] = wrong
    answer = system.house.http.get("/v1/feed", params=params, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, place)


def test_no_bit_of_a_cursor_can_be_changed(known: Known) -> None:
    system = known.callers["system"]
    cursor = system.get("/v1/feed", limit=2).headers[CURSOR]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for bit in range(0, len(raw) * 8, 7):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        spelt = base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
        assert system.get("/v1/feed", after=spelt).status_code == 422


def test_a_neighbours_cursor_and_token_lead_to_nothing(house: House, known: Known) -> None:
    theirs = subscribe(house, "derby", f"system_{uuid4().hex[:8]}")
    cursor = theirs.get("/v1/feed", limit=1).headers[CURSOR]
    refused = known.callers["system"].get("/v1/feed", after=cursor)
    assert refused.status_code == 422
    assert "another landlord" in refused.json()["errors"][0]["reason"]
    for event in theirs.get("/v1/feed", limit=2000).json():
        assert event["source"] == "urn:evenhand:landlord:derby"
