"""Contact points: what an administrator can say of numbers and hours, and when somebody is there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from pydantic import ValidationError

from domain.calendar import Nation, london_datetime
from domain.codes import OpenDay, PointKind, RoleCode
from domain.decisions import Refused, decide
from domain.decisions.contact_points import Hours, SetContactPoint, is_telephone
from domain.events import ContactPointSet, OpeningHours
from domain.landlord import Landlord
from domain.personal import Personal
from domain.reached import Reached, reached
from projections.sentences.landlord import landlord_sentence
from tests.domain.test_posts import managed
from tests.domain.world import START, World, staff

NUMBER = "01632 960100"
WEEK = tuple(OpenDay)[:5]
ENGLAND = Nation.ENGLAND_AND_WALES


def hours(*days: str, opens: str = "09:00", closes: str = "17:00") -> tuple[Hours, ...]:
    """The same time on several days; from Monday to Friday unless said otherwise."""
    return tuple(Hours(weekday=OpenDay(day), opens=opens, closes=closes) for day in days or WEEK)


def setting(of: str = "role", code: str = "manager", **said: Any) -> SetContactPoint:
    """The command, from the first day of a world on."""
    return SetContactPoint(of=PointKind(of), code=code, **{"from_on": START, **said})


def refusals(command: SetContactPoint, by: str = "administrator", world: World | None = None) -> set[str]:
    """The rules that stand in its way."""
    with pytest.raises(Refused) as refusal:
        decide(command, (world or World("maidstone")).situation(by))
    return {violation.rule for violation in refusal.value.violations}


def point_on(world: World, day: date, of: str = "role", code: str = "manager") -> ContactPointSet | None:
    """What holds on a day."""
    return world.landlord.point_on(PointKind(of), code, day)


# what can be said


def test_a_later_one_replaces_it_from_its_day_on_and_one_without_number_and_hours_ends_it() -> None:
    world = World("maidstone")
    managed(world, setting(telephone=NUMBER, hours=hours()))
    managed(world, setting(telephone="01632 960200", from_on=date(2027, 1, 4)))
    managed(world, setting(from_on=date(2027, 6, 1)))
    found = [point_on(world, day) for day in (date(2025, 1, 1), START, date(2027, 1, 4), date(2027, 6, 1))]
    assert [point and point.telephone for point in found] == [None, NUMBER, "01632 960200", None]
    assert point_on(world, START, code="staff") is None
    assert point_on(world, START, of="office") is None


def test_of_two_for_one_day_the_one_that_was_set_last_holds() -> None:
    world = World("maidstone")
    managed(world, setting(telephone=NUMBER))
    managed(world, setting(telephone="101"))
    found = point_on(world, START)
    assert found is not None
    assert found.telephone == "101"


def test_the_number_of_a_colleague_is_no_part_of_the_fact() -> None:
    world = World("maidstone")
    number = Personal("07700 900123")
    managed(world, setting("staff", staff("manager"), own_telephone=number, hours=hours(), messages_to="staff"))
    (fact,) = world.landlord.points
    assert fact.telephone is None
    assert "900123" not in repr(fact)
    assert fact.messages_to == "staff"


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (setting(code="wizard", telephone=NUMBER), "unknown_post"),
        (setting(telephone=NUMBER, messages_to="wizard"), "unknown_post"),
        (setting("staff", "staff-nobody", hours=hours()), "unknown_colleague"),
        (setting("staff", staff("manager"), telephone=NUMBER, hours=hours()), "number_is_personal"),
        (setting(own_telephone=Personal(NUMBER), hours=hours()), "number_is_published"),
        (setting("staff", staff("manager"), own_telephone=Personal(NUMBER)), "hours_needed"),
        (setting(hours=hours(), forget_own_telephone=True), "number_is_published"),
        (setting(messages_to="staff"), "nothing_to_reach"),
        (setting(), "nothing_to_reach"),
        (setting(hours=hours("monday", opens="17:00", closes="09:00")), "closes_before_opens"),
        (setting(hours=hours("monday", opens="09:00", closes="09:00")), "closes_before_opens"),
        (setting(hours=hours("monday", "monday")), "hours_twice"),
        (setting(hours=(*hours("monday"), *hours("monday", opens="16:59", closes="18:00"))), "hours_overlap"),
    ],
)
def test_what_makes_no_sense_is_refused(command: SetContactPoint, rule: str) -> None:
    assert rule in refusals(command)


def test_everything_that_is_wrong_is_told_at_once_and_nobody_but_an_administrator_sets_it() -> None:
    wrong = setting(code="wizard", messages_to="witch", hours=(*hours("monday", "monday"),))
    assert refusals(wrong, by="manager") == {"post_held", "unknown_post", "hours_twice"}


def test_who_may_not_set_it_is_told_what_it_is_about() -> None:
    with pytest.raises(Refused) as refusal:
        decide(setting(telephone=NUMBER), World("maidstone").situation("manager"))
    (violation,) = refusal.value.violations
    assert violation.asks.startswith("How offices, posts and colleagues are reached is set by an administrator")


def test_a_day_may_have_a_time_before_and_after_lunch_and_one_up_to_midnight() -> None:
    world = World("maidstone")
    morning, afternoon = hours("monday", closes="12:00"), hours("monday", opens="13:00", closes="24:00")
    managed(world, setting(hours=(*afternoon, *morning)))
    assert [(h.opens, h.closes) for h in world.landlord.points[0].hours] == [("09:00", "12:00"), ("13:00", "24:00")]


@pytest.mark.parametrize("text", ["01632 960123", "+44 1632 960123", "(01632) 960-123", "101", "01632 960123 ext 42"])
def test_numbers_as_people_write_them_are_taken(text: str) -> None:
    assert is_telephone(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "call Leila",
        "01632 960123\n",
        "1632960123",
        "0" * 16,
        "(01632 960123",
        "+",
        "0163é",
        "٠١٦٣٢",
        "ext 42",
    ],
)
def test_what_can_be_no_number_is_not_taken_and_not_repeated(text: str) -> None:
    assert not is_telephone(text)
    with pytest.raises(ValidationError) as refusal:
        setting(telephone=text)
    assert [error["loc"] for error in refusal.value.errors(include_input=False)] == [("telephone",)]


def test_a_sentence_tells_what_was_set() -> None:
    world = World("maidstone")
    managed(world, setting(telephone=NUMBER, hours=hours("monday")))
    managed(world, setting("staff", staff("manager"), hours=hours("bank_holiday")))
    managed(world, setting(from_on=date(2027, 6, 1)))
    assert [landlord_sentence(fact) for fact in world.landlord.points] == [
        "The post of manager is reached on 01632 960100 from 2 March 2026 on; open on monday 09:00 to 17:00.",
        "Staff member staff-manager is reached from 2 March 2026 on; open on bank holiday 09:00 to 17:00.",
        "From 1 June 2027 on it is not kept any more how the post of manager is reached.",
    ]


# when somebody is there


def at(day: date, clock: str) -> datetime:
    """An instant, by London's clocks."""
    return london_datetime(day, time.fromisoformat(clock))


