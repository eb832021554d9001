"""Taking contacts and opening cases: one request, the answer's headers, repeats, and versions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Thread
from uuid import uuid4

import httpx
import pytest

from tests.infrastructure.http.a_house import SECRET, Caller, House, a_contact, accepted, answered


def test_a_contact_takes_one_request_with_four_fields(officer: Caller) -> None:
    body = a_contact()
    response = officer.post("/v1/contacts", body)
    answer = accepted(response)
    assert len(body) == 4
    assert [fact["type"] for fact in answer["facts"]] == ["CaseOpened", "ContactLogged"]
    assert answer["facts"][1]["id"] == "contact-1"
    assert response.headers["ETag"] == '"2"'
    assert response.headers["Evenhand-Position"] == str(answer["position"])
    case = answered(officer.get(response.headers["Location"]))
    assert case["case"]["stage"] == "logged"
    assert case["etag"] == '"2"'


def test_the_next_contact_of_the_same_reference_goes_to_the_same_case(officer: Caller) -> None:
    body = a_contact()
    first, second = (accepted(officer.post("/v1/contacts", body)) for _ in range(2))
    assert first["case"] == second["case"]
    assert [fact["id"] for fact in second["facts"]] == ["contact-2"]


def test_an_unknown_caller_gets_an_id_of_their_own(officer: Caller) -> None:
    first, second = officer.contact(reference=None), officer.contact(reference=None)
    assert first["person"] != second["person"]


def test_a_contact_can_be_taken_by_the_id_of_the_person(officer: Caller) -> None:
    person = officer.contact()["person"]
    again = officer.contact(reference=None, person=person, happened_on=None, happened_at="2026-01-12T09:30:00+00:00")
    assert again["person"] == person
    assert again["version"] == 3


def test_a_refused_contact_leaves_no_entry_in_the_directory(house: House, officer: Caller) -> None:
    body = a_contact(happened_on="2026-01-13")
    response = officer.post("/v1/contacts", body)
    assert response.status_code == 409
    assert house.evenhand.directory("maidstone").person_by_reference(str(body["reference"])) is None
    accepted(officer.post("/v1/contacts", {**body, "happened_on": "2026-01-12"}))


def test_a_refusal_takes_no_words_from_who_writes_about_the_same_new_customer_at_once(officer: Caller) -> None:
    for _ in range(20):
        wrong = a_contact(happened_on="2026-01-13")
        bodies = [wrong, {**wrong, "happened_on": "2026-01-12"}] * 3
        with ThreadPoolExecutor(len(bodies)) as at_once:
            responses = list(at_once.map(lambda body: officer.post("/v1/contacts", body), bodies))
        assert [response.status_code for response in responses] == [409, 201] * 3
        history = answered(officer.get(f"/v1/cases/{responses[1].json()['case']}/history"))
        summaries = [entry["fact"]["summary"] for entry in history["entries"] if "summary" in entry["fact"]]
        assert summaries == [{"state": "shown", "text": wrong["summary"]}] * 3


def test_opening_a_second_case_beside_an_open_one_is_refused(officer: Caller) -> None:
    person = accepted(officer.post("/v1/persons", {"name": SECRET}))["person"]
    opened = accepted(officer.post("/v1/cases", {"person": person, "kind": "tenant"}))
    again = officer.post("/v1/cases", {"person": person})
    assert opened["version"] == 1
    assert again.status_code == 409
    assert [v["rule"] for v in again.json()["violations"]] == ["one_open_case"]


def test_all_valid_unicode_comes_back_unchanged(officer: Caller) -> None:
    said = "Ünïcode 🏚️ \u202eright to left\u202c, e\u0301 and é, 𝔘𝔫𝔦, a\ttab\nand a line, \ufdd0\U0010ffff"
    case = officer.contact(summary=said)["case"]
    history = answered(officer.get(f"/v1/cases/{case}/history"))
    assert history["entries"][1]["fact"]["summary"] == {"state": "shown", "text": said}


def test_an_accepted_request_sent_again_gets_its_first_answer_and_writes_nothing(house: House, officer: Caller) -> None:
    body, key = a_contact(), str(uuid4())
    first = officer.post("/v1/contacts", body, Idempotency_Key=key)
    officer.contact()
    head = house.head("maidstone")
    again = officer.post("/v1/contacts", dict(reversed(body.items())), Idempotency_Key=key)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Evenhand-Position"] == first.headers["Evenhand-Position"]
    assert house.head("maidstone") == head


def test_a_repeat_is_recognised_before_its_stale_etag_and_before_rules(officer: Caller) -> None:
    case, key = officer.contact()["case"], str(uuid4())
    path, body = f"/v1/cases/{case}/log-contact", {"channel": "email", "summary": "x", "happened_on": "2026-01-12"}
    first = officer.post(path, body, Idempotency_Key=key, If_Match='"2"')
    again = officer.post(path, body, Idempotency_Key=key, If_Match='"2"')
    fresh = officer.post(path, body, If_Match='"2"')
    assert accepted(first) == accepted(again)
    assert fresh.status_code == 412


def test_keys_are_the_callers_own(house: House) -> None:
    key = str(uuid4())
    one, other = house.caller("maidstone"), house.caller("maidstone", "colleague")
    body = a_contact(reference=None)
    first = accepted(one.post("/v1/contacts", body, Idempotency_Key=key))
    second = accepted(other.post("/v1/contacts", body, Idempotency_Key=key))
    assert first["case"] != second["case"]


def test_two_at_once_under_one_key_are_one(house: House, officer: Caller) -> None:
    body, key = a_contact(reference=None), str(uuid4())
    barrier, answers = Barrier(4), list[httpx.Response]()

    def send() -> None:
        barrier.wait()
        answers.append(officer.post("/v1/contacts", body, Idempotency_Key=key))

    before = house.head("maidstone")
    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.text for answer in answers}) == 1
    assert house.head("maidstone") == before + 2


def test_if_match_lets_the_version_that_was_read_through_and_no_other(house: House, officer: Caller) -> None:
    case = officer.contact()["case"]
    path = f"/v1/cases/{case}/request-policy-copy"
    accepted(officer.post(path, {}, If_Match='"2"'))
    head = house.head("maidstone")
    stale = officer.post(path, {}, If_Match='"2"')
    assert stale.status_code == 412
    assert stale.json()["type"] == "/problems/stale"
    assert stale.json()["version"] == 3
    assert stale.headers["ETag"] == '"3"'
    assert house.head("maidstone") == head
    accepted(officer.post(path, {}, If_Match='"3"'))
    accepted(officer.post(path, {}, If_Match="*"))


@pytest.mark.parametrize("tag", ['W/"2"', '"two"', '"-2"', '"2222222222"', '""'])
def test_an_etag_that_was_never_given_matches_nothing(officer: Caller, tag: str) -> None:
    case = officer.contact()["case"]
    assert officer.post(f"/v1/cases/{case}/request-policy-copy", {}, If_Match=tag).status_code == 412


def test_an_answer_is_never_304(officer: Caller) -> None:
    case = officer.contact()["case"]
    etag = officer.get(f"/v1/cases/{case}").headers["ETag"]
    assert officer.get(f"/v1/cases/{case}", headers={"If-None-Match": etag}).status_code == 200


def test_a_reader_sees_its_own_write(officer: Caller) -> None:
    written = officer.contact()
    position = written["position"]
    by_query = officer.get(f"/v1/cases/{written['case']}", min_position=position)
    by_header = officer.get("/v1/register", headers={"Evenhand-Position": str(position)})
    assert answered(by_query)["position"] == position
    assert answered(by_header)["position"] >= position


@pytest.mark.parametrize("path", ["/v1/register", "/v1/cases/{case}", "/v1/cases/{case}/history"])
def test_a_position_that_the_log_has_not_reached_is_503_with_a_time_to_ask_again(officer: Caller, path: str) -> None:
    written = officer.contact()
    response = officer.get(path.format(**written), min_position=written["position"] + 1000)
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/not-yet"
    assert int(response.headers["Retry-After"]) >= 1


def test_what_was_written_carries_the_landlords_own_time(officer: Caller) -> None:
    case = officer.contact()["case"]
    entry = answered(officer.get(f"/v1/cases/{case}/history"))["entries"][0]
    assert datetime.fromisoformat(entry["recorded_at"]).tzinfo == UTC
    assert entry["recorded_at"].startswith("2026-01-12")
