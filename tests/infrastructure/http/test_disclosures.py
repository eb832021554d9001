"""What partners see of cases over HTTP: decided, listed, ended by the clock, and deleted by the partner's own word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from domain.case import Case
from domain.codes import CaseId, DisclosureBasis, Topic
from domain.decisions.disclosures import Disclose, EndDisclosure, RestrictionToShow
from domain.decisions.endings import LiftRestriction
from domain.decisions.subscribers import FOR_PARTNERS
from infrastructure.mapper import UnknownFact
from tests.domain.world import Road, words
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered
from tests.infrastructure.http.a_subscriber import FOLLOW, subscribe
from tests.infrastructure.http.road import HttpWorld, a_road
from tests.infrastructure.http.test_reading import all_pages

LANDLORD = "maidstone"
DPO = "data_protection_officer"


def partner(house: House, code: str, of: str) -> Caller:
    """A partner's system, which is registered."""
    return subscribe(house, LANDLORD, code, kind="partner", partner=of, topics=list(FOR_PARTNERS))


def shown(house: House, to: str) -> Road:
    """Somebody is restricted, and a partner is shown that."""
    road = a_road(house, LANDLORD)
    restriction = road.restricted()
    road.world.do(disclosing(restriction, to), by=DPO)
    return road


def disclosing(restriction: str, to: str) -> Disclose:
    part = RestrictionToShow(restriction=restriction)
    return Disclose(partner=to, basis=DisclosureBasis.PUBLIC_TASK, reasons=words(SECRET), restrictions=(part,))


def case_of(road: Road) -> str:
    assert isinstance(road.world, HttpWorld)
    return road.world.case_id


def confirms(system: Caller, case: str, disclosure: str = "disclosure-1", **headers: str) -> Any:
    return system.post(f"/v1/disclosures/{case}/{disclosure}/deleted", {}, **headers)


@pytest.fixture
def contractor(house: House) -> Caller:
    """The system of the partner `contractor`."""
    return partner(house, "contractor_desk", "contractor")


@pytest.fixture
def other(house: House) -> Caller:
    """The system of another partner."""
    return partner(house, "council_desk", "council")


def lines(caller: Caller, case: str, **asked: Any) -> list[dict[str, Any]]:
    return [line for line in all_pages(caller, "/v1/disclosures", **asked) if line["case"] == case]


def test_who_sees_what_on_which_basis_is_listed_and_nothing_personal(house: House, contractor: Caller) -> None:
    road = shown(house, "contractor")
    officer = house.caller(LANDLORD, scopes=frozenset({"read"}))
    [line] = lines(officer, case_of(road), state="open")
    assert (line["disclosure"], line["partner"], line["basis"]) == ("disclosure-1", "contractor", "public_task")
    assert line["restrictions"] == [{"restriction": "restriction-1", "measures": ["restriction-1.1"]}]
    assert line["last_on"] == str(road.world.case.restrictions[-1].ends_on)
    assert line["deleted_on"] is None
    assert SECRET not in officer.get("/v1/disclosures").text
    assert not lines(officer, case_of(road), partner="council")
    assert not lines(officer, case_of(road), state="deleted")
    assert lines(contractor, case_of(road)) == [line]
    for caller in (officer, contractor):
        assert answered(caller.get("/v1/disclosures", case=case_of(road))) == {"entries": [line], "next": None}
    assert officer.get("/v1/disclosures", case=str(uuid4())).status_code == 404


def test_a_partner_sees_what_is_disclosed_to_it_and_not_that_there_is_anything_else(
    house: House, contractor: Caller, other: Caller
) -> None:
    road = shown(house, "contractor")
    everything = frozenset({"read", "follow"})
    for scopes in (FOLLOW, everything):
        council = house.caller(LANDLORD, "council_desk", scopes)
        assert not lines(council, case_of(road))
        assert not lines(council, case_of(road), partner="contractor")
        for case in (case_of(road), str(uuid4())):
            assert council.get("/v1/disclosures", case=case).status_code == 404
    assert lines(contractor, case_of(road), partner="contractor")
    undisclosed, nobodys = confirms(other, case_of(road)), confirms(other, str(uuid4()))
    assert undisclosed.status_code == nobodys.status_code == 404
    assert undisclosed.content == nobodys.content


