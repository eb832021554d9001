"""Metrics: what is counted, what is remembered of the database, and what a scrape may cost."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic, sleep

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infrastructure import metrics as module
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.metrics import Metrics
from infrastructure.pace import Paced
from projections import ALL
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

PATIENCE = 20.0  # seconds


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@pytest.fixture
def metrics(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Metrics]:
    monkeypatch.setattr(module, "REFRESH", 0.05)
    made = Metrics(lambda: {"elm": log.projector})
    yield made
    made.close()


def values(metrics: Metrics, name: str) -> dict[str, float]:
    """The values of one metric, by read model or, where there is none, by landlord."""
    families = text_string_to_metric_families(metrics.text().decode())
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {s.labels.get("projection", s.labels.get("landlord", "")): s.value for s in samples}


def soon(metrics: Metrics, name: str, value: float) -> dict[str, float]:
    """The values, once they are all this."""
    until = monotonic() + PATIENCE
    while set((found := values(metrics, name)).values()) != {value}:
        assert monotonic() < until, (name, found)
        sleep(0.05)
    return found


def test_lag_is_told_in_events_and_seconds_and_ends_when_somebody_follows(log: ProjectedLog, metrics: Metrics) -> None:
    last = log.append_whole(main_road())

    assert set(soon(metrics, "evenhand_projection_lag_events", last)) == {view.name for view in ALL}
    assert values(metrics, "evenhand_projection_heartbeat_age_seconds") == {}
    first = values(metrics, "evenhand_projection_lag_seconds")["alert_state"]
    sleep(0.05)
    assert values(metrics, "evenhand_projection_lag_seconds")["alert_state"] > first

    with ProjectionFollower(log.server, [log.projector], poll=0.1, observe=metrics.taken_in):
        soon(metrics, "evenhand_projection_lag_events", 0)
        soon(metrics, "evenhand_projection_lag_seconds", 0)
        assert values(metrics, "evenhand_projection_events_taken_in_total") == {"elm": last}
        assert values(metrics, "evenhand_projection_heartbeat_age_seconds")["alert_state"] < PATIENCE


def test_what_asks_for_somebody_is_told(log: ProjectedLog, metrics: Metrics, database: str) -> None:
    history = main_road()
    log.append_whole(history)
    log.append_unknown(history)
    log.catch_up()
    soon(metrics, "evenhand_projection_blocked_cases", 1)

    with psycopg.connect(database) as connection:
        connection.execute("UPDATE landlord_elm.serving SET paused = true")
        connection.execute("UPDATE landlord_elm.build SET version = version + 7")
    soon(metrics, "evenhand_projection_paused", 1)
    soon(metrics, "evenhand_projection_awaits_rebuild", 1)


def test_a_database_that_is_gone_leaves_what_was_known_and_its_age(log: ProjectedLog, metrics: Metrics) -> None:
    soon(metrics, "evenhand_projection_head", 0)
    log.server.close()
    sleep(0.2)

    assert set(values(metrics, "evenhand_projection_head")) == {view.name for view in ALL}
    first = values(metrics, "evenhand_metrics_age_seconds")["elm"]
    sleep(0.2)
    assert values(metrics, "evenhand_metrics_age_seconds")["elm"] > first


def test_a_scrape_asks_no_database(log: ProjectedLog) -> None:
    metrics = Metrics(lambda: {f"landlord_{number}": log.projector for number in range(100)})
    try:
        metrics.text()
        metrics.close()  # whoever asks is done now, and told all that will be told
        first = metrics.text()
        log.server.close()
        assert metrics.text().count(b"lag_events{") == first.count(b"lag_events{") > 0
    finally:
        metrics.close()


def test_saves_are_timed_and_counted_by_batch(metrics: Metrics) -> None:
    metrics.waited(0.004)
    metrics.waited(0.02)
    metrics.shared(2)

    assert values(metrics, "evenhand_append_seconds_count") == {"": 2}
    assert values(metrics, "evenhand_append_batches_total") == {"": 1}


def test_no_registry_of_others_is_touched(metrics: Metrics) -> None:
    from prometheus_client import REGISTRY  # noqa: PLC0415 - only to see that it is left alone

    assert not [family for family in REGISTRY.collect() if family.name.startswith("evenhand")]
    assert "python_gc" not in metrics.text().decode()


# Pace


def test_pace_tells_rate_and_time_left_from_what_was_done_here() -> None:
    paced = Paced()
    paced.tell("filling", 500, 1000)  # filled by an earlier try
    assert (paced.now().rate, paced.now().left) == (None, None)
    sleep(0.05)
    paced.tell("filling", 600, 1000)

    pace = paced.now()
    assert (pace.stage, pace.done, pace.of) == ("filling", 600, 1000)
    assert pace.rate is not None
    assert 0 < pace.rate <= 100 / 0.05
    assert pace.left == pytest.approx(400 / pace.rate)


def test_pace_begins_anew_with_each_stage() -> None:
    paced = Paced()
    paced.tell("filling", 0, 10)
    paced.tell("filling", 10, 10)
    paced.tell("verifying", 0, 10)

    assert (paced.now().stage, paced.now().done, paced.now().rate) == ("verifying", 0, None)
