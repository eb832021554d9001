"""Bad input: each kind has its own answer, writes nothing, and leaves no word of it in an answer or a log."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.infrastructure.http.a_house import SECRET, Caller, House, a_contact, accepted


@pytest.fixture(autouse=True)
def _nothing_leaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert SECRET not in caplog.text
    assert SECRET.split()[1] not in caplog.text


@pytest.fixture
def case(officer: Caller) -> str:
    """The path of a case with one contact."""
    return f"/v1/cases/{officer.contact()['case']}"


def refused(house: House, head: int, response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem that must have been answered, with nothing written since `head`."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert (problem["type"], problem["status"]) == (f"/problems/{kind}", status)
    assert problem["title"]
    assert problem["detail"]
    assert SECRET not in response.text
    assert "Quillfeather" not in response.text
    assert house.head("maidstone") == head
    return problem


def fields(problem: dict[str, Any]) -> dict[str, str]:
    """The reasons by field."""
    return {error["field"]: error["reason"] for error in problem["errors"]}


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"mood": SECRET}, "mood", "is not a field here"),
        ({SECRET: "x"}, "(a name that is not a field's)", "is not a field here"),
        ({"channel": None}, "channel", "is missing"),
        ({"summary": None}, "summary", "is missing"),
        ({"channel": "pigeon post"}, "channel", "should be 'telephone'"),
        ({"channel": ["telephone"]}, "channel", "should be 'telephone'"),
        ({"summary": 7}, "summary", "should be a valid string"),
        ({"summary": ""}, "summary", "at least 1 character"),
        ({"summary": " \n"}, "summary", "blank"),
        ({"summary": SECRET * 1000}, "summary", "at most 20000 characters"),
        ({"completed": "yes"}, "completed", "valid boolean"),
        ({"completed": 1}, "completed", "valid boolean"),
        ({"happened_on": "12/01/2026"}, "happened_on", "valid date"),
        ({"happened_on": "2026-02-30"}, "happened_on", "valid date"),
        ({"happened_on": 1768176000}, "happened_on", "valid date"),
        ({"happened_on": "1812-01-01"}, "happened_on", "1950 to 2099"),
        ({"happened_at": "2026-01-12T10:00:00"}, "happened_at", "timezone"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, "happened_at", "1950 to 2099"),
        ({"happened_at": "9999-12-31T23:59:59-14:00"}, "happened_at", "1950 to 2099"),
        ({"issue": SECRET}, "issue", "must be a code"),
        ({"household": "../../etc"}, "household", "must be a code"),
        ({"reference": "   "}, "reference", "is blank"),
        ({"reference": "T-1", "person": str(uuid4())}, "body", "not by both"),
    ],
)
def test_a_field_out_of_shape_is_named_with_the_reason_and_without_its_value(
    house: House, officer: Caller, changes: dict[str, Any], field: str, reason: str
) -> None:
    head = house.head("maidstone")
    response = officer.post("/v1/contacts", a_contact(**changes))
    found = fields(refused(house, head, response, 422, "shape"))
    assert reason in found[field]


def test_every_field_at_fault_is_listed_at_once(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    body = {"channel": SECRET, "happened_on": SECRET, "colour": SECRET, "direction": 4}
    found = fields(refused(house, head, officer.post("/v1/contacts", body), 422, "shape"))
    assert set(found) == {"channel", "happened_on", "colour", "direction", "summary"}


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_json_that_is_no_object_is_out_of_shape(house: House, officer: Caller, body: object) -> None:
    head = house.head("maidstone")
    found = fields(refused(house, head, officer.raw("/v1/contacts", json.dumps(body)), 422, "shape"))
    assert found == {"body": "must be an object"}


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\r"])
def test_control_characters_are_not_taken_in_any_text(house: House, officer: Caller, case: str, control: str) -> None:
    head = house.head("maidstone")
    nested = {"overrides": [{"rule": f"a{control}", "reason": "x"}], "appeal": "a", "accepted": True, "reasons": "x"}
    for path, body, field in (
        ("/v1/contacts", a_contact(summary=f"{SECRET}{control}"), "summary"),
        ("/v1/contacts", a_contact(**{f"{SECRET}{control}": "x"}), "body"),
        ("/v1/persons", {"name": f"{SECRET}{control}"}, "name"),
        (f"{case}/decide-late-appeal", nested, "overrides.0.rule"),
    ):
        found = fields(refused(house, head, officer.post(path, body), 422, "shape"))
        assert "control character" in found[field]


def test_a_lone_surrogate_is_no_text(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    body = json.dumps(a_contact()).replace("rang", "\\ud800")
    refused(house, head, officer.raw("/v1/contacts", body), 422, "shape")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"summary=" + SECRET.encode(),
        b'{"summary": "' + SECRET.encode(),
        b'{"summary": "' + SECRET.encode() + b'",}',
        b"{'summary': '" + SECRET.encode() + b"'}",
        b'{"summary": NaN}',
        b'{"summary": -Infinity}',
        b'{"summary": "a", "summary": "' + SECRET.encode() + b'"}',
        b'{"' + SECRET.encode() + b'": 1, "' + SECRET.encode() + b'": 2}',
        b'{"summary": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"summary": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        json.dumps({"summary": SECRET}).encode("utf-16"),
    ],
    ids=[
        "empty",
        "form",
        "cut off",
        "comma",
        "quotes",
        "nan",
        "infinity",
        "twice",
        "secret twice",
        "long number",
        "deep",
        "not utf-8",
        "byte order mark",
        "utf-16",
    ],
)
def test_a_body_that_is_not_json_is_400(house: House, officer: Caller, body: bytes) -> None:
    head = house.head("maidstone")
    refused(house, head, officer.raw("/v1/contacts", body), 400, "not-json")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_415(house: House, officer: Caller, headers: dict[str, str]) -> None:
    head = house.head("maidstone")
    body = json.dumps(a_contact()).encode()
    response = house.http.post(
        "/v1/contacts", content=body, headers={**officer.headers, "Content-Type": "application/json", **headers}
    )
    refused(house, head, response, 415, "unsupported-media-type")


def test_json_with_a_charset_is_taken(officer: Caller) -> None:
    body = json.dumps(a_contact()).encode()
    accepted(officer.raw("/v1/contacts", body, Content_Type="application/json; charset=utf-8"))


def test_text_of_a_megabyte_is_413(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    response = officer.post("/v1/contacts", a_contact(summary=SECRET * 50_000))
    refused(house, head, response, 413, "too-large")


def test_a_body_that_never_says_how_long_it_is_is_cut_off_all_the_same(house: House, officer: Caller) -> None:
    head = house.head("maidstone")

    def chunks() -> Iterator[bytes]:
        yield b'{"summary": "'
        for _ in range(20):
            yield b"a" * 50_000

    refused(house, head, officer.raw("/v1/contacts", chunks()), 413, "too-large")


def test_a_body_that_goes_on_for_ever_is_answered_without_reading_it(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    url = house.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=30) as line:
        line.sendall(
            b"POST /v1/contacts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + f"Authorization: {officer.headers['Authorization']}\r\n".encode()
            + b"Content-Length: 1000000000000\r\n\r\n"
        )
        answer = line.recv(65536)
        while b"/problems/" not in answer and (more := line.recv(65536)):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"/problems/too-large" in answer
    assert house.head("maidstone") == head


def test_the_largest_text_of_a_field_fits_however_it_is_written(officer: Caller) -> None:
    body = json.dumps(a_contact(summary="🏚" * 20_000))  # six characters for each half of each
    assert len(body) > 240_000 - 1000
    accepted(officer.raw("/v1/contacts", body))


@pytest.mark.parametrize(
    ("command", "body", "rule"),
    [
        ("log-contact", {"channel": "email", "summary": SECRET, "happened_on": "2026-01-13"}, "not_in_the_future"),
        (
            "log-contact",
            {"channel": "email", "summary": SECRET, "happened_at": "2026-01-12T13:00:00Z"},
            "not_in_the_future",
        ),
        ("request-policy-copy", {"on": "2026-01-13"}, "not_in_the_future"),
        ("make-agreement", {"terms": SECRET, "review_on": "2026-01-01"}, "review_follows"),
        (
            "record-incident",
            {"happened_on": "2026-01-12", "grounds": ["bad_manners"], "account": SECRET},
            "unknown_ground",
        ),
        (
            "record-incident",
            {"happened_on": "2026-01-12", "grounds": ["threats"], "account": SECRET, "contact": "contact-9"},
            "unknown_contact",
        ),
        (
            "authorise-representative",
            {"person": "nobody", "authority": "written", "from_on": "2026-01-12", "detail": SECRET},
            "unknown_person",
        ),
        (
            "record-incident",
            {"happened_on": "2026-01-12", "grounds": ["threats"], "account": SECRET, "conduct_of": str(uuid4())},
            "unknown_person",
        ),
        ("dispute-contact", {"contact": "contact-9", "statement": SECRET}, "unknown_contact"),
        (
            "record-counter-allegation",
            {"against": "nobody", "routed_to": "manager", "account": SECRET},
            "unknown_colleague",
        ),
        (
            "conclude-counter-allegation",
            {"allegation": "allegation-9", "outcome": "not_founded", "findings": SECRET},
            "unknown_allegation",
        ),
        (
            "decline-complaint",
            {"complaint": "complaint-9", "because": "other", "ombudsman": "housing", "reasons": SECRET},
            "unknown_complaint",
        ),
        ("record-ombudsman", {"ombudsman": "parking", "reference": SECRET}, "unknown_ombudsman"),
        ("attach-evidence", {"of": "incident-9", "kind": "recording", "description": SECRET}, "unknown_item"),
    ],
)
def test_what_cannot_be_is_409_with_every_rule_in_the_way(
    house: House, officer: Caller, case: str, command: str, body: dict[str, Any], rule: str
) -> None:
    head = house.head("maidstone")
    problem = refused(house, head, officer.post(f"{case}/{command}", body), 409, "refused")
    found = {violation["rule"]: violation for violation in problem["violations"]}
    assert rule in found
    assert set(found[rule]) == {"rule", "clause", "strength", "source", "asks", "field"}


@pytest.mark.parametrize(
    ("command", "body", "rule"),
    [
        ("appoint-post", {"role": "wizard", "staff": "officer", "starts_on": "2026-01-12"}, "unknown_post"),
        ("appoint-post", {"role": "manager", "staff": str(uuid4()), "starts_on": "2026-01-12"}, "unknown_colleague"),
        ("end-post", {"tenure": "tenure-999", "last_day": "2026-01-12"}, "unknown_tenure"),
        ("end-post", {"tenure": "tenure-2", "last_day": "2014-12-31"}, "end_before_start"),
        ("record-absence", {"tenure": "tenure-999", "from_on": "2026-01-12"}, "unknown_tenure"),
        (
            "record-absence",
            {"tenure": "tenure-2", "from_on": "2026-01-12", "until": "2026-01-09"},
            "end_before_start",
        ),
        ("end-absence", {"absence": "absence-999", "last_day": "2026-01-12"}, "unknown_absence"),
        (
            "set-contact-point",
            {"of": "role", "code": "wizard", "from_on": "2026-01-12", "telephone": "101"},
            "unknown_post",
        ),
        ("set-contact-point", {"of": "office", "code": "main", "from_on": "2026-01-12"}, "nothing_to_reach"),
    ],
)
def test_posts_that_cannot_be_are_409(house: House, command: str, body: dict[str, Any], rule: str) -> None:
    if body.get("staff") == "officer":
        body = {**body, "staff": house.staff("maidstone", "officer")}
    head = house.head("maidstone")
    response = house.caller("maidstone", "administrator").post(f"/v1/landlord/{command}", body)
    problem = refused(house, head, response, 409, "refused")
    assert rule in {violation["rule"] for violation in problem["violations"]}


def test_an_actor_who_held_no_post_that_day_is_409_and_not_403(house: House, case: str) -> None:
    stranger = house.caller("maidstone", "newcomer")
    head = house.head("maidstone")
    response = stranger.post(
        f"{case}/log-contact", {"channel": "email", "summary": SECRET, "happened_on": "2026-01-12"}
    )
    problem = refused(house, head, response, 409, "refused")
    assert {violation["rule"] for violation in problem["violations"]} == {"post_held"}


def test_the_same_key_with_another_body_is_422(house: House, officer: Caller, case: str) -> None:
    key = str(uuid4())
    body = {"channel": "email", "summary": "x", "happened_on": "2026-01-12"}
    accepted(officer.post(f"{case}/log-contact", body, Idempotency_Key=key))
    head = house.head("maidstone")
    again = officer.post(f"{case}/log-contact", {**body, "summary": SECRET}, Idempotency_Key=key)
    refused(house, head, again, 422, "idempotency-key-reused")
    elsewhere = officer.post("/v1/contacts", a_contact(), Idempotency_Key=key)
    refused(house, head, elsewhere, 422, "idempotency-key-reused")


def test_a_refusal_under_a_key_is_not_kept(officer: Caller, case: str) -> None:
    key = str(uuid4())
    body = {"channel": "email", "summary": "x", "happened_on": "2026-01-13"}
    assert officer.post(f"{case}/log-contact", body, Idempotency_Key=key).status_code == 409
    accepted(officer.post(f"{case}/log-contact", {**body, "happened_on": "2026-01-12"}, Idempotency_Key=key))


@pytest.mark.parametrize(
    ("name", "value"),
    [("If_Match", "2"), ("If_Match", '"2", "3"'), ("Idempotency_Key", "a b"), ("Idempotency_Key", "k" * 201)],
)
def test_a_header_that_cannot_be_read_is_400(house: House, officer: Caller, case: str, name: str, value: str) -> None:
    head = house.head("maidstone")
    refused(house, head, officer.post(f"{case}/request-policy-copy", {}, **{name: value}), 400, "bad-header")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/register?on=yesterday", "on"),
        ("/v1/register?on=20260112", "on"),
        ("/v1/register?on=5", "on"),
        ("/v1/register?limit=0", "limit"),
        ("/v1/register?limit=201", "limit"),
        ("/v1/register?cursor=abc", "cursor"),
        ("/v1/register?cursor=%00", "cursor"),
        ("/v1/register?cursor=WyJyZWdpc3RlciJd", "cursor"),
        (f"/v1/register?min_position={SECRET}", "min_position"),
        (f"/v1/register?min_position={10**30}", "min_position"),
        ("/v1/persons", "reference"),
        (f"/v1/persons?reference={SECRET}%07", "reference"),
        ("{case}?known_at=2026-01-12", "known_at"),
        ("{case}?known_at=2026-01-12T10:00:00", "known_at"),
        ("{case}?known_at=9999-12-31T23:59:59-14:00", "known_at"),
        ("{case}/history?known_at=0001-01-01T00:00:00%2B14:00", "known_at"),
        ("/v1/advice?reference=T-1&channel=email&at=9999-12-31T23:59:59-14:00", "at"),
        ("/v1/advice?reference=T-1&channel=email&at=0001-01-01T00:00:00Z", "at"),
        ("{case}?valid_on=2026-13-01", "valid_on"),
        ("{case}/history?include=everything", "include"),
        ("{case}/history?limit=-1", "limit"),
        ("{case}?know_at=2026-01-12T12:00:00Z", "know_at"),
        ("{case}?valid_on=2026-01-12&valid_on=2026-01-13", "valid_on"),
        (f"/v1/register?{SECRET}=1", "(a name that is not a field's)"),
    ],
)
def test_a_parameter_out_of_shape_is_named_without_its_value(
    house: House, officer: Caller, case: str, path: str, field: str
) -> None:
    head = house.head("maidstone")
    problem = refused(house, head, officer.get(path.format(case=case)), 422, "shape")
    assert list(fields(problem)) == [field]


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/cases"])
def test_if_match_without_a_case_in_the_path_is_400(house: House, officer: Caller, path: str) -> None:
    head = house.head("maidstone")
    refused(house, head, officer.post(path, a_contact(), If_Match='"1"'), 400, "bad-header")


def test_a_cursor_of_another_list_is_422(house: House, officer: Caller, case: str) -> None:
    officer.post(f"{case}/request-policy-copy", {})
    following = officer.get(f"{case}/history", limit=1).json()["next"]
    cursor = httpx.URL(following).params["cursor"]
    other = f"/v1/cases/{officer.contact()['case']}"
    head = house.head("maidstone")
    refused(house, head, officer.get(f"{other}/history", cursor=cursor), 422, "shape")
    refused(house, head, officer.get("/v1/register", cursor=cursor), 422, "shape")


def test_a_method_that_is_not_used_is_405_with_those_that_are(house: House, officer: Caller, case: str) -> None:
    head = house.head("maidstone")
    response = house.http.delete(case, headers=officer.headers)
    refused(house, head, response, 405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/v2/contacts", "/v1/cases", "/docs", "/v1/cases/", f"/v1/{SECRET}"])
def test_an_address_that_is_not_there_is_404(house: House, officer: Caller, path: str) -> None:
    head = house.head("maidstone")
    if path != "/v1/cases":
        refused(house, head, officer.get(path), 404, "not-found")


def test_an_unknown_person_or_case_is_404(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    unknown = str(uuid4())
    for response in (
        officer.get(f"/v1/cases/{unknown}"),
        officer.get(f"/v1/cases/{SECRET}"),
        officer.get(f"/v1/cases/{unknown.upper()}/history"),
        officer.get(f"/v1/customers/{unknown}/alert"),
        officer.get(f"/v1/persons/{unknown}"),
        officer.get(f"/v1/persons?reference={SECRET}"),
        officer.post(f"/v1/cases/{unknown}/close-case", {}),
        officer.post("/v1/cases", {"person": unknown}),
        officer.post("/v1/contacts", a_contact(reference=None, person=unknown)),
    ):
        refused(house, head, response, 404, "not-found")


def test_a_reference_that_somebody_has_is_409(house: House, officer: Caller) -> None:
    reference = f"R-{uuid4().hex}"
    accepted(officer.post("/v1/persons", {"reference": reference, "name": SECRET}))
    head = house.head("maidstone")
    again = officer.post("/v1/persons", {"reference": reference.upper(), "name": SECRET})
    refused(house, head, again, 409, "reference-taken")


def test_an_entry_that_says_nothing_is_422(house: House, officer: Caller) -> None:
    head = house.head("maidstone")
    refused(house, head, officer.post("/v1/persons", {}), 422, "shape")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "body", "names what changes: reference, name, address, telephone or email"),
        ({"name": ""}, "name", "should have at least 1 character"),
        ({"address": " \n"}, "address", "is blank"),
        ({"reference": "\t"}, "reference", "is blank"),
        ({"reference": "r" * 101}, "reference", "should have at most 100 characters"),
        ({"email": SECRET * 50}, "email", "should have at most 500 characters"),
        ({"telephone": 1632960123}, "telephone", "should be a valid string"),
        ({"name": f"{SECRET}\0"}, "name", "holds a control character other than tab and newline"),
        ({"mood": SECRET}, "mood", "is not a field here"),
        ({"person": str(uuid4())}, "person", "is not a field here"),
        ([], "body", "must be an object"),
    ],
)
def test_a_change_of_a_person_that_cannot_be_taken_names_the_field_and_changes_nothing(
    house: House, officer: Caller, body: object, field: str, reason: str
) -> None:
    person = accepted(officer.post("/v1/persons", {"name": "As it was"}))["person"]
    head = house.head("maidstone")
    problem = refused(house, head, officer.patch(f"/v1/persons/{person}", body), 422, "shape")
    assert fields(problem) == {field: reason}
    assert officer.get(f"/v1/persons/{person}").json()["name"] == "As it was"


def test_a_change_to_a_reference_that_somebody_has_is_409_and_one_of_nobody_404(house: House, officer: Caller) -> None:
    reference = f"R-{uuid4().hex}"
    accepted(officer.post("/v1/persons", {"reference": reference}))
    person = accepted(officer.post("/v1/persons", {"name": "As it was"}))["person"]
    head, change = house.head("maidstone"), {"name": SECRET, "reference": reference.upper()}
    refused(house, head, officer.patch(f"/v1/persons/{person}", change), 409, "reference-taken")
    assert officer.get(f"/v1/persons/{person}").json()["name"] == "As it was"
    for unknown in (uuid4(), person.upper(), SECRET):
        refused(house, head, officer.patch(f"/v1/persons/{unknown}", {"name": SECRET}), 404, "not-found")


def test_a_list_with_a_fault_in_an_item_is_not_called_too_short_as_well(
    house: House, officer: Caller, case: str
) -> None:
    head = house.head("maidstone")
    told = {"restriction": "restriction-1"}
    of_an_item = refused(
        house, head, officer.post(f"{case}/tell-by-telephone", {**told, "measures": [None]}), 422, "shape"
    )
    assert fields(of_an_item) == {"measures.0": "should be a valid string"}
    empty = refused(house, head, officer.post(f"{case}/tell-by-telephone", {**told, "measures": []}), 422, "shape")
    assert fields(empty) == {"measures": "should have at least 1 item"}


def test_a_list_that_is_too_long_and_a_text_that_is_empty_are_told_so_in_plain_words(
    house: House, officer: Caller
) -> None:
    head = house.head("maidstone")
    many = {"persons": [str(n) for n in range(201)], "because": "retention"}
    too_long = refused(house, head, officer.post("/v1/landlord/propose-entry-disposal", many), 422, "shape")
    assert fields(too_long)["persons"].startswith("should have at most 200 items")
    assert "validation" not in fields(too_long)["persons"]
    empty = refused(house, head, officer.post("/v1/persons", {"name": ""}), 422, "shape")
    assert fields(empty) == {"name": "should have at least 1 character"}
