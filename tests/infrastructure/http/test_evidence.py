"""Evidence files over HTTP: sent with what they show, given again on record, and nothing half-written."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from domain.codes import CaseId
from domain.personal import KeyClass
from infrastructure.office import Office
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered

RECORDING = b"ID3\x04\x00\x00" + SECRET.encode() * 20_000
WORDS = f"Recording in which {SECRET} – é – shouts"


def send(
    caller: Caller, case: str, content: Any = RECORDING, kind: str = "audio/mpeg", of: str = "contact-1", **headers: str
) -> httpx.Response:
    """A file for a contact."""
    named = {"Content-Type": kind, "Evenhand-Description": quote(WORDS)} | headers
    return caller.raw(f"/v1/cases/{case}/evidence?of={of}&kind=recording", content, **named)


@pytest.fixture
def case(officer: Caller) -> str:
    """A case with one contact."""
    found: str = officer.contact()["case"]
    return found


@pytest.fixture
def office(house: House) -> Office:
    """Maidstone's."""
    return house.evenhand.office("maidstone")


def kept(office: Office, case: str) -> int:
    """How many files are kept of a case."""
    query = b"SELECT count(*) AS files FROM landlord_maidstone.evidence WHERE case_id = %s"
    row: Any = office.recorder.server.run(lambda conn: conn.execute(query, [case]).fetchone())
    found: int = row["files"]
    return found


def test_a_file_comes_back_as_it_was_sent_and_that_it_was_read_is_on_record(
    officer: Caller, office: Office, case: str
) -> None:
    answer = accepted(send(officer, case))
    assert [(fact["type"], fact["id"]) for fact in answer["facts"]] == [("EvidenceAttached", "evidence-1")]
    response = officer.get(f"/v1/cases/{case}/evidence/evidence-1")
    assert response.content == RECORDING
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["Content-Disposition"] == 'attachment; filename="evidence-1.mp3"'
    _, access = office.access_log.of_case(CaseId(case))[-1]
    assert access.fields == ("evidence-1.file",)
    assert access.subject is not None


def test_the_case_tells_of_a_file_by_digest_size_and_type(officer: Caller, case: str) -> None:
    accepted(send(officer, case))
    fact = answered(officer.get(f"/v1/cases/{case}/history"))["entries"][-1]["fact"]
    assert (fact["size"], fact["media_type"], len(fact["digest"])) == (len(RECORDING), "audio/mpeg", 64)
    assert fact["description"] == {"state": "shown", "text": WORDS}


def test_a_repeat_under_the_same_key_writes_nothing_more(officer: Caller, office: Office, case: str) -> None:
    first, second = (accepted(send(officer, case, Idempotency_Key=f"file-{case}")) for _ in range(2))
    assert first == second
    assert kept(office, case) == 1
    other = send(officer, case, RECORDING + b".", Idempotency_Key=f"file-{case}")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert kept(office, case) == 1


def test_a_file_that_is_refused_leaves_no_bytes(officer: Caller, office: Office, case: str) -> None:
    response = send(officer, case, of="contact-9")
    assert response.status_code == 409
    assert [v["rule"] for v in response.json()["violations"]] == ["unknown_item"]
    stale = send(officer, case, If_Match='"1"')
    assert stale.status_code == 412
    assert kept(office, case) == 0


def test_bytes_whose_event_never_came_are_swept_and_those_of_others_stay(
    officer: Caller, office: Office, case: str
) -> None:
    age = b"UPDATE landlord_maidstone.evidence SET kept_at = kept_at - interval '25 hours'"
    office.recorder.server.run(lambda conn: conn.execute(age))
    office.sweep_evidence()  # what other tests left
    accepted(send(officer, case))
    person = office.desk.case(CaseId(case)).person
    office.blobs.keep(person, CaseId(case), b"The process was killed before the event was written.")
    office.blobs.keep(person, CaseId("5e0c2b7a-4f52-4d0e-9a1c-7c1f4f0b2d11"), b"Or there never was such a case.")
    assert office.sweep_evidence() == 0  # a request may still be on its way
    office.recorder.server.run(lambda conn: conn.execute(age))
    assert office.sweep_evidence() == 2
    assert kept(office, case) == 1
    assert officer.get(f"/v1/cases/{case}/evidence/evidence-1").content == RECORDING


