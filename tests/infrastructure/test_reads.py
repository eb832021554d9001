"""What is asked of the read models: never behind about one customer, honest in lists, silent about no blocked case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL

from domain.codes import SubjectId
from domain.evolve import HistoryStep
from infrastructure.engine.projector import Projector
from infrastructure.event_store import Save
from infrastructure.reads import Reads, RegisterEntry
from projections.alert_state import ALERT_STATE, AlertRow
from projections.audit_trail import AUDIT_TRAIL
from projections.view import View
from tests.golden.samples import sample
from tests.histories import MONDAY, History, case_of, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def restricted(name: str, *, ends: int = 100, ordinal: int = 1) -> History:
    history = History(name, ordinal=ordinal).opened().contact().incident()
    return history.proposed(day(1)).applied(day(1), ends=day(ends))


def register(log: ProjectedLog, on: date, limit: int = 100) -> list[RegisterEntry]:
    """The whole register, page by page."""
    found: list[RegisterEntry] = []
    page = log.reads.register(on, limit=limit)
    found += page.entries
    while page.next:
        page = log.reads.register(on, after=page.next, limit=limit)
        assert page.entries
        found += page.entries
    return found


def places(entries: Sequence[RegisterEntry]) -> list[tuple[str, str | None]]:
    return [(one.case_id, one.standing.row.restriction if one.standing else None) for one in entries]


# The alert


@pytest.mark.parametrize("caught_up", [True, False], ids=["from rows", "folded live"])
def test_an_alert_is_right_for_any_day(log: ProjectedLog, caught_up: bool) -> None:
    history = restricted("one")
    last = log.append_whole(history)
    if caught_up:
        log.catch_up()
    answers = {number: log.reads.alert(history.person, day(number)) for number in (0, 1, 100, 101)}

    assert [len(answers[number].standing) for number in (0, 1, 100, 101)] == [0, 1, 1, 0]
    assert {answer.position for answer in answers.values()} == {last}
    assert {answer.cases for answer in answers.values()} == {(history.case,)}


def test_an_alert_that_is_asked_for_during_a_write_is_not_behind(log: ProjectedLog) -> None:
    history = main_road()
    log.append(history.events[:14])
    log.catch_up()
    assert len(log.reads.alert(history.person, day(204)).standing) == 1
    log.append(history.events[14:])

    assert log.reads.alert(history.person, day(204)).standing == ()


def test_what_was_known_and_what_was_valid_are_two_questions(log: ProjectedLog) -> None:
    history = main_road()
    log.append_whole(history)
    log.catch_up()
    day_after_lifting = day(204)

    assert log.reads.alert(history.person, day_after_lifting).standing == ()
    known = log.reads.alert(history.person, day_after_lifting, upto=14)
    assert [standing.row.as_of for standing in known.standing] == [14]
    assert known.position == 14
    assert log.reads.alert(history.person, day(30), upto=0).cases == ()


def test_an_alert_unites_all_cases_of_a_person(log: ProjectedLog) -> None:
    cases = [restricted("one", ordinal=ordinal) for ordinal in range(1, 7)]
    log.append_whole(*cases[:5])
    log.catch_up()
    log.append_whole(cases[5], restricted("another"))

    answer = log.reads.alert(cases[0].person, day(5))
    assert answer.cases == tuple(history.case for history in cases)
    assert [standing.row.case_id for standing in answer.standing] == [history.case for history in cases]


def test_a_person_without_a_case_has_none(log: ProjectedLog) -> None:
    answer = log.reads.alert(SubjectId(str(uuid4())), day(5))

    assert (answer.cases, answer.standing, answer.unknown_since) == ((), (), None)


def test_a_case_that_is_only_logged_gives_no_alert_and_is_not_on_the_register(log: ProjectedLog) -> None:
    history = History().opened().contact()
    log.append_whole(history)
    log.catch_up()

    assert log.reads.alert(history.person, MONDAY).standing == ()
    assert register(log, MONDAY) == []


@pytest.mark.parametrize("caught_up", [True, False], ids=["blocked", "not yet blocked"])
def test_what_cannot_be_told_is_marked_beside_the_last_good_state(log: ProjectedLog, caught_up: bool) -> None:
    history = restricted("one")
    log.append_whole(history)
    unknown = log.append_unknown(history)
    if caught_up:
        log.catch_up()
    answer = log.reads.alert(history.person, day(5))

    assert answer.unknown_since == unknown
    assert [standing.row.as_of for standing in answer.standing] == [len(history.events)]


def test_when_the_view_itself_fails_the_stored_rows_are_shown_and_marked(log: ProjectedLog) -> None:
    history = restricted("one").lifted(day(10), from_on=day(11))
    log.append(history.events[:-1])
    log.catch_up()
    last = log.append(history.events[-1:])
    failing = Reads(Projector(log.recorder, log.mapper.decode, [_failing_alert(), AUDIT_TRAIL]), case_of)
    answer = failing.alert(history.person, day(50))

    assert answer.unknown_since == last
    assert [standing.row.as_of for standing in answer.standing] == [last - 1]


def _failing_alert() -> View[AlertRow]:
    def fails(_: Sequence[HistoryStep]) -> Iterator[AlertRow]:
        raise ZeroDivisionError

    return replace(ALERT_STATE, rows=fails)


# The register


def test_the_register_lists_what_is_in_force_on_the_day_page_by_page(log: ProjectedLog) -> None:
    histories = [restricted(str(number), ends=50 + number) for number in range(7)]
    log.append_whole(*histories)
    log.catch_up()
    expected = sorted((history.case, "restriction-1") for history in histories[3:])

    for limit in (1, 2, 3, 100):
        assert places(register(log, day(53), limit)) == expected
    assert places(register(log, day(0))) == []


def test_a_suspended_restriction_is_not_on_the_register(log: ProjectedLog) -> None:
    history = restricted("one").appealed(day(20), suspended=True).determined(day(30))
    log.append_whole(history)
    log.catch_up()

    assert [len(register(log, day(number))) for number in (19, 20, 29, 30)] == [1, 0, 0, 1]


def test_two_restrictions_of_one_case_are_two_entries_even_across_pages(log: ProjectedLog) -> None:
    history = restricted("one").proposed(day(5)).applied(day(5), ends=day(60))
    log.append_whole(history)
    log.catch_up()

    assert places(register(log, day(10), 1)) == [(history.case, "restriction-1"), (history.case, "restriction-2")]


def test_a_list_says_which_position_it_tells_of_and_since_when_it_is_behind(log: ProjectedLog) -> None:
    first = log.append_whole(restricted("one"))
    log.catch_up()
    current = log.reads.register(day(5))
    log.append_whole(restricted("two"))
    behind = log.reads.register(day(5))

    assert (current.position, current.behind_since) == (first, None)
    assert (behind.position, behind.behind_since) == (first, log.recorder.head().recorded_at)
    assert len(behind.entries) == 1


def test_blocked_cases_stand_in_their_place_on_every_page(log: ProjectedLog) -> None:
    histories = [restricted(str(number)) for number in range(8)]
    log.append_whole(*histories)
    unknown = {history.case: log.append_unknown(history) for history in histories[::3]}
    log.catch_up()
    assert len({one.case_id for one in log.projector.health().blocked}) == 3

    for limit in (1, 2, 3, 100):
        entries = register(log, day(5), limit)
        assert places(entries) == sorted((history.case, "restriction-1") for history in histories)
        assert {one.case_id: one.unknown_since for one in entries if one.unknown_since} == unknown


def test_a_blocked_case_in_which_nothing_is_known_to_be_in_force_is_shown_all_the_same(log: ProjectedLog) -> None:
    history = History("one").opened().contact()
    log.append_whole(history)
    unknown = log.append_unknown(history)
    log.catch_up()

    assert register(log, day(5)) == [RegisterEntry(history.case, history.person, None, unknown)]


def test_a_blocked_case_that_can_be_folded_after_all_is_shown_as_it_is(log: ProjectedLog) -> None:
    history = restricted("one")
    log.append_whole(history, restricted("two"))
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(
            "INSERT INTO landlord_elm.blocked VALUES ('alert_state', 1, %s, 3, 'ValueError', 1, now(), 'earlier')",
            [history.case],
        )

    entries = register(log, day(5))
    assert [one.unknown_since for one in entries] == [None, None]
    assert history.case in [one.case_id for one in entries]
    assert register(log, day(200)) == []


def test_the_landlords_own_stream_is_never_on_the_register(log: ProjectedLog) -> None:
    stream = _landlord_stream(log)
    stuck = History("nobody")
    stuck.case = stream  # type: ignore[assignment]
    log.append_unknown(stuck, version=5)
    log.catch_up()

    assert {one.case_id for one in log.projector.health().blocked} == {stream}
    assert register(log, day(5)) == []


# The trail


@pytest.mark.parametrize("caught_up", [True, False], ids=["from rows", "folded live"])
def test_a_trail_is_read_page_by_page(log: ProjectedLog, caught_up: bool) -> None:
    history = main_road()
    log.append_whole(main_road("before"), history)
    if caught_up:
        log.catch_up()
    read: list[str] = []
    after: int | None = 0
    while after is not None:
        page = log.reads.trail(history.case, after=after, limit=5)
        assert page is not None
        read += [row.event_id for row in page.rows]
        after = page.next

    assert read == [event.event_id for event in history.events]


@pytest.mark.parametrize("caught_up", [True, False], ids=["from rows", "folded live"])
def test_a_trail_as_it_was_known_ends_there(log: ProjectedLog, caught_up: bool) -> None:
    history = main_road()
    log.append_whole(history)
    if caught_up:
        log.catch_up()
    page = log.reads.trail(history.case, upto=9)

    assert page is not None
    assert [row.position for row in page.rows] == list(range(1, 10))
    assert page.position == 9


def test_a_trail_that_cannot_be_told_to_its_end_says_from_where(log: ProjectedLog) -> None:
    history = restricted("one")
    log.append_whole(history)
    unknown = log.append_unknown(history)
    log.catch_up()
    page = log.reads.trail(history.case)

    assert page is not None
    assert (len(page.rows), page.unknown_since) == (len(history.events), unknown)


def test_a_trail_whose_table_was_dropped_is_told_from_the_history(log: ProjectedLog) -> None:
    history = main_road()
    log.append_whole(history)
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("DROP TABLE {}").format(log.tables()[AUDIT_TRAIL.name].name))
    page = log.reads.trail(history.case, after=2, limit=5)

    assert page is not None
    assert [row.event_id for row in page.rows] == [event.event_id for event in history.events[2:7]]
    assert (page.next, page.unknown_since) == (7, None)


def test_an_unknown_case_has_no_trail(log: ProjectedLog) -> None:
    assert log.reads.trail(str(uuid4())) is None


def test_the_landlords_own_stream_has_a_trail_too(log: ProjectedLog) -> None:
    stream = _landlord_stream(log)
    log.catch_up()
    page = log.reads.trail(stream)

    assert page is not None
    assert [row.type for row in page.rows] == ["LandlordSetUp", "PolicyAdopted", "PostAppointed", "PostEnded"]
    assert log.is_up_to_date()


def _landlord_stream(log: ProjectedLog) -> str:
    stream = str(uuid4())
    names = ["LandlordSetUp", "PolicyAdopted", "PostAppointed", "PostEnded"]
    events = [replace(sample(name), stream=stream, version=version) for version, name in enumerate(names, 1)]
    log.recorder.append(Save(log.mapper.encode(events, lambda _: None)))
    return stream
