"""A command goes straight through: history, decision, one append; and what happens when others write as well."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from application.desk import TRIES, Desk, NotFound, Stale
from application.ports import Conflict, KeyReused, Receipt
from application.streams import case_id, landlord_stream
from domain.codes import CaseId, StaffId, SubjectId
from domain.decisions import Refused
from domain.decisions.endings import CloseCase
from domain.decisions.intake import DisputeContact, LogContact, OpenCase, RecordIncident
from domain.decisions.landlord import AdoptPolicy, AppointPost, EndPost
from domain.events import SYSTEM, CaseOpened, ContactLogged
from domain.personal import Personal
from domain.policy_file import load_policy
from infrastructure.office import mint_event_id
from infrastructure.policy_shelf import LandlordPolicies
from tests import policies as test_policies
from tests.application.a_desk import (
    MAIDSTONE,
    MANAGER,
    NOON,
    TENANT,
    Interrupted,
    World,
    a_call,
    asked,
    in_memory,
    landlords_own,
    on_postgres,
)


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The landlord on either log: what is said of one holds of the other."""
    if request.param == "memory":
        yield in_memory()
        return
    with on_postgres(request.getfixturevalue("database"), tmp_path / "keys") as real:
        yield real


def logged(desk: Desk, person: SubjectId = TENANT) -> CaseId:
    """A case that a first call has opened."""
    return CaseId(str(desk.log_contact(person, a_call(), MANAGER).answer["case"]))


def names(receipt: Receipt) -> list[str]:
    """The stored names of the facts that an answer lists."""
    facts = receipt.answer["facts"]
    assert isinstance(facts, list)
    return [fact["type"] for fact in facts]


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """The rules that stood in the way."""
    return [violation.rule for violation in refused.value.violations]


# Straight through


def test_a_first_contact_opens_a_case_in_the_same_append_and_the_next_one_goes_into_it(world: World) -> None:
    before = world.log.head()

    first = world.desk.log_contact(TENANT, a_call(), MANAGER)
    second = world.desk.log_contact(TENANT, a_call("Asked again."), MANAGER)

    assert names(first) == ["CaseOpened", "ContactLogged"]
    assert (first.first_position, first.last_position) == (before + 1, before + 2)
    assert names(second) == ["ContactLogged"]
    assert first.answer["case"] == second.answer["case"] == case_id(MAIDSTONE, TENANT, 1)
    assert (second.answer["version"], second.answer["position"]) == (3, before + 3)
    case = world.desk.case(case_id(MAIDSTONE, TENANT, 1))
    assert [contact.id for contact in case.contacts] == ["contact-1", "contact-2"]
    assert (case.stage, case.person, case.version) == ("logged", TENANT, 3)


def test_the_answer_names_each_fact_with_the_id_of_what_it_made(world: World) -> None:
    receipt = world.desk.log_contact(TENANT, a_call(), MANAGER)

    history = world.desk.history(case_id(MAIDSTONE, TENANT, 1))
    assert receipt.answer == {
        "case": case_id(MAIDSTONE, TENANT, 1),
        "version": 2,
        "position": receipt.last_position,
        "person": TENANT,
        "facts": [
            {"event_id": history[0].event_id, "type": "CaseOpened", "version": 1},
            {"event_id": history[1].event_id, "type": "ContactLogged", "version": 2, "id": "contact-1"},
        ],
    }


def test_every_stranger_gets_a_subject_of_their_own(world: World) -> None:
    first, second = (world.desk.log_contact(None, a_call(), MANAGER).answer for _ in range(2))

    assert first["person"] != second["person"]
    assert first["case"] == case_id(MAIDSTONE, SubjectId(str(first["person"])), 1) != second["case"]


def test_a_stranger_is_entered_once_nothing_stands_in_the_way_of_the_contact_and_not_before(world: World) -> None:
    entered: list[SubjectId] = []

    def enter() -> SubjectId:
        entered.append(TENANT)
        return TENANT

    tomorrow = date(2026, 3, 3)
    with pytest.raises(Refused):
        world.desk.log_contact(None, a_call().model_copy(update={"happened_on": tomorrow}), MANAGER, enter=enter)
    assert not entered

    first = world.desk.log_contact(None, a_call(), MANAGER, request=asked("a"), enter=enter)
    assert (first.answer["person"], entered) == (TENANT, [TENANT])

    again = world.desk.log_contact(None, a_call(), MANAGER, request=asked("a"), enter=enter)
    assert (again.answer, entered) == (first.answer, [TENANT])
    with pytest.raises(KeyReused):
        world.desk.log_contact(None, a_call(), MANAGER, request=asked("a", b"another body"), enter=enter)
    assert entered == [TENANT]


