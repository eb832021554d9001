"""Maidstone: a request for one's own area, four things to confirm, due regard to equality, a register, three months.

Cornelius Haddow-Price is restricted today, in a second term that rests on a pattern. Perpetua Lindqvist was for three
months, and whoever was told of it has been told that it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from application.demonstrations.story import (
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
)
from application.demonstrations.unfinished import waiting
from domain.codes import PointKind, SubjectKind
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import ExtendRestriction, RaiseNewIssue
from domain.decisions.endings import CloseCase, RecordEnd
from domain.decisions.intake import AttachEvidence, LogContact, RaiseConcern, RecordIncident, RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import InformStaff, NotifyEnding, SendNotice
from domain.decisions.proposals import ConfirmCheck, ProposeRestriction
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.steps import IssueWarning
from domain.decisions.support import ConsiderEqualityDuty, ConsiderMitigation

# fmt: off
# A step reads as a sentence; the formatter would give every word of it a line.

STAFF = (
    Colleague(login="ivo.pemberley", name="Ivo Pemberley", role="administrator"),
    Colleague(login="leila.rostron", name="Leila Rostron", role="staff"),
    Colleague(login="desmond.akpan", name="Desmond Akpan", role="manager", area="housing-advice"),
    Colleague(login="freya.colburn", name="Freya Colburn", role="manager", area="parks"),
    Colleague(login="marguerite.shaw", name="Marguerite Shaw", role="head_of_policy"),
    Colleague(login="tobias.lund", name="Tobias Lund", role="policy_and_information"),
    Colleague(login="anneliese.ward", name="Anneliese Ward", role="director_of_finance"),
    *on_duty(("bettina.croft", "Bettina Croft"), ("samir.olds", "Samir Olds")),
)

POINTS = (
    always_on_duty("01632 960400"),
    Point(of=PointKind.STAFF, code="leila.rostron", telephone="07700 900401", messages_to="policy_and_information"),
    Point(of=PointKind.ROLE, code="policy_and_information", telephone="01632 960402"),
)

CUSTOMERS = (
    Customer(
        alias="haddow", reference="MBC-204417", name="Cornelius Haddow-Price", address="5 Tannery Steps, Wealdham",
        telephone="01632 960417", email="c.haddow@example.org", kind=SubjectKind.RESIDENT,
    ),
    Customer(
        alias="lindqvist", reference="MBC-204980", name="Perpetua Lindqvist", address="61 Orchard Rise, Wealdham",
        telephone="01632 960980", kind=SubjectKind.RESIDENT,
    ),
    Customer(
        alias="osgood", reference="MBC-205311", name="Fenella Osgood", address="12 Orchard Rise, Wealdham",
    ),
)


def story(today: date) -> Story:
    """The story as it stands on the morning of a day."""
    diary = Diary(today)
    chapters = _haddow(diary), _lindqvist(diary), _osgood(diary)
    return Story("maidstone", today, STAFF, CUSTOMERS, in_order(*chapters), POINTS)


def _haddow(diary: Diary) -> Iterator[Step]:
    """His place on the housing register, asked of everybody at once; then something new, which is looked at afresh."""
    who = "haddow"
    decided = diary.ago("4 months")
    warned = diary.before(decided, 25)
    scattered = diary.before(warned, 3)
    again = diary.after(warned, 12)

    yield Step("haddow-asks", who, diary.before(scattered, 15), "20:15", "leila.rostron", LogContact(
        channel="online_form", purpose="enquiry", issue="housing-band",
        summary="Asks why he is in band C of the housing register.",
    ))
    yield Step("haddow-answered", who, diary.before(scattered, 9), "11:00", "leila.rostron", RecordIssueAnswered(
        issue="housing-band", next_steps="How the band came about, and how to have it looked at again.",
    ))
    yield Step("haddow-everywhere", who, scattered, "15:00", "leila.rostron", LogContact(
        channel="email", purpose="enquiry", issue="housing-band",
        summary="The same e-mail to five departments, two councillors and a newspaper.",
    ))
    yield Step("haddow-incident", who, scattered, "15:30", "leila.rostron", RecordIncident(
        contact="step:haddow-everywhere", happened_on=scattered, issue="housing-band",
        grounds=("scatter_gun", "excessive_demands"), account="Five departments each began to look into one question.",
    ))
    yield Step("haddow-concern", who, scattered, "16:00", "leila.rostron", RaiseConcern(
        to="manager", incidents=("step:haddow-incident",),
        summary="Told Desmond Akpan that this goes round in circles.",
    ))
    yield Step("haddow-warned", who, warned, "10:00", "desmond.akpan", IssueWarning(
        incidents=("step:haddow-incident",),
        behaviour="One question to five departments at once.",
        change_asked="To put it to housing advice alone.",
        consequences="If contact goes on like this, the council's policy on it may be applied.",
        initial_measures=("informal_handling",),
        initial_measures_words="Leila rings him every Thursday for a month.",
    ))
    yield Step("haddow-warning-letter", who, warned, "10:30", "desmond.akpan", SendNotice(
        kind="warning", about="step:haddow-warned", method="email", contents=(*WARNING_SAYS, "may_be_treated"),
    ))
    yield Step("haddow-everywhere-again", who, again, "09:40", "leila.rostron", LogContact(
        channel="email", purpose="enquiry", issue="housing-band",
        summary="To seven departments, with a demand for an answer by noon.",
    ))
    yield Step("haddow-incident-again", who, again, "10:00", "leila.rostron", RecordIncident(
        contact="step:haddow-everywhere-again", happened_on=again, issue="housing-band",
        grounds=("scatter_gun", "refuses_timescales"), account="Seven departments, and an answer wanted by noon.",
    ))
    yield Step("haddow-emails-kept", who, again, "10:10", "leila.rostron", AttachEvidence(
        of="step:haddow-incident-again", kind="emails", description="The seven e-mails.",
    ))
    yield Step("haddow-equality", who, diary.before(decided, 6), "09:00", "desmond.akpan", ConsiderEqualityDuty(
        characteristics=("disability",),
        conclusion="His hearing makes calls hard; e-mail is the way that suits him, and it stays open.",
    ))
    yield Step("haddow-circumstances", who, diary.before(decided, 6), "09:20", "desmond.akpan", ConsiderMitigation(
        considered=("disability", "distress"),
        conclusion="He has waited four years for a home; that was taken to heart.",
    ))
    yield Step("haddow-proposed", who, diary.before(decided, 5), "11:00", "desmond.akpan", ProposeRestriction(
        incidents=("step:haddow-incident-again",), measures=("single_contact", "one_channel"), area="housing-advice",
        reasons="The weekly calls did not help; more departments are written to than before.",
    ))
    checked = diary.before(decided, 2)
    yield Step("haddow-was-investigated", who, checked, "14:00", "marguerite.shaw", ConfirmCheck(
        proposal="step:haddow-proposed", check="investigated", answer="yes",
    ))
    yield Step("haddow-was-told-enough", who, checked, "14:05", "marguerite.shaw", ConfirmCheck(
        proposal="step:haddow-proposed", check="communication_adequate", answer="yes",
    ))
    yield Step("haddow-brings-nothing-new", who, checked, "14:10", "marguerite.shaw", ConfirmCheck(
        proposal="step:haddow-proposed", check="nothing_new", answer="yes",
    ))
    yield Step("haddow-evidence-is-clear", who, checked, "14:15", "marguerite.shaw", ConfirmCheck(
        proposal="step:haddow-proposed", check="evidence", answer="yes", evidence=("step:haddow-emails-kept",),
    ))
    yield Step("haddow-restricted", who, decided, "10:00", "marguerite.shaw", ApplyRestriction(
        proposal="step:haddow-proposed",
        measures=(
            MeasureRequest(
                code="single_contact", contact_staff=("staff:leila.rostron",), reason="Leila knows his application.",
            ),
            MeasureRequest(code="one_channel", open=("email",), reason="It suits his hearing, and is easy to answer."),
        ),
        behaviour="One question put to ever more departments.",
        proportionality="E-mail is how he always wrote; nothing that he uses is taken away.",
        pattern="A wave of e-mails after every answer, each wider than the last.",
        channels_usable="yes", characteristics=("disability",),
    ))
    yield Step("haddow-decision-letter", who, decided, "11:00", "marguerite.shaw", SendNotice(
        kind="decision", about="step:haddow-restricted", method="email", enclosures=("policy",),
        contents=(*DECISION_SAYS, "why", "what_it_means", "how_long", "how_to_challenge", "record_held"),
    ))
    yield Step("haddow-managers-told", who, decided, "12:00", "tobias.lund", InformStaff(
        restriction="step:haddow-restricted", audience="affected_managers", roles=("manager",),
    ))
    rang = diary.after(decided, 12)
    yield Step("haddow-rings", who, rang, "13:30", "leila.rostron", LogContact(
        channel="telephone", purpose="enquiry", issue="housing-band", summary="Rings parks about his band.",
    ))
    yield Step("haddow-breach", who, rang, "13:45", "leila.rostron", RecordBreach(
        contact="step:haddow-rings", restriction="step:haddow-restricted", measure="step:haddow-restricted.2",
        account="A call about the band, for which e-mail was left open.",
    ))
    new = diary.after(decided, 20)
    yield Step("haddow-writes-of-tree", who, new, "08:30", "leila.rostron", LogContact(
        channel="email", purpose="enquiry", issue="fallen-tree", summary="A tree has come down behind his house.",
    ))
    yield Step("haddow-new-issue", who, new, "09:00", "leila.rostron", RaiseNewIssue(
        issue="fallen-tree", contact="step:haddow-writes-of-tree",
        summary="Nothing to do with the register: for parks.",
    ))
    yield Step("haddow-looked-at-afresh", who, diary.after(new, 1), "10:00", "tobias.lund", CompleteReview(
        restriction="step:haddow-restricted", cadence="new_issue", outcome="unchanged", answers=("still_appropriate",),
        assessment="Marguerite Shaw was asked: e-mail serves for the tree as well, and parks will answer it.",
    ))
    reviewed = diary.before(diary.on_time(decided, "3 months"), 4)
    wave = diary.before(reviewed, 8)
    yield Step("haddow-everywhere-once-more", who, wave, "16:20", "leila.rostron", LogContact(
        channel="email", purpose="enquiry", issue="housing-band", summary="To four departments, past Leila.",
    ))
    yield Step("haddow-incident-once-more", who, wave, "16:40", "leila.rostron", RecordIncident(
        contact="step:haddow-everywhere-once-more", happened_on=wave, issue="housing-band", grounds=("scatter_gun",),
        account="Four departments written to on the day after Leila's answer.",
    ))
    considered = diary.before(reviewed, 1)
    yield Step("haddow-circumstances-again", who, considered, "15:00", "desmond.akpan", ConsiderMitigation(
        considered=("disability", "distress"),
        conclusion="Still without a home, and his hearing as before; e-mail suits him, and Leila asks how he is.",
    ))
    yield Step("haddow-review", who, reviewed, "09:30", "tobias.lund", CompleteReview(
        restriction="step:haddow-restricted", cadence="three_monthly", outcome="extended",
        answers=("no_longer_than_needed", "record_still_needed"),
        assessment="Fewer e-mails than before, but the waves go on. Recommends another three months.",
    ))
    yield Step("haddow-extended", who, diary.after(reviewed, 1), "11:00", "marguerite.shaw", ExtendRestriction(
        restriction="step:haddow-restricted", because_of="step:haddow-review",
        incidents=("step:haddow-incident-once-more",), ends_on=diary.end(decided, "6 months"),
        reasons="The waves go on, past the named contact.",
        proportionality="Three months, and again nothing that he uses is taken away.",
        pattern="A wave after each answer: in the first, the second and the third month.",
        method="email", contents=EXTENSION_SAYS,
    ))


def _lindqvist(diary: Diary) -> Iterator[Step]:
    """Words at the counter; three months by letter, looked at, not extended, and taken off the register."""
    who = "lindqvist"
    decided = diary.ago("7 months")
    warned = diary.before(decided, 15)
    swore = diary.before(warned, 1)
    again = diary.after(warned, 6)
    reviewed = diary.before(diary.on_time(decided, "3 months"), 3)
    over = diary.after(diary.end(decided, "3 months"), 1)

    yield Step("lindqvist-asks", who, diary.before(swore, 5), "10:00", "leila.rostron", LogContact(
        channel="office_visit", purpose="enquiry", issue="temporary-flat",
        summary="Asks for another temporary flat, nearer to the school.",
    ))
    yield Step("lindqvist-swears", who, swore, "15:10", "leila.rostron", LogContact(
        channel="office_visit", purpose="enquiry", issue="temporary-flat", summary="Swears across the counter.",
    ))
    yield Step("lindqvist-incident", who, swore, "15:30", "leila.rostron", RecordIncident(
        contact="step:lindqvist-swears", happened_on=swore, grounds=("foul_language",),
        account="Swore at Leila for ten minutes, before others who were waiting.",
    ))
    yield Step("lindqvist-warned", who, warned, "09:00", "desmond.akpan", IssueWarning(
        incidents=("step:lindqvist-incident",), behaviour="Foul language at the counter.",
        change_asked="To speak with us as we do with her.", consequences="If it goes on, the policy may be applied.",
    ))
    yield Step("lindqvist-warning-letter", who, warned, "09:30", "desmond.akpan", SendNotice(
        kind="warning", about="step:lindqvist-warned", method="by_hand", contents=(*WARNING_SAYS, "may_be_treated"),
    ))
    yield Step("lindqvist-swears-again", who, again, "11:10", "leila.rostron", LogContact(
        channel="office_visit", purpose="enquiry", issue="temporary-flat",
        summary="Swears again, and throws a leaflet.",
    ))
    yield Step("lindqvist-incident-again", who, again, "11:20", "leila.rostron", RecordIncident(
        contact="step:lindqvist-swears-again", happened_on=again, grounds=("foul_language", "intimidation"),
        account="Foul language and a leaflet thrown at the glass.",
    ))
    yield Step("lindqvist-statement", who, again, "12:00", "leila.rostron", AttachEvidence(
        of="step:lindqvist-incident-again", kind="statement", description="What the guard saw.",
    ))
    yield Step("lindqvist-equality", who, diary.before(decided, 4), "09:00", "desmond.akpan", ConsiderEqualityDuty(
        conclusion="Nothing known that the measures would weigh on.",
    ))
    yield Step("lindqvist-circumstances", who, diary.before(decided, 4), "09:10", "desmond.akpan", ConsiderMitigation(
        considered=("distress",), conclusion="Two children and a long way to school: put first on the list for a move.",
    ))
    yield Step("lindqvist-proposed", who, diary.before(decided, 3), "10:00", "desmond.akpan", ProposeRestriction(
        incidents=("step:lindqvist-incident-again",), measures=("one_channel",), area="housing-advice",
        reasons="Colleagues at the counter are afraid of the next time.",
    ))
    yield Step("lindqvist-was-investigated", who, diary.before(decided, 2), "10:00", "marguerite.shaw", ConfirmCheck(
        proposal="step:lindqvist-proposed", check="investigated", answer="not_applicable",
        reason="This is about conduct at the counter, not about a matter to be investigated.",
    ))
    yield Step("lindqvist-was-told-enough", who, diary.before(decided, 2), "10:05", "marguerite.shaw", ConfirmCheck(
        proposal="step:lindqvist-proposed", check="communication_adequate", answer="yes",
    ))
    yield Step("lindqvist-brings-nothing-new", who, diary.before(decided, 2), "10:10", "marguerite.shaw", ConfirmCheck(
        proposal="step:lindqvist-proposed", check="nothing_new", answer="yes",
    ))
    yield Step("lindqvist-evidence-is-clear", who, diary.before(decided, 2), "10:15", "marguerite.shaw", ConfirmCheck(
        proposal="step:lindqvist-proposed", check="evidence", answer="yes", evidence=("step:lindqvist-statement",),
    ))
    yield Step("lindqvist-restricted", who, decided, "09:00", "marguerite.shaw", ApplyRestriction(
        proposal="step:lindqvist-proposed",
        measures=(MeasureRequest(code="one_channel", open=("telephone",), reason="On the telephone she stays calm."),),
        behaviour="Foul language and intimidation at the counter.",
        proportionality="She telephones us weekly as it is; only the counter is closed to her for a while.",
        pattern="Twice in three weeks, each time after a refusal.", channels_usable="yes",
    ))
    yield Step("lindqvist-decision-letter", who, decided, "10:00", "marguerite.shaw", SendNotice(
        kind="decision", about="step:lindqvist-restricted", method="first_class_post", enclosures=("policy",),
        contents=(*DECISION_SAYS, "why", "what_it_means", "how_long", "how_to_challenge", "record_held"),
    ))
    yield Step("lindqvist-managers-told", who, decided, "10:30", "tobias.lund", InformStaff(
        restriction="step:lindqvist-restricted", audience="affected_managers", roles=("manager",),
    ))
    yield Step("lindqvist-review", who, reviewed, "09:45", "tobias.lund", CompleteReview(
        restriction="step:lindqvist-restricted", cadence="three_monthly", outcome="unchanged",
        answers=("no_longer_than_needed", "record_still_needed"), assessment="Calm calls only; it can end on its day.",
    ))
    yield Step("lindqvist-over", who, over, "09:00", "tobias.lund", RecordEnd(restriction="step:lindqvist-restricted"))
    yield Step("lindqvist-managers-told-it-is-over", who, over, "09:15", "tobias.lund", NotifyEnding(
        restriction="step:lindqvist-restricted", audience="affected_managers",
    ))
    yield Step("lindqvist-ending-letter", who, over, "09:30", "marguerite.shaw", SendNotice(
        kind="ending", about="step:lindqvist-restricted", method="first_class_post", contents=ENDING_SAYS,
    ))
    yield Step("lindqvist-closed", who, diary.after(over, 2), "16:00", "tobias.lund", CloseCase(
        reasons="Moved nearer to the school; nothing is open.",
    ))


def _osgood(diary: Diary) -> Iterator[Step]:
    """What waits today: an adjustment that nobody answered, a policy to be sent, an agreement to be looked at."""
    return waiting(
        diary, "osgood", "desmond.akpan", "leila.rostron",
        asks="Rings daily about her place on the list, in tears.",
        needs="Would like her sister beside her in every conversation.",
        agreed="One call a week, on Mondays, while the list is looked through.",
    )
