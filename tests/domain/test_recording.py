"""Taking down what happened: late, wrong or irregular as it was; refused is only what cannot have happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from domain.calendar import DeliveryMethod, start_of_day
from domain.codes import (
    Authority,
    Channel,
    DisclosureBasis,
    LegalStep,
    Mitigation,
    NoticeKind,
    OmbudsmanOutcome,
    Precaution,
    ReviewOutcome,
    Right,
    Triage,
)
from domain.decisions import COMMANDS, CaseCommand
from domain.decisions.allegations import RecordCounterAllegation
from domain.decisions.appeals import AcknowledgeAppeal, LodgeAppeal, WithdrawAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach, WithdrawBreach
from domain.decisions.changes import ChangeNamedContact, RaiseNewIssue
from domain.decisions.complaints import ConcludeComplaint, RecordOmbudsman, RecordOmbudsmanDetermination
from domain.decisions.completing import CompleteImport
from domain.decisions.disclosures import ConfirmDeletion, Disclose, EndDisclosure, RestrictionToShow
from domain.decisions.endings import ConfirmRemoval, LiftRestriction, RecordEnd, ReportRemovalFailed
from domain.decisions.filing import TriageFiledItem
from domain.decisions.importing import ImportRestriction
from domain.decisions.intake import (
    AttachEvidence,
    CorrectContact,
    DisputeContact,
    LinkComplaint,
    LogContact,
    OpenCase,
    RaiseConcern,
    RecordIncident,
    RecordIssueAnswered,
    ReferElsewhere,
    RequestPolicyCopy,
    SendPolicyCopy,
)
from domain.decisions.judgement import DecidingCommand
from domain.decisions.letters import DiscardLetter
from domain.decisions.notices import (
    BlockChannel,
    InformStaff,
    NotifyEnding,
    PlaceAlert,
    RecordReceipt,
    RecordReturn,
    SendNotice,
    SignNotice,
    TellByTelephone,
)
from domain.decisions.people import (
    AuthoriseRepresentative,
    EndRepresentative,
    EndTenancy,
    ReassignCase,
    RecordDeath,
    RecordHome,
    WithdrawDeath,
)
from domain.decisions.reviews import CompleteReview, RecordReviewFellDue, RequestReview
from domain.decisions.rights import ReceiveRightsRequest
from domain.decisions.safe_contact import EndSafeContact, InstructSafeContact
from domain.decisions.safety import (
    ApproveSafetyWarning,
    InformSafetyAudience,
    ProposeSafetyWarning,
    TellPersonOfSafetyWarning,
)
from domain.decisions.steps import (
    DeclineMeeting,
    EndAgreement,
    GiveSpokenWarning,
    HoldMeeting,
    MakeAgreement,
    OfferMediation,
    OfferMeeting,
)
from domain.decisions.support import (
    ConsiderEqualityDuty,
    ConsiderMitigation,
    DecideAdjustment,
    EndAdjustment,
    OfferSupport,
    RequestAdjustment,
)
from domain.decisions.urgent import (
    ConsiderLegalAction,
    HoldSeniorDiscussion,
    InformPolice,
    MakeActionPlan,
    TakeUrgentAction,
)
from domain.events import ContactLogged, RestrictionEnded, ReviewCompleted
from tests.domain.world import PERSON, Road, staff, words

# Recording commands that say their own date, or whose date nobody says.
# Those that touch a second case as well stand in tests of their own.
OF_TWO_CASES = {"merge-records", "move-entry", "unmerge-records"}

OF_THEIR_OWN_DATE = {
    "end-interaction",
    "keep-agreed-call",
    "miss-agreed-call",
    "record-end",
    "record-review-fell-due",
    "record-deadline-passed",
    "record-disclosure-end",
}
# Those that fall to one post only.
OF_ONE_POST = {"review-urgent-case"}


def furnished() -> Road:
    """A case at Wolverhampton in which something of every kind is there to take down more about.

    One restriction is over and not yet undone elsewhere, another is in force with a breach and an appeal.
    """
    road = Road("wolverhampton", today=date(2026, 2, 2))
    ended = road.restricted()
    road.world.do(PlaceAlert(restriction=ended, alert="housing_system"))
    road.world.do(InformStaff(restriction=ended, audience="relevant_staff"))
    shown = Disclose(
        partner="city_of_wolverhampton_council",
        basis=DisclosureBasis.PUBLIC_TASK,
        restrictions=(RestrictionToShow(restriction=ended),),
        reasons=words(),
    )
    road.world.do(shown, by="data_protection_officer")
    road.world.do(EndDisclosure(disclosure="disclosure-1"), by="data_protection_officer")
    road.world.do(BlockChannel(restriction=ended, system="email_gateway", channel=Channel.EMAIL))
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=ended, reasons=words()), by=road.decider())
    road.world.do(ConfirmRemoval(restriction=ended, removal="block:email_gateway:email"))
    road.world.wait(20)
    standing = road.restricted(road.measure(), road.measure("filed"))
    road.world.wait(1)
    road.contact(channel=Channel.LETTER, issue="issue-1", filed_under=f"{standing}.2")
    road.world.do(RecordBreach(contact=road.contact(), restriction=standing, measure=f"{standing}.1", account=words()))
    road.world.do(LodgeAppeal(against=standing, reasons=words()))
    road.world.do(OfferMeeting(detail=words()))
    road.world.do(MakeAgreement(terms=words(), review_on=date(2026, 12, 1)))
    for _ in range(2):
        road.world.do(RequestAdjustment(kind="formats", needs=words()))
    road.world.do(DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words()))
    road.world.do(RequestPolicyCopy())
    road.world.do(LinkComplaint(reference=words()))
    road.world.do(RecordOmbudsman(ombudsman="housing"))
    road.world.do(AuthoriseRepresentative(person="person-2", authority=Authority.WRITTEN))
    warning = ProposeSafetyWarning(
        incident="incident-1",
        precautions=(Precaution.TWO_STAFF,),
        audience=("visiting_staff",),
        review_on=date(2026, 6, 1),
        expires_on=date(2026, 9, 1),
        reasons=words(),
    )
    road.world.do(warning)
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    road.world.do(InstructSafeContact(methods=tuple(DeliveryMethod), words=words(), no_visits=True))
    road.prepared(NoticeKind.DECISION, standing)
    road.world.wait(10)
    return road


def recordings(road: Road) -> dict[str, CaseCommand]:
    """One command of every recording kind that a furnished case takes."""
    contact, last = road.world.case.contacts[-1].id, road.world.case.restrictions[-1].id
    notice, meeting = road.world.case.notices[-1].id, road.world.case.meetings[-1].id
    return {
        "acknowledge-appeal": AcknowledgeAppeal(appeal="appeal-1"),
        "authorise-representative": AuthoriseRepresentative(person="person-3", authority=Authority.ADVOCATE),
        "attach-evidence": AttachEvidence(of=contact, kind="call_recording", description=words()),
        "block-channel": BlockChannel(restriction=last, system="switchboard", channel=Channel.TELEPHONE),
        "change-named-contact": ChangeNamedContact(
            restriction=last, measure=f"{last}.1", contact_staff=(staff("staff"),)
        ),
        "confirm-removal": ConfirmRemoval(restriction="restriction-1", removal="alert:housing_system"),
        "confirm-deletion": ConfirmDeletion(disclosure="disclosure-1"),
        "conclude-complaint": ConcludeComplaint(complaint="complaint-1"),
        "consider-equality-duty": ConsiderEqualityDuty(conclusion=words()),
        "consider-legal-action": ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.NONE, reasons=words()),
        "consider-mitigation": ConsiderMitigation(considered=(Mitigation.HEALTH,), conclusion=words()),
        "correct-contact": CorrectContact(contact=contact, reason=words(), channel=Channel.EMAIL),
        "decide-adjustment": DecideAdjustment(adjustment="adjustment-2", agreed=False, reason=words()),
        "decline-meeting": DeclineMeeting(meeting=meeting),
        "discard-letter": DiscardLetter(letter="letter-1"),
        "dispute-contact": DisputeContact(contact=contact, statement=words()),
        "end-adjustment": EndAdjustment(adjustment="adjustment-1", reason=words()),
        "end-agreement": EndAgreement(agreement="agreement-1", reason=words()),
        "end-representative": EndRepresentative(representative="representative-1"),
        "end-safe-contact": EndSafeContact(instruction="safe-contact-1"),
        "end-tenancy": EndTenancy(),
        "give-spoken-warning": GiveSpokenWarning(contact=contact, words=words()),
        "hold-senior-discussion": HoldSeniorDiscussion(
            incident="incident-1", members=(staff("senior_management"),), outcome=words()
        ),
        "hold-meeting": HoldMeeting(meeting=meeting, notes=words()),
        "inform-police": InformPolice(incident="incident-1", detail=words()),
        "inform-safety-audience": InformSafetyAudience(warning="safety-1", audience="visiting_staff"),
        "inform-staff": InformStaff(restriction=last, audience="relevant_staff"),
        "instruct-safe-contact": InstructSafeContact(methods=(DeliveryMethod.BY_HAND,), words=words()),
        "link-complaint": LinkComplaint(reference=words()),
        "lodge-appeal": LodgeAppeal(against=last, reasons=words()),
        "log-contact": LogContact(channel=Channel.TELEPHONE, summary=words()),
        "make-action-plan": MakeActionPlan(
            incident="incident-1", owner=staff("staff"), review_on=date(2026, 12, 1), detail=words()
        ),
        "make-agreement": MakeAgreement(terms=words(), review_on=date(2026, 12, 1)),
        "notify-ending": NotifyEnding(restriction="restriction-1", audience="relevant_staff"),
        "offer-mediation": OfferMediation(detail=words()),
        "offer-meeting": OfferMeeting(detail=words()),
        "offer-support": OfferSupport(kind="advocacy", detail=words()),
        "open-case": OpenCase(person=PERSON, ordinal=2),
        "place-alert": PlaceAlert(restriction=last, alert="housing_system"),
        "raise-concern": RaiseConcern(summary=words()),
        "raise-new-issue": RaiseNewIssue(issue="issue-9", contact=contact, summary=words()),
        "reassign-case": ReassignCase(to=staff("staff"), reason=words()),
        "receive-rights-request": ReceiveRightsRequest(right=Right.ACCESS, detail=words()),
        "record-counter-allegation": RecordCounterAllegation(
            against=staff("staff"), routed_to="director", account=words()
        ),
        "record-home": RecordHome(household="household-1", home="home-1"),
        "record-incident": RecordIncident(happened_on=road.world.today, grounds=(road.ground(),), account=words()),
        "record-issue-answered": RecordIssueAnswered(issue="issue-1", next_steps=words()),
        "record-ombudsman": RecordOmbudsman(ombudsman="local_government"),
        "record-ombudsman-determination": RecordOmbudsmanDetermination(
            referral="referral-1", outcome=OmbudsmanOutcome.RESOLVED
        ),
        "record-receipt": RecordReceipt(notice=notice, received_on=road.world.today, how="signed_for"),
        "record-return": RecordReturn(notice=notice),
        "report-removal-failed": ReportRemovalFailed(
            restriction="restriction-1", removal="block:email_gateway:email", detail=words()
        ),
        "report-breach": ReportBreach(breach="breach-1"),
        "request-adjustment": RequestAdjustment(kind="formats", needs=words()),
        "request-policy-copy": RequestPolicyCopy(),
        "request-review": RequestReview(restriction=last, reasons=words()),
        "send-policy-copy": SendPolicyCopy(request="copy-1", method=DeliveryMethod.EMAIL),
        "sign-notice": SignNotice(kind=NoticeKind.DECISION, about=last),
        "tell-by-telephone": TellByTelephone(restriction=last, measures=(f"{last}.1",)),
        "triage-filed-item": TriageFiledItem(contact=road.world.case.filed[-1].contact, triage=Triage.FILED),
        "take-urgent-action": TakeUrgentAction(incident="incident-1", kind="risk_procedures", detail=words()),
        "tell-person-of-safety-warning": TellPersonOfSafetyWarning(warning="safety-1"),
        "withdraw-appeal": WithdrawAppeal(appeal="appeal-1", reasons=words()),
        "withdraw-breach": WithdrawBreach(breach="breach-1", reason=words()),
    }


NOT_HERE = OF_THEIR_OWN_DATE | OF_TWO_CASES | OF_ONE_POST
RECORDING = sorted(n for n, c in COMMANDS.items() if not issubclass(c, DecidingCommand) and n not in NOT_HERE)


def case_for(name: str) -> Road:
    """A case that takes this command; only Citizen's policy leaves some conduct to another one."""
    if name == "withdraw-death":
        road = furnished()
        road.world.do(RecordDeath(on=road.world.today - timedelta(days=2), detail=words()))
        return road
    if name == "complete-import":
        road = Road("maidstone").opened()
        brought = {"source": "register", "line": 2, "measures": ({"code": "single_contact"},)}
        road.world.do(ImportRestriction.model_validate({**brought, "starts_on": road.world.today}))
        road.world.wait(10)
        return road
    if name != "refer-elsewhere":
        return furnished()
    road = Road("citizen").opened()
    road.world.wait(10)
    return road


