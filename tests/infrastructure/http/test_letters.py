"""Letters over HTTP: prepared and kept sealed, listed, given on record, released and discarded."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
from psycopg.sql import SQL, Identifier

from domain.codes import CaseId
from domain.personal import KeyClass
from infrastructure.http.auth import SCOPES
from tests.infrastructure.http.a_house import Caller, House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road
from tests.infrastructure.letters.a_released_letter import eventually, reachable


def restricted(house: House, landlord: str = "derby") -> HttpWorld:
    """A case with a restriction of which the customer was not told yet."""
    road = a_road(house, landlord)
    road.restricted(told=False)
    assert isinstance(road.world, HttpWorld)
    return road.world


def officer(world: HttpWorld) -> Caller:
    """Somebody who may do everything but decide on restrictions."""
    return world.callers["case_officer"]


def prepare(world: HttpWorld, **asked: Any) -> httpx.Response:
    """A letter about the restriction is prepared."""
    headers = asked.pop("headers", {})
    body = {"kind": "decision", "about": "restriction-1", **asked}
    return officer(world).post(f"/v1/cases/{world.case_id}/letters", body, **headers)


def letters(world: HttpWorld) -> list[dict[str, Any]]:
    """The list."""
    listed: list[dict[str, Any]] = answered(officer(world).get(f"/v1/cases/{world.case_id}/letters"))["letters"]
    return listed


def kept(house: House, world: HttpWorld) -> int:
    """How many files are kept of the case."""
    table = Identifier(f"landlord_{world.landlord_id}", "evidence")
    query = SQL("SELECT count(*) AS n FROM {} WHERE case_id = %s").format(table)
    server = house.evenhand.office(world.landlord_id).recorder.server
    row: Any = server.run(lambda conn: conn.execute(query, [world.case_id]).fetchone())
    found: int = row["n"]
    return found


def test_a_letter_is_prepared_listed_and_given_as_it_was_written(everybody: House) -> None:
    world = restricted(everybody)
    answer = accepted(prepare(world))
    assert [(fact["type"], fact["id"]) for fact in answer["facts"]] == [("LetterPrepared", "letter-1")]
    assert answer["lacks"] == []
    (line,) = letters(world)
    assert (line["letter"], line["state"], line["kind"]) == ("letter-1", "prepared", "decision")
    path = f"/v1/cases/{world.case_id}/letters/letter-1"
    pdf = officer(world).get(path)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    text = officer(world).get(path, headers={"Accept": "text/plain"}).text
    assert "Dear Robin Example" in text
    read = [one for _, one in everybody.evenhand.access_log("derby").all_of_case(CaseId(world.case_id))]
    assert ("letter-1.file",) in {one.fields for one in read}
    assert ("letter-1.text",) in {one.fields for one in read}
    assert kept(everybody, world) == 1


def test_what_a_letter_lacks_is_told_with_its_clause_and_it_is_not_released(everybody: House) -> None:
    world = restricted(everybody, "maidstone")
    lacks = accepted(prepare(world))["lacks"]
    assert [one["rule"] for one in lacks] == ["encloses_policy"]
    assert lacks[0]["clause"]
    head = world.callers["head_of_policy"]
    body = {"letter": "letter-1", "method": "first_class_post"}
    refused = head.post(f"/v1/cases/{world.case_id}/release-letter", body)
    assert refused.status_code == 409
    assert [v["rule"] for v in refused.json()["violations"]] == ["encloses_policy"]


def test_a_letter_is_released_once_and_a_discarded_one_never(everybody: House) -> None:
    world = restricted(everybody)
    for _ in range(2):
        accepted(prepare(world))
    case = f"/v1/cases/{world.case_id}"
    accepted(officer(world).post(f"{case}/discard-letter", {"letter": "letter-1", "reason": "A slip."}))
    body = {"method": "first_class_post"}
    assert officer(world).post(f"{case}/release-letter", {"letter": "letter-1", **body}).status_code == 409
    accepted(officer(world).post(f"{case}/release-letter", {"letter": "letter-2", **body}))
    again = officer(world).post(f"{case}/release-letter", {"letter": "letter-2", **body})
    assert [v["rule"] for v in again.json()["violations"]] == ["released_already"]
    first, second = letters(world)
    assert first["state"] == "discarded"
    assert second["released_by"] == everybody.staff("derby", "case_officer")
    assert second["dispatch"]


def test_the_same_request_again_prepares_no_second_letter(everybody: House) -> None:
    world = restricted(everybody)
    key = {"headers": {"Idempotency_Key": f"letter-{world.case_id}"}}
    first, second = (accepted(prepare(world, **key)) for _ in range(2))
    assert first == second
    assert kept(everybody, world) == 1
    assert prepare(world, format="large_print", **key).status_code == 422


def test_a_letter_that_is_refused_leaves_nothing_behind(everybody: House) -> None:
    world = restricted(everybody)
    assert prepare(world, headers={"If_Match": '"1"'}).status_code == 412
    assert prepare(world, notice="notice-9").status_code == 409
    assert prepare(world, about="restriction-9").status_code == 409
    assert prepare(world, kind="staff_information").status_code == 422
    assert kept(everybody, world) == 0
    assert letters(world) == []


def test_whoever_may_not_see_personal_values_prepares_and_lists_and_reads_no_letter(everybody: House) -> None:
    world = restricted(everybody)
    accepted(prepare(world))
    blind = everybody.caller("derby", "case_officer", frozenset(SCOPES) - {"read-personal"})
    assert blind.get(f"/v1/cases/{world.case_id}/letters").status_code == 200
    assert blind.get(f"/v1/cases/{world.case_id}/letters/letter-1").status_code == 403


def test_a_letter_that_is_not_there_is_not_found(everybody: House) -> None:
    world = restricted(everybody)
    assert officer(world).get(f"/v1/cases/{world.case_id}/letters/letter-1").status_code == 404
    body = {"letter": "letter-1", "method": "email"}
    refused = officer(world).post(f"/v1/cases/{world.case_id}/release-letter", body)
    assert [v["rule"] for v in refused.json()["violations"]] == ["unknown_letter"]


def test_a_released_letter_goes_into_the_folder_and_counts_from_then(everybody: House) -> None:
    world = reachable(everybody)
    letter = world.released()
    eventually(lambda: world.letter().sent_on is not None)
    folder = everybody.evenhand.settings.data / "letters" / "derby" / str(letter.dispatch)
    assert sorted(file.name for file in folder.iterdir()) == ["letter.json", "letter.pdf", "letter.txt", "to.txt"]
    assert (folder / "to.txt").read_text().splitlines() == ["Zoë Quill", "1 Elm Row", "Elmton", "EL1 1EL"]
    shown = officer(world).get(f"/v1/cases/{world.case_id}/letters/letter-1")
    assert (folder / "letter.pdf").read_bytes() == shown.content
    assert letters(world)[0]["state"] == "sent"
    case = everybody.evenhand.desk("derby").case(CaseId(world.case_id))
    (notice,) = case.notices_about("restriction-1")
    assert (notice.sent_on, notice.proved_on) == (world.today, None)
    eventually(lambda: world.state(letter.dispatch) == "done")
    read = [one for _, one in everybody.evenhand.access_log("derby").all_of_case(CaseId(world.case_id))]
    assert {"letter-1.text", "letter-1.file", "address"} <= {
        name for one in read if one.purpose == "send-letter" for name in one.fields
    }


def test_a_letter_without_an_address_waits_for_somebody_who_takes_it_up(everybody: House) -> None:
    world = restricted(everybody)
    accepted(prepare(world))
    case = f"/v1/cases/{world.case_id}"
    accepted(officer(world).post(f"{case}/release-letter", {"letter": "letter-1", "method": "email"}))
    eventually(lambda: letters(world)[0]["state"] == "parked")
    assert letters(world)[0]["parked"] == "no_address"
    took = {"letter": "letter-1", "had_gone": True, "sent_at": world.now.isoformat()}
    accepted(officer(world).post(f"{case}/take-up-letter", took))
    assert letters(world)[0]["state"] == "sent"


def test_what_is_handed_over_by_people_waits_for_them(everybody: House) -> None:
    world = reachable(everybody)
    world.released("by_hand")
    eventually(lambda: letters(world)[0]["parked"] == "nobody_carries_it")


def test_a_letter_is_gone_once_the_key_of_notices_is_destroyed(everybody: House) -> None:
    world = restricted(everybody)
    accepted(prepare(world))
    office = everybody.evenhand.office("derby")
    person = office.desk.case(CaseId(world.case_id)).person
    office.key_ring.destroy_one(person, CaseId(world.case_id), KeyClass.NOTICE)
    path = f"/v1/cases/{world.case_id}/letters/letter-1"
    for accept in ("application/pdf", "text/plain"):
        gone = officer(world).get(path, headers={"Accept": accept})
        assert gone.status_code == 410
        assert gone.json()["type"] == "/problems/file-gone"


def test_bytes_of_a_letter_that_was_never_taken_down_are_swept_and_others_stay(everybody: House) -> None:
    world = restricted(everybody)
    accepted(prepare(world))
    office = everybody.evenhand.office("derby")
    person = office.desk.case(CaseId(world.case_id)).person
    office.blobs.keep(person, CaseId(world.case_id), b"%PDF-1.7 killed in between", KeyClass.NOTICE)
    age = b"UPDATE landlord_derby.evidence SET kept_at = kept_at - interval '25 hours'"
    office.recorder.server.run(lambda conn: conn.execute(age))
    office.sweep_evidence()
    assert kept(everybody, world) == 1
    assert officer(world).get(f"/v1/cases/{world.case_id}/letters/letter-1").status_code == 200


def test_a_letter_is_in_what_the_customer_is_given_of_their_data(everybody: House) -> None:
    world = restricted(everybody)
    accepted(prepare(world))
    protects = world.callers["data_protection_officer"]
    answer = protects.get(f"/v1/persons/{world.person}/export")
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as archive:
        name = f"letters/{world.case_id}/letter-1.pdf"
        shown = officer(world).get(f"/v1/cases/{world.case_id}/letters/letter-1")
        assert archive.read(name) == shown.content
