"""An entry on the wrong person and a wrong record, over HTTP: hidden from readers, whole for the officer, exported."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from application.ports import PersonDetails
from domain.codes import Authority, CaseId, StaffId, SubjectId
from domain.decisions.people import AuthoriseRepresentative
from domain.personal import Erased, Personal
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered, appoint
from tests.infrastructure.http.test_evidence import RECORDING, send

THEIRS = f"{SECRET} shouted about the lift."
OWN = "Asked when the bins are emptied."


@pytest.fixture(scope="module")
def protection_officer(house: House) -> Caller:
    """Maidstone's data protection officer."""
    appoint(house, "maidstone", "protection", "data_protection_officer")
    return house.caller("maidstone", "protection")


class Mistaken:
    """Two people, and what was taken down of the second in the case of the first: a call with a recording."""

    def __init__(self, officer: Caller) -> None:
        self.officer = officer
        first, second = officer.contact(summary=OWN), officer.contact(summary="Rang about rent.")
        self.wrong, self.wrong_person = first["case"], first["person"]
        self.right, self.right_person = second["case"], second["person"]
        body = {"channel": "telephone", "summary": THEIRS}
        accepted(officer.post(f"/v1/cases/{self.wrong}/log-contact", body))
        accepted(send(officer, self.wrong, of="contact-2"))

    def move(self) -> Any:
        """The entry goes where it belongs."""
        body = {"entry": "contact-2", "other_case": self.right, "reason": "The caller gave another tenancy."}
        return self.officer.post(f"/v1/cases/{self.wrong}/move-entry", body)


@pytest.fixture
def mistaken(officer: Caller) -> Mistaken:
    """Before anything was moved."""
    return Mistaken(officer)


@pytest.fixture
def moved(mistaken: Mistaken) -> Mistaken:
    """After it was."""
    accepted(mistaken.move())
    return mistaken


def entries(caller: Caller, case: str) -> list[dict[str, Any]]:
    """A case's history."""
    found: list[dict[str, Any]] = answered(caller.get(f"/v1/cases/{case}/history"))["entries"]
    return found


def documents(caller: Caller, person: str) -> dict[str, Any]:
    """What an export holds: JSON as it says, other files as bytes."""
    response = caller.get(f"/v1/persons/{person}/export")
    assert response.status_code == 200, response.text
    with ZipFile(BytesIO(response.content)) as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(content) if name.endswith(".json") else content for name, content in read.items()}


# Moved


def test_a_moved_entry_is_read_in_the_right_case(moved: Mistaken) -> None:
    told = entries(moved.officer, moved.right)
    assert [entry["type"] for entry in told[-3:]] == ["ContactLogged", "TakenFromOtherPerson", "EvidenceAttached"]
    assert told[-3]["fact"]["summary"] == {"state": "shown", "text": THEIRS}
    assert moved.officer.get(f"/v1/cases/{moved.right}/evidence/evidence-1").content == RECORDING


def test_nothing_of_it_is_read_in_the_wrong_case(moved: Mistaken) -> None:
    response = moved.officer.get(f"/v1/cases/{moved.wrong}/history")
    assert SECRET not in response.text
    hidden = [entry for entry in answered(response)["entries"] if entry["hidden"]]
    assert [entry["type"] for entry in hidden] == ["ContactLogged", "EvidenceAttached"]
    assert all(entry["fact"] is None for entry in hidden)
    case = answered(moved.officer.get(f"/v1/cases/{moved.wrong}"))["case"]
    assert [contact["id"] for contact in case["contacts"]] == ["contact-1"]
    assert case["evidence"] == []
    assert moved.officer.get(f"/v1/cases/{moved.wrong}/evidence/evidence-1").status_code == 404


def test_asking_for_the_past_shows_nothing_of_it_either(moved: Mistaken) -> None:
    response = moved.officer.get(f"/v1/cases/{moved.wrong}/history", known_at="2026-01-12T12:00:00Z")
    assert response.status_code == 200
    assert SECRET not in response.text


def test_the_data_protection_officer_sees_what_was_hidden(moved: Mistaken, protection_officer: Caller) -> None:
    hidden = [entry for entry in entries(protection_officer, moved.wrong) if entry["hidden"]]
    assert hidden[0]["fact"]["summary"] == {"state": "shown", "text": THEIRS}
    assert protection_officer.get(f"/v1/cases/{moved.wrong}/evidence/evidence-1").content == RECORDING


