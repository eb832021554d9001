"""Baseline 10: what is filed without an answer is read by somebody named within two working days, and triaged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.codes import Channel, Direction, NoticeKind, Purpose, ReviewOutcome, RoleCode, StaffId, Triage
from domain.decisions.changes import RaiseNewIssue
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.filing import TriageFiledItem
from domain.decisions.intake import ConfirmContact, CorrectContact, LogContact
from domain.decisions.reviews import CompleteReview
from domain.events import ContactFiled, FiledItemTriaged, NewIssueRaised
from domain.landlord import Absence
from tests.domain.saying import refusals
from tests.domain.world import Road, staff, words

READER = staff("case_officer")
FILED_UNDER = "restriction-1.1"
FILING = ["citizen", "maidstone", "wolverhampton", "star"]


def filing(landlord: str = "wolverhampton", **world: Any) -> Road:
    """What the customer writes about one matter is filed from 9 March 2026 on, a Monday; they were told today."""
    road = Road(landlord, **world)
    road.restricted(road.measure("filed"))
    return road


def letter(**changes: Any) -> LogContact:
    """A letter on the matter that was answered in full, to be filed."""
    fields: dict[str, Any] = {
        "channel": Channel.LETTER,
        "summary": words(),
        "purpose": Purpose.ENQUIRY,
        "issue": "issue-1",
        "filed_under": FILED_UNDER,
    }
    return LogContact(**{**fields, **changes})


def filed(road: Road, **changes: Any) -> str:
    """Such a letter is filed today; the contact's id."""
    road.world.do(letter(**changes))
    return road.world.case.contacts[-1].id


def away(road: Road, who: StaffId, from_on: date, until: date | None = None) -> None:
    """Somebody is absent from the one post that they hold."""
    (tenure,) = (t for t in road.world.landlord.tenures if t.staff == who)
    absence = Absence("absence-1", tenure.id, from_on, until)
    fields = {f: getattr(road.world.landlord, f) for f in ("id", "version", "demonstration", "tenures", "policies")}
    road.world.landlord = type(road.world.landlord)(**fields, absences=(absence,))


# filing


@pytest.mark.parametrize("landlord", FILING)
def test_a_letter_on_the_answered_matter_goes_to_its_reader_to_be_read_in_two_working_days(landlord: str) -> None:
    road = filing(landlord)
    contact = filed(road)
    (item,) = road.world.facts(ContactFiled)
    monday = road.world.today
    assert (item.contact, item.measure, item.reader) == (contact, FILED_UNDER, READER)
    assert (monday.weekday(), item.read_by_on) == (0, date(2026, 3, 11))
    assert road.world.case.contacts[-1].id == contact


def test_two_working_days_pass_over_easter() -> None:
    road = filing()
    road.world.today = date(2026, 4, 2)  # Maundy Thursday; Friday and Monday are bank holidays
    filed(road)
    assert road.world.facts(ContactFiled)[-1].read_by_on == date(2026, 4, 8)


def test_the_days_run_from_when_it_came_however_late_it_is_entered() -> None:
    road = filing()
    road.world.wait(7)
    filed(road, happened_on=date(2026, 3, 10))
    assert road.world.facts(ContactFiled)[-1].read_by_on == date(2026, 3, 12)


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.ENQUIRY}))
def test_what_always_gets_through_is_never_filed(purpose: Purpose) -> None:
    assert refusals(filing(), letter(purpose=purpose)) == {"some_contact_gets_through": "baseline 1"}


def test_what_nobody_knows_the_purpose_of_is_never_filed() -> None:
    assert refusals(filing(), letter(purpose=None)) == {"some_contact_gets_through": "baseline 1"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"issue": "issue-2"}, "goes_past_the_measure"),
        ({"issue": None}, "goes_past_the_measure"),
        ({"channel": Channel.TELEPHONE}, "cannot_be_filed"),
        ({"direction": Direction.OUTBOUND}, "cannot_be_filed"),
        ({"filed_under": "restriction-1.2"}, "unknown_measure"),
        ({"filed_under": "restriction-9.1"}, "unknown_measure"),
        ({"happened_on": date(2026, 3, 6)}, "unknown_measure"),
    ],
)
def test_only_what_the_customer_wrote_on_the_matter_once_they_were_told_is_filed(
    changes: dict[str, Any], rule: str
) -> None:
    road = filing()
    before = len(road.world.history)
    assert road.world.rules(letter(**changes)) == {rule}
    assert len(road.world.history) == before  # and so the contact is not taken down by halves


def test_no_other_measure_files_anything() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("single_contact"))
    assert road.world.rules(letter()) == {"unknown_measure"}


