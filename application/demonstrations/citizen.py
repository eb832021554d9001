"""Citizen: a way of contact that stays open, one letter or e-mail a month, and a decision that is looked at again.

Delphine Okonjo-Hartley is restricted today. Osric Pell was, until he had changed how he went about things. Wilhelmina
Castellane only rang once: what is logged of her is no restriction, and she stands in no register.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from application.demonstrations.story import (
    APPEAL_OUTCOME_SAYS,
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
)
from application.demonstrations.unfinished import waiting
from domain.codes import PointKind
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach
from domain.decisions.endings import CloseCase
from domain.decisions.intake import (
    AttachEvidence,
    LogContact,
    RecordIncident,
    RecordIssueAnswered,
    RequestPolicyCopy,
    SendPolicyCopy,
)
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.steps import DeclineMeeting, IssueWarning, OfferMediation, OfferMeeting
from domain.decisions.support import ConsiderMitigation

# fmt: off
# A step reads as a sentence; the formatter would give every word of it a line.

STAFF = (
    Colleague(login="una.farrow", name="Una Farrow", role="administrator"),
    Colleague(login="tomasz.bielak", name="Tomasz Bielak", role="staff"),
    Colleague(login="ines.calloway", name="Ines Calloway", role="staff"),
    Colleague(login="gareth.mistry", name="Gareth Mistry", role="manager"),
    Colleague(login="honor.lytton", name="Honor Lytton", role="head_of_service"),
    Colleague(login="abel.nakata", name="Abel Nakata", role="director_of_customer_services"),
    *on_duty(("rhoda.ellery", "Rhoda Ellery"), ("matteo.quine", "Matteo Quine")),
)

POINTS = (
    always_on_duty("01632 960710"),
    Point(of=PointKind.STAFF, code="ines.calloway", telephone="07700 900710", messages_to="staff"),
    Point(of=PointKind.ROLE, code="staff", telephone="01632 960700"),
)

CUSTOMERS = (
    Customer(
        alias="okonjo",
        reference="CIT-70412",
        name="Delphine Okonjo-Hartley",
        address="14 Lantern Row, Elmbrook",
        telephone="0117 496 0412",
        email="delphine@example.org",
        household="household-lantern-row-14",
    ),
    Customer(
        alias="pell",
        reference="CIT-70987",
        name="Osric Pell",
        address="Flat 6, Weaver Court, Elmbrook",
        telephone="0117 496 0987",
        household="household-weaver-court-6",
    ),
    Customer(
        alias="castellane", reference="CIT-71055", name="Wilhelmina Castellane", address="3 Rookery Lane, Elmbrook"
    ),
    Customer(
        alias="yarrow", reference="CIT-71310", name="Benedict Yarrow", address="14 Rookery Lane, Elmbrook",
    ),
)


def story(today: date) -> Story:
    """The story as it stands on the morning of a day."""
    diary = Diary(today)
    chapters = _okonjo(diary), _pell(diary), _castellane(diary), _yarrow(diary)
    return Story("citizen", today, STAFF, CUSTOMERS, in_order(*chapters), POINTS)


def _okonjo(diary: Diary) -> Iterator[Step]:
    """Many calls a day about one service charge; now in writing, once a month."""
    who = "okonjo"
    decided = diary.ago("5 months")
    warned = diary.before(decided, 20)
    called = diary.before(warned, 3)

    yield Step("okonjo-first-call", who, diary.before(called, 10), "09:40", "tomasz.bielak", LogContact(
        channel="telephone", purpose="enquiry", issue="grounds-charge",
        summary="Asks how the charge for cutting the grass was worked out. Promised an answer within ten days.",
    ))
    yield Step("okonjo-many-calls", who, called, "16:10", "tomasz.bielak", LogContact(
        channel="telephone", purpose="enquiry", issue="grounds-charge",
        summary="Ninth call today on the same charge; will speak to nobody but Tomasz.",
    ))
    yield Step("okonjo-incident", who, called, "16:30", "tomasz.bielak", RecordIncident(
        contact="step:okonjo-many-calls", happened_on=called, grounds=("too_many_contacts", "one_person_only"),
        issue="grounds-charge",
        account="Nine calls in one day and thirty-one in the week, each asking for Tomasz alone.",
        impact="The line for the whole estate was busy for most of the afternoon.",
    ))
    yield Step("okonjo-call-list", who, called, "16:45", "tomasz.bielak", AttachEvidence(
        of="step:okonjo-incident", kind="call_list", description="List of calls from the telephone system.",
    ))
    yield Step("okonjo-charge-explained", who, warned, "09:15", "ines.calloway", RecordIssueAnswered(
        issue="grounds-charge",
        next_steps="The sum, the invoices, and how to ask the tribunal to look at the charge.",
    ))
    yield Step("okonjo-meeting-offered", who, warned, "09:30", "gareth.mistry", OfferMeeting(
        detail="An hour with Gareth Mistry, at her home or at the office, to find a way on together.",
    ))
    yield Step("okonjo-mediation-offered", who, warned, "09:35", "gareth.mistry", OfferMediation(
        detail="A mediator from outside, paid for by the landlord.",
    ))
    yield Step("okonjo-warned", who, warned, "10:00", "gareth.mistry", IssueWarning(
        incidents=("step:okonjo-incident",),
        behaviour="Up to nine calls a day about a charge that is being looked at.",
        change_asked="One call or e-mail a week about it, to whoever answers.",
        consequences="If it goes on, contact may be limited under the policy, which we gladly send.",
    ))
    yield Step("okonjo-warning-letter", who, warned, "10:20", "gareth.mistry", SendNotice(
        kind="warning", about="step:okonjo-warned", method="first_class_post",
        contents=(*WARNING_SAYS, "about_the_policy"),
    ))
    yield Step("okonjo-closing-letter", who, warned, "10:25", "ines.calloway", SendNotice(
        kind="closure", about="step:okonjo-charge-explained", method="first_class_post",
        contents=("filed_unanswered", "unless_significant"),
    ))
    yield Step("okonjo-no-meeting", who, diary.after(warned, 5), "11:00", "gareth.mistry", DeclineMeeting(
        meeting="step:okonjo-meeting-offered", notes="She would rather not; it counts for nothing against her.",
    ))
    again = diary.after(warned, 9)
    yield Step("okonjo-calls-again", who, again, "15:50", "ines.calloway", LogContact(
        channel="telephone", purpose="enquiry", issue="grounds-charge",
        summary="Seventh call today. Says the answer is wrong and that she will ring until it is put right.",
    ))
    yield Step("okonjo-incident-again", who, again, "16:05", "ines.calloway", RecordIncident(
        contact="step:okonjo-calls-again", happened_on=again, grounds=("too_many_contacts", "nothing_new"),
        issue="grounds-charge", account="Seven calls after the warning, with nothing that was not said before.",
    ))
    yield Step("okonjo-circumstances", who, diary.before(decided, 2), "13:00", "gareth.mistry", ConsiderMitigation(
        considered=("bereavement", "distress"),
        conclusion="Her mother died last year. A card with the number of the bereavement service went to her.",
    ))
    yield Step("okonjo-proposed", who, diary.before(decided, 1), "14:00", "gareth.mistry", ProposeRestriction(
        incidents=("step:okonjo-incident-again",), measures=("writing_only", "once_a_month", "filed"),
        reasons="The calls go on although the charge was explained and other ways were offered.",
    ))
    yield Step("okonjo-restricted", who, decided, "09:30", "honor.lytton", ApplyRestriction(
        proposal="step:okonjo-proposed",
        measures=(
            MeasureRequest(code="writing_only", reason="Calls alone are what keeps the line busy."),
            MeasureRequest(code="once_a_month", reason="A month is how long an answer on charges takes."),
            MeasureRequest(
                code="filed", issue="grounds-charge", reader="staff:ines.calloway",
                reason="The charge has been answered in full.",
            ),
        ),
        behaviour="Daily series of calls about a charge that has been explained.",
        proportionality="Letters, e-mail and the form stay open; she writes to us without difficulty.",
        impact="Thirty-one calls in a week; other tenants of the estate could not get through.",
        channels_usable="yes", ends_on=diary.end(decided, "9 months"), review_every="3 months",
    ))
    yield Step("okonjo-decision-letter", who, decided, "11:00", "honor.lytton", SendNotice(
        kind="decision", about="step:okonjo-restricted", method="first_class_post",
        contents=(*DECISION_SAYS, "duration"),
    ))
    asked = diary.after(decided, 6)
    yield Step("okonjo-asks-for-policy", who, asked, "10:10", "ines.calloway", RequestPolicyCopy())
    yield Step("okonjo-policy-sent", who, asked, "10:30", "ines.calloway", SendPolicyCopy(
        request="step:okonjo-asks-for-policy", method="email",
    ))
    yield Step("okonjo-second-look-asked", who, diary.after(decided, 8), "09:05", "ines.calloway", LodgeAppeal(
        against="step:okonjo-restricted", reasons="She finds a month too long between two letters.",
    ))
    yield Step("okonjo-second-look-given", who, diary.after(decided, 9), "12:00", "honor.lytton", AppointAppealReviewer(
        appeal="step:okonjo-second-look-asked", reviewer="staff:abel.nakata",
    ))
    yield Step("okonjo-second-look-decided", who, diary.after(decided, 16), "15:00", "abel.nakata", DetermineAppeal(
        appeal="step:okonjo-second-look-asked", outcome="upheld",
        reasons="A month is what an answer takes, and emergencies do not count.",
    ))
    yield Step("okonjo-second-look-letter", who, diary.after(decided, 16), "15:30", "abel.nakata", SendNotice(
        kind="appeal_outcome", about="step:okonjo-second-look-decided", method="email",
        contents=APPEAL_OUTCOME_SAYS,
    ))
    yield Step("okonjo-monthly-email", who, diary.after(decided, 25), "08:50", "ines.calloway", LogContact(
        channel="email", purpose="enquiry", issue="parking-bay",
        summary="Her e-mail of the month: asks for a parking bay nearer to the door.",
    ))
    yield Step("okonjo-burst-pipe", who, diary.after(decided, 30), "19:20", "tomasz.bielak", LogContact(
        channel="telephone", purpose="emergency_repair",
        summary="Water through the kitchen ceiling. Taken at once, plumber sent; an emergency counts for nothing.",
    ))
    rang = diary.after(decided, 40)
    yield Step("okonjo-rings-again", who, rang, "14:15", "tomasz.bielak", LogContact(
        channel="telephone", purpose="enquiry", issue="grounds-charge",
        summary="Rings about the charge. Reminded of the letter, call ended politely.",
    ))
    yield Step("okonjo-breach", who, rang, "14:25", "tomasz.bielak", RecordBreach(
        contact="step:okonjo-rings-again", restriction="step:okonjo-restricted",
        measure="step:okonjo-restricted.1", account="A call about the charge, which is for writing only.",
    ))
    yield Step("okonjo-review", who, diary.on_time(decided, "3 months"), "10:00", "gareth.mistry", CompleteReview(
        restriction="step:okonjo-restricted", cadence="regular", outcome="unchanged",
        answers=("changed_behaviour",),
        assessment="One call in three months: better. If the next three are like it, both can be eased.",
    ))


def _pell(diary: Diary) -> Iterator[Step]:
    """One named person to answer for a while, lifted at its first review, the case closed."""
    who = "pell"
    decided = diary.ago("8 months")
    warned = diary.before(decided, 15)
    again = diary.after(warned, 8)
    reviewed = diary.on_time(decided, "2 months")

    yield Step("pell-first-visit", who, diary.before(warned, 12), "10:30", "ines.calloway", LogContact(
        channel="office_visit", purpose="enquiry", issue="transfer",
        summary="Asks about a transfer to a ground-floor flat; told that the list takes six weeks.",
    ))
    yield Step("pell-asks-everybody", who, diary.before(warned, 2), "15:30", "tomasz.bielak", LogContact(
        channel="email", purpose="enquiry", issue="transfer",
        summary="The same question to six colleagues and a contractor on one day.",
    ))
    yield Step("pell-incident", who, diary.before(warned, 2), "15:45", "tomasz.bielak", RecordIncident(
        contact="step:pell-asks-everybody", happened_on=diary.before(warned, 2), issue="transfer",
        grounds=("several_at_once",), account="Six colleagues and a contractor asked the same thing in a day.",
    ))
    yield Step("pell-warned", who, warned, "09:10", "gareth.mistry", IssueWarning(
        incidents=("step:pell-incident",), behaviour="One question to seven people at once.",
        change_asked="To ask the lettings desk, and give it the six weeks.",
        consequences="If it goes on, one person may be named to answer.",
    ))
    yield Step("pell-warning-letter", who, warned, "09:30", "gareth.mistry", SendNotice(
        kind="warning", about="step:pell-warned", method="by_hand", contents=(*WARNING_SAYS, "about_the_policy"),
    ))
    yield Step("pell-asks-everybody-again", who, again, "11:20", "ines.calloway", LogContact(
        channel="email", purpose="enquiry", issue="transfer", summary="The question again, to eight people.",
    ))
    yield Step("pell-incident-again", who, again, "11:30", "ines.calloway", RecordIncident(
        contact="step:pell-asks-everybody-again", happened_on=again, issue="transfer",
        grounds=("several_at_once", "no_time_to_resolve"), timescale_given_on=diary.before(warned, 12),
        account="Eight people asked, three weeks into the six that he was given.",
    ))
    yield Step("pell-circumstances", who, diary.before(decided, 1), "09:00", "gareth.mistry", ConsiderMitigation(
        considered=("health",),
        conclusion="His knees make the stairs hard; the transfer was put forward for that reason.",
    ))
    yield Step("pell-proposed", who, diary.before(decided, 1), "09:30", "gareth.mistry", ProposeRestriction(
        incidents=("step:pell-incident-again",), measures=("named_staff",),
        reasons="Seven answers to one question help nobody; one person who knows the case does.",
    ))
    yield Step("pell-restricted", who, decided, "10:00", "honor.lytton", ApplyRestriction(
        proposal="step:pell-proposed",
        measures=(MeasureRequest(
            code="named_staff", contact_staff=("staff:ines.calloway",), reason="Ines knows the transfer.",
        ),),
        behaviour="One question to many people at once.",
        proportionality="Every channel stays open; only who answers is settled.",
        impact="Eight people each looked up the same transfer, and others waited.", channels_usable="yes",
        ends_on=diary.end(decided, "6 months"), review_every="2 months",
    ))
    yield Step("pell-decision-letter", who, decided, "10:45", "honor.lytton", SendNotice(
        kind="decision", about="step:pell-restricted", method="by_hand", contents=(*DECISION_SAYS, "duration"),
    ))
    yield Step("pell-review-lifts", who, reviewed, "11:00", "honor.lytton", CompleteReview(
        restriction="step:pell-restricted", cadence="regular", outcome="lifted", answers=("changed_behaviour",),
        assessment="Two months of writing to Ines alone: no longer needed.",
    ))
    yield Step("pell-ending-letter", who, reviewed, "11:30", "honor.lytton", SendNotice(
        kind="ending", about="step:pell-restricted", method="email", contents=ENDING_SAYS,
    ))
    yield Step("pell-closed", who, diary.after(reviewed, 3), "09:00", "ines.calloway", CloseCase(
        reasons="Moved to the ground floor; nothing is open.",
    ))


def _castellane(diary: Diary) -> Iterator[Step]:
    """One call, and nothing that anybody would call unreasonable."""
    yield Step("castellane-call", "castellane", diary.ago("1 week"), "12:05", "tomasz.bielak", LogContact(
        channel="telephone", purpose="repair", summary="The bathroom fan rattles. Booked for Tuesday.",
    ))


def _yarrow(diary: Diary) -> Iterator[Step]:
    """What waits today: an adjustment that nobody answered, a policy to be sent, an agreement to be looked at."""
    return waiting(
        diary, "yarrow", "tomasz.bielak", "ines.calloway",
        asks="Rings four times about the lift, and each time wants to begin from the start.",
        needs="Loses the thread on the telephone; his niece could speak with him.",
        agreed="One call on Thursdays, with the questions written down before.",
    )
