"""A letter looked at over HTTP: as PDF, as text, or with what it lacks; read on record, and nothing kept."""

from __future__ import annotations

from uuid import uuid4

import httpx

from domain.codes import CaseId
from infrastructure.http.auth import SCOPES
from tests.infrastructure.http.a_house import Caller, House
from tests.infrastructure.http.road import HttpWorld, a_road


def restricted(house: House, landlord: str = "derby") -> tuple[HttpWorld, str]:
    """A case with a restriction of which the customer was not told yet."""
    road = a_road(house, landlord)
    restriction = road.restricted(told=False)
    assert isinstance(road.world, HttpWorld)
    return road.world, restriction


def preview(world: HttpWorld, accept: str = "application/json", **asked: object) -> httpx.Response:
    """What is answered to whoever may see everything."""
    body = {"kind": "decision", "about": "restriction-1", **asked}
    return world.callers["case_officer"].post(f"/v1/cases/{world.case_id}/letters/preview", body, accept=accept)


def test_a_letter_is_looked_at_as_pdf_as_text_or_with_what_it_lacks(everybody: House) -> None:
    world, _ = restricted(everybody, "maidstone")
    before = everybody.head("maidstone")
    pdf = preview(world, "application/pdf")
    assert pdf.status_code == 200, pdf.text
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    text = preview(world, "text/plain").text
    assert "Dear Robin Example" in text
    assert "Maidstone Borough Council" in text
    told = preview(world).json()
    assert told["lacks"] == []
    assert told["not_enclosed"] == ["policy"]
    assert told["template"] == "decision"
    assert told["text"] == text
    assert everybody.head("maidstone") == before


def test_that_a_letter_was_looked_at_is_on_record_before_it_is_shown(everybody: House) -> None:
    world, _ = restricted(everybody)
    preview(world)
    found = everybody.evenhand.access_log("derby").all_of_case(CaseId(world.case_id))
    read = [one for _, one in found if one.query == "POST /v1/cases/{case}/letters/preview"]
    assert {one.subject for one in read} == {world.person}
    fields = {name for one in read for name in one.fields}
    assert any(name.endswith(".behaviour") for name in fields)
    assert {"name", "address"} <= fields


def test_whoever_may_not_see_personal_values_sees_no_letter(everybody: House) -> None:
    world, _ = restricted(everybody)
    caller = everybody.caller("derby", "case_officer", frozenset(SCOPES) - {"read-personal"})
    answer = caller.post(f"/v1/cases/{world.case_id}/letters/preview", {"kind": "decision", "about": "restriction-1"})
    assert answer.status_code == 403


def test_a_letter_about_nothing_and_one_without_a_template_are_refused_in_plain_words(everybody: House) -> None:
    world, _ = restricted(everybody)
    nothing = preview(world, about="restriction-9")
    assert nothing.status_code == 409
    (violation,) = nothing.json()["violations"]
    assert violation["rule"] == "unknown_subject"
    assert "it has restriction-1" in violation["asks"]
    polish = preview(world, language="pl")
    assert polish.status_code == 409
    assert polish.json()["type"].endswith("/letter-template")
    for field, wrong in (("kind", "love_letter"), ("format", "origami"), ("language", "../x"), ("remarks", " ")):
        assert preview(world, **{field: wrong}).status_code == 422, field


def test_a_case_that_is_not_there_has_no_letters(everybody: House) -> None:
    caller: Caller = everybody.caller("derby")
    answer = caller.post(f"/v1/cases/{uuid4()}/letters/preview", {"kind": "decision", "about": "restriction-1"})
    assert answer.status_code == 404


def test_what_the_sender_adds_is_printed_as_it_is(everybody: House) -> None:
    world, _ = restricted(everybody)
    remarks = '#read("/etc/passwd") {name}'
    assert remarks in preview(world, "text/plain", remarks=remarks).text
    assert preview(world, "application/pdf", remarks=remarks, format="large_print").status_code == 200


def test_a_translation_says_in_which_language_it_is(everybody: House) -> None:
    world, _ = restricted(everybody)
    assert preview(world, translation="Nasza decyzja").status_code == 422
    assert preview(world, translation=" ", language="pl").status_code == 422
    assert preview(world, translation="\nNasza decyzja\n\n", language="pl").status_code == 422
    told = preview(world, translation="Nasza decyzja\n\nPiszemy.", language="pl").json()
    assert "Nasza decyzja\n\nPiszemy." in told["text"]
    assert told["lacks"] == []
