"""From the stored history of a case to its rows in every read model: one way, whoever asks.

The follower, a live read, a rebuild, a verification and a repair all go through here, so that no two of them can say
different things of the same history.
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
from projections.view import NO_CASE_YET, Row, View, step_of

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
    rows: Mapping[str, Sequence[Row] | None]
    failure: Failure | None


def project(views: Iterable[View[Any]], history: Sequence[StoredRow], decode: Decode) -> Projected:
    """The rows of one case in each view. Never raises for what is stored: that is a `Failure` of this case alone."""
    steps: list[HistoryStep] = []
    failure = follow(steps, history, decode)
    rows: dict[str, Sequence[Row] | None] = {}
    for view in views:
        found = rows_of(view, steps)
        if isinstance(found, Failure):
            failure = failure or found
            rows[view.name] = None
        else:
            rows[view.name] = found
    return Projected(steps[-1].after if steps else Case(), rows, failure)


def follow(steps: list[HistoryStep], history: Iterable[StoredRow], decode: Decode) -> Failure | None:
    """Add the steps of these events to those before them, up to the first that cannot be read or does not fit."""
    case = steps[-1].after if steps else NO_CASE_YET
    for row in history:
        try:
            step = step_of(decode(row), case)
        except MemoryError:
            raise  # the machine's trouble, and not the case's
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it concerns this case alone
            return Failure(row.position, described(error))
        steps.append(step)
        case = step.after
    return None


def rows_of(view: View[Any], steps: Sequence[HistoryStep]) -> list[Any] | Failure:
    """The rows of these steps in one view; those of new steps alone only for a view that is per event."""
    if not steps:
        return []
    try:
        return list(view.rows(steps))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a view that fails on one history must not stop the others
        return Failure(steps[-1].event.position, described(error))


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
