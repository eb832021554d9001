"""What goes with every answer, whoever asks about whom: precautions, a home's and a customer's, and safe ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain import events as e
from domain.advice import Advice, AnswerKind, advise, case_cannot_be_read
from domain.calendar import DeliveryMethod, start_of_day
from domain.call_ends import MayEndCall
from domain.case import Case
from domain.codes import CaseId, Channel, Direction, Precaution, Purpose, StaffId, SubjectId
from domain.handling import Handling, NotKnown, Question
from domain.landlord import Absence
from domain.personal import Personal
from domain.surroundings import NOTHING_AROUND, Surroundings
from tests.domain.world import Road, staff, words
from tests.policies import baseline

HOME = "home-7"


def told(road: Road, *facts: Any) -> Road:
    """These facts stand in the history of the road's case, from its day on."""
    for fact in facts:
        world = road.world
        day = start_of_day(world.today)
        world.given(world.event(fact, day, staff("case_officer"), None, world.case.version + 1))
    return road


def warned(
    road: Road, *, home: str | None = None, says: Personal | None = None, approved: bool = True, number: int = 1
) -> Road:
    """A safety warning about the road's customer, approved unless said otherwise: two go there, and ring before."""
    today = road.world.today
    asked = e.SafetyWarningProposed(
        warning=f"safety-warning-{number}",
        incident="incident-1",
        incident_on=today,
        home=home,
        precautions=(Precaution.TWO_STAFF, Precaution.CALL_BEFORE_VISIT),
        audience=("repairs",),
        review_on=today + timedelta(days=80),
        expires_on=today + timedelta(days=90),
        reasons=words(),
        precaution_words=says,
    )
    agreed = e.SafetyWarningApproved(
        warning=asked.warning, approved_on=today, tells_person=True, not_told_because=None, reasons=None
    )
    return told(road, asked, *((agreed,) if approved else ()))


def safe(road: Road, *, no_visits: bool = True, methods: tuple[DeliveryMethod, ...] = ()) -> Road:
    """The customer has to be reached with care."""
    return told(
        road,
        e.SafeContactInstructed(
            instruction="safe-contact-1",
            methods=methods,
            no_visits=no_visits,
            from_on=road.world.today,
            until=None,
            words=words("Ring the mobile only."),
        ),
    )


def ask(road: Road, *cases: Case, around: Surroundings = NOTHING_AROUND, **fields: Any) -> Advice:
    """The answer about these cases, the road's own unless some are given."""
    ordinary: dict[str, Any] = {"direction": Direction.INBOUND, "channel": Channel.TELEPHONE, "at": road.world.now}
    question = Question(**{**ordinary, **fields})
    return advise(cases or [road.world.case], question, baseline(), road.world.now, around)


def steps(answer: Advice) -> list[list[str]]:
    """The codes of each precaution."""
    assert answer.precautions is not NotKnown.NOT_KNOWN
    return [[step.code for step in caution.steps] for caution in answer.precautions]


def instructions(answer: Advice) -> list[str]:
    """The codes of what is to be heeded."""
    return [phrase.code for phrase in answer.instructions]


# precautions


@pytest.mark.parametrize("purpose", [None, Purpose.DANGER, Purpose.ENQUIRY, Purpose.OMBUDSMAN])
@pytest.mark.parametrize("direction", Direction)
def test_precautions_go_with_every_answer_emergencies_included(purpose: Purpose | None, direction: Direction) -> None:
    road = warned(Road("star").opened())
    answer = ask(road, purpose=purpose, direction=direction)
    assert steps(answer) == [["two_staff", "call_before_visit"]]
    assert answer.handling is Handling.TAKE


def test_the_words_of_a_precaution_stay_sealed() -> None:
    says = words("The dog is loose.")
    answer = ask(warned(Road("star").opened(), says=says))
    assert answer.precautions is not NotKnown.NOT_KNOWN
    assert answer.precautions[0].words is says


def test_a_warning_that_waits_for_its_second_approval_is_shown_to_nobody() -> None:
    assert steps(ask(warned(Road("star").opened(), approved=False))) == []