def test_an_event_says_who_decided_in_which_post_under_which_policy_and_when(world: World) -> None:
    case = logged(world.desk)
    policy = test_policies.policy_file(MAIDSTONE)
    yesterday = date(2026, 3, 1)

    world.desk.execute(
        case,
        RecordIncident(happened_on=yesterday, grounds=("scatter_gun",), account=Personal("Wrote to five teams.")),
        MANAGER,
    )

    event = world.desk.history(case)[-1]
    assert event.policy is not None
    assert (event.policy.landlord, event.policy.effective) == (MAIDSTONE, policy.effective)
    assert (event.policy.sha256, event.policy.baseline_sha256) == (policy.sha256, test_policies.baseline_file().sha256)
    assert (event.actor, event.post, event.clauses) == (MANAGER, "manager", ("4.1 b1",))
    assert (event.effective_on, event.recorded_at, event.version) == (yesterday, NOON, 3)


def test_event_ids_are_uuids_of_version_7_in_the_order_of_the_log(world: World) -> None:
    for _ in range(3):
        world.desk.log_contact(None, a_call(), MANAGER)

    ids = [event.event_id for event in world.log.after(0, 100)]
    assert ids == sorted(ids)
    assert {UUID(event_id).version for event_id in ids} == {7}


def test_a_refused_command_writes_nothing(world: World) -> None:
    case = logged(world.desk)
    before = world.log.head()

    with pytest.raises(Refused) as refused:
        world.desk.execute(case, DisputeContact(contact="contact-9", statement=Personal("It was not so.")), MANAGER)

    assert rules(refused) == ["unknown_contact"]
    assert world.log.head() == before


def test_somebody_without_a_post_that_day_is_refused_and_opens_no_case(world: World) -> None:
    before = world.log.head()

    with pytest.raises(Refused) as refused:
        world.desk.log_contact(TENANT, a_call(), StaffId(str(uuid4())))

    assert rules(refused) == ["post_held"]
    assert world.log.head() == before
    assert world.desk.open_case_of(TENANT) is None


# Where nothing is


@pytest.mark.parametrize(
    "unknown",
    [
        "0f0f0f0f-0000-4000-8000-000000000000",
        "no uuid at all",
        case_id(MAIDSTONE, TENANT, 1).upper(),
        "{" + case_id(MAIDSTONE, TENANT, 1) + "}",
        case_id("derby", TENANT, 1),
        landlord_stream(MAIDSTONE),
        "",
    ],
)
def test_what_is_no_case_of_this_landlord_is_not_found(world: World, unknown: str) -> None:
    logged(world.desk)

    for ask in (world.desk.case, world.desk.history):
        with pytest.raises(NotFound):
            ask(CaseId(unknown))
    with pytest.raises(NotFound):
        world.desk.execute(CaseId(unknown), a_call(), MANAGER)


# The version that was read


def test_a_command_on_the_version_that_was_read_goes_through_and_on_an_older_one_is_stale(world: World) -> None:
    case = logged(world.desk)

    accepted = world.desk.execute(case, a_call(), MANAGER, if_match=2)
    head = world.log.head()
    with pytest.raises(Stale) as stale:
        world.desk.execute(case, a_call(), MANAGER, if_match=2)

    assert accepted.answer["version"] == 3
    assert stale.value.current == 3
    assert world.log.head() == head


def test_a_version_that_is_overtaken_between_reading_and_writing_is_stale(world: World) -> None:
    case = logged(world.desk)
    overtaken = Interrupted(world.log, lambda: world.desk.execute(case, a_call("Faster."), MANAGER))

    with pytest.raises(Stale) as stale:
        world.on(overtaken).execute(case, a_call("Slower."), MANAGER, if_match=2)

    assert stale.value.current == 3
    assert len(world.desk.case(case).contacts) == 2