def command_for(name: str, road: Road) -> CaseCommand:
    """The command of that name, as this case takes it today."""
    if name == "refer-elsewhere":
        return ReferElsewhere(to=next(iter(road.policy.scope.excluded)), summary=words())
    if name == "complete-import":
        return CompleteImport(restriction="restriction-1", found_in=words(), household="household-1")
    if name == "record-death":
        return RecordDeath(detail=words())
    if name == "withdraw-death":
        return WithdrawDeath(reason=words())
    return recordings(road)[name]


@pytest.fixture(scope="module")
def furnished_case() -> Road:
    """One furnished case, to decide on and never to add to."""
    return furnished()


@pytest.mark.parametrize("name", RECORDING)
def test_what_happened_today_is_taken_down(name: str) -> None:
    road = case_for(name)
    road.world.do(command_for(name, road))
    assert road.world.history[-1].effective_on == road.world.today


@pytest.mark.parametrize("name", RECORDING)
def test_what_happened_yesterday_is_taken_down_for_yesterday(name: str) -> None:
    road = case_for(name)
    yesterday = road.world.today - timedelta(days=1)
    command = command_for(name, road)
    own_date = {"record-incident": "happened_on", "record-receipt": "received_on"}.get(name, "on")
    road.world.do(command.model_copy(update={own_date: yesterday}))
    event = road.world.history[-1]
    assert (event.effective_on, event.recorded_on) == (yesterday, road.world.today)
    assert event.effective_at == start_of_day(yesterday)


