"""Every letter that a case can owe, under every landlord: complete, in whole sentences, and true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from application.demonstrations import STORIES
from application.letters import Draft, LetterAsked, Sheet
from domain.case import Case
from domain.codes import Answer, AppealOutcome, ComplaintExclusion, NoticeKind, StaffId
from domain.decisions.appeals import (
    AppointAppealReviewer,
    DecideLateAppeal,
    DetermineAppeal,
    LodgeAppeal,
)
from domain.decisions.changes import ChangeNamedContact, EaseRestriction, VaryRestriction
from domain.decisions.complaints import DeclineComplaint
from domain.decisions.endings import LiftRestriction, WithdrawAsWrong
from domain.decisions.intake import LinkComplaint
from domain.decisions.interim import ApplyInterim
from domain.decisions.reviews import DeclineReviewRequest, RequestReview
from domain.events import MeasuresSuspended
from domain.letter_values import day_in_words
from infrastructure.letters import writing
from infrastructure.letters.shelf import TemplateShelf
from infrastructure.letters.writing import LandlordLetters
from tests.domain.a_stage import Stage
from tests.domain.world import Road, staff, words
from tests.infrastructure.a_writer import ACCESS, InMemory
from tests.policies import baseline, policy

LANDLORDS = sorted(STORIES)
R = "restriction-1"
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typesetting has tests of its own."""
    monkeypatch.setattr(writing, "typeset", lambda *_, **__: b"")


def complete(road: Road, kind: NoticeKind, about: str) -> str:
    """The words of a letter that lacks nothing but what has to be enclosed."""
    memory = InMemory(road.world)
    draft = memory.draft(kind, about)
    assert memory.writer().lacking(draft)[0] == ()
    whole(draft)
    return draft.text


def whole(draft: Draft) -> None:
    """No code, no gap and no half sentence."""
    assert "None" not in draft.text
    assert "{" not in draft.text
    for line in draft.text.splitlines()[8:]:
        assert not line.endswith((" .", ":.", " ,")), line


# what the demonstrations tell


class Everybody(InMemory):
    """The people of a demonstration."""

    def staff_name(self, who: StaffId) -> str | None:
        """A name."""
        return who


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_letter_of_a_demonstration_is_complete(landlord: str) -> None:
    story = STORIES[landlord](TODAY)
    stage = Stage(story)
    for step in story.steps:
        stage.take(step)
    people = Everybody(Road(landlord).world)
    desk, shelf = stage.telling.desk, TemplateShelf.stocked([policy(landlord)], baseline())
    letters = LandlordLetters(desk, baseline(), people, people, stage.clock, shelf)  # type: ignore[arg-type]
    written = 0
    for person in stage.telling.people.values():
        for case in desk.cases_of(person):
            for kind, about in subjects(desk.case(case), stage.clock.now().date()):
                draft = letters.draft(LetterAsked(case=case, kind=kind, about=about), ACCESS)
                assert letters.lacking(draft)[0] == (), (kind, about)
                whole(draft)
                written += 1
    assert written > 8


def subjects(case: Case, today: date) -> Iterator[tuple[NoticeKind | Sheet, str]]:
    """Everything that a letter can be about."""
    yield from ((NoticeKind.WARNING, warning.id) for warning in case.warnings)
    for restriction in case.restrictions:
        yield from ((kind, restriction.id) for kind in (NoticeKind.DECISION, *Sheet))
        yield from ((NoticeKind.EXTENSION, change) for change in restriction.changes)
        yield from ((NoticeKind.REVIEW_OUTCOME, review.id) for review in restriction.reviews)
        yield from ((NoticeKind.CONTACT_CHANGE, measure) for measure in restriction.contacts_changed)
        if restriction.over_on(today):
            yield NoticeKind.ENDING, restriction.id
    yield from ((NoticeKind.CLOSURE, issue) for issue, _ in case.issues_answered)
    for appeal in case.appeals:
        yield NoticeKind.APPEAL_ACKNOWLEDGEMENT, appeal.id
        if appeal.outcome is not None or appeal.declined:
            yield NoticeKind.APPEAL_OUTCOME, appeal.id
    yield from ((NoticeKind.BREACH, breach.id) for breach in case.breaches)


