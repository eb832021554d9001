"""Setting over HTTP how somebody is reached, and reading it in advice: published numbers, and a colleague's own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from application.streams import landlord_stream
from domain.codes import StaffId, SubjectId
from tests.infrastructure.http.a_house import House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road

OWN = "07700 900417"
ALWAYS = [
    {"weekday": day, "opens": "00:00", "closes": "24:00"}
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "bank_holiday")
]


def setting(house: House, landlord: str, key: str | None = None, **said: Any) -> Any:
    """An administrator's request; the response, whatever its status."""
    body = {"from_on": "2015-01-01", "hours": ALWAYS, **said}
    headers = {"Idempotency_Key": key} if key else {}
    return house.caller(landlord, "administrator").post("/v1/landlord/set-contact-point", body, **headers)


def enquiry(house: House, world: HttpWorld, scopes: frozenset[str] | None = None) -> dict[str, Any]:
    """The answer about a call of the customer whom one person answers."""
    caller = world.callers["case_officer"]
    if scopes is not None:
        caller = house.caller("maidstone", "case_officer", scopes)
    return answered(caller.get("/v1/advice", person=world.person, channel="telephone", purpose="enquiry"))


@pytest.fixture
def world(everybody: House) -> HttpWorld:
    """Maidstone's customer, whom the case officer alone answers."""
    road = a_road(everybody, "maidstone")
    road.restricted(road.measure("single_contact"))
    assert isinstance(road.world, HttpWorld)
    return road.world


def test_a_colleagues_own_number_is_told_with_the_name_and_on_record_and_stands_in_no_fact(
    everybody: House, world: HttpWorld
) -> None:
    officer = everybody.staff("maidstone", "case_officer")
    accepted(setting(everybody, "maidstone", of="staff", code=officer, own_telephone=OWN))
    answer = enquiry(everybody, world)
    assert answer["colleagues"] == [{"staff": officer, "name": "Officer case_officer", "telephone": OWN}]
    (one,) = answer["redirect_to"]["reached"]
    assert (one["of"], one["code"], one["is_open"], one["telephone"]) == ("staff", officer, True, None)
    log = everybody.evenhand.access_log("maidstone").all_of_subject(SubjectId(world.person))
    assert {f"staff.{officer}.name", f"staff.{officer}.telephone"} <= set(log[-1][1].fields)
    blind = enquiry(everybody, world, frozenset({"read"}))
    assert blind["colleagues"] == [{"staff": officer, "name": None, "telephone": None}]
    history = everybody.evenhand.office("maidstone").log.history(landlord_stream("maidstone"))
    assert "900417" not in repr(history)

    accepted(setting(everybody, "maidstone", of="staff", code=officer, own_telephone="07700 900555"))
    assert enquiry(everybody, world)["colleagues"][0]["telephone"] == "07700 900555"
    accepted(setting(everybody, "maidstone", of="staff", code=officer, hours=[]))  # which ends it
    ended = enquiry(everybody, world)
    assert ended["colleagues"][0]["telephone"] is None
    assert [note["code"] for note in ended["redirect_to"]["notes"]] == ["hours_not_kept"]
    assert everybody.evenhand.office("maidstone").directory.staff_telephone(StaffId(officer), 0) is None


def test_a_request_that_is_sent_again_brings_no_old_number_back(everybody: House) -> None:
    officer, key = everybody.staff("maidstone", "officer"), uuid4().hex
    first = {"of": "staff", "code": officer, "own_telephone": OWN}
    one = accepted(setting(everybody, "maidstone", key, **first))
    accepted(setting(everybody, "maidstone", of="staff", code=officer, own_telephone="07700 900555"))
    assert accepted(setting(everybody, "maidstone", key, **first)) == one
    office = everybody.evenhand.office("maidstone")
    assert office.directory.staff_telephone(StaffId(officer), office.desk.state().version) == "07700 900555"