def seen(when: datetime, kept: tuple[Hours, ...], nation: Nation | None = ENGLAND) -> Reached:
    """What a post with these hours looks like at an instant."""
    point = ContactPointSet(
        of=PointKind.ROLE,
        code="manager",
        from_on=START,
        telephone=NUMBER,
        hours=tuple(OpeningHours(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in kept),
        messages_to=RoleCode("staff"),
    )
    return reached(point, when, nation, Landlord())


@pytest.mark.parametrize(
    ("clock", "is_open"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False), ("23:30", False)]
)
def test_it_is_open_from_its_first_minute_until_its_last_is_over(clock: str, is_open: bool) -> None:
    assert seen(at(date(2026, 3, 2), clock), hours()).is_open is is_open


def test_it_says_when_it_closes_while_it_is_open_and_when_it_opens_next_while_it_is_closed() -> None:
    monday, friday = date(2026, 3, 2), date(2026, 3, 6)
    noon, evening = seen(at(monday, "12:00"), hours()), seen(at(friday, "20:00"), hours())
    assert (noon.closes_at, noon.opens_next) == (at(monday, "17:00"), None)
    assert (evening.closes_at, evening.opens_next) == (None, at(date(2026, 3, 9), "09:00"))


def test_a_bank_holiday_of_the_nation_is_closed_unless_hours_are_kept_for_it() -> None:
    easter_monday = date(2026, 4, 6)
    closed = seen(at(date(2026, 4, 2), "18:00"), hours())  # the Thursday before
    assert closed.opens_next == at(date(2026, 4, 7), "09:00")
    assert not seen(at(easter_monday, "12:00"), hours()).is_open
    assert seen(at(easter_monday, "12:00"), hours(), Nation.SCOTLAND).is_open
    assert seen(at(easter_monday, "12:00"), (*hours(), *hours("bank_holiday"))).is_open