def test_without_a_version_an_overtaken_command_decides_again_with_fresh_ids(world: World) -> None:
    case = logged(world.desk)
    overtaken = Interrupted(world.log, lambda: world.desk.execute(case, a_call("Faster."), MANAGER))

    receipt = world.on(overtaken).execute(case, a_call("Slower."), MANAGER)

    first, second = overtaken.offered
    assert (first[0].version, second[0].version, receipt.answer["version"]) == (3, 4, 4)
    assert first[0].event_id != second[0].event_id
    assert isinstance(second[0].fact, ContactLogged)
    assert second[0].fact.contact == "contact-3"  # decided on the new history, not merely renumbered


def test_an_overtaken_command_that_the_new_history_forbids_is_refused(world: World) -> None:
    case = logged(world.desk)
    closed = Interrupted(world.log, lambda: world.desk.execute(case, CloseCase(), MANAGER))

    with pytest.raises(Refused) as refused:
        world.on(closed).execute(case, a_call(), MANAGER)

    assert rules(refused) == ["case_closed"]


def test_somebody_who_is_overtaken_every_time_is_told_so_in_the_end() -> None:
    world = in_memory()
    case = logged(world.desk)
    overtaken = Interrupted(world.log, lambda: world.desk.execute(case, a_call(), MANAGER), times=TRIES)

    with pytest.raises(Conflict):
        world.on(overtaken).execute(case, a_call("Too slow."), MANAGER)

    assert len(overtaken.offered) == TRIES
    assert len(world.desk.case(case).contacts) == 1 + TRIES


# The same request again


def test_an_accepted_request_sent_again_gets_its_first_answer_and_writes_nothing(world: World) -> None:
    first = world.desk.log_contact(TENANT, a_call(), MANAGER, request=asked("a"))
    world.desk.log_contact(TENANT, a_call("Something else."), MANAGER)
    head = world.log.head()

    again = world.desk.log_contact(TENANT, a_call(), MANAGER, request=asked("a"))

    assert (first.repeated, again.repeated) == (False, True)
    assert list(again.answer.items()) == list(first.answer.items())
    assert (again.first_position, again.last_position, again.recorded_at) == (
        first.first_position,
        first.last_position,
        first.recorded_at,
    )
    assert world.log.head() == head


def test_a_repeated_request_is_known_before_its_version_and_before_any_rule(world: World) -> None:
    case = logged(world.desk)
    first = world.desk.execute(case, a_call(), MANAGER, if_match=2, request=asked("a"))
    world.desk.execute(case, CloseCase(), MANAGER)

    again = world.desk.execute(case, a_call(), MANAGER, if_match=2, request=asked("a"))

    assert again.answer == first.answer


def test_a_key_with_another_body_is_refused(world: World) -> None:
    case = logged(world.desk)
    world.desk.execute(case, a_call(), MANAGER, request=asked("a"))

    with pytest.raises(KeyReused):
        world.desk.execute(case, a_call("Other words."), MANAGER, request=asked("a", b"another mac"))


def test_a_refusal_is_not_remembered_under_its_key(world: World) -> None:
    case = logged(world.desk)
    dispute = DisputeContact(contact="contact-2", statement=Personal("It was not so."))
    with pytest.raises(Refused):
        world.desk.execute(case, dispute, MANAGER, request=asked("a"))
    world.desk.execute(case, a_call(), MANAGER)

    assert names(world.desk.execute(case, dispute, MANAGER, request=asked("a"))) == ["ContactDisputed"]


def test_a_request_that_its_own_twin_overtook_gets_the_twins_answer(world: World) -> None:
    case = logged(world.desk)
    close = CloseCase()
    twin: list[Receipt] = []
    overtaken = Interrupted(
        world.log, lambda: twin.append(world.desk.execute(case, close, MANAGER, request=asked("a")))
    )

    # Decided again, it would be refused: the case is closed by now.
    receipt = world.on(overtaken).execute(case, close, MANAGER, request=asked("a"))

    assert receipt.answer == twin[0].answer
    assert receipt.repeated


def test_a_request_whose_twin_was_accepted_while_it_was_being_read_gets_the_twins_answer(world: World) -> None:
    case = logged(world.desk)
    twin: list[Receipt] = []

    def overtake() -> None:
        twin.append(world.desk.execute(case, CloseCase(), MANAGER, if_match=2, request=asked("a")))

    late = Interrupted(world.log, overtake, times=0, before_reading=overtake)

    # By now its version is stale and its case closed; neither is what became of this request.
    receipt = world.on(late).execute(case, CloseCase(), MANAGER, if_match=2, request=asked("a"))

    assert receipt.answer == twin[0].answer


