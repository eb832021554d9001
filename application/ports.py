"""What the use cases ask of the world: a log, keys, a directory of people, an access log and a clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol

from domain.case import Case
from domain.codes import CaseId, StaffId, SubjectId
from domain.events import Event
from domain.personal import Erased, KeyClass
from domain.policy_file import BaselineFile, PolicyFile


class Clock(Protocol):
    """The time, as a value that a test or a demonstration can set."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class MintEventId(Protocol):
    """Where ids of events come from."""

    def __call__(self) -> str:
        """A fresh UUIDv7 (RFC 9562, section 5.7) in its usual text form; in one thread, later than those before."""
        ...


class Policies(Protocol):
    """The policy files that are at hand for one landlord, and the baseline of this release."""

    @property
    def baseline(self) -> BaselineFile:
        """What holds for every landlord."""
        ...

    def file(self, effective: date) -> PolicyFile | None:
        """The file that takes effect on that day, if there is one."""
        ...

    def files(self) -> Sequence[PolicyFile]:
        """All of them, the earliest first."""
        ...


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key, scoped to its caller, with an HMAC of the body that came with it."""

    caller: str
    key: str
    body_mac: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append answers: where the facts stand in the log, and what the caller was or is told.

    `repeated` says that this very request was accepted before and nothing new was written.
    """

    first_position: int
    last_position: int
    recorded_at: datetime
    answer: Mapping[str, object]
    repeated: bool


class Conflict(Exception):
    """Somebody else wrote to the same stream first; decide again on the new history."""


class KeyReused(Exception):
    """The idempotency key came before, with another body."""


class KeyDestroyed(Exception):
    """The key that this value would be sealed under was destroyed with an erasure, and is never made again."""

    def __init__(self, person: SubjectId, key_class: KeyClass) -> None:
        super().__init__(
            f"the {key_class.value} key of subject {person} was destroyed by an erasure: nothing more can be "
            "written about this person under it"
        )
        self.person = person
        self.key_class = key_class


class KeyRing(Protocol):
    """The keys under which personal values are sealed. Destroying one erases all that was sealed under it."""

    def destroy(self, person: SubjectId) -> None:
        """Destroy every key of a person, in every case and the directory, for good; repeating it changes nothing."""
        ...

    def destroy_one(self, person: SubjectId, case: CaseId, key_class: KeyClass) -> None:
        """Destroy one class of a person's values in one case, for good, also when none was written yet."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that were kept: under which id, their salted SHA-256 in hexadecimal, and how many they are."""

    blob: str
    digest: str
    size: int


class Blobs(Protocol):
    """The bytes of evidence files and letters, sealed under a key that their person has in that case."""

    def keep(self, person: SubjectId, case: CaseId, content: bytes, key_class: KeyClass = KeyClass.EVIDENCE) -> Kept:
        """Durable, key and all, on return; a fact that names it comes after. Raises `KeyDestroyed`."""
        ...

    def content(self, blob: str, digest: str) -> bytes | Erased | None:
        """The bytes that an event's digest belongs to, `ERASED` once their key is destroyed, None when removed."""
        ...

    def discard(self, *blobs: str) -> None:
        """Remove these; repeating it changes nothing."""
        ...

    def discard_of(self, person: SubjectId, case: CaseId | None = None, key_class: KeyClass | None = None) -> None:
        """Remove all that is kept of a person, in one case or in every one; repeating it changes nothing.

        With `key_class`, only what is sealed under the key of that class.
        """
        ...

    def doubt(self, *blobs: str) -> None:
        """Have a later sweep find out whether these still stand for an event that is shown."""
        ...


