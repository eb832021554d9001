"""Asking before a contact and confirming it with the answer's id: one step, once, by this landlord, within a day."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.ports import Access
from domain.codes import Channel, Direction, StaffId, SubjectId
from domain.decisions.safety import ApproveSafetyWarning
from domain.events import ContactLogged
from domain.handling import Question
from infrastructure.answer_ids import LONGEST, AnswerIds, UnknownAnswer
from infrastructure.postgres.server import PostgresServer
from tests.domain.test_safety import proposal
from tests.domain.world import words
from tests.infrastructure.http.a_house import Caller, House, accepted, answered, appoint
from tests.infrastructure.http.road import HttpWorld, a_road

ADVICE = "/v1/advice"


def asked(caller: Caller, **about: Any) -> dict[str, Any]:
    """An answer about a telephone call."""
    return answered(caller.get(ADVICE, **{"channel": "telephone", **about}))


def contacts(house: House, case: str) -> list[ContactLogged]:
    """The contacts of one of Maidstone's cases."""
    history = house.evenhand.office("maidstone").desk.history(case)  # type: ignore[arg-type]
    return [event.fact for event in history if isinstance(event.fact, ContactLogged)]


def violations(problem: Any) -> list[str]:
    """The names of the rules in the way."""
    assert problem.status_code == 409, problem.text
    return [violation["rule"] for violation in problem.json()["violations"]]


# confirming


def test_a_contact_is_taken_down_with_the_answer_alone(house: House, officer: Caller) -> None:
    known = officer.contact()
    answer = asked(officer, person=known["person"], purpose="enquiry", issue="issue-1")
    taken = accepted(officer.post("/v1/contacts", {"answer_id": answer["answer_id"]}))
    assert (taken["case"], taken["person"]) == (known["case"], known["person"])
    logged = contacts(house, known["case"])[-1]
    assert (logged.channel, logged.purpose, logged.issue) == ("telephone", "enquiry", "issue-1")
    assert logged.happened_at == datetime.fromisoformat(answer["as_of"])
    assert logged.answer_id is not None
    assert logged.answer_id.startswith("answer-")
    assert len(logged.answer_id) < 40


def test_the_same_answer_is_the_same_contact_whoever_sends_it(house: House, officer: Caller) -> None:
    known = officer.contact()
    confirmed = {"answer_id": asked(officer, person=known["person"])["answer_id"]}
    first = accepted(officer.post("/v1/contacts", confirmed))
    again = accepted(house.caller("maidstone", "colleague").post("/v1/contacts", confirmed))
    assert first == again
    assert len(contacts(house, known["case"])) == 2
    other = officer.post("/v1/contacts", {**confirmed, "completed": False})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert "correct-contact" in other.json()["detail"]  # nobody sent an Idempotency-Key


def test_what_was_learnt_meanwhile_counts_before_what_was_asked(house: House, officer: Caller) -> None:
    known = officer.contact()
    answer = asked(officer, person=known["person"], direction="outbound")
    body = {"answer_id": answer["answer_id"], "purpose": "repair", "summary": "The lift again.", "completed": False}
    accepted(officer.post("/v1/contacts", body))
    logged = contacts(house, known["case"])[-1]
    assert (logged.purpose, logged.completed) == ("repair", False)
    assert (logged.direction, logged.customer_initiated) == ("outbound", False)


def test_a_visit_that_was_planned_took_place_when_it_is_confirmed(house: House, officer: Caller) -> None:
    known = officer.contact()
    now = house.evenhand.office("maidstone").clock.now()
    planned = (now + timedelta(days=2)).isoformat()
    answer = asked(officer, person=known["person"], channel="home_visit", direction="outbound", at=planned)
    accepted(officer.post("/v1/contacts", {"answer_id": answer["answer_id"]}))
    logged = contacts(house, known["case"])[-1]
    assert logged.happened_at is not None
    assert logged.happened_at < now + timedelta(days=1)


def test_a_new_customer_is_entered_with_the_confirmation(officer: Caller) -> None:
    reference = f"T-{uuid4().hex[:8]}"
    answer = asked(officer, reference=reference)
    assert (answer["kind"], answer["person"]) == ("no_case", None)
    taken = accepted(officer.post("/v1/contacts", {"answer_id": answer["answer_id"], "reference": reference}))
    assert asked(officer, reference=reference)["person"] == taken["person"]


