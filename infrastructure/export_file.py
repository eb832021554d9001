"""A person's data as one ZIP for the data protection officer: theirs whole, other people's set apart, files included.

Staff, other people and their cases go by labels such as `staff-1`; `apart.json` alone says who is meant, and holds the
values that are sealed under other people's keys. So the officer can hand on the rest, or give more, item by item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from application.export import Held, HeldCase
from application.ports import Access, PersonDetails
from domain.codes import SubjectId
from domain.events import FACTS, SYSTEM, Event, EvidenceAttached, LetterPrepared, RecordRectified
from domain.ids_named import where_named
from domain.personal import Erased, Personal
from infrastructure.http.disclosure import Disclosure
from infrastructure.http.showing import JSON, Page
from infrastructure.media_types import extension_of
from infrastructure.sealing import person_of
from projections.sentences import sentence
from projections.view import steps_of

ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as every person, case and colleague has one
STORED_NAMES: Final = {kind: name for name, kind in FACTS.items()}
NAMED: Final[dict[str, JSON]] = {"state": "named", "text": None}
ABOUT: Final = (
    "Everything that is held of this person. It is prepared for the review of the data protection officer and has not "
    "been reviewed. Other people's data is set apart: staff, other people and their cases go by labels, and apart.json "
    "says whose they are, and holds what is sealed under other people's keys and the events of other people's cases "
    "that elsewhere.json takes a field from. Prose can name somebody all the same: read it before it goes out. A value "
    "of state 'withheld' is set apart, one of state 'erased' is gone for good; where the state is 'named', the field "
    "holds the person's own id. "
    "An event marked as hidden was about somebody else and stands in their case."
)


def export_file(held: Held, disclosure: Disclosure, prepared_at: datetime) -> bytes:
    """The ZIP; every value in it is on record in the access log before it is opened."""
    return _Export(held, disclosure, prepared_at).zipped()


class _Export:
    """One export being put together."""

    def __init__(self, held: Held, disclosure: Disclosure, prepared_at: datetime) -> None:
        self._held = held
        self._disclosure = disclosure
        self._office = disclosure.office
        self._position = self._office.recorder.head().position
        self._prepared_at = prepared_at
        readings = self._readings()
        staff = dict.fromkeys([*held.staff(), *(access.actor for _, access in readings if access.actor != SYSTEM)])
        self._staff = {one: f"staff-{n}" for n, one in enumerate(staff, start=1)}
        self._others = {one: f"person-{n}" for n, one in enumerate(self._everybody_else(), start=1)}
        cases = dict.fromkeys([*held.others_cases(), *(one.case for one in held.elsewhere)])
        self._cases = {one: f"case-of-another-{n}" for n, one in enumerate(cases, start=1)}
        self._labels: dict[str, str] = dict([*self._staff.items(), *self._others.items(), *self._cases.items()])
        self._apart: list[JSON] = []
        self._apart_events: list[JSON] = []
        self._files: dict[str, bytes] = {}
        self._documents: dict[str, JSON] = {f"cases/{one.case}.json": self._case(one) for one in held.cases}
        self._documents["elsewhere.json"] = [line for one in held.elsewhere for line in self._elsewhere(one)]
        self._documents["landlord.json"] = [_at(event) for event in held.by_landlord]
        page = Page()
        self._documents["readings.json"] = [page.part({"number": n, **_plain(one)}) for n, one in readings]
        self._documents["person.json"] = self._person()

    def zipped(self) -> bytes:
        """The whole."""
        written = BytesIO()
        moment = self._prepared_at.timetuple()[:6]
        with ZipFile(written, "w", ZIP_DEFLATED) as archive:

            def add(name: str, content: bytes) -> None:
                entry = ZipInfo(name, moment)
                entry.compress_type = ZIP_DEFLATED
                archive.writestr(entry, content)

            for name, document in sorted(self._documents.items()):
                add(name, _text(self._labelled(document)).encode())
            add("apart.json", _text(self._set_apart()).encode())
            for name, content in sorted(self._files.items()):
                add(name, content)
        return written.getvalue()

    def _person(self) -> JSON:
        return {
            "about": ABOUT,
            "prepared_at": self._prepared_at.isoformat(),
            "position": self._position,
            "known_as": [self._entry(one) for one in self._held.persons],
            "cases": [str(one.case) for one in self._held.cases],
            "files": [*sorted(self._files)],
        }

    def _entry(self, person: SubjectId) -> dict[str, JSON]:
        """What the directory says of somebody, on record."""
        found = self._office.reader.person_for(self._disclosure.access(self._position, subject=person), person)
        if isinstance(found, PersonDetails):
            return {"person": person, "state": "shown", **asdict(found)}
        return {"person": person, "state": "erased" if isinstance(found, Erased) else "unknown"}

    def _case(self, held: HeldCase) -> JSON:
        page = Page()
        told = [self._event(page, held, event, says) for event, says in _told(held)]
        own, apart = self._parted(page.personal)
        access = self._disclosure.access(self._position, case=held.case, subject=self._held.persons[0])
        page.opened(self._office.reader.reveal_for(access, own))
        for path, text in self._office.reader.reveal_for(access, apart).items():
            self._apart.append({"case": held.case, "value": path, "of": person_of(apart[path]), **_shown(text)})
        return {"case": held.case, "events": told}

    def _event(self, page: Page, held: HeldCase, event: Event, says: str) -> JSON:
        at: dict[str, JSON] = {"event": event.event_id, "version": event.version, "on": event.effective_on.isoformat()}
        if event.event_id in held.hidden:
            return {**at, "hidden": True}
        fact = event.fact
        file = self._file(held, fact) if isinstance(fact, EvidenceAttached | LetterPrepared) else None
        return {
            **at,
            "type": STORED_NAMES[type(fact)],
            "says": says,
            "recorded_at": page.part(event.recorded_at),
            "by": event.actor,
            "post": event.post,
            "clauses": page.part(event.clauses),
            "overrides": page.part(event.overrides, f"{event.version}.overrides"),
            "fact": page.part(fact, str(event.version)),
            "rectified_by": [
                {"event": later.event_id, "field": later.fact.field}
                for later in held.events
                if isinstance(later.fact, RecordRectified) and later.fact.event == event.event_id
            ],
            "file": file,
        }

    def _file(self, held: HeldCase, fact: EvidenceAttached | LetterPrepared) -> str | None:
        """Where the bytes stand in the ZIP, or why they do not; None when there never were any."""
        if fact.blob is None:
            return None
        folder, which = ("letters", fact.letter) if isinstance(fact, LetterPrepared) else ("evidence", fact.evidence)
        name = f"{folder}/{held.case}/{which}.{extension_of(fact.media_type)}"
        access = self._disclosure.access(self._position, case=held.case, subject=self._held.persons[0])
        content = self._office.reader.file_for(access, f"{which}.file", fact.blob, fact.digest or "")
        if content is None or isinstance(content, Erased):
            return "erased"
        self._files[name] = content
        return name

    def _elsewhere(self, held: HeldCase) -> Iterator[JSON]:
        """What somebody else's case says of the person, value by value, and in which fields it names them.

        The rest of an event that names them is somebody else's, and set apart with its words withheld.
        """
        told = {str(event.version): (event, says) for event, says in _told(held) if event.event_id not in held.hidden}
        named = {version: where_named(event.fact, self._held.persons) for version, (event, _) in told.items()}
        page = Page()
        facts = {version: page.part(event.fact, version) for version, (event, _) in told.items()}
        own, _ = self._parted(page.personal)
        access = self._disclosure.access(self._position, case=held.case, subject=self._held.persons[0])
        texts = self._office.reader.reveal_for(access, own)
        page.opened(texts)
        found = [(version, field, _shown(text)) for version, field, text in _split(texts)]
        found += [(version, field, NAMED) for version, fields in named.items() for field in fields]
        for version, field, shown in sorted(found, key=lambda one: int(one[0])):
            event, _ = told[version]
            yield {"case": held.case, **_at(event), "field": field, **shown}
        for version in dict.fromkeys(version for version, _, _ in found):
            event, says = told[version]
            self._apart_events.append({"case": held.case, **_at(event), "says": says, "fact": facts[version]})

    def _parted(self, values: Mapping[str, Personal]) -> tuple[dict[str, Personal], dict[str, Personal]]:
        """The person's own values, and those of other people."""
        own = {path: value for path, value in values.items() if person_of(value) in self._held.persons}
        return own, {path: value for path, value in values.items() if path not in own}

    def _everybody_else(self) -> tuple[SubjectId, ...]:
        """Other people whom the person's cases name, by their id or because a value is sealed under their key."""
        found = dict.fromkeys(self._held.others())
        for event in self._held.shown():
            page = Page()
            page.part(event.fact)
            found |= dict.fromkeys(person_of(value) for value in page.personal.values())
        return tuple(one for one in found if one not in self._held.persons)

    def _readings(self) -> list[tuple[int, Access]]:
        """Who read what of the person, of their directory entry and of their cases, in order."""
        log = self._office.access_log
        found: dict[int, Access] = {}
        for subject in self._held.persons:
            found |= dict(log.all_of_subject(subject))
        for one in self._held.cases:
            found |= dict(log.all_of_case(one.case))
        return sorted(found.items())

    def _labelled(self, document: JSON) -> JSON:
        """With a label for every id, also amid words; what somebody gave for an id and is none, only on its own."""
        if isinstance(document, str):
            return self._labels.get(document) or ID.sub(lambda found: self._labels.get(found[0], found[0]), document)
        if isinstance(document, list):
            return [self._labelled(one) for one in document]
        if isinstance(document, dict):
            return {name: self._labelled(one) for name, one in document.items()}
        return document

    def _set_apart(self) -> JSON:
        staff = self._office.directory.staff_name
        return {
            "staff": [{"label": label, "id": one, "name": staff(one)} for one, label in self._staff.items()],
            "persons": [{"label": label, **self._entry(one)} for one, label in self._others.items()],
            "cases": [{"label": label, "id": one} for one, label in self._cases.items()],
            "values": self._apart,
            "events": self._apart_events,
        }


def _told(held: HeldCase) -> Iterator[tuple[Event, str]]:
    for step in steps_of(held.events):
        yield step.event, sentence(step)


def _at(event: Event) -> dict[str, JSON]:
    return {"event": event.event_id, "type": STORED_NAMES[type(event.fact)], "on": event.effective_on.isoformat()}


def _split(texts: Mapping[str, str | Erased]) -> Iterator[tuple[str, str, str | Erased]]:
    for path, text in texts.items():
        version, _, field = path.partition(".")
        yield version, field, text


def _shown(text: str | Erased) -> dict[str, JSON]:
    return {"state": "erased", "text": None} if isinstance(text, Erased) else {"state": "shown", "text": text}


def _plain(access: Access) -> dict[str, object]:
    return {field.name: getattr(access, field.name) for field in fields(access)}


def _text(document: JSON) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
