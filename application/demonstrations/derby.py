"""Derby Homes: an appeal during which the restrictions stay, twelve months, and the yearly review with its volume.

Leopold Marchbank is restricted today, in a term that was extended after its review. Ottoline Brackenbury was, for six
months instead of twelve, and her case is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from application.demonstrations.story import (
    APPEAL_OUTCOME_SAYS,
    DECISION_SAYS,
    ENDING_SAYS,
    EXTENSION_SAYS,
    REVIEW_OUTCOME_SAYS,
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
from domain.decisions.appeals import AcknowledgeAppeal, AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import ExtendRestriction
from domain.decisions.endings import CloseCase, RecordEnd
from domain.decisions.intake import AttachEvidence, LogContact, RecordIncident, RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import AppointReviewer, CompleteReview
from domain.decisions.steps import IssueWarning
from domain.decisions.support import ConsiderMitigation

# fmt: off
# A step reads as a sentence; the formatter would give every word of it a line.

STAFF = (
    Colleague(login="petra.wynne", name="Petra Wynne", role="administrator"),
    Colleague(login="callum.reyes", name="Callum Reyes", role="staff"),
    Colleague(login="safiya.thorne", name="Safiya Thorne", role="service_manager"),
    Colleague(login="ruben.oakes", name="Ruben Oakes", role="head_of_service"),
    Colleague(login="mei.sandiford", name="Mei Sandiford", role="customer_experience_team"),
    Colleague(login="dilys.apperley", name="Dilys Apperley", role="departmental_manager"),
    Colleague(login="conrad.eze", name="Conrad Eze", role="executive_team"),
    *on_duty(("idris.halloran", "Idris Halloran"), ("wanda.fairlie", "Wanda Fairlie")),
)

POINTS = (
    always_on_duty("01632 960330"),
    Point(of=PointKind.OFFICE, code="foundry-street", telephone="01632 960331", messages_to="customer_experience_team"),
    Point(of=PointKind.ROLE, code="customer_experience_team", telephone="01632 960332"),
    Point(of=PointKind.STAFF, code="mei.sandiford", telephone="07700 900332", messages_to="customer_experience_team"),
)

CUSTOMERS = (
    Customer(
        alias="marchbank", reference="DH-330871", name="Leopold Marchbank", address="8 Foundry Close, Alderwick",
        telephone="01632 960871", email="l.marchbank@example.org", household="household-foundry-close-8",
    ),
    Customer(
        alias="brackenbury", reference="DH-331204", name="Ottoline Brackenbury", address="27 Heron View, Alderwick",
        email="ottoline@example.org", household="household-heron-view-27",
    ),
    Customer(
        alias="tremlett", reference="DH-331560", name="Hyacinth Tremlett", address="3 Heron View, Alderwick",
    ),
)


def story(today: date) -> Story:
    """The story as it stands on the morning of a day."""
    diary = Diary(today)
    chapters = _marchbank(diary), _brackenbury(diary), _tremlett(diary)
    return Story("derby", today, STAFF, CUSTOMERS, in_order(*chapters), POINTS)


def _marchbank(diary: Diary) -> Iterator[Step]:
    """A fence that is the neighbour's, and what he says of it to the answering machine."""
    who = "marchbank"
    decided = diary.ago("14 months")
    warned = diary.before(decided, 22)
    wrote = diary.before(warned, 2)
    left_messages = diary.after(warned, 10)

    yield Step("marchbank-asks", who, diary.before(wrote, 12), "11:00", "callum.reyes", LogContact(
        channel="email", purpose="enquiry", issue="boundary-fence",
        summary="Wants the fence on the far side of his garden replaced.",
    ))
    yield Step("marchbank-answered", who, diary.before(wrote, 6), "14:30", "callum.reyes", RecordIssueAnswered(
        issue="boundary-fence", next_steps="The plan shows that the fence is the neighbour's; how to complain.",
    ))
    yield Step("marchbank-emails", who, wrote, "17:20", "callum.reyes", LogContact(
        channel="email", purpose="enquiry", issue="boundary-fence", summary="Fifth e-mail today, each with insults.",
    ))
    yield Step("marchbank-incident", who, wrote, "17:40", "callum.reyes", RecordIncident(
        contact="step:marchbank-emails", happened_on=wrote, issue="boundary-fence",
        grounds=("emails", "beyond_our_power"),
        account="Five e-mails that insult Callum, and none that says why the plan should be wrong.",
    ))
    yield Step("marchbank-emails-kept", who, wrote, "17:45", "callum.reyes", AttachEvidence(
        of="step:marchbank-incident", kind="emails", description="The five e-mails.",
    ))
    yield Step("marchbank-warned", who, warned, "09:00", "safiya.thorne", IssueWarning(
        incidents=("step:marchbank-incident",),
        behaviour="Five insulting e-mails in a day; our staff should not have to read such words.",
        change_asked="To write without insults. He can start afresh with the next letter.",
        consequences="If it goes on, the Head of Service may restrict contact.",
    ))
    yield Step("marchbank-warning-letter", who, warned, "09:20", "safiya.thorne", SendNotice(
        kind="warning", about="step:marchbank-warned", method="email", contents=WARNING_SAYS,
    ))
    yield Step("marchbank-messages", who, left_messages, "08:15", "callum.reyes", LogContact(
        channel="telephone", purpose="enquiry", issue="boundary-fence",
        summary="Three messages on the machine overnight, the last one shouted.",
    ))
    yield Step("marchbank-incident-again", who, left_messages, "08:40", "callum.reyes", RecordIncident(
        contact="step:marchbank-messages", happened_on=left_messages, issue="boundary-fence",
        grounds=("voicemails",), account="Three messages that insult Callum and threaten to have him dismissed.",
    ))
    yield Step("marchbank-messages-kept", who, left_messages, "08:45", "callum.reyes", AttachEvidence(
        of="step:marchbank-incident-again", kind="recording", description="The three messages.",
    ))
    yield Step("marchbank-circumstances", who, diary.before(decided, 4), "10:00", "safiya.thorne", ConsiderMitigation(
        considered=("distress",),
        conclusion="He sleeps badly since the neighbours' dog; that case is with another team.",
    ))
    yield Step("marchbank-proposed", who, diary.before(decided, 3), "11:00", "safiya.thorne", ProposeRestriction(
        incidents=("step:marchbank-incident-again",),
        measures=("telephone_through_third_party", "appointment_at_office"),
        reasons="The warning brought no change; he went from e-mail to the telephone.",
    ))
    yield Step("marchbank-restricted", who, decided, "10:00", "ruben.oakes", ApplyRestriction(
        proposal="step:marchbank-proposed",
        measures=(
            MeasureRequest(
                code="telephone_through_third_party", reason="It is on the telephone that he shouts now.",
            ),
            MeasureRequest(
                code="appointment_at_office", office="foundry-street", reason="So that somebody he knows is there.",
            ),
        ),
        behaviour="Insulting and threatening messages to one officer.",
        proportionality="Letters, e-mail and the form stay open, and his sister may telephone for him.",
        allowances="His bad nights were allowed for; threats to an officer remain unacceptable.",
        single_ground_reason="Three messages in one night, one of them a threat, are enough by themselves.",
        channels_usable="yes",
    ))
    yield Step("marchbank-decision-letter", who, decided, "12:00", "ruben.oakes", SendNotice(
        kind="decision", about="step:marchbank-restricted", method="first_class_post",
        contents=(*DECISION_SAYS, "ombudsman_any_time"),
    ))
    appealed = diary.after(decided, 12)
    yield Step("marchbank-appeals", who, appealed, "10:30", "mei.sandiford", LodgeAppeal(
        against="step:marchbank-restricted", reasons="He says that he was provoked.",
    ))
    yield Step("marchbank-appeal-acknowledged", who, appealed, "11:00", "mei.sandiford", AcknowledgeAppeal(
        appeal="step:marchbank-appeals",
    ))
    yield Step("marchbank-appeal-given", who, diary.after(appealed, 1), "09:30", "mei.sandiford", AppointAppealReviewer(
        appeal="step:marchbank-appeals", reviewer="staff:conrad.eze",
    ))
    rang = diary.after(appealed, 4)
    yield Step("marchbank-rings-meanwhile", who, rang, "16:00", "callum.reyes", LogContact(
        channel="telephone", purpose="enquiry", issue="boundary-fence", summary="Rings himself to ask about the fence.",
    ))
    yield Step("marchbank-breach", who, rang, "16:10", "callum.reyes", RecordBreach(
        contact="step:marchbank-rings-meanwhile", restriction="step:marchbank-restricted",
        measure="step:marchbank-restricted.1", account="The restrictions stay while the appeal is heard.",
    ))
    heard = diary.after(appealed, 14)
    yield Step("marchbank-appeal-decided", who, heard, "15:00", "conrad.eze", DetermineAppeal(
        appeal="step:marchbank-appeals", outcome="upheld", reasons="The recordings bear out what was decided.",
    ))
    yield Step("marchbank-appeal-letter", who, heard, "16:00", "conrad.eze", SendNotice(
        kind="appeal_outcome", about="step:marchbank-appeal-decided", method="first_class_post",
        contents=(*APPEAL_OUTCOME_SAYS, "outcome"),
    ))
    yield Step("marchbank-reports-leak", who, diary.after(heard, 40), "09:10", "callum.reyes", LogContact(
        channel="telephone", purpose="repair", summary="Rings himself about a leaking tap: a repair is always taken.",
    ))
    reviewed = diary.before(diary.on_time(decided, "12 months"), 8)
    relapse = diary.before(reviewed, 30)
    yield Step("marchbank-messages-once-more", who, relapse, "08:20", "callum.reyes", LogContact(
        channel="telephone", purpose="enquiry", issue="boundary-fence", summary="Two insulting messages overnight.",
    ))
    yield Step("marchbank-incident-once-more", who, relapse, "08:50", "callum.reyes", RecordIncident(
        contact="step:marchbank-messages-once-more", happened_on=relapse, issue="boundary-fence",
        grounds=("voicemails", "long_past"),
        account="Two messages that insult Callum, about a fence settled a year ago.",
    ))
    yield Step("marchbank-reviewer", who, diary.before(reviewed, 10), "09:00", "ruben.oakes", AppointReviewer(
        restriction="step:marchbank-restricted", cadence="twelve_monthly", reviewer="staff:dilys.apperley",
    ))
    considered = diary.before(reviewed, 2)
    yield Step("marchbank-circumstances-again", who, considered, "14:00", "safiya.thorne", ConsiderMitigation(
        considered=("distress",),
        conclusion="The dog is gone and he sleeps; he was asked once more, and named nothing else.",
    ))
    yield Step("marchbank-review", who, reviewed, "10:00", "dilys.apperley", CompleteReview(
        restriction="step:marchbank-restricted", cadence="twelve_monthly", outcome="extended",
        answers=("volume_and_nature", "still_unreasonable"),
        assessment="Little contact in the year, but what there was is still abusive.",
    ))
    yield Step("marchbank-extended", who, reviewed, "11:00", "dilys.apperley", ExtendRestriction(
        restriction="step:marchbank-restricted", because_of="step:marchbank-review",
        incidents=("step:marchbank-incident-once-more",), ends_on=diary.end(decided, "18 months"),
        reasons="The messages began again in the eleventh month.",
        proportionality="Six months instead of twelve: there was a long quiet time.",
        method="first_class_post", contents=EXTENSION_SAYS,
    ))
    yield Step("marchbank-review-letter", who, reviewed, "11:30", "dilys.apperley", SendNotice(
        kind="review_outcome", about="step:marchbank-review", method="first_class_post",
        contents=(*REVIEW_OUTCOME_SAYS, "outcome"),
    ))


