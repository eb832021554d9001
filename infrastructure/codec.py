"""The clear part of a stored fact: JSON in which each personal value is a number, read without opening any.

Shapes come from the type hints of the facts themselves, looked at once. msgspec reads a fact into its own class and
checks every field; what it finds wrong is told by the path to it, never by the value.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.codes import RoleCode, StaffId
from domain.events import Event, Fact
from domain.events.parts import Override, PolicyRef
from domain.personal import KeyClass, Personal
from infrastructure.sealing import SealedAt

F = TypeVar("F")

# Takes a personal value with the path and key class of its field, and gives its number in the sealed part.
SetAside = Callable[[str, KeyClass, Personal], int]
# Gives the plain JSON value of one field, setting aside what is personal in it.
_Writer = Callable[[Any, str, SetAside], object]

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Record(msgspec.Struct, Generic[F], frozen=True, forbid_unknown_fields=True, gc=False):
    """Envelope and fact as they stand in the clear part; stream, version and position are columns beside it."""

    event_id: str
    schema_version: int
    effective_at: _Instant
    actor: StaffId
    post: RoleCode | None
    policy: PolicyRef | None
    clauses: tuple[str, ...]
    overrides: tuple[Override, ...]
    cause: str | None
    fact: F


class WrongShape(Exception):
    """A clear part that is not a fact of its type; `path` is where, in the JSON."""

    def __init__(self, path: str) -> None:
        super().__init__(f"wrong shape at {path}")
        self.path = path


class Codec:
    """Writes and reads the clear parts of the facts whose classes it is given, by stored name."""

    def __init__(self, facts: Mapping[str, type]) -> None:
        self._here = here = _Here()

        # Called for each personal value of each event, so it looks for nothing but what it is given and `here`.
        def personal(kind: type, number: object) -> Personal:
            if kind is not Personal or type(number) is not int:
                raise TypeError("a personal value stands here as its number")
            return Personal(SealedAt(here.sealed, number))

        self._writers = {name: _dataclass_writer(kind) for name, kind in facts.items()}
        self._overrides = _for_each(_dataclass_writer(Override))
        self._readers = {
            name: msgspec.json.Decoder(Record[kind], dec_hook=personal)  # type: ignore[valid-type]
            for name, kind in facts.items()
        }

    def write(self, stored_name: str, event: Event, schema_version: int, set_aside: SetAside) -> bytes:
        """The clear part of an event. `set_aside` is called for each personal value, in order.

        Raises `WrongShape` for a fact that could not be read back, and ValueError for an instant without offset.
        """
        policy = event.policy
        record = {
            "event_id": event.event_id,
            "schema_version": schema_version,
            "effective_at": _instant(event.effective_at, "effective_at", set_aside),
            "actor": event.actor,
            "post": event.post,
            "policy": policy,
            "clauses": event.clauses,
            "overrides": _plain(self._overrides, event.overrides, "overrides", set_aside),
            "cause": event.cause,
            "fact": _plain(self._writers[stored_name], event.fact, "", set_aside),
        }
        clear = msgspec.json.encode(record)
        # A fact that was built with a wrong type would stop its case for ever: better not to write it at all.
        self.read(stored_name, clear, b"")
        return clear

    def read(self, stored_name: str, clear: bytes, sealed: bytes) -> Record[Fact]:
        """The record; its personal values are references into `sealed`. Raises `WrongShape`."""
        self._here.sealed = sealed
        try:
            return self._readers[stored_name].decode(clear)
        except msgspec.DecodeError as error:
            path = _path(error)
        raise WrongShape(path)


class _Here(threading.local):
    """The sealed part beside the clear part that this thread is reading: msgspec's hook is given no context."""

    sealed: bytes = b""


def _path(error: msgspec.DecodeError) -> str:
    """Where msgspec found something wrong; the rest of its sentence may quote the value."""
    _, found, path = str(error).rpartition(" - at `")
    return path.rstrip("`") if found else "$"


def _plain(writer: _Writer | None, value: object, path: str, set_aside: SetAside) -> object:
    return value if writer is None else writer(value, path, set_aside)


def _dataclass_writer(kind: type) -> _Writer | None:
    hints = get_type_hints(kind, include_extras=True)
    writers = {field.name: _writer(hints[field.name], f"{kind.__name__}.{field.name}") for field in fields(kind)}
    # A path names one value of an event: those of overrides begin with their own word.
    if "overrides" in writers:
        raise TypeError(f"{kind.__name__}.overrides: the envelope has that name, choose another")
    written = [(name, writer) for name, writer in writers.items() if writer is not None]
    if not written:
        return None

    def write(value: object, path: str, set_aside: SetAside) -> object:
        before = f"{path}." if path else ""
        said: dict[str, object] = {name: getattr(value, name) for name in writers}
        for name, writer in written:
            said[name] = writer(said[name], before + name, set_aside)
        return said

    return write


_PLAIN: Final = (str, int, bool, date)


def _writer(hint: object, where: str) -> _Writer | None:
    """How a field of this type is written; None when msgspec writes it as it is. Raises TypeError for others."""
    if isinstance(hint, NewType):
        return _writer(hint.__supertype__, where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated_writer(arguments[0], arguments[1:], where)
    if origin in (Union, UnionType):
        present = [argument for argument in arguments if argument is not NoneType]
        if len(present) == 1 and len(arguments) == 2:
            return _unless_none(_writer(present[0], where))
    elif origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        return _for_each(_writer(arguments[0], where))
    elif hint is datetime:
        return _instant
    elif isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_writer(hint)
    elif hint in _PLAIN or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return None
    raise TypeError(f"{where}: {hint!r} has no stored form; use codes, numbers, days, instants and tuples of them")


def _annotated_writer(inner: object, notes: tuple[object, ...], where: str) -> _Writer | None:
    if inner is not Personal:
        return _writer(inner, where)
    classes = [note for note in notes if isinstance(note, KeyClass)]
    if len(classes) != 1:
        raise TypeError(f"{where}: a personal value needs exactly one key class")
    [key_class] = classes
    return lambda value, path, set_aside: set_aside(path, key_class, value)


def _unless_none(writer: _Writer | None) -> _Writer | None:
    if writer is None:
        return None
    return lambda value, path, set_aside: None if value is None else writer(value, path, set_aside)


def _for_each(writer: _Writer | None) -> _Writer | None:
    if writer is None:
        return None
    return lambda values, path, set_aside: [
        writer(value, f"{path}.{place}", set_aside) for place, value in enumerate(values)
    ]


def _instant(value: datetime, path: str, _set_aside: SetAside) -> datetime:
    if value.utcoffset() is None:
        raise ValueError(f"{path}: an instant needs its offset from UTC")
    return value.astimezone(UTC)
