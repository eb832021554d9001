"""A partner's whole life over HTTP: nothing, then what was decided, then its end, its deletion, and nothing again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.codes import Answer, DisclosureBasis, Purpose, StaffId
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.changes import VaryRestriction
from domain.decisions.disclosures import Disclose, EndDisclosure, RestrictionToShow
from domain.decisions.endings import LiftRestriction
from domain.decisions.intake import LogContact
from domain.decisions.safety import ApproveSafetyWarning, RemoveSafetyWarning
from infrastructure.http.feed import CURSOR
from tests.domain.test_safety import proposal
from tests.domain.world import Road, words
from tests.infrastructure.downstream.the_forms import thin
from tests.infrastructure.http.a_house import SECRET, Caller, House, a_house, accepted, answered
from tests.infrastructure.http.a_subscriber import end, subscribe
from tests.infrastructure.http.road import HttpWorld, a_road

W = "wolverhampton"
DPO = "data_protection_officer"
TOPICS = ["restrictions", "safety", "disclosures"]


@pytest.fixture(scope="module")
def house(postgres_dsn: str, reachable_folder: Path) -> Iterator[House]:
    """One landlord; each test has a customer and partners of its own."""
    with _a_database(postgres_dsn) as dsn, a_house(dsn, reachable_folder / uuid4().hex, [W]) as opened:
        yield opened


@contextmanager
def _a_database(dsn: str) -> Iterator[str]:
    name = f"evenhand_test_{uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(dsn, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@dataclass
class Partner:
    """A partner's system: where it is in the feed, and the last event of each case that it was told."""

    code: str
    caller: Caller
    cursor: str | None = None
    last: dict[str, int] = field(default_factory=dict)

    def news(self) -> list[Any]:
        """What came since it last asked, each event thin and without a gap."""
        events: list[Any] = []
        while True:
            after = {} if self.cursor is None else {"after": self.cursor}
            response = self.caller.get("/v1/feed", limit=2, **after)
            page = answered(response)
            self.cursor = response.headers[CURSOR]
            for event in page:
                _told(event, self)
                events.append(event)
            if not page:
                return events

    def names(self) -> list[str]:
        """What kinds of events came since it last asked."""
        return [event["type"].removeprefix("evenhand.") for event in self.news()]

    def state(self, case: str) -> Any | None:
        """How a case stands, as far as it sees one."""
        rows: Any = answered(self.caller.get("/v1/snapshot", case=case))["cases"]
        assert len(rows) <= 1
        return rows[0] if rows else None

    def cases(self) -> set[str]:
        """The cases of its whole snapshot."""
        return {row["case"] for row in answered(self.caller.get("/v1/snapshot"))["cases"]}


def _told(event: Any, partner: Partner) -> None:
    thin(json.dumps(event).encode())
    assert event["previous"] == partner.last.get(event["subject"], 0)
    partner.last[event["subject"]] = event["caseversion"]


def a_partner(house: House, **said: Any) -> Partner:
    """A partner whom the landlord registered."""
    code = f"partner_{uuid4().hex[:8]}"
    more = {"kind": "partner", "partner": code, "topics": TOPICS, **said}
    return Partner(code, subscribe(house, W, code, **more))


def restricted(house: House) -> tuple[Road, HttpWorld, str]:
    """Somebody is restricted by two measures that the policy knows; road, world, and the restriction."""
    road = a_road(house, W)
    restriction = road.restricted(road.measure(), road.measure())
    assert isinstance(road.world, HttpWorld)
    return road, road.world, restriction


def disclosed(world: HttpWorld, partner: Partner, restriction: str, *measures: str, **changes: Any) -> str:
    """What a partner is shown; the disclosure's id."""
    fields: dict[str, Any] = {
        "partner": partner.code,
        "basis": DisclosureBasis.LEGITIMATE_INTERESTS,
        "reasons": words(),
        "restrictions": (RestrictionToShow(restriction=restriction, measures=measures),),
    }
    world.do(Disclose(**{**fields, **changes}), by=DPO)
    return world.case.disclosures[-1].id


def same(one: httpx.Response, other: httpx.Response, *, but: tuple[str, str] | None = None) -> None:
    """Two answers that tell nobody which of them is about somebody."""
    text = other.text if but is None else other.text.replace(but[1], but[0])
    assert (one.status_code, one.text) == (other.status_code, text)


