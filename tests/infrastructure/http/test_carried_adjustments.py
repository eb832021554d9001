"""A customer's next case tells of the adjustments that were agreed in the one before it."""

from tests.infrastructure.http.a_house import SECRET, Caller, a_contact, accepted, answered


def test_the_next_case_carries_the_adjustments_of_the_closed_one_until_they_end(officer: Caller) -> None:
    body = a_contact()
    first = accepted(officer.post("/v1/contacts", body))["case"]
    asked = {"kind": "home_visits", "needs": f"{SECRET} cannot come."}
    accepted(officer.post(f"/v1/cases/{first}/request-adjustment", asked))
    agreed = {
        "adjustment": "adjustment-1",
        "agreed": True,
        "reason": "Nobody can ask more of her.",
        "instruction": "Visit her at home.",
        "needs_channels": ["home_visit"],
    }
    accepted(officer.post(f"/v1/cases/{first}/decide-adjustment", agreed))
    accepted(officer.post(f"/v1/cases/{first}/close-case", {}))
    second = accepted(officer.post("/v1/contacts", body))["case"]
    assert second != first

    now = answered(officer.get(f"/v1/cases/{second}"))["valid_on"]
    assert now["adjustments"] == []
    assert now["carried_adjustments"] == [
        {
            "case": first,
            "adjustment": "adjustment-1",
            "kind": "home_visits",
            "needs_channels": ["home_visit"],
            "unusable_channels": [],
        }
    ]
    own = answered(officer.get(f"/v1/cases/{first}"))["valid_on"]
    assert [a["id"] for a in own["adjustments"]] == ["adjustment-1"]
    assert own["carried_adjustments"] == []

    ending = {"adjustment": "adjustment-1", "reason": "Comes by herself now.", "on": "2026-01-12"}
    accepted(officer.post(f"/v1/cases/{first}/end-adjustment", ending))
    later = answered(officer.get(f"/v1/cases/{second}", valid_on="2026-01-13"))["valid_on"]
    assert later["carried_adjustments"] == []
