"""The mail room files a letter without an answer, and its reader says later what is in it."""

from typing import Any

from domain.codes import NoticeKind
from domain.decisions.endings import LiftRestriction
from tests.domain.world import Road, words
from tests.infrastructure.http.a_house import Caller, House, accepted, answered
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


def filing(everybody: House) -> tuple[Road, HttpWorld, Caller]:
    """What a customer writes about one matter is filed; somebody in the mail room opens the letters."""
    road = a_road(everybody, "wolverhampton")
    road.restricted(road.measure("filed"))
    world = road.world
    assert isinstance(world, HttpWorld)
    return road, world, world.callers["customer_services"]


def asked(caller: Caller, world: HttpWorld, **more: str) -> dict[str, Any]:
    about = {"person": world.person, "channel": "letter", "purpose": "enquiry", "issue": "issue-1", **more}
    answer: dict[str, Any] = answered(caller.get("/v1/advice", **about))
    return answer


def test_an_answer_that_says_to_file_files_by_its_id_alone(everybody: House) -> None:
    _, world, mail_room = filing(everybody)
    answer = asked(mail_room, world)
    reader = everybody.staff("wolverhampton", "case_officer")
    assert answer["handling"] == "file_after_reading"
    assert answer["files_under"] == {
        "case": world.case_id,
        "restriction": "restriction-1",
        "measure": "restriction-1.1",
        "issue": "issue-1",
        "reader": reader,
    }
    confirming = {"answer_id": answer["answer_id"]}
    taken = accepted(mail_room.post("/v1/contacts", confirming))
    assert [fact["type"] for fact in taken["facts"]] == ["ContactLogged", "ContactFiled"]
    told = taken["filing"]
    assert (told["measure"], told["filed"], told["reader"]) == ("restriction-1.1", True, reader)
    assert accepted(mail_room.post("/v1/contacts", confirming)) == taken
    [item] = answered(mail_room.get(f"/v1/cases/{world.case_id}"))["case"]["filed"]
    assert (item["contact"], item["reader"], item["read_by_on"]) == (
        taken["facts"][0]["id"],
        reader,
        told["read_by_on"],
    )
    triage = {"contact": item["contact"], "triage": "filed"}
    accepted(world.callers["case_officer"].post(f"/v1/cases/{world.case_id}/triage-filed-item", triage))


def test_when_the_measure_was_lifted_meanwhile_the_contact_is_ordinary_and_the_answer_says_so(everybody: House) -> None:
    road, world, mail_room = filing(everybody)
    answer = asked(mail_room, world)
    lifting = LiftRestriction(restriction="restriction-1", reasons=words())
    world.do(lifting, by=road.decider())
    taken = accepted(mail_room.post("/v1/contacts", {"answer_id": answer["answer_id"]}))
    assert [fact["type"] for fact in taken["facts"]] == ["ContactLogged"]
    assert (taken["filing"]["filed"], taken["filing"]["measure"]) == (False, "restriction-1.1")
    assert "ordinary contact" in taken["filing"]["why_not"]


def test_a_repair_found_in_the_letter_is_not_filed(everybody: House) -> None:
    _, world, mail_room = filing(everybody)
    answer = asked(mail_room, world)
    taken = accepted(mail_room.post("/v1/contacts", {"answer_id": answer["answer_id"], "purpose": "repair"}))
    assert [fact["type"] for fact in taken["facts"]] == ["ContactLogged"]
    assert taken["filing"]["filed"] is False


def test_in_the_case_itself_the_answer_does_the_same_once_and_for_its_own_customer_only(everybody: House) -> None:
    _, world, mail_room = filing(everybody)
    answer_id = asked(mail_room, world)["answer_id"]
    path, confirming = f"/v1/cases/{world.case_id}/log-contact", {"answer_id": answer_id}
    other = mail_room.contact()
    wrong = mail_room.post(f"/v1/cases/{other['case']}/log-contact", confirming)
    assert [v["rule"] for v in wrong.json()["violations"]] == ["answer_about_this_person"]
    taken = accepted(mail_room.post(path, confirming))
    assert [fact["type"] for fact in taken["facts"]] == ["ContactLogged", "ContactFiled"]
    assert accepted(mail_room.post(path, confirming)) == taken
    for again in (
        mail_room.post("/v1/contacts", confirming),
        mail_room.post(path, {**confirming, "completed": False}),
        mail_room.post(path, {**confirming, "completed": False}, Idempotency_Key="another"),
    ):
        assert (again.status_code, again.json()["type"]) == (422, "/problems/idempotency-key-reused")
        assert "answer_id already" in again.json()["detail"]
    unknown = mail_room.post(path, {"answer_id": "answer-1"})
    assert [v["rule"] for v in unknown.json()["violations"]] == ["answer_known"]
    plain = mail_room.post(path, {"happened_on": "2026-01-12"})
    assert {error["field"] for error in plain.json()["errors"]} == {"channel", "summary"}
    assert len(answered(mail_room.get(f"/v1/cases/{world.case_id}"))["case"]["filed"]) == 1


def test_under_a_merged_record_the_contact_goes_to_the_case_of_the_measure_that_files_it(everybody: House) -> None:
    _, world, mail_room = filing(everybody)
    kept = mail_room.contact()
    merging = {"other_case": world.case_id, "kept": kept["person"], "reason": "The same date of birth."}
    accepted(world.callers["records_officer"].post(f"/v1/cases/{kept['case']}/merge-records", merging))
    answer = answered(
        mail_room.get("/v1/advice", person=kept["person"], channel="letter", purpose="enquiry", issue="issue-1")
    )
    assert answer["files_under"]["case"] == world.case_id
    taken = accepted(mail_room.post("/v1/contacts", {"answer_id": answer["answer_id"]}))
    assert (taken["case"], taken["filing"]["filed"]) == (world.case_id, True)
    [item] = answered(mail_room.get(f"/v1/cases/{world.case_id}"))["case"]["filed"]
    assert item["contact"] == taken["facts"][0]["id"]
    unmerging = {"other_case": world.case_id, "merge": "merge-1", "reason": "Two people after all."}
    later = answered(
        mail_room.get("/v1/advice", person=kept["person"], channel="letter", purpose="enquiry", issue="issue-1")
    )
    accepted(world.callers["records_officer"].post(f"/v1/cases/{kept['case']}/unmerge-records", unmerging))
    apart = accepted(mail_room.post("/v1/contacts", {"answer_id": later["answer_id"]}))
    assert (apart["case"], apart["filing"]["filed"]) == (kept["case"], False)
