"""From the stored history of a case to its rows in every read model: one function, whoever asks.

The follower, a live read and (later) rebuilding, verifying and repairing all go through `project`, so that no two of
them can say different things of the same history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from domain.case import Case
from domain.events import Event
from domain.evolve import HistoryStep
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.sealing import NotSealed
from projections.view import Row, View, steps_of

Decode = Callable[[StoredRow], Event]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a history could not be told from a position on; `error` names no value."""

    position: int
    error: str


@dataclass(frozen=True, slots=True)
class Projected:
    """What a history says as far as it can be followed.

    `case` is its state after the last event that could be followed, and `rows` are those of that state by view;
    None when a view failed on it: then whatever rows there are still hold.
    """

    case: Case
    rows: Mapping[str, Sequence[Row]] | None
    failure: Failure | None


def project(views: Iterable[View[Any]], history: Sequence[StoredRow], decode: Decode) -> Projected:
    """The rows of one case in each view. Never raises for what is stored: that is a `Failure` of this case alone."""
    steps, failure = _followed(history, decode)
    case = steps[-1].after if steps else Case()
    try:
        rows = {view.name: list(view.rows(steps)) if steps else [] for view in views}
    except Exception as error:  # noqa: BLE001 - a view that fails on one history must not stop the others
        return Projected(case, None, failure or Failure(steps[-1].event.position, described(error)))
    return Projected(case, rows, failure)


def _followed(history: Sequence[StoredRow], decode: Decode) -> tuple[list[HistoryStep], Failure | None]:
    """The steps up to the first event that cannot be read or does not fit, and what was wrong with that one."""
    steps: list[HistoryStep] = []
    for row in history:
        try:
            steps += steps_of([decode(row)], steps[-1].after if steps else None)
        except Exception as error:  # noqa: BLE001 - likewise, whatever is wrong with it
            return steps, Failure(row.position, described(error))
    return steps, None


def described(error: BaseException) -> str:
    """What went wrong, without any value: an error's own words only where they are known to hold none."""
    # The fold's own LookupErrors name ids of the case; its subclasses quote whatever was looked up.
    if isinstance(error, UnknownFact | UnreadableEvent | NotSealed) or type(error) is LookupError:
        return f"{type(error).__name__}: {error}"
    if isinstance(error, psycopg.Error):
        return f"{type(error).__name__} {error.sqlstate or 'without a state'}"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
