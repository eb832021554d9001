"""A view that says something else of the same history is another version of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.evolve import HistoryStep
from projections.alert_state import ALERT_STATE, AlertRow, alert
from projections.view import View
from tests.golden.histories import differing, histories, known, views


@pytest.mark.parametrize("view", views(), ids=lambda view: f"{view.name} version {view.version}")
def test_a_view_says_what_its_version_always_said(view: View[Any]) -> None:
    changed = sorted(differing(view))

    assert not changed, (
        f"{view.name} version {view.version} says something else than before, or something new, of {len(changed)} "
        f"histories, as {changed[0]}. Rows that were written by the same version must stay equal. If the rows are to "
        "change, give the view its next version (and keep the old one in projections.EARLIER where it should still be "
        "computed). For a new version, and for new histories, run python -m tests.golden.make_views and commit what "
        "it adds."
    )


def test_the_histories_that_are_kept_hold_restrictions_of_five_landlords() -> None:
    streams = [name for name, rows in histories() if any(row.type == "RestrictionApplied" for row in rows[1:])]

    assert len({name.split()[0] for name in streams}) == 5


def test_a_change_without_a_new_version_is_found() -> None:
    def later(steps: Sequence[HistoryStep]) -> Iterator[AlertRow]:
        for row in alert(steps):
            yield replace(row, last_day=row.last_day + timedelta(days=1))

    changed: View[AlertRow] = replace(ALERT_STATE, rows=later)
    assert differing(changed)
    assert not differing(ALERT_STATE)
    assert known(replace(ALERT_STATE, version=99)) == {}