def test_a_case_that_nobody_can_read_is_none_to_a_partner_that_was_shown_nothing_of_it(
    house: House, officer: Caller, contractor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, desk = case_of(shown(house, "council")), house.evenhand.office(LANDLORD).desk
    read = desk.case

    def of_a_later_release(case: CaseId) -> Case:
        if case == known:
            raise UnknownFact("NotKnownYet", 7)
        return read(case)

    monkeypatch.setattr(desk, "case", of_a_later_release)
    for asks in (lambda case: contractor.get("/v1/disclosures", case=case), lambda case: confirms(contractor, case)):
        there, nowhere = asks(known), asks(str(uuid4()))
        assert there.status_code == nowhere.status_code == 404
        assert there.content == nowhere.content
    assert officer.get("/v1/disclosures", case=known).status_code == 503


def test_its_own_word_that_it_deleted_is_taken_once_and_answered_again(house: House, contractor: Caller) -> None:
    road = shown(house, "contractor")
    early = confirms(contractor, case_of(road))
    assert early.status_code == 409
    assert [v["rule"] for v in early.json()["violations"]] == ["disclosure_open"]
    road.world.do(EndDisclosure(disclosure="disclosure-1"), by=DPO)
    [line] = lines(contractor, case_of(road), state="deletion_owed")
    assert (line["because"], line["last_on"]) == ("decided", None)
    key = uuid4().hex
    first = confirms(contractor, case_of(road), Idempotency_Key=key)
    assert first.status_code == 201, first.text
    assert first.json()["deleted_on"] == str(road.world.today)
    before = house.head(LANDLORD)
    for again in (confirms(contractor, case_of(road)), confirms(contractor, case_of(road), Idempotency_Key=key)):
        assert (again.status_code, again.json()) == (200, first.json())
    assert house.head(LANDLORD) == before
    assert [one["state"] for one in lines(contractor, case_of(road))] == ["deleted"]


def test_its_word_needs_no_body_and_can_name_the_day(house: House, contractor: Caller) -> None:
    road = shown(house, "contractor")
    road.world.do(EndDisclosure(disclosure="disclosure-1"), by=DPO)
    path = f"/v1/disclosures/{case_of(road)}/disclosure-1/deleted"
    bare = house.http.post(path, headers=contractor.headers)
    assert (bare.status_code, bare.json()["deleted_on"]) == (201, str(road.world.today))
    road = shown(house, "contractor")
    road.world.do(EndDisclosure(disclosure="disclosure-1"), by=DPO)
    path = f"/v1/disclosures/{case_of(road)}/disclosure-1/deleted"
    for body, status in (({"on": "1.1.2026"}, 422), ({"day": "2026-01-12"}, 422), ({"on": "2026-01-11"}, 409)):
        assert contractor.post(path, body).status_code == status, body
    assert contractor.post(path, {"on": str(road.world.today)}).status_code == 201


def test_a_system_of_the_landlords_own_confirms_nothing_for_a_partner(house: House) -> None:
    partner(house, "contractor_desk", "contractor")
    road = shown(house, "contractor")
    road.world.do(EndDisclosure(disclosure="disclosure-1"), by=DPO)
    own = subscribe(house, LANDLORD, "telephony", topics=[Topic.RESTRICTIONS])
    assert confirms(own, case_of(road)).status_code == 404
    assert own.get("/v1/disclosures").status_code == 403
    colleague = house.caller(LANDLORD, "officer", FOLLOW)
    for refused in (confirms(colleague, case_of(road)), colleague.get("/v1/disclosures")):
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-subscriber")
    assert confirms(house.caller(LANDLORD, "officer", frozenset({"decide"})), case_of(road)).status_code == 403


def test_the_clock_ends_what_is_over_and_what_was_not_deleted_in_time_is_on_the_worklist(
    house: House, contractor: Caller
) -> None:
    road = shown(house, "contractor")
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    office = house.evenhand.office(LANDLORD)
    assert house.evenhand.projector(LANDLORD).wait_for(house.head(LANDLORD), 20)
    ticked = office.clockwork.tick()
    assert (case_of(road), "disclosure:disclosure-1") in [(due.case, due.key) for due in ticked.recorded]
    [line] = lines(contractor, case_of(road))
    assert (line["state"], line["because"]) == ("deletion_owed", "over")
    officer = house.caller(LANDLORD)
    position = house.head(LANDLORD)
    owed = [
        one
        for one in all_pages(officer, "/v1/worklist", min_position=position, limit=200, role=DPO)
        if one["case"] == case_of(road)
    ]
    [deletion] = [one for one in owed if one["kind"] == "deletion"]
    assert deletion["due_on"] == line["delete_by"]
    assert [one["command"] for one in deletion["commands"]] == ["confirm-deletion"]
    accepted(officer.post(deletion["commands"][0]["path"], {"disclosure": "disclosure-1"}))
    assert [one["state"] for one in lines(contractor, case_of(road))] == ["deleted"]


def test_pages_go_on_from_case_to_case(house: House, contractor: Caller) -> None:
    cases = [case_of(shown(house, "contractor")) for _ in range(2)]
    page = answered(contractor.get("/v1/disclosures", limit=1))
    seen = [line["case"] for line in page["entries"]]
    while page["next"]:
        page = answered(contractor.get(page["next"]))
        seen += [line["case"] for line in page["entries"]]
    assert [case for case in seen if case in cases] == cases
    assert len(seen) == len(set(seen))


def test_a_partner_cannot_count_what_others_see_by_its_pages(house: House, contractor: Caller, other: Caller) -> None:
    before = len(list(_pages(contractor)))
    for _ in range(3):
        shown(house, "council")
    mine = case_of(shown(house, "contractor"))
    pages = list(_pages(contractor))
    assert len(pages) == before + 1
    assert [line["case"] for line in pages[-1]["entries"]] == [mine]
    assert pages[-1]["next"] is None or not answered(contractor.get(pages[-1]["next"]))["entries"]
    del other


def test_whoever_follows_nothing_cannot_ask_whether_there_is_a_case(house: House, contractor: Caller) -> None:
    stranger = house.caller(LANDLORD, scopes=FOLLOW)
    there, nowhere = (confirms(stranger, case) for case in (case_of(shown(house, "contractor")), str(uuid4())))
    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)
    assert there.json()["type"] == "/problems/not-a-subscriber"
    del contractor


def _pages(caller: Caller) -> Iterator[Any]:
    """The partner's own list, a case at a time, without the empty page that may come last."""
    following: str | None = "/v1/disclosures?limit=1"
    while following is not None:
        page = answered(caller.get(following))
        if page["entries"]:
            yield page
        following = page["next"]


def test_a_wrong_question_is_told_what_is_wrong_with_it(house: House) -> None:
    officer = house.caller(LANDLORD)
    for asked in ({"state": "gone"}, {"partner": "Some Body"}, {"cursor": "bm9uc2Vuc2U"}, {"limit": 0}):
        assert officer.get("/v1/disclosures", **asked).status_code == 422


def test_a_system_registers_under_a_sign_in_that_there_is(house: House) -> None:
    body = {"subscriber": "somebody", "kind": "own", "topics": ["safety"], "signs_in": str(uuid4())}
    refused = house.caller(LANDLORD, "administrator").post("/v1/landlord/register-subscriber", body)
    assert (refused.status_code, refused.json()["violations"][0]["rule"]) == (409, "unknown_colleague")
