"""Looking back over HTTP: one case clause by clause, and a landlord's cases a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from domain.codes import NoticeKind
from tests.infrastructure.http.a_house import SECRET, House, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def of(findings: list[dict[str, Any]], *verdicts: str) -> set[tuple[str, str]]:
    return {(f["rule"], f["clause"]) for f in findings if f["verdict"] in verdicts}


def test_a_case_is_looked_back_at_clause_by_clause(everybody: House) -> None:
    road = a_road(everybody, "derby")
    road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    caller = world.callers["case_officer"]
    answer = answered(caller.get(f"/v1/cases/{world.case_id}/compliance"))
    assert of(answer["findings"], "not_met", "late", "cannot_be_shown") == set()
    assert {("warning_first", "Step 1"), ("told_in_writing", "Step 2 end")} <= of(answer["findings"], "met")
    assert sum(answer["verdicts"].values()) == len(answer["findings"])
    history = answered(caller.get(f"/v1/cases/{world.case_id}/history"))
    known = {entry["event_id"] for entry in history["entries"]}
    assert all(known.issuperset(finding["events"]) for finding in answer["findings"])


def test_what_was_not_done_by_a_day_shows_as_of_that_day(everybody: House) -> None:
    road = a_road(everybody, "derby")
    restriction = road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    path, caller = f"/v1/cases/{world.case_id}/compliance", world.callers["case_officer"]
    review = ("review_twelve_monthly", "6¶1, 6¶2, Step 2¶2")
    today = answered(caller.get(path))
    assert review in of(today["findings"], "open")
    later = answered(caller.get(path, on="2030-01-01"))
    assert review in of(later["findings"], "not_met")
    assert later["on"] == "2030-01-01"
    assert restriction in {f["about"] for f in later["findings"]}


def test_a_letter_that_went_out_incomplete_is_no_secret(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    restriction = road.restricted(told=False)
    road.letter(NoticeKind.DECISION, restriction, enclosures=(), already_sent=True)
    world = road.world
    assert isinstance(world, HttpWorld)
    caller = world.callers["case_officer"]
    answer = answered(caller.get(f"/v1/cases/{world.case_id}/compliance"))
    assert ("encloses_policy", "6.3") in of(answer["findings"], "not_met")
    assert SECRET not in str(answer)


@pytest.mark.parametrize("limit", [1, 200])
def test_all_cases_are_listed_each_once_with_what_fell_short(everybody: House, limit: int) -> None:
    road = a_road(everybody, "star")
    road.restricted()
    other = a_road(everybody, "star")
    other.restricted(told=False)
    caller = road.world.callers["case_officer"]  # type: ignore[attr-defined]
    found: list[dict[str, Any]] = []
    path: str | None = f"/v1/compliance?limit={limit}&on=2099-01-01"
    while path is not None:
        page = answered(caller.get(path))
        found += page["cases"]
        assert {case for line in page["clauses"] for case in line["cases"]} <= {c["case"] for c in page["cases"]}
        path = page["next"]
    ids = [entry["case"] for entry in found]
    assert ids == sorted(set(ids))
    short = {entry["case"]: of(entry["short"], "not_met") for entry in found}
    untold = ("told_in_writing", "4.3, 11.3")
    assert untold not in short[road.world.case_id]  # type: ignore[attr-defined]
    assert untold in short[other.world.case_id]  # type: ignore[attr-defined]


def test_somebody_who_may_not_read_is_not_told(everybody: House) -> None:
    nobody = everybody.caller("derby", scopes=frozenset({"record"}))
    assert nobody.get("/v1/compliance").status_code == 403
