"""Reading cases, histories and advice: what is shown to whom, on record first, page by page, and after erasure."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from application.ports import Access
from domain.codes import CaseId, SubjectId
from infrastructure.office import Office
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road

IN_ORDER = {"ready": True, "missing": [], "blocked": {}, "clock": {}, "broker": {}}


@pytest.fixture
def reader(house: House) -> Caller:
    """Somebody who may read, and sees nothing personal."""
    return house.caller("maidstone", scopes=frozenset({"read"}))


def accesses(house: House, case: str) -> list[Access]:
    """Who read what of a case."""
    return [access for _, access in house.evenhand.access_log("maidstone").of_case(CaseId(case), limit=1000)]


def all_pages(caller: Caller, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every entry of a list, following `next`."""
    page = answered(caller.get(path, **params))
    entries = list(page["entries"])
    while page["next"]:
        page = answered(caller.get(page["next"]))
        assert page["entries"]
        entries += page["entries"]
    return entries


def test_what_is_personal_is_withheld_without_the_scope(house: House, officer: Caller, reader: Caller) -> None:
    case = officer.contact()["case"]
    response = reader.get(f"/v1/cases/{case}/history")
    fact = answered(response)["entries"][1]["fact"]
    assert fact["summary"] == {"state": "withheld", "text": None}
    assert fact["channel"] == "telephone"
    assert SECRET not in response.text
    assert accesses(house, case) == []


def test_showing_it_goes_on_record_with_who_why_and_what(house: House, officer: Caller) -> None:
    written = officer.contact()
    case = written["case"]
    officer.get(f"/v1/cases/{case}/history", headers={"Evenhand-Purpose": "complaint-handling"})
    officer.get(f"/v1/cases/{case}/history")
    stated, default = accesses(house, case)
    assert (stated.purpose, default.purpose) == ("complaint-handling", "show-history")
    assert stated.actor == house.staff("maidstone")
    assert stated.role == "staff"
    assert stated.query == "GET /v1/cases/{case}/history"
    assert stated.fields == ("2.fact.summary",)
    assert (stated.subject, stated.position) == (written["person"], written["position"])
    assert stated.code_version


