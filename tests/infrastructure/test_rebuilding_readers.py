"""Readers who ask without a rest while read models are rebuilt, switched and rolled back under writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import sleep

import pytest

from domain.codes import CaseId, SubjectId
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    BY,
    PATIENCE,
    following,
    grow,
    is_right,
    operations,
    rebuild,
    small_slices,
)

__all__ = ["small_slices"]

pytestmark = pytest.mark.usefixtures("small_slices")

SOON = MONDAY + timedelta(days=10)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def restricted(name: str) -> History:
    history = History(name).opened().contact().incident()
    return history.proposed(MONDAY).applied(MONDAY, ends=MONDAY + timedelta(days=100))


@dataclass(slots=True)
class Asked:
    """How often somebody asked, and whatever was wrong with the answers."""

    times: int
    wrong: list[str]


@contextmanager
def asking(*questions: Callable[[], Iterator[str]]) -> Iterator[list[Asked]]:
    """Ask each of these questions in a thread of its own until the end; a question yields what is wrong."""
    over = Event()

    def ask(question: Callable[[], Iterator[str]]) -> Asked:
        asked = Asked(0, [])
        while not over.is_set():
            asked.wrong += question()
            asked.times += 1
        return asked

    answers: list[Asked] = []
    with ThreadPoolExecutor(len(questions)) as pool:
        running = [pool.submit(ask, question) for question in questions]
        try:
            yield answers
        finally:
            over.set()
        answers += [one.result(PATIENCE) for one in running]


def alerts(log: ProjectedLog, people: dict[SubjectId, CaseId]) -> Callable[[], Iterator[str]]:
    latest = 0

    def question() -> Iterator[str]:
        nonlocal latest
        for person, case in people.items():
            answer = log.reads.alert(person, SOON)
            if [one.row.case_id for one in answer.standing] != [case]:
                yield f"{person} is not shown as restricted"
            if answer.position < latest:
                yield f"the alert went back from {latest} to {answer.position}"
            latest = answer.position

    return question


def registers(log: ProjectedLog, people: dict[SubjectId, CaseId]) -> Callable[[], Iterator[str]]:
    latest = 0

    def question() -> Iterator[str]:
        nonlocal latest
        page = log.reads.register(SOON)
        if missing := set(people.values()) - {CaseId(entry.case_id) for entry in page.entries}:
            yield f"the register misses {missing}"
        if page.position < latest:
            yield f"the register went back from {latest} to {page.position}"
        latest = page.position

    return question


def trails(log: ProjectedLog, history: History) -> Callable[[], Iterator[str]]:
    latest = 0

    def question() -> Iterator[str]:
        nonlocal latest
        page = log.reads.trail(history.case)
        if page is None or [row.event_id for row in page.rows] != [event.event_id for event in history.events]:
            yield "the trail is not whole"
        elif page.position < latest:
            yield f"the trail went back from {latest} to {page.position}"
        else:
            latest = page.position

    return question


def test_readers_find_everybody_at_every_moment_of_rebuilds_switches_and_rollbacks(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "infrastructure.engine.rebuilding.LEFT_FOR", 0.5
    )  # so that tables are dropped while others are read
    histories = [restricted(f"known {number}") for number in range(6)]
    log.append_whole(*histories)
    log.append_unknown(histories[-1])  # one of them cannot be told to the end
    people = {history.person: history.case for history in histories}
    written = 0
    over = Event()

    def write() -> None:
        nonlocal written
        while not over.is_set():
            grow(log, f"meanwhile {written}")
            written += 1

    with following(log, poll=0.05) as _, ThreadPoolExecutor(1) as pool:
        assert log.projector.wait_for(log.recorder.head().position, PATIENCE)
        with asking(
            alerts(log, people), registers(log, people), registers(log, people), trails(log, histories[0])
        ) as answers:
            writing = pool.submit(write)
            try:
                for _ in range(3):
                    assert all(one.switched for one in rebuild(log))
                    sleep(0.3)
                    operations(log).roll_back("alert_state", BY)
                    operations(log).roll_back("audit_trail", BY)
            finally:
                over.set()
            writing.result(PATIENCE)

        assert [asked.wrong for asked in answers] == [[]] * 4
        assert all(asked.times > 10 for asked in answers)
        assert written > 3
        assert is_right(log)
