"""Rights and retention over HTTP: refused with reasons while anything stands, gone everywhere once it is granted."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import psycopg
import pytest
from psycopg import sql

from domain.codes import SubjectId
from domain.personal import ERASED
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered, appoint

WORDS = "Xylographer Quandary"  # said nowhere else


@pytest.fixture(scope="module")
def dpo(house: House) -> Caller:
    """Derby's data protection officer."""
    appoint(house, "derby", "guardian", "data_protection_officer")
    return house.caller("derby", "guardian")


@pytest.fixture(scope="module")
def keeper(house: House) -> Caller:
    """Derby's records officer."""
    appoint(house, "derby", "archivist", "records_officer")
    return house.caller("derby", "archivist")


def somebody(officer: Caller) -> dict[str, Any]:
    """A customer with a contact, an evidence file and a case that is closed; ids, and the reference."""
    reference = f"D-{uuid4().hex}"
    answer = officer.contact(reference=reference, summary=f"{WORDS} rang.")
    path = f"/v1/cases/{answer['case']}"
    contact = answer["facts"][-1]["id"]
    said = {"Evenhand-Description": WORDS.replace(" ", "%20"), "Content-Type": "application/pdf"}
    file = officer.house.http.post(
        f"{path}/evidence?of={contact}&kind=letter",
        content=b"%PDF-1.7\n" + WORDS.encode() + b"\n%%EOF\n",
        headers={**officer.headers, **said},
    )
    assert file.status_code == 201, file.text
    return {"case": answer["case"], "person": answer["person"], "reference": reference, "path": path}


def asked(officer: Caller, path: str) -> str:
    """They ask to be erased; the request's id."""
    answer = accepted(officer.post(f"{path}/receive-rights-request", {"right": "erasure"}))
    request: str = answer["facts"][0]["id"]
    return request


def close(officer: Caller, path: str) -> None:
    """The case is closed."""
    accepted(officer.post(f"{path}/close-case", {}))


def everything_stored(house: House, landlord: str) -> bytes:
    """All that stands in the landlord's tables, keys aside."""
    dsn = house.evenhand.office(landlord).recorder.server.dsn
    found = b""
    with psycopg.connect(dsn, autocommit=True) as conn:
        tables = conn.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            [f"landlord_{landlord}"],
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(f"landlord_{landlord}", table))
            rows = conn.execute(query).fetchall()
            found += "\n".join(text for (text,) in rows).encode()
    return found


def test_while_anything_stands_nothing_is_erased_and_every_reason_is_said(neighbour: Caller, dpo: Caller) -> None:
    known = somebody(neighbour)
    path = known["path"]
    request = asked(neighbour, path)
    accepted(dpo.post(f"{path}/place-legal-hold", {"because": "claim", "reason": WORDS}))
    refused = dpo.post(f"{path}/erase-person", {"request": request})
    assert refused.status_code == 409
    assert {violation["rule"] for violation in refused.json()["violations"]} == {"case_open", "legal_hold"}
    assert neighbour.post(f"{path}/erase-person", {"request": request}).status_code == 409
    shown = answered(neighbour.get(f"/v1/persons/{known['person']}"))
    assert shown["state"] == "shown"