def test_a_new_customer_who_was_asked_about_by_reference_is_found_by_it_after_the_one_step(officer: Caller) -> None:
    reference = f"T-{uuid4().hex[:8]}"
    answers = [asked(officer, reference=reference)["answer_id"] for _ in range(2)]
    first, again, second = (
        accepted(officer.post("/v1/contacts", {"answer_id": one})) for one in (*answers[:1], *answers)
    )
    assert first == again
    assert first["person"] == second["person"] == asked(officer, reference=reference)["person"]
    assert asked(officer, reference=reference)["kind"] == "advice"
    blank = officer.get(ADVICE, channel="telephone", reference="  ")
    assert (blank.status_code, blank.json()["errors"]) == (422, [{"field": "reference", "reason": "is blank"}])


def test_an_answer_about_one_of_two_merged_records_confirms_a_contact_of_the_other(
    house: House, officer: Caller
) -> None:
    appoint(house, "maidstone", "merger", "records_officer")
    kept, gone = officer.contact(), officer.contact()
    merging = {"other_case": gone["case"], "kept": kept["person"], "reason": "The same date of birth."}
    accepted(house.caller("maidstone", "merger").post(f"/v1/cases/{kept['case']}/merge-records", merging))
    answer_id = asked(officer, person=gone["person"])["answer_id"]
    taken = accepted(officer.post("/v1/contacts", {"answer_id": answer_id, "person": kept["person"]}))
    assert (taken["case"], taken["person"]) == (kept["case"], kept["person"])


def test_what_has_not_the_letters_of_an_answer_is_not_asked_to_be_a_code(officer: Caller) -> None:
    problem = officer.post("/v1/contacts", {"answer_id": "half an answer"}).json()
    [error] = problem["errors"]
    assert error["field"] == "answer_id"
    assert error["reason"].startswith("should match pattern '^[A-Za-z0-9_-]")


def test_an_answer_about_one_person_confirms_no_contact_of_another(officer: Caller) -> None:
    one, other = officer.contact(), officer.contact()
    answer_id = asked(officer, person=one["person"])["answer_id"]
    for said in ({"person": other["person"]}, {"reference": "nobody has this"}):
        response = officer.post("/v1/contacts", {"answer_id": answer_id, **said})
        assert violations(response) == ["answer_about_this_person"]


def test_an_answer_of_another_landlord_or_made_up_confirms_nothing(
    house: House, officer: Caller, neighbour: Caller
) -> None:
    theirs = asked(neighbour, person=neighbour.contact()["person"])["answer_id"]
    ours = asked(officer, person=officer.contact()["person"])["answer_id"]
    head = house.head("maidstone")
    altered = ours[:-2] + ("AA" if not ours.endswith("AA") else "BB")
    for answer_id in (theirs, altered, "x", "answer-1", ours[:20]):
        assert violations(officer.post("/v1/contacts", {"answer_id": answer_id})) == ["answer_known"]
    assert house.head("maidstone") == head


def test_an_answer_of_more_than_a_day_ago_confirms_nothing(house: House, officer: Caller) -> None:
    known = officer.contact()
    office = house.evenhand.office("maidstone")
    now = office.clock.now()
    question = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=now - timedelta(days=2))
    person = SubjectId(known["person"])
    old = office.answer_ids.seal(now - timedelta(days=1, minutes=1), person, None, question)
    assert violations(officer.post("/v1/contacts", {"answer_id": old})) == ["answer_of_the_day"]
    good = office.answer_ids.seal(now - timedelta(hours=23), person, None, question)
    accepted(officer.post("/v1/contacts", {"answer_id": good}))


def test_without_an_answer_channel_and_summary_are_needed(officer: Caller) -> None:
    response = officer.post("/v1/contacts", {"happened_on": "2026-01-12"})
    assert {error["field"] for error in response.json()["errors"]} == {"channel", "summary"}


# whom it is about


def test_a_home_is_asked_about_with_or_without_the_customer(officer: Caller) -> None:
    known = officer.contact()
    alone = asked(officer, home="home-nobody-knows", channel="home_visit", direction="outbound")
    assert (alone["kind"], alone["precautions"], alone["adjustments"]) == ("no_case", [], "not_known")
    both = asked(officer, home="home-nobody-knows", person=known["person"])
    assert (both["kind"], both["person"], both["home"]) == ("advice", known["person"], "home-nobody-knows")


def test_a_customer_is_found_by_reference_with_all_that_is_known_of_them(officer: Caller) -> None:
    reference = f"T-{uuid4().hex[:8]}"
    known = officer.contact(reference=reference)
    answer = asked(officer, reference=f" {reference.lower()} ")
    assert (answer["kind"], answer["person"]) == ("advice", known["person"])
    assert answer["position"] >= known["position"]


def test_an_answer_waits_for_no_position_that_the_log_has_not(house: House, officer: Caller) -> None:
    person = officer.contact()["person"]
    far = officer.get(ADVICE, person=person, channel="email", min_position=house.head("maidstone") + 1_000)
    assert far.status_code == 503


