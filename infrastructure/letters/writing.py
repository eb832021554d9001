"""Writes one landlord's letters: what they can say from the case, personal values read on record, then text and PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from application.letters import Draft, Enclosure, LetterAsked, NotTypeset, WordsGone
from domain.calendar import DeliveryMethod, london_date
from domain.codes import CaseId, LetterFormat, NoticeKind
from domain.letter_parts import Surroundings
from domain.letter_template import Written, translated, write
from domain.letter_values import Listed, PersonNamed, Sealed, StaffNamed, Told, and_joined, references
from domain.letters import Sheet, letter, wanted_contents
from domain.personal import Erased
from infrastructure.letters.page import LetterPage
from infrastructure.typesetting import TypesettingFailed, typeset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from application.desk import Desk
    from application.ports import Access, Clock, Directory, PersonDetails
    from domain.baseline import Baseline
    from domain.case import Case
    from domain.codes import StaffId, SubjectId
    from domain.letter_template import Template
    from domain.letter_values import Value
    from domain.personal import Personal
    from infrastructure.access_log import Reader
    from infrastructure.letters.shelf import TemplateShelf

MOST_ADDRESS_LINES: Final = 7  # what the window of an envelope shows
AT_ONCE: Final = 2  # letters being typeset, each by a process of its own; whoever asks for more waits
NOT_SHOWN: Final = "could not be displayed"  # typst, of a sign that none of its fonts has
NO_FONT: Final = (
    "A sign in it belongs to a script for which no font is at hand. Put a font that has it into the folder `fonts` "
    "beside the landlord's templates of letters."
)
PATIENCE: Final = 60  # seconds to wait for a turn
LONGEST_LETTER: Final = 4 * 1024 * 1024  # bytes of PDF; the longest of ours has a fiftieth of it


@dataclass(frozen=True, slots=True)
class _Opened:
    """What was read for a letter, by what it was read as."""

    sealed: Mapping[str, str]
    staff: Mapping[StaffId, str]
    people: Mapping[SubjectId, PersonDetails]

    def said(self, value: Value) -> str | None:
        """The value in words; None when there is nothing to say, also because it was erased."""
        match value:
            case None:
                return None
            case str():
                return value
            case Sealed():
                return self.sealed.get(value.path)
            case StaffNamed():
                return self.staff.get(value.staff)
            case PersonNamed():
                details = self.people.get(value.person)
                return None if details is None else details.reference if value.reference else details.name
            case Listed():
                return and_joined([said for part in value.parts if (said := self.said(part))])


class LandlordLetters:
    """One landlord's letters, written from what the desk knows; see `application.letters.Letters`."""

    def __init__(
        self,
        desk: Desk,
        baseline: Baseline,
        reader: Reader,
        directory: Directory,
        clock: Clock,
        shelf: TemplateShelf,
    ) -> None:
        self._desk = desk
        self._baseline = baseline
        self._reader = reader
        self._directory = directory
        self._clock = clock
        self._shelf = shelf
        self._turns = BoundedSemaphore(AT_ONCE)

    def draft(self, asked: LetterAsked, access: Access) -> Draft:
        """The letter as it would go out today; see the port for what it raises."""
        today = london_date(self._clock.now())
        case = self._desk.case(asked.case)
        enclosed = self._enclosed(asked, case, today)
        others = self._desk.others_of(case)
        of_customer = () if isinstance(asked.kind, Sheet) else (case, *others)  # what was agreed was agreed with them
        form = asked.format or _agreed_form(of_customer, today)
        around = replace(self._around(asked, case, enclosed, today, access), others=others)
        told = letter(asked.kind, asked.about, around)
        template = self._shelf.template(told.template, None if asked.translation else asked.language)
        opened = self._opened(told, template, asked, case, access)
        written = _written(told, template, opened)
        if asked.translation is not None:
            written = translated(written, asked.translation)
        by_post = _may_be_reached_by_post((case, *others), today)
        page = replace(self._page(asked, case, told, written, opened, enclosed, by_post), format=form)
        known = self._known_contents(today)
        return Draft(
            kind=asked.kind,
            about=asked.about,
            contents=tuple(code for code in written.contents if code in known),
            enclosures=tuple(one.code for one in enclosed),
            text=page.as_text(),
            pdf=self._typeset(page, today),
            template=told.template,
            template_sha256=template.sha256,
            format=form,
            language=asked.language,
            enclosed=enclosed,
        )

    def enclosure(self, case: CaseId, code: str) -> Enclosure | None:
        """The file that goes with letters of this case under that code, None when nobody supplied it."""
        del case  # every case gets the policy of the day
        file = self._desk.policy_on(london_date(self._clock.now()))
        return self._shelf.enclosure(code, file.effective)

    def templates(self) -> Mapping[str, str]:
        """Every template of this landlord with the SHA-256 of its bytes."""
        found = self._shelf.by_code.items()
        return {code if language is None else f"{code}.{language}": one.sha256 for (code, language), one in found}

    def lacking(self, draft: Draft) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What policy and baseline want it to say and it does not, and what should go with it and is not at hand."""
        if isinstance(draft.kind, Sheet):
            return (), ()
        policy = self._desk.policy_on(london_date(self._clock.now())).policy
        notice = policy.notices.get(draft.kind)
        wanted = wanted_contents(draft.kind, policy, self._baseline)
        enclosed = tuple(notice.enclosures) if notice else ()
        return (
            tuple(code for code in wanted if code not in draft.contents),
            tuple(code for code in enclosed if code not in draft.enclosures),
        )

    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong with this landlord's templates, as lines of "file: part: what is wrong"."""
        return self._shelf.all_problems()

    # How it is done

    def _around(
        self, asked: LetterAsked, case: Case, enclosed: tuple[Enclosure, ...], today: date, access: Access
    ) -> Surroundings:
        file = self._desk.policy_on(today)
        return Surroundings(
            case=case,
            history=self._desk.history(asked.case),
            landlord=self._desk.state(),
            policy=file.policy,
            of=lambda ref: self._desk.policy_of(ref).policy,
            baseline=self._baseline,
            today=today,
            actor=access.actor,
            enclosed=frozenset(one.code for one in enclosed),
            remarks=asked.remarks,
        )

    def _enclosed(self, asked: LetterAsked, case: Case, today: date) -> tuple[Enclosure, ...]:
        if isinstance(asked.kind, Sheet):
            return ()
        notice = self._desk.policy_on(today).policy.notices.get(asked.kind)
        found = (self.enclosure(case.id, code) for code in (notice.enclosures if notice else ()))
        return tuple(one for one in found if one is not None)

    def _known_contents(self, today: date) -> frozenset[str]:
        """The codes that policy or baseline know, of letters of any kind; other landlords' are left out."""
        policy, baseline = self._desk.policy_on(today).policy, self._baseline
        known = {code for kind in NoticeKind for code in wanted_contents(kind, policy, baseline)}
        return frozenset(known)

    def _opened(self, told: Told, template: Template, asked: LetterAsked, case: Case, access: Access) -> _Opened:
        """Reads what this template uses, and no more; each reading is on record first."""
        values = list(_used(told, template))
        is_letter = not isinstance(asked.kind, Sheet)
        people = {one.person for value in values for one in references(value) if isinstance(one, PersonNamed)}
        if is_letter:
            people.add(case.person)
        staff = {one.staff for value in values for one in references(value) if isinstance(one, StaffNamed)}
        if told.signer is not None:
            staff.add(told.signer)
        sealed: dict[str, Personal] = {
            one.path: one.value for value in values for one in references(value) if isinstance(one, Sealed)
        }
        beside = [f"staff.{one}.name" for one in sorted(staff)]
        texts = self._reader.reveal_for(access, sealed, beside=beside)
        return _Opened(
            sealed={path: text for path, text in texts.items() if not isinstance(text, Erased)},
            staff={one: name for one in staff if (name := self._directory.staff_name(one))},
            people=dict(self._read(sorted(people), case, access)),
        )

    def _read(self, people: list[SubjectId], case: Case, access: Access) -> Iterator[tuple[SubjectId, PersonDetails]]:
        for person in people:
            found = self._reader.person_for(replace(access, case=case.id), person)
            if isinstance(found, Erased):
                if person == case.person:
                    raise WordsGone("Whom this letter would go to was erased.")
            elif found is not None:
                yield person, found

    def _page(
        self,
        asked: LetterAsked,
        case: Case,
        told: Told,
        written: Written,
        opened: _Opened,
        enclosed: tuple[Enclosure, ...],
        by_post: bool,
    ) -> LetterPage:
        policy = self._desk.policy_on(london_date(self._clock.now())).policy
        titles = {one.code: policy.document.title if one.code == "policy" else one.name for one in enclosed}
        return LetterPage(
            landlord=policy.name,
            date=opened.said(told.values["date"]) or "",
            reference=str(case.id),
            written=written,
            address=self._address(asked, case, opened, by_post),
            signer=None if told.signer is None else opened.staff.get(told.signer),
            signer_post=told.signer_post,
            enclosures=tuple(titles.values()),
            language=asked.language or "en-GB",
        )

    def _typeset(self, page: LetterPage, today: date) -> bytes:
        if not self._turns.acquire(timeout=PATIENCE):
            raise NotTypeset(f"Other letters took longer than {PATIENCE} seconds; ask again.")
        try:
            with as_file(files("infrastructure.letters") / "typst") as folder:
                pdf = typeset(folder / "letter.typ", page.as_data(), dated=today, fonts=self._shelf.fonts())
        except TypesettingFailed as failed:
            raise NotTypeset(NO_FONT if NOT_SHOWN in failed.what else f"It could not be typeset: {failed}") from failed
        finally:
            self._turns.release()
        if len(pdf) > LONGEST_LETTER:
            raise NotTypeset(f"The letter has more than {LONGEST_LETTER} bytes.")
        return pdf

    @staticmethod
    def _address(asked: LetterAsked, case: Case, opened: _Opened, by_post: bool) -> tuple[str, ...]:
        """Name and address; the name alone where the customer asked that nothing comes by post (baseline 8)."""
        details = opened.people.get(case.person)
        if isinstance(asked.kind, Sheet) or details is None:
            return ()
        found = (details.address or "").replace(",", "\n").splitlines() if asked.to_customer_address and by_post else []
        lines = [" ".join(line.split()) for line in (details.name or "", *found)]
        return tuple(line for line in lines if line)[:MOST_ADDRESS_LINES]