@pytest.mark.parametrize("name", RECORDING)
def test_what_lies_ahead_is_not_taken_down(name: str) -> None:
    road = case_for(name)
    tomorrow = road.world.today + timedelta(days=1)
    command = command_for(name, road).model_copy(update={"on": tomorrow})
    assert "not_in_the_future" in road.world.rules(command)


@pytest.mark.parametrize("name", RECORDING)
def test_nobody_without_a_post_takes_anything_down(name: str) -> None:
    road = case_for(name)
    assert "post_held" in road.world.rules(command_for(name, road), by="staff-stranger")


def test_a_contact_of_last_night_keeps_its_hour() -> None:
    road = Road("derby").opened()
    last_night = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)
    road.contact(happened_at=last_night)
    assert road.world.history[-1].effective_at == last_night
    assert road.world.facts(ContactLogged)[0].happened_on == date(2026, 3, 1)


def test_a_contact_has_one_date() -> None:
    road = Road("derby").opened()
    command = LogContact(
        channel=Channel.EMAIL,
        summary=words(),
        happened_on=date(2026, 3, 1),
        happened_at=datetime(2026, 2, 28, 12, tzinfo=UTC),
    )
    assert road.world.rules(command) == {"one_date"}


def test_a_contact_an_hour_from_now_has_not_happened() -> None:
    road = Road("derby").opened()
    ahead = LogContact(channel=Channel.EMAIL, summary=words(), happened_at=road.world.now + timedelta(hours=1))
    assert road.world.rules(ahead) == {"not_in_the_future"}


