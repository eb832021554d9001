"""One landlord's log in the domain's words: facts go in with their personal values sealed, and come back as events."""

from __future__ import annotations

from datetime import UTC, datetime
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from application.ports import Conflict, KeyDestroyed, KeyReused, Known, Receipt, RequestKey
from domain.codes import SubjectId
from domain.events import CaseOpened, Event
from infrastructure import log_entries
from infrastructure.appending import BESIDE_STATE, check
from infrastructure.log_entries import NOTHING, Request, Save, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infrastructure.event_store import LandlordRecorder
    from infrastructure.key_files import LandlordKeys
    from infrastructure.mapper import Drafts, Mapper
    from infrastructure.snapshots import Snapshots

# Whose case a stream is never changes; an entry is two short strings, so this is about a megabyte.
PERSONS_REMEMBERED: Final = 10_000

# Stands for the time of a row that is read for its fact alone.
NOT_ASKED: Final = datetime.min.replace(tzinfo=UTC)


def request_key(keys: LandlordKeys, caller: str, key: str, body: bytes) -> RequestKey:
    """An idempotency key and its body, each as a keyed hash.

    After an erasure a plain hash of the body could be guessed at, and a caller may have put a customer's reference
    in the key.
    """
    hashed = keys.keyed_hash("idempotency key", key.encode()).hex()
    return RequestKey(caller, hashed, keys.keyed_hash("request body", body))


class PostgresEventLog:
    """The log of one landlord: `recorder` keeps rows, `mapper` knows what they say.

    Without `snapshots`, every case is loaded from its beginning.
    """

    def __init__(self, recorder: LandlordRecorder, mapper: Mapper, snapshots: Snapshots | None = None) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._snapshots = snapshots
        self._append = recorder.appending(self._sealed, _weight)
        self._persons = _Persons()

    def append(
        self,
        events: Sequence[Event],
        *,
        request: RequestKey | None = None,
        answer: Mapping[str, object] | None = None,
        unchanged: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Write all events or none; each event's version is the one that must be free.

        `unchanged` are other streams that this rests on, with the version that each was read at. The keys that facts
        are sealed under are durable before. Raises `Conflict`, `KeyReused`, `KeyDestroyed`.
        """
        opened = {event.stream: event.fact.person for event in events if isinstance(event.fact, CaseOpened)}

        def person_of(stream: str) -> SubjectId | None:
            return opened[stream] if stream in opened else self._person_of(stream)

        kept = None if request is None else Request(request.caller, request.key, request.body_mac, answer or {})
        rests = {UUID(stream): version for stream, version in unchanged.items()} if unchanged else NOTHING
        drafts = self._mapper.draft(events, person_of, opened)
        try:
            check([(draft.stream, draft.event.version) for draft in drafts], kept, rests)
            appended = self._append(_Wanted(drafts, kept, rests))
        except log_entries.Conflict as conflict:
            raise Conflict(str(conflict)) from conflict
        except log_entries.KeyReused as reused:
            raise KeyReused(str(reused)) from reused
        if not appended.repeated:
            self._persons.remember(opened)
        return Receipt(
            appended.first_position,
            appended.last_position,
            appended.recorded_at,
            appended.answer or {},
            repeated=appended.repeated,
        )

    def accepted(self, request: RequestKey) -> Receipt | None:
        """The receipt of this request if it was accepted before. Raises `KeyReused`."""
        known = self._recorder.find_request(request.caller, request.key)
        if known is None:
            return None
        if not compare_digest(known.body_mac, request.body_mac):
            raise KeyReused(str(log_entries.KeyReused(request.key)))
        return Receipt(known.first_position, known.last_position, known.recorded_at, known.answer, repeated=True)

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """The events of a stream in order, from version `since` and at most up to a log position; maybe none."""
        return [self._mapper.decode(row) for row in self._recorder.read_stream(UUID(stream), upto, since)]

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """A case as it was last written down, if that still counts, and the events since; otherwise its history."""
        if self._snapshots is None:
            return None, self.history(stream)
        found = self._snapshots.read(stream)
        if found is None:
            return None, self.history(stream)
        snapshot, rows = found
        events = [self._mapper.decode(row) for row in rows]
        if snapshot is None:
            return None, events
        at, *since = events or (None,)
        known = self._snapshots.checked(snapshot, at)
        return (known, since) if known is not None else (None, self.history(stream))

    def write_down(self, known: Known) -> None:
        """Keep a case so that `known` takes less time; never raises."""
        if self._snapshots is not None:
            self._snapshots.write_down(known)

    def after(self, position: int, limit: int) -> list[Event]:
        """The next events of the whole log in order of position."""
        return [self._mapper.decode(row) for row in self._recorder.read_log(position, limit)]

    def head(self) -> int:
        """Position of the last event of the log, 0 when empty."""
        return self._recorder.head().position

    def position_at(self, instant: datetime) -> int:
        """Position of the last event recorded at or before the instant."""
        return self._recorder.position_at(instant)

    def _sealed(self, appends: Sequence[_Wanted]) -> list[Save | Exception]:
        """What goes to the log together is sealed together: one look for all its keys."""
        sealed = self._mapper.seal([append.drafts for append in appends])
        return [
            stored if isinstance(stored, KeyDestroyed) else Save(stored, append.request, append.unchanged)
            for append, stored in zip(appends, sealed, strict=True)
        ]

    def _person_of(self, stream: str) -> SubjectId | None:
        """Whose case a stored stream is, None for the landlord's own. Raises LookupError for an unknown stream."""
        try:
            return self._persons.of[stream]
        except KeyError:
            person = self._read_person(stream)
            self._persons.remember({stream: person})
            return person

    def _read_person(self, stream: str) -> SubjectId | None:
        first = self._recorder.select_events(UUID(stream), limit=1)
        if not first:
            raise LookupError(f"stream {stream} has no first fact yet that says whose case it is")
        [stored] = first
        row = StoredRow(stream, stored.originator_version, stored.topic, 0, NOT_ASKED, stored.state)
        fact = self._mapper.decode(row).fact
        return fact.person if isinstance(fact, CaseOpened) else None


class _Persons:
    """Whose cases the streams are that were written to lately. Safe to share between threads."""

    def __init__(self) -> None:
        self.of: dict[str, SubjectId | None] = {}  # those that were asked for first stand first
        self._lock = Lock()

    def remember(self, persons: Mapping[str, SubjectId | None]) -> None:
        """Know these, too, and forget the oldest when there are too many."""
        if persons:
            with self._lock:
                self.of.update(persons)
                while len(self.of) > PERSONS_REMEMBERED:
                    del self.of[next(iter(self.of))]


class _Wanted(NamedTuple):
    """Events to be sealed and appended as one."""

    drafts: Drafts
    request: Request | None
    unchanged: Mapping[UUID, int]


def _weight(append: _Wanted) -> int:
    """About how many bytes it will be."""
    return BESIDE_STATE + sum(draft.weight() for draft in append.drafts)