def test_without_a_record_there_is_no_answer(house: House, officer: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    case = officer.contact()["case"]
    office: Office = house.evenhand.office("maidstone")

    def full_disk(_: Access) -> None:
        raise OSError(f"no space left to note {SECRET}")

    monkeypatch.setattr(office.access_log, "record", full_disk)
    for path in (f"/v1/cases/{case}/history", "/v1/persons?reference=x"):
        response = officer.get(path)
        assert response.status_code in {500, 404}
        assert SECRET not in response.text
    assert officer.get(f"/v1/cases/{case}/history").status_code == 500


def test_readings_are_merged_into_the_history_for_auditors(officer: Caller) -> None:
    case = officer.contact()["case"]
    officer.get(f"/v1/cases/{case}/history")
    entries = all_pages(officer, f"/v1/cases/{case}/history", include="access")
    assert [entry["kind"] for entry in entries] == ["event", "event", "access"]
    assert SECRET not in str(entries[2])


def test_a_history_is_told_in_sentences_page_by_page(officer: Caller) -> None:
    case = officer.contact()["case"]
    for _ in range(5):
        accepted(officer.post(f"/v1/cases/{case}/request-policy-copy", {}))
    path = f"/v1/cases/{case}/history"
    whole = answered(officer.get(path))["entries"]
    for limit in (1, 2, 6):
        assert all_pages(officer, path, limit=limit) == whole
    assert [entry["version"] for entry in whole] == list(range(1, 8))
    assert all(entry["sentence"].endswith(".") for entry in whole)
    assert {entry["actor"] for entry in whole} == {whole[0]["actor"]}


def test_pages_with_readings_miss_nothing_and_repeat_nothing(officer: Caller) -> None:
    case = officer.contact()["case"]
    path = f"/v1/cases/{case}/history"
    for _ in range(3):
        officer.get(path)
        accepted(officer.post(f"/v1/cases/{case}/request-policy-copy", {}))
    auditor = Caller(officer.house, "maidstone", officer.house.token("maidstone", scopes=frozenset({"read", "audit"})))
    whole = answered(auditor.get(path, include="access"))["entries"]
    for limit in (1, 2, 3):
        assert all_pages(auditor, path, include="access", limit=limit) == whole
    assert len(whole) == 2 + 3 + 3


def test_an_erased_value_reads_as_erased_and_never_as_an_error(house: House, officer: Caller) -> None:
    written = officer.contact()
    person, case = written["person"], written["case"]
    office = house.evenhand.office("maidstone")
    office.key_ring.destroy(SubjectId(person))
    office.directory.erase(SubjectId(person))
    entry = answered(officer.get(f"/v1/cases/{case}/history"))["entries"][1]
    assert entry["fact"]["summary"] == {"state": "erased", "text": None}
    assert answered(officer.get(f"/v1/persons/{person}"))["state"] == "erased"
    for response in (
        officer.post(f"/v1/cases/{case}/dispute-contact", {"contact": "contact-1", "statement": SECRET}),
        officer.post("/v1/contacts", {"person": person, "channel": "email", "summary": SECRET}),
    ):
        assert (response.status_code, response.json()["type"]) == (409, "/problems/erased")


def test_a_person_is_found_by_reference_however_it_is_written(officer: Caller, reader: Caller) -> None:
    reference = f"Ref-{uuid4().hex}"
    person = accepted(officer.post("/v1/persons", {"reference": reference, "name": SECRET}))["person"]
    shown = answered(officer.get("/v1/persons", reference=reference.upper()))
    withheld = answered(reader.get("/v1/persons", reference=reference))
    assert (shown["person"], shown["state"], shown["name"]) == (person, "shown", SECRET)
    assert (withheld["person"], withheld["state"], withheld["name"]) == (person, "withheld", None)


def test_a_case_before_it_was_known_is_not_there(officer: Caller) -> None:
    case = officer.contact()["case"]
    for path in (f"/v1/cases/{case}", f"/v1/cases/{case}/history"):
        assert officer.get(path, known_at="2026-01-12T11:59:59Z").status_code == 404
        assert officer.get(path, known_at="2026-01-12T12:00:00+00:00").status_code == 200


def test_the_landlords_own_history_tells_posts_and_policies(reader: Caller) -> None:
    types = {entry["type"] for entry in all_pages(reader, "/v1/landlord/history", limit=2)}
    assert types >= {"LandlordSetUp", "PolicyAdopted", "PostAppointed"}


def test_a_policy_is_given_as_data_and_in_words(reader: Caller) -> None:
    answer = answered(reader.get("/v1/policy"))
    assert answer["policy"]["grounds"]["threats"]["clause"]
    assert any("Threatens" in line for line in answer["words"])
    assert answer["ref"]["landlord"] == "maidstone"
    assert reader.get("/v1/policy", on="2019-01-01").status_code == 404


def test_nobody_known_is_taken_like_anybody(reader: Caller) -> None:
    answer = answered(reader.get("/v1/advice", reference="nobody has this", channel="telephone"))
    assert (answer["kind"], answer["handling"]) == ("no_case", "take")


@pytest.mark.parametrize(
    "asked", [{}, {"person": "a", "reference": "b"}, {"person": "a", "reference": "b", "home": "c"}]
)
def test_advice_is_about_one_person(reader: Caller, asked: dict[str, str]) -> None:
    response = reader.get("/v1/advice", channel="telephone", **asked)
    assert response.status_code == 422


def test_advice_for_a_restricted_customer_rests_on_measures_and_lets_emergencies_through(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    caller = world.callers["case_officer"]

    def asked(**about: str) -> dict[str, Any]:
        return answered(caller.get("/v1/advice", person=world.person, channel="telephone", **about))

    enquiry, emergency = asked(purpose="enquiry"), asked(purpose="emergency_repair")
    outbound = asked(direction="outbound")
    assert enquiry["kind"] == "advice"
    assert enquiry["notice_received"] is True
    assert [rests["clause"] for rests in enquiry["rests_on"]]
    assert enquiry["handling"] == "redirect"
    assert [colleague["name"] for colleague in enquiry["colleagues"]] == ["Officer case_officer"]
    assert emergency["handling"] == "take"
    assert emergency["colleagues"] == []
    assert emergency["precautions"] == []
    assert "named_contact" in [instruction["code"] for instruction in outbound["instructions"]]
    assert outbound["colleagues"] == enquiry["colleagues"]
    logged = caller.contact(reference=None, person=world.person, answer_id=enquiry["answer_id"], happened_on=None)
    assert logged["person"] == world.person


def test_a_history_says_who_by_name_to_those_who_may_see_names(house: House, officer: Caller) -> None:
    case = officer.contact()["case"]
    actor = house.staff("maidstone", "officer")
    reader = house.caller("maidstone", scopes=frozenset({"read"}))

    def told(caller: Caller, path: str) -> tuple[dict[str, Any], list[str]]:
        answer = answered(caller.get(path))
        names = {colleague["staff"]: colleague["name"] for colleague in answer["colleagues"]}
        return names, [entry["sentence"] for entry in answer["entries"]]

    assert told(officer, f"/v1/cases/{case}/history")[0] == {actor: "Officer officer"}
    assert told(reader, f"/v1/cases/{case}/history")[0] == {actor: None}
    names, sentences = told(officer, "/v1/landlord/history")
    assert set(names) >= {actor, house.staff("maidstone", "administrator")}
    assert any(sentence.startswith("Officer officer holds the post of") for sentence in sentences)
    assert any(sentence.startswith(f"Staff member {actor}") for sentence in told(reader, "/v1/landlord/history")[1])


def test_what_nobody_foresaw_is_500_with_an_incident_and_no_words_of_it(
    house: House, officer: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = house.evenhand.office("maidstone").desk

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"something about {SECRET}")

    monkeypatch.setattr(type(desk), "state", broken)
    response = officer.get("/v1/policy")
    problem = response.json()
    assert response.status_code == 500
    assert problem["type"] == "/problems/unexpected"
    assert problem["incident"] == response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert f"incident {problem['incident']}: ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in response.text


def test_a_database_that_does_not_answer_is_503_with_a_time_to_ask_again(
    house: House, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventsourcing.persistence import OperationalError  # noqa: PLC0415

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("connection to server lost")

    monkeypatch.setattr(type(house.evenhand.office("maidstone").recorder), "head", gone)
    case = officer.contact()["case"]
    response = officer.get(f"/v1/cases/{case}", min_position=1)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1


def test_health_is_ready_while_everything_is_there(house: House) -> None:
    response = house.http.get("/health")
    assert (response.status_code, response.json()) == (200, IN_ORDER)


def test_health_says_when_nobody_follows_the_log(house: House) -> None:
    evenhand = house.evenhand
    server = evenhand.office("maidstone").recorder.server
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        for landlord in evenhand.landlords:
            table = sql.Identifier(f"landlord_{landlord}", "build")
            aged = sql.SQL("UPDATE {} SET heartbeat = heartbeat - interval '1 hour'")
            connection.execute(aged.format(table))
        response: httpx.Response = house.http.get("/health")
    assert response.status_code == 503
    assert "follower" in response.json()["missing"][0]
    for landlord in evenhand.landlords:
        accepted(house.caller(landlord).post("/v1/contacts", {"channel": "email", "summary": "x"}))


def test_every_problem_is_documented_where_its_type_leads(house: House) -> None:
    from infrastructure.http.problems import PROBLEMS  # noqa: PLC0415

    for kind in PROBLEMS.values():
        page = answered(house.http.get(kind.uri))
        assert (page["type"], page["status"]) == (kind.uri, kind.status)
        assert page["means"]
        assert page["remedy"]
    assert house.http.get("/problems/bad-weather").status_code == 404
