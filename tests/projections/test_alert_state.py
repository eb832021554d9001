"""A restriction's row answers for any day, without anything having run on that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from domain.codes import AppealOutcome, Effect, NoticeKind
from projections.alert_state import AlertRow, Standing, alert, standing_on
from projections.view import steps_of
from tests.histories import DIRECTOR, MONDAY, OFFICER, History, main_road, measure
from tests.random_histories import histories


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def rows(history: History) -> list[AlertRow]:
    return list(alert(steps_of(history.events)))


def row(history: History) -> AlertRow:
    [only] = rows(history)
    return only


def standing(history: History, on: date) -> Standing:
    found = standing_on(row(history), on)
    assert found is not None
    return found


def restricted(name: str = "one") -> History:
    return History(name).opened().contact().incident().proposed(day(1)).applied(day(1), ends=day(100))


def codes(found: Standing) -> list[str]:
    return [told.measure.id for told in found.measures]


def test_a_case_that_is_only_logged_has_no_row() -> None:
    assert rows(History().opened().contact().contact(day(3))) == []


def test_a_restriction_stands_from_its_first_to_its_last_day_whatever_was_recorded_since() -> None:
    history = restricted()

    assert [on for on in map(day, range(200)) if standing_on(row(history), on)] == [day(n) for n in range(1, 101)]


def test_it_is_over_the_day_after_its_end_although_nobody_recorded_the_end() -> None:
    found = row(restricted())

    assert found.end_kind is None
    assert standing_on(found, day(100)) is not None
    assert standing_on(found, day(101)) is None


def test_a_decision_for_a_later_day_does_not_stand_before_it() -> None:
    history = History().opened().contact().incident().proposed(day(1)).applied(day(1), starts=day(9), ends=day(50))

    assert standing_on(row(history), day(8)) is None
    assert standing_on(row(history), day(9)) is not None


def test_a_lifted_restriction_still_stood_on_the_days_before() -> None:
    history = restricted().lifted(day(40), from_on=day(43))

    assert standing_on(row(history), day(42)) is not None
    assert standing_on(row(history), day(43)) is None
    assert row(history).end_kind == "lifted"
    assert row(history).last_day == day(42)


def test_an_extension_moves_the_end() -> None:
    history = restricted().extended(day(90), ends=day(150))

    assert standing_on(row(history), day(150)) is not None
    assert standing_on(row(history), day(151)) is None


def test_each_day_has_the_measures_that_were_decided_for_it() -> None:
    history = restricted().varied(day(20), from_on=day(30))

    assert codes(standing(history, day(29))) == ["restriction-1.1", "restriction-1.2"]
    assert codes(standing(history, day(30))) == ["change-1.1"]
    assert codes(standing(history, day(5))) == ["restriction-1.1", "restriction-1.2"]


def test_a_measure_says_what_it_limits_and_under_which_clause() -> None:
    [contact, letters] = standing(restricted(), day(5)).measures

    assert (contact.measure.code, contact.measure.effect, contact.measure.clause) == (
        "one_contact",
        Effect.NAMED_CONTACT,
        "7.1",
    )
    assert letters.measure.issue == "issue-1"
    assert letters.measure.open == ("letter",)


def test_the_named_contact_is_whoever_has_the_day() -> None:
    history = restricted().contact_changed(day(30))

    assert standing(history, day(29)).contact_staff == (OFFICER,)
    assert standing(history, day(30)).contact_staff == (DIRECTOR,)


def test_measures_that_nobody_has_told_the_customer_of_have_no_day() -> None:
    assert [told.told_on for told in standing(restricted(), day(5)).measures] == [None, None]


def test_measures_are_known_from_the_first_telling() -> None:
    by_letter = restricted().sent(day(2), NoticeKind.DECISION, "restriction-1")
    then_by_telephone = restricted().sent(day(2), NoticeKind.DECISION, "restriction-1").told(day(3))

    assert {told.told_on for told in standing(by_letter, day(5)).measures} == {day(4)}
    assert {told.told_on for told in standing(then_by_telephone, day(5)).measures} == {day(3)}
    assert row(then_by_telephone).communicated_on == day(3)


def test_a_change_is_known_only_from_its_own_notice() -> None:
    history = restricted().told(day(3)).varied(day(20), from_on=day(20))

    assert [told.told_on for told in standing(history, day(21)).measures] == [None]


def test_a_suspended_restriction_stands_without_measures_until_the_appeal_has_its_outcome() -> None:
    history = restricted().appealed(day(20), suspended=True).determined(day(30))

    assert not standing(history, day(19)).suspended
    assert standing(history, day(20)).suspended
    assert standing(history, day(29)).measures == ()
    assert not standing(history, day(30)).suspended


def test_an_appeal_is_open_from_the_day_it_came_to_the_day_of_its_outcome() -> None:
    history = restricted().appealed(day(20)).determined(day(30))
    found = {on: standing(history, on).open_appeal for on in map(day, (19, 20, 29, 30))}

    assert found[day(19)] is None
    assert found[day(30)] is None
    open_appeal = found[day(20)]
    assert open_appeal is not None
    assert open_appeal == found[day(29)]
    assert open_appeal.answer_due_on == day(48)


def test_an_overturned_restriction_is_over_from_the_day_of_the_outcome() -> None:
    history = restricted().appealed(day(20)).determined(day(30), AppealOutcome.OVERTURNED)

    assert standing_on(row(history), day(29)) is not None
    assert standing_on(row(history), day(30)) is None


def test_the_next_review_is_the_one_that_was_owed_on_that_day() -> None:
    history = restricted().reviewed(day(80))

    assert standing(history, day(79)).next_review_on == day(91)
    assert standing(history, day(80)).next_review_on == day(181)
    assert standing(history, day(79)).last_reviewed_on is None
    assert standing(history, day(80)).last_reviewed_on == day(80)
    assert row(history).next_review_on == day(181)


def test_adjustments_are_shown_while_they_are_given() -> None:
    history = restricted().adjustment(day(10), until=day(20))

    assert [len(standing(history, day(n)).adjustments) for n in (9, 10, 20, 21)] == [0, 1, 1, 0]


def test_the_register_learns_of_the_warning_the_decision_and_the_last_review() -> None:
    found = row(main_road())

    assert (found.warned_on, found.warning_method) == (day(4), "first_class_post")
    assert found.initial_measures == ("one_officer_answers",)
    assert found.initial_measures_words is not None
    assert (found.decided_on, found.communicated_on) == (day(25), day(26))
    assert found.last_reviewed_on == day(110)
    assert found.pattern is not None


def test_a_second_restriction_is_a_row_of_its_own() -> None:
    history = restricted().lifted(day(10), from_on=day(11)).proposed(day(50)).applied(day(50), ends=day(90))

    assert [found.restriction for found in rows(history)] == ["restriction-1", "restriction-2"]
    assert [bool(standing_on(found, day(60))) for found in rows(history)] == [False, True]


def test_an_interim_restriction_is_a_row_like_any_for_the_days_that_it_stands() -> None:
    found = row(History().opened().contact().incident().interim(day(5)).told(day(5)))

    assert [on for on in map(day, range(30)) if standing_on(found, on)] == [day(n) for n in range(5, 12)]
    assert [told.told_on for told in found.timeline[0].measures] == [day(5)]
    assert (found.warned_on, found.pattern) == (None, None)
    assert found.behaviour is not None
    assert found.next_review_on == day(6)


def test_what_confirms_an_interim_restriction_stands_in_its_place_from_that_day() -> None:
    history = History().opened().contact().incident().interim(day(5))
    history.proposed(day(8)).applied(day(8), ends=day(90), confirms="restriction-1")
    before, after = rows(history)

    assert (before.end_kind, before.last_day) == ("confirmed", day(7))
    assert [bool(standing_on(before, day(n))) for n in (7, 8)] == [True, False]
    assert [bool(standing_on(after, day(n))) for n in (7, 8)] == [False, True]


def test_a_restriction_from_an_old_register_is_a_row_that_says_what_the_register_says() -> None:
    found = row(History().opened().imported(day(1), ends=day(60)))

    assert (found.warned_on, found.communicated_on) == (day(-29), day(1))
    assert found.behaviour is None
    assert standing_on(found, day(60)) is not None
    assert standing_on(found, day(61)) is None


@settings(max_examples=60, deadline=None)
@given(histories())
def test_on_every_day_the_row_says_what_the_case_itself_says(history: History) -> None:
    case, last = history.state, history.events[-1].effective_on
    found = {one.restriction: one for one in rows(history)}

    assert list(found) == [restriction.id for restriction in case.restrictions]
    for restriction in case.restrictions:
        for number in range((last - MONDAY).days + 150):
            stood = standing_on(found[restriction.id], day(number))
            in_force = stood is not None and not stood.suspended
            assert in_force == restriction.in_force_on(day(number))
            shown = [(told.measure.id, told.told_on) for told in stood.measures] if stood else []
            expected = restriction.measures_on(day(number))
            assert shown == [(m.id, case.told_of(restriction, m)) for m in expected]


def test_personal_values_in_a_row_cannot_be_compared() -> None:
    with pytest.raises(TypeError):
        assert measure("restriction-1.1") == measure("restriction-1.1")