def test_a_contact_needs_no_more_than_its_channel_and_what_was_said() -> None:
    road = Road("derby").opened()
    road.world.do(LogContact(channel=Channel.TELEPHONE, summary=words()))
    (contact,) = road.world.case.contacts
    assert (contact.purpose, contact.issue, contact.happened_on) == (None, None, road.world.today)


@pytest.mark.parametrize("day", ["1949-12-31", "2100-01-01", "yesterday", 20260302, "0002-03-02"])
def test_a_date_of_no_time_of_ours_is_no_date(day: object) -> None:
    with pytest.raises(ValidationError):
        LogContact.model_validate({"channel": "telephone", "summary": "…", "happened_on": day})


@pytest.mark.parametrize("text", ["", "   ", "bell \x07", "x" * 1_000_000, "half a pair \ud800"])
def test_a_text_that_is_none_or_too_long_or_holds_control_characters_is_not_taken(text: str) -> None:
    with pytest.raises(ValidationError, match="summary"):
        LogContact.model_validate({"channel": "telephone", "summary": text})


# letters and reviews as they were


def test_a_letter_that_went_out_without_its_enclosure_is_taken_down_as_it_was() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    gone = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.FIRST_CLASS_POST,
        contents=("reasons",),
        sent_at=datetime(2026, 3, 6, 16, tzinfo=UTC),
    )
    road.world.wait(2)
    assert road.world.rules(gone)
    road.world.do(gone.model_copy(update={"already_sent": True}))
    (letter,) = road.world.case.notices_about(restriction)
    assert (letter.contents, letter.enclosures) == (("reasons",), ())
    assert (letter.sent_on, letter.deemed_on) == (date(2026, 3, 6), date(2026, 3, 10))


