"""Two records that are one person, over HTTP: merged, written to under the kept one, and two again."""

from __future__ import annotations

import pytest

from tests.infrastructure.http.a_house import SECRET, Caller, House, a_contact, accepted, answered, appoint

WHY = f"{SECRET} is the same person: date of birth and tenancy agree."


@pytest.fixture(scope="module")
def keeper(house: House) -> Caller:
    """Who keeps Maidstone's record of who is who."""
    appoint(house, "maidstone", "keeper", "records_officer")
    return house.caller("maidstone", "keeper")


def told(caller: Caller, case: str) -> str:
    """A case's history, as text."""
    return caller.get(f"/v1/cases/{case}/history").text


def test_contacts_of_a_merged_record_go_to_the_kept_one_until_they_are_two_again(keeper: Caller) -> None:
    kept, gone = keeper.contact(), keeper.contact()
    merging = {"other_case": gone["case"], "kept": kept["person"], "reason": WHY}
    merge = accepted(keeper.post(f"/v1/cases/{kept['case']}/merge-records", merging))
    assert [fact["type"] for fact in merge["facts"]] == ["CustomerRecordsMerged"]
    for case in (kept["case"], gone["case"]):
        assert WHY in told(keeper, case)

    shown = answered(keeper.get(f"/v1/persons/{gone['person']}"))
    assert (shown["kept"], shown["open_case"], shown["cases"]) == (kept["person"], kept["case"], [gone["case"]])
    assert answered(keeper.get(f"/v1/persons/{kept['person']}"))["kept"] == kept["person"]
    contact = a_contact(reference=None, person=gone["person"])
    assert accepted(keeper.post("/v1/contacts", contact))["case"] == kept["case"]

    unmerging = {"other_case": kept["case"], "merge": merge["facts"][0]["id"], "reason": "They both rang today."}
    accepted(keeper.post(f"/v1/cases/{gone['case']}/unmerge-records", unmerging))
    assert accepted(keeper.post("/v1/contacts", contact))["case"] == gone["case"]
    assert answered(keeper.get(f"/v1/persons/{gone['person']}"))["kept"] == gone["person"]


def test_a_merge_that_contradicts_what_is_there_writes_to_neither_case(keeper: Caller, house: House) -> None:
    one, other, third = keeper.contact(), keeper.contact(), keeper.contact()

    def merge(case: dict[str, str], beside: dict[str, str], kept: dict[str, str]) -> object:
        body = {"other_case": beside["case"], "kept": kept["person"], "reason": WHY}
        response = keeper.post(f"/v1/cases/{case['case']}/merge-records", body)
        assert SECRET not in response.text
        return response.status_code, [v["rule"] for v in response.json().get("violations", ())]

    assert merge(one, other, one) == (201, [])
    before = house.head("maidstone")
    assert merge(other, one, other) == (409, ["merged_before"])
    assert merge(other, third, third) == (409, ["undo_first"])
    assert merge(one, third, other) == (409, ["one_is_kept"])
    assert merge(one, one, one) == (409, ["two_cases"])
    assert house.head("maidstone") == before
