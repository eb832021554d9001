"""A sample event of any stored type, the same one every time, made by walking the type hints of its fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_OID, uuid5
from zlib import crc32

from domain.codes import CaseId, RoleCode, StaffId, SubjectId
from domain.events import FACTS, Event, LandlordFact
from domain.events.parts import Override, PolicyRef
from domain.personal import Erased, KeyClass, Personal

PERSON = SubjectId("7d4dd1a0-52a1-4a2b-9d5e-3c1f0d3b6a11")  # whose case it is
NEIGHBOUR = SubjectId("b4a7e0c2-94f3-4f0e-8d6b-51f2a90c7e22")  # whom a third party's value is about
CASE = "0b7a3f54-6f5e-5d0c-9a77-1c2d3e4f5a33"
LANDLORD = "c9d8e7f6-a5b4-5c3d-8e2f-1a0b9c8d7e44"

LANDLORD_FACTS = frozenset(get_args(LandlordFact))


def sample(stored_name: str, *, bare: bool = False, version: int = 1) -> Event:
    """An event with this fact. A bare one leaves out all that can be absent: None for options, no items in lists."""
    kind = FACTS[stored_name]
    of_landlord = kind in LANDLORD_FACTS
    make = _Maker(bare=bare)
    fact: Any = make.value(kind, stored_name)
    return Event(
        event_id=f"01956a2e-7c00-7000-8000-{crc32(stored_name.encode()):012x}",
        stream=LANDLORD if of_landlord else CASE,
        version=version,
        fact=fact,
        effective_at=make.value(datetime, f"{stored_name}.effective_at"),
        actor=StaffId("5f0c6c8e-0d7b-4c53-8f39-2b1a7d9e6c55"),
        post=None if bare else RoleCode("head_of_service"),
        policy=None if bare else make.value(PolicyRef, "policy"),
        clauses=() if bare else ("ELM-4.2", "baseline-5"),
        # A landlord's own facts are about nobody, so they hold nothing personal either.
        overrides=() if of_landlord else make.value(tuple[Override, ...], "overrides"),
        cause=None if bare else "01956a2e-7c00-7000-8000-000000000001",
    )


def plain(value: object, reveal: Callable[[Personal], str | Erased]) -> Any:
    """Events and facts as JSON values, each personal value as what it reveals, so that two can be compared."""
    if isinstance(value, Personal):
        text = reveal(value)
        return {"erased": True} if isinstance(text, Erased) else {"personal": text}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), reveal) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item, reveal) for item in value]
    if isinstance(value, datetime):
        assert value.tzinfo == UTC
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    assert value is None or isinstance(value, str | int), value
    return value


def written(value: Personal) -> str:
    """The text of a value that was never stored."""
    text = value.content()
    assert isinstance(text, str)
    return text


def personal_texts(value: object) -> list[str]:
    """Every personal text of an event that was never stored, in no particular order."""
    texts: list[str] = []

    def note(personal: Personal) -> str:
        texts.append(written(personal))
        return ""

    plain(value, note)
    return texts


@dataclass(frozen=True)
class _Maker:
    """Makes values whose content depends on nothing but their type and path."""

    bare: bool

    def value(self, hint: Any, path: str) -> Any:
        """A value of this type."""
        number = crc32(path.encode())
        if isinstance(hint, NewType):
            opaque = hint in (CaseId, SubjectId, StaffId)
            return str(uuid5(NAMESPACE_OID, path)) if opaque else f"role_{number % 97}"
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            about = NEIGHBOUR if KeyClass.THIRD_PARTY in arguments else None
            return Personal(f"{path}: said in words, with ž, 家 and 🙂", about=about)
        if origin in (Union, UnionType):
            assert NoneType in arguments
            return None if self.bare else self.value(arguments[0], path)
        if origin is tuple:
            return () if self.bare else tuple(self.value(arguments[0], f"{path}.{place}") for place in range(2))
        if is_dataclass(hint):
            hints = get_type_hints(hint, include_extras=True)
            return hint(**{name: self.value(hints[name], f"{path}.{name}") for name in hints})  # type: ignore[operator]
        return self._plain(hint, path, number)

    def _plain(self, hint: type, path: str, number: int) -> object:
        if hint is bool:
            return number % 2 == 0
        if hint is int:
            return number % 1000
        if hint is str:
            if path.endswith(".delete_within"):
                return "1 month"  # read again as a period by whoever looks back
            word = [part for part in path.split(".") if not part.isdigit()][-1]
            return f"{word}-{number % 997}"
        if hint is date:
            return date(2025, 3, 1) + timedelta(days=number % 400)
        if hint is datetime:
            return datetime(2025, 3, 1, 9, tzinfo=UTC) + timedelta(microseconds=number * 1000 + 1)
        assert issubclass(hint, StrEnum), f"no sample can be made of {hint} at {path}"
        members = list(hint)
        return members[number % len(members)]