def test_what_was_moved_goes_with_the_right_persons_keys_and_not_with_the_wrong_ones(
    house: House, moved: Mistaken
) -> None:
    ring = house.evenhand.office("maidstone").key_ring
    ring.destroy(SubjectId(moved.wrong_person))
    assert entries(moved.officer, moved.right)[-3]["fact"]["summary"]["text"] == THEIRS
    assert moved.officer.get(f"/v1/cases/{moved.right}/evidence/evidence-1").content == RECORDING
    ring.destroy(SubjectId(moved.right_person))
    assert entries(moved.officer, moved.right)[-3]["fact"]["summary"] == {"state": "erased", "text": None}
    assert moved.officer.get(f"/v1/cases/{moved.right}/evidence/evidence-1").status_code == 410


def test_moving_reads_the_values_on_record(house: House, moved: Mistaken) -> None:
    log = house.evenhand.office("maidstone").access_log.of_case(CaseId(moved.wrong))
    assert [access.purpose for _, access in log].count("move-entry") == 1


def test_the_first_copy_of_a_moved_file_is_swept_and_the_second_stays(house: House, moved: Mistaken) -> None:
    office = house.evenhand.office("maidstone")
    age = "UPDATE landlord_maidstone.evidence SET kept_at = kept_at - interval '2 days'"
    office.recorder.server.run(lambda conn: conn.execute(age.encode()))
    assert office.sweep_evidence() >= 1
    assert moved.officer.get(f"/v1/cases/{moved.right}/evidence/evidence-1").content == RECORDING


def test_a_move_that_is_refused_leaves_everything_as_it_was(mistaken: Mistaken) -> None:
    body = {"entry": "contact-2", "other_case": mistaken.wrong, "reason": "A slip."}
    for other, rule in ((mistaken.wrong, "two_cases"), ("5e0c2b7a-4f52-4d0e-9a1c-7c1f4f0b2d11", "unknown_case")):
        response = mistaken.officer.post(f"/v1/cases/{mistaken.wrong}/move-entry", {**body, "other_case": other})
        assert [v["rule"] for v in response.json()["violations"]] == [rule]
    assert entries(mistaken.officer, mistaken.wrong)[-1]["type"] == "EvidenceAttached"
    accepted(mistaken.move())
    again = mistaken.move()
    assert [v["rule"] for v in again.json()["violations"]] == ["entry_moved"]


def test_an_erased_value_cannot_be_moved(house: House, mistaken: Mistaken) -> None:
    house.evenhand.office("maidstone").key_ring.destroy(SubjectId(mistaken.wrong_person))
    response = mistaken.move()
    assert response.status_code == 409
    assert response.json()["type"] == "/problems/erased"


def test_the_case_as_it_was_known_before_tells_nothing_of_it_either(house: House, moved: Mistaken) -> None:
    history = house.evenhand.office("maidstone").desk.history(CaseId(moved.wrong))
    then = next(event.recorded_at for event in reversed(history) if "contact-2" in event.fact.__repr__())
    known_at = then.isoformat().replace("+00:00", "Z")
    case = answered(moved.officer.get(f"/v1/cases/{moved.wrong}", known_at=known_at))["case"]
    assert [contact["id"] for contact in case["contacts"]] == ["contact-1"]


def test_once_the_right_person_is_erased_nobody_sees_the_first_copy(
    house: House, moved: Mistaken, protection_officer: Caller
) -> None:
    office = house.evenhand.office("maidstone")
    office.key_ring.destroy(SubjectId(moved.right_person))
    office.directory.erase(SubjectId(moved.right_person))
    assert SECRET not in protection_officer.get(f"/v1/cases/{moved.wrong}/history").text
    assert protection_officer.get(f"/v1/cases/{moved.wrong}/evidence/evidence-1").status_code == 404


# Put right


