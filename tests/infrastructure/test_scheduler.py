"""The clock's thread over a real database: it ticks for everybody, stops in order, and trouble stays where it is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psycopg
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from psycopg.sql import SQL, Identifier

from application.clockwork import Clockwork, DeadlinesUnread, Due, Failed, HowFar, Ticked
from domain.codes import CaseId, SubjectId
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from domain.events import DeadlinePassed, Event, RestrictionEnded, ReviewFellDue
from domain.obligation import Duty, Obligation
from infrastructure.bootstrap import Evenhand, build
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.scheduler import LastTick, NeverFarAhead, Scheduler, told
from infrastructure.settings import Settings
from tests.infrastructure.test_cli import in_service, running

PATIENCE = 30.0  # seconds
__all__ = ["in_service"]  # a fixture
OF_THE_CLOCK = (DeadlinePassed, ReviewFellDue, RestrictionEnded)
TERM = Obligation(duty=Duty.TERM, about="restriction-1", due_on=date(2026, 3, 1))
BY = By("somebody", "to see what the clock says")


@pytest.fixture
def evenhand(database: str, tmp_path: Path) -> Iterator[Evenhand]:
    """Two landlords, in each of which a restriction ended five days ago."""
    settings = Settings(data=tmp_path, keys=tmp_path / "keys", database=database, tick_seconds=1)
    with build(settings) as service:
        for landlord in ("derby", "maidstone"):
            service.set_up(landlord)
            ended(service, landlord)
        yield service


def ended(service: Evenhand, landlord: str) -> None:
    """A restriction that ended five days ago, and nobody took that down."""
    office = service.office(landlord)
    began = office.clockwork.today - timedelta(days=60)
    kind = next(c for c, k in office.desk.policy_on(began).policy.measures.items() if k.effect == "named_contact")
    command = ImportRestriction(
        source="register",
        line=1,
        measures=(ImportedMeasure(code=kind),),
        decided_on=began,
        told_on=began,
        starts_on=began,
        ends_on=began + timedelta(days=55),
    )
    office.desk.bring_along(SubjectId(str(uuid4())), command)


def taken_down(service: Evenhand, landlord: str) -> list[Event]:
    log = service.office(landlord).log
    return [event for event in log.after(0, 1_000_000) if isinstance(event.fact, OF_THE_CLOCK)]


def has_ended(service: Evenhand, landlord: str, times: int = 1) -> bool:
    return sum(isinstance(event.fact, RestrictionEnded) for event in taken_down(service, landlord)) == times


def until(holds: object) -> None:
    """Wait for this."""
    assert callable(holds)
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "it never came"
        sleep(0.02)


def test_everybodys_time_goes_by_and_nothing_is_left_running_afterwards(evenhand: Evenhand) -> None:
    before = {thread.ident for thread in threading.enumerate()}
    evenhand.follow()
    following = {thread.ident for thread in threading.enumerate()}
    evenhand.keep_time()
    for landlord in ("derby", "maidstone"):
        until(lambda landlord=landlord: has_ended(evenhand, landlord))
    new = [thread.name for thread in threading.enumerate() if thread.ident not in following]
    # One that says when, one that ticks, however many landlords. What follows the logs may still be starting its own.
    ticking = [name for name in new if not name.startswith(("wake-ups", "webhooks", "post-room", "broker"))]
    assert len(ticking) <= 2, new
    until(lambda: all(last.trouble is None for last in evenhand.last_ticks().values()))
    facts = {landlord: len(taken_down(evenhand, landlord)) for landlord in evenhand.landlords}
    ticked = evenhand.last_ticks()["derby"].at
    until(lambda: evenhand.last_ticks()["derby"].at > ticked)
    assert {landlord: len(taken_down(evenhand, landlord)) for landlord in evenhand.landlords} == facts
    assert "evenhand_clock_recorded_total" in evenhand.metrics.text().decode()
    evenhand.close()
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith(("APScheduler", "ThreadPool"))])
    assert {thread.ident for thread in threading.enumerate() if thread.name == "eraser"} <= before


def test_a_landlord_that_is_set_up_later_is_looked_after_too(evenhand: Evenhand) -> None:
    evenhand.follow()
    evenhand.keep_time()
    evenhand.set_up("citizen")
    ended(evenhand, "citizen")
    evenhand.follow()
    until(lambda: has_ended(evenhand, "citizen"))


def test_a_landlord_whose_list_is_gone_is_told_of_and_the_next_one_is_served(evenhand: Evenhand) -> None:
    office = evenhand.office("derby")
    follow_once(evenhand)
    with psycopg.connect(office.recorder.server.dsn, autocommit=True) as conn:
        table = office.projector.table_of(
            next(b for b in office.recorder.server.run(office.projector.builds.all) if b.projection == "deadlines")
        )
        conn.execute(SQL("DROP TABLE {}").format(Identifier(office.projector.schema, table.table)))
    scheduler = a_scheduler(evenhand)
    scheduler.tick()
    assert "rebuild deadlines" in str(scheduler.last()["derby"].trouble)
    assert scheduler.last()["maidstone"].trouble is None
    assert (has_ended(evenhand, "derby", 0), has_ended(evenhand, "maidstone")) == (True, True)
    assert "what went by" not in str(scheduler.last()["maidstone"].trouble)


def test_a_paused_list_is_said_and_made_up_for_once_it_goes_on(evenhand: Evenhand) -> None:
    operations = Operations(evenhand.office("derby").projector)
    operations.pause(["deadlines"], BY)
    follow_once(evenhand, "maidstone")
    scheduler = a_scheduler(evenhand)
    scheduler.tick()
    assert scheduler.last()["derby"].trouble == "the list of deadlines is paused, and what goes by waits"
    assert has_ended(evenhand, "derby", 0)
    operations.resume(["deadlines"], BY)
    follow_once(evenhand)
    scheduler.tick()
    assert scheduler.last()["derby"].trouble is None
    assert has_ended(evenhand, "derby")


def test_two_services_on_one_database_take_everything_down_once(evenhand: Evenhand) -> None:
    with build(evenhand.settings) as other:
        evenhand.follow()
        for service in (evenhand, other):
            service.keep_time()
        for landlord in ("derby", "maidstone"):
            until(lambda landlord=landlord: has_ended(evenhand, landlord))
        marks = [service.last_ticks()["maidstone"].at for service in (evenhand, other) if service.last_ticks()]
        until(lambda: all(s.last_ticks()["maidstone"].at > max(marks) for s in (evenhand, other)))
        for landlord in ("derby", "maidstone"):
            facts = [(event.stream, event.fact) for event in taken_down(evenhand, landlord)]
            assert len(facts) == len(set(facts))
            assert has_ended(evenhand, landlord)


# Without a database


class Ticking:
    """A clockwork that does what it is told."""

    def __init__(self, *outcomes: Ticked | Exception) -> None:
        self.outcomes = list(outcomes)
        self.ticks = 0

    def tick(self, **_: object) -> Ticked:
        """The next outcome."""
        self.ticks += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def ticked(position: int = 7, head: int = 7, **more: object) -> Ticked:
    far = HowFar(position, head, bool(more.pop("paused", False)), ())
    return Ticked(day=date(2026, 3, 2), recorded=(), overtaken=(), failed=(), left=False, how_far=far)


def over(**clockworks: object) -> Scheduler:
    found: dict[str, Clockwork] = clockworks  # type: ignore[assignment]
    return Scheduler(lambda: found, every=60)


def test_whatever_fails_for_one_landlord_the_next_one_is_served_and_words_are_kept_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ash, elm = Ticking(RuntimeError("SECRET"), RuntimeError("SECRET"), ticked()), Ticking(*[ticked()] * 3)
    scheduler = over(ash=ash, elm=elm)
    scheduler.tick()
    scheduler.tick()
    assert scheduler.last()["ash"].trouble == ("what went by could not be taken down (RuntimeError); it is tried again")
    assert (elm.ticks, scheduler.last()["elm"].trouble) == (2, None)
    assert [record.levelname for record in caplog.records] == ["WARNING"]  # said once
    assert "SECRET" not in caplog.text
    scheduler.tick()
    assert scheduler.last()["ash"].trouble is None


def test_a_list_that_cannot_be_read_says_what_to_do() -> None:
    scheduler = over(ash=Ticking(DeadlinesUnread("rebuild it")))
    scheduler.tick()
    assert scheduler.last()["ash"].trouble == "rebuild it"


def test_a_list_that_is_a_little_behind_is_no_trouble_and_one_that_does_not_move_is() -> None:
    assert told(ticked(5, 7), None) is None
    assert told(ticked(5, 7), LastTick(0.0, 4, None)) is None
    assert told(ticked(5, 7), LastTick(0.0, 5, None)) == (
        "the list of deadlines is behind the log and does not move, and what goes by waits"
    )


def test_what_could_not_be_taken_down_is_counted_by_case_and_named_by_its_kind_alone() -> None:
    dues = [Due(date(2026, 3, 1), CaseId(case), "term:restriction-1", TERM, 7) for case in ("a", "a", "b")]
    failed = tuple(Failed(due, "UnknownFact") for due in dues)
    trouble = told(replace(ticked(), failed=failed, how_far=HowFar(7, 7, False, (CaseId("a"),))), None)
    assert trouble == (
        "what went by in 2 cases could not be taken down (UnknownFact); 1 case cannot be told to its end, and what "
        "goes by in it waits"
    )


def test_a_clock_that_is_set_back_does_not_put_the_next_tick_off() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    scheduler = BackgroundScheduler(timezone=UTC)
    store = NeverFarAhead(timedelta(seconds=120))
    scheduler.add_jobstore(store, "one")
    scheduler.start(paused=True)
    try:
        job = scheduler.add_job(
            print, "interval", seconds=60, jobstore="one", next_run_time=now + timedelta(seconds=60)
        )
        assert store.get_due_jobs(now) == []
        a_month_back = now - timedelta(days=30)
        assert store.get_due_jobs(a_month_back) == [job]
        assert store.get_next_run_time() == a_month_back
    finally:
        scheduler.shutdown()


class Machine:
    """A machine with a clock that somebody sets, and seconds since its start that nobody does."""

    def __init__(self) -> None:
        self.clock, self.seconds = datetime(2026, 3, 2, 12, tzinfo=UTC), 500.0

    def __call__(self) -> tuple[datetime, float]:
        """Both."""
        return self.clock, self.seconds

    def runs(self, seconds: float, *, set_by: timedelta = timedelta(0)) -> None:
        """Time goes by, and somebody sets the clock."""
        self.clock += timedelta(seconds=seconds) + set_by
        self.seconds += seconds


def test_a_clock_that_is_set_forward_is_waited_for_a_little_and_that_is_said() -> None:
    elm, machine = Ticking(*[ticked()] * 9), Machine()
    scheduler = Scheduler(lambda: {"elm": elm}, every=60, machine=machine)  # type: ignore[dict-item]
    machine.runs(60)
    scheduler.tick()
    machine.runs(60, set_by=timedelta(days=30))
    for _ in range(10):
        scheduler.tick()
        machine.runs(60)
    assert (elm.ticks, str(scheduler.last()["elm"].trouble)[:42]) == (1, "the machine's clock was set forward by hou")
    scheduler.tick()
    assert (elm.ticks, scheduler.last()["elm"].trouble) == (2, None)


def test_a_clock_that_is_set_right_again_ticks_at_once() -> None:
    elm, machine = Ticking(*[ticked()] * 9), Machine()
    scheduler = Scheduler(lambda: {"elm": elm}, every=60, machine=machine)  # type: ignore[dict-item]
    machine.runs(60, set_by=timedelta(days=30))
    scheduler.tick()
    machine.runs(60, set_by=timedelta(days=-30))
    scheduler.tick()
    assert elm.ticks == 1


def test_a_machine_that_slept_and_a_summer_time_are_no_reason_to_wait() -> None:
    elm, machine = Ticking(*[ticked()] * 9), Machine()
    scheduler = Scheduler(lambda: {"elm": elm}, every=60, machine=machine)  # type: ignore[dict-item]
    machine.runs(30 * 24 * 3600)
    scheduler.tick()
    machine.runs(60, set_by=timedelta(hours=1))
    scheduler.tick()
    assert elm.ticks == 2


def follow_once(evenhand: Evenhand, *landlords: str) -> None:
    """The read models of these landlords are at the heads of their logs."""
    evenhand.follow()
    for landlord in landlords or evenhand.landlords:
        office = evenhand.office(landlord)
        assert office.projector.wait_for(office.recorder.head().position, PATIENCE, "deadlines")


def a_scheduler(evenhand: Evenhand) -> Scheduler:
    return Scheduler(lambda: {one: evenhand.office(one).clockwork for one in evenhand.landlords}, every=60)


# As a process


def test_the_service_takes_down_what_went_by_and_ends_in_order(
    evenhand: Evenhand, in_service: dict[str, object]
) -> None:
    given = {**in_service, "EVENHAND_DATA": evenhand.settings.data, "EVENHAND_TICK_SECONDS": 1}
    with running("serve", given=given) as (process, _):
        for landlord in ("derby", "maidstone"):
            until(lambda landlord=landlord: has_ended(evenhand, landlord))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    facts = {landlord: len(taken_down(evenhand, landlord)) for landlord in ("derby", "maidstone")}
    with running("serve", given=given) as (process, _):
        sleep(2.5)  # some ticks of the service that was started again
    assert {landlord: len(taken_down(evenhand, landlord)) for landlord in ("derby", "maidstone")} == facts