def _agreed_form(cases: tuple[Case, ...], today: date) -> LetterFormat:
    """The form in which the customer gets letters by an adjustment that is in force, in whichever of their cases."""
    agreed = {adjustment.kind for case in cases for adjustment in case.adjustments if adjustment.in_force_on(today)}
    return next((form for form in LetterFormat if form.value in agreed), LetterFormat.STANDARD)


def _may_be_reached_by_post(cases: tuple[Case, ...], today: date) -> bool:
    """Whether no instruction of the customer's, in whichever of their cases it was given, keeps post away."""
    holding = (safe for case in cases for safe in case.safe_contacts if safe.holds_on(today))
    return all(DeliveryMethod.FIRST_CLASS_POST in safe.methods for safe in holding)


def _used(told: Told, template: Template) -> Iterator[Value]:
    """The values that the template uses, with those of the items of its lists."""
    fields, lists = template.uses()
    for name in fields & set(told.values):
        yield told.values[name]
    for name, of_items in lists.items():
        for item in told.lists.get(name, ()):
            yield from (value for field, value in item.items() if field in of_items)


def _written(told: Told, template: Template, opened: _Opened) -> Written:
    values = {name: opened.said(value) for name, value in told.values.items()}
    if told.signer is not None:
        values["signer"] = opened.staff.get(told.signer)
    lists = {
        name: [{field: opened.said(value) for field, value in item.items()} for item in items]
        for name, items in told.lists.items()
    }
    return write(template, values, lists)
