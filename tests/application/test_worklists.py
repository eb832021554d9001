"""The worklist over all cases of a landlord: pages, vacant posts, and what cannot be told, with a list in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest

from application.desk import Desk, NotFound
from application.worklists import Followed, Looked, Worklists, WorkPage, owes_of
from domain.case import Case
from domain.codes import CaseId, Channel, RoleCode
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.downstream_work import Drifted, FollowersOwe, Unacknowledged
from domain.landlord import Landlord
from domain.obligation import Duty, Obligation
from domain.policy_file import BaselineFile, PolicyFile
from domain.worklist import CaseOwes, Place, State, Wanted
from tests.domain.world import CASE, PERSON, Road, World, words
from tests.policies import baseline_file

T = TypeVar("T")
DAY = date(2026, 3, 2)


class CannotBeTold(Exception):
    """What reading such a case raises."""


@dataclass
class InMemory:
    """A desk with these cases, and the list of what they owe."""

    world: World
    cases: dict[str, Case] = field(default_factory=dict)
    rows: list[CaseOwes] = field(default_factory=list)
    untold: Sequence[CaseOwes] = ()
    unreadable: frozenset[str] = frozenset()
    looks: int = 0

    @property
    def baseline(self) -> BaselineFile:
        """What holds for every landlord."""
        return baseline_file()

    def look(self, make: Callable[[Iterator[CaseOwes]], T]) -> Looked[T]:
        """Every row, once more each time."""
        self.looks += 1
        return Looked(make(iter(self.rows)), self.untold, 7, None)

    def state(self) -> Landlord:
        """The landlord of the world."""
        return self.world.landlord

    def policy_on(self, day: date) -> PolicyFile:
        """Its one policy."""
        if day < self.world.file.effective:
            raise NotFound("maidstone has no policy then")
        return self.world.file

    def case(self, case: CaseId) -> Case:
        """One of the cases."""
        if case in self.unreadable:
            raise CannotBeTold
        return self.cases[case]

    def others_of(self, case: Case) -> tuple[Case, ...]:
        """The cases of the same person."""
        others = [other for other in self.cases.values() if other.id != case.id and other.person == case.person]
        if any(other.id in self.unreadable for other in others):
            raise CannotBeTold
        return tuple(others)

    def worklists(self, kept: tuple[int, bool] = (0, False), followed: Followed | None = None) -> Worklists:
        """The use case over all this."""
        desk: Desk = self  # type: ignore[assignment]  # what the worklist asks of one
        return Worklists(desk, self, self, lambda _: kept, (CannotBeTold,), followed or Owing())  # type: ignore[arg-type]

    def add(self, case: Case) -> None:
        """The case, with the row that the read model has of it."""
        self.cases[case.id] = case
        limits = [r.last_day() for r in case.restrictions if r.end_kind is None]
        self.rows.append(
            replace(
                owes_of(case),
                persons=case.persons(),
                adjusts=any(a.agreed for a in case.adjustments),
                limits_until=max(limits, default=None),
            )
        )


def a_list(cases: int) -> InMemory:
    """So many cases, each with a request that is due on one of three days, and one without a day."""
    given = InMemory(World("maidstone"))
    for n in range(cases):
        owed = (
            Obligation(duty=Duty.ADJUSTMENT, about="adjustment-1", from_on=DAY, due_on=DAY + timedelta(days=n % 3)),
            Obligation(duty=Duty.OMBUDSMAN, about="ombudsman-1", from_on=DAY),
        )
        given.rows.append(
            CaseOwes(case=f"case-{n:04}", person=f"person-{n}", as_of=n, officer=None, owed=owed, persons=(f"p-{n}",))
        )
    return given


def pages(given: InMemory, wanted: Wanted, limit: int) -> Iterator[WorkPage]:
    after: Place | None = None
    while True:
        page = given.worklists().page(wanted, DAY, after, limit)
        yield page
        after = page.next
        if after is None:
            return


def test_pages_are_in_order_and_together_everything_once() -> None:
    given = a_list(50)
    found = [line for page in pages(given, Wanted(), 7) for line in page.lines]
    assert len(found) == 100
    assert [line.place for line in found] == sorted(line.place for line in found)
    assert len({line.place for line in found}) == 100
    assert [line.due_on for line in found[:17]] == [DAY] * 17
    assert {line.due_on for line in found[50:]} == {None}  # what has no day comes last


def test_of_a_thousand_cases_a_page_holds_no_more_than_was_asked() -> None:
    given = a_list(1000)
    page = given.worklists().page(Wanted(state=State.DUE), DAY, None, 10)
    assert len(page.lines) == 10
    assert page.next is not None
    assert given.looks == 1
    assert len(given.worklists().page(Wanted(), DAY, None, None).lines) == 2000


def test_what_comes_and_goes_between_pages_moves_nothing_else() -> None:
    given = a_list(30)
    first, *_ = pages(given, Wanted(), 10)
    seen = {line.case for line in first.lines}
    gone = given.rows.pop(0)  # done meanwhile, and was on the page
    given.rows.append(replace(gone, case="case-9999"))
    rest = [
        line for line in given.worklists().page(Wanted(), DAY, first.next, None).lines if line.kind == Duty.ADJUSTMENT
    ]
    assert not seen & {line.case for line in rest}
    assert {line.case for line in rest} | seen == {row.case for row in given.rows} | {gone.case}


def test_a_post_that_nobody_holds_though_something_waits_there_is_the_administrators() -> None:
    given = a_list(3)
    given.world.landlord = replace(
        given.world.landlord, tenures=tuple(t for t in given.world.landlord.tenures if t.role != "case_officer")
    )
    page = given.worklists(kept=(4, True)).page(Wanted(), DAY)
    vacant, kept = page.landlord
    assert (vacant.kind, vacant.about, vacant.count) == ("vacant_post", "case_officer", 6)
    assert [one.role for one in vacant.roles] == ["administrator"]
    assert kept.says.startswith("At least 4 closed cases with records kept long enough")
    assert kept.see == f"/v1/retention?on={DAY}"
    of_role = given.worklists(kept=(4, True)).page(Wanted(role=RoleCode("data_protection_officer")), DAY)
    assert [line.kind for line in (*of_role.landlord, *of_role.lines)] == ["retention"]


@pytest.mark.parametrize(
    ("day", "state", "late"),
    [
        (date(2024, 2, 29), None, 0),  # a month ahead, and not asked for
        (date(2025, 2, 1), State.UPCOMING, 0),
        (date(2025, 2, 28), State.DUE, 0),
        (date(2025, 3, 1), State.OVERDUE, 1),
    ],
)
def test_the_policys_own_review_is_due_on_its_last_day(day: date, state: State | None, late: int) -> None:
    given = InMemory(World("citizen"))  # to be reviewed by the end of February 2025
    found = given.worklists().page(Wanted(), day).landlord
    assert [(line.state, line.days_late, line.clause) for line in found] == ([(state, late, "7")] if state else [])


def test_wolverhamptons_review_was_due_a_year_after_it_took_effect() -> None:
    given = InMemory(World("wolverhampton"))
    (line,) = given.worklists().page(Wanted(), date(2026, 3, 2)).landlord
    assert (line.due_on, line.clause, line.state) == (date(2024, 3, 1), "11.1", State.OVERDUE)


def test_derby_and_maidstone_name_no_review_of_their_policies() -> None:
    for landlord in ("derby", "maidstone"):
        assert InMemory(World(landlord)).worklists().page(Wanted(), DAY).landlord == ()


def test_a_day_on_which_no_policy_applied_is_refused() -> None:
    with pytest.raises(NotFound):
        a_list(1).worklists().page(Wanted(), date(1999, 1, 1))


def restricted_and_adjusted_elsewhere() -> InMemory:
    """A measure that leaves only letters open; an earlier case of the same person says that letters are of no use."""
    road = Road("wolverhampton")
    road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    earlier = Road("wolverhampton", stream="case-0").opened(PERSON)
    earlier.world.do(RequestAdjustment(kind="other", needs=words()))
    earlier.world.do(
        DecideAdjustment(
            adjustment="adjustment-1",
            agreed=True,
            reason=words(),
            instruction=words(),
            unusable_channels=(Channel.LETTER, Channel.EMAIL, Channel.ONLINE_FORM),
        )
    )
    given = InMemory(road.world)
    given.add(replace(earlier.world.case, id=CaseId("case-0")))
    given.add(replace(road.world.case, id=CaseId(CASE)))
    return given


def test_a_measure_against_an_adjustment_of_another_case_is_to_be_varied() -> None:
    given = restricted_and_adjusted_elsewhere()
    found = given.worklists().page(Wanted(), given.world.today, None, None).lines
    varying = [line for line in found if line.kind == Duty.VARYING]
    assert [(line.case, line.key) for line in varying] == [
        (CASE, "varying:restriction-1.1:case-0:adjustment-1"),
    ]


def test_records_that_were_merged_are_one_persons() -> None:
    given = restricted_and_adjusted_elsewhere()
    one, two = given.rows
    given.rows = [replace(one, persons=("person-7", PERSON)), two]
    assert [x for x in given.worklists().page(Wanted(), given.world.today, None, None).lines if x.kind == Duty.VARYING]


def test_a_case_that_cannot_be_read_stops_nobody_elses_list() -> None:
    given = restricted_and_adjusted_elsewhere()
    given.unreadable = frozenset({"case-0"})
    given.untold = [CaseOwes(case="case-0", person=PERSON, as_of=1, officer=None, owed=(), unknown_since=2)]
    found = given.worklists().page(Wanted(), given.world.today, None, None).lines
    assert [line.case for line in found if line.state is State.UNKNOWN] == ["case-0"]
    assert [line.case for line in found if line.kind == Duty.INFORM]


# Those who follow


class Owing:
    """Subscribers that do not know of something in these cases, one of which has drifted; without any, none follows."""

    def __init__(self, *cases: str) -> None:
        self.cases = cases

    def owed(self, day: date, case: str | None = None) -> FollowersOwe:
        """A line for each case."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return FollowersOwe(
            unacknowledged=[
                Unacknowledged(
                    subscriber="housing", case=one, person=None, events=("restriction-lifted",), since=noon, due_at=noon
                )
                for one in self.cases
                if case in (None, one)
            ],
            drifted=[Drifted(subscriber="housing", on=day)] if self.cases and case is None else [],
        )


