"""A log as subscribers read it, and cases with a restriction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.codes import Topic
from domain.events.parts import Measure
from domain.public import PUBLIC
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import Wanted
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog

OWN = "00000000-0000-5000-8000-00000000000f"
EVERYTHING = Wanted(landlord="elm", subscriber="housing", topics=frozenset(Topic))
NAMES = tuple(one.name for one in PUBLIC.values())


def only(*types: str, **more: Any) -> Wanted:
    """A subscriber that wants some types alone."""
    return Wanted(landlord="elm", subscriber="some", topics=frozenset(Topic), types=frozenset(types), **more)


def told_by(log: ProjectedLog) -> PublicLog:
    """The log as followers read it."""
    return PublicLog(log.recorder, log.mapper, OWN)


def everything(reader: PublicLog, wanted: Wanted, limit: int = 500, after: int = 0) -> list[Told]:
    """All events from a position on, page by page."""
    told: list[Told] = []
    while True:
        page = reader.read(wanted, after, limit)
        told += page.told
        if page.upto >= page.head:
            return told
        assert page.upto > after
        after = page.upto


def restricted(name: str) -> History:
    """A case with a restriction of which the customer knows."""
    history = History(name).opened().contact().incident().warned(MONDAY).proposed(MONDAY)
    return history.applied(MONDAY, ends=MONDAY + timedelta(days=300)).told(MONDAY)


def measures(history: History) -> tuple[Measure, ...]:
    """The measures of the case's first restriction, as they stand."""
    return history.state.restrictions[0].sets[-1].measures