def test_a_partners_whole_life(house: House) -> None:
    partner, other = a_partner(house), a_partner(house)
    _, world, restriction = restricted(house)
    case = world.case_id
    first, second = [m.id for m in world.case.restrictions[-1].sets[-1].measures]
    assert partner.news() == []
    assert partner.state(case) is None

    # It is decided that the partner sees one of two measures.
    disclosure = disclosed(world, partner, restriction, first)
    [begun] = partner.news()
    assert begun["type"] == "evenhand.disclosure-decided"
    detail = begun["data"]["detail"]
    assert [m["id"] for r in detail["restrictions"] for m in r["measures"]] == [first]
    assert begun["data"]["person"] == world.person
    state = partner.state(case)
    assert state is not None
    assert _measures(state) == {first}
    assert state["caseversion"] == begun["caseversion"]
    assert partner.cases() == {case}
    assert (state["adjustments"], state["safety"], state["persons"]) == ([], [], [])
    assert "reference" not in state

    # What happens in the case besides is nothing to it; that something may change what it keeps, it hears.
    world.do(LogContact(channel="letter", summary=words(), purpose=Purpose.ENQUIRY))
    assert partner.names() == []
    world.do(LodgeAppeal(against=restriction, reasons=words()))
    assert partner.names() == ["state-changed"]

    # It is over: the partner hears of that, then that its disclosure is.
    world.do(LiftRestriction(restriction=restriction, reasons=words()), by=_decider(world))
    [lifted] = partner.news()
    assert (lifted["type"], lifted["data"]["detail"]["restriction"]) == ("evenhand.restriction-lifted", restriction)
    world.wait(1)
    _the_clock_goes_on(house, world)
    [ended] = partner.news()
    assert ended["type"] == "evenhand.disclosure-ended"
    assert ended["data"]["detail"]["because"] == "over"
    assert ended["data"]["detail"]["delete_by"] > world.today.isoformat()
    assert partner.state(case) is None
    assert partner.cases() == set()

    # It deletes what it kept, once, and nobody else can say so.
    path = f"/v1/disclosures/{case}/{disclosure}/deleted"
    assert other.caller.post(path, {}).status_code == 404
    accepted(partner.caller.post(path, {}))
    head = house.head(W)
    assert answered(partner.caller.post(path, {}))["deleted_on"] == world.today.isoformat()
    assert house.head(W) == head
    assert partner.names() == ["disclosure-deleted"]

    # And what happens from here on it is not told.
    world.do(LogContact(channel="letter", summary=words(), purpose=Purpose.ENQUIRY))
    assert partner.names() == []
    assert other.names() == []
    assert second not in str(partner.last)


def test_a_case_that_was_not_disclosed_is_nobodys_by_every_route(house: House) -> None:
    partner = a_partner(house, references=True)
    _, world, restriction = restricted(house)
    nobody = str(uuid4())
    get, post = partner.caller.get, partner.caller.post
    for theirs, made_up in ((world.case_id, nobody), (nobody, world.case_id)):
        same(get("/v1/snapshot", case=theirs), get("/v1/snapshot", case=made_up))
        body = {"on": world.today.isoformat()}
        paths = [f"/v1/disclosures/{one}/disclosure-1/deleted" for one in (theirs, made_up)]
        same(*[post(path, body) for path in paths])
    same(get("/v1/references", person=world.person), get("/v1/references", person=nobody))
    for path in ("", "/history", "/obligations"):
        for case in (world.case_id, nobody):
            assert get(f"/v1/cases/{case}{path}").status_code == 403
    for path in (
        "/v1/register",
        "/v1/worklist",
        "/v1/policy",
        "/v1/landlord/history",
        "/v1/subscribers",
        "/v1/webhooks",
    ):
        assert get(path).status_code == 403
    for path in (f"/v1/subscribers/{partner.code}", f"/v1/cases/{world.case_id}/known-by", "/v1/ops/broker"):
        assert get(path).status_code == 403
    assert get("/v1/advice", person=world.person, channel="telephone").status_code == 403
    assert get(f"/v1/customers/{world.person}/alert").status_code == 403
    assert get("/v1/disclosures").json() == {"entries": [], "next": None}
    assert partner.news() == []
    assert restriction not in get("/v1/snapshot").text