def test_a_history_shows_what_was_written_and_what_is_right(moved: Mistaken, protection_officer: Caller) -> None:
    wrong = entries(protection_officer, moved.wrong)[1]
    correct = "Asked when the bins are emptied, politely."
    body = {"event": wrong["event_id"], "field": "summary", "correct": correct, "reason": "The customer says so."}
    path = f"/v1/cases/{moved.wrong}/rectify-record"
    refused = moved.officer.post(path, body)
    assert [v["rule"] for v in refused.json()["violations"]] == ["post_held"]
    event = accepted(protection_officer.post(path, body))["facts"][0]["event_id"]
    told = entries(moved.officer, moved.wrong)[1]
    assert told["fact"]["summary"]["text"] == OWN
    assert told["put_right"] == [
        {"field": "summary", "correct": {"state": "shown", "text": correct}, "event": event},
    ]


# Exported


def test_an_export_is_for_the_data_protection_officer_alone(moved: Mistaken) -> None:
    response = moved.officer.get(f"/v1/persons/{moved.right_person}/export")
    assert response.status_code == 403
    assert response.json()["type"] == "/problems/post-missing"


def test_an_export_holds_everything_of_the_person(moved: Mistaken, protection_officer: Caller) -> None:
    found = documents(protection_officer, moved.right_person)
    events = found[f"cases/{moved.right}.json"]["events"]
    assert [event["type"] for event in events] == [
        "CaseOpened",
        "ContactLogged",
        "ContactLogged",
        "TakenFromOtherPerson",
        "EvidenceAttached",
    ]
    assert events[2]["fact"]["summary"] == {"state": "shown", "text": THEIRS}
    assert found[events[4]["file"]] == RECORDING
    assert found["person.json"]["known_as"][0]["person"] == moved.right_person
    assert found["person.json"]["known_as"][0]["reference"].startswith("T-")
    assert found["person.json"]["files"] == [events[4]["file"]]


def test_what_was_moved_away_is_in_no_export_of_the_first_person(moved: Mistaken, protection_officer: Caller) -> None:
    found = documents(protection_officer, moved.wrong_person)
    assert SECRET not in json.dumps({name: one for name, one in found.items() if not isinstance(one, bytes)})
    assert not any(name.startswith("evidence/") for name in found)
    hidden = [event for event in found[f"cases/{moved.wrong}.json"]["events"] if event.get("hidden")]
    assert len(hidden) == 2
    for name, document in found.items():
        told = json.dumps(document)
        assert (moved.right_person in told) == (name == "apart.json")
        assert (moved.right in told) == (name == "apart.json")


def test_other_peoples_data_is_set_apart(house: House, officer: Caller, protection_officer: Caller) -> None:
    directory = house.evenhand.directory("maidstone")
    other = directory.add_person(PersonDetails(name="Quentin Neighbour"))
    taken = officer.contact(summary=OWN)
    body = {
        "happened_on": "2026-01-12",
        "grounds": [a_ground(house)],
        "account": "Shouted at a neighbour.",
        "other_party": "The neighbour was ill.",
        "other_person": other,
    }
    accepted(officer.post(f"/v1/cases/{taken['case']}/record-incident", body))
    found = documents(protection_officer, taken["person"])
    incident = found[f"cases/{taken['case']}.json"]["events"][-1]
    assert incident["fact"]["other_party"] == {"state": "withheld", "text": None}
    assert incident["fact"]["account"]["text"] == "Shouted at a neighbour."
    apart = found["apart.json"]
    assert [(one["of"], one["text"]) for one in apart["values"]] == [(other, "The neighbour was ill.")]
    [label] = [one["label"] for one in apart["persons"] if one["person"] == other]
    assert incident["fact"]["other_person"] == label
    assert incident["by"] in {one["label"] for one in apart["staff"]}
    # And the other person's own export has what this case says of them, and nothing else of it.
    theirs = documents(protection_officer, other)
    assert [(one["field"], one["state"], one["text"]) for one in theirs["elsewhere.json"]] == [
        ("other_party", "shown", "The neighbour was ill."),
        ("other_person", "named", None),
    ]
    told = json.dumps({name: document for name, document in theirs.items() if name != "apart.json"})
    assert OWN not in told
    assert taken["person"] not in told
    assert taken["case"] not in told


