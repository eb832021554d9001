"""Long acts in threads of the service: one at a time for each landlord, and none that outlives its welcome."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import monotonic, sleep

import pytest

from infrastructure import jobs as module
from infrastructure.engine.rebuilding import Tell
from infrastructure.jobs import Busy, Interrupted, Job, Jobs

PATIENCE = 20.0  # seconds


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def until_ended(job: Job) -> None:
    until = monotonic() + PATIENCE
    while job.ended_at is None:
        assert monotonic() < until
        sleep(0.01)


def test_what_the_work_gives_is_the_outcome(jobs: Jobs) -> None:
    job = jobs.start("elm", "verify", ("alert_state",), lambda _: "found")
    until_ended(job)

    assert (job.outcome, job.error) == ("found", None)
    assert jobs.find("elm", job.id) is job
    assert jobs.find("oak", job.id) is None


def test_what_the_work_raises_is_the_error(jobs: Jobs) -> None:
    def fail(_: Tell) -> None:
        raise LookupError("nothing there")

    job = jobs.start("elm", "verify", (), fail)
    until_ended(job)

    assert isinstance(job.error, LookupError)


def test_a_second_job_of_a_landlord_waits_for_nobody_and_is_refused(jobs: Jobs) -> None:
    go_on = Event()
    first = jobs.start("elm", "rebuild", (), lambda _: go_on.wait(PATIENCE))
    with pytest.raises(Busy) as busy:
        jobs.start("elm", "verify", (), lambda _: None)
    other = jobs.start("oak", "verify", (), lambda _: None)
    until_ended(other)
    go_on.set()
    until_ended(first)

    assert busy.value.job == first.id
    until_ended(jobs.start("elm", "verify", (), lambda _: None))


def test_closing_interrupts_what_tells_how_far_it_is_and_begins_nothing_more() -> None:
    jobs, began = Jobs(), Event()

    def work(tell: Tell) -> None:
        done = 0
        while True:
            tell("filling", done, 1_000_000)
            began.set()
            done += 1
            sleep(0.001)

    job = jobs.start("elm", "rebuild", (), work)
    assert began.wait(PATIENCE)
    assert job.pace.stage == "filling"
    jobs.close()

    assert isinstance(job.error, Interrupted)
    with pytest.raises(Interrupted):
        jobs.start("elm", "rebuild", (), work)


def test_closing_does_not_wait_for_ever_for_what_cannot_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    jobs, go_on = Jobs(), Event()
    job = jobs.start("elm", "rebuild", (), lambda _: go_on.wait(PATIENCE))

    jobs.close()

    assert job.ended_at is None
    go_on.set()
    until_ended(job)


def test_only_the_last_jobs_are_remembered(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    made = []
    for _ in range(3):
        made.append(jobs.start("elm", "verify", (), lambda _: None))
        until_ended(made[-1])

    assert [jobs.find("elm", job.id) is not None for job in made] == [False, True, True]
