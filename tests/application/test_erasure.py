"""Carrying out recorded erasures: keys first, each one until it is done, and none held up by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest

from application.erasure import Erasures, RecordedErasure
from domain.codes import CaseId, SubjectId
from domain.events import PersonErased
from domain.personal import KeyClass

CASE = CaseId("case-1")


@dataclass
class Recorded:
    """A log with these erasures, one at each position."""

    found: list[RecordedErasure] = field(default_factory=list)
    unreadable: bool = False

    def erasures(self, after: int, limit: int) -> Sequence[RecordedErasure]:
        """The next few."""
        if self.unreadable:
            raise ConnectionError("no log")
        return [one for one in self.found if one.position > after][:limit]

    def add(self, person: str, *classes: KeyClass) -> None:
        """One more."""
        fact = PersonErased(
            erasure="erasure-1",
            person=SubjectId(person),
            classes=classes,
            because="rights-1",
            erased_on=date(2026, 3, 2),
        )
        self.found.append(RecordedErasure(len(self.found) + 1, CASE, fact))


@dataclass
class House:
    """Key ring, directory and blobs in one, which note what they are asked and refuse what they are told to."""

    done: list[tuple[object, ...]] = field(default_factory=list)
    refuses: set[tuple[object, ...]] = field(default_factory=set)

    def _note(self, *what: object) -> None:
        if what in self.refuses:
            raise ConnectionError("the database of the keys does not answer")
        self.done.append(what)

    def destroy(self, person: SubjectId) -> None:
        """Every key."""
        self._note("keys", person)

    def destroy_one(self, person: SubjectId, case: CaseId, key_class: KeyClass) -> None:
        """One key."""
        self._note("key", person, case, key_class)

    def erase(self, subject: SubjectId) -> None:
        """The entry."""
        self._note("entry", subject)

    def discard_of(self, person: SubjectId, case: CaseId | None = None, key_class: KeyClass | None = None) -> None:
        """The files."""
        self._note("files", person, case, *([] if key_class is None else [key_class.value]))


@pytest.fixture
def house() -> House:
    """Nothing done yet."""
    return House()


def sweeping(log: Recorded, house: House, failed: list[int]) -> Erasures:
    """Erasures over these doubles."""
    return Erasures(log, house, house, house, lambda position, _: failed.append(position))  # type: ignore[arg-type]


def test_of_a_person_the_keys_go_first_then_entry_and_files(house: House) -> None:
    log, failed = Recorded(), list[int]()
    log.add("ann")
    assert sweeping(log, house, failed).sweep() == 0
    assert house.done == [("keys", "ann"), ("entry", "ann"), ("files", "ann", None)]
    assert failed == []


def test_of_a_class_its_keys_go_in_that_case_and_files_with_evidence_and_letters_with_notices(house: House) -> None:
    log = Recorded()
    log.add("ann", KeyClass.CONTACT, KeyClass.NOTICE)
    log.add("ann", KeyClass.EVIDENCE)
    sweeping(log, house, []).sweep()
    assert house.done == [
        ("key", "ann", CASE, KeyClass.CONTACT),
        ("key", "ann", CASE, KeyClass.NOTICE),
        ("files", "ann", CASE, "notice"),
        ("key", "ann", CASE, KeyClass.EVIDENCE),
        ("files", "ann", CASE, "evidence"),
    ]


def test_each_is_carried_out_once_by_one_process_and_again_by_the_next(house: House) -> None:
    log = Recorded()
    log.add("ann")
    erasures = sweeping(log, house, [])
    erasures.sweep()
    erasures.sweep()
    assert len(house.done) == 3
    log.add("bob")
    erasures.sweep()
    assert len(house.done) == 6
    sweeping(log, house, []).sweep()
    assert len(house.done) == 12


@pytest.mark.parametrize("refused", [("keys", "ann"), ("entry", "ann"), ("files", "ann", None)])
def test_what_could_not_be_done_is_tried_until_it_is_and_holds_up_nobody_else(
    house: House, refused: tuple[object, ...]
) -> None:
    log, failed = Recorded(), list[int]()
    log.add("ann")
    log.add("bob")
    house.refuses.add(refused)
    erasures = sweeping(log, house, failed)
    assert erasures.sweep() == 1
    assert ("files", "bob", None) in house.done
    assert erasures.sweep() == 1
    assert failed == [1, 1]
    house.refuses.clear()
    assert erasures.sweep() == 0
    assert refused in house.done


def test_an_erasure_that_this_release_cannot_tell_stays_to_be_done(house: House) -> None:
    log, failed = Recorded(), list[int]()
    log.found.append(RecordedErasure(1, CASE, None))
    log.found.append(RecordedErasure(2, CASE, None))
    erasures = sweeping(log, house, failed)
    assert erasures.sweep() == 2
    assert failed == [1, 2]


def test_more_than_are_read_together_are_all_carried_out(house: House) -> None:
    log = Recorded()
    for number in range(450):
        log.add(f"person-{number}", KeyClass.SAFETY)
    assert sweeping(log, house, []).sweep() == 0
    assert len(house.done) == 450


def test_a_log_that_cannot_be_read_raises_and_loses_nothing(house: House) -> None:
    log = Recorded(unreadable=True)
    log.add("ann")
    erasures = sweeping(log, house, [])
    with pytest.raises(ConnectionError):
        erasures.sweep()
    log.unreadable = False
    assert erasures.sweep() == 0