def _brackenbury(diary: Diary) -> Iterator[Step]:
    """Six months, because the matter behind it would be settled by then; over by date, closed."""
    who = "brackenbury"
    decided = diary.ago("9 months")
    warned = diary.before(decided, 20)
    wrote = diary.before(warned, 1)
    again = diary.after(warned, 8)
    over = diary.after(diary.end(decided, "6 months"), 1)

    yield Step("brackenbury-asks", who, diary.before(wrote, 9), "12:40", "callum.reyes", LogContact(
        channel="telephone", purpose="enquiry", issue="window-colour",
        summary="Would like her windows in green; told that the terrace has one colour.",
    ))
    yield Step("brackenbury-writes", who, wrote, "13:00", "callum.reyes", LogContact(
        channel="email", purpose="enquiry", issue="window-colour",
        summary="Asks for the surveyor to be taken off the job, the twentieth e-mail to say so.",
    ))
    yield Step("brackenbury-incident", who, wrote, "13:20", "callum.reyes", RecordIncident(
        contact="step:brackenbury-writes", happened_on=wrote, issue="window-colour",
        grounds=("against_officers", "after_decision"), account="Twenty e-mails to have the surveyor replaced.",
    ))
    yield Step("brackenbury-warned", who, warned, "09:30", "safiya.thorne", IssueWarning(
        incidents=("step:brackenbury-incident",),
        behaviour="Twenty e-mails against one surveyor, with nothing that he did wrong.",
        change_asked="To leave the surveyor to his work.", consequences="If it goes on, contact may be restricted.",
    ))
    yield Step("brackenbury-warning-letter", who, warned, "09:50", "safiya.thorne", SendNotice(
        kind="warning", about="step:brackenbury-warned", method="first_class_post", contents=WARNING_SAYS,
    ))
    yield Step("brackenbury-writes-again", who, again, "10:10", "callum.reyes", LogContact(
        channel="email", purpose="enquiry", issue="window-colour", summary="Eight more e-mails in a morning.",
    ))
    yield Step("brackenbury-incident-again", who, again, "10:30", "callum.reyes", RecordIncident(
        contact="step:brackenbury-writes-again", happened_on=again, issue="window-colour",
        grounds=("against_officers", "emails"), account="Eight e-mails against the surveyor in a morning.",
    ))
    yield Step("brackenbury-circumstances", who, diary.before(decided, 3), "11:00", "safiya.thorne", ConsiderMitigation(
        considered=("none_known",), conclusion="Asked in the letter and on the telephone; nothing was named.",
    ))
    yield Step("brackenbury-proposed", who, diary.before(decided, 2), "11:30", "safiya.thorne", ProposeRestriction(
        incidents=("step:brackenbury-incident-again",), measures=("single_contact",),
        reasons="One person at fixed times takes the surveyor out of it.",
    ))
    yield Step("brackenbury-restricted", who, decided, "09:15", "ruben.oakes", ApplyRestriction(
        proposal="step:brackenbury-proposed",
        measures=(MeasureRequest(
            code="single_contact", contact_staff=("staff:mei.sandiford",), slots=("wednesday 10:00",),
            reason="Mei has nothing to do with the windows.",
        ),),
        behaviour="A campaign against one surveyor.", proportionality="Nothing is closed; only who answers is settled.",
        allowances="Nothing was known that would explain it.", channels_usable="yes",
        ends_on=diary.end(decided, "6 months"), term_reason="The windows will be in within half a year.",
    ))
    yield Step("brackenbury-decision-letter", who, decided, "10:00", "ruben.oakes", SendNotice(
        kind="decision", about="step:brackenbury-restricted", method="first_class_post",
        contents=(*DECISION_SAYS, "ombudsman_any_time"),
    ))
    yield Step("brackenbury-over", who, over, "09:00", "mei.sandiford", RecordEnd(
        restriction="step:brackenbury-restricted",
    ))
    yield Step("brackenbury-ending-letter", who, over, "09:30", "mei.sandiford", SendNotice(
        kind="ending", about="step:brackenbury-restricted", method="email", contents=ENDING_SAYS,
    ))
    yield Step("brackenbury-closed", who, diary.after(over, 5), "14:00", "mei.sandiford", CloseCase(
        reasons="The windows are in, and she is pleased with them.",
    ))


def _tremlett(diary: Diary) -> Iterator[Step]:
    """What waits today: an adjustment that nobody answered, a policy to be sent, an agreement to be looked at."""
    return waiting(
        diary, "tremlett", "callum.reyes", "mei.sandiford",
        asks="Asks for the third time this week when the path is cleared.",
        needs="Her support worker should hear what is agreed.",
        agreed="News of the path comes each Friday; she does not ring in between.",
    )