def test_whoever_goes_to_a_home_reads_what_to_do_there_and_nothing_of_whom_it_is_about(everybody: House) -> None:
    home = f"home-{uuid4().hex[:8]}"
    road = a_road(everybody, "wolverhampton").opened()
    warning = proposal(road, home=home, precaution_words=words("Keep the gate between you and the dog."))
    road.world.do(warning)
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    world = road.world
    assert isinstance(world, HttpWorld)
    visit = {"channel": "home_visit", "direction": "outbound", "home": home}
    contractor = everybody.caller("wolverhampton", scopes=frozenset({"read"}))
    neighbour = world.callers["case_officer"].contact()["person"]

    def cautions(answer: dict[str, Any]) -> list[tuple[list[str], str, str | None]]:
        told = answer["precautions"]
        return [([step["code"] for step in one["steps"]], one["words"]["state"], one["words"]["text"]) for one in told]

    steps = ["two_staff", "call_before_visit"]
    for about in ({}, {"person": neighbour}, {"person": neighbour, "purpose": "emergency_repair"}):
        answer = asked(contractor, **visit, **about)
        assert cautions(answer) == [(steps, "withheld", None)]
        said = str({name: value for name, value in answer.items() if name != "answer_id"})
        for naming in (world.person, world.case.id, "safety-1", "incident-1"):
            assert naming not in said
    seen = asked(world.callers["case_officer"], **visit)
    assert cautions(seen) == [(steps, "shown", "Keep the gate between you and the dog.")]
    last = recorded(everybody, "wolverhampton", world.person)[-1]
    assert (last.query, last.fields, last.case) == ("GET /v1/advice", ("precautions.0.words",), world.case.id)
    assert cautions(asked(contractor, person=world.person)) == [(steps, "withheld", None)]


# on record


def recorded(house: House, landlord: str, subject: str) -> list[Access]:
    """What was read of a person."""
    return [access for _, access in house.evenhand.access_log(landlord).all_of_subject(SubjectId(subject))]


def test_names_and_instructions_of_an_answer_are_read_under_one_record(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted(road.measure("single_contact"))
    world = road.world
    assert isinstance(world, HttpWorld)
    caller = world.callers["case_officer"]
    before = len(recorded(everybody, "maidstone", world.person))
    answer = asked(caller, person=world.person, purpose="enquiry")
    assert [colleague["name"] for colleague in answer["colleagues"]] == ["Officer case_officer"]
    after = recorded(everybody, "maidstone", world.person)[before:]
    assert len(after) == 1
    officer = StaffId(answer["colleagues"][0]["staff"])
    assert f"staff.{officer}.name" in after[0].fields
    assert (after[0].actor, after[0].query) == (officer, "GET /v1/advice")


def test_one_question_is_one_read_and_one_record_when_something_sealed_is_shown(
    everybody: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted(road.measure("single_contact"))
    world = road.world
    assert isinstance(world, HttpWorld)
    office = everybody.evenhand.office("maidstone")
    assert office.projector.wait_for(office.recorder.head().position, 20)
    telephony = everybody.caller("maidstone", "case_officer", frozenset({"read"}))
    about = {"person": world.person, "purpose": "enquiry"}
    callers = (telephony, world.callers["case_officer"])
    for caller in callers:
        asked(caller, **about)
    given: list[str] = []
    run = PostgresServer.run

    def counted(server: PostgresServer, work: Any) -> Any:
        if threading.current_thread().name.startswith("AnyIO"):  # and none of those that keep the read models
            given.append(work.__qualname__)
        return run(server, work)

    monkeypatch.setattr(PostgresServer, "run", counted)
    for caller in callers:
        asked(caller, **about)
    assert [name.split(".")[0] for name in given] == ["ServedTable", "ServedTable", "PostgresAccessLog"]


# the id


def test_an_id_says_what_was_asked_to_its_own_landlord_only(house: House) -> None:
    office, other = house.evenhand.office("maidstone"), house.evenhand.office("derby")
    now = datetime(2026, 1, 12, 12, 0, 0, 123456, tzinfo=UTC)
    for person, reference in ((None, "\N{GRINNING FACE}" * 100), (SubjectId(str(uuid4())), None)):
        question = Question(direction=Direction.OUTBOUND, channel=Channel.MEETING, at=now, issue="i" * 80)
        sealed = office.answer_ids.seal(now, person, "h" * 80, question, reference)
        assert len(sealed) <= LONGEST
        found = office.answer_ids.open(sealed)
        assert found.reference == reference
        assert (found.asked_at, found.person, found.home, found.question) == (now, person, "h" * 80, question)
        with pytest.raises(UnknownAnswer):
            other.answer_ids.open(sealed)
        with pytest.raises(UnknownAnswer):
            AnswerIds(office.keys, "derby").open(sealed)
