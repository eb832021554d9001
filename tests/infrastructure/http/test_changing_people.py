"""What the directory knows of a person is put right over HTTP: on record, and in time for letters that wait for it."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from application.ports import Access
from domain.codes import CaseId, SubjectId
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered, appoint
from tests.infrastructure.letters.a_released_letter import Reachable, eventually, reachable

MOVED = {"address": "9 Oak Row\nOakton\nOK1 1OK"}


@pytest.fixture
def recorder(house: House) -> Caller:
    """Somebody who may record and see no personal values."""
    return house.caller("maidstone", scopes=frozenset({"record"}))


def recorded(house: House, person: str) -> list[Access]:
    """What the access log says of a person."""
    return [access for _, access in house.evenhand.access_log("maidstone").all_of_subject(SubjectId(person))]


def test_the_answer_is_the_one_that_a_question_gets(officer: Caller) -> None:
    known = {"reference": f"T-{uuid4().hex}", "name": "Robin", "telephone": "01632 960123"}
    person = accepted(officer.post("/v1/persons", known))["person"]
    change = {"name": SECRET, "telephone": None, "email": "robin@example.org"}
    for _ in range(2):  # the same again is the same
        shown = answered(officer.patch(f"/v1/persons/{person}", change))
        assert shown == answered(officer.get(f"/v1/persons/{person}"))
        assert {name: shown[name] for name in (*known, *change, "address")} == {**known, **change, "address": None}


def test_a_person_whom_a_contact_made_gets_a_name_and_another_reference(officer: Caller) -> None:
    reference, other = f"T-{uuid4().hex}", f"T-{uuid4().hex}"
    answer = officer.contact(reference=reference)
    shown = answered(officer.patch(f"/v1/persons/{answer['person']}", {"name": SECRET, "reference": other}))
    assert (shown["name"], shown["reference"], shown["cases"]) == (SECRET, other, [answer["case"]])
    assert officer.get("/v1/persons", reference=reference).status_code == 404
    assert answered(officer.get("/v1/persons", reference=other))["person"] == answer["person"]


def test_who_changed_which_fields_is_on_record_without_what_they_say(house: House, recorder: Caller) -> None:
    person = accepted(recorder.post("/v1/persons", {"name": "Robin"}))["person"]
    change = {"name": SECRET, **MOVED}
    shown = answered(recorder.patch(f"/v1/persons/{person}", change, Evenhand_Purpose="tenant-moved"))
    assert (shown["state"], shown["name"], shown["address"]) == ("withheld", None, None)
    answered(recorder.patch(f"/v1/persons/{person}", change))
    [access] = recorded(house, person)
    assert (access.actor, access.purpose) == (house.staff("maidstone"), "tenant-moved")
    assert (access.query, access.fields) == ("PATCH /v1/persons/{person}", ("change.name", "change.address"))
    assert access.role != "no post"


def test_what_is_shown_after_a_change_is_on_record_as_read(house: House, officer: Caller) -> None:
    person = accepted(officer.post("/v1/persons", {"name": "Robin"}))["person"]
    answered(officer.patch(f"/v1/persons/{person}", MOVED))
    changed, read = recorded(house, person)
    assert (changed.purpose, changed.fields) == ("change-person", ("change.address",))
    assert read.fields == ("reference", "name", "address", "telephone", "email")


def test_an_erased_person_is_changed_no_more(house: House, officer: Caller) -> None:
    office = house.evenhand.office("maidstone")
    for erased in (office.key_ring.destroy, office.directory.erase):
        person = accepted(officer.post("/v1/persons", {"name": "Robin"}))["person"]
        erased(SubjectId(person))
        response = officer.patch(f"/v1/persons/{person}", {"name": SECRET})
        assert (response.status_code, response.json()["type"]) == (409, "/problems/erased")
        assert recorded(house, person) == []


def test_the_answer_for_a_merged_record_says_which_is_kept(house: House) -> None:
    appoint(house, "maidstone", "keeper", "records_officer")
    keeper = house.caller("maidstone", "keeper")
    kept, gone = keeper.contact(), keeper.contact()
    merging = {"other_case": gone["case"], "kept": kept["person"], "reason": "One person."}
    accepted(keeper.post(f"/v1/cases/{kept['case']}/merge-records", merging))
    shown = answered(keeper.patch(f"/v1/persons/{gone['person']}", MOVED))
    assert (shown["person"], shown["kept"], shown["address"]) == (gone["person"], kept["person"], MOVED["address"])
    assert answered(keeper.get(f"/v1/persons/{kept['person']}"))["address"] is None


def _parked(world: Reachable) -> bool:
    return world.state(world.letter().dispatch) == "parked"


def test_a_letter_that_waits_for_an_address_goes_once_there_is_one_and_somebody_takes_it_up(everybody: House) -> None:
    world = reachable(everybody)
    officer = world.callers["case_officer"]
    person = everybody.evenhand.desk("derby").case(CaseId(world.case_id)).person
    answered(officer.patch(f"/v1/persons/{person}", {"address": None}))
    letter = world.released()
    eventually(partial(_parked, world))
    answered(officer.patch(f"/v1/persons/{person}", MOVED))
    prepared = officer.get(f"/v1/cases/{world.case_id}/letters/{letter.id}").content
    assert _parked(world)  # nobody took it up yet
    world.post("take-up-letter", letter=letter.id, had_gone=False)
    eventually(lambda: world.letter().sent_on is not None)
    folder = everybody.evenhand.settings.data / "letters" / "derby" / str(world.letter().dispatch)
    assert (folder / "to.txt").read_text().splitlines() == ["Zoë Quill", *MOVED["address"].splitlines()]
    assert (folder / "letter.pdf").read_bytes() == prepared  # what was prepared is what goes