def test_an_ending_that_is_decided_takes_everything_back_at_once(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    disclosure = disclosed(world, partner, restriction)
    assert partner.names() == ["disclosure-decided"]
    world.do(EndDisclosure(disclosure=disclosure, reasons=words()), by=DPO)
    assert partner.state(world.case_id) is None
    world.do(LiftRestriction(restriction=restriction, reasons=words()), by=_decider(world))
    assert partner.names() == ["disclosure-ended"]


def test_a_measure_that_was_decided_in_the_place_of_a_disclosed_one_is_not_seen(house: House) -> None:
    partner = a_partner(house)
    road, world, restriction = restricted(house)
    disclosed(world, partner, restriction)
    [begun] = partner.news()
    shown = {m["id"]: m["code"] for r in begun["data"]["detail"]["restrictions"] for m in r["measures"]}
    _vary(road, world, restriction)
    now = world.case.restrictions[-1].sets[-1].measures
    standing = {m.id for m in now}
    assert standing.isdisjoint(shown)
    assert {m.code for m in now} <= set(shown.values())  # the same kind of measure, and all the same another one
    told = partner.news()
    assert standing.isdisjoint(_ids(told))
    state = partner.state(world.case_id)
    assert state is None or standing.isdisjoint(_measures(state))


def test_two_disclosures_to_one_partner_end_each_for_itself(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    first, second = [m.id for m in world.case.restrictions[-1].sets[-1].measures]
    one = disclosed(world, partner, restriction, first)
    disclosed(world, partner, restriction, second)
    state = partner.state(world.case_id)
    assert state is not None
    assert _measures(state) == {first, second}
    world.do(EndDisclosure(disclosure=one, reasons=words()), by=DPO)
    state = partner.state(world.case_id)
    assert state is not None
    assert _measures(state) == {second}
    assert partner.names() == ["disclosure-decided", "disclosure-decided", "disclosure-ended"]


def test_a_partner_that_is_entitled_to_references_gets_those_of_its_cases_alone(house: House) -> None:
    partner = a_partner(house, references=True)
    _, world, restriction = restricted(house)
    disclosed(world, partner, restriction)
    other = house.caller(W).contact(reference=f"W-{uuid4().hex}")
    answer = answered(partner.caller.get(f"/v1/references?person={world.person}&person={other['person']}"))
    assert [one["person"] for one in answer["references"]] == [world.person]
    for event in partner.news():
        assert "reference" in event["data"]


def test_a_partner_does_not_see_how_much_else_happens_in_a_case(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    disclosed(world, partner, restriction)
    event = partner.news()[-1]
    before = partner.state(world.case_id)
    assert before is not None
    assert before["caseversion"] == event["caseversion"]
    for _ in range(3):
        world.do(LogContact(channel="letter", summary=words(), purpose=Purpose.ENQUIRY))
    assert partner.state(world.case_id) == before
    assert partner.news() == []


def test_a_partner_whose_registration_ended_is_told_no_more(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    disclosed(world, partner, restriction)
    assert partner.names() == ["disclosure-decided"]
    end(house, W, partner.code)
    for path in ("/v1/feed", f"/v1/snapshot?case={world.case_id}", "/v1/references?person=x"):
        refused = partner.caller.get(path)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-subscriber")


def test_a_partner_that_waits_hears_of_a_disclosure_at_once_and_of_nothing_else(house: House) -> None:
    partner = a_partner(house)
    assert partner.news() == []
    _, world, restriction = restricted(house)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(partner.caller.get, "/v1/feed", after=partner.cursor, wait=30)
        _until(lambda: house.evenhand.listeners() > 0)
        world.do(LogContact(channel="letter", summary=words(), purpose=Purpose.ENQUIRY))
        disclosed(world, partner, restriction)
        page: Any = answered(waiting.result())
    polled = [event["type"] for event in page]
    # The contact may have woken it: then it is told how far it is, and asks again.
    polled += [event["type"] for event in partner.news()] if not polled else []
    assert polled == ["evenhand.disclosure-decided"]


def test_a_partner_is_told_the_same_as_a_stream(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    disclosure = disclosed(world, partner, restriction)
    world.do(LogContact(channel="letter", summary=words(), purpose=Purpose.ENQUIRY))
    world.do(EndDisclosure(disclosure=disclosure, reasons=words()), by=DPO)
    events = partner.news()
    headers = {**partner.caller.headers, "Accept": "text/event-stream"}
    streamed: list[Any] = []
    with house.http.stream("GET", "/v1/feed", headers=headers) as response:
        for line in response.iter_lines():
            if line.startswith("data:"):
                streamed.append(json.loads(line.removeprefix("data:")))
            if len(streamed) == len(events):
                break
    assert streamed == events
    assert [event["type"] for event in events] == ["evenhand.disclosure-decided", "evenhand.disclosure-ended"]


def test_a_safety_warning_is_shown_to_those_whom_it_is_for_with_what_becomes_of_it(house: House) -> None:
    partner, other = a_partner(house), a_partner(house)
    road = a_road(house, W)
    world = road.world
    assert isinstance(world, HttpWorld)
    road.opened()
    today = world.today
    world.do(proposal(road, review_on=today + timedelta(days=90), expires_on=today + timedelta(days=180)))
    world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    assert partner.news() == []

    world.do(
        Disclose(
            partner=partner.code,
            basis=DisclosureBasis.LEGITIMATE_INTERESTS,
            reasons=words(),
            warnings=("safety-1",),
            audience="repairs_contractors",
        ),
        by=DPO,
    )
    [begun] = partner.news()
    [shown] = begun["data"]["detail"]["warnings"]
    assert (shown["home"], set(shown["precautions"])) == ("home-7", {"two_staff", "call_before_visit"})
    state = partner.state(world.case_id)
    assert state is not None
    assert [one["warning"] for one in state["safety"]] == ["safety-1"]

    world.do(RemoveSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    [removed] = partner.news()
    assert (removed["type"], removed["data"]["detail"]["warning"]) == ("evenhand.safety-warning-removed", "safety-1")
    world.wait(1)
    _the_clock_goes_on(house, world)
    assert partner.names() == ["disclosure-ended"]
    assert partner.state(world.case_id) is None
    assert other.news() == []


def test_when_the_clock_ends_both_a_partner_hears_of_the_restriction_before_its_disclosure(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    disclosed(world, partner, restriction)
    assert partner.names() == ["disclosure-decided"]
    last = world.case.restrictions[-1].ends_on
    assert last is not None
    world.wait((last - world.today).days + 1)
    _the_clock_goes_on(house, world)
    ended, over = (event for event in partner.news() if event["type"] != "evenhand.state-changed")
    assert (ended["type"], ended["data"]["detail"]["restriction"]) == ("evenhand.restriction-ended", restriction)
    assert (over["type"], over["data"]["detail"]["because"]) == ("evenhand.disclosure-ended", "over")
    assert partner.state(world.case_id) is None


def _until(so: Callable[[], bool]) -> None:
    until = monotonic() + 10
    while not so():
        assert monotonic() < until
        sleep(0.01)


def test_nothing_that_anybody_said_reaches_a_partner(house: House) -> None:
    partner = a_partner(house)
    _, world, restriction = restricted(house)
    world.callers["case_officer"].post(
        f"/v1/cases/{world.case_id}/log-contact", {"channel": "email", "summary": f"{SECRET} wrote."}
    )
    disclosed(world, partner, restriction)
    for path in ("/v1/feed", "/v1/snapshot", f"/v1/snapshot?case={world.case_id}", "/v1/disclosures"):
        told = partner.caller.get(path).text
        assert SECRET not in told
        assert "said in words" not in told


def _measures(state: Any) -> set[str]:
    return {m["id"] for r in state["restrictions"] for stood in r["timeline"] for m in stood["measures"]}


def _ids(events: list[Any]) -> set[str]:
    return {m["id"] for event in events for m in event["data"]["detail"].get("measures", ())}


def _decider(world: HttpWorld) -> str:
    return str(world.policy.decision.by.value[0])


def _vary(road: Road, world: HttpWorld, restriction: str) -> None:
    """Other measures are put in the place of both."""
    command = VaryRestriction(
        restriction=restriction,
        measures=(road.measure(contact_staff=(StaffId(f"staff-{_decider(world)}"),)),),
        channels_usable=Answer.YES,
        reasons=words(),
        proportionality=words(),
        incidents=(world.case.incidents[-1].id,),
    )
    world.wait(1)
    road.circumstances()
    world.do(command, by=_decider(world))


def _the_clock_goes_on(house: House, world: HttpWorld) -> None:
    """Whatever went by is taken down."""
    house.evenhand.demonstration_clock(W).set(world.now)
    operator = house.caller(W, scopes=frozenset({"operate"}))
    for _ in range(10):  # what one look takes down may make something else be over
        assert house.evenhand.projector(W).wait_for(house.head(W), 30.0, "deadlines")
        answer = answered(operator.post("/v1/ops/tick", {}))
        assert answer["failed"] == []
        if answer["complete"]:
            return
    raise AssertionError("the clock does not come to an end")