def test_a_posts_published_number_is_told_to_everybody(everybody: House, world: HttpWorld) -> None:
    role = "case_officer"
    accepted(
        setting(everybody, "maidstone", of="role", code=role, telephone="01632 960100", messages_to="head_of_policy")
    )
    answer = enquiry(everybody, world, frozenset({"read"}))
    (one,) = answer["redirect_to"]["reached"]
    assert (one["telephone"], one["through"], one["messages_to"]) == ("01632 960100", role, "head_of_policy")
    assert one["message_staff"] == [everybody.staff("maidstone", "head_of_policy")]
    assert answer["redirect_to"]["notes"] == []
    accepted(setting(everybody, "maidstone", of="role", code=role, hours=[]))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"of": "staff", "own_telephone": f"ring {OWN}"}, "own_telephone"),
        ({"of": "role", "telephone": "ring 900417"}, "telephone"),
        ({"of": "role", "hours": [{"weekday": "caturday", "opens": "09:00", "closes": "17:00"}]}, "hours.0.weekday"),
        ({"of": "role", "hours": [{"weekday": "monday", "opens": "9:00", "closes": "17:00"}]}, "hours.0.opens"),
        ({"of": "ward"}, "of"),
    ],
)
def test_what_is_out_of_shape_is_told_by_its_field_and_not_repeated(
    everybody: House, said: dict[str, Any], field: str
) -> None:
    response = setting(everybody, "maidstone", code="head_of_policy", **said)
    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert "900417" not in response.text


def test_what_makes_no_sense_is_refused_and_no_number_is_kept(everybody: House) -> None:
    officer = everybody.staff("maidstone", "colleague")
    times = [{"weekday": "monday", "opens": "17:00", "closes": "09:00"}]
    response = setting(everybody, "maidstone", of="staff", code=officer, own_telephone=OWN, hours=times)
    assert (response.status_code, response.json()["violations"][0]["rule"]) == (409, "closes_before_opens")
    assert everybody.evenhand.office("maidstone").directory.staff_telephone(StaffId(officer), 0) is None
    unknown = setting(everybody, "maidstone", of="staff", code=str(uuid4()), own_telephone=OWN)
    assert (unknown.status_code, unknown.json()["violations"][0]["rule"]) == (409, "unknown_colleague")
    assert "900417" not in response.text + unknown.text


def test_what_ends_on_a_day_ahead_leaves_the_number_until_then(everybody: House, world: HttpWorld) -> None:
    officer = everybody.staff("maidstone", "case_officer")
    accepted(setting(everybody, "maidstone", of="staff", code=officer, own_telephone=OWN))
    accepted(setting(everybody, "maidstone", of="staff", code=officer, hours=[], from_on="2090-01-02"))
    answer = enquiry(everybody, world)
    assert [one["is_open"] for one in answer["redirect_to"]["reached"]] == [True]
    assert answer["colleagues"] == [{"staff": officer, "name": "Officer case_officer", "telephone": OWN}]
    accepted(setting(everybody, "maidstone", of="staff", code=officer, hours=[]))
    assert enquiry(everybody, world)["redirect_to"]["reached"] == []
    accepted(setting(everybody, "maidstone", of="staff", code=officer))
    assert [note["code"] for note in enquiry(everybody, world)["redirect_to"]["notes"]] == ["number_not_known"]
    assert enquiry(everybody, world)["colleagues"] == [
        {"staff": officer, "name": "Officer case_officer", "telephone": None}
    ]


def test_new_hours_without_a_number_leave_the_one_that_is_known_until_it_is_taken_away(
    everybody: House, world: HttpWorld
) -> None:
    officer = everybody.staff("maidstone", "case_officer")
    accepted(setting(everybody, "maidstone", of="staff", code=officer, own_telephone=OWN))
    for first in ("2090-01-02", "2015-01-01"):
        accepted(setting(everybody, "maidstone", of="staff", code=officer, from_on=first))
        answer = enquiry(everybody, world)
        assert answer["colleagues"] == [{"staff": officer, "name": "Officer case_officer", "telephone": OWN}]
        assert answer["redirect_to"]["notes"] == []

    forget: dict[str, Any] = {"of": "staff", "code": officer, "forget_own_telephone": True}
    ahead = setting(everybody, "maidstone", **forget, from_on="2090-01-02")
    assert [(v["rule"], v["field"]) for v in ahead.json()["violations"]] == [("number_goes_at_once", "from_on")]
    both = setting(everybody, "maidstone", **forget, own_telephone=OWN)
    assert [v["rule"] for v in both.json()["violations"]] == ["number_given_and_taken"]
    accepted(setting(everybody, "maidstone", **forget))
    answer = enquiry(everybody, world)
    assert answer["colleagues"][0]["telephone"] is None
    assert [note["code"] for note in answer["redirect_to"]["notes"]] == ["number_not_known"]
    blind = enquiry(everybody, world, frozenset({"read"}))
    assert blind["redirect_to"]["notes"] == []
    accepted(setting(everybody, "maidstone", of="staff", code=officer, hours=[]))
