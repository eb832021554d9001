"""How far subscribers are behind, as a monitoring system reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from infrastructure.downstream.gauges import SubscriberGauges
from infrastructure.downstream.standing import Lag
from tests.infrastructure.a_log import NOON, SetClock


def told(gauges: SubscriberGauges, only: set[str] | None = None) -> list[str]:
    """The lines, without what they are."""

    class Part(CollectorRegistry):
        def collect(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            return gauges.metrics(only)

    return [line for line in generate_latest(Part()).decode().splitlines() if not line.startswith("#")]


def test_what_was_seen_last_is_told_by_landlord_and_subscriber() -> None:
    lags: dict[str, Mapping[str, Lag]] = {
        "elm": {"housing": Lag(events=3, more=False, since=NOON), "phone": Lag(events=0, more=False, since=None)},
        "oak": {},
    }
    clock = SetClock(NOON + timedelta(minutes=1))
    gauges = SubscriberGauges(lambda landlord: lags[landlord], clock)
    assert told(gauges) == []
    for landlord in ("elm", "oak", "one that cannot be asked"):
        gauges.look(landlord)
    assert (
        told(gauges, {"elm"})
        == told(gauges)
        == [
            'evenhand_subscriber_behind_events{landlord="elm",subscriber="housing"} 3.0',
            'evenhand_subscriber_behind_events{landlord="elm",subscriber="phone"} 0.0',
            'evenhand_subscriber_behind_seconds{landlord="elm",subscriber="housing"} 60.0',
            'evenhand_subscriber_behind_seconds{landlord="elm",subscriber="phone"} 0.0',
        ]
    )
    assert told(gauges, {"oak"}) == []
    lags["elm"] = {}
    gauges.look("elm")
    assert told(gauges) == []