def test_whoever_opens_on_fridays_alone_opens_after_both_fridays_of_christmas() -> None:
    assert seen(at(date(2026, 12, 18), "18:00"), hours("friday")).opens_next == at(date(2027, 1, 8), "09:00")


def test_hours_past_midnight_are_one_time() -> None:
    kept = (*hours("friday", opens="18:00", closes="24:00"), *hours("saturday", opens="00:00", closes="06:00"))
    late = seen(at(date(2026, 3, 6), "23:00"), kept)
    assert (late.is_open, late.closes_at) == (True, at(date(2026, 3, 7), "06:00"))


def test_who_is_always_there_never_closes() -> None:
    always = hours(*OpenDay, opens="00:00", closes="24:00")
    assert (seen(at(START, "03:00"), always).is_open, seen(at(START, "03:00"), always).closes_at) == (True, None)


def test_hours_are_londons_on_both_sides_of_the_change_in_march() -> None:
    before, after = date(2026, 3, 27), date(2026, 3, 30)  # clocks go forward on the Sunday between
    assert seen(datetime(2026, 3, 27, 8, 30, tzinfo=UTC), hours()).opens_next == datetime(2026, 3, 27, 9, tzinfo=UTC)
    assert seen(at(before, "18:00"), hours()).opens_next == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert seen(datetime(2026, 3, 30, 8, 30, tzinfo=UTC), hours()).is_open
    assert not seen(datetime(2026, 3, 30, 16, 30, tzinfo=UTC), hours()).is_open
    assert after.weekday() == 0


def test_hours_are_londons_on_both_sides_of_the_change_in_october() -> None:
    friday, monday = date(2026, 10, 23), date(2026, 10, 26)
    assert seen(at(friday, "18:00"), hours()).opens_next == datetime(2026, 10, 26, 9, tzinfo=UTC)
    assert not seen(datetime(2026, 10, 26, 8, 30, tzinfo=UTC), hours()).is_open
    assert seen(at(monday, "16:30"), hours()).closes_at == datetime(2026, 10, 26, 17, tzinfo=UTC)


def test_the_hour_that_october_has_twice_is_open_twice_and_the_one_that_march_leaves_out_not_at_all() -> None:
    october, march = date(2026, 10, 25), date(2026, 3, 29)
    until_half_past = hours("sunday", opens="00:30", closes="01:30")
    assert seen(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), until_half_past).is_open  # the second 01:15
    assert seen(at(october, "00:45"), until_half_past).closes_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    left_out = hours("sunday", opens="01:00", closes="02:00")
    assert seen(at(march, "00:30"), left_out).opens_next == at(date(2026, 4, 5), "01:00")


def test_without_hours_or_without_a_nation_nobody_says_that_it_is_open_or_closed() -> None:
    for found in (seen(at(START, "12:00"), ()), seen(at(START, "12:00"), hours(), None)):
        assert (found.is_open, found.opens_next, found.closes_at) == (None, None, None)


def test_the_last_days_that_holidays_are_known_of_are_looked_at_and_none_after() -> None:
    assert seen(at(date(2099, 12, 31), "18:00"), hours()).opens_next is None