def test_a_warning_is_over_after_its_last_day() -> None:
    road = warned(Road("star").opened())
    road.world.wait(90)
    assert steps(ask(road)) != []
    road.world.wait(1)
    assert steps(ask(road)) == []


def test_a_warning_that_was_removed_is_over_from_that_day() -> None:
    road = warned(Road("star").opened())
    road.world.wait(3)
    over = e.SafetyWarningRemoved(warning="safety-warning-1", from_on=road.world.today, as_wrong=False, reasons=words())
    assert steps(ask(told(road, over))) == []


def test_precautions_of_all_cases_of_a_customer_unite() -> None:
    first, second = warned(Road("star").opened()), warned(Road("star").opened())
    assert len(steps(ask(first, first.world.case, second.world.case))) == 2


# the home


def somebody_else() -> Case:
    """A restricted neighbour at the home, with a warning attached to it."""
    road = warned(Road("derby").opened(), home=HOME, says=words("The dog is loose."))
    road.restricted(road.measure("letter_only"))
    return replace(road.world.case, id=CaseId("case-of-somebody-else"), person=SubjectId("somebody-else"))


def test_whoever_goes_to_a_home_is_told_what_to_do_there_and_not_because_of_whom() -> None:
    road = Road("derby").opened()
    around = Surroundings(homes=frozenset({HOME}), at_home=[somebody_else()], by_person=False)
    answer = advise(
        [],
        Question(direction=Direction.OUTBOUND, channel=Channel.HOME_VISIT, at=road.world.now),
        baseline(),
        road.world.now,
        around,
    )
    assert answer.kind is AnswerKind.ADVICE
    assert steps(answer) == [["two_staff", "call_before_visit"]]
    assert (answer.rests_on, answer.handling) == ((), Handling.TAKE)
    assert answer.adjustments is NotKnown.NOT_KNOWN
    assert "who_is_it" in instructions(answer)
    assert "somebody-else" not in repr(answer)
    assert "safety-warning-1" not in repr(answer)


def test_a_customer_without_a_warning_is_visited_with_the_precautions_of_the_home() -> None:
    road = Road("derby").opened()
    around = Surroundings(homes=frozenset({HOME}), at_home=[somebody_else()])
    answer = ask(road, around=around)
    assert len(steps(answer)) == 1
    assert (answer.handling, answer.rests_on, answer.adjustments) == (Handling.TAKE, (), ())


def test_a_warning_about_another_home_is_not_told_of_this_one() -> None:
    road = Road("derby").opened()
    around = Surroundings(homes=frozenset({"home-8"}), at_home=[somebody_else()])
    assert steps(ask(road, around=around)) == []


def test_a_home_of_which_nothing_is_recorded_is_no_case() -> None:
    road = Road("derby")
    around = Surroundings(homes=frozenset({HOME}), by_person=False)
    answer = ask(road, Case(), around=around, direction=Direction.OUTBOUND, channel=Channel.HOME_VISIT)
    assert (answer.kind, answer.precautions) == (AnswerKind.NO_CASE, ())
    assert instructions(answer) == ["take_normally", "who_is_it"]


def test_when_a_home_cannot_be_read_that_is_not_read_as_no_precaution() -> None:
    road = Road("derby").opened()
    unread = Surroundings(homes=frozenset({HOME}), home_unread=True)
    answer = ask(road, around=unread)
    assert answer.precautions is NotKnown.NOT_KNOWN
    assert "home_not_known" in instructions(answer)
    in_part = ask(road, around=replace(unread, at_home=[somebody_else()]))
    assert len(steps(in_part)) == 1
    assert "home_not_known" in instructions(in_part)


def test_a_customer_who_cannot_be_read_is_visited_with_what_is_known_of_the_home() -> None:
    road = Road("derby")
    question = Question(direction=Direction.OUTBOUND, channel=Channel.HOME_VISIT, at=road.world.now)
    around = Surroundings(homes=frozenset({HOME}), at_home=[somebody_else()])
    assert len(steps(case_cannot_be_read(question, baseline(), road.world.now, around))) == 1
    assert case_cannot_be_read(question, baseline(), road.world.now).precautions is NotKnown.NOT_KNOWN