def test_after_the_end_nothing_is_filed() -> None:
    road = filing()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    assert road.world.rules(letter()) == {"unknown_measure"}


# filed as an answer said


def confirmed(road: Road, **changes: Any) -> ConfirmContact:
    """Such a letter, of which an answer said that it would be filed."""
    said = letter(filed_under=None, **changes).model_dump(exclude={"summary"})
    return ConfirmContact(**said, summary=words(), advised_in=road.world.case.id, advised=FILED_UNDER)


def test_what_an_answer_said_to_file_is_filed_for_its_reader() -> None:
    road = filing()
    road.world.do(confirmed(road))
    (item,) = road.world.facts(ContactFiled)
    assert (item.contact, item.measure, item.reader) == (road.world.case.contacts[-1].id, FILED_UNDER, READER)


def test_once_the_measure_has_ended_it_is_an_ordinary_contact() -> None:
    road = filing()
    command = confirmed(road, happened_on=road.world.today)
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    road.world.do(command)
    assert road.world.facts(ContactFiled) == []
    assert road.world.case.contacts[-1].channel is Channel.LETTER


@pytest.mark.parametrize("learnt", [{"purpose": Purpose.HAZARD}, {"issue": "issue-2"}, {"channel": Channel.TELEPHONE}])
def test_what_turned_out_to_be_something_else_than_was_asked_is_not_filed(learnt: dict[str, Any]) -> None:
    road = filing()
    road.world.do(confirmed(road, **learnt))
    assert road.world.facts(ContactFiled) == []


def test_a_measure_of_the_same_name_in_another_case_files_nothing() -> None:
    road = filing()
    road.world.do(confirmed(road).model_copy(update={"advised_in": "another-case"}))
    assert road.world.facts(ContactFiled) == []


# reading


def test_the_reader_says_what_is_in_it_once() -> None:
    road = filing()
    contact = filed(road)
    road.world.wait(1)
    read = TriageFiledItem(contact=contact, triage=Triage.NEW_INFORMATION, notes=words())
    road.world.do(read)
    (triaged,) = road.world.facts(FiledItemTriaged)
    assert (triaged.triage, triaged.triaged_on) == (Triage.NEW_INFORMATION, date(2026, 3, 10))
    assert road.world.case.unread() == ()
    assert road.world.rules(read) == {"already_triaged"}


def test_what_was_never_filed_cannot_be_triaged() -> None:
    road = filing()
    answered = road.contact(issue="issue-1")
    assert road.world.rules(TriageFiledItem(contact=answered, triage=Triage.FILED)) == {"unknown_item"}
    assert road.world.rules(TriageFiledItem(contact="contact-99", triage=Triage.FILED)) == {"unknown_item"}


def test_nothing_is_read_before_it_came() -> None:
    road = filing()
    contact = filed(road)
    early = TriageFiledItem(contact=contact, triage=Triage.FILED, on=date(2026, 3, 6))
    assert road.world.rules(early) == {"end_before_start"}


def test_while_the_reader_is_there_nobody_else_reads_for_them() -> None:
    road = filing()
    contact = filed(road)
    road.world.appoint(StaffId("staff-second"), "case_officer")
    read = TriageFiledItem(contact=contact, triage=Triage.FILED)
    assert refusals(road, read, by="staff-second") == {"filed_is_still_read": "baseline 10"}
    (told,) = (violation.asks for violation in road.world.refused(read, by="staff-second"))
    assert READER not in told
    assert told.startswith(f"{contact} is for the ")
    assert "who was named as its reader" in told
    road.world.do(read, by=READER)


def test_while_the_reader_is_away_a_deputy_or_a_case_officer_reads() -> None:
    road = filing_for("single_point_of_contact")
    contact = filed(road)
    read = TriageFiledItem(contact=contact, triage=Triage.FILED)
    away(road, staff("single_point_of_contact"), date(2026, 3, 9))
    assert refusals(road, read, by="head_of_customer_experience") == {"filed_is_still_read": "baseline 10"}
    road.world.do(read, by="case_officer")


def test_a_deputy_in_the_readers_post_reads_while_the_reader_is_away_and_no_longer() -> None:
    road = filing_for("single_point_of_contact")
    first, second = filed(road), filed(road)
    appoint_deputy(road, "staff-deputy", "single_point_of_contact")
    away(road, staff("single_point_of_contact"), date(2026, 3, 9), date(2026, 3, 10))
    road.world.do(TriageFiledItem(contact=first, triage=Triage.FILED), by="staff-deputy")
    road.world.wait(2)
    back = TriageFiledItem(contact=second, triage=Triage.FILED)
    assert refusals(road, back, by="staff-deputy") == {"filed_is_still_read": "baseline 10"}


