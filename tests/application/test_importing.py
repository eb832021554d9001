"""A register taken line by line, tried and in earnest: the two agree, and a line that is refused leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from application.desk import Desk
from application.founding import found
from application.importing import Fate, Importing, Outcome, Ways
from application.memory import MemoryLog
from application.ports import KeyDestroyed, PersonDetails, ReferenceTaken, RequestKey
from domain.calendar import london_date
from domain.codes import CaseId, SubjectId
from domain.decisions import COMMANDS
from domain.decisions.completing import CompleteImport
from domain.decisions.importing import ImportRestriction
from domain.events import RestrictionImported
from domain.personal import KeyClass, Personal
from domain.policy_file import PolicyFile
from domain.register_import import read_header
from infrastructure.office import mint_event_id
from infrastructure.policy_shelf import LandlordPolicies
from tests.application.a_desk import MAIDSTONE, MANAGER, NOON, TENANT, HandsOnAClock, World, in_memory
from tests.policies import baseline_file, policy_file

COLUMNS = ("reference", "name", "starts_on", "ends_on", "measures")
TODAY = london_date(NOON)
NAME = "Jane Unmistakable"


class People:
    """A directory of references alone."""

    def __init__(self) -> None:
        self.known: dict[str, SubjectId] = {}

    def person_by_reference(self, reference: str) -> SubjectId | None:
        """Whose reference this is."""
        return self.known.get(reference)

    def add_person(self, details: PersonDetails) -> SubjectId:
        """Somebody new."""
        assert details.reference is not None
        if details.reference in self.known:
            raise ReferenceTaken("taken")
        return self.known.setdefault(details.reference, SubjectId(str(uuid4())))


class SomebodyFaster(People):
    """Another process enters the person between the look and the entry."""

    def add_person(self, details: PersonDetails) -> SubjectId:
        """Too late."""
        super().add_person(details)
        return super().add_person(details)


@pytest.fixture
def world() -> World:
    return in_memory()


def importing(world: World, people: People, *, dry: bool = False, columns: Sequence[str] = COLUMNS) -> Importing:
    def request(content: str) -> RequestKey:
        return RequestKey("import", content, sha256(content.encode()).digest())

    ways = Ways(reference=lambda text: sha256(text.encode()).digest(), request=request)
    header = read_header(columns)
    return Importing(world.desk, people, ways, header, "register", TODAY, dry=dry)  # type: ignore[arg-type]


def row(
    reference: str = "C-1", starts: int = -10, ends: int | None = 20, measures: str = "single_contact"
) -> list[str]:
    last = "" if ends is None else str(TODAY + timedelta(days=ends))
    return [reference, NAME, str(TODAY + timedelta(days=starts)), last, measures]


def all_of(importing: Importing, *rows: list[str]) -> list[Outcome]:
    return [importing.take(line, cells) for line, cells in enumerate(rows, start=2)]


def rules(outcome: Outcome) -> list[str]:
    assert NAME not in str(outcome)
    return [problem.rule for problem in outcome.problems]


HARD = (
    row("C-1"),
    row("C-1"),
    row("C-1", starts=-5),
    row("C-1", starts=-100, ends=-50),
    row("C-2", ends=-20),
    row("C-2", starts=1),
    row("C-2", measures="stocks"),
    row("C-3", starts=-200, ends=None),
)


@pytest.mark.parametrize("dry", [True, False], ids=["tried", "in earnest"])
def test_a_dry_run_says_of_each_line_what_then_happens(dry: bool, world: World) -> None:
    found = all_of(importing(world, People(), dry=dry), *HARD)
    assert [rules(outcome) for outcome in found] == [
        [],
        ["duplicate_line"],
        ["one_in_force"],
        [],
        ["end_before_start"],
        ["not_in_the_future"],
        ["unknown_measure"],
        [],
    ]
    assert [found[n].over for n in (0, 3, 7)] == [False, True, True]


def test_what_is_tried_or_refused_enters_nobody_and_writes_nothing(world: World) -> None:
    people, before = People(), world.log.head()
    all_of(importing(world, people, dry=True), *HARD)
    assert (people.known, world.log.head()) == ({}, before)
    all_of(importing(world, people), *HARD[4:7])
    assert (people.known, world.log.head()) == ({}, before)


def test_the_same_lines_again_add_nothing_in_whatever_order_they_come(world: World) -> None:
    people = People()
    rows = [row("C-1"), row("C-2"), row("C-1", starts=-100, ends=-50)]
    first = all_of(importing(world, people), *rows)
    there = world.log.head()
    again = all_of(importing(world, people), *reversed(rows))
    assert {outcome.fate for outcome in again} == {Fate.THERE_ALREADY}
    assert [outcome.case for outcome in again] == [outcome.case for outcome in reversed(first)]
    assert world.log.head() == there


def test_a_line_that_was_put_right_is_not_taken_beside_what_is_there(world: World) -> None:
    people = People()
    all_of(importing(world, people), row())
    [changed] = all_of(importing(world, people), row(ends=25))
    assert rules(changed) == ["already_there"]


def test_a_person_has_one_open_case_for_all_their_lines(world: World) -> None:
    people = People()
    found = all_of(importing(world, people), row(), row(starts=-100, ends=-50), row(starts=-200, ends=-150))
    assert len({outcome.case for outcome in found}) == 1
    assert [outcome.restriction for outcome in found] == ["restriction-1", "restriction-2", "restriction-3"]


def test_somebody_who_was_entered_at_the_same_moment_is_not_entered_twice(world: World) -> None:
    people = SomebodyFaster()
    [outcome] = all_of(importing(world, people), row())
    assert outcome.fate is Fate.TAKEN
    assert len(people.known) == 1


def test_nothing_is_written_of_somebody_who_was_erased(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def destroyed(*_: object, **__: object) -> None:
        raise KeyDestroyed(TENANT, KeyClass.CONTACT)

    monkeypatch.setattr(world.desk, "try_to_bring_along", destroyed)
    [outcome] = all_of(importing(world, People()), row())
    assert rules(outcome) == ["person_erased"]


def citizens() -> World:
    """A desk of Citizen's, whose policy has somebody else speak for a customer."""
    clock, file = HandsOnAClock(), policy_file("citizen")
    policies, log = LandlordPolicies(baseline_file(), {file.effective: file}), MemoryLog(clock)
    found("citizen", log, policies, clock, mint_event_id, demonstration=False)
    return World(Desk("citizen", log, policies, clock, mint_event_id), log, clock, policies)