# safe ways, and death


def test_how_a_customer_is_reached_without_harm_goes_with_every_answer() -> None:
    road = safe(Road("citizen").opened(), methods=(DeliveryMethod.EMAIL,))
    inbound, outbound = ask(road, purpose=Purpose.DANGER), ask(road, direction=Direction.OUTBOUND)
    for answer in (inbound, outbound):
        assert "no_visits" in instructions(answer)
        assert answer.adjustments is not NotKnown.NOT_KNOWN
        assert [given.kind for given in answer.adjustments] == ["safe_contact"]
        assert [phrase.code for phrase in answer.do_not_say] == ["not_why"]
    assert "safe_ways_only" in instructions(outbound)
    assert "email" in next(p.words for p in outbound.instructions if p.code == "safe_ways_only")


def test_nobody_calls_at_a_home_where_that_was_asked_for_whoever_is_visited() -> None:
    lives_there = replace(safe(Road("citizen").opened()).world.case, home=HOME)
    visit = {"direction": Direction.OUTBOUND, "channel": Channel.HOME_VISIT}
    around = Surroundings(homes=frozenset({HOME}), at_home=[lives_there])
    answer = ask(Road("citizen").opened(), around=around, **visit)
    assert instructions(answer) == ["no_visits"]
    assert answer.adjustments == ()


def test_after_a_death_nobody_writes_to_the_customer_and_the_report_can_be_taken_back() -> None:
    road = told(
        safe(warned(Road("maidstone").opened()), no_visits=False, methods=(DeliveryMethod.EMAIL,)),
        e.CustomerDied(died_on=None, learnt_on=Road("maidstone").world.today, detail=None),
    )
    answer = ask(road, direction=Direction.OUTBOUND, channel=Channel.LETTER)
    assert instructions(answer) == ["customer_died"]
    assert steps(answer) == []
    road.world.wait(1)
    told(road, e.DeathWithdrawn(withdrawn_on=road.world.today, reason=words()))
    assert instructions(ask(road)) == []
    assert instructions(ask(road, direction=Direction.OUTBOUND)) == ["safe_ways_only"]
    assert len(steps(ask(road))) == 1


# ending a call


def ends(answer: Advice) -> dict[str, tuple[str, str]]:
    """On what a conversation may be ended: how, and by which clause."""
    return {end.on.value: (end.may.value, end.clause) for end in answer.call_ends}


def of_policy(landlord: str) -> tuple[Road, Surroundings]:
    """A case of a landlord, and the policy that is asked."""
    road = Road(landlord).opened()
    return road, Surroundings(policy=road.policy)


def test_star_ends_a_call_on_abuse_or_a_threat() -> None:
    road, around = of_policy("star")
    answer = ask(road, around=around, purpose=Purpose.ENQUIRY)
    assert answer.may_end_call is MayEndCall.REQUIRED
    assert ends(answer) == {"abuse": ("required", "12.3"), "threat": ("required", "12.3")}


def test_wolverhampton_lets_whoever_feels_threatened_end_it_and_warns_of_the_rest() -> None:
    road, around = of_policy("wolverhampton")
    answer = ask(road, around=around, purpose=Purpose.ENQUIRY)
    assert answer.may_end_call is MayEndCall.NOW
    assert ends(answer) == {"abuse": ("after_warning", "assumed"), "threat": ("now", "3.6")}


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone"])
def test_where_a_policy_is_silent_a_warning_comes_first(landlord: str) -> None:
    road, around = of_policy(landlord)
    assert ask(road, around=around).may_end_call is MayEndCall.AFTER_WARNING


@pytest.mark.parametrize("landlord", ["star", "maidstone"])
@pytest.mark.parametrize(
    "purpose", [Purpose.EMERGENCY_REPAIR, Purpose.DANGER, Purpose.SAFEGUARDING, Purpose.DOMESTIC_ABUSE]
)
def test_nobody_in_danger_is_hung_up_on(landlord: str, purpose: Purpose) -> None:
    road, around = of_policy(landlord)
    answer = ask(road, around=around, purpose=purpose)
    assert (answer.may_end_call, answer.call_ends) == (MayEndCall.NEVER, ())


