"""STAR Housing: checks by a senior manager, a decision given away, an adjustment, six months and then three.

Theodora Winslade is restricted today, under what an appeal left of it. Ambrose Kettering was for three months, by the
Managing Director's own decision. Everything lies after the policy took effect, at the end of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from application.demonstrations.story import (
    APPEAL_OUTCOME_SAYS,
    DECISION_SAYS,
    ENDING_SAYS,
    EXTENSION_SAYS,
    WARNING_SAYS,
    Colleague,
    Customer,
    Diary,
    Point,
    Step,
    Story,
    always_on_duty,
    in_order,
    on_duty,
    partners_system,
)
from application.demonstrations.unfinished import waiting
from domain.codes import PointKind
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach
from domain.decisions.changes import ExtendRestriction
from domain.decisions.disclosures import ConfirmDeletion, Disclose, RecordDisclosureEnd, RestrictionToShow
from domain.decisions.endings import CloseCase, ConfirmRemoval, RecordEnd
from domain.decisions.intake import AttachEvidence, LinkComplaint, LogContact, RaiseConcern, RecordIncident
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import InformPartner, NotifyEnding, PlaceAlert, SendNotice, SignNotice
from domain.decisions.proposals import ConfirmCheck, DelegateDecision, ProposeRestriction
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.steps import HoldMeeting, IssueWarning, OfferMeeting
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, RequestAdjustment

# fmt: off
# A step reads as a sentence; the formatter would give every word of it a line.

STAFF = (
    Colleague(login="gwilym.castor", name="Gwilym Castor", role="administrator"),
    Colleague(login="amara.fielding", name="Amara Fielding", role="staff"),
    Colleague(login="hector.lyle", name="Hector Lyle", role="customer_experience_manager"),
    Colleague(login="saskia.brand", name="Saskia Brand", role="senior_manager"),
    Colleague(login="oluwaseun.day", name="Oluwaseun Day", role="head_of_service"),
    Colleague(login="verity.stanmore", name="Verity Stanmore", role="senior_management"),
    Colleague(login="piers.navarro", name="Piers Navarro", role="senior_management"),
    Colleague(login="judith.ashcombe", name="Judith Ashcombe", role="managing_director"),
    *on_duty(("noor.hadley", "Noor Hadley"), ("clement.voss", "Clement Voss")),
)

POINTS = (
    always_on_duty("01632 960500"),
    Point(of=PointKind.STAFF, code="hector.lyle", telephone="07700 900501", messages_to="staff"),
    Point(of=PointKind.ROLE, code="customer_experience_manager", telephone="01632 960502", messages_to="staff"),
)

PARTNERS = (
    partners_system("council_contact_centres", "The council's contact centres", "shropshire_council_contact_centres"),
)

CUSTOMERS = (
    Customer(
        alias="winslade", reference="STAR-55120", name="Theodora Winslade", address="19 Mill Race, Corvedale",
        telephone="01632 960120", email="t.winslade@example.org", household="household-mill-race-19",
    ),
    Customer(
        alias="kettering", reference="STAR-55467", name="Ambrose Kettering", address="7 Saddlers Yard, Corvedale",
        telephone="01632 960467", household="household-saddlers-yard-7",
    ),
    Customer(
        alias="brockley", reference="STAR-55803", name="Lemuel Brockley", address="31 Mill Race, Corvedale",
    ),
)


def story(today: date) -> Story:
    """The story as it stands on the morning of a day."""
    diary = Diary(today)
    chapters = _winslade(diary), _kettering(diary), _brockley(diary)
    return Story("star", today, STAFF, CUSTOMERS, in_order(*chapters), POINTS, PARTNERS)


def _winslade(diary: Diary) -> Iterator[Step]:
    """A complaint about a gas engineer that was answered, and answered again."""
    who = "winslade"
    decided = diary.ago("7 months")
    warned = diary.before(decided, 24)
    insulted = diary.before(warned, 3)
    again = diary.after(warned, 13)

    yield Step("winslade-writes", who, diary.before(insulted, 8), "09:00", "amara.fielding", LogContact(
        channel="email", purpose="enquiry", issue="gas-engineer",
        summary="Not content with the answer to her complaint.",
    ))
    yield Step("winslade-insults", who, insulted, "16:00", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="gas-engineer", summary="Sixth call this week; insults Amara.",
    ))
    yield Step("winslade-complaint", who, insulted, "16:10", "amara.fielding", LinkComplaint(
        reference="Complaint about the gas engineer's visit, second stage.",
        concluded_on=diary.before(insulted, 15), outcome_sent_on=diary.before(insulted, 15),
    ))
    yield Step("winslade-incident", who, insulted, "16:20", "amara.fielding", RecordIncident(
        contact="step:winslade-insults", happened_on=insulted, issue="gas-engineer",
        complaint="step:winslade-complaint", grounds=("persistent_or_vexatious", "offensive_remarks"),
        account="Six calls in a week about a complaint that is concluded, the last with insults.",
    ))
    yield Step("winslade-concern", who, insulted, "16:40", "amara.fielding", RaiseConcern(
        to="senior_manager", incidents=("step:winslade-incident",), summary="Told Saskia Brand how the calls go.",
    ))
    yield Step("winslade-warned", who, warned, "10:00", "saskia.brand", IssueWarning(
        incidents=("step:winslade-incident",), behaviour="Many calls on a concluded complaint, and insults.",
        change_asked="To put in writing what is new, and to leave insults out.",
        consequences="If it goes on, contact may be limited to one way.",
    ))
    yield Step("winslade-warning-letter", who, warned, "10:30", "saskia.brand", SendNotice(
        kind="warning", about="step:winslade-warned", method="first_class_post",
        contents=(*WARNING_SAYS, "why_unreasonable"),
    ))
    yield Step("winslade-meeting-offered", who, warned, "10:45", "saskia.brand", OfferMeeting(
        detail="With Saskia Brand and, if she likes, an advocate.",
    ))
    yield Step("winslade-meeting-held", who, diary.after(warned, 8), "14:00", "saskia.brand", HoldMeeting(
        meeting="step:winslade-meeting-offered", notes="She came with her niece. Letters are hard to read for her now.",
    ))
    yield Step("winslade-large-print", who, diary.after(warned, 8), "15:00", "saskia.brand", RequestAdjustment(
        kind="large_print", needs="Her eyesight is going; e-mail on a large screen or print of eighteen points.",
    ))
    yield Step("winslade-insults-again", who, again, "11:30", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="gas-engineer", summary="Fifth call in two days, with insults.",
    ))
    yield Step("winslade-incident-again", who, again, "11:45", "amara.fielding", RecordIncident(
        contact="step:winslade-insults-again", happened_on=again, issue="gas-engineer",
        complaint="step:winslade-complaint", grounds=("persistent_or_vexatious", "offensive_remarks"),
        account="Five calls in two days, and the same insults.",
    ))
    yield Step("winslade-recording", who, again, "12:00", "amara.fielding", AttachEvidence(
        of="step:winslade-incident-again", kind="recording", description="The last of the five calls.",
    ))
    yield Step("winslade-large-print-agreed", who, diary.before(decided, 8), "09:00", "saskia.brand", DecideAdjustment(
        adjustment="step:winslade-large-print", agreed=True, reason="Easily done.",
        instruction="Write in eighteen points, on paper and in e-mails.",
    ))
    yield Step("winslade-circumstances", who, diary.before(decided, 7), "10:00", "saskia.brand", ConsiderMitigation(
        considered=("disability", "distress"), conclusion="Her eyesight frightens her; the sight centre was offered.",
    ))
    yield Step("winslade-proposed", who, diary.before(decided, 6), "11:00", "oluwaseun.day", ProposeRestriction(
        incidents=("step:winslade-incident-again",), measures=("one_channel", "update_limit"),
        reasons="E-mail in large letters works for her; the calls help nobody.",
    ))
    checked = diary.before(decided, 4)
    yield Step("winslade-is-justified", who, checked, "09:00", "saskia.brand", ConfirmCheck(
        proposal="step:winslade-proposed", check="justified_and_proportionate", answer="yes",
    ))
    yield Step("winslade-was-investigated", who, checked, "09:05", "saskia.brand", ConfirmCheck(
        proposal="step:winslade-proposed", check="investigated", answer="yes",
    ))
    yield Step("winslade-brings-nothing-new", who, checked, "09:10", "saskia.brand", ConfirmCheck(
        proposal="step:winslade-proposed", check="nothing_new", answer="yes",
    ))
    yield Step("winslade-circumstances-weighed", who, checked, "09:15", "saskia.brand", ConfirmCheck(
        proposal="step:winslade-proposed", check="circumstances", answer="yes",
    ))
    yield Step("winslade-decision-given", who, diary.before(decided, 2), "12:00", "judith.ashcombe", DelegateDecision(
        proposal="step:winslade-proposed", to="staff:verity.stanmore", until=decided, reason="Away until next week.",
    ))
    yield Step("winslade-restricted", who, decided, "09:30", "verity.stanmore", ApplyRestriction(
        proposal="step:winslade-proposed",
        measures=(
            MeasureRequest(code="one_channel", open=("email",), reason="In large letters it is what she reads best."),
            MeasureRequest(code="update_limit", count=1, per="1 month", reason="Nothing changes from week to week."),
        ),
        behaviour="Many calls on a concluded complaint, with insults.",
        proportionality="E-mail was tried with her and her niece, and she can use it.", channels_usable="yes",
    ))
    yield Step("winslade-letter-signed", who, decided, "10:00", "verity.stanmore", SignNotice(
        kind="decision", about="step:winslade-restricted",
    ))
    yield Step("winslade-decision-letter", who, decided, "14:00", "amara.fielding", SendNotice(
        notice="step:winslade-letter-signed", kind="decision", about="step:winslade-restricted",
        method="first_class_post", contents=(*DECISION_SAYS, "how_long", "why"),
    ))
    yield Step("winslade-alert", who, decided, "14:10", "amara.fielding", PlaceAlert(
        restriction="step:winslade-restricted", alert="housing_system",
    ))
    yield Step("winslade-partner-told", who, decided, "14:20", "hector.lyle", InformPartner(
        restriction="step:winslade-restricted", audience="partners", partner="shropshire_council_contact_centres",
        basis="She rings the council's contact centre too, and should hear the same there.",
    ))
    yield Step("winslade-partner-shown", who, decided, "14:40", "verity.stanmore", Disclose(
        partner="shropshire_council_contact_centres", basis="public_task",
        restrictions=(RestrictionToShow(restriction="step:winslade-restricted"),),
        reasons="She rings the contact centre too, and is given the same update there; no more of the case is needed.",
    ))
    appealed = diary.after(decided, 10)
    yield Step("winslade-appeals", who, appealed, "10:00", "hector.lyle", LodgeAppeal(
        against="step:winslade-restricted", about="measures", reasons="One update a month is too few for her.",
    ))
    yield Step("winslade-appeal-given", who, diary.after(appealed, 1), "09:00", "hector.lyle", AppointAppealReviewer(
        appeal="step:winslade-appeals", reviewer="staff:piers.navarro",
    ))
    rang = diary.after(appealed, 5)
    yield Step("winslade-rings", who, rang, "15:00", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="gas-engineer", summary="Rings about the engineer.",
    ))
    yield Step("winslade-breach", who, rang, "15:10", "amara.fielding", RecordBreach(
        contact="step:winslade-rings", restriction="step:winslade-restricted", measure="step:winslade-restricted.1",
        account="A call, for which e-mail was left open.",
    ))
    yield Step("winslade-breach-reported", who, rang, "15:20", "amara.fielding", ReportBreach(
        breach="step:winslade-breach",
    ))
    heard = diary.after(appealed, 15)
    yield Step("winslade-appeal-decided", who, heard, "11:00", "piers.navarro", DetermineAppeal(
        appeal="step:winslade-appeals", outcome="varied", reasons="Twice a month is no burden, and calms her.",
        measures=(
            MeasureRequest(code="one_channel", open=("email",), reason="In large letters it is what she reads best."),
            MeasureRequest(code="update_limit", count=2, per="1 month", reason="Every other week, as she asked."),
        ),
    ))
    yield Step("winslade-appeal-letter", who, heard, "12:00", "piers.navarro", SendNotice(
        kind="appeal_outcome", about="step:winslade-appeal-decided", method="email",
        contents=(*APPEAL_OUTCOME_SAYS, "outcome", "adjusted"),
    ))
    # What it was shown is no part of it any more, and what was decided instead is not shown by itself.
    yield Step("winslade-partner-sees-no-more", who, heard, "12:20", "hector.lyle", RecordDisclosureEnd(
        disclosure="step:winslade-partner-shown",
    ))
    yield Step("winslade-partner-shown-again", who, heard, "12:30", "verity.stanmore", Disclose(
        partner="shropshire_council_contact_centres", basis="public_task",
        restrictions=(RestrictionToShow(restriction="step:winslade-restricted"),),
        reasons="So that the contact centre gives her the second update of the month as well.",
    ))
    yield Step("winslade-partner-deleted", who, diary.after(heard, 1), "08:30", "council_contact_centres",
        ConfirmDeletion(disclosure="step:winslade-partner-shown"),
    )
    reviewed = diary.before(diary.on_time(decided, "6 months"), 6)
    relapse = diary.before(reviewed, 15)
    yield Step("winslade-insults-once-more", who, relapse, "13:00", "amara.fielding", LogContact(
        channel="email", purpose="enquiry", issue="gas-engineer",
        summary="Her e-mail of the fortnight, full of insults.",
    ))
    yield Step("winslade-incident-once-more", who, relapse, "13:10", "amara.fielding", RecordIncident(
        contact="step:winslade-insults-once-more", happened_on=relapse, issue="gas-engineer",
        grounds=("offensive_remarks",), account="Insults against the engineer and his family.",
    ))
    yield Step("winslade-review", who, reviewed, "10:00", "saskia.brand", CompleteReview(
        restriction="step:winslade-restricted", cadence="status", outcome="extended",
        answers=("still_needed", "still_fair"), assessment="Less of it, and still insults. Three months more.",
    ))
    considered = diary.after(reviewed, 1)
    yield Step("winslade-circumstances-again", who, considered, "10:00", "saskia.brand", ConsiderMitigation(
        considered=("disability", "distress"),
        conclusion="Her eyes are no better; the sight centre reads her letters to her now, and it does her good.",
    ))
    yield Step("winslade-extended", who, diary.after(reviewed, 2), "11:00", "judith.ashcombe", ExtendRestriction(
        restriction="step:winslade-restricted", because_of="step:winslade-review",
        incidents=("step:winslade-incident-once-more",), ends_on=diary.end(decided, "9 months"),
        reasons="The insults have not stopped.", proportionality="Three months, with e-mail twice a month as before.",
        method="email", contents=EXTENSION_SAYS,
    ))


def _kettering(diary: Diary) -> Iterator[Step]:
    """Three months with one person to turn to, decided and signed by the Managing Director; over, undone, closed."""
    who = "kettering"
    decided = diary.ago("5 months")
    warned = diary.before(decided, 18)
    shouted = diary.before(warned, 2)
    again = diary.after(warned, 7)
    checked = diary.before(decided, 2)
    over = diary.after(diary.end(decided, "3 months"), 1)

    yield Step("kettering-rings", who, diary.before(shouted, 4), "09:50", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="garage", summary="Asks for the garage beside his own.",
    ))
    yield Step("kettering-shouts", who, shouted, "10:00", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="garage", summary="Shouts; call ended after a warning.",
    ))
    yield Step("kettering-incident", who, shouted, "10:10", "amara.fielding", RecordIncident(
        contact="step:kettering-shouts", happened_on=shouted, grounds=("shouting",), account="Shouted at Amara.",
    ))
    yield Step("kettering-warned", who, warned, "09:00", "saskia.brand", IssueWarning(
        incidents=("step:kettering-incident",), behaviour="Shouting on the telephone.",
        change_asked="To speak calmly.", consequences="If it goes on, contact may be limited.",
    ))
    yield Step("kettering-warning-letter", who, warned, "09:20", "saskia.brand", SendNotice(
        kind="warning", about="step:kettering-warned", method="by_hand", contents=(*WARNING_SAYS, "why_unreasonable"),
    ))
    yield Step("kettering-shouts-again", who, again, "14:00", "amara.fielding", LogContact(
        channel="telephone", purpose="enquiry", issue="garage", summary="Shouts again, and swears.",
    ))
    yield Step("kettering-incident-again", who, again, "14:10", "amara.fielding", RecordIncident(
        contact="step:kettering-shouts-again", happened_on=again, grounds=("shouting", "swearing"),
        account="Shouted and swore at Amara.",
    ))
    yield Step("kettering-recording", who, again, "14:20", "amara.fielding", AttachEvidence(
        of="step:kettering-incident-again", kind="recording", description="The call.",
    ))
    yield Step("kettering-circumstances", who, diary.before(decided, 4), "09:00", "saskia.brand", ConsiderMitigation(
        considered=("health",),
        conclusion="He is hard of hearing and does not notice how loud he is; swearing is another thing.",
    ))
    yield Step("kettering-proposed", who, diary.before(decided, 3), "10:00", "saskia.brand", ProposeRestriction(
        incidents=("step:kettering-incident-again",), measures=("single_contact",),
        reasons="Hector knows how to take him.",
    ))
    yield Step("kettering-is-justified", who, checked, "11:00", "oluwaseun.day", ConfirmCheck(
        proposal="step:kettering-proposed", check="justified_and_proportionate", answer="yes",
    ))
    yield Step("kettering-was-investigated", who, checked, "11:05", "oluwaseun.day", ConfirmCheck(
        proposal="step:kettering-proposed", check="investigated", answer="not_applicable",
        reason="There is no complaint; this is about conduct.",
    ))
    yield Step("kettering-brings-nothing-new", who, checked, "11:10", "oluwaseun.day", ConfirmCheck(
        proposal="step:kettering-proposed", check="nothing_new", answer="yes",
    ))
    yield Step("kettering-circumstances-weighed", who, checked, "11:15", "oluwaseun.day", ConfirmCheck(
        proposal="step:kettering-proposed", check="circumstances", answer="yes",
    ))
    yield Step("kettering-restricted", who, decided, "09:00", "judith.ashcombe", ApplyRestriction(
        proposal="step:kettering-proposed",
        measures=(MeasureRequest(
            code="single_contact", contact_staff=("staff:hector.lyle",), reason="One voice that he hears well.",
        ),),
        behaviour="Shouting and swearing.", proportionality="Nothing is closed; only who answers is settled.",
        channels_usable="yes", ends_on=diary.end(decided, "3 months"), term_reason="The garages are let anew by then.",
    ))
    yield Step("kettering-decision-letter", who, decided, "10:00", "judith.ashcombe", SendNotice(
        kind="decision", about="step:kettering-restricted", method="first_class_post",
        contents=(*DECISION_SAYS, "how_long", "why"),
    ))
    yield Step("kettering-alert", who, decided, "10:10", "amara.fielding", PlaceAlert(
        restriction="step:kettering-restricted", alert="housing_system",
    ))
    yield Step("kettering-partner-told", who, decided, "10:20", "hector.lyle", InformPartner(
        restriction="step:kettering-restricted", audience="partners", partner="shropshire_council_contact_centres",
        basis="So that the contact centre puts him through to Hector.",
    ))
    yield Step("kettering-partner-shown", who, decided, "10:30", "judith.ashcombe", Disclose(
        partner="shropshire_council_contact_centres", basis="public_task",
        restrictions=(RestrictionToShow(restriction="step:kettering-restricted"),),
        reasons="Whoever takes his call there has to know to put him through.",
    ))
    yield Step("kettering-over", who, over, "09:00", "hector.lyle", RecordEnd(restriction="step:kettering-restricted"))
    yield Step("kettering-ending-letter", who, over, "09:20", "judith.ashcombe", SendNotice(
        kind="ending", about="step:kettering-restricted", method="first_class_post", contents=ENDING_SAYS,
    ))
    yield Step("kettering-alert-off", who, over, "09:30", "amara.fielding", ConfirmRemoval(
        restriction="step:kettering-restricted", removal="alert:housing_system",
    ))
    yield Step("kettering-partner-told-it-is-over", who, over, "09:40", "hector.lyle", NotifyEnding(
        restriction="step:kettering-restricted", audience="partners", partner="shropshire_council_contact_centres",
    ))
    yield Step("kettering-partner-sees-no-more", who, over, "09:50", "hector.lyle", RecordDisclosureEnd(
        disclosure="step:kettering-partner-shown",
    ))
    yield Step("kettering-partner-deleted", who, diary.after(over, 2), "16:00", "hector.lyle", ConfirmDeletion(
        disclosure="step:kettering-partner-shown",
    ))
    yield Step("kettering-closed", who, diary.after(over, 3), "15:00", "hector.lyle", CloseCase(
        reasons="He has the garage; nothing is open.",
    ))


def _brockley(diary: Diary) -> Iterator[Step]:
    """What waits today: an adjustment that nobody answered, a policy to be sent, an agreement to be looked at."""
    return waiting(
        diary, "brockley", "amara.fielding", "hector.lyle",
        asks="Cannot follow the letter about his rent, and rings each morning.",
        needs="A friend from the day centre could read the letters with him.",
        agreed="Amara rings him on Wednesdays and goes through what came.",
    )
