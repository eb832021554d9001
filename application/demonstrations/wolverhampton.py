"""Wolverhampton Homes: a panel, a meeting that explains, an alert on NEC, the council told, reviews month by month.

Zebedee Amankwah is restricted today, with one officer who rings him on Tuesdays. Rosalind Quill was, until the Head of
Customer Experience found that she went about things better; everything that was set elsewhere has been undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from application.demonstrations.story import (
    DECISION_SAYS,
    ENDING_SAYS,
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
from domain.decisions.breaches import RecordBreach, ReportBreach
from domain.decisions.disclosures import ConfirmDeletion, Disclose, RecordDisclosureEnd, RestrictionToShow
from domain.decisions.endings import CloseCase, ConfirmRemoval
from domain.decisions.intake import AttachEvidence, LogContact, RecordIncident
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import InformPartner, InformStaff, NotifyEnding, PlaceAlert, SendNotice
from domain.decisions.proposals import ProposeRestriction, RecordPanelView
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import CompleteReview, RequestReview
from domain.decisions.steps import GiveSpokenWarning, HoldMeeting, IssueWarning, OfferMeeting
from domain.decisions.support import ConsiderMitigation, OfferSupport

# fmt: off
# A step reads as a sentence; the formatter would give every word of it a line.

STAFF = (
    Colleague(login="nerys.hallam", name="Nerys Hallam", role="administrator"),
    Colleague(login="jarek.dunmore", name="Jarek Dunmore", role="customer_services"),
    Colleague(login="bronwen.tate", name="Bronwen Tate", role="single_point_of_contact"),
    Colleague(login="kofi.lambert", name="Kofi Lambert", role="customer_experience_manager"),
    Colleague(login="sunita.vale", name="Sunita Vale", role="customer_experience_panel"),
    Colleague(login="edmund.brisco", name="Edmund Brisco", role="customer_experience_panel"),
    Colleague(login="thea.marlowe", name="Thea Marlowe", role="head_of_customer_experience"),
    Colleague(login="lucian.ford", name="Lucian Ford", role="director"),
    *on_duty(("agnes.thorley", "Agnes Thorley"), ("dario.whitlock", "Dario Whitlock")),
)

POINTS = (
    always_on_duty("01632 960600"),
    Point(of=PointKind.STAFF, code="bronwen.tate", telephone="07700 900601", messages_to="customer_services"),
    Point(of=PointKind.ROLE, code="single_point_of_contact", telephone="01632 960602", messages_to="customer_services"),
    Point(of=PointKind.ROLE, code="customer_services", telephone="01632 960603"),
)

PARTNERS = (partners_system("council_contact_centre", "The council's contact centre", "city_of_wolverhampton_council"),)

CUSTOMERS = (
    Customer(
        alias="amankwah", reference="WH-118305", name="Zebedee Amankwah", address="40 Locksmith Way, Pennhurst",
        telephone="01632 960305", household="household-locksmith-way-40",
    ),
    Customer(
        alias="quill", reference="WH-118944", name="Rosalind Quill", address="2 Glasshouse Mews, Pennhurst",
        telephone="01632 960944", household="household-glasshouse-mews-2",
    ),
    Customer(
        alias="hartnoll", reference="WH-119207", name="Cordelia Hartnoll", address="18 Glasshouse Mews, Pennhurst",
    ),
)


def story(today: date) -> Story:
    """The story as it stands on the morning of a day."""
    diary = Diary(today)
    chapters = _amankwah(diary), _quill(diary), _hartnoll(diary)
    return Story("wolverhampton", today, STAFF, CUSTOMERS, in_order(*chapters), POINTS, PARTNERS)


def _amankwah(diary: Diary) -> Iterator[Step]:
    """The new kitchen that is due next year, asked for twenty times a day."""
    who = "amankwah"
    decided = diary.ago("15 weeks")
    warned = diary.before(decided, 24)
    called = diary.before(warned, 2)
    again = diary.after(warned, 11)

    yield Step("amankwah-asks", who, diary.before(called, 8), "10:10", "jarek.dunmore", LogContact(
        channel="telephone", purpose="enquiry", issue="kitchen-programme",
        summary="Asks when his kitchen comes; told that his street is down for next year.",
    ))
    yield Step("amankwah-calls", who, called, "15:15", "jarek.dunmore", LogContact(
        channel="telephone", purpose="enquiry", issue="kitchen-programme",
        summary="Twentieth call today; swears at Jarek.",
    ))
    yield Step("amankwah-spoken-warning", who, called, "15:20", "jarek.dunmore", GiveSpokenWarning(
        contact="step:amankwah-calls", words="Asked him politely to stop swearing, or the call would have to end.",
    ))
    yield Step("amankwah-incident", who, called, "15:40", "jarek.dunmore", RecordIncident(
        contact="step:amankwah-calls", happened_on=called, issue="kitchen-programme",
        grounds=("many_calls", "shouting_or_swearing"), account="Twenty calls in a day, the last with swearing.",
        impact="One of four lines was taken all day.",
    ))
    yield Step("amankwah-call-list", who, called, "15:50", "jarek.dunmore", AttachEvidence(
        of="step:amankwah-incident", kind="call_list", description="The twenty calls and the recording of the last.",
    ))
    yield Step("amankwah-support", who, warned, "09:00", "kofi.lambert", OfferSupport(
        kind="support", issue="kitchen-programme", detail="A visit to look at the oven and the worktop meanwhile.",
    ))
    yield Step("amankwah-warned", who, warned, "09:30", "kofi.lambert", IssueWarning(
        incidents=("step:amankwah-incident",), behaviour="Twenty calls in a day, and swearing.",
        change_asked="One call a week, in a civil tone.", consequences="If it goes on, contact may be limited.",
    ))
    yield Step("amankwah-warning-letter", who, warned, "10:00", "kofi.lambert", SendNotice(
        kind="warning", about="step:amankwah-warned", method="first_class_post", contents=WARNING_SAYS,
    ))
    yield Step("amankwah-calls-again", who, again, "16:30", "jarek.dunmore", LogContact(
        channel="telephone", purpose="enquiry", issue="kitchen-programme", summary="Fourteenth call today.",
    ))
    yield Step("amankwah-incident-again", who, again, "16:45", "jarek.dunmore", RecordIncident(
        contact="step:amankwah-calls-again", happened_on=again, issue="kitchen-programme",
        grounds=("many_calls", "no_pause"), account="Fourteen calls, while the visit was being arranged.",
    ))
    yield Step("amankwah-circumstances", who, diary.before(decided, 6), "11:00", "kofi.lambert", ConsiderMitigation(
        considered=("distress", "language"),
        conclusion="He finds letters hard; whoever answers him should ring, and take time.",
    ))
    yield Step("amankwah-proposed", who, diary.before(decided, 5), "12:00", "kofi.lambert", ProposeRestriction(
        incidents=("step:amankwah-incident-again",), measures=("single_contact", "repeated_calls_ended"),
        reasons="One officer who rings him regularly serves him better than twenty calls.",
    ))
    yield Step("amankwah-panel", who, diary.before(decided, 3), "14:00", "sunita.vale", RecordPanelView(
        proposal="step:amankwah-proposed", view="supports", members=("staff:sunita.vale", "staff:edmund.brisco"),
        reasons="Agreed, as long as the agreed calls are really made.",
    ))
    yield Step("amankwah-restricted", who, decided, "10:00", "thea.marlowe", ApplyRestriction(
        proposal="step:amankwah-proposed",
        measures=(
            MeasureRequest(
                code="single_contact", contact_staff=("staff:bronwen.tate",), slots=("tuesday 10:00",),
                review_every="1 month", reason="Bronwen takes time, and he knows when she rings.",
            ),
            MeasureRequest(
                code="repeated_calls_ended", issue="kitchen-programme", reason="The date is known and will not change.",
            ),
        ),
        behaviour="Many calls a day about a date that is known.",
        proportionality="Every way stays open; he gains a call each week.",
        impact="Other customers waited twenty minutes and more.", channels_usable="yes",
    ))
    yield Step("amankwah-meeting-offered", who, decided, "11:00", "thea.marlowe", OfferMeeting(
        explains="step:amankwah-restricted", detail="At his home, with Bronwen, and an interpreter if he likes.",
    ))
    met = diary.after(decided, 3)
    yield Step("amankwah-meeting-held", who, met, "14:00", "bronwen.tate", HoldMeeting(
        meeting="step:amankwah-meeting-offered", explained=("why", "action", "duration"),
        notes="He would rather have the kitchen, but is glad of the call on Tuesdays.",
    ))
    yield Step("amankwah-decision-letter", who, met, "16:00", "thea.marlowe", SendNotice(
        kind="decision", about="step:amankwah-restricted", method="by_hand", enclosures=("policy",),
        contents=(*DECISION_SAYS, "decided"),
    ))
    yield Step("amankwah-alert", who, met, "16:10", "jarek.dunmore", PlaceAlert(
        restriction="step:amankwah-restricted", alert="housing_system",
    ))
    yield Step("amankwah-staff-told", who, met, "16:15", "kofi.lambert", InformStaff(
        restriction="step:amankwah-restricted", audience="relevant_staff", roles=("staff", "customer_services"),
    ))
    yield Step("amankwah-council-told", who, met, "16:20", "kofi.lambert", InformPartner(
        restriction="step:amankwah-restricted", audience="council", partner="city_of_wolverhampton_council",
        basis="Its contact centre would otherwise pass his calls to everybody.",
    ))
    yield Step("amankwah-council-shown", who, met, "16:30", "thea.marlowe", Disclose(
        partner="city_of_wolverhampton_council", basis="public_task",
        restrictions=(
            RestrictionToShow(restriction="step:amankwah-restricted", measures=("step:amankwah-restricted.1",)),
        ),
        reasons="Its contact centre has to know who rings him, and nothing of how calls about the kitchen end.",
    ))
    rang = diary.after(met, 6)
    yield Step("amankwah-rings-again", who, rang, "09:30", "jarek.dunmore", LogContact(
        channel="telephone", purpose="enquiry", issue="kitchen-programme", summary="Asks when the kitchen comes.",
    ))
    yield Step("amankwah-breach", who, rang, "09:40", "jarek.dunmore", RecordBreach(
        contact="step:amankwah-rings-again", restriction="step:amankwah-restricted",
        measure="step:amankwah-restricted.2", account="Passed on to Bronwen; third call of the day about the kitchen.",
    ))
    yield Step("amankwah-breach-reported", who, rang, "10:00", "jarek.dunmore", ReportBreach(
        breach="step:amankwah-breach",
    ))
    yield Step("amankwah-no-heating", who, diary.after(met, 10), "22:40", "jarek.dunmore", LogContact(
        channel="telephone", purpose="emergency_repair", summary="No heating, at night: taken in the normal way.",
    ))
    for name, months in (("first", "1 month"), ("second", "2 months"), ("third", "3 months")):
        month = diary.on_time(decided, months)
        yield Step(f"amankwah-{name}-month", who, month, "09:00", "bronwen.tate", CompleteReview(
            restriction="step:amankwah-restricted", cadence="monthly", outcome="unchanged",
            assessment="Every Tuesday call was made, and most of what he asks is settled in it.",
        ))
    quarter = diary.on_time(decided, "3 months")
    yield Step("amankwah-panel-review", who, quarter, "15:00", "edmund.brisco", CompleteReview(
        restriction="step:amankwah-restricted", cadence="three_monthly", outcome="unchanged",
        assessment="It works; the panel would see the calls ended at six months and the Tuesday call kept.",
    ))


def _quill(diary: Diary) -> Iterator[Step]:
    """So much e-mail that little was read; a mode of contact for a while, lifted when she had found another way."""
    who = "quill"
    decided = diary.ago("8 months")
    warned = diary.before(decided, 18)
    flooded = diary.before(warned, 2)
    again = diary.after(warned, 7)
    lifted = diary.working(diary.end(decided, "2 months"))

    yield Step("quill-writes", who, diary.before(flooded, 6), "11:00", "jarek.dunmore", LogContact(
        channel="email", purpose="enquiry", issue="bin-store", summary="Reports that the bin store is untidy.",
    ))
    yield Step("quill-floods", who, flooded, "09:00", "jarek.dunmore", LogContact(
        channel="email", purpose="enquiry", issue="bin-store",
        summary="Forty e-mails over the weekend, each with photos.",
    ))
    yield Step("quill-incident", who, flooded, "09:30", "jarek.dunmore", RecordIncident(
        contact="step:quill-floods", happened_on=flooded, issue="bin-store", grounds=("much_paper",),
        account="Forty e-mails with two hundred photos of the same bins.",
    ))
    yield Step("quill-warned", who, warned, "10:00", "kofi.lambert", IssueWarning(
        incidents=("step:quill-incident",), behaviour="Forty e-mails on one subject.",
        change_asked="One message a week with what is new.", consequences="If it goes on, contact may be limited.",
    ))
    yield Step("quill-warning-letter", who, warned, "10:20", "kofi.lambert", SendNotice(
        kind="warning", about="step:quill-warned", method="email", contents=WARNING_SAYS,
    ))
    yield Step("quill-floods-again", who, again, "09:10", "jarek.dunmore", LogContact(
        channel="email", purpose="enquiry", issue="bin-store", summary="Thirty e-mails.",
    ))
    yield Step("quill-incident-again", who, again, "09:20", "jarek.dunmore", RecordIncident(
        contact="step:quill-floods-again", happened_on=again, issue="bin-store", grounds=("much_paper",),
        account="Thirty e-mails in a night.",
    ))
    yield Step("quill-circumstances", who, diary.before(decided, 4), "10:00", "kofi.lambert", ConsiderMitigation(
        considered=("health",), conclusion="She is at home a good deal since her operation; befriending was offered.",
    ))
    yield Step("quill-proposed", who, diary.before(decided, 3), "11:00", "kofi.lambert", ProposeRestriction(
        incidents=("step:quill-incident-again",), measures=("one_channel",), reasons="The mailbox cannot be worked.",
    ))
    yield Step("quill-panel", who, diary.before(decided, 2), "14:00", "sunita.vale", RecordPanelView(
        proposal="step:quill-proposed", view="supports_with_changes", members=("staff:sunita.vale",),
        reasons="The telephone instead of letters: she likes to talk.",
    ))
    yield Step("quill-restricted", who, decided, "09:30", "thea.marlowe", ApplyRestriction(
        proposal="step:quill-proposed",
        measures=(MeasureRequest(
            code="one_channel", open=("telephone",), reason="As the panel said: she likes to talk.",
        ),),
        behaviour="Floods of e-mail on one subject.", proportionality="The telephone is answered at once.",
        channels_usable="yes",
    ))
    yield Step("quill-meeting-offered", who, decided, "10:00", "thea.marlowe", OfferMeeting(
        explains="step:quill-restricted", detail="By telephone or at the office, as she prefers.",
    ))
    yield Step("quill-decision-letter", who, diary.after(decided, 2), "10:00", "thea.marlowe", SendNotice(
        kind="decision", about="step:quill-restricted", method="first_class_post", enclosures=("policy",),
        contents=(*DECISION_SAYS, "decided"),
    ))
    yield Step("quill-alert", who, diary.after(decided, 2), "10:10", "jarek.dunmore", PlaceAlert(
        restriction="step:quill-restricted", alert="housing_system",
    ))
    yield Step("quill-council-told", who, diary.after(decided, 2), "10:20", "kofi.lambert", InformPartner(
        restriction="step:quill-restricted", audience="council", partner="city_of_wolverhampton_council",
        basis="It shares the mailbox for bins.",
    ))
    yield Step("quill-council-shown", who, diary.after(decided, 2), "10:30", "thea.marlowe", Disclose(
        partner="city_of_wolverhampton_council", basis="public_task", delete_within="2 weeks",
        restrictions=(RestrictionToShow(restriction="step:quill-restricted"),),
        reasons="The mailbox for bins is worked there as well.",
    ))
    yield Step("quill-asks-for-review", who, diary.before(lifted, 4), "11:00", "jarek.dunmore", RequestReview(
        restriction="step:quill-restricted", reasons="She says that she has kept to the telephone for two months.",
    ))
    yield Step("quill-review-lifts", who, lifted, "10:00", "thea.marlowe", CompleteReview(
        restriction="step:quill-restricted", cadence="better_conduct", outcome="lifted", answers=("better_approach",),
        assessment="One short call a week: a better way, and no need for a limit.",
    ))
    yield Step("quill-ending-letter", who, lifted, "10:30", "thea.marlowe", SendNotice(
        kind="ending", about="step:quill-restricted", method="first_class_post", contents=ENDING_SAYS,
    ))
    yield Step("quill-alert-off", who, lifted, "11:00", "jarek.dunmore", ConfirmRemoval(
        restriction="step:quill-restricted", removal="alert:housing_system",
    ))
    yield Step("quill-council-told-it-is-over", who, lifted, "11:10", "kofi.lambert", NotifyEnding(
        restriction="step:quill-restricted", audience="council", partner="city_of_wolverhampton_council",
    ))
    yield Step("quill-council-sees-no-more", who, lifted, "11:20", "jarek.dunmore", RecordDisclosureEnd(
        disclosure="step:quill-council-shown",
    ))
    yield Step("quill-council-deleted", who, diary.after(lifted, 1), "08:30", "council_contact_centre", ConfirmDeletion(
        disclosure="step:quill-council-shown",
    ))
    yield Step("quill-closed", who, diary.after(lifted, 2), "09:00", "kofi.lambert", CloseCase(
        reasons="Nothing is open; the bin store has a lock now.",
    ))


def _hartnoll(diary: Diary) -> Iterator[Step]:
    """What waits today: an adjustment that nobody answered, a policy to be sent, an agreement to be looked at."""
    return waiting(
        diary, "hartnoll", "jarek.dunmore", "bronwen.tate",
        asks="Wants to know of every visit to the roof, and rings about each.",
        needs="Asks that her advocate is told before anybody visits.",
        agreed="A list of visits goes to her each Friday; she rings only about what is not on it.",
    )