def test_a_repeated_request_is_answered_without_deciding_or_sealing_anything(world: World) -> None:
    first = world.desk.log_contact(TENANT, a_call(), MANAGER, request=asked("a"))
    watched = Interrupted(world.log, lambda: None)

    again = world.on(watched).log_contact(TENANT, a_call(), MANAGER, request=asked("a"))

    assert again.answer == first.answer
    assert watched.offered == []


# One open case for each person


def test_a_person_with_an_open_case_gets_no_second_one(world: World) -> None:
    case = logged(world.desk)

    with pytest.raises(Refused) as refused:
        world.desk.open_case(TENANT, OpenCase(person=TENANT), MANAGER)

    assert rules(refused) == ["one_open_case"]
    assert world.desk.open_case_of(TENANT) == case
    with pytest.raises(Refused) as opened_again:
        world.desk.execute(case, OpenCase(person=TENANT), MANAGER)
    assert rules(opened_again) == ["opened_once"]


def test_after_a_case_is_closed_the_next_contact_opens_another(world: World) -> None:
    first = logged(world.desk)
    world.desk.execute(first, CloseCase(), MANAGER)
    assert world.desk.open_case_of(TENANT) is None

    second = logged(world.desk)

    assert world.desk.cases_of(TENANT) == [first, second] == [case_id(MAIDSTONE, TENANT, n) for n in (1, 2)]
    assert world.desk.open_case_of(TENANT) == second
    opened = world.desk.history(second)[0].fact
    assert isinstance(opened, CaseOpened)
    assert opened.ordinal == 2


def test_whose_case_is_opened_and_which_one_is_not_the_commands_to_say(world: World) -> None:
    somebody_else = OpenCase(person="somebody-else", ordinal=7, household="flat-2")

    receipt = world.desk.open_case(TENANT, somebody_else, MANAGER)

    case = world.desk.case(CaseId(str(receipt.answer["case"])))
    assert (case.person, case.ordinal, case.household) == (TENANT, 1, "flat-2")


# What was known, and what applied


def test_a_case_is_told_as_it_was_known(world: World) -> None:
    case = logged(world.desk)
    world.clock.at = NOON + timedelta(days=1)
    world.desk.execute(case, a_call("The next day."), MANAGER)

    known = world.desk.case(case, known_at=NOON + timedelta(hours=23))

    assert [contact.id for contact in known.contacts] == ["contact-1"]
    assert len(world.desk.history(case, known_at=NOON + timedelta(days=1))) == 3
    with pytest.raises(NotFound):
        world.desk.case(case, known_at=NOON - timedelta(seconds=1))


def later_policy(world: World, effective: date) -> tuple[Desk, AdoptPolicy]:
    """A desk that also has the same policy with a later effective date, and the command that adopts it."""
    [file] = world.policies.files()
    source = (test_policies.folder() / f"{MAIDSTONE}.{file.effective}.toml").read_text(encoding="utf-8")
    changed = source.replace(f"is = {file.effective}", f"is = {effective}").encode()
    later = load_policy(changed, f"{MAIDSTONE}.{effective}.toml")
    shelf = LandlordPolicies(world.policies.baseline, {file.effective: file, effective: later})
    command = AdoptPolicy(effective=effective, sha256=later.sha256, baseline_sha256=world.policies.baseline.sha256)
    return Desk(MAIDSTONE, world.log, shelf, world.clock, mint_event_id), command


def test_a_command_is_decided_under_the_policy_of_its_own_day(world: World) -> None:
    desk, adopt = later_policy(world, date(2026, 2, 1))
    desk.manage(adopt, SYSTEM)
    case = logged(desk)
    statement = Personal("It was not so.")

    desk.execute(case, DisputeContact(contact="contact-1", statement=statement, on=date(2026, 1, 31)), MANAGER)
    desk.execute(case, DisputeContact(contact="contact-1", statement=statement), MANAGER)

    [old] = world.policies.files()
    *_, before, after = (event.policy for event in desk.history(case))
    assert before is not None
    assert after is not None
    assert (before.effective, before.sha256) == (old.effective, old.sha256)
    assert (after.effective, after.sha256) == (date(2026, 2, 1), adopt.sha256)
    assert desk.policy_of(before) == old
    assert desk.policy_on(date(2026, 2, 1)).sha256 == adopt.sha256