def test_for_a_reader_who_has_left_a_case_officer_reads() -> None:
    road = filing_for("single_point_of_contact")
    contact = filed(road)
    (post,) = (t for t in road.world.landlord.tenures if t.staff == staff("single_point_of_contact"))
    ended = tuple(t for t in road.world.landlord.tenures if t is not post)
    landlord = road.world.landlord
    road.world.landlord = type(landlord)(landlord.id, landlord.version, landlord.demonstration, ended)
    road.world.do(TriageFiledItem(contact=contact, triage=Triage.FILED), by="case_officer")


def filing_for(role: str) -> Road:
    """The same, and somebody else than a case officer reads."""
    road = Road("wolverhampton")
    road.restricted(road.measure("filed", reader=staff(role)))
    return road


def appoint_deputy(road: Road, who: str, role: str) -> None:
    """Somebody stands in for the holders of a post."""
    road.world.appoint(StaffId(who), role)
    *others, own = road.world.landlord.tenures
    landlord = road.world.landlord
    deputy = type(own)(own.id, RoleCode(role), StaffId(who), own.starts_on, None, None, deputy=True)
    road.world.landlord = type(landlord)(landlord.id, landlord.version, tenures=(*others, deputy))


def test_what_turns_out_to_be_protected_is_not_merely_filed() -> None:
    road = filing()
    contact = filed(road)
    road.world.do(CorrectContact(contact=contact, purpose=Purpose.HAZARD, reason=words()))
    merely = TriageFiledItem(contact=contact, triage=Triage.FILED)
    assert refusals(road, merely) == {"some_contact_gets_through": "baseline 1"}
    road.world.do(merely.model_copy(update={"triage": Triage.SAFEGUARDING}))


# a new issue


def test_a_new_issue_in_a_filed_letter_prompts_the_look_that_maidstone_asks_for() -> None:
    road = filing("maidstone")
    contact = filed(road)
    road.world.wait(1)
    found = TriageFiledItem(contact=contact, triage=Triage.NEW_ISSUE, issue="damp", summary=words())
    road.world.do(found)
    (raised,) = road.world.facts(NewIssueRaised)
    assert (raised.issue, raised.contact, raised.raised_on) == ("damp", contact, date(2026, 3, 10))
    assert [(r.cadence, r.due_on, r.clause) for r in raised.reviews] == [("new_issue", date(2026, 3, 10), "7.3")]
    owed = [r.cadence for r in road.world.case.restrictions[0].pending_reviews()]
    assert owed[0] == "new_issue"
    look = CompleteReview(
        restriction="restriction-1",
        cadence="new_issue",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("still_appropriate",),
    )
    road.world.do(look, by="head_of_policy")
    assert "new_issue" not in [r.cadence for r in road.world.case.restrictions[0].pending_reviews()]


def test_a_new_issue_is_named_and_told_and_raised_once() -> None:
    road = filing("maidstone")
    contact, other = filed(road), filed(road)
    nameless = TriageFiledItem(contact=contact, triage=Triage.NEW_ISSUE)
    assert road.world.rules(nameless) == {"issue_needed", "summary_needed"}
    named_for_nothing = TriageFiledItem(contact=contact, triage=Triage.FILED, issue="damp")
    assert road.world.rules(named_for_nothing) == {"issue_not_needed"}
    (told_for_nothing,) = road.world.refused(TriageFiledItem(contact=contact, triage=Triage.FILED, summary=words()))
    assert (told_for_nothing.rule, told_for_nothing.field) == ("issue_not_needed", "summary")
    assert "notes: leave this out, or triage it as new_issue with an issue and a summary" in told_for_nothing.asks
    road.world.do(TriageFiledItem(contact=contact, triage=Triage.NEW_ISSUE, issue="damp", summary=words()))
    again = TriageFiledItem(contact=other, triage=Triage.NEW_ISSUE, issue="damp", summary=words())
    assert road.world.rules(again) == {"already_raised"}
    assert road.world.rules(RaiseNewIssue(issue="damp", contact=other, summary=words())) == {"already_raised"}


# closing


def test_a_case_with_something_unread_in_it_stays_open() -> None:
    road = filing()
    contact = filed(road)
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, "restriction-1")
    assert refusals(road, CloseCase()) == {"filed_is_still_read": "baseline 10"}
    road.world.do(TriageFiledItem(contact=contact, triage=Triage.FILED))
    road.world.do(CloseCase())