def test_a_representative_whom_a_case_names_by_id_alone_is_told_of_it_and_of_nothing_else(
    house: House, officer: Caller, protection_officer: Caller
) -> None:
    sister = house.evenhand.directory("maidstone").add_person(PersonDetails(name="Ruth Sister"))
    taken = officer.contact(summary=OWN)
    body = {"person": sister, "authority": "written", "detail": "A letter of the tenant's."}
    accepted(officer.post(f"/v1/cases/{taken['case']}/authorise-representative", body))
    found = documents(protection_officer, sister)
    [line] = found["elsewhere.json"]
    assert (line["type"], line["field"], line["state"]) == ("RepresentativeAuthorised", "person", "named")
    assert line["case"] == "case-of-another-1"
    told = json.dumps({name: document for name, document in found.items() if name != "apart.json"})
    assert taken["person"] not in told
    assert taken["case"] not in told
    # The rest of that event is the tenant's: the officer has it apart, without the tenant's words.
    [event] = found["apart.json"]["events"]
    assert event["fact"]["authority"] == "written"
    assert event["fact"]["detail"] == {"state": "withheld", "text": None}
    assert OWN not in json.dumps(found)


def a_ground(house: House) -> str:
    """A ground of Maidstone's that needs nothing further."""
    policy = house.evenhand.office("maidstone").policies.files()[-1].policy
    return next(code for code, ground in policy.grounds.items() if not ground.needs)


def test_an_id_that_is_nobodys_garbles_no_export(house: House, officer: Caller, protection_officer: Caller) -> None:
    taken = officer.contact(summary=OWN)
    nobody = AuthoriseRepresentative(person="e", authority=Authority.WRITTEN, detail=Personal("Their sister."))
    house.evenhand.office("maidstone").desk.execute(
        CaseId(taken["case"]), nobody, StaffId(house.staff("maidstone", "officer"))
    )
    found = documents(protection_officer, taken["person"])
    assert found["person.json"]["about"].startswith("Everything that is held of this person.")
    fact = found[f"cases/{taken['case']}.json"]["events"][-1]["fact"]
    assert (fact["person"], fact["detail"]["text"]) == ("person-1", "Their sister.")


def test_an_export_is_on_record_and_tells_who_read_before(moved: Mistaken, protection_officer: Caller) -> None:
    entries(moved.officer, moved.right)
    readings = documents(protection_officer, moved.right_person)["readings.json"]
    assert "show-history" in {reading["purpose"] for reading in readings}
    again = documents(protection_officer, moved.right_person)["readings.json"]
    assert "export-person" in {reading["purpose"] for reading in again}


def test_an_erased_person_can_be_exported_as_far_as_there_is_something(
    house: House, moved: Mistaken, protection_officer: Caller
) -> None:
    office = house.evenhand.office("maidstone")
    office.key_ring.destroy(SubjectId(moved.right_person))
    assert isinstance(office.directory.person(SubjectId(moved.right_person)), Erased)
    found = documents(protection_officer, moved.right_person)
    assert found["person.json"]["known_as"][0]["state"] == "erased"
    events = found[f"cases/{moved.right}.json"]["events"]
    assert events[2]["fact"]["summary"] == {"state": "erased", "text": None}
    assert events[4]["file"] == "erased"


def test_records_that_were_merged_are_exported_together(
    house: House, officer: Caller, protection_officer: Caller
) -> None:
    appoint(house, "maidstone", "records", "records_officer")
    records = house.caller("maidstone", "records")
    first, second = officer.contact(summary=OWN), officer.contact(summary=THEIRS)
    body = {"other_case": second["case"], "kept": first["person"], "reason": "One person, two references."}
    accepted(records.post(f"/v1/cases/{first['case']}/merge-records", body))
    for person in (first["person"], second["person"]):
        found = documents(protection_officer, person)
        assert {entry["person"] for entry in found["person.json"]["known_as"]} == {first["person"], second["person"]}
        assert {*found["person.json"]["cases"]} == {first["case"], second["case"]}
        assert f"cases/{second['case']}.json" in found
    # Nothing is in force on either side, so there is nothing to be looked at together.
    assert answered(records.get(f"/v1/cases/{first['case']}"))["valid_on"]["merge_conflicts"] == []


def test_nobody_is_exported_who_is_not_known(protection_officer: Caller) -> None:
    assert protection_officer.get("/v1/persons/5e0c2b7a-4f52-4d0e-9a1c-7c1f4f0b2d11/export").status_code == 404