# what they do not


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_an_interim_restriction_is_told_as_something_of_a_few_days(landlord: str) -> None:
    road = Road(landlord).opened()
    incident = road.incident()
    command = ApplyInterim(
        incidents=(incident,),
        measures=(road.measure(),),
        behaviour=words("A stone flew."),
        safety_reason=words("Nobody is to be hurt."),
        channels_usable=Answer.NOT_KNOWN,
    )
    road.world.do(command, by="duty_manager")
    text = complete(road, NoticeKind.DECISION, R)
    assert "What we had to decide at once" in text
    assert "A stone flew." in text
    assert "Nobody is to be hurt." in text
    assert "Duty manager" in text


def restricted(landlord: str = "derby") -> Road:
    """A customer with two measures, told yesterday."""
    road = Road(landlord)
    road.restricted(*(road.measure(code) for code in ("letter_only", "single_contact")))
    road.world.wait(1)
    return road


def test_a_variation_tells_what_takes_the_place_of_what_was() -> None:
    road = restricted()
    varied = VaryRestriction(
        restriction=R,
        measures=(road.measure("single_contact"),),
        reasons=words("Letters were hard to write."),
        proportionality=words("It is the least."),
        channels_usable=Answer.YES,
    )
    road.world.do(varied, by=road.decider())
    text = complete(road, NoticeKind.VARIATION, "change-1")
    assert "We have changed our decision" in text
    assert "Letters were hard to write.\n\nIt is the least." in text
    assert "One named person answers" in text
    assert "Correspondence by letter only" not in text


def test_an_easing_is_good_news_with_what_is_left() -> None:
    road = restricted()
    road.world.do(EaseRestriction(restriction=R, keep=(f"{R}.2",), reasons=words("It went well.")), by=road.decider())
    text = complete(road, NoticeKind.VARIATION, "change-1")
    assert "Good news" in text
    assert "It went well." in text
    assert "Correspondence by letter only" not in text


def test_somebody_else_who_answers_is_named() -> None:
    road = restricted()
    change = ChangeNamedContact(restriction=R, measure=f"{R}.2", contact_staff=(staff("records_officer"),))
    road.world.do(change)
    text = complete(road, NoticeKind.CONTACT_CHANGE, f"{R}.2")
    assert "your calls and letters are answered by Alex Records Officer" in text
    assert "The agreed times are: Tuesdays at 10:00." in text


def test_a_review_that_is_not_held_sooner_is_told_with_the_reasons() -> None:
    road = restricted()
    road.world.do(RequestReview(restriction=R, reasons=words()))
    declined = DeclineReviewRequest(request=road.world.case.review_requests[0].id, reasons=words("Too soon to tell."))
    road.world.do(declined, by=road.decider())
    text = complete(road, NoticeKind.REVIEW_OUTCOME, declined.request)
    assert "We are not looking at it before its own date." in text
    assert "Too soon to tell." in text


def test_a_restriction_that_should_never_have_been_made_is_withdrawn_with_an_apology() -> None:
    road = restricted()
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words("It was somebody else.")), by=road.decider())
    road.world.wait(1)
    text = complete(road, NoticeKind.ENDING, R)
    assert "We are sorry." in text
    assert "It was somebody else." in text
    assert "You can contact us as anybody can." in text


def test_a_restriction_that_was_lifted_tells_why() -> None:
    road = restricted()
    road.world.do(LiftRestriction(restriction=R, reasons=words("It went so well.")), by=road.decider())
    road.world.wait(1)
    text = complete(road, NoticeKind.ENDING, R)
    assert "It went so well." in text
    assert "You can contact us as anybody can." in text


def test_one_that_came_to_its_date_says_so() -> None:
    road = restricted()
    road.world.today = road.world.case.restrictions[0].ends_on + timedelta(days=1)
    assert "It came to the end of its time." in complete(road, NoticeKind.ENDING, R)


def test_while_something_else_holds_nobody_is_told_to_be_free_of_everything() -> None:
    road = restricted()
    road.world.wait(7)
    second = road.proposed(road.incident())
    road.confirmed(second)
    road.circumstances()
    road.world.do(road.application(second, road.measure("no_social_media")), by=road.decider())
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words("It was somebody else.")), by=road.decider())
    road.world.wait(1)
    text = complete(road, NoticeKind.ENDING, R)
    assert "You can contact us as anybody can." not in text
    assert "Something else that we told you of still holds." in text


