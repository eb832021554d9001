"""How cases stand for those outside: as the log tells them, whatever the read model accounts for yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from psycopg.sql import SQL, Identifier

from domain.evolve import fold
from infrastructure.downstream import states as module
from infrastructure.downstream.states import States, TooFarBehind
from infrastructure.reads import AwaitingRebuild, TableLost
from projections.contact_advice import CONTACT_ADVICE
from projections.public_state import PublicState
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

LANDLORD = str(uuid5(NAMESPACE_OID, "the landlord"))


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    """A log with its read models."""
    with a_projected_log(database) as projected:
        yield projected


@pytest.fixture
def states(log: ProjectedLog) -> States:
    """What is asked."""
    return States(log.projector, LANDLORD)


def day(number: int) -> date:
    """So many days after the first."""
    return MONDAY + timedelta(days=number)


def restricted(name: str, ends: int = 100) -> History:
    """Somebody restricted from the first day on."""
    return History(name).opened().contact().incident().warned(day(0)).proposed(day(0)).applied(day(0), ends=day(ends))


def everything(states: States, limit: int = 100) -> list[PublicState]:
    """All pages."""
    found: list[PublicState] = []
    after = ""
    while True:
        page = states.page(after, limit)
        found += page.states
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("caught_up", [True, False], ids=["from rows", "folded live"])
def test_a_case_is_as_its_history_says(log: ProjectedLog, states: States, caught_up: bool) -> None:
    history = restricted("one")
    log.append_whole(history)
    if caught_up:
        log.catch_up()
    [state] = states.of([history.case]).values()
    case = fold(history.events)
    assert (state.case, state.person, state.caseversion) == (history.case, history.person, case.version)
    assert [(r.restriction, r.starts_on, r.last_day) for r in state.restrictions] == [
        (r.id, r.starts_on, r.last_day()) for r in case.restrictions
    ]
    assert everything(states) == [state]


def test_a_case_is_never_behind(log: ProjectedLog, states: States) -> None:
    history = restricted("one")
    log.append_whole(history)
    log.catch_up()
    written = len(history.events)
    history.lifted(day(10), from_on=day(11))
    log.append(history.events[written:])
    [state] = states.of([history.case]).values()
    assert state.caseversion == len(history.events)
    assert [r.last_day for r in state.restrictions] == [day(10)]
    assert everything(states) == [state]


def test_cases_that_there_are_not_are_left_out(log: ProjectedLog, states: States) -> None:
    history = restricted("one")
    log.append_whole(history)
    assert states.of([str(uuid4()), "nonsense", LANDLORD, history.case.upper()]) == {}
    assert states.of([]) == {}
    assert list(states.of([history.case, str(uuid4())])) == [history.case]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("behind", [0, 2, 7])
def test_pages_have_each_case_once_in_the_order_of_their_ids(
    log: ProjectedLog, states: States, limit: int, behind: int
) -> None:
    histories = [restricted(str(number)) for number in range(7)]
    empty = History("empty").opened().contact()
    log.append_whole(empty, *histories[behind:]) if behind < 7 else log.append_whole(empty)
    log.catch_up()
    for history in histories[:behind]:
        log.append_whole(history)
    assert [s.case for s in everything(states, limit)] == sorted(h.case for h in histories)


@pytest.mark.parametrize("caught_up", [True, False], ids=["blocked", "not yet blocked"])
def test_a_case_that_cannot_be_told_is_there_and_marked(log: ProjectedLog, states: States, caught_up: bool) -> None:
    history, quiet = restricted("one"), History("quiet").opened()
    log.append_whole(history, quiet)
    unknown = {h.case: log.append_unknown(h) for h in (history, quiet)}
    if caught_up:
        log.catch_up()
    for found in (states.of(unknown), {s.case: s for s in everything(states)}):
        assert {case: state.unknown_since for case, state in found.items()} == unknown
        assert found[history.case].caseversion == len(history.events)
        assert len(found[history.case].restrictions) == 1
        assert all(state.matters_on(day(1000)) for state in found.values())


def test_a_list_says_so_when_it_would_leave_out_too_much(
    log: ProjectedLog, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append_whole(*(restricted(str(number)) for number in range(4)))
    assert len(everything(states)) == 4
    for most, least in (("FOLDED_AT_MOST", 3), ("LOOKED_THROUGH", 4 * 6 - 1)):
        with monkeypatch.context() as fewer:
            fewer.setattr(module, most, least)
            with pytest.raises(TooFarBehind):
                states.page("", 100)
    assert len(everything(states)) == 4


def test_rows_of_another_release_are_not_listed_and_single_cases_are_told_all_the_same(
    log: ProjectedLog, states: States
) -> None:
    history = restricted("one")
    log.append_whole(history)
    log.catch_up()
    [told] = states.of([history.case]).values()
    schema = Identifier(log.projector.schema)
    table = log.tables()[CONTACT_ADVICE.name]
    with log.server.get_connection() as conn:
        conn.execute(SQL("DROP TABLE {}").format(table.name))
    assert states.of([history.case]) == {history.case: told}
    with pytest.raises(TableLost):
        states.page("", 100)
    with log.server.get_connection() as conn:
        conn.execute(SQL("UPDATE {}.build SET version = 1 WHERE projection = 'contact_advice'").format(schema))
    assert states.of([history.case]) == {history.case: told}
    with pytest.raises(AwaitingRebuild):
        states.page("", 100)
