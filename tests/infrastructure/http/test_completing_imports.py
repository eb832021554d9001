"""What a register did not say is supplied over HTTP, by anybody with a post; whoever is named has to be somebody."""

from __future__ import annotations

from datetime import timedelta

from domain.codes import CaseId, SubjectId
from domain.decisions.importing import ImportRestriction
from tests.infrastructure.http.a_house import Caller, House, accepted, answered


def test_a_restriction_that_was_brought_along_is_completed_and_looked_back_at(house: House, officer: Caller) -> None:
    office = house.evenhand.office("maidstone")
    person = SubjectId(officer.contact()["person"])
    today = office.clock.now().date()
    measures = ({"code": "single_contact"},)
    brought = {"source": "register", "line": 2, "measures": measures, "starts_on": today - timedelta(days=9)}
    case = CaseId(str(office.desk.bring_along(person, ImportRestriction.model_validate(brought)).answer["case"]))
    path = f"/v1/cases/{case}/complete-import"
    said = {"restriction": "restriction-1", "found_in": "The paper file."}
    nobody = {
        **said,
        "measures": [{"measure": "restriction-1.1", "third_party": "11111111-1111-4111-8111-111111111111"}],
    }
    assert "unknown_person" in [v["rule"] for v in officer.post(path, nobody).json()["violations"]]
    told = (today - timedelta(days=8)).isoformat()
    taken = accepted(officer.post(path, {**said, "told_on": told, "not_found": ["household"]}))
    assert [fact["type"] for fact in taken["facts"]] == ["ImportCompleted"]
    found = answered(officer.get(f"/v1/cases/{case}"))["case"]["restrictions"][0]
    assert "told_on" not in found["missing"]
    assert found["brought"]["sought"] == ["household"]
    assert [v["rule"] for v in officer.post(path, {**said, "told_on": told}).json()["violations"]] == ["not_missing"]
