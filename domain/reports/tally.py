"""What the cases of a landlord add up to: counts, people and households, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median_low
from typing import Final

from domain.codes import SubjectId
from domain.reports.lines import COMMON, HOUSEHOLDS, OVERRIDE, PEOPLE, SET_ASIDE, Part
from domain.reports.of_case import OfCase
from domain.reports.report import Figure, Section

MARKS: Final = ("at_start", "at_end", "during")


class Tally:
    """Adds up one case after another. It keeps ids of those who were restricted, and no case."""

    def __init__(self) -> None:
        self.cases = 0
        self.untold = 0
        self._counts: Counter[str] = Counter()
        self._lasted: Counter[int] = Counter()
        self._people: dict[str, dict[SubjectId, set[str | None]]] = {mark: {} for mark in MARKS}
        self._in_breach: set[SubjectId] = set()
        self._same: dict[SubjectId, SubjectId] = {}  # of records of one person, towards the one that stands for all

    def add(self, found: OfCase, *, told: bool = True) -> None:
        """One more case; `told` is False for one that this release cannot tell to its end."""
        self.cases += 1
        self.untold += not told
        self._counts.update(found.counts)
        self._lasted.update(found.lasted)
        person, *others = found.persons
        for other in others:
            self._join(person, other)
        for mark, households in found.restricted.items():
            self._people[mark].setdefault(person, set()).update(households)
        if found.in_breach:
            self._in_breach.add(person)

    def sections(self, first: str) -> tuple[Section, ...]:
        """Every section; that of `first`, "people" or "households", before the others."""
        values = self._values()
        order = sorted(COMMON, key=lambda part: part.code != first)
        return tuple(
            Section(code=part.code, title=part.title, figures=tuple(self._figures(part, values))) for part in order
        )

    def _figures(self, part: Part, values: Counter[str]) -> Iterator[Figure]:
        for line in part.lines:
            value = self._median() if line.unit == "days" else values[line.code]
            yield Figure(code=line.code, title=line.title, value=value, unit=line.unit)
        if part is SET_ASIDE:
            for code in sorted(code for code in values if code.startswith(OVERRIDE)):
                rule = code.removeprefix(OVERRIDE).replace("_", " ")
                yield Figure(code=code, title=f"Of these, the rule: {rule}", value=values[code])

    def _values(self) -> Counter[str]:
        values = Counter(self._counts)
        for mark in MARKS:
            people: dict[SubjectId, set[str | None]] = {}
            for person, households in self._people[mark].items():
                people.setdefault(self._root(person), set()).update(households)
            known = {one for households in people.values() for one in households if one is not None}
            values[f"{PEOPLE.code}_{mark}"] = len(people)
            values[f"{HOUSEHOLDS.code}_{mark}"] = len(known)
            if mark == "during":
                values["household_not_known"] = sum(households == {None} for households in people.values())
        values["people_in_breach"] = len({self._root(person) for person in self._in_breach})
        return values

    def _median(self) -> int | None:
        """The lower of the two in the middle, so that it is a whole number of days; None when nothing ended."""
        return median_low(self._lasted.elements()) if self._lasted else None

    def _join(self, one: SubjectId, other: SubjectId) -> None:
        one, other = self._root(one), self._root(other)
        if one != other:
            # Whatever the order in which cases come, the same record stands for all.
            self._same[max(one, other)] = min(one, other)

    def _root(self, person: SubjectId) -> SubjectId:
        while (further := self._same.get(person)) is not None:
            person = further
        return person