def test_a_file_that_is_too_large_is_refused_with_the_size_that_is_taken(officer: Caller, case: str) -> None:
    largest = 10 * 1024 * 1024
    response = send(officer, case, RECORDING + bytes(largest))
    assert response.status_code == 413
    assert str(largest) in response.json()["detail"]
    accepted(send(officer, case, b"ID3" + bytes(largest - 3)))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/zip", b"PK\x03\x04"),
        ("text/html", b"<html>"),
        ("application/octet-stream", RECORDING),
        ("image/png", RECORDING),
        ("application/pdf", b""),
        ("text/plain", b""),
        ("", RECORDING),
    ],
)
def test_a_file_of_another_type_than_is_taken_or_said_is_refused(
    officer: Caller, office: Office, case: str, kind: str, content: bytes
) -> None:
    response = send(officer, case, content, kind)
    assert response.status_code == 422
    assert response.json()["type"] == "/problems/evidence-type"
    assert SECRET not in response.text
    assert kept(office, case) == 0


def test_what_is_said_of_a_file_is_checked_as_any_field(officer: Caller, case: str) -> None:
    blank = send(officer, case, **{"Evenhand-Description": "%20"})
    assert blank.status_code == 422
    assert [error["field"] for error in blank.json()["errors"]] == ["description"]
    broken = send(officer, case, **{"Evenhand-Description": "%ff"})
    assert broken.status_code == 400
    named: Any = {**officer.headers, "Content-Type": "audio/mpeg", "Evenhand-Description": "Lärm".encode()}
    address = f"/v1/cases/{case}/evidence?of=contact-1&kind=recording"
    unencoded = officer.house.http.post(address, content=RECORDING, headers=named)
    assert unencoded.status_code == 400
    wordless = officer.raw(f"/v1/cases/{case}/evidence?of=contact-1&kind=letter", RECORDING, Content_Type="audio/mpeg")
    assert [error["field"] for error in wordless.json()["errors"]] == ["Evenhand-Description"]
    nameless = officer.raw(
        f"/v1/cases/{case}/evidence?of=contact-1&kind=a b",
        RECORDING,
        **{"Content-Type": "audio/mpeg", "Evenhand-Description": "x"},
    )
    assert [error["field"] for error in nameless.json()["errors"]] == ["kind"]


def test_whoever_may_not_see_personal_values_gets_no_file(house: House, officer: Caller, case: str) -> None:
    accepted(send(officer, case))
    blind = house.caller("maidstone", scopes=frozenset({"read", "record"}))
    assert blind.get(f"/v1/cases/{case}/evidence/evidence-1").status_code == 403


def test_evidence_without_a_file_has_none_to_give(officer: Caller, case: str) -> None:
    body = {"of": "contact-1", "kind": "note", "description": "A note."}
    accepted(officer.post(f"/v1/cases/{case}/attach-evidence", body))
    assert officer.get(f"/v1/cases/{case}/evidence/evidence-1").status_code == 404
    assert officer.post(f"/v1/cases/{case}/attach-evidence", {**body, "blob": "b"}).status_code == 422


def test_a_file_is_gone_once_its_key_is_destroyed(officer: Caller, office: Office, case: str) -> None:
    accepted(send(officer, case))
    person = office.desk.case(CaseId(case)).person
    office.key_ring.destroy_one(person, CaseId(case), KeyClass.EVIDENCE)
    response = officer.get(f"/v1/cases/{case}/evidence/evidence-1")
    assert response.status_code == 410
    assert response.json()["type"] == "/problems/file-gone"
