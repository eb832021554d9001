"""Whoever answers instead is named with their number and hours, and with who takes messages while they are closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from domain.advice import Advice, case_cannot_be_read
from domain.calendar import end_of_day, london_datetime
from domain.codes import Channel, Direction, OpenDay, PointKind, Purpose, RoleCode, StaffId
from domain.events import ContactPointSet, OpeningHours
from domain.handling import Question, Redirect
from domain.surroundings import Surroundings
from tests.domain.test_advice import letters_only
from tests.domain.test_advice_safety import ask, away, named_contact, safe
from tests.domain.world import Road, staff
from tests.policies import baseline

WEEK = tuple(OpenDay)[:5]
OFFICER = staff("case_officer")


def kept(
    road: Road,
    of: str,
    code: str,
    *,
    telephone: str | None = "01632 960100",
    days: tuple[OpenDay, ...] = WEEK,
    messages_to: str | None = None,
) -> Road:
    """From long ago on, this is how somebody is reached: from nine to five on these days."""
    point = ContactPointSet(
        of=PointKind(of),
        code=code,
        from_on=date(2020, 1, 1),
        telephone=None if of == "staff" else telephone,
        hours=tuple(OpeningHours(weekday=day, opens="09:00", closes="17:00") for day in days),
        messages_to=None if messages_to is None else RoleCode(messages_to),
    )
    landlord = road.world.landlord
    road.world.landlord = replace(landlord, points=(*landlord.points, point))
    return road


def answer_at(road: Road, clock: str = "12:00", **fields: object) -> Advice:
    """The answer to an enquiry at a time of the road's day."""
    world = road.world
    around = Surroundings(landlord=world.landlord, policy=world.policy)
    at = london_datetime(world.today, time.fromisoformat(clock))
    return ask(road, around=around, **{"purpose": Purpose.ENQUIRY, "at": at, **fields})


def redirect_at(road: Road, clock: str = "12:00", **fields: object) -> Redirect:
    """Where it sends them."""
    redirect = answer_at(road, clock, **fields).redirect_to
    assert redirect is not None
    return redirect


def notes(redirect: Redirect) -> list[str]:
    """The codes of what is noted."""
    return [note.code for note in redirect.notes]


def test_a_colleague_is_reached_at_their_own_hours_and_the_number_is_left_to_the_edge() -> None:
    redirect = redirect_at(kept(named_contact(), "staff", OFFICER))
    (one,) = redirect.reached
    assert (one.of, one.code, one.through, one.telephone, one.is_open) == ("staff", OFFICER, None, None, True)
    assert notes(redirect) == []


def test_a_colleague_without_a_number_of_their_own_is_reached_through_their_post() -> None:
    road = kept(named_contact(), "role", "case_officer")
    (one,) = redirect_at(road).reached
    assert (one.code, one.through, one.telephone) == (OFFICER, "case_officer", "01632 960100")
    (own,) = redirect_at(kept(road, "staff", OFFICER)).reached
    assert own.through is None


def test_closed_says_when_they_are_there_next_and_who_takes_messages() -> None:
    road = kept(named_contact(), "staff", OFFICER, messages_to="head_of_policy")
    redirect = redirect_at(road, "18:00")
    (one,) = redirect.reached
    tomorrow = road.world.today + timedelta(days=1)
    assert (one.is_open, one.opens_next) == (False, london_datetime(tomorrow, time(9)))
    assert (one.messages_to, one.message_staff) == ("head_of_policy", (staff("head_of_policy"),))
    assert notes(redirect) == ["closed_then"]


def test_hours_are_not_kept_is_said_only_where_somebody_named_has_none() -> None:
    assert notes(redirect_at(named_contact())) == ["hours_not_kept"]
    assert notes(redirect_at(kept(named_contact(), "role", "case_officer", telephone=None))) == ["hours_not_kept"]
    assert notes(redirect_at(kept(named_contact(), "role", "case_officer", days=()))) == ["hours_not_kept"]
    assert notes(redirect_at(kept(named_contact(), "role", "head_of_policy"))) == ["hours_not_kept"]