def test_what_subscribers_do_not_know_is_in_its_place_in_the_list_whatever_the_page() -> None:
    held, followed = a_list(4), Owing("c-1", "c-2", "c-3")
    whole = held.worklists(followed=followed).page(Wanted(), DAY, limit=None)
    keys = [(line.case, line.key) for line in whole.lines]
    assert [key for key in keys if key[1] == "receipt:housing"] == [
        ("c-1", "receipt:housing"), ("c-2", "receipt:housing"), ("c-3", "receipt:housing"),
    ]  # fmt: skip
    assert [line.place for line in whole.lines] == sorted(line.place for line in whole.lines)
    assert "drifted:housing" in [line.key for line in whole.landlord]
    one_by_one, after = [], None
    while True:
        page = held.worklists(followed=followed).page(Wanted(), DAY, after, limit=1)
        assert ("drifted:housing" in [line.key for line in page.landlord]) == (after is None)
        one_by_one += [(line.case, line.key) for line in page.lines]
        after = page.next
        if after is None:
            break
    assert one_by_one == keys


def test_only_the_administrator_is_asked_about_subscribers_and_a_vacant_post_is_told() -> None:
    held, followed = InMemory(World("maidstone")), Owing("c-1", "c-2")
    held.world.landlord = replace(
        held.world.landlord, tenures=tuple(t for t in held.world.landlord.tenures if t.role != "administrator")
    )
    asked = held.worklists(followed=followed)
    assert not asked.page(Wanted(role=RoleCode("case_officer")), DAY).lines
    page = asked.page(Wanted(role=RoleCode("administrator")), DAY)
    assert len(page.lines) == 2
    [vacant] = [line for line in page.landlord if line.kind == "vacant_post" and line.about == "administrator"]
    assert vacant.count == 2


def test_one_case_has_its_part_of_what_subscribers_do_not_know() -> None:
    road = Road("maidstone")
    held = InMemory(road.world)
    held.add(road.world.case)
    case = road.world.case.id
    _, lines = held.worklists(followed=Owing(case, "c-2")).of_case(case, DAY, 28)
    assert [line.key for line in lines if line.kind == "receipt"] == ["receipt:housing"]
