"""Whole histories as they were stored once, and the digests of what every view makes of them.

The bytes are those of the demonstrations on the day on which they were added, sealed by the committed key. They stay
when a demonstration is told anew, so that a digest changes for one reason only: a view says something else.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from application.demonstrations import STORIES
from domain.codes import SubjectId
from domain.evolve import HistoryStep
from infrastructure.engine.projecting import follow
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper
from projections import ALL, EARLIER
from projections.view import View
from tests.domain.a_stage import Stage
from tests.golden.corpus import HERE, corpus, golden_sealing

HISTORIES: Final = HERE / "histories"
VIEWS: Final = HERE / "views"
TOLD_FOR: Final = date(2026, 11, 23)
ALONE_AT: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)

# By the name of a history, what a view makes of it.
Digests = dict[str, str]


def histories() -> Iterator[tuple[str, list[StoredRow]]]:
    """Every stream that was added, and every golden event that can stand alone, with a name for each."""
    for file in sorted(HISTORIES.glob("*.json")):
        by_stream: dict[str, list[StoredRow]] = defaultdict(list)
        for stream, version, stored_name, position, recorded_at, state in json.loads(file.read_text()):
            row = StoredRow(
                stream, version, stored_name, position, datetime.fromisoformat(recorded_at), b64decode(state)
            )
            by_stream[stream].append(row)
        yield from ((f"{file.stem} {stream}", rows) for stream, rows in by_stream.items())
    for golden in corpus():
        yield f"{golden.stored_name}.v{golden.version}", [golden.row()._replace(position=1, recorded_at=ALONE_AT)]


def digests_of(view: View[Any]) -> Digests:
    """What a view makes of every history, as it would be written in its table."""
    mapper = Mapper(golden_sealing())
    table: ProjectionTable[Any] = ProjectionTable("any", view, 1)
    digests: Digests = {}
    for name, rows in histories():
        steps: list[HistoryStep] = []
        if failure := follow(steps, rows, mapper.decode):
            assert len(rows) == 1, f"{name}: {failure}"
            continue  # a golden event that follows from others
        written = [table.values(row) for row in view.rows(steps)]
        plain = [[value.decode() if isinstance(value, bytes) else value for value in row] for row in written]
        digests[name] = sha256(msgspec.json.encode(plain)).hexdigest()
    return digests


def views() -> tuple[View[Any], ...]:
    """Every view and version that this release computes."""
    return (*ALL, *EARLIER)


def file_of(view: View[Any]) -> Path:
    """Where the digests of a version of a view are kept."""
    return VIEWS / f"{view.name}.v{view.version}.json"


def known(view: View[Any]) -> Digests:
    """The digests that were kept of a version of a view; none of one that is new."""
    file = file_of(view)
    return json.loads(file.read_text()) if file.exists() else {}


def add_histories() -> list[str]:
    """Store the demonstrations that are not there; their names."""
    HISTORIES.mkdir(exist_ok=True)
    added = [landlord for landlord in sorted(STORIES) if not (HISTORIES / f"{landlord}.json").exists()]
    for landlord in added:
        rows = list(_told(landlord))
        with (HISTORIES / f"{landlord}.json").open("x") as file:
            file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    return added


def add_digests(view: View[Any]) -> list[str]:
    """Keep the digests of histories of which this version has none, and leave the others; the names of these."""
    VIEWS.mkdir(exist_ok=True)
    there = known(view)
    added = {name: digest for name, digest in digests_of(view).items() if name not in there}
    if added:
        file_of(view).write_text(json.dumps(there | added, indent=1, sort_keys=True) + "\n")
    return list(added)


def _told(landlord: str) -> Iterator[tuple[object, ...]]:
    """The log of a demonstration, as rows that JSON can hold."""
    story = STORIES[landlord](TOLD_FOR)
    stage = Stage(story)
    for step in story.steps:
        stage.take(step)
    people = dict(_people(stage))
    mapper = Mapper(golden_sealing())
    for event in stage.log.after(0, 100_000):
        [stored] = mapper.encode([event], people.get)
        state = b64encode(stored.state).decode()
        yield event.stream, event.version, stored.topic, event.position, event.recorded_at.isoformat(), state


def _people(stage: Stage) -> Iterable[tuple[str, SubjectId]]:
    desk = stage.telling.desk
    for person in stage.telling.people.values():
        yield from ((case, person) for case in desk.cases_of(person))


def differing(view: View[Any], now: Callable[[View[Any]], Digests] = digests_of) -> list[str]:
    """The histories of which a version says something else than when it was new, or of which nothing is kept."""
    there, digests = known(view), now(view)
    return [name for name in there.keys() | digests.keys() if there.get(name) != digests.get(name)]
