"""One customer's cases in one read: from the build that is read at that moment, whatever was read before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import ProgrammingError
from psycopg.sql import SQL, Identifier

from domain.codes import SubjectId
from infrastructure.engine.builds import COMPLETE
from infrastructure.engine.projection_tables import ProjectionTable
from projections.alert_state import ALERT_STATE
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import rebuild

HOME = "household-7"  # of everybody in these histories


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@pytest.fixture
def history(log: ProjectedLog) -> History:
    """Somebody restricted, whose alert was asked for once, so that its build is remembered."""
    told = History("one").opened().contact().incident()
    told = told.proposed(MONDAY).applied(MONDAY, ends=MONDAY + timedelta(days=100))
    log.append_whole(told)
    log.catch_up()
    assert households(log, told.person) == [HOME]
    return told


@pytest.fixture
def reads(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each piece of work that the database is given."""
    given: list[str] = []
    run = log.server.run

    def counted(work: Any) -> Any:
        given.append(work.__qualname__)
        return run(work)

    monkeypatch.setattr(log.server, "run", counted)
    return given


def households(log: ProjectedLog, person: SubjectId, on: date = MONDAY) -> list[str | None]:
    """The households of what stands for a person."""
    return [standing.row.household for standing in log.reads.alert(person, on).standing]


def switched(log: ProjectedLog, household: str, *, version: int = ALERT_STATE.version) -> None:
    """Send readers to a copy of the rows, in which they name a household."""
    before = log.tables()[ALERT_STATE.name]
    with psycopg.connect(log.server.dsn) as conn:
        build = log.projector.builds.add(conn, ALERT_STATE, COMPLETE)
        copied = ProjectionTable(log.projector.schema, ALERT_STATE, build)
        conn.execute(copied.definition())
        conn.execute(SQL("INSERT INTO {} SELECT * FROM {}").format(copied.name, before.name))
        conn.execute(SQL("UPDATE {} SET household = %s").format(copied.name), [household])
        conn.execute(
            "UPDATE landlord_elm.build SET position = (SELECT position FROM landlord_elm.head), version = %s"
            " WHERE projection = %s AND build = %s",
            [version, ALERT_STATE.name, build],
        )
        log.projector.builds.point(conn, copied.key)


def test_an_alert_takes_one_read_of_the_database(log: ProjectedLog, history: History, reads: list[str]) -> None:
    assert households(log, history.person) == [HOME]
    assert len(reads) == 1


def test_somebody_without_a_case_takes_one_read_too(log: ProjectedLog, history: History, reads: list[str]) -> None:
    assert history.person
    assert log.reads.alert(SubjectId(str(uuid4())), MONDAY).cases == ()
    assert len(reads) == 1


def test_after_a_switch_the_next_answer_is_of_the_new_build_and_the_one_after_takes_one_read_again(
    log: ProjectedLog, history: History, reads: list[str]
) -> None:
    switched(log, "weaver-court-6")
    reads.clear()

    assert households(log, history.person) == ["weaver-court-6"]
    assert len(reads) == 2
    assert households(log, history.person) == ["weaver-court-6"]
    assert len(reads) == 3


def test_a_table_that_was_dropped_since_is_not_missed(log: ProjectedLog, history: History) -> None:
    before = log.tables()[ALERT_STATE.name]
    switched(log, "weaver-court-6")
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("DROP TABLE {}").format(before.name))

    assert households(log, history.person) == ["weaver-court-6"]
    assert log.reads.alert(SubjectId(str(uuid4())), MONDAY).cases == ()


def test_when_the_table_that_is_read_is_gone_one_customer_is_answered_from_the_history(
    log: ProjectedLog, history: History, reads: list[str]
) -> None:
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("DROP TABLE {}").format(log.tables()[ALERT_STATE.name].name))

    assert households(log, history.person) == [HOME]
    assert len(reads) < 5, "it is not asked for ever"
    assert log.reads.alert(history.person, MONDAY).unknown_since is None
    assert log.reads.alert(SubjectId(str(uuid4())), MONDAY).cases == ()
    assert rebuild(log, ALERT_STATE.name, accept=True)[0].switched
    reads.clear()
    assert households(log, history.person) == [HOME]
    assert households(log, history.person) == [HOME]
    assert len(reads) == 4, "the new table is remembered"


def test_what_else_is_wrong_with_the_statement_is_not_taken_for_a_lost_table(
    log: ProjectedLog, history: History
) -> None:
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("ALTER TABLE {} DROP COLUMN case_id").format(log.tables()[ALERT_STATE.name].name))

    with pytest.raises(ProgrammingError, match="does not exist"):
        log.reads.alert(history.person, MONDAY)


def test_a_switch_to_rows_of_another_version_is_answered_from_the_history(log: ProjectedLog, history: History) -> None:
    later = ALERT_STATE.version + 1
    switched(log, "of another release", version=later)
    with psycopg.connect(log.server.dsn) as conn:
        named = SQL("ALTER TABLE landlord_elm.{} RENAME TO {}")
        table = log.projector.builds.all(conn)
        build = next(one for one in table if one.serving and one.projection == ALERT_STATE.name)
        names = [f"{ALERT_STATE.name}_v{version}_b{build.build}" for version in (later - 1, later)]
        conn.execute(named.format(*(Identifier(name) for name in names)))

    assert households(log, history.person) == [HOME]


def test_a_person_is_known_by_a_case_or_from_the_directory(log: ProjectedLog, history: History) -> None:
    entered, erased, stranger = (SubjectId(str(uuid4())) for _ in range(3))
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute("INSERT INTO landlord_elm.person (id, details) VALUES (%s, 'sealed')", [entered])
        conn.execute("INSERT INTO landlord_elm.person (id, erased_at) VALUES (%s, now())", [erased])

    everybody = (history.person, entered, erased, stranger, SubjectId(entered.upper()), SubjectId("nobody"))
    known = [log.reads.alert(person, MONDAY).known for person in everybody]
    assert known == [True, True, True, False, False, False]


def test_a_person_is_known_although_nothing_was_at_the_position_asked_for(log: ProjectedLog, history: History) -> None:
    answer = log.reads.alert(history.person, MONDAY, upto=0)

    assert (answer.cases, answer.known) == ((), True)
