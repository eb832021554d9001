"""The record put right: a field that was wrong, and an entry that was about somebody else."""

from __future__ import annotations

import pytest

from domain.case import Case
from domain.codes import CaseId, Channel, EndedBecause, InteractionKind, Purpose, SubjectId
from domain.decisions.breaches import RecordBreach, WithdrawBreach
from domain.decisions.corrections import MoveEntry, RectifyRecord
from domain.decisions.endings import CloseCase
from domain.decisions.intake import (
    AttachEvidence,
    AttachFile,
    CorrectContact,
    DisputeContact,
    LogContact,
    RecordIncident,
)
from domain.decisions.judgement import New
from domain.decisions.steps import GiveSpokenWarning, WithdrawWarning
from domain.decisions.urgent import EndInteraction
from domain.events import (
    ContactLogged,
    EvidenceAttached,
    IncidentRecorded,
    MovedToRightPerson,
    RecordRectified,
    SpokenWarningGiven,
    TakenFromOtherPerson,
)
from tests.domain.world import PERSON, Road, World, words

RIGHT = SubjectId("person-2")
RIGHT_CASE = CaseId("case-2")
OFFICER = "data_protection_officer"


def the_right_case() -> World:
    """A case of somebody else's in which two contacts and an incident were taken down."""
    road = Road("wolverhampton", stream=RIGHT_CASE).opened(RIGHT)
    road.incident()
    road.contact()
    return road.world


def command(entry: str) -> MoveEntry:
    """An entry goes to the right case."""
    return MoveEntry(entry=entry, other_case=RIGHT_CASE, reason=words())


def moved(world: World, entry: str, right: World | None = None) -> tuple[list[New], Case]:
    """The facts for the right case, and what that case is with them."""
    right = right or the_right_case()
    right.today = world.today
    decision = world.do(command(entry), beside=right)
    return [new for new in decision.facts if new.elsewhere], right.case


def refusals(world: World, entry: str, right: World | None = None) -> list[tuple[str, str]]:
    """Why an entry cannot be moved: the rules with what they ask."""
    return [(v.rule, v.asks) for v in world.refused(command(entry), beside=right or the_right_case())]


def fact_of(facts: list[New], kind: type) -> object:
    """The one fact of a kind."""
    [found] = [new.fact for new in facts if isinstance(new.fact, kind)]
    return found


def furnished() -> Road:
    """A contact with everything that can hang on one, and before it another that stays."""
    road = Road("wolverhampton").opened()
    road.contact()
    contact = road.contact()
    do = road.world.do
    ground = next(code for code, g in road.policy.grounds.items() if not g.needs)
    do(RecordIncident(happened_on=road.world.today, grounds=(ground,), account=words("shouted"), contact=contact))
    do(AttachEvidence(of=contact, kind="recording", description=words("the call")))
    do(AttachEvidence(of="incident-1", kind="note", description=words("a note")))
    do(GiveSpokenWarning(contact=contact, words=words("asked to stop")))
    do(CorrectContact(contact=contact, reason=words(), channel=Channel.EMAIL, purpose=Purpose.ENQUIRY))
    do(DisputeContact(contact=contact, statement=words("that was not me")))
    return road


# Moving


def test_a_contact_goes_to_the_right_case_with_what_hangs_on_it() -> None:
    facts, right = moved(furnished().world, "contact-2")
    assert [type(new.fact) for new in facts] == [
        ContactLogged,
        TakenFromOtherPerson,
        IncidentRecorded,
        TakenFromOtherPerson,
        EvidenceAttached,
        EvidenceAttached,
        SpokenWarningGiven,
    ]
    contact, incident = right.contacts[-1], right.incidents[-1]
    assert incident.contact == contact.id
    assert incident.conduct_of == RIGHT
    assert right.evidence_of(contact.id)
    assert right.evidence_of(incident.id)
    assert {entry for entry, _ in right.taken} == {contact.id, incident.id}
    assert {case for _, case in right.taken} == {"case-1"}


def test_ids_in_the_right_case_follow_on_those_that_it_has() -> None:
    right_world = the_right_case()
    before = right_world.case
    _, right = moved(furnished().world, "contact-2", right_world)
    assert [c.id for c in right.contacts] == [*(c.id for c in before.contacts), f"contact-{len(before.contacts) + 1}"]
    assert [i.id for i in right.incidents] == [
        *(i.id for i in before.incidents),
        f"incident-{len(before.incidents) + 1}",
    ]


def test_a_contact_goes_as_it_was_last_corrected_and_keeps_its_day() -> None:
    road = furnished()
    road.world.wait(3)
    facts, _ = moved(road.world, "contact-2")
    contact = fact_of(facts, ContactLogged)
    assert isinstance(contact, ContactLogged)
    assert (contact.channel, contact.purpose) == (Channel.EMAIL, Purpose.ENQUIRY)
    logged = next(e for e in road.world.history if isinstance(e.fact, ContactLogged) and e.fact.contact == "contact-2")
    assert facts[0].effective_at == logged.effective_at


