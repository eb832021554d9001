"""The common figures: what each case adds to them, counted by hand, and how the lines add up for any history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import events as e
from domain.case import Case
from domain.codes import AppealOutcome, NoticeKind, StaffId, SubjectId
from domain.events import Event
from domain.evolve import HistoryStep, evolve
from domain.obligation import Duty
from domain.obligations import obligations
from domain.reports.lines import SUMS
from domain.reports.of_case import of_case
from domain.reports.stretch import Stretch
from domain.reports.tally import Tally
from tests.domain.test_erasure_blindness import blinded
from tests.histories import HEAD, MONDAY, History, main_road, text
from tests.random_histories import histories

SPRING = Stretch(date(2026, 3, 1), date(2026, 5, 31))
SUMMER = Stretch(date(2026, 6, 1), date(2026, 8, 31))
AUTUMN = Stretch(date(2026, 9, 1), date(2026, 11, 30))
LATER = date(2027, 6, 1)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def steps(history: list[Event]) -> list[HistoryStep]:
    found, case = [], Case()
    for event in history:
        after = evolve(case, event)
        found.append(HistoryStep(case, event, after))
        case = after
    return found


def figures(*told: History, days: Stretch = SPRING, known_on: date = LATER) -> dict[str, int | None]:
    """The value of every line, over these cases."""
    tally = Tally()
    for history in told:
        found = of_case(steps(history.events), days, known_on)
        assert found is not None
        tally.add(found)
    return {figure.code: figure.value for section in tally.sections("people") for figure in section.figures}


def with_fields(value: Any, **fields: object) -> Any:
    return type(value)(**({name: getattr(value, name) for name in value.__dataclass_fields__} | fields))


def shown(found: dict[str, int | None], *codes: str) -> tuple[int | None, ...]:
    return tuple(found[code] for code in codes)


RESTRICTIONS = ("restrictions_at_start", "restrictions_begun", "restrictions_ended", "restrictions_at_end")


@pytest.mark.parametrize(
    ("days", "expected"),
    [(SPRING, (0, 1, 0, 1)), (SUMMER, (1, 0, 0, 1)), (AUTUMN, (1, 0, 1, 0))],
    ids=["in which it began", "over which it lasted", "in which it was lifted"],
)
def test_a_restriction_is_counted_where_it_begins_where_it_lasts_and_where_it_ends(
    days: Stretch, expected: tuple[int, ...]
) -> None:
    assert shown(figures(main_road(), days=days), *RESTRICTIONS) == expected


@pytest.mark.parametrize(("last", "expected"), [(day(24), (0, 0, 0, 0)), (day(25), (0, 1, 0, 1))])
def test_a_restriction_counts_from_its_very_first_day(last: date, expected: tuple[int, ...]) -> None:
    assert shown(figures(main_road(), days=Stretch(MONDAY, last)), *RESTRICTIONS) == expected


@pytest.mark.parametrize(("last", "expected"), [(day(202), (1, 0, 0, 1)), (day(203), (1, 0, 1, 0))])
def test_a_restriction_has_ended_on_the_first_day_without_it(last: date, expected: tuple[int, ...]) -> None:
    assert shown(figures(main_road(), days=Stretch(day(100), last)), *RESTRICTIONS) == expected


def test_how_long_it_lasted_and_how_it_ended_is_told_once_it_is_over() -> None:
    found = figures(main_road(), days=AUTUMN)

    assert shown(found, "ended_lifted", "ended_reached_its_date", "lasted_to_6_months", "lasted_to_3_months") == (
        1,
        0,
        1,
        0,
    )
    assert found["median_days"] == 203 - 25


def test_one_that_nobody_recorded_as_ended_is_over_all_the_same() -> None:
    history = restricted(ends=day(60))

    found = figures(history)

    assert shown(found, "ended_reached_its_date", "restrictions_at_end", "lasted_to_3_months") == (1, 0, 1)


ENDS = MONDAY + timedelta(days=180)


def restricted(name: str = "one", *, ends: date = ENDS, **applied: Any) -> History:
    return (
        History(name)
        .opened()
        .contact()
        .incident()
        .proposed(day(20))
        .applied(day(25), ends=ends, **applied)
        .sent(day(25), NoticeKind.DECISION, "restriction-1")
    )


def test_incidents_warnings_and_overrides_are_counted_on_their_day() -> None:
    found = figures(main_road())

    assert shown(found, "incidents", "warnings_issued", "warnings_waived", "overrides", "override:warning_first") == (
        2,
        1,
        1,
        1,
        1,
    )


def test_a_warning_that_was_withdrawn_counts_among_those_alone() -> None:
    withdrawn = e.WarningWithdrawn(warning="warning-1", reason=text("reason"))
    history = History().opened().contact().incident().warned(day(4)).add(withdrawn, day(9))

    found = figures(history)

    assert shown(found, "warnings_issued", "warnings_withdrawn", "letters_due") == (0, 1, 0)


def test_what_should_never_have_been_made_counts_in_no_figure_but_its_own() -> None:
    wrong = e.RestrictionWithdrawnAsWrong(restriction="restriction-1", from_on=day(40), reasons=text("reasons"))
    history = restricted(overrides=1).reviewed(day(30)).appealed(day(32)).add(wrong, day(40), actor=HEAD)

    found = figures(history)

    counted = {code for code, value in found.items() if value}
    assert counted == {"incidents", "withdrawn_as_wrong"}


def test_an_interim_restriction_is_told_apart_from_what_it_became() -> None:
    history = History().opened().contact().incident().interim(day(3)).proposed(day(5))
    history.applied(day(6), ends=day(150), confirms="restriction-1")

    found = figures(history)

    assert shown(found, "interim_applied", "interim_confirmed", "interim_ended", "interim_at_end") == (1, 1, 0, 0)
    assert shown(found, *RESTRICTIONS) == (0, 1, 0, 1)
    assert shown(found, "people_at_start", "people_at_end", "people_during") == (0, 1, 1)


def test_an_interim_restriction_that_nobody_confirmed_ended_without_a_decision() -> None:
    found = figures(History().opened().contact().incident().interim(day(3)))

    assert shown(found, "interim_applied", "interim_confirmed", "interim_ended", "interim_at_end") == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("held", "known_on", "expected"),
    [
        (day(115), LATER, (1, 1, 0, 0, 0)),
        (day(116), LATER, (1, 0, 1, 0, 0)),
        (None, LATER, (1, 0, 0, 1, 0)),
        (None, day(116), (1, 0, 0, 1, 0)),
        (None, day(115), (1, 0, 0, 0, 1)),
    ],
    ids=["on its day", "the day after", "never", "not by the day after", "not yet, on its day"],
)
def test_a_review_is_held_in_time_late_or_missed(held: date | None, known_on: date, expected: tuple[int, ...]) -> None:
    history = restricted()
    if held:
        history.reviewed(held)

    found = figures(history, days=Stretch(day(100), day(115)), known_on=known_on)

    assert shown(found, "reviews_due", "reviews_in_time", "reviews_late", "reviews_missed", "reviews_open") == expected


def test_a_review_that_a_sooner_end_overtook_never_fell_due() -> None:
    history = restricted().lifted(day(50), from_on=day(55))

    assert figures(history, days=Stretch(day(100), day(130)))["reviews_due"] == 0


@pytest.mark.parametrize(
    ("sent", "known_on", "expected"),
    [
        (day(25), LATER, (1, 1, 0, 0, 0)),
        (day(26), LATER, (1, 0, 1, 0, 0)),
        (None, day(26), (1, 0, 0, 1, 0)),
        (None, day(25), (1, 0, 0, 0, 1)),
    ],
)
def test_a_letter_is_sent_on_the_day_late_or_not(sent: date | None, known_on: date, expected: tuple[int, ...]) -> None:
    history = History().opened().contact().incident().proposed(day(20)).applied(day(25), ends=day(180))
    if sent:
        history.sent(sent, NoticeKind.DECISION, "restriction-1")

    found = figures(history, days=Stretch(MONDAY, day(25)), known_on=known_on)

    assert shown(found, "letters_due", "letters_in_time", "letters_late", "letters_missed", "letters_open") == expected


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (AppealOutcome.UPHELD, "appeals_upheld"),
        (AppealOutcome.VARIED, "appeals_varied"),
        (AppealOutcome.OVERTURNED, "appeals_overturned"),
    ],
)
def test_an_appeal_is_counted_when_it_comes_and_when_it_is_heard(outcome: AppealOutcome, line: str) -> None:
    history = restricted().appealed(day(30)).determined(day(80), outcome)
    lines = ("appeals_at_start", "appeals_lodged", line, "appeals_at_end", "appeals_answered_late")

    assert shown(figures(history, days=Stretch(day(0), day(60))), *lines) == (0, 1, 0, 1, 0)
    assert shown(figures(history, days=Stretch(day(61), day(90))), *lines) == (1, 0, 1, 0, 1)


def test_an_appeal_that_was_withdrawn_is_open_no_more() -> None:
    withdrawn = e.AppealWithdrawn(appeal="appeal-1", withdrawn_on=day(35), reasons=None)
    history = restricted().appealed(day(30)).add(withdrawn, day(35))

    assert shown(figures(history), "appeals_lodged", "appeals_withdrawn", "appeals_at_end") == (1, 1, 0)


def test_what_an_appeal_suspends_is_still_a_restriction_and_told_apart() -> None:
    history = restricted().appealed(day(30), suspended=True)

    found = figures(history, days=Stretch(MONDAY, day(40)))

    assert shown(found, "restrictions_at_end", "suspended_at_end", "people_at_end") == (1, 1, 1)


def test_adjustments_are_counted_when_asked_for_and_when_answered() -> None:
    asked = e.AdjustmentRequested(
        adjustment="adjustment-1", kind="large_print", requested_on=day(1), anticipated=False, needs=text("needs")
    )
    refused = e.AdjustmentDecided(
        adjustment="adjustment-1",
        agreed=False,
        kind="large_print",
        starts_on=day(50),
        instruction=None,
        reason=text("reason"),
    )
    history = History().opened().add(asked, day(1)).add(refused, day(50)).adjustment(day(51))
    lines = ("adjustments_at_start", "adjustments_asked", "adjustments_agreed", "adjustments_refused")

    assert shown(figures(history, days=Stretch(day(0), day(40))), *lines, "adjustments_at_end") == (0, 1, 0, 0, 1)
    assert shown(figures(history, days=Stretch(day(41), day(60))), *lines, "adjustments_at_end") == (1, 1, 1, 1, 0)


def test_a_breach_counts_until_it_is_withdrawn() -> None:
    history = restricted().contact(day(30)).add(breach("breach-1", "contact-2", day(30)), day(30))
    assert shown(figures(history), "breaches", "people_in_breach") == (1, 1)

    history.add(e.BreachWithdrawn(breach="breach-1", reason=text("reason")), day(33))

    assert shown(figures(history), "breaches", "people_in_breach") == (0, 0)


def breach(code: str, contact: str, on: date) -> e.BreachRecorded:
    return e.BreachRecorded(
        breach=code,
        contact=contact,
        restriction="restriction-1",
        measure="restriction-1.1",
        happened_on=on,
        account=text("account"),
    )


def test_a_household_with_two_restricted_people_is_one_household() -> None:
    found = figures(restricted("one"), restricted("two"))

    assert shown(found, "people_at_end", "households_at_end") == (2, 1)


def test_records_of_one_person_count_as_one_person_whichever_comes_first() -> None:
    one, two = restricted("one"), restricted("two")
    merged(one, two.person)

    assert shown(figures(one, two), "people_at_end", "people_during", "restrictions_at_end") == (1, 1, 2)
    assert shown(figures(two, one), "people_at_end", "people_during", "restrictions_at_end") == (1, 1, 2)


def merged(history: History, other: SubjectId) -> None:
    fact = e.CustomerRecordsMerged(
        merge="merge-1",
        other=other,
        other_case=History("two").case,
        kept=other,
        conflicts=(),
        merged_on=day(60),
        reason=text("reason"),
    )
    history.add(fact, day(60))


def test_a_person_whose_household_is_not_known_is_counted_apart() -> None:
    history = History().opened(household=None).contact().incident().interim(day(3))
    unknown = Stretch(MONDAY, day(5))
    last = history.events[-1]
    history.events[-1] = with_fields(last, fact=with_fields(last.fact, household=None))

    found = figures(history, days=unknown)

    assert shown(found, "people_during", "households_during", "household_not_known") == (1, 0, 1)


def test_the_landlords_own_stream_is_no_case() -> None:
    assert of_case([], SPRING, LATER) is None


def test_the_lower_median_is_a_whole_number_of_days() -> None:
    found = figures(restricted("one", ends=day(34)), restricted("two", ends=day(44)))

    assert found["median_days"] == 10


def test_nothing_is_known_of_the_median_when_nothing_ended() -> None:
    assert figures(restricted())["median_days"] is None


@given(histories(), st.integers(0, 300), st.integers(0, 200))
def test_the_lines_always_add_up(history: History, start: int, length: int) -> None:
    first = MONDAY + timedelta(days=start)

    found = figures(history, days=Stretch(first, first + timedelta(days=length)), known_on=LATER)

    values = {code: value or 0 for code, value in found.items()}
    for one in SUMS:
        assert sum(values[c] for c in one.plus) - sum(values[c] for c in one.less) == values[one.total], one.total


@given(histories(), st.integers(0, 200), st.integers(0, 90), st.integers(0, 90))
def test_two_periods_that_follow_each_other_join_up(history: History, start: int, one: int, other: int) -> None:
    first = MONDAY + timedelta(days=start)
    middle = first + timedelta(days=one)
    earlier = figures(history, days=Stretch(first, middle))
    later = figures(history, days=Stretch(middle + timedelta(days=1), middle + timedelta(days=1 + other)))

    for what in ("restrictions", "interim", "appeals", "adjustments", "safety", "people", "households"):
        assert earlier[f"{what}_at_end"] == later[f"{what}_at_start"], what


def test_whoever_acts_plays_no_part() -> None:
    history = restricted()
    other = [with_fields(event, actor=StaffId("somebody else")) for event in history.events]

    assert of_case(steps(other), SPRING, LATER) == of_case(steps(history.events), SPRING, LATER)


@given(histories())
def test_people_who_were_erased_count_as_before(history: History) -> None:
    unseen = [with_fields(event, fact=blinded(event.fact)) for event in history.events]

    assert of_case(steps(unseen), SPRING, LATER) == of_case(steps(history.events), SPRING, LATER)


@given(histories())
def test_reviews_that_were_missed_are_those_that_the_case_itself_calls_missed(history: History) -> None:
    found = figures(history, days=Stretch(MONDAY - timedelta(days=400), LATER), known_on=LATER)

    made = [r for r in history.state.restrictions if not r.never_made]
    missed = sum(len({(s.cadence, s.due_on) for s in r.missed_reviews(LATER)}) for r in made)
    assert (found["reviews_missed"] or 0) + (found["reviews_late"] or 0) == missed


@given(histories())
def test_no_letter_that_is_owed_counts_as_sent(history: History) -> None:
    found = figures(history, days=Stretch(MONDAY - timedelta(days=400), LATER), known_on=LATER)

    owed = [one for one in obligations(history.state) if one.duty is Duty.LETTER]
    never = [one for one in owed if not (one.until_on and one.due_on and one.until_on < one.due_on)]
    assert found["letters_missed"] == len(never)
