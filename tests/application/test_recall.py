"""A case that was folded before is known again by what was written since, and only while the log still agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from application.memory import MemoryLog
from application.ports import Known
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


class KeepingLog(CountedLog):
    """Keeps the last case that was written down, and says at which versions that was."""

    def __init__(self) -> None:
        """Holds nothing yet."""
        super().__init__(StillClock())
        self.kept: list[Known] = []

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """The case that was kept last, and what came since."""
        if not self.kept:
            return super().known(stream)
        return self.kept[-1], self.history(stream, since=self.kept[-1].case.version + 1)

    def write_down(self, known: Known) -> None:
        """Keep it."""
        self.kept.append(known)


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


def test_who_asks_another_landlord_for_a_case_does_not_make_it_forgotten() -> None:
    history = main_road()
    log, other, recall = a_log(history.events), CountedLog(StillClock()), Recall()
    case = recall.case(log, history.case)
    log.read = 0

    assert recall.case(other, history.case) == Case()
    assert recall.case(log, history.case) == case
    assert log.read == 1


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


def test_a_case_is_handed_over_each_time_it_has_grown_and_somebody_else_goes_on_from_there() -> None:
    history = main_road()
    log, recall = KeepingLog(), Recall(every=4)
    for event in history.events[:11]:
        log.append([event])
        recall.case(log, history.case)
    assert [(known.case.version, known.last.version) for known in log.kept] == [(4, 4), (8, 8)]
    log.read = 0

    case = Recall(every=4).case(log, history.case)
    assert log.read == 3
    assert len(log.kept) == 2
    assert case == fold(log.history(history.case))
    log.append(history.events[11:])
    assert Recall(every=4).case(log, history.case).version == log.kept[-1].case.version == len(history.events)


def test_what_was_kept_comes_to_nothing_once_it_no_longer_counts() -> None:
    history = main_road()
    log, recall = KeepingLog(), Recall(every=4)
    log.append(history.events[:9])
    recall.case(log, history.case)
    log.kept.clear()
    log.append(history.events[9:])

    assert Recall(every=99).case(log, history.case) == recall.case(log, history.case) == fold(log.history(history.case))
    assert log.kept[-1].case.version == len(history.events)