def test_what_hangs_on_the_entry_is_hidden_and_the_first_persons_own_words_are_not() -> None:
    road = furnished()
    before = list(road.world.history)
    moved(road.world, "contact-2")
    hidden = road.world.case.hidden()
    told = [type(e.fact).__name__ for e in before if e.event_id in hidden]
    assert told == [
        "ContactLogged",
        "IncidentRecorded",
        "EvidenceAttached",
        "EvidenceAttached",
        "SpokenWarningGiven",
        "ContactCorrected",
    ]
    [moving_fact] = road.world.facts(MovedToRightPerson)
    assert (moving_fact.to_person, moving_fact.to_case) == (RIGHT, RIGHT_CASE)


def test_nothing_of_a_moved_entry_counts_against_the_first_person() -> None:
    road = furnished()
    moved(road.world, "contact-2")
    case = road.world.case
    assert case.contact("contact-2").moved  # type: ignore[union-attr]
    assert case.incident("incident-1").moved  # type: ignore[union-attr]
    assert not case.was_taken("spoken_warning", road.world.today)
    seen = case.without_moved()
    assert [c.id for c in seen.contacts] == ["contact-1"]
    assert (seen.incidents, seen.evidence) == ((), ())


def test_ids_of_a_moved_entry_are_never_given_out_again() -> None:
    road = furnished()
    moved(road.world, "contact-2")
    road.world.do(LogContact(channel=Channel.TELEPHONE, summary=words()))
    assert road.world.case.contacts[-1].id == "contact-3"


def test_an_incident_alone_can_be_moved_and_its_contact_stays() -> None:
    road = furnished()
    facts, right = moved(road.world, "incident-1")
    assert [type(new.fact) for new in facts] == [IncidentRecorded, TakenFromOtherPerson, EvidenceAttached]
    assert right.incidents[-1].contact is None
    assert not road.world.case.contact("contact-2").moved  # type: ignore[union-attr]


def test_an_ended_call_goes_with_its_contact() -> None:
    road = furnished()
    road.world.do(
        EndInteraction(
            contact="contact-1",
            kind=InteractionKind.CALL,
            because=EndedBecause.ABUSE,
            warned_first=True,
            reason=words(),
        )
    )
    ending = road.world.history[-1].event_id
    _, right = moved(road.world, "contact-1")
    assert right.ended[-1].contact == right.contacts[-1].id
    assert ending in road.world.case.hidden()
    assert road.world.case.without_moved().ended == ()


def test_what_was_put_right_before_goes_as_it_is_right() -> None:
    road = furnished()
    logged = next(e for e in road.world.history if isinstance(e.fact, ContactLogged) and e.fact.contact == "contact-2")
    correct = words("the right words")
    rectifying = RectifyRecord(event=logged.event_id, field="summary", correct=correct, reason=words())
    road.world.do(rectifying, by=OFFICER)
    facts, _ = moved(road.world, "contact-2")
    contact = fact_of(facts, ContactLogged)
    assert isinstance(contact, ContactLogged)
    assert contact.summary is correct
    assert road.world.history[-2].event_id in road.world.case.hidden()


def test_an_entry_is_moved_once() -> None:
    road = furnished()
    moved(road.world, "contact-2")
    assert [rule for rule, _ in refusals(road.world, "contact-2")] == ["entry_moved"]
    assert [rule for rule, _ in refusals(road.world, "incident-1")] == ["entry_moved"]
    assert [rule for rule, _ in refusals(road.world, "contact-9")] == ["unknown_entry"]


def test_a_moved_entry_takes_nothing_more() -> None:
    road = furnished()
    moved(road.world, "contact-2")
    for command in (
        CorrectContact(contact="contact-2", reason=words()),
        DisputeContact(contact="contact-2", statement=words()),
        AttachEvidence(of="incident-1", kind="note", description=words()),
    ):
        assert road.world.rules(command) == {"entry_moved"}


def test_the_same_persons_other_case_is_no_place_to_move_to() -> None:
    own = Road("wolverhampton", stream=RIGHT_CASE).opened(PERSON).world
    assert [rule for rule, _ in refusals(furnished().world, "contact-2", own)] == ["another_person"]


def test_a_closed_case_takes_no_entry() -> None:
    closed = the_right_case()
    closed.do(CloseCase(reasons=words()))
    assert [rule for rule, _ in refusals(furnished().world, "contact-2", closed)] == ["case_closed"]