class Reseal(Protocol):
    """Has what one person's case says of another written anew for that other person."""

    def __call__(self, events: Sequence[Event], whose: SubjectId, source: Case, actor: StaffId) -> Sequence[Event]:
        """The events with every stored value as a fresh one of `whose`, evidence files included; on record first.

        They were taken from the case `source`. Raises `KeyDestroyed` when one of the values was erased.
        """
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A case, and the event that made it what it is."""

    case: Case
    last: Event


class EventLog(Protocol):
    """One landlord's log: append several streams at once, read a stream or the whole in order."""

    def append(
        self,
        events: Sequence[Event],
        *,
        request: RequestKey | None = None,
        answer: Mapping[str, object] | None = None,
        unchanged: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Write all or none. Raises `Conflict` for a (stream, version) that is taken, `KeyReused`, `KeyDestroyed`.

        `unchanged` are streams that this rests on without writing them, each with the version that was read, 0 where
        there was nothing; `Conflict`, too, when one has gone on since.
        """
        ...

    def accepted(self, request: RequestKey) -> Receipt | None:
        """The receipt of this request if it was accepted before. Raises `KeyReused`."""
        ...

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """The events of a stream in order, from version `since` and at most up to a log position; maybe none."""
        ...

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """A case as it was last written down, if that still counts, and the events since; otherwise its history."""
        ...

    def write_down(self, known: Known) -> None:
        """Keep a case so that `known` takes less time, or do not; it is never the truth. Never raises."""
        ...

    def after(self, position: int, limit: int) -> list[Event]:
        """The next events of the whole log in order of position."""
        ...

    def head(self) -> int:
        """Position of the last event of the log, 0 when empty."""
        ...

    def position_at(self, instant: datetime) -> int:
        """Position of the last event recorded at or before the instant: "known at" is a prefix of the log."""
        ...


@dataclass(frozen=True, slots=True, repr=False)  # a log line must not spell out a person
class PersonDetails:
    """What the directory knows of a person; each value may be absent."""

    reference: str | None = None
    name: str | None = None
    address: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class EntryFound:
    """An entry of the directory: since when, None for an unknown id; erased or not; which streams name the person."""

    made_on: date | None
    erased: bool
    named_in: frozenset[CaseId]


class Entries(Protocol):
    """Entries of the directory by their ids, with the streams in which they are named; reads through the whole log."""

    def __call__(self, persons: Collection[SubjectId]) -> Mapping[SubjectId, EntryFound]:
        """One for each of these ids."""
        ...


@dataclass(frozen=True, slots=True)
class Beside:
    """What the desk asks for beside the log, where there is any of it."""

    reseal: Reseal | None = None
    entries: Entries | None = None


class ReferenceTaken(Exception):
    """Another person of the directory has this customer reference."""


class Directory(Protocol):
    """Who the opaque ids are: deletable, apart from the events, found through keyed hashes."""

    def person_by_reference(self, reference: str) -> SubjectId | None:
        """The person with this customer reference of the landlord's own."""
        ...

    def add_person(self, details: PersonDetails) -> SubjectId:
        """A fresh subject id with these details. Raises `ReferenceTaken` when the reference is another person's."""
        ...

    def person(self, subject: SubjectId) -> PersonDetails | Erased | None:
        """Details for the edge to show, `ERASED` once erased, None for an unknown id."""
        ...

    def references(self, subjects: Collection[SubjectId]) -> Mapping[SubjectId, str | None]:
        """The customer references of these people; None for whoever has none or was erased, nothing for a stranger."""
        ...

    def change_person(
        self, subject: SubjectId, changes: Mapping[str, str | None], access: Access
    ) -> PersonDetails | None:
        """Change these fields of `PersonDetails` and keep the others; None takes a value away. The details after it.

        Which of them became different is in the access log with the change, under who `access` says, or neither is.
        None for an unknown id. Raises `ReferenceTaken`, and `KeyDestroyed` for an erased person.
        """
        ...

    def erase(self, subject: SubjectId) -> None:
        """Remove all that is kept of a person and every way to find it, but for the id; repeating changes nothing."""
        ...

    def staff_by_login(self, issuer: str, login: str) -> StaffId | None:
        """The opaque id of whoever signs in as (issuer, login)."""
        ...

    def add_staff(self, issuer: str, login: str, name: str) -> StaffId:
        """The staff id of (issuer, login), made on first use."""
        ...

    def staff_name(self, staff: StaffId) -> str | None:
        """Name of a member of staff."""
        ...

    def set_staff_telephone(self, staff: StaffId, telephone: str | None) -> None:
        """Keep the number on which a member of staff is reached, or none any more."""
        ...

    def staff_telephone(self, staff: StaffId, landlord_version: int) -> str | None:
        """The number on which a member of staff is reached, as of a version of the landlord's own stream."""
        ...


NOT_YET: Final = datetime.min.replace(tzinfo=UTC)  # stands where the store is still to set the time


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of personal data, written down before the answer is given."""

    actor: StaffId
    role: str
    purpose: str
    query: str
    fields: Sequence[str]
    case: CaseId | None
    subject: SubjectId | None
    position: int
    code_version: str
    at: datetime = NOT_YET


class AccessLog(Protocol):
    """Append-only; no record, no answer."""

    def record(self, access: Access) -> None:
        """Durable on return; raises when it cannot be written, and then nothing may be shown."""
        ...

    def record_each(self, access: Access, read: Sequence[tuple[CaseId | None, SubjectId]]) -> None:
        """Write the same reading down for each of these people, durable on return; raises when it could not be."""
        ...

    def of_case(self, case: CaseId, *, after: int = 0, limit: int = 100) -> list[tuple[int, Access]]:
        """What was read of a case, in order."""
        ...