def test_even_a_letter_that_went_out_is_about_something_and_not_of_tomorrow() -> None:
    road = Road("wolverhampton")
    road.restricted()
    gone = SendNotice(
        kind=NoticeKind.DECISION,
        about="restriction-7",
        method=DeliveryMethod.EMAIL,
        contents=(),
        already_sent=True,
        sent_at=road.world.now + timedelta(minutes=1),
    )
    assert road.world.rules(gone) == {"unknown_subject", "not_in_the_future"}


def test_a_review_held_late_is_taken_down_on_the_day_it_was_held() -> None:
    road = Road("star")
    restriction = road.restricted(ends_on=date(2026, 12, 9), term_reason=words())
    road.world.today = date(2026, 10, 1)  # it was due on 9 September
    review = CompleteReview(
        restriction=restriction,
        cadence="status",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("still_needed", "still_fair"),
        on=date(2026, 9, 28),
    )
    road.world.do(review, by="head_of_service")
    (held,) = road.world.facts(ReviewCompleted)
    assert (held.due_on, held.held_on) == (date(2026, 9, 9), date(2026, 9, 28))
    assert [s.due_on for s in road.world.case.restrictions[0].missed_reviews(road.world.today)] == [date(2026, 9, 9)]


def test_the_end_of_a_term_is_taken_down_for_its_day_whenever_somebody_does() -> None:
    road = Road("maidstone")
    restriction = road.restricted()  # until 9 June 2026
    road.world.today = date(2026, 6, 9)
    assert road.world.rules(RecordEnd(restriction=restriction)) == {"not_over_yet"}
    road.world.today = date(2026, 9, 1)
    road.world.do(RecordEnd(restriction=restriction))
    assert road.world.history[-1].effective_on == date(2026, 6, 10)
    assert [f.last_day for f in road.world.facts(RestrictionEnded)] == [date(2026, 6, 9)]
    assert road.world.rules(RecordEnd(restriction=restriction)) == {"already_ended"}


# what cannot have happened

