"""What goes into a landlord's log and what comes out of it, and the ways in which a save can be refused."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from eventsourcing.persistence import IntegrityError, StoredEvent

from application import ports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID


NOTHING: Final[Mapping[UUID, int]] = MappingProxyType({})


class Request(NamedTuple):
    """What a caller asked under a key of its own choosing, kept beside the facts that answered it.

    ``body_mac`` is a keyed digest of the body; ``answer`` is JSON.
    """

    caller: str
    key: str
    body_mac: bytes
    answer: Mapping[str, object]


class Save(NamedTuple):
    """Facts to append as one, to one stream or several, and the request they answer, if any did.

    Each event's own version is the one its writer expects to be free. No events means that the request
    was accepted and changed nothing. ``unchanged`` are other streams that it rests on, each with the version that
    it must not have gone beyond; 0 for one without any event.
    """

    events: Sequence[StoredEvent]
    request: Request | None = None
    unchanged: Mapping[UUID, int] = NOTHING


class Appended(NamedTuple):
    """Where a save went: positions from first to last (last = first - 1 for no events), and when.

    ``repeated`` says that an earlier save had answered the same request already; then everything else is
    what that one was given, and nothing was written now.
    """

    first_position: int
    last_position: int
    recorded_at: datetime
    answer: Mapping[str, object] | None
    repeated: bool


class StoredRequest(NamedTuple):
    """A request that was accepted, the answer it was given, and where its facts are."""

    caller: str
    key: str
    body_mac: bytes
    first_position: int
    last_position: int
    answer: Mapping[str, object]
    recorded_at: datetime


class StoredRow(NamedTuple):
    """A fact as it lies in the log; a named tuple, because histories are read by the thousand.

    `stream` is a UUID as text: making an object of each would cost more than all that is done with it.
    """

    stream: str
    version: int
    type: str
    position: int
    recorded_at: datetime
    state: bytes


class Head(NamedTuple):
    """The last position of a log and when it was recorded; 0 and None while the log is empty."""

    position: int
    recorded_at: datetime | None


class Conflict(ports.Conflict, IntegrityError):
    """Another save has already written this version of this stream; read it again and decide anew."""

    def __init__(self, stream: UUID, version: int) -> None:
        super().__init__(
            f"version {version} of stream {stream} is written already: read the stream again and decide anew"
        )
        self.stream = stream
        self.version = version


class GoneOn(Conflict):
    """A stream that the save rests on has gone beyond the version it was read at; read it again and decide anew."""

    def __init__(self, stream: UUID, version: int) -> None:
        IntegrityError.__init__(
            self, f"stream {stream} went beyond version {version}, on which this rests: read it again and decide anew"
        )
        self.stream = stream
        self.version = version


class KeyReused(ports.KeyReused, IntegrityError):
    """The caller has used this key before, for a request with another body."""

    def __init__(self, key: str) -> None:
        # The key is the caller's own words, and could name somebody; the message may end up in a log.
        super().__init__("this key was used before for a request with another body: choose a new key")
        self.key = key


class PolicyChanged(IntegrityError):
    """A policy that decisions may rest on is known by another file."""

    def __init__(self, landlord: str, effective: date, known: str, offered: str) -> None:
        super().__init__(
            f"policy {landlord} effective {effective.isoformat()} is known by a file with SHA-256 {known}, "
            f"but the file now offered has {offered}: put the known file back, or give the changed policy an "
            "effective date of its own"
        )
        self.landlord = landlord
        self.effective = effective