def test_no_command_is_decided_for_a_day_before_the_first_policy(world: World) -> None:
    case = logged(world.desk)
    statement = Personal("It was not so.")

    with pytest.raises(Refused) as refused:
        world.desk.execute(case, DisputeContact(contact="contact-1", statement=statement, on=date(2019, 1, 1)), MANAGER)

    assert rules(refused) == ["policy_adopted"]
    with pytest.raises(NotFound):
        world.desk.policy_on(date(2019, 1, 1))


def test_a_policy_is_adopted_only_from_a_file_that_is_at_hand(world: World) -> None:
    _, adopt = later_policy(world, date(2026, 2, 1))

    with pytest.raises(Refused) as refused:  # this desk has no such file
        world.desk.manage(adopt, SYSTEM)

    assert rules(refused) == ["policy_at_hand"]


def test_posts_stand_in_the_landlords_own_stream_and_decide_who_may(world: World) -> None:
    other = StaffId(str(uuid4()))
    receipt = world.desk.manage(AppointPost(role="manager", staff=other, starts_on=date(2026, 3, 1)), SYSTEM)
    case = logged(world.desk)
    world.desk.execute(case, a_call(), other)

    world.desk.manage(EndPost(tenure="tenure-2", last_day=date(2026, 3, 2)), SYSTEM)
    world.clock.at = NOON + timedelta(days=1)

    assert receipt.answer["landlord"] == MAIDSTONE
    assert names(receipt) == ["PostAppointed"]
    assert [event.version for event in world.log.history(landlords_own())] == [1, 2, 3, 4, 5]
    with pytest.raises(Refused) as refused:
        world.desk.execute(case, a_call(), other)
    assert rules(refused) == ["post_held"]


def test_a_command_on_the_landlord_can_be_tried_without_carrying_it_out(world: World) -> None:
    before = world.log.head()

    world.desk.check(AppointPost(role="manager", staff="somebody", starts_on=date(2026, 3, 1)), SYSTEM)
    with pytest.raises(Refused) as refused:
        world.desk.check(AppointPost(role="king", staff="somebody", starts_on=date(2026, 3, 1)), SYSTEM)

    assert rules(refused) == ["unknown_post"]
    assert world.log.head() == before


# Many at once


def at_once(count: int, work: LogContact, desk: Desk, person: SubjectId) -> list[Receipt]:
    """The same contact, logged by so many threads that start together."""
    barrier = Barrier(count)

    def one(_: int) -> Receipt:
        barrier.wait()
        return desk.log_contact(person, work, MANAGER)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_openings_at_once_make_one_case_with_both_contacts(world: World) -> None:
    for _ in range(10):
        person = SubjectId(str(uuid4()))

        receipts = at_once(2, a_call(), world.desk, person)

        [case] = world.desk.cases_of(person)
        history = world.desk.history(case)
        assert [type(event.fact) for event in history] == [CaseOpened, ContactLogged, ContactLogged]
        assert sorted(len(names(receipt)) for receipt in receipts) == [1, 2]


def test_many_writers_to_one_case_leave_every_contact_once(world: World) -> None:
    receipts = at_once(6, a_call(), world.desk, TENANT)

    case = world.desk.case(case_id(MAIDSTONE, TENANT, 1))
    assert sorted(contact.id for contact in case.contacts) == [f"contact-{n}" for n in range(1, 7)]
    assert sorted(int(str(receipt.answer["version"])) for receipt in receipts) == [2, 3, 4, 5, 6, 7]


def test_one_request_sent_by_many_at_once_is_carried_out_once(world: World) -> None:
    barrier = Barrier(6)

    def one(_: int) -> Receipt:
        barrier.wait()
        return world.desk.log_contact(None, a_call(), MANAGER, request=asked("a"))

    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(one, range(6)))

    assert {str(receipt.answer["case"]) for receipt in receipts} == {str(receipts[0].answer["case"])}
    assert sum(not receipt.repeated for receipt in receipts) == 1
    [contact] = [event for event in world.log.after(0, 100) if isinstance(event.fact, ContactLogged)]
    assert contact.stream == receipts[0].answer["case"]