NOWHERE = "nothing-99"
UNKNOWN: list[tuple[CaseCommand, str]] = [
    (AttachEvidence(of=NOWHERE, kind="email", description=words()), "unknown_item"),
    (CorrectContact(contact=NOWHERE, reason=words()), "unknown_contact"),
    (DisputeContact(contact=NOWHERE, statement=words()), "unknown_contact"),
    (GiveSpokenWarning(contact=NOWHERE, words=words()), "unknown_contact"),
    (RaiseNewIssue(issue="issue-9", contact=NOWHERE, summary=words()), "unknown_contact"),
    (RecordBreach(contact=NOWHERE, restriction=NOWHERE, measure=NOWHERE, account=words()), "unknown_contact"),
    (RaiseConcern(summary=words(), incidents=(NOWHERE,)), "unknown_incident"),
    (ReportBreach(breach=NOWHERE), "unknown_breach"),
    (WithdrawBreach(breach=NOWHERE, reason=words()), "unknown_breach"),
    (DecideAdjustment(adjustment=NOWHERE, agreed=False, reason=words()), "unknown_adjustment"),
    (EndAdjustment(adjustment=NOWHERE, reason=words()), "adjustment_not_given"),
    (RequestAdjustment(kind=NOWHERE, needs=words()), "unknown_adjustment_kind"),
    (HoldMeeting(meeting=NOWHERE, notes=words()), "unknown_meeting"),
    (DeclineMeeting(meeting=NOWHERE), "unknown_meeting"),
    (OfferMeeting(explains=NOWHERE, detail=words()), "unknown_restriction"),
    (EndAgreement(agreement=NOWHERE, reason=words()), "unknown_agreement"),
    (SendPolicyCopy(request=NOWHERE, method=DeliveryMethod.EMAIL), "unknown_request"),
    (RecordReceipt(notice=NOWHERE, received_on=date(2026, 3, 2), how="seen"), "unknown_notice"),
    (RecordReturn(notice=NOWHERE), "unknown_notice"),
    (SignNotice(kind=NoticeKind.DECISION, about=NOWHERE), "unknown_subject"),
    (TellByTelephone(restriction=NOWHERE, measures=("m",)), "unknown_restriction"),
    (InformStaff(restriction=NOWHERE, audience="relevant_staff"), "unknown_restriction"),
    (PlaceAlert(restriction=NOWHERE, alert="housing_system"), "unknown_restriction"),
    (ConfirmRemoval(restriction=NOWHERE, removal="alert:housing_system"), "not_owed"),
    (ReportRemovalFailed(restriction=NOWHERE, removal="alert:housing_system", detail=words()), "not_confirmed"),
    (BlockChannel(restriction=NOWHERE, system="switchboard", channel=Channel.EMAIL), "unknown_restriction"),
    (TriageFiledItem(contact=NOWHERE, triage=Triage.FILED), "unknown_item"),
    (NotifyEnding(restriction=NOWHERE, audience="relevant_staff"), "unknown_restriction"),
    (ChangeNamedContact(restriction=NOWHERE, measure="m", contact_staff=("s",)), "unknown_restriction"),
    (RequestReview(restriction=NOWHERE, reasons=words()), "unknown_restriction"),
    (RecordReviewFellDue(restriction=NOWHERE, cadence="c", due_on=date(2026, 3, 2)), "unknown_restriction"),
    (RecordEnd(restriction=NOWHERE), "unknown_restriction"),
    (LodgeAppeal(against=NOWHERE, reasons=words()), "unknown_decision"),
    (AcknowledgeAppeal(appeal=NOWHERE), "unknown_appeal"),
    (ConcludeComplaint(complaint=NOWHERE), "unknown_complaint"),
    (RecordOmbudsman(ombudsman="housing", about=NOWHERE), "unknown_subject"),
    (RecordOmbudsmanDetermination(referral=NOWHERE, outcome=OmbudsmanOutcome.RESOLVED), "unknown_referral"),
    (WithdrawAppeal(appeal=NOWHERE), "unknown_appeal"),
    (ReferElsewhere(to=NOWHERE, summary=words()), "unknown_referral"),
]


@pytest.mark.parametrize(("command", "rule"), UNKNOWN, ids=lambda value: type(value).__name__)
def test_what_is_about_something_that_is_not_there_is_refused(
    command: CaseCommand, rule: str, furnished_case: Road
) -> None:
    assert rule in furnished_case.world.rules(command)


LONG_BEFORE = date(2025, 12, 1)
BEFORE_IT_BEGAN = [
    "acknowledge-appeal",
    "decide-adjustment",
    "decline-meeting",
    "end-agreement",
    "hold-meeting",
    "lodge-appeal",
    "record-return",
    "withdraw-appeal",
]


@pytest.mark.parametrize("name", BEFORE_IT_BEGAN)
def test_what_follows_on_something_did_not_happen_before_it(name: str, furnished_case: Road) -> None:
    command = recordings(furnished_case)[name].model_copy(update={"on": LONG_BEFORE})
    assert "end_before_start" in furnished_case.world.rules(command)


def test_an_incident_lies_in_the_past_on_grounds_that_the_policy_or_its_author_names(furnished_case: Road) -> None:
    road, tomorrow = furnished_case, furnished_case.world.today + timedelta(days=1)
    ahead = RecordIncident(happened_on=tomorrow, grounds=(road.ground(),), account=words())
    nameless = RecordIncident(happened_on=road.world.today, grounds=("nothing-like-it",), account=words())
    other = RecordIncident(happened_on=road.world.today, grounds=("other",), account=words())
    assert road.world.rules(ahead) == {"not_in_the_future"}
    assert road.world.rules(nameless) == {"unknown_ground"}
    assert road.world.rules(other) == {"other_needs_words", "other_needs_a_category"}


def test_an_agreement_is_looked_at_again_on_a_later_day(furnished_case: Road) -> None:
    same_day = MakeAgreement(terms=words(), review_on=furnished_case.world.today)
    assert furnished_case.world.rules(same_day) == {"review_follows"}