def test_an_entry_leaves_a_closed_case_all_the_same() -> None:
    road = furnished()
    road.world.do(CloseCase(reasons=words()))
    facts, _ = moved(road.world, "contact-2")
    assert facts


@pytest.mark.parametrize("landlord", ["derby", "wolverhampton"])
def test_what_was_decided_on_an_entry_is_taken_back_first(landlord: str) -> None:
    road = Road(landlord).opened()
    road.restricted()
    case = road.world.case
    [restriction] = case.restrictions
    entry = restriction.incidents[0]
    assert ("rests_on_it", f"{restriction.id} rests on {entry}; withdraw it as wrong first.") in refusals(
        road.world, entry
    )


def test_a_warning_that_rests_on_an_entry_is_withdrawn_first() -> None:
    road = Road("wolverhampton").opened()
    road.warned()
    [warning] = road.world.case.warnings
    entry = warning.incidents[0]
    assert refusals(road.world, entry) == [("rests_on_it", f"{warning.id} rests on {entry}; withdraw it first.")]
    road.world.do(WithdrawWarning(warning=warning.id, reason=words()), by=road.warner())
    facts, _ = moved(road.world, entry)
    assert facts


def test_a_withdrawn_breach_is_hidden_with_its_contact_and_goes_nowhere() -> None:
    road = Road("wolverhampton").opened()
    restriction = road.restricted()
    road.world.wait(2)
    contact = road.contact()
    measure = f"{restriction}.1"
    road.world.do(RecordBreach(contact=contact, restriction=restriction, measure=measure, account=words()))
    breach = road.world.history[-1].event_id
    assert refusals(road.world, contact) == [("rests_on_it", f"breach-1 rests on {contact}; withdraw it first.")]
    road.world.do(WithdrawBreach(breach="breach-1", reason=words()))
    facts, _ = moved(road.world, contact)
    assert [type(new.fact) for new in facts] == [ContactLogged, TakenFromOtherPerson]
    assert breach in road.world.case.hidden()


# Putting right


def rectification_rules(world: World, by: str = OFFICER, **changes: str) -> list[str]:
    """Why a rectification is refused."""
    body = {"event": world.history[1].event_id, "field": "summary", **changes}
    return [v.rule for v in world.refused(RectifyRecord(**body, correct=words(), reason=words()), by)]


def test_what_was_written_and_what_is_right_both_stand() -> None:
    road = furnished()
    event = next(e for e in road.world.history if isinstance(e.fact, ContactLogged))
    road.world.do(RectifyRecord(event=event.event_id, field="summary", correct=words(), reason=words()), by=OFFICER)
    [fact] = road.world.facts(RecordRectified)
    assert (fact.event, fact.field) == (event.event_id, "summary")
    assert road.world.case.rectified[0].event == event.event_id
    assert event in road.world.history


@pytest.mark.parametrize("by", ["data_protection_officer", "records_officer"])
def test_whoever_answers_for_records_puts_them_right(by: str) -> None:
    road = furnished()
    event = road.world.history[1].event_id
    decision = road.world.do(RectifyRecord(event=event, field="summary", correct=words(), reason=words()), by=by)
    assert decision.post == by


def test_nobody_else_puts_a_record_right() -> None:
    assert rectification_rules(furnished().world, by="case_officer") == ["post_held"]


def test_only_words_of_this_history_can_be_put_right() -> None:
    world = furnished().world
    assert rectification_rules(world, event="event-99") == ["unknown_event"]
    assert rectification_rules(world, field="channel") == ["unknown_field"]
    assert rectification_rules(world, field="summary.0") == ["unknown_field"]


def test_what_was_moved_is_put_right_where_it_is_now() -> None:
    road = furnished()
    logged = next(e for e in road.world.history if isinstance(e.fact, ContactLogged) and e.fact.contact == "contact-2")
    moved(road.world, "contact-2")
    assert rectification_rules(road.world, event=logged.event_id) == ["entry_moved"]


def test_a_closed_case_is_put_right_all_the_same() -> None:
    road = furnished()
    road.world.do(CloseCase(reasons=words()))
    event = road.world.history[1].event_id
    assert road.world.do(RectifyRecord(event=event, field="summary", correct=words(), reason=words()), by=OFFICER).facts


# Files


def test_a_file_stands_on_the_fact_by_id_digest_size_and_type() -> None:
    road = furnished()
    road.world.do(
        AttachFile(
            of="contact-2",
            kind="recording",
            description=words(),
            blob="blob-1",
            digest="ab" * 32,
            size=17,
            media_type="audio/mpeg",
        ),
    )
    fact = road.world.facts(EvidenceAttached)[-1]
    assert (fact.blob, fact.digest, fact.size, fact.media_type) == ("blob-1", "ab" * 32, 17, "audio/mpeg")
