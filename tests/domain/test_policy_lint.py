"""What a policy leaves silent, contradicts or has let lapse: the five as they are, and altered."""

from __future__ import annotations

from datetime import date

import pytest

from domain.policy import Policy
from domain.policy_lint import Kind, Remark, lint
from tests.policies import baseline_file, policy_file

TODAY = date(2026, 11, 22)
LANDLORDS = ("citizen", "derby", "maidstone", "star", "wolverhampton")


def remarks(landlord: str, *kinds: Kind, today: date = TODAY) -> list[Remark]:
    found = lint(policy_file(landlord).policy, baseline_file().baseline, today)
    return [remark for remark in found if not kinds or remark.kind in kinds]


def paths(landlord: str, *kinds: Kind, today: date = TODAY) -> set[str]:
    return {remark.path for remark in remarks(landlord, *kinds, today=today)}


def test_citizens_review_date_has_passed_and_it_stays_in_force() -> None:
    (lapsed,) = remarks("citizen", Kind.LAPSED)
    assert (lapsed.path, lapsed.clause) == ("document.review_due", "7")
    assert "2025-02-28" in lapsed.says
    assert lapsed.holds == "It stays in force."
    assert not remarks("citizen", Kind.LAPSED, today=date(2025, 2, 28))


def test_citizen_gives_no_appeal_and_the_baseline_does() -> None:
    (appeal,) = [remark for remark in remarks("citizen", Kind.SILENT) if remark.path == "appeal.offered"]
    assert appeal.clause == "3.5¶7"
    assert "no right of appeal" in appeal.says
    assert str(appeal.holds).startswith("Baseline 11: ")
    for landlord in LANDLORDS[1:]:
        assert "appeal.offered" not in paths(landlord)


def test_star_repeats_itself_twice() -> None:
    found = {(remark.clause, remark.says.rpartition("It repeats ")[2]) for remark in remarks("star", Kind.REPETITION)}
    assert found == {("5", "4."), ("16.1", "15.1.")}


def test_wolverhampton_states_three_cadences_that_do_not_go_together() -> None:
    (cadences,) = remarks("wolverhampton", Kind.CADENCES)
    assert cadences.clause == "10.1, 8.1"
    assert "in 3 cadences" in cadences.says
    assert ("8.1", "contradicts.cadences") in {(r.clause, r.path) for r in remarks("wolverhampton", Kind.CONTRADICTION)}
    for landlord in ("citizen", "derby", "maidstone", "star"):
        assert remarks(landlord, Kind.CADENCES) == []


def test_wolverhamptons_yearly_look_is_overdue_since_march_2024() -> None:
    (lapsed,) = remarks("wolverhampton", Kind.LAPSED)
    assert (lapsed.path, lapsed.clause) == ("document.reviewed_every", "11.1")
    assert "2024-03-01" in lapsed.says


def test_stars_appeal_goes_upwards_and_to_a_post_that_can_decide() -> None:
    found = remarks("star", Kind.CONFLICT)
    assert [remark.clause for remark in found] == ["14.1", "14.1"]
    assert [remarks(landlord, Kind.CONFLICT) for landlord in LANDLORDS if landlord != "star"] == [[], [], [], []]


def test_a_letter_that_only_should_say_what_it_must_is_remarked_on() -> None:
    assert [(r.path, r.clause) for r in remarks("derby", Kind.WEAKER)] == [
        ("notices.decision.contents.measures", "Step 2 end")
    ]


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_silence_of_the_file_is_told(landlord: str) -> None:
    assert set(policy_file(landlord).policy.silent) <= paths(landlord, Kind.SILENT)


def test_silence_on_ombudsmen_retention_or_urgency_says_what_holds_instead() -> None:
    holds = {r.path: r.holds for landlord in LANDLORDS for r in remarks(landlord, Kind.SILENT)}
    assert str(holds["ombudsmen"]).startswith("Baseline 11: ")
    assert str(holds["urgent"]).endswith("ends after 5 working days.")
    assert str(holds["warning.lasts"]).endswith("counts for 12 months.")
    assert holds["document.lead"] is None


def test_assumed_values_and_readings_are_told_with_their_clauses() -> None:
    assert {"decision.by", "warning.at_least", "reviews.regular.every", "roles.rank"} <= paths("citizen", Kind.ASSUMED)
    reading = {(r.path, r.clause) for r in remarks("derby", Kind.READING)}
    assert ("appeal.window", "5¶1") in reading


def test_what_is_only_to_be_confirmed_is_nothing_to_mend() -> None:
    for landlord in LANDLORDS:
        for remark in remarks(landlord, Kind.ASSUMED, Kind.READING):
            assert not remark.to_mend
        assert any(remark.to_mend for remark in remarks(landlord))


def test_a_policy_that_gives_the_right_of_appeal_and_a_later_review_has_those_remarks_no_more() -> None:
    given = policy_file("citizen").policy.model_dump(by_alias=True)
    given["appeal"]["offered"]["is"] = "right"
    given["document"]["review_due"]["is"] = date(2028, 2, 28)
    mended = Policy.model_validate(given)
    found = {remark.path for remark in lint(mended, baseline_file().baseline, TODAY) if remark.kind is not Kind.READING}
    assert not {"appeal.offered", "document.review_due"} & found
