"""Reports over HTTP: which there are, their figures as of now and of then, and what outsiders and strangers see."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from domain.codes import NoticeKind
from domain.decisions.endings import WithdrawAsWrong
from tests.domain.world import Road, words
from tests.infrastructure.http.a_house import EVERYTHING, SECRET, Caller, House, answered
from tests.infrastructure.http.road import HttpWorld, a_road


def caller_of(road: Road) -> Caller:
    assert isinstance(road.world, HttpWorld)
    return road.world.callers["case_officer"]


def figures(answer: dict[str, Any]) -> dict[str, int | None]:
    return {f["code"]: f["value"] for section in answer["sections"] for f in section["figures"]}


def days(road: Road, back: int = 30) -> dict[str, Any]:
    return {"from": road.world.today - timedelta(days=back), "to": road.world.today}


@pytest.mark.parametrize(
    ("landlord", "reports"),
    [
        ("citizen", {"common": "baseline", "followed": "baseline", "quarterly": "5¶3", "assurance": "4¶1"}),
        ("derby", {"common": "baseline", "followed": "baseline", "review_pack": "6¶2"}),
        ("maidstone", {"common": "baseline", "followed": "baseline", "register": "7.4"}),
        ("star", {"common": "baseline", "followed": "baseline", "board": "15.3"}),
        ("wolverhampton", {"common": "baseline", "followed": "baseline", "senior_management": "10.4"}),
    ],
)
def test_the_reports_of_a_landlord_are_listed_with_their_clauses(
    everybody: House, landlord: str, reports: dict[str, str]
) -> None:
    caller = caller_of(a_road(everybody, landlord))

    answer = answered(caller.get("/v1/reports"))

    assert {one["report"]: one["clause"] for one in answer["reports"]} == reports


def test_a_restriction_is_in_the_figures_at_once_and_never_in_those_of_before(everybody: House) -> None:
    road = a_road(everybody, "star")
    caller = caller_of(road)
    before = answered(caller.get("/v1/reports/board", **days(road)))
    road.restricted()

    after = answered(caller.get("/v1/reports/board", **days(road)))
    then = answered(caller.get("/v1/reports/board", **days(road) | {"to": before["last"], "from": before["first"]}))

    began = figures(after)["restrictions_at_end"]
    assert began == (figures(before)["restrictions_at_end"] or 0) + 1
    assert after["sections"][0]["code"] == "households"
    assert figures(then)["restrictions_at_end"] == figures(before)["restrictions_at_end"]


def test_what_was_reported_then_is_reported_for_then(everybody: House) -> None:
    road = a_road(everybody, "wolverhampton")
    restriction = road.restricted()
    caller = caller_of(road)
    asked = days(road)
    then = answered(caller.get("/v1/reports/senior_management", **asked))
    instant = road.world.now.astimezone(UTC) + timedelta(seconds=1)
    road.world.wait(3)
    road.world.do(WithdrawAsWrong(restriction=restriction, reasons=words()), by=road.decider())

    now = answered(caller.get("/v1/reports/senior_management", **asked))
    again = answered(caller.get("/v1/reports/senior_management", **asked, known_at=instant.isoformat()))

    assert figures(now)["restrictions_at_end"] == (figures(then)["restrictions_at_end"] or 0) - 1
    assert again["sections"] == then["sections"]
    assert (again["position"], again["known_on"]) == (then["position"], then["known_on"])


def test_outsiders_get_no_count_under_five(everybody: House) -> None:
    road = a_road(everybody, "star")
    road.restricted()

    answer = answered(caller_of(road).get("/v1/reports/board", **days(road), audience="external"))

    shown = [f["value"] for s in answer["sections"] for f in s["figures"] if f["unit"] == "count" and not f["withheld"]]
    assert all(value >= 5 for value in shown)
    assert "under 5" in answer["withheld"]


def test_csv_and_pdf_say_the_same(everybody: House) -> None:
    road = a_road(everybody, "citizen")
    road.restricted()
    caller = caller_of(road)

    told = answered(caller.get("/v1/reports/quarterly", **days(road)))
    as_csv = caller.get("/v1/reports/quarterly", **days(road), format="csv")
    as_pdf = caller.get("/v1/reports/quarterly", **days(road), format="pdf")

    rows = list(csv.DictReader(StringIO(as_csv.text, newline="")))
    assert as_csv.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert {row["figure"]: row["value"] for row in rows} == {
        code: "" if value is None else str(value) for code, value in figures(told).items()
    }
    assert as_csv.text.count("\r\n") == len(rows) + 1
    assert as_pdf.content.startswith(b"%PDF")
    assert as_pdf.content.count(b"/Type /Page\n") <= 1
    assert "quarterly" in as_pdf.headers["Content-Disposition"]


def test_the_review_pack_shows_the_contact_of_the_last_twelve_months_of_one_case(everybody: House) -> None:
    road = a_road(everybody, "derby")
    road.restricted()
    assert isinstance(road.world, HttpWorld)
    caller, case = caller_of(road), road.world.case_id

    answer = answered(caller.get("/v1/reports/review_pack", case=case))

    contacts = len(road.world.case.contacts)
    assert figures(answer)["contacts"] == contacts
    assert figures(answer)["channel:telephone"] == contacts
    assert [s["code"] for s in answer["sections"]] == ["volume", "months", "channels", "purposes", "grounds"]
    assert (date.fromisoformat(answer["last"]) - date.fromisoformat(answer["first"])).days in {364, 365}
    assert SECRET not in str(answer)


def test_the_register_names_people_for_who_may_see_it_and_that_is_on_record(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted()
    assert isinstance(road.world, HttpWorld)
    world = road.world
    keeper = world.callers["case_officer"]
    reader = everybody.caller("maidstone", "case_officer", scopes=EVERYTHING - {"read-personal"})

    named = answered(keeper.get("/v1/reports/register"))
    unnamed = answered(reader.get("/v1/reports/register"))
    in_csv = keeper.get("/v1/reports/register", format="csv").text
    without = reader.get("/v1/reports/register", format="csv").text

    def line(answer: dict[str, Any]) -> dict[str, Any]:
        return next(one for one in answer["register"]["lines"] if one["line"]["case"] == world.case_id)

    columns = [column["code"] for column in named["register"]["columns"]]
    assert columns == ["customer", "warning", "applied", "last_reviewed", "notes"]
    assert line(named)["customer"]["name"] == "Robin Example"
    assert line(unnamed)["customer"] == {
        "state": "withheld",
        **dict.fromkeys(("reference", "name", "address", "telephone", "email")),
    }
    assert line(unnamed)["line"]["behaviour"]["state"] == "withheld"
    assert line(named)["line"]["behaviour"]["state"] == "shown"
    assert "Robin Example" in in_csv
    assert "Robin Example" not in without
    assert world.person in without
    history = answered(keeper.get(f"/v1/cases/{world.case_id}/history", include="access", limit=200))
    assert any(
        entry.get("query") == "GET /v1/reports/{report}" for entry in history["entries"] if entry["kind"] == "access"
    )


def test_the_register_can_be_printed(everybody: House) -> None:
    road = a_road(everybody, "maidstone")

    printed = caller_of(road).get("/v1/reports/register", format="pdf")

    assert printed.status_code == 200, printed.text
    assert printed.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-01-11", "to": "2026-01-10"}, "to"),
        ({"from": "2026-01-01", "to": "2090-01-01"}, "to"),
        ({"from": "2089-01-01", "to": "2090-01-01"}, "to"),
        ({"to": "2026-01-10"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-01", "to": "2026-01-10", "format": "docx"}, "format"),
        ({"from": "2026-01-01", "to": "2026-01-10", "audience": "everybody"}, "audience"),
        ({"from": "1999-01-01", "to": "1999-01-10"}, "to"),
        ({"from": "2026-01-01", "to": "2026-01-10", "case": "x"}, "case"),
        ({"from": "2026-01-01", "to": "2026-01-10", "known_at": "2090-01-01T00:00:00Z"}, "known_at"),
    ],
)
def test_a_question_that_no_report_answers_is_told_so(everybody: House, asked: dict[str, str], field: str) -> None:
    caller = caller_of(a_road(everybody, "derby"))

    response = caller.get("/v1/reports/common", **asked)

    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_what_is_about_people_one_by_one_stays_inside(everybody: House) -> None:
    caller = caller_of(a_road(everybody, "maidstone"))

    response = caller.get("/v1/reports/register", audience="external")

    assert response.status_code == 422
    assert "stays inside" in response.json()["errors"][0]["reason"]


def test_a_pack_without_a_case_or_of_nobodys_is_told_so(everybody: House) -> None:
    caller = caller_of(a_road(everybody, "derby"))

    assert caller.get("/v1/reports/review_pack").status_code == 422
    assert caller.get("/v1/reports/review_pack", case="nobody").status_code == 404


def test_an_unknown_report_is_told_which_there_are(everybody: House) -> None:
    caller = caller_of(a_road(everybody, "derby"))

    response = caller.get(f"/v1/reports/{SECRET}", to="2026-01-10")

    assert response.status_code == 404
    assert "common, followed, review_pack" in response.json()["detail"]
    assert SECRET not in response.text


def test_reports_take_the_scope_to_read(everybody: House) -> None:
    nobody = everybody.caller("derby", "case_officer", scopes=EVERYTHING - {"read"})

    assert nobody.get("/v1/reports").status_code == 403
    assert nobody.get("/v1/reports/common").status_code == 403


def test_the_same_question_gets_the_same_bytes(everybody: House) -> None:
    road = a_road(everybody, "citizen")
    caller = caller_of(road)
    asked = {**days(road), "known_at": datetime.combine(road.world.today, datetime.min.time(), UTC).isoformat()}

    for form in ("json", "csv", "pdf"):
        first = caller.get("/v1/reports/common", **asked, format=form)
        assert first.status_code == 200 or "no policy was known" in first.text, first.text
        assert caller.get("/v1/reports/common", **asked, format=form).content == first.content


def test_whether_the_policy_was_followed_is_told_of_all_cases_and_only_of_these_days(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    restriction = road.restricted(told=False)
    road.world.wait(1)
    everybody.evenhand.demonstration_clock("maidstone").set(road.world.now)
    road.letter(NoticeKind.DECISION, restriction, enclosures=(), already_sent=True)
    caller = caller_of(road)

    told = figures(answered(caller.get("/v1/reports/followed", **days(road, 2))))
    before = figures(answered(caller.get("/v1/reports/followed", **{"from": "2023-01-01", "to": "2023-12-31"})))
    outside = answered(caller.get("/v1/reports/followed", **days(road, 2), audience="external"))

    assert (told["short:6.3:encloses_policy"] or 0) >= 1
    verdicts = ("met", "late", "not_met", "cannot_be_shown", "overridden", "not_applicable", "open")
    assert sum(told[verdict] or 0 for verdict in verdicts) == told["findings"]
    assert before["findings"] == 0
    shown = [f["value"] for s in outside["sections"] for f in s["figures"] if not f["withheld"]]
    assert all(value >= 5 for value in shown)
