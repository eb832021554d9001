"""A customer who asks for a review is owed one, or the reasons why not, for as long as the restriction is in force."""

from __future__ import annotations

from datetime import date, timedelta

from domain.codes import NoticeKind, ReviewOutcome
from domain.compliance import Verdict
from domain.decisions.allegations import RecordCounterAllegation
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.people import ReassignCase
from domain.decisions.reviews import CompleteReview, DeclineReviewRequest, RequestReview
from domain.events import CaseReassigned, ReviewRequestDeclined, ReviewRequested
from domain.obligations import open_obligations
from tests.domain.saying import refusals
from tests.domain.test_compliance import looked_back
from tests.domain.world import Road, staff, words

R = "restriction-1"
DUE = date(2026, 4, 9)  # 20 working days after 10 March 2026; Easter lies between
OWED = "review_request:request-1"
DECLINE = DeclineReviewRequest(request="request-1", reasons=words())


def asked(landlord: str = "wolverhampton", *, by_customer: bool = True) -> Road:
    """A restriction in force since yesterday that somebody asks to have looked at, on 10 March 2026."""
    road = Road(landlord)
    road.restricted()
    road.world.wait(1)
    road.world.do(RequestReview(restriction=R, reasons=words(), by_customer=by_customer))
    return road


def owed(road: Road) -> list[str]:
    return [one for one in open_obligations(road.world.case, road.world.today) if one.startswith("review_request")]


def found(road: Road) -> set[Verdict]:
    """How answering is looked back on."""
    return {f.verdict for f in looked_back(road.world).findings if f.rule == "review_request_answered"}


def reviewed(cadence: str = "requested") -> CompleteReview:
    return CompleteReview(
        restriction=R, cadence=cadence, outcome=ReviewOutcome.UNCHANGED, assessment=words(), answers=()
    )


def test_the_wish_stands_with_its_day_among_what_is_owed_and_passes_to_whoever_takes_over() -> None:
    road = asked()
    (fact,) = road.world.facts(ReviewRequested)
    assert fact.answer_due_on == DUE
    assert owed(road) == [OWED]
    road.world.do(ReassignCase(to=staff("staff")))
    assert OWED in road.world.facts(CaseReassigned)[0].obligations
    assert "review_request_open" in road.world.rules(CloseCase())


def test_a_review_answers_it() -> None:
    road = asked()
    road.world.wait(5)
    road.world.do(reviewed(), by=road.decider())
    assert owed(road) == []
    assert found(road) == {Verdict.MET}
    assert road.world.rules(DECLINE, by=road.decider()) == {"already_answered"}


def test_a_review_that_was_held_before_it_answers_nothing() -> None:
    road = asked()
    earlier = reviewed().model_copy(update={"on": road.world.today - timedelta(days=1)})
    road.world.do(earlier, by=road.decider())
    assert owed(road) == [OWED]


def test_whoever_decides_declines_it_with_reasons_and_the_customer_is_told_them() -> None:
    road = asked()
    assert "post_held" in road.world.rules(DECLINE, by="case_officer")
    road.world.wait(3)
    road.world.do(DECLINE, by=road.decider())
    (fact,) = road.world.facts(ReviewRequestDeclined)
    assert (fact.request, fact.restriction, fact.declined_on) == ("request-1", R, road.world.today)
    assert owed(road) == []
    assert found(road) == {Verdict.MET}
    letter = "letter:request-1:review_outcome"
    assert letter in open_obligations(road.world.case, road.world.today)
    road.letter(NoticeKind.REVIEW_OUTCOME, "request-1")
    assert letter not in open_obligations(road.world.case, road.world.today)
    assert road.world.rules(DECLINE, by=road.decider()) == {"already_answered"}


def test_who_is_accused_declines_nothing() -> None:
    road = asked()
    accused = RecordCounterAllegation(against=staff(road.decider()), account=words(), routed_to="staff")
    road.world.do(accused)
    assert "independence" in refusals(road, DECLINE, by=road.decider())


def test_what_nobody_answered_by_its_day_is_not_met_and_later_late() -> None:
    road = asked()
    road.world.today = DUE
    assert found(road) == {Verdict.OPEN}
    road.world.wait(1)
    assert found(road) == {Verdict.NOT_MET}
    road.world.do(DECLINE, by=road.decider())
    assert found(road) == {Verdict.LATE}


def test_once_the_restriction_is_over_nothing_is_owed_and_the_case_closes() -> None:
    road = asked()
    road.world.wait(2)
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, R)
    assert owed(road) == []
    assert found(road) == {Verdict.NOT_APPLICABLE}
    assert road.world.rules(DECLINE, by=road.decider()) == {"restriction_over"}
    road.world.do(CloseCase())


def test_a_colleagues_wish_is_owed_no_answer() -> None:
    road = asked(by_customer=False)
    assert (owed(road), found(road)) == ([], set())
    assert road.world.facts(ReviewRequested)[0].answer_due_on is None


def test_a_wish_that_nobody_had_is_not_declined() -> None:
    road = asked()
    nobodys = DeclineReviewRequest(request="request-2", reasons=words())
    assert road.world.rules(nobodys, by=road.decider()) == {"unknown_request"}
    early = DECLINE.model_copy(update={"on": road.world.today - timedelta(days=1)})
    assert "end_before_start" in road.world.rules(early, by=road.decider())
