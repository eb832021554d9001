"""Bringing an earlier register along: each line taken whole or not at all, once however often it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from unicodedata import normalize

from application.desk import Desk
from application.ports import Conflict, Directory, KeyDestroyed, PersonDetails, Receipt, ReferenceTaken, RequestKey
from domain.codes import SubjectId
from domain.decisions import Refused
from domain.decisions.importing import ImportRestriction
from domain.policy import Policy
from domain.register_import import Header, Problem, Told, content_of, read_line


class Fate(StrEnum):
    """What becomes of a line."""

    TAKEN = "taken"
    THERE_ALREADY = "there_already"  # this very line was taken before
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, or would become of it; nothing in it is personal."""

    line: int
    fate: Fate
    case: str | None = None  # None while nothing is written, for somebody who has no case yet
    restriction: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    over: bool = False
    known: bool = False  # the directory knew the person, and keeps what it says of them
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """How a register's references and lines are recognised without being kept: two keyed hashes of the landlord's."""

    reference: Callable[[str], bytes]
    request: Callable[[str], RequestKey]  # of a line, under its source


class Importing:
    """Takes the lines of one register, in order. With `dry`, it says what it would do and writes nothing.

    It keeps some 400 bytes for every line taken, so that the same file never holds two restrictions of one person
    that exclude each other, written or not.
    """

    def __init__(
        self, desk: Desk, directory: Directory, ways: Ways, header: Header, source: str, today: date, *, dry: bool
    ) -> None:
        self._desk = desk
        self._directory = directory
        self._ways = ways
        self._header = header
        self._source = source
        self._today = today
        self._dry = dry
        self._policy: Policy = desk.policy_on(today).policy
        self._taken: dict[bytes, list[tuple[int, date, date]]] = {}  # by person: line, first day, last day

    def take(self, line: int, cells: Sequence[str]) -> Outcome:
        """Take a line, or say why not. Raises only for what concerns the whole, such as a database that is gone."""
        told = read_line(self._header, cells, line, self._source, self._policy)
        if not isinstance(told, Told):
            return Outcome(line, Fate.NOT_TAKEN, problems=tuple(told))
        reference = told.reference or self._reference_of(told.details)
        whose = self._ways.reference(reference)[:16]
        request = self._ways.request(content_of(self._header, cells))
        if twice := self._begins_twice(told, whose):
            return Outcome(line, Fate.NOT_TAKEN, problems=(twice,))
        known = self._directory.person_by_reference(reference)
        if unknown := self._third_party_unknown(told, known):
            return Outcome(line, Fate.NOT_TAKEN, problems=(unknown,))
        try:
            answer, repeated = self._written(told, reference, known, request, whose)
        except Refused as refused:
            problems = tuple(Problem(v.rule, v.field, v.asks) for v in refused.violations)
            return Outcome(line, Fate.NOT_TAKEN, problems=problems)
        except _Overlaps as overlap:
            return Outcome(line, Fate.NOT_TAKEN, problems=(overlap.problem,))
        except KeyDestroyed:
            asks = "This person was erased: nothing more is written about them."
            return Outcome(line, Fate.NOT_TAKEN, problems=(Problem("person_erased", None, asks),))
        except Conflict:
            asks = "Others kept writing to this person's case; run the import again for this line."
            return Outcome(line, Fate.NOT_TAKEN, problems=(Problem("others_were_faster", None, asks),))
        return self._outcome(line, answer, whose, repeated=repeated, known=known is not None)

    def _written(
        self, told: Told, reference: str, known: SubjectId | None, request: RequestKey, whose: bytes
    ) -> tuple[Mapping[str, object], bool]:
        """The answer to the line, and whether it had been given before."""
        command = self._with_third_party(told)
        trial = self._desk.try_to_bring_along(known, command, request)
        if isinstance(trial, Receipt):
            return trial.answer, True
        self._refuse_overlap(trial, whose)
        if self._dry:
            return (trial if known is not None else {**trial, "case": None}), False

        # Only now, when nothing stands in the way of the line, is somebody entered because of it.
        person = known or self._entered(reference, told.details)
        receipt = self._desk.bring_along(person, command, request=request)
        return receipt.answer, receipt.repeated

    def _third_party_unknown(self, told: Told, customer: SubjectId | None) -> Problem | None:
        """Whoever speaks for a customer is somebody, and not the customer; nobody is entered because of that."""
        if told.third_party is None or not told.spoken_for:
            return None
        person = self._directory.person_by_reference(told.third_party)
        if told.third_party == told.reference or (person is not None and person == customer):
            return Problem("third_party_is_the_customer", "third_party", "Somebody else speaks for the customer.")
        if person is None:
            asks = "The directory has nobody of this reference; add them with POST /v1/persons first."
            return Problem("unknown_third_party", "third_party", asks)
        return None

    def _with_third_party(self, told: Told) -> ImportRestriction:
        found = self._directory.person_by_reference(told.third_party) if told.third_party and told.spoken_for else None
        return told.command if found is None else told.with_third_party(found)

    def _entered(self, reference: str, details: Mapping[str, str]) -> SubjectId:
        try:
            return self._directory.add_person(PersonDetails(reference=reference, **details))
        except ReferenceTaken:  # by somebody who was at it at the same moment
            found = self._directory.person_by_reference(reference)
            if found is None:
                raise
            return found

    def _begins_twice(self, told: Told, whose: bytes) -> Problem | None:
        starts_on = told.command.starts_on or told.command.decided_on
        for earlier, began, _ in self._taken.get(whose, ()):
            if began == starts_on:
                asks = f"Line {earlier} tells of a restriction of the same person from the same day."
                return Problem("duplicate_line", "starts_on", asks)
        return None

    def _refuse_overlap(self, trial: Mapping[str, object], whose: bytes) -> None:
        """The record says so of what was written; of what a dry run would have written, nobody else can."""
        began, ended = _day(trial, "starts_on"), _day(trial, "ends_on")
        for earlier, first, last in self._taken.get(whose, ()):
            if first <= ended and began <= last:
                asks = (
                    f"The restriction on line {earlier} is the same person's and in force from {first} to {last}, and "
                    "the days of the two overlap. Put the dates right."
                )
                raise _Overlaps(Problem("one_in_force", "starts_on", asks))

    def _outcome(
        self, line: int, answer: Mapping[str, object], whose: bytes, *, repeated: bool, known: bool
    ) -> Outcome:
        starts_on, ends_on = _day(answer, "starts_on"), _day(answer, "ends_on")
        self._taken.setdefault(whose, []).append((line, starts_on, ends_on))
        missing = answer["missing"]
        if not isinstance(missing, Sequence):
            raise TypeError("an answer lists what is missing")
        case = answer["case"]
        return Outcome(
            line,
            Fate.THERE_ALREADY if repeated else Fate.TAKEN,
            case=None if case is None else str(case),
            restriction=str(answer["restriction"]),
            starts_on=starts_on,
            ends_on=ends_on,
            over=ends_on < self._today,
            known=known,
            missing=tuple(missing),
        )

    def _reference_of(self, details: Mapping[str, str]) -> str:
        """Stands for the reference of a register that has none: the same name and contact details give the same.

        It says nothing of them to whoever sees it.
        """
        written = " ".join(" ".join(details[name] for name in sorted(details)).split())
        same = normalize("NFKC", written).casefold()
        return f"{self._source}:{self._ways.reference(f'{self._source} {same}').hex()[:20]}"


class _Overlaps(Exception):
    """Another line of the file is in the way."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.rule)
        self.problem = problem


def _day(answer: Mapping[str, object], name: str) -> date:
    return date.fromisoformat(str(answer[name]))