@pytest.mark.parametrize("outcome", AppealOutcome)
def test_what_came_of_an_appeal_is_told_with_what_changes(outcome: AppealOutcome) -> None:
    road = restricted()
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team")))
    acknowledged = complete(road, NoticeKind.APPEAL_ACKNOWLEDGEMENT, "appeal-1")
    assert "Alex Executive Team looks at it, and had no part in the decision." in acknowledged
    measures = (road.measure("single_contact"),) if outcome is AppealOutcome.VARIED else ()
    decided = DetermineAppeal(appeal="appeal-1", outcome=outcome, reasons=words("We listened."), measures=measures)
    road.world.do(decided, by="executive_team")
    text = complete(road, NoticeKind.APPEAL_OUTCOME, "appeal-1")
    assert "We listened." in text
    told = {"upheld": "Nothing changes in what holds for you.", "varied": "This holds now.", "overturned": "as anybody"}
    for name, said in told.items():
        assert (said in text) is (name == outcome.value)


def came_too_late(road: Road) -> str:
    """The words of the letter that an appeal is not heard because it came late."""
    appeal = road.world.case.appeals[-1].id
    heard_by = road.policy.appeal.heard_by
    declined = DecideLateAppeal(appeal=appeal, accepted=False, reasons=words("Nothing kept you from writing sooner."))
    road.world.do(declined, by=heard_by.value[0] if heard_by else "staff")
    text = complete(road, NoticeKind.APPEAL_OUTCOME, appeal)
    assert "the time for an appeal was over" in text
    assert "Nothing kept you from writing sooner." in text
    assert "An ombudsman is independent of us" in text
    return text


def test_an_appeal_that_came_too_late_is_answered_with_what_goes_on_and_when_it_is_looked_at() -> None:
    road = restricted()
    road.world.today = date(2026, 4, 20)
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.wait(1)
    text = came_too_late(road)
    restriction = road.world.case.restrictions[0]
    assert "Your appeal reached us on Monday 20 April 2026." in text
    assert "On Tuesday 21 April 2026 we decided that we do not hear it." in text
    assert f"Its last day is {day_in_words(restriction.ends_on)}." in text
    assert "We look at it again at the latest on:" in text
    assert day_in_words(restriction.pending_reviews()[0].due_on) in text
    assert "You can ask us at any time to look at it sooner." in text
    assert "is over. Nothing holds" not in text
    assert "It rests for now" not in text


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_an_appeal_after_the_end_is_answered_without_anything_that_goes_on(landlord: str) -> None:
    road = Road(landlord)
    road.restricted()
    road.world.today = road.world.case.restrictions[0].ends_on + timedelta(days=1)
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    text = came_too_late(road)
    assert "What you appealed against is over." in text
    assert "goes on as it is" not in text
    assert "look at it sooner" not in text


def test_an_appeal_that_came_too_late_leaves_the_measures_at_rest_for_another_one() -> None:
    road = restricted()
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team")))
    # As under a policy that has a window and lets measures rest; none of the five does.
    rest = MeasuresSuspended(appeal="appeal-1", restriction=R, from_on=road.world.today, reasons=words())
    world = road.world
    world.given(world.event(rest, world.now, staff("executive_team"), None, world.case.version + 1))
    road.world.today = date(2026, 4, 20)
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    assert not road.world.case.appeals[-1].in_time
    assert "It rests for now, while we look at another appeal." in came_too_late(road)


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("because", ComplaintExclusion)
def test_a_complaint_that_is_not_accepted_has_its_own_reason_and_the_ombudsman(
    landlord: str, because: ComplaintExclusion
) -> None:
    road = Road(landlord).opened()
    road.world.do(LinkComplaint(reference=words()))
    reasons = words("The lift is older than that.")
    road.world.do(DeclineComplaint(complaint="complaint-1", because=because, ombudsman="housing", reasons=reasons))
    text = complete(road, NoticeKind.COMPLAINT_DECLINED, "complaint-1")
    assert "The lift is older than that." in text
    assert "Housing Ombudsman" in text
    assert "This is about this one complaint only." in text