def test_the_deputy_is_reached_at_the_deputys_hours() -> None:
    road = kept(kept(named_contact(), "staff", OFFICER), "staff", "staff-deputy", days=(OpenDay.SUNDAY,))
    landlord = road.world.landlord
    post = next(t for t in landlord.tenures if t.staff == OFFICER)
    deputy = replace(post, id="tenure-deputy", staff=StaffId("staff-deputy"), deputy=True)
    road.world.landlord = replace(landlord, tenures=(*landlord.tenures, deputy))
    away(road, OFFICER)
    redirect = redirect_at(road)
    assert [(one.code, one.is_open) for one in redirect.reached] == [("staff-deputy", False)]
    assert notes(redirect) == ["deputy_answers", "closed_then"]


def test_of_somebody_away_whom_nobody_stands_in_for_only_who_takes_messages_is_told() -> None:
    road = kept(named_contact(), "staff", OFFICER, messages_to="head_of_policy")
    away(road, OFFICER)
    redirect = redirect_at(road)
    (one,) = redirect.reached
    assert (one.is_open, one.hours, one.message_staff) == (False, (), (staff("head_of_policy"),))
    assert notes(redirect) == ["take_a_message"]


def test_the_answer_holds_until_somebody_named_opens_or_closes() -> None:
    road = kept(named_contact(), "staff", OFFICER)
    today = road.world.today
    ends = [answer_at(road, clock).valid_until for clock in ("08:00", "12:00", "18:00")]
    assert ends == [london_datetime(today, time(9)), london_datetime(today, time(17)), end_of_day(today)]


def test_without_a_policy_nobody_says_whose_bank_holidays_close() -> None:
    road = kept(named_contact(), "staff", OFFICER)
    redirect = ask(road, around=Surroundings(landlord=road.world.landlord), purpose=Purpose.ENQUIRY).redirect_to
    assert redirect is not None
    assert [one.is_open for one in redirect.reached] == [None]


# offices by appointment


def appointment_and(code: str) -> Road:
    """Derby's customer, who comes by appointment and under another measure as well."""
    road = Road("derby")
    road.restricted(road.measure("appointment_at_office"), road.measure(code))
    return road


def test_an_office_that_takes_appointments_is_named_for_a_call_that_another_measure_limits() -> None:
    redirect = redirect_at(kept(appointment_and("letter_only"), "office", "main-office"))
    assert redirect.offices == ("main-office",)
    assert redirect.by_appointment == (Channel.OFFICE_VISIT,)
    assert [(one.of, one.code, one.telephone) for one in redirect.reached] == [
        ("office", "main-office", "01632 960100")
    ]
    assert notes(redirect) == ["by_appointment"]


def test_an_office_that_is_open_to_the_customer_without_one_says_nothing_of_appointments() -> None:
    redirect = redirect_at(letters_only())
    assert Channel.OFFICE_VISIT in redirect.channels
    assert (redirect.by_appointment, redirect.offices) == ((), ())
    assert "by_appointment" not in notes(redirect)


@pytest.mark.parametrize("channel", [Channel.OFFICE_VISIT, Channel.TELEPHONE])
def test_by_appointment_is_said_whichever_way_the_customer_comes(channel: Channel) -> None:
    assert "by_appointment" in notes(redirect_at(appointment_and("letter_only"), channel=channel))


# the duty manager


def test_where_staff_are_sent_to_the_duty_manager_it_is_told_how_to_reach_one() -> None:
    road = kept(safe(Road("wolverhampton").opened()), "role", "duty_manager", telephone="01632 960600")
    world = road.world
    around = Surroundings(landlord=world.landlord, policy=world.policy)
    for answer in (
        answer_at(road),
        answer_at(road, direction=Direction.OUTBOUND, channel=Channel.HOME_VISIT),
        case_cannot_be_read(question(world.now), baseline(), world.now, around),
    ):
        assert answer.duty_manager is not None
        assert (answer.duty_manager.telephone, answer.duty_manager.is_open) == ("01632 960600", True)
    assert answer_at(road).valid_until == london_datetime(world.today, time(17))
    assert answer_at(kept(named_contact(), "role", "duty_manager")).duty_manager is None
    assert answer_at(safe(Road("wolverhampton").opened())).duty_manager is None


def question(at: datetime) -> Question:
    """A call of which nothing is known."""
    return Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=at)
