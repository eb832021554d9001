"""A case that was folded before is known again by what was written since, and only while the log still agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from application.memory import MemoryLog
from application.recall import Recall
from domain.case import Case
from domain.events import Event
from domain.evolve import fold
from tests.histories import History, main_road


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        """Noon on the first Monday of March."""
        return datetime(2026, 3, 2, 12, tzinfo=UTC)


class CountedLog(MemoryLog):
    """Counts the events that are read from it."""

    read = 0

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """As the log in memory."""
        found = super().history(stream, since=since, upto=upto)
        self.read += len(found)
        return found


def a_log(events: Sequence[Event]) -> CountedLog:
    log = CountedLog(StillClock())
    log.append(events)
    return log


def test_a_case_that_is_asked_for_again_costs_its_last_event_alone() -> None:
    history = main_road()
    log, recall = a_log(history.events), Recall()
    first = recall.case(log, history.case)
    log.read = 0

    assert recall.case(log, history.case) == first == fold(log.history(history.case))
    assert log.read == 1 + len(history.events)


def test_what_was_written_since_is_known_at_once_whoever_wrote_it() -> None:
    history = main_road()
    log, recall = a_log(history.events[:5]), Recall()
    for event in history.events[5:]:
        recall.case(log, history.case)
        log.append([event])
        assert recall.case(log, history.case) == fold(log.history(history.case))


def test_a_log_that_lost_its_end_and_went_on_otherwise_is_folded_anew() -> None:
    history = main_road()
    log, recall = a_log(history.events[:9]), Recall()
    assert recall.case(log, history.case).version == 9
    restored = a_log([*history.events[:6], replace(history.events[6], event_id="another")])

    assert recall.case(restored, history.case) == fold(restored.history(history.case))
    longer = a_log([*history.events[:8], replace(history.events[8], event_id="yet another"), history.events[9]])
    assert recall.case(longer, history.case) == fold(longer.history(history.case))


def test_a_case_without_a_history_is_at_version_0_and_becomes_known_when_it_is_opened() -> None:
    history = main_road()
    log, recall = CountedLog(StillClock()), Recall()

    assert recall.case(log, history.case) == Case()
    log.append(history.events)
    assert recall.case(log, history.case).version == len(history.events)


def test_however_many_cases_there_are_what_is_remembered_is_bounded() -> None:
    histories = [History(str(number)).opened().contact() for number in range(20)]
    log, recall = a_log([event for history in histories for event in history.events]), Recall(most=10)
    for _ in range(2):
        for history in histories:
            assert recall.case(log, history.case).version == 2
    log.read = 0
    recall.case(log, histories[-1].case)
    recall.case(log, histories[0].case)

    assert log.read == 1 + 2
