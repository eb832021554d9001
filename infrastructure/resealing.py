"""What one person's case says of another, written anew under that other person's keys when an entry is moved.

A value that is read from the log stays sealed as it was, under the key of whoever the case was about. Erasing the
right person would then leave it readable, and erasing the wrong one would take it away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from application.ports import Access, KeyDestroyed
from domain.calendar import london_date
from domain.codes import CaseId
from domain.events import EvidenceAttached
from domain.personal import Erased, KeyClass, Personal
from domain.personal_values import personal_values
from infrastructure.code_version import CODE_VERSION
from infrastructure.sealing import NotSealed, person_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from application.ports import Blobs, Clock
    from domain.case import Case
    from domain.codes import StaffId, SubjectId
    from domain.events import Event
    from domain.landlord import Landlord
    from infrastructure.access_log import Reader

PURPOSE: Final = "move-entry"  # for which the values are read


class Resealing:
    """Opens what an entry says, on record first, and hands it on as freshly written, its files included."""

    def __init__(self, reader: Reader, blobs: Blobs, clock: Clock, landlord: Callable[[], Landlord]) -> None:
        self._reader = reader
        self._blobs = blobs
        self._clock = clock
        self._landlord = landlord

    def __call__(self, events: Sequence[Event], whose: SubjectId, source: Case, actor: StaffId) -> Sequence[Event]:
        """The events with every stored value as a fresh one of `whose`. Raises `KeyDestroyed` for an erased one."""
        stored = {
            f"{event.version}.{path}": value
            for event in events
            for path, value in personal_values(event.fact)
            if not isinstance(value.content(), str)
        }
        files = [e.fact for e in events if isinstance(e.fact, EvidenceAttached) and e.fact.blob is not None]
        if not stored and not files:
            return events
        texts = self._reader.reveal_for(self._access(source, actor), stored)
        fresh = {name: _fresh(text, stored[name], source, whose) for name, text in texts.items()}
        return [self._anew(event, fresh, whose, source) for event in events]

    def _access(self, source: Case, actor: StaffId) -> Access:
        tenures = self._landlord().tenures_on(actor, london_date(self._clock.now()))
        return Access(
            actor=actor,
            role=tenures[0].role if tenures else "no post",
            purpose=PURPOSE,
            query=PURPOSE,
            fields=(),
            case=source.id,
            subject=source.person,
            position=source.position,
            code_version=CODE_VERSION,
        )

    def _anew(self, event: Event, fresh: dict[str, Personal], whose: SubjectId, source: Case) -> Event:
        said: dict[str, Any] = {}
        for path, _ in personal_values(event.fact):
            value = fresh.get(f"{event.version}.{path}")
            if value is not None:
                said[path] = value
        if isinstance(event.fact, EvidenceAttached) and event.fact.blob is not None:
            said |= self._copied(event.fact, event, whose, source)
        return replace(event, fact=replace(event.fact, **said)) if said else event

    def _copied(self, fact: EvidenceAttached, event: Event, whose: SubjectId, source: Case) -> dict[str, object]:
        """The file once more, for the right person; a later sweep removes the first one, unless the move fails."""
        if fact.blob is None or fact.digest is None:
            return {}
        content = self._blobs.content(fact.blob, fact.digest)
        if isinstance(content, Erased):
            raise KeyDestroyed(source.person, KeyClass.EVIDENCE)
        if content is None:
            raise NotSealed(f"the evidence file {fact.blob} is not there")
        self._blobs.doubt(fact.blob)
        kept = self._blobs.keep(whose, CaseId(event.stream), content)
        return {"blob": kept.blob, "digest": kept.digest, "size": kept.size}


def _fresh(text: str | Erased, stored: Personal, source: Case, whose: SubjectId) -> Personal:
    """Newly written text; what concerns a third person goes on concerning them."""
    about = person_of(stored)
    if isinstance(text, Erased):
        raise KeyDestroyed(about, KeyClass.CONTACT)
    return Personal(text, about=None if about in (source.person, whose) else about)
