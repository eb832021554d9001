"""No caller gets at another landlord's data: every route of the OpenAPI document, asked with a neighbour's ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.streams import landlord_stream
from infrastructure.downstream.webhooks.records import NewEndpoint
from infrastructure.http import notify_callback
from infrastructure.http.examples import EXAMPLES
from infrastructure.office import Office
from tests.golden.make_openapi import document
from tests.infrastructure.http.a_house import SECRET, Caller, House, a_contact
from tests.infrastructure.http.a_subscriber import subscribe

ROUTES = sorted((method.upper(), path) for path, methods in document()["paths"].items() for method in methods)


@dataclass
class Neighbours:
    """A case of Maidstone's with all that it goes by, and a caller of Derby's who has heard of it."""

    case: str
    person: str
    reference: str
    event: str
    job: str
    endpoint: str
    caller: Caller
    owner: Caller
    follower: Caller  # a system of Derby's
    subscriber: str  # the code of one of Maidstone's

    def known(self) -> tuple[str, ...]:
        """What must never turn up in an answer to the caller."""
        return (self.case, self.person, self.reference, self.event, self.job, self.endpoint, self.subscriber, SECRET)


@pytest.fixture(scope="module")
def neighbours(house: House) -> Neighbours:
    """Somebody of Maidstone's, and somebody of Derby's."""
    reference = f"M-{uuid4().hex}"
    answer = house.caller("maidstone").contact(reference=reference)
    return Neighbours(
        answer["case"],
        answer["person"],
        reference,
        answer["facts"][0]["event_id"],
        house.caller("maidstone").post("/v1/ops/projections/verify", EXAMPLES["verify"]).json()["job"],
        _an_endpoint(house.evenhand.office("maidstone")),
        house.caller("derby"),
        house.caller("maidstone"),
        subscribe(house, "derby", f"system_{uuid4().hex[:8]}", references=True),
        _a_subscriber(house),
    )


def _a_subscriber(house: House) -> str:
    code = f"theirs_{uuid4().hex[:8]}"
    subscribe(house, "maidstone", code)
    return code


def _an_endpoint(office: Office) -> str:
    new = NewEndpoint(subscriber="nobody", url="https://hooks.invalid/", position=0, confirmed=False)
    endpoint, _ = office.webhooks.register(new, "somebody", "A neighbour has one.")
    return endpoint.endpoint


@dataclass
class About:
    """Somebody to ask about."""

    person: str
    reference: str


Ask = Callable[[Caller, About], httpx.Response]

# Routes that take somebody's id elsewhere than in the path: for a neighbour's they answer as for nobody's.
BY_ID: Mapping[tuple[str, str], Ask] = {
    ("POST", "/v1/contacts"): lambda caller, about: caller.post(
        "/v1/contacts", a_contact(reference=None, person=about.person)
    ),
    ("POST", "/v1/cases"): lambda caller, about: caller.post("/v1/cases", {"person": about.person}),
    ("GET", "/v1/persons"): lambda caller, about: caller.get("/v1/persons", reference=about.reference),
    ("GET", "/v1/advice"): lambda caller, about: caller.get("/v1/advice", person=about.person, channel="telephone"),
}

# Routes that take no id: what they answer, or what they write, is the caller's own landlord's.
OWN: Mapping[tuple[str, str], Callable[[Neighbours], httpx.Response]] = {
    ("GET", "/v1/register"): lambda n: n.caller.get("/v1/register"),
    ("GET", "/v1/disclosures"): lambda n: n.caller.get("/v1/disclosures"),
    ("GET", "/v1/retention"): lambda n: n.caller.get("/v1/retention", on="2099-01-01"),
    ("GET", "/v1/retention/entries"): lambda n: n.caller.get("/v1/retention/entries", on="2099-01-01"),
    ("GET", "/v1/worklist"): lambda n: n.caller.get("/v1/worklist", within=3660),
    ("GET", "/v1/worklist.ics"): lambda n: n.caller.get("/v1/worklist.ics", role="case_officer"),
    ("GET", "/v1/policy"): lambda n: n.caller.get("/v1/policy"),
    ("GET", "/v1/compliance"): lambda n: n.caller.get("/v1/compliance"),
    ("GET", "/v1/reports"): lambda n: n.caller.get("/v1/reports"),
    ("GET", "/v1/reports/{report}"): lambda n: n.caller.get("/v1/reports/common", **{"from": "2026-01-12"}),
    ("GET", "/v1/landlord/history"): lambda n: n.caller.get("/v1/landlord/history"),
    ("POST", "/v1/persons"): lambda n: n.caller.post("/v1/persons", {"reference": n.reference}),
    ("POST", "/v1/landlord/appoint-post"): lambda n: _administer(n, "appoint-post"),
    ("POST", "/v1/landlord/end-post"): lambda n: _administer(n, "end-post"),
    ("POST", "/v1/landlord/record-absence"): lambda n: _administer(n, "record-absence"),
    ("POST", "/v1/landlord/end-absence"): lambda n: _administer(n, "end-absence"),
    ("POST", "/v1/landlord/set-contact-point"): lambda n: _administer(n, "set-contact-point"),
    ("POST", "/v1/landlord/propose-entry-disposal"): lambda n: _administer(n, "propose-entry-disposal"),
    ("POST", "/v1/landlord/decide-entry-disposal"): lambda n: _administer(n, "decide-entry-disposal"),
    ("POST", "/v1/landlord/adopt-policy"): lambda n: _administer(n, "adopt-policy"),
    ("POST", "/v1/landlord/register-subscriber"): lambda n: _administer(n, "register-subscriber"),
    ("POST", "/v1/landlord/end-subscriber"): lambda n: _administer(n, "end-subscriber"),
    ("GET", "/v1/feed"): lambda n: n.follower.get("/v1/feed", limit=2000),
    ("GET", "/v1/snapshot"): lambda n: n.follower.get("/v1/snapshot", case=n.case),
    ("GET", "/v1/references"): lambda n: n.follower.get("/v1/references", person=n.person),
    ("GET", "/v1/receipts"): lambda n: n.follower.get("/v1/receipts"),
    ("POST", "/v1/receipts"): lambda n: n.follower.post("/v1/receipts", {"sequence": "0"}),
    ("GET", "/v1/subscribers"): lambda n: n.caller.get("/v1/subscribers"),
    ("GET", "/v1/webhooks"): lambda n: n.caller.get("/v1/webhooks"),
    ("POST", "/v1/webhooks"): lambda n: n.caller.post("/v1/webhooks", EXAMPLES["webhooks"]),
    ("GET", "/metrics"): lambda n: n.caller.get("/metrics"),
    ("GET", "/v1/ops/projections"): lambda n: n.caller.get("/v1/ops/projections"),
    ("GET", "/v1/ops/projections/plan"): lambda n: n.caller.get("/v1/ops/projections/plan"),
    ("GET", "/v1/ops/projections/history"): lambda n: n.caller.get("/v1/ops/projections/history"),
    ("GET", "/v1/ops/broker"): lambda n: n.caller.get("/v1/ops/broker"),
    ("POST", "/v1/ops/projections/rebuild"): lambda n: _operate(n, "rebuild"),
    ("POST", "/v1/ops/projections/verify"): lambda n: _operate(n, "verify"),
    ("POST", "/v1/ops/projections/rollback"): lambda n: _operate(n, "rollback"),
    ("POST", "/v1/ops/projections/pause"): lambda n: _operate(n, "pause"),
    ("POST", "/v1/ops/projections/resume"): lambda n: _operate(n, "resume"),
    ("POST", "/v1/ops/tick"): lambda n: n.caller.post("/v1/ops/tick", EXAMPLES["tick"]),
    ("POST", "/v1/ops/projections/retry"): lambda n: n.caller.post(
        "/v1/ops/projections/retry", {"cases": [n.case], "why": "Somebody said so."}
    ),
}

# Routes whose body is a file.
FILES = {("POST", "/v1/cases/{case}/evidence")}

# Routes that take no token, and tell nothing of any landlord.
OPEN = {
    ("GET", "/health"): "/health",
    ("GET", "/problems/{name}"): "/problems/refused",
    ("GET", "/v1/asyncapi.json"): "/v1/asyncapi.json",
    ("GET", "/v1/schemas"): "/v1/schemas",
    ("GET", "/v1/schemas/{name}/{version}"): "/v1/schemas/restriction-applied/1",
}


# Where others call back with tokens of their own: a colleague's opens none of these, whoever's landlord it names.
CALLBACKS = {("POST", "/v1/letters/notify-callback/{landlord}"): notify_callback.EXAMPLE}


def _administer(n: Neighbours, command: str) -> httpx.Response:
    return n.caller.post(f"/v1/landlord/{command}", EXAMPLES[command])


def _operate(n: Neighbours, act: str) -> httpx.Response:
    return n.caller.post(f"/v1/ops/projections/{act}", EXAMPLES[act])


@pytest.fixture(autouse=True)
def _nothing_of_the_neighbours_is_written_or_read(house: House, neighbours: Neighbours) -> Iterator[None]:
    office = house.evenhand.office("maidstone")
    before = house.head("maidstone"), len(office.access_log.of_case(neighbours.case, limit=1000))  # type: ignore[arg-type]
    yield
    after = house.head("maidstone"), len(office.access_log.of_case(neighbours.case, limit=1000))  # type: ignore[arg-type]
    assert before == after


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_every_route_keeps_a_neighbours_data_to_itself(neighbours: Neighbours, method: str, path: str) -> None:
    if (method, path) in OPEN:
        response = neighbours.caller.house.http.get(OPEN[method, path])
        assert not any(known in response.text for known in (*neighbours.known(), "maidstone", "derby"))
    elif (method, path) in OWN:
        response = OWN[method, path](neighbours)
        assert response.status_code in {200, 201, 202, 409}, response.text
        told = response.text.lower()
        assert not any(known.lower() in told for known in (*neighbours.known(), "maidstone"))
    elif (method, path) in CALLBACKS:
        at_ours, at_nobodys = (
            neighbours.caller.post(path.format(landlord=landlord), CALLBACKS[method, path])
            for landlord in ("maidstone", "nobody")
        )
        assert at_ours.status_code == at_nobodys.status_code == 401
        assert at_ours.content == at_nobodys.content
        assert _telling(at_ours) == _telling(at_nobodys)
    elif (method, path) in BY_ID:
        ask = BY_ID[method, path]
        theirs, nobodys = About(neighbours.person, neighbours.reference), About(str(uuid4()), uuid4().hex)
        _same(ask(neighbours.caller, theirs), ask(neighbours.caller, nobodys))
    else:
        _same(_in_path(neighbours, method, path, foreign=True), _in_path(neighbours, method, path, foreign=False))


def _in_path(n: Neighbours, method: str, path: str, *, foreign: bool) -> httpx.Response:
    """The route with a neighbour's id in its path, or nobody's; a path with another id has no case here and fails."""
    ids = {"case": n.case, "person": n.person, "job": n.job, "endpoint": n.endpoint, "subscriber": n.subscriber}
    ids = ids if foreign else {name: str(uuid4()) for name in ids}
    assert any(f"{{{name}}}" in path for name in ids), f"{method} {path} needs a case with a neighbour's ids"
    url = path.format(**ids, evidence="evidence-1", letter="letter-1", disclosure="disclosure-1")
    if (method, path) in FILES:
        said = {"Content-Type": "text/plain", "Evenhand-Description": "A%20note"}
        return n.caller.raw(f"{url}?of=contact-1&kind=note", b"What was said.", **said)
    if (method, path) == ("PATCH", "/v1/persons/{person}"):
        return n.caller.patch(url, EXAMPLES["change-person"])
    name = path.rpartition("/")[2]
    body = {"why": "A neighbour asked for it."} if "{endpoint}" in path else EXAMPLES.get(name)
    return n.caller.get(url) if method == "GET" else n.caller.post(url, body)


def _same(foreign: httpx.Response, unknown: httpx.Response) -> None:
    # Whoever is no subscriber is told so before any case is looked for, and for every case alike.
    assert foreign.status_code == 404 or foreign.json()["type"].endswith("/not-a-subscriber"), foreign.text
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
    assert _telling(foreign) == _telling(unknown)


def _telling(response: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in response.headers.items() if name not in {"x-request-id", "date"}}


def test_the_same_requests_are_answered_to_the_owner(neighbours: Neighbours) -> None:
    owner = neighbours.owner
    assert owner.get(f"/v1/cases/{neighbours.case}").status_code == 200
    assert owner.get(f"/v1/persons/{neighbours.person}", headers={}).json()["reference"] == neighbours.reference


def test_a_report_on_a_neighbours_case_is_one_on_nobodys(neighbours: Neighbours) -> None:
    theirs, nobodys = (
        neighbours.caller.get("/v1/reports/review_pack", case=case) for case in (neighbours.case, str(uuid4()))
    )
    _same(theirs, nobodys)


def test_a_landlords_own_stream_is_no_case(neighbours: Neighbours) -> None:
    for landlord in ("derby", "maidstone"):
        for path in ("", "/history"):
            assert neighbours.caller.get(f"/v1/cases/{landlord_stream(landlord)}{path}").status_code == 404


def test_a_cursor_from_a_neighbour_leads_nowhere_else(neighbours: Neighbours) -> None:
    following = neighbours.owner.get("/v1/landlord/history", limit=1).json()["next"]
    response = neighbours.caller.get(following)
    assert response.status_code == 422


def test_a_neighbours_reference_is_nobodys_when_asked_for_advice(neighbours: Neighbours) -> None:
    response = neighbours.caller.get("/v1/advice", reference=neighbours.reference, channel="telephone")
    assert response.json()["kind"] == "no_case"
    assert neighbours.person not in response.text


@pytest.mark.parametrize("command", ["merge-records", "unmerge-records", "settle-merge-conflict", "move-entry"])
def test_a_neighbours_case_is_nobodys_beside_a_case_of_ones_own(neighbours: Neighbours, command: str) -> None:
    own = neighbours.caller.contact()["case"]
    (field,) = {"other_case", "to_case"} & set(EXAMPLES[command])
    theirs, nobodys = (
        neighbours.caller.post(f"/v1/cases/{own}/{command}", {**EXAMPLES[command], field: case})
        for case in (neighbours.case, str(uuid4()))
    )
    assert theirs.status_code == nobodys.status_code == 409, theirs.text
    assert [v["rule"] for v in theirs.json()["violations"]] == ["unknown_case"]
    assert theirs.json()["violations"] == nobodys.json()["violations"]


def test_a_neighbours_person_is_nobodys_when_their_entry_is_to_go(neighbours: Neighbours) -> None:
    nobody = str(uuid4())
    theirs, nobodys = (
        neighbours.caller.post("/v1/landlord/propose-entry-disposal", {"persons": [one], "because": "retention"})
        for one in (neighbours.person, nobody)
    )
    assert theirs.status_code == nobodys.status_code == 409, theirs.text
    assert theirs.text.replace(neighbours.person, nobody) == nobodys.text
