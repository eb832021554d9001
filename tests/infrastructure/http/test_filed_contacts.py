"""The mail room files a letter without an answer, and its reader says later what is in it."""

from domain.codes import NoticeKind
from tests.infrastructure.http.a_house import House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def test_a_letter_is_filed_in_one_request_and_read_afterwards(everybody: House) -> None:
    road = a_road(everybody, "wolverhampton")
    restriction = road.restricted(road.measure("filed"))
    world = road.world
    assert isinstance(world, HttpWorld)
    assert world.case.notices_about(restriction, NoticeKind.DECISION)
    mail_room, path = world.callers["customer_services"], f"/v1/cases/{world.case_id}"
    body = {
        "person": world.person,
        "channel": "letter",
        "happened_on": world.today.isoformat(),
        "summary": "Writes about the same invoice again.",
        "purpose": "enquiry",
        "issue": "issue-1",
        "filed_under": f"{restriction}.1",
    }
    before = answered(mail_room.get(path))["case"]["version"]
    hazard = mail_room.post("/v1/contacts", {**body, "purpose": "hazard"})
    assert hazard.status_code == 409
    assert [v["rule"] for v in hazard.json()["violations"]] == ["some_contact_gets_through"]
    assert answered(mail_room.get(path))["case"]["version"] == before  # and so nothing is half-done

    taken = accepted(mail_room.post("/v1/contacts", body))
    assert [fact["type"] for fact in taken["facts"]] == ["ContactLogged", "ContactFiled"]
    contact = taken["facts"][0]["id"]

    triage = {"contact": contact, "triage": "new_issue", "issue": "damp", "summary": "Damp in the bedroom."}
    not_theirs = mail_room.post(f"{path}/triage-filed-item", triage)
    assert [v["rule"] for v in not_theirs.json()["violations"]] == ["filed_is_still_read"]
    read = accepted(world.callers["case_officer"].post(f"{path}/triage-filed-item", triage))
    assert [fact["type"] for fact in read["facts"]] == ["FiledItemTriaged", "NewIssueRaised"]
    [item] = answered(mail_room.get(path))["case"]["filed"]
    assert (item["contact"], item["triage"]) == (contact, "new_issue")