def test_an_erased_person_is_gone_from_every_answer_and_every_table(
    house: House, neighbour: Caller, dpo: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    known = somebody(neighbour)
    path, person = known["path"], known["person"]
    close(neighbour, path)
    request = asked(neighbour, path)
    assert known["reference"] in answered(neighbour.get(f"/v1/persons/{person}"))["reference"]
    accepted(dpo.post(f"{path}/erase-person", {"request": request}))

    office = house.evenhand.office("derby")
    assert office.directory.person(person) is ERASED
    assert neighbour.get("/v1/persons", reference=known["reference"]).status_code == 404
    assert answered(neighbour.get(f"/v1/persons/{person}"))["state"] == "erased"
    for question in (path, f"{path}/history"):
        told = answered(neighbour.get(question))
        assert WORDS not in str(told)
        assert "shown" not in [state for state in _states(told) if state != "withheld"]
    assert neighbour.get(f"{path}/evidence/evidence-1").status_code == 410
    assert office.projector.wait_for(office.log.head(), 20)
    assert WORDS.encode() not in everything_stored(house, "derby")
    assert known["reference"].encode() not in everything_stored(house, "derby")
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert WORDS not in logged
    assert known["reference"] not in logged


def _states(told: Any) -> list[str]:
    if isinstance(told, dict):
        own = [told["state"]] if set(told) == {"state", "text"} else []
        return own + [state for value in told.values() for state in _states(value)]
    if isinstance(told, list):
        return [state for value in told for state in _states(value)]
    return []


def test_nothing_more_can_be_written_about_an_erased_person_and_they_can_begin_anew(
    neighbour: Caller, dpo: Caller
) -> None:
    known = somebody(neighbour)
    close(neighbour, known["path"])
    accepted(dpo.post(f"{known['path']}/erase-person", {"request": asked(neighbour, known["path"])}))
    again = neighbour.post(
        "/v1/contacts",
        {"person": known["person"], "channel": "telephone", "happened_on": "2026-01-12", "summary": SECRET},
    )
    assert again.status_code == 409
    assert again.json()["type"].endswith("/erased")
    anew = neighbour.contact(reference=known["reference"])
    assert anew["person"] != known["person"]


def test_the_same_erasure_sent_twice_is_one(neighbour: Caller, dpo: Caller) -> None:
    known = somebody(neighbour)
    close(neighbour, known["path"])
    body = {"request": asked(neighbour, known["path"])}
    first = accepted(dpo.post(f"{known['path']}/erase-person", body, Idempotency_Key="erase-once"))
    assert accepted(dpo.post(f"{known['path']}/erase-person", body, Idempotency_Key="erase-once")) == first


def test_what_has_been_kept_long_enough_is_listed_in_pages(neighbour: Caller) -> None:
    cases = []
    for _ in range(3):
        known = somebody(neighbour)
        close(neighbour, known["path"])
        cases.append(known["case"])
    assert cases[0] not in str(answered(neighbour.get("/v1/retention")))
    found: list[dict[str, Any]] = []
    path: str | None = "/v1/retention?on=2098-01-01&limit=2"
    while path is not None:
        page = answered(neighbour.get(path))
        found += page["entries"]
        path = page["next"]
    listed = [entry["case"] for entry in found]
    assert len(set(listed)) == len(listed)
    assert set(cases) <= set(listed)
    line = next(entry for entry in found if entry["case"] == cases[0])
    assert [one["records"] for one in line["run_out"]] == ["contacts", "evidence"]
    assert line["run_out"][0]["from_on"] == "2028-01-13"
    assert line["run_out"][0]["stopped_by"] == []
    assert WORDS not in str(found)


def test_an_open_or_disposed_case_is_not_listed(neighbour: Caller, dpo: Caller) -> None:
    known, erased = somebody(neighbour), somebody(neighbour)
    close(neighbour, erased["path"])
    accepted(dpo.post(f"{erased['path']}/erase-person", {"request": asked(neighbour, erased["path"])}))
    listed = str(answered(neighbour.get("/v1/retention", on="2098-01-01", limit=200)))
    assert known["case"] not in listed
    assert erased["case"] not in listed


def test_what_has_not_been_kept_long_enough_is_not_disposed_of(neighbour: Caller, keeper: Caller) -> None:
    known = somebody(neighbour)
    close(neighbour, known["path"])
    early = keeper.post(f"{known['path']}/propose-disposal", {"classes": ["contacts", "evidence"]})
    assert {v["rule"] for v in early.json()["violations"]} == {"not_due"}


# People without a case


def entered(house: House, officer: Caller, name: str = WORDS, years_ago: int = 0) -> str:
    """Somebody who is in the directory and nowhere else."""
    found: str = accepted(officer.post("/v1/persons", {"name": name, "reference": f"E-{uuid4().hex}"}))["person"]
    age = "UPDATE landlord_derby.person SET made_at = made_at - make_interval(years => %s) WHERE id = %s"
    house.evenhand.office("derby").recorder.server.run(lambda conn: conn.execute(age.encode(), [years_ago, found]))
    return found


def listed_entries(caller: Caller, **asked_for: Any) -> list[dict[str, Any]]:
    """Every entry whose time is over, page by page."""
    found: list[dict[str, Any]] = []
    page = answered(caller.get("/v1/retention/entries", **asked_for))
    while True:
        found += page["entries"]
        if page["next"] is None:
            return found
        page = answered(caller.get(page["next"]))


def test_entries_that_were_never_used_are_listed_and_end_by_two_people(
    house: House, neighbour: Caller, dpo: Caller, keeper: Caller
) -> None:
    old, young = entered(house, neighbour, years_ago=2), entered(house, neighbour)
    customer = somebody(neighbour)["person"]
    listed = {line["person"]: line for line in listed_entries(neighbour, limit=3)}
    assert old in listed
    assert not {young, customer} & listed.keys()
    assert listed[old]["clause"] == "baseline 16 (assumed)"
    assert young in {line["person"] for line in listed_entries(neighbour, on="2028-01-01", limit=200)}

    proposal = {"persons": [old], "because": "retention"}
    assert neighbour.post("/v1/landlord/propose-entry-disposal", proposal).status_code == 409
    early = keeper.post("/v1/landlord/propose-entry-disposal", {**proposal, "persons": [old, young]})
    assert {v["rule"] for v in early.json()["violations"]} == {"not_due"}
    disposal = accepted(keeper.post("/v1/landlord/propose-entry-disposal", proposal))["facts"][0]["id"]
    decision = {"disposal": disposal, "approved": True}
    alone = keeper.post("/v1/landlord/decide-entry-disposal", decision)
    assert {v["rule"] for v in alone.json()["violations"]} == {"second_person"}
    accepted(dpo.post("/v1/landlord/decide-entry-disposal", decision))

    office = house.evenhand.office("derby")
    assert office.directory.person(SubjectId(old)) is ERASED
    assert old not in {line["person"] for line in listed_entries(neighbour, limit=200)}
    told = answered(neighbour.get("/v1/landlord/history", limit=200))
    assert [entry["type"] for entry in told["entries"]][-3:] == [
        "EntryDisposalProposed",
        "EntryDisposalDecided",
        "PersonErased",
    ]
    assert told["unknown_since"] is None
    assert office.projector.wait_for(office.log.head(), 20)


def test_a_representative_without_a_case_is_erased_on_request_once_nobody_needs_them(
    house: House, neighbour: Caller, dpo: Caller, keeper: Caller
) -> None:
    sister = entered(house, neighbour)
    known = somebody(neighbour)
    body = {"person": sister, "authority": "written", "detail": "A letter of the tenant's.", "on": "2026-01-05"}
    accepted(neighbour.post(f"{known['path']}/authorise-representative", body))
    asks = {"persons": [sister], "because": "request", "requested_on": "2026-01-12"}
    needed = keeper.post("/v1/landlord/propose-entry-disposal", asks)
    assert needed.status_code == 409
    [violation] = needed.json()["violations"]
    assert violation["rule"] == "still_in_force"
    assert known["case"] in violation["asks"]
    ended = {"representative": "representative-1", "on": "2026-01-11"}
    accepted(neighbour.post(f"{known['path']}/end-representative", ended))
    disposal = accepted(keeper.post("/v1/landlord/propose-entry-disposal", asks))["facts"][0]["id"]
    accepted(dpo.post("/v1/landlord/decide-entry-disposal", {"disposal": disposal, "approved": True}))
    assert house.evenhand.office("derby").directory.person(SubjectId(sister)) is ERASED
    assert answered(neighbour.get(f"/v1/persons/{known['person']}"))["state"] == "shown"
    again = neighbour.post(f"{known['path']}/authorise-representative", {**body, "on": "2026-01-12"})
    assert [v["rule"] for v in again.json()["violations"]] == ["already_erased"]
    with ZipFile(BytesIO(dpo.get(f"/v1/persons/{sister}/export").content)) as archive:
        landlords = json.loads(archive.read("landlord.json"))
    assert [line["type"] for line in landlords] == ["EntryDisposalProposed", "EntryDisposalDecided", "PersonErased"]


def test_an_export_says_that_somebody_whose_entry_was_to_go_was_kept_and_nothing_of_others(
    house: House, neighbour: Caller, dpo: Caller, keeper: Caller
) -> None:
    one, other = entered(house, neighbour), entered(house, neighbour)
    for person, approved in ((one, False), (other, True)):
        asks = {"persons": [person], "because": "request", "requested_on": "2026-01-12"}
        disposal = accepted(keeper.post("/v1/landlord/propose-entry-disposal", asks))["facts"][0]["id"]
        accepted(dpo.post("/v1/landlord/decide-entry-disposal", {"disposal": disposal, "approved": approved}))
    with ZipFile(BytesIO(dpo.get(f"/v1/persons/{one}/export").content)) as archive:
        landlords = json.loads(archive.read("landlord.json"))
    assert [line["type"] for line in landlords] == ["EntryDisposalProposed", "EntryDisposalDecided"]


def test_somebody_with_a_case_is_sent_there(neighbour: Caller, keeper: Caller) -> None:
    known = somebody(neighbour)
    asks = {"persons": [known["person"]], "because": "request", "requested_on": "2026-01-12"}
    refused = keeper.post("/v1/landlord/propose-entry-disposal", asks)
    [violation] = refused.json()["violations"]
    assert violation["rule"] == "case_of_their_own"
    assert known["case"] in violation["asks"]
    nobody = keeper.post("/v1/landlord/propose-entry-disposal", {**asks, "persons": [str(uuid4())]})
    assert [v["rule"] for v in nobody.json()["violations"]] == ["unknown_person"]