SPOKEN = ("reference", "starts_on", "ends_on", "measures", "third_party")


@pytest.mark.parametrize("dry", [True, False], ids=["tried", "in earnest"])
def test_whoever_speaks_for_a_customer_is_in_the_directory_and_is_not_the_customer(dry: bool) -> None:
    world, people = citizens(), People()
    friend = people.add_person(PersonDetails(reference="C-9"))
    days = [str(TODAY - timedelta(days=10)), str(TODAY + timedelta(days=20))]
    lines = [["C-1", *days, "third_party", third] for third in ("C-8", "C-1", "C-9")]
    told = all_of(importing(world, people, dry=dry, columns=SPOKEN), *lines)
    assert [rules(one) for one in told] == [["unknown_third_party"], ["third_party_is_the_customer"], []]
    assert "C-8" not in str(told[0])
    if not dry:
        [fact] = [e.fact for e in world.log.history(str(told[2].case)) if isinstance(e.fact, RestrictionImported)]
        assert [m.third_party for m in fact.measures] == [friend]


def test_what_was_decided_before_any_policy_is_taken_under_the_earliest_and_says_so(world: World) -> None:
    people = People()
    [old, new] = all_of(importing(world, people), row(starts=-3650, ends=-3600), row("C-2"))
    assert "policy" in old.missing
    assert "policy" not in new.missing
    events = world.log.history(str(old.case))
    assert events[-1].policy is not None
    assert events[-1].policy.landlord == MAIDSTONE


def test_no_request_over_http_brings_a_restriction_along() -> None:
    assert ImportRestriction not in COMMANDS.values()


# afterwards


def test_a_restriction_is_taken_under_the_policy_of_the_day_on_which_it_was_decided() -> None:
    clock, file = HandsOnAClock(), policy_file(MAIDSTONE)
    document = file.policy.document
    since = document.effective.model_copy(update={"value": TODAY - timedelta(days=30)})
    policy = file.policy.model_copy(update={"document": document.model_copy(update={"effective": since})})
    newer = PolicyFile(policy, "f" * 64)
    policies, log = LandlordPolicies(baseline_file(), {f.effective: f for f in (file, newer)}), MemoryLog(clock)
    found(MAIDSTONE, log, policies, clock, mint_event_id, demonstration=False)
    world = World(Desk(MAIDSTONE, log, policies, clock, mint_event_id), log, clock, policies)
    outcomes = all_of(importing(world, People()), row("C-1", starts=-40), row("C-2", starts=-10))
    events = [log.history(str(outcome.case))[-1] for outcome in outcomes]
    assert [event.policy and event.policy.effective for event in events] == [file.effective, newer.effective]


def test_what_was_missing_is_supplied_by_somebody_with_a_post(world: World) -> None:
    [outcome] = all_of(importing(world, People()), row())
    case = CaseId(str(outcome.case))
    supplied = {"restriction": outcome.restriction, "found_in": Personal("The paper file."), "household": "tenancy-1"}
    receipt = world.desk.execute(case, CompleteImport.model_validate(supplied), MANAGER)
    assert [fact["type"] for fact in receipt.answer["facts"]] == ["ImportCompleted"]  # type: ignore[attr-defined]
    [restriction] = world.desk.case(case).restrictions
    assert restriction.household == "tenancy-1"
    assert {*outcome.missing} - {*restriction.missing} == {"household"}
