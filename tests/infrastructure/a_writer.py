"""Whoever writes letters, over a case in memory: people and words are made up, and every reading is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from application.letters import Draft, LetterAsked, Sheet
from application.ports import Access, PersonDetails
from domain.case import Case
from domain.codes import CaseId, LetterFormat, NoticeKind, StaffId, SubjectId
from domain.events import Event, PolicyRef
from domain.landlord import Landlord
from domain.personal import ERASED, Erased, Personal
from domain.policy_file import PolicyFile
from infrastructure.letters.shelf import TemplateShelf
from infrastructure.letters.writing import LandlordLetters
from tests.domain.world import World, staff

ROBIN = PersonDetails("T-4711", "Ms Robin Example", "14 Quarry Lane\nMickleover\nDerby\nDE3 9ZZ")
ACCESS = Access(
    actor=StaffId("staff-case_officer"),
    role="case_officer",
    purpose="letters",
    query="a test",
    fields=(),
    case=None,
    subject=None,
    position=0,
    code_version="test",
)


@dataclass
class InMemory:
    """What a writer asks of desk, reader, directory and clock; `read` lists what was recorded before it was shown."""

    world: World
    person: PersonDetails | Erased | None = ROBIN
    erased: bool = False
    read: list[Access] = field(default_factory=list)

    def case(self, case: CaseId) -> Case:
        """The case of the world."""
        del case
        return self.world.case

    def history(self, case: CaseId) -> Sequence[Event]:
        """Its events."""
        del case
        return self.world.history

    def others_of(self, case: Case) -> tuple[Case, ...]:
        """The customer's other cases, as the world has them."""
        del case
        return self.world.others

    def state(self) -> Landlord:
        """The landlord of the world."""
        return self.world.landlord

    def policy_on(self, day: date) -> PolicyFile:
        """Its policy."""
        del day
        return self.world.file

    def policy_of(self, ref: PolicyRef) -> PolicyFile:
        """Its policy."""
        del ref
        return self.world.file

    def now(self) -> datetime:
        """Its time."""
        return self.world.now

    def staff_name(self, who: StaffId) -> str | None:
        """A name made of the post."""
        return f"Alex {who.removeprefix('staff-').replace('_', ' ').title()}"

    def reveal_for(
        self, access: Access, values: Mapping[str, Personal], *, beside: Sequence[str] = ()
    ) -> dict[str, str | Erased]:
        """What was put in, or nothing any more."""
        self.read.append(replace(access, fields=(*values, *beside)))
        return {path: ERASED if self.erased else str(value.content()) for path, value in values.items()}

    def person_for(self, access: Access, subject: SubjectId) -> PersonDetails | Erased | None:
        """The one person of the directory."""
        self.read.append(replace(access, subject=subject))
        return self.person

    def writer(self, folder: Path | None = None) -> LandlordLetters:
        """Whoever writes, with the templates of a folder before ours."""
        baseline = self.world.baseline.baseline
        shelf = TemplateShelf.stocked([self.world.policy], baseline, folder)
        parts = cast("Any", self)
        return LandlordLetters(parts, baseline, parts, parts, parts, shelf)

    def draft(
        self,
        kind: NoticeKind | Sheet,
        about: str,
        letter_format: LetterFormat | None = None,
        folder: Path | None = None,
        **asked: Any,
    ) -> Draft:
        """A letter of the case."""
        wanted = LetterAsked(case=CaseId("case-1"), kind=kind, about=about, format=letter_format, **asked)
        return self.writer(folder).draft(wanted, replace(ACCESS, actor=staff("case_officer")))