def test_a_letter_is_no_conversation() -> None:
    road, around = of_policy("star")
    assert ask(road, around=around, channel=Channel.LETTER).may_end_call is None


def test_a_call_about_a_closed_matter_may_be_ended_once_it_is_known_to_be_about_that() -> None:
    road = Road("star")
    road.restricted(road.measure("repeated_calls_ended"))
    enquiry = ask(road, purpose=Purpose.ENQUIRY, issue="issue-1")
    assert ends(enquiry)["no_progress"][0] == "now"
    for other in (
        ask(road, issue="issue-1"),
        ask(road, purpose=Purpose.ENQUIRY),
        ask(road, purpose=Purpose.REPAIR, issue="issue-1"),
        ask(road, purpose=Purpose.ENQUIRY, issue="issue-1", direction=Direction.OUTBOUND),
    ):
        assert "no_progress" not in ends(other)


def test_a_call_whose_minutes_are_up_is_ended_after_saying_so() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_minutes"))
    assert ends(ask(road, purpose=Purpose.ENQUIRY))["limit_reached"][0] == "after_warning"


# who answers instead


def named_contact() -> Road:
    """Maidstone's customer, whom the case officer alone answers."""
    road = Road("maidstone")
    road.restricted(road.measure("single_contact"))
    return road


def away(road: Road, who: str) -> None:
    """Somebody is away from today on, in the first of their posts."""
    landlord = road.world.landlord
    tenure = next(t for t in landlord.tenures if t.staff == who)
    absence = Absence(f"absence-{len(landlord.absences) + 1}", tenure.id, road.world.today, None)
    road.world.landlord = replace(landlord, absences=(*landlord.absences, absence))


def redirected(road: Road) -> tuple[list[StaffId], list[StaffId], list[str]]:
    """Who answers, who is away, and what is noted."""
    answer = ask(road, around=Surroundings(landlord=road.world.landlord), purpose=Purpose.ENQUIRY)
    redirect = answer.redirect_to
    assert redirect is not None
    return list(redirect.staff), list(redirect.away), [note.code for note in redirect.notes]


def test_whoever_is_named_answers_while_they_are_there_and_hours_are_not_made_up() -> None:
    assert redirected(named_contact()) == ([staff("case_officer")], [], ["hours_not_kept"])


def test_the_deputy_answers_for_a_named_contact_who_is_away() -> None:
    road = named_contact()
    landlord = road.world.landlord
    post = next(t for t in landlord.tenures if t.staff == staff("case_officer"))
    deputy = replace(post, id="tenure-deputy", staff=StaffId("staff-deputy"), deputy=True)
    road.world.landlord = replace(landlord, tenures=(*landlord.tenures, deputy))
    assert redirected(road)[0] == [staff("case_officer")]
    away(road, "staff-case_officer")
    assert redirected(road) == (["staff-deputy"], [staff("case_officer")], ["deputy_answers", "hours_not_kept"])
    away(road, "staff-deputy")
    assert redirected(road) == ([], [staff("case_officer")], ["take_a_message", "hours_not_kept"])


def test_an_interim_restriction_counts_as_any() -> None:
    road = Road("derby")
    road.restricted(road.measure("letter_only"))
    case = road.world.case
    interim = replace(case, restrictions=tuple(replace(r, interim=True) for r in case.restrictions))
    assert ask(road, interim, purpose=Purpose.ENQUIRY).handling is Handling.REDIRECT


def test_a_restriction_that_is_suspended_limits_nothing() -> None:
    road = Road("derby")
    road.restricted(road.measure("letter_only"))
    case = road.world.case
    pause = ((road.world.today, date(2026, 3, 20)),)
    suspended = replace(case, restrictions=tuple(replace(r, suspended=pause) for r in case.restrictions))
    assert ask(road, suspended, purpose=Purpose.ENQUIRY).handling is Handling.TAKE
