"""Terms and every cadence of review at once, under each policy: month ends, a leap day and both clock changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from domain.codes import Mitigation, ReviewOutcome
from domain.decisions.changes import ExtendRestriction, RaiseNewIssue
from domain.decisions.reviews import CompleteReview
from domain.decisions.support import ConsiderMitigation
from domain.obligation import Duty
from tests.domain.deadlines.boundary import goes_by_after, owed, road_in
from tests.domain.world import Road, words

R = "restriction-1"


class Decided(NamedTuple):
    """A decision of a day, and by hand the last day of its term and every day on which a review is due."""

    landlord: str
    on: date
    ends: date
    due: dict[str, tuple[date, ...]]
    says: dict[str, Any] = {}  # noqa: RUF012 - what the decision says otherwise; never changed


def clause(row: str, *decided: Decided) -> list[Any]:
    """These, each carrying a row of the clauses."""
    mark = pytest.mark.clause(row, "TIMER")
    return [pytest.param(one, id=f"{one.landlord}-{one.on}", marks=mark) for one in decided]


def on(*days: str) -> tuple[date, ...]:
    """Days as they are written in ISO 8601."""
    return tuple(map(date.fromisoformat, days))


# Clocks go back on Sunday 25 October 2026 and forward on Sunday 28 March 2027; 2028 is a leap year.
DERBY = (
    Decided("derby", date(2028, 2, 29), date(2029, 2, 28), {"twelve_monthly": on("2029-02-28")}),
    Decided("derby", date(2025, 10, 25), date(2026, 10, 25), {"twelve_monthly": on("2026-10-25")}),
    Decided("derby", date(2026, 3, 28), date(2027, 3, 28), {"twelve_monthly": on("2027-03-28")}),
    Decided("derby", date(2025, 12, 25), date(2026, 12, 25), {"twelve_monthly": on("2026-12-25")}),
)
MAIDSTONE = (
    Decided("maidstone", date(2026, 11, 30), date(2027, 2, 28), {"three_monthly": on("2027-02-28")}),
    Decided("maidstone", date(2027, 11, 30), date(2028, 2, 29), {"three_monthly": on("2028-02-29")}),
    Decided("maidstone", date(2026, 7, 25), date(2026, 10, 25), {"three_monthly": on("2026-10-25")}),
    Decided("maidstone", date(2026, 12, 28), date(2027, 3, 28), {"three_monthly": on("2027-03-28")}),
    Decided("maidstone", date(2026, 1, 6), date(2026, 4, 6), {"three_monthly": on("2026-04-06")}),  # Easter Monday
)
STAR = (
    Decided("star", date(2026, 8, 31), date(2027, 2, 28), {"status": on("2027-02-28")}),
    Decided("star", date(2027, 8, 29), date(2028, 2, 29), {"status": on("2028-02-29")}),
    Decided("star", date(2026, 6, 25), date(2026, 12, 25), {"status": on("2026-12-25")}),
    Decided(
        "star",
        date(2026, 8, 31),
        date(2027, 8, 31),
        {"status": on("2027-02-28", "2027-05-31", "2027-08-31")},
        {"ends_on": date(2027, 8, 31), "term_reason": words()},
    ),
)
WOLVERHAMPTON = (
    Decided(
        "wolverhampton",
        date(2026, 8, 31),
        date(2027, 2, 28),
        {
            "monthly": on("2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"),
            "three_monthly": on("2026-11-30", "2027-02-28"),
            "formal": on("2027-02-28"),
        },
    ),
    Decided(
        "wolverhampton",
        date(2027, 8, 29),
        date(2028, 2, 29),
        {
            "monthly": on("2027-09-29", "2027-10-29", "2027-11-29", "2027-12-29", "2028-01-29", "2028-02-29"),
            "three_monthly": on("2027-11-29", "2028-02-29"),
            "formal": on("2028-02-29"),
        },
    ),
    Decided(
        "wolverhampton",
        date(2026, 9, 28),
        date(2027, 3, 28),
        {
            "monthly": on("2026-10-28", "2026-11-28", "2026-12-28", "2027-01-28", "2027-02-28", "2027-03-28"),
            "three_monthly": on("2026-12-28", "2027-03-28"),
            "formal": on("2027-03-28"),
        },
    ),
)
CITIZEN = (
    Decided(
        "citizen",
        date(2026, 10, 31),
        date(2027, 10, 31),
        {"regular": on("2027-04-30", "2027-10-31")},
        {"ends_on": date(2027, 10, 31)},
    ),
    Decided(
        "citizen",
        date(2028, 1, 31),
        date(2028, 5, 1),
        {"regular": on("2028-02-29", "2028-03-31", "2028-04-30")},
        {"ends_on": date(2028, 5, 1), "review_every": "1 month"},
    ),
    Decided(
        "citizen",
        date(2026, 9, 25),
        date(2026, 10, 25),
        {"regular": on("2026-10-25")},  # six months never come, so it is looked at when it ends
        {"ends_on": date(2026, 10, 25)},
    ),
)
# The length of the first term is another clause than how often it is looked at.
TERMS = [
    *clause("DER-34", *DERBY),
    *clause("MAI-40", *MAIDSTONE),
    *clause("STA-64", *STAR[:3]),
    *clause("WOL-61", *WOLVERHAMPTON),
]
CADENCES = [
    *clause("DER-52", *DERBY),
    *clause("MAI-43", *MAIDSTONE),
    *clause("STA-69", *STAR),
    *clause("WOL-70", *WOLVERHAMPTON),
    *clause("CIT-46", *CITIZEN),
]


def decided(one: Decided, nation: str = "E") -> Road:
    """Somebody is restricted on that day, and told on it."""
    road = road_in(nation, one.landlord, one.on - timedelta(days=7))
    road.restricted(**one.says)
    assert road.world.today == one.on
    return road


@pytest.mark.parametrize("nation", ["E", "S"])
@pytest.mark.parametrize("one", TERMS)
def test_a_term_lasts_through_its_last_day_and_is_over_the_day_after(one: Decided, nation: str) -> None:
    road = decided(one, nation)
    restriction = road.world.case.restrictions[0]
    goes_by_after(road.world, f"term:{R}", one.ends)
    assert restriction.in_force_on(one.ends)
    assert not restriction.in_force_on(one.ends + timedelta(days=1))


@pytest.mark.parametrize("nation", ["E", "S"])
@pytest.mark.parametrize("one", CADENCES)
def test_every_review_of_every_cadence_falls_due_on_its_own_day(one: Decided, nation: str) -> None:
    road = decided(one, nation)
    expected = sorted((due, cadence) for cadence, days in one.due.items() for due in days)
    assert sorted((r.due_on, r.code) for r in owed(road.world, Duty.REVIEW) if r.due_on) == expected
    for due, cadence in expected:
        goes_by_after(road.world, f"review:{R}:{cadence}:{due}", due)


@pytest.mark.clause("STA-64", "TIMER")
def test_star_looks_at_a_long_case_each_quarter_counted_from_the_decision() -> None:
    road = decided(STAR[0])
    road.world.today = date(2027, 2, 1)
    road.incident()
    road.world.do(
        road.extension(R, date(2027, 11, 30), exceptional_reason=words()),
        by=road.decider(),
    )
    quarterly = [r.due_on for r in owed(road.world, Duty.REVIEW) if r.code == "extended"]
    assert quarterly == list(on("2027-05-31", "2027-08-31", "2027-11-30"))
    status = [r.due_on for r in owed(road.world, Duty.REVIEW) if r.code == "status"]
    assert status == list(on("2027-02-28", "2027-05-31", "2027-08-31", "2027-11-30"))
    for due in quarterly:
        assert due is not None
        goes_by_after(road.world, f"review:{R}:extended:{due}", due)


@pytest.mark.clause("WOL-61", "TIMER")
def test_wolverhampton_looks_beyond_twelve_months_each_quarter_by_its_panel() -> None:
    road = decided(WOLVERHAMPTON[0])
    road.world.today = date(2027, 2, 1)
    road.incident()
    extension = road.extension(R, date(2027, 11, 30), exceptional_reason=words())
    road.world.do(extension, by=road.decider())
    quarterly = [r.due_on for r in owed(road.world, Duty.REVIEW) if r.code == "exceptional"]
    assert quarterly == list(on("2027-05-31", "2027-08-31", "2027-11-30"))
    for due in quarterly:
        assert due is not None
        goes_by_after(road.world, f"review:{R}:exceptional:{due}", due)


def test_an_extension_moves_the_end_and_leaves_what_was_due_before_it() -> None:
    road = decided(MAIDSTONE[0])
    road.world.today = date(2027, 2, 26)
    road.incident()
    road.world.do(ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words()))
    extension: ExtendRestriction = road.extension(R, date(2027, 8, 31), considered=False)
    road.world.do(extension, by=road.decider())
    assert [r.due_on for r in owed(road.world, Duty.REVIEW)] == list(on("2027-02-28", "2027-05-30", "2027-08-30"))
    goes_by_after(road.world, f"term:{R}", date(2027, 8, 31))


def test_maidstone_looks_again_on_the_day_on_which_a_new_issue_is_raised() -> None:
    day = date(2026, 12, 24)
    road = decided(MAIDSTONE[0])
    road.world.today = day
    road.world.do(RaiseNewIssue(issue="issue-2", contact=road.contact(), summary=words()))
    goes_by_after(road.world, f"review:{R}:new_issue:{day}", day)


# 31 August and a month each time: no date that was clamped in a short month moves the ones after it.
@pytest.mark.clause("WOL-44", "TIMER")
@pytest.mark.parametrize("nation", ["E", "S"])
def test_wolverhamptons_single_contact_is_looked_at_again_on_each_agreed_date(nation: str) -> None:
    one = WOLVERHAMPTON[0]
    road = road_in(nation, "wolverhampton", one.on - timedelta(days=7))
    road.restricted(road.measure("single_contact", review_every="2 months"))
    due = on("2026-10-31", "2026-12-31", "2027-02-28")
    assert [look.due_on for look in owed(road.world, Duty.MEASURE_REVIEW)] == list(due)
    assert {look.clause for look in owed(road.world, Duty.MEASURE_REVIEW)} == {"6.3 r5"}
    for day in due:
        goes_by_after(road.world, f"measure_review:{R}.1:{day}", day)


# What a review has to answer is asked until its day, and its day goes by as long as one answer is missing.
@pytest.mark.parametrize(
    ("one", "cadence", "question", "by"),
    [
        pytest.param(
            MAIDSTONE[0],
            "three_monthly",
            "record_still_needed",
            "policy_and_information",
            marks=pytest.mark.clause("MAI-45", "TIMER"),
            id="maidstone",
        ),
        pytest.param(
            STAR[0],
            "status",
            "still_needed",
            "senior_manager",
            marks=pytest.mark.clause("STA-12", "TIMER"),
            id="needed",
        ),
        pytest.param(
            STAR[1], "status", "still_fair", "senior_manager", marks=pytest.mark.clause("STA-12", "TIMER"), id="fair"
        ),
    ],
)
def test_a_review_that_leaves_a_question_open_was_not_held_by_its_day(
    one: Decided, cadence: str, question: str, by: str
) -> None:
    road = decided(one)
    [due] = one.due[cadence]
    key = f"review:{R}:{cadence}:{due}"
    answers = tuple(road.policy.reviews[cadence].questions)
    held = CompleteReview(
        restriction=R, cadence=cadence, outcome=ReviewOutcome.UNCHANGED, assessment=words(), answers=answers
    )
    road.world.today = due
    left_out = held.model_copy(update={"answers": tuple(code for code in answers if code != question)})
    assert road.world.rules(left_out, by=by) == {f"answers_{question}"}
    goes_by_after(road.world, key, due)
    again = decided(one)
    again.world.today = due
    again.world.do(held, by=by)
    assert key not in {owing.key for owing in owed(again.world, Duty.REVIEW)}
