"""Safety warnings: one incident, two people, precautions for those who need them, a review and an end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.case_safety import SafetyWarning
from domain.codes import Precaution, SafetyOutcome
from domain.decisions import CaseCommand
from domain.decisions.endings import CloseCase, ConfirmRemoval, ReportRemovalFailed
from domain.decisions.intake import RecordIncident
from domain.decisions.judgement import OverrideRequest
from domain.decisions.notices import NotifyEnding, PlaceAlert
from domain.decisions.safety import (
    ApproveSafetyWarning,
    DeclineSafetyWarning,
    InformSafetyAudience,
    ProposeSafetyWarning,
    RemoveSafetyWarning,
    ReviewSafetyWarning,
    TellPersonOfSafetyWarning,
)
from domain.events import SafetyWarningProposed, SafetyWarningReviewed
from domain.obligations import open_obligations
from tests.domain.world import START, Road, staff, words

REVIEW, LAST = date(2026, 6, 1), date(2026, 9, 1)


def proposal(road: Road, **changes: Any) -> ProposeSafetyWarning:
    """The command that asks for a warning because of a new incident, at the home of the customer."""
    fields: dict[str, Any] = {
        "incident": changes.get("incident") or road.incident(),
        "precautions": (Precaution.TWO_STAFF, Precaution.CALL_BEFORE_VISIT),
        "audience": ("visiting_staff", "repairs_contractors"),
        "review_on": REVIEW,
        "expires_on": LAST,
        "reasons": words(),
        "home": "home-7",
    }
    return ProposeSafetyWarning(**{**fields, **changes})


def proposed(landlord: str = "wolverhampton") -> Road:
    """A warning that a case officer proposed on 2 March 2026."""
    road = Road(landlord).opened()
    road.world.do(proposal(road))
    return road


def standing(landlord: str = "wolverhampton", **changes: Any) -> Road:
    """A warning that stands: approved by the duty manager, the customer to be told."""
    road = proposed(landlord)
    fields: dict[str, Any] = {"warning": "safety-1", "tells_person": True}
    road.world.do(ApproveSafetyWarning(**{**fields, **changes}), by="duty_manager")
    return road


def warning(road: Road) -> SafetyWarning:
    return road.world.case.safety[-1]


def reviewed(outcome: SafetyOutcome = SafetyOutcome.STANDS, **changes: Any) -> ReviewSafetyWarning:
    fields: dict[str, Any] = {"warning": "safety-1", "outcome": outcome, "reasons": words()}
    if outcome is not SafetyOutcome.REMOVED:
        fields["review_on"] = date(2026, 8, 3)
    return ReviewSafetyWarning(**{**fields, **changes})


# proposing


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_a_warning_names_its_incident_with_its_day_and_stands_for_nobody_before_it_is_approved(landlord: str) -> None:
    road = proposed(landlord)
    (fact,) = road.world.facts(SafetyWarningProposed)
    assert (fact.warning, fact.incident, fact.incident_on) == ("safety-1", "incident-1", START)
    assert warning(road).state == "proposed"
    assert not warning(road).stands_on(START)


def test_it_rests_on_an_incident_of_this_case_and_on_this_customers_own_conduct() -> None:
    road = Road("wolverhampton").opened()
    assert road.world.rules(proposal(road, incident="incident-9")) == {"unknown_incident"}
    others = road.incident(conduct_of="person-2")
    assert road.world.rules(proposal(road, incident=others)) == {"one_person_one_decision"}


def test_it_expires_within_a_year_and_is_looked_at_before_that() -> None:
    road = Road("wolverhampton").opened()
    incident = road.incident()

    def refused(**dates: date) -> set[str]:
        return road.world.rules(proposal(road, incident=incident, **dates))

    assert refused(expires_on=date(2027, 3, 3)) == {"safety_warnings"}
    assert refused(review_on=LAST + timedelta(days=1)) == {"safety_warnings"}
    assert refused(review_on=START) == {"review_follows"}
    assert "end_before_start" in refused(expires_on=START - timedelta(days=1))
    road.world.do(proposal(road, incident=incident, expires_on=date(2027, 3, 2)))


def test_those_who_need_it_are_named_and_everybody_is_nobodys_name() -> None:
    road = Road("wolverhampton").opened()
    assert road.world.rules(proposal(road, audience=("everybody",))) == {"unknown_audience"}
    road.world.do(proposal(road, audience=("relevant_staff", "single_point_of_contact", "office_staff")))


def test_a_precaution_outside_the_list_is_described() -> None:
    road = Road("wolverhampton").opened()
    command = proposal(road, precautions=(Precaution.OTHER,))
    assert road.world.rules(command) == {"other_needs_words"}
    road.world.do(command.model_copy(update={"precaution_words": words()}))


def test_one_incident_carries_one_warning_at_a_time() -> None:
    road = proposed()
    again = proposal(road, incident="incident-1")
    assert road.world.rules(again) == {"safety_warnings"}
    road.world.do(DeclineSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    road.world.do(again)
    assert warning(road).id == "safety-2"


# the second person


@pytest.mark.parametrize("command", [ApproveSafetyWarning, DeclineSafetyWarning])
def test_the_author_gives_no_second_approval_whatever_post_they_hold(command: type[Any]) -> None:
    road = Road("wolverhampton").opened()
    road.world.do(proposal(road), by="duty_manager")
    fields = {"tells_person": True} if command is ApproveSafetyWarning else {"reasons": words()}
    (refusal,) = road.world.refused(command(warning="safety-1", **fields), by="duty_manager")
    assert (refusal.rule, refusal.clause) == ("safety_warnings", "baseline 14")


def test_the_second_person_is_a_duty_manager_or_decides_under_the_policy() -> None:
    road = proposed()
    command = ApproveSafetyWarning(warning="safety-1", tells_person=True)
    assert road.world.rules(command, by="customer_services") == {"post_held"}
    road.world.do(command, by=road.decider())
    assert warning(road).approved_by == staff("head_of_customer_experience")
    assert warning(road).stands_on(START)


def test_nobody_sets_the_second_person_aside_with_a_reason() -> None:
    road = Road("wolverhampton").opened()
    road.world.do(proposal(road), by="duty_manager")
    aside = OverrideRequest(rule="safety_warnings", reason=words())
    command = ApproveSafetyWarning(warning="safety-1", tells_person=True, overrides=(aside,))
    assert "cannot_be_overridden" in road.world.rules(command, by="duty_manager")


def test_the_customer_is_told_or_it_is_said_why_not() -> None:
    road = proposed()
    silent = ApproveSafetyWarning(warning="safety-1", tells_person=False)
    assert road.world.rules(silent, by="duty_manager") == {"safety_warnings"}
    both = ApproveSafetyWarning(warning="safety-1", tells_person=True, not_told_because=words())
    assert road.world.rules(both, by="duty_manager") == {"told_or_not"}
    road.world.do(silent.model_copy(update={"not_told_because": words()}), by="duty_manager")
    assert not warning(road).owes_telling(START)


def test_telling_the_customer_is_owed_until_it_is_done_once() -> None:
    road = standing()
    assert warning(road).owes_telling(START)
    assert "telling:safety-1" in open_obligations(road.world.case, START)
    told = TellPersonOfSafetyWarning(warning="safety-1")
    road.world.do(told)
    assert not warning(road).owes_telling(START)
    assert "telling:safety-1" not in open_obligations(road.world.case, START)
    assert road.world.rules(told) == {"already_told"}


def test_what_was_decided_is_not_decided_again() -> None:
    road = standing()
    again = ApproveSafetyWarning(warning="safety-1", tells_person=True)
    assert road.world.rules(again, by=road.decider()) == {"not_proposed"}
    declined = DeclineSafetyWarning(warning="safety-1", reasons=words())
    assert road.world.rules(declined, by=road.decider()) == {"not_proposed"}


def test_a_declined_warning_is_shown_and_given_to_nobody() -> None:
    road = proposed()
    road.world.do(DeclineSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    assert not warning(road).stands_on(START)
    inform = InformSafetyAudience(warning="safety-1", audience="visiting_staff")
    assert road.world.rules(inform) == {"safety_warning_stands"}


def test_an_approval_that_comes_after_its_last_day_approves_nothing() -> None:
    road = proposed()
    road.world.today = LAST + timedelta(days=1)
    command = ApproveSafetyWarning(warning="safety-1", tells_person=True)
    assert road.world.rules(command, by="duty_manager") == {"safety_warning_over"}


# those who need it


def test_only_those_who_were_named_are_given_it() -> None:
    road = standing()
    outside = InformSafetyAudience(warning="safety-1", audience="office_staff")
    assert road.world.rules(outside) == {"safety_warnings"}
    road.world.do(InformSafetyAudience(warning="safety-1", audience="visiting_staff"))
    assert [t.key for t in warning(road).others_told] == ["audience:visiting_staff"]


def test_a_marker_that_speaks_of_danger_stands_for_an_approved_warning_and_for_nothing_else() -> None:
    road = proposed()
    marker = PlaceAlert(restriction="safety-1", alert="potentially_violent_person")
    assert road.world.rules(marker) == {"safety_warnings"}
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    road.world.do(marker)
    assert [t.key for t in warning(road).others_told] == ["alert:potentially_violent_person"]
    restriction = road.restricted()
    on_a_restriction = PlaceAlert(restriction=restriction, alert="potentially_violent_person")
    assert road.world.rules(on_a_restriction) == {"safety_warnings"}


# looking again


def test_a_review_by_somebody_else_sets_the_next_one() -> None:
    road = standing()
    road.world.today = REVIEW
    road.world.do(reviewed(), by="duty_manager")
    assert (warning(road).review_on, warning(road).expires_on) == (date(2026, 8, 3), LAST)
    assert warning(road).reviewed_on == (REVIEW,)


def test_the_author_does_not_review_their_own_warning() -> None:
    road = Road("wolverhampton").opened()
    road.world.do(proposal(road), by="duty_manager")
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by=road.decider())
    road.world.wait(10)
    assert road.world.rules(reviewed(), by="duty_manager") == {"safety_warnings"}
    assert "post_held" in road.world.rules(reviewed(), by="case_officer")


def test_a_review_held_late_is_taken_down_as_late() -> None:
    road = standing()
    road.world.today = REVIEW + timedelta(days=20)
    road.world.do(reviewed(), by="duty_manager")
    assert warning(road).reviewed_on == (date(2026, 6, 21),)


def test_what_stands_has_a_next_review_within_its_term_and_a_new_term_within_a_year() -> None:
    road = standing()
    road.world.today = REVIEW
    without = reviewed(review_on=None)
    assert road.world.rules(without, by="duty_manager") == {"safety_warnings"}
    beyond = reviewed(review_on=LAST + timedelta(days=1))
    assert road.world.rules(beyond, by="duty_manager") == {"safety_warnings"}
    too_long = reviewed(expires_on=date(2027, 6, 2))
    assert road.world.rules(too_long, by="duty_manager") == {"safety_warnings"}
    road.world.do(reviewed(review_on=date(2026, 12, 1), expires_on=date(2027, 6, 1)), by="duty_manager")
    assert warning(road).expires_on == date(2027, 6, 1)


def test_a_changed_warning_says_what_changed_and_keeps_the_rest() -> None:
    road = standing()
    road.world.wait(30)
    nothing = reviewed(SafetyOutcome.CHANGED)
    assert road.world.rules(nothing, by="duty_manager") == {"outcome_of_the_review"}
    secretly = reviewed(SafetyOutcome.STANDS, precautions=(Precaution.NO_HOME_VISIT,))
    assert road.world.rules(secretly, by="duty_manager") == {"outcome_of_the_review"}
    road.world.do(reviewed(SafetyOutcome.CHANGED, precautions=(Precaution.NO_HOME_VISIT,)), by="duty_manager")
    assert warning(road).precautions == (Precaution.NO_HOME_VISIT,)
    assert warning(road).audience == ("visiting_staff", "repairs_contractors")


def test_new_words_for_a_precaution_take_the_place_of_the_old_ones() -> None:
    road = standing()
    road.world.wait(30)
    described = reviewed(SafetyOutcome.CHANGED, precautions=(Precaution.OTHER,))
    assert road.world.rules(described, by="duty_manager") == {"other_needs_words"}
    text = words("ring twice")
    road.world.do(described.model_copy(update={"precaution_words": text}), by="duty_manager")
    assert warning(road).precaution_words is text
    assert road.world.facts(SafetyWarningReviewed)[0].precaution_words is text


# the end


def test_it_is_over_after_its_last_day_whoever_forgot() -> None:
    road = standing()
    assert warning(road).stands_on(LAST)
    assert not warning(road).stands_on(LAST + timedelta(days=1))
    road.world.today = LAST + timedelta(days=1)
    commands: list[CaseCommand] = [
        reviewed(review_on=date(2026, 12, 1), expires_on=date(2027, 1, 1)),
        RemoveSafetyWarning(warning="safety-1", reasons=words()),
        TellPersonOfSafetyWarning(warning="safety-1"),
        InformSafetyAudience(warning="safety-1", audience="visiting_staff"),
    ]
    for command in commands:
        assert road.world.rules(command, by="duty_manager") == {"safety_warning_stands"}


@pytest.mark.parametrize("as_wrong", [False, True])
def test_it_can_be_removed_before_its_date_and_it_is_said_whether_it_was_ever_right(as_wrong: bool) -> None:
    road = standing()
    road.world.wait(40)
    command = RemoveSafetyWarning(warning="safety-1", reasons=words(), as_wrong=as_wrong)
    assert road.world.rules(command, by="case_officer") == {"post_held"}
    road.world.do(command, by="duty_manager")
    assert not warning(road).stands_on(road.world.today)
    assert warning(road).stands_on(road.world.today - timedelta(days=1))
    assert warning(road).as_wrong is as_wrong


def test_what_is_over_is_found_wrong_later_also_in_a_closed_case_and_people_are_told_that_too() -> None:
    road = standing()
    road.world.do(InformSafetyAudience(warning="safety-1", audience="visiting_staff"))
    road.world.today = LAST + timedelta(days=1)
    road.world.do(NotifyEnding(restriction="safety-1", audience="visiting_staff"))
    road.world.do(CloseCase())
    road.world.wait(9)
    wrong = RemoveSafetyWarning(warning="safety-1", reasons=words(), as_wrong=True)
    road.world.do(wrong, by="duty_manager")
    assert (warning(road).as_wrong, warning(road).stands_on(LAST)) == (True, True)  # it was heeded until then
    owed = "removal:safety-1:audience:visiting_staff"
    assert owed in open_obligations(road.world.case, road.world.today)
    road.world.do(NotifyEnding(restriction="safety-1", audience="visiting_staff"))
    assert owed not in open_obligations(road.world.case, road.world.today)
    assert road.world.rules(wrong, by="duty_manager") == {"already_withdrawn"}
    no_longer = RemoveSafetyWarning(warning="safety-1", reasons=words())
    assert road.world.rules(no_longer, by="duty_manager") == {"safety_warning_stands"}


def test_what_was_never_approved_is_declined_and_not_found_wrong() -> None:
    road = proposed()
    wrong = RemoveSafetyWarning(warning="safety-1", reasons=words(), as_wrong=True)
    assert road.world.rules(wrong, by="duty_manager") == {"safety_warning_stands"}


def test_what_was_removed_as_wrong_is_not_proposed_again_on_the_same_incident() -> None:
    road = standing()
    road.world.wait(40)
    road.world.do(RemoveSafetyWarning(warning="safety-1", reasons=words(), as_wrong=True), by="duty_manager")
    dates: dict[str, Any] = {"review_on": date(2026, 8, 3)}
    again = proposal(road, incident="incident-1", **dates)
    (refusal,) = road.world.refused(again)
    assert (refusal.rule, refusal.clause, refusal.field) == ("safety_warnings", "baseline 14", "incident")
    road.world.do(
        RecordIncident(contact="contact-1", happened_on=START, grounds=(road.ground(),), account=words())
    )  # the same call, taken down as an incident once more
    assert road.world.rules(proposal(road, incident="incident-2", **dates)) == {"safety_warnings"}
    road.world.do(proposal(road, **dates))
    assert warning(road).incident == "incident-3"


def test_what_was_removed_because_it_was_no_longer_needed_can_be_proposed_again() -> None:
    road = standing()
    road.world.wait(40)
    road.world.do(RemoveSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    road.world.do(proposal(road, incident="incident-1", review_on=date(2026, 8, 3)))


def test_a_second_warning_on_the_same_call_is_not_approved_once_the_first_was_found_wrong() -> None:
    road = standing()
    road.world.do(RecordIncident(contact="contact-1", happened_on=START, grounds=(road.ground(),), account=words()))
    road.world.do(proposal(road, incident="incident-2"))
    road.world.wait(1)
    road.world.do(RemoveSafetyWarning(warning="safety-1", reasons=words(), as_wrong=True), by="duty_manager")
    approve = ApproveSafetyWarning(warning="safety-2", tells_person=True)
    assert road.world.rules(approve, by="duty_manager") == {"safety_warnings"}


def test_a_review_that_removes_it_ends_it_that_day() -> None:
    road = standing()
    road.world.wait(40)
    road.world.do(reviewed(SafetyOutcome.REMOVED), by="duty_manager")
    assert warning(road).over_from == road.world.today
    assert not warning(road).stands_on(road.world.today)


def test_the_case_closes_once_it_is_over_and_undone_with_everybody_who_was_given_it() -> None:
    road = standing()
    road.world.do(InformSafetyAudience(warning="safety-1", audience="visiting_staff"))
    road.world.do(InformSafetyAudience(warning="safety-1", audience="repairs_contractors"))
    road.world.do(PlaceAlert(restriction="safety-1", alert="potentially_violent_person"))
    assert "safety_warning_stands" in road.world.rules(CloseCase())
    road.world.wait(1)
    road.world.do(RemoveSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    assert road.world.rules(CloseCase()) == {"ending_is_undone_everywhere"}
    road.world.do(NotifyEnding(restriction="safety-1", audience="visiting_staff"))
    for removal in ("audience:repairs_contractors", "alert:potentially_violent_person"):
        road.world.do(ConfirmRemoval(restriction="safety-1", removal=removal))
    twice = ConfirmRemoval(restriction="safety-1", removal="alert:potentially_violent_person")
    assert road.world.rules(twice) == {"already_confirmed"}
    failed = ReportRemovalFailed(restriction="safety-1", removal="alert:potentially_violent_person", detail=words())
    road.world.do(failed)
    assert road.world.rules(CloseCase()) == {"ending_is_undone_everywhere"}
    road.world.do(twice)
    road.world.do(CloseCase())
    assert road.world.case.stage == "closed"


def test_a_warning_that_waits_for_its_second_person_keeps_the_case_open() -> None:
    road = proposed()
    assert "safety_warning_stands" in road.world.rules(CloseCase())
    road.world.do(DeclineSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    road.world.do(CloseCase())


@pytest.mark.parametrize(
    "command",
    [
        ApproveSafetyWarning(warning="safety-9", tells_person=True),
        DeclineSafetyWarning(warning="safety-9", reasons=words()),
        TellPersonOfSafetyWarning(warning="safety-9"),
        InformSafetyAudience(warning="safety-9", audience="visiting_staff"),
        RemoveSafetyWarning(warning="safety-9", reasons=words()),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_warning_that_is_not_there_is_named_as_such(command: CaseCommand) -> None:
    assert proposed().world.rules(command, by="duty_manager") == {"unknown_safety_warning"}
